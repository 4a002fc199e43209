// SPDX-License-Identifier: GPL-2.0-or-later
#include "packed.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "error.h"

#define UNPACK_ROOM	(1u << 20)	/* bytes of a piece */
#define UNPACK_PIECE	(1u << 30)	/* zlib counts in unsigned int */
#define XZ_MEMORY	(256ULL << 20)	/* bytes of dictionary; xz -9 takes 65 MiB */
#define PEEK_BYTES	(256u << 10)	/* more than a block of any of them */
#define ZSTD_WINDOW_LOG	27		/* zstd --ultra at most, without --long */

enum {
	UNPACK_MORE,		/* there may be more */
	UNPACK_END,		/* all of the input is unpacked */
	UNPACK_BROKEN,
	UNPACK_CUT,		/* the input ends too early */
	UNPACK_MEMORY,
};

/* One way of packing: takes from @in, adds to @out. */
struct unpack {
	const uint8_t *in;
	size_t in_left;
	uint8_t *out;
	size_t out_left;
	union {
		z_stream zlib;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	};
	size_t zstd_hint;	/* 0: at the end of a frame */
};

struct packing {
	const char *name;
	const char *magic;
	size_t magic_len;
	bool (*start)(struct unpack *u);
	int (*step)(struct unpack *u);
	void (*end)(struct unpack *u);
};

static bool gzip_start(struct unpack *u)
{
	memset(&u->zlib, 0, sizeof(u->zlib));
	return inflateInit2(&u->zlib, 15 + 16) == Z_OK;
}

static int gzip_step(struct unpack *u)
{
	z_stream *z = &u->zlib;
	unsigned int in = u->in_left > UNPACK_PIECE ? UNPACK_PIECE : (unsigned int)u->in_left;
	unsigned int out = u->out_left > UNPACK_PIECE ? UNPACK_PIECE :
			   (unsigned int)u->out_left;
	int ret;

	z->next_in = (uint8_t *)u->in;	/* zlib's own type, it only reads */
	z->avail_in = in;
	z->next_out = u->out;
	z->avail_out = out;
	ret = inflate(z, Z_NO_FLUSH);
	u->in += in - z->avail_in;
	u->in_left -= in - z->avail_in;
	u->out += out - z->avail_out;
	u->out_left -= out - z->avail_out;
	if (ret == Z_STREAM_END) {
		if (!u->in_left)
			return UNPACK_END;
		return inflateReset(z) == Z_OK ? UNPACK_MORE : UNPACK_BROKEN;
	}
	if (ret == Z_MEM_ERROR)
		return UNPACK_MEMORY;
	if (ret != Z_OK && ret != Z_BUF_ERROR)
		return UNPACK_BROKEN;
	return !u->in_left && u->out_left ? UNPACK_CUT : UNPACK_MORE;
}

static void gzip_end(struct unpack *u)
{
	inflateEnd(&u->zlib);
}

static bool xz_start(struct unpack *u)
{
	u->xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&u->xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK;
}

static int xz_step(struct unpack *u)
{
	lzma_ret ret;

	u->xz.next_in = u->in;
	u->xz.avail_in = u->in_left;
	u->xz.next_out = u->out;
	u->xz.avail_out = u->out_left;
	ret = lzma_code(&u->xz, LZMA_FINISH);
	u->in = u->xz.next_in;
	u->in_left = u->xz.avail_in;
	u->out = u->xz.next_out;
	u->out_left = u->xz.avail_out;
	switch (ret) {
	case LZMA_STREAM_END:
		return UNPACK_END;
	case LZMA_OK:
		return UNPACK_MORE;
	case LZMA_BUF_ERROR:
		return u->out_left ? UNPACK_CUT : UNPACK_MORE;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return UNPACK_MEMORY;
	default:
		return UNPACK_BROKEN;
	}
}

static void xz_end(struct unpack *u)
{
	lzma_end(&u->xz);
}

static bool zstd_start(struct unpack *u)
{
	u->zstd = ZSTD_createDStream();
	u->zstd_hint = 1;
	return u->zstd &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax,
						    ZSTD_WINDOW_LOG));
}

static int zstd_step(struct unpack *u)
{
	ZSTD_inBuffer in = { .src = u->in, .size = u->in_left };
	ZSTD_outBuffer out = { .dst = u->out, .size = u->out_left };
	size_t hint = ZSTD_decompressStream(u->zstd, &out, &in);

	u->in += in.pos;
	u->in_left -= in.pos;
	u->out += out.pos;
	u->out_left -= out.pos;
	if (ZSTD_isError(hint))
		return UNPACK_BROKEN;
	if (u->in_left || !u->out_left)
		return hint || u->in_left ? UNPACK_MORE : UNPACK_END;
	return hint ? UNPACK_CUT : UNPACK_END;
}

