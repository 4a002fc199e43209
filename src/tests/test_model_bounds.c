// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_bounds.c - which numbers are exact, and which are not, and why
 */
#include <string.h>

#include "bound.h"
#include "leaks.h"
#include "modmap.h"
#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

#define KMALLOC "__kmalloc < *do_kmalloc" SYSCALL
#define PAGES "__alloc_pages < alloc_pages < do_pages" SYSCALL
#define PERCPU "pcpu_alloc < *do_percpu" SYSCALL
#define LIB "__kmalloc < *lib_make" SYSCALL
#define COVERED "bulk_alloc covered\nbulk_free covered\nrcu_free covered\nvmalloc covered\ndma_pool covered\n"
/* A kernel whose stacks end at a return probe, as up to 5.x (x86). */
#define FREES_COVERED "bulk_alloc blind stacks\nbulk_free covered\nrcu_free covered\nvmalloc covered\n"
#define PAGES_COVERED COVERED "pages_bulk covered\n"
#define HARMLESS "kmtest\tkfree __kmalloc\nlibkm\tkfree\nfsmod\tkfree\n"

#define WHY(cause) BOUND_BIT(CAUSE_##cause)

/* Causes that a replay came to here, as it should. */
static uint32_t met;

#define assert_causes(have, want) do {					\
	assert_int_equal(have, want);					\
	met |= (want);							\
} while (0)
#define assert_why(m, module, causes) \
	assert_causes(model_row(m, module)->why, causes)
#define assert_kind_why(m, module, kind, causes) \
	assert_causes(model_row(m, module)->kind_why[kind], causes)

/* Some of each kind that events tell all about. */
static void some_of_each(struct model *m)
{
	model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
	model_pages(m, PFN, 0, PAGES);
	model_percpu(m, 0x2f000, 64, 256, PERCPU);
}

/* Without the module's file nobody knows how it takes and frees objects. */
static void unknown_file_is_about(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	some_of_each(m);
	assert_why(m, "kmtest", WHY(FILE_UNKNOWN));
	assert_kind_why(m, "kmtest", KIND_SLAB, WHY(FILE_UNKNOWN));
	assert_kind_why(m, "kmtest", KIND_PAGES, 0);
	assert_kind_why(m, "kmtest", KIND_PERCPU, 0);
	assert_kind_why(m, "kmtest", KIND_VMALLOC, 0);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->why, WHY(FILE_UNKNOWN));
	assert_int_equal(model_site(m, "kmtest", "do_pages", NULL)->why, 0);
	assert_int_equal(model_site(m, "kmtest", "do_percpu", NULL)->why, 0);
	assert_int_equal(bound_of(model_row(m, "kmtest")->why), BOUND_ABOUT);
	/* there is no reason to think that it holds any */
	assert_why(m, "libkm", 0);
	/* the core kernel's is part of the total */
	assert_int_equal(model_snapshot(m)->why, model_row(m, "[kernel]")->why |
			 WHY(FILE_UNKNOWN));
	model_done(m);
}

/* It frees what it has: what is left is 0, and no less. */
static void nothing_is_not_at_most(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
	model_kfree(m, OBJECT);
	assert_why(m, "kmtest", 0);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->why, 0);
	model_done(m);
}

