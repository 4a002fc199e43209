// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_places.c - how places are shown
 *
 * Addresses are not shown, they are others after each boot; what is stable is an
 * offset in a function, a module or a page. Places without a symbol that have one
 * offset are told apart by numbers, in the order in which they were first used.
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>

#include "arena.h"
#include "books.h"
#include "ledger.h"
#include "modmap.h"
#include "source.h"
#include "textlog.h"

struct unnamed {
	uint64_t offset;	/* of struct attribution */
	uint32_t row;
	uint32_t first;		/* its lowest place in the ledger, which stays the same */
	uint32_t number;
};

static uint64_t shown_offset(const struct builder *b, uint32_t row, uint64_t offset)
{
	if (row > OWNER_UNKNOWN)
		return offset & ~OFFSET_INIT;
	return offset & (books_page_size(b->rs->books) - 1);
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_offset(const void *x, const void *y)
{
	const struct unnamed *p = x, *q = y;
	int c = compare(p->row, q->row);

	return c ? c : compare(p->offset, q->offset);
}

static int by_first(const void *x, const void *y, void *arg)
{
	const struct unnamed *p = x, *q = y;
	int c = compare(p->row, q->row);

	if (!c)
		c = compare(shown_offset(arg, p->row, p->offset),
			    shown_offset(arg, q->row, q->offset));
	return c ? c : compare(p->first, q->first);
}

int build_unnamed(struct builder *b)
{
	size_t n = ledger_count(books_ledger(b->rs->books)), kept = 0;
	struct unnamed *all = arena_zalloc(b->arena, n, sizeof(*all));

	if (!all)
		return -ENOMEM;
	b->unnamed = all;
	for (uint32_t i = 1; i < n; i++) {
		const struct account *a = build_account(b, i);

		if (!a->what.function)
			all[b->n_unnamed++] = (struct unnamed){
				.offset = a->what.offset, .row = a->what.row,
				.first = a->place,
			};
	}
	if (!b->n_unnamed)
		return 0;
	qsort(all, b->n_unnamed, sizeof(*all), by_offset);
	for (size_t i = 0; i < b->n_unnamed; i++) {
		if (!i || by_offset(&all[kept - 1], &all[i]))
			all[kept++] = all[i];
		else if (all[i].first < all[kept - 1].first)
			all[kept - 1].first = all[i].first;
	}
	b->n_unnamed = kept;
	qsort_r(all, kept, sizeof(*all), by_first, b);
	for (size_t i = 1; i < kept; i++)
		if (all[i].row == all[i - 1].row &&
		    shown_offset(b, all[i].row, all[i].offset) ==
		    shown_offset(b, all[i - 1].row, all[i - 1].offset))
			all[i].number = all[i - 1].number + 1;
	qsort(all, kept, sizeof(*all), by_offset);
	return 0;
}

struct shown_place build_place(const struct builder *b, uint32_t row, uint32_t function,
			       uint64_t offset)
{
	const struct textlog *text = source_info(b->rs->src)->text;
	struct unnamed key = { .row = row, .offset = offset };
	const struct unnamed *found;

	if (function && text && text->no_offsets && offset == TEXTLOG_NO_OFFSET)
		return (struct shown_place){ .no_offset = true };
	if (function)
		return (struct shown_place){ .offset = offset };
	found = b->n_unnamed ? bsearch(&key, b->unnamed, b->n_unnamed, sizeof(key),
				       by_offset) : NULL;
	return (struct shown_place){
		.offset = shown_offset(b, row, offset),
		.number = found ? found->number : 0,
	};
}
