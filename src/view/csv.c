// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * csv.c - rows for programs and spreadsheets, quoted as RFC 4180 says
 *
 * Lines end with LF. Numbers are exact. A text that a spreadsheet would take
 * for a formula gets an apostrophe in front.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "csv.h"
#include "error.h"
#include "rows.h"

void csv_put_text(const char *text, FILE *out)
{
	if (*text && strchr("=+-@\t\r", *text)) {
		fprintf(out, "\"'");
	} else if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	} else {
		fputc('"', out);
	}
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static int put_row(const struct coldesc **cols, const struct row *row, FILE *out)
{
	for (size_t c = 0; cols[c]; c++) {
		char *text;

		if (column_text(cols[c], row, true, false, &text))
			return -ENOMEM;
		if (c)
			fputc(',', out);
		if (text && cols[c]->type == COL_TEXT)
			csv_put_text(text, out);
		else if (text)
			fputs(text, out);
		free(text);
	}
	fputc('\n', out);
	return 0;
}

int view_csv(const struct snapshot *snap, const struct view_opts *opts,
	     FILE *out, struct error *err)
{
	struct view_opts every = *opts;
	const struct coldesc **cols;
	struct rows rows;
	int ret;

	every.all = true;
	cols = columns_select(&every, true, err);
	if (!cols)
		return -EINVAL;
	ret = rows_collect(&rows, snap, &every, err);
	for (size_t c = 0; !ret && cols[c]; c++)
		fprintf(out, "%s%s", c ? "," : "", cols[c]->name);
	if (!ret)
		fputc('\n', out);
	for (size_t i = 0; !ret && i < rows.n; i++) {
		if (rows.row[i].hidden)
			continue;
		ret = put_row(cols, &rows.row[i], out);
		if (ret)
			error_set(err, ret, "out of memory");
	}
	rows_free(&rows);
	free(cols);
	return ret;
}
