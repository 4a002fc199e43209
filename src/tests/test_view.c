// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_view.c - every view of a snapshot made by hand
 */
#include <errno.h>
#include <jansson.h>
#include <locale.h>
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

#include "../view/text.h"
#include "error.h"
#include "fake_snapshot.h"
#include "view.h"

typedef int (*view_fn)(const struct snapshot *snap, const struct view_opts *opts,
		    FILE *out, struct error *err);

static struct error err;
static char *shown;

static int render_to(view_fn view, struct snapshot *snap, struct view_opts opts)
{
	size_t size;
	FILE *out;
	int ret;

	free(shown);
	shown = NULL;
	err.text[0] = '\0';
	out = open_memstream(&shown, &size);
	assert_non_null(out);
	ret = view(snap, &opts, out, &err);
	assert_int_equal(fclose(out), 0);
	return ret;
}

static const char *render(view_fn view, struct view_opts opts)
{
	assert_int_equal(render_to(view, fake_snapshot(), opts), 0);
	return shown;
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

/* Each is there, and after the one before. */
static void assert_order(const char *const *texts)
{
	const char *at = shown;

	for (; *texts; texts++) {
		at = strstr(at, *texts);
		if (!at)
			fail_msg("no '%s' where it should be in:\n%s", *texts,
				 shown);
	}
}

#define ORDER(...) assert_order((const char *const[]){ __VA_ARGS__, NULL })

/* Nothing but printable text and line ends. */
static void assert_harmless(void)
{
	for (const char *p = shown; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			fail_msg("control byte 0x%02x at %zu", (unsigned char)*p,
				 (size_t)(p - shown));
	assert_null(strchr(shown, 0xff));
	assert_null(strchr(shown, 0x7f));
}

static void names_are_complete(void **state)
{
	char buf[16384] = "";
	FILE *out = fmemopen(buf, sizeof(buf), "w");

	(void)state;
	assert_non_null(out);
	view_columns_help(VIEW_BY_MODULE, out);
	fclose(out);
	for (int i = 0; i < KIND_MAX; i++)
		assert_non_null(mem_kind_name((enum mem_kind)i));
	assert_null(mem_kind_name(KIND_MAX));
	for (int i = 0; i < OVERHEAD_MAX; i++) {
		const char *name = overhead_kind_name((enum overhead_kind)i);
		char column[40] = "\n  ";

		assert_non_null(name);
		for (size_t j = 0; name[j]; j++)
			column[j + 3] = (char)(name[j] >= 'a' ? name[j] - 32 : name[j]);
		if (!strstr(buf, column))
			fail_msg("no column for overhead %s", name);
	}
	assert_null(overhead_kind_name(OVERHEAD_MAX));
}

static void module_table(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ 0 });
	ORDER("MODULE", "SLAB", "PAGES", "VMALLOC", "PERCPU", "LIVE",
	      "INDUCED", "PEAK", "ALLOCS", "FREES\n", "\next4 ", " 100M ",
	      "\nkmtest ", "\n" HOSTILE_SHOWN " ", "\ngone_mod ", "\n----", "\n[kernel] ",
	      "\ntotal ", "2.2M", "1236083 1233976\n",
	      "1 module that holds and held nothing is not shown (--all)\n");
	assert_has_not("idle_mod");
	/* zero in all rows */
	assert_has_not("DMA");
	assert_harmless();

	render(view_table, (struct view_opts){ .all = true });
	assert_has("\nidle_mod ");
	assert_has_not("--all");
	render(view_table, (struct view_opts){ .columns = "module,dma,live" });
	assert_has(" DMA ");
	render(view_table, (struct view_opts){ .columns = "+dma" });
	ORDER("FREES DMA\n");
}

static void exact_bytes(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){
		.columns = "module,live,peak_time,leaked", .exact_bytes = true });
	ORDER("\next4 ", "1234567 34.250000000", " -\n", "\nkmtest ",
	      "18112 33.260000123 ", " 18112\n", "\ntotal ", "2318663");
}

static void columns(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .columns = "+state,overhead" });
	ORDER("MODULE", "FREES", "STATE", "OVERHEAD\n");
	render(view_table, (struct view_opts){ .columns = "Live" });
	assert_int_equal(strncmp(shown, " LIVE\n", 6), 0);
	render(view_table, (struct view_opts){ .overhead = true });
	ORDER("INDUCED", "OVERHEAD", "PEAK");

	assert_int_equal(render_to(view_table, fake_snapshot(), (struct view_opts){
		.columns = "live,nosuch" }), -EINVAL);
	assert_non_null(strstr(err.text, "'nosuch'"));
	assert_non_null(strstr(err.text, " PERCPU_CHUNKS "));
	assert_int_equal(view_check(&(struct view_opts){ .sort = "via" }, &err),
			 -EINVAL);
	assert_int_equal(view_check(&(struct view_opts){
		.by = VIEW_BY_SITE, .sort = "via" }, &err), 0);
}

