/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packedfile.h - a recording that came packed (packed.h), unpacked into a file
 * without a name
 */
#ifndef MODMEM_PACKEDFILE_H
#define MODMEM_PACKEDFILE_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * @fd: a file or a pipe, called @name, of which @head_len bytes were read. Returns
 * a descriptor of what is in it, which stands at its beginning, or a negative errno
 * with @err set. @progress as in textlog.h, NULL: none.
 */
int packedfile_unpack(int fd, const char *name, const void *head, size_t head_len,
		      int (*progress)(void *arg, uint64_t done, uint64_t total),
		      void *progress_arg, struct error *err);

#endif