/* A few calls that a probe missed are no path that nothing is seen of. */
static void missed_calls(void **state)
{
	struct model *m = MODEL(.imports = "kmtest\tkvfree_call_rcu vmalloc\nlibkm\tkfree\n",
				.probes = "rcu_free blind in part: 3 of 9 calls were missed\n"
					  "bulk_free covered\nbulk_alloc covered\n"
					  "vmalloc blind in part: 1 of 77 calls were missed\n"
					  "dma_pool blind in part: 4 of 986 calls were missed\n"
					  "module_map blind no kprobes\n");
	const struct coverage *c;

	(void)state;
	some_of_each(m);
	model_kmalloc(m, OBJECT + 64, 60, 64, LIB);
	c = &model_snapshot(m)->coverage;
	assert_int_equal(c->n_missed, 3);
	assert_string_equal(c->missed[0].path, "kfree_rcu, kvfree_rcu");
	assert_string_equal(c->missed[1].path, "vmalloc");
	assert_string_equal(c->missed[2].path, "dma_pool_alloc");
	assert_int_equal(c->missed[2].missed, 4);
	assert_int_equal(c->missed[2].calls, 986);
	for (size_t i = 0; i < c->n_blind; i++)
		assert_null(strstr(c->blind[i], "dma_pool"));
	for (size_t i = 0; i < c->n_unseen; i++)
		assert_null(strstr(c->unseen[i], "in part"));
	/* who makes such calls is marked, and nobody else */
	assert_kind_why(m, "kmtest", KIND_SLAB, WHY(MISSED_FREES));
	assert_kind_why(m, "kmtest", KIND_VMALLOC, WHY(MISSED_ALLOCS));
	assert_kind_why(m, "kmtest", KIND_PAGES, 0);
	assert_kind_why(m, "kmtest", KIND_DMA, 0);
	assert_why(m, "libkm", 0);
	model_done(m);
}

static void imports_decide(void **state)
{
	static const struct {
		const char *imports, *probes;
		uint32_t slab, pages, dma, induced;
	} cases[] = {
		{ HARMLESS, NULL, 0, 0, 0, 0 },
		{ "kmtest\t?\n", NULL, WHY(FILE_UNKNOWN), 0, 0, 0 },
		{ "kmtest\tkvfree_call_rcu\n", NULL, WHY(KFREE_RCU), 0, 0, 0 },
		{ "kmtest\tkvfree_call_rcu\n", COVERED, 0, 0, 0, 0 },
		{ "kmtest\tkmem_cache_free_bulk\n", NULL, WHY(SLAB_BULK_FREE), 0, 0, 0 },
		{ "kmtest\tkmem_cache_free_bulk\n", COVERED, 0, 0, 0, 0 },
		{ "kmtest\tkmem_cache_alloc_bulk\n", NULL, WHY(SLAB_BULK_ALLOC), 0, 0, 0 },
		{ "kmtest\tkmem_cache_alloc_bulk_noprof\n", COVERED, 0, 0, 0, 0 },
		{ "kmtest\tkvfree_call_rcu kmem_cache_alloc_bulk\n", NULL,
		  WHY(KFREE_RCU) | WHY(SLAB_BULK_ALLOC), 0, 0, 0 },
		/* one way of both is enough not to know */
		{ "kmtest\t?\n", FREES_COVERED, WHY(FILE_UNKNOWN), 0, 0, 0 },
		{ "kmtest\tkmem_cache_alloc_bulk\n", FREES_COVERED, WHY(SLAB_BULK_ALLOC), 0, 0, 0 },
		{ HARMLESS, FREES_COVERED, 0, 0, 0, 0 },
		{ "kmtest\t?\n", COVERED, 0, 0, 0, 0 },
		{ "kmtest\t__alloc_pages_bulk\n", COVERED, 0, WHY(PAGES_BULK), 0, 0 },
		{ "kmtest\t__alloc_pages_bulk\n", PAGES_COVERED, 0, 0, 0, 0 },
		{ "kmtest\t__alloc_pages_bulk\n", COVERED "pages_bulk blind in part: 1 of 9 calls were missed\n",
		  0, WHY(MISSED_ALLOCS), 0, 0 },
		{ HARMLESS, COVERED "pages_bulk blind in part: 1 of 9 calls were missed\n",
		  0, 0, 0, 0 },
		{ "kmtest\tpage_pool_alloc_pages\n", COVERED, 0, WHY(PAGE_POOL), 0, 0 },
		{ "kmtest\tpage_pool_alloc_pages\n", PAGES_COVERED, 0, 0, 0, 0 },
		/* no probe tells of these */
		{ "kmtest\tcma_alloc\n", PAGES_COVERED, 0, WHY(CMA), 0, 0 },
		/* contiguous memory, if the machine has any for that */
		{ "kmtest\tdma_alloc_attrs\n", COVERED, 0, 0, WHY(CMA), 0 },
		/* vmalloc is judged by the areas that were seen */
		{ "kmtest\tvmalloc vzalloc mempool_alloc\n", NULL, 0, 0, 0, 0 },
		/* others' files say nothing of it */
		{ "libkm\tkvfree_call_rcu\n", NULL, WHY(FILE_UNKNOWN), 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.imports = cases[i].imports, .probes = cases[i].probes,
					.meminfo = "MemFree: 1 kB\nCmaTotal:  65536 kB\n");

		some_of_each(m);
		print_message("case %zu\n", i);
		assert_kind_why(m, "kmtest", KIND_SLAB, cases[i].slab);
		assert_kind_why(m, "kmtest", KIND_PAGES, cases[i].pages);
		assert_kind_why(m, "kmtest", KIND_DMA, cases[i].dma);
		assert_causes(model_row(m, "kmtest")->induced_why, cases[i].induced);
		assert_why(m, "kmtest", cases[i].slab | cases[i].pages | cases[i].dma);
		model_done(m);
	}
}

