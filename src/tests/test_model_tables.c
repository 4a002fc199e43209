// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_tables.c - objects, pages, stacks and strings against naive ones
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_fixture.h"
#include "objects.h"
#include "pages.h"
#include "stacks.h"
#include "strings_table.h"

static uint64_t seed;
static struct probing probing = { HASH_GOLDEN, 0 };

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Addresses a naive table knows: index into a list, 0: not there. */
#define ADDRS 3000u

/* Removal moves entries back: nothing gets lost, whatever the order. */
static void objects_against_a_list(void **state)
{
	static uint64_t value[ADDRS];	/* ts that was put in, 0: none */
	struct objects *os = objects_new(&probing);
	const struct object *walked;
	size_t n = 0, at = 0, count = 0;
	uint64_t i, addr, limit = ADDRS;

	(void)state;
	seed = 1;
	memset(value, 0, sizeof(value));
	for (i = 1; i <= 400000; i++) {
		uint64_t k = next_random() % limit;
		struct object *o;

		if (i % 50000 == 0) {
			probing_renew(&probing, n);
			assert_int_equal(objects_rebuild(os), 0);
		}
		addr = 0xffff888000000000ULL + k * 8;
		o = objects_find(os, addr);
		assert_int_equal(o != NULL, value[k] != 0);
		if (o) {
			assert_int_equal(o->addr, addr);
			assert_int_equal(o->ts, value[k]);
			objects_remove(os, o);
			value[k] = 0;
			n--;
		} else {
			o = objects_add(os, addr);
			assert_non_null(o);
			assert_int_equal(o->bytes, 0);
			assert_int_equal(o->flags, 0);
			o->ts = value[k] = i;
			n++;
		}
	}
	while ((walked = objects_next(os, &at)))
		count++;
	assert_int_equal(count, n);
	for (i = 0; i < ADDRS; i++)
		if (value[i])
			objects_remove(os, objects_find(os, 0xffff888000000000ULL + i * 8));
	at = 0;
	assert_null(objects_next(os, &at));
	objects_free(os);
}

/* The table grows with what is live, and everything is still found. */
static void objects_many(void **state)
{
	struct objects *os = objects_new(&probing);
	uint64_t i;

	(void)state;
	for (i = 1; i <= 100000; i++)
		objects_add(os, i * 64)->ts = i;
	for (i = 1; i <= 100000; i += 2)
		objects_remove(os, objects_find(os, i * 64));
	for (i = 1; i <= 100000; i++) {
		struct object *o = objects_find(os, i * 64);

		assert_int_equal(o != NULL, i % 2 == 0);
		if (o)
			assert_int_equal(o->ts, i);
	}
	objects_free(os);
}

#define PAGES 2048u

struct naive {
	uint32_t owner[PAGES];	/* number of the allocation + 1, 0: none */
	uint32_t taken[PAGES * 4];
};

static void count_taken(void *arg, uint32_t id, uint32_t n)
{
	((struct naive *)arg)->taken[id] += n;
}

static void check_take(struct pages *ps, struct naive *nv, uint64_t pfn,
		       unsigned int order)
{
	uint64_t i, n = 0;
	size_t id;

	memset(nv->taken, 0, sizeof(nv->taken));
	for (i = pfn; i < pfn + (1ULL << order); i++)
		n += i < PAGES && nv->owner[i];
	assert_int_equal(pages_take(ps, pfn, order, count_taken, nv), n);
	for (i = pfn; i < pfn + (1ULL << order) && i < PAGES; i++) {
		if (nv->owner[i])
			nv->taken[nv->owner[i] - 1]--;
		nv->owner[i] = 0;
	}
	for (id = 0; id < PAGES * 4; id++)
		assert_int_equal(nv->taken[id], 0);
}

