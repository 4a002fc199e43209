// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_top_args.c - command lines of modmem top
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../cmd/top_args.h"
#include "error.h"
#include "words.h"

static struct top_args args;
static struct error err;

/* Parses a line as a shell without quotes would. */
static int parse(const char *line)
{
	int argc;
	char **argv = words(line, &argc);

	err.text[0] = '\0';
	return top_parse(argc, argv, &args, &err);
}

static void assert_fails(const char *line, const char *text)
{
	if (parse(line) >= 0)
		fail_msg("taken: %s", line);
	if (!strstr(err.text, text))
		fail_msg("'%s': %s", line, err.text);
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse("top"), 0);
	assert_int_equal(args.delay_ns, 1000000000);
	assert_int_equal(args.iterations, 0);
	assert_int_equal(args.view.sort, TOP_SORT_LIVE);
	assert_false(args.batch || args.json || args.no_probes || args.help ||
		     args.view.reverse || args.view.all);
	assert_null(args.openmetrics);
	assert_null(args.view.modules);
}

static void all_options(void **state)
{
	(void)state;
	assert_int_equal(parse("top -d 2.5 -n 7 -b --format json -s RATE -r --module a,b --all --openmetrics f --buffer-size 64 --no-probes"), 0);
	assert_int_equal(args.delay_ns, 2500000000);
	assert_int_equal(args.iterations, 7);
	assert_true(args.batch && args.json && args.no_probes && args.view.reverse &&
		    args.view.all);
	assert_int_equal(args.view.sort, TOP_SORT_RATE);
	assert_string_equal(args.view.modules, "a,b");
	assert_string_equal(args.openmetrics, "f");
	assert_int_equal(args.buffer_kb, 64);
	assert_int_equal(parse("top --once --delay 300ms --format table"), 0);
	assert_true(args.batch);
	assert_false(args.json);
	assert_int_equal(args.iterations, 1);
	assert_int_equal(args.delay_ns, 300000000);
	assert_int_equal(parse("top -h -d 1"), 0);
	assert_true(args.help);
}

static void what_is_wrong(void **state)
{
	(void)state;
	assert_fails("top -d 0", "--delay takes");
	assert_fails("top -d 50ms", "'50ms' is too short");
	assert_fails("top -d +1", "--delay takes");
	assert_fails("top -d x", "--delay takes");
	assert_fails("top -d 1e9", "--delay takes");
	assert_fails("top -n 0", "--iterations takes");
	assert_fails("top -n -1", "--iterations takes");
	assert_fails("top -n 99999999999999999999999", "--iterations takes");
	assert_fails("top --buffer-size 0", "--buffer-size takes");
	assert_fails("top --buffer-size 9999999999", "--buffer-size takes");
	assert_fails("top -s size", "no column 'size'");
	assert_fails("top --format xml", "table or json, not 'xml'");
	assert_fails("top trace.dat", "'trace.dat' is not expected");
	assert_fails("top -x", "unknown option '-x'");
	assert_fails("top --nonsense", "option '--nonsense'");
	assert_fails("top --once=1", "'--once' takes no argument");
	assert_fails("top -n", "needs an argument");
	assert_fails("top --now --no-probes", "--no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all_options),
		cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
