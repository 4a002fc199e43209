// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_top.c - the screen of modmem top without a terminal: rows, keys, lines
 */
#include <jansson.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "arena.h"
#include "fake_snapshot.h"
#include "top.h"
#include "top_ui.h"

/* What snapshot_free() expects (snapshot.c). */
struct owned {
	struct snapshot snap;
	struct arena *arena;
};

static const char *const frames[] = {
	"do_syscall_64+0x10", "kmtest_init+0x20 [kmtest]",
	"family_kmalloc+0x11c [kmtest]", "__kmalloc+0x30",
};

static const char *const fewer_frames[] = {
	"family_kmalloc+0x11c [kmtest]", "__kmalloc+0x30",
};

static struct snap_stack some_stacks[] = {
	{ .charge = CHARGE_OWN, .kind = KIND_SLAB, .frames = fewer_frames, .n_frames = 2,
	  .live_bytes = 100, .allocs = 9 },
	{ .charge = CHARGE_OWN, .kind = KIND_SLAB, .frames = frames, .n_frames = 4,
	  .live_bytes = 1372, .allocs = 4 },
	/* another place of the same function, another kind */
	{ .charge = CHARGE_OWN, .kind = KIND_PAGES, .frames = fewer_frames, .n_frames = 2,
	  .live_bytes = 99999, .allocs = 4 },
};

static struct top *t;
static struct top_view view;
static struct top_ui ui;

static struct snap_module *module(struct snapshot *snap, const char *name)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, name))
			return &snap->modules[i];
	fail_msg("no module %s", name);
	return NULL;
}

/* The fake one, as one that may be changed and is freed by who has it. */
static struct snapshot *a_snapshot(void)
{
	struct arena *arena = arena_new();
	struct owned *own = arena_zalloc(arena, 1, sizeof(*own));
	struct snapshot *snap = &own->snap;
	struct snap_module *modules;

	*snap = *fake_snapshot();
	own->arena = arena;
	modules = arena_zalloc(arena, snap->n_modules, sizeof(*modules));
	memcpy(modules, snap->modules, snap->n_modules * sizeof(*modules));
	snap->modules = modules;
	for (size_t i = 0; i < 3; i++)
		some_stacks[i].module = (uint32_t)(module(snap, "kmtest") - modules);
	snap->stacks = some_stacks;
	snap->n_stacks = 3;
	return snap;
}

static int setup(void **state)
{
	(void)state;
	memset(&view, 0, sizeof(view));
	memset(&ui, 0, sizeof(ui));
	ui.delay = 1;
	t = top_new();
	return !t || top_update(t, a_snapshot(), 1);
}

static int teardown(void **state)
{
	(void)state;
	top_free(t);
	return 0;
}

/* Names of the modules that are shown, in order: "a b c". */
static const char *shown(const struct top_view *v)
{
	static char text[512];
	const struct top_row *rows;
	size_t n;

	rows = top_rows(t, v, &n);
	assert_non_null(rows);
	*text = '\0';
	for (size_t i = 0; i < n; i++)
		if (rows[i].level == TOP_MODULE)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 *text ? " " : "",
				 strcmp(rows[i].module->name, HOSTILE_NAME) ?
				 rows[i].module->name : "HOSTILE");
	return text;
}

static void keys(const char *text)
{
	for (; *text; text++)
		assert_int_equal(top_ui_key(&ui, t, (unsigned char)*text), 0);
}

static void key(int k)
{
	assert_int_equal(top_ui_key(&ui, t, k), 0);
}

/* ---- rows ----------------------------------------------------------------------------- */

