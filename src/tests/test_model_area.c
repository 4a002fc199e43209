// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_area.c - vmalloc areas without a probe: by the array of their pages
 * (TRAPS B3, F7)
 */
#include <stdio.h>

#include "ledger.h"
#include "model_fixture.h"

#define STRUCT	0xffff888001000000ULL
#define VA	0xffff888002000000ULL
#define ARRAY	0xffff888003000000ULL
#define PFN	0x4000u

#define CALLER	"vmalloc < do_vmalloc" SYSCALL
#define RANGE	"__vmalloc_node_range < __vmalloc_node < "
#define FREE	"__free_pages < __vunmap < vfree < do_vmalloc" SYSCALL

static const char *stack_of(const char *inner, const char *caller, bool nested)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s%s%s", inner, nested ? RANGE RANGE : RANGE, caller);
	return text;
}

/* The struct and the address range of an area at @at. */
static void make_area(struct model *m, uint64_t at, const char *caller, bool nested)
{
	model_kmalloc(m, STRUCT + at, 64, 64,
		      stack_of("kmalloc_node_trace < *__get_vm_area_node < ", caller, nested));
	model_cache_alloc(m, VA + at, 64, 64,
			  stack_of("kmem_cache_alloc_node < *alloc_vmap_area < __get_vm_area_node < ",
				   caller, nested));
}

static void take_array(struct model *m, uint64_t at, uint64_t pages, const char *caller,
		       bool nested)
{
	uint64_t bytes = pages * (m->setup.long32 ? 4 : 8), size = 8;

	while (size < bytes)
		size *= 2;
	model_kmalloc(m, ARRAY + at, bytes, size, stack_of("__kmalloc_node < *", caller, nested));
}

/* An area of up to a page full of pointers. */
static void small_area(struct model *m, uint64_t at, uint64_t pages, const char *caller)
{
	make_area(m, at, caller, false);
	take_array(m, at, pages, caller, false);
}

/* ... of more: its array is an area of @array_pages pages. */
static void large_area(struct model *m, uint64_t at, uint64_t array_pages, const char *caller)
{
	make_area(m, at, caller, false);
	make_area(m, at + 64, caller, true);
	take_array(m, at, array_pages, caller, true);
}

static void take_pages(struct model *m, uint64_t pfn, unsigned int n, unsigned int order,
		       const char *caller, bool nested)
{
	for (unsigned int i = 0; i < n; i++)
		model_pages(m, pfn + ((uint64_t)i << order), order,
			    stack_of("__alloc_pages < vm_area_alloc_pages < ", caller, nested));
}

static void free_pages(struct model *m, uint64_t pfn, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		model_pages_free(m, pfn + i, 0, FREE);
}

static void page_table(struct model *m, uint64_t pfn, const char *caller, bool nested)
{
	model_pages(m, pfn, 0, stack_of("__alloc_pages < __pte_alloc_kernel < vmap_range_noflush < ",
					caller, nested));
}

/* The task goes on after its vmalloc. */
static void go_on(struct model *m)
{
	model_kmalloc(m, 0xffff888009000000ULL, 8, 8, "__kmalloc < *do_kmalloc" SYSCALL);
	model_kfree(m, 0xffff888009000000ULL);
}

/* How much of what is live may not be there. */
static uint64_t over(const struct model *m)
{
	uint64_t bytes = 0;

	for (uint32_t i = 1; i < ledger_count(m->ledger); i++)
		bytes += ledger_at(m->ledger, i)->over;
	return bytes;
}

#define assert_area(m, bytes, less) do {				\
	assert_int_equal(books_area_settle((m)->books), 0);		\
	assert_own(m, "kmtest", KIND_VMALLOC, bytes);			\
	assert_int_equal(over(m), less);			\
} while (0)

static void pages_in_bulk(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	small_area(m, 0, 10, CALLER);
	small_area(m, 128, 512, "vzalloc < do_lib" SYSCALL);
	page_table(m, PFN, CALLER, false);
	assert_area(m, 522 * PAGE, 0);
	assert_string_equal(model_site(m, "kmtest", "do_vmalloc", NULL)->via, "vmalloc");
	assert_int_equal(model_site(m, "kmtest", "do_vmalloc", NULL)->live_bytes, 10 * PAGE);
	assert_int_equal(model_site(m, "kmtest", "do_lib", NULL)->live_objects, 1);
	/* as in vfree(): pages, array, struct */
	free_pages(m, PFN + 100, 10);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 10);
	model_kfree(m, ARRAY);
	model_kfree(m, STRUCT);
	assert_area(m, 512 * PAGE, 0);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 0);
	/* by a worker, later */
	m->pid = 77;
	model_kfree(m, ARRAY + 128);
	assert_area(m, 0, 0);
	assert_int_equal(books_stats(m->books)->bulk_pages_taken, 522);
	model_done(m);
}

