// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_streams.c - the events of several CPUs and buffers in one order
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode.h"
#include "error.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"
#include "tracerec.h"

static struct recording r;
static struct source *src;
static struct stacks *stacks;
static struct strings *strings;
static struct decoder *d;
static struct event ev;
static size_t stream;

static void open_path(const char *path)
{
	struct error err = { "" };

	src = source_open(path, &err);
	if (!src)
		fail_msg("%s", err.text);
	d = decoder_new(src, stacks, strings, &err);
	if (!d)
		fail_msg("%s", err.text);
}

static void open_decoder(void)
{
	open_path(rec_write(&r));
}

static void close_decoder(void)
{
	decoder_free(d);
	d = NULL;
	source_close(src);
	src = NULL;
	rec_free(&r);
}

static int setup(void **state)
{
	(void)state;
	stacks = stacks_new();
	strings = strings_new();
	return !stacks || !strings;
}

static int teardown(void **state)
{
	(void)state;
	close_decoder();
	stacks_free(stacks);
	strings_free(strings);
	return 0;
}

static void next(uint64_t ts, uint64_t ptr)
{
	memset(&ev, 0xaa, sizeof(ev));
	assert_int_equal(decoder_next(d, &ev, &stream), 1);
	assert_int_equal(ev.ts, ts);
	assert_int_equal(ev.ptr, ptr);
}

static void next_lost(uint64_t ts, uint16_t cpu, uint64_t lost)
{
	next(ts, 0);
	assert_int_equal(ev.type, EVENT_LOST);
	assert_int_equal(ev.cpu, cpu);
	assert_true(ev.bytes_alloc == lost);
}

static void at_end(void)
{
	assert_int_equal(decoder_next(d, &ev, NULL), 0);
	assert_int_equal(decoder_next(d, &ev, NULL), 0);
}

static void lost_is(size_t i, uint64_t lost, bool and_more)
{
	bool unknown;

	assert_true(decoder_lost(d, i, &unknown) == lost);
	assert_int_equal(unknown, and_more);
}

/* A free: the shortest event there is. */
static void free_of(uint32_t cpu, uint64_t ts, uint64_t ptr)
{
	EMIT(&r, .ts = ts, .cpu = cpu, .event = "kfree", .ptr = ptr);
}

static void test_merge(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 4);
	free_of(0, 10, 1);
	free_of(0, 40, 4);
	free_of(0, 50, 6);
	free_of(1, 20, 2);
	free_of(1, 30, 3);
	/* nothing at all on CPU 2 */
	free_of(3, 45, 5);
	free_of(3, 60, 7);
	open_decoder();
	next(10, 1);
	assert_int_equal(ev.cpu, 0);
	next(20, 2);
	assert_int_equal(ev.cpu, 1);
	assert_int_equal(stream, 1);
	next(30, 3);
	next(40, 4);
	next(45, 5);
	assert_int_equal(ev.cpu, 3);
	next(50, 6);
	next(60, 7);
	at_end();
	assert_int_equal(decoder_stats(d)->first_ts, 10);
	assert_int_equal(decoder_stats(d)->last_ts, 60);
}

/* Equal times: by CPU, and on one CPU as written. */
static void test_equal_times(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 3);
	free_of(2, 10, 5);
	free_of(2, 10, 6);
	free_of(0, 10, 1);
	free_of(0, 10, 2);
	free_of(1, 10, 3);
	free_of(1, 10, 4);
	open_decoder();
	next(10, 1);
	next(10, 2);
	next(10, 3);
	next(10, 4);
	next(10, 5);
	next(10, 6);
	at_end();
}

/* An event that waits for its stack is not overtaken by another CPU's. */
static void test_waiting_keeps_its_place(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	EMIT(&r, .ts = 10, .event = "kmalloc", .ptr = 1, .pid = 5);
	EMIT(&r, .ts = 30, .event = "kmalloc", .ptr = 3, .pid = 5,
	     .flags = REC_SOFTIRQ);
	EMIT_STACK(&r, 35, 0x33, .pid = 5, .flags = REC_SOFTIRQ);
	EMIT_STACK(&r, 50, 0x11, .pid = 5);
	free_of(1, 20, 2);
	free_of(1, 40, 4);
	open_decoder();
	next(10, 1);
	assert_int_not_equal(ev.stack, STACK_NONE);
	next(20, 2);
	next(30, 3);
	assert_int_not_equal(ev.stack, STACK_NONE);
	next(40, 4);
	at_end();
}

