/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict.h - rows of a comparison held against limits
 *
 * A bound above the base is judged on the middle of the new runs and counts
 * from the largest value that the base ever had; one without a base on the
 * largest of the new runs. Of live, peak and leaked the bytes whose frees may
 * have gone unseen are no proof: what is over a limit only with them is unsure.
 * What one side is blind to (sight.h) counts only where no base is asked.
 */
#ifndef MODMEM_VERDICT_H
#define MODMEM_VERDICT_H

#include <stddef.h>
#include <stdint.h>

struct compare_row;
struct comparison;
struct error;
struct limit;
struct limits;
struct suppression;

enum check_state {
	CHECK_FINE,
	CHECK_SUPPRESSED,	/* over, but for what is known */
	CHECK_UNSURE,		/* over, if what is uncertain counts */
	CHECK_OVER,
};

#define CHECK_CAUSES 5u

/* One rule and one row. */
struct check {
	const struct limit *limit;
	const struct compare_row *row;
	enum check_state state;
	uint64_t base;		/* what growth counts from; 0 where it is not known */
	uint64_t new;		/* what is judged */
	uint64_t allowed;	/* no more than that */
	uint64_t uncertain;	/* bytes of new that are no proof */
	uint64_t suppressed;	/* part of new that suppressions take off */
	const struct suppression *why;	/* the first of these; NULL: none */
	/* places of the module that grew, or without a base hold most; those first */
	const struct compare_row *cause[CHECK_CAUSES];
	size_t n_causes;	/* of all; no more than CHECK_CAUSES are kept */
};

struct verdict {
	struct check *check;	/* worst first, then in the order of rows and rules */
	size_t n;
	size_t n_over, n_unsure, n_suppressed;
	size_t n_decided;		/* on numbers that are not zero on both sides */
	const struct limit *undecided;	/* is only about what one side is blind to */
};

/*
 * Holds every row against every rule. Returns 0, -ENOMEM, or, with @err set,
 * -ENOENT: a rule is about nothing that was recorded, so that it says nothing.
 * verdict_free() in any case. Counts what suppressions are used for.
 */
int verdict_reach(struct verdict *v, const struct comparison *c,
		  struct limits *limits, struct error *err);
void verdict_free(struct verdict *v);

#endif
