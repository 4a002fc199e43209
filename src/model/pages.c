// SPDX-License-Identifier: GPL-2.0-or-later
#include "pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bigtable.h"
#include "page_starts.h"
#include "slots.h"

/* Live pages [pfn, pfn + 2^order), aligned to 2^order. */
struct block {
	uint64_t pfn;
	uint32_t alloc;
	uint8_t order;
	bool used;
};

struct pages {
	struct block *blocks;	/* open addressing by pfn */
	size_t n_slots, n;	/* 2^where.bits slots */
	struct slots where;
	struct probing *probing;
	struct page_starts starts;	/* of the blocks */
	uint32_t orders;	/* bit o: blocks of order o may exist */
	uint64_t per_order[PAGE_ORDER_MAX + 1];
	struct page_alloc *allocs;
	uint32_t n_allocs, room;
	uint32_t free_alloc;	/* chain through live_pages of unused entries */
};

#define BLOCK_SIZE_BITS 4
#define BITS_FIRST 12

_Static_assert(sizeof(struct block) == 1u << BLOCK_SIZE_BITS, "four are a cache line");

static void set_slots(struct pages *ps, struct block *blocks, unsigned int bits)
{
	ps->blocks = blocks;
	ps->n_slots = (size_t)1 << bits;
	ps->where = (struct slots){
		.base = (const char *)blocks, .factor = ps->probing->factor,
		.bits = (uint8_t)bits, .size_bits = BLOCK_SIZE_BITS,
	};
}

struct pages *pages_new(struct probing *probing)
{
	struct pages *ps = calloc(1, sizeof(*ps));

	if (!ps)
		return NULL;
	ps->probing = probing;
	ps->room = 1024;
	ps->free_alloc = PAGE_ALLOC_NONE;
	set_slots(ps, bigtable_alloc(1u << BITS_FIRST, sizeof(*ps->blocks)), BITS_FIRST);
	ps->allocs = calloc(ps->room, sizeof(*ps->allocs));
	if (page_starts_init(&ps->starts, probing) || !ps->blocks || !ps->allocs) {
		pages_free(ps);
		return NULL;
	}
	return ps;
}

void pages_free(struct pages *ps)
{
	if (!ps)
		return;
	bigtable_free(ps->blocks, ps->n_slots, sizeof(*ps->blocks));
	page_starts_release(&ps->starts);
	free(ps->allocs);
	free(ps);
}

static size_t home(const struct pages *ps, uint64_t pfn)
{
	return probing_home(pfn, ps->where.factor, ps->where.bits);
}

const struct slots *pages_slots(const struct pages *ps)
{
	return &ps->where;
}

void pages_prefetch_alloc(const struct pages *ps, uint64_t pfn)
{
	/* of an empty slot it is that of number 0: no branch */
	__builtin_prefetch(&ps->allocs[ps->blocks[home(ps, pfn)].alloc], 1);
}

static struct block *find(struct pages *ps, uint64_t pfn)
{
	size_t at = home(ps, pfn);

	for (; ps->blocks[at].used; at = (at + 1) & (ps->n_slots - 1)) {
		if (ps->blocks[at].pfn == pfn)
			return &ps->blocks[at];
		ps->probing->credit--;
	}
	return NULL;
}

/* All blocks into a table of 2^@bits slots. */
static int move_all(struct pages *ps, unsigned int bits)
{
	size_t n_slots = (size_t)1 << bits, i, at;
	struct block *blocks = bigtable_alloc(n_slots, sizeof(*blocks));

	if (!blocks)
		return -ENOMEM;
	for (i = 0; i < ps->n_slots; i++) {
		if (!ps->blocks[i].used)
			continue;
		at = probing_home(ps->blocks[i].pfn, ps->probing->factor, bits);
		for (; blocks[at].used; ps->probing->credit--)
			at = (at + 1) & (n_slots - 1);
		blocks[at] = ps->blocks[i];
	}
	bigtable_free(ps->blocks, ps->n_slots, sizeof(*ps->blocks));
	set_slots(ps, blocks, bits);
	return 0;
}

int pages_rebuild(struct pages *ps)
{
	return move_all(ps, ps->where.bits) || page_starts_rebuild(&ps->starts) ? -ENOMEM : 0;
}