/* The last event of a CPU waits for a stack that will never come. */
static void test_ends_while_waiting(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	EMIT(&r, .ts = 10, .event = "kmalloc", .ptr = 1);
	EMIT(&r, .ts = 20, .event = "kmalloc", .ptr = 2, .flags = REC_HARDIRQ);
	EMIT(&r, .ts = 15, .cpu = 1, .event = "kmalloc", .ptr = 3);
	open_decoder();
	next(10, 1);
	assert_int_equal(ev.stack, STACK_NONE);
	next(15, 3);
	next(20, 2);
	at_end();
}

/* Any number of CPUs and times, against a sort. */
static int by_time(const void *a, const void *b)
{
	const struct rec *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->cpu != y->cpu ? (x->cpu < y->cpu ? -1 : 1) :
	       (x->ptr > y->ptr) - (x->ptr < y->ptr);
}

static void test_random_merge(void **state)
{
	static struct rec recs[800];
	unsigned int seed = 7, run, i, n;
	uint64_t ts[REC_CPUS];

	(void)state;
	for (run = 0; run < 20; run++) {
		uint32_t cpus = 1 + (uint32_t)rand_r(&seed) % REC_CPUS;

		rec_start(&r, run % 2 ? &rec_6_1_s390x : &rec_6_1_armhf, 1, cpus);
		memset(ts, 0, sizeof(ts));
		n = (unsigned int)rand_r(&seed) % 800;
		for (i = 0; i < n; i++) {
			uint32_t cpu = (uint32_t)rand_r(&seed) % cpus;

			/* many equal ones, and one leap over a page */
			ts[cpu] += rand_r(&seed) % 300 ?
				   (uint64_t)rand_r(&seed) % 3 : 1u << 28;
			recs[i] = (struct rec) {
				.ts = ts[cpu], .cpu = cpu, .ptr = i + 1,
				.event = "kfree",
			};
			rec_put(&r, &recs[i]);
		}
		qsort(recs, n, sizeof(recs[0]), by_time);
		open_decoder();
		for (i = 0; i < n; i++)
			next(recs[i].ts, recs[i].ptr);
		at_end();
		assert_int_equal(decoder_stats(d)->records, n);
		close_decoder();
	}
}

/* ---- buffers ------------------------------------------------------------ */

static void two_buffers(void)
{
	rec_start(&r, &rec_6_1, 2, 2);
	free_of(0, 10, 1);
	EMIT(&r, .ts = 11, .buffer = 1, .event = "kfree", .ptr = 2);
	EMIT(&r, .ts = 12, .buffer = 1, .event = "kmalloc", .ptr = 3);
	EMIT_STACK(&r, 13, 0x33, .buffer = 1);
	EMIT(&r, .ts = 14, .event = "kmalloc", .ptr = 4);
	EMIT_STACK(&r, 15, 0x44);
	EMIT(&r, .ts = 16, .buffer = 1, .cpu = 1, .event = "kfree", .ptr = 5);
}

static void test_buffers(void **state)
{
	(void)state;
	two_buffers();
	open_decoder();
	next(10, 1);
	next(11, 2);
	assert_int_equal(source_stream_buffer(src, stream), 1);
	assert_int_equal(ev.cpu, 0);
	next(12, 3);
	next(14, 4);
	next(16, 5);
	assert_int_equal(ev.cpu, 1);
	at_end();
	assert_int_equal(decoder_stats(d)->left_out, 0);
}

static void test_skip(void **state)
{
	(void)state;
	two_buffers();
	open_decoder();
	decoder_skip(d, 1, EVENT_SLAB_ALLOC);
	decoder_skip(d, 0, EVENT_SLAB_FREE);
	decoder_skip(d, 0, EVENT_PAGE_FREE);
	next(11, 2);
	next(14, 4);
	assert_int_not_equal(ev.stack, STACK_NONE);
	next(16, 5);
	at_end();
	/* their stacks go with them, and they are no reason for complaint */
	assert_int_equal(decoder_stats(d)->left_out, 2);
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 0);
	assert_true(decoder_stats(d)->met ==
		    (event_bit(EVENT_SLAB_ALLOC, EVENT_KMALLOC) |
		     event_bit(EVENT_SLAB_FREE, EVENT_KMALLOC)));
	assert_int_equal(decoder_stats(d)->records, 7);
	assert_int_equal(decoder_stats(d)->first_ts, 10);
}

