// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_units.c - sizes and times as people write and read them
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "units.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void sizes_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1, "1B" },
		{ 1023, "1023B" },
		{ 1024, "1K" },
		{ 1536, "1.5K" },
		{ 16384, "16K" },
		{ 18112, "17.7K" },
		{ 99 * 1024 + 1000, "100K" },
		{ 100 * 1024 + 511, "100K" },
		{ 100 * 1024 + 513, "101K" },
		{ 1023 * 1024, "1023K" },
		{ 1024 * 1024 - 1, "1M" },
		{ 1024 * 1024, "1M" },
		{ 1234567, "1.2M" },
		{ UINT64_C(5) << 40, "5T" },
		{ UINT64_MAX, "16E" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(size_human(buf, sizeof(buf), cases[i].bytes),
				    cases[i].text);
}

static void durations_and_counts(void **state)
{
	static const struct {
		uint64_t n;
		const char *duration, *count;
	} cases[] = {
		{ 0, "0us", "0" },
		{ 999, "0us", "999" },
		{ 999999, "999us", "999,999" },
		{ 1000000, "1ms", "1,000,000" },
		{ 59990000000, "59.9s", "59,990,000,000" },
		{ 61000000000, "1min 1s", "61,000,000,000" },
		{ 7500000000000, "2h 5min", "7,500,000,000,000" },
		{ UINT64_MAX, "5124095h 34min", "18,446,744,073,709,551,615" },
	};
	char buf[40];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(duration_format(buf, sizeof(buf), cases[i].n),
				    cases[i].duration);
		assert_string_equal(count_format(buf, sizeof(buf), cases[i].n), cases[i].count);
	}
	assert_string_equal(count_format(buf, 4, 1234567), "1,2");
}

static void sizes_are_read(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "512B", 0, 512 },
		{ "1K", 0, 1024 },
		{ "1k", 0, 1024 },
		{ "1KiB", 0, 1024 },
		{ "1KB", 0, 1000 },
		{ "1.5K", 0, 1536 },
		{ "0.5MiB", 0, 524288 },
		{ "2G", 0, UINT64_C(2) << 30 },
		{ "15.999999999E", 0, UINT64_C(0xffffffffbb47d05f) },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "16E", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "K", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 K", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "1.K", -EINVAL, 0 },
		{ "1Ki", -EINVAL, 0 },
		{ "1KK", -EINVAL, 0 },
		{ "1X", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "nan", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		uint64_t bytes = 0;

		if (size_parse(cases[i].text, &bytes) != cases[i].ret)
			fail_msg("size_parse(\"%s\")", cases[i].text);
		if (!cases[i].ret)
			assert_int_equal(bytes, cases[i].bytes);
	}
}

static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		int ret;
		int64_t ns;
		bool relative;
	} cases[] = {
		{ "33.25", 0, 33250000000, false },
		{ "33.25s", 0, 33250000000, false },
		{ "33", 0, 33000000000, false },
		{ "0.000000001", 0, 1, false },
		{ "250ms", 0, 250000000, false },
		{ "1.5us", 0, 1500, false },
		{ "7ns", 0, 7, false },
		{ "+1.5", 0, 1500000000, true },
		{ "9223372036.854775807", 0, INT64_MAX, false },
		{ "9223372036.854775808", -ERANGE, 0, false },
		{ "99999999999999999999", -ERANGE, 0, false },
		{ "", -EINVAL, 0, false },
		{ "+", -EINVAL, 0, true },
		{ "-1", -EINVAL, 0, false },
		{ "++1", -EINVAL, 0, true },
		{ "1m", -EINVAL, 0, false },
		{ "1.", -EINVAL, 0, false },
		{ ".5", -EINVAL, 0, false },
		{ "1e3", -EINVAL, 0, false },
		{ "12abc", -EINVAL, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		bool relative = false;
		int64_t ns = 0;

		if (time_parse(cases[i].text, &ns, &relative) != cases[i].ret)
			fail_msg("time_parse(\"%s\")", cases[i].text);
		if (cases[i].ret)
			continue;
		assert_int_equal(ns, cases[i].ns);
		assert_int_equal(relative, cases[i].relative);
	}
}

static void times_come_back(void **state)
{
	static const uint64_t times[] = { 0, 1, 999999999, 33260000123, INT64_MAX };
	char buf[32];

	(void)state;
	for (size_t i = 0; i < N(times); i++) {
		bool relative;
		int64_t ns;

		time_format(buf, sizeof(buf), times[i]);
		assert_int_equal(time_parse(buf, &ns, &relative), 0);
		assert_int_equal(ns, times[i]);
	}
}

static void numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t number;
	} cases[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "184467440737095516150", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-0", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "1.0", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 },
		{ "1K", -EINVAL, 0 },
		{ "0x1", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		uint64_t number = 0;

		if (number_parse(cases[i].text, &number) != cases[i].ret)
			fail_msg("number_parse(\"%s\")", cases[i].text);
		assert_int_equal(number, cases[i].number);
	}
}

static void times_end_somewhere(void **state)
{
	(void)state;
	assert_int_equal(time_after(5, 7), 12);
	assert_int_equal(time_after(1, INT64_MAX), INT64_MAX);
	assert_int_equal(time_after(INT64_MAX, INT64_MAX), INT64_MAX);
	assert_int_equal(time_after(0, INT64_MAX), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_for_people),
		cmocka_unit_test(durations_and_counts),
		cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_come_back),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(times_end_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
