// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_survey.c - what must be known before a replay starts
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
#include "modmap.h"
#include "source.h"
#include "strings_table.h"
#include "pipeline/survey.h"
#include "tracerec.h"

static struct recording r;
static struct source *src;
static struct strings *strings;
static struct decoder *d;
static struct modmap *mm;
static struct survey survey;

static void look(void)
{
	struct error err = { "" };
	const char *path = rec_write(&r);

	src = source_open(path, &err);
	if (!src)
		fail_msg("%s", err.text);
	d = decoder_new(src, NULL, strings, &err);
	mm = modmap_new(NULL, NULL, 0, 4096, &err);
	if (!d || !mm ||
	    survey_recording(&survey, src, d, mm, strings, &err))
		fail_msg("%s", err.text);
}

static int setup(void **state)
{
	(void)state;
	strings = strings_new();
	return !strings;
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(d);
	survey_free(&survey);
	modmap_free(mm);
	source_close(src);
	strings_free(strings);
	rec_free(&r);
	d = NULL;
	mm = NULL;
	src = NULL;
	return 0;
}

/* How many events of @type are left, per buffer. */
static void left(enum event_type type, uint64_t first, uint64_t second)
{
	uint64_t n[REC_BUFFERS] = { 0 };
	struct event ev;
	size_t stream;

	look();
	while (decoder_next(d, &ev, &stream) == 1)
		n[source_stream_buffer(src, stream)] += ev.type == type;
	assert_int_equal(n[0], first);
	assert_int_equal(n[1], second);
}

static void noted(const char *a, const char *b)
{
	assert_non_null(survey.note);
	if (!strstr(survey.note, a) || !strstr(survey.note, b))
		fail_msg("not about %s and %s: %s", a, b, survey.note);
}

/* @n frees in @buffer, of addresses from @first on, the way a CPU frees. */
static void frees(uint32_t buffer, uint32_t n, uint64_t first)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		EMIT(&r, .ts = 100 + 10 * i + buffer, .buffer = buffer,
		     .cpu = i % 2, .pid = (int32_t)(i % 7), .event = "kfree",
		     .ptr = first + 32 * i);
}

static void module_event(uint32_t buffer, uint64_t ts, bool load,
			 const char *name)
{
	EMIT(&r, .ts = ts, .buffer = buffer, .name = name,
	     .event = load ? "module_load" : "module_free");
}

/* ---- whether to look at all --------------------------------------------- */

static const struct rec_event kmem_only[] = {
	{ "kmem", "kfree", { { "unsigned long", "call_site", 0 },
	  { "const void *", "ptr", 0 } } },
};
static const struct rec_kernel no_module_events = {
	.long_size = 8, .events = kmem_only, .n_events = 1,
};

static void test_nothing_to_look_for(void **state)
{
	(void)state;
	rec_start(&r, &no_module_events, 1, 2);
	frees(0, 10, 0x1000);
	look();
	assert_false(survey.done);
	assert_null(survey.note);
}

static void test_one_buffer_with_modules(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	frees(0, 10, 0x1000);
	left(EVENT_SLAB_FREE, 10, 0);
	assert_true(survey.done);
	assert_null(survey.note);
}

/* ---- several buffers ---------------------------------------------------- */

static void test_same_events_twice(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	frees(0, 50, 0x1000);
	frees(1, 40, 0x1000);		/* some were lost */
	left(EVENT_SLAB_FREE, 50, 0);
	noted("same events", "'first' are left out");
	assert_int_equal(decoder_stats(d)->left_out, 40);
}

/* The buffer with more of them is kept, whichever comes first. */
static void test_the_larger_one_is_kept(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	frees(0, 40, 0x1000);
	frees(1, 50, 0x1000);
	left(EVENT_SLAB_FREE, 0, 50);
	noted("same events", "'top instance' are left out");
}

