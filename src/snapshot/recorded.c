// SPDX-License-Identifier: GPL-2.0-or-later
#include "recorded.h"

#include <stdio.h>

#include "books.h"
#include "companion_read.h"
#include "decode.h"
#include "event.h"
#include "ledger.h"
#include "snapshot_build.h"
#include "source.h"

/*
 * So many allocations and not one free, of anyone (or the other way round): that
 * event was not recorded, although the file describes it.
 */
#define EXPECTED 256u

/* So many slab allocations and no page taken or freed: pages were not recorded. */
#define EXPECTED_WITH_PAGES 1024u

static const struct {
	const char *name;
	uint8_t type, flags;
	enum recorded_event other;	/* that takes what this one frees */
} events[RECORDED_EVENTS] = {
	[RECORDED_KMALLOC] = { "kmem:kmalloc", EVENT_SLAB_ALLOC, EVENT_KMALLOC,
			       RECORDED_KFREE },
	[RECORDED_CACHE_ALLOC] = { "kmem:kmem_cache_alloc", EVENT_SLAB_ALLOC, 0,
				   RECORDED_CACHE_FREE },
	[RECORDED_KMALLOC_NODE] = { "kmem:kmalloc_node", EVENT_SLAB_ALLOC, EVENT_KMALLOC,
				    RECORDED_KFREE },
	[RECORDED_CACHE_ALLOC_NODE] = { "kmem:kmem_cache_alloc_node", EVENT_SLAB_ALLOC, 0,
					RECORDED_CACHE_FREE },
	[RECORDED_KFREE] = { "kmem:kfree", EVENT_SLAB_FREE, EVENT_KMALLOC,
			     RECORDED_KMALLOC },
	[RECORDED_CACHE_FREE] = { "kmem:kmem_cache_free", EVENT_SLAB_FREE, 0,
				  RECORDED_CACHE_ALLOC },
	[RECORDED_PAGE_ALLOC] = { "kmem:mm_page_alloc", EVENT_PAGE_ALLOC, 0,
				  RECORDED_PAGE_FREE },
	[RECORDED_PAGE_FREE] = { "kmem:mm_page_free", EVENT_PAGE_FREE, 0,
				 RECORDED_PAGE_ALLOC },
	[RECORDED_PERCPU_ALLOC] = { "percpu:percpu_alloc_percpu", EVENT_PERCPU_ALLOC, 0,
				    RECORDED_PERCPU_FREE },
	[RECORDED_PERCPU_FREE] = { "percpu:percpu_free_percpu", EVENT_PERCPU_FREE, 0,
				   RECORDED_PERCPU_ALLOC },
};

static bool is_node(enum recorded_event event)
{
	return event == RECORDED_KMALLOC_NODE || event == RECORDED_CACHE_ALLOC_NODE;
}

static bool is_free(enum recorded_event event)
{
	return event == RECORDED_KFREE || event == RECORDED_CACHE_FREE ||
	       event == RECORDED_PAGE_FREE || event == RECORDED_PERCPU_FREE;
}

/* What the books have of each event; of frees those that found nothing will do. */
static void count(const struct builder *b, uint64_t n[RECORDED_EVENTS])
{
	const struct books_stats *bs = books_stats(b->rs->books);
	struct ledger *l = books_ledger(b->rs->books);

	n[RECORDED_KFREE] = n[RECORDED_CACHE_FREE] = bs->unmatched_slab;
	n[RECORDED_PAGE_FREE] = bs->unmatched_pages;
	n[RECORDED_PERCPU_FREE] = bs->unmatched_percpu;
	for (uint32_t i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		if (a->what.kind == KIND_SLAB)
			n[a->kmalloc ? RECORDED_KMALLOC : RECORDED_CACHE_ALLOC] += a->allocs;
		else if (a->what.kind == KIND_PERCPU)
			n[RECORDED_PERCPU_ALLOC] += a->allocs;
		else
			n[RECORDED_PAGE_ALLOC] += a->allocs;
	}
}

