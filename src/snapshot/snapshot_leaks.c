// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_leaks.c - everything that is live, judged piece by piece and summed
 * up by place and reason
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "decode.h"
#include "hash.h"
#include "hash_index.h"
#include "leak_facts.h"
#include "leak_rules.h"
#include "leaks.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "pages.h"
#include "sites.h"

/* One end of the ages of a row: when, and by which account (with its stack). */
struct edge {
	uint64_t ts;
	uint32_t account;
};

/* What one instance holds at one place, for one reason. */
struct item {
	uint32_t site;
	uint32_t owner;		/* instance that is gone; else OWNER_NONE */
	enum leak_reason reason;
	uint64_t bytes, objects, left_bytes;
	struct edge oldest, newest;
};

struct leaker {
	struct builder *b;
	struct leak_places *places;
	struct snap_leaks *leaks;
	struct item *items;
	size_t n, room;
	struct hash_index index;
	uint64_t lost_until;
	struct snap_unload **unload;	/* per instance, NULL: it is loaded */
};

static uint64_t item_hash(uint32_t site, uint32_t owner, enum leak_reason reason)
{
	return hash64(hash_add((uint64_t)site << 8 | (uint64_t)reason, owner));
}

static int grow_items(struct leaker *lk)
{
	size_t room = lk->room ? lk->room * 2 : 256;
	struct item *items = realloc(lk->items, room * sizeof(*items));

	if (!items)
		return -ENOMEM;
	lk->items = items;
	lk->room = room;
	return 0;
}

static struct item *find_item(struct leaker *lk, uint32_t site, uint32_t owner,
			      enum leak_reason reason)
{
	uint64_t hash = item_hash(site, owner, reason);
	struct item *it;
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&lk->index, hash, &at)) != HASH_INDEX_END) {
		it = &lk->items[i];
		if (it->site == site && it->owner == owner && it->reason == reason)
			return it;
	}
	if ((lk->n == lk->room && grow_items(lk)) ||
	    hash_index_add(&lk->index, hash, (uint32_t)lk->n))
		return NULL;
	it = &lk->items[lk->n++];
	*it = (struct item){
		.site = site, .owner = owner, .reason = reason,
		.oldest = { .ts = UINT64_MAX },
	};
	return it;
}

/* Of the same time the account that was there first: the same in every run. */
static void widen(struct item *it, const struct edge *oldest, const struct edge *newest)
{
	if (oldest->ts < it->oldest.ts ||
	    (oldest->ts == it->oldest.ts && oldest->account < it->oldest.account))
		it->oldest = *oldest;
	if (newest->ts > it->newest.ts ||
	    (newest->ts == it->newest.ts && newest->account < it->newest.account) ||
	    !it->newest.account)
		it->newest = *newest;
}

static int add(struct leaker *lk, uint32_t account, enum leak_reason reason,
	       uint64_t ts, uint64_t bytes, bool gone)
{
	const struct account *a = build_account(lk->b, account);
	const struct edge edge = { ts, account };
	struct item *it;

	it = find_item(lk, lk->places->site[account], gone ? a->what.owner : OWNER_NONE,
		       reason);
	if (!it)
		return -ENOMEM;
	it->bytes += bytes;
	it->objects++;
	widen(it, &edge, &edge);
	if (!gone || a->what.charge != CHARGE_OWN || reason == LEAK_RCU ||
	    lk->b->pool[account] == POOL_OTHERS)
		return 0;
	it->left_bytes += bytes;
	lk->unload[a->what.owner]->left_bytes += bytes;
	lk->unload[a->what.owner]->left_objects++;
	if (reason == LEAK_UNLOADED)
		lk->unload[a->what.owner]->certain_bytes += bytes;
	return 0;
}

static bool looked_at(const struct leaker *lk, const struct account *a)
{
	return a->what.charge != CHARGE_OVERHEAD &&
	       (a->what.row != OWNER_KERNEL || lk->b->rs->leaks->kernel);
}