/* A buffer of each type is chosen on its own. */
static void test_by_type(void **state)
{
	uint32_t i;

	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	frees(0, 50, 0x1000);
	frees(1, 40, 0x1000);
	for (i = 0; i < 20; i++)
		EMIT(&r, .ts = 1000 + i, .buffer = 1, .event = "mm_page_free",
		     .ptr = i);
	left(EVENT_PAGE_FREE, 0, 20);
	assert_int_equal(decoder_stats(d)->left_out, 40);
}

static void test_disjoint_events_are_merged(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	frees(0, 50, 0x1000);
	frees(1, 40, 0x100000);
	left(EVENT_SLAB_FREE, 50, 40);
	assert_null(survey.note);
}

/* The same addresses, but of other tasks: not the same events. */
static void test_other_tasks(void **state)
{
	uint32_t i;

	(void)state;
	rec_start(&r, &rec_6_1, 2, 1);
	for (i = 0; i < 50; i++) {
		EMIT(&r, .ts = i, .event = "kfree", .ptr = i, .pid = 1);
		EMIT(&r, .ts = i, .buffer = 1, .event = "kfree", .ptr = i,
		     .pid = 2);
	}
	left(EVENT_SLAB_FREE, 50, 50);
	assert_null(survey.note);
}

/* The same task gets the same addresses again, seconds later. */
static void test_one_after_the_other(void **state)
{
	uint32_t i;

	(void)state;
	rec_start(&r, &rec_6_1, 2, 1);
	for (i = 0; i < 50; i++) {
		EMIT(&r, .ts = i, .event = "kfree", .ptr = i);
		EMIT(&r, .ts = 2000000000 + i, .buffer = 1, .event = "kfree",
		     .ptr = i);
	}
	left(EVENT_SLAB_FREE, 50, 50);
	assert_null(survey.note);
}

/* Wherever in time they lie. */
static void test_same_events_any_time(void **state)
{
	uint32_t i;

	(void)state;
	rec_start(&r, &rec_6_1, 2, 1);
	for (i = 0; i < 50; i++) {
		EMIT(&r, .ts = 1000003 * (uint64_t)i, .event = "kfree", .ptr = i);
		EMIT(&r, .ts = 1000003 * (uint64_t)i + 40000, .buffer = 1,
		     .event = "kfree", .ptr = i);
	}
	left(EVENT_SLAB_FREE, 50, 0);
}

/* One began earlier, and ended earlier: all events once, whoever has them. */
static void test_same_events_in_part(void **state)
{
	(void)state;
	for (uint32_t shared = 10; shared < 40; shared += 10) {
		if (shared > 10) {
			teardown(state);
			setup(state);
		}
		rec_start(&r, &rec_6_1, 2, 2);
		for (uint32_t i = 0; i < 50; i++)
			EMIT(&r, .ts = 100000 * (uint64_t)i, .event = "kfree", .ptr = i);
		for (uint32_t i = 50 - shared; i < 90 - shared; i++)
			EMIT(&r, .ts = 100000 * (uint64_t)i + 700, .buffer = 1,
			     .event = "kfree", .ptr = i);
		left(EVENT_SLAB_FREE, 50, 40 - shared);
		noted("some of the same events", "those of 'first' are left out that");
		assert_int_equal(decoder_stats(d)->left_out, shared);
		assert_false(survey.events_missing);
	}
}

/* The same address at the same time, and another size: not the same events. */
static void test_other_sizes(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 1);
	for (uint32_t i = 0; i < 50; i++) {
		EMIT(&r, .ts = i, .event = "kmalloc", .ptr = i, .bytes_req = 8);
		EMIT(&r, .ts = i, .buffer = 1, .event = "kmalloc", .ptr = i,
		     .bytes_req = 16);
	}
	left(EVENT_SLAB_ALLOC, 50, 50);
	assert_null(survey.note);
}

static void test_different_clocks(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	r.clocks[1] = "x86-tsc";
	frees(0, 40, 0x1000);
	frees(1, 50, 0x100000);
	left(EVENT_SLAB_FREE, 0, 50);
	noted("different clocks", "'top instance' are left out");
	assert_true(survey.events_missing);
}

