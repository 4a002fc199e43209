/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draw.h - numbers that are as good as random, the same in each run
 */
#ifndef MODMEM_TESTS_DRAW_H
#define MODMEM_TESTS_DRAW_H

#include <stddef.h>
#include <stdint.h>

/* The next one, below @below (xorshift64). */
static inline size_t draw(size_t below)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed >> 11) % below;
}

#endif
