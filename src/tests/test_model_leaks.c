// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_leaks.c - what is held against live memory, rule by rule, and what
 * speaks for it
 */
#include <string.h>

#include "snapshot/leak_rules.h"
#include "leaks.h"
#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x10000u
#define SECOND 1000000000ULL

#define KMALLOC "__kmalloc < *do_kmalloc" SYSCALL
#define CACHE "kmem_cache_alloc < *do_cache" SYSCALL
#define PAGES "__alloc_pages < alloc_pages < do_pages" SYSCALL
#define PERCPU "pcpu_alloc < *do_percpu" SYSCALL
#define INIT_PAGES "__alloc_pages < alloc_pages < 0xffffffffc0501010" INIT
#define SLAB_PAGES "__alloc_pages < allocate_slab < ___slab_alloc < __slab_alloc.isra.0 < kmem_cache_alloc < do_cache" SYSCALL
#define PAGE_CACHE "__alloc_pages < alloc_pages < *vfs_write < fs_write < vfs_write < ksys_write"

/* All paths of freeing are in the recording. */
#define COVERED "rcu_free covered\nbulk_free covered\nbulk_alloc covered\n"

/* Something happens later, so that this is when the recording ends. */
static void ends_after(struct model *m, uint64_t ns)
{
	m->now += ns;
	model_kfree(m, OBJECT + (1 << 30));
}

static const struct snap_leaks *leaks(struct model *m)
{
	return model_snapshot(m)->leaks;
}

/* The one reason, of one row, that there is against @module's memory. */
static const struct snap_leak *only_leak(struct model *m, const char *module,
					 enum leak_reason reason)
{
	const struct snap_leak *found = model_leak(m, module, NULL, reason);
	const struct snapshot *snap = model_snapshot(m);

	for (size_t i = 0; i < snap->leaks->n_rows; i++) {
		const struct snap_leak *l = &snap->leaks->rows[i];

		if (!strcmp(snap->modules[l->module].name, module) && l != found)
			fail_msg("%s: %s of %s, besides", module,
				 leak_reason_name(l->reason), l->function);
	}
	if (!found)
		fail_msg("%s: nothing %s", module, leak_reason_name(reason));
	return found;
}

static void assert_no_leak(struct model *m, const char *module)
{
	const struct snapshot *snap = model_snapshot(m);

	for (size_t i = 0; i < snap->leaks->n_rows; i++)
		if (!strcmp(snap->modules[snap->leaks->rows[i].module].name, module))
			fail_msg("%s: %s of %s", module,
				 leak_reason_name(snap->leaks->rows[i].reason),
				 snap->leaks->rows[i].function);
}

/* ---- certain ---------------------------------------------------------------- */

static void held_by_each_instance_that_is_gone(void **state)
{
	struct model *m = MODEL(.plan = "+kmtest -kmtest +kmtest -kmtest +kmtest -kmtest +kmtest",
				.older_than = SECOND);
	const struct snap_leak *l;

	(void)state;
	for (uint64_t load = 0; load < 4; load++) {
		model_module(m, "kmtest", true);
		model_pages(m, PFN + 16 * load, 0, INIT_PAGES);
		model_pages(m, PFN + 16 * load + 1, 0, INIT_PAGES);
		if (load != 1)		/* one of two pages goes; of the second, both */
			model_pages_free(m, PFN + 16 * load, 0, NO_STACK);
		else
			model_pages_free(m, PFN + 16 * load, 1, NO_STACK);
		m->now += SECOND;
		if (load < 3)
			model_module(m, "kmtest", false);
	}
	ends_after(m, SECOND / 10);
	/* of the first and the third; the fourth is loaded, its page in use */
	l = model_leak(m, "kmtest", NULL, LEAK_UNLOADED);
	assert_non_null(l);
	assert_int_equal(l->bytes, 2 * PAGE);
	assert_int_equal(l->objects, 2);
	assert_int_equal(l->left_bytes, 2 * PAGE);
	assert_int_equal(l->unloads, 2);
	assert_int_equal(l->allocs, 8);
	assert_int_equal(l->frees, 5);
	assert_true(l->newest_ns > l->oldest_ns + SECOND);
	assert_true(l->n_first > 3);
	assert_string_equal(l->first[l->n_first - 1], l->last[l->n_last - 1]);

	assert_int_equal(leaks(m)->n_unloads, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct snap_unload *u = &leaks(m)->unloads[i];

		assert_int_equal(u->load, i + 1);
		assert_int_equal(u->left_bytes, i == 1 ? 0 : PAGE);
		assert_int_equal(u->certain_bytes, u->left_bytes);
		assert_true(u->unloaded_ns > u->loaded_ns);
	}
	model_done(m);
}

