// SPDX-License-Identifier: GPL-2.0-or-later
#include "leaks_cells.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "snapshot.h"
#include "suppress.h"
#include "text.h"
#include "units.h"

/* A recording as long as this has slopes by the hour, a shorter by the second. */
#define SLOPE_HOURS_NS 600000000000u

/* One cell of a row; a NULL that is no lack of memory is an empty one. */
struct cell {
	const struct leaks_report *report;
	const struct leaks_row *row;		/* of leaks */
	const struct snap_leak *leak;
	const struct snap_unload *unload;
	const struct snap_soak *soak;
};

struct leaks_col {
	struct grid_col grid;
	unsigned int shown;	/* bits of enum leak_class; SUPPRESSED */
	char *(*text)(const struct cell *cell);
};

#define SUPPRESSED	(1u << LEAK_CLASSES)
#define COUNTED		(1u << LEAK_CERTAIN | 1u << LEAK_LIKELY)
#define EVERY		(COUNTED | 1u << LEAK_EXCUSED | SUPPRESSED)

/* ---- texts ------------------------------------------------------------------ */

char *leaks_age(const struct snapshot *snap, uint64_t ns)
{
	uint64_t age = snap->end_ns > ns ? snap->end_ns - ns : 0;

	if (!snap->clock_is_ns)
		return text_format("%" PRIu64, age);
	if (age < 1000000)
		return text_format("%" PRIu64 "us", age / 1000);
	if (age < 10000000000)
		return text_format("%" PRIu64 "ms", age / 1000000);
	if (age < 600000000000)
		return text_format("%" PRIu64 "s", age / 1000000000);
	if (age < 36000000000000)
		return text_format("%" PRIu64 "min", age / 60000000000);
	return text_format("%" PRIu64 "h", age / 3600000000000);
}

static char *moment(const struct snapshot *snap, int64_t ns)
{
	char buf[32];

	if (ns < 0)
		return NULL;
	if (!snap->clock_is_ns)
		return text_format("%" PRId64, ns);
	return strdup(time_format(buf, sizeof(buf), (uint64_t)ns));
}

static char *bytes(const struct cell *c, uint64_t n)
{
	return grid_bytes((int64_t)n, c->report->opts->exact_bytes, false);
}

static char *slope(const struct cell *c, const struct snap_trend *t, int64_t per_hour)
{
	const struct snapshot *snap = c->report->snap;
	bool hours = snap->end_ns - snap->start_ns >= SLOPE_HOURS_NS;
	char *amount, *text;

	if (t->verdict == TREND_TOO_FEW)
		return NULL;
	amount = grid_bytes(hours ? per_hour : per_hour / 3600,
			    c->report->opts->exact_bytes, true);
	text = amount ? text_format("%s/%s", amount, hours ? "h" : "s") : NULL;
	free(amount);
	return text;
}

static char *confidence(const struct snap_trend *t)
{
	if (t->verdict == TREND_TOO_FEW)
		return NULL;
	if (t->p < 0.0001)
		return strdup(">99.99%");
	return text_format("%.2f%%", 100 - 100 * t->p);
}

/* ---- columns of leaks -------------------------------------------------------- */

static char *leak_module(const struct cell *c)
{
	return text_printable(c->report->snap->modules[c->leak->module].name);
}

static char *leak_function(const struct cell *c)
{
	return text_place(c->leak->function, c->leak->offset, c->leak->number,
			  c->leak->no_offset);
}

static char *leak_source(const struct cell *c)
{
	return c->leak->source ? text_printable(c->leak->source) : NULL;
}

static char *leak_kind(const struct cell *c)
{
	return strdup(mem_kind_name(c->leak->kind));
}

static char *leak_via(const struct cell *c)
{
	return text_printable(c->leak->via);
}

static char *leak_charge(const struct cell *c)
{
	return strdup(charge_name(c->leak->charge));
}

static char *leak_held(const struct cell *c)
{
	return bytes(c, c->leak->bytes);
}

static char *leak_objects(const struct cell *c)
{
	return grid_count((int64_t)c->leak->objects, false);
}

static char *leak_allocs(const struct cell *c)
{
	return grid_count((int64_t)c->leak->allocs, false);
}

static char *leak_frees(const struct cell *c)
{
	return grid_count((int64_t)c->leak->frees, false);
}

static char *leak_oldest(const struct cell *c)
{
	return leaks_age(c->report->snap, c->leak->oldest_ns);
}

static char *leak_newest(const struct cell *c)
{
	return leaks_age(c->report->snap, c->leak->newest_ns);
}