/* That it could take others unseen says nothing of objects whose call was seen. */
static void a_site_is_as_exact_as_its_call(void **state)
{
	struct model *m = MODEL(.imports = "kmtest\tkmem_cache_alloc_bulk __alloc_pages_bulk\n");

	(void)state;
	some_of_each(m);
	model_pages(m, PFN + 8, 0, "get_page_from_freelist < __alloc_pages_bulk < do_exact" SYSCALL);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->why, 0);
	assert_int_equal(model_site(m, "kmtest", "do_pages", NULL)->why, 0);
	/* one that came by itself, of those that did not */
	assert_int_equal(model_site(m, "kmtest", "do_exact", NULL)->why, WHY(PAGES_BULK));
	assert_why(m, "kmtest", WHY(SLAB_BULK_ALLOC) | WHY(PAGES_BULK));
	model_done(m);
	/* a probe tells of those */
	m = MODEL(.imports = "kmtest\t__alloc_pages_bulk\n", .probes = PAGES_COVERED);
	model_pages(m, PFN, 0, "get_page_from_freelist < __alloc_pages_bulk < do_exact" SYSCALL);
	model_pages(m, PFN + 1, 0, "__alloc_pages < __alloc_pages_bulk < page_pool_alloc_pages < do_pages" SYSCALL);
	model_pages_free(m, PFN + 2, 0, "__free_pages < do_exact" SYSCALL);
	assert_int_equal(model_site(m, "kmtest", "do_exact", "alloc_pages_bulk")->why, 0);
	assert_int_equal(model_site(m, "kmtest", "do_pages", "page_pool")->why, 0);
	assert_why(m, "kmtest", 0);
	model_done(m);
	/* or not: of a page_pool, too */
	m = MODEL(.imports = HARMLESS, .probes = COVERED);
	model_pages(m, PFN + 1, 0, "__alloc_pages < __alloc_pages_bulk < page_pool_alloc_pages < do_pages" SYSCALL);
	assert_int_equal(model_site(m, "kmtest", "do_pages", "page_pool")->why, WHY(PAGE_POOL));
	model_done(m);
}

static void no_contiguous_memory_is_there(void **state)
{
	static const char *const meminfo[] = { NULL, "MemFree: 1 kB\n", "CmaTotal: 0 kB\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct model *m = MODEL(.imports = "kmtest\tdma_alloc_attrs\n",
					.meminfo = meminfo[i]);

		some_of_each(m);
		assert_why(m, "kmtest", 0);
		model_done(m);
	}
}

