/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modmap_internal.h - shared by modmap.c (who is where, over time),
 * modmap_names.c (modules by name), modmap_init.c (names in init text) and
 * modmap_text.c (where a text of kallsyms or /proc/modules says that code lies)
 */
#ifndef MODMEM_MODMAP_INTERNAL_H
#define MODMEM_MODMAP_INTERNAL_H

#include "hash_index.h"
#include "modmap.h"

/* Where a module's text lies at the time of kallsyms and /proc/modules. */
struct range {
	uint64_t start, end;	/* [start, end) */
	uint32_t name;		/* index into names */
	uint32_t next;		/* of that name, index + 1; 0: it is the last */
};

/* Text that is somebody's now, or was in these epochs. */
struct mapped {
	uint64_t start, end;
	uint32_t instance;
	bool init;
	uint32_t since, until;	/* until UINT32_MAX: it is now */
};

/* A module as a recorder's snapshot of symbols shows it. */
struct seen {
	uint32_t name;
	uint64_t ts, start, end;
	const struct ksyms *syms;
};

/*
 * Where a module lay when a file beside the recording was saved, nobody knows when:
 * for an instance of which nothing else says it.
 */
struct given {
	uint64_t start, end;
	const struct ksyms *syms;	/* NULL: in the general table */
	uint32_t next;		/* of that name, index + 1; 0: it is the last */
};

#define FIRST_MODULE_ROW 2u	/* [kernel] and [unknown] stand before */
#define REGIONS_MAX 2u		/* of one module: text and init text */

/* One module name, over all its instances. */
struct module_name {
	char *name;
	bool mapped_early;	/* modmap_map() made current, its load follows */
	bool first_is_load;
	bool planned;		/* some event names it */
	bool last_is_load;
	uint32_t ranges;	/* the first one, index + 1; 0: none */
	uint32_t loads_left;
	uint32_t given;		/* the first one, index + 1; 0: none */
	uint32_t instances;	/* planned, and the one that is there at the start */
	uint32_t current;	/* instance loaded now, OWNER_NONE: none */
	int64_t static_bytes;
	uint64_t loaded;		/* ns, of current's load; 0: before the start */
	const struct ksyms *init_syms;	/* of its file's init text, NULL: not known */
	bool init_told;			/* ... as modmap_init_symbols() said */
	bool init_first;		/* ... and nothing is before it in its region */
};

struct modmap {
	const struct ksyms *ks;
	uint64_t page_size;
	uint64_t text_start, text_end;	/* core kernel, 0: not known */
	struct module_name *names;
	size_t n_names, names_room;
	struct hash_index name_index;
	struct range *ranges;		/* by address */
	size_t n_ranges, ranges_room;
	struct mapped *mapped;		/* by address, none over another */
	size_t n_mapped, mapped_room;
	struct mapped *past;		/* what was unmapped, in the order of time */
	size_t n_past, past_room;
	struct seen *seen;		/* by time */
	size_t n_seen, seen_room;
	struct given *given;
	size_t n_given, given_room;
	uint64_t *init_at;		/* addresses that init text had */
	size_t n_init_at, init_at_room;
	struct mapped regions[REGIONS_MAX];	/* for the next modmap_map() */
	size_t n_regions;
	struct module_instance *instances;
	size_t n_instances, instances_room;
	uint64_t area_start, area_end;	/* 0, 0: no module known */
	uint32_t epoch;
	bool lost;		/* modmap_lost() */
	uint64_t read_at;	/* ns, modmap_read_at(); 0: it was not said */
	bool hidden;
};

/* @array with room for one more than @n items; NULL: no memory, it is kept. */
void *modmap_grown(void *array, size_t n, size_t *room, size_t size);

/* Index of @name, added if it is new; SIZE_MAX: no memory. */
size_t modmap_name(struct modmap *mm, const char *name, size_t len);

/*
 * A file has @name at [@start, @end), and the recording's own table has it not there.
 * 0 or -ENOMEM.
 */
int modmap_add_given(struct modmap *mm, size_t name, uint64_t start, uint64_t end,
		     const struct ksyms *syms);

/* The region that @addr was in at @epoch, NULL: none of a module. */
const struct mapped *modmap_mapped_at(const struct modmap *mm, uint64_t addr, uint32_t epoch);

/* Modules lie at [start, end), too. */
void modmap_widen_area(struct modmap *mm, uint64_t start, uint64_t end);

/* Fills mm->ranges from kallsyms (0 or -ENOMEM) ... */
int modmap_ranges_from_kallsyms(struct modmap *mm);

/* ... and from a saved /proc/modules; -EINVAL or -ENOMEM with @err set. */
int modmap_ranges_from_modules(struct modmap *mm, const char *text, size_t len,
			       struct error *err);

/* The module at @seen has been met already: it gets its place. 0 or -ENOMEM. */
int modmap_late(struct modmap *mm, const struct seen *seen);

/*
 * All ranges are known. None reaches into the next: whoever begins there, owns
 * it.
 */
void modmap_separate_ranges(struct modmap *mm);

#endif
