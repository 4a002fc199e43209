/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - memory that is all given back at once
 */
#ifndef MODMEM_ARENA_H
#define MODMEM_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);	/* with all that it gave out */

/* @n zeroed items of @size bytes, aligned for anything; NULL: no memory. */
void *arena_zalloc(struct arena *a, size_t n, size_t size);

/* A copy of @text; NULL: no memory, or @text is NULL. */
char *arena_strdup(struct arena *a, const char *text);

char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
