// SPDX-License-Identifier: GPL-2.0-or-later
#include "side.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocfn.h"
#include "arena.h"
#include "error.h"
#include "sight.h"

struct side *side_new(const char *name)
{
	struct arena *arena = arena_new();
	struct side *side = arena ? arena_zalloc(arena, 1, sizeof(*side)) : NULL;

	if (!side) {
		arena_free(arena);
		return NULL;
	}
	side->arena = arena;
	side->recorded = -1;
	side->trusted = true;
	side->name = arena_strdup(arena, name);
	if (!side->name) {
		side_free(side);
		return NULL;
	}
	return side;
}

void side_free(struct side *side)
{
	if (!side)
		return;
	free(side->row);
	arena_free(side->arena);
}

bool side_is_module(const struct side_row *row)
{
	return module_state_is_module(row->state);
}

static int plain(struct side *side, const char **name)
{
	char buf[512];

	if (!*name)
		return 0;
	*name = arena_strdup(side->arena, allocfn_plain(*name, buf, sizeof(buf)));
	return *name ? 0 : -ENOMEM;
}

static int copy(struct side *side, const char **text)
{
	if (!*text)
		return 0;
	*text = arena_strdup(side->arena, *text);
	return *text ? 0 : -ENOMEM;
}

int side_add(struct side *side, const struct side_row *row)
{
	struct side_row *to;

	if (side->n == side->room) {
		size_t room = side->room ? side->room * 2 : 64;

		to = realloc(side->row, room * sizeof(*to));
		if (!to)
			return -ENOMEM;
		side->row = to;
		side->room = room;
	}
	to = &side->row[side->n];
	*to = *row;
	if (copy(side, &to->module) || copy(side, &to->source) ||
	    plain(side, &to->function) || plain(side, &to->via))
		return -ENOMEM;
	side->n++;
	return 0;
}

static int compare_names(const char *a, const char *b)
{
	if (!a || !b)
		return (b == NULL) - (a == NULL);
	return strcmp(a, b);
}

int side_compare(const struct side_row *a, const struct side_row *b)
{
	int order = strcmp(a->module, b->module);

	if (order || a->site != b->site)
		return order ? order : a->site - b->site;
	if (!a->site)
		return 0;
	order = compare_names(a->function, b->function);
	if (!order)
		order = (int)a->charge - (int)b->charge;
	if (!order)
		order = (int)a->kind - (int)b->kind;
	return order ? order : compare_names(a->via, b->via);
}

/* Rows that are the same are put in the order of their source lines. */
static int sort_order(const void *x, const void *y)
{
	const struct side_row *a = x, *b = y;
	int order = side_compare(a, b);

	if (!order)
		order = (a->value[METRIC_LIVE] < b->value[METRIC_LIVE]) -
			(a->value[METRIC_LIVE] > b->value[METRIC_LIVE]);
	return order ? order : compare_names(a->source, b->source);
}

static int merge(struct side_row *into, const struct side_row *row)
{
	for (int m = 0; m < METRIC_MAX; m++)
		if (__builtin_add_overflow(into->value[m], row->value[m],
					   &into->value[m]))
			return -EOVERFLOW;
	if (__builtin_add_overflow(into->uncertain, row->uncertain, &into->uncertain))
		return -EOVERFLOW;
	into->known |= row->known;
	into->why |= row->why;
	if (!into->source)
		into->source = row->source;
	return 0;
}

int side_finish(struct side *side)
{
	size_t n = 0;

	if (side->n)
		qsort(side->row, side->n, sizeof(*side->row), sort_order);
	for (size_t i = 0; i < side->n; i++) {
		if (n && !side_compare(&side->row[n - 1], &side->row[i])) {
			if (merge(&side->row[n - 1], &side->row[i]))
				return -EOVERFLOW;
		} else {
			side->row[n++] = side->row[i];
		}
	}
	side->n = n;
	return 0;
}

static uint32_t why(uint32_t causes)
{
	return causes & BOUND_BIT(CAUSE_NOT_SAVED) ? SIDE_WHY_UNKNOWN : causes;
}

