/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard.h - takes down what a watcher leaves that is killed
 *
 * Nobody can catch SIGKILL, and a kernel that goes on to trace for nobody costs as much.
 * A small process of its own session waits for the end of the watcher; told nothing
 * before that, it removes the instance, the probes and the socket.
 */
#ifndef MODMEM_GUARD_H
#define MODMEM_GUARD_H

#include <sys/types.h>

struct guard {
	pid_t pid;		/* 0: there is none */
	int fd;
};

/* Before there are threads or files that it is not to hold. Without one if it fails. */
void guard_start(struct guard *g, const char *socket_dir, const char *files);

/* All was taken down: it may go. */
void guard_end(struct guard *g);

#endif
