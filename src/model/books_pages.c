// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_pages.c - page blocks, and large kmallocs, which are page blocks
 */
#include "books_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocfn.h"
#include "attribution.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "page_size.h"
#include "pages.h"
#include "stacks.h"

/* Forgets that the page allocation @id has a name in the slab table. */
static void drop_large(struct books *b, const struct page_alloc *pa, uint32_t id)
{
	struct object *o = pa->large ? objects_find(b->slab, pa->large) : NULL;

	if (o && (o->flags & OBJECT_LARGE) && o->bytes == id)
		objects_remove(b->slab, o);
}

/* Pages of one cma_alloc(), at most: 64 GB of 4K each. */
#define CONTIG_MAX (1u << 24)

struct page_taking {
	struct books *b;
	uint64_t ts;
	bool evict;
};

static void page_taken(void *arg, uint32_t id, uint32_t n)
{
	struct page_taking *pt = arg;
	struct books *b = pt->b;
	struct page_alloc *pa = pages_alloc(b->pages, id);
	uint64_t bytes = (uint64_t)n << b->page_shift;
	bool whole = !pa->live_pages;
	uint32_t requested = whole ? pa->requested : 0;

	if (!pt->evict || pa->suspect) {
		ledger_free_bytes(b->ledger, pa->account, bytes, requested, whole);
		if (pt->evict && whole)
			b->stats.reordered++;
	} else {
		ledger_evict(b->ledger, pa->account, bytes, requested, whole);
		if (whole)
			b->stats.evicted++;
	}
	if (whole)
		drop_large(b, pa, id);
	if (whole && pa->slab_of)
		books_slab_gone(b, pa, pt->ts);
}

static bool is_page_range(const struct event *ev)
{
	return ev->order <= PAGE_ORDER_MAX && ev->ptr < PFN_MAX;
}

/*
 * Buddies are aligned to their size (mm/page_alloc.c, VM_BUG_ON_PAGE() in
 * __free_one_page()), and no machine has more than 2^56 bytes of addresses.
 */
static inline void check_block(struct books *b, const struct event *ev)
{
	if (__builtin_expect(!(ev->ptr & ((1ull << ev->order) - 1)) &&
			     !(ev->ptr >> (56 - b->page_shift)), 1) || b->opts.hashed)
		return;
	if (!b->stats.odd++) {
		b->stats.odd_first = ev->ptr;
		b->stats.odd_is_page = true;
	}
}

/* What was freed so early was taken with an event, as far as clocks can tell. */
static void seen_after_all(struct books *b, struct early_free *early)
{
	if (early->row != OWNER_NONE)
		b->unseen[early->row][BOOKS_UNSEEN_PAGES] -= 1ull << early->order;
	early->row = OWNER_NONE;
}

static int page_failed(struct books *b, struct task *t, const struct event *ev)
{
	const struct attribution *what;
	uint32_t account = books_account(b, ev, t, &what);

	if (account == UINT32_MAX)
		return -ENOMEM;
	ledger_at(b->ledger, account)->failed++;
	books_area_page_failed(t, ev, what);
	return 0;
}

/* The task's next slab or kmalloc event may be of these pages @id. */
static void await_object(struct task *t, const struct event *ev,
			 const struct attribution *what, uint32_t id)
{
	t->last_is_kmalloc = false;
	if (what->charge == CHARGE_OVERHEAD &&
	    what->overhead == OVERHEAD_SLAB_PAGES) {
		if (t->n_slabs == SLAB_WAIT_MAX)
			t->n_slabs = 0;
		t->slabs[t->n_slabs++] = id;
		t->slabs_exts = what->slab_exts;
	} else if (what->large || (ev->type == EVENT_PAGE_ALLOC &&
				   what->charge != CHARGE_OVERHEAD)) {
		t->large = id;
		t->large_ts = ev->ts;
	}
}

