// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_rehash.c - whose the bucket tables are that a worker makes
 *
 * A hash table that fills is enlarged by a worker (lib/rhashtable.c,
 * rht_deferred_worker()), on whose stack no module is. It takes a table of twice as many
 * buckets, moves all entries, and gives the old table to call_rcu(): RCU frees it, in a
 * softirq of the same CPU, as the worker is bound to it (system_wq); on any, if an
 * insertion had to make the new table at once (rhashtable_insert_slow()). So the new one
 * is the successor of an old one that is freed later, and belongs to its owner.
 *
 * Which of several is whose is told by their sizes: of a header H and n buckets of L
 * bytes, the successor has H + 2nL, which is more than the old one and less than twice
 * as much, and no other power of two is. A table that shrinks has a smaller successor,
 * one whose buckets were nested has one of the same size. As each that RCU frees has a
 * successor, which waits for its owner: if just one can be it, it is; if several can, as
 * many have to be freed, all of one module. (Who destroys a hash waits for its worker, and
 * so is in no softirq: rhashtable_free_and_destroy().) What remains open stays the
 * kernel's, and is counted for the module (BOOKS_UNSEEN_TABLES). Successors of tables from
 * before the recording are the kernel's, and, where RCU callbacks run in tasks
 * (rcu_nocbs=, PREEMPT_RT), all.
 */
#include "books_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modmap.h"

#define WAITING_MAX 4096u	/* more tables do not grow within ... */
#define WAITING_NS 60000000000u	/* ... that time, in which what they replace is freed */

/* What is to be known of a table. */
struct table {
	uint64_t bytes;		/* that were asked for */
	const struct attribution *what;
	uint16_t cpu;		/* on which it is freed */
};

static bool describe(struct books *b, const struct object *o, struct table *t)
{
	if (o->account == ACCOUNT_OUTSIDE)
		return false;
	*t = (struct table){
		.bytes = o->flags & OBJECT_LARGE ?
			 pages_alloc(b->pages, (uint32_t)o->bytes)->requested : o->requested,
		.what = &ledger_at(b->ledger, o->account)->what,
	};
	return true;
}

static bool is_modules(const struct attribution *what)
{
	return what->owner > OWNER_UNKNOWN && what->charge == CHARGE_OWN;
}

void books_table_taken(struct books *b, const struct event *ev, const struct attribution *what)
{
	struct waiting_table *w = b->waiting_tables;
	size_t n = b->n_waiting_tables;

	/* a large one has two events */
	if (n && w[n - 1].addr == ev->ptr)
		return;
	if (n == b->waiting_tables_room) {
		size_t room = n ? 2 * n : 16;

		w = room <= WAITING_MAX ? realloc(w, room * sizeof(*w)) : NULL;
		if (!w) {
			books_forget_tables(b, ev->ts);
			return;
		}
		b->waiting_tables = w;
		b->waiting_tables_room = room;
	}
	w[b->n_waiting_tables++] = (struct waiting_table){
		.addr = ev->ptr, .bytes = ev->bytes_req, .ts = ev->ts, .cpu = ev->cpu,
		.any_cpu = what->owner != OWNER_KERNEL,
	};
}

void books_forget_tables(struct books *b, uint64_t ts)
{
	b->n_waiting_tables = 0;
	b->tables_from = ts + WAITING_NS;
}

static void stop_waiting(struct books *b, size_t i)
{
	memmove(b->waiting_tables + i, b->waiting_tables + i + 1,
		(--b->n_waiting_tables - i) * sizeof(*b->waiting_tables));
}

static uint32_t row_of(const struct books *b, uint32_t owner)
{
	return modmap_instance(b->modmap, owner)->row;
}

static int stays_open(struct books *b, uint32_t owner)
{
	return books_count_unseen(b, row_of(b, owner), BOOKS_UNSEEN_TABLES, 1);
}

uint64_t books_tables_claimed(const struct books *b, uint32_t row)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->n_waiting_tables; i++) {
		const struct waiting_table *w = &b->waiting_tables[i];

		n += w->claimed && !w->no_module && row_of(b, w->claimant) == row;
	}
	return n;
}

/* Those are gone that nobody can follow any more, and the one at @addr. */
static int look_through(struct books *b, uint64_t addr, uint64_t now)
{
	int ret = 0;

	for (size_t i = 0; i < b->n_waiting_tables && !ret;) {
		const struct waiting_table w = b->waiting_tables[i];

		if (w.addr != addr && now - w.ts < WAITING_NS) {
			i++;
			continue;
		}
		stop_waiting(b, i);
		if (w.claimed && !w.no_module)
			ret = stays_open(b, w.claimant);
		/* whose claim it was is not known */
		for (size_t k = 0; k < b->n_waiting_tables; k++)
			if (b->waiting_tables[k].bytes == w.bytes)
				b->waiting_tables[k].claimed = false;
	}
	return ret;
}

