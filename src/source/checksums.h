/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checksums.h - whether a recording's bytes are those that were written
 *
 * Only modmem's own recordings have checksums (companion.h). The head of the
 * file is looked at once they are known, the pages of a CPU piece by piece as
 * they are read, by whoever reads them.
 */
#ifndef MODMEM_SOURCE_CHECKSUMS_H
#define MODMEM_SOURCE_CHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "companion.h"

struct tracedat;

/* The pages of one CPU. */
struct pieces {
	const uint8_t *sums;	/* of each piece, 8 bytes, little endian; NULL: none */
	uint64_t checked;	/* so many were looked at: each is once */
	uint64_t bad;		/* ... and so many are not what was written */
	uint64_t first_bad;	/* where, bytes from the start of the pages */
	bool packed_bad;	/* some do not unpack, which whoever read them has told */
};

/*
 * Takes the data of the item "checksums": sets td->pieces, one for each of
 * td->areas, and looks at the head. 0 or -ENOMEM.
 */
int checksums_take(struct tracedat *td, const void *data, size_t len);

/*
 * Looks at @len bytes that lie @at bytes from the start of the pages: whole pieces of
 * COMPANION_PIECE bytes, but for the last of all, or they do not match.
 */
void pieces_check(struct pieces *p, uint64_t at, const uint8_t *data, size_t len);

/* A sentence on the pages of area @i. False: nothing is wrong with them. */
bool pieces_damage(const struct tracedat *td, size_t i, char *text, size_t size);

/* Something does not match, of all that was looked at. */
bool checksums_differ(const struct tracedat *td);

#endif
