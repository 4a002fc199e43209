// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_objects.c - slab objects and per-CPU memory
 */
#include "books_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribution.h"
#include "hash.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "pages.h"
#include "stacks.h"

/*
 * Slabs that must agree on where memory is mapped before it is believed. One is
 * enough if it is where kernels put it (MAP_ALIGN).
 */
#define SLAB_VOTES	3u

/* 64K of eight bytes each: the smallest objects in the largest page. */
#define SLAB_OBJECTS_MAX 8192u

bool books_linear(const struct books *b, uint64_t *offset)
{
	*offset = b->linear_known ? b->linear_offset : b->slab_offset;
	if (b->opts.hashed)
		return false;
	if (b->linear_known)
		return true;
	return b->slab_votes >= (*offset % MAP_ALIGN ? SLAB_VOTES : 1);
}

bool books_pfn(const struct books *b, uint64_t addr, uint64_t *pfn)
{
	uint64_t offset;

	if (!books_linear(b, &offset))
		return false;
	*pfn = (addr - offset) >> b->page_shift;
	return true;
}

/*
 * The first object of a new slab: its block lies in memory as the buddy
 * allocator aligns it, so the object tells where, and where objects begin
 * (SLUB: behind the red zone, if there is one; then one every s->size bytes).
 */
static void note_first_object(struct books *b, struct page_alloc *pa, uint64_t addr,
			      uint64_t size)
{
	uint64_t bytes = b->opts.page_size << pa->order;
	uint64_t offset = (addr & ~(bytes - 1)) - (pa->pfn << b->page_shift);

	if (!addr || !size || pa->live_pages != 1u << pa->order)
		return;
	if (b->slab_votes && offset == b->slab_offset) {
		b->slab_votes += b->slab_votes < UINT32_MAX;
	} else if (!b->slab_votes || !--b->slab_votes) {
		b->slab_offset = offset;
		b->slab_votes = 1;
	}
	pa->first_object = (uint32_t)((addr & (bytes - 1)) % size);
}

static struct gone *gone_slot(struct books *b, uint64_t addr)
{
	return &b->gone[hash64(addr) & (GONE_SLOTS - 1)];
}

/*
 * Up to 5.14 kmem_cache_free() tells of the free when it is done: the slab may
 * have been freed before. Where clocks differ it may seem so, too. Such an
 * object was not freed unseen.
 */
static bool was_gone(struct books *b, const struct event *ev)
{
	struct gone *g = gone_slot(b, ev->ptr);

	if (g->addr != ev->ptr || ev->ts - g->ts > GONE_WINDOW)
		return false;
	ledger_evicted_was_free(b->ledger, g->account, g->bytes);
	b->stats.evicted--;
	if (ev->name)
		ledger_at(b->ledger, g->account)->cache = ev->name;
	g->addr = 0;
	return true;
}

void books_slab_gone(struct books *b, const struct page_alloc *pa, uint64_t ts)
{
	uint64_t size = ledger_at(b->ledger, pa->slab_of)->size;
	uint64_t at, end, offset;
	struct object *o;

	if (!size || pa->first_object == PAGES_NO_OBJECT || !books_linear(b, &offset))
		return;
	at = (pa->pfn << b->page_shift) + offset;
	end = at + (b->opts.page_size << pa->order);
	if ((end - at) / size > SLAB_OBJECTS_MAX)
		return;
	for (uint64_t ahead = at + pa->first_object; ahead < end; ahead += size)
		objects_prefetch(b->slab, ahead);
	for (at += pa->first_object; at < end; at += size) {
		o = objects_find(b->slab, at);
		if (!o || o->bytes != size || (o->flags & OBJECT_LARGE))
			continue;
		if (!(o->flags & OBJECT_SUSPECT))
			*gone_slot(b, at) = (struct gone){
				.addr = at, .ts = ts, .bytes = size,
				.account = o->account,
			};
		books_evict(b, b->slab, o);
	}
}

