// SPDX-License-Identifier: GPL-2.0-or-later
#include "objects.h"

#include <stdlib.h>

#include "bigtable.h"

_Static_assert(sizeof(struct object) == 1u << OBJECT_SIZE_BITS, "two are a cache line");

static void set_slots(struct objects *os)
{
	os->where = (struct slots){ (const char *)os->slots, (uint8_t)os->bits,
				    OBJECT_SIZE_BITS };
}

struct objects *objects_new(void)
{
	struct objects *os = calloc(1, sizeof(*os));

	if (!os)
		return NULL;
	os->bits = 12;
	os->n_slots = 1u << os->bits;
	os->slots = bigtable_alloc(os->n_slots, sizeof(*os->slots));
	if (!os->slots) {
		free(os);
		return NULL;
	}
	set_slots(os);
	return os;
}

void objects_free(struct objects *os)
{
	if (!os)
		return;
	bigtable_free(os->slots, os->n_slots, sizeof(*os->slots));
	free(os);
}

int objects_grow(struct objects *os)
{
	struct objects bigger = {
		.n_slots = os->n_slots * 2, .bits = os->bits + 1, .n = os->n,
	};
	size_t i, at;

	bigger.slots = bigtable_alloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -1;
	for (i = 0; i < os->n_slots; i++) {
		if (!os->slots[i].addr)
			continue;
		at = objects_home(&bigger, os->slots[i].addr);
		while (bigger.slots[at].addr)
			at = (at + 1) & (bigger.n_slots - 1);
		bigger.slots[at] = os->slots[i];
	}
	bigtable_free(os->slots, os->n_slots, sizeof(*os->slots));
	*os = bigger;
	set_slots(os);
	return 0;
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
		if (((at - objects_home(os, os->slots[at].addr)) & mask) <
		    ((at - hole) & mask))
			continue;
		os->slots[hole] = os->slots[at];
		hole = at;
	}
	os->slots[hole].addr = 0;
	os->n--;
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
