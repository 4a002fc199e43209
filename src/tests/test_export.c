// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_export.c - a snapshot made by hand in the formats of other programs
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

#include "error.h"
#include "export.h"
#include "fake_snapshot.h"

typedef int (*export_fn)(const struct snapshot *snap,
			 const struct export_opts *opts, FILE *out,
			 struct error *err);

static struct error err;
static char *shown;
static size_t shown_size;

static int render(export_fn view, struct snapshot *snap, struct export_opts opts)
{
	FILE *out;
	int ret;

	free(shown);
	shown = NULL;
	err.text[0] = '\0';
	out = open_memstream(&shown, &shown_size);
	assert_non_null(out);
	ret = view(snap, &opts, out, &err);
	assert_int_equal(fclose(out), 0);
	return ret;
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

/* ---- openmetrics -------------------------------------------------------- */

static void openmetrics_numbers(void **state)
{
	(void)state;
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ 0 }), 0);
	assert_has("# HELP modmem_module_live_bytes ");
	assert_has("# TYPE modmem_module_live_bytes gauge\n");
	assert_has("\nmodmem_module_live_bytes{module=\"kmtest\",kind=\"pages\"} 16384\n");
	assert_has("\nmodmem_module_live_objects{module=\"ext4\",kind=\"slab\"} 1100\n");
	assert_has("\nmodmem_module_live_bytes{module=\"ext4\",kind=\"dma\"} 0\n");
	assert_has("\nmodmem_module_induced_bytes{module=\"ext4\"} 104857600\n");
	assert_has("# TYPE modmem_module_allocated_bytes_total counter\n");
	assert_has("\nmodmem_module_allocated_bytes_total{module=\"ext4\"} 1300000000\n");
	assert_has("\nmodmem_module_leaked_bytes{module=\"kmtest\"} 18112\n");
	assert_has("\nmodmem_module_loaded{module=\"kmtest\"} 0\n");
	assert_has("\nmodmem_module_loaded{module=\"ext4\"} 1\n");
	assert_has("\nmodmem_recording_seconds 1.500000000\n");
	assert_has("\nmodmem_lost_events_total 1234\n");
	assert_has("\nmodmem_lost_events_unknown 1\n");
	assert_has("\nmodmem_trusted 0\n");
	assert_has("\nmodmem_blind_path{path=\"kvfree_rcu\"} 1\n");
	/* what is not known makes no series, nor does what never held anything */
	assert_has_not("leaked_bytes{module=\"ext4\"}");
	assert_has_not("loaded{module=\"[kernel]\"}");
	assert_has_not("idle_mod");
	assert_string_equal(shown + shown_size - 7, "\n# EOF\n");
}

static void openmetrics_hostile(void **state)
{
	(void)state;
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ 0 }), 0);
	assert_has("{module=\"=cmd|\\\\x1b[31m'\\\\x0a\\\\xff,\\\"x\"} ");
	for (const char *p = shown; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			fail_msg("control byte 0x%02x", (unsigned char)*p);
}

/* Two modules that look alike when printed are still two. */
static void openmetrics_distinct(void **state)
{
	static struct snap_module twins[] = {
		{ .name = "a\x01", .allocs = 1, .static_bytes = -1, .leaked_bytes = -1 },
		{ .name = "a\\x01", .allocs = 2, .static_bytes = -1, .leaked_bytes = -1 },
	};
	struct snapshot snap = { .modules = twins, .n_modules = 2 };

	(void)state;
	assert_int_equal(render(view_openmetrics, &snap, (struct export_opts){ 0 }), 0);
	assert_has("allocations_total{module=\"a\\\\x01\"} 1\n");
	assert_has("allocations_total{module=\"a\\\\x5cx01\"} 2\n");
}

static void openmetrics_selected(void **state)
{
	(void)state;
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ .modules = "kmtest" }), 0);
	assert_has("{module=\"kmtest\"}");
	assert_has_not("ext4");
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ .modules = "nosuch" }), -ENOENT);
	assert_non_null(strstr(err.text, "nosuch"));
	assert_int_equal(render(view_openmetrics, fake_empty_snapshot(),
				(struct export_opts){ 0 }), 0);
	assert_has("\nmodmem_trusted 1\n");
}

static int cleanup(void **state)
{
	(void)state;
	free(shown);
	shown = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openmetrics_numbers),
		cmocka_unit_test(openmetrics_hostile),
		cmocka_unit_test(openmetrics_distinct),
		cmocka_unit_test(openmetrics_selected),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}