#define POOL_PAGE "__alloc_pages < __dma_direct_alloc_pages.constprop.0 < dma_direct_alloc < " \
		  "pool_alloc_page < dma_pool_alloc < do_dma" SYSCALL

/* A page that a pool of the bus took while the driver asked it stays the pool's. */
static void a_pool_of_another_keeps_its_pages(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED);

		if (own)
			model_kmalloc(m, OBJECT, 128, 128,
				      "__kmalloc < dma_pool_create < *do_dma" SYSCALL);
		model_pages(m, PFN, 0, POOL_PAGE);
		m->now += SECOND;
		if (own)
			model_kfree(m, OBJECT);
		model_module(m, "kmtest", false);
		ends_after(m, SECOND);
		only_leak(m, "kmtest", own ? LEAK_UNLOADED_POOL : LEAK_POOL);
		assert_int_equal(leaks(m)->rows[0].left_bytes, own ? PAGE : 0);
		model_done(m);
	}
}

/* Pages of a page_pool that sockets still have come back to it later. */
static void a_page_pool_may_outlive_its_driver(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED);

		if (own)
			model_kmalloc(m, OBJECT, 1024, 1024,
				      "__kmalloc_node < *page_pool_create < do_pages" SYSCALL);
		model_pages(m, PFN, 0, "__alloc_pages < __page_pool_alloc_pages_slow < "
			    "page_pool_alloc_pages < do_pages" SYSCALL);
		assert_own(m, "kmtest", KIND_PAGES, PAGE);
		m->now += SECOND;
		if (own)
			model_kfree(m, OBJECT);
		model_module(m, "kmtest", false);
		ends_after(m, SECOND);
		only_leak(m, "kmtest", own ? LEAK_UNLOADED_POOL : LEAK_POOL);
		model_done(m);
	}
}

/* Pages and per-CPU memory cannot go without an event, slab objects can. */
static void slab_is_certain_only_where_all_frees_show(void **state)
{
	static const char *const probes[] = {
		NULL, COVERED, "rcu_free covered\nbulk_free blind no kprobes\n",
		"rcu_free blind in part: 3 of 9 calls were missed\nbulk_free covered\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		struct model *m = MODEL(.plan = "-kmtest", .probes = probes[i]);
		bool certain = i == 1;

		model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
		model_pages(m, PFN, 0, PAGES);
		model_percpu(m, 0x2f000, 64, 256, PERCPU);
		model_module(m, "kmtest", false);
		ends_after(m, SECOND);
		assert_non_null(model_leak(m, "kmtest", "do_pages", LEAK_UNLOADED));
		assert_non_null(model_leak(m, "kmtest", "do_percpu", LEAK_UNLOADED));
		assert_int_equal(certain, !!model_leak(m, "kmtest", "do_kmalloc", LEAK_UNLOADED));
		assert_int_equal(certain, !model_leak(m, "kmtest", "do_kmalloc",
						      LEAK_UNLOADED_UNSEEN));
		assert_int_equal(leaks(m)->unloads[0].certain_bytes,
				 PAGE + 256 + (certain ? 64 : 0));
		/* and then nobody may say that there is no more */
		model_done(m);
	}
}

