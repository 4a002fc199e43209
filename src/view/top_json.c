// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top_json.c - a sample in one line: modmem.top/1 (testdata/top.schema.json)
 */
#include <jansson.h>
#include <stdlib.h>

#include "printable.h"
#include "top_internal.h"

/* jansson takes NULL for "no memory was left" and says so in the end. */
static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *text(const char *name)
{
	char safe[512];

	return name ? json_string(printable(safe, sizeof(safe), name)) : json_null();
}

static json_t *list(const char *const *items, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, text(items[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *module(const struct top_row *row)
{
	const struct snap_module *m = row->module;

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:o, s:o, s:o}",
			 "name", text(m->name),
			 "state", module_state_name(m->state),
			 "live_bytes", number(m->live_bytes),
			 "peak_bytes", number(m->peak_bytes),
			 "induced_bytes", number(m->induced_bytes),
			 "overhead_bytes", number(m->overhead_bytes),
			 "uncertain_bytes", number(m->uncertain_bytes),
			 "rate_bytes_per_second", row->rates.bytes,
			 "allocs_per_second", row->rates.allocs,
			 "frees_per_second", row->rates.frees,
			 "allocs", number(m->allocs),
			 "frees", number(m->frees),
			 "static_bytes", m->static_bytes < 0 ? json_null() : json_integer(m->static_bytes),
			 "leaked_bytes", m->leaked_bytes < 0 ? json_null() : json_integer(m->leaked_bytes));
}

static json_t *modules(const struct top_row *rows, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (rows[i].level == TOP_MODULE &&
		    json_array_append_new(array, module(&rows[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

char *top_json(struct top *t, const struct top_view *view, const struct top_cost *cost,
	       double realtime)
{
	const struct snapshot *snap = t->snap;
	const struct coverage *c = &snap->coverage;
	const struct top_row *rows;
	char *line = NULL;
	json_t *root;
	size_t n;

	rows = top_rows(t, view, &n);
	if (!rows)
		return NULL;
	root = json_pack("{s:s, s:f, s:o, s:o, s:f, s:{s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "schema", "modmem.top/1",
			 "time", realtime,
			 "start_ns", number(snap->start_ns),
			 "end_ns", number(snap->end_ns),
			 "interval_seconds", t->seconds,
			 "own_cost",
			 "cpu_percent", cost->cpu,
			 "rss_bytes", number(cost->rss),
			 "ring_buffer_bytes", number(cost->ring),
			 "accounts", number(cost->accounts),
			 "stacks", number(cost->stacks),
			 "objects", number(cost->objects),
			 "compactions", number(cost->compactions),
			 "late_events", number(cost->late),
			 "lost_events", number(c->lost_events),
			 "lost_unknown", c->lost_unknown,
			 "trusted", c->trusted,
			 "distrust", list(c->distrust, c->n_distrust),
			 "blind", list(c->blind, c->n_blind),
			 "events", number(c->events),
			 "live_bytes", number(snap->live_bytes),
			 "induced_bytes", number(snap->induced_bytes),
			 "overhead_bytes", number(snap->overhead_bytes),
			 "modules", modules(rows, n));
	if (root)
		line = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(root);
	return line;
}
