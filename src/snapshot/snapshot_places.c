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
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "attribution.h"
#include "books.h"
#include "hash.h"
#include "ledger.h"
#include "modmap.h"
#include "source.h"
#include "stacks.h"
#include "textlog.h"

#define FRAMES_FIRST (1u << 31)	/* behind all places of the ledger */

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

/* Places as they come, the same one several times. */
struct list {
	struct unnamed *items;
	size_t n, room;
	uint32_t frames;	/* that were added */
};

static int add_place(struct list *l, uint32_t row, uint64_t offset, uint32_t first)
{
	struct unnamed *more;

	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;

		more = realloc(l->items, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		l->items = more;
		l->room = room;
	}
	l->items[l->n++] = (struct unnamed){ .offset = offset, .row = row, .first = first };
	return 0;
}

/* What was looked at last of the addresses that fall into one slot. */
#define LATELY 4096u
struct lately {
	uint64_t addr;
	uint32_t epoch;
	bool any;
};

/* Frames without a name come behind the places that allocate, in the order of use. */
static int add_frame(struct builder *b, struct list *l, uint64_t addr, uint32_t epoch,
		     struct lately *lately)
{
	struct lately *was = &lately[hash64(addr) % LATELY];
	struct unnamed_frame at;
	uint32_t id;

	if (was->any && was->addr == addr && was->epoch == epoch)
		return 0;
	*was = (struct lately){ addr, epoch, true };
	if (attribute_is_noise(b->rs->attributor, addr))
		return 0;
	id = attribute_frame_name(b->rs->attributor, addr, epoch, &at);
	if (id)
		return id == UINT32_MAX ? -ENOMEM : 0;
	return add_place(l, at.row, at.offset, FRAMES_FIRST + l->frames++);
}

static int add_frames(struct builder *b, struct list *l, const struct account *a,
		      struct lately *lately)
{
	const uint64_t *frames;
	size_t n, i;
	int ret = 0;

	frames = stacks_get(b->rs->stacks, a->stack, &n);
	if (a->call_site)
		ret = add_frame(b, l, a->call_site, a->epoch, lately);
	for (i = 0; i < n && !ret; i++)
		ret = add_frame(b, l, frames[i], a->epoch, lately);
	return ret;
}

static int collect(struct builder *b, struct list *l)
{
	struct lately *lately = calloc(LATELY, sizeof(*lately));
	bool frames = b->rs->by_stack || b->rs->leaks;
	int ret = lately ? 0 : -ENOMEM;

	for (uint32_t i = 1; i < ledger_count(books_ledger(b->rs->books)) && !ret; i++) {
		const struct account *a = build_account(b, i);

		if (!a->what.function)
			ret = add_place(l, a->what.row, a->what.offset, a->place);
		if (!ret && frames)
			ret = add_frames(b, l, a, lately);
	}
	free(lately);
	return ret;
}

/* One of each place, numbered, by place. Returns how many. */
static size_t number_places(struct builder *b, struct unnamed *all, size_t n)
{
	size_t kept = 0;

	qsort(all, n, sizeof(*all), by_offset);
	for (size_t i = 0; i < n; i++) {
		if (!i || by_offset(&all[kept - 1], &all[i]))
			all[kept++] = all[i];
		else if (all[i].first < all[kept - 1].first)
			all[kept - 1].first = all[i].first;
	}
	qsort_r(all, kept, sizeof(*all), by_first, b);
	for (size_t i = 1; i < kept; i++)
		if (all[i].row == all[i - 1].row &&
		    shown_offset(b, all[i].row, all[i].offset) ==
		    shown_offset(b, all[i - 1].row, all[i - 1].offset))
			all[i].number = all[i - 1].number + 1;
	qsort(all, kept, sizeof(*all), by_offset);
	return kept;
}

int build_unnamed(struct builder *b)
{
	struct list l = { NULL, 0, 0, 0 };
	int ret = collect(b, &l);

	if (!ret && l.n) {
		b->n_unnamed = number_places(b, l.items, l.n);
		b->unnamed = arena_zalloc(b->arena, b->n_unnamed, sizeof(*b->unnamed));
		if (b->unnamed)
			memcpy(b->unnamed, l.items, b->n_unnamed * sizeof(*b->unnamed));
		else
			ret = -ENOMEM;
	}
	free(l.items);
	return ret;
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

const char *build_unnamed_frame(struct builder *b, const struct unnamed_frame *f)
{
	const struct shown_place at = build_place(b, f->row, 0, f->offset);
	char number[16] = "";

	if (at.number)
		snprintf(number, sizeof(number), "#%u", at.number + 1);
	if (f->row == OWNER_KERNEL)
		return arena_printf(b->arena, "?%s+0x%" PRIx64, number, at.offset);
	/* [unknown] has its brackets */
	return arena_printf(b->arena, f->row == OWNER_UNKNOWN ? "?%s+0x%" PRIx64 " %s" :
			    "?%s+0x%" PRIx64 " [%s]", number, at.offset, f->module);
}
