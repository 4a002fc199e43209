// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_facts.c - per account: what its cache is called, whether its frees
 * can be trusted, how old its oldest object is
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "pages.h"
#include "strings_table.h"

/*
 * Free-blind: where at least one in this many objects whose end is known was
 * given out again without a free, frees of that place or cache go unseen.
 */
#define BLIND_SHARE 10u

/*
 * A cache of the core kernel that is allocated from so often and of which one
 * object in so many, or fewer, is ever seen to go is taken for one that frees
 * in bulk (maple_node, TRAPS B7). Not so a module's: a leak looks just like it.
 */
#define BLIND_ALLOCS	256u
#define BLIND_FREES	64u

/* Sorting account numbers needs their accounts. */
static int by_site(const void *x, const void *y, void *arg)
{
	struct ledger *l = arg;
	const struct account *a = ledger_at(l, *(const uint32_t *)x);
	const struct account *b = ledger_at(l, *(const uint32_t *)y);

	if (a->what.row != b->what.row)
		return a->what.row < b->what.row ? -1 : 1;
	if (a->what.function != b->what.function)
		return a->what.function < b->what.function ? -1 : 1;
	if (a->what.offset != b->what.offset)
		return a->what.offset < b->what.offset ? -1 : 1;
	if (a->what.kind != b->what.kind)
		return a->what.kind < b->what.kind ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return (a->cache < b->cache) - (a->cache > b->cache);
}

static bool one_site(struct ledger *l, uint32_t x, uint32_t y)
{
	const struct account *a = ledger_at(l, x), *b = ledger_at(l, y);

	return a->what.row == b->what.row && a->what.function == b->what.function &&
	       a->what.offset == b->what.offset && a->what.kind == b->what.kind &&
	       a->size == b->size;
}

/*
 * kmalloc's caches as slabinfo calls them: kmalloc-192, kmalloc-1k. 0 where
 * objects are larger than their class, as with slub_debug.
 */
static uint32_t kmalloc_cache(struct builder *b, uint64_t size)
{
	char name[32];

	if ((size & (size - 1)) && size != 96 && size != 192)
		return 0;
	if (size >= 1024 && size % 1024 == 0)
		snprintf(name, sizeof(name), "kmalloc-%lluk",
			 (unsigned long long)(size / 1024));
	else
		snprintf(name, sizeof(name), "kmalloc-%llu",
			 (unsigned long long)size);
	return strings_add(b->rs->strings, name, strlen(name));
}

static bool is_blind(uint64_t frees, uint64_t evicted)
{
	return evicted && evicted * BLIND_SHARE >= frees + evicted;
}

static bool hardly_freed(uint64_t allocs, uint64_t ends)
{
	return allocs >= BLIND_ALLOCS && ends * BLIND_FREES <= allocs;
}

/*
 * Only a free (or, from 7.x, an allocation) names the cache. Accounts of one
 * place and one size share theirs: what one learned is good for all.
 */
static int share_by_site(struct builder *b, uint32_t *ids, size_t n)
{
	struct ledger *l = books_ledger(b->rs->books);
	size_t i, end, j;

	qsort_r(ids, n, sizeof(*ids), by_site, l);
	for (i = 0; i < n; i = end) {
		const struct account *first = build_account(b, ids[i]);
		uint64_t allocs = 0, frees = 0, evicted = 0;
		uint32_t cache = 0;
		bool blind;

		for (end = i; end < n && one_site(l, ids[i], ids[end]); end++) {
			const struct account *a = build_account(b, ids[end]);

			allocs += a->allocs;
			frees += a->frees;
			evicted += a->evicted;
			if (!cache)
				cache = a->cache;
			if (!cache && a->kmalloc && a->what.kind == KIND_SLAB &&
			    a->size) {
				cache = kmalloc_cache(b, a->size);
				if (cache == UINT32_MAX)
					return -ENOMEM;
			}
		}
		blind = is_blind(frees, evicted) ||
			(first->what.row == OWNER_KERNEL && !first->kmalloc &&
			 first->what.kind == KIND_SLAB &&
			 hardly_freed(allocs, frees + evicted));
		for (j = i; j < end; j++) {
			b->cache[ids[j]] = build_account(b, ids[j])->what.kind == KIND_SLAB ?
					   cache : 0;
			b->blind[ids[j]] = blind;
			b->evicts[ids[j]] = evicted != 0;
		}
	}
	return 0;
}

