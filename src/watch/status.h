/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - what a watcher says of itself: modmem.watch/1 (testdata/watch.schema.json),
 * times in seconds since 1970
 */
#ifndef MODMEM_STATUS_H
#define MODMEM_STATUS_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "error.h"
#include "pipeline.h"

struct watcher_status {
	time_t since;			/* on the wall */
	double seconds;			/* ... and how long ago */
	int64_t cpu_ns;			/* of it and its copies */
	uint64_t rss, ring;		/* bytes */
	uint64_t events, lost;
	uint64_t restarts;		/* how often the books were begun anew ... */
	uint64_t lost_before;		/* ... and events of those that went */
	struct pipeline_size size;
	const char *output;		/* NULL: no report is saved */
	uint64_t saved;			/* reports so far ... */
	time_t saved_at;		/* ... the last of them; 0: none */
	uint64_t answered;		/* questions */
	struct error said;		/* the last that was to be said, empty: nothing ... */
	time_t said_at;
};

/* Writes it. 0 or -ENOMEM with @err set. */
int status_write(const struct watcher_status *st, FILE *out, struct error *err);

#endif
