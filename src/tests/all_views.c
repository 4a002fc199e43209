// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * all_views.c - see all_views.h
 */
#include "all_views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "export.h"
#include "leaks_view.h"
#include "saved.h"
#include "snapshot.h"
#include "static_list.h"
#include "static_view.h"
#include "suppress.h"
#include "view.h"

struct shown {
	char *text;
	size_t size;
	FILE *out;
	struct error err;
};

static void begin(struct shown *s)
{
	*s = (struct shown){ .out = NULL };
	s->out = open_memstream(&s->text, &s->size);
	if (!s->out)
		abort();
}

/* @ret is what came of it; names with a NUL or a control byte came through nowhere. */
static void end(struct shown *s, int ret, bool binary)
{
	fclose(s->out);
	if (ret) {
		fprintf(stderr, "%s\n", s->err.text);
		abort();
	}
	if (!binary && (strlen(s->text) != s->size || strchr(s->text, 0x1b)))
		abort();
	free(s->text);
}

static void tables(const struct snapshot *snap)
{
	static int (*const views[])(const struct snapshot *snap, const struct view_opts *opts,
				    FILE *out, struct error *err) = {
		view_table, view_json, view_csv,
	};
	struct shown s;

	for (enum view_by by = VIEW_BY_MODULE; view_by_name(by); by++) {
		for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
			struct view_opts opts = {
				.by = by, .footer = true, .all = i, .exact_bytes = i,
				.overhead = !i, .addresses = i == 1, .lines = !i,
				.timeline = by == VIEW_BY_MODULE && snap->series,
				.width = i ? 0 : 80,
			};

			begin(&s);
			end(&s, views[i](snap, &opts, s.out, &s.err), false);
		}
	}
	for (enum view_format f = VIEW_TABLE; snap->reconcile && f <= VIEW_CSV; f++) {
		struct view_opts opts = { .all = true, .width = 80 };

		begin(&s);
		end(&s, f == VIEW_JSON ? view_json(snap, &opts, s.out, &s.err) :
		    view_reconcile(snap, &opts, f, s.out, &s.err), false);
	}
}

static void exports(const struct snapshot *snap)
{
	static int (*const views[])(const struct snapshot *snap,
				    const struct export_opts *opts, FILE *out,
				    struct error *err) = {
		[EXPORT_HTML] = view_html, [EXPORT_FOLDED] = view_folded,
		[EXPORT_PPROF] = view_pprof, [EXPORT_OPENMETRICS] = view_openmetrics,
		[EXPORT_CSV] = view_series_csv, [EXPORT_PERFETTO] = view_perfetto,
	};

	for (enum export_format f = EXPORT_HTML; export_format_name(f); f++) {
		struct export_opts opts = { .charges = 7, .metric = METRIC_PEAK };
		struct shown s;

		if ((export_needs_stacks(f) && !snap->stacks) ||
		    (export_needs_series(f, &opts) && !snap->series))
			continue;
		begin(&s);
		end(&s, views[f](snap, &opts, s.out, &s.err), export_is_binary(f));
	}
}

static void leaks(const struct snapshot *snap)
{
	static int (*const views[])(const struct leaks_report *report, FILE *out,
				    struct error *err) = {
		leaks_table, leaks_json, leaks_csv,
	};
	struct leaks_opts opts = { .all = true, .soak = true, .likely = true, .width = 80 };
	struct suppressions none = { 0 };
	struct leaks_report report;
	struct error err;

	if (!snap->leaks)
		return;
	if (leaks_report_make(&report, snap, &opts, &none, &err))
		abort();
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		struct shown s;

		begin(&s);
		end(&s, views[i](&report, s.out, &s.err), false);
	}
	leaks_report_release(&report);
}

static void statics(const struct snapshot *snap)
{
	struct static_list *list = static_list_new();

	if (!list || static_list_recorded(list, snap))
		abort();
	static_list_sort(list);
	for (enum view_format f = VIEW_TABLE; f <= VIEW_CSV; f++) {
		struct static_view opts = { .format = f, .width = 80 };
		struct shown s;

		begin(&s);
		end(&s, static_view(list, &opts, s.out, &s.err), false);
	}
	static_list_free(list);
}

/* What is read again from what was written is written the same way. */
static void saved(const struct snapshot *snap)
{
	static const struct view_opts opts = { .full = true };
	struct snapshot *again;
	struct shown s[2];
	struct error err;

	if (!snap->series || !snap->leaks || snap->only)
		return;
	begin(&s[0]);
	if (view_json(snap, &opts, s[0].out, &err))
		abort();
	fclose(s[0].out);
	/* names that differ in a dash only are one */
	again = saved_parse(s[0].text, s[0].size, "saved", &err);
	if (again) {
		begin(&s[1]);
		if (view_json(again, &opts, s[1].out, &err))
			abort();
		fclose(s[1].out);
		if (snap->saved && strcmp(s[0].text, s[1].text))
			abort();
		free(s[1].text);
	}
	snapshot_free(again);
	free(s[0].text);
}

void all_views(const struct snapshot *snap)
{
	saved(snap);
	tables(snap);
	exports(snap);
	leaks(snap);
	statics(snap);
}
