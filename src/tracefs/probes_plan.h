/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes_plan.h - which probes a kernel can have, in words for dynamic_events
 *
 * Nothing here touches the kernel: what is known of it goes in, lines to write
 * come out.
 */
#ifndef MODMEM_PROBES_PLAN_H
#define MODMEM_PROBES_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct btf;

/* Functions, and what else is looked for in /proc/kallsyms. */
enum kernel_function {
	FN_KVFREE_CALL_RCU,
	FN_KFREE_CALL_RCU,		/* before 5.9 */
	FN_BULK_ALLOC_NOPROF,
	FN_BULK_ALLOC,
	FN_BULK_FREE,
	FN_PAGES_BULK_NOPROF,
	FN_PAGES_BULK,			/* before 6.10 */
	FN_VMEMMAP_BASE,		/* a variable: struct page of PFN 0 */
	FN_VMAP_SMALL_PAGES,
	FN_VMAP_PAGES_INNER,
	FN_VMAP_PAGES,
	FN_MAP_KERNEL_RANGE,
	FN_VFREE,
	FN_VFREE_ATOMIC,
	FN_REMOVE_VM_AREA,
	FN_DMA_POOL_ALLOC,
	FN_DMA_POOL_FREE,
	FN_MODULE_FINALIZE,
	FN_DO_INIT_MODULE,
	FN_EXECMEM_FREE,
	FN_MODULE_MEMFREE,		/* before 6.10 */
	/* stacks go on behind the trampoline of a return probe */
	FN_RETHOOK_FIND_RET_ADDR,
	FN_KRETPROBE_FIND_RET_ADDR,
	KERNEL_FUNCTIONS
};

extern const char *const kernel_function_names[KERNEL_FUNCTIONS];

struct kernel_facts {
	bool has[KERNEL_FUNCTIONS];
	unsigned int long_size;		/* bytes */
	const struct btf *btf;		/* NULL: none */
	const char *machine;		/* uname -m, NULL: not known */
};

struct probe_event {
	const char *name;	/* of the event */
	const char *define;	/* line for dynamic_events */
	const char *cheaper;	/* tried before it, NULL: nothing */
	const char *filter;	/* of the event, NULL: none */
	const char *hist;	/* its trigger, NULL: none */
	bool stack;		/* a stack trace goes with it */
	bool shown;		/* recorded; else only a step on the way */
	bool optional;		/* the others do without it */
	bool spare;		/* what it misses another one sees */
};

#define WAY_EVENTS	9u
#define PROBE_WAYS	2u

/* Events that only together serve the purpose. */
struct probe_way {
	struct probe_event events[WAY_EVENTS];
	size_t n;
};

struct probe_plan {
	const char *name;
	const char *blind;	/* why there is no way, if there is none */
	struct probe_way ways[PROBE_WAYS];	/* the best one first */
	size_t n;
};

#define PROBE_PLANS	7u

/* Strings are in @a. Returns 0 or -ENOMEM. */
int probes_plan(struct probe_plan plans[PROBE_PLANS],
		const struct kernel_facts *facts, const char *tag,
		struct arena *a);

#endif
