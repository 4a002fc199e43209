// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - the JSON contract: modmem.report/1 and 2 (testdata/report.schema.json)
 *
 * Keys come in the order of report_fields.c and rows in that of order.c: the same
 * recording gives the same bytes. There are no kernel addresses in it unless asked for.
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
#include "leaks.h"
#include "report_fields.h"
#include "rows.h"
#include "snapshot.h"
#include "text.h"

/* What is written; what went wrong meanwhile, so that it is asked once. */
struct builder {
	const struct snapshot *snap;
	const bool *selected;	/* modules; NULL: not asked yet */
	bool addresses;
	bool full;
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

static json_t *number(struct builder *b, uint64_t value)
{
	if (value > INT64_MAX)
		b->overflow = true;
	return json_integer((json_int_t)value);
}

static json_t *iso_time(int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (seconds < 0 || !gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return json_string(text);
}

static json_t *address(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return value ? json_string(text) : json_null();
}

static json_t *file_name(const char *path)
{
	const char *base = strrchr(path, '/');

	return json_text(base ? base + 1 : path);
}

/* ---- what report_fields.c has ------------------------------------------------------------ */

static json_t *object(struct builder *b, const struct report_fields *of, const void *row);

static json_t *rows_in_order(struct builder *b, const struct report_fields *of,
			     const struct rows *rows)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rows->n; i++)
		append(b, array, object(b, of, rows->row[i].data));
	return array;
}

/* The sites or caches of one module. */
static json_t *rows_below(struct builder *b, const struct report_fields *of,
			  const struct snap_module *m)
{
	struct rows rows;
	json_t *array;

	if (rows_of_module(&rows, b->snap, of == &report_site ? VIEW_BY_SITE : VIEW_BY_CACHE,
			   m, NULL))
		b->no_memory = true;
	array = rows_in_order(b, of, &rows);
	rows_free(&rows);
	return array;
}

/* Of rows that say which module they are of, those of modules that are asked for. */
static bool is_selected(const struct builder *b, const struct report_fields *of,
			const char *row)
{
	for (size_t i = 0; b->selected && i < of->n; i++)
		if (of->field[i].type == REPORT_MODULE)
			return b->selected[*(const uint32_t *)(row + of->field[i].at)];
	return true;
}

static json_t *array(struct builder *b, const struct report_fields *of, const void *first,
		     size_t n)
{
	const char *rows = first;
	json_t *value = json_array();

	for (size_t i = 0; i < n; i++, rows += of->size)
		if (is_selected(b, of, rows))
			append(b, value, object(b, of, rows));
	return value;
}

/* One for each name: of .of, or a number. */
static json_t *each(struct builder *b, const struct report_field *f, const char *at)
{
	json_t *value = json_object();
	const char *name;

	for (unsigned int i = 0; (name = f->names(i)); i++)
		set(b, value, name, f->of ? object(b, f->of, at + i * f->of->size) :
		    number(b, ((const uint64_t *)(const void *)at)[i]));
	return value;
}

/* Causes by kind, or what they say. */
static json_t *kind_causes(struct builder *b, const struct report_field *f,
			   const uint32_t *why)
{
	json_t *value = json_object();
	const char *name;

	for (unsigned int i = 0; (name = f->names(i)); i++)
		set(b, value, name, f->type == REPORT_WHYS ? json_causes(why[i]) :
		    json_string(bound_name(bound_of(why[i]))));
	return value;
}

/* Live page blocks of each size that there is. */
static json_t *blocks(struct builder *b, const uint32_t *of_order)
{
	json_t *value = json_array();

	for (unsigned int i = 0; i < SNAP_ORDERS; i++)
		if (of_order[i])
			append(b, value, json_pack("{sI sI}", "order", (json_int_t)i,
						   "blocks", (json_int_t)of_order[i]));
	return value;
}

