// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_option_limits.c - every option that takes a number, at its limits
 *
 * What is taken is what was meant, and what is not is said in one line that names
 * the option; no command falls over a number that it took.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../cmd/diff_args.h"
#include "../cmd/leaks_args.h"
#include "../cmd/record_args.h"
#include "../cmd/report_args.h"
#include "../cmd/static_args.h"
#include "../cmd/top_args.h"
#include "cmd/command.h"
#include "error.h"
#include "option_export.h"
#include "trend.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_KB	(UINT64_C(1) << 30)
#define MAX_NS	((uint64_t)INT64_MAX)

static struct error said;

/* Each parses, and returns the number that came of it in *@number. */
#define PARSER(command, field)							\
static int command##_##field(int argc, char **argv, uint64_t *number,		\
			     struct error *err)					\
{										\
	struct command##_args args = { 0 };					\
	int ret = command##_parse(argc, argv, &args, err);			\
										\
	*number = (uint64_t)(args.command##_field_##field);			\
	command##_done(&args);							\
	return ret;								\
}

#define report_field_min	view.min_bytes
#define report_field_from	replay.from
#define report_field_to		replay.to
#define report_field_page	replay.page_size
#define report_done(args)	(void)(args)
#define leaks_field_older	leaks.older_than
#define leaks_field_every	leaks.every *TREND_BLOCK
#define leaks_field_min		view.min_bytes
#define leaks_field_from	replay.from
#define leaks_field_to		replay.to
#define leaks_field_page	replay.page_size
#define leaks_done(args)	leaks_args_free(args)
#define diff_field_bound	limits.n ? args.limits.rule[0].size : 0
#define diff_field_percent	limits.n ? args.limits.rule[0].milli : 0
#define diff_done(args)		diff_args_free(args)
#define static_field_cpus	cpus
#define static_field_page	replay.page_size
#define static_done(args)	(void)(args)
#define top_field_delay		delay_ns
#define top_field_count		iterations
#define top_field_buffer	buffer_kb
#define top_done(args)		(void)(args)
#define record_field_buffer	record.buffer_kb
#define record_field_duration	record.duration_ns
#define record_field_size	record.max_size
#define record_field_compress	compress
#define record_done(args)	(void)(args)

PARSER(report, min)
PARSER(report, from)
PARSER(report, to)
PARSER(report, page)
PARSER(leaks, older)
PARSER(leaks, every)
PARSER(leaks, min)
PARSER(leaks, from)
PARSER(leaks, to)
PARSER(leaks, page)
PARSER(diff, bound)
PARSER(diff, percent)
PARSER(static, cpus)
PARSER(static, page)
PARSER(top, delay)
PARSER(top, count)
PARSER(top, buffer)
PARSER(record, buffer)
PARSER(record, duration)
PARSER(record, size)
PARSER(record, compress)

enum kind { NUMBER, SIZE, MOMENT, LENGTH, PAGE, BOUND, ALLOCS, PERCENT };

static const struct option_case {
	const char *command, *option;	/* # is where the number stands */
	int (*parse)(int argc, char **argv, uint64_t *number, struct error *err);
	enum kind kind;
	uint64_t least, most;
} options[] = {
	{ "report", "--min=#", report_min, SIZE, 0, UINT64_MAX },
	{ "report", "--from=#", report_from, MOMENT, 0, MAX_NS },
	{ "report", "--to=#", report_to, MOMENT, 0, MAX_NS },
	{ "report", "--at=#", report_to, MOMENT, 0, MAX_NS },
	{ "report", "--page-size=#", report_page, PAGE, 4096, 262144 },
	{ "leaks", "--older-than=#", leaks_older, LENGTH, 0, MAX_NS },
	{ "leaks", "--every=#", leaks_every, LENGTH, TREND_BLOCK, MAX_NS },
	{ "leaks", "--min=#", leaks_min, SIZE, 0, UINT64_MAX },
	{ "leaks", "--from=#", leaks_from, MOMENT, 0, MAX_NS },
	{ "leaks", "--to=#", leaks_to, MOMENT, 0, MAX_NS },
	{ "leaks", "--page-size=#", leaks_page, PAGE, 4096, 262144 },
	{ "export", "--from=#", export_from, MOMENT, 0, MAX_NS },
	{ "export", "--at=#", export_at, MOMENT, 0, MAX_NS },
	{ "export", "--page-size=#", export_page, PAGE, 4096, 262144 },
	{ "diff", "--fail-on=live>#", diff_bound, BOUND, 0, UINT64_MAX },
	{ "diff", "--fail-on=live>+#", diff_bound, BOUND, 0, UINT64_MAX },
	{ "diff", "--fail-on=live>+1%&+#", diff_bound, BOUND, 0, UINT64_MAX },
	{ "diff", "--fail-on=allocs>#", diff_bound, ALLOCS, 0, UINT64_MAX },
	{ "diff", "--fail-on=live>+#%", diff_percent, PERCENT, 0, 0 },
	{ "static", "--cpus=#", static_cpus, NUMBER, 1, 1 << 20 },
	{ "static", "--page-size=#", static_page, PAGE, 4096, 262144 },
	{ "top", "-d#", top_delay, LENGTH, 100000000, UINT64_C(86400000000000) },
	{ "top", "-n#", top_count, NUMBER, 1, UINT64_MAX },
	{ "top", "--buffer-size=#", top_buffer, NUMBER, 1, MAX_KB },
	{ "record", "-b#", record_buffer, NUMBER, 1, MAX_KB },
	{ "record", "--duration=#", record_duration, LENGTH, 1, MAX_NS },
	{ "record", "--max-size=#", record_size, SIZE, 0, UINT64_MAX },
	{ "record", "--compress=#", record_compress, NUMBER, 1, 19 },
	{ "run", "-b#", record_buffer, NUMBER, 1, MAX_KB },
};

/*
 * What is tried: as which number of units (the option's own: KiB, bytes, CPUs; of
 * times seconds) it is to be read, by options of which kinds. Of others it is nothing.
 */
#define PLAIN	(1u << NUMBER | 1u << SIZE | 1u << PAGE | 1u << BOUND | 1u << ALLOCS)
#define SIZES	(1u << SIZE | 1u << PAGE | 1u << BOUND)
#define TIMES	(1u << MOMENT | 1u << LENGTH)

static const struct {
	const char *text;
	unsigned int kinds;
	uint64_t number;
	bool too_large;		/* for 64 bits: whatever the option */
} texts[] = {
	{ "0", PLAIN | TIMES, 0, false },
	{ "1", PLAIN, 1, false },
	{ "1", TIMES, 1000000000, false },
	{ "007", PLAIN, 7, false },
	{ "4096", PLAIN, 4096, false },
	{ "262144", PLAIN, 262144, false },
	{ "262145", PLAIN, 262145, false },
	{ "524288", PLAIN, 524288, false },
	{ "1048576", PLAIN, 1048576, false },
	{ "1048577", PLAIN, 1048577, false },
	{ "1073741824", PLAIN, UINT64_C(1) << 30, false },
	{ "1073741825", PLAIN, (UINT64_C(1) << 30) + 1, false },
	{ "2147483647", PLAIN, INT32_MAX, false },
	{ "2147483648", PLAIN, UINT64_C(1) << 31, false },
	{ "4294967295", PLAIN, UINT32_MAX, false },
	{ "4294967296", PLAIN, UINT64_C(1) << 32, false },
	{ "4294967297", PLAIN, (UINT64_C(1) << 32) + 1, false },
	{ "4294971392", PLAIN, (UINT64_C(1) << 32) + 4096, false },
	{ "9223372036854775807", PLAIN, INT64_MAX, false },
	{ "9223372036854775808", PLAIN, UINT64_C(1) << 63, false },
	{ "18446744073709551615", PLAIN, UINT64_MAX, false },
	{ "18446744073709551616", PLAIN | TIMES, 0, true },
	{ "18446744073709551617", PLAIN | TIMES, 0, true },
	{ "1000000000000000000000000000000", PLAIN | TIMES, 0, true },
	{ "4K", SIZES, 4096, false },
	{ "64KiB", SIZES, 65536, false },
	{ "2MB", SIZES, 2000000, false },
	{ "1.5K", SIZES, 1536, false },
	{ "1m", SIZES, 1 << 20, false },
	{ "15E", SIZES, UINT64_C(15) << 60, false },
	{ "16E", SIZES, 0, true },
	{ "99999999999P", SIZES, 0, true },
	{ "1.5", TIMES, 1500000000, false },
	{ "99ms", TIMES, 99000000, false },
	{ "100ms", TIMES, 100000000, false },
	{ "100ns", TIMES, 100, false },
	{ "99ns", TIMES, 99, false },
	{ "1ns", TIMES, 1, false },
	{ "0ns", TIMES, 0, false },
	{ "86400", TIMES, UINT64_C(86400000000000), false },
	{ "86400.000000001", TIMES, UINT64_C(86400000000001), false },
	{ "2147483648", TIMES, UINT64_C(2147483648000000000), false },
	{ "4294967296", TIMES, UINT64_C(4294967296000000000), false },
	{ "9223372036", TIMES, UINT64_C(9223372036000000000), false },
	{ "9223372036.854775807", TIMES, INT64_MAX, false },
	{ "9223372036.854775808", TIMES, 0, true },
	{ "9223372037", TIMES, 0, true },
	{ "9223372036854775807ns", TIMES, INT64_MAX, false },
	{ "9223372036854775808ns", TIMES, 0, true },
	{ "18446744073709551616ns", TIMES, 0, true },
	{ "+1.5", 1u << MOMENT, 1500000000, false },
	{ "+9223372036.854775807", 1u << MOMENT, INT64_MAX, false },
	/* thousandths of a per cent */
	{ "0", 1u << PERCENT, 0, false },
	{ "0.001", 1u << PERCENT, 1, false },
	{ "5", 1u << PERCENT, 5000, false },
	{ "4294967295", 1u << PERCENT, UINT64_C(4294967295000), false },
};

/* Nothing to any of them. */
static const char *const no_numbers[] = {
	"", "-", "-1", "-0", "--1", "-9223372036854775808", "-9223372036854775809", "+", "++1",
	"nan", "NaN", "inf", "-inf", "infinity", "1e30", "1e3", "1E3x", "0x10", "0b1", "1,5",
	"1_000", "1'000", "1;", "1x", "4Q", "1K1", "1 2", "12abc", "1..5", ".5", "5.", ".",
	"1s1", "1h", "%", "1%%", "\xd9\xa3", "1\n", "\x1b[31m1",
};
/* blanks are nothing in a limit, which squeezes them out */
static const char *const blanks[] = { " ", " 1", "1 ", "\t1", "1\t", " 4096 " };

static int try(const struct option_case *o, const char *text, uint64_t *number)
{
	char command[16], option[128], operand[] = "a", other[] = "b";
	char *argv[] = { command, option, operand, other, NULL };
	const char *at = strchr(o->option, '#');
	int argc = 3;

	snprintf(command, sizeof(command), "%s", o->command);
	snprintf(option, sizeof(option), "%.*s%s%s", (int)(at - o->option), o->option, text,
		 at + 1);
	if (!strcmp(command, "diff"))
		argc = 4;
	if (!strcmp(command, "top"))
		argc = 2;
	argv[argc] = NULL;
	said.text[0] = '\0';
	*number = 0;
	return o->parse(argc, argv, number, &said);
}

/* It is refused, in one line that says of what and why. */
static void assert_refused(const struct option_case *o, const char *text, const char *why)
{
	uint64_t number;
	int ret = try(o, text, &number);

	if (ret >= 0)
		fail_msg("%s %s: '%s' was taken as %ju", o->command, o->option, text,
			 (uintmax_t)number);
	if (ret != -EINVAL && ret != -ERANGE)
		fail_msg("%s %s: '%s': %d", o->command, o->option, text, ret);
	if (strlen(said.text) < 20 || strchr(said.text, '\n') || strchr(said.text, '\x1b') ||
	    !strstr(said.text, why))
		fail_msg("%s %s: '%s' was answered with: %s", o->command, o->option, text,
			 said.text);
}

static bool in_range(const struct option_case *o, uint64_t number)
{
	if (o->kind == PERCENT)
		return true;
	if (o->kind == PAGE && (number & (number - 1)))
		return false;
	return number >= o->least && number <= o->most;
}

static void numbers_at_their_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(options); i++) {
		const struct option_case *o = &options[i];

		for (size_t k = 0; k < N(texts); k++) {
			uint64_t number;

			if (!(texts[k].kinds & 1u << o->kind))
				continue;
			if (texts[k].too_large) {
				assert_refused(o, texts[k].text, " too l");
				continue;
			}
			if (!in_range(o, texts[k].number)) {
				assert_refused(o, texts[k].text,
					       o->kind == PAGE ? "power of two" : " is too ");
				continue;
			}
			if (try(o, texts[k].text, &number))
				fail_msg("%s %s: '%s' was refused: %s", o->command, o->option,
					 texts[k].text, said.text);
			/* --every is shared by the points of a block */
			if (o->parse == leaks_every)
				assert_in_range(texts[k].number - number, 0, TREND_BLOCK - 1);
			else if (number != texts[k].number)
				fail_msg("%s %s: '%s' was taken as %ju", o->command, o->option,
					 texts[k].text, (uintmax_t)number);
		}
	}
}

