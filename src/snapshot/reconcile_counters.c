// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconcile_counters.c - counters of meminfo beside what the trace took of each
 */
#include "reconcile_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "companion_read.h"
#include "ledger.h"
#include "objects.h"
#include "pages.h"
#include "procmem.h"
#include "snapshot_build.h"
#include "strings_table.h"

/* Per account, what it holds of each counter. */
struct held {
	uint64_t bytes[PROC_COUNTERS];
	uint64_t blocks[PROC_COUNTERS];
};

struct counting {
	struct builder *b;
	struct held *held;
	bool large_is_slab;
};

/*
 * Functions whose pages the kernel counts as PageTables: the constructors of
 * include/linux/mm.h; those of whole address spaces (pgd_alloc) have none before
 * 6.14, where the function got another name.
 */
static const char *const table_functions[] = {
	"pte_alloc_one", "__pte_alloc_one", "__pte_alloc", "pmd_alloc_one",
	"__pmd_alloc", "pud_alloc_one", "__pud_alloc", "__p4d_alloc", "__pgd_alloc",
	"pagetable_alloc", NULL
};

/* ... as KernelStack: kernel/fork.c */
static const char *const stack_functions[] = {
	"alloc_thread_stack_node", "dup_task_struct", "copy_process", "kernel_clone",
	"fork_idle", "create_io_thread", NULL
};

static bool is_one_of(struct builder *b, uint32_t function, const char *const *names)
{
	const char *name = function ? strings_get(b->rs->strings, function) : "";
	size_t len = strcspn(name, ".");	/* .part.0, .isra.0 */

	for (; *names; names++)
		if (strlen(*names) == len && !memcmp(*names, name, len))
			return true;
	return false;
}

/*
 * Large kmallocs count as slab since 5.4 ("mm, sl[ou]b: improve memory
 * accounting").
 */