static void unloaded_just_before_the_end(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest");
	const struct snap_leak *l;

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	m->now += SECOND;
	model_module(m, "kmtest", false);
	ends_after(m, LEAK_SETTLE_NS / 2);
	l = only_leak(m, "kmtest", LEAK_UNLOADED_LATE);
	/* the module's functions have their names, although it is gone */
	assert_int_equal(l->n_first, 6);
	assert_string_equal(l->first[3], "do_pages+0x10 [kmtest]");
	assert_string_equal(l->first[2], "kmtest_ioctl+0x10 [kmtest]");
	ends_after(m, LEAK_SETTLE_NS / 2);
	only_leak(m, "kmtest", LEAK_UNLOADED);
	model_done(m);
}

/* An RCU callback, or whoever was given it, frees it in the end. */
/* A clock that counts something else: how long ago the unload was is not known. */
static void unloaded_by_a_clock_of_its_own(void **state)
{
	static const struct {
		const char *clock;
		uint64_t until_end;	/* in its units */
		enum leak_reason reason;
	} cases[] = {
		{ "mono", LEAK_SETTLE_NS + 1000, LEAK_UNLOADED },
		/* 4 ms, if it counts at 3 GHz */
		{ "x86-tsc", LEAK_SETTLE_NS + 2000000, LEAK_UNLOADED_LATE },
		{ "x86-tsc", 10 * (uint64_t)LEAK_SETTLE_NS + 1000, LEAK_UNLOADED },
		{ "counter", LEAK_SETTLE_NS + 1000, LEAK_UNLOADED_LATE },
		{ "uptime", LEAK_SETTLE_NS + 1000, LEAK_UNLOADED_LATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.plan = "-kmtest");

		m->rec.clocks[0] = cases[i].clock;
		model_pages(m, PFN, 0, PAGES);
		model_module(m, "kmtest", false);
		ends_after(m, cases[i].until_end);
		assert_int_equal(only_leak(m, "kmtest", cases[i].reason)->bytes, PAGE);
		assert_int_equal(model_snapshot(m)->clock_is_ns, !i);
		model_done(m);
	}
}

static void freed_after_the_unload_is_no_leak(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_pages(m, PFN, 0, PAGES);
	model_module(m, "kmtest", false);
	m->now += SECOND;
	model_kfree(m, OBJECT);
	model_pages_free(m, PFN, 0, NO_STACK);
	ends_after(m, SECOND);
	assert_no_leak(m, "kmtest");
	assert_int_equal(leaks(m)->n_unloads, 1);
	assert_int_equal(leaks(m)->unloads[0].left_bytes, 0);
	assert_int_equal(leaks(m)->n_doubts, 0);
	model_done(m);
}

/* What core kernel code took below the module is not the module's to free. */
static void induced_memory_is_never_certain(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED);

	(void)state;
	model_cache_alloc(m, OBJECT, 64, 64, "kmem_cache_alloc < *proc_create < do_kmalloc" SYSCALL);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	assert_int_equal(only_leak(m, "kmtest", LEAK_INDUCED)->left_bytes, 0);
	model_done(m);
}

/* A removal whose place is not known: no module is said to be clean. */
static void unplaced_module_leaves_a_doubt(void **state)
{
	struct model *m = MODEL(.shown = "", .plan = "-kmtest");

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	assert_int_equal(only_leak(m, "[unknown]", LEAK_UNKNOWN)->bytes, PAGE);
	assert_int_equal(leaks(m)->n_unloads, 1);
	assert_false(leaks(m)->unloads[0].placed);
	assert_int_equal(leaks(m)->n_doubts, 0);
	model_done(m);
}

/* ---- excused ---------------------------------------------------------------- */

static void a_free_may_be_among_lost_events(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest");

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	m->now += SECOND;
	model_lost(m, 5);
	model_pages(m, PFN + 2, 1, PAGES);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	/* two rows of one place */
	assert_int_equal(model_leak(m, "kmtest", "do_pages", LEAK_LOST)->bytes, PAGE);
	assert_int_equal(model_leak(m, "kmtest", "do_pages", LEAK_UNLOADED)->bytes, 2 * PAGE);
	assert_int_equal(leaks(m)->unloads[0].left_bytes, 3 * PAGE);
	assert_int_equal(leaks(m)->unloads[0].certain_bytes, 2 * PAGE);
	model_done(m);
}

