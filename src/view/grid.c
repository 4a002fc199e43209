// SPDX-License-Identifier: GPL-2.0-or-later
#include "grid.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "text.h"
#include "units.h"

struct grid {
	const struct grid_col *cols;
	size_t n_cols;
	char **cells;		/* row by row */
	size_t n, room;		/* cells */
	bool no_memory;
};

struct grid *grid_new(const struct grid_col *cols)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->cols = cols;
	while (cols[grid->n_cols].name)
		grid->n_cols++;
	return grid;
}

void grid_free(struct grid *grid)
{
	if (!grid)
		return;
	for (size_t i = 0; i < grid->n; i++)
		free(grid->cells[i]);
	free(grid->cells);
	free(grid);
}

void grid_row(struct grid *grid, char *const *cells)
{
	if (grid->n + grid->n_cols > grid->room) {
		size_t room = grid->room ? 2 * grid->room : 16 * grid->n_cols;
		char **more = realloc(grid->cells, room * sizeof(*more));

		if (!more) {
			for (size_t c = 0; c < grid->n_cols; c++)
				free(cells[c]);
			grid->no_memory = true;
			return;
		}
		grid->cells = more;
		grid->room = room;
	}
	memcpy(grid->cells + grid->n, cells, grid->n_cols * sizeof(*cells));
	grid->n += grid->n_cols;
}

static int fill(struct grid *grid, struct libscols_table *tb)
{
	for (size_t c = 0; c < grid->n_cols; c++) {
		unsigned int flags = grid->cols[c].flags;

		if (!scols_table_new_column(tb, grid->cols[c].name, 0,
					    (flags & GRID_RIGHT ? SCOLS_FL_RIGHT : 0) |
					    (flags & GRID_WRAP ? SCOLS_FL_WRAP : 0) |
					    (flags & GRID_TRUNC ? SCOLS_FL_TRUNC : 0)))
			return -ENOMEM;
	}
	for (size_t i = 0; i < grid->n; i += grid->n_cols) {
		struct libscols_line *line = scols_table_new_line(tb, NULL);

		for (size_t c = 0; line && c < grid->n_cols; c++) {
			const char *text = grid->cells[i + c];
			char *cell = text_cell(strdup(text ? text : "-"));

			if (!cell || scols_line_refer_data(line, c, cell)) {
				free(cell);
				return -ENOMEM;
			}
		}
		if (!line)
			return -ENOMEM;
	}
	return 0;
}

static int print_table(struct grid *grid, unsigned int width, FILE *out)
{
	struct libscols_table *tb = scols_new_table();
	int ret = tb ? fill(grid, tb) : -ENOMEM;

	if (!ret) {
		scols_table_set_stream(tb, out);
		scols_table_enable_noencoding(tb, 1);
		scols_table_set_termforce(tb, width ? SCOLS_TERMFORCE_ALWAYS :
						      SCOLS_TERMFORCE_NEVER);
		if (width)
			scols_table_set_termwidth(tb, width);
		ret = scols_print_table(tb) ? -ENOMEM : 0;
	}
	scols_unref_table(tb);
	return ret;
}

static void print_csv(struct grid *grid, FILE *out)
{
	for (size_t c = 0; c < grid->n_cols; c++)
		fprintf(out, "%s%s", c ? "," : "", grid->cols[c].name);
	fputc('\n', out);
	for (size_t i = 0; i < grid->n; i++) {
		size_t c = i % grid->n_cols;

		if (c)
			fputc(',', out);
		/* a number is no formula, whatever its sign */
		if (grid->cells[i] && grid->cols[c].flags & GRID_RIGHT)
			fputs(grid->cells[i], out);
		else if (grid->cells[i])
			csv_put_text(grid->cells[i], out);
		if (c + 1 == grid->n_cols)
			fputc('\n', out);
	}
}

int grid_print(struct grid *grid, enum view_format format, unsigned int width,
	       FILE *out)
{
	if (grid->no_memory)
		return -ENOMEM;
	if (format == VIEW_TABLE)
		return print_table(grid, width, out);
	print_csv(grid, out);
	return 0;
}

char *grid_bytes(int64_t bytes, bool exact, bool sign)
{
	uint64_t size = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;
	char buf[32];

	if (exact)
		snprintf(buf, sizeof(buf), "%" PRIu64, size);
	else
		size_human(buf, sizeof(buf), size);
	return text_format("%s%s", bytes < 0 ? "-" : sign && bytes ? "+" : "", buf);
}

char *grid_count(int64_t count, bool sign)
{
	return text_format("%s%" PRId64, sign && count > 0 ? "+" : "", count);
}
