/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot_build.h - sums the books up into a snapshot
 */
#ifndef MODMEM_SNAPSHOT_BUILD_H
#define MODMEM_SNAPSHOT_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "recorded.h"
#include "snapshot.h"
#include "source.h"

struct account;
struct sites;
struct arena;
struct attributor;
struct books;
struct companion;
struct decoder;
struct error;
struct imports;
struct ksyms;
struct series;
struct stacks;
struct strings;
struct tracefilters;

/* Everything that a replay has at its end. */
struct replay_state {
	struct source *src;
	struct decoder *decoder;
	struct stacks *stacks;
	struct strings *strings;
	struct ksyms *ks;		/* NULL: no symbols at all */
	uint64_t odd_symbols;		/* lines of the recorded ones that no kernel writes */
	struct books *books;
	struct series *series;		/* NULL: not asked for */
	struct attributor *attributor;
	struct imports *imports;	/* imports_of() those that hold something */
	uint64_t start, end;		/* ns, what the snapshot covers */
	bool ended_early;		/* at --at or --to: not an end of input */
	const struct leak_opts *leaks;	/* NULL: not asked for */
	struct sites *sites;		/* samples for them */
	bool by_task, by_stack, reconcile;
	const char *attribute;		/* mode of attribution, for the record */
	bool part;			/* a window of the recording was asked for */
	bool begins_later;		/* ... that begins later: --from */
	const struct error *outside;	/* ... that is not all in it: why */
	size_t n_outside;
	const struct companion *companion;	/* NULL: not modmem's recording */
	const char *companion_damage;	/* why it cannot be read, NULL: it can */
	const char *buffer_note;	/* how several buffers were handled, NULL */
	enum recorder_kind made_by;
	bool bare;			/* replay_opts.bare */
	bool events_missing;		/* ... and what was left out is nowhere else */
};

/* Per account, from one walk over all that is live. */
struct live_facts {
	uint64_t oldest;		/* ns, UINT64_MAX: nothing live */
	uint64_t uncertain;		/* bytes */
	bool suspect;			/* some of it may be free already, by the clock */
};

/* Why the numbers of one row are not exact: sets of causes (bound.h). */
struct row_bounds {
	uint32_t kind[KIND_MAX];	/* of its own memory */
	uint32_t induced;
	uint32_t missing[KIND_MAX];	/* part of these: events that there were not */
	uint32_t frees;			/* of slab objects, that it can do unseen */
};

/* Whose pool (dma_pool, mempool) took memory to fill itself. */
enum pool_of {
	POOL_NONE,		/* no pool did */
	POOL_OTHERS,		/* the instance that asked had made none, and holds no block */
	POOL_PERHAPS_OWN,
};

/* A snapshot in the making. */
struct builder {
	const struct replay_state *rs;
	struct arena *arena;		/* the snapshot's memory */
	struct snapshot *snap;
	struct live_facts *facts;	/* per account */
	uint32_t *cache;		/* per account: string of its cache, or 0 */
	bool *name_listed;		/* ... which is from a list, not from an event */
	struct recorded recorded;	/* events that there are */
	struct tracefilters *filters;	/* ... and what left some out */
	bool *blind;			/* per account: frees go unseen */
	uint8_t *pool;			/* per account: enum pool_of */
	bool *evicts;			/* ... one of its place did, at least */
	uint32_t kind_why[KIND_MAX];	/* causes (bound.h) that hold for all rows */
	uint32_t *why;			/* causes, per account */
	struct row_bounds *bounds;	/* per row */
	uint32_t *used;			/* per page allocation: live objects in it, ... */
	bool used_known;		/* ... if one can tell */
	struct unnamed *unnamed;	/* places without a symbol, snapshot_places.c */
	size_t n_unnamed;
	uint32_t *module;		/* per row: index into snap->modules */
	bool lost_untimed;		/* events were lost, nobody knows when */
};

/* The snapshot, or NULL: no memory. */
struct snapshot *snapshot_build(const struct replay_state *rs);

/* What a snapshot's strings and rows live in, for what is added afterwards. */
struct arena *snapshot_arena(struct snapshot *snap);

/* An empty one; NULL: no memory. */
struct snapshot *snapshot_new(void);

/* Adds sentences to coverage.notes. 0 or -ENOMEM. */
int snapshot_add_notes(struct snapshot *snap, const char *const *notes, size_t n);

/* The parts, each 0 or -ENOMEM; in this order. */
int build_coverage(struct builder *b);	/* lost_untimed and recorded, too */
int build_unnamed(struct builder *b);	/* for build_place(), build_frames() */
int build_facts(struct builder *b);	/* oldest, uncertain, caches' names */
int build_names(struct builder *b);	/* caches' names that no event told */
int build_pools(struct builder *b);	/* before the rows of modules are made */
int build_bounds(struct builder *b);	/* why, bounds */
int build_sites(struct builder *b);
int build_caches(struct builder *b);
int build_stacks(struct builder *b);
int build_tasks(struct builder *b);
void build_static(struct builder *b);	/* code and data of modules */
int build_before(struct builder *b);	/* what they held when it began */
int build_leaks(struct builder *b);

/*
 * modmem's recorder had this companion, for all of the recording; it may have missed
 * calls, if it is known how many ...
 */
bool build_covered(struct builder *b, const char *probe);

/* ... and it did. */
bool build_missed(struct builder *b, const char *probe);

/* Events of that type were recorded, if the kernel fired any. */
bool build_told(const struct builder *b, enum event_type type);

/*
 * Page arrays tell of vmalloc areas (model/books_area.c): are they seen, and who
 * takes them?
 */
bool build_page_arrays(const struct builder *b);

/*
 * The frames of an account's stack, outermost first, named. @names (a slot for
 * each string there is and may come) remembers those that were named; NULL: does
 * not. 0 or -ENOMEM.
 */
int build_frames(struct builder *b, const struct account *a, const char **names,
		 const char *const **frames, size_t *n_frames);
int build_reconcile(struct builder *b);	/* reconcile.h */

/* Account @id of the books that are summed up. */
struct account *build_account(const struct builder *b, uint32_t id);

/*
 * The name of a frame without one: "?+0xoff [module]", "?#2+0xoff" of another place
 * with that offset; the same as its site, if it is one. NULL: no memory.
 */
struct unnamed_frame;
const char *build_unnamed_frame(struct builder *b, const struct unnamed_frame *f);

/* A place as it is shown, see struct snap_site. */
struct shown_place {
	uint64_t offset;
	uint32_t number;
	bool no_offset;
};

/* The place of row @row whose attribution has @function and @offset. */
struct shown_place build_place(const struct builder *b, uint32_t row, uint32_t function,
			       uint64_t offset);

/* A string of the interning table, copied into the snapshot; NULL for 0. */
const char *build_string(struct builder *b, uint32_t id);

#endif
