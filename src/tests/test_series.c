// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_series.c - live bytes over time, against all values one by one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arena.h"
#include "replay_fixture.h"
#include "series.h"
#include "source.h"

#define ROWS 3u
#define EVENTS 5000u

static const uint32_t modules[ROWS] = { 2, 0, 1 };

static struct arena *arena;
static struct series *series;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	series_free(series);
	series = NULL;
	arena_free(arena);
	return 0;
}

static struct snap_series *snapshot(uint64_t end)
{
	struct snap_series *ss = series_snapshot(series, end, arena, modules, ROWS, ROWS);

	assert_non_null(ss);
	return ss;
}

/* What every row held when each event was over. */
static uint64_t when[EVENTS];
static uint64_t held[ROWS][EVENTS];

/* The bucket from @start on, worked out from all values. */
static struct snap_point brute(const uint64_t *values, uint64_t start, uint64_t width)
{
	struct snap_point p = { 0 };
	size_t i = 0;

	/* what was there when the bucket began */
	while (i < EVENTS && when[i] < start)
		p.last = values[i++];
	p.min = p.max = p.last;
	for (; i < EVENTS && when[i] - start < width; i++) {
		/* several events at one moment are several values */
		p.last = values[i];
		p.min = p.last < p.min ? p.last : p.min;
		p.max = p.last > p.max ? p.last : p.max;
	}
	return p;
}

static void same_point(const struct snap_point *is, const struct snap_point *want)
{
	assert_int_equal(is->min, want->min);
	assert_int_equal(is->max, want->max);
	assert_int_equal(is->last, want->last);
}

/* Gaps of @gap ns on average; every bucket as if nothing had been left out. */
static void compare(uint64_t gap, unsigned int seed)
{
	uint64_t total[EVENTS], live[ROWS] = { 0 }, ts = 1000000, peak = 0;
	struct snap_series *ss;
	int64_t peak_ns = -1;

	srandom(seed);
	series = series_new(ts);
	assert_non_null(series);
	for (size_t i = 0; i < EVENTS; i++) {
		uint32_t row = (uint32_t)random() % ROWS;

		/* bursts, and long silence */
		ts += random() % 4 ? 0 : random() % 100 ? (uint64_t)random() % (2 * gap) :
		      100 * gap;
		assert_int_equal(series_event(series, ts), 0);
		/* in the middle of an event it is not what it will be */
		if (random() % 2)
			series_row(series, row, live[row] ? 0 : 1u << 30);
		live[row] = random() % 50 ? live[row] + (uint64_t)random() % 4096 :
			    live[row] / 4;
		series_row(series, row, live[row]);
		when[i] = ts;
		total[i] = 0;
		for (size_t r = 0; r < ROWS; r++) {
			held[r][i] = live[r];
			total[i] += live[r];
		}
		if (total[i] > peak) {
			peak = total[i];
			peak_ns = (int64_t)ts;
		}
	}
	ss = snapshot(ts + 5);
	assert_in_range(ss->n_buckets, 1, SERIES_BUCKETS);
	assert_true(ss->start_ns + ss->n_buckets * ss->bucket_ns > ts + 5);
	assert_true(ss->start_ns + (ss->n_buckets - 1) * ss->bucket_ns <= ts + 5);
	assert_true(ss->bucket_ns == 1 || ss->n_buckets > SERIES_BUCKETS / 2);
	assert_int_equal(ss->peak_bytes, peak);
	assert_int_equal(ss->peak_ns, peak_ns);
	for (size_t b = 0; b < ss->n_buckets; b++) {
		uint64_t start = ss->start_ns + b * ss->bucket_ns;
		struct snap_point want = brute(total, start, ss->bucket_ns);

		same_point(&ss->total[b], &want);
		for (size_t r = 0; r < ROWS; r++) {
			want = brute(held[r], start, ss->bucket_ns);
			same_point(&ss->modules[modules[r]][b], &want);
		}
	}
	series_free(series);
	series = NULL;
}

static void every_value(void **state)
{
	(void)state;
	compare(1, 1);
	compare(30, 2);
	compare(1000, 3);
	compare(77777, 4);
	compare(1ULL << 33, 5);
}

static void nothing_happens(void **state)
{
	struct snap_series *ss;

	(void)state;
	series = series_new(500);
	ss = snapshot(500);
	assert_int_equal(ss->n_buckets, 1);
	assert_int_equal(ss->total[0].max, 0);
	assert_int_equal(ss->peak_ns, -1);
	assert_null(ss->modules[0]);
	/* the end of time is not too far away */
	ss = snapshot(UINT64_MAX);
	assert_in_range(ss->n_buckets, SERIES_BUCKETS / 2, SERIES_BUCKETS);
}

