/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watcher.h - keeps the books of the running kernel for as long as is wanted, and
 * saves them as reports
 *
 * As a recording (record.h) it leaves tracefs as it found it, but nothing is written
 * while it runs: its memory is that of the books, which are summed up as they grow.
 */
#ifndef MODMEM_WATCHER_H
#define MODMEM_WATCHER_H

#include <stdbool.h>
#include <stdint.h>

struct error;

struct watcher_opts {
	const char *output;		/* the report, NULL: none is saved */
	uint64_t keep;			/* so many of the last reports, 1 or more */
	char *const *command;		/* NULL: until a signal comes */
	int64_t duration_ns;		/* 0: no end */
	int64_t every_ns;		/* between reports, 0: only at the end */
	const char *files;		/* folder with a file a module (absolute), NULL: none */
	bool restart_on_loss;		/* begin the books anew when events were lost */
	uint64_t max_memory;		/* bytes; 0: as much as it takes */
	uint64_t buffer_kb;		/* per CPU; 0: from free memory */
	bool no_probes;
	bool own;			/* what the kernel takes for itself is left out */
	bool alone;			/* another watcher may run, which is asked then */
	void (*begun)(void *arg);	/* called when it watches; NULL: not wanted */
	/* Told what a user should know at once, one line each; NULL: not wanted. */
	void (*say)(void *arg, const char *line);
	void *say_arg;
};

struct watcher_result {
	bool ran;			/* the command; then */
	int status;			/* its exit status */
	bool file;			/* the last report is that of the end */
	uint64_t events;		/* in the books */
	uint64_t lost;			/* events, of all CPUs */
	double seconds;
};

/*
 * Watches until the command ends, the time is over or a signal comes. 0 or a negative
 * errno with @err set; result->file tells if there is a report nevertheless.
 */
int watcher(const struct watcher_opts *opts, struct watcher_result *result,
	    struct error *err);

#endif
