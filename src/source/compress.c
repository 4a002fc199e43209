// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compress.c - see compress.h
 *
 * The order of things in the file:
 *
 *	magic, "7\0", byte order, long size, page size, "zstd\0", its version
 *	u64 offset of the options
 *	sections of the headers, each compressed
 *	section of options, plain: those there were, where the sections lie, and BUFFER
 *	section BUFFER: of each CPU its chunks (areas.c)
 *	the section of companion.h
 *
 * Where chunks lie is known once they are written: the options, which lie before, so that
 * the checksum of the head covers them, are written twice.
 */
#include "compress.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "bytes.h"
#include "checksums.h"
#include "companion.h"
#include "companion_read.h"
#include "error.h"
#include "outfile.h"
#include "processors.h"
#include "tracedat.h"

#define SECTION_COMPRESSED	1u
#define TRAILER_BYTES		(8u + COMPANION_TRAILER_LEN)
#define BATCH			256u	/* chunks that are packed side by side */
#define WORKERS_MAX		16u
/* Of the item "checksums": length of its name, the name, time, both sizes. */
#define SUMS_HEAD		(4 + sizeof(COMPANION_SUMS) - 1 + 3 * 8)

struct compression {
	const struct compress_opts *opts;
	struct tracedat *td;		/* what is compressed */
	const struct companion *companion;	/* NULL: not modmem's */
	char path[PATH_MAX];		/* of what becomes of it */
	FILE *out;
	uint64_t at;			/* bytes written */
	uint64_t first;			/* offset of the first CPU's chunks */
	uint64_t done;			/* bytes of pages */
	uint64_t *offset, *size;	/* of each area's chunks, without their count */
	const uint8_t *section;		/* modmem's, in the file that there is */
	size_t section_len;
	size_t sums_len;		/* bytes of its checksums; 0: it has none */
	struct error *err;
};

static int no_memory(const struct compression *c)
{
	return error_set(c->err, -ENOMEM, "%s: not enough memory to compress it", c->td->path);
}

static int add(struct compression *c, const void *data, size_t len)
{
	/* whether all could be written, outfile_close() tells */
	fwrite(data, 1, len, c->out);
	c->at += len;
	return ferror(c->out) ? error_set(c->err, -errno, "%s: %s: it stays as it was", c->td->path,
					  strerror(errno)) : 0;
}

/* Writes @value to @to in @bytes bytes, in the byte order of the file. */
static size_t store(const struct compression *c, uint8_t *to, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * (c->td->info.big_endian ? bytes - 1 - i : i));
	return bytes;
}

static int add_number(struct compression *c, uint64_t value, unsigned int bytes)
{
	uint8_t number[8];

	store(c, number, value, bytes);
	return add(c, number, bytes);
}

static int add_section(struct compression *c, unsigned int id, unsigned int flags, uint64_t size)
{
	uint8_t head[16];
	size_t n = store(c, head, id, 2);

	n += store(c, head + n, flags, 2);
	n += store(c, head + n, 0, 4);		/* it has no description */
	n += store(c, head + n, size, 8);
	return add(c, head, n);
}

/* ---- headers --------------------------------------------------------------------- */

static int pass_sized(struct cursor *cur, bool wide)
{
	const uint8_t *block;
	uint64_t size = 0;
	uint32_t narrow;
	int ret;

	if (wide) {
		ret = cursor_u64(cur, &size);
	} else {
		ret = cursor_u32(cur, &narrow);
		size = narrow;
	}
	return ret ? ret : cursor_block(cur, size, &block);
}

static int pass_formats(struct cursor *cur)
{
	uint32_t n = 0;
	int ret = cursor_u32(cur, &n);

	while (!ret && n--)
		ret = pass_sized(cur, true);
	return ret;
}

/* Passes over one part of the headers; headers.c has read it before. */
static int pass_part(struct cursor *cur, unsigned int id)
{
	const char *name;
	uint32_t n = 2;		/* header_page and header_event */
	int ret = 0;

	switch (id) {
	case SECTION_FTRACE_EVENTS:
		return pass_formats(cur);
	case SECTION_KALLSYMS:
	case SECTION_PRINTK:
	case SECTION_CMDLINES:
		return pass_sized(cur, id == SECTION_CMDLINES);
	case SECTION_EVENT_FORMATS:
		ret = cursor_u32(cur, &n);
	}
	while (!ret && n--) {
		ret = cursor_string(cur, &name);
		if (!ret)
			ret = id == SECTION_HEADER_INFO ? pass_sized(cur, true) : pass_formats(cur);
	}
	return ret;
}

