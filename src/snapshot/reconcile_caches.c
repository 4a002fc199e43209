// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconcile_caches.c - two copies of slabinfo, and who took the difference
 *
 * Objects are matched with caches by name. A recording does not tell the kmalloc
 * caches of one size apart (kmalloc-1k, kmalloc-cg-1k, ...): they are one row.
 * An object whose cache was never named belongs to the one cache that has
 * objects of its size, if there is only one.
 */
#include "reconcile_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "companion_read.h"
#include "ledger.h"
#include "procmem.h"
#include "snapshot_build.h"
#include "strings_table.h"

#define LINES_MAX	4096u	/* of one slabinfo; kernels have a few hundred */
#define CLASS_MAX	32u
#define NONE		UINT32_MAX

/* A line of one of the two. */
struct slab_line {
	struct proc_slab slab;
	char class[CLASS_MAX];	/* of kmalloc, "" */
	bool after;
};

/* What a line is grouped by. */
static const char *key(const struct slab_line *line)
{
	return line->class[0] ? line->class : line->slab.name;
}

static size_t key_len(const struct slab_line *line)
{
	return line->class[0] ? strlen(line->class) : line->slab.name_len;
}

struct group {
	const struct slab_line *lines;
	size_t n_lines;
	struct reconcile_cache cache;
};

struct caches {
	struct builder *b;
	struct slab_line *lines;
	size_t n_lines;
	struct group *groups;	/* sorted by key */
	size_t n_groups;
};

static int compare_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return c ? c : (a_len > b_len) - (a_len < b_len);
}

static int by_key(const void *x, const void *y)
{
	const struct slab_line *a = x, *b = y;
	int c = compare_text(key(a), key_len(a), key(b), key_len(b));

	if (!c)
		c = compare_text(a->slab.name, a->slab.name_len, b->slab.name,
				 b->slab.name_len);
	return c ? c : a->after - b->after;
}

static void read_lines(struct caches *cs, const struct companion_item *it, bool after)
{
	const char *text = it->text, *end = it->text + it->len;
	struct proc_slab slab;

	for (size_t n = 0; n < LINES_MAX && proc_slab_next(&text, end, &slab); n++) {
		struct slab_line *line = &cs->lines[cs->n_lines++];

		line->slab = slab;
		line->after = after;
		proc_kmalloc_class(slab.name, slab.name_len, line->class,
				   sizeof(line->class));
	}
}

static void add_line(struct reconcile_cache *rc, const struct slab_line *line)
{
	const struct proc_slab *s = &line->slab;

	rc->size = s->size;
	if (line->after) {
		rc->active_after += s->active;
		rc->slots_after += s->objects;
		rc->pages_after += s->slabs * s->slab_pages;
	} else {
		rc->active_before += s->active;
		rc->slots_before += s->objects;
		rc->pages_before += s->slabs * s->slab_pages;
	}
}

static int make_groups(struct caches *cs)
{
	struct group *g = NULL;
	size_t i;

	cs->groups = calloc(cs->n_lines + 1, sizeof(*cs->groups));
	if (!cs->groups)
		return -ENOMEM;
	qsort(cs->lines, cs->n_lines, sizeof(*cs->lines), by_key);
	for (i = 0; i < cs->n_lines; i++) {
		struct slab_line *line = &cs->lines[i];

		if (!g || compare_text(key(g->lines), key_len(g->lines), key(line),
				       key_len(line))) {
			g = &cs->groups[cs->n_groups++];
			g->lines = line;
		}
		g->n_lines++;
		add_line(&g->cache, line);
	}
	return 0;
}

static uint32_t find_name(const struct caches *cs, const char *name)
{
	size_t low = 0, high = cs->n_groups, len = strlen(name);

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct slab_line *line = cs->groups[mid].lines;
		int c = compare_text(key(line), key_len(line), name, len);

		if (!c)
			return (uint32_t)mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NONE;
}

/* The one cache with objects of @size bytes, of kmalloc or not; NONE: not one. */
static uint32_t find_size(const struct caches *cs, uint64_t size, bool kmalloc)
{
	uint32_t found = NONE;

	for (uint32_t i = 0; i < cs->n_groups; i++) {
		const struct group *g = &cs->groups[i];

		if (g->cache.size != size || kmalloc != (g->lines->class[0] != '\0'))
			continue;
		if (found != NONE)
			return NONE;
		found = i;
	}
	return found;
}

static uint32_t find_group(struct caches *cs, uint32_t id, bool *by_size)
{
	const struct account *a = build_account(cs->b, id);
	uint32_t name = cs->b->cache[id], found = NONE;
	char class[CLASS_MAX];
	const char *text;

	*by_size = false;
	if (name) {
		text = strings_get(cs->b->rs->strings, name);
		if (proc_kmalloc_class(text, strlen(text), class, sizeof(class)))
			text = class;
		found = find_name(cs, text);
	}
	if (found == NONE && (!name || a->kmalloc)) {
		found = find_size(cs, a->size, a->kmalloc);
		*by_size = found != NONE;
	}
	return found;
}

/* What each account holds, in the order of its cache's group. */
struct group_taking {
	uint32_t group;
	struct taking taking;
};

static int by_group(const void *x, const void *y)
{
	const struct group_taking *a = x, *b = y;

	return (a->group > b->group) - (a->group < b->group);
}

