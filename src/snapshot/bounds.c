// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bounds.c - why the numbers of accounts and rows are not exact
 *
 * The one place that decides. A cause is held against a row only for a reason: what
 * its code was seen doing, what its file can call, or events that are missing and may
 * be its own.
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "bound.h"
#include "companion.h"
#include "companion_read.h"
#include "decode.h"
#include "event.h"
#include "formats.h"
#include "imports.h"
#include "ledger.h"
#include "modmap.h"
#include "modname.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"

/* Memory of nobody known counts where it is more than one part in so many of a row. */
#define SHARE 100u

/* A text shows the events that came: among so many there would be some of each kind. */
#define TEXT_EVENTS 1024u

/* What is asked for every row. */
struct look {
	struct builder *b;
	const char **name;		/* per row; NULL: no such module came */
	uint64_t *since;		/* per row: ns, of its first load */
	bool *unplaced;			/* per row: where a load lay is not sure */
	uint32_t *calls;		/* per row: what it can call (silent.h) ... */
	bool *calls_known;
	uint64_t *live;			/* per row: own bytes */
	bool *active;			/* per row: something of it was seen */
	bool *bulk;			/* per row: its bulk calls were seen */
	bool *bulk_pages;		/* ... those that take pages */
	bool *vmalloc;			/* ... bookkeeping of areas, or pages of them */
	uint64_t all;			/* live bytes of all rows */
	uint64_t stackless[KIND_MAX];	/* ... without a stack, of nobody known */
	uint64_t nameless[KIND_MAX];	/* ... of code of no known module */
	bool rcu_free, bulk_free, bulk_alloc;	/* a probe told of all of it */
	bool pages_bulk;		/* ... of alloc_pages_bulk(), but for what accounts say */
	bool areas;			/* ... or page arrays of vmalloc */
	/* ... but of a few calls */
	bool missed_rcu_free, missed_bulk_free, missed_bulk_alloc, missed_areas,
	     missed_pages_bulk;
	bool contig;			/* CMA has events */
	bool all_pages;			/* page_owner did, however they were taken */
	uint32_t via_bulk, via_pages, via_pool, via_contig;	/* strings: such calls */
};

/* Memory of each row, and of those that are none. */
static void sum_up(struct look *lk)
{
	struct ledger *l = books_ledger(lk->b->rs->books);

	for (uint32_t i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		lk->active[a->what.row] |= a->allocs || a->failed;
		lk->vmalloc[a->what.row] |= a->what.kind == KIND_VMALLOC ||
					    (a->what.charge == CHARGE_OVERHEAD &&
					     a->what.overhead == OVERHEAD_VMAP);
		if (a->what.charge != CHARGE_OWN)
			continue;
		lk->live[a->what.row] += a->live_bytes;
		lk->all += a->live_bytes;
		lk->bulk[a->what.row] |= a->what.via == lk->via_bulk;
		lk->bulk_pages[a->what.row] |= a->what.via == lk->via_pages ||
					       a->what.via == lk->via_pool;
		if (a->what.row > OWNER_UNKNOWN)
			continue;
		/* of a slab object the call site tells who it was, unless it is a helper's */
		if (a->stack == STACK_NONE && (!a->call_site || a->what.allocator_site))
			lk->stackless[a->what.kind] += a->live_bytes;
		else if (a->what.unknown)
			lk->nameless[a->what.kind] += a->live_bytes;
	}
}

/* ---- what the code of a row can do ---------------------------------------------- */

enum can { CAN_NOT, CAN, CAN_PERHAPS };

/* Can the code of a module call it? */
static enum can can_call(const struct look *lk, uint32_t row, enum silent silent)
{
	if (!lk->calls_known[row])
		return CAN_PERHAPS;
	return lk->calls[row] & SILENT_BIT(silent) ? CAN : CAN_NOT;
}

/* Coherent memory may come from a reserve that only the contiguous allocator has. */
static bool has_cma(const struct builder *b)
{
	const struct companion_item *it = companion_find(b->rs->companion, "meminfo@before");
	const char *at = it ? strstr(it->text, "CmaTotal:") : NULL;

	return at && strtoull(at + strlen("CmaTotal:"), NULL, 10);
}

