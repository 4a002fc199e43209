// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ledger_places.c - what each site held at most: accounts of one site, whatever
 * their stacks and object sizes, share a place
 */
#include <errno.h>
#include <stdlib.h>

#include "hash.h"
#include "ledger_internal.h"

static uint64_t place_hash(const struct attribution *w)
{
	uint64_t h = hash_add((uint64_t)w->row << 32 | w->function, w->offset);

	return hash64(hash_add(h, (uint64_t)w->via << 16 | (uint64_t)w->kind << 8 |
				  (uint64_t)w->charge));
}

/* As snapshot_sites.c tells sites apart. */
static bool same_place(const struct attribution *a, const struct attribution *b)
{
	return a->row == b->row && a->charge == b->charge && a->kind == b->kind &&
	       a->function == b->function && a->offset == b->offset &&
	       a->via == b->via;
}

static int grow_places(struct ledger *l)
{
	struct ledger_places *p = l->place_index;
	uint32_t room = p->room ? 2 * p->room : 256;
	struct place_books *places = realloc(l->places, room * sizeof(*places));
	struct attribution *what;

	if (!places)
		return -ENOMEM;
	l->places = places;
	what = realloc(p->what, room * sizeof(*what));
	if (!what)
		return -ENOMEM;
	p->what = what;
	p->room = room;
	return 0;
}

uint32_t ledger_find_place(struct ledger *l, uint32_t id)
{
	const struct attribution *what = &l->accounts[id].what;
	struct ledger_places *p = l->place_index;
	uint64_t hash = place_hash(what);
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&p->index, hash, &at)) != HASH_INDEX_END)
		if (same_place(&p->what[i], what))
			return i;
	if (p->n == p->room && grow_places(l))
		return UINT32_MAX;
	l->places[p->n] = (struct place_books){ 0, 0 };
	p->what[p->n] = *what;
	if (hash_index_add(&p->index, hash, p->n))
		return UINT32_MAX;
	return p->n++;
}

void ledger_free_places(struct ledger *l)
{
	free(l->places);
	if (!l->place_index)
		return;
	free(l->place_index->what);
	hash_index_release(&l->place_index->index);
	free(l->place_index);
}

uint64_t ledger_place_peak(const struct ledger *l, uint32_t id)
{
	return l->places[l->accounts[id].place].peak;
}

int ledger_set_kind(struct ledger *l, uint32_t id, enum mem_kind kind)
{
	struct account *a = &l->accounts[id];
	uint32_t place;

	if (a->what.kind == kind)
		return 0;
	a->what.kind = kind;
	place = ledger_find_place(l, id);
	if (place == UINT32_MAX)
		return -ENOMEM;
	l->places[a->place].live -= a->live_bytes;
	a->place = place;
	l->places[place].live += a->live_bytes;
	if (l->places[place].peak < l->places[place].live)
		l->places[place].peak = l->places[place].live;
	return 0;
}
