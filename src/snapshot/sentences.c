// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sentences.c - see coverage_internal.h
 */
#include "coverage_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "snapshot_build.h"

void sentences_say(struct sentences *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (l->n == SENTENCES_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->items[l->n] = arena_strdup(l->b->arena, text);
	if (!l->items[l->n])
		l->err = -ENOMEM;
	else
		l->n++;
}

int sentences_keep(struct sentences *l, const char *const **items, size_t *n)
{
	const char **copy = arena_zalloc(l->b->arena, l->n, sizeof(*copy));

	if (!copy || l->err)
		return -ENOMEM;
	memcpy(copy, l->items, l->n * sizeof(*copy));
	*items = copy;
	*n = l->n;
	return 0;
}