/* Ways to free objects of which the probes missed some calls. */
static uint32_t missed_frees(const struct look *lk, uint32_t row)
{
	enum can rcu = lk->missed_rcu_free ? can_call(lk, row, SILENT_RCU_FREE) : CAN_NOT;
	enum can bulk = lk->missed_bulk_free ? can_call(lk, row, SILENT_BULK_FREE) : CAN_NOT;

	return (rcu == CAN || bulk == CAN ? BOUND_BIT(CAUSE_MISSED_FREES) : 0) |
	       (rcu == CAN_PERHAPS || bulk == CAN_PERHAPS ? BOUND_BIT(CAUSE_FILE_UNKNOWN) : 0);
}

/* Ways to free objects that no event tells of. */
static uint32_t unseen_frees(const struct look *lk, uint32_t row)
{
	enum can rcu = lk->rcu_free ? CAN_NOT : can_call(lk, row, SILENT_RCU_FREE);
	enum can bulk = lk->bulk_free ? CAN_NOT : can_call(lk, row, SILENT_BULK_FREE);
	uint32_t why = 0;

	why |= rcu == CAN ? BOUND_BIT(CAUSE_KFREE_RCU) : 0;
	why |= bulk == CAN ? BOUND_BIT(CAUSE_SLAB_BULK_FREE) : 0;
	if (rcu == CAN_PERHAPS || bulk == CAN_PERHAPS)
		why |= BOUND_BIT(CAUSE_FILE_UNKNOWN);
	return why | missed_frees(lk, row);
}

static uint32_t unseen_bulk(const struct look *lk, uint32_t row)
{
	enum can can = lk->bulk[row] ? CAN : can_call(lk, row, SILENT_BULK_ALLOC);

	if (lk->bulk_alloc || can == CAN_NOT)
		return 0;
	return BOUND_BIT(can == CAN ? CAUSE_SLAB_BULK_ALLOC : CAUSE_FILE_UNKNOWN);
}

/* Memory that was taken, or areas that were given back, by calls that a probe missed. */
static void missed_takes(const struct look *lk, uint32_t row, uint32_t *why)
{
	bool bulk = row == OWNER_KERNEL || lk->bulk[row] ||
		    can_call(lk, row, SILENT_BULK_ALLOC) == CAN;
	bool area = row == OWNER_KERNEL || lk->vmalloc[row] ||
		    can_call(lk, row, SILENT_VMALLOC) == CAN;
	bool pages = row == OWNER_KERNEL || lk->bulk_pages[row] ||
		     can_call(lk, row, SILENT_PAGES_BULK) == CAN ||
		     can_call(lk, row, SILENT_PAGE_POOL) == CAN;

	if (pages && lk->missed_pages_bulk)
		why[KIND_PAGES] |= BOUND_BIT(CAUSE_MISSED_ALLOCS);
	if (bulk && lk->missed_bulk_alloc)
		why[KIND_SLAB] |= BOUND_BIT(CAUSE_MISSED_ALLOCS);
	if (area && lk->missed_areas)
		why[KIND_VMALLOC] |= BOUND_BIT(CAUSE_MISSED_ALLOCS) |
				     BOUND_BIT(CAUSE_MISSED_FREES);
}

/* The core kernel does all of it. */
static void kernel_why(const struct look *lk, struct row_bounds *rb)
{
	/* page_owner has none of its objects, and says so */
	if (!lk->all_pages && (!lk->rcu_free || !lk->bulk_free || !lk->bulk_alloc)) {
		rb->frees |= BOUND_BIT(CAUSE_KERNEL);
		rb->kind[KIND_SLAB] |= BOUND_BIT(CAUSE_KERNEL);
	}
	if (!lk->all_pages && !lk->pages_bulk)
		rb->kind[KIND_PAGES] |= BOUND_BIT(CAUSE_PAGES_BULK);
	if (!lk->areas)
		rb->kind[KIND_VMALLOC] |= BOUND_BIT(CAUSE_VMALLOC);
	if (lk->missed_rcu_free || lk->missed_bulk_free)
		rb->frees |= BOUND_BIT(CAUSE_MISSED_FREES);
	missed_takes(lk, OWNER_KERNEL, rb->kind);
}

