// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_blind.c - what the recording does not show (TRAPS B), clocks that
 * are not in order (E6), and addresses that are not what they look like
 * (E13, E14)
 */
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

#define CACHE "kmem_cache_alloc < *do_cache" SYSCALL
#define PAGES "__alloc_pages < alloc_pages < do_pages" SYSCALL
#define PERCPU "pcpu_alloc < *do_percpu" SYSCALL

/* An address given out again: the books keep one of the two. */
static void b_reallocated_object_is_evicted(void **state)
{
	struct model *m = MODEL(0);
	struct model_totals t;

	(void)state;
	model_cache_alloc(m, OBJECT, 28, 32, CACHE);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *lib_make" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_only_own(m, "libkm", KIND_SLAB, 64);
	t = model_totals(m, "kmtest");
	assert_int_equal(t.evicted, 1);
	assert_int_equal(t.evicted_bytes, 32);
	assert_int_equal(t.frees, 0);
	assert_int_equal(books_stats(m->books)->evicted, 1);
	assert_int_equal(model_row(m, "kmtest")->evicted_bytes, 32);
	model_done(m);
}

static void b_reallocated_pages_are_evicted(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 3, PAGES);
	/* two pages of the eight come again, then a block over all of it */
	model_pages(m, PFN + 2, 1, "__alloc_pages < alloc_pages < lib_make" SYSCALL);
	assert_own(m, "kmtest", KIND_PAGES, 6 * PAGE);
	assert_own(m, "libkm", KIND_PAGES, 2 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_pages(m, PFN - 4, 4, "__alloc_pages < alloc_pages < seq_open < ksys_write");
	assert_nothing(m, "kmtest");
	assert_nothing(m, "libkm");
	assert_own(m, "[kernel]", KIND_PAGES, 16 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 2);
	assert_int_equal(model_totals(m, "kmtest").evicted_bytes, 8 * PAGE);
	model_done(m);
}

static void b_reallocated_percpu_is_evicted(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_percpu(m, 0x2f000, 64, 256, PERCPU);
	model_percpu(m, 0x2f000, 32, 128, PERCPU);
	assert_only_own(m, "kmtest", KIND_PERCPU, 128);
	assert_int_equal(model_totals(m, "kmtest").evicted, 1);
	model_done(m);
}

/* Pages of a large kmalloc come again as a slab: its name must go, too. */
static void b_evicted_large_kmalloc_loses_its_name(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, PFN, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL,
		    "__kmalloc_large_node < *do_large" SYSCALL);
	model_pages(m, PFN, 0, "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < do_cache" SYSCALL);
	model_cache_alloc(m, model_linear(m, PFN), 28, 32, CACHE);
	assert_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	assert_own(m, "kmtest", KIND_SLAB, 32);
	model_kfree(m, model_linear(m, PFN));
	assert_own(m, "kmtest", KIND_SLAB, 0);
	assert_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	model_done(m);
}

/*
 * With --own the object that needed a slab may have been left out, and another one of the
 * task come next: it lies elsewhere, and lives on when that slab is given back.
 */
static void b_slab_of_an_object_left_out(void **state)
{
	static const char slab[] = "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < __d_alloc < do_kmalloc";
	/* where memory would be mapped, if the object were in that slab */
	const uint64_t object = (PFN << 12) + 0xffff888001000000ULL;

	(void)state;
	for (int own = 0; own < 2; own++) {
		struct model *m = MODEL(.own = own ? "kmem/kmem_cache_alloc" : NULL);

		model_pages(m, PFN, 0, slab);
		model_cache_alloc(m, object, 28, 32, CACHE);
		model_pages_free(m, PFN, 0, NO_STACK);
		assert_own(m, "kmtest", KIND_SLAB, own ? 32 : 0);
		model_done(m);
	}
}