bool books_fit(const struct books *b, uint32_t account, uint64_t call_site)
{
	const uint64_t *frames;
	size_t i, n;

	if (!b->opts.narrowed || !call_site || account == ACCOUNT_OUTSIDE)
		return true;
	frames = stacks_get(b->stacks, ledger_at(b->ledger, account)->stack, &n);
	for (i = 0; i < n && frames[i] != call_site; i++)
		;
	return i < n || !n;
}

void books_name_slabs(struct books *b, struct task *t, uint32_t account, uint64_t addr)
{
	uint64_t size = ledger_at(b->ledger, account)->size;
	bool exts = ledger_at(b->ledger, account)->what.slab_exts;
	uint32_t i;

	if (exts != t->slabs_exts)
		return;
	for (i = 0; i < t->n_slabs; i++) {
		struct page_alloc *pa = pages_alloc(b->pages, t->slabs[i]);
		const struct attribution *what = &ledger_at(b->ledger, pa->account)->what;

		/* it may have gone, and its number have been given again */
		if (pa->live_pages && what->charge == CHARGE_OVERHEAD &&
		    what->overhead == OVERHEAD_SLAB_PAGES &&
		    books_fit(b, pa->account, ledger_at(b->ledger, account)->call_site)) {
			pa->slab_of = account;
			/* of the objects that it was taken for before, if it comes twice */
			pa->first_object = PAGES_NO_OBJECT;
			if (t->n_slabs == 1)
				note_first_object(b, pa, addr, size);
		}
	}
	t->n_slabs = 0;
}

/* The address is given out again while the books hold it live. */
void books_evict(struct books *b, struct objects *os, struct object *o)
{
	if (o->flags & OBJECT_SUSPECT) {
		ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
		b->stats.reordered++;
	} else if (!(o->flags & OBJECT_LARGE)) {
		ledger_evict(b->ledger, o->account, o->bytes, o->requested, true);
		b->stats.evicted++;
	}
	if (o->flags & OBJECT_ARRAY)
		books_area_gone(b, o->addr, NULL);
	objects_remove(os, o);
}

int books_add_object(struct books *b, struct objects *os, const struct event *ev,
		      uint32_t account)
{
	struct object *o = objects_add(os, ev->ptr);

	if (!o)
		return -ENOMEM;
	o->ts = ev->ts;
	o->account = account & (OBJECT_ACCOUNTS_MAX - 1);
	o->bytes = ev->bytes_alloc & OBJECT_BYTES_MAX;
	o->requested = ev->bytes_req & OBJECT_BYTES_MAX;
	if (books_freed_early(b, ev, ev->type == EVENT_SLAB_ALLOC ?
			EVENT_SLAB_FREE : EVENT_PERCPU_FREE))
		o->flags = OBJECT_SUSPECT;
	books_hold(b, account, ev->bytes_alloc, o->requested, ev->ts);
	return 0;
}

/*
 * The second kmalloc event of one allocation (A2): the inner one named a call
 * site within the allocators, the outer one the real caller.
 */
static bool repeats(const struct task *t, const struct event *ev,
		    const struct object *o)
{
	if (!(ev->flags & EVENT_KMALLOC) || !t->last_is_kmalloc ||
	    t->last_addr != ev->ptr)
		return false;
	return (o->flags & OBJECT_LARGE) ||
	       (o->bytes == ev->bytes_alloc && t->last_is_inner);
}

/* Another event of what is in the books already: the later call site counts. */
static int repeated_event(struct books *b, struct object *o, uint32_t account,
			  uint64_t ts)
{
	struct page_alloc *pa;

	if (o->account == account || o->account == ACCOUNT_OUTSIDE)
		return 0;
	if (!(o->flags & OBJECT_LARGE)) {
		books_move(b, o->account, account, o->bytes, o->requested, o->ts);
		o->account = account & (OBJECT_ACCOUNTS_MAX - 1);
		return 0;
	}
	/* what the stack of the page event said is better still */
	if (books_pages_know(b, o->account, account))
		return 0;
	pa = pages_alloc(b->pages, (uint32_t)o->bytes);
	if (ledger_set_kind(b->ledger, account, KIND_PAGES))
		return -ENOMEM;
	books_move(b, pa->account, account,
		   (uint64_t)pa->live_pages << b->page_shift, pa->requested, ts);
	pa->account = account;
	o->account = account & (OBJECT_ACCOUNTS_MAX - 1);
	return 0;
}

