// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_area.c - vmalloc areas of which no probe tells, by their page arrays
 *
 * vmalloc() has its pages from alloc_pages_bulk(), which fires no event (TRAPS
 * B3). Before, it takes an array with a pointer for each of them (mm/vmalloc.c,
 * __vmalloc_area_node()): a kmalloc, whose size tells how many they are, and
 * which vfree() frees when they are gone. So the area is kept by the address of
 * its array. An array of more than a page is a vmalloc itself. What is seen is
 * *its* array then: the number of pages that the first array has, and the size
 * of the area to within what one such page holds, unless alloc_vmap_area was recorded,
 * or a kmalloc that kvmalloc() tried before names it. The pages of the array are kept
 * by the address behind.
 *
 * Pages that come one by one, in large blocks, or by the way that bulk falls back
 * to hold themselves, and the area the rest. As long as no array is seen, the area
 * has no size, and is kept by the address of its struct.
 */
#include "books_internal.h"

#include <errno.h>

#include "attribution.h"
#include "hash.h"
#include "ledger.h"
#include "objects.h"

/* An array is aligned to its words: no other one is here. */
static uint64_t array_pages_key(uint64_t array)
{
	return array + 1;
}

/* The call that it was, whatever came of it. */
static uint64_t call_hash(const struct attribution *what)
{
	uint64_t h = hash_add((uint64_t)what->owner << 32 | what->function, what->offset);

	return hash64(hash_add(h, what->via)) | 1;
}

void books_area_failed(struct task *t, const struct event *ev,
		       const struct attribution *what)
{
	t->failed_call = call_hash(what);
	t->failed_bytes = ev->bytes_req;
}

/* Pages that one page of an array has pointers to. */
static uint64_t pages_per_page(const struct books *b)
{
	return b->opts.page_size / b->opts.long_size;
}

/* By so many bytes @o may be less. */
static uint64_t area_over(const struct books *b, const struct object *o)
{
	uint64_t most = (pages_per_page(b) - 1) << b->page_shift;

	if (!(o->flags & OBJECT_AT_MOST))
		return 0;
	return o->bytes < most ? o->bytes : most;
}

/* @bytes of the area are not to be in the books; maybe they were never taken. */
static void shrink(struct books *b, struct object *o, uint64_t bytes)
{
	struct account *a = ledger_at(b->ledger, o->account);
	bool whole = bytes >= o->bytes;

	bytes = whole ? o->bytes : bytes;
	a->over -= area_over(b, o);
	a->unsized -= !o->bytes;
	ledger_take_back(b->ledger, o->account, bytes, whole ? o->requested : 0, whole);
	b->stats.bulk_pages_taken -= bytes >> b->page_shift;
	o->bytes = (o->bytes - bytes) & OBJECT_BYTES_MAX;
	a->over += area_over(b, o);
	if (whole)
		objects_remove(b->areas, o);
}

/* It ends, by a free or unseen. */
static void end(struct books *b, struct object *o, bool evicted)
{
	struct account *a = ledger_at(b->ledger, o->account);

	a->over -= area_over(b, o);
	a->unsized -= !o->bytes;
	if (evicted)
		ledger_evict(b->ledger, o->account, o->bytes, o->requested, true);
	else
		ledger_free_bytes(b->ledger, o->account, o->bytes, o->requested, true);
	objects_remove(b->areas, o);
}

static int enter(struct books *b, const struct waiting_area *w)
{
	struct object *o = objects_find(b->areas, w->key);

	if (o)
		end(b, o, true);
	o = objects_add(b->areas, w->key);
	if (!o)
		return -ENOMEM;
	o->ts = w->ts;
	o->account = w->account & (OBJECT_ACCOUNTS_MAX - 1);
	o->bytes = w->bytes & OBJECT_BYTES_MAX;
	o->requested = w->requested & OBJECT_BYTES_MAX;
	o->flags = w->at_most ? OBJECT_AT_MOST : 0;
	/* what waited comes now: peaks are of moments that the books were in */
	ledger_add(b->ledger, w->account, o->bytes, o->requested, b->now);
	ledger_at(b->ledger, w->account)->over += area_over(b, o);
	ledger_at(b->ledger, w->account)->unsized += !o->bytes;
	b->stats.bulk_pages_taken += w->bytes >> b->page_shift;
	return 0;
}

