// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modname.h"
#include "sides.h"

/*
 * A row of one run, on its way to stand beside those that are the same. What is
 * known and what is held are the row's own, less what one side is blind to.
 */
struct entry {
	const struct side_row *row;
	size_t run;		/* of all, those of the base first */
	bool new;
	uint32_t known;
	uint64_t value[METRIC_MAX];
	uint64_t uncertain;
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

static size_t add_runs(struct entry *entries, size_t n, const struct runs *runs,
		       size_t first_run, bool new)
{
	for (size_t i = 0; i < runs->n; i++)
		for (size_t j = 0; j < runs->run[i]->n; j++) {
			const struct side_row *row = &runs->run[i]->row[j];

			entries[n] = (struct entry){
				.row = row, .run = first_run + i, .new = new,
				.known = row->known, .uncertain = row->uncertain,
			};
			memcpy(entries[n++].value, row->value, sizeof(row->value));
		}
	return n;
}

static int by_value(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/*
 * Entries [0, n) are of one row and one side of @runs recordings; @whole with what
 * was taken out.
 */
static void spread(struct spread *s, const struct entry *entries, size_t n, size_t runs,
		   enum metric m, bool whole, uint64_t *values)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		if ((whole ? entries[i].row->known : entries[i].known) & METRIC_BIT(m))
			values[known++] = whole ? entries[i].row->value[m] :
					  entries[i].value[m];
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
		       possible(module->base_runs, c->base_runs), m, false, values);
		spread(&to->new[m], entries + n_base, n_new,
		       possible(module->new_runs, c->new_runs), m, false, values);
		spread(&to->whole[m], entries + n_base, n_new,
		       possible(module->new_runs, c->new_runs), m, true, values);
		/* what is known of such rows on one side alone */
		if (!n_base && !to->new[m].runs)
			to->base[m].runs = 0;
		if (!n_new && !to->base[m].runs)
			to->new[m].runs = 0;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t *most = i < n_base ? &to->base_uncertain : &to->new_uncertain;

		if (entries[i].uncertain > *most)
			*most = entries[i].uncertain;
		to->hidden |= entries[i].row->known & ~entries[i].known;
	}
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Takes METRIC_BIT()s @hidden of a place out of what its module has in that run. */
static void take_out(struct entry *place, struct entry *module, uint32_t hidden)
{
	hidden &= place->known;
	place->known &= ~hidden;
	if (!module)
		return;
	if (module->row->state == MODULE_UNLOADED)
		/* all that it still holds is what it left */
		module->value[METRIC_LEAKED] = less(module->value[METRIC_LEAKED],
						    hidden & METRIC_BIT(METRIC_LIVE) ?
						    place->value[METRIC_LIVE] : 0);
	for (enum metric m = 0; m < METRIC_MAX; m++)
		if (hidden & METRIC_BIT(m) & METRICS_OF_PARTS)
			module->value[m] = less(module->value[m], place->value[m]);
	if (hidden & METRIC_BIT(METRIC_LIVE))
		module->uncertain = less(module->uncertain, place->uncertain);
}

/*
 * Entries [0, n) are of one module: its own, of @modules runs, and then its places.
 * Takes out what the sides do not see alike.
 */
static void hide_unseen(struct comparison *c, struct entry *entries, size_t modules,
			size_t n, uint32_t differs, struct entry **of_run)
{
	size_t end;

	memset(of_run, 0, (c->base_runs + c->new_runs) * sizeof(struct entry *));
	for (size_t i = 0; i < modules; i++)
		of_run[entries[i].run] = &entries[i];
	for (size_t i = modules; i < n; i = end) {
		struct compare_unseen *unseen;
		uint32_t why = 0, all = UINT32_MAX, hidden;
		unsigned int path;
		uint64_t most = 0;

		for (end = i; end < n && !side_compare(entries[i].row, entries[end].row); end++) {
			why |= entries[end].row->why;
			all &= entries[end].row->why;
		}
		hidden = sight_hides(differs, entries[i].row, why, why & ~all, &path);
		if (!hidden)
			continue;
		for (size_t j = i; j < end; j++) {
			uint64_t live = entries[j].row->value[METRIC_LIVE];

			most = live > most ? live : most;
			take_out(&entries[j], of_run[entries[j].run], hidden);
		}
		for (size_t j = 0; j < modules; j++)
			entries[j].known &= ~sight_hides_of_module(path, entries[j].row->state);
		unseen = &c->unseen[path];
		unseen->places++;
		if (__builtin_add_overflow(unseen->bytes, most, &unseen->bytes))
			unseen->bytes = UINT64_MAX;
	}
}

