// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_overhead.c - what allocators take for themselves is kept apart
 * (TRAPS A3, A4, A5), and the names of slab caches (E4)
 */
#include <stdio.h>
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

/* One event, and the overhead that it is. */
struct overhead_case {
	bool slab;		/* a kmalloc, else pages */
	enum overhead_kind kind;
	const char *stack;
};

static void check_cases(const struct overhead_case *cases, size_t n)
{
	struct model *m;
	size_t i;

	for (i = 0; i < n; i++) {
		m = MODEL(0);
		if (cases[i].slab)
			model_kmalloc(m, OBJECT, 500, 512, cases[i].stack);
		else
			model_pages(m, PFN, 3, cases[i].stack);
		if (model_totals(m, "kmtest").own ||
		    model_overhead(m, "kmtest", cases[i].kind) !=
		    (cases[i].slab ? 512 : 8 * PAGE))
			fail_msg("not %s: %s",
				 overhead_kind_name(cases[i].kind), cases[i].stack);
		assert_int_equal(model_totals(m, "kmtest").induced, 0);
		model_done(m);
	}
}

#define CHECK(cases) check_cases(cases, sizeof(cases) / sizeof((cases)[0]))

static void a3_slab_pages_are_overhead(void **state)
{
	static const struct overhead_case cases[] = {
		/* 5.10, 6.1, 6.12, 7.2 */
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_pages_nodemask < alloc_pages_current < allocate_slab < new_slab < new_slab_objects < ___slab_alloc < __slab_alloc < kmem_cache_alloc < do_cache" SYSCALL },
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_pages < allocate_slab < ___slab_alloc < __slab_alloc.isra.0 < kmem_cache_alloc < do_cache" SYSCALL },
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_pages < allocate_slab < ___slab_alloc < __kmem_cache_alloc_node < kmalloc_trace < do_kmalloc" SYSCALL },
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_pages_noprof < allocate_slab < ___slab_alloc < __kmalloc_cache_noprof < do_kmalloc" SYSCALL },
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_frozen_pages_noprof < alloc_from_new_slab < refill_objects < __pcs_replace_empty_main < kmem_cache_alloc_noprof < do_cache" SYSCALL },
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_pages < allocate_slab < __kmem_cache_alloc_bulk < kmem_cache_alloc_bulk < do_cache" SYSCALL },
		/* vectors beside a slab */
		{ true, OVERHEAD_SLAB_EXTS, "__kmalloc_node_noprof < *alloc_slab_obj_exts < allocate_slab < ___slab_alloc < __kmalloc_cache_noprof < do_kmalloc" SYSCALL },
		{ true, OVERHEAD_SLAB_EXTS, "__kmalloc_node < *memcg_alloc_slab_cgroups < kmem_cache_alloc < do_cache" SYSCALL },
	};

	(void)state;
	CHECK(cases);
}

static void a3_slab_pages_under_induced_memory(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc_lru < __d_alloc < d_alloc < fs_write < vfs_write < ksys_write");
	assert_overhead(m, "fsmod", OVERHEAD_SLAB_PAGES, PAGE);
	assert_int_equal(model_totals(m, "fsmod").induced, 0);
	model_cache_alloc(m, OBJECT, 192, 192, "kmem_cache_alloc_lru < *__d_alloc < d_alloc < fs_write < vfs_write < ksys_write");
	assert_induced(m, "fsmod", KIND_SLAB, 192);
	assert_int_equal(model_totals(m, "fsmod").own, 0);
	model_done(m);
}

