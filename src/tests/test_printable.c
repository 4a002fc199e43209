// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_printable.c - nothing but printable text gets through
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "printable.h"

static void check(const char *in, const char *out)
{
	char buf[128];

	assert_ptr_equal(printable(buf, sizeof(buf), in), buf);
	assert_string_equal(buf, out);
}

static void test_text_is_left_alone(void **state)
{
	(void)state;
	check("", "");
	check("ext4 [module]/x\\y", "ext4 [module]/x\\y");
	check("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7",
	      "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7");
	check("\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
	      "\xc2\xa0\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf");
}

static void test_controls_are_shown(void **state)
{
	(void)state;
	check("\x1b[31mred", "\\x1b[31mred");
	check("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd");
	check("\x01\x1f\x7f", "\\x01\\x1f\\x7f");
	/* C1: U+0080, U+009B (a terminal's CSI), U+009F */
	check("\xc2\x80\xc2\x9b\xc2\x9f",
	      "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f");
}

static void test_bad_utf8_is_shown(void **state)
{
	(void)state;
	check("\x80\xbf", "\\x80\\xbf");		/* no start */
	check("\xc3", "\\xc3");				/* cut off */
	check("\xe2\x82", "\\xe2\\x82");
	check("\xe2\x82x", "\\xe2\\x82x");
	check("\xf0\x9f\x90", "\\xf0\\x9f\\x90");
	check("\xc0\x9b\xc1\xbf", "\\xc0\\x9b\\xc1\\xbf");	/* overlong */
	check("\xe0\x82\x9b", "\\xe0\\x82\\x9b");
	check("\xf0\x80\x82\x9b", "\\xf0\\x80\\x82\\x9b");
	check("\xed\xa0\x80", "\\xed\\xa0\\x80");	/* surrogate */
	check("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");	/* too high */
	check("\xf5\xff\xfe", "\\xf5\\xff\\xfe");
}

static void test_cut_to_fit(void **state)
{
	char buf[8] = "1234567";

	(void)state;
	printable(buf, 0, "x");
	assert_string_equal(buf, "1234567");
	printable(buf, 1, "x");
	assert_string_equal(buf, "");
	printable(buf, 4, "abcdef");
	assert_string_equal(buf, "abc");
	/* neither half an escape nor half a letter */
	printable(buf, 5, "a\x1b");
	assert_string_equal(buf, "a");
	printable(buf, 6, "a\x1b");
	assert_string_equal(buf, "a\\x1b");
	printable(buf, 3, "a\xe2\x82\xac");
	assert_string_equal(buf, "a");
	printable(buf, 5, "a\xe2\x82\xac");
	assert_string_equal(buf, "a\xe2\x82\xac");
}

static void test_memory(void **state)
{
	char buf[64];

	(void)state;
	printable_mem(buf, sizeof(buf), "a\0b", 3);
	assert_string_equal(buf, "a\\x00b");
	printable_mem(buf, sizeof(buf), "\xe2\x82\xac", 2);
	assert_string_equal(buf, "\\xe2\\x82");
	printable_mem(buf, sizeof(buf), "xyz", 0);
	assert_string_equal(buf, "");
}

static void test_errors(void **state)
{
	struct error err;
	char big[4096];

	(void)state;
	assert_int_equal(error_set(&err, -5, "%s: %d\x1b", "f\n", 7), -5);
	assert_string_equal(err.text, "f\\x0a: 7\\x1b");
	assert_int_equal(error_set(NULL, -7, "%d", 1), -7);

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	error_set(&err, -1, "%s", big);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_left_alone),
		cmocka_unit_test(test_controls_are_shown),
		cmocka_unit_test(test_bad_utf8_is_shown),
		cmocka_unit_test(test_cut_to_fit),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
