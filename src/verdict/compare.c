// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modname.h"
#include "sides.h"

/* A row of one run, on its way to stand beside those that are the same. */
struct entry {
	const struct side_row *row;
	bool new;
};

static int by_row(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int order = side_compare(a->row, b->row);

	return order ? order : a->new - b->new;
}

static bool has_module(const struct side *side, const char *name)
{
	for (size_t i = 0; i < side->n_modules; i++)
		if (modname_same(side->modules[i], strlen(side->modules[i]), name))
			return true;
	return !side->modules;
}

static bool wanted(const struct runs *runs, const char *module, bool *narrowed)
{
	for (size_t i = 0; i < runs->n; i++) {
		if (!runs->run[i]->modules)
			continue;
		*narrowed = true;
		if (!has_module(runs->run[i], module))
			return false;
	}
	return true;
}

static size_t add_runs(struct entry *entries, size_t n, const struct runs *runs, bool new)
{
	for (size_t i = 0; i < runs->n; i++)
		for (size_t j = 0; j < runs->run[i]->n; j++)
			entries[n++] = (struct entry){ &runs->run[i]->row[j], new };
	return n;
}

static int by_value(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* Entries [0, n) are of one row and one side of @runs recordings. */
static void spread(struct spread *s, const struct entry *entries, size_t n, size_t runs,
		   enum metric m, uint64_t *values)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if (entries[i].row->known & METRIC_BIT(m))
			values[known++] = entries[i].row->value[m];
	/* not there: it allocated nothing, and is zero; unless others do not know either */
	if (known || !n)
		for (size_t i = n; i < runs; i++)
			values[known++] = 0;
	*s = (struct spread){ .runs = known };
	if (!known)
		return;
	qsort(values, known, sizeof(*values), by_value);
	s->min = values[0];
	s->mid = values[known / 2];
	s->max = values[known - 1];
}

/*
 * In how many runs of a side a row could have been: where its module was not, a
 * place has no number, not zero. A module that is nowhere holds nothing.
 */
static size_t possible(size_t module_runs, size_t runs)
{
	return module_runs ? module_runs : runs;
}

static void fill(struct compare_row *to, const struct entry *entries, size_t n_base,
		 size_t n_new, const struct comparison *c, uint64_t *values)
{
	const struct compare_row *module = to;
	size_t n = n_base + n_new;

	to->row = entries[n_new ? n_base : 0].row;
	to->base_runs = n_base;
	to->new_runs = n_new;
	/* the rows of a module stand together, its own first */
	if (to > c->row && !strcmp(to[-1].row->module, to->row->module))
		module = to[-1].module;
	to->module = module;
	for (enum metric m = 0; m < METRIC_MAX; m++) {
		spread(&to->base[m], entries, n_base,
		       possible(module->base_runs, c->base_runs), m, values);
		spread(&to->new[m], entries + n_base, n_new,
		       possible(module->new_runs, c->new_runs), m, values);
		/* what is known of such rows on one side alone */
		if (!n_base && !to->new[m].runs)
			to->base[m].runs = 0;
		if (!n_new && !to->base[m].runs)
			to->new[m].runs = 0;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t *most = i < n_base ? &to->base_uncertain : &to->new_uncertain;

		if (entries[i].row->uncertain > *most)
			*most = entries[i].row->uncertain;
	}
}

static size_t drop_unwanted(struct entry *entries, size_t n, const struct runs *base,
			    const struct runs *new, bool *narrowed)
{
	const char *module = "";
	bool keep = true;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].row->module, module)) {
			module = entries[i].row->module;
			keep = wanted(base, module, narrowed) &&
			       wanted(new, module, narrowed);
		}
		if (keep)
			entries[kept++] = entries[i];
	}
	return kept;
}

int compare_sides(struct comparison *c, const struct runs *base, const struct runs *new)
{
	size_t most = base->n > new->n ? base->n : new->n, n = 0, end;
	struct entry *entries;
	uint64_t *values;

	*c = (struct comparison){ .base_runs = base->n, .new_runs = new->n };
	for (size_t i = 0; i < base->n; i++)
		n += base->run[i]->n;
	for (size_t i = 0; i < new->n; i++)
		n += new->run[i]->n;
	entries = calloc(n + 1, sizeof(*entries));
	values = calloc(most + 1, sizeof(*values));
	c->row = calloc(n + 1, sizeof(*c->row));
	if (!entries || !values || !c->row) {
		free(entries);
		free(values);
		compare_free(c);
		return -ENOMEM;
	}
	n = add_runs(entries, add_runs(entries, 0, base, false), new, true);
	qsort(entries, n, sizeof(*entries), by_row);
	n = drop_unwanted(entries, n, base, new, &c->narrowed);
	for (size_t i = 0; i < n; i = end) {
		size_t n_base = 0;

		for (end = i; end < n && !side_compare(entries[i].row, entries[end].row); end++)
			n_base += !entries[end].new;
		fill(&c->row[c->n++], entries + i, n_base, end - i - n_base, c, values);
	}
	free(entries);
	free(values);
	return 0;
}

void compare_free(struct comparison *c)
{
	free(c->row);
	*c = (struct comparison){ 0 };
}

bool compare_known(const struct compare_row *row, enum metric metric)
{
	return row->base[metric].runs && row->new[metric].runs;
}

int64_t compare_change(const struct compare_row *row, enum metric metric)
{
	const struct spread *base = &row->base[metric], *new = &row->new[metric];

	if (!compare_known(row, metric))
		return 0;
	if (new->mid > base->max)
		return new->mid - base->max > INT64_MAX ? INT64_MAX :
		       (int64_t)(new->mid - base->max);
	if (new->mid < base->min)
		return base->min - new->mid > INT64_MAX ? INT64_MIN :
		       -(int64_t)(base->min - new->mid);
	return 0;
}
