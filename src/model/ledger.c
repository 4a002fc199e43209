// SPDX-License-Identifier: GPL-2.0-or-later
#include "ledger_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "modmap.h"
#include "objects.h"
#include "series.h"

struct account *ledger_alloc(size_t n)
{
	struct account *accounts = aligned_alloc(_Alignof(struct account),
						 n * sizeof(*accounts));

	if (accounts)
		memset(accounts, 0, n * sizeof(*accounts));
	return accounts;
}

/* Room for what the first @n rows hold, and what is nobody's. */
static int grow_rows(struct ledger *l, size_t n)
{
	size_t room = l->n_rows ? l->n_rows : 16;
	struct row_books *rows;

	if (n < l->n_rows)
		return 0;
	while (room <= n)
		room *= 2;
	rows = realloc(l->rows, room * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	memset(rows + l->n_rows, 0, (room - l->n_rows) * sizeof(*rows));
	l->rows = rows;
	l->n_rows = room;
	return 0;
}

struct ledger *ledger_new(void)
{
	struct ledger *l = calloc(1, sizeof(*l));
	struct ledger_memos *memos;

	if (!l)
		return NULL;
	l->room = 256;
	l->n = 1;	/* ACCOUNT_OUTSIDE */
	l->accounts = ledger_alloc(l->room);
	l->place_index = calloc(1, sizeof(*l->place_index));
	l->memos = memos = calloc(1, sizeof(*memos));
	if (!l->accounts || !l->place_index || !memos)
		goto fail;
	memos->n_slots = 1024;
	memos->slots = calloc(memos->n_slots, sizeof(*memos->slots));
	if (!memos->slots || grow_rows(l, 0))
		goto fail;
	l->accounts[ACCOUNT_OUTSIDE].what.owner = OWNER_NONE;
	l->accounts[ACCOUNT_OUTSIDE].place = ledger_find_place(l, ACCOUNT_OUTSIDE);
	if (l->accounts[ACCOUNT_OUTSIDE].place == UINT32_MAX)
		goto fail;
	return l;
fail:
	ledger_free(l);
	return NULL;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	if (l->memos)
		free(l->memos->slots);
	free(l->memos);
	free(l->accounts);
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

static struct memo *free_memo(const struct ledger_memos *memos, const struct account_key *key)
{
	size_t at = (size_t)ledger_key_hash(key) & (memos->n_slots - 1);

	while (memos->slots[at].used)
		at = (at + 1) & (memos->n_slots - 1);
	return &memos->slots[at];
}

static int grow_memos(struct ledger_memos *memos)
{
	struct ledger_memos more = { .n = memos->n, .n_slots = memos->n_slots * 2 };
	size_t i;

	more.slots = calloc(more.n_slots, sizeof(*more.slots));
	if (!more.slots)
		return -ENOMEM;
	for (i = 0; i < memos->n_slots; i++)
		if (memos->slots[i].used)
			*free_memo(&more, &memos->slots[i].key) = memos->slots[i];
	free(memos->slots);
	*memos = more;
	return 0;
}

static uint32_t new_account(struct ledger *l, const struct account_key *key,
			    uint32_t epoch, const struct attribution *what)
{
	struct account *a;

	/* objects hold no larger number */
	if (l->n == OBJECT_ACCOUNTS_MAX || grow_rows(l, (size_t)what->row + 1))
		return UINT32_MAX;
	if (l->n == l->room) {
		a = ledger_alloc(2 * (size_t)l->room);
		if (!a)
			return UINT32_MAX;
		memcpy(a, l->accounts, l->n * sizeof(*a));
		free(l->accounts);
		l->accounts = a;
		l->room *= 2;
	}
	a = &l->accounts[l->n];
	memset(a, 0, sizeof(*a));
	a->what = *what;
	a->own_row = what->charge == CHARGE_OWN ? what->row + 1 : 0;
	a->stack = key->stack;
	a->epoch = epoch;
	a->call_site = key->call_site;
	a->size = key->size;
	a->pid = key->pid;
	a->by_array = key->type == EVENT_AREA || key->type == EVENT_AREA_ARRAY;
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
	struct ledger_memos *memos = l->memos;
	size_t at = (size_t)ledger_key_hash(key) & (memos->n_slots - 1);
	struct attribution what;
	struct memo *m;

	for (; memos->slots[at].used; at = (at + 1) & (memos->n_slots - 1)) {
		m = &memos->slots[at];
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

	if (memos->n >= memos->n_slots / 2 && grow_memos(memos))
		return UINT32_MAX;
	if (resolve(arg, key, &what))
		return UINT32_MAX;
	m = free_memo(memos, key);
	m->account = new_account(l, key, epoch, &what);
	if (m->account == UINT32_MAX)
		return UINT32_MAX;
	m->key = *key;
	m->epoch = epoch;
	m->used = true;
	memos->n++;
	return m->account;
}

struct row_books ledger_row(const struct ledger *l, uint32_t row)
{
	static const struct row_books none;

	return row + 1 < l->n_rows ? l->rows[row + 1] : none;
}

void ledger_follow(struct ledger *l, struct series *series)
{
	l->series = series;
}

void ledger_tell_account(struct ledger *l, uint32_t id)
{
	const struct account *a = &l->accounts[id];

	if (id != ACCOUNT_OUTSIDE)
		series_account(l->series, id, a->what.row, a->live_bytes);
}

void ledger_tell_peak(struct ledger *l, const struct account *a)
{
	if (a->own_row)
		series_peak(l->series, a->what.row);
}

void ledger_tell_row(struct ledger *l, const struct account *a)
{
	if (a->own_row)
		series_row(l->series, a->what.row, l->rows[a->own_row].live);
}

void ledger_evict(struct ledger *l, uint32_t id, uint64_t bytes,
		  uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	ledger_take_out(l, id, bytes, requested, whole);
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

void ledger_take_back(struct ledger *l, uint32_t id, uint64_t bytes,
		      uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	ledger_take_out(l, id, bytes, requested, whole);
	a->allocs -= whole;
	a->allocated_bytes -= bytes;
}

void ledger_move(struct ledger *l, uint32_t from, uint32_t to, uint64_t bytes,
		uint64_t requested, uint64_t ts)
{
	ledger_take_back(l, from, bytes, requested, true);
	ledger_add(l, to, bytes, requested, ts);
}

void ledger_set_requested(struct ledger *l, uint32_t id, uint64_t was,
			  uint64_t requested)
{
	l->accounts[id].live_requested += requested - was;
}
