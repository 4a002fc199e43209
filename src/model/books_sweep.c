// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_sweep.c - slab objects whose memory has been given back unseen
 *
 * An object whose free was lost stays in the books until its address is handed
 * out again. If its page is used for something else by now, that may be never.
 * But a page is taken from the page allocator before objects are made in it: if
 * it was taken after the object was, the object had gone by then.
 *
 * It has to be found in the table of pages, one object after the other: for the
 * compaction of live books, not for each event.
 */
#include "books_internal.h"

/* Has the page of @o been taken after @o was, and no free of @o can be due? */
static bool is_stale(struct books *b, const struct object *o, uint64_t now)
{
	const struct page_alloc *pa;
	uint64_t pfn;
	uint32_t id;

	/* a large one goes with its own pages */
	if ((o->flags & OBJECT_LARGE) || !books_pfn(b, o->addr, &pfn))
		return false;
	id = pages_find(b->pages, pfn);
	if (id == PAGE_ALLOC_NONE)
		return false;
	pa = pages_alloc(b->pages, id);
	/* at the same time: an interrupt's events may have that of what it broke into */
	if (pa->ts < o->ts || pa->ts - o->ts <= b->opts.skew)
		return false;
	/* its free may be told late, see was_gone() in books_objects.c */
	return pa->ts <= now && now - pa->ts > GONE_WINDOW;
}

void books_sweep(struct books *b, uint64_t now)
{
	const struct object *o;
	uint64_t pfn;
	size_t at = 0;

	if (!books_pfn(b, UINT64_MAX, &pfn))
		return;
	while ((o = objects_next(b->slab, &at))) {
		if (!is_stale(b, o, now))
			continue;
		books_evict(b, b->slab, (struct object *)o);
		at--;	/* another one may be in its place */
	}
}
