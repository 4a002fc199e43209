// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_leaks.c - "modmem leaks": its options, what it concludes, what it shows
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "../cmd/leaks_args.h"
#include "bound.h"
#include "error.h"
#include "fake_snapshot.h"
#include "leaks_view.h"
#include "snapshot.h"

/* ---- options ------------------------------------------------------------------ */

static struct leaks_args args;
static struct error err;

static int parse(const char *line)
{
	static char copy[400];
	char *argv[20], *save = NULL, *word;
	int argc = 0, ret;

	snprintf(copy, sizeof(copy), "leaks %s", line);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	ret = leaks_parse(argc, argv, &args, &err);
	leaks_args_free(&args);
	return ret;
}

static void options_are_understood(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_string_equal(args.replay.path, "trace.dat");
	assert_int_equal(args.leaks.older_than, 10000000000);
	assert_int_equal(args.leaks.every, 1000000);
	assert_false(args.view.likely || args.view.strict || args.view.soak || args.leaks.kernel);
	assert_int_equal(parse("--likely --strict --older-than 250ms --every 60s x.dat"), 0);
	assert_true(args.view.likely && args.view.strict && args.view.soak);
	assert_int_equal(args.leaks.older_than, 250000000);
	/* a point is the lowest of eight samples */
	assert_int_equal(args.leaks.every, 7500000000);
	assert_string_equal(args.replay.path, "x.dat");
	assert_int_equal(parse("--module kmtest,[kernel] --min 4K --json --from +1 --to +2"), 0);
	assert_true(args.leaks.kernel);
	assert_int_equal(args.view.min_bytes, 4096);
	assert_int_equal(args.format, VIEW_JSON);
	assert_true(args.replay.from_relative && args.replay.to_relative);
}

static void assert_bad(const char *line, const char *what)
{
	assert_true(parse(line) < 0);
	if (!strstr(err.text, what))
		fail_msg("'%s': '%s' has no '%s'", line, err.text, what);
	assert_non_null(strstr(err.text, "modmem help leaks"));
}

static void wrong_options_are_named(void **state)
{
	(void)state;
	assert_bad("--older-than soon", "'soon'");
	assert_bad("--older-than +5", "'+5'");
	assert_bad("--every 0", "too short");
	assert_bad("--every 7ns", "too short");
	assert_bad("--min much", "'much'");
	assert_bad("--format openmetrics", "table, json, csv");
	assert_bad("--from +2 --to +1", "--from is later");
	assert_bad("--attribute nearest", "--attribute");
	assert_bad("a b", "'b' too");
	assert_bad("--suppress", "needs an argument");
	/* what the first one names would be looked at no more */
	assert_bad("--module kmtest --module kmother", "--module kmtest,kmother");
}

static const char *rules_file(const char *text)
{
	static char path[] = "/tmp/modmem-leaks-XXXXXX";
	static int fd = -1;

	if (fd < 0)
		fd = mkstemp(path);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	return path;
}

static void an_expired_suppression_is_an_error(void **state)
{
	char line[100];

	(void)state;
	snprintf(line, sizeof(line), "--suppress %s",
		 rules_file("suppress ext4 until=2020-01-01 reason=who knows\n"));
	assert_int_equal(parse(line), -ETIME);
	assert_non_null(strstr(err.text, ":1"));
	rules_file("suppress ext4 until=2999-01-01 reason=known\n");
	assert_int_equal(parse(line), 0);
	rules_file("suppress ext4\n");
	assert_true(parse(line) < 0);
	unlink(line + strlen("--suppress "));
}

/* ---- what comes of it ----------------------------------------------------------- */

static const char *const frames[] = { "do_syscall_64+0x5d", HOSTILE_NAME, "do_leak+0x53 [x]" };

static struct snap_leak rows[4];
static struct snap_unload unloads[2];
static struct snap_leaks leaks;
static struct snapshot *snap;
static struct leaks_report report;
static struct suppressions rules;

