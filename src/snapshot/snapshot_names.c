// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_names.c - names of slab caches that no event told
 *
 * Before 7.x only a free names a cache, before 5.12 nothing does. A recorder's
 * copies of /proc/slabinfo list all caches with the bytes that an object takes,
 * which is what the events have as bytes_alloc (mm/slub.c, s->size). Where one
 * cache alone is of that size, the objects are its own. (Unless theirs was made
 * and destroyed between the copies: so it is told that the name is from there.)
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "companion_read.h"
#include "ledger.h"
#include "procmem.h"
#include "strings_table.h"

/* A cache of slabinfo. */
struct listed {
	uint64_t size;		/* bytes of an object */
	const char *name;	/* not terminated */
	size_t len;
};

struct listing {
	struct listed *caches;
	size_t n, room;
};

static int add_listed(struct listing *l, const struct proc_slab *slab)
{
	char class[64];

	/* these are known by their size, and serve kmalloc alone */
	if (proc_kmalloc_class(slab->name, slab->name_len, class, sizeof(class)))
		return 0;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 256;
		struct listed *more = realloc(l->caches, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->caches = more;
		l->room = room;
	}
	l->caches[l->n++] = (struct listed){
		.size = slab->size, .name = slab->name, .len = slab->name_len,
	};
	return 0;
}

static int by_size(const void *x, const void *y)
{
	const struct listed *a = x, *b = y;

	return (a->size > b->size) - (a->size < b->size);
}

/* The only cache whose objects take @size bytes, NULL: none, or several. */
static const struct listed *only_one(const struct listing *l, uint64_t size)
{
	const struct listed key = { .size = size };
	const struct listed *found, *other;

	found = l->n ? bsearch(&key, l->caches, l->n, sizeof(key), by_size) : NULL;
	if (!found)
		return NULL;
	while (found > l->caches && found[-1].size == size)
		found--;
	for (other = found + 1; other < l->caches + l->n && other->size == size; other++)
		if (other->len != found->len ||
		    memcmp(other->name, found->name, found->len))
			return NULL;
	return found;
}

static int read_listing(const struct builder *b, struct listing *l)
{
	size_t i;

	for (i = 0; i < companion_count(b->rs->companion); i++) {
		const struct companion_item *it = companion_at(b->rs->companion, i);
		const char *text = it->text;
		struct proc_slab slab;

		if (strncmp(it->name, "slabinfo@", 9))
			continue;
		while (proc_slab_next(&text, it->text + it->len, &slab))
			if (add_listed(l, &slab))
				return -ENOMEM;
	}
	if (l->n)
		qsort(l->caches, l->n, sizeof(*l->caches), by_size);
	return 0;
}

int build_names(struct builder *b)
{
	size_t n = ledger_count(books_ledger(b->rs->books));
	struct listing l = { .n = 0 };
	int ret = read_listing(b, &l);
	uint32_t i;

	b->name_listed = arena_zalloc(b->arena, n, sizeof(*b->name_listed));
	if (!b->name_listed)
		ret = -ENOMEM;
	for (i = 1; i < n && !ret && l.n; i++) {
		const struct account *a = build_account(b, i);
		const struct listed *cache;

		if (b->cache[i] || a->kmalloc || a->what.kind != KIND_SLAB || !a->size)
			continue;
		cache = only_one(&l, a->size);
		if (!cache)
			continue;
		b->cache[i] = strings_add(b->rs->strings, cache->name, cache->len);
		if (b->cache[i] == UINT32_MAX)
			ret = -ENOMEM;
		b->name_listed[i] = true;
	}
	free(l.caches);
	return ret;
}
