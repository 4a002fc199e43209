// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_frames.h"

#include "fields.h"
#include "error.h"
#include "formats.h"
#include "source.h"

/*
 * sizeof(struct page) in words of the machine: seven at least (include/linux/mm_types.h
 * of 3.13: flags, mapping, index, counts, lru, private; 56 or, aligned for
 * cmpxchg_double(), 64 bytes, and 32 on 32-bit machines), more with memory cgroups and
 * debugging.
 */
#define WORDS_MIN	7u
#define WORDS_MAX	16u
#define WORDS_USUAL	8u

/* Differences that are enough to tell a size from the double of it, by chance 2^-16. */
#define ENOUGH		16u
/* One in so many may not fit: a damaged record. */
#define MISFIT_SHARE	50u

#define ORDERS		32u
/*
 * Where there are several arrays, pointers so near are of one: of a section, the smallest
 * of which has 2^13 pages (SECTION_SIZE_BITS, asm/sparsemem.h).
 */
#define NEAR		(UINT64_C(1) << 18)

/* Above all that a machine has: pages of the array before the largest block. */
#define FRAMES_BELOW_64	(UINT64_C(1) << 36)
#define FRAMES_BELOW_32	(UINT64_C(1) << 24)

#define FRAME_BITS	44u		/* 56 bits of addresses */

struct learning {
	uint64_t limit;			/* bytes: what is further apart is not compared */
	uint64_t n;			/* differences */
	uint64_t misfits[WORDS_MAX + 1];	/* by size in words */
	uint64_t last, last_of[ORDERS];	/* pointers, 0: none yet */
	uint64_t top;			/* of a block of the highest order, */
	unsigned int top_order;		/* ... which is this */
};

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void look_at(struct learning *l, uint64_t page, unsigned int order, unsigned int word)
{
	uint64_t any = l->last ? apart(page, l->last) : 0;
	uint64_t same = l->last_of[order] ? apart(page, l->last_of[order]) : 0;
	unsigned int w;

	if (same > l->limit)
		same = 0;
	if (any && any <= l->limit) {
		l->n++;
		for (w = WORDS_MIN; w <= WORDS_MAX; w++)
			l->misfits[w] += any % (w * word) || same % ((uint64_t)w * word << order);
	}
	if (!l->top || order > l->top_order) {
		l->top = page;
		l->top_order = order;
	}
	l->last = l->last_of[order] = page;
}

/* Of sizes that fit the largest, which a multiple of the true one does not. */
static unsigned int find_words(const struct learning *l, bool *assumed)
{
	unsigned int w, found = 0, fits = 0, smallest = 0;

	for (w = WORDS_MIN; w <= WORDS_MAX; w++) {
		if (l->misfits[w] * MISFIT_SHARE > l->n)
			continue;
		fits++;
		found = w;
		if (!smallest)
			smallest = w;
	}
	*assumed = fits > 1 && l->n < ENOUGH;
	if (*assumed)
		return l->misfits[WORDS_USUAL] ? smallest : WORDS_USUAL;
	return found;
}

static void read_stream(struct learning *l, const struct formats *f,
			const struct fields *fields, struct source *src, size_t i)
{
	struct source_record rec;
	struct error err;
	int got;

	while ((got = source_next(src, i, &rec, &err))) {
		const struct event_format *ef;
		uint64_t page, order;

		if (got < 0 || rec.len < f->common_len)
			continue;
		ef = &f->by_id[field_load(fields, rec.data + f->type.offset, 2)];
		if (!ef->page_pointer || ef->kind != RECORD_EVENT || rec.len < ef->min_len)
			continue;
		page = field_get(fields, rec.data, ef->ptr);
		order = field_get(fields, rec.data, ef->order);
		if (page && order < ORDERS)
			look_at(l, page, (unsigned int)order, fields->long_size);
	}
}

void page_frames_learn(struct formats *f, const struct fields *fields, struct source *src)
{
	struct page_frames *pf = &f->frames;
	struct learning l = { .limit = pf->scattered ? NEAR : UINT64_MAX };
	unsigned int word = fields->long_size;
	size_t i;

	if (!f->page_pointers)
		return;
	if (source_is_live(src)) {
		formats_no_pages(f, "has no field 'pfn' (before Linux 4.1)");
		return;
	}
	source_rewind(src);
	for (i = 0; i < source_streams(src); i++)
		read_stream(&l, f, fields, src, i);
	source_rewind(src);
	pf->size = find_words(&l, &pf->assumed) * word;
	if (!pf->size) {
		formats_no_pages(f, "has pointers to struct page (before Linux 4.1), from which its size cannot be told");
		return;
	}
	/* so that blocks are aligned to their size, whatever the array begins with */
	if (!pf->base || apart(l.top, pf->base) % ((uint64_t)pf->size << l.top_order))
		pf->base = l.top - pf->size * (word == 8 ? FRAMES_BELOW_64 : FRAMES_BELOW_32);
	pf->failed = word == 8 ? UINT64_MAX : UINT32_MAX;
}

bool page_frames_pfn(const struct page_frames *pf, uint64_t *ptr)
{
	uint64_t at = *ptr - pf->base;

	if (!*ptr) {
		*ptr = pf->failed;
		return true;
	}
	/* arrays need not be a multiple of it apart: one page is no other all the same */
	if ((at % pf->size && !pf->scattered) || at / pf->size >> FRAME_BITS)
		return false;
	*ptr = at / pf->size;
	return true;
}
