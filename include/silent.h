/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * silent.h - which functions that leave no event a module can call at all
 *
 * A module reaches the kernel by the symbols that its file leaves undefined, and by
 * no others (but for what it is given as a pointer). Code that headers inline ends in
 * such a call, too:
 *
 *   in the source                       include/                symbol
 *   kfree_rcu, kvfree_rcu, .._mightsleep linux/rcupdate.h        kvfree_call_rcu
 *     up to 5.8                                               kfree_call_rcu
 *   kfree_rcu_nolock (7.x)              linux/rcupdate.h        kfree_call_rcu_nolock
 *   kfree_bulk                          linux/slab.h            kmem_cache_free_bulk
 *   kvmalloc, kvzalloc, kvcalloc,       linux/slab.h, mm.h      kvmalloc_node
 *     kvmalloc_array                      from 6.10             __kvmalloc_node_noprof
 *   vmalloc_array, vcalloc (to 5.17)    linux/vmalloc.h, mm.h   __vmalloc, vzalloc
 *   ptr_ring_init, skb_array_init       linux/ptr_ring.h        kvmalloc_node
 *   alloc_pages_bulk_list, .._array,    linux/gfp.h             __alloc_pages_bulk
 *     .._array_node, alloc_pages_bulk     from 6.10             alloc_pages_bulk_noprof
 *   page_pool_alloc, page_pool_dev_alloc* net/page_pool/helpers.h page_pool_alloc_*
 *   dma_alloc_coherent, dma_zalloc_..,  linux/dma-mapping.h     dma_alloc_attrs
 *     dma_alloc_wc                        up to 4.20            dma_alloc_from_dev_coherent
 *   pci_alloc_consistent (to 5.17)      linux/pci.h             dma_alloc_attrs
 *   mempool_create_*_pool               linux/mempool.h         mempool_create
 *
 * From 6.10 names end in _noprof (include/linux/alloc_tag.h). Kernels without SMP and
 * preemption (CONFIG_TINY_RCU) inline kvfree_call_rcu(); what they free has an event.
 */
#ifndef MODMEM_SILENT_H
#define MODMEM_SILENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum silent {
	SILENT_RCU_FREE,	/* objects are freed later in bulk, without an event */
	SILENT_BULK_FREE,	/* kmem_cache_free_bulk() */
	SILENT_BULK_ALLOC,	/* kmem_cache_alloc_bulk() */
	SILENT_VMALLOC,		/* most pages of an area come in bulk */
	SILENT_PAGES_BULK,	/* alloc_pages_bulk() */
	SILENT_PAGE_POOL,	/* a page_pool takes its pages in bulk */
	SILENT_DMA,		/* may be from CMA or a device's own memory */
	SILENT_DMA_POOL,	/* only the pages behind the blocks have events */
	SILENT_MEMPOOL,		/* from its reserve without an event */
	SILENT_CONTIG,		/* alloc_contig_range(), CMA */
	SILENT_MOVABLE,		/* movable pages, which --own leaves out */
	SILENT_MAX,
};

#define SILENT_BIT(s) (1u << (s))

/* "kvfree_rcu", "kmem_cache_alloc_bulk", "vmalloc", ...: as people call it. */
const char *silent_name(enum silent silent);

/* What a symbol that is called so leads to: bits; 0: nothing that is silent. */
uint32_t silent_symbol(const char *name, size_t len);

/*
 * It is how a module makes the kernel ask it for memory back: a shrinker, or a list
 * that others' shrinkers empty.
 */
bool silent_shrinks(const char *name, size_t len);

/* It can find any function by its name: what it imports says nothing of what it calls. */
bool silent_escapes(const char *name, size_t len);

#endif
