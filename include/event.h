/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event.h - what happened to memory: the only type that crosses from decode
 * to model
 */
#ifndef MODMEM_EVENT_H
#define MODMEM_EVENT_H

#include <stdint.h>

enum event_type {
	EVENT_SLAB_ALLOC,	/* kmalloc, kmem_cache_alloc and their _node forms */
	EVENT_SLAB_FREE,	/* kfree, kmem_cache_free */
	EVENT_PAGE_ALLOC,	/* mm_page_alloc */
	EVENT_PAGE_FREE,	/* mm_page_free */
	EVENT_PERCPU_ALLOC,	/* percpu_alloc_percpu */
	EVENT_PERCPU_FREE,	/* percpu_free_percpu */
	EVENT_PERCPU_FAIL,	/* percpu_alloc_percpu_fail */
	EVENT_MODULE_LOAD,	/* module_load: before the module's init runs */
	EVENT_MODULE_FREE,	/* module_free: after its exit, before it is unmapped */
	EVENT_LOST,		/* records were lost here, on this CPU */
	/* from companion probes (probes.h), where calls fire no event */
	EVENT_RCU_FREE,		/* kfree_rcu(): the object is given up */
	/* kmem_cache_alloc_bulk(): the call, with its stack; ptr: who called it, or 0 */
	EVENT_BULK_ALLOC,
	EVENT_BULK_ITEM,	/* ... an object of it, right behind */
	EVENT_BULK_FREE,	/* an object of kmem_cache_free_bulk(), kfree_bulk() */
	EVENT_BULK_MISSED,	/* bytes_req objects of a bulk call are not known */
	/*
	 * alloc_pages_bulk() is called: what slots of the array at ptr have then.
	 * bytes_req: the first of bytes_alloc slots, call_site: a bit for each of them, set
	 * where there is a page already; order: the part of the call that it tells of
	 */
	EVENT_PAGES_HAD,
	EVENT_PAGES_BULK,	/* ... and returns, with its stack: part order, array at ptr */
	EVENT_PAGES_ITEM,	/* ... page ptr in slot bytes_req, right behind */
	EVENT_PAGES_MISSED,	/* ... bytes_req pages, at most, are not known */
	EVENT_VMALLOC,		/* bytes_alloc were mapped at ptr */
	EVENT_VMALLOC_FREE,
	EVENT_DMA_BLOCK,	/* dma_pool_alloc(): bytes_alloc at ptr, in the pool's pages */
	EVENT_DMA_BLOCK_FREE,
	EVENT_MODULE_REGION,	/* text at ptr, bytes_alloc of it; EVENT_INIT */
	EVENT_MODULE_MAP,	/* ... of this module, right behind its regions */
	EVENT_MODULE_UNMAP,	/* the region at ptr goes */
	EVENT_CONTIG_ALLOC,	/* cma_alloc(): bytes_req pages from PFN ptr on */
	EVENT_CONTIG_FREE,	/* cma_release(): the same, also told page by page */
	/* vmalloc:alloc_vmap_area, not asked for: bytes_req of addresses, with a guard page */
	EVENT_AREA_RANGE,
	/* in no recording: what the books make of the page array of a vmalloc */
	EVENT_AREA,		/* the area that the array is of */
	EVENT_AREA_ARRAY,	/* the array, where it is an area of its own */
	EVENT_TYPES
};

/* Context in which an event was written; a higher one interrupts a lower. */
enum event_context {
	CONTEXT_TASK,
	CONTEXT_SOFTIRQ,
	CONTEXT_HARDIRQ,
	CONTEXT_NMI,
	CONTEXTS
};

#define EVENT_KMALLOC	0x01	/* slab: from the kmalloc family, may be pages */
#define EVENT_FREED	0x01	/* bulk call missed: of a free */
#define EVENT_INIT	0x04	/* module region: gone when init is done */
#define EVENT_RESERVED	0x02	/* percpu: reserved for static per-CPU data */
/*
 * Pages of a kind that the kernel can take back or move: page cache, user
 * memory, caches with a shrinker. MIGRATE_MOVABLE and MIGRATE_RECLAIMABLE of
 * include/linux/mmzone.h.
 */
#define EVENT_MOVABLE	0x08
#define EVENT_RECLAIM	0x10

/* Type and form of an event: what kfree did not do kmem_cache_free may have. */
static inline uint64_t event_bit(unsigned int type, unsigned int flags)
{
	return UINT64_C(1) << (flags & EVENT_KMALLOC ? type + 32u : type);
}

struct event {
	uint64_t ts;		/* ns */
	uint64_t ptr;		/* object; first PFN for pages; per-CPU pointer */
	/* return address, 0: the event has none; bulk: bytes of an object asked for */
	uint64_t call_site;
	uint64_t bytes_req;
	uint64_t bytes_alloc;	/* what was set aside; EVENT_LOST: how many records */
	uint32_t stack;		/* stacks.h number, STACK_NONE: none came */
	uint32_t name;		/* strings_table.h number: cache, module; 0: none */
	uint32_t origin;	/* interner.h: allocations that have it all in common */
	int32_t pid;
	uint16_t cpu;
	uint8_t type;		/* enum event_type */
	uint8_t context;	/* enum event_context */
	uint8_t order;		/* pages: 2^order of them */
	uint8_t flags;
	uint8_t interner;	/* of decode alone: whose numbers it has */
};

#endif