static void a3_slabs_are_named_to_their_cache(void **state)
{
	const struct snap_cache *c;
	struct model *m = MODEL(0);
	unsigned int i;

	(void)state;
	model_pages(m, PFN, 1, "__alloc_pages < allocate_slab < ___slab_alloc < __slab_alloc.isra.0 < kmem_cache_alloc < do_cache" SYSCALL);
	for (i = 0; i < 4; i++)
		model_cache_alloc(m, OBJECT + 32 * i, 28, 32,
				  "kmem_cache_alloc < *do_cache" SYSCALL);
	model_cache_free(m, OBJECT, "kmtest_cache");
	c = model_cache(m, "kmtest", "kmtest_cache");
	assert_int_equal(c->objects, 3);
	assert_int_equal(c->bytes, 96);
	assert_int_equal(c->object_size, 32);
	assert_int_equal(c->slabs, 1);
	assert_int_equal(c->slab_bytes, 2 * PAGE);
	assert_false(c->free_blind);

	/* the slab goes back: nothing is left of it */
	for (i = 1; i < 4; i++)
		model_cache_free(m, OBJECT + 32 * i, "kmtest_cache");
	model_pages_free(m, PFN, 1, NO_STACK);
	c = model_cache(m, "kmtest", "kmtest_cache");
	assert_int_equal(c->slabs, 0);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* A slab that was given back before its object came is nobody's slab. */
static void a3_slab_that_is_gone_names_nothing(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < do_cache" SYSCALL);
	model_pages_free(m, PFN, 0, NO_STACK);
	model_pages(m, PFN + 9, 0, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	model_cache_alloc(m, OBJECT, 28, 32, "kmem_cache_alloc < *do_cache" SYSCALL);
	model_cache_alloc(m, OBJECT + 32, 28, 32, "kmem_cache_alloc < *do_cache" SYSCALL);
	model_cache_free(m, OBJECT, "kmtest_cache");
	assert_int_equal(model_cache(m, "kmtest", "kmtest_cache")->slabs, 0);
	assert_own(m, "kmtest", KIND_PAGES, PAGE);
	model_done(m);
}

static void a4_sheaves_are_overhead(void **state)
{
	static const struct overhead_case cases[] = {
		{ true, OVERHEAD_SHEAVES, "__kmalloc_cache_noprof < *__pcs_replace_empty_main < kmem_cache_alloc_noprof < do_cache" SYSCALL },
		{ true, OVERHEAD_SHEAVES, "__kmalloc_noprof < *__alloc_empty_sheaf < __pcs_replace_empty_main < kmem_cache_alloc_noprof < do_cache" SYSCALL },
		{ true, OVERHEAD_SHEAVES, "__kmalloc_noprof < *alloc_empty_sheaf < kmem_cache_alloc_noprof < do_cache" SYSCALL },
		/* the slab of the sheaf's own cache */
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_frozen_pages_noprof < allocate_slab < ___slab_alloc < __kmalloc_noprof < __pcs_replace_empty_main < kmem_cache_alloc_noprof < do_cache" SYSCALL },
	};

	(void)state;
	CHECK(cases);
}

static void a5_vmap_metadata_is_overhead(void **state)
{
	static const struct overhead_case cases[] = {
		{ true, OVERHEAD_VMAP, "kmem_cache_alloc_node_trace < *__get_vm_area_node < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL },
		{ true, OVERHEAD_VMAP, "kmem_cache_alloc_node < *alloc_vmap_area < __get_vm_area_node < __vmalloc_node_range < __vmalloc_node < vmalloc < do_vmalloc" SYSCALL },
		{ true, OVERHEAD_VMAP, "__kmalloc_node < *__vmalloc_node_range < __vmalloc_node < vmalloc < do_vmalloc" SYSCALL },
		{ true, OVERHEAD_VMAP, "__kmalloc_node_noprof < *__vmalloc_node_range_noprof < __vmalloc_node_noprof < vmalloc_noprof < do_vmalloc" SYSCALL },
		{ true, OVERHEAD_VMAP, "__kmalloc_node < *__vmalloc_area_node < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL },
		{ true, OVERHEAD_VMAP, "kmem_cache_alloc_node < *alloc_vmap_area < __get_vm_area_node < ioremap_prot < do_vmalloc" SYSCALL },
		/* a page array of more than a page is a vmalloc of its own */
		{ false, OVERHEAD_VMAP, "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < __vmalloc_node < __vmalloc_node_range < __vmalloc_node < vmalloc < do_vmalloc" SYSCALL },
		/* page tables of the area */
		{ false, OVERHEAD_VMAP, "__alloc_pages < get_zeroed_page < __pte_alloc_kernel < vmap_range_noflush < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL },
		{ false, OVERHEAD_VMAP, "__alloc_pages < __pmd_alloc < vmap_range_noflush < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL },
	};

	(void)state;
	CHECK(cases);
}

static void a5_pages_of_vmalloc_are_its_own(void **state)
{
	static const char *const stacks[] = {
		"__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < __vmalloc_node < vmalloc < do_vmalloc" SYSCALL,
		"__alloc_pages_nodemask < alloc_pages_current < __vmalloc_node_range < __vmalloc_node < vzalloc < do_vmalloc" SYSCALL,
		"__alloc_pages_noprof < alloc_pages_mpol_noprof < alloc_pages_noprof < vm_area_alloc_pages < __vmalloc_node_range_noprof < __kvmalloc_node_noprof < do_vmalloc" SYSCALL,
		"__alloc_pages < __alloc_pages_bulk < vm_area_alloc_pages < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL,
	};
	struct model *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		m = MODEL(0);
		model_pages(m, PFN, 0, stacks[i]);
		assert_only_own(m, "kmtest", KIND_VMALLOC, PAGE);
		model_done(m);
	}
}

static void percpu_chunks_are_overhead(void **state)
{
	static const struct overhead_case cases[] = {
		{ false, OVERHEAD_PERCPU_CHUNKS, "__alloc_pages < pcpu_alloc_pages.constprop.0 < pcpu_populate_chunk < pcpu_alloc < __alloc_percpu < do_percpu" SYSCALL },
		{ true, OVERHEAD_PERCPU_CHUNKS, "__kmalloc < *pcpu_mem_zalloc < pcpu_create_chunk < pcpu_alloc_noprof < do_percpu" SYSCALL },
		/* the map of a chunk, when it takes more than a page */
		{ false, OVERHEAD_PERCPU_CHUNKS, "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < __vmalloc < pcpu_mem_zalloc < pcpu_create_chunk < pcpu_alloc < __alloc_percpu < do_percpu" SYSCALL },
	};

	(void)state;
	CHECK(cases);
}

static void debug_and_rcu_memory_is_overhead(void **state)
{
	static const struct overhead_case cases[] = {
		{ false, OVERHEAD_DEBUG, "__alloc_pages < stack_depot_save < __set_page_owner < get_page_from_freelist < __alloc_pages < alloc_pages < do_pages" SYSCALL },
		{ false, OVERHEAD_RCU, "__alloc_pages < __get_free_pages < kvfree_call_rcu < do_kmalloc" SYSCALL },
	};

	(void)state;
	CHECK(cases);
}

/* What memory of each kind of event is, under each function that leaves a mark. */
enum { OWN = OVERHEAD_MAX, DMA_PAGES, VMALLOC_PAGES };

static const struct {
	const char *under;
	int slab, pages, percpu, vmalloc;
} marks[] = {
	{ "kmalloc_trace", OWN, OWN, OWN, OWN },
	{ "allocate_slab", OWN, OVERHEAD_SLAB_PAGES, OWN, OWN },
	{ "alloc_slab_obj_exts", OVERHEAD_SLAB_EXTS, OVERHEAD_SLAB_EXTS, OVERHEAD_SLAB_EXTS,
	  OVERHEAD_SLAB_EXTS },
	{ "__pcs_replace_empty_main", OVERHEAD_SHEAVES, OVERHEAD_SHEAVES, OVERHEAD_SHEAVES,
	  OVERHEAD_SHEAVES },
	{ "alloc_vmap_area", OVERHEAD_VMAP, OVERHEAD_VMAP, OVERHEAD_VMAP, OWN },
	{ "__vmalloc_node_range", OVERHEAD_VMAP, VMALLOC_PAGES, OVERHEAD_VMAP, OVERHEAD_VMAP },
	{ "pcpu_mem_zalloc < pcpu_create_chunk < pcpu_alloc", OVERHEAD_PERCPU_CHUNKS,
	  OVERHEAD_PERCPU_CHUNKS, OWN, OVERHEAD_PERCPU_CHUNKS },
	{ "kvfree_call_rcu", OVERHEAD_RCU, OVERHEAD_RCU, OVERHEAD_RCU, OVERHEAD_RCU },
	{ "stack_depot_save", OVERHEAD_DEBUG, OVERHEAD_DEBUG, OVERHEAD_DEBUG, OVERHEAD_DEBUG },
	{ "dma_alloc_attrs", OWN, DMA_PAGES, OWN, OWN },
};

static void check_mark(struct model *m, const char *stack, int is, enum mem_kind kind,
		       uint64_t bytes)
{
	uint64_t found;

	kind = is == DMA_PAGES ? KIND_DMA : is == VMALLOC_PAGES ? KIND_VMALLOC : kind;
	found = is < OVERHEAD_MAX ?
		model_overhead(m, "kmtest", (enum overhead_kind)is) :
		model_own(m, "kmtest", kind);
	if (found != bytes || model_totals(m, "kmtest").own != (is < OVERHEAD_MAX ? 0 : bytes))
		fail_msg("not %s: %s", is < OVERHEAD_MAX ?
			 overhead_kind_name((enum overhead_kind)is) : mem_kind_name(kind), stack);
	model_done(m);
}

static void every_mark_counts_for_every_event(void **state)
{
	char stack[256];
	struct model *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct event area = {
			.type = EVENT_VMALLOC, .ptr = 0xffffc90000100000ULL,
			.bytes_alloc = 10 * PAGE,
		};
		struct event call = {
			.type = EVENT_BULK_ALLOC, .bytes_alloc = 64,
		};
		struct event item = { .type = EVENT_BULK_ITEM, .ptr = OBJECT };
		struct event block = {
			.type = EVENT_DMA_BLOCK, .ptr = OBJECT, .bytes_alloc = 64,
		};

		m = MODEL(0);
		snprintf(stack, sizeof(stack), "__kmalloc < *%s < do_kmalloc" SYSCALL,
			 marks[i].under);
		model_kmalloc(m, OBJECT, 500, 512, stack);
		check_mark(m, stack, marks[i].slab, KIND_SLAB, 512);

		m = MODEL(0);
		snprintf(stack, sizeof(stack), "__alloc_pages < %s < do_pages" SYSCALL,
			 marks[i].under);
		model_pages(m, PFN, 3, stack);
		check_mark(m, stack, marks[i].pages, KIND_PAGES, 8 * PAGE);

		m = MODEL(0);
		snprintf(stack, sizeof(stack), "pcpu_alloc < __alloc_percpu < %s < do_percpu" SYSCALL,
			 marks[i].under);
		model_percpu(m, 0x1234560, 16, 64, stack);
		check_mark(m, stack, marks[i].percpu, KIND_PERCPU, 64);

		m = MODEL(.areas = true, .no_replay = true);
		snprintf(stack, sizeof(stack), "vmap_pages_range < __vmalloc_node_range < %s < do_vmalloc" SYSCALL,
			 marks[i].under);
		model_event(m, &area, stack, NULL);
		check_mark(m, stack, marks[i].vmalloc, KIND_VMALLOC, 10 * PAGE);

		m = MODEL(.areas = true, .no_replay = true);
		snprintf(stack, sizeof(stack), "__vmalloc_node_range < %s < do_vmalloc" SYSCALL,
			 marks[i].under);
		model_event(m, &area, stack, NULL);
		if (!strcmp(marks[i].under, "alloc_vmap_area"))
			model_done(m);	/* nothing vmallocs to make an area */
		else
			check_mark(m, stack, marks[i].vmalloc, KIND_VMALLOC, 10 * PAGE);

		m = MODEL(.no_replay = true);
		snprintf(stack, sizeof(stack), "kmem_cache_alloc_bulk < %s < do_cache" SYSCALL,
			 marks[i].under);
		model_event(m, &call, stack, NULL);
		model_event(m, &item, NO_STACK, NULL);
		check_mark(m, stack, marks[i].slab, KIND_SLAB, 64);

		/* lies in pages that are charged */
		m = MODEL(.no_replay = true);
		snprintf(stack, sizeof(stack), "dma_pool_alloc < %s < do_dma" SYSCALL,
			 marks[i].under);
		model_event(m, &block, stack, NULL);
		assert_int_equal(model_totals(m, "kmtest").own, 0);
		assert_int_equal(model_totals(m, "kmtest").overhead, 0);
		model_done(m);
	}
}

/* Slab pages for the array of the array are slab pages, like any. */
static void slab_under_a_nested_vmalloc(void **state)
{
	static const struct overhead_case cases[] = {
		{ false, OVERHEAD_SLAB_PAGES, "__alloc_pages < allocate_slab < ___slab_alloc < __kmalloc_node < __vmalloc_node_range < __vmalloc_node < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL },
	};

	(void)state;
	CHECK(cases);
}

/* Merged caches go by one name, whichever the kernel chose (E4). */
static void e4_name_of_a_merged_cache(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_cache_alloc(m, OBJECT, 28, 32, "kmem_cache_alloc < *do_cache" SYSCALL);
	model_cache_alloc(m, OBJECT + 32, 28, 32, "kmem_cache_alloc < *do_cache" SYSCALL);
	/* another place, the same cache: nothing names it but the free */
	model_cache_alloc(m, OBJECT + 64, 28, 32, "kmem_cache_alloc < *fs_alloc_inode < vfs_write");
	model_cache_free(m, OBJECT, "lsm_inode_cache");
	assert_int_equal(model_cache(m, "kmtest", "lsm_inode_cache")->objects, 1);
	assert_null(model_row(m, "fsmod")->caches[0].name);
	assert_int_equal(model_row(m, "fsmod")->caches[0].objects, 1);
	model_done(m);
}

/* From 7.x on the allocation itself says of which cache it is. */
static void e4_name_in_the_allocation(void **state)
{
	struct event ev = {
		.type = EVENT_SLAB_ALLOC, .ptr = OBJECT, .bytes_req = 28,
		.bytes_alloc = 32,
	};
	struct model *m = MODEL(0);

	(void)state;
	model_event(m, &ev, "kmem_cache_alloc_noprof < *do_cache" SYSCALL,
		    "kmtest_cache");
	assert_int_equal(model_cache(m, "kmtest", "kmtest_cache")->bytes, 32);
	model_done(m);
}

static void kmalloc_caches_are_named_by_size(void **state)
{
	static const struct {
		uint64_t size;
		const char *name;
	} cases[] = {
		{ 8, "kmalloc-8" }, { 96, "kmalloc-96" }, { 192, "kmalloc-192" },
		{ 512, "kmalloc-512" }, { 1024, "kmalloc-1k" },
		{ 8192, "kmalloc-8k" },
	};
	struct model *m = MODEL(0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		model_kmalloc(m, OBJECT + i * 0x10000, cases[i].size, cases[i].size,
			      "__kmalloc < *do_kmalloc" SYSCALL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(model_cache(m, "kmtest", cases[i].name)->bytes,
				 cases[i].size);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a3_slab_pages_are_overhead),
		cmocka_unit_test(a3_slab_pages_under_induced_memory),
		cmocka_unit_test(a3_slabs_are_named_to_their_cache),
		cmocka_unit_test(a3_slab_that_is_gone_names_nothing),
		cmocka_unit_test(a4_sheaves_are_overhead),
		cmocka_unit_test(a5_vmap_metadata_is_overhead),
		cmocka_unit_test(a5_pages_of_vmalloc_are_its_own),
		cmocka_unit_test(percpu_chunks_are_overhead),
		cmocka_unit_test(debug_and_rcu_memory_is_overhead),
		cmocka_unit_test(every_mark_counts_for_every_event),
		cmocka_unit_test(slab_under_a_nested_vmalloc),
		cmocka_unit_test(e4_name_of_a_merged_cache),
		cmocka_unit_test(e4_name_in_the_allocation),
		cmocka_unit_test(kmalloc_caches_are_named_by_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