/* One live object, or what is left of a block of pages. */
static int judge(struct leaker *lk, uint32_t account, uint64_t ts, uint64_t bytes,
		 bool suspect)
{
	const struct builder *b = lk->b;
	const struct account *a = build_account(b, account);
	const struct leak_places *places = lk->places;
	const struct snap_unload *unload;
	const struct leak_place *place;
	enum leak_reason reason;
	struct leak_facts f;

	if (account == ACCOUNT_OUTSIDE && ts < b->rs->start) {
		lk->leaks->outside_bytes += bytes;
		lk->leaks->outside_objects++;
	}
	if (account == ACCOUNT_OUTSIDE || !looked_at(lk, a))
		return 0;
	place = &places->place[places->site[account]];
	unload = lk->unload[a->what.owner];
	f = (struct leak_facts){
		.own = a->what.charge == CHARGE_OWN,
		.gone = unload != NULL,
		.gone_ns = unload && unload->unloaded_ns > 0 ?
			   (uint64_t)unload->unloaded_ns : 0,
		.unknown = a->what.row == OWNER_UNKNOWN,
		.no_stack = !a->stack && !a->call_site,
		.no_frees = places->no_frees[a->what.kind],
		.filtered = recorded_filtered(&b->recorded, a),
		.blind = b->blind[account],
		.suspect = suspect,
		.unseen = (b->why[account] & BOUND_UNSEEN_FREES) != 0,
		.pool = b->pool[account],
		.reclaimable = place->reclaimable || a->reclaim ||
			       (a->movable && a->what.charge == CHARGE_INDUCED),
		.ts = ts,
		.end = b->rs->end,
		.lost_until = lk->lost_until,
		.older_than = b->rs->leaks->older_than,
		.settle = LEAK_SETTLE_NS * (b->snap->clock_is_ns ? 1u : LEAK_TICKS_PER_NS),
		.trend = place->trend.verdict,
		.allocs = place->allocs,
		.frees = place->frees,
	};
	reason = leak_judge(&f);
	if (reason != LEAK_NONE)
		return add(lk, account, reason, ts, bytes, f.gone);
	if (f.own)
		lk->leaks->in_use_bytes += bytes;
	return 0;
}

static int judge_objects(struct leaker *lk, const struct objects *os)
{
	const struct object *o;
	size_t at = 0;
	int ret = 0;

	while (!ret && (o = objects_next(os, &at)))
		if (!(o->flags & OBJECT_LARGE))
			ret = judge(lk, o->account, o->ts, o->bytes,
				    (o->flags & OBJECT_SUSPECT) != 0);
	return ret;
}

/* What kfree_rcu() got so late that it may be pending yet. */
static int judge_given_up(struct leaker *lk)
{
	const struct objects *os = books_given_up(lk->b->rs->books);
	uint64_t end = lk->b->rs->end;
	const struct object *o;
	size_t at = 0;
	int ret = 0;

	while (!ret && (o = objects_next(os, &at))) {
		const struct account *a = build_account(lk->b, o->account);

		if (o->account != ACCOUNT_OUTSIDE && looked_at(lk, a) &&
		    o->ts <= end && end - o->ts < LEAK_RCU_NS)
			ret = add(lk, o->account, LEAK_RCU, o->ts, o->bytes,
				  lk->unload[a->what.owner] != NULL);
	}
	return ret;
}

static int judge_all(struct leaker *lk)
{
	struct books *books = lk->b->rs->books;
	const struct page_alloc *pa;
	size_t at = 0;
	int ret;

	ret = judge_objects(lk, books_slab(books));
	if (!ret)
		ret = judge_objects(lk, books_percpu(books));
	if (!ret)
		ret = judge_objects(lk, books_areas(books));
	/* a vmalloc area was judged as a whole: not once more, page by page */
	while (!ret && (pa = pages_next(books_pages(books), &at)))
		if (!pa->of_area)
			ret = judge(lk, pa->account, pa->ts,
				    pa->live_pages * books_page_size(books), pa->suspect);
	return ret ? ret : judge_given_up(lk);
}