/* Before 5.13 and with page_owner: nothing is in bulk, all is as the pages say. */
static void pages_one_by_one(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	small_area(m, 0, 10, CALLER);
	take_pages(m, PFN, 10, 0, CALLER, false);
	assert_area(m, 10 * PAGE, 0);
	assert_int_equal(model_site(m, "kmtest", "do_vmalloc", "vmalloc")->allocs, 10);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 10 * PAGE);
	assert_int_equal(books_stats(m->books)->bulk_pages_taken, 0);
	free_pages(m, PFN, 10);
	model_kfree(m, ARRAY);
	assert_area(m, 0, 0);
	model_done(m);
}

/* Bulk gave up after seven, or large blocks came first. */
static void some_pages_one_by_one(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	small_area(m, 0, 10, CALLER);
	take_pages(m, PFN, 3, 0, CALLER, false);
	assert_area(m, 10 * PAGE, 0);
	small_area(m, 128, 21, CALLER);
	take_pages(m, PFN + 16, 1, 4, CALLER, false);
	take_pages(m, PFN + 32, 1, 2, CALLER, false);
	assert_area(m, 31 * PAGE, 0);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 31 * PAGE);
	free_pages(m, PFN, 3);
	free_pages(m, PFN + 500, 7);
	model_kfree(m, ARRAY);
	assert_area(m, 21 * PAGE, 0);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 0);
	model_done(m);
}

static void large_areas_are_known_to_a_limit(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	large_area(m, 0, 3, CALLER);
	page_table(m, PFN, CALLER, true);
	page_table(m, PFN + 1, CALLER, false);
	go_on(m);
	assert_area(m, 3 * 512 * PAGE, 511 * PAGE);
	/* the pages of the array, and three page tables */
	assert_int_equal(model_overhead(m, "kmtest", OVERHEAD_VMAP),
			 (3 + 2) * PAGE + 4 * 64 + 32);
	/* 1100 pages, 3 of the array: now it is known how many they were */
	free_pages(m, PFN + 0x1000, 1100 + 3);
	model_kfree(m, ARRAY);
	assert_area(m, 0, 0);
	assert_int_equal(model_totals(m, "kmtest").allocated_bytes - 8 -
			 (3 + 2) * PAGE - 4 * 64 - 32, 1100 * PAGE);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 0);
	assert_int_equal(books_stats(m->books)->bulk_pages_taken, 1103);
	model_done(m);
}

/* As many pages as cannot be its own were of an area that nobody knew. */
static void frees_of_another_area(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	large_area(m, 0, 3, CALLER);
	go_on(m);
	free_pages(m, PFN + 0x1000, 20);
	model_kfree(m, 0xffff88800a000000ULL);
	free_pages(m, PFN + 0x2000, 20);
	assert_area(m, 3 * 512 * PAGE, 511 * PAGE);
	model_kfree(m, ARRAY);
	assert_area(m, 0, 0);
	/* of the known one no more than 20 were seen */
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 20);
	model_done(m);
}

static void large_area_one_by_one(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	large_area(m, 0, 2, CALLER);
	take_pages(m, PFN, 2, 0, CALLER, true);
	page_table(m, PFN + 2, CALLER, true);
	take_pages(m, PFN + 0x1000, 600, 0, CALLER, false);
	assert_area(m, 600 * PAGE, 0);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 600 * PAGE);
	go_on(m);
	assert_area(m, 600 * PAGE, 0);
	assert_int_equal(books_stats(m->books)->bulk_pages_taken, 0);
	model_done(m);
}

/* Accounted memory is never taken in bulk, the array is: some may be missing. */
static void large_area_of_accounted_memory(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	large_area(m, 0, 2, CALLER);
	take_pages(m, PFN + 0x1000, 600, 0, CALLER, false);
	assert_area(m, 1024 * PAGE, 424 * PAGE);
	model_done(m);
}