static int add_block(struct pages *ps, uint64_t pfn, unsigned int order,
		     uint32_t alloc)
{
	size_t at;

	if ((ps->n >= ps->n_slots / 2 && move_all(ps, ps->where.bits + 1u)) ||
	    page_starts_add(&ps->starts, pfn))
		return -ENOMEM;
	at = home(ps, pfn);
	for (; ps->blocks[at].used; ps->probing->credit--)
		at = (at + 1) & (ps->n_slots - 1);
	ps->blocks[at].pfn = pfn;
	ps->blocks[at].alloc = alloc;
	ps->blocks[at].order = (uint8_t)order;
	ps->blocks[at].used = true;
	ps->n++;
	if (!ps->per_order[order]++)
		ps->orders |= 1u << order;
	return 0;
}

static void remove_block(struct pages *ps, struct block *b)
{
	size_t mask = ps->n_slots - 1;
	size_t hole = (size_t)(b - ps->blocks), at = hole;

	page_starts_remove(&ps->starts, b->pfn);
	if (!--ps->per_order[b->order])
		ps->orders &= ~(1u << b->order);
	for (;; ps->probing->credit--) {
		at = (at + 1) & mask;
		if (!ps->blocks[at].used)
			break;
		if (((at - home(ps, ps->blocks[at].pfn)) & mask) <
		    ((at - hole) & mask))
			continue;
		ps->blocks[hole] = ps->blocks[at];
		hole = at;
	}
	ps->blocks[hole].used = false;
	ps->n--;
}

/* The order of the largest aligned block that begins at @pfn and ends by @end. */
static unsigned int order_at(uint64_t pfn, uint64_t end, unsigned int order)
{
	while ((pfn & ((1ULL << order) - 1)) || pfn + (1ULL << order) > end)
		order--;
	return order;
}

uint32_t pages_add_range(struct pages *ps, uint64_t pfn, uint32_t n)
{
	uint32_t id = ps->free_alloc;
	uint64_t at = pfn, end = pfn + n;
	struct page_alloc *pa;

	if (id != PAGE_ALLOC_NONE) {
		ps->free_alloc = ps->allocs[id].account;
	} else {
		if (ps->n_allocs == ps->room) {
			pa = realloc(ps->allocs, 2 * (size_t)ps->room * sizeof(*pa));
			if (!pa)
				return PAGE_ALLOC_NONE;
			ps->allocs = pa;
			ps->room *= 2;
		}
		id = ps->n_allocs++;
	}
	pa = &ps->allocs[id];
	memset(pa, 0, sizeof(*pa));
	pa->pfn = pfn;
	pa->live_pages = n;
	pa->first_object = PAGES_NO_OBJECT;

	/* one block, unless it is a range, or the input lies about its alignment */
	while (at < end) {
		unsigned int o = order_at(at, end, PAGE_ORDER_MAX);

		if (add_block(ps, at, o, id))
			return PAGE_ALLOC_NONE;
		at += 1ULL << o;
	}
	return id;
}

uint32_t pages_add(struct pages *ps, uint64_t pfn, unsigned int order)
{
	uint32_t id = pages_add_range(ps, pfn, 1u << order);

	if (id != PAGE_ALLOC_NONE)
		ps->allocs[id].order = (uint8_t)order;
	return id;
}

struct page_alloc *pages_alloc(struct pages *ps, uint32_t id)
{
	return &ps->allocs[id];
}

/* The block that holds page @pfn and has at least 2^@order pages. */
static struct block *find_holder(struct pages *ps, uint64_t pfn, unsigned int order)
{
	uint32_t orders = ps->orders >> order << order;
	struct block *b = NULL;
	uint64_t at = ~pfn;	/* nothing was looked for yet */

	while (orders) {
		unsigned int o = (unsigned int)__builtin_ctz(orders);
		uint64_t start = pfn & ~((1ULL << o) - 1);

		/* one that is aligned to more begins where the smaller one does */
		if (start != at)
			b = find(ps, start);
		if (b && b->order >= o)
			return b;
		at = start;
		orders &= orders - 1;
	}
	return NULL;
}

