// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top_rows.c - which rows there are, in which order
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "modname.h"
#include "rows.h"
#include "text.h"
#include "top_internal.h"

static struct top_row *add_row(struct top *t)
{
	if (t->n_rows == t->rows_room) {
		size_t room = t->rows_room ? 2 * t->rows_room : 64;
		struct top_row *rows = realloc(t->rows, room * sizeof(*rows));

		if (!rows)
			return NULL;
		t->rows = rows;
		t->rows_room = room;
	}
	memset(&t->rows[t->n_rows], 0, sizeof(*t->rows));
	return &t->rows[t->n_rows++];
}

static int compare(double a, double b)
{
	return (a < b) - (a > b);	/* larger first */
}

static double key(const struct top_row *r, enum top_sort sort)
{
	switch (sort) {
	case TOP_SORT_INDUCED:
		return (double)r->induced;
	case TOP_SORT_PEAK:
		return (double)r->peak;
	case TOP_SORT_RATE:
		return r->rates.bytes;
	case TOP_SORT_ALLOCS:
		return r->rates.allocs;
	case TOP_SORT_FREES:
		return r->rates.frees;
	default:
		return (double)r->live;
	}
}

static const char *name_of(const struct top_row *r)
{
	if (!r->site)
		return r->module->name;
	return r->site->function ? r->site->function : "";
}

static int order(const void *x, const void *y, void *arg)
{
	const struct top_view *view = arg;
	const struct top_row *a = x, *b = y;
	int c = view->sort == TOP_SORT_NAME ? strcmp(name_of(a), name_of(b)) :
		compare(key(a, view->sort), key(b, view->sort));

	if (view->reverse)
		c = -c;
	if (!c)
		c = compare((double)(a->live + a->induced), (double)(b->live + b->induced));
	if (!c)
		c = strcmp(name_of(a), name_of(b));
	/* sites of one function; modules have names of their own */
	if (!c && a->site && b->site)
		c = a->site < b->site ? -1 : 1;
	return c;
}

/* ASCII letters in any case; names of modules have no others. */
static bool contains(const char *name, const char *part)
{
	size_t len = strlen(part);

	for (; *name; name++)
		if (!strncasecmp(name, part, len))
			return true;
	return !len;
}

bool top_is_shown(const struct snap_module *m, const struct top_view *view)
{
	if (view->modules && !modname_listed(view->modules, m->name))
		return false;
	if (!contains(m->name, view->filter))
		return false;
	return view->all || view->modules || m->allocs || m->live_bytes ||
	       m->induced_bytes || m->overhead_bytes;
}

/* ---- what is in a module ------------------------------------------------------------- */

/* The same module in the snapshot before, NULL: it was not there. */
static const struct snap_module *module_before(const struct top *t,
					       const struct snap_module *m)
{
	for (size_t i = 0; t->before && i < t->before->n_modules; i++)
		if (!strcmp(t->before->modules[i].name, m->name))
			return &t->before->modules[i];
	return NULL;
}

static double a_second(const struct top *t, uint64_t now, uint64_t before)
{
	return t->seconds > 0 ? ((double)now - (double)before) / t->seconds : 0;
}

static void site_rates(const struct top *t, const struct snap_module *before,
		       struct top_row *row)
{
	static const struct snap_site none;
	const struct snap_site *was = &none, *s = row->site;

	for (size_t i = 0; before && i < before->n_sites; i++)
		if (top_same_site(&before->sites[i], s)) {
			was = &before->sites[i];
			break;
		}
	row->rates = (struct top_rates){
		.bytes = a_second(t, s->live_bytes, was->live_bytes),
		.allocs = a_second(t, s->allocs, was->allocs),
		.frees = a_second(t, s->frees, was->frees),
	};
}

static bool stack_of(const struct snap_stack *st, size_t module, const struct snap_site *s)
{
	char offset[24];
	size_t len, more;

	if (st->module != module || st->charge != s->charge || st->kind != s->kind ||
	    !s->function)
		return false;
	/* names of Rust are as long as they like */
	len = strlen(s->function);
	more = (size_t)snprintf(offset, sizeof(offset), "+0x%llx",
				(unsigned long long)s->offset);
	for (size_t i = 0; i < st->n_frames; i++) {
		const char *frame = st->frames[i];

		if (!strncmp(frame, s->function, len) && !strncmp(frame + len, offset, more) &&
		    (!frame[len + more] || frame[len + more] == ' '))
			return true;
	}
	return false;
}