static int setup(void **state)
{
	(void)state;
	snap = fake_snapshot();
	memset(&rules, 0, sizeof(rules));
	for (size_t i = 0; i < 4; i++)
		rows[i] = (struct snap_leak){
			.function = i == 1 ? HOSTILE_NAME : "do_leak", .offset = 0x53,
			.kind = KIND_SLAB, .via = "kmalloc", .charge = CHARGE_OWN,
			.bytes = 1024u << i, .objects = 1u << i, .allocs = 100, .frees = 1,
			.oldest_ns = snap->start_ns, .newest_ns = snap->start_ns + 1,
			.first = frames, .n_first = 3, .last = frames, .n_last = 2,
			.trend = { .verdict = TREND_GROWS, .slope = 36000, .slope_low = -7200,
				   .slope_high = 72000, .p = 0.0004, .samples = 200 },
		};
	rows[0].reason = LEAK_UNLOADED;
	rows[0].left_bytes = 1024;
	rows[0].unloads = 1;
	rows[1].reason = LEAK_GROWS;
	rows[2].reason = LEAK_LOST;
	rows[3].reason = LEAK_KEPT;
	unloads[0] = (struct snap_unload){ .load = 1, .loaded_ns = -1, .unloaded_ns = 5,
					   .placed = true, .left_bytes = 1024,
					   .left_objects = 1, .certain_bytes = 1024 };
	unloads[1] = (struct snap_unload){ .load = 2, .loaded_ns = 6, .unloaded_ns = -1,
					   .placed = true };
	leaks = (struct snap_leaks){
		.rows = rows, .n_rows = 4, .unloads = unloads, .n_unloads = 2,
		.older_than = 1000, .every = 1000, .samples = 200,
	};
	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, "ext4"))
			for (size_t k = 0; k < 4; k++)
				rows[k].module = (uint32_t)i;
	unloads[0].module = unloads[1].module = rows[0].module;
	snap->leaks = &leaks;
	snap->coverage.trusted = true;
	snap->coverage.n_distrust = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	leaks_report_release(&report);
	suppress_free(&rules);
	snap->leaks = NULL;
	return 0;
}

static enum leaks_result conclude(const struct leaks_opts *opts)
{
	leaks_report_release(&report);
	assert_int_equal(leaks_report_make(&report, snap, opts, &rules, &err), 0);
	return report.result;
}

#define CONCLUDE(...) conclude(&(const struct leaks_opts){ __VA_ARGS__ })

static void only_certain_ones_fail(void **state)
{
	(void)state;
	assert_int_equal(CONCLUDE(.likely = false), LEAKS_FOUND);
	rows[0].reason = LEAK_UNLOADED_UNSEEN;
	assert_int_equal(CONCLUDE(.likely = false), LEAKS_NONE);
	assert_int_equal(CONCLUDE(.likely = true), LEAKS_FOUND);
	rows[0].reason = LEAK_KEPT;
	rows[0].left_bytes = 0;
	rows[1].reason = LEAK_RECLAIMABLE;
	assert_int_equal(CONCLUDE(.likely = true, .strict = true), LEAKS_NONE);
}

static void nothing_found_is_not_always_nothing_there(void **state)
{
	static const char *const doubts[] = { "why not" };

	(void)state;
	snap->coverage.trusted = false;
	snap->coverage.n_distrust = 1;
	/* what is certain is so in spite of it */
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_FOUND);
	leaks.n_rows = 0;
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_UNTRUSTED);
	assert_int_equal(CONCLUDE(.strict = false), LEAKS_NONE);
	snap->coverage.trusted = true;
	snap->coverage.n_distrust = 0;
	leaks.doubts = doubts;
	leaks.n_doubts = 1;
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_UNTRUSTED);
	leaks.n_doubts = 0;
	leaks.samples = 95;
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_NONE);
	/* no slope is not "no growth" for who asked for one */
	assert_int_equal(CONCLUDE(.strict = true, .soak = true), LEAKS_UNTRUSTED);
}

