// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - the records of a trace.dat, one stream per buffer and CPU
 *
 * A stream walks over pages (ringpage.h). Plain pages are read where the file
 * is mapped; compressed ones are unpacked a chunk at a time into a buffer of
 * the stream, which is refilled only when the next record is asked for.
 */
#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bytes.h"
#include "error.h"
#include "ringpage.h"
#include "tracedat.h"
#include "unpack.h"

/*
 * Bytes of the mapped file after which what was read is given back, so that a
 * recording of any size is read in little memory. Larger than any machine
 * page; with less, the system calls begin to show (2 % at 1 MiB).
 */
#define DROP_BYTES	((uintptr_t)2 << 20)

struct stream {
	struct ring_page page;		/* being read */
	uint64_t lost;			/* before the next record */
	const uint8_t *next;		/* the page after it */
	const uint8_t *limit;		/* behind the pages at hand */
	const uint8_t *kept;		/* plain: not given back from here on */
	bool ended;
	const struct area *area;
	uint32_t page_size;
	uint32_t chunks_left;		/* packed: not unpacked yet */
	const uint8_t *file_pos;	/* packed: next chunk */
	const uint8_t *chunk;		/* packed: the one at hand, in the file */
	uint8_t *buf;			/* packed: for a page and a chunk */
};

struct source {
	const struct source_ops *ops;	/* NULL: a file, else nothing below counts */
	void *arg;
	struct tracedat *td;
	bool big_endian;
	struct clock_rule clock;
	struct stream *streams;
	size_t n_streams;
};

static void stream_rewind(struct stream *s, const struct tracedat *td)
{
	const uint8_t *start = td->map;

	if (s->area->offset < td->size)
		start += s->area->offset;

	memset(&s->page, 0, sizeof(s->page));
	s->page.pos = s->page.end = start;
	s->lost = 0;
	s->ended = false;
	s->chunk = start;
	s->file_pos = start;
	s->chunks_left = s->area->packed ? s->area->chunks : 0;
	s->next = start;
	s->limit = s->area->packed ? start : start + s->area->size;
	s->kept = start;
}

struct source *source_open(const char *path, struct error *err)
{
	struct source *src = calloc(1, sizeof(*src));
	const struct area *areas;
	size_t i;

	if (!src) {
		error_set(err, -ENOMEM, "%s: not enough memory to read it",
			  path);
		return NULL;
	}
	src->td = tracedat_open(path, err);
	if (!src->td) {
		free(src);
		return NULL;
	}

	areas = src->td->areas.items;
	src->n_streams = src->td->areas.n;
	src->streams = calloc(src->n_streams + 1, sizeof(*src->streams));
	if (!src->streams) {
		tracedat_no_memory(src->td, err);
		source_close(src);
		return NULL;
	}
	src->big_endian = src->td->info.big_endian;
	src->clock = src->td->clock;
	for (i = 0; i < src->n_streams; i++) {
		struct stream *s = &src->streams[i];

		s->area = &areas[i];
		s->page_size = src->td->info.buffers[areas[i].buffer].page_size;
		stream_rewind(s, src->td);
	}
	return src;
}

void source_close(struct source *src)
{
	size_t i;

	if (!src)
		return;
	if (src->ops)
		src->ops->close(src->arg);
	if (src->streams) {
		for (i = 0; i < src->n_streams; i++)
			free(src->streams[i].buf);
	}
	free(src->streams);
	if (src->td)
		tracedat_close(src->td);
	free(src);
}

struct source *source_live(const struct source_ops *ops, void *arg)
{
	struct source *src = calloc(1, sizeof(*src));

	if (!src)
		return NULL;
	src->ops = ops;
	src->arg = arg;
	return src;
}

bool source_is_live(const struct source *src)
{
	return src->ops;
}

uint64_t source_live_start(const struct source *src)
{
	return src->ops ? src->ops->start(src->arg) : 0;
}

const struct source_info *source_info(const struct source *src)
{
	if (src->ops)
		return src->ops->info(src->arg);
	return &src->td->info;
}

size_t source_streams(const struct source *src)
{
	return src->ops ? src->ops->streams(src->arg) : src->n_streams;
}

uint32_t source_stream_buffer(const struct source *src, size_t i)
{
	return src->ops ? 0 : src->streams[i].area->buffer;
}

uint32_t source_stream_cpu(const struct source *src, size_t i)
{
	if (src->ops)
		return src->ops->stream_cpu(src->arg, i);
	return src->streams[i].area->cpu;
}

void source_rewind(struct source *src)
{
	size_t i;

	for (i = 0; i < src->n_streams; i++)
		stream_rewind(&src->streams[i], src->td);
}

void source_progress(const struct source *src, uint64_t *done, uint64_t *total)
{
	size_t i;

	*done = 0;
	*total = 0;
	for (i = 0; i < src->n_streams; i++) {
		const struct stream *s = &src->streams[i];
		const struct area *area = s->area;

		*total += area->size;
		if (s->ended)
			*done += area->size;
		else if (area->size)
			*done += (uint64_t)((area->packed ? s->file_pos : s->next) -
					    (src->td->map + area->offset));
	}
}

/* a * mult >> shift without the upper half of the product getting lost */
static uint64_t mul_shift(uint64_t a, uint32_t mult, uint32_t shift)
{
	uint64_t low = (a & UINT32_MAX) * mult;
	uint64_t high = (a >> 32) * mult;

	return (low >> shift) + (high << (32 - shift));
}

static inline uint64_t convert_ts(const struct source *src, uint64_t ts)
{
	if (__builtin_expect(src->clock.mult != 0, 0))
		ts = mul_shift(ts, src->clock.mult, src->clock.shift);
	return ts + src->clock.offset;
}

