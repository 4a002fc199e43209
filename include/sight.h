/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sight.h - what the recording of a side can see, and what that means for a
 * comparison with one that can see more
 *
 * Memory that one side is blind to is no growth when the other shows it. Where the
 * two differ, the rows concerned are taken out of the comparison.
 */
#ifndef MODMEM_SIGHT_H
#define MODMEM_SIGHT_H

#include <stddef.h>
#include <stdint.h>

#include "kinds.h"

struct runs;
struct side;
struct side_row;

/* Kinds of events and ways to allocate and free, as coverage names them. */
#define SIGHT_PATHS 12u

/* "vmalloc", as coverage and reports have it. */
const char *sight_name(unsigned int path);

/*
 * Learns from the lists of the coverage of a report, what it covered and what it
 * is blind to, which of the paths @side sees. One that neither names: not known.
 */
void sight_learn(struct side *side, const char *const *covered, size_t n_covered,
		 const char *const *blind, size_t n_blind);

/* Bits of paths that some run sees and another is blind to. */
uint32_t sight_differs(const struct runs *base, const struct runs *new);

/* Is any of these runs blind to the path? */
int sight_blind(const struct runs *runs, unsigned int path);

/*
 * METRIC_BIT()s of the place @row that cannot be compared for the paths @differs;
 * *path is the first of these paths. 0: all can be. @why are the BOUND_BIT()s that
 * any side says of its number, @some those that another side does not say.
 */
uint32_t sight_hides(uint32_t differs, const struct side_row *row, uint32_t why,
		     uint32_t some, unsigned int *path);

/* ... of a module in @state that has such a place: those that are no sum of places. */
uint32_t sight_hides_of_module(unsigned int path, enum module_state state);

#endif
