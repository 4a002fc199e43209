// SPDX-License-Identifier: GPL-2.0-or-later
#include "objects.h"

#include <stdlib.h>
#include <string.h>

#include "bigtable.h"
#include "hash.h"

struct objects {
	struct object *slots;	/* addr 0: free */
	size_t n_slots;		/* 2^bits */
	unsigned int bits;
	size_t n;
};

static size_t home(const struct objects *os, uint64_t addr)
{
	return hash_slot(addr, os->bits);
}

struct objects *objects_new(void)
{
	struct objects *os = calloc(1, sizeof(*os));

	if (!os)
		return NULL;
	os->bits = 12;
	os->n_slots = 1u << os->bits;
	os->slots = calloc(os->n_slots, sizeof(*os->slots));
	if (!os->slots) {
		free(os);
		return NULL;
	}
	return os;
}

void objects_free(struct objects *os)
{
	if (!os)
		return;
	free(os->slots);
	free(os);
}

void objects_prefetch(const struct objects *os, uint64_t addr)
{
	__builtin_prefetch(&os->slots[home(os, addr)], 1);
}

struct object *objects_find(struct objects *os, uint64_t addr)
{
	size_t at = home(os, addr);

	for (; os->slots[at].addr; at = (at + 1) & (os->n_slots - 1))
		if (os->slots[at].addr == addr)
			return &os->slots[at];
	return NULL;
}

static int grow(struct objects *os)
{
	struct objects bigger = {
		.n_slots = os->n_slots * 2, .bits = os->bits + 1, .n = os->n,
	};
	size_t i, at;

	bigger.slots = bigtable_calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -1;
	for (i = 0; i < os->n_slots; i++) {
		if (!os->slots[i].addr)
			continue;
		at = home(&bigger, os->slots[i].addr);
		while (bigger.slots[at].addr)
			at = (at + 1) & (bigger.n_slots - 1);
		bigger.slots[at] = os->slots[i];
	}
	free(os->slots);
	*os = bigger;
	return 0;
}

struct object *objects_add(struct objects *os, uint64_t addr)
{
	size_t at;

	if (os->n >= os->n_slots / 4 * 3 && grow(os))
		return NULL;
	at = home(os, addr);
	while (os->slots[at].addr)
		at = (at + 1) & (os->n_slots - 1);
	memset(&os->slots[at], 0, sizeof(os->slots[at]));
	os->slots[at].addr = addr;
	os->n++;
	return &os->slots[at];
}

void objects_remove(struct objects *os, struct object *o)
{
	size_t mask = os->n_slots - 1;
	size_t hole = (size_t)(o - os->slots);
	size_t at = hole;

	for (;;) {
		at = (at + 1) & mask;
		if (!os->slots[at].addr)
			break;
		/* may it move to the hole without passing its home? */
		if (((at - home(os, os->slots[at].addr)) & mask) <
		    ((at - hole) & mask))
			continue;
		os->slots[hole] = os->slots[at];
		hole = at;
	}
	os->slots[hole].addr = 0;
	os->n--;
}

size_t objects_count(const struct objects *os)
{
	return os->n;
}

const struct object *objects_next(const struct objects *os, size_t *at)
{
	while (*at < os->n_slots) {
		const struct object *o = &os->slots[(*at)++];

		if (o->addr)
			return o;
	}
	return NULL;
}