static struct waiting_area *find_waiting(struct books *b, uint64_t array)
{
	for (size_t i = 0; i < b->n_waiting; i++)
		if (b->waiting[i].key == array)
			return &b->waiting[i];
	return NULL;
}

static void drop_waiting(struct books *b, struct waiting_area *w)
{
	*w = b->waiting[--b->n_waiting];
}

int books_area_settle(struct books *b)
{
	while (b->n_waiting) {
		const struct waiting_area w = b->waiting[--b->n_waiting];

		if (enter(b, &w))
			return -ENOMEM;
	}
	return 0;
}

int books_area_go_on(struct books *b, struct task *t)
{
	struct waiting_area *w = find_waiting(b, t->array), found;
	struct object *o;

	t->area_waits = false;
	if (w) {
		found = *w;
		drop_waiting(b, w);
		return enter(b, &found);
	}
	/*
	 * Where vm_area_alloc_pages() tries large blocks first (7.2), it goes on
	 * with the largest that fits until one page is left, or none, unless there
	 * was not even a block of two: without an event there came one at most.
	 */
	o = t->area_blocks && !t->area_bulk ? objects_find(b->areas, t->array) : NULL;
	if (o && (o->flags & OBJECT_AT_MOST) && o->bytes > b->opts.page_size)
		shrink(b, o, o->bytes - b->opts.page_size);
	return 0;
}

void books_area_page_failed(struct task *t, const struct event *ev,
			    const struct attribution *what)
{
	if (what->area == AREA_PAGES && !what->nested && ev->order == 1)
		t->area_bulk = true;
}

void books_area_range(struct books *b, const struct event *ev)
{
	struct task *t = books_task(b, ev);

	if (ev->order || !ev->bytes_req)	/* it failed */
		return;
	t->ranges[1] = t->ranges[0];
	t->ranges[0] = ev->bytes_req;
}

/*
 * The size of an area whose array has @pages pages, in pages; *at_most: it may be
 * less. An area has a guard page behind its own, its array got a range since.
 * kvmalloc() asks kmalloc first, and its vmalloc may make large pages of it.
 */
static uint64_t large_area(const struct books *b, const struct task *t,
			   const struct attribution *what, uint64_t pages, uint64_t *requested,
			   bool *at_most)
{
	uint64_t most = pages * pages_per_page(b), named = t->ranges[1] >> b->page_shift;

	*at_most = false;
	if (t->ranges[0] >> b->page_shift == pages + 1 && named-- && named <= most &&
	    named > most - pages_per_page(b))
		return named;
	named = (t->failed_bytes >> b->page_shift) +
		((t->failed_bytes & (b->opts.page_size - 1)) != 0);
	if (t->failed_call == call_hash(what) && named <= most &&
	    named > most - pages_per_page(b)) {
		*requested = t->failed_bytes;
		return named;
	}
	*at_most = true;
	return most;
}

/* The account of the area that @ev tells of; UINT32_MAX: no memory. */
static uint32_t area_account(struct books *b, const struct task *t, const struct event *ev,
			     enum event_type type, const struct attribution **what)
{
	struct event area = *ev;

	area.type = (uint8_t)type;
	area.origin = 0;
	area.flags = 0;
	return books_account(b, &area, t, what);
}

int books_area_struct(struct books *b, struct task *t, const struct event *ev)
{
	struct object *made = objects_find(b->slab, ev->ptr);
	struct waiting_area w = { .key = ev->ptr, .ts = ev->ts };
	const struct attribution *what;

	if (!made)
		return 0;
	made->flags |= OBJECT_ARRAY;
	t->area_struct = ev->ptr;
	w.account = area_account(b, t, ev, EVENT_AREA, &what);
	return w.account == UINT32_MAX ? -ENOMEM : enter(b, &w);
}

/* Its array is known: it has a size. */
static void forget_struct(struct books *b, struct task *t)
{
	struct object *o = objects_find(b->areas, t->area_struct);

	if (o && !o->bytes)
		shrink(b, o, 0);
	t->area_struct = 0;
}

