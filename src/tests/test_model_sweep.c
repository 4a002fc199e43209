// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_sweep.c - objects whose frees were lost, and whose pages are others'
 * by now: compaction finds them. The slabs were there before the recording, so
 * no event tells what they are.
 */
#include "model_fixture.h"

#include "ledger.h"
#include "objects.h"

#define PFN 0x4000u
#define TAKE "__kmalloc < *do_kmalloc" SYSCALL
#define PAGES_STACK "__alloc_pages < alloc_pages < do_pages" SYSCALL
#define SLAB_STACK "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < do_cache" SYSCALL
#define OBJECT_STACK "kmem_cache_alloc < *do_cache" SYSCALL

#define LATE 1500000u	/* ns: no free is told so late */

/* Tells the books where memory is mapped, and nothing else. */
static void teach(struct model *m)
{
	model_large(m, 0x100, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < __kmalloc < do_kmalloc" SYSCALL,
		    TAKE);
	model_pages_free(m, 0x100, 2, NO_STACK);
}

static struct model *taught(const struct model_setup *setup)
{
	struct model *m = model_new(setup);

	teach(m);
	return m;
}
#define TAUGHT(...) taught(&(struct model_setup){ .no_replay = true, __VA_ARGS__ })

/* The @i'th object of 64 bytes behind the start of page @pfn. */
static uint64_t object(struct model *m, uint64_t pfn, unsigned int i)
{
	return model_linear(m, pfn) + 64ULL * i;
}

static void take(struct model *m, uint64_t pfn, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		model_kmalloc(m, object(m, pfn, i), 60, 64, TAKE);
}

static void sweep(struct model *m)
{
	m->now += LATE;
	model_compact(m);
}

#define assert_objects(m, n) do {					\
	assert_own(m, "kmtest", KIND_SLAB, 64 * (n));			\
	assert_int_equal(objects_count(books_slab((m)->books)), n);	\
} while (0)

static void pages_given_out_again(void **state)
{
	struct model *m = TAUGHT(0);

	(void)state;
	take(m, PFN, 3);
	take(m, PFN + 7, 3);
	take(m, PFN + 8, 3);
	model_pages(m, PFN, 3, PAGES_STACK);
	assert_objects(m, 9);
	sweep(m);
	assert_objects(m, 3);
	assert_own(m, "kmtest", KIND_PAGES, 8 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 6);
	assert_int_equal(model_totals(m, "kmtest").evicted, 6);
	assert_int_equal(model_totals(m, "kmtest").evicted_bytes, 6 * 64);
	assert_int_equal(model_totals(m, "kmtest").requested, 3 * 60);
	sweep(m);
	assert_objects(m, 3);
	/* new ones at the same places are nobody else's */
	take(m, PFN, 3);
	sweep(m);
	assert_objects(m, 6);
	assert_int_equal(books_stats(m->books)->evicted, 6);
	model_done(m);
}

/* Also pages of which the books do not know what for, and parts of blocks. */
static void only_in_pages_that_are_live(void **state)
{
	struct model *m = TAUGHT(0);

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		take(m, PFN + i, 1);
	model_pages(m, PFN + 3, 0, NO_STACK);
	sweep(m);
	assert_objects(m, 7);
	model_pages(m, PFN + 4, 2, NO_STACK);
	model_pages_free(m, PFN + 6, 1, NO_STACK);
	sweep(m);
	assert_objects(m, 5);
	model_done(m);
}

/* Freed, and not known before: it is not known since when. */
static void pages_that_are_not_live(void **state)
{
	struct model *m = TAUGHT(0);

	(void)state;
	take(m, PFN, 3);
	model_pages_free(m, PFN, 3, NO_STACK);
	take(m, PFN + 8, 3);
	model_pages(m, PFN + 8, 3, PAGES_STACK);
	model_pages_free(m, PFN + 8, 3, NO_STACK);
	sweep(m);
	assert_objects(m, 6);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_done(m);
}

