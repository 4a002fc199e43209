/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreign.h - files that others take for a recording, and what to do instead
 */
#ifndef MODMEM_FOREIGN_H
#define MODMEM_FOREIGN_H

#include <stddef.h>

struct error;

#define FOREIGN_BYTES 65536u	/* so many tell, or none */

/*
 * Sets @err if the first @len bytes at @data of the file @name are of a kind that is
 * known and not read, and returns -EINVAL; else 0.
 */
int foreign_file(const char *name, const void *data, size_t len, struct error *err);

/* The same for a folder, open as @dir. */
int foreign_folder(const char *name, int dir, struct error *err);

#endif
