/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * books_internal.h - shared by the files that keep the books: books.c (slab,
 * pages, per-CPU memory), books_task.c (what belongs together), books_probe.c (what
 * companion probes tell) and books_bulk.c (pages that are taken in bulk)
 */
#ifndef MODMEM_BOOKS_INTERNAL_H
#define MODMEM_BOOKS_INTERNAL_H

#include "attribution.h"
#include "books.h"
#include "ledger.h"
#include "objects.h"
#include "pages.h"

/* kmalloc(0), include/linux/slab.h: not an object */
#define ZERO_SIZE_PTR 16u

/* bytes: larger slab and per-CPU objects exist in no kernel */
#define OBJECT_SLAB_MAX	UINT32_MAX
#define PFN_MAX		(1ULL << 52)

/*
 * Tasks are remembered in sets: one is forgotten when TASK_WAYS others of its
 * set wrote events after its last, so never between events of one allocation.
 */
#define TASK_SETS	256u
#define TASK_WAYS	8u
#define LAST_TASKS	64u
#define LOADERS		64u	/* tasks that loaded a module lately */
#define EARLY_SLOTS	4096u	/* a collision only forgets */
#define SLAB_WAIT_MAX	4u
#define WAITING_AREAS	16u
#define PAGE_CALLS	64u	/* of alloc_pages_bulk() at one time; more are not known */
#define PAGE_SLOTS	8u	/* groups of slots that are told of one call */
#define GONE_SLOTS	256u	/* a collision only forgets */
#define GONE_WINDOW	1000000u /* ns: so late may the free of an object be told */

/* What a task did last in one context, to tell what belongs together. */
struct task {
	int32_t pid;
	uint8_t context;
	bool last_is_kmalloc;	/* the last event was a kmalloc, of last_addr ... */
	bool last_is_inner;	/* ... called from within the allocators */
	uint32_t gap;		/* gaps of the recording when it was last seen */
	uint64_t seen;		/* number of its last event, 0: unused */
	uint64_t last_addr;
	uint32_t large;		/* page allocation that a kmalloc may claim */
	uint64_t large_ts;
	uint32_t n_slabs;	/* slab page blocks that wait for their object */
	uint32_t slabs[SLAB_WAIT_MAX];
	bool slabs_exts;
	uint32_t loading;	/* module whose init this task may run */
	uint64_t reserved_addr;	/* static per-CPU area without a name yet */
	/* books_area.c */
	uint64_t area_struct;	/* the vm_struct of an area without page array yet, 0: none */
	bool area_waits;	/* the area of @array needs to know when @t goes on */
	bool area_blocks;	/* some of its pages came in blocks, ... */
	bool area_bulk;		/* ... and others were left for bulk, as none was free */
	uint64_t array;		/* the last page array, whose pages may come; 0: none */
	uint64_t ranges[2];	/* bytes of addresses of the last two areas, 0: not told */
	uint64_t failed_call;	/* a kmalloc that failed, its call, 0: none */
	uint64_t failed_bytes;	/* ... and what it asked for */
	/* pages that vfree() gave back, and nobody had seen taken, and the events */
	uint64_t vfreed, vfrees;
};

/* A vmalloc area of which it is not known yet how its pages come. */
struct waiting_area {
	uint64_t key;		/* in books_areas() */
	uint64_t ts;
	uint64_t bytes, requested;
	uint32_t account;
	bool at_most;
};

/* A bucket table that a worker made, of which it is not known whose it is. */
struct waiting_table {
	uint64_t addr, bytes;	/* bytes that were asked for */
	uint64_t ts;
	uint16_t cpu;		/* on which what it follows is freed ... */
	bool any_cpu;		/* ... or it may be on any */
	bool claimed;		/* one that it may follow was freed ... */
	bool no_module;		/* ... which is not a module's own */
	uint32_t claimant;	/* ... but this owner's */
};

struct loader {
	int32_t pid;
	uint32_t owner;
};

/* A free that matched nothing, remembered for clocks that are not in order. */
struct early_free {
	uint64_t addr;
	uint64_t ts;
	uint16_t cpu;
	uint8_t type;		/* of the free: whose address this is */
	uint8_t order;
	uint32_t row;		/* whose unseen page this was taken for, OWNER_NONE */
};

