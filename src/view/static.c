// SPDX-License-Identifier: GPL-2.0-or-later
#include "static_view.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "grid.h"
#include "json_parts.h"
#include "marks.h"
#include "static_list.h"
#include "text.h"

#define N_CELLS 13u		/* of a row, with LIVE and TOTAL */

struct showing {
	const struct static_list *list;
	const struct static_view *opts;
	FILE *out;
	bool live;		/* some row has live memory */
};

static int64_t row_bytes(const struct static_row *row)
{
	return modstatic_bytes(&row->ms);
}

/* Static and live; -1: one of them is not known. */
static int64_t row_total(const struct static_row *row)
{
	int64_t bytes = row_bytes(row);

	return bytes < 0 || row->live_bytes < 0 ? -1 : bytes + row->live_bytes;
}

/* NULL where it is not known. */
static char *bytes(const struct showing *s, int64_t value)
{
	if (value < 0)
		return NULL;
	return grid_bytes(value, s->opts->exact_bytes || s->opts->format == VIEW_CSV, false);
}

/* What stands before a number that is not exact, in a table. */
static const char *mark(const struct showing *s, uint32_t why)
{
	return s->opts->format == VIEW_TABLE ? mark_of(why, text_is_utf8()) : "";
}

static char *marked_bytes(const struct showing *s, int64_t value, uint32_t why)
{
	char *plain = bytes(s, value), *text;

	if (!plain || !why)
		return plain;
	text = text_format("%s%s", mark(s, why), plain);
	free(plain);
	return text;
}

/* ---- table and CSV ------------------------------------------------------------ */

static void module_row(const struct showing *s, struct grid *grid,
		       const struct static_row *row)
{
	const struct modstatic *ms = &row->ms;
	bool known = ms->source != STATIC_UNKNOWN;

	char *cells[N_CELLS] = {
		text_printable(row->name), bytes(s, ms->lsmod_bytes),
		bytes(s, row->core_bytes), bytes(s, row->init_bytes),
		known ? grid_count(ms->areas, false) : NULL,
		bytes(s, known ? (int64_t)ms->memory_bytes : -1),
		bytes(s, known ? (int64_t)ms->guard_bytes : -1),
		bytes(s, ms->percpu_bytes), bytes(s, row_bytes(row)),
	};
	size_t n = 9;

	if (s->live) {
		cells[n++] = marked_bytes(s, row->live_bytes, row->live_why);
		cells[n++] = marked_bytes(s, row_total(row), row->live_why);
	}
	cells[n++] = strdup(!known ? "not" : modstatic_at_least(ms) ? "at least" : "exact");
	cells[n++] = strdup(static_source_name(ms->source));
	grid_row(grid, cells);
}

/* A sum of what is known; not of all rows: it is at least that. */
struct sum {
	int64_t value;		/* -1: of no row */
	bool lacks;
	uint32_t why;		/* bound.h */
};

static void sum_add(struct sum *sum, int64_t value)
{
	if (value < 0)
		sum->lacks = true;
	else
		sum->value = (sum->value < 0 ? 0 : sum->value) + value;
}

static int64_t if_known(const struct modstatic *ms, uint64_t value)
{
	return ms->source == STATIC_UNKNOWN ? -1 : (int64_t)value;
}

struct sums {
	struct sum lsmod, areas, memory, guard, percpu, bytes, live, total;
	bool at_least;		/* of what the modules take, static and live */
};

static struct sums add_up(const struct static_list *list)
{
	static const struct sum none = { .value = -1 };
	struct sums sums = { none, none, none, none, none, none, none, none, false };

	for (size_t i = 0; i < list->n; i++) {
		const struct static_row *row = &list->rows[i];
		const struct modstatic *ms = &row->ms;

		/* a file that nobody has loaded has no such number */
		if (ms->source != STATIC_FILE)
			sum_add(&sums.lsmod, ms->lsmod_bytes);
		sum_add(&sums.areas, if_known(ms, ms->areas));
		sum_add(&sums.memory, if_known(ms, ms->memory_bytes));
		sum_add(&sums.guard, if_known(ms, ms->guard_bytes));
		sum_add(&sums.percpu, ms->percpu_bytes);
		sum_add(&sums.bytes, row_bytes(row));
		if (ms->source != STATIC_FILE) {
			sum_add(&sums.live, row->live_bytes);
			sums.live.why |= row->live_why;
		}
		sums.at_least |= modstatic_at_least(ms) || row_bytes(row) < 0;
	}
	/* of a row of which one is known, that is some of the whole */
	sum_add(&sums.total, sums.bytes.value);
	if (sums.bytes.value >= 0 && sums.live.value >= 0)
		sum_add(&sums.total, sums.live.value);
	sums.total.lacks |= sums.bytes.lacks || sums.live.lacks;
	sums.total.why = sums.live.why;
	return sums;
}

