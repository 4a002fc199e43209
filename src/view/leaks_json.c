// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * leaks_json.c - the JSON contract: modmem.leaks/1 (testdata/leaks.schema.json)
 *
 * Keys come in a fixed order, rows in that of the snapshot: the same recording
 * gives the same bytes.
 */
#include <errno.h>
#include <stdlib.h>

#include "error.h"
#include "json_parts.h"
#include "leaks_view.h"
#include "snapshot.h"
#include "suppress.h"
#include "text.h"

/* Adds @value, which may be NULL without memory. */
static void set(json_t *object, const char *key, json_t *value, bool *failed)
{
	if (json_object_set_new(object, key, value))
		*failed = true;
}

static json_t *trend(const struct snap_trend *t)
{
	if (t->verdict == TREND_TOO_FEW)
		return json_pack("{ss sn sn sn sn so}", "verdict", trend_verdict_name(t->verdict),
				 "slope", "slope_low", "slope_high", "p",
				 "samples", json_number(t->samples));
	return json_pack("{ss sI sI sI sf so}", "verdict", trend_verdict_name(t->verdict),
			 "slope", (json_int_t)t->slope,
			 "slope_low", (json_int_t)t->slope_low,
			 "slope_high", (json_int_t)t->slope_high,
			 "p", t->p, "samples", json_number(t->samples));
}

static json_t *suppressed(const struct suppression *rule)
{
	if (!rule)
		return json_null();
	return json_pack("{so so so}", "reason", json_text(rule->reason),
			 "until", json_text(rule->until), "rule", json_text(rule->where));
}

static json_t *leak(const struct leaks_report *r, const struct leaks_row *row)
{
	const struct snap_leak *l = row->leak;

	return json_pack("{ss ss so so so so* so ss so ss so so so so so so so so so so so so}",
			 "class", leak_class_name(leak_reason_class(l->reason)),
			 "reason", leak_reason_name(l->reason),
			 "module", json_text(r->snap->modules[l->module].name),
			 "function", json_text(l->function),
			 "offset", json_number(l->offset),
			 "number", l->number ? json_number(l->number + 1) : NULL,
			 "source", json_text(l->source),
			 "kind", mem_kind_name(l->kind),
			 "via", json_text(l->via),
			 "charge", charge_name(l->charge),
			 "bytes", json_number(l->bytes),
			 "objects", json_number(l->objects),
			 "left_bytes", json_number(l->left_bytes),
			 "unloads", json_number(l->unloads),
			 "allocs", json_number(l->allocs),
			 "frees", json_number(l->frees),
			 "oldest_ns", json_number(l->oldest_ns),
			 "newest_ns", json_number(l->newest_ns),
			 "trend", trend(&l->trend),
			 "first_stack", json_texts(l->first, l->n_first),
			 "last_stack", json_texts(l->last, l->n_last),
			 "suppressed", suppressed(row->suppressed));
}

static json_t *leaks(const struct leaks_report *r, bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->n; i++)
		if (json_array_append_new(array, leak(r, &r->row[i])))
			*failed = true;
	return array;
}

/* Of a module whose memory cannot be told from others' nothing is known. */
static json_t *placed(const struct snap_unload *unload, uint64_t number)
{
	return unload->placed ? json_number(number) : json_null();
}

static json_t *unloads(const struct leaks_report *r, bool *failed)
{
	const struct snap_leaks *all = r->snap->leaks;
	json_t *array = json_array();

	for (size_t i = 0; i < all->n_unloads; i++) {
		const struct snap_unload *u = &all->unloads[i];

		if (!r->selected[u->module])
			continue;
		if (json_array_append_new(array, json_pack(
				"{so so so so sb so so so}",
				"module", json_text(r->snap->modules[u->module].name),
				"load", json_number(u->load),
				"loaded_ns", json_known(u->loaded_ns),
				"unloaded_ns", json_known(u->unloaded_ns),
				"placed", u->placed,
				"left_bytes", placed(u, u->left_bytes),
				"left_objects", placed(u, u->left_objects),
				"certain_bytes", placed(u, u->certain_bytes))))
			*failed = true;
	}
	return array;
}

