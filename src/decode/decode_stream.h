/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode_stream.h - the records of one stream to events
 *
 * Streams share nothing that changes, so that each may be decoded by a thread
 * of its own. Stacks and strings are interned in tables of the thread: their
 * numbers become those of the recording when the events are merged.
 */
#ifndef MODMEM_DECODE_STREAM_H
#define MODMEM_DECODE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode.h"
#include "fields.h"
#include "error.h"
#include "event.h"
#include "formats.h"
#include "source.h"

struct interner;
struct pairing;

/*
 * How to turn records of one id into struct event without a question: each
 * field is 8 bytes at an offset, and what of them is meant.
 */
struct quick_field {
	uint64_t mask;		/* 0: there is no such field */
	uint32_t offset;
};

#define QUICK_RESERVED 4u	/* all larger values mean the same as 3 */

struct quick_format {
	uint8_t kind;		/* enum record_kind; RECORD_OTHER: not quickly */
	uint8_t type;
	uint8_t flags;
	uint8_t reserved_flag[QUICK_RESERVED];	/* what the field of that name adds */
	bool wants_stack;
	bool named;
	uint8_t slack;		/* as that of struct event_format */
	uint64_t met;		/* event_bit() of it */
	uint32_t min_len;	/* all fields can be read as 8 bytes */
	uint32_t span;		/* bytes that a record may be longer */
	struct quick_field ptr, call_site, bytes_req, bytes_alloc, order, reserved;
	uint32_t name;		/* offset */
	uint32_t size, frames;	/* kernel_stack: offsets of count and frames */
};

#define QUICK_FORMATS 255u	/* more events than are understood here */

/* Which events are left out. */
enum decode_skip {
	DECODE_SKIP_NONE,
	DECODE_SKIP_ALL,
	DECODE_SKIP_REPEATED,	/* those that another buffer has */
};

/* What all streams of a decoder have in common; does not change meanwhile. */
struct decode_rules {
	struct source *src;
	const struct formats *formats;
	struct fields fields;
	uint32_t percpu_cpus;	/* for kernels that do not say bytes_alloc */
	uint64_t horizon;	/* ns; no event behind it yet. A file has them all */
	bool no_stacks;		/* what is of no interest cannot own one */
	bool keep_stacks;
	bool words;		/* frames are uint64_t of ours as they stand, if quick */
	bool quick;		/* the byte order is ours, common fields as ever */
	decoder_repeated_fn *repeated;	/* for DECODE_SKIP_REPEATED */
	const void *repeated_arg;
	uint8_t *quick_of;	/* by id: number in quick[], 0: none */
	struct quick_format quicks[QUICK_FORMATS + 1];
};

struct decode_stream {
	const struct decode_rules *rules;
	size_t number;		/* of the source's streams */
	uint16_t cpu;
	const uint8_t *skip;	/* per event type, of this stream's buffer */
	struct pairing *pairing;
	struct interner *interner;	/* whose numbers the events in there have */
	struct decode_stats stats;
	unsigned int careful;	/* so many calls give one event each, to begin with */
	bool at_end;
	bool late;		/* its last event was behind the limit */
	uint64_t last_ts;	/* of its records */
	uint64_t lost;
	bool lost_unknown;
	struct error damage;
};

/*
 * The stream's next events, at most @n, into @out. Stops behind the first one
 * later than @limit, ns (then ->late), and has looked at no more records then
 * than were needed to know that event whole; so it does behind each of the
 * stream's first two. Returns how many, 0 at the end (->at_end) or
 * where a live source is dry, or -ENOMEM.
 */
int decode_stream_events(struct decode_stream *s, struct interner *in,
			 struct event *out, size_t n, uint64_t limit);

/* There is nothing more to come. */
bool decode_stream_done(const struct decode_stream *s);

#endif