/*
 * What has an address has bytes: kmalloc(0) is ZERO_SIZE_PTR, no cache has objects
 * of 0 bytes (mm/slub.c, calculate_sizes()), and pcpu_alloc() refuses to take 0.
 */
static bool makes_sense(const struct event *ev)
{
	return ev->bytes_alloc && ev->bytes_alloc <= OBJECT_SLAB_MAX &&
	       ev->bytes_req <= ev->bytes_alloc;
}

/* An object that vmalloc() has for an area. */
static int area_object(struct books *b, struct task *t, const struct event *ev,
		       uint32_t account, const struct attribution *what)
{
	const enum area_role role = what->area;
	const bool nested = what->nested;
	int ret = books_add_object(b, b->slab, ev, account);

	b->stats.areas_begun += role == AREA_ARRAY;
	if (ret || b->opts.areas)
		return ret;
	if (role == AREA_ARRAY)
		return books_area_array(b, t, ev, nested);
	return role == AREA_STRUCT && !nested ? books_area_struct(b, t, ev) : 0;
}

int books_slab_alloc(struct books *b, const struct event *ev)
{
	struct task *t = books_task(b, ev);
	const struct attribution *what;
	uint32_t account, pages;
	bool again = false;
	struct account *a;
	struct object *o;

	if (ev->ptr == ZERO_SIZE_PTR)
		return 0;
	account = books_account(b, ev, t, &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	if (__builtin_expect(t->area_waits, 0) && what->area != AREA_ELSE &&
	    books_area_go_on(b, t))
		return -ENOMEM;
	if (!ev->ptr || ev->ptr >= b->error_ptr) {
		ledger_at(b->ledger, account)->failed++;
		books_area_failed(t, ev, what);
		return 0;
	}
	if (!makes_sense(ev)) {
		b->stats.malformed++;
		return 0;
	}

	books_was_given_up(b, ev->ptr);
	o = objects_find(b->slab, ev->ptr);
	if (o)
		again = repeats(t, ev, o);
	t->last_is_kmalloc = (ev->flags & EVENT_KMALLOC) != 0;
	t->last_is_inner = what->allocator_site;
	t->last_addr = ev->ptr;
	if (again)
		return repeated_event(b, o, account, ev->ts);
	if (o)
		books_evict(b, b->slab, o);
	pages = books_claim_pages(b, t, ev);
	if (__builtin_expect(what->rehash, 0))
		books_table_taken(b, ev, what);
	if (pages != PAGE_ALLOC_NONE)
		return books_large_kmalloc(b, pages, ev, account);
	a = ledger_at(b->ledger, account);
	if (ev->name)
		a->cache = ev->name;
	if (t->n_slabs)
		books_name_slabs(b, t, account, ev->ptr);
	if (__builtin_expect(what->area, 0))
		return area_object(b, t, ev, account, what);
	return books_add_object(b, b->slab, ev, account);
}

/* Out of memory, it is not counted: nothing else depends on it. */
static void count_older(struct books *b, uint32_t name)
{
	if (name >= b->n_older) {
		size_t n = name * 2u + 64;
		uint32_t *older = realloc(b->older, n * sizeof(*older));

		if (!older)
			return;
		memset(older + b->n_older, 0, (n - b->n_older) * sizeof(*older));
		b->older = older;
		b->n_older = n;
	}
	b->older[name]++;
}

/*
 * What an address that is freed as an object must be at least: aligned to a
 * word. Nobody knows it, which happens, but is rare enough to look at it.
 */
static void check_address(struct books *b, const struct event *ev)
{
	if (!(ev->ptr & (b->opts.long_size - 1)) || b->opts.hashed)
		return;
	if (!b->stats.odd++)
		b->stats.odd_first = ev->ptr;
}

int books_slab_free(struct books *b, const struct event *ev)
{
	struct task *last = b->last_task[ev->cpu % LAST_TASKS];
	struct object *o;
	struct account *a;
	int ret = 0;

	/* kfree(NULL) and kfree(ZERO_SIZE_PTR) are traced too (A9) */
	if (ev->ptr <= ZERO_SIZE_PTR || ev->ptr >= b->error_ptr)
		return 0;
	o = objects_find(b->slab, ev->ptr);
	if (!o) {
		if (books_was_given_up(b, ev->ptr) || was_gone(b, ev))
			return 0;
		b->stats.unmatched_slab++;
		/* the page array of an area that nobody knows, too */
		if (last && last->pid == ev->pid)
			last->vfreed = last->vfrees = 0;
		check_address(b, ev);
		count_older(b, ev->name);
		books_remember_early(b, ev);
		return 0;
	}
	a = ledger_at(b->ledger, o->account);
	if (__builtin_expect(a->what.table, 0))
		ret = books_table_freed(b, o, ev);
	if (!(o->flags & OBJECT_LARGE)) {
		a = ledger_at(b->ledger, o->account);
		/* one in two has a name: no branch */
		a->cache = ev->name ? ev->name : a->cache;
		ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
		if (__builtin_expect(o->flags & OBJECT_ARRAY, 0))
			books_area_gone(b, ev->ptr, ev);
	}
	/* a large one's pages go with their own event */
	objects_remove(b->slab, o);
	return ret;
}

int books_percpu_alloc(struct books *b, const struct event *ev)
{
	struct task *t = books_task(b, ev);
	const struct attribution *what;
	struct object *o;
	uint32_t account;

	account = books_account(b, ev, t, &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	if (!ev->ptr || ev->type == EVENT_PERCPU_FAIL) {
		ledger_at(b->ledger, account)->failed++;
		return 0;
	}
	if (!makes_sense(ev)) {
		b->stats.malformed++;
		return 0;
	}
	o = objects_find(b->percpu, ev->ptr);
	if (o)
		books_evict(b, b->percpu, o);
	if (ev->flags & EVENT_RESERVED)
		t->reserved_addr = ev->ptr;
	return books_add_object(b, b->percpu, ev, account);
}

void books_percpu_free(struct books *b, const struct event *ev)
{
	struct object *o;

	if (!ev->ptr)
		return;
	o = objects_find(b->percpu, ev->ptr);
	if (!o) {
		b->stats.unmatched_percpu++;
		books_remember_early(b, ev);
		return;
	}
	ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
	objects_remove(b->percpu, o);
}

static int resolve_static(void *arg, const struct account_key *key,
			  struct attribution *what)
{
	struct books *b = arg;

	if (books_resolve(b, key, what))
		return -ENOMEM;
	what->owner = key->loading;
	what->row = modmap_instance(b->modmap, what->owner)->row;
	return 0;
}

/* The per-CPU area that the loader took just before is this module's (A11). */
int books_name_static_percpu(struct books *b, struct task *t, uint32_t owner)
{
	struct object *o = objects_find(b->percpu, t->reserved_addr);
	const struct account *was;
	struct account_key key;
	uint32_t account;

	t->reserved_addr = 0;
	if (!o || o->account == ACCOUNT_OUTSIDE)
		return 0;
	was = ledger_at(b->ledger, o->account);
	key = (struct account_key){
		.call_site = was->call_site, .stack = was->stack, .pid = was->pid,
		.type = EVENT_PERCPU_ALLOC, .flags = EVENT_RESERVED,
		.loading = owner,
	};
	account = ledger_account(b->ledger, &key, modmap_epoch(b->modmap),
				 resolve_static, b);
	if (account == UINT32_MAX)
		return -ENOMEM;
	ledger_move(b->ledger, o->account, account, o->bytes, o->requested, o->ts);
	o->account = account & (OBJECT_ACCOUNTS_MAX - 1);
	return 0;
}