/* What is not known of all rows is more than the sum of the others. */
static uint32_t sum_why(const struct sum *sum)
{
	return sum->why | (sum->lacks ? BOUND_BIT(CAUSE_ALLOCS_ABSENT) : 0);
}

/* "-" of nothing, "≥1.5K" where it is not known of all. */
static char *sum_bytes(const struct showing *s, const struct sum *sum)
{
	return marked_bytes(s, sum->value, sum_why(sum));
}

static void total_row(const struct showing *s, struct grid *grid)
{
	struct sums sums = add_up(s->list);
	char *cells[N_CELLS] = {
		strdup("total"), sum_bytes(s, &sums.lsmod), strdup(""), strdup(""),
		sums.areas.value < 0 ? NULL :
		text_format("%s%lld", mark(s, sum_why(&sums.areas)), (long long)sums.areas.value),
		sum_bytes(s, &sums.memory), sum_bytes(s, &sums.guard),
		sum_bytes(s, &sums.percpu), sum_bytes(s, &sums.bytes),
	};
	size_t n = 9;

	if (s->live) {
		cells[n++] = sum_bytes(s, &sums.live);
		cells[n++] = sum_bytes(s, &sums.total);
	}
	cells[n++] = strdup(sums.bytes.value < 0 ? "not" :
			    sums.at_least ? "at least" : "exact");
	cells[n++] = NULL;
	grid_row(grid, cells);
}

static int print_modules(const struct showing *s)
{
	static const struct grid_col with_live[] = {
		{ "MODULE", 0 }, { "LSMOD", GRID_RIGHT }, { "CORE", GRID_RIGHT },
		{ "INIT", GRID_RIGHT }, { "AREAS", GRID_RIGHT }, { "MEMORY", GRID_RIGHT },
		{ "GUARD", GRID_RIGHT }, { "PERCPU", GRID_RIGHT }, { "STATIC", GRID_RIGHT },
		{ "LIVE", GRID_RIGHT }, { "TOTAL", GRID_RIGHT }, { "KNOWN", 0 },
		{ "FROM", 0 }, { 0 }
	};
	static const struct grid_col without[] = {
		{ "MODULE", 0 }, { "LSMOD", GRID_RIGHT }, { "CORE", GRID_RIGHT },
		{ "INIT", GRID_RIGHT }, { "AREAS", GRID_RIGHT }, { "MEMORY", GRID_RIGHT },
		{ "GUARD", GRID_RIGHT }, { "PERCPU", GRID_RIGHT }, { "STATIC", GRID_RIGHT },
		{ "KNOWN", 0 }, { "FROM", 0 }, { 0 }
	};
	struct grid *grid = grid_new(s->live ? with_live : without);
	int ret;

	for (size_t i = 0; grid && i < s->list->n; i++)
		module_row(s, grid, &s->list->rows[i]);
	if (grid && s->opts->format == VIEW_TABLE)
		total_row(s, grid);
	ret = grid ? grid_print(grid, s->opts->format, s->opts->width, s->out) : -ENOMEM;
	grid_free(grid);
	return ret;
}

static int print_sections(const struct showing *s)
{
	static const struct grid_col cols[] = {
		{ "MODULE", 0 }, { "SECTION", 0 }, { "REGION", 0 }, { "SIZE", GRID_RIGHT }, { 0 }
	};
	struct grid *grid = grid_new(cols);
	int ret;

	for (size_t i = 0; grid && i < s->list->n; i++) {
		const struct static_row *row = &s->list->rows[i];

		for (size_t k = 0; k < row->n_sections; k++)
			grid_row(grid, (char *[]) {
				text_printable(row->name),
				text_printable(row->sections[k].name),
				strdup(mod_region_name(row->sections[k].region)),
				bytes(s, (int64_t)row->sections[k].bytes),
			});
	}
	ret = grid ? grid_print(grid, s->opts->format, s->opts->width, s->out) : -ENOMEM;
	grid_free(grid);
	return ret;
}

