/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.h - the running kernel as a source
 *
 * The recorder's instance, events, triggers, probes and watch over modules, but
 * what the ring buffers hold is read page by page as the pipeline asks for it
 * and goes to no file: memory is one page of the ring buffer a CPU. Everything
 * in tracefs is gone after live_close(); if the process was killed, the next
 * "modmem record" or "modmem top" removes it.
 */
#ifndef MODMEM_LIVE_H
#define MODMEM_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct companion;
struct error;
struct live;
struct pipeline;
struct source;

struct live_opts {
	uint64_t buffer_kb;		/* per CPU; 0: from free memory */
	bool no_probes;
	bool own;			/* what the kernel takes for itself is left out */
	/* Told what a user should know at once, one line each; NULL: not wanted. */
	void (*say)(void *arg, const char *line);
	void *say_arg;
};

/*
 * Begins. Signals that are to end the program must be blocked before, since it
 * starts a thread. NULL with @err set, and nothing is left in tracefs.
 */
struct live *live_open(const struct live_opts *opts, struct error *err);

/*
 * Ends it, after the source is closed: all in tracefs goes. 0 or a negative errno
 * with @err set, which says what stays. NULL does nothing.
 */
int live_close(struct live *lv, struct error *err);

/*
 * The source, which must be closed before live_close(), and what companion.h
 * has of it; both NULL: no memory.
 */
struct source *live_source(struct live *lv);
struct companion *live_companion(struct live *lv);

/*
 * Tells @p of modules that were loaded, and lets it take the events that are
 * whole by now: those up to an earlier call, some 50 ms ago. 0 or a negative errno with @err
 * set.
 */
int live_poll(struct live *lv, struct pipeline *p, struct error *err);

/*
 * File descriptors, one a CPU, that poll(2) finds readable when a part of its
 * ring buffer is full (before Linux 4.20: when anything is in it).
 */
size_t live_cpus(const struct live *lv);
int live_fd(const struct live *lv, size_t i);

/* Tells @p how large the modules are now. 0 or -ENOMEM. */
int live_sizes(struct live *lv, struct pipeline *p);

/* Asks the kernel what was lost, for source_info.cpustats: "unread" where it does not say. */
void live_losses(struct live *lv);

/*
 * From now on live_poll() tells which calls the probes missed, as a thread counts
 * them every now and then: to read it takes event_mutex (kernel/trace/), which who
 * puts up probes holds for seconds, and the ring buffer does not wait. To be called
 * behind live_companion(). 0 or a negative errno: it cannot be had.
 */
int live_misses(struct live *lv);

/* Memory of all ring buffers, bytes. */
uint64_t live_ring_bytes(const struct live *lv);

#endif