static int add_packed(struct compression *c, unsigned int id, const uint8_t *data, size_t len)
{
	size_t room = ZSTD_compressBound(len), got;
	uint8_t *packed = malloc(room);
	int ret;

	if (!packed)
		return no_memory(c);
	got = ZSTD_compress(packed, room, data, len, c->opts->level);
	if (ZSTD_isError(got) || len > UINT32_MAX) {
		free(packed);
		return no_memory(c);
	}
	if (!(ret = add_section(c, id, SECTION_COMPRESSED, 8 + got)) &&
	    !(ret = add_number(c, got, 4)) && !(ret = add_number(c, len, 4)))
		ret = add(c, packed, got);
	free(packed);
	return ret;
}

static int add_headers(struct compression *c, struct cursor *cur, uint64_t where[SECTION_MAX])
{
	int ret = 0;

	for (unsigned int id = SECTION_HEADER_INFO; id <= SECTION_CMDLINES && !ret; id++) {
		size_t start = cur->pos;

		ret = pass_part(cur, id);
		where[id] = c->at;
		if (!ret)
			ret = add_packed(c, id, cur->data + start, cur->pos - start);
	}
	return ret;
}

/* ---- options ----------------------------------------------------------------------- */

/* Passes over the options that there are, if any; they end at the returned position. */
static int pass_options(struct cursor *cur, size_t *start, size_t *end)
{
	const uint8_t *tag, *data;
	uint32_t cpus, size;
	uint16_t id;
	int ret;

	if ((ret = cursor_u32(cur, &cpus)) || (ret = cursor_block(cur, 10, &tag)))
		return ret;
	*start = *end = cur->pos;
	if (memcmp(tag, "options", 7) != 0)
		return 0;
	for (;;) {
		*end = cur->pos;
		ret = cursor_u16(cur, &id);
		if (ret || !id)
			return ret;
		if ((ret = cursor_u32(cur, &size)) || (ret = cursor_block(cur, size, &data)))
			return ret;
	}
}

/* The section of options; twice the same bytes but for what is not known at first. */
static int add_options(struct compression *c, const struct cursor *cur,
		       const uint64_t where[SECTION_MAX])
{
	const struct source_buffer *buffer = c->td->buffers.items;
	const struct area *areas = c->td->areas.items;
	const char *clock = buffer->clock ? buffer->clock : "";
	struct cursor old = *cur;
	size_t n = c->td->areas.n, start, end, clock_len = strlen(clock) + 1, size;
	int ret = pass_options(&old, &start, &end);

	if (ret)
		return ret;
	/* u64 offset, no name, clock, u32 page size, u32 CPUs; u32 CPU, u64 offset, u64 size */
	size = 8 + 1 + clock_len + 4 + 4 + n * 20;
	ret = add_section(c, SECTION_OPTIONS, 0,
			  end - start + 6 * (6 + 8) + 6 + size + 6 + 8);
	if (!ret)
		ret = add(c, cur->data + start, end - start);
	for (unsigned int id = SECTION_HEADER_INFO; id <= SECTION_CMDLINES && !ret; id++)
		if (!(ret = add_number(c, id, 2)) && !(ret = add_number(c, 8, 4)))
			ret = add_number(c, where[id], 8);
	if (ret || (ret = add_number(c, OPTION_BUFFER, 2)) || (ret = add_number(c, size, 4)) ||
	    (ret = add_number(c, where[SECTION_BUFFER], 8)) || (ret = add(c, "", 1)) ||
	    (ret = add(c, clock, clock_len)) || (ret = add_number(c, buffer->page_size, 4)) ||
	    (ret = add_number(c, n, 4)))
		return ret;
	for (size_t i = 0; i < n && !ret; i++)
		if (!(ret = add_number(c, areas[i].cpu, 4)) &&
		    !(ret = add_number(c, c->offset[i], 8)))
			ret = add_number(c, c->size[i], 8);
	if (ret || (ret = add_number(c, OPTION_DONE, 2)) || (ret = add_number(c, 8, 4)))
		return ret;
	return add_number(c, 0, 8);
}

