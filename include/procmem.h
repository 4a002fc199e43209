/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmem.h - reads saved copies of the kernel's own counters: /proc/meminfo,
 * zoneinfo, slabinfo, vmallocinfo, allocinfo and modules
 *
 * The texts may hold anything. A line that is none of its file's is passed
 * over; a number that no kernel can mean makes its line one of these.
 */
#ifndef MODMEM_PROCMEM_H
#define MODMEM_PROCMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

/* Counters of meminfo that have to do with what the kernel itself takes. */
enum proc_counter {
	PROC_MEM_FREE,
	PROC_CPU_LISTS, /* zoneinfo: free pages that CPUs keep, not in MemFree */
	PROC_FREE_PAGES, /* these two in one sum: proc_free_pages() */
	PROC_BUFFERS,
	PROC_CACHED,
	PROC_ANON_PAGES,
	PROC_SLAB, /* the sum of the next two */
	PROC_SRECLAIMABLE,
	PROC_SUNRECLAIM,
	PROC_VMALLOC_USED,
	PROC_PERCPU,
	PROC_PAGE_TABLES,
	PROC_KERNEL_STACK,
	PROC_COUNTERS
};

/* "MemFree", as the file has it. */
const char *proc_counter_name(enum proc_counter counter);

struct proc_counters {
	bool known[PROC_COUNTERS];
	uint64_t bytes[PROC_COUNTERS];
};

/* Each adds what it finds to @c, which the caller has cleared. */
void proc_meminfo(struct proc_counters *c, const char *text, size_t len);
void proc_zoneinfo(struct proc_counters *c, const char *text, size_t len,
		   uint64_t page_size);

/* PROC_FREE_PAGES, if both of its parts are known. */
void proc_free_pages(struct proc_counters *c);

/* Numbers of any of these lines are below that: 2^40 pages are 4 PiB. */
#define PROC_NUMBER_MAX (1ull << 40)

/* A line of slabinfo, version 2.1 (mm/slab_common.c, cache_show()). */
struct proc_slab {
	const char *name; /* not terminated */
	size_t name_len;
	uint64_t active; /* objects; those in per-CPU slabs are, free or not */
	uint64_t objects; /* slots */
	uint64_t size; /* bytes of an object, with what belongs to it */
	uint64_t slabs;
	uint64_t slab_pages;
};

/*
 * A line of vmallocinfo (mm/vmalloc.c, vmalloc_info_show()). Its size has the
 * guard page behind the area in it.
 */
struct proc_area {
	uint64_t start,
		end; /* mostly hashed: good to compare, not as addresses; 0: withheld */
	uint64_t size; /* bytes */
	const char *caller; /* "load_module+0x7cf/0x1e00", not terminated */
	size_t caller_len; /* 0: not known */
	uint64_t pages; /* of memory behind it, 0: vmap, ioremap, ... */
	bool ioremap; /* device memory: takes none */
	uint64_t unreadable; /* lines before it that are none, or behind the last one */
};

/*
 * A line of allocinfo (lib/alloc_tag.c, alloc_tag_to_text()): what one call in the
 * source holds. Kernels from 6.10 with CONFIG_MEM_ALLOC_PROFILING have it.
 */
struct proc_tag {
	uint64_t bytes;
	uint64_t calls; /* allocations that are live */
	struct span module; /* its name; empty: the kernel itself */
	bool inaccurate; /* some could not be counted ("accurate:no", from 6.18) */
};

/* A line of modules (kernel/module/procfs.c, m_show()). */
struct proc_module {
	char name[256];
	uint64_t size; /* bytes */
	uint64_t base; /* 0: hidden */
	bool live; /* "Live": not coming or going */
};

/*
 * Each takes a line of what is left of a text, @*text to @end, and moves on.
 * False at its end.
 */
bool proc_slab_next(const char **text, const char *end, struct proc_slab *slab);
bool proc_area_next(const char **text, const char *end, struct proc_area *area);
bool proc_tag_next(const char **text, const char *end, struct proc_tag *tag);
bool proc_module_next(const char **text, const char *end,
		      struct proc_module *module);

/* One line, whatever its size, which is PROC_NUMBER_MAX where no module has so much. */
bool proc_module_line(struct span line, struct proc_module *module);

/*
 * The class of a kmalloc cache: "kmalloc-1k" for kmalloc-cg-1k, kmalloc-rcl-1k,
 * kmalloc-rnd-05-1k and dma-kmalloc-1k too, since an event does not tell them
 * apart (mm/slab_common.c, kmalloc_info). False: none, @class is untouched.
 */
bool proc_kmalloc_class(const char *name, size_t len, char *class, size_t size);

#endif
