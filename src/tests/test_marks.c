// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_marks.c - numbers that are not exact, in all that shows them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "error.h"
#include "export.h"
#include "fake_snapshot.h"
#include "view/marks.h"
#include "view.h"

#define LEAST BOUND_BIT(CAUSE_PAGES_BULK)
#define MOST BOUND_BIT(CAUSE_KFREE_RCU)

static char *shown;

static struct snap_module *module(const char *name)
{
	struct snapshot *snap = fake_snapshot();

	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, name))
			return &snap->modules[i];
	fail_msg("no %s", name);
	return NULL;
}

/* ext4 holds at least so much in pages, kmtest at most so much in slab. */
static int mark(void **state)
{
	struct snap_module *ext4 = module("ext4"), *kmtest = module("kmtest");

	(void)state;
	ext4->kind_why[KIND_PAGES] = ext4->why = LEAST;
	kmtest->kind_why[KIND_SLAB] = kmtest->why = MOST;
	kmtest->sites[0].why = MOST;
	fake_snapshot()->why = LEAST | MOST;
	return 0;
}

static int unmark(void **state)
{
	struct snap_module *ext4 = module("ext4"), *kmtest = module("kmtest");

	(void)state;
	ext4->kind_why[KIND_PAGES] = ext4->why = 0;
	kmtest->kind_why[KIND_SLAB] = kmtest->why = 0;
	kmtest->sites[0].why = 0;
	fake_snapshot()->why = 0;
	free(shown);
	shown = NULL;
	return 0;
}

static void render(int (*view)(const struct snapshot *snap, const struct view_opts *opts,
			       FILE *out, struct error *err), struct view_opts opts)
{
	struct error err = { .text = "" };
	size_t size;
	FILE *out;

	free(shown);
	out = open_memstream(&shown, &size);
	assert_non_null(out);
	if (view(fake_snapshot(), &opts, out, &err))
		fail_msg("%s", err.text);
	assert_int_equal(fclose(out), 0);
}

static void assert_has(const char *text)
{
	if (!strstr(shown, text))
		fail_msg("no '%s' in:\n%s", text, shown);
}

static void assert_has_not(const char *text)
{
	if (strstr(shown, text))
		fail_msg("there is '%s' in:\n%s", text, shown);
}

static void marks(void **state)
{
	(void)state;
	assert_string_equal(mark_of(0, true), "");
	assert_string_equal(mark_of(0, false), "");
	assert_string_equal(mark_of(LEAST, true), "≥");
	assert_string_equal(mark_of(LEAST, false), ">");
	assert_string_equal(mark_of(MOST, true), "≤");
	assert_string_equal(mark_of(MOST, false), "<");
	assert_string_equal(mark_of(LEAST | MOST, true), "~");
	assert_string_equal(mark_of(LEAST | MOST, false), "~");
}

static void sentences(void **state)
{
	struct marked rows[40] = {
		{ "foo", LEAST }, { "bar", MOST }, { HOSTILE_NAME, LEAST | MOST },
	};
	char *text;

	(void)state;
	text = marks_sentence(rows, 3, CAUSE_PAGES_BULK, true);
	assert_string_equal(text, "≥ foo, " HOSTILE_SHOWN
			    ": takes pages with alloc_pages_bulk(), which has no event.");
	free(text);
	text = marks_sentence(rows, 2, CAUSE_KFREE_RCU, false);
	assert_string_equal(text, "< bar: frees with kfree_rcu(), which has no event.");
	free(text);
	text = marks_sentence(rows, 3, CAUSE_LOST, true);
	assert_string_equal(text, "");
	free(text);
	for (size_t i = 0; i < 40; i++)
		rows[i] = (struct marked){ "m", BOUND_BIT(CAUSE_LOST) };
	text = marks_sentence(rows, 40, CAUSE_LOST, true);
	assert_non_null(strstr(text, "m, m and 28 more: "));
	free(text);
	text = marks_names(LEAST | MOST);
	assert_string_equal(text, "alloc_pages_bulk kfree_rcu");
	free(text);
	text = marks_names(0);
	assert_string_equal(text, "");
	free(text);
}

