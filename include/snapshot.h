/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - the books at one moment, as immutable rows
 *
 * The only type that crosses from model to view. All memory belongs to the
 * snapshot; strings are as recorded (a view makes them printable).
 * Bytes are what the kernel set aside; "requested" is what was asked for.
 */
#ifndef MODMEM_SNAPSHOT_H
#define MODMEM_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bound.h"
#include "kinds.h"
#include "modstatic.h"
#include "series.h"
#include "source.h"

struct snap_leaks;
struct reconcile;

struct amount {
	uint64_t bytes;
	uint64_t requested;
	uint64_t objects;
};

/* A function that was inlined at the place before it. */
struct snap_inline {
	const char *function;	/* NULL: debug info does not say */
	const char *source;	/* file:line */
};

/*
 * One place that allocates. For an own charge: the module's function that
 * called the allocator, and the call as it made it. For an induced one: the
 * module's function, and the kernel function it had called.
 */
struct snap_site {
	const char *function;	/* NULL: no symbol covers the address */
	/* bytes into it; without a symbol: into the module, of none: into the page */
	uint64_t offset;
	uint32_t number;	/* without: of the places with that offset, 0: the first used */
	bool no_offset;		/* the log names the function only (textlog.h) */
	uint64_t address;	/* in that boot; of several, the lowest; 0: none */
	const char *source;	/* file:line in it, NULL: no debug info */
	const struct snap_inline *inlined;	/* on the way from there to the call */
	size_t n_inlined;
	enum mem_kind kind;
	enum charge charge;	/* own or induced */
	const char *via;
	uint64_t live_bytes;
	uint64_t requested_bytes;
	uint64_t live_objects;
	uint64_t allocs;
	uint64_t frees;
	uint64_t peak_bytes;	/* of live_bytes, at one moment */
	uint64_t allocated_bytes;
	uint64_t evicted_bytes;
	uint64_t uncertain_bytes;
	uint32_t why;		/* of live_bytes: bound.h */
	int64_t oldest_ns;	/* of what is live; -1: nothing is */
};

/* One slab cache as this module used it (own charge). */
struct snap_cache {
	const char *name;	/* NULL: the recording never named it */
	uint64_t object_size;	/* bytes an object takes */
	uint64_t objects;	/* live */
	uint64_t bytes;
	uint64_t allocs;
	uint64_t frees;
	uint64_t evicted;
	uint64_t slabs;		/* page blocks taken for it under this module, live */
	uint64_t slab_bytes;
	uint64_t slots;		/* objects that these have room for */
	int64_t used;		/* of these that hold one, whoever's; -1: not known */
	bool free_blind;	/* objects go without an event: bytes uncertain */
	bool name_listed;	/* name from slabinfo, the only cache of this size */
	uint32_t why;		/* of bytes: bound.h */
};

struct snap_module {
	const char *name;
	enum module_state state;
	int64_t static_bytes;	/* modstatic_bytes() of the next; -1: not known */
	struct modstatic fixed;	/* code and data, taken by being loaded */
	struct amount live[KIND_MAX];
	struct amount induced[KIND_MAX];
	struct amount overhead[OVERHEAD_MAX];
	struct amount dma_blocks;	/* of DMA pools, in pages of live[KIND_DMA] */
	uint64_t live_bytes;	/* sum of live[].bytes */
	uint64_t induced_bytes;
	uint64_t overhead_bytes;
	uint64_t uncertain_bytes;
	uint32_t why;		/* of live_bytes: bound.h ... */
	uint32_t kind_why[KIND_MAX];	/* ... which is that of all live[] ... */
	uint32_t induced_why;	/* ... and of induced_bytes */
	uint64_t peak_bytes;	/* of live_bytes, at one moment */
	int64_t peak_ns;	/* -1: never held anything */
	uint64_t allocated_bytes;
	uint64_t freed_bytes;
	uint64_t evicted_bytes;
	uint64_t allocs;
	uint64_t frees;
	uint64_t failed;
	int64_t before_bytes;	/* held when the recording began (allocinfo); -1: not known */
	int64_t leaked_bytes;	/* held by unloaded instances; -1: never unloaded */
	struct snap_site *sites;
	size_t n_sites;
	struct snap_cache *caches;
	size_t n_caches;
};

