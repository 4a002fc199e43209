/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile.h - the kernel's own counters, before and after, beside what the
 * trace says became of that memory
 *
 * Part of a snapshot (snapshot.h). The counters were read by the recorder just
 * before it began and just after it ended, so both times lie outside of the
 * events: what happened in between is explained by nothing. What a trace
 * "explains" of a counter is memory of the sort that the kernel counts there,
 * taken in the recording and still held at its end:
 *
 *   Slab         whole page blocks behind slab caches and, as the kernel has it
 *                (from 5.4), pages of large kmallocs
 *   VmallocUsed  pages of vmalloc areas, no guard page, no ioremap, no vmap
 *   Percpu       page blocks behind chunks of the per-CPU allocator
 *   PageTables, KernelStack   pages and areas that these functions take
 *   MemFree      every page that was taken and given back, with the free pages
 *                that CPUs keep in lists: "MemFree + CPU lists", one sum
 *
 * Frees of what was there before the recording are known in sum for pages, and
 * by cache for slab objects where the event names it.
 */
#ifndef MODMEM_RECONCILE_H
#define MODMEM_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

/* A function that took some of it. */
struct reconcile_taker {
	uint32_t module;	/* index into snapshot.modules */
	const char *function;	/* NULL: no symbol covers the address */
	uint64_t offset;
	uint32_t number;	/* as in struct snap_site */
	bool no_offset;
	const char *via;
	uint64_t bytes;		/* live */
	uint64_t objects;	/* live: slab objects, page blocks or areas */
};

struct reconcile_counter {
	const char *name;	/* "Slab" */
	uint64_t before, after;	/* bytes */
	bool followed;		/* the trace tells of it; else no explanation is tried */
	int64_t explained;	/* bytes of growth, less what was freed from before */
	uint64_t freed_before;	/* bytes that had been there before and went */
	const struct reconcile_taker *takers;	/* most bytes first */
	size_t n_takers;
};

/* A slab cache, or all kmalloc caches of one size. */
struct reconcile_cache {
	const char *name;
	const char *variants;	/* "kmalloc-cg-1k +3, ...", NULL: it is one cache */
	uint64_t size;		/* bytes of an object */
	uint64_t active_before, active_after;	/* objects */
	uint64_t slots_before, slots_after;
	uint64_t pages_before, pages_after;	/* of its slabs */
	int64_t explained;	/* objects: taken and held, less freed_before */
	uint64_t freed_before;	/* objects from before the recording that went */
	bool by_size;		/* some objects are known by their size alone */
	bool free_blind;	/* frees of some of it go unseen */
	const struct reconcile_taker *takers;
	size_t n_takers;
};

/* Areas of vmallocinfo by the function that made them. */
struct reconcile_area {
	const char *caller;	/* without offset; NULL: not recorded */
	bool ioremap;		/* address space of a device: takes no memory */
	uint64_t n_before, n_after;
	uint64_t before, after;	/* bytes of memory; of address space if ioremap */
};

/* A module by /proc/allocinfo, which counts what it took itself, but for DMA. */
struct reconcile_module {
	uint32_t module;	/* index into snapshot.modules */
	uint64_t before, after;	/* bytes that it held */
	int64_t grew;		/* bytes */
	int64_t books;		/* bytes: taken in the recording and held, no DMA */
	bool gone;		/* removed: the kernel has forgotten what it held */
};

/* The command that was recorded: user memory is part of the same sum. */
struct reconcile_command {
	bool known;
	const char *how;	/* "at its exit", "0.2 s before its end" */
	int64_t pss, rss;	/* bytes of the process itself; -1: not known */
	int64_t peak_rss;	/* bytes, of it and its children; -1: not known */
};

struct reconcile {
	uint64_t before_ns, after_ns;	/* when the counters were read */
	bool slabinfo;		/* both copies are there */
	bool vmallocinfo;
	const struct reconcile_counter *counters;
	size_t n_counters;
	const struct reconcile_cache *caches;	/* that changed, most growth first */
	size_t n_caches;
	uint64_t unnamed_objects;	/* live, of a cache nobody knows */
	uint64_t unnamed_bytes;
	uint64_t unnamed_freed;	/* slab frees from before: cache not known */
	const struct reconcile_area *areas;	/* that changed */
	size_t n_areas;
	uint64_t unreadable_areas;	/* lines of both copies of vmallocinfo */
	bool allocinfo;		/* both copies are there, and it was on */
	bool allocinfo_inaccurate;	/* it says so of some of its numbers */
	const struct reconcile_module *modules;	/* most growth first */
	size_t n_modules;
	struct reconcile_command command;
	const char *const *doubts;	/* why to trust it less, a sentence each */
	size_t n_doubts;
};

#endif
