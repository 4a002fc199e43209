// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_charge.c - who is charged (own, induced), and the name of the
 * call as the module made it; stacks that lack frames (E2, E11)
 */
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

/* A dentry below fsmod, called by libkm. */
#define INDUCED "kmem_cache_alloc < *__d_alloc < d_alloc < fs_write < vfs_write < lib_call < ksys_write"

static void induced_memory_is_apart(void **state)
{
	struct model *m = MODEL(0);
	const struct snap_site *s;

	(void)state;
	model_cache_alloc(m, OBJECT, 192, 192, INDUCED);
	assert_induced(m, "fsmod", KIND_SLAB, 192);
	assert_int_equal(model_totals(m, "fsmod").own, 0);
	assert_nothing(m, "libkm");
	assert_nothing(m, "[kernel]");
	/* the module's function, and the kernel function that it had called */
	s = model_site(m, "fsmod", "fs_write", NULL);
	assert_int_equal(s->charge, CHARGE_INDUCED);
	assert_string_equal(s->via, "d_alloc");
	assert_int_equal(model_row(m, "fsmod")->live_bytes, 0);
	assert_int_equal(model_row(m, "fsmod")->peak_bytes, 0);
	model_done(m);
}

static void nearest_is_own_and_induced_in_one_sum(void **state)
{
	struct model *m = MODEL(.mode = ATTRIBUTE_NEAREST);

	(void)state;
	model_cache_alloc(m, OBJECT, 192, 192, INDUCED);
	model_cache_alloc(m, OBJECT + 192, 64, 64, "kmem_cache_alloc < *fs_alloc_inode < fs_write < ksys_write");
	assert_only_own(m, "fsmod", KIND_SLAB, 256);
	assert_nothing(m, "libkm");
	assert_string_equal(model_site(m, "fsmod", "fs_write", NULL)->via, "d_alloc");
	model_done(m);
}

static void outermost_is_the_module_that_began_it(void **state)
{
	struct model *m = MODEL(.mode = ATTRIBUTE_OUTERMOST);

	(void)state;
	model_cache_alloc(m, OBJECT, 192, 192, INDUCED);
	assert_only_own(m, "libkm", KIND_SLAB, 192);
	model_kmalloc(m, OBJECT + 192, 64, 64, "__kmalloc < *lib_make < do_lib" SYSCALL);
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	assert_string_equal(model_site(m, "kmtest", "kmtest_ioctl", NULL)->via,
			    "kmalloc");
	model_kmalloc(m, OBJECT + 256, 32, 32, "__kmalloc < *seq_open < ksys_write");
	assert_only_own(m, "[kernel]", KIND_SLAB, 32);
	/* pages behind a slab stay overhead */
	model_pages(m, PFN, 0, "__alloc_pages < allocate_slab < kmem_cache_alloc < lib_make < do_lib" SYSCALL);
	assert_overhead(m, "kmtest", OVERHEAD_SLAB_PAGES, PAGE);
	model_done(m);
}

/* A library module that allocates is the caller, whoever called it. */
static void own_is_the_first_caller(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *lib_make < do_lib" SYSCALL);
	assert_only_own(m, "libkm", KIND_SLAB, 64);
	assert_nothing(m, "kmtest");
	model_done(m);
}

static void no_module_is_the_kernel(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *seq_open < vfs_write < ksys_write");
	model_pages(m, PFN, 0, "__alloc_pages < __get_free_pages < process_one_work < worker_thread < kthread < ret_from_fork");
	model_percpu(m, 0x2f000, 8, 32, "pcpu_alloc < *proc_create < ksys_write");
	assert_own(m, "[kernel]", KIND_SLAB, 64);
	assert_own(m, "[kernel]", KIND_PAGES, PAGE);
	assert_own(m, "[kernel]", KIND_PERCPU, 32);
	assert_int_equal(model_row(m, "[kernel]")->state, MODULE_KERNEL);
	model_done(m);
}

