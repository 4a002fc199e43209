/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_signals.h - how a recorder takes signals, and gives them back
 */
#ifndef MODMEM_RECORD_SIGNALS_H
#define MODMEM_RECORD_SIGNALS_H

#include <signal.h>

struct error;

#define RECORD_SIGNALS_CHANGED 3

/* How it was before: an exec keeps what is blocked and what is ignored. */
struct record_signals {
	sigset_t mask;
	struct sigaction was[RECORD_SIGNALS_CHANGED];
};

/*
 * From now on what ends a recording, and SIGCHLD, is read from @fd, and a pipe
 * or a file that takes no more is an error like another. Returns 0 or a
 * negative errno with @err set; nothing is changed then.
 */
int record_signals_take(struct record_signals *rs, int *fd, struct error *err);

/* As it was before. Safe between fork and exec. */
void record_signals_back(const struct record_signals *rs);

#endif
