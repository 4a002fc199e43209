// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_record_args.c - command lines of modmem record and modmem run
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

#include "../cmd/record_args.h"
#include "error.h"
#include "record_buffer.h"
#include "words.h"

static struct record_args args;
static struct error err;

/* Parses a line as a shell without quotes would. */
static int parse(const char *line)
{
	int argc;
	char **argv = words(line, &argc);

	err.text[0] = '\0';
	return record_parse(argc, argv, &args, &err);
}

static void assert_fails(const char *line, const char *text)
{
	if (parse(line) >= 0)
		fail_msg("'%s' was accepted", line);
	if (!strstr(err.text, text))
		fail_msg("'%s': '%s' does not say '%s'", line, err.text, text);
	assert_null(strchr(err.text, '\n'));
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse("record"), 0);
	assert_string_equal(args.record.output, "trace.dat");
	assert_int_equal(args.record.buffer_kb, 0);
	assert_null(args.record.clock);
	assert_null(args.record.command);
	assert_int_equal(args.record.duration_ns, 0);
	assert_false(args.record.no_probes);
	assert_false(args.clean);
	assert_null(args.restore);
	assert_false(args.quiet);
	assert_false(args.help);
}

static void every_option(void **state)
{
	(void)state;
	assert_int_equal(parse("record -o a.dat -b 4096 -c boot -d 2.5 -q "
			       "--no-probes --module a,b"), 0);
	assert_string_equal(args.record.modules, "a,b");
	assert_string_equal(args.record.output, "a.dat");
	assert_int_equal(args.record.buffer_kb, 4096);
	assert_string_equal(args.record.clock, "boot");
	assert_int_equal(args.record.duration_ns, 2500000000);
	assert_true(args.record.no_probes);
	assert_true(args.quiet);

	assert_int_equal(parse("record --output b --buffer-size 1 --clock mono "
			       "--duration 300ms --quiet"), 0);
	assert_string_equal(args.record.output, "b");
	assert_int_equal(args.record.buffer_kb, 1);
	assert_int_equal(args.record.duration_ns, 300000000);

	assert_int_equal(parse("record --clean"), 0);
	assert_true(args.clean);
	assert_int_equal(parse("record --restore x"), 0);
	assert_string_equal(args.restore, "x");
	assert_int_equal(parse("record -h -- x"), 0);
	assert_true(args.help);
	assert_int_equal(parse("run -h"), 0);
	assert_true(args.help);
}

/* Options of the command are not ours. */
static void commands(void **state)
{
	(void)state;
	assert_int_equal(parse("record ls -o /usr"), 0);
	assert_string_equal(args.record.output, "trace.dat");
	assert_string_equal(args.record.command[0], "ls");
	assert_string_equal(args.record.command[1], "-o");
	assert_string_equal(args.record.command[2], "/usr");
	assert_null(args.record.command[3]);
	assert_int_equal(parse("record -q -- -odd --clean"), 0);
	assert_string_equal(args.record.command[0], "-odd");
	assert_false(args.clean);
	assert_int_equal(parse("run -b 64 -- true -d 1"), 0);
	assert_int_equal(args.record.buffer_kb, 64);
	assert_string_equal(args.record.command[0], "true");
}

static void mistakes(void **state)
{
	static const char *const sizes[] = { "0", "-1", "4K", "", "x", "99999999999" };
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(line, sizeof(line), "record --buffer-size=%s", sizes[i]);
		assert_fails(line, "KiB per CPU");
	}
	assert_fails("record -d 0", "--duration");
	assert_fails("record -d -1", "--duration");
	assert_fails("record -d +1", "--duration");
	assert_fails("record -d x", "--duration");
	assert_fails("record -x", "unknown option '-x'");
	assert_fails("record --xyz", "unknown or ambiguous option '--xyz'");
	assert_fails("record -o", "needs an argument");
	assert_fails("record --clean=1", "takes no argument");
	assert_fails("record --clean --restore x", "exclude each other");
	assert_fails("record --clean -- true", "runs no command");
	assert_fails("record --restore x true", "runs no command");
	assert_fails("run", "which command");
	assert_fails("run -o x -- true", "modmem help run");
	assert_fails("run --clean", "modmem help run");
}

static void cmdline(void **state)
{
	char record[] = "record", dash[] = "--", ls[] = "ls";
	char *argv[] = { record, dash, ls, NULL };
	char *line = record_cmdline(3, argv);

	(void)state;
	assert_non_null(line);
	assert_string_equal(line, "modmem record -- ls");
	free(line);
}

static void buffer_sizes(void **state)
{
	(void)state;
	/* 64 MB free on one CPU, 400 MB on two, 24 GB on two, nothing known */
	assert_int_equal(record_buffer_kb(64 * 1024, 1), 4096);
	assert_int_equal(record_buffer_kb(400 * 1024, 2), 12800);
	assert_int_equal(record_buffer_kb(24 * 1024 * 1024, 2), 32768);
	assert_int_equal(record_buffer_kb(0, 0), 512);
	assert_int_equal(record_buffer_kb(100 * 1024, 64), 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_option),
		cmocka_unit_test(commands),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(cmdline),
		cmocka_unit_test(buffer_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