int books_area_array(struct books *b, struct task *t, const struct event *ev, bool nested)
{
	struct object *array = objects_find(b->slab, ev->ptr);
	uint64_t pages = ev->bytes_req / b->opts.long_size;
	struct waiting_area w = { .key = ev->ptr, .ts = ev->ts };
	const struct attribution *what;
	int ret;

	/* no other kmalloc of vmalloc() comes behind that of a struct */
	if (!t->area_struct || !array || !pages || ev->bytes_req % b->opts.long_size ||
	    ev->bytes_req > b->opts.page_size)
		return 0;
	forget_struct(b, t);
	array->flags |= OBJECT_ARRAY;
	if (nested) {
		struct waiting_area inner = w;

		inner.account = area_account(b, t, ev, EVENT_AREA_ARRAY, &what);
		if (inner.account == UINT32_MAX)
			return -ENOMEM;
		inner.key = array_pages_key(ev->ptr);
		inner.bytes = pages << b->page_shift;
		ret = enter(b, &inner);
		if (ret)
			return ret;
	}
	w.account = area_account(b, t, ev, EVENT_AREA, &what);
	if (w.account == UINT32_MAX)
		return -ENOMEM;
	if (nested)
		pages = large_area(b, t, what, pages, &w.requested, &w.at_most);
	w.bytes = pages << b->page_shift;
	t->ranges[0] = t->ranges[1] = 0;
	t->failed_call = 0;
	t->array = ev->ptr;
	t->area_waits = t->area_blocks = t->area_bulk = false;
	if (!nested)
		return enter(b, &w);
	/* how its array's pages come tells whether they come in bulk */
	if (b->n_waiting == WAITING_AREAS && books_area_settle(b))
		return -ENOMEM;
	b->waiting[b->n_waiting++] = w;
	t->area_waits = true;
	return 0;
}

/* Is it the same caller's? What is of before --from has no account to tell it. */
static bool same_caller(struct books *b, uint32_t account, const struct attribution *what)
{
	const struct attribution *of = &ledger_at(b->ledger, account)->what;

	return account == ACCOUNT_OUTSIDE ||
	       (of->owner == what->owner && of->function == what->function &&
		of->offset == what->offset);
}

int books_area_page(struct books *b, struct task *t, const struct event *ev,
		    const struct attribution *what)
{
	uint64_t bytes = b->opts.page_size << ev->order;
	struct waiting_area *w;
	struct object *o;

	if (!t->array)
		return 0;
	if (what->nested) {
		o = objects_find(b->areas, array_pages_key(t->array));
		if (o && same_caller(b, o->account, what))
			shrink(b, o, bytes);
		return 0;
	}
	w = t->area_waits ? find_waiting(b, t->array) : NULL;
	/* all of the array came so: all of the area will */
	if (w && !ev->order && same_caller(b, w->account, what) &&
	    !objects_find(b->areas, array_pages_key(t->array))) {
		drop_waiting(b, w);
		t->area_waits = false;
		return 0;
	}
	if (w && books_area_go_on(b, t))
		return -ENOMEM;
	o = objects_find(b->areas, t->array);
	if (!o || !same_caller(b, o->account, what))
		return 0;
	if (ev->order && (o->flags & OBJECT_AT_MOST))
		t->area_blocks = t->area_waits = true;
	shrink(b, o, bytes);
	return 0;
}

void books_area_page_freed(struct books *b, const struct event *ev)
{
	struct task *t;

	if (b->opts.areas)
		return;
	b->stats.unmatched_vmalloc_pages++;
	t = books_task(b, ev);
	t->vfrees++;
	t->vfreed += 1ull << ev->order;
}

void books_area_gone(struct books *b, uint64_t array, const struct event *ev)
{
	struct object *pages = objects_find(b->areas, array_pages_key(array));
	struct object *o = objects_find(b->areas, array);
	struct waiting_area *w = find_waiting(b, array);
	uint64_t unseen = 0, freed = 0, of_array = 0;
	struct task *t;

	if (w)
		drop_waiting(b, w);
	if (ev) {
		t = books_task(b, ev);
		freed = t->vfreed;
		if (o || pages)
			b->stats.unmatched_vmalloc_pages -= t->vfrees;
		t->vfreed = t->vfrees = 0;
		if (t->array == array)
			t->array = 0;
	}
	if (pages) {
		of_array = pages->bytes >> b->page_shift;
		end(b, pages, !ev);
	}
	o = objects_find(b->areas, array);
	if (o) {
		uint64_t most = o->bytes >> b->page_shift;
		uint64_t least = most - (area_over(b, o) >> b->page_shift);

		/* as many pages as vfree() gave back that nobody had seen */
		unseen = freed > of_array ? freed - of_array : 0;
		if (unseen >= least && unseen < most && unseen)
			shrink(b, o, (most - unseen) << b->page_shift);
		end(b, o, !ev);
	}
}
