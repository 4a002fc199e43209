/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modstatic.h - what a module takes by being there: code, data, per-CPU data
 *
 * lsmod has one number. What is taken is more: each region is an area of vmalloc
 * space, rounded up to pages (PAGE_ALIGN in module_memory_alloc(), debug_align
 * and vmalloc itself before 6.4), and behind each area lies a guard page that
 * /proc/vmallocinfo counts in: an lsmod size of 234750 bytes is 241664 there. A
 * guard page takes address space, not memory, so it is told apart.
 *
 * Up to 6.3 lsmod's number is one area (core), and while init runs a second one
 * (init) that is in the number too. From 6.4 it is the sum of up to four areas
 * (text, data, rodata, ro_after_init), each in whole pages already. Where text of
 * all modules shares large pages (execmem's cache, x86 since 6.13 in some
 * versions), it has no area of its own and no guard page.
 */
#ifndef MODMEM_MODSTATIC_H
#define MODMEM_MODSTATIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct modlayout;

/* How the areas are known. */
enum static_source {
	STATIC_UNKNOWN,
	STATIC_LSMOD,		/* from lsmod's number alone */
	STATIC_CORE,		/* ... and /sys/module/X/coresize and initsize */
	STATIC_SECTIONS,	/* areas from the names of sections in /sys/module */
	STATIC_FILE,		/* from the module's file, which nobody has loaded */
	STATIC_FILE_EQUAL,	/* from the file, and lsmod says the same */
};

/* "lsmod", "coresize", "sections", "file", "file and lsmod". */
const char *static_source_name(enum static_source source);

struct modstatic {
	enum static_source source;
	bool at_least;		/* one more area, or more in them, may be there */
	int64_t lsmod_bytes;	/* size in /proc/modules, -1: not known */
	unsigned int areas;
	uint64_t memory_bytes;	/* whole pages */
	uint64_t guard_bytes;	/* address space only */
	int64_t percpu_bytes;	/* static per-CPU data, all CPUs; -1: not known */
};

/* Nothing is known of it. */
extern const struct modstatic modstatic_none;

/* Of lsmod's number, on kernel @release (NULL: not known). */
void modstatic_lsmod(struct modstatic *ms, uint64_t lsmod_bytes, uint64_t page_size,
		     const char *release);

/*
 * Of /sys/module/X/coresize and initsize: up to 6.3 an area each while init
 * runs. -1: not told. After modstatic_lsmod().
 */
void modstatic_core(struct modstatic *ms, int64_t core, int64_t init, uint64_t page_size,
		    const char *release);

/*
 * Section names of /sys/module/X/sections, one a line and whatever stands behind
 * a blank: which of the areas there are. After modstatic_lsmod().
 */
void modstatic_sections(struct modstatic *ms, const char *names, size_t len,
			uint64_t page_size, const char *release);

/*
 * Of the module's file; keeps lsmod_bytes. @cpus: 0: not known, then only the
 * per-CPU data of one are counted, as "at least".
 */
void modstatic_layout(struct modstatic *ms, const struct modlayout *ml, uint32_t cpus);

/* Text lies in pages that it shares with other modules: no guard page for it. */
void modstatic_share_text(struct modstatic *ms, uint64_t page_size);

/* A saved /proc/vmallocinfo says that text of modules shares large pages. */
bool modstatic_text_shared(const char *vmallocinfo, size_t len, uint64_t page_size);

/* @bytes in whole pages. */
uint64_t modstatic_pages(uint64_t bytes, uint64_t page_size);

/* There may be more than is known. */
bool modstatic_at_least(const struct modstatic *ms);

/* All of it, guard pages and per-CPU data among it; -1: not known. */
int64_t modstatic_bytes(const struct modstatic *ms);

#endif
