/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - texts of any length on the heap
 */
#ifndef MODMEM_TEXT_H
#define MODMEM_TEXT_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The locale's characters are UTF-8. */
bool text_is_utf8(void);

/* A printable copy of @text (see printable.h); NULL without memory. */
char *text_printable(const char *text);

/*
 * The same text for a cell of libsmartcols: where the locale is not UTF-8, bytes
 * outside ASCII are written as \xNN, for its print function does not come back
 * from them. Takes @text over and frees it; NULL: no memory, or it is NULL.
 */
char *text_cell(char *text);

/* @n of them joined by @separator. */
char *text_join(const char *const *texts, size_t n, const char *separator);

/*
 * A place: "name+0xoff", "name" with @no_offset; without a @function "?+0xoff", and
 * "?#2+0xoff" for the second of them (@number 1, as in struct snap_site). Free it;
 * NULL: no memory.
 */
char *text_place(const char *function, uint64_t offset, uint32_t number, bool no_offset);

/* "foo, bar and 3 more": the first @most of @n, printable. Free it; NULL: no memory. */
char *text_names(const char *const *names, size_t n, size_t most);

/* As asprintf(), but NULL on failure. */
char *text_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The next item of a comma list, which is advanced, to NULL after the last
 * one: while (list) { item = text_item(&list); ... free(item); }
 */
char *text_item(const char **list);

/* Columns for sentences on a terminal of @width (0: none). */
unsigned int text_width(unsigned int width);

/* Prints a line, wrapped between words at @width columns. */
void text_wrap(const char *text, unsigned int width, FILE *out);

#endif
