// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - rows for people, with a total and what it leaves out
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "marks.h"
#include "table.h"
#include "text.h"

/* Shown where a row has nothing to say. */
#define NOTHING "-"

static int set_cell(struct libscols_line *line, size_t column, char *text)
{
	text = text_cell(text);
	if (!text)
		return -ENOMEM;
	if (scols_line_refer_data(line, column, text)) {
		free(text);
		return -ENOMEM;
	}
	return 0;
}

struct libscols_line *table_line(struct table *table, const struct row *row)
{
	struct libscols_line *line = scols_table_new_line(table->tb, NULL);

	for (size_t c = 0; line && table->cols[c]; c++) {
		char *text;

		if (column_text(table->cols[c], row, table->opts->exact_bytes, true, &text) ||
		    set_cell(line, c, text ? text : strdup(NOTHING)))
			return NULL;
	}
	return line;
}

int table_set_tree(struct table *table, struct libscols_line *line, char *text)
{
	for (size_t c = 0; table->cols[c]; c++)
		if (table->cols[c]->flags & COL_TREE)
			return set_cell(line, c, text);
	free(text);
	return 0;
}

static int add_columns(struct table *table)
{
	for (size_t c = 0; table->cols[c]; c++) {
		const struct coldesc *col = table->cols[c];
		struct libscols_column *cl;
		int flags = col->type == COL_TEXT ? 0 : SCOLS_FL_RIGHT;

		if (col->flags & COL_TREE)
			flags |= SCOLS_FL_WRAP;
		cl = scols_table_new_column(table->tb, col->name, 0, flags);
		if (!cl)
			return -ENOMEM;
		if (col->flags & COL_TREE &&
		    (scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize,
					       scols_wrapnl_nextchunk, NULL) ||
		     scols_column_set_safechars(cl, "\n")))
			return -ENOMEM;
	}
	return 0;
}

static bool is_induced(const struct rows *rows, const struct row *row)
{
	return rows->by == VIEW_BY_SITE &&
	       ((const struct snap_site *)row->data)->charge == CHARGE_INDUCED;
}

/* A row without a number that it must have: whatever the sum of the others is, it is more. */
static bool lacks_number(const struct coldesc *col, const struct row *row)
{
	return (col->flags & COL_OF_LOADED && row->module->state == MODULE_LOADED) ||
	       (col->flags & COL_OF_REMOVED && row->module->state == MODULE_UNLOADED);
}

/*
 * What holds for all that the row's module has in this column, and for none of its
 * places alone: what it took where no event tells of it.
 */
static uint32_t module_why(const struct coldesc *col, const struct rows *rows,
			   const struct row *row, bool induced)
{
	if (rows->by == VIEW_BY_MODULE || !col->why)
		return 0;
	if (rows->by == VIEW_BY_CACHE)
		return row->module->kind_why[KIND_SLAB];
	return induced || !strcmp(col->name, "INDUCED") ? row->module->induced_why :
							  row->module->why;
}

/* What the cell of a total has: "-" of nothing, "≥1.5K" where some are not known. */
static char *sum_text(const struct coldesc *col, const struct rows *rows, bool induced,
		      bool exact)
{
	bool any = false, lacks = false;
	uint64_t value, sum = 0;
	uint32_t why = 0;
	char buf[64];

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->row[i];

		if (is_induced(rows, row) != induced)
			continue;
		why |= column_why(col, row) | module_why(col, rows, row, induced);
		if (column_number(col, row, &value)) {
			any = true;
			sum += value;
		} else if (lacks_number(col, row)) {
			lacks = true;
			sum += col->number ? value : 0;
		}
	}
	column_format(col, sum, exact, true, buf, sizeof(buf));
	if (!any && (lacks || col->flags & COL_SIGNED))
		return strdup("-");
	/* a row without a number takes as much as nobody can tell */
	if (lacks)
		why |= BOUND_BIT(CAUSE_ALLOCS_ABSENT);
	return text_format("%s%s", mark_of(why, text_is_utf8()), buf);
}

/*
 * A line with the sums of all rows, hidden ones too. Own and induced sites are
 * never one sum: @induced says which of them.
 */