/* Pages that nobody was seen to take, given back by the module itself. */
static void frees_of_unseen_pages(void **state)
{
	static const struct {
		const char *stack, *imports;
		uint32_t pages, dma;
	} cases[] = {
		{ "__free_pages < do_pages" SYSCALL, NULL, WHY(PAGES_BULK), 0 },
		{ "__free_pages < free_pages < do_pages" SYSCALL, NULL, WHY(PAGES_BULK), 0 },
		{ "__free_pages < free_pages < do_pages" SYSCALL, "kmtest\t__alloc_pages_bulk\n",
		  WHY(PAGES_BULK), 0 },
		/* it cannot take any so: they are from before the recording */
		{ "__free_pages < do_pages" SYSCALL, HARMLESS, 0, 0 },
		/* a large kmalloc, which has events */
		{ "__free_pages < kfree < do_large" SYSCALL, NULL, 0, 0 },
		/* the core kernel's own business */
		{ "__free_pages < generic_perform_write < do_pages" SYSCALL, NULL, 0, 0 },
		{ "__free_pages < __vunmap < vfree < do_vmalloc" SYSCALL, NULL, 0, 0 },
		{ "__free_pages < irq_exit < asm_common_interrupt < do_pages" SYSCALL, NULL, 0, 0 },
		{ NO_STACK, NULL, 0, 0 },
		{ "free_contig_range < cma_release < do_dma" SYSCALL, NULL, WHY(CMA), 0 },
		{ "free_contig_range < cma_release < dma_free_attrs < do_dma" SYSCALL, NULL,
		  0, WHY(CMA) },
		{ "free_contig_range < cma_release < do_dma" SYSCALL, HARMLESS, 0, 0 },
		/* coherent memory that is not contiguous has events */
		{ "__free_pages < dma_free_attrs < do_dma" SYSCALL, NULL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.imports = cases[i].imports);

		some_of_each(m);
		model_pages_free(m, 0x777, 0, cases[i].stack);
		print_message("case %zu\n", i);
		assert_kind_why(m, "kmtest", KIND_PAGES, cases[i].pages);
		assert_kind_why(m, "kmtest", KIND_DMA, cases[i].dma);
		assert_kind_why(m, "libkm", KIND_PAGES, 0);
		model_done(m);
	}
}

/* Another CPU's clock put the free before its allocation. */
static void freed_early_was_seen(void **state)
{
	struct model *m = MODEL(.local_clock = true, .imports = "kmtest\t?\n");

	(void)state;
	m->cpu = 1;
	model_pages_free(m, PFN, 0, "__free_pages < do_pages" SYSCALL);
	m->cpu = 0;
	m->now -= 900;
	model_pages(m, PFN, 0, PAGES);
	assert_int_equal(books_unseen(m->books, modmap_instance(m->mm,
			 modmap_find(m->mm, KMTEST_BASE))->row, BOOKS_UNSEEN_PAGES), 0);
	assert_kind_why(m, "kmtest", KIND_PAGES, WHY(CLOCK));
	assert_int_equal(model_site(m, "kmtest", "do_pages", NULL)->why, WHY(CLOCK));
	model_done(m);
}

/* An address that is given out again was freed unseen: others of that place may be. */
static void evicted_is_at_most(void **state)
{
	struct model *m = MODEL(.imports = HARMLESS);

	(void)state;
	model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
	model_kmalloc(m, OBJECT + 64, 60, 64, KMALLOC);
	model_kmalloc(m, OBJECT, 60, 64, LIB);
	assert_why(m, "kmtest", WHY(FREE_BLIND));
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->why, WHY(FREE_BLIND));
	assert_why(m, "libkm", 0);
	model_done(m);
}

/* Who came after the last loss has lost nothing. */
static void losses_are_of_those_that_were_there(void **state)
{
	struct model *m = MODEL(.plan = "+libkm", .imports = HARMLESS);

	(void)state;
	some_of_each(m);
	model_lost(m, 3);
	model_module(m, "libkm", true);
	model_kmalloc(m, OBJECT + 64, 60, 64, LIB);
	assert_int_equal(bound_of(model_row(m, "kmtest")->why), BOUND_ABOUT);
	assert_why(m, "kmtest", WHY(LOST));
	assert_int_equal(model_site(m, "kmtest", "do_pages", NULL)->why, WHY(LOST));
	assert_why(m, "libkm", 0);
	assert_false(model_snapshot(m)->coverage.trusted);
	assert_true(coverage_touches(&model_snapshot(m)->coverage, 0, WHY(LOST)));
	assert_false(coverage_touches(&model_snapshot(m)->coverage, 0,
				      model_row(m, "libkm")->why));
	model_done(m);
}

