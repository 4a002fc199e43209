/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modlayout.h - how a kernel would lay a module's file out in memory
 *
 * The sections of a .ko are put together as the loader does it (layout_sections()
 * and layout_symtab(), kernel/module/main.c and kallsyms.c; kernel/module.c
 * before 5.19): up to 6.3 into two blocks, core and init, with each kind of
 * section on pages of its own in them; from 6.4 into one area for each kind.
 * What the loader of some architectures adds (stubs, tables) is not in the file.
 * Assumed is what distributions build: STRICT_MODULE_RWX, KALLSYMS_ALL,
 * MODULE_UNLOAD.
 */
#ifndef MODMEM_MODLAYOUT_H
#define MODMEM_MODLAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elffile;

enum mod_region {
	MOD_REGION_TEXT,
	MOD_REGION_RODATA,
	MOD_REGION_RO_AFTER_INIT,
	MOD_REGION_DATA,
	MOD_REGION_INIT_TEXT,
	MOD_REGION_INIT_RODATA,
	MOD_REGION_INIT_DATA,
	MOD_REGION_CORE,	/* up to 6.3: the first four */
	MOD_REGION_INIT,	/* ... and the other three */
	MOD_REGION_PERCPU,	/* for each CPU, apart from the rest */
	MOD_REGION_NONE,	/* not loaded, or only read by the loader */
	MOD_REGIONS
};

/* "text", "init_data", "core"; "" for MOD_REGION_NONE. */
const char *mod_region_name(enum mod_region region);

/* A region that is given back when the module's init has run. */
bool mod_region_is_init(enum mod_region region);

struct modlayout {
	bool split;		/* an area for each kind (from 6.4) */
	bool at_least;		/* the loader adds something on this architecture */
	uint64_t page_size;	/* bytes */
	/* bytes; the four of a block are also given where it is one */
	uint64_t size[MOD_REGIONS];
};

/*
 * @ef is a module (elffile_relocatable()); @release of the kernel as uname -r has
 * it, NULL: the one that the module was built for.
 */
void modlayout_read(struct modlayout *ml, const struct elffile *ef, const char *release,
		    uint64_t page_size);

/* Where section @i of @ef goes. */
enum mod_region modlayout_region(const struct elffile *ef, size_t i, const char *release);

/*
 * module_frob_arch_sections() of @machine (as uname -m has it, NULL: not known) makes
 * sections larger.
 */
bool modlayout_loader_adds(const char *machine);

/* Kernel @release is @major.@minor or later; unknown: true. */
bool modlayout_since(const char *release, unsigned int major, unsigned int minor);

#endif
