// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bound.h"
#include "error.h"
#include "leaks.h"
#include "modname.h"
#include "readfile.h"
#include "reconcile.h"
#include "report_fields.h"
#include "saved_fields.h"
#include "snapshot_build.h"

/* ---- modules and their places ----------------------------------------------------------- */

/* As the kernel has it: somebody may have written the report. */
static const char *module_name(struct reader *r, const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	size_t len = name ? strlen(name) : 0;
	char *copy = name ? saved_room(r, len + 1, 1) : NULL;

	if (copy)
		modname_set(copy, len + 1, name, len);
	return copy;
}

/* The places hold what the module holds, or somebody changed one of them. */
static void check_sums(struct reader *r, const struct snap_module *m)
{
	uint64_t sum[CHARGE_INDUCED + 1] = { 0 };

	for (size_t i = 0; i < m->n_sites; i++)
		if (__builtin_add_overflow(sum[m->sites[i].charge], m->sites[i].live_bytes,
					   &sum[m->sites[i].charge]))
			saved_refuse(r, "the sum of its places is no number that could be");
	if (sum[CHARGE_OWN] != m->live_bytes)
		saved_refuse(r, "live_bytes is %" PRIu64 ", but its places hold %" PRIu64,
			     m->live_bytes, sum[CHARGE_OWN]);
	if (sum[CHARGE_INDUCED] != m->induced_bytes)
		saved_refuse(r, "induced_bytes is %" PRIu64 ", but its places hold %" PRIu64,
			     m->induced_bytes, sum[CHARGE_INDUCED]);
}

static int by_name(const void *x, const void *y, void *modules)
{
	const struct snap_module *all = modules;
	const uint32_t *a = x, *b = y;

	return strcmp(all[*a].name, all[*b].name);
}

/* Rows of others name their module: each name is there once. */
static void index_modules(struct reader *r)
{
	const struct snap_module *all = r->snap->modules;
	size_t n = r->snap->n_modules;
	uint32_t *index = saved_room(r, n + 1, sizeof(*index));

	if (!index)
		return;
	for (size_t i = 0; i < n; i++)
		index[i] = (uint32_t)i;
	qsort_r(index, n, sizeof(*index), by_name, r->snap->modules);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(all[index[i - 1]].name, all[index[i]].name))
			saved_refuse(r, "module '%.60s' is there twice", all[index[i]].name);
	r->by_name = index;
}

static void read_modules(struct reader *r, const json_t *report)
{
	const json_t *array = saved_member(r, report, "modules", JSON_ARRAY);
	size_t n = json_array_size(array);
	struct snap_module *modules = saved_room(r, n + 1, sizeof(*modules));

	for (size_t i = 0; !r->ret && i < n; i++) {
		const json_t *object = json_array_get(array, i);
		struct snap_module *m = &modules[i];

		r->module = module_name(r, object);
		m->fixed = modstatic_none;
		saved_object(r, object, &report_module, m);
		if (r->ret)
			return;
		m->name = r->module;
		check_sums(r, m);
		r->module = NULL;
		r->snap->allocinfo |= m->before_bytes >= 0;
	}
	if (r->ret)
		return;
	r->snap->modules = modules;
	r->snap->n_modules = n;
	index_modules(r);
}

/* ---- what is around them ------------------------------------------------------------------ */

static bool in_ns(const char *clock)
{
	static const char *const counters[] = { "counter", "uptime", "x86-tsc", "ppc-tb" };

	for (size_t i = 0; clock && i < sizeof(counters) / sizeof(counters[0]); i++)
		if (!strcmp(clock, counters[i]))
			return false;
	return true;
}

static void read_source(struct reader *r, const json_t *report)
{
	const json_t *source = saved_member(r, report, "source", JSON_OBJECT);
	const json_t *totals = json_object_get(report, "totals");

	if (!source)
		return;
	saved_object(r, source, &report_source, r->snap);
	if (!r->full)
		r->snap->clock_is_ns = in_ns(r->snap->clock);
	if (!r->snap->file)
		r->snap->file = r->name;
	saved_object(r, totals, &report_totals, r->snap);
}

static void read_options(struct reader *r, const json_t *report)
{
	const json_t *options = json_object_get(report, "options");
	const json_t *attribute = json_object_get(options, "attribute");
	struct snapshot *snap = r->snap;

	if (!options)
		return;
	if (attribute && !json_is_null(attribute) && !json_is_string(attribute))
		saved_refuse(r, "attribute is no text");
	snap->attribute = arena_strdup(r->arena, json_string_value(attribute));
	snap->only = saved_texts(r, options, "modules", &snap->n_only);
	snap->part = saved_bool(r, options, "part", false);
}

