/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printable.h - names from a recording, made safe to print
 *
 * Module, cache, task and symbol names come from outside and may hold
 * anything. What goes to a terminal or into a file passes through here.
 */
#ifndef MODMEM_PRINTABLE_H
#define MODMEM_PRINTABLE_H

#include <stddef.h>

/*
 * Copies @text into @buf (@size bytes, always terminated when @size > 0) with
 * each byte that is a control byte (0x00-0x1f, 0x7f), part of a C1 control
 * (U+0080..U+009f) or not valid UTF-8 written as \xNN. Returns @buf.
 */
char *printable(char *buf, size_t size, const char *text);

/* The same for @len bytes that need not be terminated. */
char *printable_mem(char *buf, size_t size, const char *text, size_t len);

/* Bytes of the well-formed UTF-8 sequence that @text begins with (@len > 0), 0: none. */
size_t printable_utf8(const char *text, size_t len);

#endif