#define SNAP_ORDERS 17u	/* page blocks are of 2^0 to 2^16 pages */

/* One call stack that took memory, outermost frame first, for the tree. */
struct snap_stack {
	uint32_t module;	/* index into snapshot.modules */
	enum charge charge;
	enum mem_kind kind;
	enum overhead_kind overhead;	/* only if charge is CHARGE_OVERHEAD */
	const char *const *frames;	/* "name" or "name [module]" */
	const char *const *sources;	/* a frame's file:line or NULL; NULL: not asked */
	size_t n_frames;
	size_t n_allocator;	/* of these, the last ones: the allocator's own */
	uint32_t blocks[SNAP_ORDERS];	/* live page blocks by order, as allocated */
	uint64_t live_bytes;
	uint32_t why;		/* of these: bound.h */
	uint64_t live_objects;
	uint64_t peak_bytes;	/* live when its module had most; with series only */
	uint64_t allocated_bytes;
	uint64_t allocs;
	uint64_t frees;
};

/* Own and induced memory of one module by the task that asked for it. */
struct snap_task {
	int32_t pid;
	const char *comm;	/* NULL: not recorded */
	uint32_t module;	/* index into snapshot.modules */
	uint64_t live[KIND_MAX];	/* bytes, own */
	uint64_t live_bytes;
	uint64_t induced_bytes;
	uint32_t why, induced_why;	/* of these two: bound.h */
	uint64_t allocs;
	uint64_t frees;
};

struct snap_lost_cpu {
	const char *buffer;	/* "" for the top-level buffer */
	uint32_t cpu;
	uint64_t lost;
	bool at_least;		/* the kernel did not always say how many */
};

/* A companion that did not see all. */
struct snap_missed {
	const char *path;	/* what it was for */
	uint64_t missed, calls;	/* so many of so many */
};

/* What the recording could and could not show. */
struct coverage {
	uint64_t records;
	uint64_t events;		/* allocation and free events understood */
	uint64_t lost_events;
	bool lost_unknown;		/* and some more, number unknown */
	bool own_only;			/* --own: not what the kernel takes itself */
	bool losses_unread;	/* the running kernel does not tell what it lost */
	const struct snap_lost_cpu *lost_by_cpu;
	size_t n_lost_by_cpu;
	uint64_t unmatched_frees;	/* events */
	uint64_t unmatched_slab;	/* of these, by what was freed ... */
	uint64_t unmatched_pages;
	uint64_t unmatched_percpu;
	uint64_t unmatched_vmalloc_pages;	/* page frees under vfree (TRAPS B3) */
	uint64_t unmatched_cma_pages;	/* page frees by the contiguous allocator */
	uint64_t evicted;		/* objects */
	uint64_t reordered;		/* frees that sorted before their allocation */
	uint64_t unpaired_stacks;
	uint64_t events_without_stack;	/* allocations */
	uint64_t unknown_addresses;	/* allocations charged to [unknown] */
	uint64_t hidden_callers;	/* allocations with a probe's or tracer's address for it */
	uint64_t interrupt_cuts;	/* allocations whose stack was cut at an entry */
	uint64_t init_text_guarded;	/* init frames not taken for another module's text */
	uint64_t malformed;		/* records of a wrong length or with impossible values */
	uint64_t implausible;		/* things that no kernel writes: damage */
	uint64_t duplicate_buffer_events;	/* left out: another buffer has them too */
	const char *const *blind;	/* allocator paths that the trace cannot see */
	size_t n_blind;
	const char *const *unseen;	/* of these, what the recorder chose, or could not have */
	size_t n_unseen;
	const char *const *covered;
	size_t n_covered;
	struct snap_missed *missed;
	size_t n_missed;
	const char *const *notes;	/* anything else a reader must know, a sentence each */
	size_t n_notes;
	/*
	 * Checksums of the file: "all" of what was read match, "damaged": some do
	 * not, or are missing, "none": the recorder wrote none.
	 */
	const char *verified;
	bool trusted;			/* nothing speaks against it as a whole ... */
	const char *const *distrust;	/* ... or these reasons do ... */
	uint32_t *distrust_why;	/* ... each about these causes (bound.h), 0: everything */
	size_t n_distrust;
};