/* Where events are missing, what was not seen being taken may be among them. */
#define MISSING								\
	(BOUND_BIT(CAUSE_ALLOCS_ABSENT) | BOUND_BIT(CAUSE_ALLOCS_FILTERED) |	\
	 BOUND_BIT(CAUSE_NOT_ALL) | BOUND_BIT(CAUSE_LOST) | BOUND_BIT(CAUSE_DAMAGED))

/*
 * Pages that the row may hold without an event. That it gave back some that nobody
 * was seen to take says so, unless its file can do no such thing: they are from
 * before the recording then.
 */
static void unseen_pages(const struct look *lk, uint32_t row, uint32_t *why)
{
	const struct books *books = lk->b->rs->books;
	const bool missing = why[KIND_PAGES] & MISSING;
	enum can bulk = lk->pages_bulk ? CAN_NOT : can_call(lk, row, SILENT_PAGES_BULK);
	enum can contig = lk->contig ? CAN_NOT : can_call(lk, row, SILENT_CONTIG);

	if (lk->all_pages)
		return;
	if (bulk == CAN || (bulk == CAN_PERHAPS && !missing &&
			    books_unseen(books, row, BOOKS_UNSEEN_PAGES)))
		why[KIND_PAGES] |= BOUND_BIT(CAUSE_PAGES_BULK);
	if (contig == CAN || (contig == CAN_PERHAPS && !missing &&
			      books_unseen(books, row, BOOKS_UNSEEN_CMA)))
		why[KIND_PAGES] |= BOUND_BIT(CAUSE_CMA);
	/* areas that nothing tells of: were there any? */
	if (!lk->areas && (lk->vmalloc[row] || books_unseen(books, row, BOOKS_UNSEEN_VFREE)) &&
	    can_call(lk, row, SILENT_VMALLOC) != CAN_NOT)
		why[KIND_VMALLOC] |= BOUND_BIT(CAUSE_VMALLOC);
	if (!lk->contig &&
	    ((!missing && books_unseen(books, row, BOOKS_UNSEEN_DMA)) ||
	     (has_cma(lk->b) && can_call(lk, row, SILENT_DMA) == CAN)))
		why[KIND_DMA] |= BOUND_BIT(CAUSE_CMA);
}

/* The one of a hash that grows may be of either kind. */
static void unseen_tables(const struct look *lk, uint32_t row, uint32_t *why)
{
	if (!books_unseen(lk->b->rs->books, row, BOOKS_UNSEEN_TABLES))
		return;
	why[KIND_SLAB] |= BOUND_BIT(CAUSE_TABLE);
	why[KIND_PAGES] |= BOUND_BIT(CAUSE_TABLE);
}

/* ---- events that are missing ------------------------------------------------------ */

static bool has_lost(const struct look *lk, uint32_t row)
{
	const uint64_t lost = books_stats(lk->b->rs->books)->last_lost_ts;
	const struct coverage *c = &lk->b->snap->coverage;

	if (!c->lost_events && !c->lost_unknown && !lost)
		return false;
	return lk->b->lost_untimed || !lost || lk->since[row] <= lost;
}

/* Its memory may be what is in [unknown], as nothing says for sure where its code lay. */
static bool may_be_unknown(const struct look *lk, uint32_t row)
{
	const struct builder *b = lk->b;

	return source_info(b->rs->src)->text || lk->unplaced[row] ||
	       !(decoder_formats(b->rs->decoder)->seen & (1u << EVENT_MODULE_LOAD));
}

static void set_kinds(uint32_t *why, enum bound_cause cause, bool slab, bool pages, bool percpu)
{
	for (int kind = 0; kind < KIND_MAX; kind++)
		if (kind == KIND_SLAB ? slab : kind == KIND_PERCPU ? percpu : pages)
			why[kind] |= BOUND_BIT(cause);
}

