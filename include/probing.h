/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probing.h - how long searches in tables with open addressing may take
 *
 * Addresses and page frames are spread by one multiplication (Knuth). With the
 * golden ratio those at equal distances, as slabs have them, hardly ever meet: no
 * other way is faster. But keys can be chosen that all belong in one slot, and a
 * replay of seconds would take days. So each step that a search takes is paid
 * for, and each event brings a few steps; when they are used up, somebody chose
 * the keys: another factor is drawn, and all tables are built again.
 */
#ifndef MODMEM_PROBING_H
#define MODMEM_PROBING_H

#include <stdint.h>

#include "hash.h"

#define PROBING_STEPS 16	/* for each event; real recordings take less than 1 */

struct probing {
	uint64_t factor;
	int64_t credit;		/* steps that searches may still take */
};

/* Of tables that are new: HASH_GOLDEN, but in tests. */
extern uint64_t probing_first;

static inline struct probing probing_start(void)
{
	return (struct probing){ probing_first, 1 << 16 };
}

/* Draws another factor, and gives credit for building tables of @n entries. */
void probing_renew(struct probing *p, uint64_t n);

/* The slot of a table with 2^@bits of them in which the search for @key begins. */
static inline size_t probing_home(uint64_t key, uint64_t factor, unsigned int bits)
{
	return (size_t)((key * factor) >> (64 - bits));
}

#endif