/* A doubt about one module is none about another, nor about what is known. */
static void doubts_are_about_what_counts(void **state)
{
	char text[] = "suppress ext4:do_leak reason=known, see #12";

	(void)state;
	rows[0].reason = LEAK_UNLOADED_UNSEEN;
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_UNTRUSTED);
	assert_int_equal(report.n_doubts, 1);
	assert_non_null(strstr(report.doubts[0], "1024 bytes of ext4 may be leaked or not"));
	assert_int_equal(CONCLUDE(.strict = true, .modules = "ext4"), LEAKS_UNTRUSTED);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "[kernel]"), LEAKS_NONE);
	assert_int_equal(CONCLUDE(.strict = true, .min_bytes = 1025), LEAKS_NONE);
	assert_int_equal(suppress_add(&rules, text, "rules:1", "2026-01-01", &err), 0);
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_NONE);

	/* what it took unseen it may have left */
	snap->modules[rows[0].module].why = BOUND_BIT(CAUSE_PAGES_BULK);
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_UNTRUSTED);
	assert_non_null(strstr(report.doubts[0], "what ext4 left is not all seen"));
	assert_int_equal(CONCLUDE(.strict = true, .modules = "[kernel]"), LEAKS_NONE);
	snap->modules[rows[0].module].why = BOUND_BIT(CAUSE_KFREE_RCU);
	assert_int_equal(CONCLUDE(.strict = false), LEAKS_NONE);
	assert_int_equal(report.n_doubts, 0);
	snap->modules[rows[0].module].why = 0;

	/* where it had been nobody knows: what it left is in [unknown] */
	unloads[1].placed = false;
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_UNTRUSTED);
	assert_non_null(strstr(report.doubts[0], "the code of ext4 had been"));
	assert_int_equal(CONCLUDE(.strict = true, .modules = "ext4"), LEAKS_UNTRUSTED);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "[kernel]"), LEAKS_NONE);
}

/* As in a report: rows that are asked for, and faults that touch them. */
static void strict_is_of_rows(void **state)
{
	static const char *const faults[] = { "events were lost" };
	uint32_t about[] = { BOUND_BIT(CAUSE_LOST) };
	struct coverage *c = &snap->coverage, before = *c;
	struct snap_module *ext4 = &snap->modules[rows[0].module];

	(void)state;
	leaks.n_rows = 0;
	c->distrust = faults;
	c->distrust_why = about;
	c->n_distrust = 1;
	c->trusted = false;
	/* all that are looked at came behind the loss */
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_NONE);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "ext4"), LEAKS_NONE);
	ext4->why = BOUND_BIT(CAUSE_LOST);
	assert_int_equal(CONCLUDE(.strict = true), LEAKS_UNTRUSTED);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "ext4"), LEAKS_UNTRUSTED);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "kmtest"), LEAKS_NONE);
	assert_int_equal(CONCLUDE(.modules = "ext4"), LEAKS_NONE);
	/* the module is loaded: what it took unseen may be leaked all the same */
	c->n_distrust = 0;
	leaks.n_unloads = 0;
	ext4->why = BOUND_BIT(CAUSE_PAGES_BULK);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "ext4"), LEAKS_UNTRUSTED);
	assert_int_equal(CONCLUDE(.strict = true, .modules = "kmtest"), LEAKS_NONE);
	ext4->why = 0;
	*c = before;
}

static bool selects(enum module_state of)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		if (snap->modules[i].state == of)
			return report.selected[i];
	fail_msg("no such module");
	return false;
}