/* The call as the module made it. */
static void via_names(void **state)
{
	static const struct {
		enum event_type type;
		bool kmalloc;
		const char *via, *stack;
	} cases[] = {
#define KMALLOC EVENT_SLAB_ALLOC, true
#define CACHE EVENT_SLAB_ALLOC, false
#define PAGES EVENT_PAGE_ALLOC, false
#define PERCPU EVENT_PERCPU_ALLOC, false
		{ KMALLOC, "kmalloc", "kmem_cache_alloc_trace < *do_kmalloc" },
		{ KMALLOC, "kmalloc", "kmalloc_trace < *do_kmalloc" },
		{ KMALLOC, "kmalloc", "__kmalloc < *do_kmalloc" },
		{ KMALLOC, "kmalloc", "__kmalloc_noprof < *do_kmalloc" },
		{ KMALLOC, "kmalloc", "__kmalloc_cache_noprof < *do_kmalloc" },
		{ KMALLOC, "kmalloc", "trace_event_raw_event_kmem_alloc < __traceiter_kmalloc < __kmalloc < *do_kmalloc" },
		{ KMALLOC, "kmalloc", "*do_kmalloc" },
		{ KMALLOC, "kmalloc_node", "__kmalloc_node < *do_kmalloc" },
		{ KMALLOC, "kmalloc_node", "kmem_cache_alloc_node_trace < *do_kmalloc" },
		{ KMALLOC, "kmalloc_node", "__kmalloc_cache_node_noprof < *do_kmalloc" },
		{ KMALLOC, "krealloc", "__kmalloc_track_caller < *krealloc < do_kmalloc" },
		{ KMALLOC, "krealloc", "__kmalloc_node_track_caller_noprof < *krealloc_node_align_noprof < do_kmalloc" },
		{ KMALLOC, "krealloc", "krealloc_node_align_noprof < *do_kmalloc" },
		{ KMALLOC, "kvmalloc", "__kmalloc_node < *kvmalloc_node < do_kmalloc" },
		{ KMALLOC, "kvmalloc", "__kmalloc_node_noprof < *__kvmalloc_node_noprof < do_kmalloc" },
		{ KMALLOC, "kmemdup", "__kmalloc_track_caller < *kmemdup < do_kmalloc" },
		{ KMALLOC, "kstrdup", "__kmalloc_track_caller < *kstrdup < do_kmalloc" },
		{ KMALLOC, "kstrdup", "__kmalloc_node_track_caller_noprof < *kstrdup_noprof < do_kmalloc" },
		{ KMALLOC, "kstrdup_const", "__kmalloc_track_caller < *kstrdup < kstrdup_const < do_kmalloc" },
		{ KMALLOC, "kstrndup", "__kmalloc_track_caller < *kstrndup < do_kmalloc" },
		{ KMALLOC, "memdup_user", "__kmalloc_track_caller < *memdup_user < do_kmalloc" },
		{ KMALLOC, "kasprintf", "__kmalloc_track_caller < *kvasprintf < kasprintf < do_kmalloc" },
		{ KMALLOC, "kasprintf", "*kvasprintf < kasprintf < do_kmalloc" },
		{ KMALLOC, "devm_kmalloc", "__kmalloc_node_track_caller < *alloc_dr.isra.0 < devm_kmalloc < do_kmalloc" },
		{ KMALLOC, "devm_kmalloc", "__kmalloc_node_track_caller < *devm_kmalloc < do_kmalloc" },
		{ KMALLOC, "devm_kasprintf", "__kmalloc_node_track_caller < *devm_kmalloc < devm_kvasprintf < devm_kasprintf < do_kmalloc" },
		{ KMALLOC, "mempool_create", "__kmalloc < *mempool_kmalloc < mempool_init_node < mempool_create_node < mempool_create < do_kmalloc" },
		{ KMALLOC, "mempool_create", "__kmalloc_cache_noprof < *mempool_create_node_noprof < do_kmalloc" },
		{ KMALLOC, "mempool_alloc", "__kmalloc < *mempool_kmalloc < mempool_alloc < do_kmalloc" },
		{ KMALLOC, "mempool_resize", "__kmalloc < *mempool_kmalloc < mempool_resize < do_kmalloc" },
		{ KMALLOC, "dma_pool_create", "kmem_cache_alloc_trace < *dma_pool_create < do_kmalloc" },
		{ KMALLOC, "rhashtable_init", "__kmalloc_node < *bucket_table_alloc < rhashtable_init < do_kmalloc" },
		{ KMALLOC, "rhashtable_init", "__kmalloc_node < *bucket_table_alloc < __rhashtable_init_noprof < do_kmalloc" },
		{ CACHE, "kmem_cache_alloc", "kmem_cache_alloc < *do_cache" },
		{ CACHE, "kmem_cache_alloc", "kmem_cache_alloc_noprof < *do_cache" },
		{ CACHE, "kmem_cache_alloc", "!do_cache < kmtest_ioctl" },
		{ CACHE, "kmem_cache_alloc_node", "kmem_cache_alloc_node < *do_cache" },
		{ CACHE, "mempool_create", "kmem_cache_alloc < *mempool_alloc_slab < mempool_init_node < mempool_create_node < mempool_create < do_cache" },
		{ PAGES, "alloc_pages", "__alloc_pages < do_pages" },
		{ PAGES, "alloc_pages", "get_page_from_freelist < __alloc_pages_nodemask < alloc_pages_current < do_pages" },
		{ PAGES, "alloc_pages", "__alloc_frozen_pages_noprof < alloc_pages_mpol_noprof < alloc_pages_noprof < do_pages" },
		{ PAGES, "__get_free_pages", "__alloc_pages < __get_free_pages < do_pages" },
		{ PAGES, "__get_free_pages", "__alloc_pages_noprof < get_free_pages_noprof < do_pages" },
		{ PAGES, "get_zeroed_page", "__alloc_pages < __get_free_pages < get_zeroed_page < do_pages" },
		{ PAGES, "get_zeroed_page", "__alloc_pages_noprof < get_zeroed_page_noprof < do_pages" },
		{ PAGES, "alloc_pages_exact", "__alloc_pages < __get_free_pages < alloc_pages_exact < do_pages" },
		{ PAGES, "alloc_pages_exact", "__alloc_pages_noprof < get_free_pages_noprof < alloc_pages_exact_noprof < do_pages" },
		{ PAGES, "folio_alloc", "__alloc_pages < folio_alloc < do_pages" },
		{ PAGES, "alloc_pages_bulk", "__alloc_pages < __alloc_pages_bulk < do_pages" },
		{ PAGES, "page_pool", "__alloc_pages < __alloc_pages_bulk < __page_pool_alloc_pages_slow < page_pool_alloc_pages < do_pages" },
		{ PAGES, "vmalloc", "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < __vmalloc_node < vmalloc < do_vmalloc" },
		{ PAGES, "vzalloc", "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < __vmalloc_node < vzalloc < do_vmalloc" },
		{ PAGES, "kvmalloc", "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < kvmalloc_node < do_vmalloc" },
		{ PAGES, "dma_alloc_coherent", "__alloc_pages < __dma_direct_alloc_pages.constprop.0 < dma_direct_alloc < dma_alloc_attrs < do_dma" },
		{ PAGES, "dmam_alloc_coherent", "__alloc_pages < dma_direct_alloc < dma_alloc_attrs < dmam_alloc_attrs < do_dma" },
		{ PAGES, "dma_pool_alloc", "__alloc_pages < dma_direct_alloc < dma_alloc_attrs < pool_alloc_page < dma_pool_alloc < do_dma" },
		{ PAGES, "mempool_create", "__alloc_pages < alloc_pages < mempool_alloc_pages < mempool_init_node < mempool_create_node < mempool_create < do_mempool" },
		{ PERCPU, "__alloc_percpu", "pcpu_alloc < *do_percpu" },
		{ PERCPU, "__alloc_percpu", "pcpu_alloc < *__alloc_percpu < do_percpu" },
		{ PERCPU, "__alloc_percpu", "pcpu_alloc_noprof < *do_percpu" },
	};
	struct model *m;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event ev = {
			.type = cases[i].type, .ptr = OBJECT & 0xffffffff,
			.bytes_req = 64, .bytes_alloc = 64,
			.flags = cases[i].kmalloc ? EVENT_KMALLOC : 0,
		};
		const struct snap_module *row;

		m = MODEL(0);
		model_event(m, &ev, cases[i].stack, NULL);
		row = model_row(m, "kmtest");
		if (row->n_sites != 1 || row->sites[0].charge != CHARGE_OWN)
			fail_msg("not own: %s", cases[i].stack);
		if (strcmp(row->sites[0].via, cases[i].via))
			fail_msg("via %s: %s", row->sites[0].via, cases[i].stack);
		for (j = 0; j < OVERHEAD_MAX; j++)
			assert_int_equal(row->overhead[j].objects, 0);
		model_done(m);
	}
}

