// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top_ui.c - see top_ui.h
 */
#include "top_ui.h"

#include <inttypes.h>
#include <string.h>

#include "snapshot.h"

#define DELAY_LEAST	0.1
#define DELAY_MOST	3600.0

static const char *const help[] = {
	"Up Down PgUp PgDn Home End, k j  move    Enter Right +  open    Left -  close",
	"< >  sort by the column before, behind   r  the other way round",
	"L I P R A F N  sort by live, induced, peak, rate, allocs, frees, name",
	"/  filter by part of a name (Esc: none)  a  also what never held anything",
	"Space  freeze, the books go on           d D  refresh half, twice as often",
	"s  save a report (JSON) of this moment   q  quit",
	"",
	"MODULE   [kernel]: outside modules; [unknown]: code of no known module",
	"LIVE     bytes of the module's own that are held now; below it, of a place",
	"PEAK     most of it at one moment, since the start",
	"RATE/S   bytes a second that it grew by, since the last refresh",
	"ALLOCS/S, FREES/S  how often a second it took and gave back memory",
	"INDUCED  what the kernel itself took on its behalf; not in LIVE",
	"LAST MINUTE  LIVE, from its least to its most",
	"own, induced, overhead  sums of LIVE and INDUCED; what allocators took besides",
	"slab, pages, vmalloc, percpu, dma  kinds of memory, behind a place's name",
	">= <= ~  before a number: at least, at most, more or less (without UTF-8 > < ~)",
	"own cost  what modmem top takes itself",
	"events lost  the ring buffers had no room: a larger --buffer-size",
	"Good, NOT TRUSTED  whether anything is held against the numbers as a whole",
	"An ellipsis (without UTF-8 >) at the end of a line or name: there is more of it.",
	"Any key goes back.",
};

const char *top_ui_help(size_t i)
{
	return i < sizeof(help) / sizeof(help[0]) ? help[i] : NULL;
}

void top_ui_footer(const struct top_ui *ui, const struct top_style *style,
		   char line[TOP_LINE_MAX])
{
	unsigned int width = style->width ? style->width : TOP_LINE_MAX - 1;

	if (width >= TOP_LINE_MAX)
		width = TOP_LINE_MAX - 1;
	if (ui->editing)
		snprintf(line, TOP_LINE_MAX, "filter: %s_", ui->view.filter);
	else if (*ui->message)
		snprintf(line, TOP_LINE_MAX, "%s", ui->message);
	else
		snprintf(line, TOP_LINE_MAX, "q quit  Enter open  <> sort  / filter  Space %s  s save  ? help  every %.4gs",
			 ui->view.frozen ? "go on" : "freeze", ui->delay);
	line[strnlen(line, width)] = '\0';
}

/* What a row is, in words that are the same in the next snapshot. */
static void identify(const struct top_row *rows, size_t i, char *buf, size_t size)
{
	const struct top_row *row = &rows[i];
	const struct snap_site *s = row->site;
	size_t frame = 0;

	if (!s) {
		snprintf(buf, size, "%s", row->module->name);
		return;
	}
	while (i > frame && rows[i - frame].level == TOP_FRAME)
		frame++;
	snprintf(buf, size, "%s\n%s+%" PRIu64 "#%" PRIu32 "\n%s %d %d %zu", row->module->name,
		 s->function ? s->function : "", s->offset, s->number, s->via ? s->via : "",
		 (int)s->kind, (int)s->charge, frame);
}

const struct top_row *top_ui_rows(struct top_ui *ui, struct top *t, size_t page, size_t *n)
{
	const struct top_row *rows = top_rows(t, &ui->view, n);
	char id[sizeof(ui->selected)];

	if (!rows)
		return NULL;
	ui->page = page;
	for (size_t i = 0; *ui->selected && i < *n; i++) {
		identify(rows, i, id, sizeof(id));
		if (!strcmp(id, ui->selected)) {
			ui->cursor = i;
			break;
		}
	}
	if (ui->cursor >= *n)
		ui->cursor = *n ? *n - 1 : 0;
	if (ui->first > ui->cursor)
		ui->first = ui->cursor;
	if (page && ui->cursor >= ui->first + page)
		ui->first = ui->cursor - page + 1;
	/* no empty lines below the last row */
	if (ui->first + page > *n)
		ui->first = *n > page ? *n - page : 0;
	return rows;
}

/* The cursor is on row @to, and stays on what is there; at the top it stays there. */
static void move(struct top_ui *ui, const struct top_row *rows, size_t n, size_t to)
{
	ui->cursor = to < n ? to : n ? n - 1 : 0;
	*ui->selected = '\0';
	if (ui->cursor)
		identify(rows, ui->cursor, ui->selected, sizeof(ui->selected));
}

