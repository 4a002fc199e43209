// SPDX-License-Identifier: GPL-2.0-or-later
#include "objects.h"

#include <stdlib.h>

#include "bigtable.h"

_Static_assert(sizeof(struct object) == 1u << OBJECT_SIZE_BITS, "two are a cache line");

static struct objects empty_table(struct probing *probing, unsigned int bits)
{
	struct objects os = { .n_slots = (size_t)1 << bits, .probing = probing };

	os.slots = bigtable_alloc(os.n_slots, sizeof(*os.slots));
	os.where = (struct slots){
		.base = (const char *)os.slots, .factor = probing->factor,
		.bits = (uint8_t)bits, .size_bits = OBJECT_SIZE_BITS,
	};
	return os;
}

struct objects *objects_new(struct probing *probing)
{
	struct objects *os = calloc(1, sizeof(*os));

	if (!os)
		return NULL;
	*os = empty_table(probing, 12);
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
	bigtable_free(os->slots, os->n_slots, sizeof(*os->slots));
	free(os);
}

/* All into a table of 2^@bits slots. */
static int move_all(struct objects *os, unsigned int bits)
{
	struct objects to = empty_table(os->probing, bits);
	size_t i, at;

	if (!to.slots)
		return -1;
	for (i = 0; i < os->n_slots; i++) {
		if (!os->slots[i].addr)
			continue;
		at = objects_home(&to, os->slots[i].addr);
		for (; to.slots[at].addr; to.probing->credit--)
			at = (at + 1) & (to.n_slots - 1);
		to.slots[at] = os->slots[i];
	}
	bigtable_free(os->slots, os->n_slots, sizeof(*os->slots));
	to.n = os->n;
	*os = to;
	return 0;
}

int objects_rebuild(struct objects *os)
{
	return move_all(os, os->where.bits);
}

int objects_grow(struct objects *os)
{
	return move_all(os, os->where.bits + 1u);
}

void objects_remove(struct objects *os, struct object *o)
{
	size_t mask = os->n_slots - 1;
	size_t hole = (size_t)(o - os->slots);
	size_t at = hole;

	for (;; os->probing->credit--) {
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
