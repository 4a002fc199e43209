// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "columns.h"
#include "error.h"
#include "marks.h"
#include "rows.h"
#include "text.h"
#include "units.h"

const struct coldesc *column_find(enum view_by by, const char *name,
				  struct error *err)
{
	const struct coldesc *cols = coldescs(by);
	char names[400] = "";
	size_t len = 0;

	for (const struct coldesc *col = cols; col->name; col++)
		if (!strcasecmp(col->name, name))
			return col;

	for (const struct coldesc *col = cols; col->name; col++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, " %s",
					col->name);
	error_set(err, -EINVAL, "unknown column '%.40s' for --by %s; there are:%s",
		  name, view_by_name(by), names);
	return NULL;
}

static bool is_default(const struct coldesc *col, const struct view_opts *opts)
{
	return col->flags & COL_DEFAULT ||
	       (col->flags & COL_WITH_OVERHEAD && opts->overhead) ||
	       (col->flags & COL_WITH_LINES && opts->lines) ||
	       (col->flags & COL_WITH_BEFORE && opts->before) ||
	       (col->flags & COL_WITH_TIMELINE && opts->timeline);
}

/* Names of any length come last: what can be cut is then no number. */
static size_t select_default(const struct view_opts *opts, const struct coldesc **selected)
{
	size_t n = 0;

	for (unsigned int last = 0; last < 2; last++)
		for (const struct coldesc *col = coldescs(opts->by); col->name; col++)
			if (is_default(col, opts) && !(col->flags & COL_LAST) == !last)
				selected[n++] = col;
	return n;
}

const struct coldesc **columns_select(const struct view_opts *opts, bool every,
				      struct error *err)
{
	const struct coldesc *cols = coldescs(opts->by);
	const char *list = opts->columns;
	const struct coldesc **selected;
	size_t room = 1, n = 0;

	for (const struct coldesc *col = cols; col->name; col++)
		room++;
	for (const char *p = list; p; p = strchr(p + 1, ','))
		room++;
	selected = calloc(room, sizeof(*selected));
	if (!selected) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}

	if (every && !list) {
		for (const struct coldesc *col = cols; col->name; col++)
			if (!(col->flags & COL_WITH_TIMELINE) || is_default(col, opts))
				selected[n++] = col;
	} else if (!list || *list == '+') {
		n = select_default(opts, selected);
	}
	while (list) {
		char *item = text_item(&list);

		selected[n] = item ? column_find(opts->by,
						 item + (*item == '+'), err) : NULL;
		free(item);
		if (!selected[n++]) {
			free(selected);
			return NULL;
		}
	}
	return selected;
}

int view_check(const struct view_opts *opts, struct error *err)
{
	const struct coldesc **selected = columns_select(opts, false, err);

	if (!selected)
		return -EINVAL;
	free(selected);
	if (opts->sort && !column_find(opts->by, opts->sort, err))
		return -EINVAL;
	return 0;
}

bool column_number(const struct coldesc *col, const struct row *row,
		   uint64_t *value)
{
	if (col->type == COL_TEXT)
		return false;
	if (col->number)
		return col->number(row, value);
	memcpy(value, (const char *)row->data + col->offset, sizeof(*value));
	return !(col->flags & COL_SIGNED && (int64_t)*value < 0);
}

char *column_format(const struct coldesc *col, uint64_t value, bool exact,
		    bool clock_is_ns, char *buf, size_t size)
{
	if (col->type == COL_BYTES && !exact)
		return size_human(buf, size, value);
	if (col->type == COL_TIME && clock_is_ns)
		return time_format(buf, size, value);
	snprintf(buf, size, "%" PRIu64 "%s", value,
		 col->type == COL_PERCENT && !exact ? "%" : "");
	return buf;
}

uint32_t column_why(const struct coldesc *col, const struct row *row)
{
	uint32_t why = 0;

	if (col->why)
		memcpy(&why, (const char *)row->data + col->why, sizeof(why));
	return why;
}

int column_text(const struct coldesc *col, const struct row *row, bool exact, bool marked,
		char **text)
{
	char buf[64];
	uint64_t value;

	*text = NULL;
	if (col->type == COL_TEXT)
		return col->text(row, text) ? -ENOMEM : 0;
	if (!column_number(col, row, &value))
		return 0;
	column_format(col, value, exact, row->snap->clock_is_ns, buf, sizeof(buf));
	*text = text_format("%s%s", marked ? mark_of(column_why(col, row), text_is_utf8()) : "",
			    buf);
	return *text ? 0 : -ENOMEM;
}

int column_compare(const struct coldesc *col, const struct row *a,
		   const struct row *b)
{
	uint64_t na, nb;
	bool has_a, has_b;
	int order = 0;

	if (col->type == COL_TEXT) {
		char *ta = NULL, *tb = NULL;

		/* without memory, an order like any other */
		col->text(a, &ta);
		col->text(b, &tb);
		order = ta && tb ? strcmp(ta, tb) : !ta - !tb;
		free(ta);
		free(tb);
		return order;
	}
	has_a = column_number(col, a, &na);
	has_b = column_number(col, b, &nb);
	if (has_a && has_b)
		order = (na < nb) - (na > nb);
	else
		order = has_b - has_a;
	return order;
}

const char *view_column_name(enum view_by by, size_t i, const char **help)
{
	const struct coldesc *col = coldescs(by);

	/* the names end with NULL */
	for (; i && col->name; i--)
		col++;
	*help = col->help;
	return col->name;
}

void view_columns_help(enum view_by by, FILE *out)
{
	for (const struct coldesc *col = coldescs(by); col->name; col++)
		fprintf(out, "  %-14s %s\n", col->name, col->help);
}
