/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.h - decompression, as a trace.dat of version 7 names it
 *
 * Both sizes of a compressed block stand in the file in front of it
 * (trace-cmd.dat.v7(5)); a block that does not unpack to exactly the size
 * it claims is damaged.
 */
#ifndef MODMEM_SOURCE_UNPACK_H
#define MODMEM_SOURCE_UNPACK_H

#include <stddef.h>
#include <stdint.h>

/* More than this is a damaged or hostile file. Bytes, unpacked. */
#define UNPACK_MAX_CHUNK	(64u << 20)	/* one chunk of trace data */
#define UNPACK_MAX_CHUNKS	(1024u << 20)	/* largest chunks of all CPUs */
#define UNPACK_MAX_HEADERS	(1024u << 20)	/* all header sections */

/* Nothing shrinks by more: zstd packs 128 KiB of zeros in four bytes. */
#define UNPACK_MAX_RATIO	65536

struct unpacker;

/*
 * For the algorithm @name ("zstd", "zlib"). Sets *@up, or returns
 * -EPROTONOSUPPORT for an unknown name or -ENOMEM. Free with unpacker_free().
 */
int unpacker_new(struct unpacker **up, const char *name);

/* Another one for the same algorithm, to be used by another thread. 0, -ENOMEM. */
int unpacker_like(struct unpacker **up, const struct unpacker *like);
void unpacker_free(struct unpacker *up);

/* 0, or -EBADMSG if @in is not a block of exactly @out_len bytes. */
int unpack(struct unpacker *up, const uint8_t *in, size_t in_len,
	   uint8_t *out, size_t out_len);

#endif
