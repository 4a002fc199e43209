/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modmap.h - which module an address belongs to, at a moment of the recording
 *
 * Ranges come from the symbols that kallsyms tags with a module, and from a
 * saved /proc/modules. Both were read at one moment, mostly the end; what
 * module_load and module_free events say moves modules in and out of the map
 * before that. A module is an instance: loaded twice, it is two instances.
 *
 * A range is never guessed: it ends with the module's last text symbol (its
 * page), at the next module's base, or where /proc/modules says if that is
 * shorter. The size there covers other regions too since 6.4 (TRAPS D1).
 */
#ifndef MODMEM_MODMAP_H
#define MODMEM_MODMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinds.h"

struct error;
struct ksyms;
struct modmap;

#define OWNER_KERNEL	0u	/* instance numbers that always exist */
#define OWNER_UNKNOWN	1u
#define OWNER_NONE	UINT32_MAX

/*
 * Text begins within so many bytes of the base of a module of @size bytes: some
 * architectures put tables in front. What is further off is another place, which the
 * size may reach: it is that of regions that lie apart (TRAPS D1).
 */
#define MODULE_FRONT(size) ((size) / 4 + 4096)

struct module_instance {
	const char *name;	/* "[kernel]", "[unknown]" or the module's */
	uint32_t row;		/* equal for all instances of one name */
	enum module_state state;
	bool has_range;		/* where its code lay is known */
	bool assumed;		/* ... of one of several, and taken for this one */
	const struct ksyms *syms;	/* its symbols, NULL: in the general table */
	int64_t static_bytes;	/* size in /proc/modules, -1: not known */
	uint64_t loaded_ns;	/* 0: before the recording */
	uint64_t unloaded_ns;	/* 0: it is loaded, or its removal was lost */
};

/*
 * @ks may be NULL (no symbols: no core text either). @modules_text is a saved
 * /proc/modules of @len bytes, or NULL. Returns NULL with @err set: lines
 * that are none of /proc/modules, or no memory. @page_size in bytes.
 */
struct modmap *modmap_new(const struct ksyms *ks, const char *modules_text,
			  size_t len, uint64_t page_size, struct error *err);
void modmap_free(struct modmap *mm);

/*
 * Tells in advance of a module_load (@load) or module_free event that the
 * replay will meet, in order; then modmap_start() sets the map to the
 * recording's start. Both -ENOMEM or 0.
 */
int modmap_plan(struct modmap *mm, const char *name, bool load);

/* Where the core kernel's text is, if no symbols said so. Before modmap_start(). */
void modmap_core(struct modmap *mm, uint64_t start, uint64_t end);

/*
 * What modmap_new() was given was read at @ts while events came already: a load
 * before that is not another one of the module that is there.
 */
void modmap_read_at(struct modmap *mm, uint64_t ts);
int modmap_start(struct modmap *mm);

/*
 * Symbols of modules as they were at @ts (ns of the trace clock), read by a
 * recorder at a module's load or at the start (@ts 0). @ks must outlive the
 * map. To be told in the order of time, before the replay meets the load; if it
 * comes late, what the module allocated until then was nobody's. 0 or -ENOMEM.
 */
int modmap_snapshot(struct modmap *mm, const struct ksyms *ks, uint64_t ts);

/*
 * Symbols that were saved in a file beside the recording, nobody knows when: for
 * modules of which the recording does not say where they were. @ks must outlive
 * the map. To be told before modmap_start(). 0 or -ENOMEM.
 */
int modmap_given(struct modmap *mm, const struct ksyms *ks);

/*
 * Lines of /proc/modules say where modules lie besides where kallsyms has them: the one
 * of a text log is made up. To be told before modmap_start(). 0 or -ENOMEM.
 */
int modmap_also_at(struct modmap *mm, const char *text, size_t len);

/*
 * Takes the sizes of modules from a text of /proc/modules; lines that are none
 * of it are passed over. To be told before modmap_start(), or of what is loaded
 * now. 0 or -ENOMEM.
 */
int modmap_sizes(struct modmap *mm, const char *text, size_t len);

/* Events were lost, which may have been of modules: the map may lack some. */
void modmap_lost(struct modmap *mm);
bool modmap_has_lost(const struct modmap *mm);

