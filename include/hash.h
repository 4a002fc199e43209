/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.h - mixing functions for the open-addressing tables of the hot path
 *
 * What tables that grow are keyed with is in the hands of who made a recording.
 * Were it known where a key belongs, keys could be chosen that all belong in one
 * place, and a replay of seconds would take days: so it depends on numbers that
 * are drawn anew in each run. What a report says never does: nothing may depend
 * on the order of such a table, and caches, which forget, use hash64() alone. (The
 * tables of addresses have a way of their own, probing.h.)
 */
#ifndef MODMEM_HASH_H
#define MODMEM_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_GOLDEN UINT64_C(0x9e3779b97f4a7c15)	/* 2^64 by the golden ratio */

/* The same in each run until hash_randomize() is called. */
struct hash_secret {
	uint64_t add, mul;
};
extern struct hash_secret hash_secret;

/*
 * Draws the secret, before the first table is made. Where the kernel has no
 * random numbers yet (early in boot) it stays as it was.
 */
void hash_randomize(void);

/* Spreads @x over all 64 bits (the finalizer of MurmurHash3); always the same. */
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
 * Both halves of the product: of the lower one alone, the highest bit of a factor
 * touches the highest bit only, and a further word could take that back.
 */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
	uint64_t high = (a >> 32) * (b >> 32);
	uint64_t cross = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
	uint64_t other = (a & UINT32_MAX) * (b >> 32) + (cross & UINT32_MAX);

	return ((other << 32) | (low & UINT32_MAX)) ^ (high + (cross >> 32) + (other >> 32));
#endif
}

/* One more word of a key of several; hash64() of the last one is the hash. */
static inline uint64_t hash_add(uint64_t hash, uint64_t x)
{
	return hash_fold(hash ^ hash_secret.add, x ^ hash_secret.mul);
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