/* The stream ends here, with a sentence that says where. */
static int stream_garbage(const struct source *src, struct stream *s,
			  const char *why, struct error *err)
{
	const uint8_t *at = s->area->packed ? s->chunk : s->page.pos;
	const struct source_buffer *buffers = src->td->info.buffers;
	const char *name = buffers[s->area->buffer].name;

	s->ended = true;
	return error_set(err, -EBADMSG,
			 "%s: the trace data of CPU %" PRIu32 "%s%s are damaged at byte %" PRIu64 " of the file%s (%s): copy it again, or record it again",
			 src->td->path, s->area->cpu,
			 *name ? " in buffer " : "", name,
			 (uint64_t)(at - src->td->map),
			 s->area->packed ? ", in the chunk there" : "", why);
}

/*
 * Unpacks the next chunk behind what is left of the one before: trace-cmd
 * cuts chunks at multiples of the main buffer's pages, which need not be
 * multiples of this one's. Returns 1, or a negative errno.
 */
static int next_chunk(const struct source *src, struct stream *s,
		      struct error *err)
{
	size_t left = (size_t)(s->limit - s->next);
	uint32_t in, out;

	if (!s->buf) {
		s->buf = malloc((size_t)s->page_size + s->area->chunk_max);
		if (!s->buf) {
			s->ended = true;
			return tracedat_no_memory(src->td, err);
		}
		left = 0;
	}
	memmove(s->buf, s->next, left);

	/* bounds were checked when the area was added */
	s->chunk = s->file_pos;
	in = load32(s->chunk, src->big_endian);
	out = load32(s->chunk + 4, src->big_endian);
	s->file_pos += 8 + (size_t)in;
	s->chunks_left--;
	if (unpack(src->td->unpacker, s->chunk + 8, in, s->buf + left, out))
		return stream_garbage(src, s, "a chunk does not unpack", err);

	s->next = s->buf;
	s->limit = s->buf + left + out;
	return 1;
}

/*
 * Bytes ahead of a record that are asked for early: whoever reads it goes on
 * to its neighbours, and the processor does not look beyond a page (6 % of a
 * whole report).
 */
#define PREFETCH_BYTES	1024u

/* What was lost adds up until a record comes that can tell of it. */
static void stream_lost(struct stream *s, uint64_t lost)
{
	if (s->lost == SOURCE_LOST_UNKNOWN || lost == SOURCE_LOST_UNKNOWN ||
	    __builtin_add_overflow(s->lost, lost, &s->lost))
		s->lost = SOURCE_LOST_UNKNOWN;
}

/*
 * The mapping is private and never written to: what is given back is read
 * from the file again if need be.
 */
static void drop_behind(const struct source *src, struct stream *s)
{
	uintptr_t from = (uintptr_t)s->kept & ~(DROP_BYTES - 1);
	uintptr_t to = (uintptr_t)s->next & ~(DROP_BYTES - 1);

	if (from < (uintptr_t)src->td->map)
		from = (uintptr_t)src->td->map;
	if (to > from)
		madvise((void *)from, to - from, MADV_DONTNEED);
	s->kept = s->next;
}

/* 1 with the next page opened, 0 if there is none, or a negative errno. */
static __attribute__((noinline)) int
next_page(const struct source *src, struct stream *s, struct error *err)
{
	const char *why;
	size_t len;
	int ret;

	if (s->ended)
		return 0;
	if (!s->area->packed && s->next - s->kept >= (ptrdiff_t)DROP_BYTES)
		drop_behind(src, s);
	while ((size_t)(s->limit - s->next) < s->page_size && s->chunks_left) {
		ret = next_chunk(src, s, err);
		if (ret < 0)
			return ret;
	}

	len = (size_t)(s->limit - s->next);
	if (!len) {
		s->ended = true;
		return 0;
	}
	if (len > s->page_size)
		len = s->page_size;
	ret = ring_page_open(&s->page, &src->td->ring, s->next, len,
			     s->page_size, &why);
	if (ret)
		return stream_garbage(src, s, why, err);
	s->next += len;
	if (s->page.lost)
		stream_lost(s, s->page.lost);
	return 1;
}

/* Nothing more to read, or an error: what was lost at the end is told. */
static int stream_end(const struct source *src, struct stream *s,
		      struct source_record *rec)
{
	if (!s->lost)
		return 0;
	*rec = (struct source_record) {
		.ts = convert_ts(src, s->page.ts),
		.lost = s->lost,
	};
	s->lost = 0;
	return 1;
}

static inline __attribute__((always_inline)) int
stream_next(const struct source *src, struct stream *s, const bool big,
	    struct source_record *rec, struct error *err)
{
	const char *why;
	int ret;

	for (;;) {
		ret = ring_page_next(&s->page, big, rec, &why);
		if (__builtin_expect(ret > 0, 1)) {
			__builtin_prefetch(rec->data + PREFETCH_BYTES);
			__builtin_prefetch(rec->data + PREFETCH_BYTES + 64);
			rec->ts = convert_ts(src, rec->ts);
			rec->lost = s->lost;
			s->lost = 0;
			return 1;
		}
		if (ret < 0) {
			s->page.end = s->page.pos;
			return stream_garbage(src, s, why, err);
		}
		ret = next_page(src, s, err);
		if (!ret)
			return stream_end(src, s, rec);
		if (ret < 0)
			return ret;
	}
}

int source_next(struct source *src, size_t i, struct source_record *rec,
		struct error *err)
{
	struct stream *s = &src->streams[i];

	if (__builtin_expect(src->ops != NULL, 0))
		return src->ops->next(src->arg, i, rec, err);
	if (src->big_endian)
		return stream_next(src, s, true, rec, err);
	return stream_next(src, s, false, rec, err);
}
