/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode_internal.h - shared by decode.c, which merges the streams' events, and
 * ahead.c, whose threads decode them
 */
#ifndef MODMEM_DECODE_INTERNAL_H
#define MODMEM_DECODE_INTERNAL_H

#include "decode_stream.h"

#define INTERNERS_MAX 16u

#define CHUNK_EVENTS 512u	/* at most: 32 KiB, which a cache still holds */

/* Some events of one stream. */
struct chunk {
	struct interner *interner;	/* whose numbers they have */
	size_t room, n;
	int error;		/* -ENOMEM, with n == 0 */
	bool late;		/* the last one is behind the limit */
	bool more;		/* the stream is not at its end */
	struct event events[];
};

/* What is next of a stream. */
struct head {
	struct chunk *chunk;
	size_t at;		/* in it */
	struct chunk *own;	/* while nobody else decodes */
};

struct heap_entry {
	uint64_t ts;		/* of the stream's next event */
	size_t stream;
};

struct decoder {
	struct source *src;
	struct stacks *stacks;
	struct strings *strings;
	struct formats formats;
	struct decode_rules rules;
	struct decode_stats stats;
	struct decode_stream *streams;
	struct head *heads;
	size_t n_streams;
	struct heap_entry *heap;	/* streams with a head, earliest first */
	size_t n_heap;
	uint8_t (*skip)[EVENT_TYPES];	/* per buffer: enum decode_skip */
	bool started;
	size_t last_stream;		/* of the event merged last */
	uint32_t last_origin;		/* of all interners */
	struct interner *interner;	/* of who decodes without threads */
	struct interner *interners[INTERNERS_MAX];	/* of all, that one first */
	size_t n_interners;
	/* the next events of a stream, the chunk before is done with; NULL: no memory */
	struct chunk *(*next_chunk)(void *arg, size_t stream);
	void *next_arg;
};

/* What must be done before streams are decoded; nothing if it was. 0 or -ENOMEM. */
int decoder_begin(struct decoder *d);

/*
 * Up to @n > 0 of the next events, in the order of time, with the numbers of those
 * that decoded them: decoder_translate() gives each the recording's. Different
 * threads may do the two. Returns how many, 0 at the end, or -ENOMEM.
 */
int decoder_merge(struct decoder *d, struct event *out, size_t n);
int decoder_translate(struct decoder *d, struct event *ev);

/* One for a further decoding thread; it is @d's. NULL: no memory, or too many. */
struct interner *decoder_interner(struct decoder *d);

/* Events of one stream that are decoded at a time. */
size_t decoder_chunk_events(const struct decoder *d);

struct chunk *chunk_new(size_t room);

/* Decodes the next events of @s into @c, with the numbers of @in. */
void chunk_fill(struct chunk *c, struct decode_stream *s, struct interner *in,
		uint64_t limit);

#endif
