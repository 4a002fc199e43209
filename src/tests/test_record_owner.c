// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_record_owner.c - whose an instance is, and other small decisions
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "narrow.h"
#include "record_child.h"
#include "record_events.h"
#include "record_instance.h"
#include "record_modwatch.h"
#include "ring_stats.h"

static void names(void **state)
{
	static const char *const good[] = {
		"modmem-12-345", "modmem_12_345", "modmem-12-345-mod",
		"modmem_12_345_bulk"
	};
	static const char *const bad[] = {
		"", "modmem", "modmem-", "modmem-12", "modmem-12-", "modmem-12-x",
		"modmem-12-345x", "modmem-12_345", "modmem_12-345", "modmem-0-1",
		"modmem-1-0", "modmem-012-345", "modmem--1-3", "modmem- 1-3",
		"modmem-+1-3", "modmemo-12-345", "xmodmem-12-345", "foo",
		"modmem-99999999999999999999-1", "modmem-12-345_mod"
	};
	struct record_owner owner;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!record_owner_parse(good[i], &owner))
			fail_msg("'%s' is a recorder's", good[i]);
		assert_int_equal(owner.pid, 12);
		assert_int_equal(owner.start, 345);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (record_owner_parse(bad[i], &owner))
			fail_msg("'%s' is no recorder's", bad[i]);
}

static void dead_or_alive(void **state)
{
	struct record_owner owner = { .pid = (uint64_t)getpid() };
	siginfo_t info;
	pid_t child;

	(void)state;
	owner.start = record_process_start(owner.pid);
	assert_true(owner.start);
	assert_true(record_owner_alive(&owner));
	/* the number was given to another process */
	owner.start++;
	assert_false(record_owner_alive(&owner));

	child = fork();
	if (!child)
		_exit(0);
	/* dead, but still there */
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(record_process_start((uint64_t)child), 0);
	waitpid(child, NULL, 0);
	assert_int_equal(record_process_start((uint64_t)child), 0);
	owner.pid = (uint64_t)child;
	assert_false(record_owner_alive(&owner));
}

static void triggers(void **state)
{
	(void)state;
	assert_false(record_trigger_sound("5.10.0-36-amd64", "x86_64"));
	assert_false(record_trigger_sound("4.19.0", "x86_64"));
	assert_false(record_trigger_sound("5.16.1", "x86_64"));
	assert_true(record_trigger_sound("5.17", "x86_64"));
	assert_true(record_trigger_sound("6.1.0-50-amd64", "x86_64"));
	assert_true(record_trigger_sound("7.2.1", "x86_64"));
	assert_false(record_trigger_sound("what", "x86_64"));
	assert_true(record_trigger_sound("6.1.0-50-arm64", "aarch64"));
	assert_false(record_trigger_sound("6.1.0-50-armmp", "armv7l"));
}

static void times(void **state)
{
	(void)state;
	assert_int_equal(record_clock_parse("12.345678"), 12345678000);
	assert_int_equal(record_clock_parse("12.345678:"), 12345678000);
	assert_int_equal(record_clock_parse("0.000001"), 1000);
	assert_int_equal(record_clock_parse("123456789"), 123456789);
	assert_int_equal(record_clock_parse("1.123456789123"), 1123456789);
	assert_int_equal(record_clock_parse(""), 0);
}

static void loads(void **state)
{
	char line[] = "          insmod-83      [001] .....    12.345678: module_load: kmtest OE";
	char plain[] = "  insmod-83  [001] ..... 99123: module_load: loop";
	char other[] = "  rmmod-84  [001] ..... 99123: module_free: loop";
	char empty[] = "  rmmod-84  [001] ..... 99123: module_load: ";
	const char *time;

	(void)state;
	assert_string_equal(modwatch_parse(line, &time), "kmtest");
	assert_string_equal(time, "12.345678");
	assert_string_equal(modwatch_parse(plain, &time), "loop");
	assert_string_equal(time, "99123");
	assert_null(modwatch_parse(other, &time));
	assert_null(modwatch_parse(empty, &time));
}