int books_page_alloc(struct books *b, const struct event *ev)
{
	struct page_taking evict = { .b = b, .ts = ev->ts, .evict = true };
	struct task *t = books_task(b, ev);
	const struct attribution *what;
	struct early_free *early;
	struct page_alloc *pa;
	uint32_t account, id;
	bool of_area;

	if (ev->ptr == b->failed_pfn)
		return page_failed(b, t, ev);
	if (!is_page_range(ev)) {
		b->stats.malformed++;
		return 0;
	}
	check_block(b, ev);
	account = books_account(b, ev, t, &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	b->stats.pages_taken += 1ull << ev->order;
	/* given out again: its free was not seen (B3, B5, lost); before anything comes */
	if (pages_take(b->pages, ev->ptr, ev->order, page_taken, &evict) < 0)
		return -ENOMEM;
	if (__builtin_expect(t->area_waits, 0) && what->area == AREA_NONE &&
	    books_area_go_on(b, t))
		return -ENOMEM;
	/* a probe tells of the whole area: these are its pages, known already */
	of_area = b->opts.areas && what->kind == KIND_VMALLOC &&
		  what->charge != CHARGE_OVERHEAD;
	if (of_area) {
		account = ACCOUNT_OUTSIDE;
		b->stats.area_pages_taken += 1ull << ev->order;
	}
	if (__builtin_expect(what->area == AREA_PAGES, 0) && !b->opts.areas &&
	    books_area_page(b, t, ev, what))
		return -ENOMEM;
	id = pages_add(b->pages, ev->ptr, ev->order);
	if (id == PAGE_ALLOC_NONE)
		return -ENOMEM;
	pa = pages_alloc(b->pages, id);
	pa->ts = ev->ts;
	pa->account = account;
	early = books_freed_early(b, ev, EVENT_PAGE_FREE);
	pa->suspect = early != NULL;
	if (early)
		seen_after_all(b, early);
	pa->of_area = of_area;
	books_hold(b, account, b->opts.page_size << ev->order, 0, ev->ts);

	await_object(t, ev, what, id);
	return 0;
}

/*
 * What stack @stack says of who frees. Frees of what was there before are many, and
 * come from few stacks.
 */
static struct page_freer page_freer(struct books *b, uint32_t stack)
{
	size_t room = b->freer_room ? b->freer_room : 1024, n;
	struct page_freer *freers, found;
	const uint64_t *frames;
	uint32_t owner;

	if (b->freer_epoch != modmap_epoch(b->modmap) && b->freer_room)
		memset(b->freers, 0, b->freer_room * sizeof(*b->freers));
	b->freer_epoch = modmap_epoch(b->modmap);
	if (stack < b->freer_room && b->freers[stack].flags)
		return b->freers[stack];
	while (room <= stack)
		room *= 2;
	if (room > b->freer_room) {
		freers = realloc(b->freers, room * sizeof(*freers));
		if (freers) {
			memset(freers + b->freer_room, 0,
			       (room - b->freer_room) * sizeof(*freers));
			b->freers = freers;
			b->freer_room = room;
		}
	}
	frames = stacks_get(b->stacks, stack, &n);
	found.flags = attribute_free(b->attributor, frames, n, &owner) + 1;
	found.row = owner == OWNER_NONE ? OWNER_NONE :
		    modmap_instance(b->modmap, owner)->row;
	if (stack < b->freer_room)
		b->freers[stack] = found;
	return found;
}

uint64_t books_unseen(const struct books *b, uint32_t row, enum books_unseen what)
{
	return (row < b->n_unseen ? b->unseen[row][what] : 0) +
	       (what == BOOKS_UNSEEN_TABLES ? books_tables_claimed(b, row) : 0);
}

int books_count_unseen(struct books *b, uint32_t row, enum books_unseen what, uint64_t count)
{
	size_t n = modmap_rows(b->modmap);

	if (row >= b->n_unseen) {
		void *more = realloc(b->unseen, n * sizeof(*b->unseen));

		if (!more)
			return -ENOMEM;
		b->unseen = more;
		memset(b->unseen + b->n_unseen, 0, (n - b->n_unseen) * sizeof(*b->unseen));
		b->n_unseen = n;
	}
	b->unseen[row][what] += count;
	return 0;
}

/* Taken before the recording, or in a way that fires no event. 0 or -ENOMEM. */
static int unmatched(struct books *b, const struct event *ev)
{
	const struct page_freer freer = page_freer(b, ev->stack);
	enum books_unseen what = BOOKS_UNSEEN_PAGES;
	uint32_t flags = freer.flags - 1;
	struct early_free *early;

	if (flags & FN_CMA) {
		b->stats.unmatched_cma_pages++;
		what = flags & FN_DMA ? BOOKS_UNSEEN_DMA : BOOKS_UNSEEN_CMA;
	} else if (flags & FN_VFREE) {
		books_area_page_freed(b, ev);
		what = BOOKS_UNSEEN_VFREE;
	} else {
		b->stats.unmatched_pages++;
	}
	early = books_remember_early(b, ev);
	/* coherent memory has events, unless it is contiguous */
	if (freer.row == OWNER_NONE || ((flags & FN_DMA) && what == BOOKS_UNSEEN_PAGES))
		return 0;
	if (early && what == BOOKS_UNSEEN_PAGES)
		early->row = freer.row;
	return books_count_unseen(b, freer.row, what, 1ull << ev->order);
}

int books_page_free(struct books *b, const struct event *ev)
{
	struct page_taking pt = { .b = b, .ts = ev->ts, .evict = false };
	int64_t taken;

	if (!is_page_range(ev)) {
		b->stats.malformed++;
		return 0;
	}
	check_block(b, ev);
	b->stats.pages_freed += 1ull << ev->order;
	taken = pages_take(b->pages, ev->ptr, ev->order, page_taken, &pt);
	if (taken < 0)
		return (int)taken;
	return taken ? 0 : unmatched(b, ev);
}

static bool is_contig(const struct event *ev)
{
	return ev->ptr < PFN_MAX && ev->bytes_req && ev->bytes_req <= CONTIG_MAX;
}

/*
 * cma_alloc() (TRAPS B5): any number of pages, told when all is done. What it moved out
 * of the way, and took too much, has been freed before (E17).
 */
int books_contig_alloc(struct books *b, const struct event *ev)
{
	struct page_taking evict = { .b = b, .ts = ev->ts, .evict = true };
	const struct attribution *what;
	uint32_t account, id, n;
	struct page_alloc *pa;

	if (!is_contig(ev)) {
		b->stats.malformed++;
		return 0;
	}
	n = (uint32_t)ev->bytes_req;
	account = books_account(b, ev, books_task(b, ev), &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	b->stats.pages_taken += n;
	if (pages_take_range(b->pages, ev->ptr, n, page_taken, &evict) < 0)
		return -ENOMEM;
	id = pages_add_range(b->pages, ev->ptr, n);
	if (id == PAGE_ALLOC_NONE)
		return -ENOMEM;
	pa = pages_alloc(b->pages, id);
	pa->ts = ev->ts;
	pa->account = account;
	books_hold(b, account, (uint64_t)n << b->page_shift, 0, ev->ts);
	return 0;
}

/* Its pages have been freed one by one already, if such events are there. */
int books_contig_free(struct books *b, const struct event *ev)
{
	struct page_taking pt = { .b = b, .ts = ev->ts, .evict = false };
	int64_t taken;

	if (!is_contig(ev)) {
		b->stats.malformed++;
		return 0;
	}
	taken = pages_take_range(b->pages, ev->ptr, (uint32_t)ev->bytes_req, page_taken, &pt);
	if (taken < 0)
		return (int)taken;
	b->stats.pages_freed += (uint64_t)taken;
	return 0;
}

/*
 * kmalloc's own functions took these pages for what it hands out now: so large
 * they are. A text log does not tell the page size, and what a trace.dat tells
 * can be that of the ring buffer.
 */
static void check_page_size(struct books *b, const struct page_alloc *pa,
			    const struct event *ev)
{
	uint64_t size = ev->bytes_alloc / pa->live_pages;

	if (!ledger_at(b->ledger, pa->account)->what.large ||
	    size * pa->live_pages != ev->bytes_alloc ||
	    size < PAGE_SIZE_MIN || (size & (size - 1)))
		return;
	if (size == b->opts.page_size) {
		b->stats.page_size_fits++;
	} else {
		b->stats.page_size_misfits++;
		b->stats.page_size_other = size;
	}
}

/*
 * A kmalloc too big for slab: the pages came as an event of their own just
 * before, from the same task (A1). With a stack its frames say so. Where these lack the
 * innermost (E11) size and address must agree; without a stack, and while it is not known
 * where memory is mapped, the size must be none that slab serves (KMALLOC_MAX_CACHE_SIZE
 * of SLUB is two pages) and, with a stack, the address be where a map can begin.
 */
uint32_t books_find_pages(struct books *b, struct task *t, const struct event *ev)
{
	uint32_t id = t->large;
	struct page_alloc *pa;
	uint64_t offset, linear;
	bool named, stackless, known;

	pa = pages_alloc(b->pages, id);
	t->large = PAGE_ALLOC_NONE;
	if (!pa->live_pages || pa->ts != t->large_ts || pa->large)
		return PAGE_ALLOC_NONE;
	check_page_size(b, pa, ev);
	if ((uint64_t)pa->live_pages << b->page_shift != ev->bytes_alloc ||
	    (!b->opts.hashed && (ev->ptr & (b->opts.page_size - 1))))
		return PAGE_ALLOC_NONE;
	offset = ev->ptr - (pa->pfn << b->page_shift);
	named = ledger_at(b->ledger, pa->account)->what.large;
	stackless = pa->account == ACCOUNT_OUTSIDE ||
		    ledger_at(b->ledger, pa->account)->stack == STACK_NONE;
	known = books_linear(b, &linear);
	if (!named && !known && (ev->bytes_alloc <= 2 * b->opts.page_size ||
				 (!stackless && offset % MAP_ALIGN)))
		return PAGE_ALLOC_NONE;
	if (b->opts.hashed)
		return id;
	if ((named ? b->linear_known : known) && offset != linear)
		return PAGE_ALLOC_NONE;
	if (named && !b->linear_known) {
		b->linear_known = true;
		b->linear_offset = offset;
	}
	return id;
}

bool books_pages_know(const struct books *b, uint32_t pages, uint32_t site)
{
	const struct account *a = ledger_at(b->ledger, pages);
	const uint64_t *frames;
	size_t i, n;

	if (a->what.large || pages == ACCOUNT_OUTSIDE)
		return a->what.large;
	frames = stacks_get(b->stacks, a->stack, &n);
	for (i = 0; i < n && frames[i] != ledger_at(b->ledger, site)->call_site; i++)
		;
	return i < n;
}

/* The pages @id are of this kmalloc, whose call site is @site's. */
int books_large_kmalloc(struct books *b, uint32_t id, const struct event *ev,
			 uint32_t site)
{
	struct page_alloc *pa = pages_alloc(b->pages, id);
	uint32_t account = pa->account;
	struct object *o;

	/* nobody was charged for pages without a stack, or not all of it: the call site knows */
	if (!books_pages_know(b, account, site) && account != ACCOUNT_OUTSIDE &&
	    site != ACCOUNT_OUTSIDE) {
		if (ledger_set_kind(b->ledger, site, KIND_PAGES))
			return -ENOMEM;
		books_move(b, account, site, ev->bytes_alloc, 0, ev->ts);
		account = pa->account = site;
	}
	ledger_set_requested(b->ledger, account, pa->requested, ev->bytes_req);
	pa->requested = (uint32_t)ev->bytes_req;
	pa->large = ev->ptr;
	o = objects_add(b->slab, ev->ptr);
	if (!o)
		return -ENOMEM;
	o->flags = OBJECT_LARGE;
	o->bytes = id;
	o->ts = ev->ts;
	o->account = account & (OBJECT_ACCOUNTS_MAX - 1);
	return 0;
}
