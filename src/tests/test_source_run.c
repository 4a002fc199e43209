// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_source_run.c - walking over plain records gives what source_next() gives,
 * wherever one changes to the other, for every recording there is
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>

#include "draw.h"
#include "error.h"
#include "source.h"
#include "source_run.h"

static uint64_t walked;

static struct source *open_source(const char *path)
{
	struct error err = { "" };
	struct source *src = source_open(path, &err);

	if (!src)
		fail_msg("%s", err.text);
	return src;
}

/* Up to @n records that are walked over; each must be the next of @plain. */
static void walk(struct source *runs, struct source *plain, size_t i, size_t n)
{
	struct source_record want;
	struct source_run run;
	const uint8_t *data;
	uint32_t len;

	if (!source_run(runs, i, &run, NULL))
		return;
	assert_true(run.pos < run.end);
	while (n-- && (data = source_run_next(&run, &len))) {
		assert_int_equal(source_next(plain, i, &want, NULL), 1);
		assert_int_equal(run.ts, want.ts);
		assert_int_equal(len, want.len);
		assert_int_equal(want.lost, 0);
		assert_memory_equal(data, want.data, len);
		walked++;
	}
	source_run_taken(runs, i, &run);
}

static void compare_stream(struct source *runs, struct source *plain, size_t i)
{
	struct source_record got, want;
	int ret;

	do {
		walk(runs, plain, i, draw(200));
		ret = source_next(runs, i, &got, NULL);
		assert_int_equal(ret, source_next(plain, i, &want, NULL));
		if (ret <= 0)
			break;
		assert_int_equal(got.ts, want.ts);
		assert_int_equal(got.len, want.len);
		assert_true(got.lost == want.lost);
		if (got.len)
			assert_memory_equal(got.data, want.data, got.len);
	} while (ret > 0);
}

static void test_all_recordings(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob("testdata/*/trace.dat", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 20);
	for (size_t k = 0; k < found.gl_pathc; k++) {
		struct source *runs = open_source(found.gl_pathv[k]);
		struct source *plain = open_source(found.gl_pathv[k]);

		for (size_t i = 0; i < source_streams(plain); i++)
			compare_stream(runs, plain, i);
		source_close(runs);
		source_close(plain);
	}
	globfree(&found);
	/* most records are plain */
	assert_true(walked > 500000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
