/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filemap.h - a file in memory
 *
 * Behind its last byte there are zeros up to the end of the page, or, where it ends
 * with a page, whatever lies there: who looks behind the end is in luck mostly. Built
 * with AddressSanitizer there is nothing, so that any test finds him out.
 */
#ifndef MODMEM_FILEMAP_H
#define MODMEM_FILEMAP_H

#include <stddef.h>

/*
 * Maps the @len bytes of @fd, not 0, for @prot of mmap(2); what is written stays
 * here. NULL with errno set. filemap_free(NULL, 0) does nothing.
 */
void *filemap(int fd, size_t len, int prot);
void filemap_free(void *map, size_t len);

#endif