static void sorting(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .sort = "pages", .columns = "module" });
	ORDER("\nkmtest\n", "\next4\n", "\n[kernel]\n");
	render(view_table, (struct view_opts){ .sort = "MODULE", .columns = "module" });
	ORDER("\n=cmd", "\next4", "\ngone_mod", "\nkmtest", "\n----", "\n[kernel]", "\ntotal");
	/* what has no such number comes last */
	render(view_table, (struct view_opts){ .sort = "leaked", .columns = "module" });
	ORDER("\nkmtest", "\ngone_mod", "\next4");
}

static void filters(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .modules = "gone-mod,kmtest" });
	ORDER("\nkmtest ", "\ngone_mod ", "\ntotal ", "17.7K");
	assert_has_not("ext4");
	render(view_table, (struct view_opts){ .by = VIEW_BY_SITE, .modules = "ext4" });
	assert_has_not("kmtest");
	render(view_table, (struct view_opts){ .by = VIEW_BY_TASK, .modules = "ext4" });
	assert_has_not("kmtest");
	render(view_table, (struct view_opts){ .by = VIEW_BY_STACK, .modules = "ext4" });
	assert_has_not("kmtest");
	assert_int_equal(render_to(view_table, fake_snapshot(), (struct view_opts){
		.modules = "ext4,nosuch" }), -ENOENT);
	assert_non_null(strstr(err.text, "'nosuch'"));

	render(view_table, (struct view_opts){ .min_bytes = 18000 });
	assert_has("kmtest");
	assert_has_not(HOSTILE_SHOWN);
	assert_has("\n2 modules below --min are not shown, but in the total\n");
	assert_has("1236083 1233976\n");
}

static void site_table(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .by = VIEW_BY_SITE, .exact_bytes = true });
	ORDER("CHARGE", "induced 104857600", "ext4_da_write_begin+0x1f4",
	      "own ", "ext4_alloc_inode+0x23", "16384", "family_kmalloc+0x140",
	      "1472", "family_kmalloc+0x11c", "?+0x3c", "2318663", " total own ",
	      "104857600", " total induced ",
	      "1 site that holds nothing now is not shown");
	assert_has_not("family_done");
	assert_harmless();
}

static void cache_table(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .by = VIEW_BY_CACHE, .footer = true,
					       .notes = true });
	ORDER("OBJSIZE", "ext4_inode_cache", "free-blind", HOSTILE_SHOWN,
	      "lsm_inode_cache", "merged it with");
	assert_harmless();
}

static void task_table(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .by = VIEW_BY_TASK, .all = true });
	ORDER(" PID ", "\n  77 " HOSTILE_SHOWN " ", "\n1234 insmod ",
	      "\n   - -", "\n     total");
	assert_harmless();
}

static void stack_tree(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .by = VIEW_BY_STACK, .modules = "kmtest" });
	assert_string_equal(shown,
" LIVE OBJECTS ALLOCS FREES STACK\n"
"17.7K       6     14     8 kmtest\n"
"17.7K       6     14     8 `-entry_SYSCALL_64_after_hwframe\n"
"                             do_syscall_64\n"
"                             __do_sys_finit_module\n"
"                             do_one_initcall\n"
"                             kmtest_init [kmtest]\n"
"17.4K       5      6     1   |-family_kmalloc [kmtest]\n"
"  16K       1      1     0   | |-kmalloc_large\n"
"                             | | __alloc_pages\n"
" 1.4K       4      5     1   | `-__kmalloc\n"
" 256B       1      1     0   `-?+0xabc\n"
"                               __alloc_percpu\n"
"                               pcpu_alloc\n"
"17.7K       6     14     8 total\n"
"1 stack that holds nothing now is not shown (--all)\n");

	render(view_table, (struct view_opts){
		.by = VIEW_BY_STACK, .modules = "kmtest", .overhead = true, .all = true });
	ORDER("OVERHEAD", "`-__kmalloc\n", "`-new_slab\n", "`-family_done [kmtest]\n");
	render(view_table, (struct view_opts){ .by = VIEW_BY_STACK, .min_bytes = 17408 });
	assert_has("family_kmalloc");
	assert_has_not("kmalloc_large");
	assert_has("3 branches below --min");
	assert_has("kthread");
	assert_harmless();
	/* sums of branches are what is sorted */
	render(view_table, (struct view_opts){ .by = VIEW_BY_STACK, .sort = "induced" });
	ORDER("[kernel]\n", "kmtest\n", HOSTILE_SHOWN "\n");
}