/* Events that were not recorded, or left out, of memory that is taken. */
static void missing_takes(struct builder *b, uint32_t *why)
{
	const bool *absent = b->recorded.absent, *filtered = b->recorded.filtered;
	const bool text = source_info(b->rs->src)->text != NULL;

	if (!text || books_stats(b->rs->books)->events >= TEXT_EVENTS)
		set_kinds(why, CAUSE_ALLOCS_ABSENT,
			  absent[RECORDED_KMALLOC] || absent[RECORDED_CACHE_ALLOC] ||
			  absent[RECORDED_KMALLOC_NODE] ||
			  absent[RECORDED_CACHE_ALLOC_NODE],
			  absent[RECORDED_PAGE_ALLOC],
			  absent[RECORDED_PERCPU_ALLOC] && !text);
	set_kinds(why, CAUSE_ALLOCS_FILTERED,
		  filtered[RECORDED_KMALLOC] || filtered[RECORDED_CACHE_ALLOC] ||
		  filtered[RECORDED_KMALLOC_NODE] || filtered[RECORDED_CACHE_ALLOC_NODE],
		  filtered[RECORDED_PAGE_ALLOC], filtered[RECORDED_PERCPU_ALLOC]);
	/* without a probe an area is known by a kmalloc */
	if (!build_covered(b, "vmalloc"))
		why[KIND_VMALLOC] |= why[KIND_SLAB] & (BOUND_BIT(CAUSE_ALLOCS_ABSENT) |
						       BOUND_BIT(CAUSE_ALLOCS_FILTERED));
}

/* Only a module whose file can take movable pages may hold some. */
static void own_only(const struct look *lk, uint32_t row, uint32_t *why)
{
	const bool kernel = row == OWNER_KERNEL;

	if (kernel || can_call(lk, row, SILENT_MOVABLE) == CAN)
		why[KIND_PAGES] |= BOUND_BIT(CAUSE_OWN_ONLY);
	if (!kernel)
		return;
	why[KIND_SLAB] |= BOUND_BIT(CAUSE_OWN_ONLY);
	why[KIND_PERCPU] |= BOUND_BIT(CAUSE_OWN_ONLY);
}

static void missing_events(const struct look *lk, uint32_t row, uint32_t *why)
{
	struct builder *b = lk->b;
	const struct companion_item *narrowed = companion_find(b->rs->companion,
							       COMPANION_NARROWED);

	missing_takes(b, why);
	if (has_lost(lk, row))
		set_kinds(why, CAUSE_LOST, true, true, true);
	else if (b->lost_untimed && !(why[KIND_SLAB] & BOUND_BIT(CAUSE_NOT_ALL)))
		set_kinds(why, CAUSE_DAMAGED, true, true, true);
	if (narrowed && !modname_listed(narrowed->text, lk->name[row]))
		set_kinds(why, CAUSE_NARROWED, true, false, true);
	if (lk->b->snap->coverage.own_only)
		own_only(lk, row, why);
	if (row <= OWNER_UNKNOWN)
		return;
	for (int kind = 0; kind < KIND_MAX; kind++) {
		/* only a stack says what pages are for */
		enum mem_kind as = kind == KIND_VMALLOC || kind == KIND_DMA ? KIND_PAGES :
				   (enum mem_kind)kind;

		/* a page fault or two, whose stack the kernel did not give, are no reason */
		if (lk->stackless[as] > lk->live[row] / SHARE &&
		    lk->stackless[as] > lk->all / SHARE)
			why[kind] |= BOUND_BIT(CAUSE_NO_STACK);
		if (lk->nameless[kind] > lk->live[row] / SHARE && may_be_unknown(lk, row))
			why[kind] |= BOUND_BIT(CAUSE_UNKNOWN_CODE);
	}
}

/* ---- accounts, and rows ------------------------------------------------------------- */

/* Of one account, with what holds for all of the row's memory of its kind. */
static uint32_t account_why(const struct look *lk, uint32_t id, const uint32_t *missing)
{
	const struct builder *b = lk->b;
	const struct account *a = build_account(b, id);
	uint32_t why = b->kind_why[a->what.kind] | missing[a->what.kind];

	/* what a place took is seen, or its own call would not be; but for movable pages */
	if (b->snap->coverage.own_only && a->what.kind == KIND_PAGES &&
	    a->what.charge == CHARGE_INDUCED)
		why |= BOUND_BIT(CAUSE_OWN_ONLY);
	else if (a->what.kind != KIND_PAGES)
		why &= ~BOUND_BIT(CAUSE_OWN_ONLY);
	why &= ~(BOUND_BIT(CAUSE_ALLOCS_ABSENT) | BOUND_BIT(CAUSE_NARROWED) |
		 BOUND_BIT(CAUSE_NO_STACK) | BOUND_BIT(CAUSE_UNKNOWN_CODE));
	why |= a->unsized ? BOUND_BIT(CAUSE_VMALLOC) : 0;
	why |= a->over ? BOUND_BIT(CAUSE_VMALLOC_LARGE) : 0;
	why |= a->untold ? BOUND_BIT(CAUSE_PAGES_BULK) : 0;
	if (recorded_missed(&b->recorded, a))
		why |= BOUND_BIT(CAUSE_FREES_ABSENT);
	else if (b->blind[id] || b->evicts[id])
		why |= BOUND_BIT(CAUSE_FREE_BLIND);
	if (recorded_filtered(&b->recorded, a))
		why |= BOUND_BIT(CAUSE_FREES_FILTERED);
	if (b->facts[id].suspect)
		why |= BOUND_BIT(CAUSE_CLOCK);
	return why;
}

