/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode_quick.h - events that are whole where they stand
 *
 * Nearly all records are an event that is followed at once by its stack, or by
 * something that says that no stack will come. These take the quick way: their
 * fields by fixed offsets, straight into the caller's array. The small steps
 * that both ways share are here, too.
 */
#ifndef MODMEM_DECODE_QUICK_H
#define MODMEM_DECODE_QUICK_H

#include "decode_stream.h"
#include "interner.h"
#include "stacks.h"

/* common_flags, include/linux/trace_events.h enum trace_flag_type */
#define TRACE_FLAG_HARDIRQ	0x08
#define TRACE_FLAG_SOFTIRQ	0x10
#define TRACE_FLAG_NMI		0x40
#define TRACE_FLAGS_CONTEXT	(TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ | TRACE_FLAG_NMI)

/* enum migratetype, include/linux/mmzone.h */
#define MIGRATE_MOVABLE		1u
#define MIGRATE_RECLAIMABLE	2u

/* Frames for which kernel_stack records may have room and no use (caller[8]). */
#define FRAMES_UNUSED	8u

/* Compiles the quick formats. 0 or -ENOMEM. */
int decode_rules_init(struct decode_rules *rules);
void decode_rules_release(struct decode_rules *rules);

/*
 * As many events of @s as go the quick way, at most @n and none behind @limit,
 * into @out; nothing may be held back by pairing. What comes next goes the other
 * way. Where only some events are looked for, passes over all else. Returns how
 * many, or -ENOMEM.
 */
int decode_quick(struct decode_stream *s, struct interner *in, struct event *out,
		 size_t n, uint64_t limit);

/* Counts @n > 0 records, of which @first and @last are the times. */
static inline void decode_count(struct decode_stream *s, uint64_t n, uint64_t first,
				uint64_t last)
{
	struct decode_stats *stats = &s->stats;

	if (!stats->records || first < stats->first_ts)
		stats->first_ts = first;
	if (last > stats->last_ts)
		stats->last_ts = last;
	stats->records += n;
	s->last_ts = last;
}

static inline uint8_t decode_context(uint32_t flags)
{
	if (__builtin_expect(!(flags & TRACE_FLAGS_CONTEXT), 1))
		return CONTEXT_TASK;
	if (flags & TRACE_FLAG_NMI)
		return CONTEXT_NMI;
	return flags & TRACE_FLAG_HARDIRQ ? CONTEXT_HARDIRQ : CONTEXT_SOFTIRQ;
}

/* Frees of slab and per-CPU objects need no stack: nobody is charged. */
static inline bool decode_wants_stack(uint8_t type)
{
	return type != EVENT_SLAB_FREE && type != EVENT_PERCPU_FREE;
}

/* The string of a __data_loc is what the record ends with, up to @slack bytes. */
static inline bool decode_ends_with(uint32_t rec_len, uint32_t loc, uint8_t slack)
{
	return rec_len - (loc & 0xffff) - (loc >> 16) <= slack;
}

/* A __data_loc: length in the upper half of the word, offset in the lower. */
static inline uint32_t decode_string(struct interner *in, const uint8_t *rec,
				     uint32_t rec_len, uint32_t loc)
{
	uint32_t offset = loc & 0xffff, len = loc >> 16;

	if (offset > rec_len || len > rec_len - offset)
		return 0;
	return interner_name(in, (const char *)rec + offset, len);
}

/*
 * What the field "reserved" of a per-CPU event says, migratetype of a page's. @old: 1 and
 * 2 of the latter were the other way round before 4.4.
 */
static inline uint8_t decode_reserved(uint8_t type, uint64_t value, bool old)
{
	if (type != EVENT_PAGE_ALLOC)
		return value ? EVENT_RESERVED : 0;
	if (old && (value == MIGRATE_MOVABLE || value == MIGRATE_RECLAIMABLE))
		value = MIGRATE_MOVABLE + MIGRATE_RECLAIMABLE - value;
	return value == MIGRATE_MOVABLE ? EVENT_MOVABLE :
	       value == MIGRATE_RECLAIMABLE ? EVENT_RECLAIM : 0;
}

/*
 * Interns the stack of a kernel_stack record, as it is: words that are no code
 * (end marks of old kernels, FTRACE_TRAMPOLINE_MARKER) are passed over later,
 * once a stack and not once a record. @n frames at @p, of which there can be
 * @room.
 */
static inline uint32_t decode_stack(struct decode_stream *s, struct interner *in,
				    const uint8_t *p, uint64_t n, uint64_t room)
{
	const struct fields *f = &s->rules->fields;
	uint64_t i;

	if (room - n > FRAMES_UNUSED) {
		s->stats.malformed++;
		n = n > room ? room : n;
	}
	if (n > STACK_FRAMES_MAX)
		n = STACK_FRAMES_MAX;
	if (f->long_size == 8 && !f->swap)
		return stacks_add(in->stacks, p, (size_t)n);
	for (i = 0; i < n; i++)
		in->frames[i] = field_load(f, p + i * f->long_size, f->long_size);
	return stacks_add(in->stacks, in->frames, (size_t)n);
}

#endif
