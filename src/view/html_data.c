// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * html_data.c - what html/page.js draws
 *
 * Times are from the start of the recording: a script's numbers are exact up to
 * 2^53 only, which nanoseconds since a boot can be past.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "frame.h"
#include "headline.h"
#include "html.h"
#include "leaks.h"
#include "leaks_view.h"
#include "marks.h"
#include "memstream.h"
#include "rows.h"
#include "strings_table.h"
#include "suppress.h"
#include "text.h"

#define SITES_MAX 200u
#define LEAKS_MAX 200u
#define STACKS_MAX 20000u	/* what a browser draws without effort */

struct page {
	const struct snapshot *snap;
	const struct export_opts *opts;
	const bool *selected;
	struct strings *frames;
	json_t *frame_list;		/* [name, module or -1] by number - 1 */
	bool no_memory;
};

static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* null where there is none */
static json_t *positive(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *since_start(const struct snapshot *snap, int64_t ns)
{
	if (ns < 0)
		return json_null();
	return number((uint64_t)ns < snap->start_ns ? 0 : (uint64_t)ns - snap->start_ns);
}

static json_t *string(const char *text)
{
	char *copy = text ? text_printable(text) : NULL;
	json_t *value = copy ? json_string(copy) : text ? NULL : json_null();

	free(copy);
	return value;
}

static void set(struct page *p, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		p->no_memory = true;
}

static void append(struct page *p, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		p->no_memory = true;
}

/* What stands before the number @key, and why: for an object of them. */
static void set_mark(struct page *p, json_t *marks, const char *key, uint32_t why)
{
	char text[1024] = "";
	size_t len = 0;

	if (!why)
		return;
	for (enum bound_cause i = 0; i < BOUND_CAUSES && len < sizeof(text); i++)
		if (why & BOUND_BIT(i))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? "; " : "", bound_cause_text(i));
	set(p, marks, key, json_pack("[ss]", mark_of(why, true), text));
}

static json_t *module_marks(struct page *p, const struct snap_module *m)
{
	json_t *marks = json_object();

	for (int kind = 0; kind < KIND_MAX; kind++)
		set_mark(p, marks, mem_kind_name((enum mem_kind)kind), m->kind_why[kind]);
	set_mark(p, marks, "live", m->why);
	set_mark(p, marks, "peak", m->why);
	set_mark(p, marks, "induced", m->induced_why);
	return marks;
}

static json_t *module(struct page *p, const struct snap_module *m, bool selected)
{
	json_t *o = json_object();

	set(p, o, "name", string(m->name));
	set(p, o, "state", string(module_state_name(m->state)));
	for (int kind = 0; kind < KIND_MAX; kind++)
		set(p, o, mem_kind_name((enum mem_kind)kind), number(m->live[kind].bytes));
	set(p, o, "live", number(m->live_bytes));
	set(p, o, "induced", number(m->induced_bytes));
	set(p, o, "before", m->before_bytes < 0 ? json_null() :
	    number((uint64_t)m->before_bytes));
	set(p, o, "overhead", number(m->overhead_bytes));
	set(p, o, "uncertain", number(m->uncertain_bytes));
	set(p, o, "peak", number(m->peak_bytes));
	set(p, o, "peak_time", since_start(p->snap, m->peak_ns));
	set(p, o, "allocs", number(m->allocs));
	set(p, o, "frees", number(m->frees));
	set(p, o, "leaked", selected ? positive(m->leaked_bytes) : json_null());
	set(p, o, "shown", json_boolean(selected && !module_empty(m)));
	set(p, o, "marks", module_marks(p, m));
	return o;
}

static json_t *modules(struct page *p)
{
	json_t *array = json_array();

	for (size_t i = 0; i < p->snap->n_modules; i++)
		append(p, array, module(p, &p->snap->modules[i], p->selected[i]));
	return array;
}

/* @text is free()d; it is printable. */
static json_t *place(char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	free(text);
	return value;
}

