// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_slabs.c - page blocks behind slab caches: how many objects they
 * have room for, how many they hold, and what it means when one is freed
 */
#include "model_fixture.h"

#include "ledger.h"

#define PFN 0x4000u
#define SLAB_STACK "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < do_cache" SYSCALL
#define OBJECT_STACK "kmem_cache_alloc < *do_cache" SYSCALL
#define OTHERS_STACK "kmem_cache_alloc < *fs_alloc_inode < vfs_write"

/* 7 objects of 4192 bytes in 8 pages: what slub_debug=FZPU makes of 4096 */
#define SIZE 4192u
#define RED_ZONE 64u

/* Added to addresses: a kernel that maps memory where no other does. */
static uint64_t odd;

static uint64_t object(struct model *m, uint64_t pfn, unsigned int i)
{
	return model_linear(m, pfn) + odd + RED_ZONE + (uint64_t)i * SIZE;
}

/* A slab of eight pages at @pfn, and @n objects in it, the third one first. */
static void slab(struct model *m, uint64_t pfn, unsigned int n)
{
	model_pages(m, pfn, 3, SLAB_STACK);
	for (unsigned int i = 0; i < n; i++)
		model_cache_alloc(m, object(m, pfn, (i + 2) % 7), 4096, SIZE,
				  OBJECT_STACK);
}

/* Tells the books where memory is mapped, and nothing else. */
static void teach(struct model *m)
{
	model_large(m, 0x100, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < __kmalloc < do_kmalloc" SYSCALL,
		    "__kmalloc < *do_kmalloc" SYSCALL);
	model_pages_free(m, 0x100, 2, NO_STACK);
}

/* 1/7/1, 7/7/1, 8/14/2, 60/63/9 as slabinfo has them. */
static void slots_and_use(void **state)
{
	static const struct {
		unsigned int objects, slots, slabs;
	} steps[] = { { 1, 7, 1 }, { 7, 7, 1 }, { 8, 14, 2 }, { 60, 63, 9 } };
	const struct snap_cache *c;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct model *m = MODEL(0);

		teach(m);
		for (unsigned int n = 0; n < steps[i].objects; n += 7)
			slab(m, PFN + 8 * (n / 7),
			     steps[i].objects - n < 7 ? steps[i].objects - n : 7);
		c = model_cache(m, "kmtest", NULL);
		assert_int_equal(c->objects, steps[i].objects);
		assert_int_equal(c->slots, steps[i].slots);
		assert_int_equal(c->slabs, steps[i].slabs);
		assert_int_equal(c->used, steps[i].objects);
		model_done(m);
	}
}

/* In a cache that modules share, objects lie in slabs that another one caused. */
static void use_is_of_the_slabs_not_of_the_module(void **state)
{
	const struct snap_cache *c;
	struct model *m = MODEL(0);

	(void)state;
	teach(m);
	slab(m, PFN, 2);
	model_cache_alloc(m, object(m, PFN, 0), 4096, SIZE, OTHERS_STACK);
	/* one of kmtest's lies in a slab from before the recording */
	model_cache_alloc(m, object(m, PFN + 0x100, 0), 4096, SIZE, OBJECT_STACK);
	c = model_cache(m, "kmtest", NULL);
	assert_int_equal(c->objects, 3);
	assert_int_equal(c->slots, 7);
	assert_int_equal(c->used, 3);
	c = &model_row(m, "fsmod")->caches[0];
	assert_int_equal(c->objects, 1);
	assert_int_equal(c->slots, 0);
	assert_int_equal(c->used, 0);
	model_done(m);
}

/* Where memory is mapped must be known to say which objects a slab holds. */
static void use_is_unknown_until_slabs_agree(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	slab(m, PFN, 2);
	assert_int_equal(model_cache(m, "kmtest", NULL)->used, 2);
	model_done(m);

	odd = 0x18000;
	m = MODEL(0);
	slab(m, PFN, 2);
	slab(m, PFN + 8, 2);
	assert_int_equal(model_cache(m, "kmtest", NULL)->used, -1);
	assert_int_equal(model_cache(m, "kmtest", NULL)->slots, 14);
	model_done(m);

	m = MODEL(0);
	slab(m, PFN, 2);
	slab(m, PFN + 8, 2);
	slab(m, PFN + 16, 2);
	assert_int_equal(model_cache(m, "kmtest", NULL)->used, 6);
	model_done(m);
	odd = 0;
}

