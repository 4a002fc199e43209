// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_check.c - do the books balance?
 *
 * Counts all live memory again from the tables of objects and pages, which
 * the accounts' running sums must equal to the byte.
 */
#include "books.h"

#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "pages.h"

struct sums {
	uint64_t bytes, objects, requested;
};

static void sum_objects(const struct objects *os, struct sums *sums)
{
	const struct object *o;
	size_t at = 0;

	while ((o = objects_next(os, &at))) {
		if (o->flags & OBJECT_LARGE)
			continue;
		sums[o->account].bytes += o->bytes;
		sums[o->account].requested += o->requested;
		sums[o->account].objects++;
	}
}

static int check_account(const struct account *a, uint32_t id,
			 const struct sums *sum, struct error *err)
{
	if (a->live_bytes != a->allocated_bytes - a->freed_bytes - a->evicted_bytes ||
	    a->freed_bytes + a->evicted_bytes > a->allocated_bytes)
		return error_set(err, -EINVAL,
				 "books do not balance: account %u has %llu bytes live, %llu allocated, %llu freed, %llu evicted",
				 id, (unsigned long long)a->live_bytes,
				 (unsigned long long)a->allocated_bytes,
				 (unsigned long long)a->freed_bytes,
				 (unsigned long long)a->evicted_bytes);
	if (a->live_objects != a->allocs - a->frees - a->evicted ||
	    a->frees + a->evicted > a->allocs)
		return error_set(err, -EINVAL,
				 "books do not balance: account %u has %llu objects live, %llu allocated, %llu freed, %llu evicted",
				 id, (unsigned long long)a->live_objects,
				 (unsigned long long)a->allocs,
				 (unsigned long long)a->frees,
				 (unsigned long long)a->evicted);
	if (a->live_bytes != sum->bytes || a->live_objects != sum->objects ||
	    a->live_requested != sum->requested)
		return error_set(err, -EINVAL,
				 "books do not balance: account %u has %llu bytes in %llu objects (%llu requested), its objects have %llu in %llu (%llu)",
				 id, (unsigned long long)a->live_bytes,
				 (unsigned long long)a->live_objects,
				 (unsigned long long)a->live_requested,
				 (unsigned long long)sum->bytes,
				 (unsigned long long)sum->objects,
				 (unsigned long long)sum->requested);
	return 0;
}

static int check_rows(struct ledger *l, size_t n_rows, struct error *err)
{
	uint64_t *live = calloc(n_rows, sizeof(*live));
	struct row_books rb;
	int ret = 0;
	uint32_t i;

	if (!live)
		return error_set(err, -ENOMEM, "out of memory");
	for (i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		if (a->what.charge == CHARGE_OWN)
			live[a->what.row] += a->live_bytes;
	}
	for (i = 0; i < n_rows && !ret; i++) {
		rb = ledger_row(l, i);
		if (rb.live != live[i] || rb.peak < rb.live)
			ret = error_set(err, -EINVAL,
					"books do not balance: module row %u has %llu bytes live (peak %llu), its accounts have %llu",
					i, (unsigned long long)rb.live,
					(unsigned long long)rb.peak,
					(unsigned long long)live[i]);
	}
	free(live);
	return ret;
}

int books_check(struct books *b, struct error *err)
{
	struct ledger *l = books_ledger(b);
	size_t n = ledger_count(l), at = 0;
	const struct page_alloc *pa;
	struct sums *sums;
	int ret = 0;
	uint32_t i;

	sums = books_area_settle(b) ? NULL : calloc(n, sizeof(*sums));
	if (!sums)
		return error_set(err, -ENOMEM, "out of memory");
	sum_objects(books_slab(b), sums);
	sum_objects(books_percpu(b), sums);
	sum_objects(books_areas(b), sums);
	sum_objects(books_blocks(b), sums);
	while ((pa = pages_next(books_pages(b), &at))) {
		sums[pa->account].bytes += pa->live_pages * books_page_size(b);
		sums[pa->account].requested += pa->requested;
		sums[pa->account].objects++;
	}
	for (i = 0; i < n && !ret; i++)
		ret = check_account(ledger_at(l, i), i, &sums[i], err);
	free(sums);
	return ret ? ret : check_rows(l, modmap_rows(books_modmap(b)), err);
}
