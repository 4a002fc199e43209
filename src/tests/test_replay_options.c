// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_replay_options.c - replays of a part of the time, and with saved files
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

/* ---- times -------------------------------------------------------------- */

static void test_to(void **state)
{
	(void)state;
	rp_small();
	rp.opts.to = 2000;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 192);
	assert_int_equal(rp_live("other"), 0);
	assert_int_equal(rp.snap->end_ns, 2000);
	rp.opts.to = 2999;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 192);
	assert_int_equal(rp.snap->end_ns, 2999);
	rp.opts.to = 3000;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	/* behind the end nothing more is known */
	rp.opts.to = INT64_MAX;
	rp_good();
	assert_int_equal(rp.snap->end_ns, 4000);
	assert_int_equal(rp_live("other"), 32);
}

static void test_to_relative(void **state)
{
	(void)state;
	rp_small();
	rp.opts.to_relative = true;
	rp.opts.to = 1000;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 192);
	assert_int_equal(rp.snap->end_ns, 2000);
	rp.opts.to = 0;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 64);
	rp.opts.to = INT64_MAX;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp.snap->end_ns, 4000);
}

/* What was there before is of no interest, and its free is no complaint. */
static void test_from(void **state)
{
	(void)state;
	rp_small();
	rp.opts.from = 1500;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_module("kmtest")->allocs, 1);
	assert_int_equal(rp_module("kmtest")->frees, 0);
	assert_int_equal(rp.snap->coverage.unmatched_frees, 0);
	assert_int_equal(rp.snap->start_ns, 1500);
	rp.opts.from_relative = true;
	rp.opts.from = 1001;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 0);
	assert_int_equal(rp.snap->start_ns, 2001);
}

static void test_odd_windows(void **state)
{
	(void)state;
	rp_small();
	/* wholly before, wholly behind: empty books, and a time that makes sense */
	rp.opts.to = 10;
	rp_good();
	assert_int_equal(rp.snap->live_bytes, 0);
	assert_true(rp.snap->start_ns <= rp.snap->end_ns);
	/* ... that prove nothing */
	assert_false(rp.snap->coverage.trusted);
	assert_non_null(strstr(rp.snap->coverage.distrust[0], "--to lies before"));
	rp.opts.to = REPLAY_NO_TIME;
	rp.opts.from = 1000000;
	rp_good();
	assert_int_equal(rp.snap->live_bytes, 0);
	assert_true(rp.snap->start_ns <= rp.snap->end_ns);
	assert_false(rp.snap->coverage.trusted);
	assert_non_null(strstr(rp.snap->coverage.distrust[0], "--from lies behind the end"));
	rp.opts.from = 4000;
	rp_good();
	assert_true(rp.snap->coverage.trusted);
	/* before the beginning is from the beginning */
	rp.opts.from = 1;
	rp_good();
	assert_int_equal(rp.snap->start_ns, 1000);
	assert_int_equal(rp_live("kmtest"), 128);
	rp.opts.from = -1;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	rp.opts.from = INT64_MAX;
	rp.opts.from_relative = true;
	rp_good();
	assert_int_equal(rp.snap->live_bytes, 0);
	/* from behind to */
	rp.opts.from_relative = false;
	rp.opts.from = 3000;
	rp.opts.to = 2000;
	rp_bad("--from", "--to");
	rp.opts.from_relative = true;	/* 4000 */
	rp.opts.to = 3999;
	rp_bad("--from", "--to");
	rp.opts.to = 4000;
	rp_good();
	assert_int_equal(rp_live("other"), 32);
}

/*
 * What is asked of a time that the recording, 1 to 4 ms, does not have is not good
 * enough, and said; a moment is taken for an end of it that rounds to the same
 * microsecond.
 */