static json_t *site(struct page *p, const struct row *row)
{
	const struct snap_site *s = row->data;
	json_t *o = json_object(), *marks = json_object();

	set(p, o, "module", json_integer(row->module - p->snap->modules));
	set(p, o, "function", place(text_place(s->function, s->offset, s->number, s->no_offset)));
	set(p, o, "source", string(s->source));
	set(p, o, "kind", string(mem_kind_name(s->kind)));
	set(p, o, "via", string(s->via));
	set(p, o, "charge", string(charge_name(s->charge)));
	set(p, o, "live", number(s->live_bytes));
	set(p, o, "objects", number(s->live_objects));
	set(p, o, "allocs", number(s->allocs));
	set(p, o, "frees", number(s->frees));
	set(p, o, "uncertain", number(s->uncertain_bytes));
	set_mark(p, marks, "live", s->why);
	set(p, o, "marks", marks);
	return o;
}

static int add_sites(struct page *p, json_t *data, struct error *err)
{
	const struct view_opts vo = { .by = VIEW_BY_SITE, .modules = p->opts->modules };
	json_t *array = json_array();
	uint64_t left_out = 0;
	struct rows rows;
	int ret = rows_collect(&rows, p->snap, &vo, err);

	for (size_t i = 0; !ret && i < rows.n; i++) {
		if (rows.row[i].hidden)
			continue;
		if (json_array_size(array) < SITES_MAX)
			append(p, array, site(p, &rows.row[i]));
		else
			left_out++;
	}
	rows_free(&rows);
	set(p, data, "sites", array);
	set(p, data, "sites_left_out", number(left_out));
	return ret;
}

/* ---- leaks --------------------------------------------------------------- */

static json_t *leak(struct page *p, const struct snap_leak *l)
{
	json_t *o = json_object();

	set(p, o, "module", json_integer((json_int_t)l->module));
	set(p, o, "class", string(leak_class_name(leak_reason_class(l->reason))));
	set(p, o, "reason", string(leak_reason_name(l->reason)));
	set(p, o, "function", place(text_place(l->function, l->offset, l->number, l->no_offset)));
	set(p, o, "source", string(l->source));
	set(p, o, "via", string(l->via));
	set(p, o, "bytes", number(l->bytes));
	set(p, o, "objects", number(l->objects));
	set(p, o, "allocs", number(l->allocs));
	set(p, o, "frees", number(l->frees));
	set(p, o, "since", since_start(p->snap, (int64_t)l->oldest_ns));
	return o;
}

/* Those that are certain or likely; null if nobody asked for leaks. */
static int add_leaks(struct page *p, json_t *data, struct error *err)
{
	const struct leaks_opts lo = { .modules = p->opts->modules };
	const struct snap_leaks *leaks = p->snap->leaks;
	struct suppressions none = { 0 };
	struct leaks_report report = { 0 };
	int ret = leaks ? leaks_report_make(&report, p->snap, &lo, &none, err) : 0;
	json_t *array = leaks ? json_array() : json_null(), *doubts = json_array();
	uint64_t left_out = 0, unloads = 0;

	for (size_t i = 0; leaks && i < leaks->n_rows; i++) {
		const struct snap_leak *l = &leaks->rows[i];

		if (!p->selected[l->module] || leak_reason_class(l->reason) == LEAK_EXCUSED)
			continue;
		if (json_array_size(array) < LEAKS_MAX)
			append(p, array, leak(p, l));
		else
			left_out++;
	}
	for (size_t i = 0; leaks && i < leaks->n_unloads; i++)
		unloads += p->selected[leaks->unloads[i].module];
	for (size_t i = 0; i < report.n_doubts; i++)
		append(p, doubts, string(report.doubts[i]));
	leaks_report_release(&report);
	set(p, data, "leaks", array);
	set(p, data, "leaks_left_out", number(left_out));
	set(p, data, "unloads", number(unloads));
	set(p, data, "some", json_boolean(p->opts->modules != NULL));
	set(p, data, "unloads_unknown",
	    leaks && leaks->unloads_unknown ? json_true() : json_false());
	set(p, data, "doubts", doubts);
	return ret;
}

/* ---- live bytes over time ----------------------------------------------- */

static json_t *curve(struct page *p, const struct snap_point *points)
{
	json_t *o = json_object(), *max = json_array(), *last = json_array();

	for (size_t b = 0; b < p->snap->series->n_buckets; b++) {
		append(p, max, number(points[b].max));
		append(p, last, number(points[b].last));
	}
	set(p, o, "max", max);
	set(p, o, "last", last);
	return o;
}