static char *leak_slope(const struct cell *c)
{
	return slope(c, &c->leak->trend, c->leak->trend.slope);
}

static char *leak_why(const struct cell *c)
{
	return strdup(leak_reason_name(c->leak->reason));
}

static char *leak_rule(const struct cell *c)
{
	const struct suppression *rule = c->row->suppressed;

	return rule ? text_printable(rule->reason) : NULL;
}

static char *leak_until(const struct cell *c)
{
	const struct suppression *rule = c->row->suppressed;

	return rule && rule->until ? strdup(rule->until) : NULL;
}

static const struct leaks_col leak_cols[] = {
	{ { "MODULE", 0 }, EVERY, leak_module },
	{ { "FUNCTION", GRID_TRUNC }, EVERY, leak_function },
	{ { "KIND", 0 }, EVERY, leak_kind },
	{ { "VIA", GRID_TRUNC }, EVERY, leak_via },
	{ { "CHARGE", 0 }, 1u << LEAK_LIKELY | 1u << LEAK_EXCUSED, leak_charge },
	{ { "HELD", GRID_RIGHT }, EVERY, leak_held },
	{ { "OBJECTS", GRID_RIGHT }, EVERY, leak_objects },
	{ { "ALLOCS", GRID_RIGHT }, COUNTED, leak_allocs },
	{ { "FREES", GRID_RIGHT }, COUNTED, leak_frees },
	{ { "OLDEST", GRID_RIGHT }, EVERY, leak_oldest },
	{ { "NEWEST", GRID_RIGHT }, COUNTED, leak_newest },
	{ { "SLOPE", GRID_RIGHT }, 1u << LEAK_LIKELY, leak_slope },
	{ { "WHY", 0 }, EVERY, leak_why },
	{ { "UNTIL", 0 }, SUPPRESSED, leak_until },
	{ { "REASON", 0 }, SUPPRESSED, leak_rule },
};

/* ---- columns of CSV ----------------------------------------------------------- */

static char *csv_class(const struct cell *c)
{
	return strdup(leak_class_name(leak_reason_class(c->leak->reason)));
}

static char *number(uint64_t n)
{
	return text_format("%" PRIu64, n);
}

static char *csv_bytes(const struct cell *c)
{
	return number(c->leak->bytes);
}

static char *csv_left(const struct cell *c)
{
	return number(c->leak->left_bytes);
}

static char *csv_unloads(const struct cell *c)
{
	return number(c->leak->unloads);
}

static char *csv_oldest(const struct cell *c)
{
	return moment(c->report->snap, (int64_t)c->leak->oldest_ns);
}

static char *csv_newest(const struct cell *c)
{
	return moment(c->report->snap, (int64_t)c->leak->newest_ns);
}

static char *csv_trend(const struct cell *c)
{
	return strdup(trend_verdict_name(c->leak->trend.verdict));
}

static char *trend_number(const struct snap_trend *t, int64_t n)
{
	return t->verdict == TREND_TOO_FEW ? NULL : text_format("%" PRId64, n);
}

static char *csv_slope(const struct cell *c)
{
	return trend_number(&c->leak->trend, c->leak->trend.slope);
}

static char *csv_slope_low(const struct cell *c)
{
	return trend_number(&c->leak->trend, c->leak->trend.slope_low);
}

static char *csv_slope_high(const struct cell *c)
{
	return trend_number(&c->leak->trend, c->leak->trend.slope_high);
}

static char *stack(const char *const *frames, size_t n)
{
	char *joined = text_join(frames, n, ";");
	char *text = joined ? text_printable(joined) : NULL;

	free(joined);
	return text;
}

static char *csv_first(const struct cell *c)
{
	return stack(c->leak->first, c->leak->n_first);
}

static char *csv_last(const struct cell *c)
{
	return stack(c->leak->last, c->leak->n_last);
}

