// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_pairing.c - whose stack is it?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "event.h"
#include "decode/pairing.h"

static struct pairing *p;
static uint64_t written, taken;	/* events; their ts is their number */

/* The oldest event that waits no longer, copied to @ev. */
static bool pop(struct pairing *from, struct event *ev)
{
	const struct event *oldest = pairing_pop(from);

	if (oldest)
		*ev = *oldest;
	return oldest != NULL;
}

static int setup(void **state)
{
	(void)state;
	p = pairing_new();
	written = taken = 0;
	return !p;
}

static int teardown(void **state)
{
	(void)state;
	pairing_free(p);
	return 0;
}

static void event(uint8_t context, int32_t pid)
{
	struct event ev = { .ts = ++written, .context = context, .pid = pid };

	assert_int_equal(pairing_event(p, &ev), 0);
}

/* A stack comes, and is given to whom it belongs. */
static enum pairing_result stack(uint8_t context, int32_t pid, uint32_t id)
{
	struct event *ev = NULL;
	enum pairing_result result = pairing_stack(p, context, pid, &ev);

	if (result == PAIRING_EVENT)
		pairing_resolve(p, ev, id);
	return result;
}

#define GIVEN(context, pid, id) \
	assert_int_equal(stack(context, pid, id), PAIRING_EVENT)

/* The next event leaves, in order, with stack @id. */
static void leaves(uint32_t id)
{
	struct event ev;

	assert_true(pop(p, &ev));
	assert_int_equal(ev.ts, ++taken);
	assert_int_equal(ev.stack, id);
}

static void none_leaves(void)
{
	struct event ev;

	assert_false(pop(p, &ev));
}

#define TASK	CONTEXT_TASK
#define SOFT	CONTEXT_SOFTIRQ
#define HARD	CONTEXT_HARDIRQ
#define NMI	CONTEXT_NMI

static void test_one(void **state)
{
	(void)state;
	none_leaves();
	event(TASK, 7);
	none_leaves();
	GIVEN(TASK, 7, 71);
	leaves(71);
	none_leaves();
	/* a second stack is nobody's */
	assert_int_equal(stack(TASK, 7, 72), PAIRING_UNPAIRED);
	none_leaves();
}

static void test_interrupted(void **state)
{
	(void)state;
	event(TASK, 7);
	event(HARD, 7);
	GIVEN(HARD, 7, 2);
	none_leaves();		/* the first is older, and waits */
	GIVEN(TASK, 7, 1);
	leaves(1);
	leaves(2);
	none_leaves();
}

/* One inside the other, up to an NMI, and two on the same level. */
static void test_all_levels(void **state)
{
	(void)state;
	event(TASK, 7);
	event(SOFT, 7);
	event(HARD, 7);
	event(NMI, 7);
	GIVEN(NMI, 7, 4);
	GIVEN(HARD, 7, 3);
	event(HARD, 7);
	event(NMI, 7);
	GIVEN(NMI, 7, 6);
	GIVEN(HARD, 7, 5);
	GIVEN(SOFT, 7, 2);
	none_leaves();
	GIVEN(TASK, 7, 1);
	leaves(1);
	leaves(2);
	leaves(3);
	leaves(4);
	leaves(5);
	leaves(6);
	none_leaves();
}

static void test_others_stack(void **state)
{
	(void)state;
	pairing_other(p, TASK, 7);
	assert_int_equal(stack(TASK, 7, 1), PAIRING_OTHER);
	assert_int_equal(stack(TASK, 7, 1), PAIRING_UNPAIRED);
	/* in an interrupt between an event and its stack */
	event(TASK, 7);
	pairing_other(p, HARD, 7);
	assert_int_equal(stack(HARD, 7, 2), PAIRING_OTHER);
	pairing_other(p, HARD, 7);
	GIVEN(TASK, 7, 1);
	leaves(1);
	/* and the other way round */
	pairing_other(p, TASK, 7);
	event(SOFT, 7);
	GIVEN(SOFT, 7, 2);
	assert_int_equal(stack(TASK, 7, 1), PAIRING_OTHER);
	leaves(2);
}

