/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * marks.h - what stands before a number that is not exact, and why
 */
#ifndef MODMEM_MARKS_H
#define MODMEM_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bound.h"

/* A module, and the causes that are held against its numbers. */
struct marked {
	const char *name;
	uint32_t why;
};

/* "≥", "≤" or "~", in ASCII ">" and "<"; "" if it is exact. */
const char *bound_mark(enum bound bound, bool utf8);

/* The same of what the causes @why say together. */
const char *mark_of(uint32_t why, bool utf8);

/*
 * "≤ foo, bar: frees with kfree_rcu(), which has no event." Of those of the @n @rows
 * that have the cause; "": none has. Printable, to be freed; NULL: no memory.
 */
char *marks_sentence(const struct marked *rows, size_t n, enum bound_cause cause, bool utf8);

/*
 * The same with what to do about it, and fewer names: "≤ foo and 3 more: frees with
 * kfree_rcu(), which has no event: record with modmem record."
 */
char *marks_action(const struct marked *rows, size_t n, enum bound_cause cause, bool utf8);

/* Names of causes, "kfree_rcu lost": to be freed; NULL: no memory. */
char *marks_names(uint32_t why);

#endif
