// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top_text.c - header, rows and sparklines as lines of text
 *
 * Names come from outside: every one passes printable(). Where the terminal is
 * not UTF-8, what is not ASCII becomes "?".
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "marks.h"
#include "printable.h"
#include "text.h"
#include "top_internal.h"
#include "units.h"

/* ---- a line in the making -------------------------------------------------------------- */

struct line {
	char *buf;		/* TOP_LINE_MAX bytes */
	size_t len;
	unsigned int columns;	/* used */
	bool cut;		/* there was more than a line can have */
	const struct top_style *style;
};

static void begin(struct line *l, char *buf, const struct top_style *style)
{
	*l = (struct line){ .buf = buf, .style = style };
	*buf = '\0';
}

/* One character of @text: its bytes, and the columns that it takes. */
static size_t next_char(const char *text, bool utf8, unsigned int *columns)
{
	mbstate_t state = { 0 };
	wchar_t wc;
	size_t n;
	int width;

	*columns = 1;
	if (!utf8 || (unsigned char)*text < 0x80)
		return 1;
	n = mbrtowc(&wc, text, strlen(text), &state);
	if (n == (size_t)-1 || n == (size_t)-2 || !n)
		return 1;
	width = wcwidth(wc);
	*columns = width < 0 ? 1 : (unsigned int)width;
	return n;
}

/* @text in at most @width columns (0: no limit), as much of it as the line can have. */
static void put(struct line *l, const char *text, unsigned int width)
{
	unsigned int used = 0, columns;

	while (*text) {
		size_t n = next_char(text, l->style->utf8, &columns);

		if (l->len + n + 1 > TOP_LINE_MAX ||
		    (l->style->width && l->columns + columns > l->style->width)) {
			l->cut = true;
			break;
		}
		if (width && used + columns > width)
			break;
		memcpy(l->buf + l->len, text, n);
		if (!l->style->utf8 && (unsigned char)*text >= 0x80)
			l->buf[l->len] = '?';
		l->len += n;
		l->columns += columns;
		used += columns;
		text += n;
	}
	l->buf[l->len] = '\0';
}

static void pad(struct line *l, unsigned int columns)
{
	while (columns--)
		put(l, " ", 1);
}

static unsigned int columns_of(const char *text, bool utf8)
{
	unsigned int sum = 0, columns;

	while (*text) {
		text += next_char(text, utf8, &columns);
		sum += columns;
	}
	return sum;
}

static const char *ellipsis(const struct top_style *style)
{
	return style->utf8 ? "…" : ">";
}

/* A line that had more to say shows it. */
static void finish(struct line *l)
{
	if (!l->cut || !l->len)
		return;
	do
		l->len--;
	while (l->len && l->style->utf8 && ((unsigned char)l->buf[l->len] & 0xc0) == 0x80);
	l->columns--;
	l->buf[l->len] = '\0';
	put(l, ellipsis(l->style), 1);
}

static void put_left(struct line *l, const char *text, unsigned int width)
{
	unsigned int before = l->columns;

	if (width > 1 && columns_of(text, l->style->utf8) > width) {
		put(l, text, width - 1);
		put(l, ellipsis(l->style), 1);
	} else {
		put(l, text, width);
	}
	if (l->columns - before < width)
		pad(l, width - (l->columns - before));
}

static void put_right(struct line *l, const char *text, unsigned int width)
{
	unsigned int columns = columns_of(text, l->style->utf8);

	if (columns < width)
		pad(l, width - columns);
	put(l, text, width);
}

static void put_name(struct line *l, const char *name, unsigned int width)
{
	char safe[512];

	put(l, printable(safe, sizeof(safe), name), width);
}

/* ---- numbers ------------------------------------------------------------------------------ */

static char *rate_text(char *buf, size_t size, double rate)
{
	double most = fabs(rate);

	if (most < 0.05)
		snprintf(buf, size, "0");
	else if (most < 9.95)
		snprintf(buf, size, "%.1f", rate);
	else if (most < 99999.5)
		snprintf(buf, size, "%.0f", rate);
	else if (most < 99999500.0)
		snprintf(buf, size, "%.0fk", rate / 1e3);
	else
		snprintf(buf, size, "%.0fM", rate / 1e6);
	return buf;
}

