// SPDX-License-Identifier: GPL-2.0-or-later
#include "ledger_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "modmap.h"
#include "objects.h"
#include "series.h"

struct ledger *ledger_new(void)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->room = 256;
	l->n = 1;	/* ACCOUNT_OUTSIDE */
	l->n_slots = 1024;
	l->accounts = calloc(l->room, sizeof(*l->accounts));
	l->memos = calloc(l->n_slots, sizeof(*l->memos));
	if (!l->accounts || !l->memos) {
		ledger_free(l);
		return NULL;
	}
	l->accounts[ACCOUNT_OUTSIDE].what.owner = OWNER_NONE;
	l->accounts[ACCOUNT_OUTSIDE].place = ledger_find_place(l, ACCOUNT_OUTSIDE);
	if (l->accounts[ACCOUNT_OUTSIDE].place == UINT32_MAX) {
		ledger_free(l);
		return NULL;
	}
	return l;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	free(l->accounts);
	free(l->memos);
	free(l->rows);
	ledger_free_places(l);
	free(l);
}

uint64_t ledger_key_hash(const struct account_key *k)
{
	uint64_t h = hash_add(k->call_site, k->size);

	h = hash_add(h, (uint64_t)k->stack << 32 | (uint32_t)k->pid);
	return hash64(hash_add(h, (uint64_t)k->loading << 16 |
				  (uint64_t)k->type << 8 | k->flags));
}

static bool key_equal(const struct account_key *a, const struct account_key *b)
{
	return a->call_site == b->call_site && a->size == b->size &&
	       a->stack == b->stack && a->pid == b->pid &&
	       a->loading == b->loading && a->type == b->type &&
	       a->flags == b->flags;
}

static int grow_memos(struct ledger *l)
{
	size_t n_slots = l->n_slots * 2, i, at;
	struct memo *memos = calloc(n_slots, sizeof(*memos));

	if (!memos)
		return -ENOMEM;
	for (i = 0; i < l->n_slots; i++) {
		if (!l->memos[i].used)
			continue;
		at = ledger_key_hash(&l->memos[i].key) & (n_slots - 1);
		while (memos[at].used)
			at = (at + 1) & (n_slots - 1);
		memos[at] = l->memos[i];
	}
	free(l->memos);
	l->memos = memos;
	l->n_slots = n_slots;
	return 0;
}

static uint32_t new_account(struct ledger *l, const struct account_key *key,
			    uint32_t epoch, const struct attribution *what)
{
	struct account *a;

	if (l->n == OBJECT_ACCOUNTS_MAX)	/* objects hold no larger number */
		return UINT32_MAX;
	if (l->n == l->room) {
		a = realloc(l->accounts, 2 * (size_t)l->room * sizeof(*a));
		if (!a)
			return UINT32_MAX;
		l->accounts = a;
		l->room *= 2;
	}
	a = &l->accounts[l->n];
	memset(a, 0, sizeof(*a));
	a->what = *what;
	a->stack = key->stack;
	a->epoch = epoch;
	a->call_site = key->call_site;
	a->size = key->size;
	a->pid = key->pid;
	a->kmalloc = (key->flags & EVENT_KMALLOC) != 0;
	a->movable = (key->flags & EVENT_MOVABLE) != 0;
	a->reclaim = (key->flags & EVENT_RECLAIM) != 0;
	a->place = ledger_find_place(l, l->n);
	return a->place == UINT32_MAX ? UINT32_MAX : l->n++;
}

static bool same_charge(const struct attribution *a, const struct attribution *b)
{
	return a->owner == b->owner && a->charge == b->charge &&
	       a->kind == b->kind && a->overhead == b->overhead &&
	       a->function == b->function && a->offset == b->offset &&
	       a->via == b->via;
}

uint32_t ledger_account(struct ledger *l, const struct account_key *key,
			uint32_t epoch,
			int (*resolve)(void *arg, const struct account_key *key,
				       struct attribution *what),
			void *arg)
{
	size_t at = ledger_key_hash(key) & (l->n_slots - 1);
	struct attribution what;
	struct memo *m;

	for (; l->memos[at].used; at = (at + 1) & (l->n_slots - 1)) {
		m = &l->memos[at];
		if (!key_equal(&m->key, key))
			continue;
		if (m->epoch == epoch ||
		    !l->accounts[m->account].what.volatile_map)
			return m->account;
		if (resolve(arg, key, &what))
			return UINT32_MAX;
		if (!same_charge(&what, &l->accounts[m->account].what)) {
			uint32_t id = new_account(l, key, epoch, &what);

			if (id == UINT32_MAX)
				return UINT32_MAX;
			m->account = id;
		}
		m->epoch = epoch;
		return m->account;
	}

	if (l->n_memos >= l->n_slots / 2) {
		if (grow_memos(l))
			return UINT32_MAX;
		at = ledger_key_hash(key) & (l->n_slots - 1);
		while (l->memos[at].used)
			at = (at + 1) & (l->n_slots - 1);
	}
	if (resolve(arg, key, &what))
		return UINT32_MAX;
	m = &l->memos[at];
	m->account = new_account(l, key, epoch, &what);
	if (m->account == UINT32_MAX)
		return UINT32_MAX;
	m->key = *key;
	m->epoch = epoch;
	m->used = true;
	l->n_memos++;
	return m->account;
}

