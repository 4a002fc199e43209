// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_replay.c - whole replays of small recordings
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "leaks.h"
#include "replay_fixture.h"
#include "source.h"

/* ---- whole recordings --------------------------------------------------- */

static void test_small(void **state)
{
	(void)state;
	rp_small();
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_live("other"), 32);
	assert_int_equal(rp.snap->live_bytes, 160);
	assert_int_equal(rp_module("kmtest")->peak_bytes, 192);
	assert_int_equal(rp_module("kmtest")->allocs, 2);
	assert_int_equal(rp_module("kmtest")->frees, 1);
	assert_int_equal(rp_module("kmtest")->live[KIND_SLAB].requested, 127);
	assert_int_equal(rp.snap->start_ns, 1000);
	assert_int_equal(rp.snap->end_ns, 4000);
	assert_int_equal(rp.snap->coverage.events, 4);
	assert_int_equal(rp.snap->coverage.records, 7);
	assert_true(rp.snap->coverage.trusted);
	assert_int_equal(rp.snap->coverage.unmatched_frees, 0);
}

/* The same on any machine. */
static void test_machines(void **state)
{
	static const struct rec_kernel *const kernels[] = {
		&rec_5_10, &rec_6_1, &rec_7, &rec_6_1_s390x,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		rp_start(kernels[i], 1, 1);
		rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
		rp_release(3000, 0xffff888000001000);
		rp_alloc(4000, 0xffff888000003000, 32, rp_other_stack);
		rp_good();
		assert_int_equal(rp_live("kmtest"), 0);
		assert_int_equal(rp_live("other"), 32);
		assert_int_equal(rp.snap->big_endian, kernels[i]->big);
		assert_int_equal(rp.snap->long_bits, 64);
		rp_teardown(NULL);
	}
}

static void test_32_bit(void **state)
{
	static const uint64_t stack[] = { 0xc0101010, 0xbf000010, 0xc0102010 };

	(void)state;
	rp_start(&rec_6_1_armhf, 1, 1);
	rp.rec.kallsyms = "c0100000 T _stext\nc0101000 T __kmalloc\n"
		     "c0102000 T sys_x\nc0800000 T _etext\n"
		     "bf000000 t take\t[kmtest]\nbf000000 t $a\t[kmtest]\n";
	rp_alloc(10, 0xc1000000, 64, stack);
	rp_alloc(20, 0xc1000040, 64, stack);
	rp_release(30, 0xc1000000);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 64);
	assert_int_equal(rp.snap->long_bits, 32);
	assert_true(rp.snap->coverage.trusted);
}

static void test_empty_recording(void **state)
{
	(void)state;
	rp_start(&rec_6_1, 1, 2);
	rp_good();
	assert_int_equal(rp.snap->live_bytes, 0);
	assert_int_equal(rp.snap->coverage.records, 0);
	assert_int_equal(rp.snap->start_ns, 0);
	assert_int_equal(rp.snap->end_ns, 0);
	assert_true(rp_distrusted("no allocation events"));
	rp.opts.from = 5;
	rp.opts.to = 10;
	rp_good();
	rp.opts.from = rp.opts.to = 0;
	rp.opts.from_relative = rp.opts.to_relative = true;
	rp_good();
}

static void test_no_formats(void **state)
{
	static const struct rec_kernel none = { .long_size = 8 };

	(void)state;
	rec_start(&rp.rec, &none, 1, 1);
	rp_bad(rp.trace, "no event formats");
}

static void test_not_there(void **state)
{
	(void)state;
	rp.opts.path = "/nonexistent/trace.dat";
	assert_null(replay(&rp.opts, &rp.err));
	assert_non_null(strstr(rp.err.text, "/nonexistent/trace.dat"));
}

/* Bytes are pages times the page size: it must be one. */
static void test_page_size(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 64, 4095, 5000, 1u << 31 };
	struct out file;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rp_small();
		rec_make(&rp.rec, &file);
		/* magic, version, byte order, size of a long */
		set_number(&file, 10 + 2 + 1 + 1, sizes[i], 4);
		strcpy(rp.trace, file_write(&file));
		out_free(&file);
		rp_bad(rp.trace, "pages of");
		rec_free(&rp.rec);
	}
}