/* The entries of one module stand together. */
static void hide_all_unseen(struct comparison *c, struct entry *entries, size_t n,
			    uint32_t differs, struct entry **of_run)
{
	size_t end;

	for (size_t i = 0; i < n; i = end) {
		const char *module = entries[i].row->module;
		size_t modules = 0;

		for (end = i; end < n && !strcmp(entries[end].row->module, module); end++)
			modules += !entries[end].row->site;
		hide_unseen(c, entries + i, modules, end - i, differs, of_run);
	}
}

static size_t count_own_only(const struct runs *runs)
{
	size_t n = 0;

	for (size_t i = 0; i < runs->n; i++)
		n += runs->run[i]->own_only;
	return n;
}

/*
 * Entries [0, n) are of one module. Takes out what --own left out of some runs: what is
 * induced, and all of [kernel]; where others have them (@some), pages of a module that may
 * be movable ones, too.
 */
static void hide_left_out(struct entry *entries, size_t n, bool some)
{
	uint32_t why = 0;

	for (size_t i = 0; i < n; i++)
		why |= entries[i].row->why == SIDE_WHY_UNKNOWN ? 0 : entries[i].row->why;
	for (size_t i = 0; i < n; i++) {
		const struct side_row *row = entries[i].row;
		bool pages = !row->site || row->kind == KIND_PAGES;

		entries[i].known &= ~METRIC_BIT(METRIC_INDUCED);
		if (!side_is_module(row) ||
		    (some && pages && (why & BOUND_BIT(CAUSE_OWN_ONLY))))
			entries[i].known = 0;
	}
}

static void hide_all_left_out(struct comparison *c, struct entry *entries, size_t n,
			      const struct runs *base, const struct runs *new)
{
	size_t own = count_own_only(base) + count_own_only(new), end;

	c->own_only = own;
	for (size_t i = 0; i < n && own; i = end) {
		for (end = i; end < n && !strcmp(entries[end].row->module,
						 entries[i].row->module); end++)
			;
		hide_left_out(entries + i, end - i, own < base->n + new->n);
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
	uint32_t differs = sight_differs(base, new);
	struct entry *entries, **of_run;
	uint64_t *values;

	*c = (struct comparison){ .base_runs = base->n, .new_runs = new->n };
	for (size_t i = 0; i < base->n; i++)
		n += base->run[i]->n;
	for (size_t i = 0; i < new->n; i++)
		n += new->run[i]->n;
	entries = calloc(n + 1, sizeof(*entries));
	values = calloc(most + 1, sizeof(*values));
	of_run = calloc(base->n + new->n + 1, sizeof(struct entry *));
	c->row = calloc(n + 1, sizeof(*c->row));
	if (!entries || !values || !of_run || !c->row) {
		free(entries);
		free(values);
		free(of_run);
		compare_free(c);
		return -ENOMEM;
	}
	n = add_runs(entries, add_runs(entries, 0, base, 0, false), new, base->n, true);
	qsort(entries, n, sizeof(*entries), by_row);
	n = drop_unwanted(entries, n, base, new, &c->narrowed);
	hide_all_unseen(c, entries, n, differs, of_run);
	hide_all_left_out(c, entries, n, base, new);
	for (size_t i = 0; i < n; i = end) {
		size_t n_base = 0;

		for (end = i; end < n && !side_compare(entries[i].row, entries[end].row); end++)
			n_base += !entries[end].new;
		fill(&c->row[c->n++], entries + i, n_base, end - i - n_base, c, values);
	}
	free(entries);
	free(values);
	free(of_run);
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
