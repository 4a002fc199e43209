/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leak_rules.h - what is held against one piece of memory that is live
 *
 * The rules in the order in which they are asked; the first that fits counts.
 *
 *  - Memory of a module that is there, younger than --older-than: in use.
 *  - Where a free could have been missed nothing is held against memory: frees
 *    not recorded at all, a place or cache whose frees fire no event, clocks
 *    that put a free before its allocation, events lost since it was taken.
 *  - Own memory of an instance that was unloaded: certain. Likely only, if the
 *    recording does not show all ways in which such memory can be freed
 *    (kfree_rcu(), bulk frees: TRAPS B1, B2), or if the unload was so short
 *    before the end that deferred work may still be at it.
 *  - What a pool took while the instance asked it for memory is the pool's, and who
 *    made the pool keeps it (snapshot_pools.c). Likely only if the instance had a pool
 *    of its own, or holds blocks of one.
 *  - Of a place whose live bytes grow (trend.h): likely, unless the kernel can
 *    take it back, as the page cache or a cache with a shrinker (leak_facts.h).
 *  - What the kernel took on behalf of a module that is gone it may keep.
 *  - Old memory of a place that hardly ever frees, without growth: a module's
 *    tables are like that.
 */
#ifndef MODMEM_LEAK_RULES_H
#define MODMEM_LEAK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "leaks.h"
#include "snapshot_build.h"

/* Nothing is held against it. */
#define LEAK_NONE LEAK_REASONS

/* An unload this short before the end is not settled yet, ns. */
#define LEAK_SETTLE_NS	10000000u

/* No clock that counts something else counts faster than so many in a ns. */
#define LEAK_TICKS_PER_NS	10u

/* Rarely freed: at most one of so many. */
#define LEAK_RARELY	10u

/*
 * Given to kfree_rcu() so short before the end it may be pending, ns: batches
 * wait up to 5 s (KFREE_DRAIN_JIFFIES), then for a grace period.
 */
#define LEAK_RCU_NS	10000000000u

struct leak_facts {
	bool own;		/* charge, or else induced */
	bool gone;		/* its instance was unloaded ... */
	uint64_t gone_ns;	/* ... then; 0: not known */
	bool unknown;		/* in the row [unknown] ... */
	bool no_stack;		/* ... since its event does not say who took it */
	bool no_frees;		/* frees of its kind are not in the recording */
	bool filtered;		/* ... or a filter may have left some out */
	bool blind;		/* its place or cache frees without an event */
	bool suspect;		/* a free just before may be its own */
	bool unseen;		/* some ways to free it are not in the recording */
	enum pool_of pool;	/* that took it to fill itself */
	bool reclaimable;
	uint64_t ts, end;	/* ns, of the allocation and of the books */
	uint64_t lost_until;	/* ns, the last loss of events; 0: none */
	uint64_t older_than;	/* ns */
	uint64_t settle;	/* LEAK_SETTLE_NS, in units of the clock at least */
	enum trend_verdict trend;
	uint64_t allocs, frees;	/* of its place */
};

enum leak_reason leak_judge(const struct leak_facts *f);

#endif