/* A number, true or false, or a text. */
static json_t *plain_of(struct builder *b, const struct report_field *f, const char *row)
{
	const void *at = row + f->at, *also = row + f->also;
	const char *const *text = at;
	const uint64_t *u64 = at;
	const uint32_t *u32 = at;
	const int64_t *i64 = at;

	switch (f->type) {
	case REPORT_U32:
		return json_integer(*u32);
	case REPORT_SIGNED:
		return *i64 < 0 ? json_null() : json_integer(*i64);
	case REPORT_PID:
		return *(const int32_t *)at < 0 ? json_null() :
		       json_integer(*(const int32_t *)at);
	case REPORT_INT:
		return json_integer(*i64);
	case REPORT_IF:
		return *(const bool *)also ? json_integer(*i64) : json_null();
	case REPORT_UNLESS:
		return *(const bool *)also ? json_null() : number(b, *u64);
	case REPORT_NTH:
		return json_integer((json_int_t)*u32 + 1);
	case REPORT_REAL:
		return json_real(*(const double *)at);
	case REPORT_BOOL:
		return json_boolean(*(const bool *)at);
	case REPORT_TEXT:
		return json_text(*text);
	case REPORT_FILE:
		return file_name(*text);
	case REPORT_ENUM:
		return json_text(f->names(*u32));
	case REPORT_ADDRESS:
		return address(*u64);
	case REPORT_TIME:
		return iso_time(*i64);
	case REPORT_BOUND:
		return json_text(bound_name(bound_of(*u32)));
	case REPORT_MODULE:
		return json_text(b->snap->modules[*u32].name);
	default:
		return number(b, *u64);
	}
}

/* Nothing is to be written of field @f of the struct at @row. */
static bool is_left_out(const struct builder *b, const struct report_field *f, const char *row)
{
	const void *at = row + f->at, *also = row + f->also;

	if (f->full && !b->full)
		return true;
	switch (f->type) {
	case REPORT_U32:
		return f->sparse && !*(const uint32_t *)at;
	case REPORT_NTH:
		return !*(const uint32_t *)at;
	case REPORT_ADDRESS:
		return !b->addresses;
	case REPORT_SOURCES:
		return !*(const char *const *const *)at;
	case REPORT_ROWS:
		return f->of != &report_site && f->of != &report_cache && f->sparse &&
		       !*(const size_t *)also;
	default:
		return false;
	}
}

/* What field @f of the struct at @row is, if it is not left out. NULL: no memory. */
static json_t *value_of(struct builder *b, const struct report_field *f, const char *row)
{
	const void *at = row + f->at, *also = row + f->also;
	const char *const *const *texts = at;
	const void *rows;

	switch (f->type) {
	case REPORT_TEXTS:
		return json_texts(*texts, *(const size_t *)also);
	case REPORT_SOURCES:
		return json_texts(*texts, *(const size_t *)also);
	case REPORT_WHY:
		return json_causes(*(const uint32_t *)at);
	case REPORT_BOUNDS:
	case REPORT_WHYS:
		return kind_causes(b, f, at);
	case REPORT_ROWS:
		if (f->of == &report_site || f->of == &report_cache)
			return rows_below(b, f->of, (const void *)row);
		memcpy(&rows, at, sizeof(rows));	/* a pointer, to whatever it is */
		return array(b, f->of, rows, *(const size_t *)also);
	case REPORT_ONE:
		return object(b, f->of, at);
	case REPORT_EACH:
	case REPORT_NUMBERS:
		return each(b, f, at);
	case REPORT_DMA_BLOCKS:
		return b->snap->dma_blocks_known ? object(b, f->of, at) : json_null();
	case REPORT_STATIC:
		return ((const struct modstatic *)at)->source == STATIC_UNKNOWN ?
		       json_null() : object(b, f->of, at);
	case REPORT_AT_LEAST:
		return json_boolean(modstatic_at_least((const void *)row));
	case REPORT_OVERHEAD:
		return ((const struct snap_stack *)(const void *)row)->charge == CHARGE_OVERHEAD ?
		       json_text(f->names(*(const uint32_t *)at)) : json_null();
	case REPORT_BLOCKS:
		return blocks(b, at);
	default:
		return plain_of(b, f, row);
	}
}

static json_t *object(struct builder *b, const struct report_fields *of, const void *row)
{
	json_t *value = json_object();

	for (size_t i = 0; i < of->n; i++) {
		const struct report_field *f = &of->field[i];

		if (!is_left_out(b, f, row))
			set(b, value, f->name, value_of(b, f, row));
	}
	return value;
}

/* ---- the parts of a report ---------------------------------------------------------------- */

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
	set(b, object, "attribute", json_text(snap->attribute));
	set(b, object, "modules", modules);
	set(b, object, "part", json_boolean(snap->part));
	return object;
}

/* Under a name that is somebody else's. */
static void set_named(struct builder *b, json_t *object, const char *name, json_t *value)
{
	char *key = text_printable(name);

	if (key)
		set(b, object, key, value);
	else
		b->no_memory = true;
	free(key);
}

static json_t *points(struct builder *b, const struct snap_point *of, size_t n)
{
	json_t *value = of ? json_array() : json_null();

	for (size_t i = 0; of && i < n; i++) {
		append(b, value, number(b, of[i].min));
		append(b, value, number(b, of[i].max));
		append(b, value, number(b, of[i].last));
	}
	return value;
}