/* A slab goes when all its objects have: frees that no event told of. */
static void objects_of_a_freed_slab_are_gone(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	teach(m);
	slab(m, PFN, 7);
	slab(m, PFN + 8, 1);
	model_cache_free(m, object(m, PFN, 3), "kmtest_cache");
	model_pages_free(m, PFN, 3, NO_STACK);
	assert_own(m, "kmtest", KIND_SLAB, SIZE);
	assert_overhead(m, "kmtest", OVERHEAD_SLAB_PAGES, 8 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 6);
	assert_int_equal(model_totals(m, "kmtest").evicted_bytes, 6 * SIZE);
	/* so they are not taken for evicted again */
	slab(m, PFN, 7);
	assert_int_equal(books_stats(m->books)->evicted, 6);
	model_done(m);
}

/* Before 5.15 the event of a free comes when the slab may be gone already. */
static void a_free_that_is_told_behind_its_slab(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	teach(m);
	slab(m, PFN, 2);
	model_cache_free(m, object(m, PFN, 3), "kmtest_cache");
	model_pages_free(m, PFN, 3, NO_STACK);
	assert_int_equal(books_stats(m->books)->evicted, 1);
	model_cache_free(m, object(m, PFN, 2), "kmtest_cache");
	assert_int_equal(books_stats(m->books)->evicted, 0);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	assert_int_equal(model_totals(m, "kmtest").evicted, 0);
	assert_nothing(m, "kmtest");
	/* but once only, and not much later */
	model_cache_free(m, object(m, PFN, 2), "kmtest_cache");
	assert_int_equal(books_stats(m->books)->unmatched_slab, 1);
	slab(m, PFN, 1);
	model_pages_free(m, PFN, 3, NO_STACK);
	m->now += 2000000;
	model_cache_free(m, object(m, PFN, 2), "kmtest_cache");
	assert_int_equal(books_stats(m->books)->unmatched_slab, 2);
	assert_int_equal(books_stats(m->books)->evicted, 1);
	model_done(m);
}

/* The same where not even the free of the pages was seen. */
static void objects_of_a_slab_given_out_again_are_gone(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	teach(m);
	slab(m, PFN, 7);
	model_pages(m, PFN, 3, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, 8 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 7 + 1);
	model_done(m);
}

/* It must be known where the objects are; then nothing is done. */
static void a_freed_slab_without_a_place_takes_nothing(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	odd = 0x18000;
	slab(m, PFN, 7);
	model_pages_free(m, PFN, 3, NO_STACK);
	assert_own(m, "kmtest", KIND_SLAB, 7 * SIZE);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_done(m);
	odd = 0;
}