static void test_outside(void **state)
{
	enum { AT = 1, REL_FROM = 2, REL_TO = 4 };
	const int64_t none = REPLAY_NO_TIME;
	const struct {
		int64_t from, to;
		unsigned int how;
		uint64_t live;			/* bytes of all modules */
		const char *why[2];
	} cases[] = {
		{ none, none, 0, 160, { NULL } },
		{ none, 4000100, AT, 160, { NULL } },
		{ none, 3500000, AT, 128, { NULL } },
		{ none, 4000900, AT, 160, { NULL } },
		{ none, 4001100, AT, 0, { "--at lies behind the end of the recording (0.004000100)" } },
		{ none, INT64_MAX, AT, 0, { "--at lies behind" } },
		{ none, 3000000, AT | REL_TO, 160, { NULL } },
		{ none, 3002000, AT | REL_TO, 0, { "--at lies behind" } },
		{ none, 4002000, 0, 160, { "--to lies behind" } },
		{ none, INT64_MAX, REL_TO, 160, { "--to lies behind" } },
		{ none, 1000000, AT, 0, { "no allocation events in that time" } },
		{ none, 999999, AT, 0, { "--at lies before the beginning of the recording (0.001000100)" } },
		{ none, 0, 0, 0, { "--to lies before" } },
		{ none, 0, AT | REL_TO, 64, { NULL } },
		{ 0, none, 0, 160, { "--from lies before the beginning" } },
		{ 999999, none, 0, 160, { "--from lies before" } },
		{ 1000000, none, 0, 160, { NULL } },
		{ 0, none, REL_FROM, 160, { NULL } },
		{ 1500000, none, 0, 160, { NULL } },
		{ 4000900, none, 0, 0, { NULL } },
		{ 4002000, none, 0, 0, { "--from lies behind" } },
		{ INT64_MAX, none, REL_FROM, 0, { "--from lies behind" } },
		{ 0, 3500000, AT, 128, { "--from lies before" } },
		{ 0, 9000000, AT, 0, { "--from lies before", "--at lies behind" } },
		{ 0, 9000000, 0, 160, { "--from lies before", "--to lies behind" } },
		{ 5000000, 9000000, 0, 0, { "--from lies behind", "--to lies behind" } },
		{ 0, 10, 0, 0, { "--from lies before", "--to lies before" } },
		{ 1500000, 3500000, 0, 128, { NULL } },
	};
	const struct leak_opts leaks = { .every = 1000 };

	(void)state;
	for (unsigned int leaks_too = 0; leaks_too < 2; leaks_too++) {
		rp_start(&rec_6_1, 1, 1);
		rp_alloc(1000100, 0xffff888000001000, 64, rp_kmtest_stack);
		rp_alloc(2000100, 0xffff888000002000, 128, rp_kmtest_stack);
		rp_release(3000100, 0xffff888000001000);
		rp_alloc(4000100, 0xffff888000003000, 32, rp_other_stack);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			const struct coverage *cov;
			size_t n = 0;

			rp.opts.from = cases[i].from;
			rp.opts.to = cases[i].to;
			rp.opts.at = cases[i].how & AT;
			rp.opts.from_relative = cases[i].how & REL_FROM;
			rp.opts.to_relative = cases[i].how & REL_TO;
			rp.opts.series = rp.opts.by_stack = rp.opts.by_task = leaks_too;
			rp.opts.leaks = leaks_too ? &leaks : NULL;
			rp_good();
			cov = &rp.snap->coverage;
			if ((uint64_t)rp.snap->live_bytes != cases[i].live)
				fail_msg("case %zu: %llu bytes", i,
					 (unsigned long long)rp.snap->live_bytes);
			while (n < 2 && cases[i].why[n])
				if (!rp_distrusted(cases[i].why[n++]))
					fail_msg("case %zu: not said: %s", i, cases[i].why[n - 1]);
			if (cov->n_distrust != n || cov->trusted != !n)
				fail_msg("case %zu: %zu reasons: %s", i, cov->n_distrust,
					 cov->n_distrust ? cov->distrust[0] : "");
		}
		rp_teardown(NULL);
	}
}

/* Time stamps near the end of their range do not wrap around. */
static void test_late_times(void **state)
{
	uint64_t late = UINT64_MAX - 5000;

	(void)state;
	rp_start(&rec_6_1, 1, 1);
	rp_alloc(late, 0xffff888000001000, 64, rp_kmtest_stack);
	rp_alloc(late + 2000, 0xffff888000002000, 128, rp_kmtest_stack);
	rp.opts.to_relative = true;
	rp.opts.to = 100000;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 192);
	rp.opts.from_relative = true;
	rp.opts.from = 90000;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 0);
}

/* ---- symbols ------------------------------------------------------------ */

static void test_no_kallsyms(void **state)
{
	(void)state;
	rp_small();
	rp.rec.kallsyms = "";
	rp_good();
	assert_int_equal(rp_live("[unknown]"), 160);
	assert_true(rp_distrusted("--kallsyms"));
	/* a file can say it */
	rp.opts.kallsyms_file = rp_save(rp_symbols, strlen(rp_symbols));
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_true(rp.snap->coverage.trusted);
}

/* What is recorded is no kallsyms: as good as none. */
static void test_garbage_kallsyms(void **state)
{
	(void)state;
	rp_small();
	rp.rec.kallsyms = "\n\nBad wolf\n\x01\x02\n";
	rp_good();
	assert_int_equal(rp_live("[unknown]"), 160);
	assert_true(rp_distrusted("--kallsyms"));
}

