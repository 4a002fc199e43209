// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cmd.c - command lines and exit status, without a recording
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cmd/report_args.h"
#include "cmd/command.h"
#include "error.h"
#include "words.h"

static struct report_args args;
static struct error err;

/* Parses "report ..." as a shell without quotes would. */
static int parse(const char *line)
{
	char copy[256];
	char **argv;
	int argc;

	snprintf(copy, sizeof(copy), "report %s", line);
	argv = words(copy, &argc);
	err.text[0] = '\0';
	return report_parse(argc, argv, &args, &err);
}

static void assert_fails(const char *line, const char *text)
{
	if (parse(line) >= 0)
		fail_msg("'report %s' was accepted", line);
	if (!strstr(err.text, text))
		fail_msg("'report %s': '%s' does not say '%s'", line, err.text,
			 text);
	assert_null(strchr(err.text, '\n'));
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_string_equal(args.replay.path, "trace.dat");
	assert_int_equal(args.replay.from, REPLAY_NO_TIME);
	assert_int_equal(args.replay.to, REPLAY_NO_TIME);
	assert_int_equal(args.replay.attribute, ATTRIBUTE_OWN);
	assert_null(args.replay.modules_file);
	assert_null(args.replay.kallsyms_file);
	assert_false(args.replay.check);
	assert_false(args.replay.by_task);
	assert_false(args.replay.by_stack);
	assert_int_equal(args.view.by, VIEW_BY_MODULE);
	assert_int_equal(args.format, VIEW_TABLE);
	assert_null(args.view.columns);
	assert_true(args.view.footer);
	assert_false(args.strict);
	assert_false(args.quiet);
	assert_false(args.help);
}

static void every_option(void **state)
{
	(void)state;
	assert_int_equal(parse("--by task --module a,b --sort live "
			       "--columns pid,live --min 1.5K --all --bytes "
			       "--overhead my.dat"), 0);
	assert_int_equal(args.view.by, VIEW_BY_TASK);
	assert_true(args.replay.by_task);
	assert_string_equal(args.view.modules, "a,b");
	assert_string_equal(args.view.sort, "live");
	assert_string_equal(args.view.columns, "pid,live");
	assert_int_equal(args.view.min_bytes, 1536);
	assert_true(args.view.all);
	assert_true(args.view.exact_bytes);
	assert_true(args.view.overhead);
	assert_string_equal(args.replay.path, "my.dat");

	assert_int_equal(parse("--from 1 --to +2.5 --format csv "
			       "--attribute outermost --modules m --kallsyms k"), 0);
	assert_int_equal(args.replay.from, 1000000000);
	assert_false(args.replay.from_relative);
	assert_int_equal(args.replay.to, 2500000000);
	assert_true(args.replay.to_relative);
	assert_int_equal(args.format, VIEW_CSV);
	assert_int_equal(args.replay.attribute, ATTRIBUTE_OUTERMOST);
	assert_string_equal(args.replay.modules_file, "m");
	assert_string_equal(args.replay.kallsyms_file, "k");

	assert_int_equal(parse("--strict --check -q --json --at 250ms x"), 0);
	assert_true(args.strict);
	assert_true(args.replay.check);
	assert_true(args.quiet);
	assert_int_equal(args.format, VIEW_JSON);
	assert_int_equal(args.replay.to, 250000000);

	assert_false(args.view.addresses);
	assert_int_equal(parse("--json --addresses"), 0);
	assert_true(args.view.addresses);

	assert_int_equal(parse("--by stack"), 0);
	assert_true(args.replay.by_stack);

	assert_int_equal(parse("-h a b c"), 0);
	assert_true(args.help);
}

static void operands(void **state)
{
	(void)state;
	/* after the file, or behind -- */
	assert_int_equal(parse("my.dat --by site"), 0);
	assert_int_equal(args.view.by, VIEW_BY_SITE);
	assert_int_equal(parse("-- --by"), 0);
	assert_string_equal(args.replay.path, "--by");
	assert_fails("a.dat b.dat", "'b.dat'");
}

