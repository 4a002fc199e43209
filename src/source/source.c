// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - the records of a trace.dat, one stream per buffer and CPU
 *
 * A stream walks over pages (ringpage.h) in a buffer of its own, into which
 * they are read or unpacked, and which is refilled only when the next record is
 * asked for. Reading costs less than mapping here: a page fault and the end of
 * a mapping take longer than copying the page (half the time for a whole file),
 * and what was copied is still in the cache when it is looked at.
 *
 * Streams share nothing that changes: each may be read by a thread of its own.
 */
#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"
#include "checksums.h"
#include "error.h"
#include "perfdata.h"
#include "ringpage.h"
#include "source_run.h"
#include "textlog.h"
#include "tracedat.h"
#include "unpack.h"

/*
 * Bytes that are read at a time: enough that the calls do not show, and with as
 * much again of what is made of them it stays in a processor's own cache. All
 * streams have a buffer at a time; where they are many, it is smaller.
 */
#define READ_MAX	((size_t)256 << 10)
#define READ_MIN	((size_t)COMPANION_PIECE)	/* and in multiples of it */
#define READ_ALL	((size_t)16 << 20)

/* By so much a page may begin too early: nested events of old kernels. */
#define BACKWARDS_MAX	1000000u	/* ns, or less in a clock of its own */

/* Bytes of packed chunks after which the mapping of what was read is dropped. */
#define DROP_BYTES	((uintptr_t)2 << 20)

struct stream {
	struct ring_page page;		/* being read */
	uint64_t lost;			/* before the next record */
	const uint8_t *next;		/* the page after it */
	const uint8_t *limit;		/* behind the pages at hand */
	bool ended;
	const struct area *area;
	uint32_t page_size;
	uint64_t read_to;		/* offset in the file of what is not read yet */
	uint64_t at;			/* packed: ... of the chunk at hand */
	uint64_t unpacked;		/* packed: bytes of pages so far */
	uint64_t kept;			/* packed: the mapping is not dropped from here */
	uint32_t chunks_left;		/* packed: not unpacked yet */
	size_t room;			/* plain: bytes to read at a time */
	struct pieces *pieces;		/* checksums, NULL: none */
	uint8_t *buf;			/* for a page and a chunk */
	struct unpacker *unpacker;	/* packed */
	uint64_t done;			/* bytes; read by other threads, too */
	uint64_t backwards;		/* pages that begin before the last one's end */
};

struct source {
	const struct source_ops *ops;	/* NULL: a file, else nothing below counts */
	void *arg;
	struct tracedat *td;
	bool big_endian;
	bool runs;		/* records can be walked over as source_run.h says */
	struct clock_rule clock;
	struct stream *streams;
	size_t n_streams;
	struct textlog text;	/* what it was made of ... */
	struct perfdata perf;	/* ... or that, with an open descriptor then */
};

static void stream_rewind(struct stream *s)
{
	memset(&s->page, 0, sizeof(s->page));
	s->lost = 0;
	s->ended = false;
	s->backwards = 0;
	s->read_to = s->at = s->kept = s->area->offset;
	s->unpacked = 0;
	s->chunks_left = s->area->packed ? s->area->chunks : 0;
	s->next = s->limit = s->buf;
	__atomic_store_n(&s->done, 0, __ATOMIC_RELAXED);
}

struct source *source_open_named(const char *path, const char *name, struct error *err)
{
	struct source *src = calloc(1, sizeof(*src));
	const struct area *areas;
	size_t i, room;

	if (!src) {
		error_set(err, -ENOMEM, "%s: not enough memory to read it",
			  name);
		return NULL;
	}
	src->perf.fd = -1;
	src->td = tracedat_open(path, name, err);
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
	src->runs = !src->big_endian && !src->clock.mult;
	room = READ_ALL / (src->n_streams + 1);
	if (room > READ_MAX)
		room = READ_MAX;
	room = room < READ_MIN ? READ_MIN : room - room % READ_MIN;
	for (i = 0; i < src->n_streams; i++) {
		struct stream *s = &src->streams[i];

		s->area = &areas[i];
		s->page_size = src->td->info.buffers[areas[i].buffer].page_size;
		/* whole pages, so that nothing is left over to move */
		s->room = room < s->page_size ? s->page_size :
			  room - room % s->page_size;
		if (s->room > areas[i].size)
			s->room = (size_t)areas[i].size;
		stream_rewind(s);
	}
	return src;
}

