// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_double.c - nothing is counted twice (TRAPS A1, A2, A7 to A11)
 */
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL	/* some slab object */
#define PFN 0x1234u

/* Stacks of kmalloc(8193) in do_kmalloc(): of its pages, and its own. */
static const struct {
	const char *kernel, *pages, *object;
} large[] = {
	{ "5.10", "__alloc_pages_nodemask < alloc_pages_current < kmalloc_order < kmalloc_order_trace < do_large" SYSCALL,
	  "kmalloc_order < kmalloc_order_trace < *do_large" SYSCALL },
	{ "6.1", "__alloc_pages < __kmalloc_large_node < kmalloc_large < do_large" SYSCALL,
	  "kmalloc_large < *do_large" SYSCALL },
	{ "6.12", "__alloc_pages_noprof < ___kmalloc_large_node < __kmalloc_large_noprof < do_large" SYSCALL,
	  "__kmalloc_large_noprof < *do_large" SYSCALL },
	{ "7.2", "__alloc_frozen_pages_noprof < alloc_pages_mpol_noprof < ___kmalloc_large_node < __kmalloc_large_node_noprof < do_large" SYSCALL,
	  "__kmalloc_large_node_noprof < *do_large" SYSCALL },
};

#define N_LARGE (sizeof(large) / sizeof(large[0]))

static void a1_large_kmalloc_counted_once(void **state)
{
	struct model *m;
	size_t i;

	(void)state;
	for (i = 0; i < N_LARGE; i++) {
		m = MODEL(0);
		model_large(m, PFN, 2, 8193, large[i].pages, large[i].object);
		assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
		assert_int_equal(model_totals(m, "kmtest").objects, 1);
		assert_int_equal(model_totals(m, "kmtest").requested, 8193);
		assert_string_equal(model_site(m, "kmtest", "do_large", NULL)->via,
				    "kmalloc");
		model_done(m);
	}
}

/*
 * 32-bit arm: the innermost frames are missing, among them those that tell (E11). By
 * address it is known where memory is mapped: here from a slab, which does have them.
 */
static void a1_large_kmalloc_without_its_frames(void **state)
{
	struct model *m = MODEL(.long32 = true, .no_replay = true);

	(void)state;
	/* nothing is known: pages of its own, and an object that lies elsewhere */
	model_pages(m, PFN + 8, 2, "do_large" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN + 16), 8193, 4 * PAGE, "!do_large" SYSCALL);
	assert_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	assert_own(m, "kmtest", KIND_SLAB, 4 * PAGE);
	model_kfree(m, model_linear(m, PFN + 16));
	model_pages_free(m, PFN + 8, 2, NO_STACK);
	/* but this is where a map can begin */
	model_large(m, PFN + 64, 2, 8193, "do_large" SYSCALL, "!do_large" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	model_pages_free(m, PFN + 64, 2, NO_STACK);
	model_pages(m, PFN + 128, 0, "new_slab < ___slab_alloc < do_cache" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN + 128), 60, 64, "!do_cache" SYSCALL);
	assert_own(m, "kmtest", KIND_SLAB, 64);
	model_large(m, PFN, 2, 8193, "do_large" SYSCALL, "!do_large" SYSCALL);
	model_large(m, PFN + 4, 1, 4097, "do_large" SYSCALL, "!do_large" SYSCALL);
	assert_own(m, "kmtest", KIND_PAGES, 6 * PAGE);
	assert_own(m, "kmtest", KIND_SLAB, 64);
	/* pages of its own, and an object that lies elsewhere */
	model_pages(m, PFN + 8, 2, "do_large" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN + 16), 8193, 4 * PAGE, "!do_large" SYSCALL);
	assert_own(m, "kmtest", KIND_PAGES, 10 * PAGE);
	assert_own(m, "kmtest", KIND_SLAB, 64 + 4 * PAGE);
	model_done(m);
}

static void a1_large_kmalloc_freed(void **state)
{
	struct model *m;
	size_t i;

	(void)state;
	for (i = 0; i < N_LARGE; i++) {
		m = MODEL(0);
		model_large(m, PFN, 2, 8193, large[i].pages, large[i].object);
		model_kfree(m, model_linear(m, PFN));
		model_pages_free(m, PFN, 2, "__free_pages < kfree < do_large");
		assert_nothing(m, "kmtest");
		assert_int_equal(model_totals(m, "kmtest").frees, 1);
		assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
		assert_int_equal(books_stats(m->books)->unmatched_pages, 0);
		model_done(m);
	}
}

