// SPDX-License-Identifier: GPL-2.0-or-later
#include "sight.h"

#include <stdbool.h>
#include <string.h>

#include "bound.h"
#include "side.h"
#include "sides.h"

/* What a number at one moment is made of; what was allocated in all is known without frees. */
#define LIVE_METRICS (METRIC_BIT(METRIC_LIVE) | METRIC_BIT(METRIC_PEAK) | \
		      METRIC_BIT(METRIC_INDUCED))

/* ... one way or the other */
#define UNTOLD (BOUND_BIT(CAUSE_FILE_UNKNOWN) | BOUND_BIT(CAUSE_KERNEL))

#define KIND_BIT(kind) (1u << (kind))

static const struct {
	const char *name;	/* in coverage: the beginning of what it says of it */
	const char *also;	/* another name: seen, though by other means */
	const char *via;	/* only what this call took; NULL: all of the kinds */
	const char *via_pool;	/* ... or this one */
	unsigned int kinds;
	uint32_t sized;		/* by these bits a side knows sizes less well */
	bool frees;		/* it is frees that are not seen */
	uint32_t why;		/* only rows that say so; 0: all */
	bool overhead;		/* the allocators' own memory is taken the same way */
} paths[SIGHT_PATHS] = {
	{ .name = "slab allocations", .kinds = KIND_BIT(KIND_SLAB) },
	{ .name = "slab frees", .kinds = KIND_BIT(KIND_SLAB), .frees = true },
	{ .name = "page allocations", .overhead = true,
	  .kinds = KIND_BIT(KIND_PAGES) | KIND_BIT(KIND_VMALLOC) | KIND_BIT(KIND_DMA) },
	{ .name = "page frees", .frees = true, .overhead = true,
	  .kinds = KIND_BIT(KIND_PAGES) | KIND_BIT(KIND_VMALLOC) | KIND_BIT(KIND_DMA) },
	{ .name = "per-CPU allocations", .kinds = KIND_BIT(KIND_PERCPU) },
	{ .name = "per-CPU frees", .kinds = KIND_BIT(KIND_PERCPU), .frees = true },
	{ .name = "kmem_cache_alloc_bulk", .via = "kmem_cache_alloc_bulk",
	  .kinds = KIND_BIT(KIND_SLAB) },
	{ .name = "alloc_pages_bulk", .via = "alloc_pages_bulk", .via_pool = "page_pool",
	  .kinds = KIND_BIT(KIND_PAGES) },
	{ .name = "kmem_cache_free_bulk", .kinds = KIND_BIT(KIND_SLAB), .frees = true,
	  .why = BOUND_BIT(CAUSE_SLAB_BULK_FREE) | UNTOLD },
	{ .name = "kfree_rcu, kvfree_rcu", .kinds = KIND_BIT(KIND_SLAB), .frees = true,
	  .why = BOUND_BIT(CAUSE_KFREE_RCU) | UNTOLD },
	{ .name = "vmalloc", .also = "vmalloc by its page arrays",
	  .kinds = KIND_BIT(KIND_VMALLOC),
	  .sized = BOUND_BIT(CAUSE_VMALLOC) | BOUND_BIT(CAUSE_VMALLOC_LARGE) },
	{ .name = "dma_pool_alloc", .via = "dma_pool_alloc", .kinds = KIND_BIT(KIND_DMA) },
};

const char *sight_name(unsigned int path)
{
	return paths[path].name;
}

/* Did the call that path @p is about take what @row has? */
static bool took(unsigned int p, const struct side_row *row)
{
	return !paths[p].via ||
	       (row->via && (!strcmp(row->via, paths[p].via) ||
			     (paths[p].via_pool && !strcmp(row->via, paths[p].via_pool))));
}

/* Is the name all of @text, or followed by something that says more of it? */
static bool is_about(const char *text, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(text, name, len) && (!text[len] || strchr(":,;", text[len]));
}

static uint32_t named(const char *const *texts, size_t n)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned int p = 0; p < SIGHT_PATHS; p++)
			if (is_about(texts[i], paths[p].name) ||
			    (paths[p].also && is_about(texts[i], paths[p].also)))
				bits |= 1u << p;
	return bits;
}

void sight_learn(struct side *side, const char *const *covered, size_t n_covered,
		 const char *const *blind, size_t n_blind)
{
	side->sees = named(covered, n_covered);
	side->blind = named(blind, n_blind) & ~side->sees;
}

static uint32_t seen(const struct runs *runs)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < runs->n; i++)
		bits |= runs->run[i]->sees;
	return bits;
}

static uint32_t blind(const struct runs *runs)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < runs->n; i++)
		bits |= runs->run[i]->blind;
	return bits;
}

uint32_t sight_differs(const struct runs *base, const struct runs *new)
{
	return (seen(base) | seen(new)) & (blind(base) | blind(new));
}

int sight_blind(const struct runs *runs, unsigned int path)
{
	return blind(runs) >> path & 1;
}

uint32_t sight_hides(uint32_t differs, const struct side_row *row, uint32_t why,
		     uint32_t some, unsigned int *path)
{
	uint32_t hidden = 0;

	for (unsigned int p = 0; p < SIGHT_PATHS; p++) {
		bool unlike = differs >> p & 1 || (paths[p].sized & some);

		if (!unlike || !(paths[p].kinds & KIND_BIT(row->kind)) ||
		    !took(p, row) ||
		    (paths[p].why && !(paths[p].why & why)))
			continue;
		if (!hidden)
			*path = p;
		hidden |= paths[p].frees ? LIVE_METRICS : METRICS_OF_SITES;
	}
	return hidden;
}

uint32_t sight_hides_of_module(unsigned int path, enum module_state state)
{
	return METRIC_BIT(METRIC_PEAK) |
	       (state == MODULE_UNLOADED ? 0 : METRIC_BIT(METRIC_LEAKED)) |
	       (paths[path].overhead ? METRIC_BIT(METRIC_OVERHEAD) : 0);
}
