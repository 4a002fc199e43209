/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.h - mixing functions for the open-addressing tables of the hot path
 *
 * Not for security: a recording made to collide only makes a replay slow.
 */
#ifndef MODMEM_HASH_H
#define MODMEM_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Spreads @x over all 64 bits (the finalizer of MurmurHash3). */
static inline uint64_t hash64(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	x ^= x >> 33;
	return x;
}

/*
 * A slot of a table with 2^@bits of them for a key whose low bits carry little,
 * as of addresses (Knuth's multiplicative hashing, by the golden ratio).
 */
static inline uint64_t hash_slot(uint64_t key, unsigned int bits)
{
	return (key * 0x9e3779b97f4a7c15ULL) >> (64 - bits);
}

static inline uint64_t hash_add(uint64_t hash, uint64_t x)
{
	return (((hash << 5) | (hash >> 59)) ^ x) * 0x517cc1b727220a95ULL;
}

static inline uint64_t hash_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t hash = len, word;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, 8);
		hash = hash_add(hash, word);
	}
	word = 0;
	memcpy(&word, p, len);
	return hash64(hash_add(hash, word));
}

#endif