/* kfree_rcu(): the pages go, no kfree event comes; the address comes again. */
static void a1_large_kmalloc_freed_as_pages_only(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, PFN, 2, 8193, large[2].pages, large[2].object);
	model_pages_free(m, PFN, 2, NO_STACK);
	assert_nothing(m, "kmtest");
	model_large(m, PFN, 2, 8193, large[2].pages, large[2].object);
	assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_done(m);
}

static void a1_large_kmalloc_without_stacks(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, PFN, 2, 8193, NO_STACK, "!do_large");
	assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	assert_nothing(m, "[unknown]");
	assert_int_equal(model_totals(m, "kmtest").requested, 8193);
	model_kfree(m, model_linear(m, PFN));
	model_pages_free(m, PFN, 2, NO_STACK);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* Pages that moved to whom they belong were never anybody else's. */
static void a1_without_stacks_leaves_nothing_behind(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, PFN, 2, 8193, NO_STACK, "!do_large");
	assert_int_equal(model_row(m, "[unknown]")->allocated_bytes, 0);
	assert_int_equal(model_row(m, "[unknown]")->allocs, 0);
	assert_int_equal(model_snapshot(m)->coverage.unknown_addresses, 0);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 4 * PAGE);
	model_done(m);
}

/* Some other task's pages are not this kmalloc's. */
static void a1_pages_of_another_task(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 2, large[2].pages);
	m->pid = 200;
	model_pages(m, PFN + 4, 2, large[2].pages);
	model_kmalloc(m, model_linear(m, PFN + 4), 8193, 4 * PAGE, large[2].object);
	m->pid = 100;
	model_kmalloc(m, model_linear(m, PFN), 8193, 4 * PAGE, large[2].object);
	assert_only_own(m, "kmtest", KIND_PAGES, 8 * PAGE);
	model_done(m);
}

/* pid 0 is as many tasks as there are CPUs. */
static void a1_idle_tasks_of_two_cpus(void **state)
{
	struct model *m = MODEL(0);
	unsigned int cpu;

	(void)state;
	m->pid = 0;
	m->context = CONTEXT_SOFTIRQ;
	for (cpu = 0; cpu < 2; cpu++) {
		m->cpu = (uint16_t)cpu;
		model_pages(m, PFN + 4 * cpu, 2, large[2].pages);
	}
	for (cpu = 0; cpu < 2; cpu++) {
		m->cpu = (uint16_t)cpu;
		model_kmalloc(m, model_linear(m, PFN + 4 * cpu), 8193, 4 * PAGE,
			      large[2].object);
	}
	assert_only_own(m, "kmtest", KIND_PAGES, 8 * PAGE);
	model_done(m);
}

/* However many tasks write events between the two of one allocation. */
static void a1_pair_is_not_parted_by_other_tasks(void **state)
{
	struct model *m = MODEL(.no_replay = true);
	int pid;

	(void)state;
	for (pid = 1; pid <= 3000; pid++) {
		uint64_t pfn = (uint64_t)pid * 4;

		m->pid = 100000;
		model_pages(m, pfn, 2, large[2].pages);
		m->pid = pid;
		model_kmalloc(m, 0xffff999000000000ULL + (uint64_t)pid * 64, 64, 64,
			      "*vfs_write");
		m->pid = 100000;
		model_kmalloc(m, model_linear(m, pfn), 8193, 4 * PAGE,
			      large[2].object);
		assert_own(m, "kmtest", KIND_SLAB, 0);
	}
	model_done(m);
}

/* What a gap in the recording tore apart must not be put together. */
static void a1_no_pair_across_lost_events(void **state)
{
	struct model *m = MODEL(0);
	unsigned int i;

	(void)state;
	model_pages(m, PFN, 2, large[2].pages);
	model_lost(m, 2);	/* its kmalloc, and the pages of the next */
	model_kmalloc(m, model_linear(m, PFN + 8), 8193, 4 * PAGE, large[2].object);
	/* what was learned from it must not spoil what comes later */
	for (i = 1; i < 10; i++)
		model_large(m, PFN + 16 * i, 2, 8193, large[2].pages,
			    large[2].object);
	assert_own(m, "kmtest", KIND_PAGES, 10 * 4 * PAGE);
	assert_own(m, "kmtest", KIND_SLAB, 4 * PAGE);
	model_done(m);
}

