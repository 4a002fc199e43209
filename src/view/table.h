/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - rows in a table of libsmartcols
 */
#ifndef MODMEM_TABLE_H
#define MODMEM_TABLE_H

#include <libsmartcols.h>

#include "columns.h"
#include "rows.h"

struct table {
	const struct view_opts *opts;
	const struct coldesc **cols;
	struct libscols_table *tb;
};

/* Adds a line for @row; NULL without memory. */
struct libscols_line *table_line(struct table *table, const struct row *row);

/* Replaces the text of the cell that carries the tree. */
int table_set_tree(struct table *table, struct libscols_line *line, char *text);

/* tree.c: adds the lines of --by stack, and counts the branches below --min. */
int table_add_tree(struct table *table, struct rows *rows, size_t *n_below);

#endif