struct source *source_open(const char *path, struct error *err)
{
	return source_open_named(path, path, err);
}

/* The trace.dat that was made of @name, whose page size is known. NULL with @err set. */
static struct source *open_made(int fd, const char *name, struct error *err)
{
	char path[64];
	struct source *src;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	src = source_open_named(path, name, err);
	if (!src)
		return NULL;
	src->td->info.page_size_doubtful = false;
	return src;
}

int source_fd(const struct source *src)
{
	return src->td ? src->td->fd : -1;
}

struct source *source_open_text(const struct textlog *log, const char *name,
				struct error *err)
{
	struct source *src = open_made(log->fd, name, err);

	if (!src)
		return NULL;
	src->text = *log;
	src->td->info.text = &src->text;
	src->td->info.filters = &src->text.filters;
	src->td->info.made_by = log->made_by;
	src->td->info.page_size = log->page_size;
	if (log->buffers > 1)
		((struct source_buffer *)src->td->buffers.items)->name = src->text.first_buffer;
	return src;
}

struct source *source_open_perf(const struct perfdata *perf, const char *name,
				struct error *err)
{
	struct source *src = open_made(perf->fd, name, err);
	struct source_info *info;

	if (!src)
		return NULL;
	info = &src->td->info;
	if (perf->damage[0] && tracedat_damage(src->td, err, "%s", perf->damage)) {
		source_close(src);
		return NULL;
	}
	src->perf = *perf;
	info->perf = &src->perf;
	info->made_by = RECORDER_PERF;
	info->page_size = perf->page_size;
	info->filters = &src->perf.filters;
	info->build_ids = perf->build_ids;
	info->n_build_ids = perf->n_build_ids;
	info->core_start = perf->core_start;
	info->core_end = perf->core_end;
	info->modules = perf->modules_len ? perf->modules : NULL;
	info->modules_len = perf->modules_len;
	info->damage = src->td->damage.items;
	info->n_damage = src->td->damage.n;
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
		for (i = 0; i < src->n_streams; i++) {
			free(src->streams[i].buf);
			unpacker_free(src->streams[i].unpacker);
		}
	}
	free(src->streams);
	if (src->td)
		tracedat_close(src->td);
	if (src->perf.fd >= 0)
		perfdata_release(&src->perf);
	free(src);
}

struct source *source_live(const struct source_ops *ops, void *arg)
{
	struct source *src = calloc(1, sizeof(*src));

	if (!src)
		return NULL;
	src->perf.fd = -1;
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

uint64_t source_live_now(const struct source *src)
{
	return src->ops ? src->ops->now(src->arg) : 0;
}

const struct source_info *source_info(const struct source *src)
{
	if (src->ops)
		return src->ops->info(src->arg);
	return &src->td->info;
}

enum clock_order source_clock_order(const struct source_info *info, const char **clock)
{
	enum clock_order worst = CLOCK_IN_ORDER;

