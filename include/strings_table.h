/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strings_table.h - interned strings: one copy, compared by number. Threads may
 * share a table.
 */
#ifndef MODMEM_STRINGS_TABLE_H
#define MODMEM_STRINGS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct strings;

struct strings *strings_new(void);
void strings_free(struct strings *s);

/*
 * Number of the string @text of @len bytes (need not be terminated; cut at a
 * NUL byte). The empty string is 0. UINT32_MAX: out of memory.
 */
uint32_t strings_add(struct strings *s, const char *text, size_t len);

/* The string of a number that strings_add() gave; lives as long as @s. */
const char *strings_get(struct strings *s, uint32_t id);

/* One more than the highest number that was given. */
size_t strings_count(struct strings *s);

#endif
