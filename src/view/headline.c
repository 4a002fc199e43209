// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * headline.c - the first lines of a screen: what this is, and how far to trust it
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "headline.h"
#include "marks.h"
#include "rows.h"
#include "snapshot.h"
#include "text.h"
#include "units.h"

static const char *recorder(const struct snapshot *snap)
{
	static const char *const names[RECORDER_KINDS] = {
		[RECORDER_UNKNOWN] = "by an unknown recorder",
		[RECORDER_MODMEM] = "by modmem record",
		[RECORDER_TRACE_CMD] = "by trace-cmd",
		[RECORDER_TEXT] = "as text of tracefs",
		[RECORDER_TEXT_TRACE_CMD] = "as text of trace-cmd report",
		[RECORDER_TEXT_PERF] = "as text of perf script",
		[RECORDER_PAGE_OWNER] = "by page_owner",
		[RECORDER_PERF] = "by perf",
		[RECORDER_LIVE] = "seen live by modmem",
	};

	return names[snap->made_by];
}

char *headline_origin(const struct snapshot *snap)
{
	char *kernel = text_printable(snap->kernel ? snap->kernel : "");
	char *arch = text_printable(snap->arch ? snap->arch : "");
	const char *system = snap->kernel ? "Linux " : "Unknown kernel";
	const char *comma = snap->arch ? ", " : "";
	const struct coverage *c = &snap->coverage;
	char time[32] = "", cpus[32] = "", count[32];
	char *text = NULL;

	if (snap->clock_is_ns && snap->end_ns > snap->start_ns)
		duration_format(time, sizeof(time), snap->end_ns - snap->start_ns);
	if (snap->cpus)
		snprintf(cpus, sizeof(cpus), ", %" PRIu32 " CPU%s", snap->cpus,
			 snap->cpus == 1 ? "" : "s");
	count_format(count, sizeof(count), c->events);
	if (kernel && arch && snap->made_by == RECORDER_PAGE_OWNER)
		text = text_format("%s%s%s%s: pages since boot, by page_owner", system, kernel, comma,
				   arch);
	else if (kernel && arch)
		text = text_format("%s%s%s%s%s: %s%s%s%s%s, %s event%s", system, kernel, comma, arch,
				   cpus, time, *time ? " " : "", snap->part ? "of a recording " : "",
				   recorder(snap), c->own_only ? " --own" : "", count,
				   c->events == 1 ? "" : "s");
	free(kernel);
	free(arch);
	return text;
}

/* The rows that the verdict is about: modules on view; of none, what else is there. */
static bool counts(const struct snapshot *snap, const struct view_opts *opts,
		   const bool *selected, size_t i, bool modules)
{
	const struct snap_module *m = &snap->modules[i];

	return selected[i] && module_state_is_module(m->state) == modules &&
	       (opts->all || opts->modules || !module_empty(m));
}

/* "lower bounds (≥) for 3, rough numbers (~) for 8"; with @one without the numbers */
static char *bounds_text(const size_t *n, bool one)
{
	static const struct {
		enum bound bound;
		const char *what;
	} parts[] = {
		{ BOUND_AT_LEAST, "lower bounds" },
		{ BOUND_AT_MOST, "upper bounds" },
		{ BOUND_ABOUT, "rough numbers" },
	};
	char *text = strdup("");

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && text; i++) {
		char *longer;

		if (!n[parts[i].bound])
			continue;
		longer = text_format("%s%s%s (%s)", text, *text ? ", " : "", parts[i].what,
				     bound_mark(parts[i].bound, text_is_utf8()));
		if (longer && !one) {
			free(text);
			text = longer;
			longer = text_format("%s for %zu", text, n[parts[i].bound]);
		}
		free(text);
		text = longer;
	}
	return text;
}