/* What a report says of the same: the sum of left_bytes of all rows. */
static json_t *modules(const struct leaks_report *r, bool *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->snap->n_modules; i++) {
		const struct snap_module *m = &r->snap->modules[i];

		if (r->selected[i] && m->leaked_bytes >= 0 &&
		    json_array_append_new(array, json_pack(
				"{so ss so}", "name", json_text(m->name),
				"state", module_state_name(m->state),
				"leaked_bytes", json_known(m->leaked_bytes))))
			*failed = true;
	}
	return array;
}

static json_t *sites(const struct leaks_report *r, bool *failed)
{
	const struct snap_leaks *all = r->snap->leaks;
	json_t *array = json_array();

	for (size_t i = 0; i < all->n_soak; i++) {
		const struct snap_soak *s = &all->soak[i];

		if (!r->selected[s->module])
			continue;
		if (json_array_append_new(array, json_pack(
				"{so so so so* so ss so ss so so so so}",
				"module", json_text(r->snap->modules[s->module].name),
				"function", json_text(s->function),
				"offset", json_number(s->offset),
				"number", s->number ? json_number(s->number + 1) : NULL,
				"source", json_text(s->source),
				"kind", mem_kind_name(s->kind),
				"via", json_text(s->via),
				"charge", charge_name(s->charge),
				"live_bytes", json_number(s->live_bytes),
				"allocs", json_number(s->allocs),
				"frees", json_number(s->frees),
				"trend", trend(&s->trend))))
			*failed = true;
	}
	return array;
}

static json_t *sum(const struct leaks_sum *s)
{
	return json_pack("{so so so}", "rows", json_number(s->rows),
			 "bytes", json_number(s->bytes), "objects", json_number(s->objects));
}

static json_t *options(const struct leaks_report *r, bool *failed)
{
	const struct leaks_opts *o = r->opts;
	const char *names = o->modules;
	json_t *object = json_pack("{so so so sb sb}",
				   "modules", names ? json_array() : json_null(),
				   "min_bytes", json_number(o->min_bytes),
				   "older_than_ns", json_number(r->snap->leaks->older_than),
				   "likely", o->likely, "strict", o->strict);

	while (names) {
		char *name = text_item(&names);

		if (json_array_append_new(json_object_get(object, "modules"), json_text(name)))
			*failed = true;
		free(name);
	}
	return object;
}

int leaks_json(const struct leaks_report *report, FILE *out, struct error *err)
{
	const struct snapshot *snap = report->snap;
	const struct snap_leaks *all = snap->leaks;
	json_t *document = json_object();
	bool failed = false;
	int ret = 0;

	set(document, "schema", json_string("modmem.leaks/1"), &failed);
	set(document, "source", json_source(snap), &failed);
	set(document, "options", options(report, &failed), &failed);
	set(document, "result", json_string(leaks_result_name(report->result)), &failed);
	for (int i = 0; i < LEAK_CLASSES; i++)
		set(document, leak_class_name((enum leak_class)i), sum(&report->sum[i]), &failed);
	set(document, "suppressed", sum(&report->suppressed), &failed);
	set(document, "below_min", sum(&report->below), &failed);
	set(document, "in_use_bytes", json_number(all->in_use_bytes), &failed);
	set(document, "before_from_bytes", json_number(all->outside_bytes), &failed);
	set(document, "leaks", leaks(report, &failed), &failed);
	set(document, "modules", modules(report, &failed), &failed);
	set(document, "unloads", unloads(report, &failed), &failed);
	set(document, "sample_ns", json_number(all->every), &failed);
	set(document, "samples", json_number(all->samples), &failed);
	if (report->opts->soak)
		set(document, "sites", sites(report, &failed), &failed);
	set(document, "doubts", json_texts((const char *const *)report->doubts, report->n_doubts), &failed);
	set(document, "coverage", json_coverage(snap), &failed);
	ret = failed ? error_set(err, -ENOMEM, "out of memory") :
		       json_put(document, out, err);
	json_decref(document);
	return ret;
}