/* Of one account of the row's own. */
static uint32_t own_why(const struct look *lk, const struct account *a,
			const struct row_bounds *rb)
{
	uint32_t why = a->what.kind == KIND_SLAB ? rb->frees : 0;

	/* of such calls only those that fell back to one by one have events */
	if (a->what.via == lk->via_pages && !lk->pages_bulk)
		why |= BOUND_BIT(CAUSE_PAGES_BULK);
	if (a->what.via == lk->via_pool && !lk->pages_bulk)
		why |= BOUND_BIT(CAUSE_PAGE_POOL);
	if (a->what.via == lk->via_contig && !lk->contig)
		why |= BOUND_BIT(CAUSE_CMA);
	if (a->what.via == lk->via_bulk && (!a->size || !lk->bulk_alloc))
		why |= BOUND_BIT(CAUSE_SLAB_BULK_ALLOC);
	if (a->what.kind == KIND_VMALLOC)
		why |= rb->kind[KIND_VMALLOC] & BOUND_BIT(CAUSE_MISSED_FREES);
	return why;
}

/* Of what all rows that there are hold, be it seen or not. */
static void row_why(const struct look *lk, uint32_t row, struct row_bounds *rb)
{
	const struct builder *b = lk->b;

	memcpy(rb->kind, b->kind_why, sizeof(rb->kind));
	missing_events(lk, row, rb->kind);
	memcpy(rb->missing, rb->kind, sizeof(rb->missing));
	if (row == OWNER_KERNEL) {
		kernel_why(lk, rb);
		return;
	}
	rb->frees = unseen_frees(lk, row);
	rb->kind[KIND_SLAB] |= unseen_bulk(lk, row);
	unseen_pages(lk, row, rb->kind);
	unseen_tables(lk, row, rb->kind);
	missed_takes(lk, row, rb->kind);
	if (!lk->pages_bulk && can_call(lk, row, SILENT_PAGE_POOL) == CAN)
		rb->kind[KIND_PAGES] |= BOUND_BIT(CAUSE_PAGE_POOL);
}

/* Did it do anything? To look into the files of all others takes time for nothing. */
static bool is_active(const struct look *lk, uint32_t row)
{
	for (int what = 0; what < BOOKS_UNSEEN; what++)
		if (books_unseen(lk->b->rs->books, row, (enum books_unseen)what))
			return true;
	return lk->active[row] || lk->since[row];
}

static void look_at_accounts(const struct look *lk)
{
	struct builder *b = lk->b;
	struct ledger *l = books_ledger(b->rs->books);

	for (uint32_t i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);
		struct row_bounds *rb = &b->bounds[a->what.row];
		uint32_t why = account_why(lk, i, rb->missing);

		if (a->what.charge == CHARGE_OWN)
			why |= own_why(lk, a, rb);
		if (!a->live_bytes)
			why = bound_of_nothing(why);
		b->why[i] = why;
		if (a->what.charge == CHARGE_OWN)
			rb->kind[a->what.kind] |= why;
		else if (a->what.charge == CHARGE_INDUCED)
			rb->induced |= why;
	}
}