struct cache_sum {
	uint64_t frees, evicted;
};

/* A cache of its own (no kmalloc class) that loses objects loses them for all. */
static int share_by_cache(struct builder *b, size_t n)
{
	size_t n_strings = 0;
	struct cache_sum *sums;
	uint32_t i;

	for (i = 1; i < n; i++)
		if (b->cache[i] >= n_strings)
			n_strings = b->cache[i] + 1u;
	sums = calloc(n_strings + 1, sizeof(*sums));
	if (!sums)
		return -ENOMEM;
	for (i = 1; i < n; i++) {
		const struct account *a = build_account(b, i);

		sums[b->cache[i]].frees += a->frees;
		sums[b->cache[i]].evicted += a->evicted;
	}
	for (i = 1; i < n; i++) {
		const struct cache_sum *s = &sums[b->cache[i]];

		if (b->cache[i] && !build_account(b, i)->kmalloc &&
		    is_blind(s->frees, s->evicted))
			b->blind[i] = true;
	}
	free(sums);
	return 0;
}

static void see(struct builder *b, uint32_t id, uint64_t ts, uint64_t bytes,
		bool suspect)
{
	uint64_t lost = books_stats(b->rs->books)->last_lost_ts;
	struct live_facts *f = &b->facts[id];

	if (ts < f->oldest)
		f->oldest = ts;
	f->suspect |= suspect;
	if (suspect || b->blind[id] || b->lost_untimed ||
	    recorded_filtered(&b->recorded, build_account(b, id)) ||
	    (lost && ts <= lost))
		f->uncertain += bytes;
}

/* Counts the objects in each slab. */
static int fill_slabs(struct builder *b)
{
	const struct objects *os = books_slab(b->rs->books);
	struct pages *pages = books_pages(b->rs->books);
	const struct object *o;
	uint64_t pfn;
	size_t at = 0;
	uint32_t id;

	b->used = arena_zalloc(b->arena, pages_ids(pages) + 1u, sizeof(*b->used));
	if (!b->used)
		return -ENOMEM;
	b->used_known = books_pfn(b->rs->books, UINT64_MAX, &pfn);
	while (b->used_known && (o = objects_next(os, &at))) {
		if ((o->flags & OBJECT_LARGE) || !books_pfn(b->rs->books, o->addr, &pfn))
			continue;
		id = pages_find(pages, pfn);
		if (id != PAGE_ALLOC_NONE)
			b->used[id]++;
	}
	return 0;
}

static void see_objects(struct builder *b, const struct objects *os)
{
	const struct object *o;
	size_t at = 0;

	while ((o = objects_next(os, &at)))
		if (!(o->flags & OBJECT_LARGE))
			see(b, o->account, o->ts, o->bytes,
			    (o->flags & OBJECT_SUSPECT) != 0);
}

int build_facts(struct builder *b)
{
	struct ledger *l = books_ledger(b->rs->books);
	const struct page_alloc *pa;
	size_t n = ledger_count(l), at = 0;
	uint32_t *ids, i;
	int ret;

	b->facts = arena_zalloc(b->arena, n, sizeof(*b->facts));
	b->cache = arena_zalloc(b->arena, n, sizeof(*b->cache));
	b->blind = arena_zalloc(b->arena, n, sizeof(*b->blind));
	b->evicts = arena_zalloc(b->arena, n, sizeof(*b->evicts));
	ids = calloc(n, sizeof(*ids));
	if (!b->facts || !b->cache || !b->blind || !b->evicts || !ids) {
		free(ids);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		b->facts[i].oldest = UINT64_MAX;
		ids[i] = i;
	}
	ret = share_by_site(b, ids + 1, n - 1);
	free(ids);
	if (!ret)
		ret = share_by_cache(b, n);
	if (ret)
		return ret;
	for (i = 1; i < n; i++)
		b->blind[i] |= recorded_missed(&b->recorded, build_account(b, i));
	see_objects(b, books_slab(b->rs->books));
	see_objects(b, books_percpu(b->rs->books));
	see_objects(b, books_areas(b->rs->books));
	ret = fill_slabs(b);
	if (ret)
		return ret;
	while ((pa = pages_next(books_pages(b->rs->books), &at)))
		see(b, pa->account, pa->ts,
		    pa->live_pages * books_page_size(b->rs->books), pa->suspect);
	return 0;
}
