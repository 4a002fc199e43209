// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_limit.c - what a limit is, which rows it is about, what it lets pass
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "limit.h"
#include "side.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct limits limits;
static struct error err;

static int add(const char *text)
{
	err.text[0] = '\0';
	return limits_add(&limits, text, NULL, &err);
}

static int forget(void **state)
{
	(void)state;
	limits_free(&limits);
	return 0;
}

static void grammar(void **state)
{
	static const struct {
		const char *text, *module, *function;
		enum metric metric;
		bool grows, has_size, has_percent;
		uint64_t size, milli;
	} cases[] = {
		{ "live>+5%", NULL, NULL, METRIC_LIVE, true, false, true, 0, 5000 },
		{ "live>+0.5%", NULL, NULL, METRIC_LIVE, true, false, true, 0, 500 },
		{ "live>+12.125%", NULL, NULL, METRIC_LIVE, true, false, true, 0, 12125 },
		{ "kmtest.peak>+64K", "kmtest", NULL, METRIC_PEAK, true, true, false, 65536, 0 },
		{ "leaked>0", NULL, NULL, METRIC_LEAKED, false, true, false, 0, 0 },
		{ " ext4 . live > 1.5M ", "ext4", NULL, METRIC_LIVE, false, true, false, 1572864, 0 },
		{ "live > +5% & +4K", NULL, NULL, METRIC_LIVE, true, true, true, 4096, 5000 },
		{ "kmtest:do_*.churn>+1MB", "kmtest", "do_*", METRIC_CHURN, true, true, false, 1000000, 0 },
		{ "kmtest:f.isra.0.live>0", "kmtest", "f.isra.0", METRIC_LIVE, false, true, false, 0, 0 },
		{ "[kernel].induced>+1%", "[kernel]", NULL, METRIC_INDUCED, true, false, true, 0, 1000 },
		{ "allocs>+100", NULL, NULL, METRIC_ALLOCS, true, true, false, 100, 0 },
		{ "*.overhead>18446744073709551615", "*", NULL, METRIC_OVERHEAD, false, true, false, UINT64_MAX, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const struct limit *l;

		if (add(cases[i].text))
			fail_msg("%s: %s", cases[i].text, err.text);
		l = &limits.rule[i];
		assert_int_equal(l->metric, cases[i].metric);
		assert_int_equal(l->grows, cases[i].grows);
		assert_int_equal(l->has_size, cases[i].has_size);
		assert_int_equal(l->has_percent, cases[i].has_percent);
		assert_int_equal(l->size, cases[i].size);
		assert_int_equal(l->milli, cases[i].milli);
		if (cases[i].module)
			assert_string_equal(l->module, cases[i].module);
		else
			assert_null(l->module);
		if (cases[i].function)
			assert_string_equal(l->function, cases[i].function);
		else
			assert_null(l->function);
	}
	assert_string_equal(limits.rule[6].text, "live>+5%&+4K");
}

static void no_limits(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "[MODULE[:FUNCTION].]METRIC>BOUND" },
		{ "live", "METRIC>BOUND" },
		{ "live<5", "METRIC>BOUND" },
		{ "alive>0", "the metric is one of" },
		{ ">0", "the metric is one of" },
		{ "kmtest>0", "the metric is one of" },
		{ ".live>0", "a name is missing" },
		{ ":f.live>0", "a name is missing" },
		{ "kmtest:.live>0", "a name is missing" },
		{ "kmtest:f.overhead>0", "of a function only" },
		{ "kmtest:f.leaked>0", "of a function only" },
		{ "live>", "behind '>'" },
		{ "live>+", "behind '>'" },
		{ "live>-1", "behind '>'" },
		{ "live>+-1", "behind '>'" },
		{ "live>5%", "above the base" },
		{ "live>+%", "a percentage is a number" },
		{ "live>+5.%", "a percentage is a number" },
		{ "live>+5.1234%", "a percentage is a number" },
		{ "live>+1e3%", "a percentage is a number" },
		{ "live>+99999999999999%", "a percentage is a number" },
		{ "live>+5%+4K", "joined like" },
		{ "live>+5%&4K", "joined like" },
		{ "live>+5%&+", "behind '>'" },
		{ "live>+4K&+5%", "a percentage is a number" },
		{ "live>+4K&+4K", "behind '>'" },
		{ "live>+4X", "behind '>'" },
		{ "live>99E", "too large" },
		{ "allocs>+1K", "behind '>'" },
	};
	char lengthy[1000];

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		if (add(cases[i].text) != -EINVAL || !strstr(err.text, cases[i].says))
			fail_msg("'%s': %s", cases[i].text, err.text);
	memset(lengthy, 'x', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_int_equal(add(lengthy), -EINVAL);
	assert_non_null(strstr(err.text, "too long"));
	assert_int_equal(limits.n, 0);
}