static void test_hidden_kallsyms(void **state)
{
	static const char hidden[] =
		"0000000000000000 T _stext\n"
		"0000000000000000 T __kmalloc\n"
		"0000000000000000 t kmtest_take\t[kmtest]\n";

	(void)state;
	rp_small();
	rp.rec.kallsyms = hidden;
	rp_good();
	assert_int_equal(rp_live("kmtest"), 0);
	assert_int_equal(rp_live("[unknown]"), 160);
	assert_true(rp_distrusted("without privilege"));
	rp_teardown(NULL);
	rp_small();
	/* where the recording has its own, they are used, and the file is not */
	rp.opts.kallsyms_file = rp_save(hidden, strlen(hidden));
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_true(rp.snap->coverage.trusted);
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			    "given kallsyms are zero"));
}

/* What a file has of another boot is refused, and what it has more is added. */
static void test_other_kallsyms(void **state)
{
	static const char other[] =
		"ffffffff91000000 T _stext\n"
		"ffffffff91001000 T __kmalloc\n"
		"ffffffff91002000 T kfree\n"
		"ffffffff91003000 T do_syscall_64\n"
		"ffffffff92000000 T _etext\n"
		"ffffffffc0000000 t kmtest_take\t[kmtest]\n";
	static const char moved[] =
		"ffffffffc0100000 t kmtest_take\t[kmtest]\n"
		"ffffffffc0100800 t kmtest_give\t[kmtest]\n";
	static const char other_module[] = "ffffffffc0010000 t other_take\t[other]\n";
	static const char nothing[] = "ffffffffc0810000 t third_take\t[third]\n";
	static const char kernel[] =
		"ffffffff81000000 T _stext\n"
		"ffffffff81001000 T __kmalloc\n"
		"ffffffff82000000 T _etext\n";

	(void)state;
	rp_small();
	rp.opts.kallsyms_file = rp_save(other, strlen(other));
	rp_bad(rp.saved, "does not belong to this recording");
	rp.opts.kallsyms_file = rp_save(moved, strlen(moved));
	rp_bad(rp.saved, "does not belong to this recording");
	rp.opts.kallsyms_file = rp_save(nothing, strlen(nothing));
	rp_bad(rp.saved, "nothing was called from where");
	/* a part of what it has itself */
	rp.opts.kallsyms_file = rp_save(other_module, strlen(other_module));
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_live("other"), 32);
	rp_teardown(NULL);
	rp.opts.kallsyms_file = NULL;

	/* the one module that it lacks; then only the kernel */
	rp_small();
	rp.rec.kallsyms = "ffffffff81000000 T _stext\nffffffff81001000 T __kmalloc\n"
			  "ffffffff82000000 T _etext\n"
			  "ffffffffc0000000 t kmtest_take\t[kmtest]\n"
			  "ffffffffc0000800 t kmtest_give\t[kmtest]\n";
	rp_good();
	assert_int_equal(rp_live("[unknown]"), 32);
	rp.opts.kallsyms_file = rp_save(other_module, strlen(other_module));
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_live("other"), 32);
	assert_int_equal(rp_live("[unknown]"), 0);
	rp_teardown(NULL);
	rp.opts.kallsyms_file = NULL;

	rp_small();
	rp.rec.kallsyms = "ffffffffc0000000 t kmtest_take\t[kmtest]\n"
			  "ffffffffc0010000 t other_take\t[other]\n";
	rp_good();
	assert_true(rp_distrusted("no symbols of the kernel itself"));
	rp.opts.kallsyms_file = rp_save(kernel, strlen(kernel));
	rp_good();
	assert_true(rp.snap->coverage.trusted);
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_live("other"), 32);
}

static void load(uint64_t ts, const char *module, bool comes)
{
	EMIT(&rp.rec, .ts = ts, .event = comes ? "module_load" : "module_free",
	     .name = module);
}