/* ... or in a record that makes no sense, and nobody knows when that was. */
static void a_free_may_be_in_a_damaged_record(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED);

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_pages_free(m, PFN, 31, NO_STACK);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	assert_int_equal(model_snapshot(m)->coverage.malformed, 1);
	assert_false(model_snapshot(m)->coverage.trusted);
	assert_int_equal(model_leak(m, "kmtest", "do_pages", LEAK_LOST)->bytes, PAGE);
	assert_int_equal(model_leak(m, "kmtest", "do_kmalloc", LEAK_LOST)->bytes, 64);
	assert_int_equal(leaks(m)->unloads[0].certain_bytes, 0);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, PAGE + 64);
	model_done(m);
}

/* ... or a filter left it out; of another kind, it does not. */
static void a_free_may_have_been_filtered(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED,
				.filters_end = "events/kmem/mm_page_free/filter:order > 0\n");

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	assert_int_equal(model_leak(m, "kmtest", "do_pages", LEAK_FILTERED)->bytes, PAGE);
	assert_int_equal(model_leak(m, "kmtest", "do_kmalloc", LEAK_UNLOADED)->bytes, 64);
	assert_int_equal(leaks(m)->unloads[0].certain_bytes, 64);
	model_done(m);
}

static void lost_at_the_very_end(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest");

	(void)state;
	model_pages(m, PFN, 0, PAGES);
	model_module(m, "kmtest", false);
	m->now += SECOND;
	model_lost(m, 5);
	only_leak(m, "kmtest", LEAK_LOST);
	model_done(m);
}

static void a_cache_that_frees_without_events(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .probes = COVERED);

	(void)state;
	for (unsigned int i = 0; i < 40; i++)
		model_cache_alloc(m, OBJECT + i % 8 * 64, 60, 64, CACHE);
	model_kmalloc(m, OBJECT + 0x10000, 64, 64, KMALLOC);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	assert_int_equal(model_leak(m, "kmtest", "do_cache", LEAK_FREE_BLIND)->bytes, 8 * 64);
	assert_int_equal(model_leak(m, "kmtest", "do_kmalloc", LEAK_UNLOADED)->bytes, 64);
	model_done(m);
}

static void a_free_that_sorts_before(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .local_clock = true);

	(void)state;
	m->cpu = 1;
	model_pages_free(m, PFN, 0, NO_STACK);
	m->cpu = 0;
	model_pages(m, PFN, 0, PAGES);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	only_leak(m, "kmtest", LEAK_SKEW);
	model_done(m);
}

/* Allocations alone were recorded (-e kmem:mm_page_alloc): nothing is held. */
static void frees_that_nobody_recorded(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .older_than = SECOND);

	(void)state;
	for (unsigned int i = 0; i < 300; i++)
		model_pages(m, PFN + i, 0, PAGES);
	model_module(m, "kmtest", false);
	ends_after(m, 2 * SECOND);
	assert_int_equal(only_leak(m, "kmtest", LEAK_NO_FREES)->bytes, 300 * PAGE);
	assert_int_equal(leaks(m)->n_doubts, 1);
	model_pages_free(m, PFN + 1000, 0, NO_STACK);
	assert_int_equal(only_leak(m, "kmtest", LEAK_UNLOADED)->bytes, 300 * PAGE);
	model_done(m);
}

/* ---- likely ----------------------------------------------------------------- */

/* Of something else: frees are recorded. */
static void some_frees(struct model *m)
{
	model_pages_free(m, PFN - 16, 0, NO_STACK);
	model_kfree(m, OBJECT + (1 << 30));
	model_cache_free(m, OBJECT + (1 << 30) + 64, NULL);
}