static void sorted_by_each_column(void **state)
{
	static const char *const want[TOP_SORTS] = {
		[TOP_SORT_LIVE] = "ext4 [kernel] kmtest HOSTILE gone_mod",
		[TOP_SORT_INDUCED] = "ext4 [kernel] kmtest HOSTILE gone_mod",
		[TOP_SORT_PEAK] = "ext4 [kernel] kmtest HOSTILE gone_mod",
		[TOP_SORT_RATE] = "ext4 [kernel] kmtest HOSTILE gone_mod",
		[TOP_SORT_ALLOCS] = "ext4 [kernel] kmtest HOSTILE gone_mod",
		[TOP_SORT_FREES] = "ext4 [kernel] kmtest gone_mod HOSTILE",
		[TOP_SORT_NAME] = "HOSTILE [kernel] ext4 gone_mod kmtest",
	};

	(void)state;
	for (int sort = 0; sort < TOP_SORTS; sort++) {
		view.sort = sort;
		assert_string_equal(shown(&view), want[sort]);
	}
	view.sort = TOP_SORT_NAME;
	view.reverse = true;
	assert_string_equal(shown(&view), "kmtest gone_mod ext4 [kernel] HOSTILE");
}

static void filtered(void **state)
{
	(void)state;
	snprintf(view.filter, sizeof(view.filter), "T4");
	assert_string_equal(shown(&view), "ext4");
	snprintf(view.filter, sizeof(view.filter), "no such");
	assert_string_equal(shown(&view), "");
	*view.filter = '\0';
	view.modules = "kmtest,idle_mod";
	assert_string_equal(shown(&view), "kmtest idle_mod");
	/* a dash is an underscore, as modprobe has it */
	view.modules = "idle-mod,";
	assert_string_equal(shown(&view), "idle_mod");
	view.modules = "kmtes";
	assert_string_equal(shown(&view), "");
	view.modules = NULL;
	view.all = true;
	assert_non_null(strstr(shown(&view), "idle_mod"));
}

static void rates_from_two_snapshots(void **state)
{
	struct snapshot *snap = a_snapshot();
	struct snap_module *m = module(snap, "kmtest"), *k = module(snap, "[kernel]");
	const struct top_row *rows;
	size_t n;

	(void)state;
	m->live_bytes += 4000;
	m->allocs += 20;
	m->frees += 10;
	k->live_bytes -= 1000;
	assert_int_equal(top_update(t, snap, 2), 0);
	view.sort = TOP_SORT_RATE;
	rows = top_rows(t, &view, &n);
	assert_ptr_equal(rows[0].module, m);
	assert_float_equal(rows[0].rates.bytes, 2000, 0.01);
	assert_float_equal(rows[0].rates.allocs, 10, 0.01);
	assert_float_equal(rows[0].rates.frees, 5, 0.01);
	assert_ptr_equal(rows[n - 1].module, k);
	assert_float_equal(rows[n - 1].rates.bytes, -500, 0.01);
	/* no time has passed: no rates, rather than infinite ones */
	assert_int_equal(top_update(t, a_snapshot(), 0), 0);
	rows = top_rows(t, &view, &n);
	for (size_t i = 0; i < n; i++)
		assert_float_equal(rows[i].rates.bytes, 0, 0.001);
}

static void a_module_that_comes_later(void **state)
{
	struct snapshot *first = a_snapshot();
	const struct top_row *rows;
	size_t n;

	(void)state;
	top_free(t);
	t = top_new();
	first->n_modules = 1;
	assert_int_equal(top_update(t, first, 1), 0);
	top_rows(t, &view, &n);
	assert_int_equal(n, 1);
	assert_int_equal(top_update(t, a_snapshot(), 1), 0);
	view.modules = "kmtest";
	rows = top_rows(t, &view, &n);
	assert_int_equal(n, 1);
	assert_float_equal(rows[0].rates.bytes, 18112, 0.01);
	assert_float_equal(rows[0].rates.allocs, 14, 0.01);
}