static void narrowed_to_others(void **state)
{
	struct model *m = MODEL(.narrowed = "libkm", .imports = HARMLESS, .probes = COVERED);

	(void)state;
	some_of_each(m);
	assert_why(m, "kmtest", WHY(NARROWED));
	/* pages of others are recorded all the same */
	assert_kind_why(m, "kmtest", KIND_PAGES, 0);
	assert_kind_why(m, "kmtest", KIND_SLAB, WHY(NARROWED));
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->why, 0);
	assert_why(m, "libkm", 0);
	model_done(m);
}

/* --own: what the kernel took is too low, of modules only pages that may be movable. */
static void own_only(void **state)
{
	struct model *m = MODEL(.own = "kmem/kmalloc,kmem/mm_page_alloc", .probes = COVERED,
				.imports = "kmtest\tkfree __kmalloc alloc_pages\n"
					   "libkm\tkfree filemap_alloc_folio_noprof\n");
	const struct coverage *c;

	(void)state;
	some_of_each(m);
	model_kmalloc(m, OBJECT + 4096, 64, 64, "__kmalloc_node < *kvmalloc_node < alloc_netdev_mqs < do_kmalloc" SYSCALL);
	model_pages(m, PFN + 64, 0, "__alloc_pages < pte_alloc_one < do_pages" SYSCALL);
	c = &model_snapshot(m)->coverage;
	assert_true(c->own_only);
	assert_why(m, "kmtest", 0);
	assert_int_equal(model_row(m, "kmtest")->induced_why, WHY(OWN_ONLY));
	assert_int_equal(snapshot_row_why(model_snapshot(m), model_row(m, "kmtest")), 0);
	assert_why(m, "libkm", WHY(OWN_ONLY));
	assert_kind_why(m, "libkm", KIND_PAGES, WHY(OWN_ONLY));
	assert_kind_why(m, "libkm", KIND_SLAB, 0);
	assert_kind_why(m, "[kernel]", KIND_SLAB, WHY(OWN_ONLY));
	assert_kind_why(m, "[kernel]", KIND_PERCPU, WHY(OWN_ONLY));
	assert_kind_why(m, "[kernel]", KIND_VMALLOC, 0);
	assert_true(model_says(c->blind, c->n_blind, "for modules too (INDUCED)"));
	assert_true(model_says(c->unseen, c->n_unseen, "pages that can be moved"));
	assert_true(c->trusted);
	model_done(m);
}

static void filters_of_others(void **state)
{
	static const struct {
		const char *filter;
		uint32_t slab, pages;
	} cases[] = {
		{ "events/kmem/kfree/filter:call_site != 0\n", WHY(FREES_FILTERED), 0 },
		{ "events/kmem/kmalloc/filter:bytes_req > 100\n", WHY(ALLOCS_FILTERED), 0 },
		{ "events/kmem/mm_page_alloc/filter:order > 0\n", 0, WHY(ALLOCS_FILTERED) },
		{ "events/kmem/mm_page_free/filter:order > 0\n", 0, WHY(FREES_FILTERED) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.filters_start = cases[i].filter, .probes = COVERED,
					.imports = HARMLESS);

		some_of_each(m);
		print_message("case %zu\n", i);
		assert_kind_why(m, "kmtest", KIND_SLAB, cases[i].slab);
		assert_kind_why(m, "kmtest", KIND_PAGES, cases[i].pages);
		model_done(m);
	}
}

/* ... and more than that of all: each module may have a page less than a fault took. */
static void a_page_without_stack(void **state)
{
	for (unsigned int all = 10; all <= 200; all *= 20) {
		struct model *m = MODEL(.imports = HARMLESS);

		(void)state;
		model_pages(m, PFN, 0, PAGES);
		for (unsigned int i = 0; i < all; i++)
			model_pages(m, PFN + 16 + i, 0, "__alloc_pages < generic_perform_write < do_syscall_64");
		model_pages(m, 0x800000, 0, NO_STACK);
		assert_kind_why(m, "kmtest", KIND_PAGES, all < 100 ? WHY(NO_STACK) : 0);
		assert_kind_why(m, "kmtest", KIND_DMA, all < 100 ? WHY(NO_STACK) : 0);
		model_done(m);
	}
}