static json_t *lost(struct page *p)
{
	const struct snap_series *ss = p->snap->series;
	json_t *array = json_array();

	for (size_t b = 0; b < ss->n_buckets; b++)
		if (ss->lost[b])
			append(p, array, json_pack("[Io]", (json_int_t)b,
						   ss->lost[b] == UINT64_MAX ? json_null() :
						   number(ss->lost[b])));
	return array;
}

static json_t *series(struct page *p)
{
	const struct snap_series *ss = p->snap->series;
	json_t *o, *curves = json_array(), *marks = json_array();

	if (!ss) {
		json_decref(curves);
		json_decref(marks);
		return json_null();
	}
	o = json_object();
	set(p, o, "bucket", number(ss->bucket_ns));
	set(p, o, "peak", number(ss->peak_bytes));
	set(p, o, "peak_time", since_start(p->snap, ss->peak_ns));
	set(p, o, "total", curve(p, ss->total));
	for (size_t i = 0; i < p->snap->n_modules; i++) {
		json_t *c;

		if (!p->selected[i] || !ss->modules[i])
			continue;
		c = curve(p, ss->modules[i]);
		set(p, c, "module", json_integer((json_int_t)i));
		append(p, curves, c);
	}
	set(p, o, "modules", curves);
	for (size_t i = 0; i < ss->n_marks; i++)
		if (p->selected[ss->marks[i].module])
			append(p, marks, json_pack("[oIb]",
						   since_start(p->snap, (int64_t)ss->marks[i].ns),
						   (json_int_t)ss->marks[i].module,
						   ss->marks[i].load));
	set(p, o, "marks", marks);
	set(p, o, "marks_left_out", number(ss->marks_left_out));
	set(p, o, "lost", lost(p));
	return o;
}

/* ---- stacks ------------------------------------------------------------- */

/* The module of that name, -1: none. */
static json_int_t module_index(const struct snapshot *snap, const char *name, size_t len)
{
	for (size_t i = 0; name && i < snap->n_modules; i++)
		if (!strncmp(snap->modules[i].name, name, len) && !snap->modules[i].name[len])
			return (json_int_t)i;
	return -1;
}

/* Number of a frame in frame_list; frames of one function (and line) are one. */
static json_t *frame(struct page *p, const struct snap_stack *s, size_t i)
{
	size_t before = strings_count(p->frames);
	char *text = stack_frame_text(s, i, false);
	uint32_t id = text ? strings_add(p->frames, text, strlen(text)) : UINT32_MAX;
	struct frame_parts parts;

	if (id == UINT32_MAX) {
		free(text);
		return NULL;
	}
	if (id >= before) {
		frame_split(s->frames[i], &parts);
		append(p, p->frame_list,
		       json_pack("[sI]", text, module_index(p->snap, parts.module,
							   parts.module_len)));
	}
	free(text);
	return json_integer((json_int_t)id - 1);
}

static json_t *stack(struct page *p, const struct snap_stack *s)
{
	json_t *values = json_array(), *frames = json_array();

	/* in the order of page.js */
	for (int m = METRIC_LIVE; m <= METRIC_ALLOCS; m++)
		append(p, values, number(stack_value(s, (enum export_metric)m)));
	for (size_t i = 0; i < s->n_frames; i++)
		append(p, frames, frame(p, s, i));
	return json_pack("[Iioo]", (json_int_t)s->module, (int)s->charge, values, frames);
}

/* What was left out, in one sum for each module and charge. */
static void add_rest(struct page *p, json_t *array, const struct snap_stack *rest)
{
	static const char *const frames[] = { "(smaller stacks)" };
	const size_t n = p->snap->n_modules * (CHARGE_OVERHEAD + 1);

	for (size_t i = 0; i < n; i++) {
		struct snap_stack s = rest[i];

		if (!s.allocs)
			continue;
		s.module = (uint32_t)(i / (CHARGE_OVERHEAD + 1));
		s.charge = (enum charge)(i % (CHARGE_OVERHEAD + 1));
		s.frames = frames;
		s.n_frames = 1;
		append(p, array, stack(p, &s));
	}
}