static void bad_options(void **state)
{
	(void)state;
	assert_fails("--nosuch", "'--nosuch'");
	assert_fails("--nosuch=3", "'--nosuch=3'");
	assert_fails("-x", "'-x'");
	assert_fails("-qx", "'-x'");
	assert_fails("--mod x", "'--mod'");		/* --module or --modules */
	assert_fails("--json=1", "'--json' takes no argument");
	assert_fails("--min", "'--min' needs an argument");
	assert_fails("--\033[31m", "'--\\x1b[31m'");
	assert_fails("--nosuch", "Try 'modmem help report'.");
}

static void bad_values(void **state)
{
	(void)state;
	assert_fails("--by page", "module, site, cache, stack, task");
	assert_fails("--by Module", "'Module'");
	assert_fails("--by=", "''");
	assert_fails("--format xml", "table, json, csv");
	assert_fails("--attribute all", "own, nearest, outermost");
	assert_fails("--min 4X", "'4X'");
	assert_fails("--min -1", "'-1'");
	assert_fails("--min 99E", "too large");
	assert_fails("--at 12abc", "'12abc'");
	assert_fails("--from -5", "'-5'");
	assert_fails("--to 99999999999999999999", "too large");
	assert_fails("--at 1 --to 2", "exclude");
	assert_fails("--to 1 --at 2", "exclude");
	assert_fails("--from 5 --to 3", "later");
	assert_fails("--from 5 --at 3", "later");
	/* not comparable before the recording is read */
	assert_int_equal(parse("--from 5 --to +3"), 0);
	assert_int_equal(parse("--from 3 --to 3"), 0);
}

static void bad_columns(void **state)
{
	(void)state;
	assert_fails("--columns nosuch", "VMALLOC");
	assert_fails("--columns live,,slab", "''");
	assert_fails("--columns live,", "''");
	assert_fails("--columns=", "''");
	assert_fails("--columns +", "''");
	assert_fails("--sort via", "--by module");
	assert_fails("--by cache --sort via", "OBJSIZE");
	assert_int_equal(parse("--by site --sort via --columns +source"), 0);
	/* the order of options does not matter */
	assert_int_equal(parse("--columns via --by site"), 0);
}

/*
 * Exit status of "modmem ARG" with stdout in @file; what it says on stderr
 * comes to @said: whole lines; one or none if there is an argument.
 */
static int status_of(const char *arg, const char *file, char *said, size_t size)
{
	static const struct command *const commands[] = { &cmd_help, NULL };
	char name[] = "modmem";
	char *copy = arg ? strdup(arg) : NULL;
	char *argv[] = { name, copy, NULL };
	int status, fds[2];
	ssize_t len;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (!freopen(file, "w", stdout) || dup2(fds[1], STDERR_FILENO) < 0)
			_exit(99);
		_exit(command_main(commands, arg ? 2 : 1, argv));
	}
	close(fds[1]);
	len = read(fds[0], said, size - 1);
	said[len > 0 ? len : 0] = '\0';
	close(fds[0]);
	free(copy);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (len > 0)
		assert_ptr_equal(arg ? strchr(said, '\n') : strrchr(said, '\n'), said + len - 1);
	return WEXITSTATUS(status);
}

static void exit_status(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(status_of("--help", "/dev/null", said, sizeof(said)), 0);
	assert_int_equal(status_of("-V", "/dev/null", said, sizeof(said)), 0);
	assert_int_equal(status_of("help", "/dev/null", said, sizeof(said)), 0);
	assert_string_equal(said, "");

	assert_int_equal(status_of(NULL, "/dev/null", said, sizeof(said)), 2);
	assert_non_null(strstr(said, "modmem record"));
	assert_non_null(strstr(said, "modmem --help"));
	assert_int_equal(status_of("nosuch", "/dev/null", said, sizeof(said)), 2);
	assert_non_null(strstr(said, "unknown command 'nosuch'"));
	assert_int_equal(status_of("--nosuch", "/dev/null", said, sizeof(said)), 2);
	assert_non_null(strstr(said, "unknown option '--nosuch'"));
}

static void full_disk(void **state)
{
	char said[512];

	(void)state;
	if (access("/dev/full", W_OK)) {
		print_message("there is no /dev/full\n");
		skip();
	}
	assert_int_equal(status_of("--help", "/dev/full", said, sizeof(said)), 2);
	assert_string_equal(said, "modmem: cannot write to standard output: "
			    "No space left on device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_option),
		cmocka_unit_test(operands),
		cmocka_unit_test(bad_options),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(bad_columns),
		cmocka_unit_test(exit_status),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
