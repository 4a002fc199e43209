/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h - ways to show a snapshot
 *
 * A view writes to a FILE and knows nothing but the snapshot and its own
 * options. Each returns 0 or a negative errno (with @err set).
 */
#ifndef MODMEM_VIEW_H
#define MODMEM_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;
struct snapshot;

enum view_by {
	VIEW_BY_MODULE,
	VIEW_BY_SITE,
	VIEW_BY_CACHE,
	VIEW_BY_STACK,
	VIEW_BY_TASK,
};

enum view_format {
	VIEW_TABLE,
	VIEW_JSON,
	VIEW_CSV,
};

struct view_opts {
	enum view_by by;
	const char *columns;	/* comma list, "+COL" adds to the default; NULL: default */
	const char *sort;	/* column name; NULL: live */
	const char *modules;	/* comma list of names to show; NULL: all */
	uint64_t min_bytes;	/* leave out rows that hold less now */
	bool all;		/* table: rows that hold nothing too */
	bool exact_bytes;	/* --bytes: plain numbers, not 1.5K */
	bool lines;		/* table: source lines of sites, too */
	bool before;		/* table: what modules held before, too */
	bool timeline;		/* by module: live bytes over time; needs the series */
	bool overhead;		/* table: what allocators took for themselves too */
	bool full;		/* json: all that a report can be made of again */
	bool addresses;		/* json: where the places lay in that boot's memory */
	bool bare;		/* the command has none of these options: name none */
	bool footer;		/* table: what it is and how far to trust it, what to do */
	bool notes;		/* ... and all that the trace could not show */
	bool color;		/* table: of the verdict, and of marks */
	unsigned int width;	/* of the terminal; 0: not a terminal, no limit */
};

/* Names as on the command line: "module", "json"; NULL past the last one. */
const char *view_by_name(enum view_by by);
const char *view_format_name(enum view_format format);

/* Whether @opts names columns that exist, before any work is done. */
int view_check(const struct view_opts *opts, struct error *err);

/*
 * The views. Errors of @out itself are left in its error indicator for the
 * one who closes it.
 */
int view_table(const struct snapshot *snap, const struct view_opts *opts,
	       FILE *out, struct error *err);
int view_csv(const struct snapshot *snap, const struct view_opts *opts,
	     FILE *out, struct error *err);
int view_json(const struct snapshot *snap, const struct view_opts *opts,
	      FILE *out, struct error *err);

/*
 * The kernel's own counters and what explains their growth; @snap must have
 * them (reconcile.h). @format is VIEW_TABLE or VIEW_CSV: view_json() has them
 * where the snapshot does.
 */
int view_reconcile(const struct snapshot *snap, const struct view_opts *opts,
		   enum view_format format, FILE *out, struct error *err);

/*
 * The lines above a table: what this is, and in plain words how far to trust it; an
 * empty line ends them.
 */
int view_headline(const struct snapshot *snap, const struct view_opts *opts,
		  FILE *out, struct error *err);

/*
 * The lines below a table that a reader must act on: a cause each, with what to do
 * about it, and what to type next; an empty line before them. With opts->notes
 * without the causes, which view_footer() has then.
 */
int view_actions(const struct snapshot *snap, const struct view_opts *opts,
		 FILE *out, struct error *err);

/* The same, an action a line, for who may not have the recording where it was. */
int view_action_lines(const struct snapshot *snap, const char *modules, FILE *out,
		      struct error *err);

/*
 * The notes below that: what the recording could not show. Module
 * names are those of opts->modules; wraps at 80 columns, or opts->width if
 * that is less.
 */
int view_footer(const struct snapshot *snap, const struct view_opts *opts,
		FILE *out, struct error *err);

/* The same, one sentence a line; @modules as in view_opts. Without view_marks(). */
int view_sentences(const struct snapshot *snap, const char *modules, FILE *out,
		   struct error *err);

/* ... and why numbers are marked as not exact. */
int view_marks(const struct snapshot *snap, const char *modules, FILE *out,
	       struct error *err);

/* Column @i of one --by, with what it is in *@help; NULL past the last one. */
const char *view_column_name(enum view_by by, size_t i, const char **help);

/* The column names of one --by, one "NAME  what it is" line each, for --help. */
void view_columns_help(enum view_by by, FILE *out);

#endif