static void pages_against_an_array(void **state)
{
	static struct naive nv;
	struct pages *ps = pages_new(&probing);
	struct page_alloc *pa;
	uint64_t i, live = 0, counted = 0;
	size_t at = 0;
	unsigned int round;

	(void)state;
	seed = 2;
	memset(&nv, 0, sizeof(nv));
	for (round = 0; round < 20000; round++) {
		unsigned int order = (unsigned int)(next_random() % 7);
		uint64_t pfn = next_random() % (PAGES - 64);

		/* mostly aligned, as the buddy allocator does it */
		if (next_random() % 8)
			pfn &= ~((1ULL << order) - 1);
		if (round % 2000 == 0) {
			probing_renew(&probing, pages_ids(ps));
			assert_int_equal(pages_rebuild(ps), 0);
		}
		check_take(ps, &nv, pfn, order);
		if (next_random() % 2) {
			uint32_t id = pages_add(ps, pfn, order);

			assert_true(id < PAGES * 4);
			assert_int_equal(pages_alloc(ps, id)->pfn, pfn);
			assert_int_equal(pages_alloc(ps, id)->live_pages, 1u << order);
			for (i = pfn; i < pfn + (1ULL << order); i++)
				nv.owner[i] = id + 1;
		}
	}
	for (i = 0; i < PAGES; i++)
		live += nv.owner[i] != 0;
	while ((pa = pages_next(ps, &at)))
		counted += pa->live_pages;
	assert_int_equal(counted, live);
	check_take(ps, &nv, 0, 11);
	at = 0;
	assert_null(pages_next(ps, &at));
	pages_free(ps);
}

static void stacks_are_kept_once(void **state)
{
	struct stacks *s = stacks_new();
	uint64_t frames[64], *many;
	const uint64_t *got;
	uint32_t first, id;
	unsigned char odd[3 * 8 + 1];
	size_t n, i, round;

	(void)state;
	assert_int_equal(stacks_add(s, frames, 0), STACK_NONE);
	assert_null(stacks_get(s, STACK_NONE, &n));
	assert_int_equal(n, 0);
	assert_null(stacks_get(s, 12345, &n));
	assert_int_equal(n, 0);

	for (round = 0; round < 2; round++) {
		for (id = 0; id < 20000; id++) {
			size_t len = 1 + id % 60;

			for (i = 0; i < len; i++)
				frames[i] = id + i * 1000;
			assert_int_equal(stacks_add(s, frames, len), id + 1);
		}
	}
	got = stacks_get(s, 12346, &n);
	assert_int_equal(n, 1 + 12345 % 60);
	assert_int_equal(got[0], 12345);

	/* a stack is not the one that goes on further out */
	frames[0] = 1;
	frames[1] = 2;
	frames[2] = 3;
	first = stacks_add(s, frames, 2);
	assert_int_not_equal(stacks_add(s, frames, 3), first);
	/* frames need not be aligned */
	memcpy(odd + 1, frames, 3 * 8);
	assert_int_equal(stacks_add(s, odd + 1, 2), first);

	many = calloc(2 * STACK_FRAMES_MAX, sizeof(*many));
	first = stacks_add(s, many, 2 * STACK_FRAMES_MAX);
	assert_non_null(stacks_get(s, first, &n));
	assert_int_equal(n, STACK_FRAMES_MAX);
	assert_int_equal(stacks_add(s, many, STACK_FRAMES_MAX), first);
	free(many);
	stacks_free(s);
}

static void strings_are_kept_once(void **state)
{
	struct strings *s = strings_new();
	char text[32];
	uint32_t i, round;

	(void)state;
	assert_int_equal(strings_add(s, "", 0), 0);
	assert_int_equal(strings_add(s, "\0abc", 4), 0);
	for (round = 0; round < 2; round++) {
		for (i = 1; i <= 20000; i++) {
			snprintf(text, sizeof(text), "name%u", i);
			assert_int_equal(strings_add(s, text, strlen(text)), i);
		}
	}
	assert_int_equal(strings_count(s), 20001);
	assert_string_equal(strings_get(s, 12345), "name12345");
	assert_string_equal(strings_get(s, 0), "");
	assert_string_equal(strings_get(s, 99999999), "");
	/* a part of a longer text, not terminated there */
	assert_int_equal(strings_add(s, "name12345678", 9), 12345);
	assert_int_equal(strings_add(s, "name1\0xxx", 9), 1);
	strings_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_against_a_list),
		cmocka_unit_test(objects_many),
		cmocka_unit_test(pages_against_an_array),
		cmocka_unit_test(stacks_are_kept_once),
		cmocka_unit_test(strings_are_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