static int add_stacks(struct page *p, json_t *data)
{
	const size_t kinds = CHARGE_OVERHEAD + 1;
	struct snap_stack *rest = calloc(p->snap->n_modules * kinds + 1, sizeof(*rest));
	json_t *array = json_array();

	if (!rest) {
		json_decref(array);
		return -ENOMEM;
	}
	for (size_t i = 0; i < p->snap->n_stacks; i++) {
		const struct snap_stack *s = &p->snap->stacks[i];
		struct snap_stack *sum;

		if (!p->selected[s->module] || s->charge > CHARGE_OVERHEAD)
			continue;
		sum = &rest[s->module * kinds + s->charge];
		/* the snapshot has those that hold most first */
		if (json_array_size(array) < STACKS_MAX) {
			append(p, array, stack(p, s));
			continue;
		}
		sum->live_bytes += s->live_bytes;
		sum->live_objects += s->live_objects;
		sum->peak_bytes += s->peak_bytes;
		sum->allocated_bytes += s->allocated_bytes;
		sum->allocs += s->allocs;
	}
	add_rest(p, array, rest);
	free(rest);
	set(p, data, "stacks", array);
	set(p, data, "frames", json_incref(p->frame_list));
	return 0;
}

/* ---- the rest ------------------------------------------------------------ */

/* What stands below the report's table, a sentence each. */
static int add_sentences(struct page *p, json_t *data, const char *key,
			 int (*view)(const struct snapshot *snap, const char *modules,
				     FILE *out, struct error *err),
			 struct error *err)
{
	json_t *array = json_array();
	char *text = NULL, *line, *save = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = out ? view(p->snap, p->opts->modules, out, err) :
		  error_set(err, -ENOMEM, "out of memory");

	if (out && memstream_close(out, &text) && !ret)
		ret = error_set(err, -ENOMEM, "out of memory");
	for (line = ret ? NULL : strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		append(p, array, json_string(line));
	free(text);
	set(p, data, key, array);
	return ret;
}

/* Takes @text; NULL: no memory. */
static json_t *json_take(char *text)
{
	json_t *value = text ? json_string(text) : NULL;

	free(text);
	return value;
}

/* By enum grade: classes of page.css. */
static const char *const grades[] = { "good", "bounds", "bad" };

static int build(struct page *p, json_t *data, struct error *err)
{
	const struct snapshot *snap = p->snap;
	const struct view_opts view = { .modules = p->opts->modules, .bare = true };
	const char *base = strrchr(snap->file, '/');
	enum grade grade = GRADE_BAD;
	int ret;

	set(p, data, "version", json_string(MODMEM_VERSION));
	set(p, data, "file", string(base ? base + 1 : snap->file));
	set(p, data, "clock_is_ns", json_boolean(snap->clock_is_ns));
	set(p, data, "origin", json_take(headline_origin(snap)));
	set(p, data, "verdict", json_take(headline_verdict(snap, &view, p->selected, &grade)));
	set(p, data, "grade", json_string(grades[grade]));
	ret = add_sentences(p, data, "actions", view_action_lines, err);
	if (!ret)
		ret = add_sentences(p, data, "reasons", view_marks, err);
	if (!ret)
		ret = add_sentences(p, data, "sentences", view_sentences, err);
	if (ret)
		return ret;
	set(p, data, "modules", modules(p));
	set(p, data, "series", series(p));
	ret = add_leaks(p, data, err);
	if (!ret)
		ret = add_sites(p, data, err);
	if (ret)
		return ret;
	if (add_stacks(p, data) || p->no_memory)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

json_t *html_data(const struct snapshot *snap, const struct export_opts *opts,
		  struct error *err)
{
	struct page p = { .snap = snap, .opts = opts };
	bool *selected = modules_select(snap, opts->modules, err);
	json_t *data;
	int ret;

	if (!selected)
		return NULL;
	p.selected = selected;
	p.frames = strings_new();
	p.frame_list = json_array();
	data = json_object();
	if (p.frames && p.frame_list && data)
		ret = build(&p, data, err);
	else
		ret = error_set(err, -ENOMEM, "out of memory");
	strings_free(p.frames);
	json_decref(p.frame_list);
	free(selected);
	if (!ret)
		return data;
	json_decref(data);
	return NULL;
}