static void edit(struct top_ui *ui, int key)
{
	size_t len = strlen(ui->view.filter);

	if (key == TOP_KEY_ENTER) {
		ui->editing = false;
	} else if (key == TOP_KEY_ESCAPE) {
		ui->editing = false;
		*ui->view.filter = '\0';
	} else if (key == TOP_KEY_BACKSPACE) {
		if (len)
			ui->view.filter[len - 1] = '\0';
	} else if (key > ' ' && key < 0x7f && len + 1 < sizeof(ui->view.filter)) {
		ui->view.filter[len] = (char)key;
		ui->view.filter[len + 1] = '\0';
	}
}

static void sort_by(struct top_ui *ui, enum top_sort sort)
{
	ui->view.sort = sort;
	ui->first = ui->cursor = 0;
	*ui->selected = '\0';
}

/* Keys that change what is shown, not where the cursor is. True: it was one. */
static bool change_view(struct top_ui *ui, int key)
{
	static const struct {
		int key;
		enum top_sort sort;
	} sorts[] = {
		{ 'L', TOP_SORT_LIVE }, { 'I', TOP_SORT_INDUCED },
		{ 'P', TOP_SORT_PEAK }, { 'R', TOP_SORT_RATE },
		{ 'A', TOP_SORT_ALLOCS }, { 'F', TOP_SORT_FREES },
		{ 'N', TOP_SORT_NAME },
	};

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (sorts[i].key == key) {
			sort_by(ui, sorts[i].sort);
			return true;
		}
	switch (key) {
	case 'q':
		ui->quit = true;
		return true;
	case '<':
		sort_by(ui, (ui->view.sort + TOP_SORTS - 1) % TOP_SORTS);
		return true;
	case '>':
		sort_by(ui, (ui->view.sort + 1) % TOP_SORTS);
		return true;
	case 'r':
		ui->view.reverse = !ui->view.reverse;
		return true;
	case 'a':
		ui->view.all = !ui->view.all;
		return true;
	case ' ':
		ui->view.frozen = !ui->view.frozen;
		return true;
	case '/':
		ui->editing = true;
		return true;
	case TOP_KEY_ESCAPE:
		*ui->view.filter = '\0';
		return true;
	case 's':
		ui->save = true;
		return true;
	case 'h':
	case '?':
	case TOP_KEY_HELP:
		ui->help = true;
		return true;
	case 'd':
		ui->delay = ui->delay * 2 > DELAY_MOST ? DELAY_MOST : ui->delay * 2;
		return true;
	case 'D':
		ui->delay = ui->delay / 2 < DELAY_LEAST ? DELAY_LEAST : ui->delay / 2;
		return true;
	default:
		return false;
	}
}

/* Closes the row, or else what it is in. */
static int close_row(struct top_ui *ui, struct top *t, const struct top_row *rows, size_t n)
{
	size_t i = ui->cursor;

	if (!rows[i].open && i && rows[i].level != TOP_MODULE) {
		enum top_level level = rows[i].level;

		while (i && rows[i].level >= level)
			i--;
		move(ui, rows, n, i);
	}
	return rows[i].open ? top_toggle(t, &rows[i]) : 0;
}

int top_ui_key(struct top_ui *ui, struct top *t, int key)
{
	const struct top_row *rows;
	size_t n, at, page;

	*ui->message = '\0';
	if (ui->help) {
		ui->help = false;
		return 0;
	}
	if (ui->editing) {
		edit(ui, key);
		return 0;
	}
	if (change_view(ui, key))
		return 0;
	rows = top_ui_rows(ui, t, ui->page, &n);
	if (!rows)
		return -1;
	if (!n)
		return 0;
	at = ui->cursor;
	page = ui->page ? ui->page : 1;
	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		move(ui, rows, n, at ? at - 1 : 0);
		break;
	case TOP_KEY_DOWN:
	case 'j':
		move(ui, rows, n, at + 1);
		break;
	case TOP_KEY_PAGE_UP:
		move(ui, rows, n, at > page ? at - page : 0);
		break;
	case TOP_KEY_PAGE_DOWN:
		move(ui, rows, n, at + page);
		break;
	case TOP_KEY_HOME:
		move(ui, rows, n, 0);
		break;
	case TOP_KEY_END:
		move(ui, rows, n, n - 1);
		break;
	case TOP_KEY_ENTER:
		return rows[at].level == TOP_FRAME ? 0 : top_toggle(t, &rows[at]);
	case TOP_KEY_RIGHT:
	case '+':
		if (rows[at].level != TOP_FRAME && !rows[at].open)
			return top_toggle(t, &rows[at]);
		break;
	case TOP_KEY_LEFT:
	case '-':
		return close_row(ui, t, rows, n);
	}
	return 0;
}