static void opened_and_closed(void **state)
{
	const struct top_row *rows;
	size_t n;

	(void)state;
	view.modules = "kmtest";
	rows = top_rows(t, &view, &n);
	assert_int_equal(n, 1);
	assert_false(top_wants_stacks(t));
	assert_int_equal(top_toggle(t, &rows[0]), 0);
	rows = top_rows(t, &view, &n);
	/* the one that holds nothing and does nothing now is left out */
	assert_int_equal(n, 5);
	view.all = true;
	rows = top_rows(t, &view, &n);
	assert_int_equal(n, 5);
	view.all = false;
	assert_int_equal(top_update(t, a_snapshot(), 1), 0);
	rows = top_rows(t, &view, &n);
	assert_int_equal(n, 4);
	assert_int_equal(rows[1].level, TOP_SITE);
	assert_int_equal(rows[1].live, 16384);
	assert_int_equal(rows[2].live, 1472);
	assert_int_equal(rows[3].live, 256);

	/* a place into the stack that holds most, innermost function first */
	assert_int_equal(top_toggle(t, &rows[2]), 0);
	assert_true(top_wants_stacks(t));
	rows = top_rows(t, &view, &n);
	assert_int_equal(n, 8);
	assert_int_equal(rows[3].level, TOP_FRAME);
	assert_string_equal(rows[3].frame, "__kmalloc+0x30");
	assert_string_equal(rows[6].frame, "do_syscall_64+0x10");
	/* open in the next snapshot too */
	assert_int_equal(top_update(t, a_snapshot(), 1), 0);
	rows = top_rows(t, &view, &n);
	assert_int_equal(n, 8);
	assert_int_equal(top_toggle(t, &rows[2]), 0);
	assert_false(top_wants_stacks(t));
	top_rows(t, &view, &n);
	assert_int_equal(n, 4);
}

/* ---- keys ------------------------------------------------------------------------------- */

static void cursor_follows_what_it_is_on(void **state)
{
	const struct top_row *rows;
	size_t n;

	(void)state;
	rows = top_ui_rows(&ui, t, 3, &n);
	assert_int_equal(ui.cursor, 0);
	key(TOP_KEY_DOWN);
	keys("j");
	rows = top_ui_rows(&ui, t, 3, &n);
	assert_string_equal(rows[ui.cursor].module->name, "kmtest");
	ui.view.sort = TOP_SORT_NAME;
	rows = top_ui_rows(&ui, t, 3, &n);
	assert_string_equal(rows[ui.cursor].module->name, "kmtest");
	assert_int_equal(ui.cursor, 4);
	assert_int_equal(ui.first, 2);
	key(TOP_KEY_HOME);
	ui.view.sort = TOP_SORT_LIVE;
	rows = top_ui_rows(&ui, t, 3, &n);
	assert_int_equal(ui.cursor, 0);
	assert_int_equal(ui.first, 0);
	key(TOP_KEY_END);
	key(TOP_KEY_DOWN);
	rows = top_ui_rows(&ui, t, 3, &n);
	assert_int_equal(ui.cursor, n - 1);
	key(TOP_KEY_PAGE_UP);
	assert_int_equal(ui.cursor, n - 4);
	key(TOP_KEY_UP);
	key(TOP_KEY_PAGE_UP);
	assert_int_equal(ui.cursor, 0);
	/* what the cursor was on is gone */
	key(TOP_KEY_END);
	snprintf(ui.view.filter, sizeof(ui.view.filter), "ext4");
	top_ui_rows(&ui, t, 3, &n);
	assert_int_equal(ui.cursor, 0);
	snprintf(ui.view.filter, sizeof(ui.view.filter), "nothing at all");
	top_ui_rows(&ui, t, 3, &n);
	assert_int_equal(n, 0);
	for (int k = TOP_KEY_UP; k <= TOP_KEY_HELP; k++)
		key(k);
}