/* A thousand rounds, in each of which @keep of @take pages stay. */
static struct model *rounds(unsigned int take, unsigned int keep, const char *stack,
			    uint8_t flags)
{
	struct model *m = MODEL(.older_than = SECOND / 10);
	uint64_t pfn = PFN;

	some_frees(m);
	for (unsigned int i = 0; i < 1000; i++) {
		for (unsigned int k = 0; k < take; k++)
			model_event(m, &(struct event){ .type = EVENT_PAGE_ALLOC,
				.ptr = pfn + k, .flags = flags }, stack, NULL);
		for (unsigned int k = keep; k < take; k++)
			model_pages_free(m, pfn + k, 0, NO_STACK);
		pfn += keep;
		m->now += SECOND / 1000;
	}
	return m;
}

static void grows_and_is_never_freed(void **state)
{
	struct model *m = rounds(1, 1, PAGES, 0);
	const struct snap_leak *l = only_leak(m, "kmtest", LEAK_GROWS_UNFREED);

	(void)state;
	/* what is younger than --older-than is in use */
	assert_in_range(l->objects, 898, 902);
	assert_int_equal(l->bytes, l->objects * PAGE);
	assert_int_equal(l->left_bytes, 0);
	assert_int_equal(l->allocs, 1000);
	assert_int_equal(leaks(m)->in_use_bytes, 1000 * PAGE - l->bytes);
	assert_int_equal(l->trend.verdict, TREND_GROWS);
	/* 1000 pages in 1.001 s, of which 1 us is the event's own */
	assert_in_range(l->trend.slope, 3600ull * 990 * PAGE, 3600ull * 1001 * PAGE);
	assert_true(l->trend.slope_low <= l->trend.slope);
	assert_true(l->trend.slope_high >= l->trend.slope);
	model_done(m);
}

static void grows_although_most_is_freed(void **state)
{
	struct model *m = rounds(3, 1, PAGES, 0);

	(void)state;
	only_leak(m, "kmtest", LEAK_GROWS);
	model_done(m);
}

static void busy_but_does_not_grow(void **state)
{
	struct model *m = rounds(3, 0, PAGES, 0);

	(void)state;
	assert_no_leak(m, "kmtest");
	model_done(m);
}

/* Taken at the start, kept for good: by design, for all one can say. */
static void old_but_does_not_grow(void **state)
{
	struct model *m = MODEL(.older_than = SECOND);

	(void)state;
	model_pages(m, PFN, 3, PAGES);
	ends_after(m, SECOND / 2);
	assert_no_leak(m, "kmtest");
	assert_int_equal(leaks(m)->in_use_bytes, 8 * PAGE);
	ends_after(m, SECOND);
	assert_int_equal(only_leak(m, "kmtest", LEAK_KEPT)->bytes, 8 * PAGE);
	model_done(m);
}

static void induced_memory_that_grows(void **state)
{
	struct model *m = rounds(1, 1, PAGE_CACHE, 0);

	(void)state;
	only_leak(m, "fsmod", LEAK_GROWS_UNFREED);
	model_done(m);
}

/* The page cache grows until memory is short; that is what it is for. */
static void page_cache_is_taken_back(void **state)
{
	struct model *m = rounds(1, 1, PAGE_CACHE, EVENT_MOVABLE);

	(void)state;
	only_leak(m, "fsmod", LEAK_RECLAIMABLE);
	model_done(m);
	/* a module's own movable pages (zsmalloc) are not for the kernel to drop */
	m = rounds(1, 1, PAGES, EVENT_MOVABLE);
	only_leak(m, "kmtest", LEAK_GROWS_UNFREED);
	model_done(m);
}

/* An inode cache: its slabs are allocated as reclaimable. */
static void a_cache_with_a_shrinker(void **state)
{
	(void)state;
	for (int reclaim = 0; reclaim < 2; reclaim++) {
		struct model *m = MODEL(.older_than = SECOND / 10);

		some_frees(m);
		for (unsigned int i = 0; i < 1000; i++) {
			if (i % 16 == 0)
				model_event(m, &(struct event){
					.type = EVENT_PAGE_ALLOC, .ptr = PFN + i / 16,
					.flags = reclaim ? EVENT_RECLAIM : 0 },
					SLAB_PAGES, NULL);
			model_cache_alloc(m, OBJECT + 256 * i, 250, 256, CACHE);
			m->now += SECOND / 1000;
		}
		only_leak(m, "kmtest", reclaim ? LEAK_RECLAIMABLE : LEAK_GROWS_UNFREED);
		model_done(m);
	}
}

