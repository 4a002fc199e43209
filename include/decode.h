/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode.h - from raw records to events, in the order of time
 *
 * Every stream is decoded on its own: a kernel_stack record is paired with
 * the event that it belongs to (they are separate records of the same CPU,
 * and an interrupt can write its own between them). The events of all
 * streams are then merged by time stamp.
 */
#ifndef MODMEM_DECODE_H
#define MODMEM_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "formats.h"

struct error;
struct source;
struct stacks;
struct strings;

struct decode_stats {
	uint64_t records;		/* all that the streams held */
	uint64_t unpaired_stacks;	/* stacks without their event */
	uint64_t malformed;		/* records that are not as their format says */
	uint64_t undescribed;		/* records of events that the file has no format of */
	uint64_t unusable;		/* records of events that cannot be understood, ... */
	uint64_t unusable_met;		/* ... and a bit for each of formats.unusable[] */
	uint64_t left_out;		/* events of buffers told to be skipped */
	uint64_t first_ts, last_ts;	/* of all records, 0 where there are none */
	uint64_t met;			/* event_bit() of each that was met, all buffers */
	bool stacks_met;
};

struct decoder;

/*
 * A decoder that reads @src from its first record. @stacks may be NULL: then
 * stacks are paired but not kept (a quick look). All arguments must outlive
 * it. NULL: @err says what of the formats is missing.
 */
struct decoder *decoder_new(struct source *src, struct stacks *stacks,
			    struct strings *strings, struct error *err);
void decoder_free(struct decoder *d);

/* Leaves events of @type out that are in buffer @buffer. */
void decoder_skip(struct decoder *d, uint32_t buffer, enum event_type type);

/* Is @ev in another buffer, too? Threads may ask at the same time. */
typedef bool decoder_repeated_fn(const void *arg, const struct event *ev);

/* ... only those of which @repeated, one and the same for all, says so. */
void decoder_skip_repeated(struct decoder *d, uint32_t buffer, enum event_type type,
			   decoder_repeated_fn *repeated, const void *arg);

/*
 * Gives events of @types (a bit per enum event_type) and EVENT_LOST only, none
 * with a stack: to look for something rare, at a fraction of the cost.
 */
void decoder_only(struct decoder *d, uint32_t types);

/*
 * Next event of all streams. Returns 1 with @ev filled, 0 at the end, or
 * -ENOMEM. Unreadable data of one stream ends that stream only: the reason is
 * kept for decoder_damage(). @stream (may be NULL) gets the stream's number.
 */
int decoder_next(struct decoder *d, struct event *ev, size_t *stream);

/*
 * For a live source: looks at all streams again. Until the next call
 * decoder_next() gives events up to @horizon, ns, and then returns 0. All
 * records up to there must be in the streams by now: an event without a stack
 * will get none. 0 or -ENOMEM.
 */
int decoder_resume(struct decoder *d, uint64_t horizon);

/*
 * Forgets which stacks it met, but for those of events that were read and not
 * given yet; what it gave is not touched. Not while threads decode. 0 or -ENOMEM.
 */
int decoder_forget(struct decoder *d);

const struct formats *decoder_formats(const struct decoder *d);

/*
 * What was met so far: brought up to date by each call, by the first event and
 * at the end.
 */
const struct decode_stats *decoder_stats(struct decoder *d);

/* Why stream @i ended early, NULL: it did not. */
const char *decoder_damage(const struct decoder *d, size_t i);

/* Records lost by stream @i; *unknown: and more, the kernel did not say. */
uint64_t decoder_lost(const struct decoder *d, size_t i, bool *unknown);

#endif
