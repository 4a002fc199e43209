// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_chunks.c - the events of a stream do not depend on how many of
 * them are asked for at a time, nor on which thread goes on with it
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

#include "decode/internal.h"
#include "decode/decode_quick.h"
#include "draw.h"
#include "decode/interner.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"

#define MANY 1000u

static struct stacks *stacks;
static struct strings *strings;
static uint32_t run_number;	/* of decoders that number their origins alike */
static uint64_t numbered;	/* events */
static const struct decoder *numbering;	/* of which these are */

static struct decoder *open_decoder(const char *path)
{
	struct error err = { "" };
	struct source *src = source_open(path, &err);
	struct decoder *d = src ? decoder_new(src, stacks, strings, &err) : NULL;

	if (!d)
		fail_msg("%s", err.text);
	assert_int_equal(decode_rules_init(&d->rules), 0);
	return d;
}

static void close_decoder(struct decoder *d)
{
	struct source *src = d->src;

	decoder_free(d);
	source_close(src);
}

/* Events of one origin have all in common that the books go by. */
static void check_origin(const struct event *ev)
{
	static struct event *first;
	static size_t room;
	struct event *o;

	if (!ev->origin)
		return;
	while (ev->origin >= room) {
		size_t more = room ? 2 * room : 1024;

		first = realloc(first, more * sizeof(*first));
		assert_non_null(first);
		memset(first + room, 0, (more - room) * sizeof(*first));
		room = more;
	}
	o = &first[ev->origin];
	numbered++;
	if (!o->origin || o->name != run_number) {
		*o = *ev;
		o->name = run_number;
		return;
	}
	assert_int_equal(o->type, ev->type);
	assert_int_equal(o->flags, ev->flags);
	assert_int_equal(o->stack, ev->stack);
	assert_int_equal(o->call_site, ev->call_site);
	if (ev->type == EVENT_SLAB_ALLOC)
		assert_int_equal(o->bytes_alloc, ev->bytes_alloc);
}

/* The next events, with the recording's numbers. */
static size_t take(struct decoder *d, size_t stream, struct interner *in,
		   struct event *out, size_t n)
{
	int got = decode_stream_events(&d->streams[stream], in, out, n, UINT64_MAX), i;

	assert_true(got >= 0);
	for (i = 0; i < got; i++) {
		assert_int_equal(interner_translate(in, &out[i], stacks, strings), 0);
		if (d == numbering)
			check_origin(&out[i]);
	}
	return (size_t)got;
}

static bool equal(const struct event *a, const struct event *b)
{
	return a->ts == b->ts && a->ptr == b->ptr && a->call_site == b->call_site &&
	       a->bytes_req == b->bytes_req && a->bytes_alloc == b->bytes_alloc &&
	       a->stack == b->stack && a->name == b->name && a->pid == b->pid &&
	       a->cpu == b->cpu && a->type == b->type && a->context == b->context &&
	       a->order == b->order && a->flags == b->flags;
}

/* Two ways through the same stream: in few large pieces, and in many small. */
static void compare_stream(struct decoder *a, struct decoder *b, size_t stream,
			   struct interner *const in[3])
{
	struct event large[MANY], small[8];
	size_t n = 0, at = 0, got, i;
	uint64_t seen = 0;

	do {
		got = take(b, stream, in[draw(3)], small, 1 + draw(8));
		for (i = 0; i < got; i++, seen++) {
			if (at == n) {
				n = take(a, stream, a->interner, large, MANY);
				at = 0;
				assert_true(n > 0);
			}
			if (!equal(&large[at++], &small[i]))
				fail_msg("stream %zu: event %llu differs", stream,
					 (unsigned long long)seen);
		}
	} while (got);
	assert_int_equal(at, n);
	assert_int_equal(take(a, stream, a->interner, large, MANY), 0);
	assert_true(decode_stream_done(&a->streams[stream]));
	assert_true(decode_stream_done(&b->streams[stream]));
}

/* What was counted on the way. */
static void compare_stats(struct decoder *a, struct decoder *b)
{
	const struct decode_stats *x = decoder_stats(a), *y = decoder_stats(b);

	assert_int_equal(x->records, y->records);
	assert_int_equal(x->unpaired_stacks, y->unpaired_stacks);
	assert_int_equal(x->malformed, y->malformed);
	assert_int_equal(x->first_ts, y->first_ts);
	assert_int_equal(x->last_ts, y->last_ts);
	assert_int_equal(x->met, y->met);
	assert_int_equal(x->stacks_met, y->stacks_met);
}

static void compare_file(const char *path, bool quick)
{
	uint32_t last_origin = 0;
	struct interner *in[3] = {
		interner_new(&last_origin), interner_new(&last_origin),
		interner_new(&last_origin),
	};
	struct decoder *a, *b;
	size_t i;

	stacks = stacks_new();
	strings = strings_new();
	a = open_decoder(path);
	b = open_decoder(path);
	run_number++;
	numbering = quick ? b : a;
	b->rules.quick &= quick;
	for (i = 0; i < a->n_streams; i++)
		compare_stream(a, b, i, in);
	compare_stats(a, b);
	close_decoder(a);
	close_decoder(b);
	for (i = 0; i < 3; i++)
		interner_free(in[i]);
	stacks_free(stacks);
	strings_free(strings);
}

static void all_recordings(bool quick)
{
	glob_t found;
	size_t i;

	assert_int_equal(glob("testdata/*/trace.dat", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 20);
	for (i = 0; i < found.gl_pathc; i++)
		compare_file(found.gl_pathv[i], quick);
	globfree(&found);
	assert_true(numbered > 100000);
}

static void test_small_pieces(void **state)
{
	(void)state;
	all_recordings(true);
}

/* The quick way says what the other one does, event for event. */
static void test_quick_way(void **state)
{
	(void)state;
	all_recordings(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_pieces),
		cmocka_unit_test(test_quick_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
