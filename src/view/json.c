// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - the JSON contract: modmem.report/1 (testdata/report.schema.json)
 *
 * Keys come in a fixed order and rows in that of order.c: the same recording
 * gives the same bytes. There are no kernel addresses in it unless asked for.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "json_parts.h"
#include "json_reconcile.h"
#include "rows.h"
#include "snapshot.h"
#include "text.h"

/* What went wrong while an object was built, so that it is asked once. */
struct builder {
	bool addresses;
	bool overflow;
	bool no_memory;
};

static void set(struct builder *b, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		b->no_memory = true;
}

static void append(struct builder *b, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		b->no_memory = true;
}

static void set_number(struct builder *b, json_t *object, const char *key,
		       uint64_t value)
{
	if (value > INT64_MAX)
		b->overflow = true;
	set(b, object, key, json_integer((json_int_t)value));
}

/* null where @value is negative */
static void set_signed(struct builder *b, json_t *object, const char *key,
		       int64_t value)
{
	set(b, object, key, value < 0 ? json_null() : json_integer(value));
}

static void set_bool(struct builder *b, json_t *object, const char *key, bool value)
{
	set(b, object, key, json_boolean(value));
}

static void set_string(struct builder *b, json_t *object, const char *key,
		       const char *text)
{
	set(b, object, key, json_text(text));
}

static void set_strings(struct builder *b, json_t *object, const char *key,
			const char *const *texts, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		append(b, array, json_text(texts[i]));
	set(b, object, key, array);
}

static void set_time(struct builder *b, json_t *object, const char *key,
		     int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (seconds < 0 || !gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		set(b, object, key, json_null());
	else
		set(b, object, key, json_string(text));
}

/* What the report was asked for that changes its numbers or its rows. */
static json_t *options(struct builder *b, const struct snapshot *snap,
		       const struct view_opts *opts)
{
	const char *names = opts->modules;
	json_t *object = json_object(), *modules = json_null();

	if (names)
		modules = json_array();
	while (names) {
		char *name = text_item(&names);

		append(b, modules, name ? json_text(name) : NULL);
		free(name);
	}
	set_string(b, object, "attribute", snap->attribute);
	set(b, object, "modules", modules);
	set_bool(b, object, "part", snap->part);
	return object;
}

static json_t *source(struct builder *b, const struct snapshot *snap)
{
	json_t *object = json_object();
	const char *base = strrchr(snap->file, '/');

	set_string(b, object, "file", base ? base + 1 : snap->file);
	set_string(b, object, "kernel", snap->kernel);
	set_string(b, object, "arch", snap->arch);
	set_number(b, object, "page_size", snap->page_size);
	set_number(b, object, "cpus", snap->cpus);
	if (snap->long_bits == 32 || snap->long_bits == 64)
		set_number(b, object, "long_bits", snap->long_bits);
	set_bool(b, object, "big_endian", snap->big_endian);
	set_string(b, object, "clock", snap->clock);
	set_number(b, object, "start_ns", snap->start_ns);
	set_number(b, object, "end_ns", snap->end_ns);
	set_time(b, object, "recorded", snap->recorded);
	return object;
}

static json_t *amount(struct builder *b, const struct amount *amount)
{
	json_t *object = json_object();

	set_number(b, object, "bytes", amount->bytes);
	set_number(b, object, "requested", amount->requested);
	set_number(b, object, "objects", amount->objects);
	return object;
}

static json_t *kinds(struct builder *b, const struct amount *amounts)
{
	json_t *object = json_object();

	for (int i = 0; i < KIND_MAX; i++)
		set(b, object, mem_kind_name((enum mem_kind)i),
		    amount(b, &amounts[i]));
	return object;
}

static json_t *overhead(struct builder *b, const struct amount *amounts)
{
	json_t *object = json_object();

	for (int i = 0; i < OVERHEAD_MAX; i++)
		set(b, object, overhead_kind_name((enum overhead_kind)i),
		    amount(b, &amounts[i]));
	return object;
}

/* How exact a number is, and why it is no better: keys @bound and @why. */
static void set_bound(struct builder *b, json_t *object, const char *bound, const char *why,
		      uint32_t causes)
{
	set_string(b, object, bound, bound_name(bound_of(causes)));
	set(b, object, why, json_causes(causes));
}

static json_t *inlined(struct builder *b, const struct snap_site *site)
{
	json_t *array = json_array();

	for (size_t i = 0; i < site->n_inlined; i++) {
		json_t *object = json_object();

		set_string(b, object, "function", site->inlined[i].function);
		set_string(b, object, "source", site->inlined[i].source);
		append(b, array, object);
	}
	return array;
}

static json_t *site(struct builder *b, const struct row *row)
{
	const struct snap_site *site = row->data;
	json_t *object = json_object();

	set_string(b, object, "function", site->function);
	set_number(b, object, "offset", site->offset);
	if (site->number)
		set_number(b, object, "number", site->number + 1);
	if (b->addresses) {
		char text[24];

		snprintf(text, sizeof(text), "0x%" PRIx64, site->address);
		set_string(b, object, "address", site->address ? text : NULL);
	}
	set_string(b, object, "source", site->source);
	if (site->n_inlined)
		set(b, object, "inlined", inlined(b, site));
	set_string(b, object, "kind", mem_kind_name(site->kind));
	set_string(b, object, "via", site->via);
	set_string(b, object, "charge", charge_name(site->charge));
	set_number(b, object, "live_bytes", site->live_bytes);
	set_bound(b, object, "bound", "why", site->why);
	set_number(b, object, "live_objects", site->live_objects);
	set_number(b, object, "requested_bytes", site->requested_bytes);
	set_number(b, object, "allocs", site->allocs);
	set_number(b, object, "frees", site->frees);
	set_number(b, object, "peak_bytes", site->peak_bytes);
	set_number(b, object, "allocated_bytes", site->allocated_bytes);
	set_number(b, object, "evicted_bytes", site->evicted_bytes);
	set_number(b, object, "uncertain_bytes", site->uncertain_bytes);
	set_signed(b, object, "oldest_ns", site->oldest_ns);
	return object;
}

static json_t *cache(struct builder *b, const struct row *row)
{
	const struct snap_cache *cache = row->data;
	json_t *object = json_object();

	set_string(b, object, "name", cache->name);
	set_number(b, object, "object_size", cache->object_size);
	set_number(b, object, "objects", cache->objects);
	set_number(b, object, "bytes", cache->bytes);
	set_bound(b, object, "bound", "why", cache->why);
	set_number(b, object, "slabs", cache->slabs);
	set_number(b, object, "slab_bytes", cache->slab_bytes);
	set_number(b, object, "slots", cache->slots);
	set_signed(b, object, "used_slots", cache->used);
	set_number(b, object, "allocs", cache->allocs);
	set_number(b, object, "frees", cache->frees);
	set_number(b, object, "evicted", cache->evicted);
	set_bool(b, object, "free_blind", cache->free_blind);
	set_bool(b, object, "name_by_size", cache->name_listed);
	return object;
}

/* Live page blocks of each size that there is. */
static json_t *blocks(struct builder *b, const struct stack_row *stack)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < SNAP_ORDERS; i++) {
		json_t *object;

		if (!stack->blocks[i])
			continue;
		object = json_object();
		set_number(b, object, "order", i);
		set_number(b, object, "blocks", stack->blocks[i]);
		append(b, array, object);
	}
	return array;
}

