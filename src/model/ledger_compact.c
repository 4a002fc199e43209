// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ledger_compact.c - fewer accounts, the same sums
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_internal.h"
#include "modmap.h"
#include "series.h"

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Equal: what is shown of the two is one sum, whatever their stacks. */
static int by_place(const void *x, const void *y, void *arg)
{
	const struct ledger *l = arg;
	const struct account *p = &l->accounts[*(const uint32_t *)x];
	const struct account *q = &l->accounts[*(const uint32_t *)y];
	int c = compare(p->what.row, q->what.row);

	if (!c)
		c = compare(p->what.charge, q->what.charge);
	if (!c)
		c = compare(p->what.kind, q->what.kind);
	if (!c)
		c = compare(p->what.overhead, q->what.overhead);
	if (!c)
		c = compare(p->what.function, q->what.function);
	if (!c)
		c = compare(p->what.offset, q->what.offset);
	if (!c)
		c = compare(p->what.via, q->what.via);
	if (!c)
		c = compare(p->cache, q->cache);
	if (!c)
		c = compare(p->size, q->size);
	if (!c)
		c = compare(p->kmalloc, q->kmalloc);
	return c ? c : compare((uint32_t)p->pid, (uint32_t)q->pid);
}

static void add(struct account *sum, const struct account *a)
{
	sum->allocs += a->allocs;
	sum->frees += a->frees;
	sum->evicted += a->evicted;
	sum->allocated_bytes += a->allocated_bytes;
	sum->freed_bytes += a->freed_bytes;
	sum->evicted_bytes += a->evicted_bytes;
	sum->failed += a->failed;
	sum->untold |= a->untold;
}

static bool holds(const struct account *a)
{
	return a->live_bytes || a->live_objects || a->live_requested;
}

/* The memos of accounts that stay, with their new numbers. NULL: no memory. */
static struct memo *keep_memos(const struct ledger *l, const bool *used,
			       const uint32_t *owners, const uint32_t *map, size_t n_kept,
			       size_t *n_slots, size_t *n)
{
	struct memo *memos;
	size_t i, at;

	*n = 0;
	for (*n_slots = 1024; *n_slots / 2 <= n_kept; *n_slots *= 2)
		;
	memos = calloc(*n_slots, sizeof(*memos));
	for (i = 0; memos && i < l->memos->n_slots; i++) {
		struct memo m = l->memos->slots[i];

		if (!m.used || !used[m.account])
			continue;
		if (m.key.loading != OWNER_NONE) {
			m.key.loading = owners[m.key.loading];
			if (m.key.loading == OWNER_NONE)
				continue;
		}
		m.account = map[m.account];
		at = (size_t)ledger_key_hash(&m.key) & (*n_slots - 1);
		while (memos[at].used)
			at = (at + 1) & (*n_slots - 1);
		memos[at] = m;
		(*n)++;
	}
	return memos;
}

/* Appends accounts that hold nothing to @kept, of which there are @n: one a place. */
static uint32_t merge_idle(struct ledger *l, const uint32_t *idle, size_t n_idle,
			   struct account *kept, uint32_t n, uint32_t *map)
{
	for (size_t i = 0; i < n_idle; i++) {
		const struct account *a = &l->accounts[idle[i]];

		if (!i || by_place(&idle[i - 1], &idle[i], l)) {
			kept[n] = *a;
			kept[n].stack = 0;
			kept[n].call_site = 0;
			/* whose instance it was is of no account */
			kept[n].what.owner = OWNER_UNKNOWN;
			n++;
		} else {
			add(&kept[n - 1], a);
		}
		map[idle[i]] = n - 1;
	}
	return n;
}

int ledger_compact(struct ledger *l, const bool *used, const uint32_t *owners,
		   uint32_t *map)
{
	struct account *kept = ledger_alloc(l->room);
	uint32_t *idle = calloc(l->n, sizeof(*idle)), n = 1, i;
	bool *stays = calloc(l->n, sizeof(*stays));
	size_t n_idle = 0, n_memos, n_slots, n_stay = 0;
	struct memo *memos = NULL;

	if (!kept || !idle || !stays)
		goto fail;
	kept[ACCOUNT_OUTSIDE] = l->accounts[ACCOUNT_OUTSIDE];
	map[ACCOUNT_OUTSIDE] = ACCOUNT_OUTSIDE;
	for (i = 1; i < l->n; i++) {
		stays[i] = used[i] || holds(&l->accounts[i]);
		if (!stays[i]) {
			idle[n_idle++] = i;
			continue;
		}
		map[i] = n;
		kept[n] = l->accounts[i];
		kept[n].what.owner = owners[kept[n].what.owner];
		n++;
	}
	n_stay = n;
	qsort_r(idle, n_idle, sizeof(*idle), by_place, l);
	n = merge_idle(l, idle, n_idle, kept, n, map);
	/* several memos can be of one account */
	for (i = 0, n_memos = 0; i < l->memos->n_slots; i++)
		n_memos += l->memos->slots[i].used && stays[l->memos->slots[i].account];
	memos = keep_memos(l, stays, owners, map, n_memos > n_stay ? n_memos : n_stay,
			   &n_slots, &n_memos);
	if (!memos || (l->series && series_renumber(l->series, map, l->n))) {
		free(memos);
		goto fail;
	}
	free(l->memos->slots);
	free(l->accounts);
	free(idle);
	free(stays);
	*l->memos = (struct ledger_memos){ memos, n_memos, n_slots };
	l->accounts = kept;
	l->n = n;
	return 0;
fail:
	free(kept);
	free(idle);
	free(stays);
	return -ENOMEM;
}
