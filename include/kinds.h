/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds.h - the kinds of memory, of charges and of modules, and their names
 */
#ifndef MODMEM_KINDS_H
#define MODMEM_KINDS_H

#include <stdbool.h>

enum mem_kind {
	KIND_SLAB,
	KIND_PAGES,
	KIND_VMALLOC,
	KIND_PERCPU,
	KIND_DMA,
	KIND_MAX
};

/* Allocator overhead: memory that allocators took to serve a module. */
enum overhead_kind {
	OVERHEAD_SLAB_PAGES,	/* page blocks behind slab caches */
	OVERHEAD_SLAB_EXTS,	/* per-slab vectors: memcg, allocation tags */
	OVERHEAD_SHEAVES,	/* per-CPU object arrays of slab (from 6.18) */
	OVERHEAD_VMAP,		/* areas, page arrays, page tables of vmalloc */
	OVERHEAD_PERCPU_CHUNKS,	/* chunks behind the per-CPU allocator */
	OVERHEAD_RCU,		/* pointer blocks of kvfree_rcu */
	OVERHEAD_DEBUG,		/* page_owner, stack depot, kmemleak, KASAN */
	OVERHEAD_STATIC_PERCPU,	/* static per-CPU data, made by the module loader */
	OVERHEAD_MAX
};

enum charge {
	CHARGE_OWN,
	CHARGE_INDUCED,
	CHARGE_OVERHEAD,
	CHARGE_INSIDE,		/* lies in memory that is charged as a whole; no row */
};

enum module_state {
	MODULE_LOADED,
	MODULE_UNLOADED,
	MODULE_KERNEL,		/* the [kernel] row */
	MODULE_UNKNOWN,		/* the [unknown] row */
};

/* Not of the core kernel, nor of what is in no known module. */
static inline bool module_state_is_module(enum module_state state)
{
	return state == MODULE_LOADED || state == MODULE_UNLOADED;
}

/* Names as in the JSON contract: "slab", "slab_pages", "own", "loaded". */
const char *mem_kind_name(enum mem_kind kind);
const char *overhead_kind_name(enum overhead_kind kind);
const char *charge_name(enum charge charge);
const char *module_state_name(enum module_state state);

#endif