/* Every removal there was, in the order in which the modules were loaded. */
static int list_unloads(struct leaker *lk)
{
	struct builder *b = lk->b;
	const struct modmap *mm = books_modmap(b->rs->books);
	size_t n = modmap_count(mm);
	uint32_t *loads = calloc(modmap_rows(mm) + 1, sizeof(*loads));

	lk->unload = calloc(n + 1, sizeof(struct snap_unload *));
	lk->leaks->unloads = arena_zalloc(b->arena, n, sizeof(*lk->leaks->unloads));
	if (!loads || !lk->unload || !lk->leaks->unloads) {
		free(loads);
		return -ENOMEM;
	}
	for (uint32_t i = OWNER_UNKNOWN + 1; i < n; i++) {
		const struct module_instance *mi = modmap_instance(mm, i);
		struct snap_unload *u = &lk->leaks->unloads[lk->leaks->n_unloads];

		loads[mi->row]++;
		if (mi->state != MODULE_UNLOADED)
			continue;
		*u = (struct snap_unload){
			.module = b->module[mi->row],
			.load = loads[mi->row],
			.loaded_ns = mi->loaded_ns ? (int64_t)mi->loaded_ns : -1,
			.unloaded_ns = mi->unloaded_ns ? (int64_t)mi->unloaded_ns : -1,
			.placed = mi->has_range && !mi->assumed,
		};
		lk->unload[i] = u;
		lk->leaks->n_unloads++;
	}
	free(loads);
	return 0;
}

static int by_row(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	return (a->owner > b->owner) - (a->owner < b->owner);
}

static int compare_names(const char *a, const char *b)
{
	return !a || !b ? !a - !b : strcmp(a, b);
}

static int shown_order(const void *x, const void *y)
{
	const struct snap_leak *a = x, *b = y;
	enum leak_class ca = leak_reason_class(a->reason);
	enum leak_class cb = leak_reason_class(b->reason);
	int c;

	if (ca != cb)
		return ca < cb ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	if (a->module != b->module)
		return a->module < b->module ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	c = compare_names(a->function, b->function);
	if (c)
		return c;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	c = compare_names(a->via, b->via);
	return c ? c : (int)a->charge - (int)b->charge;
}

/* The items of one place and reason. */
static int make_row(struct leaker *lk, struct snap_leak *row, struct item *items, size_t n)
{
	const struct leak_place *place = &lk->places->place[items->site];
	const struct site *site = sites_at(lk->b->rs->sites, items->site);
	struct builder *b = lk->b;
	const struct shown_place shown = build_place(b, site->row, site->function,
						     site->offset);
	struct item sum = *items;

	*row = (struct snap_leak){
		.module = b->module[site->row],
		.reason = items->reason,
		.function = build_string(b, site->function),
		.kind = site->kind,
		.charge = site->charge,
		.via = build_string(b, site->via),
		.allocs = place->allocs,
		.frees = place->frees,
		.trend = place->trend,
	};
	for (size_t i = 0; i < n; i++) {
		row->bytes += items[i].bytes;
		row->objects += items[i].objects;
		row->left_bytes += items[i].left_bytes;
		row->unloads += items[i].left_bytes != 0;
		widen(&sum, &items[i].oldest, &items[i].newest);
	}
	row->offset = shown.offset;
	row->number = shown.number;
	row->no_offset = shown.no_offset;
	row->oldest_ns = sum.oldest.ts;
	row->newest_ns = sum.newest.ts;
	if (!row->via || (site->function && !row->function))
		return -ENOMEM;
	if (build_frames(b, build_account(b, sum.oldest.account), NULL,
			 &row->first, &row->n_first))
		return -ENOMEM;
	return build_frames(b, build_account(b, sum.newest.account), NULL,
			    &row->last, &row->n_last);
}

