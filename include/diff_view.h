/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_view.h - ways to show a comparison of two recordings
 */
#ifndef MODMEM_DIFF_VIEW_H
#define MODMEM_DIFF_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sides.h"

struct check;
struct comparison;
struct compare_row;
struct limits;
struct verdict;

enum diff_format {
	DIFF_TABLE,
	DIFF_JSON,
	DIFF_JUNIT,
	DIFF_MARKDOWN,
	DIFF_GITHUB,
};

/* Names as on the command line; NULL past the last one. */
const char *diff_format_name(enum diff_format format);

enum diff_result {
	DIFF_WITHIN,		/* every limit holds */
	DIFF_REGRESSION,
	DIFF_UNTRUSTED,		/* a side, or a number, is too uncertain to say */
	DIFF_NOT_JUDGED,	/* no limits were wanted */
};

/* "within", "regression", "untrusted", "not judged". */
const char *diff_result_name(enum diff_result result);

/* All that there is to be shown. */
struct diff_report {
	const struct runs *base;
	const struct runs *new;
	const struct comparison *comparison;
	const struct limits *limits;
	const struct verdict *verdict;
	struct sides_notes notes;
	struct sides_notes distrust;	/* why a side is not trusted; none: it is */
	bool allow_untrusted;	/* go on all the same */
	enum diff_result result;
	int status;		/* exit status */
	uint32_t metrics;	/* METRIC_BIT()s to show */
	bool all;		/* rows that did not change, and the kernel's places */
	bool exact_bytes;
	bool color;		/* table: the terminal shows colours */
	unsigned int width;	/* of the terminal; 0: no limit */
};

/*
 * Each writes the whole; 0 or -ENOMEM. Errors of @out itself are left in its
 * error indicator.
 */
int diff_table(const struct diff_report *report, FILE *out);
int diff_json(const struct diff_report *report, FILE *out);
int diff_junit(const struct diff_report *report, FILE *out);
int diff_markdown(const struct diff_report *report, FILE *out);
int diff_github(const struct diff_report *report, FILE *out);

/* ---- what they share (diff_text.c); allocated texts, printable, NULL: no memory -------- */

/* "kmtest.live", "kmtest:probe.live" */
char *diff_check_title(const struct check *check);

/* "grew by 4K, from 8K to 12K" or "is 4K"; what is uncertain or suppressed. */
char *diff_check_text(const struct diff_report *report, const struct check *check);

/* "+4K probe: slab, kmalloc, kmtest.c:42, new" */
char *diff_cause_text(const struct diff_report *report, const struct check *check,
		      const struct compare_row *cause);

/* Line of the check itself, or of its first cause that has one; NULL: none. */
const char *diff_check_source(const struct check *check);

/* "3 limits are broken, 12 hold" */
char *diff_summary(const struct diff_report *report);

/* "a.json, Linux 6.1.0, x86_64", or "3 recordings, ..." */
char *diff_side_text(const struct runs *runs);

/* What is about the whole: notes, distrust, suppressions that nothing needs. */
int diff_remarks(const struct diff_report *report,
		 int (*say)(void *arg, const char *kind, const char *text), void *arg);

/* Rows to show, in order: modules and their places, most changed first. */
const struct compare_row **diff_rows(const struct diff_report *report, size_t *n,
				     size_t *n_left_out);

/* "new", "vanished", "in 1 of 3" of the new recordings, or "" */
char *diff_row_note(char *buf, size_t size, const struct diff_report *report,
		    const struct compare_row *row);

/* How much it changed: "+4K", "-512B", "-" if not; "" if not known. */
char *diff_change(char *buf, size_t size, const struct diff_report *report,
		  const struct compare_row *row, int metric);

#endif
