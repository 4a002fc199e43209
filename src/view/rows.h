/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows.h - what a view shows of a snapshot, in which order
 */
#ifndef MODMEM_ROWS_H
#define MODMEM_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"
#include "view.h"

struct coldesc;
struct error;

/* One call stack, or one branch of the tree with the sums of what is in it. */
struct stack_row {
	const char *const *frames;	/* outermost first */
	const char *const *sources;	/* their file:line; NULL: not asked for */
	size_t n_frames;
	int charge;		/* enum charge, -1: several */
	int kind;		/* enum mem_kind, -1: several */
	int overhead_kind;	/* enum overhead_kind, -1: several, or none */
	uint64_t bytes;		/* own, induced and overhead */
	uint64_t own;
	uint64_t induced;
	uint64_t overhead;
	uint64_t objects;
	uint32_t own_why, induced_why;	/* bound.h */
	uint64_t allocated;
	uint64_t allocs;
	uint64_t frees;
	uint64_t blocks[SNAP_ORDERS];	/* live page blocks by order */
};

void stack_row_set(struct stack_row *row, const struct snap_stack *stack);
void stack_row_add(struct stack_row *sum, const struct stack_row *part);

enum row_hidden {
	ROW_SHOWN,
	ROW_EMPTY,		/* holds nothing */
	ROW_BELOW,		/* holds less than --min */
};

struct row {
	const struct snapshot *snap;
	const struct snap_module *module;
	/* snap_module, snap_site, snap_cache, stack_row or snap_task */
	const void *data;
	enum row_hidden hidden;
};

struct rows {
	enum view_by by;
	struct row *row;
	size_t n;
	size_t room;
	struct stack_row *stacks;
};

/*
 * All rows that opts->modules lets pass, in order; those that @opts says are
 * not to be seen are marked. rows_free() in any case.
 */
int rows_collect(struct rows *rows, const struct snapshot *snap,
		 const struct view_opts *opts, struct error *err);

/* All sites, caches or the like of one module, in the default order. */
int rows_of_module(struct rows *rows, const struct snapshot *snap,
		   enum view_by by, const struct snap_module *module,
		   struct error *err);
void rows_free(struct rows *rows);

/* What a row holds now: the number that --min looks at. */
uint64_t row_bytes(enum view_by by, const struct row *row);

/* Sorts by @col, then in the default order; without @col in that alone. */
void rows_sort(struct row *row, size_t n, enum view_by by,
	       const struct coldesc *col);

/*
 * Which modules of @snap the comma list @names selects (NULL: all), as an
 * allocated array with one flag a module. NULL with @err set: no memory.
 */
bool *modules_present(const struct snapshot *snap, const char *names, struct error *err);

/* The same, and each that is named must be there. */
bool *modules_select(const struct snapshot *snap, const char *names,
		     struct error *err);

#endif