static void read_coverage(struct reader *r, const json_t *report)
{
	const json_t *coverage = saved_member(r, report, "coverage", JSON_OBJECT);
	const json_t *why = json_object_get(report, "distrust_why");
	struct coverage *c = &r->snap->coverage;

	if (!coverage)
		return;
	saved_object(r, coverage, &report_coverage, c);
	if (json_array_size(why) != c->n_distrust || !c->n_distrust)
		return;
	c->distrust_why = saved_room(r, c->n_distrust, sizeof(*c->distrust_why));
	for (size_t i = 0; c->distrust_why && i < c->n_distrust; i++)
		c->distrust_why[i] = saved_causes(r, json_array_get(why, i));
}

/* ---- what --full adds --------------------------------------------------------------------- */

static void read_stacks(struct reader *r, const json_t *report)
{
	struct snapshot *snap = r->snap;
	const json_t *stacks = json_object_get(report, "stacks");
	const json_t *tasks = json_object_get(report, "tasks");

	snap->has_stacks = stacks;
	snap->has_tasks = tasks;
	if (stacks)
		snap->stacks = saved_rows(r, saved_member(r, report, "stacks", JSON_ARRAY),
					  &report_stack, &snap->n_stacks);
	if (tasks)
		snap->tasks = saved_rows(r, saved_member(r, report, "tasks", JSON_ARRAY),
					 &report_task, &snap->n_tasks);
	for (size_t i = 0; i < snap->n_stacks; i++)
		if (snap->stacks[i].charge == CHARGE_INSIDE ||
		    snap->stacks[i].n_allocator > snap->stacks[i].n_frames)
			saved_refuse(r, "a stack is of no module, or has fewer frames than of the allocator");
}

/* Least, most and last of each of the @n buckets. */
static const struct snap_point *read_points(struct reader *r, const json_t *array, size_t n)
{
	struct snap_point *points = saved_room(r, n + 1, sizeof(*points));

	if (json_array_size(array) != 3 * n)
		saved_refuse(r, "a series has not three numbers for each bucket");
	for (size_t i = 0; !r->ret && i < 3 * n; i++) {
		const json_t *value = json_array_get(array, i);

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			saved_refuse(r, "a series has a number that could not be");
		*(&points[i / 3].min + i % 3) = (uint64_t)json_integer_value(value);
	}
	return points;
}

static void read_losses(struct reader *r, const json_t *lost, struct snap_series *s)
{
	uint64_t *to = saved_room(r, s->n_buckets + 1, sizeof(*to));

	for (size_t i = 0; to && i < s->n_buckets; i++) {
		const json_t *value = json_array_get(lost, i);

		if (json_is_null(value))
			to[i] = UINT64_MAX;
		else if (json_is_integer(value) && json_integer_value(value) >= 0)
			to[i] = (uint64_t)json_integer_value(value);
		else
			saved_refuse(r, "lost has a number that could not be");
	}
	s->lost = to;
}

static void read_series(struct reader *r, const json_t *report)
{
	const json_t *series = json_object_get(report, "series"), *lost, *modules;
	struct snapshot *snap = r->snap;
	struct snap_series *s = series ? saved_room(r, 1, sizeof(*s)) : NULL;
	uint64_t width, end;

	if (!s)
		return;
	saved_object(r, series, &report_series, s);
	lost = saved_member(r, series, "lost", JSON_ARRAY);
	modules = saved_member(r, series, "modules", JSON_OBJECT);
	s->n_buckets = json_array_size(lost);
	if (!s->bucket_ns || !s->n_buckets || s->n_buckets > SERIES_BUCKETS ||
	    __builtin_mul_overflow(s->bucket_ns, s->n_buckets, &width) ||
	    __builtin_add_overflow(width, s->start_ns, &end) || end > INT64_MAX)
		saved_refuse(r, "a series has buckets that could not be");
	for (size_t i = 0; i < s->n_marks; i++)
		if (s->marks[i].ns < (i ? s->marks[i - 1].ns : s->start_ns))
			saved_refuse(r, "marks of a series are not in the order of time");
	s->modules = saved_room(r, snap->n_modules + 1, sizeof(*s->modules));
	if (r->ret)
		return;
	s->total = read_points(r, json_object_get(series, "total"), s->n_buckets);
	read_losses(r, lost, s);
	for (size_t i = 0; i < snap->n_modules && !r->ret; i++) {
		const json_t *points = json_object_get(modules, snap->modules[i].name);

		if (points)
			s->modules[i] = read_points(r, points, s->n_buckets);
	}
	snap->series = s;
}