/* Bytes a second with a sign: "+1.5M", "-512B", "0". */
static char *growth_text(char *buf, size_t size, double rate)
{
	double most = fabs(rate);
	char bytes[16];

	if (most < 0.5)
		snprintf(buf, size, "0");
	else
		snprintf(buf, size, "%c%s", rate < 0 ? '-' : '+',
			 size_human(bytes, sizeof(bytes),
				    most < 1.8e19 ? (uint64_t)llround(most) : UINT64_MAX));
	return buf;
}

/* 0 to 7 */
static unsigned int height(uint64_t value, uint64_t least, uint64_t most)
{
	if (value <= least)
		return 0;
	return (unsigned int)lround((double)(value - least) / (double)(most - least) * 7);
}

void top_sparkline(const uint64_t *values, size_t n, unsigned int cells, bool utf8,
		   char *buf, size_t size)
{
	static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { "_", ".", "-", "=", "+", "*", "%", "#" };
	uint64_t least = UINT64_MAX, most = 0;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (values[i] < least)
			least = values[i];
		if (values[i] > most)
			most = values[i];
	}
	if (least > most - most / 8)
		least = most - most / 8;
	*buf = '\0';
	for (unsigned int c = 0; c < cells; c++) {
		/* the latest value is in the last cell; what was before is blank */
		size_t from = (size_t)c * TOP_HISTORY / cells;
		size_t to = (size_t)(c + 1) * TOP_HISTORY / cells;
		size_t missing = TOP_HISTORY - n;
		uint64_t value = 0;
		const char *cell = " ";
		unsigned int level;

		for (size_t i = from > missing ? from : missing; i < to; i++)
			if (values[i - missing] >= value)
				value = values[i - missing];
		if (to > missing && to > from) {
			level = height(value, least, most);
			cell = utf8 ? bars[level] : ascii[level];
		}
		if (len + strlen(cell) + 1 > size)
			break;
		len += (size_t)snprintf(buf + len, size - len, "%s", cell);
	}
}

/* ---- columns --------------------------------------------------------------------------------- */

enum { COL_LIVE, COL_RATE, COL_PEAK, COL_ALLOCS, COL_FREES, COL_INDUCED, COL_TREND, COLS };

static const struct {
	const char *title;
	unsigned int width;	/* with the blank before it */
	int sort;		/* that it is the key of, -1: none */
} cols[COLS] = {
	/* in the order in which a narrow terminal keeps them */
	[COL_LIVE] = { "LIVE", 7, TOP_SORT_LIVE },
	[COL_RATE] = { "RATE/S", 8, TOP_SORT_RATE },
	[COL_PEAK] = { "PEAK", 7, TOP_SORT_PEAK },
	[COL_ALLOCS] = { "ALLOCS/S", 9, TOP_SORT_ALLOCS },
	[COL_FREES] = { "FREES/S", 9, TOP_SORT_FREES },
	[COL_INDUCED] = { "INDUCED", 8, TOP_SORT_INDUCED },
	[COL_TREND] = { "LAST MINUTE", 13, -1 },
};

static const int shown_order[COLS] = {
	COL_LIVE, COL_PEAK, COL_RATE, COL_ALLOCS, COL_FREES, COL_INDUCED, COL_TREND
};

#define NAME_LEAST	12u
#define PLACE_LEAST	32u	/* of places, with their offset, and numbers beside them */
#define NAME_WIDTH	48u	/* where there is no limit */

/* Which columns fit, and what is left for the name. */
static unsigned int layout(const struct top_style *style, bool shown[COLS])
{
	unsigned int left = style->width ? style->width : 10000, i;
	unsigned int least = style->places && left >= PLACE_LEAST + cols[COL_LIVE].width ?
			     PLACE_LEAST : NAME_LEAST;

	memset(shown, 0, COLS * sizeof(*shown));
	left -= left < least ? left : least;
	for (i = 0; i < COLS && cols[i].width <= left; i++) {
		if (i == COL_TREND && style->places && style->width)
			continue;
		shown[i] = true;
		left -= cols[i].width;
	}
	if (!style->width)
		return NAME_WIDTH;
	return least + left < style->width ? least + left : style->width;
}