/* What the stack of a free of pages says. */
struct page_freer {
	uint32_t flags;		/* FN_* + 1, 0: not looked at yet */
	uint32_t row;		/* of the module that gave them back, OWNER_NONE */
};

/* An object that went with its slab, though no free was seen (yet). */
struct gone {
	uint64_t addr;
	uint64_t ts;		/* of the free of the slab */
	uint64_t bytes;
	uint32_t account;
};

/* What was found out of an origin (event.h), and what it depends on. */
struct known_origin {
	uint32_t account;	/* 0: nothing */
	uint32_t loading;
	uint32_t epoch;		/* of the module map; EPOCH_ANY: of none */
	int32_t pid;
};

#define EPOCH_ANY UINT32_MAX

/* What some slots of the array of alloc_pages_bulk() had when it was called. */
struct page_slots {
	uint64_t filled;	/* a bit for each, from the first one on */
	uint64_t ts;
	uint64_t first, n;
	uint8_t part;		/* of the call */
};

/* A call of alloc_pages_bulk() that has not returned. */
struct page_call {
	uint64_t array;
	uint64_t seen;		/* number of its event, 0: unused */
	int32_t pid;
	uint32_t gap;		/* as of struct task */
	uint8_t context;
	uint8_t n;
	struct page_slots slots[PAGE_SLOTS];
};

/* The last call of kmem_cache_alloc_bulk(), and of alloc_pages_bulk(), on a CPU. */
struct bulk {
	uint32_t account;
	uint64_t size;		/* bytes of an object, 0: the probe cannot say */
	uint64_t requested;
	uint32_t cache;		/* string */
	struct event pages;	/* that of the other, if it is of its type */
	uint8_t n_slots;
	struct page_slots slots[PAGE_SLOTS];
};

struct books {
	struct books_opts opts;
	struct ledger *ledger;
	struct modmap *modmap;
	struct attributor *attributor;
	struct stacks *stacks;
	struct strings *strings;
	struct probing probing;		/* of the tables that follow */
	uint64_t now;			/* ns, of the event that is entered */
	struct objects *slab, *percpu;
	struct objects *areas;		/* vmalloc, by a probe or by page arrays */
	struct waiting_area waiting[WAITING_AREAS];
	size_t n_waiting;
	struct objects *blocks;		/* of DMA pools, told by a probe */
	struct objects *given_up;	/* kfree_rcu() had them, free to come */
	struct pages *pages;
	struct known_origin *known;	/* by origin; room for one at least */
	size_t n_known;
	/* by event type: the table that its address is in, and if that is objects */
	const struct slots *table_of[EVENT_TYPES], *objects_of[EVENT_TYPES];
	struct bulk *bulks;		/* per CPU: the bulk call whose objects come */
	size_t n_bulks;
	struct page_call page_calls[PAGE_CALLS];
	uint32_t *older;		/* by string: objects of that cache, freed unmatched */
	size_t n_older;
	struct page_freer *freers;	/* by stack */
	size_t freer_room;
	struct waiting_table *waiting_tables;	/* in the order of time */
	size_t n_waiting_tables, waiting_tables_room;
	uint64_t tables_from;		/* ns, since when they are all known */
	uint64_t (*unseen)[BOOKS_UNSEEN];	/* by row: what books_unseen() tells */
	size_t n_unseen;
	uint32_t freer_epoch;		/* of the module map that they are of */
	struct books_stats stats;
	uint64_t task_keys[TASK_SETS][TASK_WAYS];	/* pid and context, 0: none */
	struct task tasks[TASK_SETS][TASK_WAYS];
	struct task *last_task[LAST_TASKS];	/* by CPU, NULL: none */
	struct loader loaders[LOADERS];
	uint32_t n_loaders;	/* ever; the latest overwrite the oldest */
	uint32_t gaps;		/* how often events were lost */
	struct early_free early[EARLY_SLOTS];
	struct gone gone[GONE_SLOTS];
	uint64_t error_ptr;	/* lowest address that is an errno, not memory */
	uint64_t failed_pfn;	/* -1 of the traced machine's long */
	unsigned int page_shift;
	/* ptr - (pfn << page_shift) of the linear map, learned (TRAPS E13) */
	bool linear_known;
	uint64_t linear_offset;
	/* the same, as slabs and the first object of each have it */
	uint64_t slab_offset;
	uint32_t slab_votes;
};

