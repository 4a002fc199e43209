// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_recorded.c - recordings of some of the kernel's events
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "replay_fixture.h"

#define OBJECT	0xffff888000001000ULL
#define ENOUGH	256u	/* allocations among which there must be a free */

static struct rec_event kept[32];
static struct rec_kernel kernel;

/* A recording whose file describes all events of @of but @without (NULL: all). */
static void start_kernel(const struct rec_kernel *of, const char *without)
{
	kernel = *of;
	kernel.events = kept;
	kernel.n_events = 0;
	for (size_t i = 0; i < of->n_events; i++)
		if (!without || strcmp(of->events[i].name, without) != 0)
			kept[kernel.n_events++] = of->events[i];
	rp_start(&kernel, 1, 1);
}

static void start(const char *without)
{
	start_kernel(&rec_6_1, without);
}

static void cache_alloc(uint64_t ts, uint64_t ptr)
{
	EMIT(&rp.rec, .ts = ts, .event = "kmem_cache_alloc", .ptr = ptr, .bytes_req = 60,
	     .bytes_alloc = 64, .call_site = rp_kmtest_stack[1]);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = rp_kmtest_stack,
	     .n_frames = 3);
}

static bool blind(const char *what)
{
	return rp_said(rp.snap->coverage.blind, rp.snap->coverage.n_blind, what);
}

static bool covered(const char *what)
{
	return rp_said(rp.snap->coverage.covered, rp.snap->coverage.n_covered, what);
}

static void one_way_to_free_is_not_described(void **state)
{
	(void)state;
	start("kmem_cache_free");
	rp_alloc(1000, OBJECT, 64, rp_kmtest_stack);
	rp_release(2000, OBJECT);
	cache_alloc(3000, OBJECT + 64);
	rp_alloc(4000, OBJECT + 128, 32, rp_kmtest_stack);
	rp_good();
	assert_false(rp.snap->coverage.trusted);
	assert_true(rp_distrusted("frees were not recorded (kmem:kmem_cache_free)"));
	assert_true(blind("slab frees: kmem:kmem_cache_free not recorded"));
	assert_false(covered("slab frees"));
	/* what kfree() would free is certain */
	assert_int_equal(rp_module("kmtest")->uncertain_bytes, 64);
}

/* trace-cmd describes a whole subsystem, although one event of it is left out. */
static void one_way_to_free_never_comes(void **state)
{
	(void)state;
	for (unsigned int n = ENOUGH - 1; n <= ENOUGH; n++) {
		start(NULL);
		for (unsigned int i = 0; i < n; i++)
			rp_alloc(1000 + i, OBJECT + 64 * i, 64, rp_kmtest_stack);
		cache_alloc(3000, OBJECT - 64);
		EMIT(&rp.rec, .ts = 4000, .event = "kmem_cache_free", .ptr = OBJECT - 64,
		     .name = "cache");
		rp_good();
		assert_int_equal(rp.snap->coverage.trusted, n < ENOUGH);
		assert_int_equal(rp_distrusted("(kmem:kfree)"), n == ENOUGH);
		assert_int_equal(blind("slab frees: kmem:kfree not recorded"), n == ENOUGH);
		assert_int_equal(rp_module("kmtest")->uncertain_bytes,
				 n < ENOUGH ? 0 : 64 * ENOUGH);
		/* of a part of it that is not enough */
		rp.opts.to = 3500;
		rp_good();
		assert_true(rp.snap->coverage.trusted);
		rp.opts.to = REPLAY_NO_TIME;
		rp_teardown(NULL);
	}
}

/* Nobody asked for it: that it is not seen is said, and no number is wrong. */
static void neither_taken_nor_freed(void **state)
{
	(void)state;
	start("percpu_free_percpu");
	rp_alloc(1000, OBJECT, 64, rp_kmtest_stack);
	rp_good();
	assert_true(rp.snap->coverage.trusted);
	assert_true(blind("per-CPU frees: percpu:percpu_free_percpu not recorded"));
	assert_true(covered("per-CPU allocations"));
}

static void pages_are_described_only(void **state)
{
	(void)state;
	start(NULL);
	for (unsigned int i = 0; i < 4 * ENOUGH; i++)
		rp_alloc(1000 + i, OBJECT + 64 * i, 64, rp_kmtest_stack);
	EMIT(&rp.rec, .ts = 4000, .event = "kfree", .ptr = OBJECT, .pid = 1);
	rp_good();
	assert_true(rp.snap->coverage.trusted);
	assert_true(blind("page allocations: kmem:mm_page_alloc not recorded"));
	assert_true(blind("page frees: kmem:mm_page_free not recorded"));
}