/* ---- pages ------------------------------------------------------------------------- */

/* Chunks that are packed side by side. */
struct batch {
	const uint8_t *data;
	uint64_t len;
	size_t chunk;		/* bytes of each but the last */
	size_t room;		/* of a packed one */
	int level;
	unsigned int n;
	_Atomic unsigned int next;
	_Atomic bool failed;	/* no memory */
	uint8_t *to;		/* BATCH times room */
	size_t size[BATCH];	/* of each when it is packed */
};

static void *pack(void *arg)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	struct batch *b = arg;
	unsigned int i;

	if (!zstd)
		b->failed = true;
	while (!b->failed && (i = b->next++) < b->n) {
		uint64_t left = b->len - i * b->chunk;

		b->size[i] = ZSTD_compressCCtx(zstd, b->to + i * b->room, b->room,
					       b->data + i * b->chunk,
					       left < b->chunk ? (size_t)left : b->chunk, b->level);
		if (ZSTD_isError(b->size[i]))
			b->failed = true;
	}
	ZSTD_freeCCtx(zstd);
	return NULL;
}

/* Packs them by as many threads as there are processors, this one among them. */
static bool pack_batch(struct batch *b, unsigned int workers)
{
	pthread_t threads[WORKERS_MAX];
	unsigned int n = 0;

	b->n = (unsigned int)((b->len + b->chunk - 1) / b->chunk);
	b->next = 0;
	while (n + 1 < workers && n + 1 < b->n && !pthread_create(&threads[n], NULL, pack, b))
		n++;
	pack(b);
	while (n)
		pthread_join(threads[--n], NULL);
	return !b->failed;
}

static int add_batch(struct compression *c, const struct batch *b)
{
	int ret = 0;

	for (unsigned int i = 0; i < b->n && !ret; i++) {
		uint64_t left = b->len - i * b->chunk;

		if (!(ret = add_number(c, b->size[i], 4)) &&
		    !(ret = add_number(c, left < b->chunk ? left : b->chunk, 4)))
			ret = add(c, b->to + i * b->room, b->size[i]);
	}
	return ret;
}

static int add_area(struct compression *c, size_t i, struct batch *b, unsigned int workers)
{
	const struct area *area = (const struct area *)c->td->areas.items + i;
	uint64_t most = (uint64_t)b->chunk * BATCH, done = 0;
	int ret;

	c->offset[i] = c->at;
	if (!area->size)
		return 0;
	ret = add_number(c, (area->size + b->chunk - 1) / b->chunk, 4);
	while (done < area->size && !ret) {
		b->data = c->td->map + area->offset + done;
		b->len = area->size - done < most ? area->size - done : most;
		if (c->opts->stop && *c->opts->stop)
			return error_set(c->err, -EINTR, "%s: not compressed, it stays as it was",
					 c->td->path);
		ret = pack_batch(b, workers) ? add_batch(c, b) : no_memory(c);
		done += b->len;
		c->done += b->len;
		if (c->opts->progress)
			c->opts->progress(c->opts->progress_arg, c->done, c->td->data_bytes);
	}
	c->size[i] = c->at - c->offset[i] - 4;
	return ret;
}

static int add_areas(struct compression *c)
{
	const struct source_buffer *buffer = c->td->buffers.items;
	struct batch b = { .level = c->opts->level };
	unsigned int workers = processors() < WORKERS_MAX ? processors() : WORKERS_MAX;
	int ret = 0;

	b.chunk = buffer->page_size > COMPANION_PIECE ? buffer->page_size : COMPANION_PIECE;
	b.room = ZSTD_compressBound(b.chunk);
	b.to = malloc(BATCH * b.room);
	if (!b.to)
		return no_memory(c);
	c->first = c->at;
	for (size_t i = 0; i < c->td->areas.n && !ret; i++)
		ret = add_area(c, i, &b, workers);
	free(b.to);
	return ret;
}

/* ---- modmem's section ---------------------------------------------------------------- */