static void kinds_of_memory(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < __dma_direct_alloc_pages.constprop.0 < dma_direct_alloc < dma_alloc_attrs < do_dma" SYSCALL);
	model_pages(m, PFN + 1, 0, "__alloc_pages < dma_direct_alloc < dma_alloc_attrs < pool_alloc_page < dma_pool_alloc < do_dma" SYSCALL);
	assert_only_own(m, "kmtest", KIND_DMA, 2 * PAGE);
	/* what the pool keeps for itself is slab */
	model_kmalloc(m, OBJECT, 40, 64, "kmem_cache_alloc_trace < *pool_alloc_page < dma_pool_alloc < do_dma" SYSCALL);
	assert_own(m, "kmtest", KIND_SLAB, 64);
	assert_own(m, "kmtest", KIND_DMA, 2 * PAGE);
	model_done(m);
}

/* 32-bit arm: the module's own function only in call_site. */
static void e11_call_site_missing_on_the_stack(void **state)
{
	struct model *m = MODEL(.long32 = true);

	(void)state;
	model_kmalloc(m, 0xc2345600, 64, 64, "!do_kmalloc < kmtest_ioctl < __x64_sys_ioctl");
	model_kmalloc(m, 0xc2345640, 32, 32, "!lib_make < do_lib < kmtest_ioctl");
	model_percpu(m, 0x2f000, 8, 32, "!do_percpu < __x64_sys_ioctl");
	model_cache_alloc(m, 0xc2345680, 28, 32, "!seq_open < do_syscall_64");
	assert_own(m, "kmtest", KIND_SLAB, 64);
	assert_own(m, "kmtest", KIND_PERCPU, 32);
	assert_only_own(m, "libkm", KIND_SLAB, 32);
	assert_own(m, "[kernel]", KIND_SLAB, 32);
	assert_string_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->via, "kmalloc");
	model_done(m);
}