/* Least, most and last of each bucket; by module, in the order of their rows. */
static json_t *series(struct builder *b, const struct snap_series *s)
{
	json_t *value = object(b, &report_series, s), *lost = json_array();
	json_t *modules = json_object();

	set(b, value, "total", points(b, s->total, s->n_buckets));
	for (size_t i = 0; i < b->snap->n_modules; i++)
		if (b->selected[i] && s->modules[i])
			set_named(b, modules, b->snap->modules[i].name,
				  points(b, s->modules[i], s->n_buckets));
	set(b, value, "modules", modules);
	for (size_t i = 0; i < s->n_buckets; i++)
		append(b, lost, s->lost[i] == UINT64_MAX ? json_null() : number(b, s->lost[i]));
	set(b, value, "lost", lost);
	return value;
}

/* All rows of one --by, in the default order. */
static int add_rows(struct builder *b, json_t *report, const char *key,
		    const struct view_opts *opts, enum view_by by,
		    const struct report_fields *of, struct error *err)
{
	struct view_opts every = {
		.by = by,
		.modules = opts->modules,
		.all = true,
	};
	struct rows rows;
	int ret = rows_collect(&rows, b->snap, &every, err);

	/* a row of stacks is made of one of the snapshot's */
	for (size_t i = 0; !ret && by == VIEW_BY_STACK && i < rows.n; i++)
		rows.row[i].data = &b->snap->stacks[(const struct stack_row *)rows.row[i].data -
						    rows.stacks];
	if (!ret)
		set(b, report, key, rows_in_order(b, of, &rows));
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
	struct builder b = { .snap = snap };

	return whole(&b, object(&b, &report_source, snap));
}

json_t *json_coverage(const struct snapshot *snap)
{
	struct builder b = { .snap = snap };

	return whole(&b, object(&b, &report_coverage, &snap->coverage));
}

/* What is behind the sentences of coverage.distrust. */
static json_t *distrust_causes(struct builder *b, const struct coverage *c)
{
	json_t *value = json_array();

	for (size_t i = 0; i < c->n_distrust; i++)
		append(b, value, json_causes(c->distrust_why ? c->distrust_why[i] : 0));
	return value;
}

/* All that another report of the same is made of, in the order of the snapshot. */
static void add_full(struct builder *b, json_t *report)
{
	const struct snapshot *snap = b->snap;

	set(b, report, "stacks", array(b, &report_stack, snap->stacks, snap->n_stacks));
	if (snap->has_tasks)
		set(b, report, "tasks", array(b, &report_task, snap->tasks, snap->n_tasks));
	set(b, report, "distrust_why", distrust_causes(b, &snap->coverage));
	set(b, report, "series", series(b, snap->series));
	set(b, report, "leaks", object(b, &report_leaks, snap->leaks));
}

static int add_parts(struct builder *b, json_t *report, const struct view_opts *opts,
		     struct error *err)
{
	const struct snapshot *snap = b->snap;
	int ret;

	set(b, report, "schema", json_string(b->full ? REPORT_SCHEMA_FULL : REPORT_SCHEMA));
	set(b, report, "source", object(b, &report_source, snap));
	set(b, report, "options", options(b, snap, opts));
	ret = add_rows(b, report, "modules", opts, VIEW_BY_MODULE, &report_module, err);
	if (b->full)
		add_full(b, report);
	else if (!ret && opts->by == VIEW_BY_STACK)
		ret = add_rows(b, report, "stacks", opts, VIEW_BY_STACK, &report_stack, err);
	else if (!ret && opts->by == VIEW_BY_TASK)
		ret = add_rows(b, report, "tasks", opts, VIEW_BY_TASK, &report_task, err);
	set(b, report, "totals", object(b, &report_totals, snap));
	set(b, report, "coverage", object(b, &report_coverage, &snap->coverage));
	if (!ret && snap->reconcile)
		set(b, report, "reconcile", json_reconcile(snap, b->selected, b->full));
	return ret;
}

int view_json(const struct snapshot *snap, const struct view_opts *opts,
	      FILE *out, struct error *err)
{
	bool *selected = modules_select(snap, opts->modules, err);
	struct builder b = {
		.snap = snap,
		.selected = selected,
		.addresses = opts->addresses,
		.full = opts->full,
	};
	json_t *report = json_object();
	int ret = selected ? add_parts(&b, report, opts, err) : -ENOENT;

	if (!ret && b.overflow)
		ret = error_set(err, -EOVERFLOW,
				"a number of this recording does not fit into JSON (63 bits)");
	if (!ret && b.no_memory)
		ret = error_set(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = json_put(report, out, err);
	json_decref(report);
	free(selected);
	return ret;
}