static void allows(void **state)
{
	static const struct {
		const char *text;
		uint64_t base, allowed;
	} cases[] = {
		{ "live>64K", 1 << 30, 65536 },
		{ "live>+64K", 1000, 66536 },
		{ "live>+5%", 1000, 1050 },
		{ "live>+5%", 1019, 1069 },	/* 50.95 more: 51 are over it */
		{ "live>+0.001%", 100000, 100001 },
		{ "live>+5%", 0, 0 },		/* of nothing */
		{ "live>+100%", 1ULL << 62, 1ULL << 63 },
		{ "live>+5%&+64K", 1000, 66536 },
		{ "live>+5%&+64K", 10 << 20, (10 << 20) + (10 << 20) / 20 },
		/* nothing wraps around */
		{ "live>+4000000%", UINT64_MAX / 2, UINT64_MAX },
		{ "live>+1E", UINT64_MAX - 1, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		assert_int_equal(add(cases[i].text), 0);
		assert_int_equal(limit_allows(&limits.rule[i], cases[i].base),
				 cases[i].allowed);
	}
}

static unsigned int fits(const char *text, const struct side_row *row)
{
	assert_int_equal(add(text), 0);
	return limit_fits(&limits.rule[limits.n - 1], row);
}

static void closeness(void **state)
{
	const struct side_row module = { .module = "snd_pcm", .state = MODULE_LOADED,
					 .known = METRICS_ALL };
	const struct side_row kernel = { .module = "[kernel]", .state = MODULE_KERNEL,
					 .known = METRICS_ALL };
	const struct side_row site = { .module = "snd_pcm", .state = MODULE_LOADED,
				       .site = true, .function = "snd_open",
				       .known = METRIC_BIT(METRIC_LIVE) };
	const struct side_row induced = { .module = "snd_pcm", .state = MODULE_LOADED,
					  .site = true, .function = "snd_open",
					  .known = METRIC_BIT(METRIC_INDUCED) };

	(void)state;
	assert_true(fits("live>0", &module) < fits("snd*.live>0", &module));
	assert_true(fits("snd*.live>0", &module) < fits("snd-pcm.live>0", &module));
	assert_int_equal(fits("snd.live>0", &module), 0);
	assert_int_equal(fits("snd_pcm.live>0", &site), 0);
	assert_int_equal(fits("snd_pcm:snd_open.live>0", &module), 0);
	assert_int_equal(fits("live>0", &kernel), 0);
	assert_int_equal(fits("*.live>0", &kernel), 0);
	assert_true(fits("[kernel].live>0", &kernel) > 0);
	/* of the module first, then of the function */
	assert_true(fits("*:*.live>0", &site) < fits("*:snd_open.live>0", &site));
	assert_true(fits("*:snd_open.live>0", &site) < fits("snd_pcm:*.live>0", &site));
	assert_true(fits("snd_pcm:*.live>0", &site) < fits("snd_pcm:snd_open.live>0", &site));
	assert_int_equal(fits("*:*.live>0", &induced), 0);
	assert_true(fits("*:*.induced>0", &induced) > 0);
}

static void files(void **state)
{
	static const char text[] =
		"# how much the driver may grow\n"
		"kmtest.live > +5%\n"
		"suppress kmtest:do_leak reason=it is there to leak\n"
		"   live > +1M\r\n";
	char path[] = "/tmp/test_limit.XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	(void)state;
	fputs(text, file);
	fclose(file);
	assert_int_equal(limits_read(&limits, path, "2026-01-01", &err), 0);
	assert_int_equal(limits.n, 2);
	assert_int_equal(limits.suppressions.n, 1);
	assert_string_equal(limits.rule[0].text, "kmtest.live>+5%");
	assert_non_null(strstr(limits.rule[1].where, ":4"));

	file = fopen(path, "a");
	fputs("suppress a until=2025-12-31 reason=old\n", file);
	fclose(file);
	assert_int_equal(limits_read(&limits, path, "2026-01-01", &err), -ETIME);
	assert_non_null(strstr(err.text, ":5: the suppression of a expired on 2025-12-31 (old)"));
	file = fopen(path, "w");
	fputs("\nlive>much\n", file);
	fclose(file);
	assert_int_equal(limits_read(&limits, path, "2026-01-01", &err), -EINVAL);
	assert_non_null(strstr(err.text, ":2: limit 'live>much'"));
	remove(path);
}

static void by_default(void **state)
{
	(void)state;
	assert_int_equal(limits_default(&limits, &err), 0);
	assert_int_equal(limits.n, 2);
	assert_string_equal(limits.rule[0].text, "live>+0");
	assert_false(limits.rule[0].may_miss);
	assert_string_equal(limits.rule[1].text, "leaked>+0");
	assert_true(limits.rule[1].may_miss);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(grammar, forget),
		cmocka_unit_test_teardown(no_limits, forget),
		cmocka_unit_test_teardown(allows, forget),
		cmocka_unit_test_teardown(closeness, forget),
		cmocka_unit_test_teardown(files, forget),
		cmocka_unit_test_teardown(by_default, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
