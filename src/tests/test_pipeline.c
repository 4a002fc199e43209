// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pipeline.c - a running kernel gives the books that its recording gives
 *
 * The live source here is a recording of which only what lies before "now" can
 * be read, CPU by CPU.
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

#include "books.h"
#include "export.h"
#include "leaks.h"
#include "pipeline.h"
#include "replay_fixture.h"
#include "source.h"
#include "view.h"

#define CPUS	3u
#define OBJECTS	400u
#define STEP	1000u		/* ns between two operations */

/* ---- a live source ------------------------------------------------------------------- */

static struct fake {
	struct source *file;
	uint64_t now;		/* ns: later records cannot be read yet */
	struct source_record held[CPUS];
	bool has[CPUS], ended[CPUS];
} fake;

static const struct source_info *fake_info(const void *arg)
{
	(void)arg;
	return source_info(fake.file);
}

static size_t fake_streams(const void *arg)
{
	(void)arg;
	return source_streams(fake.file);
}

static uint32_t fake_cpu(const void *arg, size_t i)
{
	(void)arg;
	return source_stream_cpu(fake.file, i);
}

static int fake_next(void *arg, size_t i, struct source_record *rec, struct error *err)
{
	(void)arg;
	if (!fake.has[i] && !fake.ended[i]) {
		int ret = source_next(fake.file, i, &fake.held[i], err);

		if (ret < 0)
			return ret;
		fake.has[i] = ret;
		fake.ended[i] = !ret;
	}
	if (!fake.has[i] || fake.held[i].ts > fake.now)
		return -EAGAIN;
	*rec = fake.held[i];
	fake.has[i] = false;
	return 1;
}

static uint64_t fake_start(const void *arg)
{
	(void)arg;
	return 1000;
}

static uint64_t fake_clock(const void *arg)
{
	(void)arg;
	return fake.now;
}

static void fake_close(void *arg)
{
	(void)arg;
	source_close(fake.file);
}

static struct source *fake_open(const char *path)
{
	static const struct source_ops ops = {
		.info = fake_info,
		.streams = fake_streams,
		.stream_cpu = fake_cpu,
		.next = fake_next,
		.start = fake_start,
		.now = fake_clock,
		.close = fake_close,
	};

	memset(&fake, 0, sizeof(fake));
	fake.file = source_open(path, NULL);
	assert_non_null(fake.file);
	return source_live(&ops, NULL);
}

/* ---- a recording ---------------------------------------------------------------------- */

static uint64_t seed;

static uint64_t draw(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % n;
}

/* Objects come and go on all CPUs, with many stacks. Returns the last time. */
static uint64_t random_recording(unsigned int operations)
{
	uint64_t ts = 1000;
	bool live[OBJECTS] = { false };

	rp_start(&rec_6_1, 1, CPUS);
	/* a recording without any of these would be said to have left them out */
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc", .ptr = 0x200000, .pid = 100);
	ts += STEP;
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_free", .ptr = 0x200000, .pid = 100);
	ts += STEP;
	for (unsigned int i = 0; i < operations; i++, ts += STEP) {
		size_t o = draw(OBJECTS);
		uint64_t ptr = 0xffff888000001000 + 64 * o;
		uint32_t cpu = (uint32_t)draw(CPUS);
		int32_t pid = 100 + (int32_t)(i % 2);
		uint64_t frames[3];

		memcpy(frames, draw(2) ? rp_kmtest_stack : rp_other_stack, sizeof(frames));
		frames[2] += 16 * draw(200);
		if (live[o]) {
			EMIT(&rp.rec, .ts = ts, .cpu = cpu, .event = "kfree", .ptr = ptr,
			     .call_site = frames[1], .pid = pid);
		} else {
			EMIT(&rp.rec, .ts = ts, .cpu = cpu, .event = "kmalloc", .ptr = ptr,
			     .bytes_req = 60, .bytes_alloc = 64, .call_site = frames[1],
			     .pid = pid);
			/* its stack is written a little later */
			if (draw(20))
				EMIT(&rp.rec, .ts = ts + draw(STEP), .cpu = cpu,
				     .event = "kernel_stack", .frames = frames,
				     .n_frames = 3, .pid = pid);
		}
		live[o] = !live[o];
	}
	return ts;
}

/* What a user is shown of it, but for the file's name and where it ends. */
static char *shown(struct snapshot *snap)
{
	const struct view_opts opts = { .by = VIEW_BY_SITE, .all = true,
					.exact_bytes = true, .footer = true };
	const struct export_opts metrics = { NULL };
	struct error err;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	snap->end_ns = 0;
	assert_int_equal(view_table(snap, &opts, out, &err), 0);
	assert_int_equal(view_openmetrics(snap, &metrics, out, &err), 0);
	fclose(out);
	return text;
}

