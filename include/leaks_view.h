/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaks_view.h - ways to show what a snapshot says of leaks (leaks.h)
 */
#ifndef MODMEM_LEAKS_VIEW_H
#define MODMEM_LEAKS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "leaks.h"

struct error;
struct suppression;
struct suppressions;

struct leaks_opts {
	const char *modules;	/* comma list; NULL: all but [kernel] */
	uint64_t min_bytes;	/* a row that holds less is not looked at */
	bool all;		/* table: all rows, with all stacks */
	bool exact_bytes;
	bool soak;		/* --every: slopes, place by place */
	bool likely;		/* likely ones fail, too */
	bool strict;		/* a recording that cannot tell fails */
	bool notes;		/* all that the recording could not show, too */
	bool color;
	unsigned int width;	/* of the terminal; 0: not a terminal, no limit */
};

/* A row that was not left out. */
struct leaks_row {
	const struct snap_leak *leak;
	const struct suppression *suppressed;	/* by this rule; NULL: it counts */
};

struct leaks_sum {
	size_t rows;
	uint64_t bytes, objects;
};

enum leaks_result {
	LEAKS_NONE,
	LEAKS_FOUND,
	LEAKS_UNTRUSTED,	/* nothing found, but that says nothing */
};

#define LEAKS_DOUBTS_MAX 5u

struct leaks_report {
	const struct snapshot *snap;
	const struct leaks_opts *opts;
	const struct suppressions *rules;
	bool *selected;			/* per module */
	struct leaks_row *row;		/* in the order of snap->leaks->rows */
	size_t n;
	struct leaks_sum sum[LEAK_CLASSES];	/* without suppressed ones */
	struct leaks_sum suppressed, below;
	char *doubts[LEAKS_DOUBTS_MAX];	/* why "no leak" cannot be said of those selected */
	size_t n_doubts;
	enum leaks_result result;
};

/* "none", "leaks", "untrusted" */
const char *leaks_result_name(enum leaks_result result);

/*
 * What of @snap (which must have leaks) is shown, and what it comes to. All
 * arguments must outlive it; leaks_report_release() in any case. 0 or a
 * negative errno with @err set.
 */
int leaks_report_make(struct leaks_report *report, const struct snapshot *snap,
		      const struct leaks_opts *opts, struct suppressions *rules,
		      struct error *err);
void leaks_report_release(struct leaks_report *report);

/* A reason in a sentence, and if its likely row grows: how. */
const char *leaks_reason_text(enum leak_reason reason);

/* Each 0 or a negative errno with @err set. */
int leaks_table(const struct leaks_report *report, FILE *out, struct error *err);
int leaks_csv(const struct leaks_report *report, FILE *out, struct error *err);
int leaks_json(const struct leaks_report *report, FILE *out, struct error *err);

#endif