static bool large_is_slab(const char *release)
{
	unsigned int major, minor;

	if (!release || sscanf(release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > 5 || (major == 5 && minor >= 4);
}

static void hold(struct counting *c, uint32_t account, enum proc_counter counter,
		 uint64_t bytes)
{
	c->held[account].bytes[counter] += bytes;
	c->held[account].blocks[counter]++;
}

static void count_pages(struct counting *c)
{
	struct books *books = c->b->rs->books;
	const struct page_alloc *pa;
	size_t at = 0;

	while ((pa = pages_next(books_pages(books), &at))) {
		const struct attribution *what = &build_account(c->b, pa->account)->what;
		uint64_t bytes = pa->live_pages * books_page_size(books);

		if (pa->account == ACCOUNT_OUTSIDE)
			continue;
		hold(c, pa->account, PROC_MEM_FREE, bytes);
		if (what->charge == CHARGE_OVERHEAD && what->overhead == OVERHEAD_SLAB_PAGES)
			hold(c, pa->account, PROC_SLAB, bytes);
		else if (what->charge == CHARGE_OVERHEAD &&
			 what->overhead == OVERHEAD_PERCPU_CHUNKS)
			hold(c, pa->account, PROC_PERCPU, bytes);
		else if (pa->large && c->large_is_slab)
			hold(c, pa->account, PROC_SLAB, bytes);
		else if (what->kind == KIND_VMALLOC && !books_has_areas(books))
			hold(c, pa->account, PROC_VMALLOC_USED, bytes);
		if (is_one_of(c->b, what->function, table_functions))
			hold(c, pa->account, PROC_PAGE_TABLES, bytes);
		else if (is_one_of(c->b, what->function, stack_functions))
			hold(c, pa->account, PROC_KERNEL_STACK, bytes);
	}
}

static void count_areas(struct counting *c)
{
	const struct object *o;
	size_t at = 0;

	while ((o = objects_next(books_areas(c->b->rs->books), &at))) {
		const struct attribution *what = &build_account(c->b, o->account)->what;

		if (o->account == ACCOUNT_OUTSIDE)
			continue;
		hold(c, o->account, PROC_VMALLOC_USED, o->bytes);
		if (is_one_of(c->b, what->function, stack_functions))
			hold(c, o->account, PROC_KERNEL_STACK, o->bytes);
		/* pages of overhead have been counted from their own events */
		if (what->charge != CHARGE_OVERHEAD)
			hold(c, o->account, PROC_MEM_FREE, o->bytes);
	}
}

/*
 * By how much free memory grew: all frees of pages, less all allocations, less
 * those pages of areas that fire no event (TRAPS B3).
 */
static int64_t free_growth(struct builder *b)
{
	const struct books_stats *st = books_stats(b->rs->books);
	uint64_t areas = 0, page_size = books_page_size(b->rs->books), taken;
	struct ledger *l = books_ledger(b->rs->books);
	uint32_t i;

	for (i = 1; books_has_areas(b->rs->books) && i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		if (a->what.kind == KIND_VMALLOC && a->what.charge != CHARGE_OVERHEAD)
			areas += a->allocated_bytes / page_size;
	}
	taken = st->pages_taken + st->bulk_pages_taken;
	if (areas > st->area_pages_taken)
		taken += areas - st->area_pages_taken;
	return ((int64_t)st->pages_freed - (int64_t)taken) * (int64_t)page_size;
}

static bool is_followed(enum proc_counter counter)
{
	switch (counter) {
	case PROC_MEM_FREE:
	case PROC_FREE_PAGES:
	case PROC_SLAB:
	case PROC_VMALLOC_USED:
	case PROC_PERCPU:
	case PROC_PAGE_TABLES:
	case PROC_KERNEL_STACK:
		return true;
	default:
		return false;
	}
}

static int set_takers(struct counting *c, struct reconcile_counter *rc,
		      enum proc_counter counter)
{
	size_t n = ledger_count(books_ledger(c->b->rs->books)), n_takings = 0, i;
	struct taking *takings = calloc(n, sizeof(*takings));
	uint64_t sum = 0;
	int ret;

	if (!takings)
		return -ENOMEM;
	for (i = 1; i < n; i++) {
		if (!c->held[i].bytes[counter])
			continue;
		takings[n_takings++] = (struct taking) {
			.account = (uint32_t)i,
			.bytes = c->held[i].bytes[counter],
			.objects = c->held[i].blocks[counter],
		};
		sum += c->held[i].bytes[counter];
	}
	ret = takers_build(c->b, takings, n_takings, &rc->takers, &rc->n_takers);
	free(takings);
	rc->explained = (int64_t)sum;
	if (counter == PROC_MEM_FREE) {
		rc->explained = free_growth(c->b);
		if (rc->explained > -(int64_t)sum)
			rc->freed_before = (uint64_t)(rc->explained + (int64_t)sum);
	}
	return ret;
}

static void read_counters(struct builder *b, struct proc_counters *pc, bool after)
{
	const struct companion_item *mem, *zone;

	mem = companion_find(b->rs->companion, after ? "meminfo@after" : "meminfo@before");
	zone = companion_find(b->rs->companion, after ? "zoneinfo@after" : "zoneinfo@before");
	memset(pc, 0, sizeof(*pc));
	proc_meminfo(pc, mem->text, mem->len);
	if (zone)
		proc_zoneinfo(pc, zone->text, zone->len, b->snap->page_size);
	proc_free_pages(pc);
}

/*
 * Pages go from the one to the other without anybody taking them: where both
 * are known in both copies, they are one sum.
 */
static void join_free(struct proc_counters *before, struct proc_counters *after)
{
	bool *known = before->known;

	known[PROC_FREE_PAGES] &= after->known[PROC_FREE_PAGES];
	known[PROC_MEM_FREE] &= !known[PROC_FREE_PAGES];
	known[PROC_CPU_LISTS] &= !known[PROC_FREE_PAGES];
}

int reconcile_counters(struct builder *b, struct reconcile *r)
{
	static const enum proc_counter order[] = {
		PROC_SLAB, PROC_SRECLAIMABLE, PROC_SUNRECLAIM, PROC_VMALLOC_USED,
		PROC_PERCPU, PROC_PAGE_TABLES, PROC_KERNEL_STACK, PROC_ANON_PAGES,
		PROC_CACHED, PROC_BUFFERS, PROC_CPU_LISTS, PROC_MEM_FREE,
		PROC_FREE_PAGES,
	};
	struct counting c = { .b = b, .large_is_slab = large_is_slab(b->snap->kernel) };
	struct proc_counters before, after;
	struct reconcile_counter *list;
	int ret = 0;

	read_counters(b, &before, false);
	read_counters(b, &after, true);
	join_free(&before, &after);
	list = arena_zalloc(b->arena, PROC_COUNTERS, sizeof(*list));
	c.held = calloc(ledger_count(books_ledger(b->rs->books)), sizeof(*c.held));
	if (!list || !c.held) {
		free(c.held);
		return -ENOMEM;
	}
	count_pages(&c);
	count_areas(&c);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && !ret; i++) {
		enum proc_counter which = order[i];
		struct reconcile_counter *rc = &list[r->n_counters];

		if (!before.known[which] || !after.known[which])
			continue;
		rc->name = proc_counter_name(which);
		rc->before = before.bytes[which];
		rc->after = after.bytes[which];
		rc->followed = is_followed(which);
		if (rc->followed)
			ret = set_takers(&c, rc, which == PROC_FREE_PAGES ? PROC_MEM_FREE :
								    which);
		r->n_counters++;
	}
	r->counters = list;
	free(c.held);
	return ret;
}