static void test_only(void **state)
{
	(void)state;
	two_buffers();
	EMIT(&r, .ts = 20, .buffer = 1, .event = "mm_page_free", .ptr = 6,
	     .lost = 3);
	EMIT_STACK(&r, 21, 0x66, .buffer = 1);
	EMIT(&r, .ts = 22, .event = "mm_page_free", .ptr = 7, .len = 12);
	EMIT(&r, .ts = 23, .event = "mm_page_alloc", .ptr = 8);
	open_decoder();
	decoder_only(d, 1u << EVENT_PAGE_FREE | 1u << EVENT_PAGE_ALLOC);
	next(20, 0);
	assert_int_equal(ev.type, EVENT_LOST);
	next(20, 6);
	assert_int_equal(ev.stack, STACK_NONE);
	next(23, 8);
	at_end();
	assert_int_equal(decoder_stats(d)->malformed, 1);
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 0);
}

/* ---- lost records ------------------------------------------------------- */

static void test_lost(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 3);
	free_of(0, 10, 1);
	EMIT(&r, .ts = 20, .event = "kfree", .ptr = 2, .lost = 7);
	EMIT(&r, .ts = 30, .event = "kfree", .ptr = 3, .lost = 5);
	EMIT(&r, .ts = 15, .cpu = 1, .event = "kfree", .ptr = 4,
	     .lost = SOURCE_LOST_UNKNOWN);
	EMIT(&r, .ts = 25, .cpu = 1, .event = "kfree", .ptr = 5, .lost = 1);
	free_of(2, 22, 6);
	open_decoder();
	next(10, 1);
	next_lost(15, 1, SOURCE_LOST_UNKNOWN);
	next(15, 4);
	next_lost(20, 0, 7);
	next(20, 2);
	next(22, 6);
	next_lost(25, 1, 1);
	next(25, 5);
	next_lost(30, 0, 5);
	next(30, 3);
	at_end();
	lost_is(0, 12, false);
	lost_is(1, 1, true);
	lost_is(2, 0, false);
	assert_int_equal(decoder_stats(d)->records, 6);
}

/* A gap ends all waiting: the stack behind it is another event's. */
static void test_stack_lost(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	EMIT(&r, .ts = 10, .event = "kmalloc", .ptr = 1, .pid = 5);
	EMIT_STACK(&r, 20, 0x22, .pid = 5, .lost = 3);
	EMIT(&r, .ts = 10, .cpu = 1, .event = "kmalloc", .ptr = 2, .pid = 6);
	EMIT(&r, .ts = 11, .cpu = 1, .event = "kmalloc", .ptr = 3, .pid = 6,
	     .flags = REC_HARDIRQ);
	EMIT(&r, .ts = 30, .cpu = 1, .event = "kmalloc", .ptr = 4, .pid = 6,
	     .flags = REC_HARDIRQ, .lost = 1);
	EMIT_STACK(&r, 31, 0x44, .cpu = 1, .pid = 6, .flags = REC_HARDIRQ);
	EMIT_STACK(&r, 32, 0x33, .cpu = 1, .pid = 6);
	open_decoder();
	next(10, 1);
	assert_int_equal(ev.stack, STACK_NONE);
	next(10, 2);
	assert_int_equal(ev.stack, STACK_NONE);
	next(11, 3);
	assert_int_equal(ev.stack, STACK_NONE);
	next_lost(20, 0, 3);
	next_lost(30, 1, 1);
	next(30, 4);
	assert_int_not_equal(ev.stack, STACK_NONE);
	at_end();
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 2);
}

