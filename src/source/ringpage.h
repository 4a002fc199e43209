/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ringpage.h - from a page of the kernel's ring buffer to its records
 *
 * A page as the kernel hands it out (kernel/trace/ring_buffer.c, struct
 * buffer_data_page; the file events/header_page tells where its fields are):
 *
 *	u64  time_stamp		of the page, base of its deltas
 *	long commit		bytes of data, and flags in bits 30 and 31 (the
 *				bits above may all be set, see ringpage.c)
 *	u8   data[]		entries, one behind the other
 *	long missed		only with RB_MISSED_STORED, behind the data
 *
 * An entry starts with 32 bits: type_len (5) and time_delta (27), type_len
 * in the low bits on little endian and in the high bits on big endian
 * machines (include/linux/ring_buffer.h, struct ring_buffer_event):
 *
 *	type_len 1..28	data of type_len * 4 bytes follows
 *	0		u32 length (itself included), then length - 4 bytes
 *	29 padding	delta 0: the rest of the page is unused;
 *			else u32 length (itself included) of what to skip
 *	30 time extend	u32: bits 27..58 of a delta
 *	31 time stamp	u32: bits 27..58 of an absolute time; the five upper
 *			bits are those of the time before it
 */
#ifndef MODMEM_SOURCE_RINGPAGE_H
#define MODMEM_SOURCE_RINGPAGE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "source.h"

enum {
	RING_TYPE_PADDING	= 29,
	RING_TYPE_TIME_EXTEND	= 30,
	RING_TYPE_TIME_STAMP	= 31,

	RING_DELTA_BITS		= 27,
	RING_ABS_BITS		= 59,
};

#define RING_MISSED_EVENTS	(1u << 31)
#define RING_MISSED_STORED	(1u << 30)
#define RING_ABS_MSB		(~UINT64_C(0) << RING_ABS_BITS)

/* Where the fields of a page are; offsets and sizes in bytes. */
struct ring_format {
	bool big_endian;
	uint32_t ts_offset;
	uint32_t commit_offset;
	uint32_t commit_size;	/* 4 or 8: the kernel's long */
	uint32_t data_offset;
};

/* A page being read. */
struct ring_page {
	const uint8_t *pos;	/* next entry */
	const uint8_t *end;	/* behind the last one */
	uint64_t ts;		/* of the entry read last; first: of the page */
	uint64_t lost;		/* before the page; SOURCE_LOST_UNKNOWN */
	bool cut;		/* the file ends before the page does */
};

/*
 * Reads the page layout from the @len bytes of events/header_page. Returns 0,
 * or -EBADMSG if that is no text this reader understands.
 */
int ring_format_parse(struct ring_format *format, const char *text, size_t len);

/*
 * Starts on the page at @data, of which @len bytes of @page_size can be read.
 * Returns 0, or -EBADMSG with @why set if it is no page.
 */
int ring_page_open(struct ring_page *page, const struct ring_format *format,
		   const uint8_t *data, size_t len, size_t page_size,
		   const char **why);

/*
 * The 59 bits of an absolute time stamp, made whole by the time before it
 * (kernel/trace/ring_buffer.c, rb_fix_abs_ts()).
 */
static inline uint64_t ring_abs_ts(uint64_t abs, uint64_t before)
{
	if (before & RING_ABS_MSB) {
		abs |= before & RING_ABS_MSB;
		if (abs < before)
			abs += UINT64_C(1) << RING_ABS_BITS;
	}
	return abs;
}

/*
 * Next record of the page: 1 with ts (as recorded), data and len of @rec set,
 * 0 at the end, or -EBADMSG with @why set. @big is a constant at each call,
 * which leaves one load and two comparisons for nearly all records.
 */
static inline __attribute__((always_inline)) int
/* NOLINTNEXTLINE(readability-function-size): one loop over hot local state */
ring_page_next(struct ring_page *page, const bool big,
	       struct source_record *rec, const char **why)
{
	const uint8_t *p = page->pos;
	size_t left = (size_t)(page->end - p);
	uint32_t word, type, delta;
	uint64_t arg, len;

	for (;;) {
		if (left < 4)
			break;
		word = load32(p, big);
		type = big ? word >> RING_DELTA_BITS : word & 0x1f;
		delta = big ? word & ((1u << RING_DELTA_BITS) - 1) : word >> 5;

		if (__builtin_expect(type - 1 < 28, 1)) {
			if (type * 4 > left - 4)
				break;
			page->ts += delta;
			page->pos = p + 4 + type * 4;
			rec->ts = page->ts;
			rec->data = p + 4;
			rec->len = type * 4;
			return 1;
		}

		if (left < 8)
			break;
		arg = load32(p + 4, big);
		len = 8;
		switch (type) {
		case 0:
			len = 4 + ((arg + 3) & ~UINT64_C(3));
			if (len <= 8 || len > left)
				goto garbage;
			page->ts += delta;
			page->pos = p + len;
			rec->ts = page->ts;
			rec->data = p + 8;
			rec->len = (uint32_t)(len - 8);
			return 1;
		case RING_TYPE_PADDING:
			if (!delta) {
				page->pos = page->end;
				return 0;
			}
			len = 4 + arg;
			if (len < 8 || len > left || len % 4)
				goto garbage;
			page->ts += delta;
			break;
		case RING_TYPE_TIME_EXTEND:
			page->ts += (arg << RING_DELTA_BITS) + delta;
			break;
		case RING_TYPE_TIME_STAMP:
			page->ts = ring_abs_ts((arg << RING_DELTA_BITS) + delta,
					       page->ts);
			break;
		}
		p += len;
		left -= (size_t)len;
	}
	if (!left) {
		page->pos = p;
		return 0;
	}
garbage:
	page->pos = p;
	if (page->cut)
		return 0;
	*why = "an entry reaches over the end of its page";
	return -EBADMSG;
}

#endif
