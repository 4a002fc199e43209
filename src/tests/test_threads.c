// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_threads.c - the report of a recording does not depend on how many
 * threads read it, nor on what hash_randomize() and probing_renew() draw: to the byte, for every
 * recording there is
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>

#include "error.h"
#include "hash.h"
#include "leaks_view.h"
#include "probing.h"
#include "replay.h"
#include "snapshot.h"
#include "suppress.h"
#include "view.h"

#define RECORDINGS "testdata/*/trace.dat"

static const struct window {
	int64_t from, to;	/* ns from the start */
} windows[] = {
	{ REPLAY_NO_TIME, REPLAY_NO_TIME },
	{ REPLAY_NO_TIME, 40000000 },
	{ 20000000, 300000000 },
};

/* Everything that can be said of the recording; free it. */
static char *report(const char *path, const struct window *w, unsigned int threads)
{
	const struct leak_opts leaks = { .kernel = true };
	struct replay_opts opts = {
		.leaks = &leaks, .series = true,
		.path = path, .from = w->from, .to = w->to, .from_relative = true,
		.to_relative = true, .by_task = true, .by_stack = true,
		.check = true, .threads = threads,
	};
	struct view_opts view = { .all = true, .addresses = true };
	struct suppressions rules = { .n = 0 };
	struct leaks_report leaked;
	struct error err = { "" };
	struct snapshot *snap;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	snap = replay(&opts, &err);
	if (!snap)
		fail_msg("%s with %u threads: %s", path, threads, err.text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	for (view.by = VIEW_BY_MODULE; view.by <= VIEW_BY_TASK; view.by++)
		assert_int_equal(view_json(snap, &view, out, &err), 0);
	view.footer = true;
	view.by = VIEW_BY_MODULE;
	assert_int_equal(view_footer(snap, &view, out, &err), 0);
	assert_int_equal(leaks_report_make(&leaked, snap, &(const struct leaks_opts){ 0 },
					   &rules, &err), 0);
	assert_int_equal(leaks_json(&leaked, out, &err), 0);
	leaks_report_release(&leaked);
	assert_int_equal(fclose(out), 0);
	snapshot_free(snap);
	return text;
}

static void test_all_recordings(void **state)
{
	/* of each window, ended by 0 */
	static const unsigned int threads[][3] = { { 2, 5 }, { 3 }, { 2 } };
	size_t i, k, w;
	glob_t found;

	(void)state;
	assert_int_equal(glob(RECORDINGS, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 20);
	for (i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];

		for (w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
			char *one = report(path, &windows[w], 1), *more;

			for (k = 0; threads[w][k]; k++) {
				more = report(path, &windows[w], threads[w][k]);
				if (strcmp(one, more) != 0)
					fail_msg("%s, window %zu: %u threads differ from one",
						 path, w, threads[w][k]);
				free(more);
			}
			free(one);
		}
	}
	globfree(&found);
}

/* Keys belong elsewhere in each table: nobody may go by their order. */
static void test_hash_secrets(void **state)
{
	static const struct hash_secret secrets[] = {
		{ 0, 1 }, { 0x0123456789abcdef, 0xfedcba9876543211 },
	};
	const struct hash_secret before = hash_secret;
	size_t i, k;
	glob_t found;

	(void)state;
	assert_int_equal(glob(RECORDINGS, 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		char *one = report(path, &windows[0], 1), *other;

		for (k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++) {
			hash_secret = secrets[k];
			probing_first = secrets[k].mul;
			other = report(path, &windows[0], 1);
			hash_secret = before;
			probing_first = HASH_GOLDEN;
			if (strcmp(one, other) != 0)
				fail_msg("%s: secret %zu makes another report", path, k);
			free(other);
		}
		free(one);
	}
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_recordings),
		cmocka_unit_test(test_hash_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
