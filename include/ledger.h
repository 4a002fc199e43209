/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger.h - accounts: what each place that allocates holds
 *
 * An account is the smallest unit that is counted: one stack (with its call
 * site), one object size, one owner. Everything that is shown is a sum of
 * accounts. The ledger only counts; which event means what is books.h.
 *
 * Invariant: live = allocated - freed - evicted, for bytes and for objects.
 */
#ifndef MODMEM_LEDGER_H
#define MODMEM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribution.h"
#include "event.h"

#define ACCOUNT_OUTSIDE 0u	/* allocated before --from: counted nowhere */

/*
 * Each event changes one of them, hardly ever the same as the event before: what
 * is needed for that stands first, in two lines of a processor's cache.
 */
struct account {
	struct attribution what;
	uint32_t place;		/* of all accounts that are shown as one site */
	/*
	 * What its row holds of its own changes with this: row_books[own_row]. 0,
	 * which is nobody's: it is not the row's own.
	 */
	uint32_t own_row;
	uint32_t cache;		/* string: name of its slab cache, 0: not known */
	uint64_t live_bytes, live_objects, live_requested;
	uint64_t allocs, frees;	/* objects */
	uint64_t allocated_bytes, freed_bytes;
	uint64_t size;		/* bytes of one slab object, 0: not slab */
	uint64_t evicted, evicted_bytes;
	uint64_t failed;
	uint64_t call_site;
	uint32_t stack;
	uint32_t epoch;		/* of the module map that told who is charged */
	int32_t pid;		/* only with by_task */
	/*
	 * How well the sizes of vmalloc areas are known that no probe told of, 0 in
	 * both: to the byte. @over: bytes by which live_bytes may be too high (at most).
	 * @unsized: live areas, not in live_bytes, whose size nothing shows (at least).
	 */
	uint64_t over;
	uint32_t unsized;
	bool by_array;		/* a vmalloc area that its page array tells of, and ends */
	bool kmalloc;		/* from the kmalloc family */
	bool movable, reclaim;	/* pages: EVENT_MOVABLE, EVENT_RECLAIM */
	bool untold;		/* in bulk it took pages besides that are not known */
} __attribute__((aligned(64)));

/* Own memory of one module, all its instances, over time. */
struct row_books {
	uint64_t live, peak;	/* bytes */
	uint64_t peak_ns;
	bool ever;
};

/* Live bytes of one site over time. */
struct place_books {
	uint64_t live, peak;
};

struct ledger_memos;
struct ledger_places;
struct series;

/* Open to view for the functions below that are part of each event. */
struct ledger {
	struct account *accounts;
	uint32_t n, room;
	struct row_books *rows;		/* of row - 1, of all that have an account */
	size_t n_rows;
	struct place_books *places;
	struct series *series;		/* NULL: nobody follows */
	struct ledger_memos *memos;
	struct ledger_places *place_index;
};

struct ledger *ledger_new(void);
void ledger_free(struct ledger *l);

/*
 * What an account is looked up by. Two events with equal keys are of one
 * account, as long as the module map has not changed under it.
 */
struct account_key {
	uint64_t call_site;
	uint64_t size;
	uint32_t stack;
	uint32_t loading;	/* module whose init the task runs, OWNER_NONE */
	int32_t pid;		/* 0 unless by_task */
	uint8_t type;		/* enum event_type */
	uint8_t flags;		/* EVENT_* that matter to attribution */
};

/*
 * The account of @key. If it is not known yet, or was worked out under another
 * epoch of the module map and depends on it, @resolve(arg, key, what) is asked.
 * Returns its number or UINT32_MAX: no memory.
 */
uint32_t ledger_account(struct ledger *l, const struct account_key *key,
			uint32_t epoch,
			int (*resolve)(void *arg, const struct account_key *key,
				       struct attribution *what),
			void *arg);

/*
 * Accounts that hold nothing and that @used (ledger_count() flags) does not want
 * are summed up: one is left for each place and object size, without its stacks.
 * Owners are renumbered by @owners (OWNER_NONE: gone). @map: the new number of
 * each account; who follows is told. 0 or -ENOMEM: all is as before.
 */
int ledger_compact(struct ledger *l, const bool *used, const uint32_t *owners,
		   uint32_t *map);

