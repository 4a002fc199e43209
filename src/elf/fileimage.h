/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fileimage.h - a whole file in memory, unpacked if it was packed
 *
 * Kernel modules are installed as .ko, .ko.gz, .ko.xz or .ko.zst
 * (CONFIG_MODULE_COMPRESS_*); which it is, the first bytes tell and not the name.
 */
#ifndef MODMEM_FILEIMAGE_H
#define MODMEM_FILEIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct fileimage {
	uint8_t *data;	/* private to this process, may be written to */
	size_t len;	/* bytes */
	bool mapped;
};

/* Bytes, unpacked: a vmlinux with all its debug info has less than half. */
#define FILEIMAGE_MAX		(2ULL << 30)

/* Nothing that people compile shrinks by more; a small file may all the same. */
#define FILEIMAGE_MAX_RATIO	128u
#define FILEIMAGE_SMALL		(16u << 20)

/*
 * Reads the regular file at @path. 0, or a negative errno with @err set: no
 * such file, not a file, damaged, or larger unpacked than the limits above.
 */
int fileimage_read(struct fileimage *img, const char *path, struct error *err);

/* The same from @len bytes in memory, which are copied; @name for messages. */
int fileimage_copy(struct fileimage *img, const char *name, const uint8_t *data,
		   size_t len, struct error *err);

void fileimage_free(struct fileimage *img);

#endif