static json_t *stack(struct builder *b, const struct row *row)
{
	const struct stack_row *stack = row->data;
	json_t *object = json_object();

	set_string(b, object, "module", row->module->name);
	set_string(b, object, "charge", charge_name((enum charge)stack->charge));
	set_string(b, object, "kind", mem_kind_name((enum mem_kind)stack->kind));
	set_string(b, object, "overhead", stack->overhead_kind < 0 ? NULL :
		   overhead_kind_name((enum overhead_kind)stack->overhead_kind));
	set_number(b, object, "live_bytes", stack->bytes);
	set_number(b, object, "live_objects", stack->objects);
	set_number(b, object, "allocated_bytes", stack->allocated);
	set_number(b, object, "allocs", stack->allocs);
	set_number(b, object, "frees", stack->frees);
	set(b, object, "blocks", blocks(b, stack));
	set_strings(b, object, "frames", stack->frames, stack->n_frames);
	if (stack->sources)
		set_strings(b, object, "sources", stack->sources, stack->n_frames);
	return object;
}

static json_t *task(struct builder *b, const struct row *row)
{
	const struct snap_task *task = row->data;
	json_t *object = json_object();
	json_t *live = json_object();

	set_signed(b, object, "pid", task->pid);
	set_string(b, object, "comm", task->comm);
	set_string(b, object, "module", row->module->name);
	for (int i = 0; i < KIND_MAX; i++)
		set_number(b, live, mem_kind_name((enum mem_kind)i), task->live[i]);
	set(b, object, "live", live);
	set_number(b, object, "live_bytes", task->live_bytes);
	set_number(b, object, "induced_bytes", task->induced_bytes);
	set_number(b, object, "allocs", task->allocs);
	set_number(b, object, "frees", task->frees);
	return object;
}

static json_t *array_of(struct builder *b, const struct rows *rows,
			json_t *(*item)(struct builder *b, const struct row *row))
{
	json_t *array = json_array();

	for (size_t i = 0; i < rows->n; i++)
		append(b, array, item(b, &rows->row[i]));
	return array;
}