/* Splits @b until the 2^@order pages from @pfn are a block of their own. */
static int split(struct pages *ps, struct block *b, uint64_t pfn,
		 unsigned int order, uint32_t *alloc)
{
	uint64_t start = b->pfn;
	unsigned int o = b->order;

	*alloc = b->alloc;
	remove_block(ps, b);
	while (o > order) {
		uint64_t half;

		o--;
		half = start + (1ULL << o);
		if (pfn >= half) {
			if (add_block(ps, start, o, *alloc))
				return -ENOMEM;
			start = half;
		} else if (add_block(ps, half, o, *alloc)) {
			return -ENOMEM;
		}
	}
	return 0;
}

struct taking {
	void (*taken)(void *arg, uint32_t id, uint32_t n);
	void *arg;
};

static void take(struct pages *ps, uint32_t id, uint32_t n, const struct taking *t)
{
	struct page_alloc *pa = &ps->allocs[id];

	pa->live_pages -= n;
	t->taken(t->arg, id, n);
	if (!pa->live_pages) {
		pa->account = ps->free_alloc;
		pa->live_pages = 0;
		ps->free_alloc = id;
	}
}

/* Takes the blocks that start among @mask of the 64 pages around @pfn. */
static int64_t take_starts(struct pages *ps, uint64_t pfn, uint64_t mask,
			   const struct taking *t)
{
	uint64_t starts = page_starts_around(&ps->starts, pfn) & mask;
	uint64_t first = pfn >> PAGE_STARTS_ORDER << PAGE_STARTS_ORDER;
	int64_t sum = 0;

	for (; starts; starts &= starts - 1) {
		struct block *b = find(ps, first + (unsigned int)__builtin_ctzll(starts));
		uint32_t alloc = b->alloc, n = 1u << b->order;

		remove_block(ps, b);
		take(ps, alloc, n, t);
		sum += n;
	}
	return sum;
}

/* The 2^@order pages from @pfn, which is a multiple of that. */
static int64_t take_aligned(struct pages *ps, uint64_t pfn, unsigned int order,
			    const struct taking *t)
{
	uint64_t end = pfn + (1ULL << order), mask = UINT64_MAX;
	struct block *b;
	uint32_t alloc;
	int64_t sum = 0;

	if (!ps->n)
		return 0;
	b = find_holder(ps, pfn, order);
	if (b) {
		if (split(ps, b, pfn, order, &alloc))
			return -ENOMEM;
		take(ps, alloc, 1u << order, t);
		return (int64_t)1 << order;
	}
	/* smaller blocks may lie inside, each of them as a whole */
	if (!(ps->orders & ((1u << order) - 1)))
		return 0;
	if (order < PAGE_STARTS_ORDER)
		mask = ((1ULL << (1u << order)) - 1) << (pfn & 63);
	for (; pfn < end; pfn += 1u << PAGE_STARTS_ORDER)
		sum += take_starts(ps, pfn, mask, t);
	return sum;
}

int64_t pages_take_range(struct pages *ps, uint64_t pfn, uint32_t n,
			 void (*taken)(void *arg, uint32_t id, uint32_t n), void *arg)
{
	struct taking t = { .taken = taken, .arg = arg };
	uint64_t end = pfn + n;
	int64_t sum = 0, got;

	/* all at once, unless it is a range, or the input lies about its alignment */
	while (pfn < end) {
		unsigned int o = order_at(pfn, end, PAGE_ORDER_MAX);

		got = take_aligned(ps, pfn, o, &t);
		if (got < 0)
			return got;
		sum += got;
		pfn += 1ULL << o;
	}
	return sum;
}

int64_t pages_take(struct pages *ps, uint64_t pfn, unsigned int order,
		   void (*taken)(void *arg, uint32_t id, uint32_t n), void *arg)
{
	return pages_take_range(ps, pfn, 1u << order, taken, arg);
}

uint32_t pages_find(struct pages *ps, uint64_t pfn)
{
	const struct block *b = find_holder(ps, pfn, 0);

	return b ? b->alloc : PAGE_ALLOC_NONE;
}

uint32_t pages_id(const struct pages *ps, const struct page_alloc *pa)
{
	return (uint32_t)(pa - ps->allocs);
}

uint32_t pages_ids(const struct pages *ps)
{
	return ps->n_allocs;
}

struct page_alloc *pages_next(struct pages *ps, size_t *at)
{
	while (*at < ps->n_allocs) {
		struct page_alloc *pa = &ps->allocs[(*at)++];

		if (pa->live_pages)
			return pa;
	}
	return NULL;
}