/* A call site in an allocator: what comes further out is the caller. */
static void e11_call_site_in_an_allocator(void **state)
{
	struct model *m = MODEL(.long32 = true);

	(void)state;
	model_kmalloc(m, 0xc2345600, 64, 64, "!kvasprintf < kasprintf < do_string < kmtest_ioctl");
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	assert_string_equal(model_site(m, "kmtest", "do_string", NULL)->via, "kasprintf");
	/* frames above the call site do not count */
	model_kmalloc(m, 0xc2345640, 32, 32, "lib_make < __kmalloc < *do_kmalloc < kmtest_ioctl");
	assert_own(m, "kmtest", KIND_SLAB, 96);
	assert_nothing(m, "libkm");
	model_done(m);
}

static void e2_tracing_frames_and_suffixes(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__ftrace_trace_stack < trace_event_buffer_commit < trace_event_raw_event_kmem_alloc < __alloc_pages < __dma_direct_alloc_pages.constprop.0 < dma_alloc_attrs < do_dma" SYSCALL);
	assert_only_own(m, "kmtest", KIND_DMA, PAGE);
	model_done(m);
}

/* Events without a stack: counted, and charged by call site if there is one. */
static void events_without_a_stack(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "!do_kmalloc");
	model_pages(m, PFN, 0, NO_STACK);
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	assert_only_own(m, "[unknown]", KIND_PAGES, PAGE);
	assert_int_equal(model_snapshot(m)->coverage.events_without_stack, 2);
	assert_int_equal(model_snapshot(m)->coverage.unknown_addresses, 0);
	assert_false(model_snapshot(m)->coverage.trusted);
	model_done(m);
}

/* A return address behind a function's last instruction is still its own. */
static void call_at_the_end_of_a_function(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	/* do_krealloc+0 is where do_kmalloc's last call would return to */
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_krealloc+0x0" SYSCALL);
	assert_string_equal(model_row(m, "kmtest")->sites[0].function, "do_kmalloc");
	assert_int_equal(model_row(m, "kmtest")->sites[0].offset, 0x80);
	model_done(m);
}

/* Of a site, whatever the sizes and stacks; of a module it is less than their sum. */
static void peaks_of_sites(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_kmalloc(m, OBJECT + 256, 100, 128, "__kmalloc < *do_kmalloc < do_krealloc" SYSCALL);
	model_kfree(m, OBJECT);
	model_kfree(m, OBJECT + 256);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_kmalloc(m, OBJECT + 512, 32, 32, "__kmalloc < *do_krealloc" SYSCALL);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->live_bytes, 64);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->peak_bytes, 192);
	assert_int_equal(model_site(m, "kmtest", "do_krealloc", NULL)->peak_bytes, 32);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 192);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(induced_memory_is_apart),
		cmocka_unit_test(nearest_is_own_and_induced_in_one_sum),
		cmocka_unit_test(outermost_is_the_module_that_began_it),
		cmocka_unit_test(own_is_the_first_caller),
		cmocka_unit_test(no_module_is_the_kernel),
		cmocka_unit_test(via_names),
		cmocka_unit_test(kinds_of_memory),
		cmocka_unit_test(e11_call_site_missing_on_the_stack),
		cmocka_unit_test(e11_call_site_in_an_allocator),
		cmocka_unit_test(e2_tracing_frames_and_suffixes),
		cmocka_unit_test(events_without_a_stack),
		cmocka_unit_test(call_at_the_end_of_a_function),
		cmocka_unit_test(peaks_of_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
