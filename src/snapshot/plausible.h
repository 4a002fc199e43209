/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plausible.h - what in a recording no kernel would have written
 *
 * A trace.dat of trace-cmd has no checksums. Some of what damage does to it can
 * be told all the same, from what is always so: how memory is aligned, where code
 * lies, what belongs together. All of it is looked at once, at the end, in what
 * the books have kept: places, stacks, live objects.
 */
#ifndef MODMEM_MODEL_PLAUSIBLE_H
#define MODMEM_MODEL_PLAUSIBLE_H

#include <stdbool.h>
#include <stdint.h>

struct builder;

struct implausible {
	uint64_t n;
	char first[128];	/* what one of them is, "" for n == 0 */
};

/*
 * Counts them. @whole: nothing was lost, so all that belongs together must be
 * there.
 */
void plausible_look(const struct builder *b, bool whole, struct implausible *found);

#endif
