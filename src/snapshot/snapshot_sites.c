// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_sites.c - sums of accounts by the place that allocates, and by the
 * slab cache that serves it
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "ledger.h"
#include "pages.h"
#include "source.h"
#include "strings_table.h"

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Same order for equal sites; which one is first does not matter. */
static int by_site(const void *x, const void *y, void *arg)
{
	const struct builder *b = arg;
	const struct account *p = build_account(b, *(const uint32_t *)x);
	const struct account *q = build_account(b, *(const uint32_t *)y);
	int c = compare(p->what.row, q->what.row);

	if (!c)
		c = compare(p->what.charge, q->what.charge);
	if (!c)
		c = compare(p->what.kind, q->what.kind);
	if (!c)
		c = compare(p->what.function, q->what.function);
	if (!c)
		c = compare(p->what.offset, q->what.offset);
	return c ? c : compare(p->what.via, q->what.via);
}

static int compare_names(const char *a, const char *b)
{
	if (!a || !b)
		return (b == NULL) - (a == NULL);
	return strcmp(a, b);
}

/* Most live bytes first; then an order that is the same in every run. */
static int shown_order(const void *x, const void *y)
{
	const struct snap_site *a = x, *b = y;
	int c = -compare(a->live_bytes, b->live_bytes);

	if (!c)
		c = compare_names(a->function, b->function);
	if (!c)
		c = compare(a->offset, b->offset);
	if (!c)
		c = compare(a->number, b->number);
	if (!c)
		c = compare(a->kind, b->kind);
	if (!c)
		c = strcmp(a->via, b->via);
	return c ? c : compare(a->charge, b->charge);
}

static int new_site(struct builder *b, struct snap_site *s, const struct account *a)
{
	struct shown_place place = build_place(b, a->what.row, a->what.function,
					       a->what.offset);
	bool made_up = source_info(b->rs->src)->text && a->what.function;

	s->function = build_string(b, a->what.function);
	s->offset = place.offset;
	s->number = place.number;
	s->no_offset = place.no_offset;
	s->address = made_up ? 0 : a->what.address;
	s->kind = a->what.kind;
	s->charge = a->what.charge;
	s->via = build_string(b, a->what.via);
	s->oldest_ns = -1;
	return s->via && (s->function || !a->what.function) ? 0 : -ENOMEM;
}

static void add_to_site(struct builder *b, struct snap_site *s, uint32_t id)
{
	const struct account *a = build_account(b, id);
	const struct live_facts *f = &b->facts[id];

	if (a->what.address < s->address)
		s->address = a->what.address;
	s->live_bytes += a->live_bytes;
	s->requested_bytes += a->live_requested;
	s->live_objects += a->live_objects;
	s->allocs += a->allocs;
	s->frees += a->frees;
	s->allocated_bytes += a->allocated_bytes;
	s->evicted_bytes += a->evicted_bytes;
	s->uncertain_bytes += f->uncertain;
	s->why |= b->why[id];
	if (f->oldest != UINT64_MAX &&
	    (s->oldest_ns < 0 || f->oldest < (uint64_t)s->oldest_ns))
		s->oldest_ns = (int64_t)f->oldest;
}

/* Accounts [from, to) of one module, in order. */
static int module_sites(struct builder *b, const uint32_t *ids, size_t n)
{
	struct snap_module *m = &b->snap->modules[b->module[build_account(b, ids[0])->what.row]];
	struct snap_site *s = NULL;
	size_t i;

	m->sites = arena_zalloc(b->arena, n, sizeof(*m->sites));
	if (!m->sites)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!i || by_site(&ids[i - 1], &ids[i], b)) {
			s = &m->sites[m->n_sites++];
			s->peak_bytes = ledger_place_peak(books_ledger(b->rs->books), ids[i]);
			if (new_site(b, s, build_account(b, ids[i])))
				return -ENOMEM;
		}
		add_to_site(b, s, ids[i]);
	}
	/* what turned out to be smaller, or another's, was never so much */
	for (i = 0; i < m->n_sites; i++)
		if (m->sites[i].peak_bytes > m->sites[i].allocated_bytes)
			m->sites[i].peak_bytes = m->sites[i].allocated_bytes;
	qsort(m->sites, m->n_sites, sizeof(*m->sites), shown_order);
	return 0;
}

int build_sites(struct builder *b)
{
	size_t n = ledger_count(books_ledger(b->rs->books)), kept = 0, i, end;
	uint32_t *ids = calloc(n, sizeof(*ids));
	int ret = 0;

	if (!ids)
		return -ENOMEM;
	for (i = 1; i < n; i++)
		if (build_account(b, (uint32_t)i)->what.charge < CHARGE_OVERHEAD &&
		    build_account(b, (uint32_t)i)->allocs)
			ids[kept++] = (uint32_t)i;
	qsort_r(ids, kept, sizeof(*ids), by_site, b);
	for (i = 0; i < kept && !ret; i = end) {
		for (end = i + 1; end < kept && build_account(b, ids[i])->what.row ==
		     build_account(b, ids[end])->what.row; end++)
			;
		ret = module_sites(b, ids + i, end - i);
	}
	free(ids);
	return ret;
}

