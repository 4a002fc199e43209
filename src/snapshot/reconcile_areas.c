// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconcile_areas.c - two copies of vmallocinfo, by the function that made an
 * area
 *
 * Areas of devices (ioremap) take address space and no memory: rows of their
 * own. Others count with the pages that are behind them, not with their size,
 * which has a guard page in it, and vmap() has none of its own.
 */
#include "reconcile_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "companion_read.h"
#include "procmem.h"
#include "snapshot_build.h"

#define LINES_MAX (1u << 20)

struct area_line {
	const char *caller;	/* without offset, not terminated */
	size_t len;
	bool ioremap, after;
	uint64_t bytes;
};

struct area_lines {
	struct area_line *line;
	size_t n, room;
	uint64_t unreadable;	/* lines of both */
};

static int by_caller(const void *x, const void *y)
{
	const struct area_line *a = x, *b = y;
	int c = a->ioremap - b->ioremap;

	if (!c)
		c = memcmp(a->caller, b->caller, a->len < b->len ? a->len : b->len);
	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static int read_lines(struct area_lines *lines, const struct companion_item *it,
		      bool after, uint64_t page_size)
{
	const char *text = it->text, *end = it->text + it->len;
	struct proc_area area;
	bool any;

	do {
		struct area_line *line = lines->line;

		any = proc_area_next(&text, end, &area);
		lines->unreadable += area.unreadable;
		if (!any || lines->n == LINES_MAX) {
			lines->unreadable += any;
			continue;
		}

		if (!area.pages && !area.ioremap)
			continue;
		if (lines->n == lines->room) {
			lines->room = lines->room ? 2 * lines->room : 256;
			line = realloc(line, lines->room * sizeof(*line));
			if (!line)
				return -ENOMEM;
			lines->line = line;
		}
		line += lines->n++;
		*line = (struct area_line) {
			.caller = area.caller ? area.caller : "",
			.ioremap = area.ioremap,
			.after = after,
			.bytes = area.ioremap ? area.size : area.pages * page_size,
		};
		if (area.caller)
			line->len = (size_t)((const char *)memchr(area.caller, '+',
					     area.caller_len) - area.caller);
	} while (any);
	return 0;
}

static int by_change(const void *x, const void *y)
{
	const struct reconcile_area *a = x, *b = y;
	int64_t ga = (int64_t)(a->after - a->before), gb = (int64_t)(b->after - b->before);

	if (a->ioremap != b->ioremap)
		return a->ioremap - b->ioremap;
	if (ga != gb)
		return ga < gb ? 1 : -1;
	return strcmp(a->caller ? a->caller : "", b->caller ? b->caller : "");
}

static int sum_up(struct builder *b, struct reconcile *r, struct area_lines *lines)
{
	struct reconcile_area *list = arena_zalloc(b->arena, lines->n + 1, sizeof(*list));
	size_t i, end;

	if (!list)
		return -ENOMEM;
	if (lines->n)
		qsort(lines->line, lines->n, sizeof(*lines->line), by_caller);
	for (i = 0; i < lines->n; i = end) {
		const struct area_line *first = &lines->line[i];
		struct reconcile_area *a = &list[r->n_areas];

		*a = (struct reconcile_area) { .ioremap = first->ioremap };
		for (end = i; end < lines->n && !by_caller(first, &lines->line[end]); end++) {
			if (lines->line[end].after) {
				a->n_after++;
				a->after += lines->line[end].bytes;
			} else {
				a->n_before++;
				a->before += lines->line[end].bytes;
			}
		}
		if (a->n_before == a->n_after && a->before == a->after)
			continue;
		if (first->len) {
			a->caller = arena_printf(b->arena, "%.*s", (int)first->len,
						 first->caller);
			if (!a->caller)
				return -ENOMEM;
		}
		r->n_areas++;
	}
	qsort(list, r->n_areas, sizeof(*list), by_change);
	r->areas = list;
	return 0;
}

int reconcile_areas(struct builder *b, struct reconcile *r)
{
	const struct companion_item *before, *after;
	struct area_lines lines = { 0 };
	int ret;

	before = companion_find(b->rs->companion, "vmallocinfo@before");
	after = companion_find(b->rs->companion, "vmallocinfo@after");
	if (!before || !after)
		return 0;
	r->vmallocinfo = true;
	ret = read_lines(&lines, before, false, b->snap->page_size);
	if (!ret)
		ret = read_lines(&lines, after, true, b->snap->page_size);
	if (!ret)
		ret = sum_up(b, r, &lines);
	r->unreadable_areas = lines.unreadable;
	free(lines.line);
	return ret;
}
