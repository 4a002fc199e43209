/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_starts.h - at which pages blocks start: a bit for each, in words of 64 pages
 *
 * What lies inside of a large block is found by looking at a few words, where
 * there may be hundreds of places at which a small one could be.
 */
#ifndef MODMEM_PAGE_STARTS_H
#define MODMEM_PAGE_STARTS_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_STARTS_ORDER 6u	/* a word is of 2^6 pages */

struct probing;

struct page_starts_word {
	uint64_t at;		/* page frame number / 64 */
	uint64_t bits;		/* 0: a free slot */
};

/* Open addressing by the number of the word; only words with a bit are kept. */
struct page_starts {
	struct page_starts_word *words;
	unsigned int bits;	/* 2^bits slots */
	uint64_t factor;	/* probing.h */
	size_t n;
	struct probing *probing;
};

/* 0 or -ENOMEM. Searches are paid for by @probing. */
int page_starts_init(struct page_starts *ps, struct probing *probing);
void page_starts_release(struct page_starts *ps);

/* The factor of probing.h is another one. 0 or -ENOMEM. */
int page_starts_rebuild(struct page_starts *ps);

/* A block starts at @pfn. 0 or -ENOMEM. */
int page_starts_add(struct page_starts *ps, uint64_t pfn);

/* None does any more; one did. */
void page_starts_remove(struct page_starts *ps, uint64_t pfn);

/* Of the 64 pages around @pfn, the lowest bit for the first. */
uint64_t page_starts_around(const struct page_starts *ps, uint64_t pfn);

#endif