/* Even if no type of event is in both: they have no common order. */
static void test_different_clocks_of_different_types(void **state)
{
	uint32_t i;

	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	r.clocks[1] = "x86-tsc";
	frees(0, 40, 0x1000);
	for (i = 0; i < 20; i++)
		EMIT(&r, .ts = 7 + i, .buffer = 1, .event = "mm_page_free",
		     .ptr = i);
	left(EVENT_PAGE_FREE, 0, 0);
	noted("different clocks", "'first' are left out");
}

static void test_module_events_of_another_clock(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	r.clocks[1] = "x86-tsc";
	frees(0, 40, 0x1000);
	module_event(1, 7, true, "kmtest");
	left(EVENT_MODULE_LOAD, 0, 0);
	noted("different clocks", "'first' are left out");
}

static void test_empty_buffer(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 2);
	r.clocks[0] = "local";		/* of no importance */
	frees(1, 50, 0x1000);
	left(EVENT_SLAB_FREE, 0, 50);
	assert_null(survey.note);
}

static void test_three_buffers(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 3, 2);
	frees(0, 30, 0x1000);
	frees(1, 50, 0x1000);
	frees(2, 20, 0x900000);
	left(EVENT_SLAB_FREE, 0, 50);
	noted("same events", "those of 'top instance' are left out, 'first' has them");
	assert_int_equal(decoder_stats(d)->left_out, 30);
	assert_int_equal(decoder_stats(d)->records, 100);
}

/* ---- modules ------------------------------------------------------------ */

static const struct module_instance *only_instance(void)
{
	assert_int_equal(modmap_start(mm), 0);
	if (modmap_count(mm) <= OWNER_UNKNOWN + 1)
		return NULL;
	assert_int_equal(modmap_count(mm), OWNER_UNKNOWN + 2);
	return modmap_instance(mm, OWNER_UNKNOWN + 1);
}

/* Its first event is its removal: it is there from the start. */
static void test_plan(void **state)
{
	const struct module_instance *mi;

	(void)state;
	rec_start(&r, &rec_6_1, 1, 2);
	module_event(0, 10, true, "came");
	module_event(0, 20, false, "went");
	module_event(0, 30, false, "came");
	look();
	mi = only_instance();
	assert_non_null(mi);
	assert_string_equal(mi->name, "went");
}

/* A load in one buffer is not two loads because of another buffer. */
static void test_plan_once(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 2, 1);
	module_event(0, 10, true, "kmtest");
	module_event(1, 11, true, "kmtest");
	module_event(0, 20, false, "kmtest");
	module_event(1, 21, false, "kmtest");
	module_event(1, 31, true, "kmtest");
	left(EVENT_MODULE_LOAD, 0, 2);
	assert_null(only_instance());
	/* the last load is known to be the last */
	assert_int_equal(modmap_event(mm, "kmtest", true, 0), OWNER_UNKNOWN + 1);
}

/* Removals only, in the buffer that is not the first. */
static void test_removals_only(void **state)
{
	const struct module_instance *mi;

	(void)state;
	rec_start(&r, &rec_6_1, 2, 1);
	frees(0, 10, 0x1000);
	module_event(1, 20, false, "went");
	left(EVENT_MODULE_FREE, 0, 1);
	mi = only_instance();
	assert_non_null(mi);
	assert_string_equal(mi->name, "went");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_to_look_for),
		TEST(test_one_buffer_with_modules),
		TEST(test_same_events_twice),
		TEST(test_the_larger_one_is_kept),
		TEST(test_by_type),
		TEST(test_disjoint_events_are_merged),
		TEST(test_other_tasks),
		TEST(test_one_after_the_other),
		TEST(test_same_events_any_time),
		TEST(test_same_events_in_part),
		TEST(test_other_sizes),
		TEST(test_different_clocks),
		TEST(test_different_clocks_of_different_types),
		TEST(test_module_events_of_another_clock),
		TEST(test_empty_buffer),
		TEST(test_three_buffers),
		TEST(test_plan),
		TEST(test_plan_once),
		TEST(test_removals_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