/* One account's objects, or one page block, that belong to a cache of a row. */
struct cache_part {
	uint32_t row, cache;
	uint64_t size;
	uint32_t account;	/* 0: a page block */
	uint64_t slab_bytes, used;
};

static int by_cache(const void *x, const void *y)
{
	const struct cache_part *p = x, *q = y;
	int c = compare(p->row, q->row);

	if (!c)
		c = compare(p->cache, q->cache);
	return c ? c : compare(p->size, q->size);
}

static int cache_order(const void *x, const void *y)
{
	const struct snap_cache *a = x, *b = y;
	int c = -compare(a->bytes, b->bytes);

	if (!c)
		c = compare_names(a->name, b->name);
	return c ? c : compare(a->object_size, b->object_size);
}

static void add_to_cache(struct builder *b, struct snap_cache *c,
			 const struct cache_part *p)
{
	const struct account *a;

	if (!p->account) {
		c->slabs++;
		c->slab_bytes += p->slab_bytes;
		/* mm/slub.c, order_objects() */
		c->slots += p->size ? p->slab_bytes / p->size : 0;
		c->used += b->used_known ? (int64_t)p->used : 0;
		return;
	}
	a = build_account(b, p->account);
	c->objects += a->live_objects;
	c->bytes += a->live_bytes;
	c->allocs += a->allocs;
	c->frees += a->frees;
	c->evicted += a->evicted;
	c->why |= b->why[p->account];
	if (b->blind[p->account])
		c->free_blind = true;
	if (b->name_listed[p->account])
		c->name_listed = true;
}

static int module_caches(struct builder *b, const struct cache_part *parts, size_t n)
{
	struct snap_module *m = &b->snap->modules[b->module[parts[0].row]];
	struct snap_cache *c = NULL;
	size_t i;

	m->caches = arena_zalloc(b->arena, n, sizeof(*m->caches));
	if (!m->caches)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!i || by_cache(&parts[i - 1], &parts[i])) {
			c = &m->caches[m->n_caches++];
			c->name = build_string(b, parts[i].cache);
			c->object_size = parts[i].size;
			c->used = b->used_known ? 0 : -1;
		}
		add_to_cache(b, c, &parts[i]);
	}
	qsort(m->caches, m->n_caches, sizeof(*m->caches), cache_order);
	return 0;
}

/* All parts, unsorted; NULL: no memory. */
static struct cache_part *cache_parts(struct builder *b, size_t *n)
{
	size_t n_accounts = ledger_count(books_ledger(b->rs->books)), room, at = 0;
	struct pages *pages = books_pages(b->rs->books);
	const struct page_alloc *pa;
	struct cache_part *parts;
	uint32_t i;

	room = n_accounts;
	while ((pa = pages_next(pages, &at)))
		room += pa->slab_of != 0;
	parts = calloc(room, sizeof(*parts));
	if (!parts)
		return NULL;
	*n = 0;
	for (i = 1; i < n_accounts; i++) {
		const struct account *a = build_account(b, i);

		if (a->what.charge != CHARGE_OWN || a->what.kind != KIND_SLAB ||
		    !a->allocs)
			continue;
		parts[*n] = (struct cache_part){
			.row = a->what.row, .cache = b->cache[i],
			.size = a->size, .account = i,
		};
		(*n)++;
	}
	for (at = 0; (pa = pages_next(pages, &at));) {
		if (!pa->slab_of || pa->account == ACCOUNT_OUTSIDE ||
		    build_account(b, pa->slab_of)->what.charge != CHARGE_OWN)
			continue;
		parts[*n] = (struct cache_part){
			.row = build_account(b, pa->account)->what.row,
			.cache = b->cache[pa->slab_of],
			.size = build_account(b, pa->slab_of)->size,
			.slab_bytes = pa->live_pages * books_page_size(b->rs->books),
			.used = b->used[pages_id(pages, pa)],
		};
		(*n)++;
	}
	return parts;
}

int build_caches(struct builder *b)
{
	struct cache_part *parts;
	size_t n, i, end;
	int ret = 0;

	parts = cache_parts(b, &n);
	if (!parts)
		return -ENOMEM;
	qsort(parts, n, sizeof(*parts), by_cache);
	for (i = 0; i < n && !ret; i = end) {
		for (end = i + 1; end < n && parts[end].row == parts[i].row; end++)
			;
		ret = module_caches(b, parts + i, end - i);
	}
	free(parts);
	return ret;
}
