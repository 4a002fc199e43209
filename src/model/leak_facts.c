// SPDX-License-Identifier: GPL-2.0-or-later
#include "leak_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "decode.h"
#include "ledger.h"
#include "modmap.h"
#include "pages.h"
#include "sites.h"
#include "snapshot_build.h"
#include "source.h"
#include "strings_table.h"
#include "trend.h"

/*
 * So many allocations and not one free, of anyone: frees were not recorded,
 * although the file describes their event.
 */
#define FREES_EXPECTED 256u

static bool frees_recorded(const struct builder *b, enum event_type free,
			   uint64_t allocs)
{
	if (!(decoder_formats(b->rs->decoder)->seen & (1u << free)))
		return false;
	return allocs < FREES_EXPECTED ||
	       decoder_stats(b->rs->decoder)->met & (1u << free);
}

static void recorded(struct leak_places *places, struct builder *b)
{
	const struct books_stats *stats = books_stats(b->rs->books);
	struct ledger *l = books_ledger(b->rs->books);
	uint64_t allocs[KIND_MAX] = { 0 };
	bool covered = build_covered(b, "rcu_free") && build_covered(b, "bulk_free");

	for (uint32_t i = 1; i < ledger_count(l); i++)
		allocs[ledger_at(l, i)->what.kind] += ledger_at(l, i)->allocs;
	places->no_frees[KIND_SLAB] = !frees_recorded(b, EVENT_SLAB_FREE, allocs[KIND_SLAB]);
	places->no_frees[KIND_PERCPU] =
		!frees_recorded(b, EVENT_PERCPU_FREE, allocs[KIND_PERCPU]);
	places->no_frees[KIND_PAGES] = places->no_frees[KIND_DMA] =
		!frees_recorded(b, EVENT_PAGE_FREE, allocs[KIND_PAGES]);
	places->no_frees[KIND_VMALLOC] = places->no_frees[KIND_PAGES] &&
		!(decoder_formats(b->rs->decoder)->seen & (1u << EVENT_VMALLOC_FREE));
	/* an object of a bulk that was too large for the probe is of some cache */
	places->unseen[true] = !covered;
	places->unseen[false] = !covered || stats->bulk_free_missed;
}

/* Places and caches whose slabs are of the kind that a shrinker empties. */
static int find_reclaimable(struct leak_places *places, struct builder *b)
{
	struct pages *pages = books_pages(b->rs->books);
	struct ledger *l = books_ledger(b->rs->books);
	const struct page_alloc *pa;
	bool *cache;
	size_t at = 0;

	cache = calloc(strings_count(b->rs->strings) + 1, sizeof(*cache));
	if (!cache)
		return -ENOMEM;
	while ((pa = pages_next(pages, &at))) {
		if (!pa->slab_of || !ledger_at(l, pa->account)->reclaim ||
		    ledger_at(l, pa->slab_of)->what.charge == CHARGE_OVERHEAD)
			continue;
		places->place[places->site[pa->slab_of]].reclaimable = true;
		if (b->cache[pa->slab_of])
			cache[b->cache[pa->slab_of]] = true;
	}
	for (uint32_t i = 1; i < ledger_count(l); i++)
		if (places->site[i] != SITE_NONE && cache[b->cache[i]] &&
		    !ledger_at(l, i)->kmalloc)
			places->place[places->site[i]].reclaimable = true;
	free(cache);
	return 0;
}

static int find_trends(struct leak_places *places, struct builder *b)
{
	const struct sites *sites = b->rs->sites;

	for (uint32_t i = 0; i < sites_count(sites); i++) {
		struct leak_place *place = &places->place[i];
		const uint64_t *bytes = sites_at(sites, i)->bytes;

		place->trend.p = 1;
		/* of a clock that is none nothing can be said */
		if (!bytes || !place->live_bytes || !b->snap->clock_is_ns)
			continue;
		if (trend_of(bytes, sites_samples(sites), sites_every(sites),
			     &place->trend))
			return -ENOMEM;
	}
	return 0;
}