/* Up to 6.0 what is asked for on a node has events of its own. */
static void node_events_of_old_kernels(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		start_kernel(&rec_5_10, i ? "kmalloc_node" : NULL);
		rp.rec.uname = i < 2 ? "Linux host 5.10.0 x86_64" : "Linux host 6.1.0 x86_64";
		rp_alloc(1000, OBJECT, 64, rp_kmtest_stack);
		rp_good();
		assert_true(rp.snap->coverage.trusted);
		assert_int_equal(blind("slab allocations: kmem:kmalloc_node not recorded"),
				 i == 1);
		assert_int_equal(covered("slab allocations"), i != 1);
		rp_teardown(NULL);
	}
}

static void page_frees_are_left_out(void **state)
{
	(void)state;
	start("mm_page_free");
	EMIT(&rp.rec, .ts = 1000, .event = "mm_page_alloc", .ptr = 0x1000, .order = 1);
	EMIT_STACK(&rp.rec, 1000, rp_kmtest_stack[1]);
	rp_good();
	assert_true(rp_distrusted("(kmem:mm_page_free)"));
	assert_true(rp_live("kmtest"));
	assert_int_equal(rp_module("kmtest")->uncertain_bytes, rp_live("kmtest"));
}

/* Recorded with -P or -F: workers and RCU are not in it. */
static void one_task_alone(void **state)
{
	(void)state;
	for (unsigned int n = 4 * ENOUGH - 1; n <= 4 * ENOUGH; n++)
		for (int others = 0; others < 2; others++) {
			start(NULL);
			for (unsigned int i = 0; i < n / 2; i++)
				rp_alloc(1000 + i, OBJECT + 64 * i, 64, rp_kmtest_stack);
			for (unsigned int i = 0; i < n - n / 2; i++)
				EMIT(&rp.rec, .ts = 3000 + i, .event = "kfree",
				     .ptr = OBJECT + 64 * i, .pid = others && !i);
			rp_good();
			assert_int_equal(rp_distrusted("all events are of one task, pid 0"),
					 n == 4 * ENOUGH && !others);
			/* for a while it may have been the only one */
			rp.opts.to = 1000000;
			rp_good();
			assert_false(rp_distrusted("all events are of one task"));
			rp.opts.to = REPLAY_NO_TIME;
			rp_teardown(NULL);
		}
}

/* The stack option was off for a moment: few allocations, and most of what is live. */
static void much_has_no_stack(void **state)
{
	(void)state;
	for (unsigned int order = 0; order < 6; order += 5) {
		start(NULL);
		for (unsigned int i = 0; i < 4 * ENOUGH; i++)
			EMIT(&rp.rec, .ts = 1000 + i, .event = "kfree", .ptr = OBJECT, .pid = 1);
		for (unsigned int i = 0; i < 4 * ENOUGH; i++)
			rp_alloc(4000 + i, OBJECT + 64 * i, 64, rp_kmtest_stack);
		EMIT(&rp.rec, .ts = 9000, .event = "mm_page_alloc", .ptr = 0x100000,
		     .order = order);
		rp_good();
		assert_int_equal(rp.snap->coverage.events_without_stack, 1);
		assert_int_equal(rp_distrusted("16384 bytes that are live"), order == 5);
		assert_int_equal(rp.snap->coverage.trusted, order == 0);
		rp_teardown(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_way_to_free_is_not_described, rp_teardown),
		cmocka_unit_test_teardown(one_way_to_free_never_comes, rp_teardown),
		cmocka_unit_test_teardown(neither_taken_nor_freed, rp_teardown),
		cmocka_unit_test_teardown(pages_are_described_only, rp_teardown),
		cmocka_unit_test_teardown(node_events_of_old_kernels, rp_teardown),
		cmocka_unit_test_teardown(page_frees_are_left_out, rp_teardown),
		cmocka_unit_test_teardown(one_task_alone, rp_teardown),
		cmocka_unit_test_teardown(much_has_no_stack, rp_teardown),
	};

	return cmocka_run_group_tests(tests, rp_setup, NULL);
}
