/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile_build.h - the parts that make a struct reconcile of the books and
 * of what the recorder saved
 */
#ifndef MODMEM_RECONCILE_BUILD_H
#define MODMEM_RECONCILE_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "reconcile.h"

struct builder;

/* What an account took of one counter or cache, and holds. */
struct taking {
	uint32_t account;
	uint64_t bytes, objects;
};

/*
 * Sums @n of them, which get sorted, by the function that took it; most bytes
 * first. 0 or -ENOMEM.
 */
int takers_build(struct builder *b, struct taking *takings, size_t n,
		 const struct reconcile_taker **takers, size_t *n_takers);

/* Each 0 or -ENOMEM. */
int reconcile_counters(struct builder *b, struct reconcile *r);
int reconcile_caches(struct builder *b, struct reconcile *r);
int reconcile_areas(struct builder *b, struct reconcile *r);
int reconcile_modules(struct builder *b, struct reconcile *r);

#endif
