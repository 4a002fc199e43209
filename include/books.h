/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * books.h - what each event means for the ledger
 *
 * Here live the rules against double counting: one large kmalloc is a page
 * event and one or two kmalloc events, page blocks behind a slab are overhead,
 * a pointer that is allocated again was freed unseen, and so on. TRAPS
 * numbers in books.c say which.
 */
#ifndef MODMEM_BOOKS_H
#define MODMEM_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

struct attributor;
struct error;
struct ledger;
struct modmap;
struct objects;
struct pages;
struct series;
struct stacks;
struct strings;

struct books_opts {
	uint64_t page_size;	/* bytes */
	unsigned int long_size;	/* bytes */
	uint64_t from;		/* ns: what came before is counted nowhere */
	uint64_t skew;		/* ns by which clocks of two CPUs may differ */
	bool areas;		/* a probe tells of vmalloc areas as a whole */
	bool hashed;		/* pointers or PFNs are: good as keys only */
	bool narrowed;		/* slab allocations of some call sites were left out */
	bool by_task;
	struct series *series;	/* NULL: not wanted */
};

/* Counted while the books are kept; the rest of coverage comes from elsewhere. */
struct books_stats {
	uint64_t events;
	uint64_t other_tasks;	/* of these, of others than the first one's task */
	int32_t task;		/* ... which is this pid */
	uint64_t unmatched_slab, unmatched_pages, unmatched_percpu;
	uint64_t unmatched_vmalloc_pages, unmatched_cma_pages;
	uint64_t evicted;
	uint64_t reordered;
	uint64_t no_stack;
	uint64_t unknown;
	uint64_t cuts;
	uint64_t hidden;	/* allocations whose caller a tracer's trampoline hides */
	uint64_t init_guarded;
	uint64_t malformed;
	uint64_t odd;		/* addresses and blocks where no allocator has them */
	uint64_t odd_first;	/* one of them: an address, or a page frame number */
	bool odd_is_page;
	uint64_t bulk_missed;	/* objects of bulk calls too large for the probe */
	uint64_t bulk_free_missed;	/* ... those of frees among them */
	uint64_t areas_unsure;	/* mapped by whom no stack tells: passed over */
	uint64_t areas_begun;	/* vmalloc() took an array for the pages of one, */
	uint64_t areas_mapped;	/* ... and the probe told of one, where there is one */
	uint64_t bulk_unsized;	/* objects of a cache whose size is not known */
	uint64_t pages_missed;	/* pages of alloc_pages_bulk(), at most, that are not known */
	uint64_t last_lost_ts;	/* 0: nothing was lost */
	/* large kmallocs by whether their pages have the size that was told, bytes */
	uint64_t page_size_fits, page_size_misfits;
	uint64_t page_size_other;	/* ... that would fit the last of the latter */
	/* all page events, in pages, whoever they belong to */
	uint64_t pages_taken, pages_freed;
	uint64_t area_pages_taken;	/* of pages_taken: of areas that a probe tells of */
	/* not of pages_taken: by vmalloc(), as page arrays tell */
	uint64_t bulk_pages_taken;
};

struct books;

/* All arguments must outlive the books. NULL: no memory. */
struct books *books_new(const struct books_opts *opts, struct ledger *ledger,
			struct modmap *modmap, struct attributor *attributor,
			struct stacks *stacks, struct strings *strings);
void books_free(struct books *b);

/*
 * Says that @ev will come soon. Its object is a cache miss in a large table:
 * asked for some events ahead, the miss is over when the event is entered.
 */
void books_prefetch(const struct books *b, const struct event *ev);

/* The same some events later, when what leads to its account is at hand. */
void books_prefetch_account(const struct books *b, const struct event *ev);

/* The next event in the order of time. 0 or -ENOMEM. */
int books_event(struct books *b, const struct event *ev);

/*
 * Evicts slab objects whose memory was given out again as pages (if it is known
 * where memory is mapped), and sums up what nothing live refers to: for books
 * that are kept for days, every now and then. @before: ns, all events before it
 * are in the books; what modmap_forget() forgets is of before it.
 * @stack_used: a flag for each of stacks_count(), set for those that others still
 * refer to; changed. After -ENOMEM the books are not to be used any more.
 */
int books_compact(struct books *b, uint64_t before, bool *stack_used);

const struct books_stats *books_stats(const struct books *b);

/* What is live, for those who sum it up. */
struct objects *books_slab(struct books *b);
struct objects *books_percpu(struct books *b);
struct objects *books_areas(struct books *b);	/* vmalloc, by probes or page arrays */
/* Not live: kfree_rcu() had them, at their ts, and no free of them was seen. */
struct objects *books_given_up(struct books *b);
struct objects *books_blocks(struct books *b);	/* DMA pools', by a probe */
struct pages *books_pages(struct books *b);
struct ledger *books_ledger(struct books *b);
struct modmap *books_modmap(struct books *b);
uint64_t books_page_size(const struct books *b);	/* bytes */
bool books_has_areas(const struct books *b);	/* a probe tells of areas */

/* What a module was not seen to take: pages that it gave back, and bucket tables. */
enum books_unseen {
	BOOKS_UNSEEN_PAGES,	/* by functions that free pages */
	BOOKS_UNSEEN_CMA,	/* by the contiguous allocator ... */
	BOOKS_UNSEEN_DMA,	/* ... for coherent DMA */
	BOOKS_UNSEEN_VFREE,
	BOOKS_UNSEEN_TABLES,	/* tables that a worker made; which ones is open */
	BOOKS_UNSEEN
};

/* How many of them, by the code of row @row; pages may be of before the recording. */
uint64_t books_unseen(const struct books *b, uint32_t row, enum books_unseen what);

/* Objects of the cache called @name (a string) that were there before, and went. */
uint64_t books_older_freed(const struct books *b, uint32_t name);

/*
 * The page frame that a slab object at @addr lies in. False: where memory is
 * mapped could not be learned from the recording (TRAPS E13).
 */
bool books_pfn(const struct books *b, uint64_t addr, uint64_t *pfn);

/*
 * Enters what waits for its task's next event. To be called before anything of
 * the books is read. 0 or -ENOMEM.
 */
int books_area_settle(struct books *b);

/*
 * Verifies the invariants: for every account live = allocated - freed -
 * evicted, equal to the sum of its live objects, and owners' sums equal to
 * their accounts'. Returns 0, or -EINVAL with @err saying what does not balance.
 */
int books_check(struct books *b, struct error *err);

#endif
