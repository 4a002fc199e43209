/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tempfile.h - a file without a name, in $TMPDIR or /tmp; a folder
 */
#ifndef MODMEM_TEMPFILE_H
#define MODMEM_TEMPFILE_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * Makes a folder for what may be large, in $TMPDIR, /var/tmp or /tmp, the last of which
 * may be memory. Its path goes to @dir. 0 or a negative errno with @err set.
 */
int tempfile_dir(char *dir, size_t size, struct error *err);

/* A descriptor to read and write, or a negative errno. */
int tempfile_open(void);

/* Writes all of @len bytes where @fd stands. 0 or a negative errno. */
int tempfile_write(int fd, const void *data, size_t len);

/* ... at this offset, bytes; where @fd stands does not change. */
int tempfile_write_at(int fd, const void *data, size_t len, uint64_t at);

#endif