static bool same_cpu(const struct table *old, const struct waiting_table *w)
{
	return w->any_cpu || w->cpu == old->cpu;
}

static bool grew(const struct table *old, const struct waiting_table *w)
{
	return same_cpu(old, w) && w->bytes > old->bytes && w->bytes < 2 * old->bytes;
}

static bool shrank(const struct table *old, const struct waiting_table *w)
{
	return same_cpu(old, w) && w->bytes <= old->bytes;
}

struct heir {
	const struct attribution *of;
	enum mem_kind kind;
};

static int resolve_heir(void *arg, const struct account_key *key, struct attribution *what)
{
	const struct heir *heir = arg;

	(void)key;
	*what = *heir->of;
	what->kind = heir->kind;
	what->large = heir->kind == KIND_PAGES;
	what->rehash = true;
	return 0;
}

/* The table at @addr is of the module that @of tells. */
static int inherit(struct books *b, uint64_t addr, struct attribution of, uint64_t now)
{
	struct object *o = objects_find(b->slab, addr);
	struct heir heir = { .of = &of };
	const struct account *was;
	struct page_alloc *pa = NULL;
	struct account_key key;
	uint32_t account;

	if (!o || o->account == ACCOUNT_OUTSIDE)
		return 0;
	if (o->flags & OBJECT_LARGE)
		pa = pages_alloc(b->pages, (uint32_t)o->bytes);
	was = ledger_at(b->ledger, pa ? pa->account : o->account);
	if (is_modules(&was->what))
		return 0;
	heir.kind = was->what.kind;
	key = (struct account_key){
		.call_site = was->call_site, .size = was->size, .stack = was->stack,
		.pid = was->pid, .loading = of.owner,
		.type = pa ? EVENT_PAGE_ALLOC : EVENT_SLAB_ALLOC,
		.flags = was->kmalloc ? EVENT_KMALLOC : 0,
	};
	account = ledger_account(b->ledger, &key, modmap_epoch(b->modmap), resolve_heir, &heir);
	if (account == UINT32_MAX)
		return -ENOMEM;
	if (pa) {
		ledger_move(b->ledger, pa->account, account,
			    (uint64_t)pa->live_pages << b->page_shift, pa->requested, now);
		pa->account = account;
	} else {
		ledger_move(b->ledger, o->account, account, o->bytes, o->requested, now);
	}
	o->account = account & (OBJECT_ACCOUNTS_MAX - 1);
	return 0;
}

/* What follows @old has its owner; if that is no module, it is the kernel's still. */
static int settle(struct books *b, const struct table *old, uint64_t now)
{
	int ret = 0;

	for (size_t i = 0; i < b->n_waiting_tables && !ret;) {
		const struct waiting_table w = b->waiting_tables[i];

		if (!grew(old, &w) && !shrank(old, &w)) {
			i++;
			continue;
		}
		stop_waiting(b, i);
		if (is_modules(old->what))
			ret = inherit(b, w.addr, *old->what, now);
	}
	return ret;
}

/* One of the @n that can follow @old does: as many have to be freed, of one owner. */
static int claim(struct books *b, const struct table *old, size_t n, uint64_t now)
{
	struct waiting_table *free_one = NULL;
	bool same = true;
	size_t claims = 1;

	for (size_t i = 0; i < b->n_waiting_tables; i++) {
		struct waiting_table *w = &b->waiting_tables[i];

		if (!grew(old, w))
			continue;
		if (!w->claimed) {
			free_one = w;
			continue;
		}
		claims++;
		same &= w->claimant == old->what->owner && w->no_module == !is_modules(old->what);
	}
	if (claims == n && same)
		return settle(b, old, now);
	if (claims < n && free_one) {
		free_one->claimed = true;
		free_one->claimant = old->what->owner;
		free_one->no_module = !is_modules(old->what);
		return 0;
	}
	return is_modules(old->what) ? stays_open(b, old->what->owner) : 0;
}

int books_table_freed(struct books *b, const struct object *o, const struct event *ev)
{
	size_t n_grew = 0, n_shrank = 0;
	struct attribution what;
	struct table old;
	int ret = look_through(b, ev->ptr, ev->ts);

	if (ret || ev->context != CONTEXT_SOFTIRQ || ev->ts < b->tables_from ||
	    !describe(b, o, &old))
		return ret;
	/* accounts may move */
	what = *old.what;
	old.what = &what;
	old.cpu = ev->cpu;
	for (size_t i = 0; i < b->n_waiting_tables; i++) {
		n_grew += grew(&old, &b->waiting_tables[i]);
		n_shrank += shrank(&old, &b->waiting_tables[i]);
	}
	if (n_grew + n_shrank == 1)
		return settle(b, &old, ev->ts);
	if (n_grew && !n_shrank)
		return claim(b, &old, n_grew, ev->ts);
	return is_modules(&what) ? stays_open(b, what.owner) : 0;
}
