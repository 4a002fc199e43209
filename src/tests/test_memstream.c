// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_memstream.c - a text that could not be kept whole is no text, whatever fclose() says of it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memstream.h"

static ssize_t refuse(void *cookie, const char *data, size_t len)
{
	(void)cookie;
	(void)data;
	(void)len;
	errno = ENOMEM;
	return 0;
}

static FILE *stream_that_writes(cookie_write_function_t *write)
{
	FILE *out = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write });

	assert_non_null(out);
	return out;
}

static void test_whole(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	fputs("kmtest", out);
	assert_int_equal(memstream_close(out, &text), 0);
	assert_string_equal(text, "kmtest");
	assert_int_equal(len, 6);
	free(text);
}

/* as glibc ends one: fclose() returns 0, and no text is there */
static void test_no_text(void **state)
{
	char *text = NULL;

	(void)state;
	assert_int_equal(memstream_close(stream_that_writes(NULL), &text), -ENOMEM);
	assert_null(text);
}

static void test_cut_short(void **state)
{
	char *text = strdup("half of");
	FILE *out = stream_that_writes(refuse);

	(void)state;
	fputs("it", out);
	fflush(out);
	assert_int_equal(memstream_close(out, &text), -ENOMEM);
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
