// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_starts.h"

#include <errno.h>

#include "bigtable.h"
#include "probing.h"

#define BITS_FIRST 10u

static struct page_starts empty_table(struct probing *probing, unsigned int bits)
{
	return (struct page_starts){
		.words = bigtable_alloc((size_t)1 << bits, sizeof(struct page_starts_word)),
		.bits = bits, .factor = probing->factor, .probing = probing,
	};
}

int page_starts_init(struct page_starts *ps, struct probing *probing)
{
	*ps = empty_table(probing, BITS_FIRST);
	return ps->words ? 0 : -ENOMEM;
}

void page_starts_release(struct page_starts *ps)
{
	bigtable_free(ps->words, (size_t)1 << ps->bits, sizeof(*ps->words));
	ps->words = NULL;
}

static size_t home(const struct page_starts *ps, uint64_t at)
{
	return probing_home(at, ps->factor, ps->bits);
}

/* The slot of word @at, or the free one where it belongs. */
static struct page_starts_word *slot_of(const struct page_starts *ps, uint64_t at)
{
	size_t mask = ((size_t)1 << ps->bits) - 1, i = home(ps, at);

	for (; ps->words[i].bits && ps->words[i].at != at; ps->probing->credit--)
		i = (i + 1) & mask;
	return &ps->words[i];
}

/* All words into a table of 2^@bits slots. */
static int move_all(struct page_starts *ps, unsigned int bits)
{
	struct page_starts to = empty_table(ps->probing, bits);
	size_t i;

	if (!to.words)
		return -ENOMEM;
	for (i = 0; i < (size_t)1 << ps->bits; i++)
		if (ps->words[i].bits)
			*slot_of(&to, ps->words[i].at) = ps->words[i];
	to.n = ps->n;
	page_starts_release(ps);
	*ps = to;
	return 0;
}

int page_starts_rebuild(struct page_starts *ps)
{
	return move_all(ps, ps->bits);
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
			if (move_all(ps, ps->bits + 1))
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

	for (;; ps->probing->credit--) {
		at = (at + 1) & mask;
		if (!ps->words[at].bits)
			break;
		if (((at - home(ps, ps->words[at].at)) & mask) <
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