/* CPU 1 allocates, CPU 0 frees, and the time stamps do not tell which was first. */
static void test_clocks(void **state)
{
	static const struct {
		const char *clock;
		uint64_t apart;		/* ns by which the free is before it */
		bool skews, trusted;
	} cases[] = {
		{ "local", 500, true, true },
		{ "perf", 500, true, true },
		{ "uptime", 0, true, false },
		{ "mono", 500, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct coverage *c;

		rp_start(&rec_6_1, 1, 2);
		rp.rec.clocks[0] = cases[i].clock;
		EMIT(&rp.rec, .ts = 2000, .cpu = 1, .event = "kmalloc",
		     .ptr = 0xffff888000001000, .bytes_req = 64, .bytes_alloc = 64,
		     .call_site = rp_kmtest_stack[1]);
		EMIT_STACK(&rp.rec, 2000, rp_kmtest_stack[1], .cpu = 1);
		EMIT(&rp.rec, .ts = 2000 - cases[i].apart, .cpu = 0, .event = "kfree",
		     .ptr = 0xffff888000001000);
		rp_good();
		c = &rp.snap->coverage;
		assert_int_equal(rp_module("kmtest")->uncertain_bytes, cases[i].skews ? 64 : 0);
		assert_int_equal(c->trusted, cases[i].trusted);
		assert_int_equal(rp_said(c->notes, c->n_notes, "is not in order across CPUs"),
				 cases[i].skews && cases[i].trusted);
		assert_int_equal(rp_distrusted("'uptime' stands still"), !cases[i].trusted);
		rp_teardown(NULL);
	}
}

static void start_pages(const char *uname, uint32_t size)
{
	struct out file;

	rp_start(&rec_6_1, 1, 1);
	rp.rec.uname = uname;
	EMIT(&rp.rec, .ts = 1000, .event = "mm_page_alloc", .ptr = 0x1000);
	EMIT_STACK(&rp.rec, 1000, rp_kmtest_stack[1]);
	rec_make(&rp.rec, &file);
	set_number(&file, 10 + 2 + 1 + 1, size, 4);
	strcpy(rp.trace, file_write(&file));
	out_free(&file);
}

/* The header has the size of the ring buffer's pages, which may be larger. */
static void test_large_ring_pages(void **state)
{
	static const struct {
		const char *uname;
		uint32_t size, want;
		bool sure;
	} cases[] = {
		{ "Linux host 6.12.1 x86_64", 65536, 4096, true },
		{ "Linux x86_64 6.12.1 aarch64", 4096, 4096, true },
		{ "Linux host 6.12.1 s390x", 16384, 4096, true },
		/* until 6.8 they had the size of the kernel's pages */
		{ "Linux host 6.7.12 aarch64", 16384, 16384, true },
		{ "Linux host 6.8.0 aarch64", 16384, 16384, false },
		{ "Linux host 7.0 ppc64le", 65536, 65536, false },
		{ NULL, 65536, 65536, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_pages(cases[i].uname, cases[i].size);
		rp_good();
		assert_int_equal(rp.snap->page_size, cases[i].want);
		assert_int_equal(rp_live("kmtest"), cases[i].want);
		assert_int_equal(rp.snap->coverage.trusted, cases[i].sure);
		assert_int_equal(rp_distrusted("give --page-size"), !cases[i].sure);
		rp.opts.page_size = 4096;
		if (cases[i].sure) {
			rp_bad("--page-size", "says itself");
		} else {
			rp_good();
			assert_int_equal(rp_live("kmtest"), 4096);
			assert_true(rp.snap->coverage.trusted);
			/* the ring buffer's pages are never less */
			rp.opts.page_size = 131072;
			rp_bad("--page-size", "no more than");
		}
		rp.opts.page_size = 0;
		rp_teardown(NULL);
	}
}

/* Both CPUs' last losses, those that left no mark but in the file included. */
static void test_lost(void **state)
{
	(void)state;
	rp_start(&rec_6_1, 1, 2);
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	EMIT(&rp.rec, .ts = 2000, .event = "kfree", .ptr = 0xffff888000001000,
	     .lost = 5);
	rec_lost_at_end(&rp.rec, 0, 1, 3000, SOURCE_LOST_UNKNOWN);
	rp_good();
	assert_int_equal(rp.snap->coverage.lost_events, 5);
	assert_true(rp.snap->coverage.lost_unknown);
	assert_int_equal(rp.snap->coverage.n_lost_by_cpu, 2);
	assert_true(rp_distrusted("events were lost"));
}

static void test_without_stacks(void **state)
{
	(void)state;
	rp_start(&rec_6_1, 1, 1);
	EMIT(&rp.rec, .ts = 10, .event = "kmalloc", .ptr = 0xffff888000001000,
	     .bytes_alloc = 64, .call_site = 0xffffffffc0000010);
	EMIT(&rp.rec, .ts = 20, .event = "mm_page_alloc", .ptr = 0x1000);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 64);
	assert_true(rp_distrusted("without stacks"));
	assert_int_equal(rp.snap->coverage.events_without_stack, 2);
}

static void test_two_buffers(void **state)
{
	(void)state;
	rp_start(&rec_6_1, 2, 1);
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	EMIT(&rp.rec, .ts = 1001, .buffer = 1, .event = "kmalloc",
	     .ptr = 0xffff888000001000, .bytes_req = 63, .bytes_alloc = 64,
	     .call_site = 0xffffffffc0000010);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 64);
	assert_int_equal(rp.snap->coverage.evicted, 0);
	assert_int_equal(rp.snap->coverage.duplicate_buffer_events, 1);
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			 "same events"));
}

