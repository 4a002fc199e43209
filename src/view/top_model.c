// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top_model.c - from one snapshot to the next: rates, history, what is open
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "top_internal.h"

const char *top_sort_name(enum top_sort sort)
{
	static const char *const names[TOP_SORTS] = {
		[TOP_SORT_LIVE] = "live",
		[TOP_SORT_INDUCED] = "induced",
		[TOP_SORT_PEAK] = "peak",
		[TOP_SORT_RATE] = "rate",
		[TOP_SORT_ALLOCS] = "allocs",
		[TOP_SORT_FREES] = "frees",
		[TOP_SORT_NAME] = "name",
	};

	return sort < TOP_SORTS ? names[sort] : NULL;
}

struct top *top_new(void)
{
	return calloc(1, sizeof(struct top));
}

static void free_open(struct top_open *o)
{
	free(o->module);
	free(o->function);
	free(o->via);
}

void top_free(struct top *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_modules; i++)
		free(t->modules[i].name);
	for (size_t i = 0; i < t->n_open; i++)
		free_open(&t->open[i]);
	free(t->modules);
	free(t->open);
	free(t->rows);
	snapshot_free(t->snap);
	snapshot_free(t->before);
	free(t);
}

const struct snapshot *top_snapshot(const struct top *t)
{
	return t->snap;
}

/* ---- modules ------------------------------------------------------------------------ */

struct top_module *top_module_find(const struct top *t, const char *name)
{
	for (size_t i = 0; i < t->n_modules; i++)
		if (!strcmp(t->modules[i].name, name))
			return &t->modules[i];
	return NULL;
}

static struct top_module *add_module(struct top *t, const char *name)
{
	struct top_module *m = top_module_find(t, name);

	if (m)
		return m;
	if (t->n_modules == t->modules_room) {
		size_t room = t->modules_room ? 2 * t->modules_room : 32;

		m = realloc(t->modules, room * sizeof(*m));
		if (!m)
			return NULL;
		t->modules = m;
		t->modules_room = room;
	}
	m = &t->modules[t->n_modules];
	memset(m, 0, sizeof(*m));
	m->name = strdup(name);
	if (!m->name)
		return NULL;
	t->n_modules++;
	return m;
}

static double a_second(uint64_t now, uint64_t before, double seconds)
{
	return seconds > 0 ? ((double)now - (double)before) / seconds : 0;
}

/* @live is what it holds from second @from on, and was nothing different before. */
static void keep_history(struct top_module *m, uint64_t live, uint64_t from, uint64_t to)
{
	if (to - from >= TOP_HISTORY)
		from = to - TOP_HISTORY + 1;
	for (; from <= to; from++)
		m->history[from % TOP_HISTORY] = live;
}

static int update_module(struct top *t, const struct snap_module *sm, uint64_t from,
			 uint64_t to)
{
	struct top_module *m = add_module(t, sm->name);

	if (!m)
		return -ENOMEM;
	/* what a name held before it was seen is nothing, and is known */
	m->rates = (struct top_rates){
		.bytes = a_second(sm->live_bytes, m->live, t->seconds),
		.allocs = a_second(sm->allocs, m->allocs, t->seconds),
		.frees = a_second(sm->frees, m->frees, t->seconds),
	};
	m->live = sm->live_bytes;
	m->allocs = sm->allocs;
	m->frees = sm->frees;
	m->seen = true;
	keep_history(m, sm->live_bytes, from, to);
	return 0;
}

int top_update(struct top *t, struct snapshot *snap, double seconds)
{
	uint64_t from = (uint64_t)t->clock, to;

	snapshot_free(t->before);
	t->before = t->snap;
	t->snap = snap;
	t->seconds = seconds > 0 ? seconds : 0;
	t->clock += t->seconds;
	to = (uint64_t)t->clock;
	if (to > from)
		from++;
	t->n_rows = 0;
	for (size_t i = 0; i < t->n_modules; i++)
		t->modules[i].seen = false;
	for (size_t i = 0; i < snap->n_modules; i++)
		if (update_module(t, &snap->modules[i], from, to))
			return -ENOMEM;
	return 0;
}

size_t top_history(const struct top *t, const struct snap_module *module,
		   uint64_t history[TOP_HISTORY])
{
	const struct top_module *m = top_module_find(t, module->name);
	uint64_t now = (uint64_t)t->clock;
	size_t n = now + 1 < TOP_HISTORY ? (size_t)now + 1 : TOP_HISTORY;

	for (size_t i = 0; i < n; i++)
		history[i] = m ? m->history[(now + 1 - n + i) % TOP_HISTORY] : 0;
	return n;
}

/* ---- what is open ---------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool top_same_site(const struct snap_site *a, const struct snap_site *b)
{
	return a->offset == b->offset && a->number == b->number &&
	       a->kind == b->kind && a->charge == b->charge &&
	       same_text(a->function, b->function) && same_text(a->via, b->via);
}

size_t top_open_find(const struct top *t, const struct snap_module *m,
		     const struct snap_site *s)
{
	for (size_t i = 0; i < t->n_open; i++) {
		const struct top_open *o = &t->open[i];
		struct snap_site same = {
			.function = o->function, .offset = o->offset,
			.number = o->number,
			.kind = o->kind, .charge = o->charge, .via = o->via,
		};

		if (!strcmp(o->module, m->name) && top_same_site(&same, s))
			return i;
	}
	return SIZE_MAX;
}

static int open_site(struct top *t, const struct snap_module *m, const struct snap_site *s)
{
	struct top_open *o;

	if (t->n_open == t->open_room) {
		size_t room = t->open_room ? 2 * t->open_room : 8;

		o = realloc(t->open, room * sizeof(*o));
		if (!o)
			return -ENOMEM;
		t->open = o;
		t->open_room = room;
	}
	o = &t->open[t->n_open];
	*o = (struct top_open){
		.module = strdup(m->name),
		.function = s->function ? strdup(s->function) : NULL,
		.via = s->via ? strdup(s->via) : NULL,
		.offset = s->offset, .number = s->number, .kind = s->kind, .charge = s->charge,
	};
	if (!o->module || (s->function && !o->function) || (s->via && !o->via)) {
		free_open(o);
		return -ENOMEM;
	}
	t->n_open++;
	return 0;
}

int top_toggle(struct top *t, const struct top_row *row)
{
	struct top_module *m = top_module_find(t, row->module->name);
	size_t i;

	if (row->level == TOP_MODULE) {
		if (m)
			m->open = !m->open;
		return 0;
	}
	i = top_open_find(t, row->module, row->site);
	if (i == SIZE_MAX)
		return open_site(t, row->module, row->site);
	free_open(&t->open[i]);
	t->open[i] = t->open[--t->n_open];
	return 0;
}

bool top_wants_stacks(const struct top *t)
{
	return t->n_open > 0;
}
