// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_watch_keep.c - saved reports take the place of the ones before, or leave them
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "leaks.h"
#include "replay_fixture.h"
#include "saved.h"
#include "snapshot.h"
#include "watch/keep.h"

static char dir[32], path[64];
static struct error err;

static int setup(void **state)
{
	static const struct leak_opts leaks = LEAK_OPTS_DEFAULT;

	(void)state;
	strcpy(dir, "/tmp/keep.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/r.json", dir);
	rp_setup(NULL);
	rp_start(&rec_6_1, 1, 1);
	EMIT(&rp.rec, .ts = 1000, .event = "kmalloc", .ptr = 0xffff888000001000,
	     .bytes_req = 60, .bytes_alloc = 64, .call_site = rp_kmtest_stack[1]);
	rp.opts.series = rp.opts.by_stack = true;
	rp.opts.leaks = &leaks;
	rp_good();
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	rp_teardown(state);
	return system(command);
}

/* Saves the @n-th report, which can be told by its end. */
static int save(const char *to, uint64_t keep, uint64_t n)
{
	rp.snap->end_ns = 1000000 + n;
	return keep_report(to, keep, rp.snap, &err);
}

/* Which one is it? 0: there is none. */
static uint64_t saved(const char *from, unsigned int before)
{
	struct snapshot *snap;
	char name[80];
	uint64_t n;

	snprintf(name, sizeof(name), before ? "%s.%u" : "%s", from, before);
	if (access(name, F_OK))
		return 0;
	snap = saved_read(name, &err);
	if (!snap)
		fail_msg("%s", err.text);
	n = snap->end_ns - 1000000;
	snapshot_free(snap);
	return n;
}

static void keeps_the_last(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 6; n++) {
		assert_int_equal(save(path, 3, n), 0);
		for (unsigned int i = 0; i < 5; i++)
			assert_int_equal(saved(path, i), i < 3 && n > i ? n - i : 0);
	}
	/* fewer from now on: what is older is nobody's business */
	assert_int_equal(save(path, 1, 7), 0);
	assert_int_equal(saved(path, 0), 7);
	assert_int_equal(saved(path, 1), 5);
	assert_int_equal(save(path, 2, 8), 0);
	assert_int_equal(saved(path, 1), 7);
	assert_int_equal(saved(path, 2), 4);
}

static void packed(void **state)
{
	char zst[80];

	(void)state;
	snprintf(zst, sizeof(zst), "%s.zst", path);
	assert_int_equal(save(zst, 2, 1), 0);
	assert_int_equal(save(zst, 2, 2), 0);
	assert_int_equal(saved(zst, 0), 2);
	assert_int_equal(saved(zst, 1), 1);
}

/* The disk is full: all reports are as they were, and no other file is there. */
static void nothing_moves_for_a_part(void **state)
{
	const struct rlimit none = { 100, RLIM_INFINITY };
	struct rlimit was;
	char more[80];

	(void)state;
	for (uint64_t n = 1; n <= 3; n++)
		assert_int_equal(save(path, 3, n), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(save(path, 3, 4), -EFBIG);
	assert_int_equal(save(path, 1, 5), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_non_null(strstr(err.text, path));
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(saved(path, i), 3 - i);
	snprintf(more, sizeof(more), "test $(ls -A %s | wc -l) = 3", dir);
	assert_int_equal(system(more), 0);
}

static void what_cannot_be_kept(void **state)
{
	(void)state;
	assert_int_equal(keep_check(path, 3, &err), 0);
	assert_int_equal(keep_check("/dev/null", 1, &err), 0);
	assert_int_equal(keep_check("/dev/null", 2, &err), -EINVAL);
	assert_int_equal(save("/nowhere/at/all", 1, 1), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(packed, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_moves_for_a_part, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