/* As it is with all objects that are live: nothing is lost by a compaction. */
static void objects_that_came_after_their_pages(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	teach(m);
	model_pages(m, PFN, 3, SLAB_STACK);
	for (unsigned int i = 0; i < 100; i++)
		model_cache_alloc(m, object(m, PFN, i), 64, 64, OBJECT_STACK);
	/* a slab whose purpose was not understood */
	model_pages(m, PFN + 8, 0, PAGES_STACK);
	take(m, PFN + 8, 64);
	/* events of the same time may be in any order */
	take(m, PFN + 16, 1);
	m->now -= 1000;
	model_pages(m, PFN + 16, 0, PAGES_STACK);
	sweep(m);
	assert_objects(m, 165);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_done(m);
}

static void where_memory_is_mapped_must_be_known(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	take(m, PFN, 3);
	model_pages(m, PFN, 3, PAGES_STACK);
	sweep(m);
	assert_objects(m, 3);
	model_done(m);

	m = TAUGHT(.hashed = true);
	take(m, PFN, 3);
	model_pages(m, PFN, 3, PAGES_STACK);
	sweep(m);
	assert_objects(m, 3);
	model_done(m);

	/* learned later: what is stale by then goes, too */
	m = MODEL(.no_replay = true);
	take(m, PFN, 3);
	model_pages(m, PFN, 3, PAGES_STACK);
	teach(m);
	sweep(m);
	assert_objects(m, 0);
	model_done(m);
}

/* Before 5.15 the event of a free comes when the page may have a new use. */
static void a_free_that_is_told_late(void **state)
{
	struct model *m = TAUGHT(0);

	(void)state;
	take(m, PFN, 2);
	model_pages(m, PFN, 3, PAGES_STACK);
	m->now += 900000;
	model_compact(m);
	model_cache_free(m, object(m, PFN, 1), "kmtest_cache");
	assert_objects(m, 1);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	m->now += 200000;
	model_compact(m);
	assert_objects(m, 0);
	assert_int_equal(books_stats(m->books)->evicted, 1);
	model_done(m);
}

/* Clocks of CPUs may differ by 100 us: a slab's pages may seem to come later. */
static void clocks_that_differ(void **state)
{
	static const struct {
		uint64_t later;
		unsigned int left;
	} cases[] = { { 1000, 1 }, { 100000, 1 }, { 101000, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = TAUGHT(.local_clock = true);

		take(m, PFN, 1);
		m->cpu = 1;
		m->now += cases[i].later - 1000;
		model_pages(m, PFN, 0, PAGES_STACK);
		sweep(m);
		assert_objects(m, cases[i].left);
		model_done(m);
	}
}

/* The name of a large kmalloc is not memory; it is needed for its kfree(). */
static void large_ones_stay(void **state)
{
	struct model *m = TAUGHT(0);

	(void)state;
	model_large(m, PFN, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < __kmalloc < do_kmalloc" SYSCALL,
		    TAKE);
	/* one of its pages is seen given out, and was not seen freed */
	model_pages(m, PFN, 0, PAGES_STACK);
	sweep(m);
	assert_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	model_kfree(m, model_linear(m, PFN));
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	model_done(m);
}

/* Neighbours in the table move when one goes: exactly those that must do. */
static void many_at_once(void **state)
{
	struct model *m = TAUGHT(0);
	unsigned int i;

	(void)state;
	for (i = 0; i < 2000; i++)
		take(m, PFN + i, 5);
	for (i = 0; i < 2000; i += 2)
		model_pages(m, PFN + i, 0, PAGES_STACK);
	sweep(m);
	assert_objects(m, 5000);
	for (i = 0; i < 10000; i++)
		assert_true(!objects_find(books_slab(m->books), object(m, PFN + i / 5, i % 5)) ==
			    !(i / 5 % 2));
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_given_out_again),
		cmocka_unit_test(only_in_pages_that_are_live),
		cmocka_unit_test(pages_that_are_not_live),
		cmocka_unit_test(objects_that_came_after_their_pages),
		cmocka_unit_test(where_memory_is_mapped_must_be_known),
		cmocka_unit_test(a_free_that_is_told_late),
		cmocka_unit_test(clocks_that_differ),
		cmocka_unit_test(large_ones_stay),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
