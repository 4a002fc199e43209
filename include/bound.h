/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bound.h - whether a number is exact, and if not, why
 *
 * A row has a set of causes, a bit each (BOUND_BIT()); none: its number is
 * exact. A cause always says the same of a number: that memory was taken
 * unseen (there is at least so much), that memory may have been given back
 * unseen (at most), or both. What a sum says is the causes of all its parts.
 */
#ifndef MODMEM_BOUND_H
#define MODMEM_BOUND_H

#include <stdint.h>

/* Two bits, so that two of them add up by "or". */
enum bound {
	BOUND_EXACT,
	BOUND_AT_LEAST,
	BOUND_AT_MOST,
	BOUND_ABOUT,		/* may be more, may be less */
};

enum bound_cause {
	/* memory is taken without an event */
	CAUSE_VMALLOC,		/* vmalloc areas of a size that nothing shows */
	CAUSE_PAGES_BULK,	/* alloc_pages_bulk() */
	CAUSE_PAGE_POOL,	/* page_pool_alloc_pages(), in bulk */
	CAUSE_CMA,		/* cma_alloc(), alloc_contig_range() */
	CAUSE_SLAB_BULK_ALLOC,	/* kmem_cache_alloc_bulk() */
	CAUSE_TABLE,		/* a worker enlarges a hash table */
	/* it is given back without one */
	CAUSE_VMALLOC_LARGE,	/* ... or was not as much: an area is known to a limit */
	CAUSE_KFREE_RCU,		/* kvfree_call_rcu(), which kfree_rcu() is */
	CAUSE_SLAB_BULK_FREE,	/* kmem_cache_free_bulk() */
	CAUSE_FILE_UNKNOWN,	/* these two or bulk, for all that is known of its code */
	CAUSE_KERNEL,		/* the core kernel, which does all of these */
	CAUSE_FREE_BLIND,	/* it was given out again without a free */
	CAUSE_MISSED_ALLOCS,	/* a probe missed some of the calls that take it ... */
	CAUSE_MISSED_FREES,	/* ... or give it back */
	/* the recording lacks events that there were */
	CAUSE_ALLOCS_ABSENT,	/* of this kind of memory being taken */
	CAUSE_FREES_ABSENT,	/* ... and given back */
	CAUSE_ALLOCS_FILTERED,
	CAUSE_FREES_FILTERED,
	CAUSE_NARROWED,		/* of others than modmem record --module names */
	CAUSE_OWN_ONLY,		/* of the kernel itself, or movable, by --own */
	CAUSE_NOT_ALL,		/* of other tasks or CPUs, or only a sample */
	CAUSE_LOST,
	CAUSE_DAMAGED,
	/* or does not say whose they are, or in which order */
	CAUSE_NO_STACK,
	CAUSE_UNKNOWN_CODE,	/* addresses that may be this module's */
	CAUSE_CLOCK,
	/* bytes are reckoned from what is assumed */
	CAUSE_UNITS,		/* page size, number of CPUs */
	CAUSE_NOT_SAVED,	/* a saved report does not tell how exact it is */
	BOUND_CAUSES
};

#define BOUND_BIT(cause) (UINT32_C(1) << (cause))

/* Its objects may have been freed in ways that this recording has no event of. */
#define BOUND_UNSEEN_FREES \
	(BOUND_BIT(CAUSE_KFREE_RCU) | BOUND_BIT(CAUSE_SLAB_BULK_FREE) |	\
	 BOUND_BIT(CAUSE_FILE_UNKNOWN) | BOUND_BIT(CAUSE_KERNEL) |	\
	 BOUND_BIT(CAUSE_MISSED_FREES))

/* What the causes @why say together. */
enum bound bound_of(uint32_t why);

/* What is left of @why where the number is 0: it cannot be less. */
uint32_t bound_of_nothing(uint32_t why);

/* "exact", "at_least", "at_most", "about": as in JSON; NULL past the last one. */
const char *bound_name(enum bound bound);

/* "kfree_rcu": as in JSON; NULL past the last one. */
const char *bound_cause_name(enum bound_cause cause);

/* One clause for people, without a full stop: what happens that cannot be seen. */
const char *bound_cause_text(enum bound_cause cause);

/* ... and how to have it seen, an imperative; NULL: nothing helps. */
const char *bound_cause_remedy(enum bound_cause cause);

#endif