/* What was a slab, and is something else by now, holds objects of others. */
static void only_the_slab_itself_counts(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	teach(m);
	slab(m, PFN, 1);
	model_cache_free(m, object(m, PFN, 2), "kmtest_cache");
	model_pages_free(m, PFN, 3, NO_STACK);
	/* a slab that the books do not know as one */
	model_pages(m, PFN, 3, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	model_kmalloc(m, object(m, PFN, 1), SIZE, SIZE, "__kmalloc < *do_kmalloc" SYSCALL);
	model_pages_free(m, PFN, 3, NO_STACK);
	assert_only_own(m, "kmtest", KIND_SLAB, SIZE);
	assert_int_equal(books_stats(m->books)->evicted, 0);
	model_done(m);
}

/* With slub_debug an object is larger than its class: that has no such name. */
static void kmalloc_with_debugging_has_no_class(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, model_linear(m, PFN), 1000, 1104, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_null(model_row(m, "kmtest")->caches[0].name);
	assert_int_equal(model_row(m, "kmtest")->caches[0].object_size, 1104);
	model_done(m);
}

/* A line of /proc/slabinfo. */
#define LINE(name, size) name " 1 7 " size " 7 8 : tunables 0 0 0 : slabdata 1 1 0\n"

/* Names that no event told: the only cache of this size, as slabinfo has it. */
static void names_from_slabinfo(void **state)
{
	static const struct {
		const char *slabinfo, *name;
	} cases[] = {
		{ LINE("kmtest_cache", "4192") LINE("kmalloc-4k", "4096"), "kmtest_cache" },
		/* what kmalloc takes has events of its own */
		{ LINE("kmtest_cache", "4192") LINE("kmalloc-cg-1k", "4192"),
		  "kmtest_cache" },
		{ LINE("aaa", "4192") LINE("kmtest_cache", "4192"), NULL },
		{ LINE("aaa", "4096"), NULL },
		{ "kmtest_cache 1 7 4192\n", NULL },
		{ "", NULL },
	};
	const struct snap_cache *c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.slabinfo = cases[i].slabinfo);

		slab(m, PFN, 3);
		c = model_cache(m, "kmtest", cases[i].name);
		assert_int_equal(c->objects, 3);
		assert_int_equal(c->slabs, 1);
		assert_int_equal(c->name_listed, cases[i].name != NULL);
		model_done(m);
	}
}

/*
 * A block that one task was waiting to see used, and that was another's slab since:
 * an object whose size nobody knows does not say where that one's objects are.
 */
static void a_stale_slab_of_an_object_without_size(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	teach(m);
	m->pid = 1;
	model_pages(m, PFN, 3, SLAB_STACK);
	model_pages_free(m, PFN, 3, NO_STACK);
	m->pid = 2;
	slab(m, PFN, 3);
	m->pid = 1;
	model_event(m, &(struct event){ .type = EVENT_BULK_ALLOC, .bytes_req = 1, .order = 1 },
		    "do_cache" SYSCALL, NULL);
	model_event(m, &(struct event){ .type = EVENT_BULK_ITEM,
					.ptr = object(m, PFN, 6) }, NO_STACK, NULL);
	model_pages_free(m, PFN, 3, NO_STACK);
	model_done(m);
}

/* What has an address has bytes. */
static void objects_of_no_bytes_are_none(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_cache_alloc(m, object(m, PFN, 0), 0, 0, OBJECT_STACK);
	model_kmalloc(m, object(m, PFN, 1), 0, 0, "__kmalloc < *do_kmalloc" SYSCALL);
	model_percpu(m, object(m, PFN, 2), 0, 0, "pcpu_alloc < do_percpu" SYSCALL);
	assert_int_equal(books_stats(m->books)->malformed, 3);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* What an event says comes first. */
static void a_name_of_an_event_is_no_guess(void **state)
{
	struct model *m = MODEL(.slabinfo = LINE("another", "4192"));

	(void)state;
	slab(m, PFN, 3);
	model_cache_free(m, object(m, PFN, 2), "kmtest_cache");
	assert_int_equal(model_cache(m, "kmtest", "kmtest_cache")->objects, 2);
	assert_false(model_cache(m, "kmtest", "kmtest_cache")->name_listed);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_and_use),
		cmocka_unit_test(use_is_of_the_slabs_not_of_the_module),
		cmocka_unit_test(use_is_unknown_until_slabs_agree),
		cmocka_unit_test(objects_of_a_freed_slab_are_gone),
		cmocka_unit_test(a_free_that_is_told_behind_its_slab),
		cmocka_unit_test(objects_of_a_slab_given_out_again_are_gone),
		cmocka_unit_test(a_freed_slab_without_a_place_takes_nothing),
		cmocka_unit_test(only_the_slab_itself_counts),
		cmocka_unit_test(kmalloc_with_debugging_has_no_class),
		cmocka_unit_test(names_from_slabinfo),
		cmocka_unit_test(a_stale_slab_of_an_object_without_size),
		cmocka_unit_test(objects_of_no_bytes_are_none),
		cmocka_unit_test(a_name_of_an_event_is_no_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
