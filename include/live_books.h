/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_books.h - the books of the running kernel: its events (live.h) and the
 * pipeline that takes them, in one thread that waits, takes events and is asked
 *
 * Events are taken ten times a second, more often when a ring buffer fills.
 */
#ifndef MODMEM_LIVE_BOOKS_H
#define MODMEM_LIVE_BOOKS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live.h"
#include "pipeline.h"

struct error;
struct leak_opts;
struct live_books;
struct snapshot;

struct live_books_opts {
	struct live_opts live;
	bool series;			/* live bytes over time, too ... */
	const struct leak_opts *leaks;	/* ... of each place, and leaks; NULL: no */
};

/* Events are taken so often if there are few, ns. */
#define LIVE_BOOKS_NAP	INT64_C(100000000)

/* File descriptors of the caller's own that live_books_wait() takes. */
#define LIVE_BOOKS_FDS	32u

/*
 * Begins, with signals blocked as live_open() says. NULL with @err set, and nothing is
 * left in tracefs. What @opts points to must outlive it.
 */
struct live_books *live_books_open(const struct live_books_opts *opts, struct error *err);

/* All in tracefs goes; see live_close(). NULL does nothing. */
int live_books_close(struct live_books *lb, struct error *err);

/*
 * Waits until @until (monotonic_ns()), or something of the @n @fds, whose revents it sets, or until
 * events are to be taken.
 */
void live_books_wait(struct live_books *lb, int64_t until, struct pollfd *fds, size_t n);

/* Takes events, if it is time. 0 or a negative errno with @err set. */
int live_books_poll(struct live_books *lb, struct error *err);

/* Takes all events up to now, which takes a moment. 0 or a negative errno with @err set. */
int live_books_settle(struct live_books *lb, struct error *err);

/* The time up to which events were taken, and what it is now; ns of the trace clock. */
uint64_t live_books_taken(const struct live_books *lb);
uint64_t live_books_clock(const struct live_books *lb);

/* As they stand. NULL with @err set. */
struct snapshot *live_books_snapshot(struct live_books *lb, bool by_stack, struct error *err);

/* The same by pipeline_snapshot_lean(). */
struct snapshot *live_books_lean(struct live_books *lb, struct error *err);

/* Events that were lost since it began, of all CPUs, as the kernel counts them. */
uint64_t live_books_lost(struct live_books *lb);

struct pipeline *live_books_pipeline(struct live_books *lb);

/* Memory of all ring buffers, bytes; of one of them, KiB. */
uint64_t live_books_ring_bytes(const struct live_books *lb);
uint64_t live_books_buffer_kb(const struct live_books *lb);

#endif