/* Pages of nobody known may be the module's, if they are more than a part of its own. */
static void pages_without_stack(void **state)
{
	for (unsigned int own = 10; own <= 200; own *= 20) {
		struct model *m = MODEL(.imports = HARMLESS);

		(void)state;
		for (unsigned int i = 0; i < own; i++)
			model_pages(m, PFN + i, 0, PAGES);
		model_pages(m, 0x800000, 0, NO_STACK);
		assert_kind_why(m, "kmtest", KIND_PAGES, own < 100 ? WHY(NO_STACK) : 0);
		/* they may be of an area, or coherent */
		assert_kind_why(m, "kmtest", KIND_VMALLOC, own < 100 ? WHY(NO_STACK) : 0);
		assert_kind_why(m, "kmtest", KIND_DMA, own < 100 ? WHY(NO_STACK) : 0);
		assert_kind_why(m, "kmtest", KIND_SLAB, 0);
		model_done(m);
	}
}

/* Code of no known module: of one of which nothing says where it had been? */
static void unknown_code_of_unplaced(void **state)
{
	for (int events = 0; events < 2; events++) {
		struct model *m = MODEL(.imports = HARMLESS, .plan = events ? "-gone" : NULL,
					.proc_modules = events ? "gone 1 0 - Live 0x0000000000000000\n"
						: NULL);

		(void)state;
		some_of_each(m);
		model_kmalloc(m, OBJECT + 64, 60, 64,
			      "__kmalloc < *0xffffffffc0501010 < __x64_sys_ioctl");
		if (events)
			model_module(m, "gone", false);
		/* where modules are known to be, it is not theirs */
		assert_kind_why(m, "kmtest", KIND_SLAB, 0);
		if (events)
			assert_kind_why(m, "gone", KIND_SLAB, WHY(UNKNOWN_CODE));
		model_done(m);
	}
}

/* The core kernel takes and frees in all ways. */
static void core_kernel(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 60, 64, "__kmalloc < *seq_open < ksys_write");
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < seq_open < ksys_write");
	assert_kind_why(m, "[kernel]", KIND_SLAB, WHY(KERNEL));
	assert_kind_why(m, "[kernel]", KIND_PAGES, WHY(PAGES_BULK));
	model_done(m);
	m = MODEL(.probes = COVERED);
	model_kmalloc(m, OBJECT, 60, 64, "__kmalloc < *seq_open < ksys_write");
	assert_kind_why(m, "[kernel]", KIND_SLAB, 0);
	/* it has to be asked for by name */
	assert_int_equal(snapshot_why(model_snapshot(m), NULL), 0);
	assert_int_equal(snapshot_why(model_snapshot(m), "[kernel]"), WHY(PAGES_BULK));
	model_done(m);
	m = MODEL(.probes = PAGES_COVERED);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < seq_open < ksys_write");
	assert_int_equal(snapshot_why(model_snapshot(m), "[kernel]"), 0);
	model_done(m);
}

/* That it may have taken others unseen makes no doubt of one that was seen. */
static void a_leak_beside_unseen_ones(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .imports = "kmtest\t?\n",
				.probes = FREES_COVERED);

	(void)state;
	model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
	model_module(m, "kmtest", false);
	m->now += 50000000;
	model_kmalloc(m, OBJECT + 64, 60, 64, LIB);
	assert_non_null(model_leak(m, "kmtest", "do_kmalloc", LEAK_UNLOADED));
	assert_why(m, "kmtest", WHY(FILE_UNKNOWN));
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->why, 0);
	model_done(m);
}