static void footer(void **state)
{
	(void)state;
	render(view_table, (struct view_opts){ .footer = true, .notes = true,
					       .columns = "module" });
	ORDER("\n\nRecording: 6.1.0-18-amd64, x86_64, 4 CPUs",
	      "\nLeft behind by unloaded modules: 17.7K (kmtest 17.7K).",
	      "\nLost events: at least 1234 (CPU 0: 1000, buffer ",
	      "\nUncertain: 16K (ext4 12K, [kernel] 4K)",
	      "\nFrees of what is not in the books: 460: 400 of slab objects, 60 of pages",
	      "5 by the", "\nEvicted: 3 objects",
	      "\nNo stack: 12 ", "\nUnknown addresses: 4 ", "\nStacks without an event: 1 ",
	      "\nInterrupts: 1364 ", "\nInit code: 1 ", "\nOut of order: 2 ",
	      "\nDuplicates: 20 ", "\nMalformed: 1 ",
	      "\nMissed: 4 of 986 calls of dma_pool_alloc.\n",
	      "\nNot seen: kmem_cache_alloc_bulk; ", "\nNote: ",
	      "\nNot good enough for --strict: ");
	assert_harmless();
	for (const char *line = shown; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 80);

	render(view_footer, (struct view_opts){ .width = 40, .modules = "ext4" });
	assert_has("ext4 12K)");
	assert_has_not("kmtest");
	for (const char *line = shown; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 40);
}

/* The first screen: what it is, how far to trust it, and what to do. */
static void first_screen(void **state)
{
	struct snapshot *snap = fake_snapshot();
	const struct snapshot was = *snap;
	const struct snap_module first = snap->modules[0], ext4 = snap->modules[2];

	(void)state;
	render(view_table, (struct view_opts){ .footer = true });
	ORDER("Linux 6.1.0-18-amd64, x86_64, 4 CPUs: ", " events\n",
	      "Not good enough: at least 1,234 events lost, and 1 more reason\n\n", "MODULE ",
	      "\n----", "\n[kernel]", "\ntotal",
	      "\nINDUCED: taken by the kernel itself on the module's behalf; not in LIVE\n",
	      "\n\nNot good enough: ", "\nLeft behind by unloaded modules: 17.7K, most by kmtest",
	      "\nNext: modmem report --by site --module ext4 dir/trace.dat\n");
	assert_has_not("Recording:");
	assert_has_not("\033");
	assert_harmless();
	render(view_table, (struct view_opts){ .footer = true, .color = true });
	assert_has("\033[1;31mNot good enough");

	snap->coverage.n_distrust = 0;
	snap->coverage.trusted = true;
	render(view_table, (struct view_opts){ .footer = true });
	assert_has("\nGood: all that modules hold was seen, their numbers are exact\n\n");
	assert_has_not("trampoline");
	snap->coverage.hidden_callers = 18;
	render(view_table, (struct view_opts){ .footer = true });
	assert_has("\n18 allocations name a trampoline as their caller");
	snap->coverage.hidden_callers = 0;
	snap->modules[2].why = BOUND_BIT(CAUSE_PAGES_BULK);
	render(view_table, (struct view_opts){ .footer = true });
	assert_has("\nLower bounds (>) for 1 of 4 modules, the rest is exact; --notes says why\n");
	snap->modules[2].why = 0;
	snap->modules[2].induced_why = BOUND_BIT(CAUSE_KFREE_RCU);
	render(view_table, (struct view_opts){ .footer = true, .modules = "ext4" });
	assert_has("\nUpper bounds (<) for ext4; --notes says why\n");
	assert_has("\n< ext4: frees with kfree_rcu(), which has no event: record with modmem record");
	snap->modules[2].induced_why = 0;
	snap->coverage.events = 0;
	render(view_table, (struct view_opts){ .footer = true });
	assert_has("\nNot good enough: no allocation events in this recording\n");
	*snap = was;
	snap->modules[0] = first;
	snap->modules[2] = ext4;
}

