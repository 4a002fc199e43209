// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top_json.c - a sample in one line: modmem.top/1 (testdata/top.schema.json)
 */
#include <jansson.h>
#include <stdlib.h>

#include "json_parts.h"
#include "top_internal.h"

static json_t *module(const struct top_row *row)
{
	const struct snap_module *m = row->module;

	return json_pack("{s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:o, s:o, s:o}",
			 "name", json_text(m->name),
			 "state", module_state_name(m->state),
			 "live_bytes", json_number(m->live_bytes),
			 "bound", bound_name(bound_of(m->why)),
			 "why", json_causes(m->why),
			 "peak_bytes", json_number(m->peak_bytes),
			 "induced_bytes", json_number(m->induced_bytes),
			 "overhead_bytes", json_number(m->overhead_bytes),
			 "uncertain_bytes", json_number(m->uncertain_bytes),
			 "rate_bytes_per_second", row->rates.bytes,
			 "allocs_per_second", row->rates.allocs,
			 "frees_per_second", row->rates.frees,
			 "allocs", json_number(m->allocs),
			 "frees", json_number(m->frees),
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

static json_t *missed_calls(const struct coverage *c)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < c->n_missed; i++)
		if (json_array_append_new(array, json_pack("{s:o, s:o, s:o}",
				"path", json_text(c->missed[i].path),
				"missed", json_number(c->missed[i].missed),
				"calls", json_number(c->missed[i].calls)))) {
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
	root = json_pack("{s:s, s:f, s:o, s:o, s:f, s:{s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "schema", "modmem.top/1",
			 "time", realtime,
			 "start_ns", json_number(snap->start_ns),
			 "end_ns", json_number(snap->end_ns),
			 "interval_seconds", t->seconds,
			 "own_cost",
			 "watcher_pid", cost->watcher ? json_number(cost->watcher) : json_null(),
			 "cpu_percent", cost->cpu,
			 "rss_bytes", json_number(cost->rss),
			 "ring_buffer_bytes", json_number(cost->ring),
			 "accounts", json_number(cost->accounts),
			 "stacks", json_number(cost->stacks),
			 "objects", json_number(cost->objects),
			 "compactions", json_number(cost->compactions),
			 "late_events", json_number(cost->late),
			 "lost_events", json_number(c->lost_events),
			 "lost_unknown", c->lost_unknown,
			 "trusted", c->trusted,
			 "distrust", json_texts(c->distrust, c->n_distrust),
			 "blind", json_texts(c->blind, c->n_blind),
			 "missed_calls", missed_calls(c),
			 "events", json_number(c->events),
			 "live_bytes", json_number(snap->live_bytes),
			 "induced_bytes", json_number(snap->induced_bytes),
			 "overhead_bytes", json_number(snap->overhead_bytes),
			 "modules", modules(rows, n));
	if (root)
		line = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(root);
	return line;
}
