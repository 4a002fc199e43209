/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - a line on the terminal while a long recording is read
 */
#ifndef MODMEM_PROGRESS_H
#define MODMEM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct replay_opts;
struct snapshot;

struct progress {
	bool wanted;
	int64_t next_ms;	/* when to write again */
	int width;		/* of what stands there; 0: nothing */
};

/* Nothing is written in the first second, nor ever if stderr is no terminal. */
void progress_start(struct progress *progress, bool quiet);

/* For replay_opts.progress; @arg is the struct progress. */
int progress_update(void *arg, uint64_t done, uint64_t total);

/* Wipes the line. */
void progress_end(struct progress *progress);

/* replay() with all of that; @opts is told of it. */
struct snapshot *progress_replay(struct replay_opts *opts, bool quiet, struct error *err);

#endif
