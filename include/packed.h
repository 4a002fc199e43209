/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packed.h - what gzip, xz or zstd packed, unpacked piece by piece
 *
 * Which of them it was, the first bytes tell and not the name of a file.
 */
#ifndef MODMEM_PACKED_H
#define MODMEM_PACKED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

#define PACKED_HEAD	6u	/* bytes that tell */

/* "gzip", "xz" or "zstd"; NULL: not packed with any of these. */
const char *packed_name(const void *data, size_t len);

/* The name of a packer that is not read here: "bzip2", "lz4", ...; NULL: none. */
const char *packed_foreign(const void *data, size_t len);

/*
 * Bytes that @len packed ones may unpack to: by @ratio, at least @small and at most
 * @max. No more is taken from a file that may be made to fill memory or disks.
 */
uint64_t packed_limit(uint64_t len, unsigned int ratio, uint64_t small, uint64_t max);

/* Takes @len unpacked bytes. 0 or a negative errno with @err set, which ends it. */
typedef int packed_put(void *arg, const uint8_t *data, size_t len, struct error *err);

/*
 * Unpacks the @len bytes at @data, for which packed_name() has a name; several
 * packed files behind each other are one. Returns 0, what @put returned, or a
 * negative errno with @err set, which calls the file @name: damaged, cut off, or
 * larger than @limit bytes, which no @what is.
 */
int packed_unpack(const void *data, size_t len, uint64_t limit, packed_put *put,
		  void *arg, const char *name, const char *what, struct error *err);

/* Unpacks what @len bytes of a file's beginning give, up to @room; their number. */
size_t packed_peek(const void *data, size_t len, void *out, size_t room);

/*
 * The first bytes of the file @fd, up to @room, unpacked if they are packed; it stands
 * where it stood. Their number, or a negative errno; -EBADMSG: what is packed is damaged.
 */
ssize_t packed_head(int fd, void *head, size_t room);

#endif
