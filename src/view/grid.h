/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grid.h - texts in rows and columns: a table for people, or CSV
 *
 * For what is no view of a snapshot's rows (rows.h): each cell comes as text.
 */
#ifndef MODMEM_GRID_H
#define MODMEM_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "view.h"

enum {
	GRID_RIGHT = 1,		/* numbers */
	GRID_WRAP = 2,		/* may take several lines of a terminal */
	GRID_TRUNC = 4,		/* is cut where a terminal is too narrow */
};

struct grid_col {
	const char *name;	/* NULL: the end */
	unsigned int flags;
};

struct grid;

/* NULL: no memory. */
struct grid *grid_new(const struct grid_col *cols);
void grid_free(struct grid *grid);

/*
 * A row: a text for each column, which is given up to the grid; NULL where
 * there is nothing to tell. Memory that ran out shows when it is printed.
 */
void grid_row(struct grid *grid, char *const *cells);

/*
 * As VIEW_TABLE, in a terminal of @width columns (0: any), or as VIEW_CSV.
 * 0 or -ENOMEM.
 */
int grid_print(struct grid *grid, enum view_format format, unsigned int width,
	       FILE *out);

/*
 * A number of bytes as text: 1.5K, or exact; with its sign if @sign. Allocated;
 * NULL: no memory.
 */
char *grid_bytes(int64_t bytes, bool exact, bool sign);
char *grid_count(int64_t count, bool sign);

#endif
