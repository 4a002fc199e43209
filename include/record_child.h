/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_child.h - the command that is run while the recording runs
 */
#ifndef MODMEM_RECORD_CHILD_H
#define MODMEM_RECORD_CHILD_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct error;
struct record_signals;

struct child {
	pid_t pid;		/* 0: none */
	int go;			/* written to, it starts */
	int failure;		/* an errno comes if it does not */
	bool traced;		/* it will stop on its way out, see child_wait() */
};

enum child_news {
	CHILD_RUNS,
	CHILD_EXITS,		/* stopped, its memory still there: child_let_go() */
	CHILD_ENDED,		/* ch->pid is 0 */
};

/*
 * Makes the process, which waits. It runs as if this process had become it: what
 * it inherits is what this process was given, signals as in @before. To be called
 * before there are threads. Returns 0 or a negative errno with @err set.
 */
int child_prepare(struct child *ch, char *const *argv,
		  const struct record_signals *before, struct error *err);

/* Lets it start. Returns 0, or a negative errno with @err set: no such command. */
int child_go(struct child *ch, const char *name, struct error *err);

/*
 * What became of it, without waiting. Its memory is gone when it has ended (a
 * zombie has none), so it is traced as ptrace(2) says, for PTRACE_EVENT_EXIT
 * alone: system calls do not stop, signals go on to it, a stop by job control
 * stays one. Where that is not allowed there is no CHILD_EXITS, the rest is the
 * same. To be called by the thread that called child_go(), and whenever SIGCHLD
 * comes: until then a child that got a signal waits. @status and @usage, of the
 * child and its own children, are filled with CHILD_ENDED.
 */
enum child_news child_wait(struct child *ch, int *status, struct rusage *usage);

/* After CHILD_EXITS: it may. */
void child_let_go(struct child *ch);

/* From now on nobody is going to call child_wait(): it is not to stop any more. */
void child_leave(struct child *ch);

/* For one that never started: ends it. */
void child_cancel(struct child *ch);

/* What a shell would make of the status of waitpid(). */
int child_exit_status(int status);

#endif