/* The sites or caches of one module. */
static void set_rows(struct builder *b, json_t *object, const char *key,
		     const struct row *row, enum view_by by,
		     json_t *(*item)(struct builder *b, const struct row *row))
{
	struct rows rows;

	if (rows_of_module(&rows, row->snap, by, row->module, NULL))
		b->no_memory = true;
	set(b, object, key, array_of(b, &rows, item));
	rows_free(&rows);
}

/* What static_bytes is made of. */
static json_t *fixed(struct builder *b, const struct modstatic *ms)
{
	json_t *object;

	if (ms->source == STATIC_UNKNOWN)
		return json_null();
	object = json_object();
	set_signed(b, object, "lsmod_bytes", ms->lsmod_bytes);
	set_number(b, object, "memory_bytes", ms->memory_bytes);
	set_number(b, object, "guard_bytes", ms->guard_bytes);
	set_signed(b, object, "percpu_bytes", ms->percpu_bytes);
	set_number(b, object, "areas", ms->areas);
	set_bool(b, object, "at_least", modstatic_at_least(ms));
	set_string(b, object, "from", static_source_name(ms->source));
	return object;
}

static json_t *kind_bounds(struct builder *b, const struct snap_module *m)
{
	json_t *object = json_object();

	for (int i = 0; i < KIND_MAX; i++)
		set_string(b, object, mem_kind_name((enum mem_kind)i),
			   bound_name(bound_of(m->kind_why[i])));
	return object;
}

static json_t *module(struct builder *b, const struct row *row)
{
	const struct snap_module *m = row->module;
	json_t *object = json_object();

	set_string(b, object, "name", m->name);
	set_string(b, object, "state", module_state_name(m->state));
	set_signed(b, object, "static_bytes", m->static_bytes);
	set(b, object, "static", fixed(b, &m->fixed));
	set(b, object, "live", kinds(b, m->live));
	set(b, object, "dma_blocks", row->snap->dma_blocks_known ?
	    amount(b, &m->dma_blocks) : json_null());
	set_number(b, object, "live_bytes", m->live_bytes);
	set_bound(b, object, "bound", "why", m->why);
	set(b, object, "kind_bounds", kind_bounds(b, m));
	set(b, object, "induced", kinds(b, m->induced));
	set_number(b, object, "induced_bytes", m->induced_bytes);
	set_signed(b, object, "before_bytes", m->before_bytes);
	set_bound(b, object, "induced_bound", "induced_why", m->induced_why);
	set_number(b, object, "uncertain_bytes", m->uncertain_bytes);
	set(b, object, "overhead", overhead(b, m->overhead));
	set_number(b, object, "overhead_bytes", m->overhead_bytes);
	set_number(b, object, "peak_bytes", m->peak_bytes);
	set_signed(b, object, "peak_ns", m->peak_ns);
	set_number(b, object, "allocated_bytes", m->allocated_bytes);
	set_number(b, object, "freed_bytes", m->freed_bytes);
	set_number(b, object, "evicted_bytes", m->evicted_bytes);
	set_number(b, object, "allocs", m->allocs);
	set_number(b, object, "frees", m->frees);
	set_number(b, object, "failed", m->failed);
	set_signed(b, object, "leaked_bytes", m->leaked_bytes);
	set_rows(b, object, "caches", row, VIEW_BY_CACHE, cache);
	set_rows(b, object, "sites", row, VIEW_BY_SITE, site);
	return object;
}

static json_t *totals(struct builder *b, const struct snapshot *snap)
{
	json_t *object = json_object();

	set_number(b, object, "live_bytes", snap->live_bytes);
	set_bound(b, object, "bound", "why", snap->why);
	set_number(b, object, "induced_bytes", snap->induced_bytes);
	set_number(b, object, "overhead_bytes", snap->overhead_bytes);
	set_number(b, object, "allocs", snap->allocs);
	set_number(b, object, "frees", snap->frees);
	return object;
}

static json_t *lost_by_cpu(struct builder *b, const struct coverage *c)
{
	json_t *array = json_array();

	for (size_t i = 0; i < c->n_lost_by_cpu; i++) {
		const struct snap_lost_cpu *cpu = &c->lost_by_cpu[i];
		json_t *object = json_object();

		set_string(b, object, "buffer", cpu->buffer);
		set_number(b, object, "cpu", cpu->cpu);
		set_number(b, object, "lost", cpu->lost);
		set_bool(b, object, "at_least", cpu->at_least);
		append(b, array, object);
	}
	return array;
}

static json_t *missed_calls(struct builder *b, const struct coverage *c)
{
	json_t *array = json_array();

	for (size_t i = 0; i < c->n_missed; i++) {
		json_t *object = json_object();

		set_string(b, object, "path", c->missed[i].path);
		set_number(b, object, "missed", c->missed[i].missed);
		set_number(b, object, "calls", c->missed[i].calls);
		append(b, array, object);
	}
	return array;
}