/* What is left of an older block must not take the younger one's name away. */
static void b_name_of_the_younger_large_kmalloc(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, 0x1000, 3, 20000,
		    "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL,
		    "__kmalloc_large_node < *do_large" SYSCALL);
	model_large(m, 0x1000, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL,
		    "__kmalloc_large_node < *do_large" SYSCALL);
	model_pages_free(m, 0x1004, 2, NO_STACK);
	model_kfree(m, model_linear(m, 0x1000));
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	model_pages_free(m, 0x1000, 2, NO_STACK);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* kfree_rcu, bulk frees: objects come back at once, never freed (B1, B2, B7) */
static void b_free_blind_cache_is_uncertain(void **state)
{
	struct model *m = MODEL(0);
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++)
		model_cache_alloc(m, OBJECT + i % 8 * 64, 60, 64, CACHE);
	model_cache_free(m, OBJECT, "blind_cache");
	/* frees of another cache are seen: no doubt about it */
	for (i = 0; i < 40; i++) {
		model_cache_alloc(m, OBJECT + 0x10000 + i * 64, 60, 64,
				  "kmem_cache_alloc < *lib_make" SYSCALL);
		if (i % 2)
			model_cache_free(m, OBJECT + 0x10000 + i * 64, "fine_cache");
	}
	assert_own(m, "kmtest", KIND_SLAB, 7 * 64);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 7 * 64);
	assert_int_equal(model_row(m, "kmtest")->evicted_bytes, 32 * 64);
	assert_true(model_cache(m, "kmtest", "blind_cache")->free_blind);
	assert_int_equal(model_cache(m, "kmtest", "blind_cache")->evicted, 32);
	assert_int_equal(model_row(m, "libkm")->uncertain_bytes, 0);
	assert_false(model_cache(m, "libkm", "fine_cache")->free_blind);
	assert_int_equal(model_site(m, "kmtest", "do_cache", NULL)->uncertain_bytes,
			 7 * 64);
	model_done(m);
}

static void b_unmatched_frees_by_cause(void **state)
{
	const struct coverage *c;
	struct model *m = MODEL(0);

	(void)state;
	model_kfree(m, OBJECT);
	model_cache_free(m, OBJECT + 64, "some_cache");
	model_percpu_free(m, 0x2f000);
	model_pages_free(m, PFN, 0, "__free_pages < do_pages" SYSCALL);
	model_pages_free(m, PFN + 1, 0, NO_STACK);
	/* B3: pages that alloc_pages_bulk gave to vmalloc */
	model_pages_free(m, PFN + 2, 0, "__free_pages < __vunmap < vfree < do_vmalloc" SYSCALL);
	/* B5, E17: contiguous memory */
	model_pages_free(m, PFN + 3, 0, "__free_pages < free_contig_range < cma_release < do_dma" SYSCALL);
	model_pages_free(m, PFN + 4, 0, "__free_pages < alloc_contig_range < cma_alloc < dma_alloc_attrs < do_dma" SYSCALL);
	c = &model_snapshot(m)->coverage;
	assert_int_equal(c->unmatched_slab, 2);
	assert_int_equal(c->unmatched_percpu, 1);
	assert_int_equal(c->unmatched_vmalloc_pages, 1);
	assert_int_equal(c->unmatched_cma_pages, 2);
	assert_int_equal(c->unmatched_pages, 5);
	assert_int_equal(c->unmatched_frees, 8);
	assert_nothing(m, "kmtest");
	model_done(m);
}

static void double_frees_are_unmatched(void **state)
{
	struct model *m = MODEL(0);
	int i;

	(void)state;
	model_cache_alloc(m, OBJECT, 28, 32, CACHE);
	model_pages(m, PFN, 1, PAGES);
	model_percpu(m, 0x2f000, 64, 256, PERCPU);
	for (i = 0; i < 2; i++) {
		model_kfree(m, OBJECT);
		model_pages_free(m, PFN, 1, NO_STACK);
		model_percpu_free(m, 0x2f000);
	}
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").frees, 3);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 1);
	assert_int_equal(books_stats(m->books)->unmatched_pages, 1);
	assert_int_equal(books_stats(m->books)->unmatched_percpu, 1);
	model_done(m);
}