static void test_stack_that_does_not_come(void **state)
{
	(void)state;
	/* the next event of the same context tells */
	event(TASK, 7);
	event(TASK, 7);
	leaves(0);
	none_leaves();
	GIVEN(TASK, 7, 2);
	leaves(2);
	/* a record of no interest as well: the stack is its own */
	event(TASK, 7);
	pairing_other(p, TASK, 7);
	leaves(0);
	assert_int_equal(stack(TASK, 7, 9), PAIRING_OTHER);
	/* and whatever a lower context writes: the interrupt is over */
	event(TASK, 7);
	event(HARD, 7);
	event(SOFT, 7);
	GIVEN(SOFT, 7, 6);
	assert_int_equal(stack(HARD, 7, 5), PAIRING_UNPAIRED);
	GIVEN(TASK, 7, 4);
	leaves(4);
	leaves(0);
	leaves(6);
	/* a lower context's stack, too */
	event(TASK, 7);
	event(NMI, 7);
	GIVEN(TASK, 7, 7);
	leaves(7);
	leaves(0);
	assert_int_equal(stack(NMI, 7, 8), PAIRING_UNPAIRED);
}

static void test_other_pid(void **state)
{
	(void)state;
	event(TASK, 7);
	assert_int_equal(stack(TASK, 8, 9), PAIRING_UNPAIRED);
	none_leaves();
	GIVEN(TASK, 7, 1);
	leaves(1);
	pairing_other(p, TASK, 7);
	assert_int_equal(stack(TASK, 8, 9), PAIRING_UNPAIRED);
	/* a new task: the old one's will not come */
	event(TASK, 7);
	event(TASK, 8);
	leaves(0);
	assert_int_equal(stack(TASK, 7, 9), PAIRING_UNPAIRED);
	GIVEN(TASK, 8, 3);
	leaves(3);
}

static void test_lost(void **state)
{
	struct event lost = { .type = EVENT_LOST };

	(void)state;
	event(TASK, 7);
	event(HARD, 7);
	pairing_flush(p);
	lost.ts = ++written;
	assert_int_equal(pairing_stackless(p, &lost), 0);
	event(TASK, 7);
	leaves(0);
	leaves(0);
	leaves(0);
	/* what comes now is of an event that was lost, or of the new one */
	assert_int_equal(stack(HARD, 7, 2), PAIRING_UNPAIRED);
	GIVEN(TASK, 7, 4);
	leaves(4);
	none_leaves();
	pairing_flush(p);
	pairing_flush(p);
	none_leaves();
}

static void test_flush_forgets_others(void **state)
{
	(void)state;
	pairing_other(p, TASK, 7);
	pairing_flush(p);
	assert_int_equal(stack(TASK, 7, 1), PAIRING_UNPAIRED);
}

/*
 * An idle CPU's last event without a stack, and then interrupts only: it does
 * not wait forever, nothing is lost or put in another order, and what is kept
 * does not grow with each such burst.
 */
static void test_too_many_wait(void **state)
{
	struct event ev;
	int burst, i;

	(void)state;
	for (burst = 0; burst < 8; burst++) {
		event(TASK, 7);
		for (i = 0; i < 20000; i++) {
			event(SOFT, 7);
			GIVEN(SOFT, 7, (uint32_t)written);
			while (pop(p, &ev)) {
				assert_int_equal(ev.ts, ++taken);
				assert_int_equal(ev.stack, ev.context == SOFT ?
						 ev.ts : 0);
			}
			assert_in_range(written - taken, 0, 5000);
		}
	}
	assert_int_equal(written, taken);
}

/* Only the one that blocks the way is given up. */
static void test_overflow_spares_the_young(void **state)
{
	struct event ev;
	uint64_t i;

	(void)state;
	event(TASK, 7);
	for (i = 0; i < 10000; i++) {
		event(HARD, 7);
		event(NMI, 7);
		GIVEN(NMI, 7, 5);
		GIVEN(HARD, 7, 6);
		while (pop(p, &ev))
			assert_int_equal(ev.ts, ++taken);
	}
	assert_int_equal(written, taken);
}

/* ---- a CPU that does things at random ----------------------------------- */

/*
 * What a kernel can write, with each event's own stack known. Every level can
 * be interrupted by a higher one after any record.
 */
enum { RUNS = 300, RECORDS = 400 };

struct record {
	enum { R_EVENT, R_OTHER, R_STACK } what;
	uint8_t context;
	int32_t pid;
	uint32_t owner;		/* stack: of which event, 0: of no interest */
	uint64_t ts;
};

static struct record records[RECORDS + 64];
static size_t n_records;
static uint32_t n_events;
static uint32_t own_stack[RECORDS + 64];	/* by event: it, or 0: has none */
static uint64_t random_state = 1;

static uint32_t draw(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 11) % below);
}

static void act(uint8_t context, int32_t pid);