/* ---- sentences ----------------------------------------------------------------- */

static void say(const struct showing *s, char *text)
{
	if (text)
		text_wrap(text, text_width(s->opts->width), s->out);
	free(text);
}

/* Why LIVE is marked. */
static void print_marks(const struct showing *s)
{
	const struct static_list *list = s->list;
	struct marked *rows = calloc(list->n + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < list->n; i++)
		rows[i] = (struct marked){ list->rows[i].name, list->rows[i].live_why };
	for (enum bound_cause i = 0; rows && i < BOUND_CAUSES; i++) {
		char *text = marks_sentence(rows, list->n, i, text_is_utf8());

		if (text && *text)
			say(s, text);
		else
			free(text);
	}
	free(rows);
}

/* What to know of LIVE, as below the table of a report. */
static void print_doubts(const struct showing *s)
{
	const struct static_list *list = s->list;
	int64_t uncertain = 0;
	char *sum;

	for (size_t i = 0; i < list->n; i++)
		uncertain += list->rows[i].uncertain_bytes > 0 ? list->rows[i].uncertain_bytes : 0;
	sum = grid_bytes(uncertain, s->opts->exact_bytes, false);
	if (uncertain && sum)
		say(s, text_format("Uncertain: %s%s of what is live may be free already: such frees can go unseen.",
				   sum, s->opts->exact_bytes ? " bytes" : ""));
	free(sum);
	for (size_t i = 0; i < list->n_distrust; i++) {
		char *why = text_printable(list->distrust[i]);

		say(s, text_format("LIVE cannot be trusted: %s.", why ? why : "?"));
		free(why);
	}
}

static void print_notes(const struct showing *s)
{
	size_t at_least = 0, percpu = 0, unknown = 0;

	for (size_t i = 0; i < s->list->n; i++) {
		const struct modstatic *ms = &s->list->rows[i].ms;

		at_least += ms->at_least;
		unknown += ms->source == STATIC_UNKNOWN;
		percpu += ms->source != STATIC_UNKNOWN && ms->percpu_bytes < 0;
	}
	fputc('\n', s->out);
	say(s, strdup("STATIC is what vmallocinfo shows: whole pages (MEMORY) and a guard page behind each area (GUARD), which is address space and takes no memory; and static per-CPU data of all CPUs."));
	if (unknown)
		say(s, text_format("Not known: STATIC of %zu module%s, which %s in no sum: %s.",
				   unknown, unknown == 1 ? "" : "s", unknown == 1 ? "is" : "are",
				   s->list->recorded ?
				   "the recording does not say how large they are, a saved /proc/modules does (--modules), or the module's file" :
				   "the module's file tells"));
	if (at_least)
		say(s, text_format("At least: %zu module%s may take more: one more area with its guard page (the module's file tells, or as root the sections in /sys/module), or what the loader adds on this architecture.",
				   at_least, at_least == 1 ? "" : "s"));
	if (percpu)
		say(s, text_format("Static per-CPU data: not known of %zu module%s; the module's file tells.",
				   percpu, percpu == 1 ? "" : "s"));
	if (s->list->shared_text)
		say(s, strdup("Text of modules lies in large pages that they share: it has no guard page, and what is free of these pages is nobody's."));
	print_marks(s);
	print_doubts(s);
}

/* ---- JSON ---------------------------------------------------------------------- */

static json_t *string(const char *text)
{
	char *copy = text ? text_printable(text) : NULL;
	json_t *value = text ? (copy ? json_string(copy) : NULL) : json_null();

	free(copy);
	return value;
}

