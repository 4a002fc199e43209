/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * objects.h - live objects by address: the table of slab and per-CPU memory
 *
 * Open addressing with linear probing; removal moves entries back instead of
 * leaving tombstones, so that the table depends on what is live only.
 */
#ifndef MODMEM_OBJECTS_H
#define MODMEM_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

#include "slots.h"

#define OBJECT_LARGE	0x1u	/* pages hold its bytes: here it is a name only */
#define OBJECT_SUSPECT	0x2u	/* a free just before it may be its own */
#define OBJECT_ARRAY	0x4u	/* page array or struct of a vmalloc area (books_areas()) */
#define OBJECT_AT_MOST	0x8u	/* an area: its bytes may be less */

/* Packed: two of them are a cache line, and the table has millions. */
struct object {
	uint64_t addr;		/* never 0 */
	uint64_t ts;		/* ns, of its allocation */
	uint64_t bytes : 40;	/* OBJECT_LARGE: number of its page allocation */
	uint64_t flags : 24;
	uint64_t requested : 40;
	uint64_t account : 24;	/* who holds it */
};

#define OBJECT_SIZE_BITS 5	/* sizeof(struct object) is 2^5 */
#define OBJECT_BYTES_MAX ((1ULL << 40) - 1)	/* 1 TiB: no allocation is larger */
#define OBJECT_ACCOUNTS_MAX (1u << 24)

/* Open to view for the functions below: nothing else is done as often. */
struct objects {
	struct object *slots;	/* addr 0: free */
	size_t n_slots;		/* 2^where.bits */
	size_t n;
	struct slots where;	/* the slots, for who asks ahead, and their bits */
	struct probing *probing;
};

/* Searches are paid for by @probing, the caller's. NULL: no memory. */
struct objects *objects_new(struct probing *probing);
void objects_free(struct objects *os);

/* The factor of probing.h is another one: all get their places anew. 0, -1: no memory. */
int objects_rebuild(struct objects *os);

/* Makes room for one more. 0, or -1: no memory. */
int objects_grow(struct objects *os);

/* Where @addr belongs, should nothing else be there. */
static inline size_t objects_home(const struct objects *os, uint64_t addr)
{
	return probing_home(addr, os->where.factor, os->where.bits);
}

/* Says that @addr will be looked for soon: a large table is not in the cache. */
static inline void objects_prefetch(const struct objects *os, uint64_t addr)
{
	__builtin_prefetch(&os->slots[objects_home(os, addr)], 1);
}

/* The object at @addr, NULL: none. Valid until the next change. */
static inline struct object *objects_find(struct objects *os, uint64_t addr)
{
	size_t at = objects_home(os, addr);

	for (; os->slots[at].addr; at = (at + 1) & (os->n_slots - 1)) {
		if (os->slots[at].addr == addr)
			return &os->slots[at];
		os->probing->credit--;
	}
	return NULL;
}

/*
 * Adds an object whose address must not be in the table. Returns it, zeroed
 * but for its address, or NULL: no memory.
 */
static inline struct object *objects_add(struct objects *os, uint64_t addr)
{
	size_t at;

	if (os->n >= os->n_slots / 2 && objects_grow(os))
		return NULL;
	at = objects_home(os, addr);
	for (; os->slots[at].addr; os->probing->credit--)
		at = (at + 1) & (os->n_slots - 1);
	os->slots[at] = (struct object){ .addr = addr };
	os->n++;
	return &os->slots[at];
}

/* Takes out what objects_find() returned. */
void objects_remove(struct objects *os, struct object *o);

/* Where to ask ahead, by address; changes with the table. */
static inline const struct slots *objects_slots(const struct objects *os)
{
	return &os->where;
}

/* How many there are. */
static inline size_t objects_count(const struct objects *os)
{
	return os->n;
}

/*
 * Walks over all: start with *at = 0; NULL at the end. The one returned may be
 * removed: then take 1 from *at, since another one may be in its place. One
 * that was seen may be seen again after that.
 */
const struct object *objects_next(const struct objects *os, size_t *at);

#endif
