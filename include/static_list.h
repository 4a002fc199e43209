/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * static_list.h - modules and what they take by being there, from a running
 * system, a recording, or files
 */
#ifndef MODMEM_STATIC_LIST_H
#define MODMEM_STATIC_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modlayout.h"
#include "modstatic.h"

struct arena;
struct elffile;
struct error;
struct snapshot;

struct static_section {
	const char *name;
	enum mod_region region;
	uint64_t bytes;
};

struct static_row {
	const char *name;
	const char *file;	/* the module's file, NULL: none was read */
	struct modstatic ms;
	int64_t core_bytes;	/* /sys/module/X/coresize, initsize; -1: not told */
	int64_t init_bytes;	/* ... or, of a file alone, what init takes */
	int64_t live_bytes;	/* own memory at the end of a recording; -1 */
	int64_t uncertain_bytes;	/* of these; -1 */
	uint32_t live_why;	/* of live_bytes: bound.h */
	bool has_layout;
	struct modlayout layout;
	const struct static_section *sections;	/* of the file */
	size_t n_sections;
};

struct static_list {
	struct arena *arena;
	struct static_row *rows;
	size_t n, room;
	const char *kernel;	/* release, NULL: not known */
	uint64_t page_size;	/* bytes */
	uint32_t cpus;		/* 0: not known */
	bool shared_text;	/* text of modules shares large pages */
	bool recorded;		/* from a recording: rows say what is live */
	const char **distrust;	/* why what is live cannot be trusted */
	size_t n_distrust;
};

/* NULL: no memory. */
struct static_list *static_list_new(void);
void static_list_free(struct static_list *list);

/* The row of module @name, which is added if there is none; NULL: no memory. */
struct static_row *static_list_row(struct static_list *list, const char *name);

/* Leaves only the rows whose name is among @names (a dash is an underscore). */
void static_list_keep(struct static_list *list, char *const *names, size_t n);
bool static_list_has(const struct static_list *list, const char *name);

/* What takes most first. */
void static_list_sort(struct static_list *list);

/*
 * The modules that are loaded in the system below @root (""): /proc/modules,
 * /sys/module, and the modules' files in /lib/modules where they can be read.
 * Fills kernel and cpus where they are not set, page_size must be. 0 or a
 * negative errno with @err set.
 */
int static_list_live(struct static_list *list, const char *root, struct error *err);

/* Those of a recording, at its end. 0 or -ENOMEM. */
int static_list_recorded(struct static_list *list, const struct snapshot *snap);

/*
 * A module's file: to the row of its module if it is there (@only_known: else it
 * is left out), or a row of its own. 0 or a negative errno with @err set.
 */
int static_list_file(struct static_list *list, const char *path, bool only_known,
		     struct error *err);

#endif
