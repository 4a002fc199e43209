/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash_index.h - entries of an array by a hash of their key
 *
 * The array is the caller's, and so is the comparison: what has the same hash
 * is offered, one after the other. Starts as all zeros.
 */
#ifndef MODMEM_HASH_INDEX_H
#define MODMEM_HASH_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define HASH_INDEX_END UINT32_MAX

struct hash_index_slot {
	uint32_t hash;
	uint32_t number;	/* of the entry, + 1; 0: free */
};

struct hash_index {
	struct hash_index_slot *slots;	/* open addressing */
	size_t n_slots;			/* a power of two, or 0 */
	size_t n;
};

/* Entry @number has @hash and was not added before. 0 or -ENOMEM. */
int hash_index_add(struct hash_index *hi, uint64_t hash, uint32_t number);

void hash_index_release(struct hash_index *hi);

/* The next entry with @hash: *@at is 0 at first. HASH_INDEX_END: no more. */
static inline uint32_t hash_index_next(const struct hash_index *hi, uint64_t hash, size_t *at)
{
	const struct hash_index_slot *slot;

	while (hi->n_slots) {
		slot = &hi->slots[((uint32_t)hash + (*at)++) & (hi->n_slots - 1)];
		if (!slot->number)
			break;
		if (slot->hash == (uint32_t)hash)
			return slot->number - 1;
	}
	return HASH_INDEX_END;
}

#endif