static json_t *coverage(struct builder *b, const struct coverage *c)
{
	json_t *object = json_object();

	set_number(b, object, "records", c->records);
	set_number(b, object, "events", c->events);
	if (c->lost_unknown)
		set(b, object, "lost_events", json_null());
	else
		set_number(b, object, "lost_events", c->lost_events);
	set_number(b, object, "lost_at_least", c->lost_events);
	set(b, object, "lost_by_cpu", lost_by_cpu(b, c));
	set_number(b, object, "unmatched_frees", c->unmatched_frees);
	set_number(b, object, "unmatched_slab", c->unmatched_slab);
	set_number(b, object, "unmatched_pages", c->unmatched_pages);
	set_number(b, object, "unmatched_percpu", c->unmatched_percpu);
	set_number(b, object, "unmatched_vmalloc_pages", c->unmatched_vmalloc_pages);
	set_number(b, object, "unmatched_cma_pages", c->unmatched_cma_pages);
	set_number(b, object, "evicted", c->evicted);
	set_number(b, object, "reordered", c->reordered);
	set_number(b, object, "unpaired_stacks", c->unpaired_stacks);
	set_number(b, object, "events_without_stack", c->events_without_stack);
	set_number(b, object, "unknown_addresses", c->unknown_addresses);
	set_number(b, object, "interrupt_cuts", c->interrupt_cuts);
	set_number(b, object, "init_text_guarded", c->init_text_guarded);
	set_number(b, object, "malformed", c->malformed);
	set_number(b, object, "duplicate_buffer_events", c->duplicate_buffer_events);
	set_strings(b, object, "blind", c->blind, c->n_blind);
	set_strings(b, object, "covered", c->covered, c->n_covered);
	set(b, object, "missed_calls", missed_calls(b, c));
	set_strings(b, object, "notes", c->notes, c->n_notes);
	set_string(b, object, "verified", c->verified);
	set_number(b, object, "implausible", c->implausible);
	set_bool(b, object, "trusted", c->trusted);
	set_strings(b, object, "distrust", c->distrust, c->n_distrust);
	return object;
}

/* All rows of one --by, in the default order. */
static int add_rows(struct builder *b, json_t *report, const char *key,
		    const struct snapshot *snap, const struct view_opts *opts,
		    enum view_by by,
		    json_t *(*item)(struct builder *b, const struct row *row),
		    struct error *err)
{
	struct view_opts every = {
		.by = by,
		.modules = opts->modules,
		.all = true,
	};
	struct rows rows;
	int ret = rows_collect(&rows, snap, &every, err);

	if (!ret)
		set(b, report, key, array_of(b, &rows, item));
	rows_free(&rows);
	return ret;
}

static json_t *whole(struct builder *b, json_t *value)
{
	if (!b->no_memory && !b->overflow)
		return value;
	json_decref(value);
	return NULL;
}

json_t *json_source(const struct snapshot *snap)
{
	struct builder b = { .overflow = false };

	return whole(&b, source(&b, snap));
}

json_t *json_coverage(const struct snapshot *snap)
{
	struct builder b = { .overflow = false };

	return whole(&b, coverage(&b, &snap->coverage));
}

int view_json(const struct snapshot *snap, const struct view_opts *opts,
	      FILE *out, struct error *err)
{
	struct builder b = { .addresses = opts->addresses };
	json_t *report = json_object();
	int ret;

	set_string(&b, report, "schema", "modmem.report/1");
	set(&b, report, "source", source(&b, snap));
	set(&b, report, "options", options(&b, snap, opts));
	ret = add_rows(&b, report, "modules", snap, opts, VIEW_BY_MODULE,
		       module, err);
	if (!ret && opts->by == VIEW_BY_STACK)
		ret = add_rows(&b, report, "stacks", snap, opts, VIEW_BY_STACK,
			       stack, err);
	if (!ret && opts->by == VIEW_BY_TASK)
		ret = add_rows(&b, report, "tasks", snap, opts, VIEW_BY_TASK,
			       task, err);
	set(&b, report, "totals", totals(&b, snap));
	set(&b, report, "coverage", coverage(&b, &snap->coverage));
	if (!ret && snap->reconcile) {
		bool *selected = modules_select(snap, opts->modules, err);

		ret = selected ? 0 : -ENOENT;
		if (!ret)
			set(&b, report, "reconcile", json_reconcile(snap, selected));
		free(selected);
	}

	if (!ret && b.overflow)
		ret = error_set(err, -EOVERFLOW,
				"a number of this recording does not fit into JSON (63 bits)");
	if (!ret && b.no_memory)
		ret = error_set(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = json_put(report, out, err);
	json_decref(report);
	return ret;
}