	*clock = NULL;
	for (size_t i = 0; info->cpus > 1 && i < info->n_buffers; i++) {
		const char *name = info->buffers[i].clock;
		enum clock_order order = CLOCK_IN_ORDER;

		/* kernel/trace/trace_clock.c: jiffies; sched_clock() of each CPU */
		if (name && !strcmp(name, "uptime"))
			order = CLOCK_STANDS;
		else if (!name || !strcmp(name, "local") || !strcmp(name, "perf"))
			order = CLOCK_SKEWS;
		if (order <= worst)
			continue;
		worst = order;
		*clock = name;
	}
	return worst;
}

bool source_kernel_before(const char *uname, unsigned int major, unsigned int minor)
{
	unsigned int a, b;

	return uname && sscanf(uname, "%*s %*s %u.%u", &a, &b) == 2 &&
	       (a < major || (a == major && b < minor));
}

void source_set_page_size(struct source *src, uint32_t bytes)
{
	src->td->info.page_size = bytes;
	src->td->info.page_size_doubtful = false;
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

int source_verify(struct source *src, const void *sums, size_t len)
{
	size_t i;

	if (checksums_take(src->td, sums, len))
		return -ENOMEM;
	for (i = 0; i < src->n_streams; i++)
		src->streams[i].pieces = &src->td->pieces[i];
	return 0;
}

enum source_verified source_verified(const struct source *src)
{
	if (!src->td || !src->td->pieces)
		return SOURCE_UNVERIFIED;
	return checksums_differ(src->td) ? SOURCE_DIFFERS : SOURCE_VERIFIED;
}

bool source_differs(const struct source *src, size_t i, char *text, size_t size)
{
	return src->td && src->td->pieces && pieces_damage(src->td, i, text, size);
}

uint64_t source_backwards(const struct source *src, size_t i)
{
	return src->ops ? 0 : src->streams[i].backwards;
}

void source_rewind(struct source *src)
{
	size_t i;

	for (i = 0; i < src->n_streams; i++)
		stream_rewind(&src->streams[i]);
}

void source_progress(const struct source *src, uint64_t *done, uint64_t *total)
{
	size_t i;

	*done = 0;
	*total = 0;
	for (i = 0; i < src->n_streams; i++) {
		*total += src->streams[i].area->size;
		*done += __atomic_load_n(&src->streams[i].done, __ATOMIC_RELAXED);
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

static void end_stream(struct stream *s)
{
	s->ended = true;
	__atomic_store_n(&s->done, s->area->size, __ATOMIC_RELAXED);
}

/* The stream ends here, with a sentence that says where. */
static int stream_garbage(const struct source *src, struct stream *s,
			  const char *why, struct error *err)
{
	uint64_t at = s->area->packed ? s->at :
		      s->read_to - (uint64_t)(s->limit - s->page.pos);
	const struct source_buffer *buffers = src->td->info.buffers;
	const char *name = buffers[s->area->buffer].name;

	end_stream(s);
	return error_set(err, -EBADMSG,
			 "%s: the trace data of CPU %" PRIu32 "%s%s are damaged at byte %" PRIu64 " of the file%s (%s): copy it again, or record it again",
			 src->td->path, s->area->cpu,
			 *name ? " in buffer " : "", name, at,
			 s->area->packed ? ", in the chunk there" : "", why);
}

/*
 * The mapping is private and never written to: what is given back is read
 * from the file again if need be.
 */
static void drop_behind(const struct source *src, struct stream *s)
{
	uintptr_t map = (uintptr_t)src->td->map;
	uintptr_t from = (map + s->kept) & ~(DROP_BYTES - 1);
	uintptr_t to = (map + s->read_to) & ~(DROP_BYTES - 1);

	if (from < map)
		from = map;
	if (to > from)
		madvise((void *)from, to - from, MADV_DONTNEED);
	s->kept = s->read_to;
}

/* Unpacks the next chunk to @to. Returns its bytes, or a negative errno. */
static ssize_t next_chunk(const struct source *src, struct stream *s,
			  uint8_t *to, struct error *err)
{
	const uint8_t *chunk = src->td->map + s->read_to;
	uint32_t in, out;

	if (!s->unpacker && unpacker_like(&s->unpacker, src->td->unpacker)) {
		end_stream(s);
		return tracedat_no_memory(src->td, err);
	}
	/* bounds were checked when the area was added */
	in = load32(chunk, src->big_endian);
	out = load32(chunk + 4, src->big_endian);
	s->at = s->read_to;
	s->read_to += 8 + (uint64_t)in;
	s->chunks_left--;
	if (unpack(s->unpacker, chunk + 8, in, to, out)) {
		if (s->pieces)
			s->pieces->packed_bad = true;
		return stream_garbage(src, s, "a chunk does not unpack", err);
	}
	if (s->pieces)
		pieces_check(s->pieces, s->unpacked, to, out);
	s->unpacked += out;
	if (s->read_to - s->kept >= DROP_BYTES)
		drop_behind(src, s);
	return (ssize_t)out;
}

/* Reads the next plain pages to @to. Returns bytes, or a negative errno. */
static ssize_t next_plain(const struct source *src, struct stream *s,
			  uint8_t *to, struct error *err)
{
	uint64_t left = s->area->offset + s->area->size - s->read_to;
	size_t want = left < s->room ? (size_t)left : s->room, have = 0;

	while (have < want) {
		ssize_t got = pread(src->td->fd, to + have, want - have,
				    (off_t)(s->read_to + have));

		if (got > 0) {
			have += (size_t)got;
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		return stream_garbage(src, s, got ? strerror(errno) :
				      "the file became shorter meanwhile", err);
	}
	if (s->pieces)
		pieces_check(s->pieces, s->read_to - s->area->offset, to, have);
	s->read_to += have;
	return (ssize_t)have;
}

static bool has_more(const struct stream *s)
{
	if (s->area->packed)
		return s->chunks_left;
	return s->read_to < s->area->offset + s->area->size;
}

/*
 * Gets more pages, behind what is left of the last one: trace-cmd cuts chunks
 * at multiples of the main buffer's pages, which need not be multiples of this
 * one's. Returns 0, or a negative errno.
 */
static int refill(const struct source *src, struct stream *s, struct error *err)
{
	size_t left = (size_t)(s->limit - s->next);
	ssize_t got;

	if (!s->buf) {
		s->buf = malloc(s->area->packed ?
				(size_t)s->page_size + s->area->chunk_max :
				s->room + (s->room < s->page_size ? 0 : s->page_size));
		if (!s->buf) {
			end_stream(s);
			return tracedat_no_memory(src->td, err);
		}
	}
	if (left)
		memmove(s->buf, s->next, left);
	/* where damage would be told, should there be any */
	s->page.pos = s->page.end = s->limit = s->next = s->buf + left;
	got = s->area->packed ? next_chunk(src, s, s->buf + left, err) :
	      next_plain(src, s, s->buf + left, err);
	if (got < 0)
		return (int)got;
	s->next = s->buf;
	s->limit = s->buf + left + got;
	return 0;
}

/* What was lost adds up until a record comes that can tell of it. */
static void stream_lost(struct stream *s, uint64_t lost)
{
	if (s->lost == SOURCE_LOST_UNKNOWN || lost == SOURCE_LOST_UNKNOWN ||
	    __builtin_add_overflow(s->lost, lost, &s->lost))
		s->lost = SOURCE_LOST_UNKNOWN;
}

/* 1 with the next page opened, 0 if there is none, or a negative errno. */
static __attribute__((noinline)) int
next_page(const struct source *src, struct stream *s, struct error *err)
{
	uint64_t before = s->page.ts;
	const char *why;
	size_t len;
	int ret;

	if (s->ended)
		return 0;
	while ((size_t)(s->limit - s->next) < s->page_size && has_more(s)) {
		ret = refill(src, s, err);
		if (ret < 0)
			return ret;
	}

	len = (size_t)(s->limit - s->next);
	if (!len) {
		end_stream(s);
		return 0;
	}
	if (len > s->page_size)
		len = s->page_size;
	ret = ring_page_open(&s->page, &src->td->ring, s->next, len,
			     s->page_size, &why);
	if (ret)
		return stream_garbage(src, s, why, err);
	s->next += len;
	s->backwards += s->page.ts < before && before - s->page.ts > BACKWARDS_MAX;
	if (s->page.lost)
		stream_lost(s, s->page.lost);
	__atomic_store_n(&s->done, s->area->packed ? s->read_to - s->area->offset :
			 s->read_to - (uint64_t)(s->limit - s->next) - s->area->offset,
			 __ATOMIC_RELAXED);
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

bool source_run(struct source *src, size_t i, struct source_run *run, struct error *err)
{
	struct stream *s = &src->streams[i];

	if (!src->runs || s->lost)
		return false;
	while (s->page.pos == s->page.end)
		if (next_page(src, s, err) <= 0 || s->lost)
			return false;
	run->pos = s->page.pos;
	run->end = s->page.end;
	run->ts = s->page.ts + src->clock.offset;
	return true;
}

void source_run_taken(struct source *src, size_t i, const struct source_run *run)
{
	struct stream *s = &src->streams[i];

	s->page.pos = run->pos;
	s->page.ts = run->ts - src->clock.offset;
}

/* The next record, by the bytes' order. */
static int next_record(struct ring_page *page, bool big, struct source_record *rec,
		       const char **why)
{
	if (big)
		return ring_page_next(page, true, rec, why);
	return ring_page_next(page, false, rec, why);
}

int source_next(struct source *src, size_t i, struct source_record *rec,
		struct error *err)
{
	struct stream *s = &src->streams[i];
	const char *why;
	int ret;

	if (src->ops)
		return src->ops->next(src->arg, i, rec, err);
	for (;;) {
		ret = next_record(&s->page, src->big_endian, rec, &why);
		if (ret > 0) {
			rec->ts = convert_ts(src, rec->ts);
			rec->lost = s->lost;
			s->lost = 0;
			return 1;
		}
		if (ret < 0) {
			ret = stream_garbage(src, s, why, err);
			s->page.end = s->page.pos;
			return ret;
		}
		ret = next_page(src, s, err);
		if (!ret)
			return stream_end(src, s, rec);
		if (ret < 0)
			return ret;
	}
}
