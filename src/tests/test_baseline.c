// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_baseline.c - saved reports are read back as what they were saved from,
 * and refused if they are anything else
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

#include "verdict/baseline.h"
#include "error.h"
#include "fake_snapshot.h"
#include "side.h"
#include "view.h"

static struct error err;

/* The report of the fake snapshot. */
static char *report(size_t *len)
{
	struct view_opts opts = { 0 };
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_int_equal(view_json(fake_snapshot(), &opts, out, &err), 0);
	fclose(out);
	return text;
}

static void same_text(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

/* But for names with control bytes: a report has them made visible. */
static void same_as_the_snapshot(void **state)
{
	struct side *want = side_of_snapshot(fake_snapshot(), "x", &err);
	struct side *got;
	char *text;
	size_t len, compared = 0;

	(void)state;
	assert_non_null(want);
	text = report(&len);
	got = baseline_parse(text, len, "x.json", &err);
	if (!got)
		fail_msg("%s", err.text);
	free(text);
	same_text(got->kernel, want->kernel);
	same_text(got->arch, want->arch);
	same_text(got->attribute, want->attribute);
	assert_int_equal(got->page_size, want->page_size);
	assert_int_equal(got->cpus, want->cpus);
	assert_int_equal(got->long_bits, want->long_bits);
	assert_int_equal(got->recorded, want->recorded);
	assert_int_equal(got->recorded, 1780000000);
	assert_int_equal(got->events, want->events);
	assert_int_equal(got->trusted, want->trusted);
	assert_int_equal(got->n_distrust, want->n_distrust);
	same_text(got->distrust[1], want->distrust[1]);
	assert_int_equal(got->n, want->n);
	for (size_t i = 0; i < want->n; i++) {
		for (size_t j = 0; j < got->n; j++) {
			const struct side_row *w = &want->row[i], *g = &got->row[j];

			if (side_compare(w, g))
				continue;
			assert_memory_equal(w->value, g->value, sizeof(w->value));
			assert_int_equal(w->known, g->known);
			assert_int_equal(w->uncertain, g->uncertain);
			assert_int_equal(w->state, g->state);
			same_text(w->source, g->source);
			compared++;
		}
	}
	/* all but the hostile module and its place */
	assert_int_equal(compared, want->n - 2);
	side_free(want);
	side_free(got);
}

/* Refused if the first @from in a good report is @to. */
static void assert_refused(const char *from, const char *to, const char *says)
{
	size_t len, keep;
	char *text = report(&len), *at = strstr(text, from), *changed;
	struct side *side;

	if (!at)
		fail_msg("no '%s' in the report", from);
	changed = malloc(len + strlen(to) + 1);
	keep = (size_t)(at - text);
	memcpy(changed, text, keep);
	strcpy(changed + keep, to);
	strcat(changed, at + strlen(from));
	err.text[0] = '\0';
	side = baseline_parse(changed, strlen(changed), "x.json", &err);
	if (side || strncmp(err.text, "x.json: ", 8) || !strstr(err.text, says))
		fail_msg("%s for %s: %s", to, from, side ? "was read" : err.text);
	free(text);
	free(changed);
}

static void what_was_changed(void **state)
{
	(void)state;
	assert_refused("modmem.report/1", "modmem.report/2", "a report of the form modmem.report/2");
	assert_refused("modmem.report/1", "modmem.diff/1", "no report of modmem");
	assert_refused("\"schema\"", "\"scheme\"", "no report of modmem");
	assert_refused("\"page_size\": 4096", "\"page_size\": -1", "page_size is no number");
	assert_refused("\"page_size\": 4096", "\"page_size\": 4096.5", "page_size is no number");
	assert_refused("\"page_size\": 4096", "\"page_size\": 99999999999999999999", "no JSON");
	assert_refused("\"cpus\": 4", "\"cpus\": \"4\"", "cpus is no number");
	assert_refused("\"kernel\": \"6.1.0-18-amd64\"", "\"kernel\": 6", "kernel is no text");
	assert_refused("\"recorded\": \"2026", "\"recorded\": \"soon", "recorded is no time");
	assert_refused("\"modules\": null", "\"modules\": 5", "modules is no list");
	assert_refused("\"modules\": null", "\"modules\": [5]", "something else than texts");
	assert_refused("\"part\": false", "\"part\": 0", "neither true nor false");
	assert_refused("\"coverage\"", "\"cover\"", "coverage is missing");
	assert_refused("\"modules\": [", "\"modulos\": [", "modules is missing");
	assert_refused("\"name\": \"ext4\"", "\"nome\": \"ext4\"", "name is missing");
	assert_refused("\"state\": \"loaded\"", "\"state\": \"asleep\"", "module 'ext4': state is 'asleep'");
	assert_refused("\"peak_bytes\": 2345678", "\"peak_bytes\": null", "peak_bytes is no number");
	assert_refused("\"live_bytes\": 1234567", "\"live_bytes\": 1234566",
		       "module 'ext4': live_bytes is 1234566, but its places hold 1234567");
	assert_refused("\"induced_bytes\": 104857600", "\"induced_bytes\": 1",
		       "induced_bytes is 1, but its places hold 104857600");
	assert_refused("\"leaked_bytes\": 18112", "\"leaked_bytes\": -5", "leaked_bytes is no number");
	assert_refused("\"charge\": \"own\"", "\"charge\": \"overhead\"", "charge is 'overhead'");
	assert_refused("\"kind\": \"slab\"", "\"kind\": \"slob\"", "kind is 'slob'");
	assert_refused("\"name\": \"idle_mod\"", "\"name\": \"ext4\"", "module 'ext4' is there twice");
	assert_refused("\"cpus\": 4", "\"cpus\": 4, \"cpus\": 4", "no JSON");
}

static void other_files(void **state)
{
	size_t len;
	char *text = report(&len);

	(void)state;
	/* cut anywhere */
	for (size_t n = 0; n < len - 2; n += 1 + len / 50)
		assert_null(baseline_parse(text, n, "x.json", &err));
	free(text);
	assert_null(baseline_parse("[]", 2, "x.json", &err));
	assert_null(baseline_parse("{}", 2, "x.json", &err));
	assert_null(baseline_read("/no/such.json", &err));
	assert_non_null(strstr(err.text, "cannot open /no/such.json"));
	assert_null(baseline_read("/tmp", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_the_snapshot),
		cmocka_unit_test(what_was_changed),
		cmocka_unit_test(other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