/* Records that no kernel writes are counted, not believed. */
static void impossible_values_are_malformed(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 17, PAGES);
	model_pages_free(m, PFN, 31, NO_STACK);
	model_pages(m, UINT64_MAX - 1, 0, PAGES);
	model_pages_free(m, UINT64_MAX / 2, 0, NO_STACK);
	model_kmalloc(m, OBJECT, 64, 32, "__kmalloc < *do_kmalloc" SYSCALL);
	model_kmalloc(m, OBJECT, 64, 1ULL << 33, "__kmalloc < *do_kmalloc" SYSCALL);
	model_percpu(m, 0x2f000, 64, 32, PERCPU);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->malformed, 7);
	assert_int_equal(model_snapshot(m)->coverage.malformed, 7);
	assert_false(model_snapshot(m)->coverage.trusted);
	model_done(m);
}

static void e6_free_sorts_before_its_allocation(void **state)
{
	struct model *m = MODEL(.local_clock = true);

	(void)state;
	m->cpu = 1;
	model_kfree(m, OBJECT);
	m->cpu = 0;
	model_cache_alloc(m, OBJECT, 28, 32, CACHE);
	/* it looks live, but nobody is accused */
	assert_own(m, "kmtest", KIND_SLAB, 32);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 32);
	/* given out again: now it is sure */
	m->now += 500000;
	model_cache_alloc(m, OBJECT, 28, 32, CACHE);
	assert_int_equal(books_stats(m->books)->reordered, 1);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	assert_int_equal(model_totals(m, "kmtest").frees, 1);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 0);
	model_done(m);
}

static void e6_not_on_one_cpu_nor_with_a_good_clock(void **state)
{
	struct model *m = MODEL(.local_clock = true);

	(void)state;
	model_kfree(m, OBJECT);		/* same CPU: in order */
	model_cache_alloc(m, OBJECT, 28, 32, CACHE);
	m->cpu = 1;
	model_kfree(m, OBJECT + 64);	/* too long ago */
	m->cpu = 0;
	m->now += 500000;
	model_cache_alloc(m, OBJECT + 64, 28, 32, CACHE);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 0);
	model_done(m);

	m = MODEL(0);
	m->cpu = 1;
	model_kfree(m, OBJECT);
	m->cpu = 0;
	model_cache_alloc(m, OBJECT, 28, 32, CACHE);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 0);
	model_done(m);
}

static void e6_pages_and_percpu_too(void **state)
{
	struct model *m = MODEL(.local_clock = true);

	(void)state;
	m->cpu = 1;
	model_pages_free(m, PFN, 0, NO_STACK);
	model_percpu_free(m, 0x2f000);
	m->cpu = 0;
	model_pages(m, PFN, 0, PAGES);
	model_percpu(m, 0x2f000, 64, 256, PERCPU);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, PAGE + 256);
	model_done(m);
}

/* RAM starts where it likes: the constant is learned, never assumed. */
static void e13_linear_map_of_any_machine(void **state)
{
	static const uint64_t offsets[] = {
		0xffff888000000000ULL, 0xffff000000000000ULL - 0x40000000,
		0xfff0000000000000ULL, 0xfffffc0000000000ULL, 0,
		0xc0000000ULL - 0x40000000,
	};
	struct model *m;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		m = MODEL(0);
		for (j = 0; j < 3; j++) {
			uint64_t pfn = 0x40000 + 4 * j;

			model_pages(m, pfn, 2, "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL);
			model_kmalloc(m, offsets[i] + pfn * PAGE, 8193, 4 * PAGE,
				      "__kmalloc_large_node < *do_large" SYSCALL);
			assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE * (j + 1));
		}
		/* without a stack the constant tells what belongs together */
		model_pages(m, 0x50000, 3, NO_STACK);
		model_kmalloc(m, offsets[i] + 0x50000ULL * PAGE, 20000, 8 * PAGE,
			      "!do_large");
		model_pages(m, 0x50010, 3, NO_STACK);
		model_kmalloc(m, offsets[i] + 0x60000ULL * PAGE, 20000, 8 * PAGE,
			      "!do_large");
		assert_own(m, "[unknown]", KIND_PAGES, 8 * PAGE);
		assert_int_equal(model_totals(m, "kmtest").own, 28 * PAGE);
		model_done(m);
	}
}