void top_title(const struct top_view *view, const struct top_style *style,
	       char line[TOP_LINE_MAX])
{
	bool shown[COLS];
	unsigned int width = layout(style, shown);
	const char *mark = view->reverse ? "^" : "v";
	char title[32];
	struct line l;

	begin(&l, line, style);
	snprintf(title, sizeof(title), "%sMODULE", view->sort == TOP_SORT_NAME ? mark : "");
	put_left(&l, title, width);
	for (int i = 0; i < COLS; i++) {
		int c = shown_order[i];

		if (!shown[c])
			continue;
		snprintf(title, sizeof(title), "%s%s",
			 cols[c].sort == (int)view->sort ? mark : "", cols[c].title);
		if (c == COL_TREND) {
			pad(&l, 1);
			put(&l, title, cols[c].width - 1);
		} else {
			put_right(&l, title, cols[c].width);
		}
	}
}

static void put_trend(struct line *l, const struct top *t, const struct top_row *row)
{
	uint64_t history[TOP_HISTORY];
	char spark[4 * TOP_HISTORY];
	size_t n;

	if (row->level != TOP_MODULE)
		return;
	n = top_history(t, row->module, history);
	top_sparkline(history, n, cols[COL_TREND].width - 1, l->style->utf8, spark,
		      sizeof(spark));
	pad(l, 1);
	put(l, spark, cols[COL_TREND].width - 1);
}

static char *marked_size(const struct line *l, char *buf, size_t size, uint64_t bytes,
			 uint32_t why)
{
	char human[16];

	snprintf(buf, size, "%s%s", mark_of(why, l->style->utf8),
		 size_human(human, sizeof(human), bytes));
	return buf;
}

static void put_cell(struct line *l, const struct top *t, const struct top_row *row, int c)
{
	const bool module = row->level == TOP_MODULE;
	const char *text = "";
	char buf[32];

	switch (c) {
	case COL_LIVE:
		if (module || row->site->charge == CHARGE_OWN)
			text = marked_size(l, buf, sizeof(buf), row->live,
					   module ? row->module->why : row->site->why);
		break;
	case COL_INDUCED:
		if (module && top_snapshot(t)->coverage.own_only)
			text = "-";	/* nobody knows */
		else if (module || row->site->charge != CHARGE_OWN)
			text = marked_size(l, buf, sizeof(buf), row->induced,
					   module ? row->module->induced_why : row->site->why);
		break;
	case COL_PEAK:
		if (module)
			text = marked_size(l, buf, sizeof(buf), row->peak, row->module->why);
		break;
	case COL_RATE:
		text = growth_text(buf, sizeof(buf), row->rates.bytes);
		break;
	case COL_ALLOCS:
		text = rate_text(buf, sizeof(buf), row->rates.allocs);
		break;
	case COL_FREES:
		text = rate_text(buf, sizeof(buf), row->rates.frees);
		break;
	case COL_TREND:
		put_trend(l, t, row);
		return;
	}
	put_right(l, text, cols[c].width);
}

static void name_text(const struct top_row *row, char *buf, size_t size)
{
	const struct snap_site *s = row->site;
	char function[300], via[200], *place;

	switch (row->level) {
	case TOP_MODULE:
		snprintf(buf, size, "%c ", row->open ? '-' : '+');
		printable(buf + 2, size - 2, row->module->name);
		return;
	case TOP_SITE:
		place = text_place(s->function, s->offset, s->number, s->no_offset);
		printable(via, sizeof(via), s->via ? s->via : "");
		snprintf(buf, size, "  %c %s %s %s", row->open ? '-' : '+',
			 place ? place : "?", mem_kind_name(s->kind), via);
		free(place);
		return;
	case TOP_FRAME:
		printable(function, sizeof(function), row->frame);
		snprintf(buf, size, "      %s", function);
		return;
	}
}

void top_line(const struct top *t, const struct top_row *row,
	      const struct top_style *style, char line[TOP_LINE_MAX])
{
	bool shown[COLS];
	unsigned int width = layout(style, shown);
	char name[600];
	struct line l;

	begin(&l, line, style);
	name_text(row, name, sizeof(name));
	if (row->level == TOP_FRAME) {	/* nothing stands behind it */
		put(&l, name, 0);
		finish(&l);
		return;
	}
	put_left(&l, name, width);
	for (int i = 0; i < COLS; i++)
		if (shown[shown_order[i]])
			put_cell(&l, t, row, shown_order[i]);
}