/* ---- modules that come and go ------------------------------------------- */

static void test_module_events(void **state)
{
	(void)state;
	rp_start(&rec_6_1, 1, 1);
	EMIT(&rp.rec, .ts = 500, .event = "module_load", .name = "kmtest");
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	rp_alloc(2000, 0xffff888000002000, 128, rp_kmtest_stack);
	rp_release(3000, 0xffff888000001000);
	EMIT(&rp.rec, .ts = 4000, .event = "module_free", .name = "kmtest");
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_module("kmtest")->state, MODULE_UNLOADED);
	assert_int_equal(rp_module("kmtest")->leaked_bytes, 128);
	/* at an earlier time it is loaded still */
	rp.opts.to = 3500;
	rp_good();
	assert_int_equal(rp_module("kmtest")->state, MODULE_LOADED);
	assert_int_equal(rp_module("kmtest")->leaked_bytes, -1);
}

/* A record that cannot be read may be the free of what seems to be left behind. */
static void test_malformed_free(void **state)
{
	static const struct leak_opts leaks = { 0 };

	(void)state;
	rp_start(&rec_6_1, 1, 1);
	EMIT(&rp.rec, .ts = 500, .event = "module_load", .name = "kmtest");
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	EMIT(&rp.rec, .ts = 2000, .event = "kfree", .ptr = 0xffff888000001000, .len = 12);
	EMIT(&rp.rec, .ts = 4000, .event = "module_free", .name = "kmtest");
	rp_release(9000000000, 0xffff888000003000);
	rp.opts.leaks = &leaks;
	rp_good();
	assert_true(rp_distrusted("not what their format says"));
	assert_int_equal(rp.snap->leaks->n_rows, 1);
	assert_int_equal(rp.snap->leaks->rows[0].reason, LEAK_LOST);
}

/* ---- progress ----------------------------------------------------------- */

static unsigned int calls;
static uint64_t last_done, last_total;
static unsigned int stop_at;

static int count_calls(void *arg, uint64_t done, uint64_t total)
{
	assert_ptr_equal(arg, &calls);
	assert_true(done >= last_done);
	assert_true(done <= total && total > 0);
	last_done = done;
	last_total = total;
	return ++calls == stop_at;
}

static void test_progress(void **state)
{
	uint32_t i;

	(void)state;
	rp_start(&rec_6_1, 1, 2);
	for (i = 0; i < 150000; i++)
		EMIT(&rp.rec, .ts = i, .cpu = i % 2, .event = "kfree",
		     .ptr = 0x10000 + i);
	rp.opts.progress = count_calls;
	rp.opts.progress_arg = &calls;
	calls = stop_at = 0;
	last_done = 0;
	rp_good();
	assert_in_range(calls, 2, 100);
	assert_int_equal(rp.snap->coverage.unmatched_frees, 150000);
	/* told to stop */
	calls = 0;
	last_done = 0;
	stop_at = 1;
	rp_bad("interrupted", "");
	assert_int_equal(calls, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rp_setup, rp_teardown)

/* Each is named once, and those for which there is no room are counted. */
static void test_modules_of_nowhere(void **state)
{
	char name[32];

	(void)state;
	rp_small();
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "gone%u", i / 2);
		EMIT(&rp.rec, .ts = 5000 + 2 * i, .event = "module_load", .name = name);
		EMIT(&rp.rec, .ts = 5001 + 2 * i, .event = "module_free", .name = name);
	}
	rp_good();
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			    "is in [unknown]: gone0, gone1, gone2, "));
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			    "gone32 and 67 others"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_small),
		TEST(test_modules_of_nowhere),
		TEST(test_machines),
		TEST(test_32_bit),
		TEST(test_empty_recording),
		TEST(test_no_formats),
		TEST(test_not_there),
		TEST(test_page_size),
		TEST(test_large_ring_pages),
		TEST(test_clocks),
		TEST(test_lost),
		TEST(test_without_stacks),
		TEST(test_two_buffers),
		TEST(test_module_events),
		TEST(test_malformed_free),
		TEST(test_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