/* Objects come with those of such a cache, one of each; or more of them do. */
static void beside_a_cache_with_a_shrinker(void **state)
{
	(void)state;
	for (unsigned int each = 1; each <= 2; each++) {
		struct model *m = MODEL(.older_than = SECOND / 10);

		some_frees(m);
		for (unsigned int i = 0; i < 1000; i++) {
			if (i % 16 == 0)
				model_event(m, &(struct event){
					.type = EVENT_PAGE_ALLOC, .ptr = PFN + i / 16,
					.flags = EVENT_RECLAIM }, SLAB_PAGES, NULL);
			model_cache_alloc(m, OBJECT + 256 * i, 250, 256, CACHE);
			for (unsigned int k = 0; k < each; k++)
				model_kmalloc(m, OBJECT + 0x1000000 + 64 * (i * each + k), 32, 64,
					      KMALLOC);
			m->now += SECOND / 1000;
		}
		assert_non_null(model_leak(m, "kmtest", "do_kmalloc", each == 1 ?
					   LEAK_RECLAIMABLE : LEAK_GROWS_UNFREED));
		model_done(m);
	}
}

/* The kernel asks a module that has a shrinker for its memory back. */
static void a_module_with_a_shrinker(void **state)
{
	static const struct {
		const char *imports;
		enum leak_reason reason;
	} cases[] = {
		{ NULL, LEAK_GROWS_UNFREED },
		{ "kmtest\tkfree\nlibkm\tregister_shrinker\n", LEAK_GROWS_UNFREED },
		{ "kmtest\tkfree register_shrinker\n", LEAK_RECLAIMABLE },
		{ "kmtest\tshrinker_alloc shrinker_register\n", LEAK_RECLAIMABLE },
		{ "kmtest\t__list_lru_init\n", LEAK_RECLAIMABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.older_than = SECOND / 10, .imports = cases[i].imports);

		some_frees(m);
		for (unsigned int k = 0; k < 1000; k++) {
			model_kmalloc(m, OBJECT + 64 * k, 32, 64, KMALLOC);
			m->now += SECOND / 1000;
		}
		only_leak(m, "kmtest", cases[i].reason);
		model_done(m);
	}
}

/* ---- the order of the rules -------------------------------------------------- */