/* armhf: 32-bit addresses; highmem pages have none at all. */
static void e13_highmem(void **state)
{
	struct model *m = MODEL(.long32 = true);

	(void)state;
	model_large(m, 0x10000, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL,
		    "__kmalloc_large_node < *do_large" SYSCALL);
	model_pages(m, 0x70000, 0, PAGES);
	assert_only_own(m, "kmtest", KIND_PAGES, 5 * PAGE);
	model_pages_free(m, 0x70000, 0, NO_STACK);
	model_kfree(m, model_linear(m, 0x10000));
	model_pages_free(m, 0x10000, 2, NO_STACK);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* A per-CPU pointer is in a name space of its own. */
static void e14_percpu_pointer_equals_a_slab_pointer(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, 0xc2345600, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_percpu(m, 0xc2345600, 64, 256, PERCPU);
	assert_own(m, "kmtest", KIND_SLAB, 64);
	assert_own(m, "kmtest", KIND_PERCPU, 256);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_percpu_free(m, 0xc2345600);
	assert_own(m, "kmtest", KIND_SLAB, 64);
	model_kfree(m, 0xc2345600);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* ... also where an early free is looked for. */
static void e14_early_slab_free_is_not_the_percpus(void **state)
{
	struct model *m = MODEL(.local_clock = true);

	(void)state;
	m->cpu = 1;
	model_kfree(m, 0xc2345600);
	m->cpu = 0;
	model_percpu(m, 0xc2345600, 64, 256, PERCPU);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 0);
	model_done(m);
}

/* bytes_alloc is taken as it comes: it is more than size times CPUs. */
static void e14_percpu_bytes_are_the_events(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_percpu(m, 0xc1434983ae68, 100, 4 * 100 + 25 * 8, PERCPU);
	assert_only_own(m, "kmtest", KIND_PERCPU, 600);
	assert_int_equal(model_totals(m, "kmtest").requested, 100);
	model_done(m);
}

/*
 * The kernel's maple_node goes in bulk: thousands are taken, none is seen to
 * go. A module's cache that looks like it may be a leak: that is not hidden.
 */
static void b7_kernel_cache_that_is_hardly_freed(void **state)
{
	struct model *m = MODEL(0);
	uint64_t i;

	(void)state;
	/* frees of caches are recorded */
	model_cache_free(m, OBJECT + (1 << 30), "cache");
	for (i = 0; i < 400; i++) {
		model_cache_alloc(m, OBJECT + 256 * i, 256, 256,
				  "kmem_cache_alloc < *vfs_write < do_syscall_64");
		model_cache_alloc(m, OBJECT + (1 << 20) + 256 * i, 256, 256,
				  "kmem_cache_alloc < *do_cache" SYSCALL);
	}
	assert_int_equal(model_row(m, "[kernel]")->uncertain_bytes, 400 * 256);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 0);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(b_reallocated_object_is_evicted),
		cmocka_unit_test(b_reallocated_pages_are_evicted),
		cmocka_unit_test(b_reallocated_percpu_is_evicted),
		cmocka_unit_test(b_evicted_large_kmalloc_loses_its_name),
		cmocka_unit_test(b_slab_of_an_object_left_out),
		cmocka_unit_test(b_name_of_the_younger_large_kmalloc),
		cmocka_unit_test(b_free_blind_cache_is_uncertain),
		cmocka_unit_test(b_unmatched_frees_by_cause),
		cmocka_unit_test(double_frees_are_unmatched),
		cmocka_unit_test(impossible_values_are_malformed),
		cmocka_unit_test(e6_free_sorts_before_its_allocation),
		cmocka_unit_test(e6_not_on_one_cpu_nor_with_a_good_clock),
		cmocka_unit_test(e6_pages_and_percpu_too),
		cmocka_unit_test(e13_linear_map_of_any_machine),
		cmocka_unit_test(e13_highmem),
		cmocka_unit_test(e14_percpu_pointer_equals_a_slab_pointer),
		cmocka_unit_test(e14_early_slab_free_is_not_the_percpus),
		cmocka_unit_test(e14_percpu_bytes_are_the_events),
		cmocka_unit_test(b7_kernel_cache_that_is_hardly_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
