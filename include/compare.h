/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - rows of two sides laid beside each other
 */
#ifndef MODMEM_COMPARE_H
#define MODMEM_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metric.h"
#include "side.h"
#include "sight.h"

struct runs;

/*
 * One number over the runs of a side in which the module is: zero where one has no
 * such place of it, and where no run has the module.
 */
struct spread {
	uint64_t min, mid, max;	/* mid: the upper one of two in the middle */
	size_t runs;		/* in which it is known, or the row is not there */
};

struct compare_row {
	/* names, and what else one row of them says; of the new side if it is there */
	const struct side_row *row;
	const struct compare_row *module;	/* that it is a place of; itself */
	size_t base_runs;	/* in which the row is there */
	size_t new_runs;
	struct spread base[METRIC_MAX];
	struct spread new[METRIC_MAX];
	/* of the new side, with what the base is blind to: for limits without a base */
	struct spread whole[METRIC_MAX];
	uint64_t base_uncertain;	/* of live, the most of all runs */
	uint64_t new_uncertain;
	uint32_t hidden;	/* METRIC_BIT()s not compared: a side is blind to it */
};

/* What was taken out of the comparison because one side is blind to it. */
struct compare_unseen {
	size_t places;
	uint64_t bytes;		/* live, own, the most of any run */
};

struct comparison {
	struct compare_row *row;	/* a module, its places, the next one; never moved */
	size_t n;
	size_t base_runs, new_runs;
	struct compare_unseen unseen[SIGHT_PATHS];
	bool narrowed;		/* a report is of some modules only: so is this */
	bool own_only;		/* one is of --own: what the kernel took is not compared */
};

/*
 * Lays them beside each other; the sides must outlive it. Where a report holds
 * only some modules (--module), only those are compared. Places that one side is
 * blind to (sight.h) are taken out, also of the sums of their modules. 0 or -ENOMEM.
 */
int compare_sides(struct comparison *c, const struct runs *base,
		  const struct runs *new);
void compare_free(struct comparison *c);

/*
 * By how much the new side (its middle) is above everything that the base ever
 * was, or below it (negative); 0 within the spread of the base, or not known.
 */
int64_t compare_change(const struct compare_row *row, enum metric metric);

/* Is the metric known on both sides? */
bool compare_known(const struct compare_row *row, enum metric metric);

#endif