static const struct leaks_col csv_cols[] = {
	{ { "CLASS", 0 }, EVERY, csv_class },
	{ { "REASON", 0 }, EVERY, leak_why },
	{ { "MODULE", 0 }, EVERY, leak_module },
	{ { "FUNCTION", 0 }, EVERY, leak_function },
	{ { "SOURCE", 0 }, EVERY, leak_source },
	{ { "KIND", 0 }, EVERY, leak_kind },
	{ { "VIA", 0 }, EVERY, leak_via },
	{ { "CHARGE", 0 }, EVERY, leak_charge },
	{ { "BYTES", GRID_RIGHT }, EVERY, csv_bytes },
	{ { "OBJECTS", GRID_RIGHT }, EVERY, leak_objects },
	{ { "LEFT", GRID_RIGHT }, EVERY, csv_left },
	{ { "UNLOADS", GRID_RIGHT }, EVERY, csv_unloads },
	{ { "ALLOCS", GRID_RIGHT }, EVERY, leak_allocs },
	{ { "FREES", GRID_RIGHT }, EVERY, leak_frees },
	{ { "OLDEST", GRID_RIGHT }, EVERY, csv_oldest },
	{ { "NEWEST", GRID_RIGHT }, EVERY, csv_newest },
	{ { "TREND", 0 }, EVERY, csv_trend },
	{ { "SLOPE", GRID_RIGHT }, EVERY, csv_slope },
	{ { "SLOPE_LOW", GRID_RIGHT }, EVERY, csv_slope_low },
	{ { "SLOPE_HIGH", GRID_RIGHT }, EVERY, csv_slope_high },
	{ { "SUPPRESSED", 0 }, EVERY, leak_rule },
	{ { "FIRST_STACK", 0 }, EVERY, csv_first },
	{ { "LAST_STACK", 0 }, EVERY, csv_last },
};

/* ---- columns of unloads -------------------------------------------------------- */

static char *unload_module(const struct cell *c)
{
	return text_printable(c->report->snap->modules[c->unload->module].name);
}

static char *unload_load(const struct cell *c)
{
	return number(c->unload->load);
}

static char *unload_loaded(const struct cell *c)
{
	return moment(c->report->snap, c->unload->loaded_ns);
}

static char *unload_unloaded(const struct cell *c)
{
	return moment(c->report->snap, c->unload->unloaded_ns);
}

/* What a module left is known only where its memory can be told from others'. */
static char *unload_left(const struct cell *c)
{
	return c->unload->placed ? bytes(c, c->unload->left_bytes) :
				   strdup("?");
}

static char *unload_objects(const struct cell *c)
{
	return c->unload->placed ? number(c->unload->left_objects) :
				   strdup("?");
}

static char *unload_certain(const struct cell *c)
{
	return c->unload->placed ? bytes(c, c->unload->certain_bytes) :
				   strdup("?");
}

static char *unload_note(const struct cell *c)
{
	return c->unload->placed ? NULL : strdup("not placed");
}

static const struct leaks_col unload_cols[] = {
	{ { "MODULE", 0 }, EVERY, unload_module },
	{ { "LOAD", GRID_RIGHT }, EVERY, unload_load },
	{ { "LOADED", GRID_RIGHT }, EVERY, unload_loaded },
	{ { "UNLOADED", GRID_RIGHT }, EVERY, unload_unloaded },
	{ { "LEFT", GRID_RIGHT }, EVERY, unload_left },
	{ { "OBJECTS", GRID_RIGHT }, EVERY, unload_objects },
	{ { "CERTAIN", GRID_RIGHT }, EVERY, unload_certain },
	{ { "NOTE", 0 }, EVERY, unload_note },
};

/* ---- columns of slopes --------------------------------------------------------- */

static char *soak_module(const struct cell *c)
{
	return text_printable(c->report->snap->modules[c->soak->module].name);
}

static char *soak_function(const struct cell *c)
{
	return text_place(c->soak->function, c->soak->offset, c->soak->number,
			  c->soak->no_offset);
}

static char *soak_kind(const struct cell *c)
{
	return strdup(mem_kind_name(c->soak->kind));
}

static char *soak_via(const struct cell *c)
{
	return text_printable(c->soak->via);
}

static char *soak_charge(const struct cell *c)
{
	return strdup(charge_name(c->soak->charge));
}

static char *soak_live(const struct cell *c)
{
	return bytes(c, c->soak->live_bytes);
}

static char *soak_slope(const struct cell *c)
{
	return slope(c, &c->soak->trend, c->soak->trend.slope);
}

static char *soak_low(const struct cell *c)
{
	return slope(c, &c->soak->trend, c->soak->trend.slope_low);
}

static char *soak_high(const struct cell *c)
{
	return slope(c, &c->soak->trend, c->soak->trend.slope_high);
}

static char *soak_confidence(const struct cell *c)
{
	return confidence(&c->soak->trend);
}

static char *soak_trend(const struct cell *c)
{
	return strdup(trend_verdict_name(c->soak->trend.verdict));
}

