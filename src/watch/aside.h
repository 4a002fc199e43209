/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aside.h - work on the books as they stand, while they go on
 *
 * A report of all stacks takes a moment to make and may take long to be written: to a
 * slow disk, to a reader that stops. What the ring buffers get meanwhile would be lost.
 * So a copy of the process does it, by fork(2): its books stand still, and whatever
 * becomes of it does no harm to the one that goes on. The copy has one thread; fork(3) of
 * glibc and musl leaves malloc() and stdio usable in it, and locks of this program are
 * not to be taken there.
 */
#ifndef MODMEM_ASIDE_H
#define MODMEM_ASIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

/* Nobody takes longer, seconds. */
#define ASIDE_SECONDS 120u

struct aside {
	pid_t pid;		/* 0: there is none */
	int outcome;		/* what comes of it is read from here */
	int64_t cpu_ns;		/* that it took, when it has ended */
};

/*
 * Starts a copy in which @run(@arg) runs: 0, or a negative errno with its error set.
 * Of what is open it has @keep (-1: nothing) and the standard streams. 0 or a negative
 * errno with @err set.
 */
int aside_start(struct aside *a, int (*run)(void *arg, struct error *err), void *arg,
		int keep, struct error *err);

/*
 * True if it has ended, or @wait, then when it has: *@ret is what @run returned, with
 * @err as it was set there. It can be started again then.
 */
bool aside_ended(struct aside *a, bool wait, int *ret, struct error *err);

#endif
