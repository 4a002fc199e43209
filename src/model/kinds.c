// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kinds.c - names as in the JSON contract: "slab", "slab_pages", "own", "loaded"
 */
#include "kinds.h"

#include "enum_name.h"

const char *mem_kind_name(enum mem_kind kind)
{
	static const char *const names[KIND_MAX] = {
		[KIND_SLAB] = "slab",
		[KIND_PAGES] = "pages",
		[KIND_VMALLOC] = "vmalloc",
		[KIND_PERCPU] = "percpu",
		[KIND_DMA] = "dma",
	};

	return ENUM_NAME(names, kind);
}

const char *overhead_kind_name(enum overhead_kind kind)
{
	static const char *const names[OVERHEAD_MAX] = {
		[OVERHEAD_SLAB_PAGES] = "slab_pages",
		[OVERHEAD_SLAB_EXTS] = "slab_exts",
		[OVERHEAD_SHEAVES] = "sheaves",
		[OVERHEAD_VMAP] = "vmap",
		[OVERHEAD_PERCPU_CHUNKS] = "percpu_chunks",
		[OVERHEAD_RCU] = "rcu",
		[OVERHEAD_DEBUG] = "debug",
		[OVERHEAD_STATIC_PERCPU] = "static_percpu",
	};

	return ENUM_NAME(names, kind);
}

const char *charge_name(enum charge charge)
{
	static const char *const names[] = {
		[CHARGE_OWN] = "own",
		[CHARGE_INDUCED] = "induced",
		[CHARGE_OVERHEAD] = "overhead",
		[CHARGE_INSIDE] = "inside",
	};

	return ENUM_NAME(names, charge);
}

const char *module_state_name(enum module_state state)
{
	static const char *const names[] = {
		[MODULE_LOADED] = "loaded",
		[MODULE_UNLOADED] = "unloaded",
		[MODULE_KERNEL] = "kernel",
		[MODULE_UNKNOWN] = "unknown",
	};

	return ENUM_NAME(names, state);
}
