// SPDX-License-Identifier: GPL-2.0-or-later
#include "leak_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "arena.h"
#include "books.h"
#include "decode.h"
#include "imports.h"
#include "ledger.h"
#include "modmap.h"
#include "pages.h"
#include "sites.h"
#include "snapshot_build.h"
#include "source.h"
#include "strings_table.h"
#include "trend.h"

static void recorded(struct leak_places *places, struct builder *b)
{
	const bool *absent = b->recorded.absent, *missed = b->recorded.missed;

	/* either may free what the other is for, so one that is missed is enough */
	places->no_frees[KIND_SLAB] = missed[RECORDED_KFREE] || missed[RECORDED_CACHE_FREE] ||
		(absent[RECORDED_KFREE] && absent[RECORDED_CACHE_FREE]);
	places->no_frees[KIND_PERCPU] = absent[RECORDED_PERCPU_FREE];
	places->no_frees[KIND_PAGES] = places->no_frees[KIND_DMA] =
		absent[RECORDED_PAGE_FREE];
	places->no_frees[KIND_VMALLOC] = places->no_frees[KIND_PAGES] &&
		!(decoder_formats(b->rs->decoder)->seen & (1u << EVENT_VMALLOC_FREE));
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

/* Of so many objects of a cache one at least has another one beside it. */
#define COMPANION_SHARE 2u

/*
 * What a module takes with each object of such a cache goes with it when it goes
 * (fuse_alloc_inode(): a fuse_forget_link): there is one of each, or of a part of them.
 */
static int find_companions(struct leak_places *places, struct builder *b)
{
	const struct sites *sites = b->rs->sites;
	uint64_t *most = calloc(modmap_rows(books_modmap(b->rs->books)) + 1, sizeof(*most));

	if (!most)
		return -ENOMEM;
	for (uint32_t i = 0; i < sites_count(sites); i++) {
		const struct site *site = sites_at(sites, i);
		const struct leak_place *place = &places->place[i];

		if (place->reclaimable && site->charge == CHARGE_OWN &&
		    site->kind == KIND_SLAB && place->live_objects > most[site->row])
			most[site->row] = place->live_objects;
	}
	for (uint32_t i = 0; i < sites_count(sites); i++) {
		const struct site *site = sites_at(sites, i);
		struct leak_place *place = &places->place[i];

		place->reclaimable |= site->charge == CHARGE_OWN && site->row > OWNER_UNKNOWN &&
				      place->live_objects && site->kind == KIND_SLAB &&
				      place->live_objects <= most[site->row] &&
				      place->live_objects >= most[site->row] / COMPANION_SHARE;
	}
	free(most);
	return 0;
}

static const char *module_name(const struct builder *b, uint32_t row)
{
	return b->snap->modules[b->module[row]].name;
}

/* What grows in a module that is asked for memory back when it is short. */
static void find_shrinkers(struct leak_places *places, struct builder *b)
{
	const struct sites *sites = b->rs->sites;

	for (uint32_t i = 0; i < sites_count(sites); i++) {
		const struct site *site = sites_at(sites, i);
		struct leak_place *place = &places->place[i];

		if (place->trend.verdict == TREND_GROWS && !place->reclaimable &&
		    site->charge == CHARGE_OWN)
			place->reclaimable = imports_shrink(b->rs->imports,
							    module_name(b, site->row));
	}
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
		place->live_objects += a->live_objects;
		place->allocs += a->allocs;
		place->frees += a->frees;
	}
	recorded(places, b);
	if (find_reclaimable(places, b) || find_companions(places, b))
		return -ENOMEM;
	if (find_trends(places, b))
		return -ENOMEM;
	find_shrinkers(places, b);
	return 0;
}

void leak_places_release(struct leak_places *places)
{
	free(places->site);
	free(places->place);
	*places = (struct leak_places){ 0 };
}

/* ---- doubts ----------------------------------------------------------------- */

#define DOUBTS_MAX 2u

static const char *no_module_events(struct builder *b)
{
	char text[160];

	snprintf(text, sizeof(text), "no module events were recorded (%s): no unload is known",
		 advice(ADVICE_MODULE_EVENTS, b->rs->made_by));
	return arena_strdup(b->arena, text);
}

static const char *no_frees(struct builder *b, const struct leak_places *places)
{
	const bool slab = places->no_frees[KIND_SLAB], pages = places->no_frees[KIND_PAGES];
	char text[160];

	snprintf(text, sizeof(text), "frees%s were not recorded: %s",
		 slab && pages ? "" : slab ? " of slab objects" : " of pages",
		 advice(ADVICE_FREES, b->rs->made_by));
	return arena_strdup(b->arena, text);
}

/* What no place that is looked at could say; the rest is in leaks_report.c. */
int build_leak_doubts(struct builder *b, const struct leak_places *places,
		      struct snap_leaks *leaks)
{
	const struct formats *formats = decoder_formats(b->rs->decoder);
	const char **items = arena_zalloc(b->arena, DOUBTS_MAX, sizeof(*items));

	if (!items)
		return -ENOMEM;
	leaks->doubts = items;
	leaks->unloads_unknown = !(formats->seen & (1u << EVENT_MODULE_FREE));
	if (leaks->unloads_unknown)
		items[leaks->n_doubts++] = no_module_events(b);
	if (places->no_frees[KIND_SLAB] || places->no_frees[KIND_PAGES])
		items[leaks->n_doubts++] = no_frees(b, places);
	for (size_t i = 0; i < leaks->n_doubts; i++)
		if (!items[i])
			return -ENOMEM;
	return 0;
}