static size_t pieces(const struct area *area)
{
	return (size_t)((area->size + COMPANION_PIECE - 1) / COMPANION_PIECE);
}

/*
 * Finds the section, which companion_open() has read, and the checksums, which are to be
 * written anew: its last item, as assemble.c writes it. False: they are something else.
 */
static bool find_section(struct compression *c)
{
	const struct companion_item *sums = companion_last(c->companion, COMPANION_SUMS);
	const struct area *areas = c->td->areas.items;
	uint64_t start = load64(c->td->map + c->td->size - TRAILER_BYTES, false);
	size_t numbers = 5;	/* and two of each CPU, besides the checksums */

	c->section = c->td->map + start;
	c->section_len = c->td->size - TRAILER_BYTES - (size_t)start;
	if (!sums)
		return true;
	for (size_t i = 0; i < c->td->areas.n; i++)
		numbers += 2 + pieces(&areas[i]);
	c->sums_len = sums->len;
	return sums->len == numbers * 8 && c->section_len >= SUMS_HEAD + sums->len &&
	       !memcmp(c->section + c->section_len - sums->len - SUMS_HEAD + 4, COMPANION_SUMS,
		       strlen(COMPANION_SUMS));
}

/* Bytes that grow, little endian as all numbers of the section. */
struct section {
	uint8_t *data;
	size_t len;
};

static void put(struct section *s, const void *data, size_t len)
{
	memcpy(s->data + s->len, data, len);
	s->len += len;
}

static void put_little(struct section *s, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		s->data[s->len++] = (uint8_t)(value >> 8 * i);
}

/* The checksum of what was written up to the first CPU's chunks. */
static int sum_head(struct compression *c, uint64_t *sum)
{
	uint8_t *head = malloc((size_t)c->first);
	bool read = head && !fflush(c->out) &&
		    pread(fileno(c->out), head, (size_t)c->first, 0) == (ssize_t)c->first;

	if (read)
		*sum = XXH3_64bits(head, (size_t)c->first);
	free(head);
	if (!head)
		return no_memory(c);
	return read ? 0 : error_set(c->err, -EIO, "%s: what was written cannot be read again: it stays as it was",
				    c->td->path);
}

/*
 * The item "checksums" anew: of the pages they are the same, for they are of what is in
 * the chunks.
 */
static void put_sums(struct compression *c, struct section *s, uint64_t head)
{
	const struct area *areas = c->td->areas.items;

	put_little(s, strlen(COMPANION_SUMS), 4);
	put(s, COMPANION_SUMS, strlen(COMPANION_SUMS));
	put_little(s, 0, 8);
	put_little(s, c->sums_len, 8);
	put_little(s, c->sums_len, 8);
	put_little(s, COMPANION_PIECE, 8);
	put_little(s, c->first, 8);
	put_little(s, head, 8);
	put_little(s, c->td->areas.n, 8);
	for (size_t i = 0; i < c->td->areas.n; i++) {
		put_little(s, areas[i].size ? c->offset[i] + 4 : c->offset[i], 8);
		put_little(s, areas[i].size, 8);
		put(s, c->td->pieces[i].sums, pieces(&areas[i]) * 8);
	}
	put_little(s, XXH3_64bits_withSeed(s->data, s->len, c->at), 8);
}

static int add_companion(struct compression *c)
{
	size_t len = c->section_len, sums = c->sums_len;
	struct section s = { .data = malloc(len + TRAILER_BYTES) };
	uint64_t start = c->at, head = 0;
	int ret = 0;

	if (!s.data)
		return no_memory(c);
	put(&s, c->section, sums ? len - sums - SUMS_HEAD : len);
	if (sums)
		ret = sum_head(c, &head);
	if (sums && !ret)
		put_sums(c, &s, head);
	if (!ret)
		ret = add(c, s.data, s.len);
	s.len = 0;
	put_little(&s, start, 8);
	put(&s, COMPANION_TRAILER, COMPANION_TRAILER_LEN);
	if (!ret)
		ret = add(c, s.data, s.len);
	free(s.data);
	return ret;
}

/* ---- the whole ------------------------------------------------------------------------ */

