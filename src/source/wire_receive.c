// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wire_receive.c - reads the stream of wire.h
 */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "error.h"
#include "monotonic.h"
#include "parts.h"
#include "record_files.h"
#include "record_snap.h"
#include "wire_chunk.h"

#define ROOM		(4u * WIRE_CHUNK_MAX)
#define WHOLE_MAX	((size_t)1 << 30)	/* bytes of a text: kallsyms has some 10 MB */
#define CPUS_MAX	4096u
#define LAST_WORDS_MS	1000
#define LAST_NS		INT64_C(10000000000)

struct receiver {
	int fd;
	const volatile sig_atomic_t *stop;
	int64_t stop_ns;	/* when it was seen */
	struct parts *pa;
	struct error *err;
	uint8_t *buf;		/* ROOM bytes, of which ... */
	size_t at, end;		/* ... these are not read yet */
	bool eof;
	int code;		/* of read(), which ended it */
	uint8_t *unpacked;	/* WIRE_CHUNK_MAX bytes, for a chunk */
	uint8_t *whole;		/* of a piece that replaces another */
	size_t whole_len, whole_room;
	char whole_name[256];
	uint32_t number;	/* of the chunk that comes next */
	bool ended;		/* as it should */
	uint64_t damaged;	/* bytes that are no part of a chunk */
	uint32_t gaps;		/* times that chunks were missing ... */
	uint32_t told[CPUS_MAX];	/* ... of which the pages of a CPU tell already */
	bool big_endian;	/* the machine that sends; its ... */
	uint8_t long_size;
};

/* Until there are @len bytes, or no more come. */
static bool fill(struct receiver *r, size_t len)
{
	struct pollfd input = { .fd = r->fd, .events = POLLIN };

	if (r->at && r->at + len > ROOM) {
		memmove(r->buf, r->buf + r->at, r->end - r->at);
		r->end -= r->at;
		r->at = 0;
	}
	while (r->end - r->at < len && !r->eof) {
		ssize_t n;

		if (r->stop && *r->stop) {
			if (!r->stop_ns)
				r->stop_ns = monotonic_ns();
			r->eof = !poll(&input, 1, LAST_WORDS_MS) ||
				 monotonic_ns() - r->stop_ns > LAST_NS;
			if (r->eof)
				break;
		}
		n = read(r->fd, r->buf + r->end, ROOM - r->end);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r->code = -errno;
		r->eof = n <= 0;
		r->end += n > 0 ? (size_t)n : 0;
	}
	return r->end - r->at >= len;
}

/* The flag of a page before which events were lost: RB_MISSED_EVENTS, ring_buffer.c */
static void mark_missed(const struct receiver *r, uint8_t *page)
{
	/* bit 31 of a local_t behind the time */
	page[r->big_endian ? (r->long_size == 8 ? 12 : 8) : 11] |= 0x80;
}