static void keys_open_and_close(void **state)
{
	size_t n, before;

	(void)state;
	top_ui_rows(&ui, t, 20, &before);
	keys("jj");			/* kmtest */
	key(TOP_KEY_ENTER);
	top_ui_rows(&ui, t, 20, &n);
	assert_int_equal(n, before + 4);
	key(TOP_KEY_RIGHT);		/* is open already */
	top_ui_rows(&ui, t, 20, &n);
	assert_int_equal(n, before + 4);
	keys("jj");
	keys("+");			/* a place */
	top_ui_rows(&ui, t, 20, &n);
	assert_int_equal(n, before + 8);
	keys("j");			/* a function of its stack */
	key(TOP_KEY_ENTER);
	key(TOP_KEY_LEFT);		/* closes the place */
	top_ui_rows(&ui, t, 20, &n);
	assert_int_equal(n, before + 4);
	keys("-");			/* closes the module */
	top_ui_rows(&ui, t, 20, &n);
	assert_int_equal(n, before);
	assert_int_equal(ui.cursor, 2);
	keys("-");
	top_ui_rows(&ui, t, 20, &n);
	assert_int_equal(n, before);
}

static void keys_change_the_view(void **state)
{
	char line[TOP_LINE_MAX];
	struct top_style style = { .width = 40 };

	(void)state;
	keys("N");
	assert_int_equal(ui.view.sort, TOP_SORT_NAME);
	keys(">");
	assert_int_equal(ui.view.sort, TOP_SORT_LIVE);
	keys("<");
	assert_int_equal(ui.view.sort, TOP_SORT_NAME);
	keys("ra ");
	assert_true(ui.view.reverse);
	assert_true(ui.view.all);
	assert_true(ui.view.frozen);
	keys("/qx");
	assert_true(ui.editing);
	assert_false(ui.quit);
	assert_string_equal(ui.view.filter, "qx");
	top_ui_footer(&ui, &style, line);
	assert_string_equal(line, "filter: qx_");
	key(TOP_KEY_BACKSPACE);
	key(0x1b00);			/* no character: passed over */
	key(TOP_KEY_ENTER);
	assert_false(ui.editing);
	assert_string_equal(ui.view.filter, "q");
	for (int i = 0; i < 100; i++)
		keys("/z");
	key(TOP_KEY_ENTER);
	assert_true(strlen(ui.view.filter) < sizeof(ui.view.filter));
	key(TOP_KEY_ESCAPE);
	assert_string_equal(ui.view.filter, "");
	keys("h");
	assert_true(ui.help);
	keys("q");			/* any key goes back */
	assert_false(ui.help);
	assert_false(ui.quit);
	for (int i = 0; i < 40; i++)
		keys("d");
	assert_true(ui.delay <= 3600);
	for (int i = 0; i < 40; i++)
		keys("D");
	assert_true(ui.delay >= 0.1);
	keys("q");
	assert_true(ui.quit);
}

/* ---- text ------------------------------------------------------------------------------- */

static unsigned int width_of(const char *line, bool utf8)
{
	unsigned int sum = 0;

	while (*line) {
		mbstate_t state = { 0 };
		wchar_t wc = 0;
		size_t n = utf8 ? mbrtowc(&wc, line, strlen(line), &state) : 1;

		assert_true(n > 0 && n <= strlen(line));
		/* not one control byte reaches a terminal */
		assert_true((unsigned char)*line >= ' ' && *line != 0x7f);
		assert_true(utf8 || (unsigned char)*line < 0x80);
		sum += utf8 ? (unsigned int)wcwidth(wc) : 1;
		line += n;
	}
	return sum;
}