/* What is known of it over time: lines of modules, and of the places. */
static char *over_time(const struct snapshot *snap)
{
	const struct export_opts opts = { NULL };
	struct error err;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_non_null(snap->leaks);
	assert_true(snap->leaks->n_soak > 0 && snap->leaks->samples > 0);
	assert_int_equal(view_series_csv(snap, &opts, out, &err), 0);
	for (size_t i = 0; i < snap->leaks->n_soak; i++) {
		const struct snap_soak *s = &snap->leaks->soak[i];

		fprintf(out, "%u %s+%lu %lu: %u %ld\n", s->module, s->function,
			(unsigned long)s->offset, (unsigned long)s->live_bytes,
			s->trend.samples, (long)s->trend.slope);
	}
	fclose(out);
	return text;
}

/* Polls until all is read, @step ns at a time; @settle: how far the horizon lags. */
static struct snapshot *poll_all(uint64_t end, uint64_t step, uint64_t settle,
				 bool compact, struct pipeline_size *size)
{
	struct pipeline *p;
	struct snapshot *snap;
	struct error err;

	p = pipeline_open(fake_open(rp.opts.path), NULL, NULL, &rp.opts, &err);
	assert_non_null(p);
	for (fake.now = 0; fake.now < end + settle + step; fake.now += 1 + draw(2 * step)) {
		uint64_t horizon = fake.now > settle ? fake.now - settle : 0;

		/* they all end at the same time */
		if (horizon > end + 2 * settle)
			horizon = end + 2 * settle;
		assert_int_equal(pipeline_poll(p, horizon, &err), 0);
		assert_true(pipeline_end(p) >= horizon);
		if (compact)
			assert_int_equal(pipeline_compact(p), 0);
		/* at any moment */
		if (!draw(20)) {
			snap = pipeline_snapshot(p, true, &err);
			assert_non_null(snap);
			snapshot_free(snap);
		}
	}
	fake.now = UINT64_MAX;
	assert_int_equal(pipeline_poll(p, end + 2 * settle, &err), 0);
	snap = pipeline_snapshot(p, false, &err);
	*size = pipeline_size(p);
	pipeline_close(p);
	return snap;
}

static void same_as_the_recording(void **state)
{
	static const uint64_t steps[] = { 500, 20000, 700000 };
	static const struct leak_opts leaks = { .older_than = 1, .every = 2 * STEP };
	char *want, *went[2];
	struct pipeline_size size;
	uint64_t end;

	(void)state;
	seed = 0x9e3779b97f4a7c15ULL;
	end = random_recording(4000);
	rp.opts.leaks = &leaks;
	rp.opts.series = true;
	rp_good();
	want = shown(rp.snap);
	for (size_t i = 0; i < 3; i++) {
		for (int compact = 0; compact < 2; compact++) {
			struct snapshot *snap = poll_all(end, steps[i], 5 * STEP, compact, &size);
			char *got = shown(snap);

			assert_string_equal(got, want);
			assert_int_equal(snap->coverage.events, rp.snap->coverage.events);
			assert_int_equal(snap->coverage.unpaired_stacks, 0);
			assert_int_equal(snap->coverage.events_without_stack,
					 rp.snap->coverage.events_without_stack);
			assert_int_equal(size.late, 0);
			/* those that hold something, and a sum for each place */
			if (compact)
				assert_true(size.accounts < OBJECTS + 10 &&
					    size.stacks < OBJECTS);
			went[compact] = over_time(snap);
			snapshot_free(snap);
			free(got);
		}
		assert_string_equal(went[0], went[1]);
		free(went[0]);
		free(went[1]);
	}
	free(want);
}

/* Events that come after their time was passed are entered, and counted. */
static void late_events_are_counted(void **state)
{
	struct pipeline *p;
	struct error err;

	(void)state;
	rp_start(&rec_6_1, 1, 2);
	EMIT(&rp.rec, .ts = 2000, .cpu = 0, .event = "kmalloc", .ptr = 0xffff888000001000,
	     .bytes_req = 64, .bytes_alloc = 64, .call_site = rp_kmtest_stack[1]);
	EMIT(&rp.rec, .ts = 1500, .cpu = 1, .event = "kmalloc", .ptr = 0xffff888000002000,
	     .bytes_req = 64, .bytes_alloc = 64, .call_site = rp_kmtest_stack[1]);
	rp_good();
	p = pipeline_open(fake_open(rp.opts.path), NULL, NULL, &rp.opts, &err);
	assert_non_null(p);
	/* CPU 1 is slow: its record cannot be read, though it is older */
	fake.now = 5000;
	fake.held[1].ts = UINT64_MAX;
	fake.has[1] = true;
	assert_int_equal(pipeline_poll(p, 3000, &err), 0);
	fake.has[1] = false;
	assert_int_equal(pipeline_poll(p, 4000, &err), 0);
	assert_int_equal(pipeline_size(p).late, 1);
	assert_int_equal(pipeline_size(p).objects, 2);
	pipeline_close(p);
}