/* Who asks for one module sees what may be its, wherever it is. */
static void unknown_memory_may_be_theirs(void **state)
{
	struct snap_module *other = NULL;
	enum module_state was;

	(void)state;
	for (size_t i = 0; i < snap->n_modules; i++)
		if (i != rows[0].module && snap->modules[i].state != MODULE_KERNEL)
			other = &snap->modules[i];
	assert_non_null(other);
	was = other->state;
	other->state = MODULE_UNKNOWN;
	CONCLUDE(.modules = "ext4");
	assert_false(selects(MODULE_UNKNOWN));
	unloads[1].placed = false;
	CONCLUDE(.modules = "ext4");
	assert_true(selects(MODULE_UNKNOWN));
	CONCLUDE(.modules = "[kernel]");
	assert_false(selects(MODULE_UNKNOWN));
	unloads[1].placed = true;
	leaks.unloads_unknown = true;
	CONCLUDE(.modules = "ext4");
	assert_true(selects(MODULE_UNKNOWN));
	CONCLUDE(.modules = "[kernel]");
	assert_false(selects(MODULE_UNKNOWN));
	/* one that went without a word */
	leaks_report_release(&report);
	assert_int_equal(leaks_report_make(&report, snap,
		&(const struct leaks_opts){ .modules = "nobody" }, &rules, &err), -ENOENT);
	assert_non_null(strstr(err.text, "[unknown]"));
	other->state = was;
}

static void what_is_left_out_does_not_fail(void **state)
{
	(void)state;
	assert_int_equal(CONCLUDE(.min_bytes = 1025), LEAKS_NONE);
	assert_int_equal(report.below.rows, 1);
	assert_int_equal(report.n, 3);
	assert_int_equal(CONCLUDE(.modules = "[kernel]"), LEAKS_NONE);
	assert_int_equal(report.n, 0);
	leaks_report_release(&report);
	assert_int_equal(leaks_report_make(&report, snap,
		&(const struct leaks_opts){ .modules = "nobody" }, &rules, &err), -ENOENT);
}

/* The core kernel's own memory has to be asked for. */
static void the_kernel_is_no_module(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < snap->n_modules; i++)
		if (snap->modules[i].state == MODULE_KERNEL)
			rows[0].module = i;
	assert_int_equal(CONCLUDE(.likely = false), LEAKS_NONE);
	assert_int_equal(CONCLUDE(.modules = "[kernel]"), LEAKS_FOUND);
}

static void suppressed_ones_do_not_fail(void **state)
{
	char text[] = "suppress ext4:do_leak reason=known, see #12";

	(void)state;
	assert_int_equal(suppress_add(&rules, text, "rules:1", "2026-01-01", &err), 0);
	assert_int_equal(CONCLUDE(.likely = false), LEAKS_NONE);
	assert_int_equal(report.suppressed.bytes, 1024);
	assert_int_equal(report.sum[LEAK_CERTAIN].rows, 0);
	/* another function, and what is no leak anyway */
	assert_int_equal(CONCLUDE(.likely = true), LEAKS_FOUND);
	assert_int_equal(report.sum[LEAK_EXCUSED].rows, 2);
}

static char *shown(int (*view)(const struct leaks_report *, FILE *, struct error *))
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(view(&report, out, &err), 0);
	fclose(out);
	return text;
}

#define assert_has(text, what) do {					\
	if (!strstr(text, what))					\
		fail_msg("no '%s' in:\n%s", what, text);		\
} while (0)

static void table_gives_a_reason_for_each_row(void **state)
{
	char *text;

	(void)state;
	CONCLUDE(.likely = false);
	text = shown(leaks_table);
	assert_has(text, "Certain: 1K in 1 object, 1 row\n");
	assert_has(text, "Likely: 2K in 2 objects, 1 row\n");
	assert_has(text, "nobody can tell: 12K in 12 objects, 2 rows\n");
	assert_has(text, "unloaded: its module was unloaded");
	assert_has(text, "grows: it is old");
	assert_has(text, "lost-events: it is older");
	assert_has(text, "kept: old and");
	assert_null(strstr(text, "free-blind:"));
	/* innermost first; names that nobody should trust */
	assert_has(text, "    do_leak+0x53 [x]\n    " HOSTILE_SHOWN "\n    do_syscall_64+0x5d\n");
	assert_has(text, HOSTILE_SHOWN "+0x53");
	assert_null(strchr(text, '\x1b'));
	assert_has(text, "Unloads: 2\n");
	assert_has(text, "1 that left nothing is not shown");
	assert_has(text, "+10B/s");
	free(text);
	CONCLUDE(.color = true);
	text = shown(leaks_table);
	assert_has(text, "\x1b[1;31mCertain\x1b[0m");
	free(text);
}

