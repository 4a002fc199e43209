/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages.h - live page blocks by page frame number
 *
 * One allocation is a block of 2^order pages, of which parts can be freed
 * (alloc_pages_exact, split_page, huge vmalloc): it is split as the buddy
 * allocator splits, into naturally aligned halves, down to what was freed.
 * Not one byte is kept for each page: one entry for each block that is left.
 */
#ifndef MODMEM_PAGES_H
#define MODMEM_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_ORDER_MAX 16u	/* larger than any kernel's MAX_PAGE_ORDER */
#define PAGE_ALLOC_NONE UINT32_MAX

/* One allocation, whatever is left of it. */
struct page_alloc {
	uint64_t ts;		/* ns */
	uint64_t large;		/* address if kmalloc returned it, else 0 */
	uint64_t pfn;		/* first page frame number it had */
	uint32_t account;	/* who holds it */
	uint32_t requested;	/* bytes, 0: the event does not say */
	uint32_t live_pages;
	uint32_t slab_of;	/* account of the object it was taken for, 0: none */
	uint32_t first_object;	/* slab: bytes before it, PAGES_NO_OBJECT: not known */
	uint8_t order;		/* it was 2^order pages; 0 of a range as well */
	bool suspect;		/* a free just before it may be its own */
	bool of_area;		/* its bytes are those of a vmalloc area (books_areas()) */
};

#define PAGES_NO_OBJECT UINT32_MAX

struct pages;
struct probing;
struct slots;

/* Searches are paid for by @probing, the caller's. NULL: no memory. */
struct pages *pages_new(struct probing *probing);
void pages_free(struct pages *ps);

/* The factor of probing.h is another one: all get their places anew. 0 or -ENOMEM. */
int pages_rebuild(struct pages *ps);

/* Where to ask ahead, by page frame number; changes with the table. */
const struct slots *pages_slots(const struct pages *ps);

/* Says that the allocation of @pfn is needed soon; what leads to it is at hand. */
void pages_prefetch_alloc(const struct pages *ps, uint64_t pfn);

/*
 * Adds 2^@order pages from @pfn on, none of which may be live: free them with
 * pages_take() first. Returns the allocation's number, PAGE_ALLOC_NONE: no
 * memory.
 */
uint32_t pages_add(struct pages *ps, uint64_t pfn, unsigned int order);

/* The same with any number @n of pages, which is not 0. */
uint32_t pages_add_range(struct pages *ps, uint64_t pfn, uint32_t n);

struct page_alloc *pages_alloc(struct pages *ps, uint32_t id);

/*
 * Calls @taken(arg, id, n) for each allocation that has live pages among the
 * 2^@order from @pfn, with their number, and takes these pages out. The
 * allocation is still valid during the call (live_pages already reduced) and
 * forgotten after it when none of its pages is left. Returns the number of
 * pages taken, or -ENOMEM.
 */
int64_t pages_take(struct pages *ps, uint64_t pfn, unsigned int order,
		   void (*taken)(void *arg, uint32_t id, uint32_t n), void *arg);

/* The same with @n pages, wherever they begin. */
int64_t pages_take_range(struct pages *ps, uint64_t pfn, uint32_t n,
			 void (*taken)(void *arg, uint32_t id, uint32_t n), void *arg);

/* The allocation that page @pfn is of, PAGE_ALLOC_NONE: it is not live. */
uint32_t pages_find(struct pages *ps, uint64_t pfn);

/* The number of @pa. */
uint32_t pages_id(const struct pages *ps, const struct page_alloc *pa);

/* All allocations' numbers are below this. */
uint32_t pages_ids(const struct pages *ps);

/* Walks over all allocations with live pages: start with *at = 0. */
struct page_alloc *pages_next(struct pages *ps, size_t *at);

#endif
