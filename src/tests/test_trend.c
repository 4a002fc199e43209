// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_trend.c - made-up series: what grows is told from what only moves
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "trend.h"

#define N 512
#define MINUTE 60000000000ULL

static uint64_t series[N];
static uint64_t random_state;

/* 0 to 1, the same in every run (Knuth's MMIX generator). */
static double chance(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(random_state >> 11) / 9007199254740992.0;
}

/* Normal noise, near enough. */
static double noise(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += chance();
	return sum;
}

static struct snap_trend judge(size_t n)
{
	struct snap_trend t;

	assert_int_equal(trend_of(series, n, MINUTE, &t), 0);
	return t;
}

static const size_t lengths[] = { 96, 100, 120, 160, 250, 400, 512 };
#define N_LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static void a_leak_grows_by_what_it_leaks(void **state)
{
	(void)state;
	for (size_t k = 0; k < N_LENGTHS; k++) {
		struct snap_trend t;

		for (size_t i = 0; i < lengths[k]; i++)
			series[i] = 4096 + 1000 * i;
		t = judge(lengths[k]);
		assert_int_equal(t.verdict, TREND_GROWS);
		/* exactly 1000 bytes a minute */
		assert_int_equal(t.slope, 60000);
		assert_int_equal(t.slope_low, 60000);
		assert_int_equal(t.slope_high, 60000);
		assert_true(t.p < TREND_P);
		assert_int_equal(t.samples, lengths[k]);
	}
}

/* A cache that fills and is emptied, 37 times, on top of a slow leak. */
static void a_leak_below_a_sawtooth(void **state)
{
	struct snap_trend t;

	(void)state;
	for (size_t i = 0; i < N; i++)
		series[i] = 100 * i + (uint64_t)(500000 * fmod((double)i * 37 / N, 1));
	t = judge(N);
	assert_int_equal(t.verdict, TREND_GROWS);
	assert_true(t.slope_low <= 6000 && t.slope_high >= 6000);
	assert_true(t.slope > 5000 && t.slope < 7000);
}

static void a_leak_under_noise(void **state)
{
	size_t found = 0;

	(void)state;
	random_state = 7;
	for (int r = 0; r < 100; r++) {
		struct snap_trend t;

		for (size_t i = 0; i < N; i++)
			series[i] = (uint64_t)(1e6 + 200 * (double)i + 10000 * noise());
		t = judge(N);
		found += t.verdict == TREND_GROWS &&
			 t.slope_low <= 12000 && t.slope_high >= 12000;
	}
	/* the interval is one of 95 per cent */
	assert_in_range(found, 90, 100);
}

/* One object now and then: five steps in all. */
static void a_leak_in_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		series[i] = 1024 * (1 + i * 5 / N);
	assert_int_equal(judge(N).verdict, TREND_GROWS);
}

/* The interval does not only hold the slope of those that are found. */
static void a_shrinking_series_does_not_grow(void **state)
{
	struct snap_trend t;

	(void)state;
	for (size_t i = 0; i < N; i++)
		series[i] = 1000000 - 1000 * i;
	t = judge(N);
	assert_int_equal(t.verdict, TREND_STEADY);
	assert_int_equal(t.slope, -60000);
	assert_true(t.p > 0.99);
}

static void nobody_grows(size_t n, const char *what)
{
	struct snap_trend t = judge(n);

	if (t.verdict == TREND_GROWS)
		fail_msg("%s, %zu samples: grows by %lld an hour, p %g", what, n,
			 (long long)t.slope, t.p);
}

static void a_sawtooth_does_not_grow(void **state)
{
	static const double teeth[] = { 1.5, 2, 2.5, 2.9, 3.4, 5.9, 11, 37, 42 };

	(void)state;
	for (size_t j = 0; j < sizeof(teeth) / sizeof(teeth[0]); j++)
		for (size_t k = 0; k < N_LENGTHS; k++) {
			for (size_t i = 0; i < lengths[k]; i++)
				series[i] = 1000 + (uint64_t)(1e5 *
					    fmod((double)i * teeth[j] / (double)lengths[k], 1));
			nobody_grows(lengths[k], "sawtooth");
		}
}

/* A table taken at the start, or later, and kept. */
static void a_step_does_not_grow(void **state)
{
	(void)state;
	for (size_t k = 0; k < N_LENGTHS; k++)
		for (size_t at = 0; at < lengths[k]; at++) {
			for (size_t i = 0; i < lengths[k]; i++)
				series[i] = i < at ? 512 : 65536;
			nobody_grows(lengths[k], "step");
			/* ... of a place that held nothing before */
			for (size_t i = 0; i < at; i++)
				series[i] = 0;
			nobody_grows(lengths[k], "first step");
		}
}

