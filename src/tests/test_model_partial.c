// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_partial.c - blocks of pages that are freed in parts (TRAPS C)
 */
#include "model_fixture.h"

#define PFN 0x1000u

#define PAGES "__alloc_pages < alloc_pages < do_pages" SYSCALL

/* alloc_pages_exact() of three pages: order 2, and the fourth goes back. */
static void c_tail_of_an_exact_block(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 2, "__alloc_pages < get_free_pages_noprof < alloc_pages_exact < do_exact" SYSCALL);
	model_pages_free(m, PFN + 3, 0, "__free_pages < make_alloc_exact < alloc_pages_exact < do_exact" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	assert_int_equal(model_totals(m, "kmtest").objects, 1);
	assert_int_equal(model_totals(m, "kmtest").frees, 0);
	assert_string_equal(model_site(m, "kmtest", "do_exact", NULL)->via,
			    "alloc_pages_exact");
	/* free_pages_exact() frees page by page */
	model_pages_free(m, PFN, 0, NO_STACK);
	model_pages_free(m, PFN + 1, 0, NO_STACK);
	assert_int_equal(model_totals(m, "kmtest").objects, 1);
	model_pages_free(m, PFN + 2, 0, NO_STACK);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").frees, 1);
	assert_int_equal(books_stats(m->books)->unmatched_pages, 0);
	model_done(m);
}

/* split_page(): parts of any order come back, in any sequence. */
static void c_split_block(void **state)
{
	static const struct {
		uint64_t at;
		unsigned int order;
	} parts[] = {
		{ 5, 0 }, { 8, 3 }, { 0, 1 }, { 4, 0 }, { 2, 1 }, { 6, 1 },
	};
	struct model *m = MODEL(0);
	uint64_t live = 16;
	size_t i;

	(void)state;
	model_pages(m, PFN, 4, PAGES);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		model_pages_free(m, PFN + parts[i].at, parts[i].order, NO_STACK);
		live -= 1u << parts[i].order;
		assert_only_own(m, "kmtest", KIND_PAGES, live * PAGE);
	}
	assert_int_equal(live, 0);
	assert_int_equal(model_totals(m, "kmtest").frees, 1);
	model_done(m);
}

/* A huge vmalloc: blocks of order 9, freed page by page. */
static void c_huge_vmalloc_freed_page_by_page(void **state)
{
	struct model *m = MODEL(0);
	unsigned int i;

	(void)state;
	model_pages(m, PFN, 9, "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL);
	model_pages(m, PFN + 512, 9, "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_VMALLOC, 1024 * PAGE);
	for (i = 0; i < 1024; i++) {
		/* backwards in the first block */
		uint64_t at = i < 512 ? 511 - i : i;

		model_pages_free(m, PFN + at, 0, "__free_pages < __vunmap < vfree < do_vmalloc" SYSCALL);
		assert_own(m, "kmtest", KIND_VMALLOC, (1023 - i) * PAGE);
	}
	assert_int_equal(model_totals(m, "kmtest").frees, 2);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 0);
	model_pages_free(m, PFN, 0, "__free_pages < __vunmap < vfree < do_vmalloc" SYSCALL);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 1);
	model_done(m);
}

/* One free over several allocations, and over what is not known. */
static void c_free_spans_allocations(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	model_pages(m, PFN + 1, 0, "__alloc_pages < alloc_pages < lib_make" SYSCALL);
	model_pages(m, PFN + 2, 1, PAGES);
	model_pages_free(m, PFN, 3, NO_STACK);
	assert_nothing(m, "kmtest");
	assert_nothing(m, "libkm");
	assert_int_equal(model_totals(m, "kmtest").frees, 2);
	assert_int_equal(model_totals(m, "libkm").frees, 1);
	model_done(m);
}

/* Ranges that no buddy allocator gives out are counted page for page. */
static void c_misaligned_ranges(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN + 1, 3, PAGES);		/* 1..8 */
	assert_only_own(m, "kmtest", KIND_PAGES, 8 * PAGE);
	model_pages_free(m, PFN + 3, 1, NO_STACK);	/* 3, 4 */
	assert_only_own(m, "kmtest", KIND_PAGES, 6 * PAGE);
	model_pages_free(m, PFN + 5, 3, NO_STACK);	/* 5..8, and 9..12 */
	assert_only_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	model_pages(m, PFN + 2, 2, "__alloc_pages < alloc_pages < lib_make" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_only_own(m, "libkm", KIND_PAGES, 4 * PAGE);
	model_pages_free(m, PFN, 4, NO_STACK);
	assert_nothing(m, "kmtest");
	assert_nothing(m, "libkm");
	model_done(m);
}

/* What is left of a block that is given out again. */
static void c_overlapping_allocations(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 2, PAGES);
	model_pages_free(m, PFN, 0, NO_STACK);
	model_pages(m, PFN + 1, 0, "__alloc_pages < alloc_pages < lib_make" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	assert_int_equal(model_totals(m, "kmtest").evicted_bytes, PAGE);
	assert_int_equal(model_totals(m, "kmtest").evicted, 0);
	model_pages(m, PFN + 2, 1, "__alloc_pages < alloc_pages < lib_make" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").evicted_bytes, 3 * PAGE);
	assert_int_equal(model_totals(m, "kmtest").evicted, 1);
	assert_int_equal(model_totals(m, "kmtest").frees, 0);
	model_done(m);
}

/* Part of a large kmalloc goes (krealloc never does so, but who knows). */
static void c_large_kmalloc_in_parts(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, PFN, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL,
		    "__kmalloc_large_node < *do_large" SYSCALL);
	model_pages_free(m, PFN + 2, 1, NO_STACK);
	assert_only_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	model_kfree(m, model_linear(m, PFN));
	assert_only_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	model_pages_free(m, PFN, 1, NO_STACK);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").requested, 0);
	model_done(m);
}

/* The largest block there can be, and the ends of the address range. */
static void c_extreme_ranges(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, 0, 0, PAGES);
	model_pages(m, 1u << 16, 16, PAGES);
	model_pages(m, (1ULL << 52) - 1, 0, PAGES);
	assert_only_own(m, "kmtest", KIND_PAGES, (65536 + 2) * (uint64_t)PAGE);
	model_pages_free(m, 0, 16, NO_STACK);
	model_pages_free(m, 1u << 16, 16, NO_STACK);
	model_pages_free(m, (1ULL << 52) - 1, 0, NO_STACK);
	assert_nothing(m, "kmtest");
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_tail_of_an_exact_block),
		cmocka_unit_test(c_split_block),
		cmocka_unit_test(c_huge_vmalloc_freed_page_by_page),
		cmocka_unit_test(c_free_spans_allocations),
		cmocka_unit_test(c_misaligned_ranges),
		cmocka_unit_test(c_overlapping_allocations),
		cmocka_unit_test(c_large_kmalloc_in_parts),
		cmocka_unit_test(c_extreme_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
