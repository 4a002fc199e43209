/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.h - the watcher's end of ask.h
 *
 * Nobody who asks can stop the watcher: a question is one short line for which there is
 * little time, reports are made and sent by a copy of the process (aside.h), of
 * which there are few at once, and who comes then waits in the queue of the socket.
 */
#ifndef MODMEM_SERVER_H
#define MODMEM_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ask.h"
#include "aside.h"

struct error;

#define SERVER_READERS	8u
#define SERVER_FDS	(SERVER_READERS + 1)

struct server_ops {
	/* Writes the answer. 0 or a negative errno with @err set. */
	int (*status)(void *arg, FILE *out, struct error *err);
	/* The same, in a copy of the process. */
	int (*report)(void *arg, bool full, FILE *out, struct error *err);
	void (*stop)(void *arg);
	/* ns of one clock: now, and up to where the books are told. */
	uint64_t (*now)(void *arg);
	uint64_t (*taken)(void *arg);
	void *arg;
};

struct server_reader {
	int fd;			/* -1: none, or the copy has it */
	char line[ASK_LINE_MAX];
	size_t len;
	enum ask_what what;	/* ASK_WHATS: not all of the line is there */
	uint64_t at;		/* of the books that are wanted */
	int64_t until;		/* CLOCK_MONOTONIC: no longer */
	struct aside aside;
};

struct server {
	const struct server_ops *ops;
	const char *path;	/* of the folder */
	int dir;		/* locked as long as the watcher runs; -1: no server */
	int fd;			/* listens */
	struct server_reader readers[SERVER_READERS];
	uint64_t answered;
	int64_t cpu_ns;		/* of the copies */
};

/*
 * Listens in the folder @path, which is made; what a killed watcher left there is
 * replaced. 0, -EBUSY: another watcher does, or a negative errno, each with @err set.
 */
int server_open(struct server *s, const char *path, const struct server_ops *ops,
		struct error *err);

/* What to wait for; returns how many, SERVER_FDS at most. */
size_t server_fds(struct server *s, struct pollfd *fds);

/* Takes questions and answers; never waits. @now: CLOCK_MONOTONIC, ns. */
void server_serve(struct server *s, int64_t now);

/* Tells those who asked to stop how it went (@ret, @err), and removes the socket. */
void server_close(struct server *s, int ret, const struct error *err);

/* Removes what a watcher that is dead left in the folder; false: one is not. */
bool server_clean(const char *path);

#endif