/* ---- header ------------------------------------------------------------------------- */

static char *span_text(char *buf, size_t size, uint64_t ns)
{
	uint64_t s = ns / 1000000000u;

	if (s < 86400)
		snprintf(buf, size, "%02u:%02u:%02u", (unsigned int)(s / 3600),
			 (unsigned int)(s / 60 % 60), (unsigned int)(s % 60));
	else
		snprintf(buf, size, "%" PRIu64 "d %02u:%02u", s / 86400,
			 (unsigned int)(s / 3600 % 24), (unsigned int)(s / 60 % 60));
	return buf;
}

/* Why numbers are marked; false: none is. */
static bool put_marks(struct line *l, const struct snapshot *snap, const struct top_view *view)
{
	struct marked *rows = calloc(snap->n_modules + 1, sizeof(*rows));
	bool any = false;
	size_t n = 0;

	for (size_t i = 0; rows && i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		if (top_is_shown(m, view))
			rows[n++] = (struct marked){ m->name, snapshot_row_why(snap, m) };
	}
	for (enum bound_cause i = 0; i < BOUND_CAUSES; i++) {
		char *text = rows ? marks_sentence(rows, n, i, l->style->utf8) : NULL;

		if (!text) {
			put(l, any ? " " : "", 0);
			put(l, "out of memory: not all marks are explained.", 0);
			free(rows);
			return true;
		}
		if (*text) {
			put(l, any ? " " : "", 0);
			put(l, text, 0);
			any = true;
		}
		free(text);
	}
	free(rows);
	return any;
}

static void put_trust(struct line *l, const struct coverage *c)
{
	char text[64];

	if (c->trusted && !c->lost_events && !c->lost_unknown) {
		put(l, "Good: no events lost, nothing is held against the books", 0);
		return;
	}
	snprintf(text, sizeof(text), "%s%" PRIu64 " events lost",
		 c->losses_unread ? "at least " : c->lost_unknown ? "more than " : "",
		 c->lost_events);
	put(l, text, 0);
	if (c->trusted) {
		put(l, "; books trusted", 0);
		return;
	}
	put(l, "; NOT TRUSTED: ", 0);
	for (size_t i = 0; i < c->n_distrust; i++) {
		if (i)
			put(l, "; ", 0);
		put_name(l, c->distrust[i], 0);
	}
}

size_t top_header(const struct top *t, const struct top_view *view,
		  const struct top_cost *cost, const struct top_style *style,
		  char lines[TOP_HEADER_MAX][TOP_LINE_MAX])
{
	const struct snapshot *snap = t->snap;
	char text[256], a[16], b[16], c[16], span[32];
	struct line l;
	size_t n = 0;

	begin(&l, lines[n++], style);
	if (!snap) {
		put(&l, "modmem top: waiting for the first events", 0);
		return n;
	}
	if (view->frozen)
		put(&l, "FROZEN  ", 0);
	snprintf(text, sizeof(text), "modmem top: held now of what was taken in the last %s",
		 span_text(span, sizeof(span), snap->end_ns - snap->start_ns));
	put(&l, text, 0);
	finish(&l);
	begin(&l, lines[n++], style);
	put_trust(&l, &snap->coverage);
	finish(&l);

	begin(&l, lines[n++], style);
	snprintf(text, sizeof(text), "live %s own, %s induced, %s overhead",
		 size_human(a, sizeof(a), snap->live_bytes),
		 snap->coverage.own_only ? "unknown" :
		 size_human(b, sizeof(b), snap->induced_bytes),
		 size_human(c, sizeof(c), snap->overhead_bytes));
	put(&l, text, 0);
	finish(&l);
	begin(&l, lines[n++], style);
	snprintf(text, sizeof(text), "%s cost: %.1f%% CPU, %s memory, %s ring buffers",
		 cost->watcher ? "the watcher's" : "own", cost->cpu, size_human(a, sizeof(a), cost->rss),
		 size_human(b, sizeof(b), cost->ring));
	put(&l, text, 0);
	finish(&l);
	begin(&l, lines[n], style);
	n += put_marks(&l, snap, view);
	finish(&l);
	if (*view->filter) {
		begin(&l, lines[n++], style);
		put(&l, "filter: ", 0);
		put_name(&l, view->filter, 0);
	}
	return n;
}
