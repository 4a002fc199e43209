// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bound.c - what each cause says of a number, for programs and for people
 */
#include "bound.h"

#include <stddef.h>

#include "enum_name.h"

#define PROBES "modmem record, where the kernel has kprobes"

/* @text follows on "in this recording", @remedy is what to do. */
static const struct {
	const char *name, *text, *remedy;
	enum bound says;
} causes[BOUND_CAUSES] = {
	[CAUSE_VMALLOC] = { "vmalloc",
		"has vmalloc areas whose size nothing shows",
		"record with " PROBES ", or with -e vmalloc (Linux 6.3)", BOUND_AT_LEAST },
	[CAUSE_PAGES_BULK] = { "alloc_pages_bulk",
		"takes pages with alloc_pages_bulk(), which has no event", NULL,
		BOUND_AT_LEAST },
	[CAUSE_PAGE_POOL] = { "page_pool",
		"has page pools, whose pages come in bulk without an event", NULL,
		BOUND_AT_LEAST },
	[CAUSE_CMA] = { "alloc_contig",
		"takes contiguous memory (CMA), which has no event", NULL,
		BOUND_AT_LEAST },
	[CAUSE_SLAB_BULK_ALLOC] = { "kmem_cache_alloc_bulk",
		"takes objects with kmem_cache_alloc_bulk(), which has no event",
		"record with " PROBES, BOUND_AT_LEAST },
	[CAUSE_TABLE] = { "rhashtable",
		"has a hash table that a worker replaced: which of [kernel]'s is the new one cannot be told",
		NULL, BOUND_AT_LEAST },
	[CAUSE_VMALLOC_LARGE] = { "vmalloc_large",
		"has vmalloc areas whose size is known to 2 MiB only",
		"record with " PROBES ", or with -e vmalloc (Linux 6.3)", BOUND_AT_MOST },
	[CAUSE_KFREE_RCU] = { "kfree_rcu",
		"frees with kfree_rcu(), which has no event", "record with " PROBES,
		BOUND_AT_MOST },
	[CAUSE_SLAB_BULK_FREE] = { "kmem_cache_free_bulk",
		"frees with kmem_cache_free_bulk(), which has no event",
		"record with " PROBES, BOUND_AT_MOST },
	[CAUSE_FILE_UNKNOWN] = { "file_unknown",
		"may take or free objects in bulk or with kfree_rcu(), which has no event; no file of it is known",
		"give --module-dir, or record with " PROBES, BOUND_ABOUT },
	[CAUSE_KERNEL] = { "core_kernel",
		"takes and frees objects in bulk and with kfree_rcu(), which has no event",
		"record with " PROBES, BOUND_ABOUT },
	[CAUSE_FREE_BLIND] = { "free_blind",
		"has objects that were given out again without a free",
		"record with " PROBES, BOUND_AT_MOST },
	[CAUSE_MISSED_ALLOCS] = { "missed_allocs",
		"takes memory by calls of which the probes missed some", NULL, BOUND_AT_LEAST },
	[CAUSE_MISSED_FREES] = { "missed_frees",
		"gives memory back by calls of which the probes missed some", NULL,
		BOUND_AT_MOST },
	[CAUSE_ALLOCS_ABSENT] = { "allocs_absent",
		"may hold memory of kinds whose allocations were not recorded",
		"record all events of kmem and percpu", BOUND_AT_LEAST },
	[CAUSE_FREES_ABSENT] = { "frees_absent",
		"holds memory of kinds whose frees were not recorded",
		"record all events of kmem and percpu", BOUND_AT_MOST },
	[CAUSE_ALLOCS_FILTERED] = { "allocs_filtered",
		"may hold memory whose allocation a filter left out",
		"record without it", BOUND_AT_LEAST },
	[CAUSE_FREES_FILTERED] = { "frees_filtered",
		"holds memory whose free a filter may have left out",
		"record without it", BOUND_AT_MOST },
	[CAUSE_NARROWED] = { "narrowed",
		"is not among those that modmem record --module names",
		"record without --module", BOUND_AT_LEAST },
	[CAUSE_OWN_ONLY] = { "own_only",
		"takes memory that --own leaves out: what is no module's own, and movable pages",
		"record without --own", BOUND_AT_LEAST },
	[CAUSE_NOT_ALL] = { "not_all",
		"may have events of tasks or on CPUs that were not recorded",
		"record all of the system", BOUND_ABOUT },
	[CAUSE_LOST] = { "lost",
		"was there when events were lost", "record with a larger buffer",
		BOUND_ABOUT },
	[CAUSE_DAMAGED] = { "damaged",
		"may have events in what is damaged or missing of the recording",
		"copy it again, or record it again", BOUND_ABOUT },
	[CAUSE_NO_STACK] = { "no_stack",
		"may hold memory that was taken without a stack being recorded",
		"record with stacks", BOUND_AT_LEAST },
	[CAUSE_UNKNOWN_CODE] = { "unknown_code",
		"may hold what is in [unknown]",
		"record with modmem record, or with -e module", BOUND_AT_LEAST },
	[CAUSE_CLOCK] = { "clock",
		"holds memory whose free may sort before its allocation",
		"record with another clock", BOUND_AT_MOST },
	[CAUSE_UNITS] = { "units",
		"has sizes that are reckoned from what the recording does not say", NULL,
		BOUND_ABOUT },
	[CAUSE_NOT_SAVED] = { "not_saved",
		"was saved by another modmem, which does not tell how exact it is",
		"save the report again", BOUND_ABOUT },
};

enum bound bound_of(uint32_t why)
{
	unsigned int says = BOUND_EXACT;

	for (unsigned int i = 0; i < BOUND_CAUSES; i++)
		if (why & BOUND_BIT(i))
			says |= causes[i].says;
	return (enum bound)says;
}

uint32_t bound_of_nothing(uint32_t why)
{
	for (unsigned int i = 0; i < BOUND_CAUSES; i++)
		if (causes[i].says == BOUND_AT_MOST)
			why &= ~BOUND_BIT(i);
	/* that there may be some is no reason to think so */
	return why & ~BOUND_BIT(CAUSE_FILE_UNKNOWN);
}

const char *bound_name(enum bound bound)
{
	static const char *const names[] = {
		[BOUND_EXACT] = "exact",
		[BOUND_AT_LEAST] = "at_least",
		[BOUND_AT_MOST] = "at_most",
		[BOUND_ABOUT] = "about",
	};

	return ENUM_NAME(names, bound);
}

const char *bound_cause_name(enum bound_cause cause)
{
	return cause < BOUND_CAUSES ? causes[cause].name : NULL;
}

const char *bound_cause_text(enum bound_cause cause)
{
	return cause < BOUND_CAUSES ? causes[cause].text : NULL;
}

const char *bound_cause_remedy(enum bound_cause cause)
{
	return cause < BOUND_CAUSES ? causes[cause].remedy : NULL;
}