static void tables(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .modules = "ext4,kmtest", .footer = true,
					       .columns = "module,pages,live,bound,why" });
	assert_has(">1.2M");
	assert_has("<17.7K");
	assert_has("at_least alloc_pages_bulk");
	assert_has("at_most  kfree_rcu");
	/* the sum is neither */
	assert_has("~1.2M");
	/* nothing can be done about the one */
	assert_has_not("> ext4: takes pages");
	assert_has("\n< kmtest: frees with kfree_rcu(), which has no event: record with modmem record,");
	render(view_table, (struct view_opts){ .modules = "ext4,kmtest", .footer = true,
					       .notes = true });
	assert_has("\n> ext4: takes pages with alloc_pages_bulk(), which has no event.\n");
	render(view_table, (struct view_opts){ .by = VIEW_BY_SITE, .modules = "kmtest" });
	assert_has("<");
	/* of no place alone, but of what all of them hold */
	render(view_table, (struct view_opts){ .by = VIEW_BY_SITE, .modules = "ext4",
					       .columns = "module,live" });
	assert_has("\ntotal own     >");
	render(view_table, (struct view_opts){ .by = VIEW_BY_STACK, .modules = "kmtest",
					       .columns = "live,stack" });
	assert_has("<17.7K kmtest");
	assert_has("<17.7K total");
	render(view_table, (struct view_opts){ .modules = "[kernel]", .columns = "live" });
	assert_string_equal(shown, "LIVE\n----\n  1M\n  1M\n");

	setlocale(LC_CTYPE, "C.UTF-8");
	render(view_table, (struct view_opts){ .modules = "ext4,kmtest", .footer = true,
					       .notes = true, .columns = "module,live",
					       .exact_bytes = true });
	assert_has("≥1234567");
	assert_has("≤18112");
	assert_has("~1252679");
	assert_has("\n≥ ext4: ");
	setlocale(LC_CTYPE, "C");
}

static void csv_has_no_marks(void **state)
{
	(void)state;
	render(view_csv, (struct view_opts){ .columns = "module,live,bound,why",
					     .modules = "ext4,kmtest,[kernel]" });
	assert_string_equal(shown, "MODULE,LIVE,BOUND,WHY\n"
				   "ext4,1234567,at_least,alloc_pages_bulk\n"
				   "[kernel],1048576,exact,\n"
				   "kmtest,18112,at_most,kfree_rcu\n");
}

static void json(void **state)
{
	(void)state;
	render(view_json, (struct view_opts){ .modules = "kmtest" });
	assert_has("\"bound\": \"at_most\"");
	assert_has("\"kfree_rcu\"");
	assert_has("\"slab\": \"at_most\"");
	assert_has("\"pages\": \"exact\"");
	assert_has("\"induced_bound\": \"exact\"");
	/* the totals', which are of all modules */
	assert_has("\"bound\": \"about\"");
}

static void page(void **state)
{
	const struct export_opts opts = { .modules = "ext4,kmtest" };
	struct error err = { .text = "" };
	size_t size;
	FILE *out;

	(void)state;
	free(shown);
	out = open_memstream(&shown, &size);
	assert_int_equal(view_html(fake_snapshot(), &opts, out, &err), 0);
	assert_int_equal(fclose(out), 0);
	assert_has("\"grade\":\"bad\"");
	assert_has("\"live\":[\"≥\",\"takes pages with alloc_pages_bulk(), which has no event\"]");
	assert_has("\"live\":[\"≤\",\"frees with kfree_rcu(), which has no event\"]");
	assert_has("\"reasons\":[\"≥ ext4: takes pages with alloc_pages_bulk(), which has no event.\"");
}

static void what_is_asked_for(void **state)
{
	const struct snapshot *snap = fake_snapshot();
	const uint32_t about[] = { 0, LEAST };
	struct coverage c = { .distrust_why = (uint32_t *)about, .n_distrust = 2 };

	(void)state;
	assert_int_equal(snapshot_why(snap, NULL), LEAST | MOST);
	assert_int_equal(snapshot_why(snap, "ext4"), LEAST);
	assert_int_equal(snapshot_why(snap, "kmtest,[kernel]"), MOST);
	assert_int_equal(snapshot_why(snap, "[kernel]"), 0);
	module("[kernel]")->why = LEAST;
	module("ext4")->why = 0;
	assert_int_equal(snapshot_why(snap, NULL), MOST);
	assert_int_equal(snapshot_why(snap, "[kernel]"), LEAST);
	module("[kernel]")->why = 0;
	/* the first is of everything */
	assert_true(coverage_touches(&c, 0, 0));
	assert_false(coverage_touches(&c, 1, MOST));
	assert_true(coverage_touches(&c, 1, LEAST | MOST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),
		cmocka_unit_test(sentences),
		cmocka_unit_test_setup_teardown(tables, mark, unmark),
		cmocka_unit_test_setup_teardown(csv_has_no_marks, mark, unmark),
		cmocka_unit_test_setup_teardown(json, mark, unmark),
		cmocka_unit_test_setup_teardown(page, mark, unmark),
		cmocka_unit_test_setup_teardown(what_is_asked_for, mark, unmark),
	};

	setlocale(LC_ALL, "C");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