static void maybe_interrupt(uint8_t context, int32_t pid)
{
	uint8_t c;

	for (c = (uint8_t)(context + 1); c < CONTEXTS; c++)
		if (!draw(4)) {
			act(c, pid);
			while (!draw(3))
				act(c, pid);
		}
}

static void put_record(int what, uint8_t context, int32_t pid, uint32_t owner)
{
	if (n_records == sizeof(records) / sizeof(records[0]))
		return;
	records[n_records++] = (struct record) {
		.what = what, .context = context, .pid = pid, .owner = owner,
	};
}

static void act(uint8_t context, int32_t pid)
{
	bool other = !draw(4), has_stack = draw(4);
	uint32_t owner = 0;

	if (n_records >= RECORDS)
		return;
	if (!other) {
		owner = ++n_events;
		own_stack[owner] = has_stack ? owner : 0;
	}
	put_record(other ? R_OTHER : R_EVENT, context, pid, owner);
	maybe_interrupt(context, pid);
	if (has_stack)
		put_record(R_STACK, context, pid, owner);
	maybe_interrupt(context, pid);
}

static void make_records(void)
{
	n_records = 0;
	n_events = 0;
	while (n_records < RECORDS)
		act(TASK, 100 + (int32_t)draw(3));
	/* the last ones' stacks may have been left out for lack of room */
	while (n_records && records[n_records - 1].what != R_STACK)
		n_records--;
}

static uint32_t given[RECORDS + 64];	/* by event: its stack, as paired */

/* Drops a part of the records, now and then, if @lossy. Returns events kept. */
static uint32_t replay_records(bool lossy, uint32_t *came)
{
	struct event ev, lost = { .type = EVENT_LOST };
	uint32_t kept = 0, drop = 0;
	bool gap = false;
	size_t i;

	*came = 0;
	for (i = 0; i <= n_records; i++) {
		struct record *r = &records[i];
		struct event *to;

		if (i == n_records) {
			pairing_flush(p);
		} else if (drop) {
			drop--;
			gap = true;
			continue;
		} else {
			if (gap) {
				pairing_flush(p);
				assert_int_equal(pairing_stackless(p, &lost), 0);
				gap = false;
			}
			if (r->what == R_EVENT) {
				ev = (struct event) { .ts = r->owner,
					.context = r->context, .pid = r->pid };
				assert_int_equal(pairing_event(p, &ev), 0);
				kept++;
			} else if (r->what == R_OTHER) {
				pairing_other(p, r->context, r->pid);
			} else if (pairing_stack(p, r->context, r->pid, &to) ==
				   PAIRING_EVENT) {
				pairing_resolve(p, to, r->owner);
			}
			if (lossy && !draw(20))
				drop = 1 + draw(6);
		}
		while (pop(p, &ev)) {
			if (ev.type == EVENT_LOST)
				continue;
			assert_true(ev.ts > taken);
			taken = ev.ts;
			given[ev.ts] = ev.stack;
			++*came;
		}
	}
	return kept;
}

static void test_random(void **state)
{
	uint32_t run, i, came, kept;

	(void)state;
	for (run = 1; run <= RUNS; run++) {
		make_records();
		taken = 0;
		kept = replay_records(false, &came);
		assert_int_equal(came, kept);
		for (i = 1; i <= came; i++)
			if (given[i] != own_stack[i])
				fail_msg("run %u: event %u has stack %u, not %u",
					 run, i, given[i], own_stack[i]);
	}
}

/* Where records were lost, and it was told: no stack, but never a wrong one. */
static void test_random_lost(void **state)
{
	uint32_t run, i, came, kept, right = 0, all = 0;

	(void)state;
	for (run = 1; run <= RUNS; run++) {
		make_records();
		taken = 0;
		for (i = 0; i <= n_events; i++)
			given[i] = 0;
		kept = replay_records(true, &came);
		assert_int_equal(came, kept);
		for (i = 1; i <= n_events; i++) {
			if (given[i] && given[i] != own_stack[i])
				fail_msg("run %u: event %u has stack %u, not %u",
					 run, i, given[i], own_stack[i]);
			right += given[i] != 0;
			all += own_stack[i] != 0;
		}
	}
	assert_true(right > all / 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one),
		TEST(test_interrupted),
		TEST(test_all_levels),
		TEST(test_others_stack),
		TEST(test_stack_that_does_not_come),
		TEST(test_other_pid),
		TEST(test_lost),
		TEST(test_flush_forgets_others),
		TEST(test_too_many_wait),
		TEST(test_overflow_spares_the_young),
		TEST(test_random),
		TEST(test_random_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
