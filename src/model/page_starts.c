// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_starts.h"

#include <errno.h>

#include "bigtable.h"
#include "hash.h"

#define BITS_FIRST 10u

int page_starts_init(struct page_starts *ps)
{
	ps->bits = BITS_FIRST;
	ps->n = 0;
	ps->words = bigtable_alloc((size_t)1 << BITS_FIRST, sizeof(*ps->words));
	return ps->words ? 0 : -ENOMEM;
}

void page_starts_release(struct page_starts *ps)
{
	bigtable_free(ps->words, (size_t)1 << ps->bits, sizeof(*ps->words));
	ps->words = NULL;
}

/* The slot of word @at, or the free one where it belongs. */
static struct page_starts_word *slot_of(const struct page_starts *ps, uint64_t at)
{
	size_t mask = ((size_t)1 << ps->bits) - 1, i = hash_slot(at, ps->bits);

	while (ps->words[i].bits && ps->words[i].at != at)
		i = (i + 1) & mask;
	return &ps->words[i];
}

static int grow(struct page_starts *ps)
{
	size_t n = (size_t)1 << ps->bits, i;
	struct page_starts bigger = { .bits = ps->bits + 1, .n = ps->n };

	bigger.words = bigtable_alloc(2 * n, sizeof(*bigger.words));
	if (!bigger.words)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		if (ps->words[i].bits)
			*slot_of(&bigger, ps->words[i].at) = ps->words[i];
	page_starts_release(ps);
	*ps = bigger;
	return 0;
}

static uint64_t bit_of(uint64_t pfn)
{
	return UINT64_C(1) << (pfn & ((1u << PAGE_STARTS_ORDER) - 1));
}

int page_starts_add(struct page_starts *ps, uint64_t pfn)
{
	struct page_starts_word *w = slot_of(ps, pfn >> PAGE_STARTS_ORDER);

	if (!w->bits) {
		if (ps->n >= (size_t)1 << ps->bits >> 1) {
			if (grow(ps))
				return -ENOMEM;
			w = slot_of(ps, pfn >> PAGE_STARTS_ORDER);
		}
		w->at = pfn >> PAGE_STARTS_ORDER;
		ps->n++;
	}
	w->bits |= bit_of(pfn);
	return 0;
}

/* Moves back what was put behind a slot that is free now. */
static void close_hole(struct page_starts *ps, size_t hole)
{
	size_t mask = ((size_t)1 << ps->bits) - 1, at = hole;

	for (;;) {
		at = (at + 1) & mask;
		if (!ps->words[at].bits)
			break;
		if (((at - hash_slot(ps->words[at].at, ps->bits)) & mask) <
		    ((at - hole) & mask))
			continue;
		ps->words[hole] = ps->words[at];
		hole = at;
	}
	ps->words[hole].bits = 0;
}

void page_starts_remove(struct page_starts *ps, uint64_t pfn)
{
	struct page_starts_word *w = slot_of(ps, pfn >> PAGE_STARTS_ORDER);

	w->bits &= ~bit_of(pfn);
	if (w->bits)
		return;
	ps->n--;
	close_hole(ps, (size_t)(w - ps->words));
}

uint64_t page_starts_around(const struct page_starts *ps, uint64_t pfn)
{
	return slot_of(ps, pfn >> PAGE_STARTS_ORDER)->bits;
}