static void lines_fit_any_width(void **state)
{
	char header[TOP_HEADER_MAX][TOP_LINE_MAX], line[TOP_LINE_MAX];
	struct top_cost cost = { .cpu = 12.34, .rss = 23 << 20, .ring = 16 << 20 };
	const struct top_row *rows;
	size_t n, n_header;

	(void)state;
	view.all = true;
	rows = top_rows(t, &view, &n);
	for (size_t i = n; i-- > 0; rows = top_rows(t, &view, &n))
		assert_int_equal(top_toggle(t, &rows[i]), 0);
	top_toggle(t, &rows[1]);
	snprintf(view.filter, sizeof(view.filter), "e");
	rows = top_rows(t, &view, &n);
	for (unsigned int width = 1; width < 220; width++)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			struct top_style style = { .utf8 = utf8, .width = width };

			n_header = top_header(t, &view, &cost, &style, header);
			assert_true(n_header > 2 && n_header <= TOP_HEADER_MAX);
			for (size_t i = 0; i < n_header; i++)
				assert_true(width_of(header[i], utf8) <= width);
			top_title(&view, &style, line);
			assert_true(width_of(line, utf8) <= width);
			for (size_t i = 0; i < n; i++) {
				top_line(t, &rows[i], &style, line);
				assert_true(width_of(line, utf8) <= width);
			}
			top_ui_footer(&ui, &style, line);
			assert_true(strlen(line) <= width);
		}
}

static void header_says_what_matters(void **state)
{
	char header[TOP_HEADER_MAX][TOP_LINE_MAX];
	struct top_cost cost = { .cpu = 12.34, .rss = 23 << 20, .ring = 16 << 20 };
	struct top_style style = { 0 };

	(void)state;
	view.frozen = true;
	top_header(t, &view, &cost, &style, header);
	assert_non_null(strstr(header[0], "FROZEN  modmem top: held now of what was taken in the last 00:00:"));
	assert_non_null(strstr(header[1], "1234 events lost; NOT TRUSTED: 1234 events were lost; no stacks"));
	assert_string_equal(header[3], "own cost: 12.3% CPU, 23M memory, 16M ring buffers");
	/* what is cut says so */
	style.width = 30;
	style.utf8 = true;
	top_header(t, &view, &cost, &style, header);
	assert_string_equal(header[1], "more than 1234 events lost; N…");
	style.utf8 = false;
	top_header(t, &view, &cost, &style, header);
	assert_string_equal(header[1], "more than 1234 events lost; N>");
}

static void a_row_in_full(void **state)
{
	struct top_style style = { .width = 100 };
	char line[TOP_LINE_MAX], title[TOP_LINE_MAX];
	const struct top_row *rows;
	size_t n;

	(void)state;
	view.modules = "ext4";
	rows = top_rows(t, &view, &n);
	top_title(&view, &style, title);
	top_line(t, &rows[0], &style, line);
	assert_string_equal(title,
		"MODULE                                   vLIVE   PEAK  RATE/S ALLOCS/S  FREES/S INDUCED LAST MINUTE");
	line[strlen("+ ext4                                    1.2M   2.2M   +1.2M    1235k    1233k    100M")] = '\0';
	assert_string_equal(line,
		"+ ext4                                    1.2M   2.2M   +1.2M    1235k    1233k    100M");
}

/* On 80 columns a place has room for its name; the last minute goes first. */
static void places_on_80_columns(void **state)
{
	struct top_style style = { .width = 80 };
	char line[TOP_LINE_MAX], title[TOP_LINE_MAX], header[TOP_HEADER_MAX][TOP_LINE_MAX];
	struct top_cost cost = { 0 };
	const struct top_row *rows;
	bool found = false;
	size_t n;

	(void)state;
	top_title(&view, &style, title);
	assert_non_null(strstr(title, "LAST MINUTE"));
	view.modules = "ext4";
	rows = top_rows(t, &view, &n);
	assert_int_equal(top_toggle(t, &rows[0]), 0);
	rows = top_rows(t, &view, &n);
	assert_true(n > 2);
	style.places = true;
	top_title(&view, &style, title);
	assert_null(strstr(title, "LAST MINUTE"));
	for (size_t i = 1; i < n; i++) {
		top_line(t, &rows[i], &style, line);
		found |= strstr(line, "  + ext4_da_write_begin+0x1f4") != NULL;
	}
	assert_true(found);
	style.width = 60;
	style.places = false;
	top_title(&view, &style, title);
	assert_null(strstr(title, "LAST MINUTE"));
	assert_non_null(strstr(title, "FREES/S"));
	/* the verdict, the columns and ten rows are on 80x24, with the keys below */
	style.width = 80;
	assert_true(top_header(t, &view, &cost, &style, header) + 1 + 10 + 1 <= 24);
	for (n = 0; top_ui_help(n); n++)
		assert_true(strlen(top_ui_help(n)) <= 80);
	assert_true(n <= 24);
}