static void kvmalloc_names_the_size(void **state)
{
	static const char caller[] = "kvmalloc_node < do_vmalloc" SYSCALL;
	struct model *m = MODEL(0);

	(void)state;
	/* another call's, smaller */
	model_kmalloc(m, 0, 5000000, 5000000, "__kmalloc_node < *kvmalloc_node < do_lib" SYSCALL);
	large_area(m, 0, 4, caller);
	go_on(m);
	assert_area(m, 2048 * PAGE, 511 * PAGE);
	model_kfree(m, ARRAY);
	model_kmalloc(m, 0, 8000000, 8000000, "__kmalloc_node < *kvmalloc_node < do_vmalloc" SYSCALL);
	large_area(m, 0x1000, 4, caller);
	go_on(m);
	assert_area(m, 1954 * PAGE, 0);
	assert_int_equal(model_totals(m, "kmtest").requested, 8000000 +
			 (4 + 4) * 64 + 32);
	/* what it asked for once is not what it asks for next */
	model_kfree(m, ARRAY + 0x1000);
	large_area(m, 0x2000, 4, caller);
	go_on(m);
	assert_area(m, 2048 * PAGE, 511 * PAGE);
	model_done(m);
}

static void range(struct model *m, uint64_t pages, bool failed)
{
	struct event ev = {
		.type = EVENT_AREA_RANGE, .ptr = 0xffffc90000000000ULL,
		.bytes_req = pages * PAGE, .order = failed,
	};

	model_event(m, &ev, NO_STACK, NULL);
}

/* vmalloc:alloc_vmap_area, where it was recorded: with a guard page. */
static void ranges_tell_the_size(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	make_area(m, 0, CALLER, false);
	range(m, 1281, true);
	range(m, 1281, false);
	make_area(m, 64, CALLER, true);
	range(m, 4, false);
	take_array(m, 0, 3, CALLER, true);
	go_on(m);
	assert_area(m, 1280 * PAGE, 0);
	/* those of another area, of which one is missing */
	range(m, 1281, false);
	large_area(m, 0x1000, 3, CALLER);
	go_on(m);
	assert_area(m, (1280 + 1536) * PAGE, 511 * PAGE);
	range(m, 700, false);
	range(m, 4, false);
	large_area(m, 0x2000, 3, CALLER);
	go_on(m);
	assert_area(m, (1280 + 1536 + 1536) * PAGE, 2 * 511 * PAGE);
	/* a small one's array says it */
	range(m, 11, false);
	small_area(m, 0x3000, 10, CALLER);
	assert_area(m, (1280 + 1536 + 1536 + 10) * PAGE, 2 * 511 * PAGE);
	model_done(m);
}

/* Large mappings: all comes in blocks that have events, and is rounded up. */
static void huge_pages_are_not_counted_twice(void **state)
{
	static const char caller[] = "kvmalloc_node < do_vmalloc" SYSCALL;
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, 0, 8000000, 8000000, "__kmalloc_node < *kvmalloc_node < do_vmalloc" SYSCALL);
	large_area(m, 0, 4, caller);
	take_pages(m, PFN, 4, 9, caller, false);
	go_on(m);
	assert_area(m, 2048 * PAGE, 0);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes - 8, 2048 * PAGE);
	/* one of exactly a large page has a small array */
	small_area(m, 0x1000, 512, caller);
	take_pages(m, PFN + 4096, 1, 9, caller, false);
	assert_area(m, 2560 * PAGE, 0);
	/* no large pages are left: all goes back, and is tried with small ones */
	small_area(m, 0x2000, 512, caller);
	model_kfree(m, ARRAY + 0x2000);
	small_area(m, 0x3000, 500, caller);
	assert_area(m, 3060 * PAGE, 0);
	model_done(m);
}

/* From 7.x: the largest blocks that fit come first, and show what is left. */
static void large_blocks_leave_a_page_at_most(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	/* 1100 = 1024 + 64 + 8 + 4 */
	large_area(m, 0, 3, CALLER);
	take_pages(m, PFN, 1, 1, CALLER, true);
	take_pages(m, PFN + 1024, 1, 10, CALLER, false);
	take_pages(m, PFN + 2048, 1, 6, CALLER, false);
	take_pages(m, PFN + 2048 + 64, 1, 3, CALLER, false);
	assert_area(m, 1536 * PAGE, (1536 - 1024 - 64 - 8) * PAGE);
	take_pages(m, PFN + 2048 + 72, 1, 2, CALLER, false);
	page_table(m, PFN + 4096, CALLER, false);
	go_on(m);
	assert_area(m, 1101 * PAGE, PAGE);
	/* not even two pages in a row: nobody knows how many came in bulk */
	large_area(m, 0x1000, 3, CALLER);
	take_pages(m, PFN + 8192, 1, 10, CALLER, false);
	model_pages(m, UINT64_MAX, 6, stack_of("__alloc_pages < vm_area_alloc_pages < ", CALLER, false));
	model_pages(m, UINT64_MAX, 1, stack_of("__alloc_pages < vm_area_alloc_pages < ", CALLER, false));
	go_on(m);
	assert_area(m, (1101 + 1536) * PAGE, PAGE + 511 * PAGE);
	/* so it may be where events were lost */
	large_area(m, 0x2000, 3, CALLER);
	take_pages(m, PFN + 0x8000, 1, 10, CALLER, false);
	model_lost(m, 3);
	go_on(m);
	assert_area(m, (1101 + 1536 + 1536) * PAGE, PAGE + 2 * 511 * PAGE);
	model_done(m);
}

