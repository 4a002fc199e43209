// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unpack.c - see unpack.h
 */
#include "unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct unpacker {
	ZSTD_DCtx *zstd;	/* NULL: zlib, which needs no context */
};

int unpacker_new(struct unpacker **up, const char *name)
{
	struct unpacker *new;
	int zstd = strcmp(name, "zstd") == 0;

	if (!zstd && strcmp(name, "zlib") != 0)
		return -EPROTONOSUPPORT;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	if (zstd) {
		new->zstd = ZSTD_createDCtx();
		if (!new->zstd) {
			free(new);
			return -ENOMEM;
		}
	}
	*up = new;
	return 0;
}

int unpacker_like(struct unpacker **up, const struct unpacker *like)
{
	return unpacker_new(up, like->zstd ? "zstd" : "zlib");
}

void unpacker_free(struct unpacker *up)
{
	if (!up)
		return;
	ZSTD_freeDCtx(up->zstd);
	free(up);
}

static int unpack_zlib(const uint8_t *in, size_t in_len, uint8_t *out,
		       size_t out_len)
{
	uLongf got = (uLongf)out_len;

	if (got != out_len || (uLong)in_len != in_len)
		return -EBADMSG;
	if (uncompress(out, &got, in, (uLong)in_len) != Z_OK)
		return -EBADMSG;
	return got == out_len ? 0 : -EBADMSG;
}

int unpack(struct unpacker *up, const uint8_t *in, size_t in_len,
	   uint8_t *out, size_t out_len)
{
	size_t got;

	if (!up->zstd)
		return unpack_zlib(in, in_len, out, out_len);

	got = ZSTD_decompressDCtx(up->zstd, out, out_len, in, in_len);
	return !ZSTD_isError(got) && got == out_len ? 0 : -EBADMSG;
}