static void what_is_no_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(options); i++) {
		const struct option_case *o = &options[i];
		bool limit = o->kind == BOUND || o->kind == ALLOCS || o->kind == PERCENT;

		for (size_t k = 0; k < N(no_numbers); k++) {
			const char *text = no_numbers[k];

			/* these mean something: minutes do not, blanks and signs may */
			if (limit && (!strcmp(text, "1 2") || !strcmp(text, "%") ||
				      !strcmp(text, "1%%")))
				continue;
			assert_refused(o, text, "");
		}
		for (size_t k = 0; !limit && k < N(blanks); k++)
			assert_refused(o, blanks[k], "");
	}
}

/* ---- what was taken is used ----------------------------------------------------- */

#define BEFORE "testdata/x86_64-6.1-freed/trace.dat"
#define FILE_HERE "testdata/x86_64-6.1-held/trace.dat"

static const struct {
	const struct command *command;
	const char *argv[8];
	int status;
} runs[] = {
	{ &cmd_report, { "report", "-q", "--from=9223372036.854775807", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--from=+9223372036.854775807", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--to=0", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--to=+0", "--timeline", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--at=+9223372036.854775807", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--from=0", "--to=+9223372036", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--from=0", "--to=9223372036", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--min=18446744073709551615", FILE_HERE }, 0 },
	{ &cmd_report, { "report", "-q", "--min=15E", "--json", FILE_HERE }, 0 },
	{ &cmd_report, { "report", "-q", "--min=15E", "--by=stack", FILE_HERE }, 0 },
	{ &cmd_report, { "report", "-q", "--min=15E", "--reconcile", FILE_HERE }, -1 },
	{ &cmd_report, { "report", "-q", "--page-size=256K", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--older-than=9223372036.854775807", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--older-than=0", "--json", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--every=9223372036.854775807", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--every=100ns", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--every=100ns", "--json", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--min=18446744073709551615", "--json", FILE_HERE }, -1 },
	{ &cmd_leaks, { "leaks", "-q", "--from=+9223372036", "--all", FILE_HERE }, -1 },
	{ &cmd_export, { "export", "-q", "--to=csv", "--from=+9223372036", FILE_HERE }, -1 },
	{ &cmd_export, { "export", "-q", "--to=html", "--at=0", FILE_HERE }, -1 },
	{ &cmd_export, { "export", "-q", "--to=perfetto", "--at=9223372036", FILE_HERE }, -1 },
	{ &cmd_diff, { "diff", "-q", "--fail-on=live>18446744073709551615", "--allow-untrusted",
		       BEFORE, FILE_HERE }, 0 },
	{ &cmd_diff, { "diff", "-q", "--fail-on=live>+18446744073709551615",
		       "--allow-untrusted", "--format=json", BEFORE, FILE_HERE }, 0 },
	{ &cmd_diff, { "diff", "-q", "--fail-on=live>+4294967295%", "--allow-untrusted",
		       "--format=junit", BEFORE, FILE_HERE }, 0 },
	{ &cmd_diff, { "diff", "-q", "--fail-on=allocs>0", "--allow-untrusted",
		       "--format=markdown", BEFORE, FILE_HERE }, 1 },
	{ &cmd_static, { "static", "-q", "--cpus=1048576", "--page-size=256K",
			 "testdata/fuzz/static/x86_64" }, -1 },
	{ &cmd_static, { "static", "-q", "--cpus=1048576", "--recording", FILE_HERE }, -1 },
};

static int run(size_t i)
{
	int status, argc = 0;
	char *argv[N(runs[i].argv) + 1];
	pid_t pid;

	while (argc < (int)N(runs[i].argv) && runs[i].argv[argc]) {
		argv[argc] = (char *)(uintptr_t)runs[i].argv[argc];
		argc++;
	}
	argv[argc] = NULL;
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
			_exit(99);
		status = runs[i].command->run(argc, argv);
		fflush(stdout);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_was_taken_is_used(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(runs); i++) {
		int status = run(i);

		/* -1: 0, 1, 2 or 3, but it comes to its end */
		if (status < 0 || status > 3 || (runs[i].status >= 0 && status != runs[i].status))
			fail_msg("%s %s %s: %d", runs[i].argv[0], runs[i].argv[2],
				 runs[i].argv[3], status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_at_their_limits),
		cmocka_unit_test(what_is_no_number),
		cmocka_unit_test(what_was_taken_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
