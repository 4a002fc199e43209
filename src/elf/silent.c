// SPDX-License-Identifier: GPL-2.0-or-later
#include "silent.h"

#include <string.h>

#define NOPROF "_noprof"	/* include/linux/alloc_tag.h */
#define RUST "rust_helper_"	/* rust/helpers/: what C inlines, for modules in Rust */

struct rule {
	const char *symbol;	/* without _noprof; a trailing '*' is any rest */
	uint32_t leads_to;	/* bits */
};

#define RCU_FREE	SILENT_BIT(SILENT_RCU_FREE)
#define BULK_FREE	SILENT_BIT(SILENT_BULK_FREE)
#define BULK_ALLOC	SILENT_BIT(SILENT_BULK_ALLOC)
#define VMALLOC		SILENT_BIT(SILENT_VMALLOC)
#define PAGES_BULK	SILENT_BIT(SILENT_PAGES_BULK)
#define PAGE_POOL	SILENT_BIT(SILENT_PAGE_POOL)
#define DMA		SILENT_BIT(SILENT_DMA)
#define DMA_POOL	SILENT_BIT(SILENT_DMA_POOL)
#define MEMPOOL		SILENT_BIT(SILENT_MEMPOOL)
#define CONTIG		SILENT_BIT(SILENT_CONTIG)
#define MOVABLE		SILENT_BIT(SILENT_MOVABLE)

/* The first that fits is taken. Kernel files in brackets. */
static const struct rule rules[] = {
	/* [kernel/rcu/tree.c, mm/slab_common.c] */
	{ "kvfree_call_rcu*", RCU_FREE },
	{ "kfree_call_rcu*", RCU_FREE },
	/* [mm/slub.c, mm/slab.c, mm/slab_common.c] */
	{ "kmem_cache_free_bulk", BULK_FREE },
	{ "kmem_cache_alloc_bulk", BULK_ALLOC },
	/* [mm/vmalloc.c, mm/util.c] */
	{ "vmalloc_to_*", 0 },
	{ "vmalloc_base", 0 },		/* arch/x86: an address */
	{ "vmalloc*", VMALLOC },
	{ "__vmalloc*", VMALLOC },
	{ "vzalloc*", VMALLOC },
	{ "vcalloc*", VMALLOC },
	{ "__vcalloc*", VMALLOC },
	{ "vrealloc*", VMALLOC },
	{ "kvmalloc*", VMALLOC },
	{ "__kvmalloc*", VMALLOC },
	{ "kvzalloc*", VMALLOC },
	{ "kvcalloc*", VMALLOC },
	{ "kvrealloc*", VMALLOC },
	{ "__kvrealloc*", VMALLOC },
	{ "kvmemdup*", VMALLOC },
	{ "vmemdup_*", VMALLOC },
	{ "rhashtable_init", VMALLOC },	/* [lib/rhashtable.c, bucket_table_alloc()] */
	{ "rhltable_init", VMALLOC },
	{ "__rhashtable_init", VMALLOC },	/* 7.x */
	{ "__rhltable_init", VMALLOC },
	{ "mempool_kvmalloc", VMALLOC | MEMPOOL },
	/* [mm/page_alloc.c, mm/mempolicy.c] */
	{ "__alloc_pages_bulk", PAGES_BULK },
	{ "alloc_pages_bulk*", PAGES_BULK },
	{ "alloc_contig_*", CONTIG },
	{ "__alloc_contig_*", CONTIG },
	/* pages that can be moved: zsmalloc, z3fold [mm/migrate.c], file systems [mm/filemap.c] */
	{ "__SetPageMovable", MOVABLE },
	{ "set_movable_ops", MOVABLE },
	{ "filemap_alloc_folio*", MOVABLE },
	{ "__page_cache_alloc", MOVABLE },
	{ "folio_alloc_*", 0 },
	{ "folio_alloc", MOVABLE },
	{ "__folio_alloc*", MOVABLE },
	{ "vma_alloc_folio*", MOVABLE },
	{ "alloc_pages_vma", MOVABLE },
	/* [net/core/page_pool.c] */
	{ "page_pool_alloc*", PAGE_POOL },
	/* [mm/cma.c, kernel/dma/contiguous.c] */
	{ "cma_alloc*", CONTIG },
	{ "__cma_alloc*", CONTIG },
	{ "dma_alloc_from_contiguous", CONTIG },
	{ "dma_alloc_contiguous", CONTIG },
	/* [kernel/dma/mapping.c, kernel/dma/coherent.c, mm/dmapool.c] */
	{ "dma_alloc_*", DMA },
	{ "dmam_alloc_*", DMA },
	{ "dma_pool_create*", DMA | DMA_POOL },
	{ "dma_pool_alloc", DMA | DMA_POOL },
	{ "dmam_pool_create", DMA | DMA_POOL },
	/* [mm/mempool.c] */
	{ "mempool_alloc*", MEMPOOL },
	{ "mempool_create*", MEMPOOL },
	{ "mempool_init*", MEMPOOL },
};

const char *silent_name(enum silent silent)
{
	static const char *const names[SILENT_MAX] = {
		[SILENT_RCU_FREE] = "kvfree_rcu",
		[SILENT_BULK_FREE] = "kmem_cache_free_bulk",
		[SILENT_BULK_ALLOC] = "kmem_cache_alloc_bulk",
		[SILENT_VMALLOC] = "vmalloc",
		[SILENT_PAGES_BULK] = "alloc_pages_bulk",
		[SILENT_PAGE_POOL] = "page_pool_alloc",
		[SILENT_DMA] = "dma_alloc_coherent",
		[SILENT_DMA_POOL] = "dma_pool_alloc",
		[SILENT_MEMPOOL] = "mempool_alloc",
		[SILENT_CONTIG] = "alloc_contig_range",
		[SILENT_MOVABLE] = "movable pages",
	};

	return names[silent];
}

static bool fits(const char *pattern, const char *name, size_t len)
{
	size_t n = strlen(pattern);
	bool any = pattern[n - 1] == '*';

	n -= any;
	return (any ? len >= n : len == n) && !memcmp(pattern, name, n);
}

uint32_t silent_symbol(const char *name, size_t len)
{
	const size_t cut = strlen(NOPROF), rust = strlen(RUST);

	if (len > rust && !memcmp(name, RUST, rust)) {
		name += rust;
		len -= rust;
	}
	if (len > cut && !memcmp(name + len - cut, NOPROF, cut))
		len -= cut;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (fits(rules[i].symbol, name, len))
			return rules[i].leads_to;
	return 0;
}

bool silent_shrinks(const char *name, size_t len)
{
	static const char *const names[] = {
		"register_shrinker*", "shrinker_register", "set_shrinker",	/* [mm/shrinker.c] */
		"__list_lru_init*",	/* [mm/list_lru.c] */
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fits(names[i], name, len))
			return true;
	return false;
}

bool silent_escapes(const char *name, size_t len)
{
	/* exported up to 5.6 */
	return fits("kallsyms_lookup_name", name, len);
}