static uint64_t unsized(const struct model *m)
{
	uint64_t n = 0;

	for (uint32_t i = 1; i < ledger_count(m->ledger); i++)
		if (ledger_at(m->ledger, i)->what.kind == KIND_VMALLOC)
			n += ledger_at(m->ledger, i)->unsized;
	return n;
}

/* A filter took the array away: there is an area, and nobody knows how large. */
static void area_without_an_array(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	make_area(m, 0, CALLER, false);
	assert_int_equal(unsized(m), 1);
	make_area(m, 128, CALLER, false);
	take_pages(m, PFN, 4, 0, CALLER, false);
	assert_int_equal(unsized(m), 2);
	small_area(m, 256, 10, CALLER);
	assert_int_equal(unsized(m), 2);
	large_area(m, 512, 2, CALLER);
	go_on(m);
	assert_int_equal(unsized(m), 2);
	assert_area(m, (4 + 10 + 1024) * PAGE, 511 * PAGE);
	model_kfree(m, STRUCT);
	assert_int_equal(unsized(m), 1);
	model_kmalloc(m, STRUCT + 128, 16, 16, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_int_equal(unsized(m), 0);
	model_done(m);
}

/* vmap(), ioremap(): no array, no memory. An array without an area is none. */
static void other_mappings_hold_nothing(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, STRUCT, 64, 64, "kmalloc_node_trace < *__get_vm_area_node < vmap < do_vmalloc" SYSCALL);
	model_kmalloc(m, STRUCT + 64, 64, 64, "kmalloc_node_trace < *__get_vm_area_node < ioremap_prot < do_vmalloc" SYSCALL);
	take_array(m, 0, 10, CALLER, false);
	assert_area(m, 0, 0);
	/* more than a page of pointers, or no whole number of them, is no array */
	make_area(m, 128, CALLER, false);
	take_array(m, 64, 513, CALLER, false);
	model_kmalloc(m, ARRAY + 0x2000, 81, 96, stack_of("__kmalloc_node < *", CALLER, false));
	assert_area(m, 0, 0);
	model_done(m);
}

static void probes_know_better(void **state)
{
	struct model *m = MODEL(.areas = true, .no_replay = true);

	(void)state;
	small_area(m, 0, 10, CALLER);
	large_area(m, 128, 4, CALLER);
	go_on(m);
	assert_area(m, 0, 0);
	/* ... and that it told of none is seen: coverage.c */
	assert_true(books_stats(m->books)->areas_begun > 1);
	assert_int_equal(books_stats(m->books)->areas_mapped, 0);
	model_done(m);
}

static void without_stacks_nothing_is_told(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, STRUCT, 64, 64, "!__get_vm_area_node");
	model_kmalloc(m, ARRAY, 80, 96, "!__vmalloc_node_range");
	assert_int_equal(books_stats(m->books)->bulk_pages_taken, 0);
	assert_int_equal(model_own(m, "[unknown]", KIND_VMALLOC), 0);
	model_done(m);
}