/* /proc/modules saved while a module was there of which the end knows nothing. */
static void test_modules_of_then(void **state)
{
	static const char then[] = "gone 16384 0 - Live 0xffffffffc0010000\n";
	static const char elsewhere[] = "kmtest 8192 0 - Live 0xffffffffc0200000\n";
	static const uint64_t gone_stack[3] = {
		0xffffffff81001010, 0xffffffffc0010020, 0xffffffff81003010,
	};

	(void)state;
	/* another module has its place at the end */
	rp_start(&rec_6_1, 1, 1);
	load(500, "gone", true);
	rp_alloc(1000, 0xffff888000001000, 64, gone_stack);
	load(2000, "gone", false);
	load(2500, "other", true);
	rp_alloc(3000, 0xffff888000002000, 32, rp_other_stack);
	rp_alloc(3500, 0xffff888000003000, 128, rp_kmtest_stack);
	rp_good();
	assert_int_equal(rp_live("[unknown]"), 64);
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			    "nothing says where"));
	rp.opts.modules_file = rp_save(then, strlen(then));
	rp_good();
	assert_int_equal(rp_live("gone"), 64);
	assert_int_equal(rp_module("gone")->leaked_bytes, 64);
	assert_int_equal(rp_live("other"), 32);
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_live("[unknown]"), 0);
	assert_false(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			     "nothing says where"));
	rp.opts.modules_file = rp_save(elsewhere, strlen(elsewhere));
	rp_bad(rp.saved, "does not belong to this recording");
	rp_teardown(NULL);
	rp.opts.modules_file = NULL;

	/* several times: that it was there each time is assumed, and said */
	rp_start(&rec_6_1, 1, 1);
	rp.rec.kallsyms = "ffffffff81000000 T _stext\nffffffff81001000 T __kmalloc\n"
			  "ffffffff82000000 T _etext\n"
			  "ffffffffc0000000 t kmtest_take\t[kmtest]\n";
	load(500, "gone", true);
	rp_alloc(1000, 0xffff888000001000, 64, gone_stack);
	load(2000, "gone", false);
	load(2100, "gone", true);
	load(2200, "gone", false);
	rp_alloc(3500, 0xffff888000003000, 128, rp_kmtest_stack);
	rp.opts.modules_file = rp_save(then, strlen(then));
	rp_good();
	assert_int_equal(rp_live("gone"), 64);
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			    "came and went several times"));
}

static void test_kallsyms_file(void **state)
{
	(void)state;
	rp_small();
	rp.opts.kallsyms_file = "/nonexistent/kallsyms";
	rp_bad("/nonexistent/kallsyms", "No such file");
	rp.opts.kallsyms_file = "/";
	rp_bad("/: ", "directory");
	rp.opts.kallsyms_file = rp_save("", 0);
	rp_bad(rp.saved, "empty");
	rp.opts.kallsyms_file = rp_save("Bad\0wolf\n\n\xff", 11);
	rp_bad(rp.saved, "ADDRESS TYPE NAME");
	/* no last newline, and some lines that are none */
	rp.opts.kallsyms_file = rp_save(rp_symbols, strlen(rp_symbols) - 1);
	rp_good();
	assert_int_equal(rp_live("other"), 32);
}

/* A rp.saved /proc/modules for a kallsyms that does not know of modules. */
static void test_modules_file(void **state)
{
	static const char modules[] =
		"other 16384 0 - Live 0xffffffffc0010000\n"
		"kmtest 65536 1 other, Live 0xffffffffc0000000 (O)\n";
	static const char hidden[] = "kmtest 65536 0 - Live 0x0000000000000000\n";
	static const char bad[] = "kmtest 65536 0 - Live 0xffffffffc0000000\nwolf\n";

	(void)state;
	rp_small();
	rp.rec.kallsyms = "ffffffff81000000 T _stext\nffffffff81001000 T __kmalloc\n"
		     "ffffffff81003000 T do_syscall_64\nffffffff82000000 T _etext\n";
	rp.opts.modules_file = rp_save(modules, strlen(modules));
	rp_good();
	assert_int_equal(rp_live("kmtest"), 128);
	assert_int_equal(rp_live("other"), 32);
	assert_int_equal(rp_module("kmtest")->fixed.lsmod_bytes, 65536);
	/* privilege was missing when it was rp.saved */
	rp.opts.modules_file = rp_save(hidden, strlen(hidden));
	rp_good();
	assert_int_equal(rp_live("kmtest"), 0);
	assert_true(rp_distrusted("/proc/modules"));
	rp.opts.modules_file = rp_save("", 0);
	rp_good();
	rp.opts.modules_file = rp_save("\n\n", 2);
	rp_good();
	rp.opts.modules_file = rp_save(bad, strlen(bad));
	rp_bad(rp.saved, "1 line");
	rp.opts.modules_file = rp_save("\0\0\n", 3);
	rp_bad(rp.saved, "/proc/modules");
	rp.opts.modules_file = "/nonexistent/modules";
	rp_bad("/nonexistent/modules", "No such file");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rp_setup, rp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_to),
		TEST(test_to_relative),
		TEST(test_from),
		TEST(test_odd_windows),
		TEST(test_outside),
		TEST(test_late_times),
		TEST(test_no_kallsyms),
		TEST(test_garbage_kallsyms),
		TEST(test_hidden_kallsyms),
		TEST(test_kallsyms_file),
		TEST(test_other_kallsyms),
		TEST(test_modules_of_then),
		TEST(test_modules_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