static void table_says_what_is_suppressed(void **state)
{
	char rule[] = "suppress ext4:do_leak until=2999-12-31 reason=known, see #12";
	char other[] = "suppress nfs reason=never seen";
	char *text;

	(void)state;
	assert_int_equal(suppress_add(&rules, rule, "rules:1", "2026-01-01", &err), 0);
	assert_int_equal(suppress_add(&rules, other, "rules:2", "2026-01-01", &err), 0);
	CONCLUDE(.likely = false);
	text = shown(leaks_table);
	assert_has(text, "Certain: none\n");
	assert_has(text, "Suppressed: 1K in 1 object, 1 row\n");
	assert_has(text, "2999-12-31 known, see #12");
	assert_has(text, "Suppression that nothing needs: rules:2");
	assert_null(strstr(text, "nothing needs: rules:1"));
	free(text);
}

static void too_few_samples_are_refused(void **state)
{
	char *text;

	(void)state;
	leaks.samples = 95;
	CONCLUDE(.soak = true);
	text = shown(leaks_table);
	assert_has(text, "Slopes: cannot be told from 95 samples");
	free(text);
}

static void json_is_as_its_schema_says(void **state)
{
	char rule[] = "suppress ext4:do_leak reason=known", name[] = "/tmp/modmem-leaks-json-XXXXXX";
	char command[100];
	json_t *document, *array;
	int fd, status;
	char *text;

	(void)state;
	assert_int_equal(suppress_add(&rules, rule, "rules:1", "2026-01-01", &err), 0);
	CONCLUDE(.soak = true, .modules = "ext4");
	text = shown(leaks_json);
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_object_get(document, "schema")), "modmem.leaks/1");
	array = json_object_get(document, "leaks");
	assert_int_equal(json_array_size(array), 4);
	assert_string_equal(json_string_value(json_object_get(json_object_get(
		json_array_get(array, 0), "suppressed"), "reason")), "known");
	json_decref(document);
	fd = mkstemp(name);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	free(text);
	snprintf(command, sizeof(command), "scripts/check-json %s >/dev/null 2>&1", name);
	status = access("scripts/check-json", X_OK) ? 77 : WEXITSTATUS(system(command));
	unlink(name);
	assert_true(!status || status == 77);	/* 77: no python3-jsonschema */
}

static void csv_has_a_line_a_row(void **state)
{
	size_t lines = 0;
	char *text;

	(void)state;
	CONCLUDE(.likely = false);
	text = shown(leaks_csv);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 5);
	assert_has(text, "\ncertain,unloaded,ext4,do_leak+0x53,,slab,kmalloc,own,1024,1,1024,1,100,1,");
	assert_has(text, ",grows,36000,-7200,72000,");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_understood),
		cmocka_unit_test(wrong_options_are_named),
		cmocka_unit_test(an_expired_suppression_is_an_error),
		cmocka_unit_test_setup_teardown(only_certain_ones_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_found_is_not_always_nothing_there,
						setup, teardown),
		cmocka_unit_test_setup_teardown(doubts_are_about_what_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(strict_is_of_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_memory_may_be_theirs, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_out_does_not_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(the_kernel_is_no_module, setup, teardown),
		cmocka_unit_test_setup_teardown(suppressed_ones_do_not_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(table_gives_a_reason_for_each_row, setup, teardown),
		cmocka_unit_test_setup_teardown(table_says_what_is_suppressed, setup, teardown),
		cmocka_unit_test_setup_teardown(too_few_samples_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(json_is_as_its_schema_says, setup, teardown),
		cmocka_unit_test_setup_teardown(csv_has_a_line_a_row, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
