/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots.h - where a key belongs in an open-addressing table, whatever it holds
 *
 * To ask for memory ahead of its use costs least if nothing has to be decided:
 * so tables of different things can be asked in the same way.
 */
#ifndef MODMEM_SLOTS_H
#define MODMEM_SLOTS_H

#include <stdint.h>

#include "probing.h"

struct slots {
	const char *base;	/* 2^bits slots */
	uint64_t factor;	/* probing.h */
	uint8_t bits;
	uint8_t size_bits;	/* of 2^size_bits bytes each */
};

/* The slot at which the search for @key begins. */
static inline const void *slots_home(const struct slots *s, uint64_t key)
{
	return s->base + (probing_home(key, s->factor, s->bits) << s->size_bits);
}

#endif
