/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * top_internal.h - shared by the files that make up top.h
 */
#ifndef MODMEM_TOP_INTERNAL_H
#define MODMEM_TOP_INTERNAL_H

#include "snapshot.h"
#include "top.h"

/* What is remembered of a module, over all snapshots. */
struct top_module {
	char *name;
	uint64_t live, allocs, frees;	/* as of the snapshot before */
	struct top_rates rates;
	uint64_t history[TOP_HISTORY];	/* a ring, by second */
	bool open;
	bool seen;			/* in the latest snapshot */
};

/* A site that is open, or was when it was last seen. */
struct top_open {
	char *module, *function, *via;	/* function NULL: none known */
	uint64_t offset;
	uint32_t number;
	enum mem_kind kind;
	enum charge charge;
};

struct top {
	struct snapshot *snap, *before;	/* NULL: none yet */
	double seconds;			/* between the two */
	double clock;			/* seconds since the first */
	struct top_module *modules;
	size_t n_modules, modules_room;
	struct top_open *open;
	size_t n_open, open_room;
	struct top_row *rows;
	size_t n_rows, rows_room;
};

/* What is remembered of @name, NULL: nothing. */
struct top_module *top_module_find(const struct top *t, const char *name);

/* @view has the module among its rows. */
bool top_is_shown(const struct snap_module *m, const struct top_view *view);

/* SIZE_MAX: it is not open. */
size_t top_open_find(const struct top *t, const struct snap_module *m,
		     const struct snap_site *s);

/* Both are the same place. */
bool top_same_site(const struct snap_site *a, const struct snap_site *b);

#endif
