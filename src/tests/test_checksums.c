// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_checksums.c - a recording of modmem's own, in which something was changed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "companion_read.h"
#include "error.h"
#include "record_files.h"
#include "remake.h"
#include "replay.h"
#include "snapshot.h"
#include "source.h"

#define FROM	"testdata/x86_64-6.1-v6/trace.dat"

static char dir[] = "/tmp/modmem-checksums-XXXXXX";
static char path[sizeof(dir) + 16];
static uint8_t *good;
static size_t len;
static struct snapshot *snap;
static struct error err;

static int make_file(void **state)
{
	(void)state;
	if (access(FROM, R_OK) || !mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/trace.dat", dir);
	remake(FROM, path);
	good = (uint8_t *)file_read(path, &len);
	return good ? 0 : -1;
}

static int remove_file(void **state)
{
	(void)state;
	free(good);
	unlink(path);
	return rmdir(dir);
}

static int forget(void **state)
{
	(void)state;
	snapshot_free(snap);
	snap = NULL;
	return 0;
}

static bool run(const uint8_t *data, size_t n, unsigned int threads)
{
	struct replay_opts opts = {
		.path = path, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
		.check = true, .threads = threads,
	};
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, n, file), n);
	fclose(file);
	forget(NULL);
	err.text[0] = '\0';
	snap = replay(&opts, &err);
	return snap;
}

/* With one byte changed: it can be read, and it says what is wrong. */
static void changed(size_t at, const char *what)
{
	uint8_t *copy = malloc(len);
	bool said = false;

	memcpy(copy, good, len);
	copy[at] ^= 0x10;
	if (!run(copy, len, 1))
		fail_msg("byte %zu: %s", at, err.text);
	free(copy);
	assert_false(snap->coverage.trusted);
	assert_string_equal(snap->coverage.verified, "damaged");
	for (size_t i = 0; i < snap->coverage.n_distrust; i++)
		said |= strstr(snap->coverage.distrust[i], what) != NULL;
	if (!said)
		fail_msg("byte %zu: nothing of '%s'", at, what);
}

static uint64_t number(const uint8_t *at)
{
	uint64_t value = 0;

	for (unsigned int i = 8; i--;)
		value = value << 8 | at[i];
	return value;
}

static const uint8_t *find(const void *what, size_t n)
{
	const uint8_t *at = memmem(good, len, what, n);

	assert_non_null(at);
	return at;
}

static void whole(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads < 3; threads++) {
		assert_true(run(good, len, threads));
		assert_true(snap->coverage.trusted);
		assert_string_equal(snap->coverage.verified, "all");
	}
}

/* Of another recorder there is nothing to compare with. */
static void none(void **state)
{
	uint8_t *data;
	size_t n;

	(void)state;
	data = (uint8_t *)file_read(FROM, &n);
	assert_true(run(data, n, 1));
	assert_true(snap->coverage.trusted);
	assert_string_equal(snap->coverage.verified, "none");
	free(data);
}

static void head(void **state)
{
	(void)state;
	/* a symbol's letter, and a byte of the gap in front of the pages */
	changed((size_t)(find(" T kfree\n", 9) - good) + 4, "the head of the file");
	changed(number(find("flyrecord", 10) + 10) - 1, "the head of the file");
}

static void pages(void **state)
{
	const uint8_t *table = find("flyrecord", 10) + 10;
	uint64_t start = number(table), size = number(table + 8);
	char what[128];

	(void)state;
	assert_true(size > 2 * COMPANION_PIECE && size % COMPANION_PIECE);
	snprintf(what, sizeof(what), "CPU 0 are not what was recorded, between bytes %zu and %zu ",
		 (size_t)(start + COMPANION_PIECE), (size_t)(start + 2 * COMPANION_PIECE));
	changed(start + COMPANION_PIECE + 40, what);
	changed(start + 2 * COMPANION_PIECE - 1, what);
	changed(start + size - 1, "CPU 0 are not what was recorded");
	changed(start + 8, "CPU 0 are not what was recorded");
}

/* Two pieces are counted, however often they are read. */
static void many(void **state)
{
	uint64_t start = number(find("flyrecord", 10) + 10);
	uint8_t *copy = malloc(len);

	(void)state;
	memcpy(copy, good, len);
	copy[start + 4000] ^= 1;
	copy[start + COMPANION_PIECE + 4000] ^= 1;
	assert_true(run(copy, len, 2));
	assert_string_equal(snap->coverage.verified, "damaged");
	assert_int_equal(snap->coverage.n_distrust, 1);
	assert_non_null(strstr(snap->coverage.distrust[0], "in 1 more places"));
	free(copy);
}

static void section(void **state)
{
	uint64_t start = number(good + len - 16);

	(void)state;
	changed(start + 2, "section at its end is damaged");
	changed((size_t)(find("uname", 5) - good), "section at its end is damaged");
	changed(len - 17, "section at its end is damaged");	/* its checksum */
	changed(len - 16, "section at its end is damaged");	/* the trailer */
	changed(len - 1, "behind the trace data is missing");
	changed((size_t)((const uint8_t *)memmem(good + start, len - start,
						 COMPANION_SUMS, 9) - good),
		"checksums, and they are missing");
}

/* Whatever the numbers are, they say no more than that something differs. */
static void hostile_numbers(void **state)
{
	static const uint64_t values[] = { 0, 1, 65535, UINT32_MAX, UINT64_MAX };
	const struct companion_item *it;
	struct companion *c;

	(void)state;
	assert_true(run(good, len, 1));
	c = companion_open(path, path, &err);
	it = companion_find(c, COMPANION_SUMS);
	assert_non_null(it);
	for (size_t at = 0; at + 8 <= it->len; at += 8) {
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			struct source *src = source_open(path, &err);
			/* exactly as long, so that a sanitizer sees a byte too many */
			char *copy = malloc(it->len);
			struct source_record rec;

			memcpy(copy, it->text, it->len);
			memcpy(copy + at, &values[v], 8);
			assert_non_null(src);
			assert_int_equal(source_verify(src, copy, it->len), 0);
			free(copy);
			for (size_t i = 0; i < source_streams(src); i++)
				while (source_next(src, i, &rec, NULL) == 1)
					;
			/* the last one is of the section, which is not read here */
			if (at + 8 < it->len)
				assert_int_equal(source_verified(src), SOURCE_DIFFERS);
			source_close(src);
		}
	}
	companion_free(c);
}

/* What comes last is the first to be cut off. */
static void cut(void **state)
{
	uint64_t start = number(good + len - 16);

	(void)state;
	for (size_t n = start; n < len; n += 61) {
		assert_true(run(good, n, 1));
		assert_false(snap->coverage.trusted);
		assert_string_equal(snap->coverage.verified, "damaged");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(whole, forget),
		cmocka_unit_test_teardown(none, forget),
		cmocka_unit_test_teardown(head, forget),
		cmocka_unit_test_teardown(pages, forget),
		cmocka_unit_test_teardown(many, forget),
		cmocka_unit_test_teardown(section, forget),
		cmocka_unit_test_teardown(hostile_numbers, forget),
		cmocka_unit_test_teardown(cut, forget),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