/* The task that wrote @ev, in its context; what it did last may be forgotten. */
struct task *books_task(struct books *b, const struct event *ev);

/* The module whose init the task may run now, OWNER_NONE: none is known. */
uint32_t books_loading(const struct books *b, const struct task *t);

/* The task loaded module instance @owner. */
void books_loaded(struct books *b, struct task *t, const struct event *ev,
		  uint32_t owner);

/* What is known of origins is so no more: accounts have new numbers. */
void books_forget_origins(struct books *b);

/*
 * The account of an allocation; *what is what is known of it even if it was
 * before --from. Valid until the next call. UINT32_MAX: no memory.
 */
uint32_t books_account(struct books *b, const struct event *ev,
		       const struct task *t, const struct attribution **what);

/* What ledger_account() asks of an account that it does not know. */
int books_resolve(void *arg, const struct account_key *key,
		  struct attribution *what);

/* Counts what the attribution of an allocation had to leave open. */
static inline void books_count_doubts(struct books *b, uint32_t account)
{
	const struct attribution *what = &ledger_at(b->ledger, account)->what;

	b->stats.cuts += what->cut;
	b->stats.unknown += what->unknown;
	b->stats.hidden += what->hidden;
	b->stats.init_guarded += what->init_guarded;
}

/* Enters an allocation. */
static inline void books_hold(struct books *b, uint32_t account, uint64_t bytes,
			      uint64_t requested, uint64_t ts)
{
	books_count_doubts(b, account);
	ledger_add(b->ledger, account, bytes, requested, ts);
}

/* Moves a live object to another account, and what is counted of it. */
void books_move(struct books *b, uint32_t from, uint32_t to, uint64_t bytes,
		uint64_t requested, uint64_t ts);

/*
 * A free matched nothing: with clocks that differ its allocation may follow. The
 * slot that tells of it; NULL: clocks do not differ.
 */
struct early_free *books_remember_early(struct books *b, const struct event *ev);

/* This address was freed just before, on another CPU, by an event of @type; or NULL. */
struct early_free *books_find_early(struct books *b, const struct event *ev,
				    enum event_type type);

static inline struct early_free *books_freed_early(struct books *b, const struct event *ev,
						   enum event_type type)
{
	return b->opts.skew ? books_find_early(b, ev, type) : NULL;
}

/* Events of their kinds. 0 or -ENOMEM. */
int books_page_alloc(struct books *b, const struct event *ev);
int books_page_free(struct books *b, const struct event *ev);
int books_contig_alloc(struct books *b, const struct event *ev);
int books_contig_free(struct books *b, const struct event *ev);
int books_slab_alloc(struct books *b, const struct event *ev);
int books_percpu_alloc(struct books *b, const struct event *ev);
void books_percpu_free(struct books *b, const struct event *ev);

/* The pages that serve this kmalloc, PAGE_ALLOC_NONE: slab does. */
uint32_t books_find_pages(struct books *b, struct task *t, const struct event *ev);

static inline uint32_t books_claim_pages(struct books *b, struct task *t,
					 const struct event *ev)
{
	if (t->large == PAGE_ALLOC_NONE || !(ev->flags & EVENT_KMALLOC))
		return PAGE_ALLOC_NONE;
	return books_find_pages(b, t, ev);
}

/* Page allocation @id is this kmalloc, whose call site is account @site's. */
int books_large_kmalloc(struct books *b, uint32_t id, const struct event *ev,
			uint32_t site);

/*
 * Does the stack of a page event, account @pages, know who called as well as that of the
 * kmalloc event, account @site? It has the call site, or the frames that end there.
 */
bool books_pages_know(const struct books *b, uint32_t pages, uint32_t site);

/* The per-CPU area that the loader took just before is module @owner's. */
int books_name_static_percpu(struct books *b, struct task *t, uint32_t owner);

/* Enters an object whose address must not be live in @os. 0 or -ENOMEM. */
int books_add_object(struct books *b, struct objects *os, const struct event *ev,
		     uint32_t account);