/* A cache that warms up and stays at its limit. */
static void a_plateau_does_not_grow(void **state)
{
	(void)state;
	random_state = 3;
	for (size_t k = 0; k < N_LENGTHS; k++) {
		struct snap_trend t;

		for (size_t i = 0; i < lengths[k]; i++) {
			double at = (double)i / (double)lengths[k];

			series[i] = at < 0.5 ? (uint64_t)(2e5 * at) + 1 : 100000;
		}
		t = judge(lengths[k]);
		assert_true(t.verdict == TREND_SETTLED || t.verdict == TREND_STEADY);
		if (lengths[k] >= 160)
			assert_int_equal(t.verdict, TREND_SETTLED);
		for (size_t i = 0; i < lengths[k]; i++)
			series[i] = (uint64_t)(1e5 * (1 - exp(-8 * (double)i /
					       (double)lengths[k])) + 10000 + 500 * noise());
		nobody_grows(lengths[k], "plateau with noise");
	}
}

static void noise_does_not_grow(void **state)
{
	size_t grows = 0, n = 0;

	(void)state;
	random_state = 11;
	for (int r = 0; r < 200; r++)
		for (size_t k = 0; k < N_LENGTHS; k++, n++) {
			for (size_t i = 0; i < lengths[k]; i++)
				series[i] = (uint64_t)(1e5 + 1e4 * noise());
			grows += judge(lengths[k]).verdict == TREND_GROWS;
		}
	/* p < 0.001, and the second half agrees */
	assert_in_range(grows, 0, n / 1000);
}

/*
 * Memory in use that follows a load which wanders: samples depend on those
 * before. Without the correction for that one in four would pass.
 */
static void a_wandering_load_seldom_grows(void **state)
{
	size_t grows = 0, n = 0;

	(void)state;
	random_state = 5;
	for (int r = 0; r < 200; r++)
		for (size_t k = 0; k < N_LENGTHS; k++, n++) {
			double load = 0;

			for (size_t i = 0; i < lengths[k]; i++) {
				load = 0.9 * load + 1000 * noise();
				series[i] = (uint64_t)(1e6 + load);
			}
			grows += judge(lengths[k]).verdict == TREND_GROWS;
		}
	assert_in_range(grows, 0, n * 3 / 100);
}

static void too_few_samples_say_nothing(void **state)
{
	struct snap_trend t;

	(void)state;
	for (size_t i = 0; i < N; i++)
		series[i] = 1000 * (i + 1);
	assert_int_equal(judge(0).verdict, TREND_TOO_FEW);
	t = judge(TREND_SAMPLES_MIN - 1);
	assert_int_equal(t.verdict, TREND_TOO_FEW);
	assert_int_equal(t.slope, 0);
	assert_int_equal(judge(TREND_SAMPLES_MIN).verdict, TREND_GROWS);
	/* what was before the place came into being does not count */
	for (size_t i = 0; i < N - 5; i++)
		series[i] = 0;
	t = judge(N);
	assert_int_equal(t.verdict, TREND_TOO_FEW);
	assert_int_equal(t.samples, 5);
}

static void numbers_that_no_memory_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		series[i] = i % 2 ? UINT64_MAX : 0;
	judge(N);
	for (size_t i = 0; i < N; i++)
		series[i] = UINT64_MAX / N * i;
	assert_int_equal(trend_of(series, N, 1, &(struct snap_trend){ 0 }), 0);
	assert_int_equal(judge(N).verdict, TREND_GROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leak_grows_by_what_it_leaks),
		cmocka_unit_test(a_leak_below_a_sawtooth),
		cmocka_unit_test(a_leak_under_noise),
		cmocka_unit_test(a_leak_in_steps),
		cmocka_unit_test(a_shrinking_series_does_not_grow),
		cmocka_unit_test(a_sawtooth_does_not_grow),
		cmocka_unit_test(a_step_does_not_grow),
		cmocka_unit_test(a_plateau_does_not_grow),
		cmocka_unit_test(noise_does_not_grow),
		cmocka_unit_test(a_wandering_load_seldom_grows),
		cmocka_unit_test(too_few_samples_say_nothing),
		cmocka_unit_test(numbers_that_no_memory_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