static int seek(struct compression *c, uint64_t to)
{
	c->at = to;
	return fseeko(c->out, (off_t)to, SEEK_SET) ?
	       error_set(c->err, -errno, "%s: %s: it stays as it was", c->td->path, strerror(errno)) : 0;
}

static int add_all(struct compression *c)
{
	/* magic of 10 bytes, version of 2, byte order, long size, page size */
	const size_t begin = 12, end = 18;
	uint64_t where[SECTION_MAX] = { 0 }, link, options, all;
	const char *version = ZSTD_versionString();
	struct cursor cur;
	int ret;

	tracedat_cursor(c->td, &cur, end, "headers", c->err);
	if ((ret = add(c, c->td->map, 10)) || (ret = add(c, "7", 2)) ||
	    (ret = add(c, c->td->map + begin, end - begin)) ||
	    (ret = add(c, "zstd", 5)) || (ret = add(c, version, strlen(version) + 1)))
		return ret;
	link = c->at;
	if ((ret = add_number(c, 0, 8)) || (ret = add_headers(c, &cur, where)))
		return ret;
	options = c->at;
	if ((ret = add_options(c, &cur, where)))
		return ret;
	where[SECTION_BUFFER] = c->at;
	if ((ret = add_section(c, SECTION_BUFFER, SECTION_COMPRESSED, 0)) || (ret = add_areas(c)))
		return ret;
	all = c->at;
	if ((ret = seek(c, link)) || (ret = add_number(c, options, 8)) ||
	    (ret = seek(c, options)) || (ret = add_options(c, &cur, where)) ||
	    (ret = add_section(c, SECTION_BUFFER, SECTION_COMPRESSED, all - c->first)) ||
	    (ret = seek(c, all)))
		return ret;
	return c->companion ? add_companion(c) : 0;
}

/* Something of it would be lost, or be hidden. */
static int refuse(struct compression *c)
{
	const struct companion_item *sums = companion_last(c->companion, COMPANION_SUMS);
	struct tracedat *td = c->td;

	if (td->info.version != 6)
		return error_set(c->err, -EALREADY, "%s: is of version 7 already, which is not made anew",
				 td->path);
	if (td->buffers.n != 1)
		return error_set(c->err, -EINVAL, "%s: has %zu buffers: 'trace-cmd convert --compression zstd' compresses it",
				 td->path, td->buffers.n);
	if (sums && checksums_take(td, sums->text, sums->len))
		return no_memory(c);
	if (c->companion && !find_section(c))
		return error_set(c->err, -EBADMSG, "%s: modmem's section at its end is damaged: it is not compressed",
				 td->path);
	if (td->info.n_damage)
		return error_set(c->err, -EBADMSG, "%s: %s: damaged recordings are not compressed",
				 td->path, td->info.damage[0]);
	return 0;
}

static int compress(struct compression *c, uint64_t *bytes)
{
	size_t n = c->td->areas.n + 1;
	struct outfile of;
	int ret;

	c->offset = calloc(n, sizeof(*c->offset));
	c->size = calloc(n, sizeof(*c->size));
	if (!c->offset || !c->size)
		return no_memory(c);
	/* of a link, what it leads to is replaced */
	if (!realpath(c->td->path, c->path))
		return error_set(c->err, -errno, "%s: %s", c->td->path, strerror(errno));
	ret = outfile_open(&of, c->path, c->err);
	if (ret)
		return ret;
	c->out = of.stream;
	ret = add_all(c);
	*bytes = c->at;
	if (!ret)
		return outfile_close(&of, true, c->err);
	outfile_close(&of, false, NULL);
	return ret;
}

int compress_recording(const char *path, const struct compress_opts *opts, uint64_t *bytes,
		       struct error *err)
{
	struct compression c = { .opts = opts, .err = err };
	struct companion *companion;
	struct error damage = { "" };
	int ret;

	c.td = tracedat_open(path, path, err);
	if (!c.td)
		return -EINVAL;
	companion = companion_open(path, path, &damage);
	c.companion = companion;
	ret = *damage.text ? error_set(err, -EBADMSG, "%s: it is not compressed", damage.text) :
			     refuse(&c);
	if (!ret)
		ret = compress(&c, bytes);
	free(c.offset);
	free(c.size);
	companion_free(companion);
	tracedat_close(c.td);
	return ret;
}