size_t ledger_count(const struct ledger *l)
{
	return l->n;
}

struct account *ledger_at(struct ledger *l, uint32_t id)
{
	return &l->accounts[id];
}

struct row_books ledger_row(const struct ledger *l, uint32_t row)
{
	static const struct row_books none;

	return row < l->n_rows ? l->rows[row] : none;
}

static struct row_books *row_books(struct ledger *l, uint32_t row)
{
	size_t n = l->n_rows ? l->n_rows : 16;
	struct row_books *rows;

	if (row < l->n_rows)
		return &l->rows[row];
	while (n <= row)
		n *= 2;
	rows = realloc(l->rows, n * sizeof(*rows));
	if (!rows)
		return NULL;
	memset(rows + l->n_rows, 0, (n - l->n_rows) * sizeof(*rows));
	l->rows = rows;
	l->n_rows = n;
	return &rows[row];
}

void ledger_follow(struct ledger *l, struct series *series)
{
	l->series = series;
}

int ledger_add(struct ledger *l, uint32_t id, uint64_t bytes, uint64_t requested,
	       uint64_t ts)
{
	struct account *a = &l->accounts[id];
	struct place_books *place;
	struct row_books *ob;

	if (l->series && id != ACCOUNT_OUTSIDE)
		series_account(l->series, id, a->what.row, a->live_bytes);
	a->allocs++;
	a->allocated_bytes += bytes;
	a->live_bytes += bytes;
	a->live_objects++;
	a->live_requested += requested;
	place = &l->places[a->place];
	place->live += bytes;
	if (place->live > place->peak)
		place->peak = place->live;
	if (id == ACCOUNT_OUTSIDE || a->what.charge != CHARGE_OWN)
		return 0;
	ob = row_books(l, a->what.row);
	if (!ob)
		return -ENOMEM;
	ob->live += bytes;
	if (ob->live > ob->peak || !ob->ever) {
		ob->peak = ob->live;
		ob->peak_ns = ts;
		ob->ever = true;
		if (l->series)
			series_peak(l->series, a->what.row);
	}
	if (l->series)
		series_row(l->series, a->what.row, ob->live);
	return 0;
}

/* Takes @bytes out of what is live, of account and owner. */
static void take_out(struct ledger *l, uint32_t id, uint64_t bytes,
		     uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	if (l->series && id != ACCOUNT_OUTSIDE)
		series_account(l->series, id, a->what.row, a->live_bytes);
	a->live_bytes -= bytes;
	a->live_requested -= requested;
	l->places[a->place].live -= bytes;
	if (whole)
		a->live_objects--;
	if (id == ACCOUNT_OUTSIDE || a->what.charge != CHARGE_OWN)
		return;
	l->rows[a->what.row].live -= bytes;
	if (l->series)
		series_row(l->series, a->what.row, l->rows[a->what.row].live);
}

void ledger_free_bytes(struct ledger *l, uint32_t id, uint64_t bytes,
		       uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	take_out(l, id, bytes, requested, whole);
	a->freed_bytes += bytes;
	if (whole)
		a->frees++;
}

void ledger_evict(struct ledger *l, uint32_t id, uint64_t bytes,
		  uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	take_out(l, id, bytes, requested, whole);
	a->evicted_bytes += bytes;
	if (whole)
		a->evicted++;
}

void ledger_evicted_was_free(struct ledger *l, uint32_t id, uint64_t bytes)
{
	struct account *a = &l->accounts[id];

	a->evicted_bytes -= bytes;
	a->evicted--;
	a->freed_bytes += bytes;
	a->frees++;
}

int ledger_move(struct ledger *l, uint32_t from, uint32_t to, uint64_t bytes,
		uint64_t requested, uint64_t ts)
{
	struct account *a = &l->accounts[from];

	take_out(l, from, bytes, requested, true);
	a->allocs--;
	a->allocated_bytes -= bytes;
	return ledger_add(l, to, bytes, requested, ts);
}

void ledger_set_requested(struct ledger *l, uint32_t id, uint64_t was,
			  uint64_t requested)
{
	l->accounts[id].live_requested += requested - was;
}