/*
 * The replay meets the event, at @ts. Returns the instance, OWNER_NONE: no
 * memory.
 */
uint32_t modmap_event(struct modmap *mm, const char *name, bool load, uint64_t ts);

/* A region of the module that modmap_map() names next (companion probe). */
void modmap_region(struct modmap *mm, uint64_t start, uint64_t size, bool init);

/* That module is laid out in memory; its module_load comes a little later. */
uint32_t modmap_map(struct modmap *mm, const char *name, uint64_t ts);

/* The region that starts at @start is no longer anyone's. */
void modmap_unmap(struct modmap *mm, uint64_t start);

/* *@offset: where in the text of its module, or in its init text, @addr is now. */
bool modmap_offset(const struct modmap *mm, uint64_t addr, uint64_t *offset);

/* ... and at @epoch, with OFFSET_INIT (attribution.h) in init text. */
bool modmap_offset_at(const struct modmap *mm, uint64_t addr, uint32_t epoch,
		      uint64_t *offset);

/* @addr is in init text that a companion probe told of. */
bool modmap_is_init(const struct modmap *mm, uint64_t addr);

/*
 * Symbols of module @name's file, @ks (outlives the map), with offsets into .init.text
 * for addresses (inittext.h). @first: that begins the region for init text. Told twice,
 * the files differ, and none is believed. 0 or -ENOMEM.
 */
int modmap_init_symbols(struct modmap *mm, const char *name, const struct ksyms *ks, bool first);

/*
 * The next module whose load the replay will meet, and of which it was not told. *@i is 0
 * at first. NULL: no more.
 */
const char *modmap_init_lacking(const struct modmap *mm, size_t *i);

/* .init.text of some module began at @addr. 0 or -ENOMEM. */
int modmap_init_text(struct modmap *mm, uint64_t addr);

/*
 * The table for @addr, which was in init text at @epoch, and in *@offset where to look
 * there. NULL: no init text, or what it is is not known.
 */
const struct ksyms *modmap_init_table(const struct modmap *mm, uint64_t addr, uint32_t epoch,
				      uint64_t *offset);

/* @addr was in init text at @epoch that a probe told of, and that began at *@start. */
bool modmap_init_region(const struct modmap *mm, uint64_t addr, uint32_t epoch,
			uint64_t *start);

/* Changes whenever an address may belong to another instance than before. */
uint32_t modmap_epoch(const struct modmap *mm);

/* Owner of the code at @addr now. */
uint32_t modmap_find(const struct modmap *mm, uint64_t addr);

/* Owner of the code at @addr when modmap_epoch() was @epoch. */
uint32_t modmap_find_at(const struct modmap *mm, uint64_t addr, uint32_t epoch);

/*
 * @addr lies in or near the address range that modules are put into. Where
 * modules are known by name only, that is anywhere outside the core kernel.
 */
bool modmap_near_modules(const struct modmap *mm, uint64_t addr);

/* @addr is no small number, errno, or mark that a kernel leaves on stacks. */
bool modmap_may_be_code(uint64_t addr);

/*
 * Forgets what a recorder saw of modules before @before, ns, of which none is
 * loaded now; tables of symbols that modmap_uses() denies then may go. Instances
 * that were removed and that @keep (modmap_count() flags) does not want go too,
 * but for the latest of each name. @map: the new number of each, OWNER_NONE: it
 * is gone.
 */
void modmap_forget(struct modmap *mm, uint64_t before, const bool *keep, uint32_t *map);
bool modmap_uses(const struct modmap *mm, const struct ksyms *ks);

size_t modmap_count(const struct modmap *mm);
const struct module_instance *modmap_instance(const struct modmap *mm, uint32_t i);

/* Rows: one for each name; OWNER_KERNEL and OWNER_UNKNOWN are rows, too. */
size_t modmap_rows(const struct modmap *mm);

/* /proc/modules was read without privilege: all bases are zero. */
bool modmap_hidden(const struct modmap *mm);

/* Some module is known by kallsyms or /proc/modules. */
bool modmap_has_modules(const struct modmap *mm);

#endif