static void zstd_end(struct unpack *u)
{
	ZSTD_freeDStream(u->zstd);
}

static const struct packing packings[] = {
	{ "gzip", "\x1f\x8b", 2, gzip_start, gzip_step, gzip_end },
	{ "xz", "\xfd" "7zXZ", 6, xz_start, xz_step, xz_end },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd_start, zstd_step, zstd_end },
};

static bool begins(const void *data, size_t len, const char *magic, size_t magic_len)
{
	return len >= magic_len && !memcmp(data, magic, magic_len);
}

static const struct packing *packing_of(const void *data, size_t len)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (begins(data, len, packings[i].magic, packings[i].magic_len))
			return &packings[i];
	return NULL;
}

const char *packed_name(const void *data, size_t len)
{
	const struct packing *p = packing_of(data, len);

	return p ? p->name : NULL;
}

const char *packed_foreign(const void *data, size_t len)
{
	static const struct {
		const char *name, *magic;
		size_t len;
	} others[] = {
		{ "bzip2", "BZh", 3 },
		{ "lz4", "\x04\x22\x4d\x18", 4 },
		{ "lzop", "\x89LZO", 4 },
		{ "zip", "PK\x03\x04", 4 },
		{ "7z", "7z\xbc\xaf", 4 },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (begins(data, len, others[i].magic, others[i].len))
			return others[i].name;
	return NULL;
}

uint64_t packed_limit(uint64_t len, unsigned int ratio, uint64_t small, uint64_t max)
{
	uint64_t limit = len < max / ratio ? len * ratio : max;

	return limit < small && small < max ? small : limit;
}

static int failed(int state, const struct packing *p, const char *name, struct error *err)
{
	switch (state) {
	case UNPACK_CUT:
		return error_set(err, -EBADMSG, "%s: is cut off, the %s data do not end",
				 name, p->name);
	case UNPACK_MEMORY:
		return error_set(err, -ENOMEM,
				 "%s: the %s data take more memory to unpack than they may",
				 name, p->name);
	case UNPACK_BROKEN:
		return error_set(err, -EBADMSG, "%s: damaged %s data", name, p->name);
	}
	return 0;
}

int packed_unpack(const void *data, size_t len, uint64_t limit, packed_put *put,
		  void *arg, const char *name, const char *what, struct error *err)
{
	const struct packing *p = packing_of(data, len);
	struct unpack u = { .in = data, .in_left = len };
	uint8_t *piece = malloc(UNPACK_ROOM);
	bool started = piece && p->start(&u);
	int state = UNPACK_MORE, ret = 0;
	uint64_t all = 0;

	if (!started)
		ret = error_set(err, -ENOMEM, "out of memory");
	while (!ret && state == UNPACK_MORE) {
		size_t n;

		u.out = piece;
		u.out_left = UNPACK_ROOM;
		state = p->step(&u);
		n = UNPACK_ROOM - u.out_left;
		all += n;
		if (all > limit)
			ret = error_set(err, -EFBIG, "%s: unpacks to more than %llu MiB, that is no %s",
					name, (unsigned long long)(limit >> 20), what);
		else if (state == UNPACK_MORE || state == UNPACK_END)
			ret = n ? put(arg, piece, n, err) : 0;
	}
	if (piece)
		p->end(&u);
	free(piece);
	return ret ? ret : failed(state, p, name, err);
}

size_t packed_peek(const void *data, size_t len, void *out, size_t room)
{
	const struct packing *p = packing_of(data, len);
	struct unpack u = { .in = data, .in_left = len, .out = out, .out_left = room };
	int state = UNPACK_MORE;

	if (!p)
		return 0;
	if (p->start(&u))
		while (state == UNPACK_MORE && u.out_left)
			state = p->step(&u);
	p->end(&u);
	return room - u.out_left;
}

ssize_t packed_head(int fd, void *head, size_t room)
{
	ssize_t n = pread(fd, head, room, 0);
	void *packed;

	if (n < 0)
		return -errno;
	if (!packed_name(head, (size_t)n))
		return n;
	packed = malloc(PEEK_BYTES);
	if (!packed)
		return -ENOMEM;
	n = pread(fd, packed, PEEK_BYTES, 0);
	n = n < 0 ? -errno : (ssize_t)packed_peek(packed, (size_t)n, head, room);
	free(packed);
	return n ? n : -EBADMSG;
}