static inline size_t ledger_count(const struct ledger *l)
{
	return l->n;
}

static inline struct account *ledger_at(struct ledger *l, uint32_t id)
{
	return &l->accounts[id];
}

/* Says that the account will change soon. */
static inline void ledger_prefetch(const struct ledger *l, uint32_t id)
{
	const char *a = (const char *)&l->accounts[id];

	__builtin_prefetch(a, 1);
	__builtin_prefetch(a + 64, 1);
}

/* Books of row @row of the module map (zero if it never held anything). */
struct row_books ledger_row(const struct ledger *l, uint32_t row);

/* Most that all accounts of @id's site ever held at one moment, bytes. */
uint64_t ledger_place_peak(const struct ledger *l, uint32_t id);

/* The account turned out to be of another kind. 0 or -ENOMEM. */
int ledger_set_kind(struct ledger *l, uint32_t id, enum mem_kind kind);

/* From now on tells @series, which must outlive it, of every change. */
void ledger_follow(struct ledger *l, struct series *series);

/* For who follows: an account is about to change, its row has a new peak, changed. */
void ledger_tell_account(struct ledger *l, uint32_t id);
void ledger_tell_peak(struct ledger *l, const struct account *a);
void ledger_tell_row(struct ledger *l, const struct account *a);

/* An object came, at @ts: @requested 0 where the event does not say. */
static inline void ledger_add(struct ledger *l, uint32_t id, uint64_t bytes,
			      uint64_t requested, uint64_t ts)
{
	struct account *a = &l->accounts[id];
	struct place_books *place = &l->places[a->place];
	struct row_books *row;

	if (__builtin_expect(l->series != NULL, 0))
		ledger_tell_account(l, id);
	a->allocs++;
	a->allocated_bytes += bytes;
	a->live_bytes += bytes;
	a->live_objects++;
	a->live_requested += requested;
	place->live += bytes;
	if (place->live > place->peak)
		place->peak = place->live;
	row = &l->rows[a->own_row];
	row->live += bytes;
	if (row->live > row->peak || !row->ever) {
		row->peak = row->live;
		row->peak_ns = ts;
		row->ever = true;
		if (__builtin_expect(l->series != NULL, 0))
			ledger_tell_peak(l, a);
	}
	if (__builtin_expect(l->series != NULL, 0))
		ledger_tell_row(l, a);
}

/* Takes @bytes out of what is live: of account, place and row. */
static inline void ledger_take_out(struct ledger *l, uint32_t id, uint64_t bytes,
				   uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	if (__builtin_expect(l->series != NULL, 0))
		ledger_tell_account(l, id);
	a->live_bytes -= bytes;
	a->live_requested -= requested;
	a->live_objects -= whole;
	l->places[a->place].live -= bytes;
	l->rows[a->own_row].live -= bytes;
	if (__builtin_expect(l->series != NULL, 0))
		ledger_tell_row(l, a);
}

/* @bytes turn out not to have been taken; @whole: nor the object. */
void ledger_take_back(struct ledger *l, uint32_t id, uint64_t bytes,
		      uint64_t requested, bool whole);

/* @bytes of an object went; @whole: and nothing of the object is left. */
static inline void ledger_free_bytes(struct ledger *l, uint32_t id, uint64_t bytes,
				     uint64_t requested, bool whole)
{
	struct account *a = &l->accounts[id];

	ledger_take_out(l, id, bytes, requested, whole);
	a->freed_bytes += bytes;
	a->frees += whole;
}

/* The same, but nobody saw it being freed. */
void ledger_evict(struct ledger *l, uint32_t id, uint64_t bytes,
		  uint64_t requested, bool whole);

/* @bytes that were evicted whole were freed, as is told now. */
void ledger_evicted_was_free(struct ledger *l, uint32_t id, uint64_t bytes);

/* Moves a live object from one account to another, as if it had come there. */
void ledger_move(struct ledger *l, uint32_t from, uint32_t to, uint64_t bytes,
		uint64_t requested, uint64_t ts);

/* A live object turned out to have been asked for with @requested bytes. */
void ledger_set_requested(struct ledger *l, uint32_t id, uint64_t was,
			  uint64_t requested);

#endif
