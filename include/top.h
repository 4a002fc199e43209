/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * top.h - what "modmem top" shows: snapshots in a row, without a terminal
 *
 * The model takes a snapshot every so often and keeps of the ones before what
 * rates and sparklines need. Rows, lines of text and JSON are made of it by
 * functions that know no terminal, so that all of it can be tested; tui.h puts
 * the lines on a screen.
 */
#ifndef MODMEM_TOP_H
#define MODMEM_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;
struct snapshot;
struct snap_module;
struct snap_site;
struct top;

#define TOP_HISTORY 60u		/* samples of a second each */

enum top_sort {
	TOP_SORT_LIVE,
	TOP_SORT_INDUCED,
	TOP_SORT_PEAK,
	TOP_SORT_RATE,
	TOP_SORT_ALLOCS,
	TOP_SORT_FREES,
	TOP_SORT_NAME,
	TOP_SORTS
};

/* "live"; NULL past the last one. */
const char *top_sort_name(enum top_sort sort);

/* What is measured of a module, or of a site, since the snapshot before. */
struct top_rates {
	double bytes;		/* a second; negative: it shrinks */
	double allocs;		/* a second */
	double frees;
};

/* What it costs to look, and how far to believe it. */
struct top_cost {
	double cpu;		/* per cent of one CPU */
	uint64_t watcher;	/* process that has the books and these costs; 0: this one */
	uint64_t rss;		/* bytes */
	uint64_t ring;		/* bytes of all ring buffers */
	uint64_t accounts, stacks, objects, compactions, late;	/* pipeline.h */
};

enum top_level {
	TOP_MODULE,
	TOP_SITE,
	TOP_FRAME,		/* one function of a site's stack */
};

struct top_row {
	enum top_level level;
	const struct snap_module *module;
	const struct snap_site *site;	/* NULL: level is TOP_MODULE */
	const char *frame;		/* TOP_FRAME: as recorded */
	uint64_t live, induced, peak;	/* bytes; peak only of modules */
	struct top_rates rates;
	bool open;			/* what is in it follows */
};

/* What the user chose. */
struct top_view {
	enum top_sort sort;
	bool reverse;
	bool all;			/* modules that never held anything too */
	bool frozen;			/* told to the header only */
	char filter[64];		/* part of a module's name; "": all */
	const char *modules;		/* comma list of names; NULL: all */
};

/* NULL: no memory. */
struct top *top_new(void);
void top_free(struct top *t);

/*
 * Takes @snap over. @seconds since the one before, or since its own start; 0: no
 * rates. 0 or -ENOMEM.
 */
int top_update(struct top *t, struct snapshot *snap, double seconds);

/* The latest one, NULL: none yet. */
const struct snapshot *top_snapshot(const struct top *t);

/*
 * Opens or closes what a row shows. A site's stacks are only there if the
 * snapshot has stacks: top_wants_stacks(). 0 or -ENOMEM.
 */
int top_toggle(struct top *t, const struct top_row *row);
bool top_wants_stacks(const struct top *t);

/*
 * Rows in the order in which they are shown; they belong to @t and stay until
 * the next call or update. NULL: no memory.
 */
const struct top_row *top_rows(struct top *t, const struct top_view *view, size_t *n);

/* Bytes that @module held in each of the last seconds, oldest first; returns how many. */
size_t top_history(const struct top *t, const struct snap_module *module,
		   uint64_t history[TOP_HISTORY]);

/* ---- text ---------------------------------------------------------------------------- */

/* Characters that lines may have. */
struct top_style {
	bool utf8;		/* else ASCII */
	unsigned int width;	/* columns; 0: no limit */
	bool places;		/* some are on view: their names take the last minute's room */
};

#define TOP_LINE_MAX 1024u	/* bytes of a line, with its end */
#define TOP_HEADER_MAX 6u

/*
 * Lines above the table: what is running, what it costs, what was lost. Returns
 * their number.
 */
size_t top_header(const struct top *t, const struct top_view *view,
		  const struct top_cost *cost, const struct top_style *style,
		  char lines[TOP_HEADER_MAX][TOP_LINE_MAX]);

/* The columns' names, and a row below them. */
void top_title(const struct top_view *view, const struct top_style *style,
	       char line[TOP_LINE_MAX]);
void top_line(const struct top *t, const struct top_row *row,
	      const struct top_style *style, char line[TOP_LINE_MAX]);

/*
 * The course of @n values in @cells characters. The bottom is the least of them,
 * or 7/8 of the most if that is less: small waves stay small.
 */
void top_sparkline(const uint64_t *values, size_t n, unsigned int cells, bool utf8,
		   char *buf, size_t size);

/*
 * One line of JSON, "modmem.top/1" (testdata/top.schema.json); free() it. NULL:
 * no memory.
 */
char *top_json(struct top *t, const struct top_view *view, const struct top_cost *cost,
	       double realtime);

#endif
