// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_watch_args.c - command lines of modmem watch
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../cmd/watch_args.h"
#include "error.h"
#include "words.h"

static struct watch_args args;
static struct error err;

/* Parses a line as a shell without quotes would. */
static int parse(const char *line)
{
	int argc;
	char **argv = words(line, &argc);

	err.text[0] = '\0';
	return watch_parse(argc, argv, &args, &err);
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
	assert_int_equal(parse("watch"), 0);
	assert_string_equal(args.watch.output, "watch.json");
	assert_int_equal(args.watch.keep, 1);
	assert_null(args.watch.command);
	assert_false(args.watch.duration_ns || args.watch.every_ns || args.watch.no_probes ||
		     args.quiet || args.help);
}

static void all_options(void **state)
{
	(void)state;
	assert_int_equal(parse("watch -q -o f -d 2.5 --every 60s --keep 7 -b 64 --no-probes -- ls -o x"), 0);
	assert_string_equal(args.watch.output, "f");
	assert_int_equal(args.watch.duration_ns, 2500000000);
	assert_int_equal(args.watch.every_ns, 60000000000);
	assert_int_equal(args.watch.keep, 7);
	assert_int_equal(args.watch.buffer_kb, 64);
	assert_true(args.watch.no_probes && args.quiet);
	assert_string_equal(args.watch.command[0], "ls");
	assert_string_equal(args.watch.command[2], "x");
	assert_int_equal(parse("watch ls -h"), 0);
	assert_false(args.help);
}

static void the_one_that_runs(void **state)
{
	(void)state;
	assert_int_equal(parse("watch --detach"), 0);
	assert_true(args.detach);
	assert_null(args.watch.output);
	assert_int_equal(parse("watch --detach -o f --every 1"), 0);
	assert_string_equal(args.watch.output, "f");
	assert_int_equal(parse("watch --status --json"), 0);
	assert_true(args.status && args.json);
	assert_int_equal(parse("watch --stop"), 0);
	assert_true(args.stop);
	assert_fails("watch --detach --every 1", "needs --output or --files");
	assert_fails("watch --detach ls", "--detach runs no command");
	assert_fails("watch --stop ls", "--stop runs no command");
	assert_fails("watch --json", "--json is for --status");
	assert_fails("watch --stop --status", "--st");
}

static void what_is_wrong(void **state)
{
	(void)state;
	assert_fails("watch --every 100ms", "'100ms' is too short");
	assert_fails("watch --keep 0", "--keep takes a number from 1 to 10000");
	assert_fails("watch --keep 10001", "too large");
	assert_fails("watch -d 0", "--duration takes");
	assert_fails("watch --nonsense", "option '--nonsense'");
	assert_fails("watch -o", "needs an argument");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all_options),
		cmocka_unit_test(the_one_that_runs),
		cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
