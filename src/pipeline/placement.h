/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * placement.h - where code of a file lay in memory, by what return addresses say
 */
#ifndef MODMEM_SYMBOLS_PLACEMENT_H
#define MODMEM_SYMBOLS_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elffile;
struct samples;

/* How many return addresses lay in a file's code, and behind how many calls. */
struct placement {
	uint64_t bias;		/* added to what the file says */
	size_t seen, calls;
};

/* Whether that says that it lay there: nearly all are behind calls. */
bool placement_holds(const struct placement *p);

/*
 * The text of a linked kernel at @bias (modulo 2^64, or 2^32 where its words are
 * that short), and the only bias by which it fits; false: none, or several.
 */
struct placement placement_kernel(const struct elffile *ef, const struct samples *s,
				  uint64_t bias);
bool placement_find_kernel(const struct elffile *ef, const struct samples *s,
			   struct placement *found);

/*
 * A module whose code begins at @base: @offset gets what each section (by number)
 * is from there, UINT64_MAX: not part of it. The same for its only fitting place
 * within @size bytes; bias is what lies in front of its first section.
 */
void placement_module_layout(const struct elffile *ef, uint64_t *offset);
struct placement placement_module(const struct elffile *ef, const struct samples *s,
				  const uint64_t *offset, uint64_t base, uint64_t bias);
bool placement_find_module(const struct elffile *ef, const struct samples *s,
			   const uint64_t *offset, uint64_t base, uint64_t size,
			   struct placement *found);

#endif
