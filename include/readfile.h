/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readfile.h - a text that somebody saved, whole, and unpacked if it was packed
 */
#ifndef MODMEM_READFILE_H
#define MODMEM_READFILE_H

#include <stddef.h>
#include <stdint.h>

struct error;

#define READFILE_MAX	(1ULL << 30)	/* bytes: larger is no copy of /proc */

/*
 * Reads the file or pipe at @path, of at most @max bytes, also when it is unpacked
 * (packed.h); @what it should be is for the message. Returns its *@len bytes, with a
 * NUL behind them, to be freed; NULL with @err and errno set.
 */
char *readfile(const char *path, uint64_t max, const char *what, size_t *len,
	       struct error *err);

/* All of @fd from where it stands, behind the @head_len bytes that were read: as it is. */
char *readfile_raw(int fd, const void *head, size_t head_len, const char *name,
		   uint64_t max, const char *what, size_t *len, struct error *err);

/*
 * What the folder @path holds, a name a line, allocated; *@len: bytes of that. NULL
 * with errno set: it cannot be read, or not to its end.
 */
char *readfile_names(const char *path, size_t *len);

#endif
