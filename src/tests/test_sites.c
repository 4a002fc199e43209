// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_sites.c - samples of live bytes: equal distances, bounded memory
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "event.h"
#include "ledger.h"
#include "modmap.h"
#include "sites.h"

#define START 5000u
#define ROW 7u		/* a module's */

static uint32_t made;	/* accounts */

static int resolve(void *arg, const struct account_key *key, struct attribution *what)
{
	memset(what, 0, sizeof(*what));
	what->row = *(const uint32_t *)arg;
	what->owner = what->row;
	what->charge = key->flags ? CHARGE_OVERHEAD : CHARGE_OWN;
	what->function = (uint32_t)key->call_site;
	made++;
	return 0;
}

/* An account of place @place, one of several if @size differs. */
static uint32_t account(struct ledger *l, uint32_t row, uint64_t place, uint64_t size,
			uint8_t overhead)
{
	struct account_key key = {
		.call_site = place, .size = size, .type = EVENT_SLAB_ALLOC,
		.flags = overhead,
	};

	return ledger_account(l, &key, 0, resolve, &row);
}

static void accounts_of_one_place_are_one_series(void **state)
{
	struct ledger *l = ledger_new();
	struct sites *s = sites_new(10, false);
	uint32_t a = account(l, ROW, 1, 32, 0), b = account(l, ROW, 1, 64, 0);
	uint32_t other = account(l, ROW, 2, 64, 0), slab = account(l, ROW, 1, 0, 1);
	uint32_t kernel = account(l, OWNER_KERNEL, 3, 8, 0);
	int err = 0;

	(void)state;
	ledger_add(l, a, 32, 32, START);
	ledger_add(l, b, 64, 64, START);
	ledger_add(l, other, 128, 128, START);
	ledger_add(l, slab, 4096, 0, START);
	ledger_add(l, kernel, 8, 8, START);
	assert_int_equal(sites_sample(s, l, START, START + 10), 0);
	ledger_free_bytes(l, a, 32, 32, true);
	assert_int_equal(sites_sample(s, l, START, START + 20), 0);
	assert_int_equal(sites_samples(s), 2);
	assert_int_equal(sites_of(s, l, a, &err), sites_of(s, l, b, &err));
	assert_int_not_equal(sites_of(s, l, a, &err), sites_of(s, l, other, &err));
	assert_int_equal(sites_of(s, l, slab, &err), SITE_NONE);
	assert_int_equal(sites_of(s, l, ACCOUNT_OUTSIDE, &err), SITE_NONE);
	assert_int_equal(sites_at(s, sites_of(s, l, a, &err))->bytes[0], 96);
	assert_int_equal(sites_at(s, sites_of(s, l, a, &err))->bytes[1], 64);
	assert_int_equal(sites_at(s, sites_of(s, l, other, &err))->bytes[1], 128);
	/* the core kernel has too many for all to be kept unasked */
	assert_null(sites_at(s, sites_of(s, l, kernel, &err))->bytes);
	assert_int_equal(err, 0);
	sites_free(s);
	s = sites_new(10, true);
	assert_int_equal(sites_sample(s, l, START, START + 10), 0);
	assert_int_equal(sites_at(s, sites_of(s, l, kernel, &err))->bytes[0], 8);
	sites_free(s);
	ledger_free(l);
}

/* However long it takes: no more than so many, and each of its moment. */
static void samples_thin_out_evenly(void **state)
{
	struct ledger *l = ledger_new();
	struct sites *s = sites_new(10, false);
	uint32_t a = account(l, ROW, 1, 1, 0);
	uint64_t ts;
	int err = 0;

	(void)state;
	for (ts = START + 1; ts <= START + 100000; ts++) {
		/* before the events of that moment, as the pipeline does */
		if ((ts - START) % 10 == 0)
			assert_int_equal(sites_sample(s, l, START, ts), 0);
		ledger_add(l, a, 1, 1, ts);
	}
	assert_in_range(sites_samples(s), SITES_SAMPLES_MAX / 2, SITES_SAMPLES_MAX);
	assert_int_equal(sites_every(s) % 10, 0);
	assert_int_equal(sites_samples(s), 100000 / sites_every(s));
	for (size_t k = 0; k < sites_samples(s); k++)
		assert_int_equal(sites_at(s, sites_of(s, l, a, &err))->bytes[k],
				 (k + 1) * sites_every(s) - 1);
	sites_free(s);
	ledger_free(l);
}

/* Between two events nothing changes: the samples of a gap are its end's. */
static void gaps_are_filled(void **state)
{
	struct ledger *l = ledger_new();
	struct sites *s = sites_new(10, false);
	uint32_t a = account(l, ROW, 1, 100, 0), late = account(l, ROW, 2, 100, 0);
	const struct site *site;
	int err = 0;

	(void)state;
	ledger_add(l, a, 100, 100, START);
	assert_int_equal(sites_sample(s, l, START, START + 50), 0);
	ledger_add(l, late, 7, 7, START + 55);
	assert_int_equal(sites_sample(s, l, START, START + 60), 0);
	/* not due, or before the start */
	assert_int_equal(sites_sample(s, l, START, START + 69), 0);
	assert_int_equal(sites_sample(s, l, START, START - 100), 0);
	assert_int_equal(sites_samples(s), 6);
	site = sites_at(s, sites_of(s, l, a, &err));
	for (size_t k = 0; k < 6; k++)
		assert_int_equal(site->bytes[k], 100);
	site = sites_at(s, sites_of(s, l, late, &err));
	for (size_t k = 0; k < 6; k++)
		assert_int_equal(site->bytes[k], k < 5 ? 0 : 7);
	/* longer than all that was before it, by far */
	assert_int_equal(sites_sample(s, l, START, START + (1ULL << 50)), 0);
	assert_in_range(sites_samples(s), SITES_SAMPLES_MAX / 2, SITES_SAMPLES_MAX);
	assert_int_equal(sites_at(s, sites_of(s, l, a, &err))->bytes[sites_samples(s) - 1], 100);
	sites_free(s);
	ledger_free(l);
}

/* A large kmalloc without a stack turns out to be pages behind its first event. */
static void a_kind_that_changes(void **state)
{
	struct ledger *l = ledger_new();
	struct sites *s = sites_new(10, false);
	uint32_t a = account(l, ROW, 1, 100, 0), slab, pages;
	int err = 0;

	(void)state;
	slab = sites_of(s, l, a, &err);
	ledger_at(l, a)->what.kind = KIND_PAGES;
	pages = sites_of(s, l, a, &err);
	assert_int_not_equal(slab, pages);
	assert_int_equal(sites_at(s, pages)->kind, KIND_PAGES);
	sites_free(s);
	ledger_free(l);
}

static void many_places(void **state)
{
	struct ledger *l = ledger_new();
	struct sites *s = sites_new(10, false);
	int err = 0;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		ledger_add(l, account(l, ROW, i, 8, 0), i + 1, 0, START);
	assert_int_equal(sites_sample(s, l, START, START + 10), 0);
	assert_int_equal(sites_count(s), 5000);
	for (uint32_t i = 1; i < ledger_count(l); i++)
		assert_int_equal(sites_at(s, sites_of(s, l, i, &err))->bytes[0],
				 ledger_at(l, i)->live_bytes);
	sites_free(s);
	ledger_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_of_one_place_are_one_series),
		cmocka_unit_test(samples_thin_out_evenly),
		cmocka_unit_test(gaps_are_filled),
		cmocka_unit_test(a_kind_that_changes),
		cmocka_unit_test(many_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