static const struct leaks_col soak_cols[] = {
	{ { "MODULE", 0 }, EVERY, soak_module },
	{ { "FUNCTION", GRID_TRUNC }, EVERY, soak_function },
	{ { "KIND", 0 }, EVERY, soak_kind },
	{ { "VIA", GRID_TRUNC }, EVERY, soak_via },
	{ { "CHARGE", 0 }, EVERY, soak_charge },
	{ { "LIVE", GRID_RIGHT }, EVERY, soak_live },
	{ { "SLOPE", GRID_RIGHT }, EVERY, soak_slope },
	{ { "FROM", GRID_RIGHT }, EVERY, soak_low },
	{ { "TO", GRID_RIGHT }, EVERY, soak_high },
	{ { "CONFIDENCE", GRID_RIGHT }, EVERY, soak_confidence },
	{ { "TREND", 0 }, EVERY, soak_trend },
};

/* ---- grids ----------------------------------------------------------------------- */

#define COLS_MAX 24u

/* The columns of @cols that belong to @shown; room for them and the end. */
struct layout {
	const struct leaks_col *cols[COLS_MAX];
	struct grid_col grid[COLS_MAX + 1];
	size_t n;
};

static void lay_out(struct layout *l, const struct leaks_col *cols, size_t n,
		    unsigned int shown)
{
	*l = (struct layout){ .n = 0 };
	for (size_t i = 0; i < n; i++) {
		if (!(cols[i].shown & shown))
			continue;
		l->cols[l->n] = &cols[i];
		l->grid[l->n++] = cols[i].grid;
	}
}

#define LAY_OUT(l, cols, shown) \
	lay_out(l, cols, sizeof(cols) / sizeof((cols)[0]), shown)

static void put(struct grid *grid, const struct layout *l, const struct cell *cell)
{
	char *cells[COLS_MAX];

	for (size_t i = 0; i < l->n; i++)
		cells[i] = l->cols[i]->text(cell);
	grid_row(grid, cells);
}

struct grid *leaks_rows_grid(const struct leaks_report *report, enum leak_class class,
			     bool suppressed, size_t most, size_t *left_out)
{
	struct cell cell = { .report = report };
	static struct layout layout;
	struct grid *grid;
	size_t n = 0;

	LAY_OUT(&layout, leak_cols, suppressed ? SUPPRESSED : 1u << class);
	grid = grid_new(layout.grid);
	*left_out = 0;
	for (size_t i = 0; grid && i < report->n; i++) {
		cell.row = &report->row[i];
		cell.leak = cell.row->leak;
		if (suppressed != (cell.row->suppressed != NULL) ||
		    (!suppressed && leak_reason_class(cell.leak->reason) != class))
			continue;
		if (n++ < most)
			put(grid, &layout, &cell);
		else
			++*left_out;
	}
	return grid;
}

struct grid *leaks_csv_grid(const struct leaks_report *report)
{
	struct cell cell = { .report = report };
	static struct layout layout;
	struct grid *grid;

	LAY_OUT(&layout, csv_cols, EVERY);
	grid = grid_new(layout.grid);
	for (size_t i = 0; grid && i < report->n; i++) {
		cell.row = &report->row[i];
		cell.leak = cell.row->leak;
		put(grid, &layout, &cell);
	}
	return grid;
}

struct grid *leaks_unloads_grid(const struct leaks_report *report, size_t *clean)
{
	const struct snap_leaks *leaks = report->snap->leaks;
	struct cell cell = { .report = report };
	static struct layout layout;
	struct grid *grid;

	LAY_OUT(&layout, unload_cols, EVERY);
	grid = grid_new(layout.grid);
	*clean = 0;
	for (size_t i = 0; grid && i < leaks->n_unloads; i++) {
		cell.unload = &leaks->unloads[i];
		if (!report->selected[cell.unload->module])
			continue;
		if (cell.unload->left_bytes || !cell.unload->placed || report->opts->all)
			put(grid, &layout, &cell);
		else
			++*clean;
	}
	return grid;
}

struct grid *leaks_soak_grid(const struct leaks_report *report, size_t *left_out)
{
	const struct snap_leaks *leaks = report->snap->leaks;
	struct cell cell = { .report = report };
	static struct layout layout;
	struct grid *grid;

	LAY_OUT(&layout, soak_cols, EVERY);
	grid = grid_new(layout.grid);
	*left_out = 0;
	for (size_t i = 0; grid && i < leaks->n_soak; i++) {
		cell.soak = &leaks->soak[i];
		if (!report->selected[cell.soak->module])
			continue;
		if (cell.soak->trend.verdict >= TREND_SETTLED || report->opts->all)
			put(grid, &layout, &cell);
		else
			++*left_out;
	}
	return grid;
}
