/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series.h - live bytes over time, in as little memory for a week as for a second
 *
 * Time is cut into equal buckets, of which there is a fixed number. When an
 * event lies behind the last one, two buckets each become one of twice the
 * width. A bucket keeps the least, the most and the last value in it, so that
 * no peak is lost by that, however short.
 *
 * A value is looked at when an event is over: what books do in the middle of
 * one (take an object from one account, then put it into another) is no dip.
 */
#ifndef MODMEM_SERIES_H
#define MODMEM_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIES_BUCKETS 512u	/* at the most; from half of them on it is cut */
#define SERIES_MARKS 4096u	/* loads and unloads that are kept one by one */

struct arena;
struct series;

/* Live bytes within one bucket of time. */
struct snap_point {
	uint64_t min, max, last;
};

/* A module was loaded or unloaded. */
struct snap_mark {
	uint64_t ns;
	uint32_t module;	/* index into snapshot.modules */
	bool load;
};

/* Own live bytes over time, in buckets of equal width. */
struct snap_series {
	uint64_t start_ns;		/* of the first bucket */
	uint64_t bucket_ns;
	size_t n_buckets;		/* the last one has the end in it */
	const struct snap_point *total;	/* all modules, [kernel] and [unknown] too */
	const struct snap_point **modules;	/* by module; NULL: it never held any */
	uint64_t peak_bytes;		/* of the total, at one moment */
	int64_t peak_ns;		/* -1: there was never anything */
	const uint64_t *lost;		/* events lost in each bucket, UINT64_MAX: some */
	const struct snap_mark *marks;	/* in the order of time */
	size_t n_marks;
	uint64_t marks_left_out;	/* the last ones, if there were too many */
};

/* From @start on, ns. NULL: no memory. */
struct series *series_new(uint64_t start);
void series_free(struct series *s);

/* An event begins, at @ts (ns). 0, or -ENOMEM, also for what came before. */
int series_event(struct series *s, uint64_t ts);

/* Row @row of the module map now holds @live bytes of its own. */
void series_row(struct series *s, uint32_t row, uint64_t live);

/*
 * Account @id, which belongs to that row, holds @live bytes (of whatever
 * charge), and is about to change.
 */
void series_account(struct series *s, uint32_t id, uint32_t row, uint64_t live);

/* The row has more of its own now than it ever had. */
void series_peak(struct series *s, uint32_t row);

/* What that account, with @live bytes now, held at the last series_peak(). */
uint64_t series_at_peak(const struct series *s, uint32_t id, uint32_t row,
			uint64_t live);

/*
 * Accounts below @n got the numbers in @map. Several that hold nothing, of one row, may
 * be one now. 0, or -ENOMEM: all is as before.
 */
int series_renumber(struct series *s, const uint32_t *map, size_t n);

/* The module of that row is loaded, or unloaded. */
void series_mark(struct series *s, uint32_t row, bool load);

/* @n events were lost; SOURCE_LOST_UNKNOWN: some. */
void series_lost(struct series *s, uint64_t n);

/*
 * All of it up to @end (ns), in memory of @a. @module says which module of the
 * snapshot each of the @n_rows rows is (UINT32_MAX: none), out of @n_modules.
 * NULL: no memory.
 */
struct snap_series *series_snapshot(struct series *s, uint64_t end,
				    struct arena *a, const uint32_t *module,
				    size_t n_rows, size_t n_modules);

#endif
