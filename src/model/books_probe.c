// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_probe.c - what companion probes tell the books (probes.h)
 *
 * They close the paths that fire no event: objects given to kfree_rcu(), bulk
 * calls of slab caches, whole vmalloc areas, where a module lies.
 */
#include "books_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribution.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "strings_table.h"

/*
 * kfree_rcu(): nobody may use the object any more, so this is when it is
 * given up; when the grace period is over it is freed, in bulk and unseen, or
 * by kfree() or vfree() (TRAPS B2).
 */
static int rcu_free(struct books *b, const struct event *ev)
{
	struct object *o = objects_find(b->areas, ev->ptr), was;

	if (o) {
		ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
		objects_remove(b->areas, o);
		return 0;
	}
	o = objects_find(b->slab, ev->ptr);
	/* pages of a large one go with their own event, when they go */
	if (o && (o->flags & OBJECT_LARGE))
		return 0;
	if (!o || objects_find(b->given_up, ev->ptr)) {
		b->stats.unmatched_slab += !o;
		return 0;
	}
	was = *o;
	ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
	objects_remove(b->slab, o);
	/* whose it was, and since when it is pending */
	o = objects_add(b->given_up, ev->ptr);
	if (!o)
		return -ENOMEM;
	o->account = was.account;
	o->bytes = was.bytes;
	o->ts = ev->ts;
	return 0;
}

struct bulk *books_bulk(struct books *b, uint16_t cpu)
{
	size_t n = b->n_bulks ? b->n_bulks : 8;
	struct bulk *bulks;

	if (cpu < b->n_bulks)
		return &b->bulks[cpu];
	while (n <= cpu)
		n *= 2;
	bulks = realloc(b->bulks, n * sizeof(*bulks));
	if (!bulks)
		return NULL;
	memset(bulks + b->n_bulks, 0, (n - b->n_bulks) * sizeof(*bulks));
	b->bulks = bulks;
	b->n_bulks = n;
	return &bulks[cpu];
}

static int bulk_alloc(struct books *b, const struct event *ev)
{
	struct bulk *bulk = books_bulk(b, ev->cpu);
	struct task *t = books_task(b, ev);
	const struct attribution *what;
	struct event call = *ev;

	if (!bulk)
		return -ENOMEM;
	call.call_site = ev->ptr;
	bulk->requested = ev->call_site <= ev->bytes_alloc ? ev->call_site : 0;
	bulk->account = books_account(b, &call, t, &what);
	if (bulk->account == UINT32_MAX)
		return -ENOMEM;
	bulk->size = ev->bytes_alloc <= OBJECT_BYTES_MAX ? ev->bytes_alloc : 0;
	bulk->cache = ev->name;
	if (bulk->cache)
		ledger_at(b->ledger, bulk->account)->cache = bulk->cache;
	if (t->n_slabs)
		books_name_slabs(b, t, bulk->account, 0);
	return 0;
}

static int bulk_item(struct books *b, const struct event *ev)
{
	struct bulk *bulk = books_bulk(b, ev->cpu);
	struct event item = *ev;
	struct object *o;

	if (!bulk)
		return -ENOMEM;
	b->stats.events++;
	if (!ev->ptr || ev->ptr >= b->error_ptr) {
		b->stats.malformed++;
		return 0;
	}
	b->stats.bulk_unsized += !bulk->size;
	item.bytes_alloc = bulk->size;
	item.bytes_req = bulk->requested;
	books_was_given_up(b, ev->ptr);
	o = objects_find(b->slab, ev->ptr);
	if (o)
		books_evict(b, b->slab, o);
	return books_add_object(b, b->slab, &item, bulk->account);
}

static int vmalloc(struct books *b, const struct event *ev)
{
	struct task *t = books_task(b, ev);
	const struct attribution *what;
	uint32_t account;
	struct object *o;

	account = books_account(b, ev, t, &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	b->stats.areas_mapped++;
	if (what->elsewhere) {
		b->stats.areas_unsure += what->unsure;
		return 0;
	}
	b->stats.events++;
	if (!ev->ptr || !ev->bytes_alloc || ev->bytes_alloc > OBJECT_BYTES_MAX) {
		b->stats.malformed++;
		return 0;
	}
	o = objects_find(b->areas, ev->ptr);
	if (o)
		books_evict(b, b->areas, o);
	return books_add_object(b, b->areas, ev, account);
}

/* Also of areas from before the recording, of vmap(), and told twice. */
static void vmalloc_free(struct books *b, const struct event *ev)
{
	struct object *o = objects_find(b->areas, ev->ptr);

	b->stats.events++;
	if (!o)
		return;
	ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
	objects_remove(b->areas, o);
}

/* A block of a DMA pool: part of the pool's pages, which are in the books. */
static int dma_block(struct books *b, const struct event *ev)
{
	struct task *t = books_task(b, ev);
	const struct attribution *what;
	uint32_t account;
	struct object *o;

	b->stats.events++;
	if (!ev->ptr || !ev->bytes_alloc || ev->bytes_alloc > OBJECT_BYTES_MAX) {
		b->stats.malformed++;
		return 0;
	}
	account = books_account(b, ev, t, &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	o = objects_find(b->blocks, ev->ptr);
	if (o)
		books_evict(b, b->blocks, o);
	return books_add_object(b, b->blocks, ev, account);
}

/* Also of blocks from before the recording. */
static void dma_block_free(struct books *b, const struct event *ev)
{
	struct object *o = objects_find(b->blocks, ev->ptr);

	b->stats.events++;
	if (!o)
		return;
	ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
	objects_remove(b->blocks, o);
}

int books_probe_event(struct books *b, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_RCU_FREE:
		b->stats.events++;
		return rcu_free(b, ev);
	case EVENT_BULK_ALLOC:
		return bulk_alloc(b, ev);
	case EVENT_BULK_ITEM:
		return bulk_item(b, ev);
	case EVENT_BULK_FREE:
		b->stats.events++;
		return books_slab_free(b, ev);
	case EVENT_BULK_MISSED:
		b->stats.bulk_missed += ev->bytes_req;
		if (ev->flags & EVENT_FREED)
			b->stats.bulk_free_missed += ev->bytes_req;
		return 0;
	case EVENT_PAGES_HAD:
	case EVENT_PAGES_BULK:
	case EVENT_PAGES_ITEM:
	case EVENT_PAGES_MISSED:
		return books_bulk_pages(b, ev);
	case EVENT_CONTIG_ALLOC:
		b->stats.events++;
		return books_contig_alloc(b, ev);
	case EVENT_CONTIG_FREE:
		b->stats.events++;
		return books_contig_free(b, ev);
	case EVENT_VMALLOC:
		return vmalloc(b, ev);
	case EVENT_VMALLOC_FREE:
		vmalloc_free(b, ev);
		return 0;
	case EVENT_DMA_BLOCK:
		return dma_block(b, ev);
	case EVENT_DMA_BLOCK_FREE:
		dma_block_free(b, ev);
		return 0;
	case EVENT_AREA_RANGE:	/* no memory by itself */
		books_area_range(b, ev);
		return 0;
	case EVENT_MODULE_REGION:
		modmap_region(b->modmap, ev->ptr, ev->bytes_alloc,
			      (ev->flags & EVENT_INIT) != 0);
		return 0;
	case EVENT_MODULE_MAP:
		return modmap_map(b->modmap, strings_get(b->strings, ev->name),
				  ev->ts) == OWNER_NONE ? -ENOMEM : 0;
	case EVENT_MODULE_UNMAP:
		modmap_unmap(b->modmap, ev->ptr);
		return 0;
	}
	return 0;
}