static void narrowing(void **state)
{
	static const char modules[] =
		"foo 8192 0 - Live 0xffffffffc0001000\n"
		"foo_bar 4096 1 foo, Live 0xffffffffc0010000 (OE)\n"
		"hidden 4096 0 - Live 0x0000000000000000\n";
	static const char kallsyms[] =
		"ffffffff81000000 T _text\n"
		"ffffffff81001000 T kmemdup\n"
		"ffffffff81001000 T kmemdup_alias\n"
		"ffffffff81001100 T kstrdup\n"
		"ffffffff81001200 T schedule\n"
		"ffffffff81200000 T devm_kmalloc\n"
		"ffffffff81200300 T after\n"
		"ffffffffc0001000 t foo_init\t[foo]\n";
	struct narrow_range ranges[8];
	struct error err;
	char text[512];

	(void)state;
	assert_int_equal(narrow_ranges("foo", modules, kallsyms, ranges, 8,
				       &err), 3);
	assert_int_equal(ranges[0].start, 0xffffffff81001000);
	assert_int_equal(ranges[0].end, 0xffffffff81001200);
	assert_int_equal(ranges[1].start, 0xffffffff81200000);
	assert_int_equal(ranges[1].end, 0xffffffff81200300);
	assert_int_equal(ranges[2].start, 0xffffffffc0001000);
	assert_int_equal(ranges[2].end, 0xffffffffc0003000);
	assert_int_equal(narrow_ranges("foo-bar,/lib/modules/foo.ko.xz", modules, kallsyms, ranges,
				       8, &err), 4);
	/* the closest are joined */
	assert_int_equal(narrow_ranges("foo_bar.ko,foo", modules, kallsyms, ranges,
				       3, &err), 3);
	assert_int_equal(ranges[2].end, 0xffffffffc0011000);
	assert_int_equal(narrow_filter(NULL, ranges, 1, text, sizeof(text)), 0);
	assert_string_equal(text, "(call_site>=0xffffffff81001000&&call_site<0xffffffff81001200)");
	assert_int_equal(narrow_filter(NULL, ranges, 3, text, 100), -E2BIG);

	assert_int_equal(narrow_ranges("fo", modules, kallsyms, ranges, 8, &err),
			 -ENOENT);
	assert_int_equal(narrow_ranges("foo,hidden", modules, kallsyms, ranges,
				       8, &err), -ENOENT);
	assert_int_equal(narrow_ranges(",", modules, kallsyms, ranges, 8, &err),
			 -EINVAL);
	assert_int_equal(narrow_ranges("foo", NULL, NULL, ranges, 8, &err),
			 -ENOENT);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256], *at;
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (at = path + strlen(dir) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void file_is(const struct record_instance *ri, const char *name, const char *text)
{
	char *is = record_instance_read(ri, name);

	assert_non_null(is);
	assert_string_equal(is, text);
	free(is);
}

/* The filter is refused for one event: none has it then. */
static void narrowing_refused(void **state)
{
	static const char format[] = "\tfield:unsigned long call_site;\toffset:8;\tsize:8;\tsigned:0;\n";
	struct record_events re = {
		.stacks = RECORD_STACKS_TRIGGER,
		.names = { "kmem/kmalloc", "kmem/kfree", "percpu/percpu_alloc_percpu" },
		.n_names = 3,
	};
	struct record_instance ri = { .dir = "/tmp/test_record_owner.XXXXXX" };
	char one[] = "call_site>1", two[] = "call_site>2", three[] = "call_site>3";
	struct narrowed nw = { .sites = one, .percpu = one };
	struct rlimit limit, small;
	char command[600];
	int stays;

	(void)state;
	assert_non_null(mkdtemp(ri.dir));
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(command, sizeof(command), "events/%s/format", re.names[i]);
		write_file(ri.dir, command, format);
		snprintf(command, sizeof(command), "events/%s/filter", re.names[i]);
		write_file(ri.dir, command, "none");
		snprintf(command, sizeof(command), "events/%s/trigger", re.names[i]);
		write_file(ri.dir, command, "stacktrace");
	}
	assert_int_equal(narrow_events(&ri, &re, &nw, &stays), 2);
	file_is(&ri, "events/kmem/kmalloc/filter", "call_site>1");
	file_is(&ri, "events/kmem/kmalloc/trigger", "stacktrace if call_site>1");
	file_is(&ri, "events/kmem/kfree/filter", "none");

	snprintf(command, sizeof(command), "%s/events/percpu/percpu_alloc_percpu/filter",
		 ri.dir);
	assert_int_equal(unlink(command), 0);
	assert_int_equal(mkdir(command, 0755), 0);
	nw.sites = nw.percpu = two;
	assert_int_equal(narrow_events(&ri, &re, &nw, &stays), -EISDIR);
	/* nor was it taken back there: somebody must be told */
	assert_int_equal(stays, -EISDIR);
	file_is(&ri, "events/kmem/kmalloc/filter", "0");
	file_is(&ri, "events/kmem/kmalloc/trigger", "stacktrace");
	file_is(&ri, "events/percpu/percpu_alloc_percpu/trigger", "stacktrace");
	file_is(&ri, "events/kmem/kfree/filter", "none");

	/* a trigger that is refused, and the one before taken again */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = sizeof("!stacktrace");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	nw.sites = nw.percpu = three;
	assert_int_equal(narrow_events(&ri, &re, &nw, &stays), -EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(stays, 0);
	file_is(&ri, "events/kmem/kmalloc/filter", "0");
	file_is(&ri, "events/kmem/kmalloc/trigger", "stacktrace");
	snprintf(command, sizeof(command), "rm -rf %s", ri.dir);
	assert_int_equal(system(command), 0);
}

static void statuses(void **state)
{
	(void)state;
	assert_int_equal(child_exit_status(W_EXITCODE(0, 0)), 0);
	assert_int_equal(child_exit_status(W_EXITCODE(7, 0)), 7);
	assert_int_equal(child_exit_status(W_EXITCODE(0, 9)), 137);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(dead_or_alive),
		cmocka_unit_test(triggers),
		cmocka_unit_test(times),
		cmocka_unit_test(loads),
		cmocka_unit_test(narrowing),
		cmocka_unit_test(narrowing_refused),
		cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