static void read_leaks(struct reader *r, const json_t *report)
{
	const json_t *leaks = json_object_get(report, "leaks");

	if (!leaks)
		return;
	r->snap->leaks = saved_room(r, 1, sizeof(*r->snap->leaks));
	if (r->snap->leaks)
		saved_object(r, leaks, &report_leaks, r->snap->leaks);
}

static void read_reconcile(struct reader *r, const json_t *report)
{
	const json_t *object = json_object_get(report, "reconcile");
	struct reconcile *to = object ? saved_room(r, 1, sizeof(*to)) : NULL;

	if (!to)
		return;
	saved_object(r, object, &report_reconcile, to);
	to->slabinfo = json_is_array(json_object_get(object, "caches"));
	to->vmallocinfo = json_is_array(json_object_get(object, "areas"));
	to->allocinfo = json_is_array(json_object_get(object, "modules"));
	to->command.known = json_is_object(json_object_get(object, "command"));
	r->snap->reconcile = to;
}

/* ---- all of it ---------------------------------------------------------------------------- */

/* What a reader has to know of it besides what it says of the recording. */
static void add_notes(struct reader *r)
{
	const char *notes[2], *list = "", *only = "";
	size_t n = 0;

	for (size_t i = 0; i < r->n_lacks; i++)
		list = arena_printf(r->arena, "%s%s%s", list, *list ? ", " : "", r->lacks[i]);
	if (r->n_lacks)
		notes[n++] = arena_printf(r->arena, "saved by an earlier modmem, which did not write all: 0 or unknown here: %s%s",
					  list, r->n_lacks == SAVED_LACKS ? ", ..." : "");
	for (size_t i = 0; i < r->snap->n_only; i++)
		only = arena_printf(r->arena, "%s%s%s", only, *only ? ", " : "",
				    r->snap->only[i]);
	if (r->snap->only)
		notes[n++] = arena_printf(r->arena, "saved with --module: rows are of these only, totals of all: %s",
					  only);
	for (size_t i = 0; i < n; i++)
		if (!notes[i])
			return;
	if (snapshot_add_notes(r->snap, notes, n) && !r->ret)
		r->ret = error_set(r->err, -ENOMEM, "out of memory");
}

static bool check_schema(struct reader *r, const json_t *report)
{
	const char *schema = json_string_value(json_object_get(report, "schema"));

	r->full = schema && !strcmp(schema, REPORT_SCHEMA_FULL);
	if (r->full || (schema && !strcmp(schema, REPORT_SCHEMA)))
		return true;
	if (schema && !strncmp(schema, REPORT_SCHEMA_FAMILY, strlen(REPORT_SCHEMA_FAMILY)))
		r->ret = error_set(r->err, -EINVAL,
				   "%.200s: a report of the form %.40s, this modmem reads " REPORT_SCHEMA " and 2: make it again with this modmem",
				   r->name, schema);
	else
		r->ret = error_set(r->err, -EINVAL,
				   "%.200s: JSON, but no report of modmem (schema " REPORT_SCHEMA "): save one with 'modmem report --format json'",
				   r->name);
	return false;
}

bool saved_is(const char *head, size_t len)
{
	size_t at = 0;

	while (at < len && isspace((unsigned char)head[at]))
		at++;
	return at < len && head[at] == '{';
}

struct snapshot *saved_parse(const char *text, size_t len, const char *name,
			     struct error *err)
{
	struct reader r = { .err = err };
	json_error_t error;
	json_t *report;

	report = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!report) {
		error_set(err, -EINVAL, "%.200s: is no JSON, or was cut off: line %d: %.100s",
			  name, error.line, error.text);
		return NULL;
	}
	r.snap = snapshot_new();
	if (r.snap) {
		r.arena = snapshot_arena(r.snap);
		r.name = arena_strdup(r.arena, name);
	}
	if (!r.name) {
		r.ret = error_set(err, -ENOMEM, "out of memory");
	} else if (check_schema(&r, report)) {
		read_source(&r, report);
		read_options(&r, report);
		read_coverage(&r, report);
		read_modules(&r, report);
		read_stacks(&r, report);
		read_series(&r, report);
		read_leaks(&r, report);
		read_reconcile(&r, report);
		add_notes(&r);
	}
	json_decref(report);
	if (!r.ret) {
		r.snap->saved = true;
		return r.snap;
	}
	snapshot_free(r.snap);
	return NULL;
}

struct snapshot *saved_read(const char *path, struct error *err)
{
	size_t len;
	char *data = readfile(path, SAVED_MAX, "report", &len, err);
	struct snapshot *snap = data ? saved_parse(data, len, path, err) : NULL;

	free(data);
	return snap;
}
