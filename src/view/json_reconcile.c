// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_reconcile.c - see json_reconcile.h; numbers are of reconcile.h
 *
 * None can be larger than INT64_MAX: the parsers of procmem.h see to that.
 */
#include "json_reconcile.h"

#include <stdlib.h>

#include "json_parts.h"
#include "reconcile.h"
#include "text.h"

/* A snapshot, and which modules are named as those that took it. */
struct shown {
	const struct snapshot *snap;
	const bool *selected;
	bool full;		/* with what only a report of this report needs */
};

static json_t *takers(const struct shown *s, const struct reconcile_taker *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		if (!s->selected[list[i].module])
			continue;
		json_array_append_new(array, json_pack(
			"{so so so so* so* so so so}",
			"module", json_text(s->snap->modules[list[i].module].name),
			"function", json_text(list[i].function),
			"offset", json_number(list[i].offset),
			"number", list[i].number ? json_number(list[i].number + 1) : NULL,
			"no_offset", s->full ? json_boolean(list[i].no_offset) : NULL,
			"via", json_text(list[i].via),
			"bytes", json_number(list[i].bytes),
			"objects", json_number(list[i].objects)));
	}
	return array;
}

static json_t *counters(const struct shown *s, const struct reconcile *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->n_counters; i++) {
		const struct reconcile_counter *c = &r->counters[i];
		int64_t grew = (int64_t)(c->after - c->before);
		json_t *object = json_pack("{so so so sI}", "name", json_text(c->name),
					   "before_bytes", json_number(c->before),
					   "after_bytes", json_number(c->after),
					   "grew_bytes", (json_int_t)grew);

		if (object && c->followed) {
			json_object_set_new(object, "explained_bytes",
					    json_integer(c->explained));
			json_object_set_new(object, "not_explained_bytes",
					    json_integer(grew - c->explained));
			json_object_set_new(object, "freed_before_bytes",
					    json_number(c->freed_before));
			json_object_set_new(object, "taken_by",
					    takers(s, c->takers, c->n_takers));
		} else if (object) {
			json_object_set_new(object, "explained_bytes", json_null());
		}
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *copy_of(uint64_t active, uint64_t slots, uint64_t pages)
{
	return json_pack("{so so so}", "active", json_number(active), "slots", json_number(slots),
			 "pages", json_number(pages));
}

static json_t *caches(const struct shown *s, const struct reconcile *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->n_caches; i++) {
		const struct reconcile_cache *c = &r->caches[i];
		int64_t grew = (int64_t)(c->active_after - c->active_before);

		json_array_append_new(array, json_pack(
			"{so so so so so sI sI sI so so sb sb so}",
			"name", json_text(c->name), "variants", json_text(c->variants),
			"object_size", json_number(c->size),
			"before", copy_of(c->active_before, c->slots_before, c->pages_before),
			"after", copy_of(c->active_after, c->slots_after, c->pages_after),
			"grew_objects", (json_int_t)grew,
			"explained_objects", (json_int_t)c->explained,
			"not_explained_objects", (json_int_t)(grew - c->explained),
			"freed_before_objects", json_number(c->freed_before),
			"grew_pages", json_integer((int64_t)(c->pages_after - c->pages_before)),
			"by_size", c->by_size, "free_blind", c->free_blind,
			"taken_by", takers(s, c->takers, c->n_takers)));
	}
	return array;
}

static json_t *areas(const struct reconcile *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->n_areas; i++) {
		const struct reconcile_area *a = &r->areas[i];

		json_array_append_new(array, json_pack(
			"{so sb so so so so sI}",
			"caller", json_text(a->caller), "ioremap", a->ioremap,
			"areas_before", json_number(a->n_before),
			"areas_after", json_number(a->n_after),
			"before_bytes", json_number(a->before), "after_bytes", json_number(a->after),
			"grew_bytes", (json_int_t)(int64_t)(a->after - a->before)));
	}
	return array;
}

static json_t *modules(const struct shown *s, const struct reconcile *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->n_modules; i++) {
		const struct reconcile_module *m = &r->modules[i];

		if (!s->selected[m->module])
			continue;
		json_array_append_new(array, json_pack(
			"{so so so so sI so}",
			"name", json_text(s->snap->modules[m->module].name),
			"before_bytes", json_number(m->before),
			"after_bytes", m->gone ? json_null() : json_number(m->after),
			"grew_bytes", m->gone ? json_null() : json_integer(m->grew),
			"books_bytes", (json_int_t)m->books,
			"difference_bytes", m->gone ? json_null() :
			json_integer(m->grew - m->books)));
	}
	return array;
}

static json_t *command(const struct reconcile_command *cmd)
{
	if (!cmd->known)
		return json_null();
	return json_pack("{so so so so}", "seen", json_text(cmd->how),
			 "pss_bytes", json_known(cmd->pss), "rss_bytes", json_known(cmd->rss),
			 "peak_rss_bytes", json_known(cmd->peak_rss));
}

json_t *json_reconcile(const struct snapshot *snap, const bool *selected, bool full)
{
	const struct shown s = { snap, selected, full };
	const struct reconcile *r = snap->reconcile;
	json_t *doubts = json_array();

	for (size_t i = 0; i < r->n_doubts; i++)
		json_array_append_new(doubts, json_text(r->doubts[i]));
	return json_pack("{so so so so so so so so so so* so*}",
			 "before_ns", json_number(r->before_ns), "after_ns", json_number(r->after_ns),
			 "counters", counters(&s, r),
			 "caches", r->slabinfo ? caches(&s, r) : json_null(),
			 "unnamed", json_pack("{so so so}",
					      "objects", json_number(r->unnamed_objects),
					      "bytes", json_number(r->unnamed_bytes),
					      "freed_before_objects", json_number(r->unnamed_freed)),
			 "areas", r->vmallocinfo ? areas(r) : json_null(),
			 "modules", r->allocinfo ? modules(&s, r) : json_null(),
			 "command", command(&r->command), "doubts", doubts,
			 "unreadable_areas", full ? json_number(r->unreadable_areas) : NULL,
			 "allocinfo_inaccurate",
			 full ? json_boolean(r->allocinfo_inaccurate) : NULL);
}
