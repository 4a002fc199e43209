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

__attribute__((format(printf, 3, 0)))
static void say(struct sentences *l, uint32_t causes, const char *fmt, va_list ap)
{
	char text[512];

	if (l->n == SENTENCES_MAX)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	l->causes[l->n] = causes;
	l->items[l->n] = arena_strdup(l->b->arena, text);
	if (!l->items[l->n])
		l->err = -ENOMEM;
	else
		l->n++;
}

void sentences_say(struct sentences *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(l, 0, fmt, ap);
	va_end(ap);
}

void sentences_fault(struct sentences *l, uint32_t causes, unsigned int kinds,
		     const char *fmt, ...)
{
	va_list ap;

	for (int kind = 0; kind < KIND_MAX; kind++)
		if (kinds & 1u << kind)
			l->b->kind_why[kind] |= causes;
	va_start(ap, fmt);
	say(l, causes, fmt, ap);
	va_end(ap);
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
