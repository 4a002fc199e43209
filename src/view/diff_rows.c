// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_rows.c - which rows of a comparison are shown, in which order
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "diff_view.h"
#include "side.h"

/* Places of one module that are shown without --all. */
#define SITES_SHOWN 10u

struct item {
	const struct compare_row *row;
	uint64_t module_weight;	/* of the module that it is in */
	uint64_t weight;
	size_t module_at;	/* where its rows begin: they stay together */
};

static uint64_t size_of(int64_t change)
{
	return change < 0 ? -(uint64_t)change : (uint64_t)change;
}

/* Bytes that it changed by in what is shown; the number of allocations is no byte. */
static uint64_t weight(const struct compare_row *row, uint32_t metrics)
{
	uint64_t most = 0;

	for (enum metric m = 0; m < METRIC_MAX; m++)
		if (metrics & METRIC_BIT(m) && size_of(compare_change(row, m)) > most)
			most = size_of(compare_change(row, m));
	return most;
}

/* What is held comes before what only came and went. */
static uint64_t rank(const struct compare_row *row, uint32_t metrics)
{
	uint32_t held = metrics & ~(METRIC_BIT(METRIC_ALLOCS) | METRIC_BIT(METRIC_CHURN));
	uint64_t most = weight(row, held);

	/* a change of what is held outweighs all others */
	return most ? (most >> 63 ? UINT64_MAX : most << 1 | 1) : 0;
}

static int by_weight(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	if (a->module_weight != b->module_weight)
		return a->module_weight > b->module_weight ? -1 : 1;
	if (a->module_at != b->module_at)
		return a->module_at < b->module_at ? -1 : 1;
	if (a->row->row->site != b->row->row->site)
		return a->row->row->site - b->row->row->site;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static bool shown(const struct diff_report *report, const struct compare_row *row)
{
	if (report->all)
		return true;
	if (!weight(row, report->metrics))
		return false;
	/* the kernel's own places come and go all the time */
	return !row->row->site || side_is_module(row->row);
}

const struct compare_row **diff_rows(const struct diff_report *report, size_t *n,
				     size_t *n_left_out)
{
	const struct comparison *c = report->comparison;
	struct item *items = calloc(c->n + 1, sizeof(*items));
	const struct compare_row **rows = calloc(c->n + 1, sizeof(*rows));
	size_t count = 0, module = 0, sites = 0;

	if (!items || !rows) {
		free(items);
		free(rows);
		return NULL;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (i && strcmp(c->row[i].row->module, c->row[module].row->module))
			module = i;
		if (!shown(report, &c->row[i]))
			continue;
		items[count++] = (struct item){
			.row = &c->row[i],
			.module_at = module,
			.module_weight = rank(&c->row[module], report->metrics),
			.weight = rank(&c->row[i], report->metrics),
		};
	}
	qsort(items, count, sizeof(*items), by_weight);
	*n = 0;
	*n_left_out = 0;
	for (size_t i = 0; i < count; i++) {
		sites = items[i].row->row->site ? sites + 1 : 0;
		if (!report->all && sites > SITES_SHOWN)
			++*n_left_out;
		else
			rows[(*n)++] = items[i].row;
	}
	free(items);
	return rows;
}