static int look_at_all(struct look *lk)
{
	struct builder *b = lk->b;
	const struct modmap *mm = books_modmap(b->rs->books);
	size_t n = modmap_rows(mm);

	lk->name = arena_zalloc(b->arena, n, sizeof(*lk->name));
	lk->since = arena_zalloc(b->arena, n, sizeof(*lk->since));
	lk->unplaced = arena_zalloc(b->arena, n, sizeof(*lk->unplaced));
	lk->calls = arena_zalloc(b->arena, n, sizeof(*lk->calls));
	lk->calls_known = arena_zalloc(b->arena, n, sizeof(*lk->calls_known));
	lk->live = arena_zalloc(b->arena, n, sizeof(*lk->live));
	lk->active = arena_zalloc(b->arena, n, sizeof(*lk->active));
	lk->bulk = arena_zalloc(b->arena, n, sizeof(*lk->bulk));
	lk->bulk_pages = arena_zalloc(b->arena, n, sizeof(*lk->bulk_pages));
	lk->vmalloc = arena_zalloc(b->arena, n, sizeof(*lk->vmalloc));
	b->bounds = arena_zalloc(b->arena, n, sizeof(*b->bounds));
	b->why = arena_zalloc(b->arena, ledger_count(books_ledger(b->rs->books)),
			      sizeof(*b->why));
	if (!lk->name || !lk->since || !lk->unplaced || !lk->calls || !lk->calls_known ||
	    !lk->live || !lk->active || !lk->bulk || !lk->bulk_pages ||
	    !lk->vmalloc || !b->bounds || !b->why)
		return -ENOMEM;
	for (uint32_t i = 0; i < modmap_count(mm); i++) {
		const struct module_instance *mi = modmap_instance(mm, i);

		if (!lk->name[mi->row] || mi->loaded_ns < lk->since[mi->row])
			lk->since[mi->row] = mi->loaded_ns;
		lk->name[mi->row] = mi->name;
		lk->unplaced[mi->row] |= !mi->has_range || mi->assumed;
	}
	sum_up(lk);
	for (uint32_t row = OWNER_UNKNOWN + 1; row < n; row++)
		lk->calls_known[row] = lk->name[row] && b->rs->imports &&
				       imports_of(b->rs->imports, lk->name[row],
						  is_active(lk, row), &lk->calls[row]);
	for (uint32_t row = 0; row < n; row++)
		if (lk->name[row])
			row_why(lk, row, &b->bounds[row]);
	for (uint32_t row = 0; row < n && b->snap->coverage.own_only; row++)
		b->bounds[row].induced |= BOUND_BIT(CAUSE_OWN_ONLY);
	look_at_accounts(lk);
	return 0;
}

static uint32_t call(struct builder *b, const char *name)
{
	return strings_add(b->rs->strings, name, strlen(name));
}

int build_bounds(struct builder *b)
{
	const struct books_stats *bs = books_stats(b->rs->books);
	struct look lk = {
		.b = b,
		.all_pages = b->rs->made_by == RECORDER_PAGE_OWNER,
		.areas = build_covered(b, "vmalloc") || build_page_arrays(b) ||
			 b->rs->made_by == RECORDER_PAGE_OWNER,
		.pages_bulk = build_covered(b, "pages_bulk"),
		.contig = build_told(b, EVENT_CONTIG_ALLOC),
		.rcu_free = build_covered(b, "rcu_free"),
		.bulk_free = build_covered(b, "bulk_free") && !bs->bulk_free_missed,
		.bulk_alloc = build_covered(b, "bulk_alloc") &&
			      bs->bulk_missed <= bs->bulk_free_missed,
		.missed_rcu_free = build_missed(b, "rcu_free"),
		.missed_bulk_free = build_missed(b, "bulk_free"),
		.missed_bulk_alloc = build_missed(b, "bulk_alloc"),
		.missed_pages_bulk = build_missed(b, "pages_bulk"),
		.missed_areas = build_missed(b, "vmalloc"),
		.via_bulk = call(b, "kmem_cache_alloc_bulk"),
		.via_pages = call(b, "alloc_pages_bulk"),
		.via_pool = call(b, "page_pool"),
		.via_contig = call(b, "cma_alloc"),
	};

	if (lk.via_bulk == UINT32_MAX || lk.via_pages == UINT32_MAX ||
	    lk.via_pool == UINT32_MAX || lk.via_contig == UINT32_MAX)
		return -ENOMEM;
	return look_at_all(&lk);
}