/* A file that can do nothing unseen makes a leak certain, on a plain recording, too. */
static void leaks_of_a_known_file(void **state)
{
	for (int known = 0; known < 2; known++) {
		struct model *m = MODEL(.plan = "-kmtest",
					.imports = known ? HARMLESS : "kmtest\tkvfree_call_rcu\n");

		(void)state;
		model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
		model_module(m, "kmtest", false);
		m->now += 50000000;
		model_kmalloc(m, OBJECT + 64, 60, 64, LIB);
		assert_non_null(model_leak(m, "kmtest", "do_kmalloc",
					   known ? LEAK_UNLOADED : LEAK_UNLOADED_UNSEEN));
		model_done(m);
	}
}

#define AREA "__vmalloc_node_range < __vmalloc_node < "
#define VMALLOC "vmalloc < do_vmalloc" SYSCALL

/* An area: its struct, and where it lies. */
static void make_area(struct model *m, uint64_t at, bool nested)
{
	const char *const struct_stack = nested ?
		"kmalloc_node_trace < *__get_vm_area_node < " AREA AREA VMALLOC :
		"kmalloc_node_trace < *__get_vm_area_node < " AREA VMALLOC;
	const char *const range_stack = nested ?
		"kmem_cache_alloc_node < *alloc_vmap_area < __get_vm_area_node < " AREA AREA VMALLOC :
		"kmem_cache_alloc_node < *alloc_vmap_area < __get_vm_area_node < " AREA VMALLOC;

	model_kmalloc(m, OBJECT + 0x1000 + at, 64, 64, struct_stack);
	model_cache_alloc(m, OBJECT + 0x2000 + at, 64, 64, range_stack);
}

/* To the page, to 2 MiB, or not at all. */
static void areas(void **state)
{
	static const struct {
		uint64_t array;		/* bytes; 0: nothing shows it */
		bool nested;		/* the array is an area itself */
		uint32_t why;
	} cases[] = {
		{ 80, false, 0 },
		{ 24, true, WHY(VMALLOC_LARGE) },
		{ 0, false, WHY(VMALLOC) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.imports = HARMLESS);

		make_area(m, 0, false);
		if (cases[i].nested)
			make_area(m, 64, true);
		if (cases[i].array)
			model_kmalloc(m, OBJECT + 0x3000, cases[i].array, 128, cases[i].nested ?
				      "__kmalloc_node < *" AREA AREA VMALLOC :
				      "__kmalloc_node < *" AREA VMALLOC);
		model_kmalloc(m, OBJECT, 60, 64, LIB);
		assert_int_equal(books_area_settle(m->books), 0);
		print_message("case %zu\n", i);
		assert_kind_why(m, "kmtest", KIND_VMALLOC, cases[i].why);
		assert_why(m, "libkm", 0);
		model_done(m);
	}
}

/* So many of one kind, and none of the other: those were not recorded. */
static void events_that_are_not_there(void **state)
{
	struct model *m = MODEL(.imports = HARMLESS);

	(void)state;
	m->pid = 7;
	for (unsigned int i = 0; i < 300; i++)
		model_kmalloc(m, OBJECT + 64u * i, 60, 64, KMALLOC);
	m->pid = 8;
	for (unsigned int i = 0; i < 300; i++)
		model_pages_free(m, PFN + i, 0, NO_STACK);
	assert_kind_why(m, "kmtest", KIND_SLAB, WHY(FREES_ABSENT));
	assert_kind_why(m, "kmtest", KIND_PAGES, WHY(ALLOCS_ABSENT));
	assert_kind_why(m, "kmtest", KIND_PERCPU, 0);
	model_done(m);
}

/* What others took and freed for it is missing. */
static void events_of_one_task(void **state)
{
	for (int others = 0; others < 2; others++) {
		struct model *m = MODEL(.imports = HARMLESS);

		(void)state;
		m->pid = 7;
		for (unsigned int i = 0; i < 600; i++) {
			model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
			model_kfree(m, OBJECT);
		}
		m->pid += others;
		some_of_each(m);
		assert_why(m, "kmtest", others ? 0 : WHY(NOT_ALL));
		model_done(m);
	}
}

