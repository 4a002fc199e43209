/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns.h - columns are data: one table of descriptions for each --by
 *
 * The same descriptions drive the table, CSV, --columns, --sort and --help.
 */
#ifndef MODMEM_COLUMNS_H
#define MODMEM_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "view.h"

struct error;
struct row;

enum col_type {
	COL_TEXT,
	COL_BYTES,
	COL_COUNT,
	COL_PERCENT,
	COL_TIME,		/* ns, or the clock's own unit */
};

enum {
	COL_DEFAULT = 1,	/* in the table unless --columns says otherwise */
	COL_WITH_OVERHEAD = 2,	/* ... if --overhead is given */
	COL_SUM = 4,		/* has a place in the total line */
	COL_SIGNED = 8,		/* an int64_t, absent where it is negative */
	COL_WITH_LINES = 32,	/* in the table if --lines is given */
	COL_WITH_TIMELINE = 64,	/* nowhere unless --timeline is given */
	COL_WITH_BEFORE = 512,	/* in the table if the recording tells */
	COL_TREE = 16,		/* carries the tree */
	COL_LAST = 1024,	/* a name of any length: behind the numbers of its table */
	COL_TRUNC = 2048,	/* ... to be cut before any other, on a narrow terminal */
	COL_OF_LOADED = 128,	/* every loaded module has a number there ... */
	COL_OF_REMOVED = 256,	/* ... every removed one: without, it is not known */
};

struct coldesc {
	const char *name;
	enum col_type type;
	unsigned int flags;
	/*
	 * Numbers: where in the row's data, unless there is a function. False: none,
	 * or not known; *@value is what is known of it.
	 */
	size_t offset;
	bool (*number)(const struct row *row, uint64_t *value);
	/* Numbers that need not be exact: where in the data their causes are, 0: not so. */
	size_t why;
	/* Text: *@text is allocated and printable, NULL if there is none. */
	int (*text)(const struct row *row, char **text);
	const char *help;
};

/* All columns of one --by, ended by a NULL name. */
const struct coldesc *coldescs(enum view_by by);

/* The column called @name (any case) or NULL with @err naming those there are. */
const struct coldesc *column_find(enum view_by by, const char *name,
				  struct error *err);

/*
 * The columns that @opts asks for, as an allocated array ended by NULL.
 * With @every all of them, unless opts->columns says otherwise.
 */
const struct coldesc **columns_select(const struct view_opts *opts, bool every,
				      struct error *err);

/* Number of @row in this column; false if it has none there. */
bool column_number(const struct coldesc *col, const struct row *row,
		   uint64_t *value);

/* Why the number of @row is not exact: bound.h. */
uint32_t column_why(const struct coldesc *col, const struct row *row);

/* A number of this column as text, exact or for people. */
char *column_format(const struct coldesc *col, uint64_t value, bool exact,
		    bool clock_is_ns, char *buf, size_t size);

/*
 * The cell of @row as allocated text, *@text NULL if it is empty; with @marked the mark
 * of a number that is not exact in front.
 */
int column_text(const struct coldesc *col, const struct row *row, bool exact, bool marked,
		char **text);

/* Larger numbers first, text by alphabet, what is absent last. */
int column_compare(const struct coldesc *col, const struct row *a,
		   const struct row *b);

#endif