static int add_total(struct table *table, const struct rows *rows, bool induced)
{
	struct libscols_line *line = scols_table_new_line(table->tb, NULL);
	const char *label = rows->by != VIEW_BY_SITE ? "total" :
			    induced ? "total induced" : "total own";

	if (!line)
		return -ENOMEM;
	for (size_t c = 0; table->cols[c]; c++) {
		const struct coldesc *col = table->cols[c];
		int ret = 0;

		if (col->type == COL_TEXT && label) {
			ret = set_cell(line, c, strdup(label));
			label = NULL;
		} else if (col->flags & COL_SUM) {
			ret = set_cell(line, c, sum_text(col, rows, induced,
							 table->opts->exact_bytes));
		}
		if (ret)
			return ret;
	}
	return 0;
}

static int add_totals(struct table *table, const struct rows *rows)
{
	int ret = add_total(table, rows, false);

	for (size_t i = 0; !ret && i < rows->n; i++)
		if (is_induced(rows, &rows->row[i]))
			return add_total(table, rows, true);
	return ret;
}

static int print(struct table *table, FILE *out)
{
	unsigned int width = table->opts->width;

	scols_table_set_stream(table->tb, out);
	scols_table_enable_noencoding(table->tb, 1);
	scols_table_set_termforce(table->tb, width ? SCOLS_TERMFORCE_ALWAYS :
				  SCOLS_TERMFORCE_NEVER);
	if (width)
		scols_table_set_termwidth(table->tb, width);
	return scols_print_table(table->tb) ? -ENOMEM : 0;
}

static const char *plural(enum view_by by, size_t n)
{
	static const char *const names[][2] = {
		[VIEW_BY_MODULE] = { "module", "modules" },
		[VIEW_BY_SITE] = { "site", "sites" },
		[VIEW_BY_CACHE] = { "cache", "caches" },
		[VIEW_BY_STACK] = { "stack", "stacks" },
		[VIEW_BY_TASK] = { "task", "tasks" },
	};

	return names[by][n != 1];
}

/* Says how many rows --all and --min would bring back. */
static void print_hidden(const struct rows *rows, const struct view_opts *opts,
			 size_t n_below, FILE *out)
{
	size_t n_empty = 0;

	for (size_t i = 0; i < rows->n; i++)
		n_empty += rows->row[i].hidden == ROW_EMPTY;
	if (n_empty)
		fprintf(out, "%zu %s that hold%s %s %s not shown%s\n",
			n_empty, plural(rows->by, n_empty),
			n_empty == 1 ? "s" : "",
			rows->by == VIEW_BY_MODULE ? "and held nothing" :
			"nothing now",
			n_empty == 1 ? "is" : "are", opts->bare ? "" : " (--all)");
	if (n_below)
		fprintf(out, "%zu %s below --min %s not shown, but in the total\n",
			n_below, opts->by == VIEW_BY_STACK ?
			(n_below == 1 ? "branch" : "branches") :
			plural(rows->by, n_below), n_below == 1 ? "is" : "are");
}

/* Overhead is not for everyone: out of the rows, and so out of the total. */
static void drop_overhead(struct rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct stack_row *stack = rows->row[i].data;

		if (stack->charge != CHARGE_OVERHEAD)
			rows->row[n++] = rows->row[i];
	}
	rows->n = n;
}

static int add_lines(struct table *table, struct rows *rows, size_t *n_below)
{
	if (rows->by == VIEW_BY_STACK) {
		if (!table->opts->overhead)
			drop_overhead(rows);
		return table_add_tree(table, rows, n_below);
	}
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->row[i].hidden == ROW_BELOW)
			++*n_below;
		if (!rows->row[i].hidden &&
		    !table_line(table, &rows->row[i]))
			return -ENOMEM;
	}
	return 0;
}

int view_table(const struct snapshot *snap, const struct view_opts *opts,
	       FILE *out, struct error *err)
{
	struct table table = { .opts = opts };
	struct rows rows;
	size_t n_below = 0;
	int ret;

	table.cols = columns_select(opts, false, err);
	if (!table.cols)
		return -EINVAL;
	ret = rows_collect(&rows, snap, opts, err);
	if (!ret) {
		table.tb = scols_new_table();
		ret = table.tb ? 0 : -ENOMEM;
		if (!ret)
			ret = add_columns(&table);
		if (!ret)
			ret = add_lines(&table, &rows, &n_below);
		if (!ret)
			ret = add_totals(&table, &rows);
		if (!ret)
			ret = print(&table, out);
		if (ret)
			error_set(err, ret, "out of memory");
		scols_unref_table(table.tb);
	}
	if (!ret)
		print_hidden(&rows, opts, n_below, out);
	if (!ret && opts->footer)
		ret = view_footer(snap, opts, out, err);
	rows_free(&rows);
	free(table.cols);
	return ret;
}
