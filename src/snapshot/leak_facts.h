/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leak_facts.h - what leak_rules.h has to know of a place and of a recording
 */
#ifndef MODMEM_LEAK_FACTS_H
#define MODMEM_LEAK_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "leaks.h"

struct builder;

/* Of all accounts of a site. */
struct leak_place {
	uint64_t live_bytes, live_objects, allocs, frees;
	struct snap_trend trend;
	/*
	 * Its objects lie in slabs of a cache with a shrinker (SLAB_RECLAIM_ACCOUNT):
	 * such pages are allocated as MIGRATE_RECLAIMABLE. Or each comes with one such
	 * object, or is of a module that has a shrinker itself.
	 */
	bool reclaimable;
};

struct leak_places {
	uint32_t *site;			/* per account */
	struct leak_place *place;	/* per site (sites.h) */
	bool no_frees[KIND_MAX];	/* frees are not in the recording */
};

/* 0 or -ENOMEM; leak_places_release() in any case. */
int leak_places_make(struct leak_places *places, struct builder *b);
void leak_places_release(struct leak_places *places);

/* Why the absence of leaks cannot be believed, whatever is asked for. 0 or -ENOMEM. */
int build_leak_doubts(struct builder *b, const struct leak_places *places,
		      struct snap_leaks *leaks);

#endif