static void sparklines(void **state)
{
	uint64_t v[TOP_HISTORY];
	char buf[512];
	size_t i;

	(void)state;
	for (i = 0; i < TOP_HISTORY; i++)
		v[i] = i;
	top_sparkline(v, TOP_HISTORY, 12, false, buf, sizeof(buf));
	assert_string_equal(buf, "_.--==+**%%#");
	top_sparkline(v, TOP_HISTORY, 12, true, buf, sizeof(buf));
	assert_string_equal(buf, "▁▂▃▃▄▄▅▆▆▇▇█");
	/* what is known is at the right end */
	top_sparkline(v + 50, 10, 12, false, buf, sizeof(buf));
	assert_int_equal(strspn(buf, " "), 10);
	assert_int_equal(strlen(buf), 12);
	memset(v, 0, sizeof(v));
	top_sparkline(v, TOP_HISTORY, 4, false, buf, sizeof(buf));
	assert_string_equal(buf, "____");
	/* small waves stay small */
	for (i = 0; i < TOP_HISTORY; i++)
		v[i] = 1000000 + i % 7;
	top_sparkline(v, TOP_HISTORY, 4, false, buf, sizeof(buf));
	assert_string_equal(buf, "####");
	v[0] = UINT64_MAX;
	top_sparkline(v, TOP_HISTORY, 4, false, buf, sizeof(buf));
	assert_string_equal(buf, "#___");
	top_sparkline(v, 0, 4, false, buf, sizeof(buf));
	assert_string_equal(buf, "    ");
	top_sparkline(v, TOP_HISTORY, 60, true, buf, 8);
	assert_true(strlen(buf) < 8);
}

static void history_is_by_second(void **state)
{
	uint64_t history[TOP_HISTORY];
	const struct snap_module *m;
	struct snapshot *snap;
	size_t n;

	(void)state;
	for (unsigned int i = 1; i <= 100; i++) {
		snap = a_snapshot();
		module(snap, "kmtest")->live_bytes = i;
		assert_int_equal(top_update(t, snap, i == 100 ? 5 : 0.5), 0);
	}
	m = module((struct snapshot *)top_snapshot(t), "kmtest");
	n = top_history(t, m, history);
	assert_int_equal(n, 56);
	assert_int_equal(history[n - 1], 100);
	assert_int_equal(history[n - 5], 100);
	assert_int_equal(history[n - 6], 99);
	assert_int_equal(history[n - 7], 97);
}

/* ---- JSON ------------------------------------------------------------------------------- */

