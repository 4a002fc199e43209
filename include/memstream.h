/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODMEM_MEMSTREAM_H
#define MODMEM_MEMSTREAM_H

#include <stdio.h>

/*
 * Ends a stream of open_memstream(), whose text is at @text. 0: it is whole, and the
 * caller's to free; -ENOMEM: it is not, and *@text is NULL. That fclose() says 0 is not
 * enough: glibc does, with no text, where there was no memory to end it
 * (libio/memstream.c, _IO_mem_finish()).
 */
int memstream_close(FILE *out, char **text);

#endif