struct snapshot {
	/* where it comes from */
	const char *file;
	const char *kernel;		/* release, NULL: not recorded */
	const char *arch;		/* machine, NULL: not recorded */
	const char *clock;		/* NULL: not recorded */
	bool clock_is_ns;		/* false: counter, x86-tsc, ... */
	bool big_endian;
	unsigned int long_bits;
	uint64_t page_size;
	uint32_t cpus;
	bool shared_text;		/* modules' text shares large pages */
	uint64_t start_ns;
	uint64_t end_ns;		/* of what the snapshot covers */
	int64_t recorded;		/* when: s since 1970, -1: not recorded */
	const char *attribute;		/* attribute_mode_name() that charged, or NULL */
	enum recorder_kind made_by;
	bool part;			/* of the recording: --from, --to or --at */
	bool has_stacks, has_tasks;	/* rows of these were asked for */
	bool saved;			/* a saved report, read again (saved.h) ... */
	bool no_site_peaks;		/* ... without peak_bytes of places ... */
	const char *const *only;	/* ... and of these modules only; NULL: of all */
	size_t n_only;

	struct snap_module *modules;	/* most live bytes first */
	size_t n_modules;
	struct snap_stack *stacks;	/* most live bytes first */
	size_t n_stacks;
	struct snap_task *tasks;	/* empty unless asked for */
	size_t n_tasks;
	struct snap_series *series;	/* NULL unless asked for */
	bool allocinfo;			/* modules' before_bytes are known */
	bool allocinfo_off;		/* it was there, and switched off */
	bool dma_blocks_known;		/* a probe told of modules' dma_blocks */
	uint64_t live_bytes;		/* totals over all rows, own */
	uint32_t why, induced_why;	/* of these two: bound.h */
	uint64_t induced_bytes;
	uint64_t overhead_bytes;
	uint64_t allocs;
	uint64_t frees;
	struct coverage coverage;
	struct snap_leaks *leaks;	/* leaks.h; NULL unless asked for */
	const struct reconcile *reconcile;	/* NULL: not asked for (reconcile.h) */
};

void snapshot_free(struct snapshot *snap);

/*
 * Causes (bound.h) that are held against what the modules of the comma list @modules
 * hold; NULL: all that ever held anything, but the core kernel, which has to be named.
 * snapshot_asks_for() is whether module @m is one of these.
 */
uint32_t snapshot_why(const struct snapshot *snap, const char *modules);
bool snapshot_asks_for(const struct snap_module *m, const char *modules);

/* Fault @i of coverage.distrust touches what has the causes @why. */
bool coverage_touches(const struct coverage *c, size_t i, uint32_t why);

/*
 * What --strict looks at, in all commands: of the modules asked for as above nothing
 * is held against the numbers, and no fault of the recording touches them. One that
 * touches none counts all the same if there is no such row.
 */
bool snapshot_exact(const struct snapshot *snap, const char *modules);
bool snapshot_distrusts(const struct snapshot *snap, size_t i, const char *modules);

/* Why the row's numbers are not exact; with --own those that are induced are not shown. */
static inline uint32_t snapshot_row_why(const struct snapshot *snap, const struct snap_module *m)
{
	return m->why | (snap->coverage.own_only ? 0 : m->induced_why);
}

/* A module counts as empty only if it never held anything either. */
bool module_empty(const struct snap_module *m);

#endif