/* Names and sentences as long as they like: those of Rust's functions have no end. */
static void long_names(void **state)
{
	static char name[600], place[700], sentence[2000];
	static const char *at_place[1] = { place }, *const said[1] = { sentence };
	struct snap_stack stack = { .charge = CHARGE_OWN, .kind = KIND_SLAB, .allocs = 1,
				    .frames = at_place, .n_frames = 1, .live_bytes = 1 };
	struct top_cost cost = { 0 };
	const struct top_row *rows;
	struct snapshot *snap;
	struct snap_site site;
	struct snap_module *m;
	json_t *root;
	char *line;
	size_t n;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	memset(sentence, 's', sizeof(sentence) - 1);
	for (unsigned int i = 0; i < 3; i++) {
		static const char *const ends[] = { "+0x11c [kmtest]", "+0x11", "+0x11cd" };

		snprintf(place, sizeof(place), "%s%s", name, ends[i]);
		snap = a_snapshot();
		m = module(snap, "kmtest");
		site = m->sites[0];
		site.function = name;
		site.offset = 0x11c;
		site.kind = KIND_SLAB;
		site.charge = CHARGE_OWN;
		m->sites = &site;
		m->n_sites = 1;
		stack.module = (uint32_t)(m - snap->modules);
		snap->stacks = &stack;
		snap->n_stacks = 1;
		snap->coverage.distrust = said;
		snap->coverage.n_distrust = 1;
		assert_int_equal(top_update(t, snap, 1), 0);
		view.modules = "kmtest";
		rows = top_rows(t, &view, &n);
		if (!i) {
			assert_int_equal(top_toggle(t, &rows[0]), 0);
			rows = top_rows(t, &view, &n);
			assert_int_equal(n, 2);
			assert_int_equal(top_toggle(t, &rows[1]), 0);
		}
		top_rows(t, &view, &n);
		assert_int_equal(n, i ? 2 : 3);
		line = top_json(t, &view, &cost, 0);
		assert_non_null(line);
		root = json_loads(line, 0, NULL);
		assert_string_equal(json_string_value(json_array_get(json_object_get(root, "distrust"), 0)),
				    sentence);
		json_decref(root);
		free(line);
	}
	assert_int_equal(top_update(t, a_snapshot(), 1), 0);
}

static void json_line(void **state)
{
	struct top_cost cost = { .cpu = 1.5, .rss = 100, .ring = 200, .late = 3 };
	json_t *root, *m, *modules;
	char *line;

	(void)state;
	view.sort = TOP_SORT_NAME;
	line = top_json(t, &view, &cost, 1700000000.5);
	assert_non_null(line);
	assert_null(strchr(line, '\n'));
	root = json_loads(line, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "schema")), "modmem.top/1");
	assert_int_equal(json_integer_value(json_object_get(root, "lost_events")), 1234);
	assert_true(json_is_false(json_object_get(root, "trusted")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "own_cost"), "late_events")), 3);
	m = json_array_get(json_object_get(root, "missed_calls"), 0);
	assert_string_equal(json_string_value(json_object_get(m, "path")), "dma_pool_alloc");
	assert_int_equal(json_integer_value(json_object_get(m, "missed")), 4);
	assert_int_equal(json_integer_value(json_object_get(m, "calls")), 986);
	modules = json_object_get(root, "modules");
	assert_int_equal(json_array_size(modules), 5);
	m = json_array_get(modules, 0);
	assert_string_equal(json_string_value(json_object_get(m, "name")), HOSTILE_SHOWN);
	m = json_array_get(modules, 4);
	assert_string_equal(json_string_value(json_object_get(m, "name")), "kmtest");
	assert_string_equal(json_string_value(json_object_get(m, "state")), "unloaded");
	assert_int_equal(json_integer_value(json_object_get(m, "live_bytes")), 18112);
	assert_int_equal(json_integer_value(json_object_get(m, "peak_bytes")), 18560);
	assert_int_equal(json_integer_value(json_object_get(m, "leaked_bytes")), 18112);
	assert_true(json_is_null(json_object_get(json_array_get(modules, 0), "static_bytes")));
	json_decref(root);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sorted_by_each_column, setup, teardown),
		cmocka_unit_test_setup_teardown(filtered, setup, teardown),
		cmocka_unit_test_setup_teardown(rates_from_two_snapshots, setup, teardown),
		cmocka_unit_test_setup_teardown(a_module_that_comes_later, setup, teardown),
		cmocka_unit_test_setup_teardown(opened_and_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(cursor_follows_what_it_is_on, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_open_and_close, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_change_the_view, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_fit_any_width, setup, teardown),
		cmocka_unit_test_setup_teardown(places_on_80_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(header_says_what_matters, setup, teardown),
		cmocka_unit_test_setup_teardown(a_row_in_full, setup, teardown),
		cmocka_unit_test_setup_teardown(sparklines, setup, teardown),
		cmocka_unit_test_setup_teardown(history_is_by_second, setup, teardown),
		cmocka_unit_test_setup_teardown(long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(json_line, setup, teardown),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
