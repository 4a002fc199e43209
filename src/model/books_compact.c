// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_compact.c - books that are kept for days
 *
 * What has been freed leaves sums behind, by stack and by instance of a module:
 * code paths are many, and a module that is loaded again and again has new
 * addresses each time. Here such sums become one for each place that allocates,
 * and what nothing refers to any more is forgotten. What is live keeps all that
 * is known of it. Objects that cannot be live any more are evicted first; else
 * no number that a module, a site or a cache is shown with changes.
 */
#include "books_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modmap.h"
#include "stacks.h"

struct compaction {
	struct books *b;
	bool *used;		/* per account */
	uint32_t *accounts;	/* per account: its new number */
	bool *owner_used;	/* per instance of a module */
	uint32_t *owners;
	bool *stack_used;
};

static struct objects *tables(struct books *b, size_t i)
{
	struct objects *const all[] = { b->slab, b->percpu, b->areas,
					 b->blocks, b->given_up };

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

static void mark_accounts(struct compaction *c)
{
	struct books *b = c->b;
	const struct page_alloc *pa;
	const struct object *o;
	size_t i, at;

	for (i = 0; tables(b, i); i++)
		for (at = 0; (o = objects_next(tables(b, i), &at));)
			c->used[o->account] = true;
	for (at = 0; (pa = pages_next(b->pages, &at));) {
		c->used[pa->account] = true;
		c->used[pa->slab_of] = true;
	}
	for (i = 0; i < b->n_bulks; i++)
		if (b->bulks[i].account < ledger_count(b->ledger))
			c->used[b->bulks[i].account] = true;
}

/* Instances of accounts that stay, and those that tasks may be loading. */
static void mark_owners(struct compaction *c)
{
	struct books *b = c->b;
	size_t i, j;

	for (i = 1; i < ledger_count(b->ledger); i++) {
		const struct account *a = ledger_at(b->ledger, (uint32_t)i);

		if (c->used[i] || a->live_bytes || a->live_objects)
			c->owner_used[a->what.owner] = true;
	}
	for (i = 0; i < TASK_SETS; i++)
		for (j = 0; j < TASK_WAYS; j++) {
			const struct task *t = &b->tasks[i][j];

			if (t->seen && t->loading != OWNER_NONE)
				c->owner_used[t->loading] = true;
		}
	for (i = 0; i < LOADERS && i < b->n_loaders; i++)
		if (b->loaders[i].owner != OWNER_NONE)
			c->owner_used[b->loaders[i].owner] = true;
}

static void renumber_accounts(struct compaction *c)
{
	struct books *b = c->b;
	struct page_alloc *pa;
	struct object *o;
	size_t i, at;

	for (i = 0; tables(b, i); i++)
		for (at = 0; (o = (struct object *)objects_next(tables(b, i), &at));)
			o->account = c->accounts[o->account] & (OBJECT_ACCOUNTS_MAX - 1);
	for (at = 0; (pa = pages_next(b->pages, &at));) {
		pa->account = c->accounts[pa->account];
		pa->slab_of = c->accounts[pa->slab_of];
	}
	for (i = 0; i < b->n_bulks; i++)
		if (b->bulks[i].account != UINT32_MAX)
			b->bulks[i].account = c->accounts[b->bulks[i].account];
}

static void renumber_owners(struct compaction *c)
{
	struct books *b = c->b;
	size_t i, j;

	for (i = 0; i < TASK_SETS; i++)
		for (j = 0; j < TASK_WAYS; j++) {
			struct task *t = &b->tasks[i][j];

			if (t->seen && t->loading != OWNER_NONE)
				t->loading = c->owners[t->loading];
		}
	for (i = 0; i < LOADERS && i < b->n_loaders; i++)
		if (b->loaders[i].owner != OWNER_NONE)
			b->loaders[i].owner = c->owners[b->loaders[i].owner];
}

static int forget_stacks(struct compaction *c)
{
	struct books *b = c->b;

	for (size_t i = 1; i < ledger_count(b->ledger); i++)
		c->stack_used[ledger_at(b->ledger, (uint32_t)i)->stack] = true;
	for (size_t i = 0; i < b->n_bulks; i++)
		c->stack_used[b->bulks[i].pages.stack] = true;
	/* numbers are given again */
	free(b->freers);
	b->freers = NULL;
	b->freer_room = 0;
	return stacks_forget(b->stacks, c->stack_used);
}

static int run(struct compaction *c, uint64_t before)
{
	struct books *b = c->b;
	int ret;

	ret = books_area_settle(b);
	if (ret)
		return ret;
	books_sweep(b, before);
	memset(b->gone, 0, sizeof(b->gone));
	for (size_t i = 0; i < b->n_waiting_tables; i++)	/* owners get other numbers */
		b->waiting_tables[i].claimed = false;
	mark_accounts(c);
	mark_owners(c);
	modmap_forget(b->modmap, before, c->owner_used, c->owners);
	ret = ledger_compact(b->ledger, c->used, c->owners, c->accounts);
	if (ret)
		return ret;
	books_forget_origins(b);
	renumber_accounts(c);
	renumber_owners(c);
	return forget_stacks(c);
}

int books_compact(struct books *b, uint64_t before, bool *stack_used)
{
	const size_t n = ledger_count(b->ledger), n_owners = modmap_count(b->modmap);
	struct compaction c = {
		.b = b,
		.used = calloc(n, sizeof(*c.used)),
		.accounts = calloc(n, sizeof(*c.accounts)),
		.owner_used = calloc(n_owners, sizeof(*c.owner_used)),
		.owners = calloc(n_owners, sizeof(*c.owners)),
		.stack_used = stack_used,
	};
	int ret = -ENOMEM;

	if (c.used && c.accounts && c.owner_used && c.owners)
		ret = run(&c, before);
	free(c.used);
	free(c.accounts);
	free(c.owner_used);
	free(c.owners);
	return ret;
}