/* The free was lost: the array's address is given out again. */
static void array_that_went_unseen(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	large_area(m, 0, 2, CALLER);
	go_on(m);
	assert_area(m, 1024 * PAGE, 511 * PAGE);
	model_kmalloc(m, ARRAY, 16, 16, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_area(m, 0, 0);
	assert_true(model_totals(m, "kmtest").evicted_bytes > 1024 * PAGE);
	model_done(m);
}

/* Two tasks at once, and one that needs an area to get the pages of another. */
static void areas_are_told_apart(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	m->pid = 10;
	large_area(m, 0, 2, CALLER);
	m->pid = 11;
	large_area(m, 0x1000, 2, CALLER);
	take_pages(m, PFN, 2, 0, CALLER, true);
	take_pages(m, PFN + 0x1000, 700, 0, CALLER, false);
	m->pid = 10;
	go_on(m);
	assert_area(m, (1024 + 700) * PAGE, 511 * PAGE);
	m->pid = 12;
	small_area(m, 0x2000, 10, CALLER);
	small_area(m, 0x3000, 20, "vmalloc < lib_make < do_lib" SYSCALL);
	take_pages(m, PFN + 0x2000, 10, 0, CALLER, false);
	assert_int_equal(model_own(m, "libkm", KIND_VMALLOC), 20 * PAGE);
	model_done(m);
}

static void chunks_of_the_percpu_allocator(void **state)
{
	static const char caller[] = "__vmalloc < pcpu_mem_zalloc < pcpu_create_chunk < pcpu_alloc < __alloc_percpu < do_percpu" SYSCALL;
	struct model *m = MODEL(0);

	(void)state;
	small_area(m, 0, 3, caller);
	assert_area(m, 0, 0);
	/* chunk's pages, and the array: whatever it is for, it is the chunk's */
	assert_overhead(m, "kmtest", OVERHEAD_PERCPU_CHUNKS, 3 * PAGE + 32);
	take_pages(m, PFN, 2, 0, caller, false);
	assert_overhead(m, "kmtest", OVERHEAD_PERCPU_CHUNKS, 3 * PAGE + 32);
	model_kfree(m, ARRAY);
	assert_overhead(m, "kmtest", OVERHEAD_PERCPU_CHUNKS, 2 * PAGE);
	model_done(m);
}

/* Pointers have four bytes: 1024 of them in a page. */
static void on_32_bit(void **state)
{
	struct model *m = MODEL(.long32 = true, .no_replay = true);

	(void)state;
	m->now = 1000;
	model_kmalloc(m, 0xc1000000, 40, 64, stack_of("kmalloc_node_trace < *__get_vm_area_node < ", CALLER, false));
	model_kmalloc(m, 0xc1001000, 4096, 4096, stack_of("__kmalloc_node < *", CALLER, false));
	assert_area(m, 1024 * PAGE, 0);
	model_kmalloc(m, 0xc1000040, 40, 64, stack_of("kmalloc_node_trace < *__get_vm_area_node < ", CALLER, false));
	model_kmalloc(m, 0xc1002000, 8, 64, stack_of("__kmalloc_node < *", CALLER, true));
	assert_area(m, 3072 * PAGE, 1023 * PAGE);
	model_done(m);
}

static void with_large_pages(void **state)
{
	struct model *m = MODEL(.page_size = 65536);

	(void)state;
	small_area(m, 0, 1000, CALLER);
	assert_area(m, 1000 * 65536, 0);
	large_area(m, 0x4000, 2, CALLER);
	assert_area(m, (1000 + 16384) * 65536ull, 8191 * 65536ull);
	model_done(m);
}

/* Live books are compacted: nothing may wait for numbers that have changed. */
static void compacted_in_between(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	large_area(m, 0, 2, CALLER);
	model_compact(m);
	assert_area(m, 1024 * PAGE, 511 * PAGE);
	model_kfree(m, ARRAY);
	assert_area(m, 0, 0);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_in_bulk),
		cmocka_unit_test(pages_one_by_one),
		cmocka_unit_test(some_pages_one_by_one),
		cmocka_unit_test(large_areas_are_known_to_a_limit),
		cmocka_unit_test(frees_of_another_area),
		cmocka_unit_test(large_area_one_by_one),
		cmocka_unit_test(large_area_of_accounted_memory),
		cmocka_unit_test(kvmalloc_names_the_size),
		cmocka_unit_test(ranges_tell_the_size),
		cmocka_unit_test(huge_pages_are_not_counted_twice),
		cmocka_unit_test(large_blocks_leave_a_page_at_most),
		cmocka_unit_test(area_without_an_array),
		cmocka_unit_test(other_mappings_hold_nothing),
		cmocka_unit_test(probes_know_better),
		cmocka_unit_test(without_stacks_nothing_is_told),
		cmocka_unit_test(array_that_went_unseen),
		cmocka_unit_test(areas_are_told_apart),
		cmocka_unit_test(chunks_of_the_percpu_allocator),
		cmocka_unit_test(on_32_bit),
		cmocka_unit_test(with_large_pages),
		cmocka_unit_test(compacted_in_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
