/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_child.h - the command that is run while the recording runs
 */
#ifndef MODMEM_RECORD_CHILD_H
#define MODMEM_RECORD_CHILD_H

#include <sys/types.h>

struct error;

struct child {
	pid_t pid;		/* 0: none */
	int go;			/* written to, it starts */
	int failure;		/* an errno comes if it does not */
};

/*
 * Makes the process, which waits. To be called before there are threads.
 * Returns 0 or a negative errno with @err set.
 */
int child_prepare(struct child *ch, char *const *argv, struct error *err);

/* Lets it start. Returns 0, or a negative errno with @err set: no such command. */
int child_go(struct child *ch, const char *name, struct error *err);

/* For one that never started: ends it. */
void child_cancel(struct child *ch);

/* What a shell would make of the status of waitpid(). */
int child_exit_status(int status);

#endif
