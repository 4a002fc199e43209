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

#include "error.h"
#include "fake_snapshot.h"
#include "leaks.h"
#include "replay.h"
#include "saved.h"
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

/* The side of the saved report in @text. */
static struct side *parse_side(const char *text, size_t len)
{
	struct snapshot *snap = saved_parse(text, len, "x.json", &err);
	struct side *side = snap ? side_of_snapshot(snap, "x.json", &err) : NULL;

	snapshot_free(snap);
	return side;
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
	got = parse_side(text, len);
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

/* @text with the first @from made @to; to be freed, as @text is. */
static char *change(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from), *changed;

	if (!at)
		fail_msg("no '%s' in the report", from);
	changed = malloc(strlen(text) + strlen(to) + 1);
	assert_non_null(changed);
	sprintf(changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	free(text);
	return changed;
}

static void assert_text_refused(char *text, const char *says)
{
	struct snapshot *snap;

	err.text[0] = '\0';
	snap = saved_parse(text, strlen(text), "x.json", &err);
	if (snap || strncmp(err.text, "x.json: ", 8) || !strstr(err.text, says))
		fail_msg("not '%s', but: %s", says, snap ? "it was read" : err.text);
	free(text);
}

/* Refused if the first @from in a good report is @to. */
static void assert_refused(const char *from, const char *to, const char *says)
{
	size_t len;

	assert_text_refused(change(report(&len), from, to), says);
}

/* A report of a real recording, with all that there is. */
static char *full_report(void)
{
	static const struct leak_opts leaks = LEAK_OPTS_DEFAULT;
	struct replay_opts of = {
		.path = "testdata/x86_64-6.12-reload/trace.dat", .from = REPLAY_NO_TIME,
		.to = REPLAY_NO_TIME, .by_task = true, .by_stack = true, .series = true,
		.leaks = &leaks,
	};
	struct view_opts opts = { .full = true };
	struct snapshot *snap = replay(&of, &err);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(snap);
	assert_int_equal(view_json(snap, &opts, out, &err), 0);
	fclose(out);
	snapshot_free(snap);
	return text;
}

static void assert_full_refused(const char *from, const char *to, const char *says)
{
	assert_text_refused(change(full_report(), from, to), says);
}

static void what_was_changed(void **state)
{
	(void)state;
	assert_refused("modmem.report/1", "modmem.report/3", "a report of the form modmem.report/3");
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

static void what_was_changed_of_all(void **state)
{
	(void)state;
	assert_full_refused("\"allocator_frames\": 1", "\"allocator_frames\": 99",
			    "has fewer frames than of the allocator");
	assert_full_refused("\"charge\": \"own\",\n      \"kind\": \"slab\",\n      \"overhead\"",
			    "\"charge\": \"inside\", \"kind\": \"slab\", \"overhead\"", "a stack is of no module");
	assert_full_refused("\"module\": \"kmtest\"", "\"module\": \"kmbest\"",
			    "a row is of module 'kmbest', which is not in it");
	assert_full_refused("\"order\": ", "\"order\": 9", "order is no number that could be");
	assert_full_refused("\"bucket_ns\": ", "\"bucket_ns\": 0, \"x\": ", "buckets that could not be");
	assert_full_refused("\"bucket_ns\": ", "\"bucket_ns\": 9000000000000000000, \"x\": ",
			    "buckets that could not be");
	assert_full_refused("\"total\": [", "\"total\": [ 1,", "three numbers for each bucket");
	assert_full_refused("\"total\": [", "\"total\": [ -1,", "three numbers for each bucket");
	assert_full_refused("\"lost\": [\n      0", "\"lost\": [ -1", "lost has a number");
	assert_full_refused("\"lost\": [\n      0", "\"lost\": [ 0, 0", "three numbers for each bucket");
	assert_full_refused("\"reason\": \"", "\"reason\": \"un", "reason is 'un");
	assert_full_refused("\"verdict\": ", "\"verdict\": 5, \"x\": ", "verdict is no text");
	assert_full_refused("\"rows\": [", "\"rowes\": [", "rows is missing");
	assert_full_refused("\"trend\": {", "\"trend\": 5, \"x\": {", "verdict is missing");
	assert_full_refused("\"kind_why\": {", "\"kind_why\": { \"slab\": 5 }, \"x\": {", "why is no list");
	assert_full_refused("\"leaks\": {", "\"reconcile\": { \"before_ns\": 1, \"after_ns\": 2, \"counters\": [ { \"name\": \"Slab\", \"before_bytes\": 1, \"after_bytes\": 2, \"explained_bytes\": 1, \"taken_by\": [ { \"module\": \"none\" } ] } ] }, \"leaks\": {",
			    "a row is of module 'none'");
	assert_full_refused("\"recorder\": \"", "\"recorder\": \"un", "recorder is 'un");
}

/* Of a modmem that did not write them yet: told of, and nothing is said to be exact. */
static void of_an_earlier_modmem(void **state)
{
	size_t len, found = 0;
	char *text = report(&len);
	struct snapshot *snap;
	struct side *side;

	(void)state;
	/* of the first module, and of its first place */
	text = change(change(text, "\"why\": [", "\"reasons\": ["), "\"why\": [", "\"reasons\": [");
	text = change(text, "\"failed\"", "\"flawed\"");
	text = change(text, "\"requested_bytes\"", "\"asked_bytes\"");
	snap = saved_parse(text, strlen(text), "x.json", &err);
	if (!snap)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < snap->coverage.n_notes; i++)
		found += !!strstr(snap->coverage.notes[i], "saved by an earlier modmem, which did not write all: 0 or unknown here: why, failed, requested_bytes");
	for (size_t i = 0; i < snap->coverage.n_notes && !found; i++)
		print_message("%s\n", snap->coverage.notes[i]);
	assert_int_equal(found, 1);
	assert_int_equal(snap->modules[0].why, BOUND_BIT(CAUSE_NOT_SAVED));
	assert_int_equal(bound_of(snap->modules[0].why), BOUND_ABOUT);
	side = side_of_snapshot(snap, "x", &err);
	found = 0;
	for (size_t i = 0; i < side->n; i++)
		found += side->row[i].why == SIDE_WHY_UNKNOWN;
	assert_true(found);
	side_free(side);
	snapshot_free(snap);
	free(text);
}

/* What a later modmem may know is no reason to think it exact. */
static void of_a_later_modmem(void **state)
{
	size_t len;
	char *text = change(report(&len), "\"why\": [", "\"why\": [\"gamma_rays\"], \"was\": [");
	struct snapshot *snap;

	(void)state;
	snap = saved_parse(text, strlen(text), "x.json", &err);
	if (!snap)
		fail_msg("%s", err.text);
	assert_true(snap->modules[0].why & BOUND_BIT(CAUSE_NOT_SAVED));
	snapshot_free(snap);
	free(text);
}

static void other_files(void **state)
{
	size_t len;
	char *text = report(&len);

	(void)state;
	/* cut anywhere */
	for (size_t n = 0; n < len - 2; n += 1 + len / 50)
		assert_null(saved_parse(text, n, "x.json", &err));
	free(text);
	assert_null(saved_parse("[]", 2, "x.json", &err));
	assert_null(saved_parse("{}", 2, "x.json", &err));
	assert_null(saved_read("/no/such.json", &err));
	assert_non_null(strstr(err.text, "cannot open /no/such.json"));
	assert_null(saved_read("/tmp", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_the_snapshot),
		cmocka_unit_test(what_was_changed),
		cmocka_unit_test(what_was_changed_of_all),
		cmocka_unit_test(of_an_earlier_modmem),
		cmocka_unit_test(of_a_later_modmem),
		cmocka_unit_test(other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
