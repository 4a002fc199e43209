// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_saved.c - any bytes as a saved report, shown in all ways and compared with itself
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all_views.h"
#include "compare.h"
#include "diff_view.h"
#include "error.h"
#include "limit.h"
#include "saved.h"
#include "side.h"
#include "snapshot.h"
#include "verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(struct diff_report *report)
{
	FILE *out = fopen("/dev/null", "w");

	assert(out);
	diff_table(report, out);
	diff_json(report, out);
	diff_junit(report, out);
	diff_markdown(report, out);
	diff_github(report, out);
	fclose(out);
}

/* Nothing can have changed, so that no limit is broken. */
static void compare_with_itself(struct side *side)
{
	struct side *sides[] = { side, side };
	struct runs base = { sides, 2 }, new = { sides, 1 };
	struct comparison c;
	struct limits limits = { 0 };
	struct verdict v;
	struct error err;
	struct diff_report report = {
		.base = &base, .new = &new, .comparison = &c, .limits = &limits,
		.verdict = &v, .metrics = METRICS_ALL, .all = true,
	};

	sides_check(&base, &new, true, &err);
	sides_note(&base, &new, &report.notes);
	sides_trusted(&base, &new, &report.distrust);
	assert(!limits_default(&limits, &err));
	assert(!limits_add(&limits, "*:*.live>+0", NULL, &err));
	assert(!compare_sides(&c, &base, &new));
	for (size_t i = 0; i < c.n; i++)
		for (enum metric m = 0; m < METRIC_MAX; m++)
			assert(!compare_change(&c.row[i], m));
	verdict_reach(&v, &c, &limits, &err);
	assert(!v.n_over && !v.n_unsure && !v.n_suppressed);
	show(&report);
	verdict_free(&v);
	compare_free(&c);
	limits_free(&limits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { "" };
	/* a copy that ends where memory does */
	char *copy = malloc(size);
	struct snapshot *snap;
	struct side *side;

	assert(copy || !size);
	if (size)
		memcpy(copy, data, size);
	snap = saved_parse(copy, size, "fuzz", &err);
	free(copy);
	if (!snap) {
		assert(strlen(err.text) > 10);
		return 0;
	}
	all_views(snap);
	/* sums may be more than fits */
	side = side_of_snapshot(snap, "fuzz", &err);
	snapshot_free(snap);
	if (!side)
		return 0;
	for (size_t i = 1; i < side->n; i++)
		assert(side_compare(&side->row[i - 1], &side->row[i]) < 0);
	compare_with_itself(side);
	side_free(side);
	return 0;
}

#include "fuzz_main.h"