int leak_places_make(struct leak_places *places, struct builder *b)
{
	struct ledger *l = books_ledger(b->rs->books);
	size_t n = ledger_count(l);
	int err = 0;

	*places = (struct leak_places){ .site = calloc(n, sizeof(*places->site)) };
	if (!places->site)
		return -ENOMEM;
	for (uint32_t i = 0; i < n && !err; i++)
		places->site[i] = sites_of(b->rs->sites, l, i, &err);
	places->place = calloc(sites_count(b->rs->sites) + 1, sizeof(*places->place));
	if (err || !places->place)
		return -ENOMEM;
	for (uint32_t i = 1; i < n; i++) {
		const struct account *a = ledger_at(l, i);
		struct leak_place *place;

		if (places->site[i] == SITE_NONE)
			continue;
		place = &places->place[places->site[i]];
		place->live_bytes += a->live_bytes;
		place->allocs += a->allocs;
		place->frees += a->frees;
	}
	recorded(places, b);
	if (find_reclaimable(places, b))
		return -ENOMEM;
	return find_trends(places, b);
}

void leak_places_release(struct leak_places *places)
{
	free(places->site);
	free(places->place);
	*places = (struct leak_places){ 0 };
}

/* ---- doubts ----------------------------------------------------------------- */

#define DOUBTS_MAX 4u

struct doubts {
	const char *items[DOUBTS_MAX];
	size_t n;
	bool failed;
};

static void doubt(struct doubts *d, const char *text)
{
	d->failed |= !text;
	if (text && d->n < DOUBTS_MAX)
		d->items[d->n++] = text;
}

/* Modules whose removal was seen, but not where they had been. */
static const char *unplaced(struct builder *b, const struct snap_leaks *leaks)
{
	bool *named = arena_zalloc(b->arena, b->snap->n_modules, sizeof(*named));
	char names[256] = "";
	size_t len = 0, n = 0;

	if (!named)
		return NULL;
	for (size_t i = 0; i < leaks->n_unloads; i++) {
		uint32_t module = leaks->unloads[i].module;
		const char *name = b->snap->modules[module].name;

		if (leaks->unloads[i].placed || named[module])
			continue;
		named[module] = true;
		n++;
		if (len + strlen(name) + 8 < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len,
						"%s%s", len ? ", " : "", name);
	}
	if (!n)
		return "";
	return arena_printf(b->arena, "nothing says where the code of %s had been: what it left, init apart, is in [unknown]",
			    names);
}

int build_leak_doubts(struct builder *b, const struct leak_places *places,
		      struct snap_leaks *leaks)
{
	const struct formats *formats = decoder_formats(b->rs->decoder);
	uint64_t left = 0, certain = 0;
	struct doubts d = { .n = 0 };
	const char **items, *text;

	for (size_t i = 0; i < leaks->n_unloads; i++) {
		left += leaks->unloads[i].left_bytes;
		certain += leaks->unloads[i].certain_bytes;
	}
	if (!(formats->seen & (1u << EVENT_MODULE_FREE)))
		doubt(&d, "no module events were recorded (-e module): no unload is known");
	text = unplaced(b, leaks);
	if (!text || *text)
		doubt(&d, text);
	if (left > certain)
		doubt(&d, arena_printf(b->arena, "%llu bytes of unloaded modules may be leaked or not",
				       (unsigned long long)(left - certain)));
	if (places->no_frees[KIND_SLAB] || places->no_frees[KIND_PAGES])
		doubt(&d, places->no_frees[KIND_SLAB] && places->no_frees[KIND_PAGES] ?
		      "frees were not recorded" : places->no_frees[KIND_SLAB] ?
		      "frees of slab objects were not recorded" :
		      "frees of pages were not recorded");
	items = arena_zalloc(b->arena, d.n, sizeof(*items));
	if (d.failed || !items)
		return -ENOMEM;
	memcpy(items, d.items, d.n * sizeof(*items));
	leaks->doubts = items;
	leaks->n_doubts = d.n;
	return 0;
}