/* The one stack through the site that holds, or took, most: innermost first. */
static int add_stack(struct top *t, const struct snap_module *m, const struct snap_site *s)
{
	const struct snapshot *snap = t->snap;
	const struct snap_stack *most = NULL;
	size_t module = (size_t)(m - snap->modules);

	for (size_t i = 0; i < snap->n_stacks; i++) {
		const struct snap_stack *st = &snap->stacks[i];

		if (stack_of(st, module, s) &&
		    (!most || st->live_bytes > most->live_bytes ||
		     (st->live_bytes == most->live_bytes && st->allocs > most->allocs)))
			most = st;
	}
	for (size_t i = most ? most->n_frames : 0; i-- > 0;) {
		struct top_row *row = add_row(t);

		if (!row)
			return -ENOMEM;
		row->level = TOP_FRAME;
		row->module = m;
		row->site = s;
		row->frame = most->frames[i];
	}
	return 0;
}

static int add_sites(struct top *t, const struct snap_module *m, const struct top_view *view)
{
	const struct snap_module *before = module_before(t, m);
	struct top_row *sites = NULL;
	size_t first = t->n_rows, n;
	int ret = 0;

	for (size_t i = 0; i < m->n_sites; i++) {
		const struct snap_site *s = &m->sites[i];
		struct top_row *row = add_row(t);

		if (!row)
			return -ENOMEM;
		row->level = TOP_SITE;
		row->module = m;
		row->site = s;
		*(s->charge == CHARGE_OWN ? &row->live : &row->induced) = s->live_bytes;
		site_rates(t, before, row);
		row->open = top_open_find(t, m, s) != SIZE_MAX;
		if (!view->all && !s->live_bytes && !row->open && row->rates.allocs <= 0 &&
		    row->rates.frees <= 0)
			t->n_rows--;
	}
	n = t->n_rows - first;
	if (!n)
		return 0;
	qsort_r(t->rows + first, n, sizeof(*t->rows), order, (void *)view);
	/* stacks go between them: the rows are put in again */
	sites = malloc(n * sizeof(*sites));
	if (!sites)
		return -ENOMEM;
	memcpy(sites, t->rows + first, n * sizeof(*sites));
	t->n_rows = first;
	for (size_t i = 0; i < n && !ret; i++) {
		struct top_row *row = add_row(t);

		if (!row) {
			ret = -ENOMEM;
			break;
		}
		*row = sites[i];
		if (sites[i].open)
			ret = add_stack(t, m, sites[i].site);
	}
	free(sites);
	return ret;
}

const struct top_row *top_rows(struct top *t, const struct top_view *view, size_t *n)
{
	struct top_row *modules;
	size_t n_modules;

	t->n_rows = 0;
	*n = 0;
	for (size_t i = 0; t->snap && i < t->snap->n_modules; i++) {
		const struct snap_module *m = &t->snap->modules[i];
		const struct top_module *tm = top_module_find(t, m->name);
		struct top_row *row;

		if (!top_is_shown(m, view))
			continue;
		row = add_row(t);
		if (!row)
			return NULL;
		row->module = m;
		row->live = m->live_bytes;
		row->induced = m->induced_bytes;
		row->peak = m->peak_bytes;
		if (tm) {
			row->rates = tm->rates;
			row->open = tm->open;
		}
	}
	n_modules = t->n_rows;
	if (n_modules)
		qsort_r(t->rows, n_modules, sizeof(*t->rows), order, (void *)view);
	modules = malloc((n_modules + 1) * sizeof(*modules));
	if (!modules)
		return NULL;
	if (n_modules)
		memcpy(modules, t->rows, n_modules * sizeof(*modules));
	t->n_rows = 0;
	for (size_t i = 0; i < n_modules; i++) {
		struct top_row *row = add_row(t);

		if (row)
			*row = modules[i];
		if (!row || (modules[i].open && add_sites(t, modules[i].module, view))) {
			free(modules);
			return NULL;
		}
	}
	free(modules);
	*n = t->n_rows;
	if (!t->rows && !add_row(t))	/* not NULL: there are none */
		return NULL;
	return t->rows;
}