/* On behalf of a command without these options: none is named. */
static void bare(void **state)
{
	(void)state;
	for (enum view_by by = VIEW_BY_MODULE; view_by_name(by); by++) {
		render(view_table, (struct view_opts){ .by = by, .footer = true, .bare = true });
		assert_has("Not good enough: at least 1,234 events lost");
		assert_has_not(" --");
	}
}

static void nothing_recorded(void **state)
{
	(void)state;
	for (enum view_by by = VIEW_BY_MODULE; view_by_name(by); by++) {
		assert_int_equal(render_to(view_table, fake_empty_snapshot(),
					   (struct view_opts){ .by = by, .footer = true }), 0);
		assert_has("no allocation events in this recording\n");
		assert_has("total");
		assert_has_not("Lost");
		assert_has_not("Unmatched");
		assert_has_not("--strict");
		assert_int_equal(render_to(view_csv, fake_empty_snapshot(),
					   (struct view_opts){ .by = by }), 0);
		assert_int_equal(render_to(view_json, fake_empty_snapshot(),
					   (struct view_opts){ .by = by }), 0);
	}
}

static void csv(void **state)
{
	(void)state;
	render(view_csv, (struct view_opts){ .columns = "module,state,live,static,leaked,peak_time" });
	assert_string_equal(shown,
"MODULE,STATE,LIVE,STATIC,LEAKED,PEAK_TIME\n"
"ext4,loaded,1234567,1118208,,34.250000000\n"
"[kernel],kernel,1048576,,,34.000000000\n"
"kmtest,unloaded,18112,40960,18112,33.260000123\n"
"\"'=cmd|\\x1b[31m'\\x0a\\xff,\"\"x\",loaded,17408,,,33.300000000\n"
"gone_mod,unloaded,0,,0,33.100000000\n"
"idle_mod,loaded,0,20480,,\n");

	/* all columns, and all rows */
	render(view_csv, (struct view_opts){ 0 });
	ORDER("MODULE,STATE,SLAB,", ",STATIC_PERCPU,", ",LEAKED,BOUND,WHY\n", "\nidle_mod,");
	render(view_csv, (struct view_opts){ .by = VIEW_BY_SITE });
	assert_has(",\"'@sum(1)\"\n");
	assert_has("family_done");
	assert_harmless();
	render(view_csv, (struct view_opts){ .by = VIEW_BY_STACK, .min_bytes = 1048577 });
	ORDER("ext4,own,slab,1234567,0,0,", "do_syscall_64;do_sys_openat2;",
	      "ext4,induced,pages,0,104857600,0,");
	assert_has_not("kmtest");
	render(view_csv, (struct view_opts){ .by = VIEW_BY_TASK });
	assert_has("\n,,gone_mod,");
}

/* This program's locale is "C": libsmartcols must not see what is not ASCII. */
static void cells_of_tables(void **state)
{
	char *cell = text_cell(strdup("a\xc3\xa9z"));

	(void)state;
	assert_string_equal(cell, "a\\xc3\\xa9z");
	free(cell);
	assert_null(text_cell(NULL));
}

static json_t *load(struct view_opts opts)
{
	json_error_t error;
	json_t *report = json_loads(render(view_json, opts), 0, &error);

	if (!report)
		fail_msg("%s in:\n%s", error.text, shown);
	return report;
}

static json_t *module_of(json_t *report, size_t i, const char *name)
{
	json_t *module = json_array_get(json_object_get(report, "modules"), i);

	assert_string_equal(json_string_value(json_object_get(module, "name")), name);
	return module;
}