static void a1_slab_object_where_pages_are_large(uint64_t page_size)
{
	struct model *m = MODEL(.page_size = page_size);

	model_pages(m, PFN, 2, "__alloc_pages < allocate_slab < ___slab_alloc < __kmalloc < do_large" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN), 8193, 16384,
		      "__kmalloc < *do_large" SYSCALL);
	assert_own(m, "kmtest", KIND_SLAB, 16384);
	assert_own(m, "kmtest", KIND_PAGES, 0);
	assert_overhead(m, "kmtest", OVERHEAD_SLAB_PAGES, 4 * page_size);
	model_done(m);

	/* without stacks: the page event next to it may be of the same size */
	m = MODEL(.page_size = page_size);
	model_pages(m, PFN, 0, NO_STACK);
	model_kmalloc(m, model_linear(m, PFN), 8193, 16384, "!do_large");
	assert_only_own(m, "kmtest", KIND_SLAB, 16384);
	model_done(m);
}

static void e15_kmalloc_8193_is_slab_with_large_pages(void **state)
{
	(void)state;
	a1_slab_object_where_pages_are_large(16384);
	a1_slab_object_where_pages_are_large(65536);
}

static void a2_second_kmalloc_event_of_large(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 2, "__alloc_frozen_pages_noprof < ___kmalloc_large_node < __kmalloc_large_node_noprof < __kmalloc_node_track_caller_noprof < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN), 8193, 4 * PAGE,
		      "*__kmalloc_node_track_caller_noprof < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN), 8193, 4 * PAGE,
		      "krealloc_node_align_noprof < *do_krealloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	assert_int_equal(model_totals(m, "kmtest").allocs, 1);
	assert_string_equal(model_site(m, "kmtest", "do_krealloc", NULL)->via,
			    "krealloc");
	model_kfree(m, model_linear(m, PFN));
	model_pages_free(m, PFN, 2, NO_STACK);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	model_done(m);
}

static void a2_second_kmalloc_event_of_slab(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 200, 256,
		      "*__kmalloc_node_track_caller_noprof < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	model_kmalloc(m, OBJECT, 200, 256,
		      "krealloc_node_align_noprof < *do_krealloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_SLAB, 256);
	assert_int_equal(model_totals(m, "kmtest").allocs, 1);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_kfree(m, OBJECT);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* The later call site counts, also where nothing else says who it was. */
static void a2_without_stacks(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 200, 256, "!__kmalloc_node_track_caller_noprof");
	model_kmalloc(m, OBJECT, 200, 256, "!do_krealloc");
	assert_only_own(m, "kmtest", KIND_SLAB, 256);
	model_pages(m, PFN, 2, NO_STACK);
	model_kmalloc(m, model_linear(m, PFN), 8193, 4 * PAGE,
		      "!__kmalloc_node_track_caller_noprof");
	model_kmalloc(m, model_linear(m, PFN), 8193, 4 * PAGE, "!do_krealloc");
	assert_own(m, "kmtest", KIND_SLAB, 256);
	assert_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	assert_nothing(m, "[kernel]");
	assert_nothing(m, "[unknown]");
	model_done(m);
}

/* Two real allocations of one address: the free between was not seen. */
static void a2_not_a_repetition(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 200, 256, "__kmalloc_noprof < *do_kmalloc" SYSCALL);
	model_kmalloc(m, OBJECT, 200, 256, "__kmalloc_noprof < *do_kmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_SLAB, 256);
	assert_int_equal(model_totals(m, "kmtest").allocs, 2);
	assert_int_equal(model_totals(m, "kmtest").evicted, 1);
	model_done(m);
}