static char *of_bounds(const struct snapshot *snap, const struct view_opts *opts,
		       const bool *selected, enum grade *grade)
{
	size_t n[BOUND_ABOUT + 1] = { 0 }, all = 0;
	const char *name = NULL;
	bool modules = false;
	char *bounds, *text, *only;

	for (size_t i = 0; i < snap->n_modules; i++)
		modules |= counts(snap, opts, selected, i, true);
	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		if (!counts(snap, opts, selected, i, modules))
			continue;
		n[bound_of(snapshot_row_why(snap, m))]++;
		name = m->name;
		all++;
	}
	*grade = n[BOUND_EXACT] == all ? GRADE_GOOD : GRADE_BOUNDS;
	if (!all)
		return strdup("Good: no module took memory");
	if (*grade == GRADE_GOOD && snap->made_by == RECORDER_PAGE_OWNER)
		return strdup("Good: all pages were seen; whose slab objects are in them is not told");
	if (*grade == GRADE_GOOD && modules && snap->coverage.own_only)
		return strdup("Good: all that modules took themselves was seen, their numbers are exact; what the kernel took was left out (--own)");
	if (*grade == GRADE_GOOD)
		return strdup(modules ? "Good: all that modules hold was seen, their numbers are exact" :
			      "Good: all of it was seen, the numbers are exact");
	bounds = bounds_text(n, all == 1);
	only = text_printable(name);
	if (bounds && only) {
		const char *why = opts->bare || opts->notes ? "" : "; --notes says why";

		*bounds = (char)(*bounds - 'a' + 'A');
		text = all == 1 ? text_format("%s for %s%s", bounds, only, why) :
		       text_format("%s of %zu %s%s%s", bounds, all, modules ? "modules" : "rows",
				   n[BOUND_EXACT] ? ", the rest is exact" : "", why);
	} else {
		text = NULL;
	}
	free(bounds);
	free(only);
	return text;
}

/* What is held against the recording as a whole, for those on view. */
static char *of_distrust(const struct snapshot *snap, const struct view_opts *opts)
{
	const struct coverage *c = &snap->coverage;
	const char *first = NULL;
	size_t more = 0;
	char *text, count[32];

	for (size_t i = 0; i < c->n_distrust; i++) {
		if (!snapshot_distrusts(snap, i, opts->modules))
			continue;
		more += first != NULL;
		first = first ? first : c->distrust[i];
	}
	if (!first)
		return strdup("");
	/* what can be done about it stands below the table */
	if (c->lost_events)
		text = text_format("Not good enough: %s%s events lost",
				   c->lost_unknown ? "at least " : "",
				   count_format(count, sizeof(count), c->lost_events));
	else
		text = text_format("Not good enough: %.*s", (int)strcspn(first, ":;"), first);
	if (text && more) {
		char *longer = text_format("%s, and %zu more reason%s", text, more,
					   more == 1 ? "" : "s");

		free(text);
		text = longer;
	}
	return text;
}

char *headline_verdict(const struct snapshot *snap, const struct view_opts *opts,
		       const bool *selected, enum grade *grade)
{
	char *text;

	*grade = GRADE_BAD;
	if (!snap->coverage.events && snap->made_by != RECORDER_PAGE_OWNER)
		return text_format("Not good enough: no allocation events in %s",
				   snap->part ? "that time" : "this recording");
	text = of_distrust(snap, opts);
	if (!text || *text)
		return text;
	free(text);
	return of_bounds(snap, opts, selected, grade);
}

void headline_put(const char *text, enum grade grade, bool color, unsigned int width, FILE *out)
{
	static const char *const codes[] = {
		[GRADE_GOOD] = "\033[32m",
		[GRADE_BOUNDS] = "\033[33m",
		[GRADE_BAD] = "\033[1;31m",
	};

	if (color)
		fputs(codes[grade], out);
	text_wrap(text, width, out);
	if (color)
		fputs("\033[0m", out);
}

int view_headline(const struct snapshot *snap, const struct view_opts *opts, FILE *out,
		  struct error *err)
{
	bool *selected = modules_select(snap, opts->modules, err);
	enum grade grade = GRADE_BAD;
	char *origin, *verdict;
	int ret;

	if (!selected)
		return -ENOENT;
	origin = headline_origin(snap);
	verdict = headline_verdict(snap, opts, selected, &grade);
	ret = origin && verdict ? 0 : error_set(err, -ENOMEM, "out of memory");
	if (!ret) {
		text_wrap(origin, text_width(opts->width), out);
		headline_put(verdict, grade, opts->color, text_width(opts->width), out);
		fputc('\n', out);
	}
	free(origin);
	free(verdict);
	free(selected);
	return ret;
}