static json_int_t number(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void json(void **state)
{
	json_t *report = load((struct view_opts){ 0 });
	json_t *module, *site, *coverage;

	(void)state;
	assert_harmless();
	assert_has_not("0xffff");
	assert_string_equal(json_string_value(json_object_get(report, "schema")),
			    "modmem.report/1");
	assert_string_equal(json_string_value(json_object_get(
		json_object_get(report, "source"), "file")), "trace.dat");
	assert_int_equal(json_array_size(json_object_get(report, "modules")), 6);
	assert_null(json_object_get(report, "stacks"));
	assert_null(json_object_get(report, "tasks"));

	module = module_of(report, 0, "ext4");
	assert_int_equal(number(module, "live_bytes"), 1234567);
	assert_true(json_is_null(json_object_get(module, "leaked_bytes")));
	site = json_array_get(json_object_get(module, "sites"), 0);
	assert_string_equal(json_string_value(json_object_get(site, "charge")),
			    "induced");
	module = module_of(report, 2, "kmtest");
	assert_int_equal(number(module, "leaked_bytes"), 18112);
	assert_int_equal(json_array_size(json_object_get(module, "caches")), 3);
	site = json_array_get(json_object_get(module, "sites"), 2);
	assert_true(json_is_null(json_object_get(site, "function")));
	assert_int_equal(number(site, "offset"), 0x3c);
	site = json_array_get(json_object_get(module, "sites"), 3);
	assert_true(json_is_null(json_object_get(site, "oldest_ns")));
	module_of(report, 3, HOSTILE_SHOWN);
	module = module_of(report, 5, "idle_mod");
	assert_true(json_is_null(json_object_get(module, "peak_ns")));

	coverage = json_object_get(report, "coverage");
	assert_true(json_is_null(json_object_get(coverage, "lost_events")));
	assert_int_equal(number(coverage, "lost_at_least"), 1234);
	assert_true(json_is_false(json_object_get(coverage, "trusted")));
	json_decref(report);
}

static void json_filtered(void **state)
{
	json_t *report = load((struct view_opts){
		.by = VIEW_BY_STACK, .modules = "kmtest", .sort = "live",
		.columns = "module", .min_bytes = 1 << 20 });

	(void)state;
	assert_int_equal(json_array_size(json_object_get(report, "modules")), 1);
	assert_int_equal(json_array_size(json_object_get(report, "stacks")), 5);
	/* what is left out does not change what there is */
	assert_int_equal(number(module_of(report, 0, "kmtest"), "live_bytes"), 18112);
	assert_int_equal(number(json_object_get(report, "totals"), "live_bytes"),
			 2318663);
	json_decref(report);

	report = load((struct view_opts){ .by = VIEW_BY_TASK });
	assert_int_equal(json_array_size(json_object_get(report, "tasks")), 3);
	json_decref(report);
}

static void json_too_large(void **state)
{
	struct snapshot snap = *fake_snapshot();

	(void)state;
	snap.allocs = UINT64_MAX;
	assert_int_equal(render_to(view_json, &snap, (struct view_opts){ 0 }),
			 -EOVERFLOW);
	assert_int_equal(strlen(shown), 0);
	assert_int_equal(render_to(view_table, &snap, (struct view_opts){ 0 }), 0);
}

static void same_bytes(void **state)
{
	static const view_fn views[] = { view_table, view_csv, view_json };

	(void)state;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		for (enum view_by by = VIEW_BY_MODULE; view_by_name(by); by++) {
			struct view_opts opts = { .by = by, .footer = true };
			char *first = strdup(render(views[i], opts));

			assert_string_equal(first, render(views[i], opts));
			free(first);
		}
	}
}

/* Against the schema, if there is a python3-jsonschema. */
static void json_schema(void **state)
{
	char folder[] = "/tmp/modmem-view-json-XXXXXX", command[200], name[80];
	FILE *out;
	int status;

	(void)state;
	if (access("scripts/check-json", X_OK)) {
		print_message("not in the top folder of the project\n");
		skip();
	}
	assert_non_null(mkdtemp(folder));
	for (enum view_by by = VIEW_BY_MODULE; view_by_name(by); by++) {
		render(view_json, (struct view_opts){ .by = by });
		snprintf(name, sizeof(name), "%s/%s.json", folder, view_by_name(by));
		out = fopen(name, "w");
		assert_non_null(out);
		fputs(shown, out);
		assert_int_equal(fclose(out), 0);
	}
	/* all at once: to start the checker takes most of the time */
	snprintf(command, sizeof(command),
		 "scripts/check-json %s/*.json; s=$?; rm -r %s; exit $s", folder, folder);
	status = system(command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("python3-jsonschema is not installed\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static int teardown(void **state)
{
	(void)state;
	free(shown);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_complete),
		cmocka_unit_test(module_table),
		cmocka_unit_test(exact_bytes),
		cmocka_unit_test(columns),
		cmocka_unit_test(sorting),
		cmocka_unit_test(filters),
		cmocka_unit_test(site_table),
		cmocka_unit_test(cache_table),
		cmocka_unit_test(task_table),
		cmocka_unit_test(stack_tree),
		cmocka_unit_test(footer),
		cmocka_unit_test(first_screen),
		cmocka_unit_test(bare),
		cmocka_unit_test(nothing_recorded),
		cmocka_unit_test(csv),
		cmocka_unit_test(cells_of_tables),
		cmocka_unit_test(json),
		cmocka_unit_test(json_filtered),
		cmocka_unit_test(json_too_large),
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(json_schema),
	};

	/* the tree is drawn in ASCII */
	setlocale(LC_ALL, "C");
	return cmocka_run_group_tests(tests, NULL, teardown);
}
