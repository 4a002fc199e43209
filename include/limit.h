/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit.h - rules about how much more a module or a place may hold
 *
 *   rule    = [ scope "." ] metric ">" bound
 *   scope   = module [ ":" function ]
 *   bound   = size                 no more than that
 *           | "+" size             no more than that above the base
 *           | "+" percent "%"      no more than that share above the base
 *           | "+" percent "%" "&" "+" size    broken only if both are
 *
 * Blanks may stand around ">" and "&". module and function are patterns as in
 * suppress.h, metric is one of metric_name(). Without a scope a rule is about
 * every module, but [kernel] and [unknown], which have to be named. With a
 * function it is about places: each kind and each call of that function by
 * itself. A size may have a suffix (units.h), allocs are a plain number.
 *
 * Where several rules of one metric fit, those with the closest scope count,
 * and all of these: a name before a pattern before none, of the module first.
 *
 * A file of limits has one rule a line (rulefile.h), among them suppressions.
 */
#ifndef MODMEM_LIMIT_H
#define MODMEM_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metric.h"
#include "suppress.h"

struct error;
struct side_row;

struct limit {
	char *text;		/* as written, blanks dropped; owns the next two */
	char *module;		/* pattern; NULL: every module */
	char *function;		/* pattern; NULL: the module as a whole */
	char *where;		/* "FILE:LINE"; NULL: command line, or by default */
	enum metric metric;
	bool grows;		/* the bounds are above the base */
	bool has_size;
	bool has_percent;
	uint64_t size;		/* bytes, or a number */
	uint64_t milli;		/* thousandths of a percent */
	bool may_miss;		/* fine if there is nothing that it is about */
	uint64_t fits;		/* rows that it is about; see verdict.h */
};

struct limits {
	struct limit *rule;
	size_t n;
	size_t room;
	struct suppressions suppressions;
};

/*
 * Adds the rule @text; @where as above. Returns 0 or a negative errno with @err
 * set to a sentence with the rule in it.
 */
int limits_add(struct limits *limits, const char *text, const char *where,
	       struct error *err);

/* What holds if nothing was said: live>+0 and leaked>+0. */
int limits_default(struct limits *limits, struct error *err);

/* Adds the rules and suppressions of a file; @today as in suppress_add(). */
int limits_read(struct limits *limits, const char *path, const char *today,
		struct error *err);

void limits_free(struct limits *limits);

/*
 * How closely the rule is about @row: 0 it is not, else the larger the closer.
 */
unsigned int limit_fits(const struct limit *limit, const struct side_row *row);

/*
 * The largest value that the rule lets pass above a base of @base: UINT64_MAX
 * if there is none that could be.
 */
uint64_t limit_allows(const struct limit *limit, uint64_t base);

#endif