static int append(struct receiver *r, const char *name, uint8_t *data, size_t len)
{
	int fd, ret;

	if (!strncmp(name, "cpu", 3)) {
		unsigned long cpu = strtoul(name + 3, NULL, 10);

		if (cpu >= CPUS_MAX)
			return 0;
		if (r->told[cpu] != r->gaps && len >= 16)
			mark_missed(r, data);
		r->told[cpu] = r->gaps;
	}
	fd = openat(r->pa->fd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	ret = fd < 0 ? -errno : fd_write(fd, data, len);
	if (fd >= 0)
		close(fd);
	return ret ? error_set(r->err, ret, "%s/%s: %s: what came until then is there: make room, then 'modmem record --restore' makes the file",
			       r->pa->dir, name, strerror(-ret)) : 0;
}

/* "owner" is who writes the folder: us. */
static int take_info(struct receiver *r, const char *text)
{
	char clock[64], uname[512], owner[64], all[700];
	int fd = openat(r->pa->fd, "info", O_RDONLY | O_CLOEXEC);
	char *ours = fd >= 0 ? fd_read(fd, NULL) : NULL;

	if (fd >= 0)
		close(fd);
	parts_info(ours, "owner", owner, sizeof(owner));
	free(ours);
	parts_info(text, "clock", clock, sizeof(clock));
	parts_info(text, "uname", uname, sizeof(uname));
	snprintf(all, sizeof(all), "owner=%s\nclock=%s\nuname=%s\n", owner, clock, uname);
	return parts_write(r->pa, "info", all, strlen(all), r->err);
}

static int take_whole(struct receiver *r, const char *name)
{
	if (!strcmp(name, "head") && r->whole_len > 14) {
		r->big_endian = r->whole[12];
		r->long_size = r->whole[13];
	}
	if (!strcmp(name, "info"))
		return take_info(r, (const char *)r->whole);
	return parts_replace(r->pa, name, r->whole, r->whole_len, r->err);
}

static int take_part(struct receiver *r, enum wire_type type, const char *name,
		     const uint8_t *data, size_t len)
{
	int ret;

	if (strcmp(name, r->whole_name)) {
		snprintf(r->whole_name, sizeof(r->whole_name), "%s", name);
		r->whole_len = 0;
	}
	if (r->whole_len + len + 1 > r->whole_room) {
		size_t room = 2 * (r->whole_len + len + 1);
		uint8_t *more = room > WHOLE_MAX ? NULL : realloc(r->whole, room);

		if (!more)
			return error_set(r->err, -ENOMEM, "the stream: not enough memory for its %s",
					 name);
		r->whole = more;
		r->whole_room = room;
	}
	memcpy(r->whole + r->whole_len, data, len);
	r->whole_len += len;
	r->whole[r->whole_len] = '\0';
	if (type == WIRE_PART)
		return 0;
	ret = take_whole(r, name);
	*r->whole_name = '\0';
	return ret;
}

static int take(struct receiver *r, const struct chunk *c, const char *name, uint8_t *data)
{
	size_t len = c->len;

	if (c->packed) {
		len = ZSTD_decompress(r->unpacked, WIRE_CHUNK_MAX, data, len);
		/* its sum was right: made by somebody who means no good */
		if (ZSTD_isError(len))
			len = 0;
		data = r->unpacked;
	}
	if (c->number != r->number) {
		r->gaps++;
		*r->whole_name = '\0';
	}
	r->number = c->number + 1;
	if (c->type == WIRE_END)
		r->ended = true;
	else if (!parts_may_come(name))
		return 0;	/* of a version to come */
	else if (c->type == WIRE_APPEND)
		return append(r, name, data, len);
	else
		return take_part(r, c->type, name, data, len);
	return 0;
}

static bool sum_is_right(const struct chunk *c, const uint8_t *at)
{
	XXH3_state_t *sum = XXH3_createState();
	uint64_t is;

	if (!sum)
		return false;
	XXH3_64bits_reset(sum);
	XXH3_64bits_update(sum, at, CHUNK_SUMMED);
	XXH3_64bits_update(sum, at + CHUNK_HEAD, (size_t)c->name_len + c->len);
	is = XXH3_64bits_digest(sum);
	XXH3_freeState(sum);
	return is == c->sum;
}

static void name_of(const struct chunk *c, const uint8_t *at, char name[256])
{
	memcpy(name, at + CHUNK_HEAD, c->name_len);
	name[c->name_len] = '\0';
}

/* The line broke in the middle of a chunk: whole pages of it are as good as any. */
static int take_rest(struct receiver *r, const struct chunk *c)
{
	uint8_t *at = r->buf + r->at;
	size_t start = CHUNK_HEAD + (size_t)c->name_len, len = r->end - r->at;
	char name[256];

	if (c->type != WIRE_APPEND || c->packed || c->number != r->number || len <= start)
		return 0;
	name_of(c, at, name);
	if (!parts_may_come(name))
		return 0;
	r->at = r->end;
	return append(r, name, at + start, len - start);
}

/* Chunks, for as long as there are some. */
static int take_all(struct receiver *r)
{
	struct chunk c;
	char name[256];
	int ret = 0;

	while (!ret && !r->ended && fill(r, CHUNK_HEAD)) {
		uint8_t *at = r->buf + r->at;
		bool is = chunk_get(&c, at);
		size_t len = is ? CHUNK_HEAD + (size_t)c.name_len + c.len : 0;

		if (is && !fill(r, len)) {
			ret = take_rest(r, &c);
			/* or it is none, and one is behind it */
			if (ret || r->at == r->end)
				break;
			is = false;
		}
		at = r->buf + r->at;
		if (!is || !sum_is_right(&c, at)) {
			r->at++;
			r->damaged++;
			continue;
		}
		name_of(&c, at, name);
		r->at += len;
		ret = take(r, &c, name, at + CHUNK_HEAD + c.name_len);
	}
	return ret;
}

/* What is to be said of it. */
static void judge(const struct receiver *r, struct error *damage)
{
	damage->text[0] = '\0';
	if (r->code)
		error_set(damage, r->code, "the stream broke off: %s: what had not come by then is missing",
			  strerror(-r->code));
	else if (!r->ended)
		error_set(damage, -EPIPE, "the stream broke off before its end: what had not come by then is missing");
	else if (r->damaged || r->gaps)
		error_set(damage, -EIO, "the stream was damaged in %u places (%" PRIu64 " bytes of no use): what was there is missing",
			  r->gaps ? r->gaps : 1, r->damaged);
}

/* As of a recorder that was killed; @why may be "". */
static int finish(struct parts *pa, const char *why, uint64_t *bytes, struct error *err)
{
	int ret;

	if (*why) {
		ret = parts_cut(pa, why, err);
		if (ret)
			return ret;
	}
	ret = parts_assemble(pa, bytes, err);
	if (ret == -ENODATA)
		error_set(err, ret, "%s", *why ? "the stream broke off before the recording began: is the recorder's message at the other end?" :
			  "the stream holds no recording");
	return ret;
}

int wire_receive(int fd, const void *head, size_t len, struct parts *pa,
		 const volatile sig_atomic_t *stop, uint64_t *bytes, struct error *damage,
		 struct error *err)
{
	struct receiver *r = calloc(1, sizeof(*r));
	int ret;

	damage->text[0] = '\0';
	if (r)
		r->buf = malloc(ROOM + WIRE_CHUNK_MAX);
	if (!r || !r->buf || len > ROOM) {
		free(r ? r->buf : NULL);
		free(r);
		return error_set(err, -ENOMEM, "not enough memory");
	}
	r->unpacked = r->buf + ROOM;
	r->fd = fd;
	r->stop = stop;
	r->pa = pa;
	r->err = err;
	if (len)
		memcpy(r->buf, head, len);
	r->end = len;
	if (!fill(r, WIRE_MAGIC_LEN) || !wire_is(r->buf, r->end)) {
		ret = error_set(err, -EINVAL, r->end ? "this is no stream of 'modmem record -o -'" :
				"nothing came: is 'modmem record -o -' running at the other end?");
	} else {
		r->at = WIRE_MAGIC_LEN;
		ret = take_all(r);
		judge(r, damage);
	}
	free(r->whole);
	free(r->buf);
	free(r);
	return ret ? ret : finish(pa, damage->text, bytes, err);
}

bool wire_is(const void *head, size_t len)
{
	return len >= WIRE_MAGIC_LEN && !memcmp(head, WIRE_MAGIC, WIRE_MAGIC_LEN);
}