/* A row that comes late was empty before. A clock that goes back does not. */
static void late_row(void **state)
{
	struct snap_series *ss;

	(void)state;
	series = series_new(100);
	assert_int_equal(series_event(series, 90), 0);
	series_row(series, 0, 7);
	assert_int_equal(series_event(series, 200), 0);
	series_row(series, 1, 5);
	assert_int_equal(series_event(series, 150), 0);
	series_row(series, 1, 3);
	ss = snapshot(210);
	assert_int_equal(ss->bucket_ns, 1);
	assert_int_equal(ss->n_buckets, 111);
	assert_int_equal(ss->modules[2][0].max, 7);
	assert_int_equal(ss->modules[2][110].min, 7);
	assert_int_equal(ss->modules[0][99].max, 0);
	assert_int_equal(ss->modules[0][100].max, 5);
	assert_int_equal(ss->modules[0][100].last, 3);
	assert_int_equal(ss->modules[0][101].max, 3);
	assert_int_equal(ss->total[100].max, 12);
	assert_null(ss->modules[1]);
}

static void marks_and_losses(void **state)
{
	struct snap_series *ss;
	uint64_t sum = 0;

	(void)state;
	series = series_new(0);
	for (uint64_t i = 0; i < SERIES_MARKS + 10; i++) {
		assert_int_equal(series_event(series, i * 1000), 0);
		series_mark(series, (uint32_t)(i % ROWS), i % 2);
		series_lost(series, 3);
	}
	ss = snapshot(SERIES_MARKS * 1000);
	assert_int_equal(ss->n_marks, SERIES_MARKS);
	assert_int_equal(ss->marks_left_out, 10);
	assert_int_equal(ss->marks[4].ns, 4000);
	assert_int_equal(ss->marks[4].module, modules[1]);
	assert_false(ss->marks[4].load);
	for (size_t b = 0; b < ss->n_buckets; b++)
		sum += ss->lost[b];
	assert_int_equal(sum, 3 * (SERIES_MARKS + 10));
	/* "some" stays that, in whatever bucket it comes to lie */
	series_lost(series, SOURCE_LOST_UNKNOWN);
	series_lost(series, 1);
	ss = snapshot(UINT64_MAX / 2);
	assert_int_equal(ss->lost[0], UINT64_MAX);
}

/* ---- whole replays ------------------------------------------------------ */

/* The curve, the module's row and its stacks say the same. */
static void same_peaks(const struct snapshot *snap)
{
	const struct snap_series *ss = snap->series;
	uint64_t sums[64] = { 0 };

	assert_non_null(ss);
	assert_true(snap->n_modules <= 64);
	assert_int_equal(ss->total[ss->n_buckets - 1].last, snap->live_bytes);
	for (size_t i = 0; i < snap->n_stacks; i++)
		if (snap->stacks[i].charge == CHARGE_OWN)
			sums[snap->stacks[i].module] += snap->stacks[i].peak_bytes;
	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];
		const struct snap_point *p = ss->modules[i];
		uint64_t max = 0, at = 0;

		assert_int_equal(sums[i], m->peak_bytes);
		if (!p) {
			assert_int_equal(m->peak_ns, -1);
			continue;
		}
		for (size_t b = 0; b < ss->n_buckets; b++)
			if (p[b].max > max) {
				max = p[b].max;
				at = ss->start_ns + b * ss->bucket_ns;
			}
		assert_int_equal(max, m->peak_bytes);
		assert_int_equal(p[ss->n_buckets - 1].last, m->live_bytes);
		if (max) {
			assert_true((uint64_t)m->peak_ns >= at);
			assert_true((uint64_t)m->peak_ns - at < ss->bucket_ns);
		}
	}
}

static void small_recording(void **state)
{
	(void)state;
	rp.opts.series = rp.opts.by_stack = true;
	rp_small();
	rp_good();
	same_peaks(rp.snap);
	assert_int_equal(rp.snap->series->peak_bytes, 192);
	assert_int_equal(rp.snap->series->peak_ns, 2000);
	assert_int_equal(rp.snap->series->start_ns, 1000);
	assert_int_equal(rp.snap->stacks[0].peak_bytes, 192);
	rp.opts.from = 1500;
	rp_good();
	same_peaks(rp.snap);
	assert_int_equal(rp.snap->series->start_ns, 1500);
	assert_int_equal(rp.snap->series->peak_bytes, 160);
	rp.opts.from = REPLAY_NO_TIME;
	rp.opts.series = false;
	rp_good();
	assert_null(rp.snap->series);
	assert_int_equal(rp.snap->stacks[0].peak_bytes, 0);
}

/* A real one in which modules come and go. */
static void real_recording(void **state)
{
	(void)state;
	rp.opts.series = rp.opts.by_stack = true;
	strcpy(rp.trace, "testdata/x86_64-6.12-reload/trace.dat");
	rp_good();
	same_peaks(rp.snap);
	assert_true(rp.snap->series->n_marks >= 2);
	assert_true(rp.snap->series->marks[0].load);
	rp.opts.attribute = ATTRIBUTE_NEAREST;
	rp_good();
	same_peaks(rp.snap);
	strcpy(rp.trace, "testdata/x86_64-6.12-lost/trace.dat");
	rp_good();
	same_peaks(rp.snap);
	for (size_t b = 0; b < rp.snap->series->n_buckets; b++)
		if (rp.snap->series->lost[b])
			return;
	fail_msg("no loss in the series");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_value, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_happens, setup, teardown),
		cmocka_unit_test_setup_teardown(late_row, setup, teardown),
		cmocka_unit_test_setup_teardown(marks_and_losses, setup, teardown),
		cmocka_unit_test_setup_teardown(small_recording, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(real_recording, rp_setup, rp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