static json_t *known(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *size(uint64_t value)
{
	return known(value > INT64_MAX ? -1 : (int64_t)value);
}

static json_t *regions(const struct static_row *row)
{
	const struct modlayout *ml = &row->layout;
	json_t *object = json_object();

	if (!row->has_layout) {
		json_decref(object);
		return json_null();
	}
	for (int i = 0; i < MOD_REGION_NONE; i++)
		if (ml->size[i])
			json_object_set_new(object, mod_region_name((enum mod_region)i),
					    size(ml->size[i]));
	return object;
}

static json_t *sections(const struct static_row *row)
{
	json_t *array = json_array();

	for (size_t i = 0; i < row->n_sections; i++)
		json_array_append_new(array, json_pack(
			"{so so so}", "name", string(row->sections[i].name),
			"region", string(mod_region_name(row->sections[i].region)),
			"bytes", size(row->sections[i].bytes)));
	return array;
}

static json_t *module(const struct static_row *row)
{
	const struct modstatic *ms = &row->ms;
	bool is = ms->source != STATIC_UNKNOWN;

	return json_pack("{so so so so so so so so so so so ss so so so sb so so so}",
			 "name", string(row->name), "file", string(row->file),
			 "lsmod_bytes", known(ms->lsmod_bytes),
			 "core_bytes", known(row->core_bytes),
			 "init_bytes", known(row->init_bytes),
			 "areas", is ? json_integer(ms->areas) : json_null(),
			 "memory_bytes", is ? size(ms->memory_bytes) : json_null(),
			 "guard_bytes", is ? size(ms->guard_bytes) : json_null(),
			 "percpu_bytes", known(ms->percpu_bytes),
			 "static_bytes", known(row_bytes(row)),
			 "live_bytes", known(row->live_bytes),
			 "live_bound", bound_name(bound_of(row->live_why)),
			 "live_why", json_causes(row->live_why),
			 "uncertain_bytes", known(row->uncertain_bytes),
			 "total_bytes", known(row_total(row)),
			 "at_least", modstatic_at_least(ms),
			 "from", string(static_source_name(ms->source)),
			 "regions", regions(row), "sections", sections(row));
}

/* Of all modules: what is not known of any is null, what is not of some is more. */
static json_t *total(const struct static_list *list)
{
	struct sums sums = add_up(list);
	json_t *unknown = json_array();

	for (size_t i = 0; i < list->n; i++)
		if (row_bytes(&list->rows[i]) < 0)
			json_array_append_new(unknown, string(list->rows[i].name));
	return json_pack("{so so so so so so so sb ss so}",
			 "lsmod_bytes", known(sums.lsmod.value),
			 "memory_bytes", known(sums.memory.value),
			 "guard_bytes", known(sums.guard.value),
			 "percpu_bytes", known(sums.percpu.value),
			 "static_bytes", known(sums.bytes.value),
			 "live_bytes", known(sums.live.value),
			 "total_bytes", known(sums.total.value),
			 "at_least", sums.at_least || sums.total.lacks,
			 "live_bound", bound_name(bound_of(sum_why(&sums.live))),
			 "unknown", unknown);
}

static int write_text(const char *text, size_t len, void *out)
{
	return fwrite(text, 1, len, out) == len ? 0 : -1;
}

static int print_json(const struct showing *s)
{
	const struct static_list *list = s->list;
	json_t *modules = json_array(), *distrust = json_array(), *report;
	int ret = 0;

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(modules, module(&list->rows[i]));
	for (size_t i = 0; i < list->n_distrust; i++)
		json_array_append_new(distrust, string(list->distrust[i]));
	report = json_pack("{ss so so so sb so so so so}", "schema", "modmem.static/1",
			   "kernel", string(list->kernel), "page_size", size(list->page_size),
			   "cpus", list->cpus ? json_integer(list->cpus) : json_null(),
			   "shared_text", list->shared_text,
			   "trusted", list->recorded ? json_boolean(!list->n_distrust) : json_null(),
			   "distrust", distrust, "total", total(list), "modules", modules);
	if (!report)
		return -ENOMEM;
	if (!json_dump_callback(report, write_text, s->out, JSON_INDENT(2)))
		fputc('\n', s->out);
	else if (!ferror(s->out))
		ret = -ENOMEM;
	json_decref(report);
	return ret;
}

int static_view(const struct static_list *list, const struct static_view *opts,
		FILE *out, struct error *err)
{
	struct showing s = { .list = list, .opts = opts, .out = out };
	int ret;

	for (size_t i = 0; i < list->n; i++)
		s.live |= list->rows[i].live_bytes >= 0;
	if (opts->format == VIEW_JSON)
		ret = print_json(&s);
	else if (opts->sections)
		ret = print_sections(&s);
	else
		ret = print_modules(&s);
	if (ret)
		return error_set(err, ret, "out of memory");
	if (opts->format == VIEW_TABLE && !opts->sections && list->n)
		print_notes(&s);
	return 0;
}