/* A record that is not what its format says: what it was of nobody knows. */
static void a_record_is_damaged(void **state)
{
	struct model *m = MODEL(.imports = HARMLESS);

	(void)state;
	some_of_each(m);
	m->now += 1000;
	EMIT(&m->rec, .ts = m->now, .event = "kmem_cache_free", .ptr = OBJECT, .len = 8);
	model_kmalloc(m, OBJECT + 64, 60, 64, LIB);
	assert_why(m, "kmtest", WHY(DAMAGED));
	assert_why(m, "libkm", WHY(DAMAGED));
	assert_int_equal(model_site(m, "kmtest", "do_pages", NULL)->why, WHY(DAMAGED));
	model_done(m);
}

/* Pages are of another size than is assumed; objects are what they are. */
static void pages_of_another_size(void **state)
{
	struct model *m = MODEL(.imports = HARMLESS);

	(void)state;
	model_pages(m, PFN, 2, "__alloc_pages < kmalloc_large < do_large" SYSCALL);
	model_kmalloc(m, model_linear(m, PFN), 200000, 65536u << 2, "kmalloc_large < *do_large" SYSCALL);
	model_kmalloc(m, OBJECT, 60, 64, KMALLOC);
	assert_kind_why(m, "kmtest", KIND_PAGES, WHY(UNITS));
	assert_kind_why(m, "kmtest", KIND_SLAB, 0);
	model_done(m);
}

/* Two of the tables that a worker made may be the new one (test_model_rehash.c). */
static void a_table_is_replaced(void **state)
{
	static const char old[] = "__kmalloc_node < bucket_table_alloc < rhashtable_init < do_kmalloc"
		SYSCALL;
	static const char new[] = "__kmalloc_node < bucket_table_alloc < rht_deferred_worker < "
		"process_one_work";
	struct model *m = MODEL(.imports = HARMLESS);

	(void)state;
	model_kmalloc(m, OBJECT, 576, 1024, old);
	model_kmalloc(m, OBJECT + 4096, 1088, 2048, new);
	model_kmalloc(m, OBJECT + 8192, 1088, 2048, new);
	m->context = CONTEXT_SOFTIRQ;
	model_kfree(m, OBJECT);
	assert_kind_why(m, "kmtest", KIND_SLAB, WHY(TABLE));
	assert_kind_why(m, "kmtest", KIND_PAGES, WHY(TABLE));
	model_done(m);
}

/* The last one: no cause is in the table that nothing comes to. */
static void each_cause_has_its_case(void **state)
{
	(void)state;
	/* only what was saved can come to it (test_saved.c) */
	met |= WHY(NOT_SAVED);
	for (enum bound_cause i = 0; i < BOUND_CAUSES; i++)
		if (!(met & BOUND_BIT(i)))
			fail_msg("no replay comes to '%s'", bound_cause_name(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_file_is_about),
		cmocka_unit_test(nothing_is_not_at_most),
		cmocka_unit_test(imports_decide),
		cmocka_unit_test(a_site_is_as_exact_as_its_call),
		cmocka_unit_test(no_contiguous_memory_is_there),
		cmocka_unit_test(frees_of_unseen_pages),
		cmocka_unit_test(freed_early_was_seen),
		cmocka_unit_test(evicted_is_at_most),
		cmocka_unit_test(losses_are_of_those_that_were_there),
		cmocka_unit_test(narrowed_to_others),
		cmocka_unit_test(own_only),
		cmocka_unit_test(filters_of_others),
		cmocka_unit_test(pages_without_stack),
		cmocka_unit_test(a_page_without_stack),
		cmocka_unit_test(missed_calls),
		cmocka_unit_test(unknown_code_of_unplaced),
		cmocka_unit_test(core_kernel),
		cmocka_unit_test(a_leak_beside_unseen_ones),
		cmocka_unit_test(leaks_of_a_known_file),
		cmocka_unit_test(areas),
		cmocka_unit_test(events_that_are_not_there),
		cmocka_unit_test(events_of_one_task),
		cmocka_unit_test(a_record_is_damaged),
		cmocka_unit_test(pages_of_another_size),
		cmocka_unit_test(a_table_is_replaced),
		cmocka_unit_test(each_cause_has_its_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