static size_t collect(struct caches *cs, struct reconcile *r, struct group_taking *list)
{
	size_t n = ledger_count(books_ledger(cs->b->rs->books)), count = 0;
	bool by_size;

	for (uint32_t i = 1; i < n; i++) {
		const struct account *a = build_account(cs->b, i);
		struct reconcile_cache *rc;
		uint32_t group;

		if (a->what.kind != KIND_SLAB || !a->live_objects)
			continue;
		group = find_group(cs, i, &by_size);
		if (group == NONE) {
			r->unnamed_objects += a->live_objects;
			r->unnamed_bytes += a->live_bytes;
			continue;
		}
		rc = &cs->groups[group].cache;
		rc->by_size |= by_size;
		rc->free_blind |= cs->b->blind[i];
		rc->explained += (int64_t)a->live_objects;
		list[count++] = (struct group_taking) {
			.group = group,
			.taking = { i, a->live_bytes, a->live_objects },
		};
	}
	return count;
}

static int set_takers(struct caches *cs, struct group_taking *list, size_t n)
{
	struct taking *takings = calloc(n + 1, sizeof(*takings));
	size_t i, end;
	int ret = takings ? 0 : -ENOMEM;

	if (n)
		qsort(list, n, sizeof(*list), by_group);
	for (i = 0; i < n && !ret; i = end) {
		struct reconcile_cache *rc = &cs->groups[list[i].group].cache;

		for (end = i; end < n && list[end].group == list[i].group; end++)
			takings[end - i] = list[end].taking;
		ret = takers_build(cs->b, takings, end - i, &rc->takers, &rc->n_takers);
	}
	free(takings);
	return ret;
}

/* Frees of what was there before, where they named the cache. */
static void set_freed(struct caches *cs, struct reconcile *r)
{
	size_t n = strings_count(cs->b->rs->strings);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t freed = books_older_freed(cs->b->rs->books, i);
		uint32_t group;

		if (!freed)
			continue;
		group = i ? find_name(cs, strings_get(cs->b->rs->strings, i)) : NONE;
		if (group == NONE) {
			r->unnamed_freed += freed;
			continue;
		}
		cs->groups[group].cache.freed_before += freed;
		cs->groups[group].cache.explained -= (int64_t)freed;
	}
}

static int set_names(struct caches *cs, struct group *g)
{
	struct arena *arena = cs->b->arena;
	const char *list = "";

	g->cache.name = arena_printf(arena, "%.*s", (int)key_len(g->lines),
				     key(g->lines));
	if (!g->cache.name)
		return -ENOMEM;
	if (!g->lines->class[0])
		return 0;
	/* which of them, one line before and one after each */
	for (size_t i = 0, end; i < g->n_lines; i = end) {
		const struct proc_slab *s = &g->lines[i].slab;
		int64_t growth = 0;

		for (end = i; end < g->n_lines &&
		     !compare_text(s->name, s->name_len, g->lines[end].slab.name,
				   g->lines[end].slab.name_len); end++)
			growth += (g->lines[end].after ? 1 : -1) *
				  (int64_t)g->lines[end].slab.active;
		if (!growth)
			continue;
		list = arena_printf(arena, "%s%s%.*s %+lld", list, *list ? ", " : "",
				    (int)s->name_len, s->name, (long long)growth);
		if (!list)
			return -ENOMEM;
	}
	g->cache.variants = *list ? list : NULL;
	return 0;
}

static bool is_changed(const struct reconcile_cache *rc)
{
	return rc->active_before != rc->active_after ||
	       rc->slots_before != rc->slots_after ||
	       rc->pages_before != rc->pages_after || rc->explained ||
	       rc->freed_before || rc->n_takers;
}

static int64_t growth(const struct reconcile_cache *rc)
{
	return ((int64_t)rc->active_after - (int64_t)rc->active_before) * (int64_t)rc->size;
}

static int by_growth(const void *x, const void *y)
{
	const struct reconcile_cache *a = x, *b = y;
	int64_t ga = growth(a), gb = growth(b);

	if (ga != gb)
		return ga < gb ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int keep_changed(struct caches *cs, struct reconcile *r)
{
	struct reconcile_cache *list = arena_zalloc(cs->b->arena, cs->n_groups + 1,
						    sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < cs->n_groups; i++) {
		struct group *g = &cs->groups[i];

		if (!is_changed(&g->cache))
			continue;
		if (set_names(cs, g))
			return -ENOMEM;
		list[r->n_caches++] = g->cache;
	}
	qsort(list, r->n_caches, sizeof(*list), by_growth);
	r->caches = list;
	return 0;
}

int reconcile_caches(struct builder *b, struct reconcile *r)
{
	const struct companion_item *before = companion_find(b->rs->companion, "slabinfo@before");
	const struct companion_item *after = companion_find(b->rs->companion, "slabinfo@after");
	struct caches cs = { .b = b };
	struct group_taking *list;
	int ret = -ENOMEM;

	if (!before || !after)
		return 0;
	r->slabinfo = true;
	cs.lines = calloc(2 * LINES_MAX, sizeof(*cs.lines));
	list = calloc(ledger_count(books_ledger(b->rs->books)), sizeof(*list));
	if (cs.lines && list) {
		read_lines(&cs, before, false);
		read_lines(&cs, after, true);
		ret = make_groups(&cs);
	}
	if (!ret)
		ret = set_takers(&cs, list, collect(&cs, r, list));
	if (!ret) {
		set_freed(&cs, r);
		ret = keep_changed(&cs, r);
	}
	free(cs.groups);
	free(cs.lines);
	free(list);
	return ret;
}