/* The address is given out again while the books hold it live. */
void books_evict(struct books *b, struct objects *os, struct object *o);

/* The linear map begins so: aligned for large mappings, which a mistake is once in thousands. */
#define MAP_ALIGN (1u << 24)

/* What to add to a physical address of the linear map. False: it is not known yet. */
bool books_linear(const struct books *b, uint64_t *offset);

/*
 * May pages of @account be what the object of @call_site was taken from? Where allocations
 * were left out, one of these may have needed them: then it is not on their stack.
 */
bool books_fit(const struct books *b, uint32_t account, uint64_t call_site);

/*
 * Page blocks that were just taken for this object's cache. @addr: of the
 * object, 0: not known.
 */
void books_name_slabs(struct books *b, struct task *t, uint32_t account,
		      uint64_t addr);

/* All pages of slab @pa were freed at @ts: what the books hold in it went unseen. */
void books_slab_gone(struct books *b, const struct page_alloc *pa, uint64_t ts);

/*
 * Evicts slab objects whose page was allocated after they were: they have been
 * freed unseen. @now: ns, all events before it are in the books. Does nothing
 * if it is not known where memory is mapped.
 */
void books_sweep(struct books *b, uint64_t now);

/* A slab object is freed, by whatever event. */
int books_slab_free(struct books *b, const struct event *ev);

/*
 * A bucket table was taken that has a predecessor; one is freed, and is in the books
 * still: 0 or -ENOMEM; events are missing at @ts, ns.
 */
void books_table_taken(struct books *b, const struct event *ev, const struct attribution *what);
int books_table_freed(struct books *b, const struct object *o, const struct event *ev);
void books_forget_tables(struct books *b, uint64_t ts);
/* How many of those that wait may be of row @row. */
uint64_t books_tables_claimed(const struct books *b, uint32_t row);
/* Row @row took @count of what nobody saw it take. 0 or -ENOMEM. */
int books_count_unseen(struct books *b, uint32_t row, enum books_unseen what, uint64_t count);

/* Forgets that kfree_rcu() had the object at @addr; was it so? */
static inline bool books_was_given_up(struct books *b, uint64_t addr)
{
	struct object *o = objects_count(b->given_up) ?
			   objects_find(b->given_up, addr) : NULL;

	if (o)
		objects_remove(b->given_up, o);
	return o != NULL;
}

/* Slab object @ev is the vm_struct of a vmalloc. 0 or -ENOMEM. */
int books_area_struct(struct books *b, struct task *t, const struct event *ev);

/*
 * Slab object @ev is the page array of a vmalloc; @nested: of one that is itself
 * the page array of another. 0 or -ENOMEM.
 */
int books_area_array(struct books *b, struct task *t, const struct event *ev, bool nested);

/* @ev tells how many addresses the area has that @t makes. */
void books_area_range(struct books *b, const struct event *ev);

/* Pages of an area came by @ev, and are in the books. 0 or -ENOMEM. */
int books_area_page(struct books *b, struct task *t, const struct event *ev,
		    const struct attribution *what);

/* Pages of an area, which were not to be had in one block. */
void books_area_page_failed(struct task *t, const struct event *ev,
			    const struct attribution *what);

/* @t has gone on after a vmalloc: all pages of the area are there. 0 or -ENOMEM. */
int books_area_go_on(struct books *b, struct task *t);

/* kmalloc @ev failed: the first thing that kvmalloc() tries. */
void books_area_failed(struct task *t, const struct event *ev,
		       const struct attribution *what);

/* vfree() frees pages that nobody saw being taken. */
void books_area_page_freed(struct books *b, const struct event *ev);

/* The page array or vm_struct at this address goes; @ev: by this free, NULL: unseen. */
void books_area_gone(struct books *b, uint64_t array, const struct event *ev);

/* What is kept of bulk calls on that CPU. NULL: no memory. */
struct bulk *books_bulk(struct books *b, uint16_t cpu);

/* Pages taken in bulk: EVENT_PAGES_*. 0 or -ENOMEM. */
int books_bulk_pages(struct books *b, const struct event *ev);

/* An event of a companion probe. 0 or -ENOMEM. */
int books_probe_event(struct books *b, const struct event *ev);

#endif
