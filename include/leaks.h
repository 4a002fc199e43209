/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaks.h - what a snapshot says of leaks, if it was asked
 *
 * How memory comes into a class is in leak_rules.h. A row is what one place
 * holds for one reason: a place can have several rows.
 *
 * The sum of left_bytes over the rows of a module is its leaked_bytes.
 */
#ifndef MODMEM_LEAKS_H
#define MODMEM_LEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

/* What is asked for. */
struct leak_opts {
	uint64_t older_than;		/* ns: what is younger is in use */
	uint64_t every;			/* ns between samples of live bytes */
	bool kernel;			/* the core kernel's own memory, too */
};

/* What is asked for where nothing else is; the distance of samples doubles as need be. */
#define LEAK_OPTS_DEFAULT { .older_than = 10000000000u, .every = 1000000u }

/* How the live bytes of one place went over the recording (trend.h). */
enum trend_verdict {
	TREND_TOO_FEW,		/* samples, to say anything */
	TREND_STEADY,		/* no sure growth */
	TREND_SETTLED,		/* grew, and does no longer */
	TREND_GROWS,
};

struct snap_trend {
	enum trend_verdict verdict;
	uint32_t samples;	/* since it first held anything */
	/* bytes an hour: the median slope, and its interval of 95 % */
	int64_t slope, slope_low, slope_high;
	double p;		/* chance of such a rise without a trend; 1: none */
};

/* What is held against memory that is live, or speaks for it. */
enum leak_class {
	LEAK_CERTAIN,
	LEAK_LIKELY,
	LEAK_EXCUSED,		/* no leak, or nobody can tell */
	LEAK_CLASSES
};

enum leak_reason {
	/* certain */
	LEAK_UNLOADED,		/* its module is gone */
	/* likely */
	LEAK_UNLOADED_UNSEEN,	/* ... but its free may have fired no event */
	LEAK_UNLOADED_LATE,	/* ... but only just before the end */
	LEAK_UNLOADED_POOL,	/* ... but a pool that it used may keep it */
	LEAK_GROWS_UNFREED,	/* more and more, hardly any is ever freed */
	LEAK_GROWS,		/* more and more, though some is freed */
	/* excused */
	LEAK_LOST,		/* its free may be among lost events */
	LEAK_NO_FREES,		/* frees were not recorded */
	LEAK_FILTERED,		/* ... or some were left out by a filter */
	LEAK_FREE_BLIND,	/* its place or cache frees without an event */
	LEAK_SKEW,		/* its free may sort before its allocation */
	LEAK_RCU,		/* kfree_rcu() has it; no longer live */
	LEAK_INDUCED,		/* module gone, but the kernel took it */
	LEAK_POOL,		/* module gone, but a pool of another took it */
	LEAK_RECLAIMABLE,	/* grows, but the kernel can take it back */
	LEAK_NO_STACK,		/* nobody knows whose: its event has no stack */
	LEAK_UNKNOWN,		/* of code that belongs to no known module */
	LEAK_KEPT,		/* old and never freed, but does not grow */
	LEAK_REASONS
};

/* "certain", "unloaded", "grows": names as in JSON. */
const char *leak_class_name(enum leak_class class);
const char *leak_reason_name(enum leak_reason reason);
enum leak_class leak_reason_class(enum leak_reason reason);
const char *trend_verdict_name(enum trend_verdict verdict);

/* Memory of one place for which one reason holds. */
struct snap_leak {
	uint32_t module;	/* index into snapshot.modules */
	enum leak_reason reason;
	const char *function;	/* as in struct snap_site */
	uint64_t offset;
	uint32_t number;
	bool no_offset;
	const char *source;
	enum mem_kind kind;
	enum charge charge;	/* own or induced */
	const char *via;
	uint64_t bytes;
	uint64_t objects;
	uint64_t left_bytes;	/* of them, own memory of unloaded instances */
	uint64_t allocs, frees;	/* of the place, in all */
	uint64_t oldest_ns, newest_ns;	/* when these were allocated */
	/* of the oldest and the newest of them, outermost frame first */
	const char *const *first, *const *last;
	size_t n_first, n_last;
	uint32_t unloads;	/* instances that left of it; 0: none is gone */
	struct snap_trend trend;	/* of all live bytes of the place */
};

/* One removal of a module during the recording. */
struct snap_unload {
	uint32_t module;	/* index into snapshot.modules */
	uint32_t load;		/* which load of it that was, from 1 */
	int64_t loaded_ns;	/* -1: before the recording */
	int64_t unloaded_ns;	/* -1: not recorded, it was loaded again */
	bool placed;		/* its memory could be told from others' */
	uint64_t left_bytes;	/* own memory that it still holds at the end */
	uint64_t left_objects;
	uint64_t certain_bytes;	/* of these, surely not freed */
};

/* One place and how it went, for those who watch a long run. */
struct snap_soak {
	uint32_t module;
	const char *function;
	uint64_t offset;
	uint32_t number;
	bool no_offset;
	const char *source;
	enum mem_kind kind;
	enum charge charge;
	const char *via;
	uint64_t live_bytes;
	uint64_t allocs, frees;
	struct snap_trend trend;
};

/* Filled on request only (replay_opts.leaks). */
struct snap_leaks {
	struct snap_leak *rows;	/* by class, then most bytes first */
	size_t n_rows;
	struct snap_unload *unloads;	/* in the order of time */
	size_t n_unloads;
	bool unloads_unknown;	/* no module events: there may have been some */
	struct snap_soak *soak;	/* steepest first */
	size_t n_soak;
	uint64_t older_than;	/* ns */
	uint64_t every;		/* ns between samples, 0: there are none */
	uint32_t samples;
	uint64_t in_use_bytes;	/* live and nothing against it, own */
	uint64_t outside_bytes;	/* live, but allocated before --from */
	uint64_t outside_objects;
	const char *const *doubts;	/* why "no leak" cannot be said of any module */
	size_t n_doubts;
};

#endif
