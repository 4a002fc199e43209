// SPDX-License-Identifier: GPL-2.0-or-later
#include "hash_index.h"

#include <errno.h>
#include <stdlib.h>

#define SLOTS_FIRST 64u

static void put(struct hash_index *hi, uint32_t hash, uint32_t number)
{
	size_t at = hash & (hi->n_slots - 1);

	while (hi->slots[at].number)
		at = (at + 1) & (hi->n_slots - 1);
	hi->slots[at] = (struct hash_index_slot){ hash, number };
}

static int grow(struct hash_index *hi)
{
	struct hash_index bigger = {
		.n_slots = hi->n_slots ? 2 * hi->n_slots : SLOTS_FIRST, .n = hi->n,
	};

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < hi->n_slots; i++)
		if (hi->slots[i].number)
			put(&bigger, hi->slots[i].hash, hi->slots[i].number);
	free(hi->slots);
	*hi = bigger;
	return 0;
}

int hash_index_add(struct hash_index *hi, uint64_t hash, uint32_t number)
{
	if (2 * hi->n >= hi->n_slots && grow(hi))
		return -ENOMEM;
	put(hi, (uint32_t)hash, number + 1);
	hi->n++;
	return 0;
}

void hash_index_release(struct hash_index *hi)
{
	free(hi->slots);
	*hi = (struct hash_index){ NULL };
}