static void test_lost_at_end(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 3);
	EMIT(&r, .ts = 10, .event = "kmalloc", .ptr = 1);
	rec_lost_at_end(&r, 0, 0, 30, 9);
	free_of(1, 20, 2);
	rec_lost_at_end(&r, 0, 1, 40, SOURCE_LOST_UNKNOWN);
	/* a CPU of which nothing is left, and a page without a time */
	rec_lost_at_end(&r, 0, 2, 0, 4);
	open_decoder();
	next_lost(0, 2, 4);
	next(10, 1);
	next(20, 2);
	next_lost(30, 0, 9);
	next_lost(40, 1, SOURCE_LOST_UNKNOWN);
	at_end();
	lost_is(0, 9, false);
	lost_is(1, 0, true);
	lost_is(2, 4, false);
	/* it is no record, and not the end of what was recorded */
	assert_int_equal(decoder_stats(d)->records, 2);
	assert_int_equal(decoder_stats(d)->first_ts, 10);
	assert_int_equal(decoder_stats(d)->last_ts, 20);
}

static void test_absurd_losses(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 10, .event = "kfree", .ptr = 1, .lost = UINT64_MAX - 5);
	EMIT(&r, .ts = 20, .event = "kfree", .ptr = 2, .lost = 6);
	open_decoder();
	next_lost(10, 0, UINT64_MAX - 5);
	next(10, 1);
	next_lost(20, 0, 6);
	next(20, 2);
	at_end();
	/* not zero */
	lost_is(0, UINT64_MAX - 5, true);
}

/* ---- damage ------------------------------------------------------------- */

/* One CPU's pages are garbage from somewhere on: the others go on. */
static void test_damaged_stream(void **state)
{
	struct out file;

	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	EMIT(&r, .ts = 10, .event = "kmalloc", .ptr = 1);
	/* a page of its own, which says that 7 were lost before it */
	EMIT(&r, .ts = 30, .event = "kmalloc", .ptr = 3, .lost = 7);
	free_of(1, 20, 2);
	free_of(1, 40, 4);
	/* the first entry of the second page reaches over its end */
	set_number(&r.streams[0][0].pages, TEST_PAGE_SIZE + 16, 28, 4);
	rec_make(&r, &file);
	open_path(file_write(&file));
	out_free(&file);
	next(10, 1);
	next(20, 2);
	next_lost(30, 0, 7);
	next(40, 4);
	at_end();
	assert_non_null(strstr(decoder_damage(d, 0), "CPU 0 are damaged"));
	assert_null(decoder_damage(d, 1));
	lost_is(0, 7, false);
}

static void test_empty(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	open_decoder();
	at_end();
	assert_int_equal(decoder_stats(d)->records, 0);
	assert_int_equal(decoder_stats(d)->first_ts, 0);
	assert_int_equal(decoder_stats(d)->last_ts, 0);
	assert_false(decoder_stats(d)->stacks_met);
}

/* A clock that counts from 0 has a record at 0. */
static void test_starts_at_zero(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	free_of(0, 0, 1);
	free_of(0, 5, 2);
	open_decoder();
	next(0, 1);
	next(5, 2);
	at_end();
	assert_int_equal(decoder_stats(d)->first_ts, 0);
}

/* Another decoder of the same source begins at its beginning. */
static void test_twice(void **state)
{
	struct error err;
	int pass;

	(void)state;
	two_buffers();
	open_decoder();
	for (pass = 0; pass < 2; pass++) {
		next(10, 1);
		next(11, 2);
		decoder_free(d);
		/* a quick look keeps no stacks */
		d = decoder_new(src, NULL, strings, &err);
		assert_non_null(d);
	}
	next(10, 1);
	next(11, 2);
	next(12, 3);
	assert_int_equal(ev.stack, STACK_NONE);
	next(14, 4);
	next(16, 5);
	at_end();
	assert_true(decoder_stats(d)->stacks_met);
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_merge),
		TEST(test_equal_times),
		TEST(test_waiting_keeps_its_place),
		TEST(test_ends_while_waiting),
		TEST(test_random_merge),
		TEST(test_buffers),
		TEST(test_skip),
		TEST(test_only),
		TEST(test_lost),
		TEST(test_stack_lost),
		TEST(test_lost_at_end),
		TEST(test_absurd_losses),
		TEST(test_damaged_stream),
		TEST(test_empty),
		TEST(test_starts_at_zero),
		TEST(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