/* @n objects are seen taken and not freed, then their pages are given out again. */
static struct pipeline_size size_after_lost_frees(uint64_t n)
{
	static const char symbols[] =
		"ffffffff81000000 T _stext\n"
		"ffffffff81001000 T __kmalloc\n"
		"ffffffff81002000 T __alloc_pages\n"
		"ffffffff81003000 t allocate_slab\n"
		"ffffffff82000000 T _etext\n"
		"ffffffffc0000000 t kmtest_take\t[kmtest]\n";
	const uint64_t frames[] = { 0xffffffff81002010, 0xffffffff81003010,
				    0xffffffff81001010, 0xffffffffc0000010 };
	const uint64_t base = 0xffff888000000000, slab = 0x10000;
	struct pipeline_size size;
	uint64_t ts = 1000;
	struct pipeline *p;
	struct error err;

	rp_start(&rec_6_1, 1, 1);
	rp.rec.kallsyms = symbols;
	for (uint64_t i = 0; i < n; i++)
		EMIT(&rp.rec, .ts = ts + i, .event = "kmalloc", .ptr = base + 64 * i,
		     .bytes_req = 60, .bytes_alloc = 64, .call_site = frames[3]);
	ts += n;
	/* a slab tells where memory is mapped */
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc", .ptr = slab);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = frames, .n_frames = 4);
	EMIT(&rp.rec, .ts = ts + 1, .event = "kmalloc", .ptr = base + slab * TEST_PAGE_SIZE,
	     .bytes_req = 60, .bytes_alloc = 64, .call_site = frames[3]);
	for (uint64_t i = 0; i < n; i += TEST_PAGE_SIZE / 64)
		EMIT(&rp.rec, .ts = ts + 2 + i, .event = "mm_page_alloc",
		     .ptr = i / (TEST_PAGE_SIZE / 64));
	rp_good();
	p = pipeline_open(fake_open(rp.opts.path), NULL, NULL, &rp.opts, &err);
	assert_non_null(p);
	fake.now = ts + 5000000;
	assert_int_equal(pipeline_poll(p, fake.now, &err), 0);
	size = pipeline_size(p);
	assert_int_equal(books_check(pipeline_books(p), &err), 0);
	/* nothing has grown since */
	assert_int_equal(pipeline_poll(p, fake.now + 1, &err), 0);
	assert_int_equal(pipeline_size(p).compactions, size.compactions);
	pipeline_close(p);
	return size;
}

/* They are few accounts: it is the objects themselves that become many. */
static void objects_do_not_pile_up(void **state)
{
	struct pipeline_size size;

	(void)state;
	size = size_after_lost_frees(32768 - 1);
	assert_int_equal(size.compactions, 0);
	assert_int_equal(size.objects, 32768);
	rp_teardown(NULL);
	size = size_after_lost_frees(32768);
	assert_int_equal(size.compactions, 1);
	assert_int_equal(size.objects, 1);
}

/* ---- hooks ---------------------------------------------------------------------------- */

struct ticks {
	uint64_t at[32];
	uint64_t events[32];	/* that the books had then */
	size_t n;
	bool last;
};

static int note_tick(void *arg, struct pipeline *p, uint64_t ts, bool last)
{
	struct ticks *t = arg;

	assert_true(t->n < 32 && !t->last);
	t->at[t->n] = ts;
	t->events[t->n++] = pipeline_size(p).objects;
	t->last = last;
	return 0;
}

static void hooks_at_boundaries(void **state)
{
	struct ticks every = { .n = 0 }, end = { .n = 0 };
	const struct pipeline_hook hooks[] = {
		{ .every_ns = 1000, .tick = note_tick, .arg = &every },
		{ .every_ns = 0, .tick = note_tick, .arg = &end },
	};

	(void)state;
	rp_start(&rec_6_1, 1, 1);
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	rp_alloc(1999, 0xffff888000002000, 64, rp_kmtest_stack);
	rp_alloc(2000, 0xffff888000003000, 64, rp_kmtest_stack);
	rp_alloc(7500, 0xffff888000004000, 64, rp_kmtest_stack);
	rp.opts.hooks = hooks;
	rp.opts.n_hooks = 2;
	rp_good();
	/* what is at a boundary is not in it; of several without events, the last */
	assert_int_equal(every.n, 3);
	assert_int_equal(every.at[0], 2000);
	assert_int_equal(every.events[0], 2);
	assert_int_equal(every.at[1], 7000);
	assert_int_equal(every.events[1], 3);
	assert_int_equal(every.at[2], 7500);
	assert_int_equal(every.events[2], 4);
	assert_true(every.last);
	assert_int_equal(end.n, 1);
	assert_int_equal(end.at[0], 7500);
	assert_true(end.last);
	rp.opts.n_hooks = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_as_the_recording, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(late_events_are_counted, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(objects_do_not_pile_up, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(hooks_at_boundaries, rp_setup, rp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
