// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bound.c - what each cause says of a number, for programs and for people
 */
#include "bound.h"

#include <stddef.h>

#include "enum_name.h"

#define RECORD "record with modmem record, where the kernel has kprobes"

static const struct {
	const char *name, *text, *remedy;
	enum bound says;
} causes[BOUND_CAUSES] = {
	[CAUSE_VMALLOC] = { "vmalloc",
		"makes vmalloc areas whose size nothing in the recording shows",
		RECORD, BOUND_AT_LEAST },
	[CAUSE_PAGES_BULK] = { "alloc_pages_bulk",
		"takes pages with alloc_pages_bulk(), which has no event", NULL,
		BOUND_AT_LEAST },
	[CAUSE_PAGE_POOL] = { "page_pool",
		"has page pools, which take pages with alloc_pages_bulk(), which has no event",
		NULL, BOUND_AT_LEAST },
	[CAUSE_CMA] = { "cma",
		"takes contiguous memory (CMA), which has no event of kmem", NULL,
		BOUND_AT_LEAST },
	[CAUSE_SLAB_BULK_ALLOC] = { "kmem_cache_alloc_bulk",
		"takes objects with kmem_cache_alloc_bulk(), which has no event",
		RECORD, BOUND_AT_LEAST },
	[CAUSE_VMALLOC_LARGE] = { "vmalloc_large",
		"has vmalloc areas of which the recording shows the size to 2 MiB only",
		RECORD ", or with -e vmalloc (from Linux 6.3)", BOUND_AT_MOST },
	[CAUSE_KFREE_RCU] = { "kfree_rcu",
		"frees with kfree_rcu(), which has no event", RECORD, BOUND_AT_MOST },
	[CAUSE_SLAB_BULK_FREE] = { "kmem_cache_free_bulk",
		"frees with kmem_cache_free_bulk(), which has no event", RECORD,
		BOUND_AT_MOST },
	[CAUSE_FILE_UNKNOWN] = { "file_unknown",
		"may free with kfree_rcu() or in bulk, which have no event: its file would say",
		"give --module-dir, or " RECORD, BOUND_AT_MOST },
	[CAUSE_FREE_BLIND] = { "free_blind",
		"has objects that were given out again without a free being seen", RECORD,
		BOUND_AT_MOST },
	[CAUSE_ALLOCS_ABSENT] = { "allocs_absent",
		"allocates with events that were not recorded", "record all kmem events",
		BOUND_AT_LEAST },
	[CAUSE_FREES_ABSENT] = { "frees_absent",
		"frees with events that were not recorded", "record all kmem events",
		BOUND_AT_MOST },
	[CAUSE_NARROWED] = { "narrowed",
		"is none of those that modmem record --module names",
		"record without --module", BOUND_AT_LEAST },
	[CAUSE_FILTERED] = { "filtered",
		"may have events that a filter left out", "record without it", BOUND_ABOUT },
	[CAUSE_ONE_TASK] = { "one_task",
		"may have events of tasks or CPUs that were not recorded",
		"record all of the system", BOUND_ABOUT },
	[CAUSE_LOST] = { "lost",
		"was loaded when events were lost", "use a larger buffer", BOUND_ABOUT },
	[CAUSE_DAMAGED] = { "damaged",
		"may have events in parts of the recording that are damaged or missing",
		"copy it again, or record it again", BOUND_ABOUT },
	[CAUSE_NO_STACK] = { "no_stack",
		"may have made allocations that came without a stack",
		"record with stacks", BOUND_AT_LEAST },
	[CAUSE_UNKNOWN_CODE] = { "unknown_code",
		"may have made allocations that are in [unknown]",
		"record with modmem record, or with -e module", BOUND_AT_LEAST },
	[CAUSE_CLOCK] = { "clock",
		"may have frees that sort before their allocations",
		"record with another clock", BOUND_AT_MOST },
	[CAUSE_UNITS] = { "units",
		"has sizes that are reckoned from what the recording does not say", NULL,
		BOUND_ABOUT },
};

enum bound bound_of(uint32_t why)
{
	unsigned int says = BOUND_EXACT;

	for (unsigned int i = 0; i < BOUND_CAUSES; i++)
		if (why & BOUND_BIT(i))
			says |= causes[i].says;
	return (enum bound)says;
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