static void a7_failures_hold_nothing(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, 0, 8 << 20, 8 << 20,
		      "__kmalloc_large_node < kvmalloc_node < *do_vmalloc" SYSCALL);
	model_pages(m, UINT64_MAX, 3, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	model_cache_alloc(m, 0, 28, 32, "kmem_cache_alloc < *do_cache" SYSCALL);
	model_percpu_fail(m, 64, "pcpu_alloc < __alloc_percpu < do_percpu" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").failed, 4);
	assert_int_equal(model_totals(m, "kmtest").allocs, 0);
	assert_int_equal(model_row(m, "kmtest")->peak_ns, -1);
	model_done(m);

	m = MODEL(.long32 = true);
	model_pages(m, UINT32_MAX, 3, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").failed, 1);
	assert_int_equal(books_stats(m->books)->malformed, 0);
	model_done(m);
}

/* The vmalloc that follows a failed kmalloc is no second failure. */
static void a7_kvmalloc_falls_back(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, 0, 8 << 20, 8 << 20,
		      "__kmalloc_large_node < kvmalloc_node < *do_vmalloc" SYSCALL);
	model_pages(m, PFN, 0, "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < kvmalloc_node < do_vmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_VMALLOC, PAGE);
	assert_int_equal(model_totals(m, "kmtest").failed, 1);
	model_done(m);
}

static void a9_kfree_of_null_is_nothing(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kfree(m, 0);
	model_kfree(m, 16);		/* ZERO_SIZE_PTR */
	model_cache_free(m, 0, "kmtest_cache");
	model_percpu_free(m, 0);
	model_kmalloc(m, 16, 0, 0, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	assert_int_equal(books_stats(m->books)->unmatched_percpu, 0);
	assert_nothing(m, "kmtest");
	model_done(m);
}

static void a10_kfree_of_a_cache_object(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_cache_alloc(m, OBJECT, 28, 32, "kmem_cache_alloc < *do_cache" SYSCALL);
	model_kfree(m, OBJECT);
	assert_nothing(m, "kmtest");
	model_kmalloc(m, OBJECT, 28, 32, "__kmalloc < *do_kmalloc" SYSCALL);
	model_cache_free(m, OBJECT, "kmalloc-32");
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	model_done(m);
}

#define STATIC_PERCPU "pcpu_alloc < *percpu_modalloc < load_module < do_syscall_64"

static void a11_static_percpu_is_the_modules(void **state)
{
	struct model *m = MODEL(.plan = "+kmtest -kmtest");

	(void)state;
	model_percpu_reserved(m, 0x1f000, 64, 256, STATIC_PERCPU);
	model_module(m, "kmtest", true);
	assert_overhead(m, "kmtest", OVERHEAD_STATIC_PERCPU, 256);
	assert_overhead(m, "[kernel]", OVERHEAD_STATIC_PERCPU, 0);
	assert_int_equal(model_totals(m, "kmtest").own, 0);
	model_percpu(m, 0x2f000, 64, 256, "pcpu_alloc < *do_percpu" SYSCALL);
	assert_own(m, "kmtest", KIND_PERCPU, 256);
	model_percpu_free(m, 0x2f000);
	model_module(m, "kmtest", false);
	model_percpu_free(m, 0x1f000);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_row(m, "kmtest")->leaked_bytes, 0);
	model_done(m);
}

/* modprobe loads what a module needs first, all in one task. */
static void a11_static_percpu_of_dependencies(void **state)
{
	struct model *m = MODEL(.plan = "+libkm +kmtest");

	(void)state;
	model_percpu_reserved(m, 0x1f000, 64, 256, STATIC_PERCPU);
	model_module(m, "libkm", true);
	model_percpu_reserved(m, 0x1f100, 32, 128, STATIC_PERCPU);
	model_module(m, "kmtest", true);
	assert_overhead(m, "libkm", OVERHEAD_STATIC_PERCPU, 256);
	assert_overhead(m, "kmtest", OVERHEAD_STATIC_PERCPU, 128);
	model_done(m);

	/* and one that has none does not inherit another's */
	m = MODEL(.plan = "+libkm +kmtest");
	model_percpu_reserved(m, 0x1f000, 64, 256, STATIC_PERCPU);
	model_module(m, "libkm", true);
	model_module(m, "kmtest", true);
	assert_overhead(m, "libkm", OVERHEAD_STATIC_PERCPU, 256);
	assert_overhead(m, "kmtest", OVERHEAD_STATIC_PERCPU, 0);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a1_large_kmalloc_counted_once),
		cmocka_unit_test(a1_large_kmalloc_without_its_frames),
		cmocka_unit_test(a1_large_kmalloc_freed),
		cmocka_unit_test(a1_large_kmalloc_freed_as_pages_only),
		cmocka_unit_test(a1_large_kmalloc_without_stacks),
		cmocka_unit_test(a1_without_stacks_leaves_nothing_behind),
		cmocka_unit_test(a1_pages_of_another_task),
		cmocka_unit_test(a1_idle_tasks_of_two_cpus),
		cmocka_unit_test(a1_pair_is_not_parted_by_other_tasks),
		cmocka_unit_test(a1_no_pair_across_lost_events),
		cmocka_unit_test(e15_kmalloc_8193_is_slab_with_large_pages),
		cmocka_unit_test(a2_second_kmalloc_event_of_large),
		cmocka_unit_test(a2_second_kmalloc_event_of_slab),
		cmocka_unit_test(a2_without_stacks),
		cmocka_unit_test(a2_not_a_repetition),
		cmocka_unit_test(a7_failures_hold_nothing),
		cmocka_unit_test(a7_kvmalloc_falls_back),
		cmocka_unit_test(a9_kfree_of_null_is_nothing),
		cmocka_unit_test(a10_kfree_of_a_cache_object),
		cmocka_unit_test(a11_static_percpu_is_the_modules),
		cmocka_unit_test(a11_static_percpu_of_dependencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