bool recorded_lacks(const struct builder *b, uint64_t n, uint64_t enough)
{
	return n >= (b->rs->part ? 4 * enough : enough) && !source_is_live(b->rs->src) &&
	       !companion_find(b->rs->companion, "start");
}

void recorded_look(const struct builder *b, struct recorded *r)
{
	const struct formats *formats = decoder_formats(b->rs->decoder);
	const char *uname = source_info(b->rs->src)->uname;
	uint64_t met = decoder_stats(b->rs->decoder)->met;
	bool text = source_info(b->rs->src)->text != NULL;
	uint64_t n[RECORDED_EVENTS] = { 0 };
	bool no_pages;

	count(b, n);
	no_pages = !(met & (event_bit(EVENT_PAGE_ALLOC, 0) | event_bit(EVENT_PAGE_FREE, 0))) &&
		   recorded_lacks(b, n[RECORDED_KMALLOC] + n[RECORDED_CACHE_ALLOC],
				  EXPECTED_WITH_PAGES);
	for (enum recorded_event i = 0; i < RECORDED_EVENTS; i++) {
		uint64_t bit = event_bit(events[i].type, events[i].flags);
		enum recorded_event other = events[i].other;
		uint64_t other_bit = event_bit(events[other].type, events[other].flags);
		bool many;

		/* where the plain one is not recorded either, that says it all */
		if (is_node(i)) {
			r->absent[i] = source_kernel_before(uname, 6, 1) &&
				       formats->forms & bit & ~formats->node_forms;
			continue;
		}
		/* per-CPU memory may be taken again and again, and none given back */
		many = recorded_lacks(b, n[other], EXPECTED) && i != RECORDED_PERCPU_FREE;
		many |= no_pages && (i == RECORDED_PAGE_ALLOC || i == RECORDED_PAGE_FREE);
		r->absent[i] = !(formats->forms & bit) || (!(met & bit) && many);
		/* a text describes what it shows: one free may yet have come */
		r->missed[i] = is_free(i) && r->absent[i] && (met & other_bit) &&
			       (!text || many);
	}
	/* what is not in it any more was freed before it was read */
	if (source_info(b->rs->src)->made_by == RECORDER_PAGE_OWNER)
		r->absent[RECORDED_PAGE_FREE] = r->missed[RECORDED_PAGE_FREE] = false;
}

bool recorded_missed(const struct recorded *r, const struct account *a)
{
	if (a->by_array)
		return r->missed[RECORDED_KFREE];
	switch (a->what.kind) {
	case KIND_SLAB:
		return r->missed[a->kmalloc ? RECORDED_KFREE : RECORDED_CACHE_FREE];
	case KIND_PERCPU:
		return r->missed[RECORDED_PERCPU_FREE];
	default:
		return r->missed[RECORDED_PAGE_FREE];
	}
}

/* kfree() takes objects of caches as well. */
bool recorded_filtered(const struct recorded *r, const struct account *a)
{
	if (a->by_array)
		return r->filtered[RECORDED_KFREE];
	switch (a->what.kind) {
	case KIND_SLAB:
		return r->filtered[RECORDED_KFREE] ||
		       (!a->kmalloc && r->filtered[RECORDED_CACHE_FREE]);
	case KIND_PERCPU:
		return r->filtered[RECORDED_PERCPU_FREE];
	case KIND_VMALLOC:
		return r->filtered[RECORDED_PAGE_FREE] || r->filtered_areas;
	case KIND_DMA:
		return r->filtered[RECORDED_PAGE_FREE] || r->filtered_dma;
	default:
		return r->filtered[RECORDED_PAGE_FREE];
	}
}

const char *recorded_name(enum recorded_event event)
{
	return events[event].name;
}

size_t recorded_names(const bool *which, enum recorded_event first,
		      enum recorded_event last, char *text, size_t size)
{
	size_t n = 0, len = 0;

	for (enum recorded_event i = first; i <= last; i++) {
		if (!which[i] || len >= size)
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					n++ ? ", " : "", events[i].name);
	}
	return n;
}