static int add_module(struct side *side, const struct snap_module *m, uint32_t of_sites)
{
	struct side_row row = {
		.module = m->name,
		.state = m->state,
		.known = METRICS_ALL,
		.uncertain = m->uncertain_bytes,
		.why = why(m->why),
	};
	int ret;

	row.value[METRIC_LIVE] = m->live_bytes;
	row.value[METRIC_PEAK] = m->peak_bytes;
	row.value[METRIC_OVERHEAD] = m->overhead_bytes;
	row.value[METRIC_ALLOCS] = m->allocs;
	row.value[METRIC_CHURN] = m->allocated_bytes;
	row.value[METRIC_INDUCED] = m->induced_bytes;
	if (m->leaked_bytes < 0)
		row.known &= ~METRIC_BIT(METRIC_LEAKED);
	else
		row.value[METRIC_LEAKED] = (uint64_t)m->leaked_bytes;
	ret = side_add(side, &row);
	for (size_t i = 0; i < m->n_sites && !ret; i++) {
		const struct snap_site *s = &m->sites[i];

		row = (struct side_row){
			.module = m->name,
			.state = m->state,
			.site = true,
			.function = s->function,
			.via = s->via,
			.kind = s->kind,
			.charge = s->charge,
			.source = s->source,
			.known = METRIC_BIT(METRIC_INDUCED),
			.why = why(s->why),
		};
		if (s->charge == CHARGE_OWN) {
			row.known = of_sites;
			row.value[METRIC_LIVE] = s->live_bytes;
			row.value[METRIC_PEAK] = s->peak_bytes;
			row.value[METRIC_ALLOCS] = s->allocs;
			row.value[METRIC_CHURN] = s->allocated_bytes;
			row.uncertain = s->uncertain_bytes;
		} else {
			row.value[METRIC_INDUCED] = s->live_bytes;
		}
		ret = side_add(side, &row);
	}
	return ret;
}

static int copy_all(struct side *side, const char *const **to, const char *const *texts,
		    size_t n)
{
	const char **list = arena_zalloc(side->arena, n + 1, sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		list[i] = texts[i];
		if (copy(side, &list[i]))
			return -ENOMEM;
	}
	*to = list;
	return list ? 0 : -ENOMEM;
}

/* What a report is about, and how good it is. */
static int copy_texts(struct side *side, const struct snapshot *snap)
{
	const struct coverage *cov = &snap->coverage;
	int ret = 0;

	side->trusted = cov->trusted;
	side->own_only = cov->own_only;
	side->n_distrust = cov->n_distrust;
	side->n_modules = snap->n_only;
	if (snap->only)
		ret = copy_all(side, &side->modules, snap->only, snap->n_only);
	return ret ? ret : copy_all(side, &side->distrust, cov->distrust, cov->n_distrust);
}

struct side *side_of_snapshot(const struct snapshot *snap, const char *name,
			      struct error *err)
{
	const uint32_t of_sites = METRICS_OF_SITES & ~METRIC_BIT(METRIC_INDUCED) &
				  ~(snap->no_site_peaks ? METRIC_BIT(METRIC_PEAK) : 0);
	struct side *side = side_new(name);
	int ret = side ? 0 : -ENOMEM;

	if (!ret) {
		side->replayed = !snap->saved;
		side->kernel = snap->kernel;
		side->arch = snap->arch;
		side->attribute = snap->attribute;
		side->page_size = snap->page_size;
		side->cpus = snap->cpus;
		side->long_bits = snap->long_bits;
		side->recorded = snap->recorded;
		side->part = snap->part;
		side->made_by = snap->made_by;
		side->events = snap->coverage.events;
		if (copy(side, &side->kernel) || copy(side, &side->arch) ||
		    copy(side, &side->attribute))
			ret = -ENOMEM;
	}
	if (!ret)
		ret = copy_texts(side, snap);
	if (!ret)
		sight_learn(side, snap->coverage.covered, snap->coverage.n_covered,
			    snap->coverage.blind, snap->coverage.n_blind);
	for (size_t i = 0; !ret && i < snap->n_modules; i++)
		ret = add_module(side, &snap->modules[i], of_sites);
	if (!ret)
		ret = side_finish(side);
	if (!ret)
		return side;
	error_set(err, ret, ret == -ENOMEM ? "out of memory" :
		  "%s: numbers that no machine can have", name);
	side_free(side);
	return NULL;
}
