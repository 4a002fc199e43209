/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_files.h - files of /proc and tracefs, and the recording's own
 */
#ifndef MODMEM_RECORD_FILES_H
#define MODMEM_RECORD_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The whole of a file whose size is not known before, with a NUL behind it;
 * its length goes to @len (may be NULL). free() it. NULL: errno says why.
 */
char *file_read(const char *path, size_t *len);
char *fd_read(int fd, size_t *len);

/* Writes @text to a file that is there, in one go: 0 or a negative errno. */
int file_set(const char *path, const char *text);

/* Writes all of it: 0 or a negative errno. */
int fd_write(int fd, const void *data, size_t len);

/*
 * Copies @len bytes of @in from @in_offset to @out at @out_offset, sharing
 * blocks where the file system can. Returns 0 or a negative errno, -ENODATA if
 * @in is shorter.
 */
int fd_copy(int out, off_t out_offset, int in, off_t in_offset, uint64_t len);

#endif