static void rules_in_their_order(void **state)
{
	/* all that speaks for and against it at once, taken away one by one */
	struct leak_facts f = {
		.own = true, .gone = true, .gone_ns = 95 * SECOND, .no_frees = true,
		.filtered = true, .blind = true, .suspect = true, .unseen = true, .unknown = true,
		.reclaimable = true, .ts = 50 * SECOND, .end = 95 * SECOND + 1,
		.lost_until = 60 * SECOND, .older_than = 100 * SECOND,
		.settle = LEAK_SETTLE_NS,
		.trend = TREND_GROWS, .allocs = 100, .frees = 0,
	};

	(void)state;
	assert_int_equal(leak_judge(&f), LEAK_NO_FREES);
	f.no_frees = false;
	assert_int_equal(leak_judge(&f), LEAK_FILTERED);
	f.filtered = false;
	assert_int_equal(leak_judge(&f), LEAK_FREE_BLIND);
	f.blind = false;
	assert_int_equal(leak_judge(&f), LEAK_SKEW);
	f.suspect = false;
	assert_int_equal(leak_judge(&f), LEAK_LOST);
	f.lost_until = f.ts - 1;
	assert_int_equal(leak_judge(&f), LEAK_UNKNOWN);
	f.no_stack = true;
	assert_int_equal(leak_judge(&f), LEAK_NO_STACK);
	f.unknown = false;
	f.pool = POOL_PERHAPS_OWN;
	assert_int_equal(leak_judge(&f), LEAK_UNLOADED_POOL);
	f.pool = POOL_OTHERS;
	assert_int_equal(leak_judge(&f), LEAK_POOL);
	f.pool = POOL_NONE;
	assert_int_equal(leak_judge(&f), LEAK_UNLOADED_UNSEEN);
	f.unseen = false;
	assert_int_equal(leak_judge(&f), LEAK_UNLOADED_LATE);
	f.gone_ns = 0;		/* its removal was lost: long ago, then */
	assert_int_equal(leak_judge(&f), LEAK_UNLOADED);
	f.own = false;
	assert_int_equal(leak_judge(&f), LEAK_NONE);
	f.older_than = SECOND;
	assert_int_equal(leak_judge(&f), LEAK_RECLAIMABLE);
	f.reclaimable = false;
	assert_int_equal(leak_judge(&f), LEAK_GROWS_UNFREED);
	f.frees = 11;
	assert_int_equal(leak_judge(&f), LEAK_GROWS);
	f.trend = TREND_SETTLED;
	assert_int_equal(leak_judge(&f), LEAK_INDUCED);
	f.gone = false;
	assert_int_equal(leak_judge(&f), LEAK_NONE);
	f.frees = 10;
	assert_int_equal(leak_judge(&f), LEAK_KEPT);
	f.ts = f.end + 1;	/* clocks of two CPUs */
	assert_int_equal(leak_judge(&f), LEAK_NONE);
}

/* --from: what was there before is counted apart, and never a leak. */
static void taken_before_from(void **state)
{
	struct model *m = MODEL(.plan = "-kmtest", .from = 1000000 + 2 * SECOND);

	(void)state;
	model_pages(m, PFN, 2, PAGES);
	m->now += 3 * SECOND;
	model_pages(m, PFN + 8, 0, PAGES);
	model_module(m, "kmtest", false);
	ends_after(m, SECOND);
	assert_int_equal(only_leak(m, "kmtest", LEAK_UNLOADED)->bytes, PAGE);
	assert_int_equal(leaks(m)->outside_bytes, 4 * PAGE);
	assert_int_equal(leaks(m)->outside_objects, 1);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_by_each_instance_that_is_gone),
		cmocka_unit_test(a_pool_of_another_keeps_its_pages),
		cmocka_unit_test(a_page_pool_may_outlive_its_driver),
		cmocka_unit_test(slab_is_certain_only_where_all_frees_show),
		cmocka_unit_test(unloaded_just_before_the_end),
		cmocka_unit_test(unloaded_by_a_clock_of_its_own),
		cmocka_unit_test(freed_after_the_unload_is_no_leak),
		cmocka_unit_test(induced_memory_is_never_certain),
		cmocka_unit_test(unplaced_module_leaves_a_doubt),
		cmocka_unit_test(a_free_may_be_among_lost_events),
		cmocka_unit_test(a_free_may_be_in_a_damaged_record),
		cmocka_unit_test(a_free_may_have_been_filtered),
		cmocka_unit_test(lost_at_the_very_end),
		cmocka_unit_test(a_cache_that_frees_without_events),
		cmocka_unit_test(a_free_that_sorts_before),
		cmocka_unit_test(frees_that_nobody_recorded),
		cmocka_unit_test(grows_and_is_never_freed),
		cmocka_unit_test(grows_although_most_is_freed),
		cmocka_unit_test(busy_but_does_not_grow),
		cmocka_unit_test(old_but_does_not_grow),
		cmocka_unit_test(induced_memory_that_grows),
		cmocka_unit_test(page_cache_is_taken_back),
		cmocka_unit_test(a_cache_with_a_shrinker),
		cmocka_unit_test(beside_a_cache_with_a_shrinker),
		cmocka_unit_test(a_module_with_a_shrinker),
		cmocka_unit_test(rules_in_their_order),
		cmocka_unit_test(taken_before_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
