// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_span.c - lines, words and numbers of text that ends where a page does
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "guarded.h"
#include "span.h"

static struct span span(const char *text)
{
	size_t len = strlen(text);

	return span_of(guarded(text, len), len);
}

static void lines(void **state)
{
	struct span text = span("a b\n\n  c"), line, word;

	(void)state;
	assert_true(span_line(&text, &line) && span_is(line, "a b"));
	assert_true(span_word(&line, &word) && span_is(word, "a"));
	assert_true(span_word(&line, &word) && span_is(word, "b"));
	assert_false(span_word(&line, &word));
	assert_true(span_line(&text, &line) && span_is(line, ""));
	assert_false(span_word(&line, &word));
	/* the last one has no newline */
	assert_true(span_line(&text, &line) && span_is(line, "  c"));
	assert_true(span_word(&line, &word) && span_is(word, "c"));
	assert_false(span_line(&text, &line));

	text = span("\n");
	assert_true(span_line(&text, &line) && span_is(line, ""));
	assert_false(span_line(&text, &line));
	text = span("");
	assert_false(span_line(&text, &line));
	text = span_of(NULL, 0);
	assert_false(span_line(&text, &line));
	/* blanks up to the end of what can be read, and nothing behind them */
	text = span("    ");
	assert_true(span_line(&text, &line));
	assert_false(span_word(&line, &word));
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "12", true, 12 },
		{ "00012", true, 12 },
		{ "18446744073709551614", true, UINT64_MAX - 1 },
		{ "18446744073709551615", false, 0 },	/* not below */
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ "1x", false, 0 },
		{ "x", false, 0 },
		{ "1 ", false, 0 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (span_number(span(cases[i].text), UINT64_MAX, &value) != cases[i].good)
			fail_msg("'%s'", cases[i].text);
		if (cases[i].good)
			assert_int_equal(value, cases[i].value);
	}
	assert_true(span_number(span("9"), 10, &value));
	assert_false(span_number(span("10"), 10, &value));
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "0x0", true, 0 },
		{ "0xfF", true, 255 },
		{ "0xABCDEFabcdef", true, 0xabcdefabcdef },
		{ "0xffffffffffffffff", true, UINT64_MAX },
		{ "0xfffffffffffffffff", false, 0 },
		{ "0x", false, 0 },
		{ "0", false, 0 },
		{ "", false, 0 },
		{ "0xg", false, 0 },
		{ "0xG", false, 0 },
		/* control bytes that a bit makes digits of */
		{ "0x\x10", false, 0 },
		{ "0x1\x19", false, 0 },
		{ "0x1 ", false, 0 },
		{ "ff", false, 0 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (span_address(span(cases[i].text), &value) != cases[i].good)
			fail_msg("'%s'", cases[i].text);
		if (cases[i].good)
			assert_int_equal(value, cases[i].value);
	}
	/* a NUL byte is no digit */
	assert_false(span_address(span_of(guarded("0x1\0", 4), 4), &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(numbers),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