static int list_rows(struct leaker *lk)
{
	struct snap_leaks *leaks = lk->leaks;
	size_t i, end;

	if (lk->n)
		qsort(lk->items, lk->n, sizeof(*lk->items), by_row);
	leaks->rows = arena_zalloc(lk->b->arena, lk->n, sizeof(*leaks->rows));
	if (!leaks->rows)
		return -ENOMEM;
	for (i = 0; i < lk->n; i = end) {
		for (end = i + 1; end < lk->n && lk->items[end].site == lk->items[i].site &&
		     lk->items[end].reason == lk->items[i].reason; end++)
			;
		if (make_row(lk, &leaks->rows[leaks->n_rows++], &lk->items[i], end - i))
			return -ENOMEM;
	}
	if (leaks->n_rows)
		qsort(leaks->rows, leaks->n_rows, sizeof(*leaks->rows), shown_order);
	return 0;
}

static int steepest(const void *x, const void *y)
{
	const struct snap_soak *a = x, *b = y;
	int c;

	if (a->trend.verdict != b->trend.verdict)
		return a->trend.verdict > b->trend.verdict ? -1 : 1;
	if (a->trend.slope != b->trend.slope)
		return a->trend.slope > b->trend.slope ? -1 : 1;
	if (a->live_bytes != b->live_bytes)
		return a->live_bytes > b->live_bytes ? -1 : 1;
	if (a->module != b->module)
		return a->module < b->module ? -1 : 1;
	c = compare_names(a->function, b->function);
	if (c)
		return c;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	c = compare_names(a->via, b->via);
	return c ? c : (int)a->charge - (int)b->charge;
}

/* Places that hold anything, with their trends. */
static int list_soak(struct leaker *lk)
{
	const struct sites *sites = lk->b->rs->sites;
	struct snap_leaks *leaks = lk->leaks;
	struct builder *b = lk->b;

	leaks->soak = arena_zalloc(b->arena, sites_count(sites), sizeof(*leaks->soak));
	if (!leaks->soak)
		return -ENOMEM;
	for (uint32_t i = 0; i < sites_count(sites); i++) {
		const struct site *site = sites_at(sites, i);
		const struct leak_place *place = &lk->places->place[i];
		struct snap_soak *s = &leaks->soak[leaks->n_soak];
		struct shown_place shown;

		if (!site->bytes || !place->live_bytes)
			continue;
		shown = build_place(b, site->row, site->function, site->offset);
		*s = (struct snap_soak){
			.module = b->module[site->row],
			.function = build_string(b, site->function),
				.kind = site->kind,
			.charge = site->charge,
			.via = build_string(b, site->via),
			.live_bytes = place->live_bytes,
			.allocs = place->allocs,
			.frees = place->frees,
			.trend = place->trend,
		};
		s->offset = shown.offset;
		s->number = shown.number;
		s->no_offset = shown.no_offset;
		if (!s->via || (site->function && !s->function))
			return -ENOMEM;
		leaks->n_soak++;
	}
	if (leaks->n_soak)
		qsort(leaks->soak, leaks->n_soak, sizeof(*leaks->soak), steepest);
	return 0;
}

static int judge_and_list(struct leaker *lk)
{
	int ret = list_unloads(lk);

	if (!ret)
		ret = judge_all(lk);
	if (!ret)
		ret = list_rows(lk);
	if (!ret)
		ret = list_soak(lk);
	return ret ? ret : build_leak_doubts(lk->b, lk->places, lk->leaks);
}

int build_leaks(struct builder *b)
{
	const struct replay_state *rs = b->rs;
	struct leaker lk = {
		.b = b,
		.lost_until = b->lost_untimed ? UINT64_MAX :
			      books_stats(rs->books)->last_lost_ts,
	};
	struct leak_places places;
	int ret;

	lk.leaks = arena_zalloc(b->arena, 1, sizeof(*lk.leaks));
	if (!lk.leaks)
		return -ENOMEM;
	b->snap->leaks = lk.leaks;
	lk.leaks->older_than = rs->leaks->older_than;
	lk.leaks->every = sites_every(rs->sites);
	lk.leaks->samples = (uint32_t)sites_samples(rs->sites);
	ret = leak_places_make(&places, b);
	lk.places = &places;
	if (!ret)
		ret = judge_and_list(&lk);
	leak_places_release(&places);
	free(lk.unload);
	free(lk.items);
	hash_index_release(&lk.index);
	return ret;
}
