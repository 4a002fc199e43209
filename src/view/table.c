// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - rows for people, with a total and what it leaves out
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "marks.h"
#include "memstream.h"
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

		if (col->flags & COL_TRUNC)
			flags |= SCOLS_FL_TRUNC;
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

static bool shows(const struct table *table, const char *name)
{
	for (size_t c = 0; table->cols[c]; c++)
		if (!strcmp(table->cols[c]->name, name))
			return true;
	return false;
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
	const bool has_module = rows->by == VIEW_BY_SITE && shows(table, "MODULE");

	if (!line)
		return -ENOMEM;
	for (size_t c = 0; table->cols[c]; c++) {
		const struct coldesc *col = table->cols[c];
		int ret = 0;

		if (col->type == COL_TEXT && label &&
		    (!has_module || !strcmp(col->name, "MODULE"))) {
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

/* The core kernel, and code of no known module, stand below a rule. */
static bool below_rule(enum view_by by, const struct row *row)
{
	return by != VIEW_BY_STACK && !module_state_is_module(row->module->state);
}

/* Modules first, without another change to their order. */
static int modules_first(struct rows *rows)
{
	struct row *sorted = calloc(rows->n + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (int below = 0; below < 2; below++)
		for (size_t i = 0; i < rows->n; i++)
			if (below_rule(rows->by, &rows->row[i]) == below)
				sorted[n++] = rows->row[i];
	free(rows->row);
	rows->row = sorted;
	rows->room = rows->n + 1;
	return 0;
}

/* Without a number in any row there is nothing to see: LIVE, of all, is always there. */
static bool all_zero(const struct coldesc *col, const struct rows *rows)
{
	uint64_t value;

	if (col->type == COL_TEXT && !rows->n)
		return false;
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->row[i];

		if (col->type == COL_TEXT) {
			char *text = NULL;
			bool empty = !col->text(row, &text) && !text;

			free(text);
			if (!empty)
				return false;
		} else if ((column_number(col, row, &value) && value) ||
			   column_why(col, row) ||
			   module_why(col, rows, row, is_induced(rows, row))) {
			return false;
		}
	}
	return strcmp(col->name, "LIVE") != 0;
}

/* With --own nobody knows what is induced. */
static bool left_out(const struct coldesc *col, const struct snapshot *snap)
{
	return snap->coverage.own_only && !strcmp(col->name, "INDUCED");
}

/* Drops those columns that are in the table by default and say nothing. */
static void drop_zero_columns(struct table *table, const struct rows *rows,
			      const struct snapshot *snap)
{
	const char *list = table->opts->columns;
	size_t n_default = 0, n = 0, asked = list != NULL;

	if (list && *list != '+')
		return;
	for (const char *p = list; p && (p = strchr(p, ',')); p++)
		asked++;
	while (table->cols[n_default])
		n_default++;
	n_default -= asked;
	for (size_t c = 0; table->cols[c]; c++)
		if (c >= n_default || !(table->cols[c]->flags & COL_DEFAULT) ||
		    !(all_zero(table->cols[c], rows) || left_out(table->cols[c], snap)))
			table->cols[n++] = table->cols[c];
	table->cols[n] = NULL;
}

/* Columns of a terminal that a line takes. */
static size_t wide(const char *line, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	return n;
}

static void put_rule(size_t n, FILE *out)
{
	while (n--)
		fputs(text_is_utf8() ? "─" : "-", out);
	fputc('\n', out);
}

/* A line, with the marks in front of numbers in colour. */
static void put_line(const char *line, size_t len, bool color, FILE *out)
{
	static const char *const marks[] = { "≥", "≤", "~", ">", "<" };

	for (size_t i = 0; i < len; i++) {
		for (size_t m = 0; color && m < sizeof(marks) / sizeof(marks[0]); m++) {
			size_t n = strlen(marks[m]);

			if ((i && line[i - 1] != ' ') || i + n >= len ||
			    strncmp(line + i, marks[m], n) ||
			    line[i + n] < '0' || line[i + n] > '9')
				continue;
			fprintf(out, "\033[33m%s\033[0m", marks[m]);
			i += n;
			break;
		}
		fputc(line[i], out);
	}
	fputc('\n', out);
}

/* Prints what the table came to, with a rule above line @rule of it (0: none). */
static void put_lines(const char *text, size_t rule, bool color, FILE *out)
{
	size_t widest = 0, n = 0;

	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (wide(p, strcspn(p, "\n")) > widest)
			widest = wide(p, strcspn(p, "\n"));
	for (const char *p = text; *p; n++) {
		size_t len = strcspn(p, "\n");

		if (rule && n == rule)
			put_rule(widest, out);
		put_line(p, len, color, out);
		p += len + (p[len] == '\n');
	}
}

static int print_to(struct table *table, FILE *out)
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

/* @above: rows of modules, which a rule ends; SIZE_MAX: there is none. */
static int print(struct table *table, size_t above, FILE *out)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	int ret;

	if (!mem)
		return -ENOMEM;
	ret = print_to(table, mem);
	if (memstream_close(mem, &text))
		ret = -ENOMEM;
	if (!ret)
		put_lines(text, above == SIZE_MAX ? 0 : above + 1, table->opts->color, out);
	free(text);
	return ret;
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
	size_t n_below = 0, above = SIZE_MAX;
	int ret;

	table.cols = columns_select(opts, false, err);
	if (!table.cols)
		return -EINVAL;
	ret = rows_collect(&rows, snap, opts, err);
	if (!ret && opts->footer)
		ret = view_headline(snap, opts, out, err);
	if (!ret) {
		drop_zero_columns(&table, &rows, snap);
		table.tb = scols_new_table();
		ret = table.tb ? modules_first(&rows) : -ENOMEM;
		if (opts->by != VIEW_BY_STACK)
			above = 0;
		for (size_t i = 0; i < rows.n && opts->by != VIEW_BY_STACK; i++)
			above += !rows.row[i].hidden && !below_rule(opts->by, &rows.row[i]);
		if (!ret)
			ret = add_columns(&table);
		if (!ret)
			ret = add_lines(&table, &rows, &n_below);
		if (!ret)
			ret = add_totals(&table, &rows);
		if (!ret)
			ret = print(&table, above, out);
		if (ret)
			error_set(err, ret, "out of memory");
		scols_unref_table(table.tb);
	}
	if (!ret)
		print_hidden(&rows, opts, n_below, out);
	if (!ret && opts->footer) {
		if (shows(&table, "INDUCED"))
			fputs("INDUCED: taken by the kernel itself on the module's behalf; not in LIVE\n",
			      out);
		ret = view_actions(snap, opts, out, err);
	}
	if (!ret && opts->footer && opts->notes)
		ret = view_footer(snap, opts, out, err);
	rows_free(&rows);
	free(table.cols);
	return ret;
}
