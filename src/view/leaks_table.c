// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * leaks_table.c - leaks for people: what is sure first, then what is likely,
 * then what is none, each with its reason
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "error.h"
#include "grid.h"
#include "headline.h"
#include "leaks_cells.h"
#include "leaks_view.h"
#include "snapshot.h"
#include "suppress.h"
#include "text.h"
#include "trend.h"
#include "view.h"

/* Rows of what is no leak, and clean unloads, that a table shows without --all. */
#define EXCUSED_MAX 20u
#define NAMES_MAX 4u	/* of modules, in the verdict */

struct page {
	const struct leaks_report *report;
	FILE *out;
	unsigned int width;
	int err;
};

/* A sentence, wrapped. */
__attribute__((format(printf, 2, 3)))
static void say(struct page *p, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text)
		text_wrap(text, p->width, p->out);
	else
		p->err = -ENOMEM;
	free(text);
}

/* As say(), of text from the recording. */
static void say_recorded(struct page *p, const char *before, const char *text)
{
	char *copy = text_printable(text);

	if (copy)
		say(p, "%s%s", before, copy);
	else
		p->err = -ENOMEM;
	free(copy);
}

static void print_grid(struct page *p, struct grid *grid)
{
	if (!grid || grid_print(grid, VIEW_TABLE, p->report->opts->width, p->out))
		p->err = -ENOMEM;
	grid_free(grid);
}

static void colored(struct page *p, const char *color, const char *word)
{
	if (p->report->opts->color)
		fprintf(p->out, "\033[%sm%s\033[0m", color, word);
	else
		fputs(word, p->out);
}

/* "10K in 10 objects, 1 place" */
static void put_sum(struct page *p, const struct leaks_sum *sum)
{
	char *bytes = grid_bytes((int64_t)sum->bytes, p->report->opts->exact_bytes, false);

	if (bytes)
		fprintf(p->out, "%s%s in %" PRIu64 " object%s, %zu row%s", bytes,
			p->report->opts->exact_bytes ? " bytes" : "", sum->objects,
			sum->objects == 1 ? "" : "s", sum->rows, sum->rows == 1 ? "" : "s");
	else
		p->err = -ENOMEM;
	free(bytes);
}

/* What the words in column WHY mean, those that are there. */
static void legend(struct page *p, enum leak_class class)
{
	const struct leaks_report *r = p->report;

	for (int reason = 0; reason < LEAK_REASONS; reason++) {
		size_t i;

		if (leak_reason_class((enum leak_reason)reason) != class)
			continue;
		for (i = 0; i < r->n; i++)
			if ((int)r->row[i].leak->reason == reason && !r->row[i].suppressed)
				break;
		if (i < r->n)
			say(p, "%s: %s%s%s.", leak_reason_name((enum leak_reason)reason),
			    leaks_reason_text((enum leak_reason)reason),
			    reason == LEAK_UNLOADED_UNSEEN ? "; " : "",
			    reason == LEAK_UNLOADED_UNSEEN ?
			    advice(ADVICE_UNSEEN_FREES, r->snap->made_by) : "");
	}
}

static bool same_stack(const struct snap_leak *leak)
{
	if (leak->n_first != leak->n_last)
		return false;
	for (size_t i = 0; i < leak->n_first; i++)
		if (strcmp(leak->first[i], leak->last[i]))
			return false;
	return true;
}

/* Innermost frame first, as the kernel prints them. */
static void put_stack(struct page *p, const char *const *frames, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		char *frame = text_printable(frames[i]);

		fprintf(p->out, "    %s\n", frame ? frame : "?");
		free(frame);
	}
	if (!n)
		fputs("    no stack was recorded\n", p->out);
}

static void put_stacks(struct page *p, const struct snap_leak *leak)
{
	const struct snapshot *snap = p->report->snap;
	char *module = text_printable(snap->modules[leak->module].name);
	char *place = text_place(leak->function, leak->offset, leak->number,
				 leak->no_offset);
	char *oldest = leaks_age(snap, leak->oldest_ns);
	char *newest = leaks_age(snap, leak->newest_ns);

	if (!module || !place || !oldest || !newest) {
		p->err = -ENOMEM;
	} else if (same_stack(leak)) {
		fprintf(p->out, "\n%s, %s, first and last taken by:\n", module, place);
		put_stack(p, leak->first, leak->n_first);
	} else {
		fprintf(p->out, "\n%s, %s, first taken (%s before the end) by:\n",
			module, place, oldest);
		put_stack(p, leak->first, leak->n_first);
		fprintf(p->out, "  last taken (%s before the end) by:\n", newest);
		put_stack(p, leak->last, leak->n_last);
	}
	free(module);
	free(place);
	free(oldest);
	free(newest);
}

static void put_class(struct page *p, enum leak_class class, const char *title,
		      const char *color)
{
	const struct leaks_report *r = p->report;
	bool excused = class == LEAK_EXCUSED;
	size_t left_out, most = excused && !r->opts->all ? EXCUSED_MAX : SIZE_MAX;

	if (!r->sum[class].rows) {
		fprintf(p->out, "%s: none%s\n", title,
			r->n_doubts && !excused ? " that could be told" : "");
		return;
	}
	colored(p, color, title);
	fputs(": ", p->out);
	put_sum(p, &r->sum[class]);
	fputs("\n\n", p->out);
	print_grid(p, leaks_rows_grid(r, class, false, most, &left_out));
	if (left_out)
		fprintf(p->out, "%zu more rows are not shown (--all)\n", left_out);
	fputc('\n', p->out);
	legend(p, class);
	for (size_t i = 0; i < r->n && (!excused || r->opts->all); i++)
		if (!r->row[i].suppressed &&
		    leak_reason_class(r->row[i].leak->reason) == class)
			put_stacks(p, r->row[i].leak);
	fputc('\n', p->out);
}

static void put_suppressed(struct page *p)
{
	const struct leaks_report *r = p->report;
	size_t left_out;

	if (r->suppressed.rows) {
		fputs("Suppressed: ", p->out);
		put_sum(p, &r->suppressed);
		fputs("\n\n", p->out);
		print_grid(p, leaks_rows_grid(r, LEAK_CERTAIN, true, SIZE_MAX, &left_out));
		fputc('\n', p->out);
	}
	for (size_t i = 0; i < r->rules->n; i++)
		if (!r->rules->rule[i].used)
			say_recorded(p, "Suppression that nothing needs: ",
				     r->rules->rule[i].where);
}

static void put_unloads(struct page *p)
{
	const struct leaks_report *r = p->report;
	size_t clean, n = 0;
	struct grid *grid;

	for (size_t i = 0; i < r->snap->leaks->n_unloads; i++)
		n += r->selected[r->snap->leaks->unloads[i].module];
	if (!n)
		return;
	grid = leaks_unloads_grid(r, &clean);
	if (clean == n) {
		grid_free(grid);
		fprintf(p->out, "Unloads: %zu, and nothing%s was left behind\n", n,
			r->snap->leaks->outside_objects ? " that was taken since --from" : "");
		return;
	}
	fprintf(p->out, "Unloads: %zu\n\n", n);
	print_grid(p, grid);
	if (clean)
		fprintf(p->out, "%zu that left nothing %s not shown (--all)\n", clean,
			clean == 1 ? "is" : "are");
	/* the footer begins with an empty line of its own */
	if (r->opts->soak || r->below.rows || r->snap->leaks->outside_objects)
		fputc('\n', p->out);
}

static char *duration(uint64_t ns)
{
	if (ns % 1000000000 == 0)
		return text_format("%" PRIu64 " s", ns / 1000000000);
	return text_format("%.6g ms", (double)ns / 1e6);
}

static void put_soak(struct page *p)
{
	const struct snap_leaks *leaks = p->report->snap->leaks;
	char *every = duration(leaks->every);
	struct grid *grid;
	size_t left_out;

	if (!every) {
		p->err = -ENOMEM;
		return;
	}
	if (leaks->samples < TREND_SAMPLES_MIN) {
		say(p, "Slopes: cannot be told from %" PRIu32 " samples, one every %s; it takes %u: a smaller --every, or a longer recording.",
		    leaks->samples, every, TREND_SAMPLES_MIN);
	} else {
		say(p, "Slopes: from %" PRIu32 " samples, one every %s; FROM and TO are the interval of 95 %%",
		    leaks->samples, every);
		fputc('\n', p->out);
		grid = leaks_soak_grid(p->report, &left_out);
		print_grid(p, grid);
		if (left_out)
			fprintf(p->out, "%zu places without growth, or there too short to tell, are not shown (--all)\n",
				left_out);
		fputc('\n', p->out);
	}
	free(every);
}

static void put_rest(struct page *p)
{
	const struct leaks_report *r = p->report;
	const struct snap_leaks *leaks = r->snap->leaks;
	struct leaks_sum outside = { .rows = 1, .bytes = leaks->outside_bytes,
				     .objects = leaks->outside_objects };

	if (r->below.rows)
		fprintf(p->out, "%zu row%s below --min %s not looked at\n", r->below.rows,
			r->below.rows == 1 ? "" : "s", r->below.rows == 1 ? "is" : "are");
	if (leaks->outside_objects) {
		char *bytes = grid_bytes((int64_t)outside.bytes, r->opts->exact_bytes, false);

		if (bytes)
			say(p, "Taken before --from, and not looked at: %s in %" PRIu64 " objects",
			    bytes, outside.objects);
		free(bytes);
	}
}

/* None was found, which says nothing of these. */
static void put_doubts(struct page *p)
{
	const struct leaks_report *r = p->report;

	for (size_t i = 0; i < r->n_doubts; i++)
		say_recorded(p, "Cannot tell: ", r->doubts[i]);
	if (r->n_doubts)
		fputc('\n', p->out);
}

/* The modules that have rows of @class. */
static char *names_of(const struct leaks_report *r, enum leak_class class)
{
	const char **names = calloc(r->snap->n_modules + 1, sizeof(*names));
	size_t n = 0;
	char *text;

	for (size_t m = 0; names && m < r->snap->n_modules; m++) {
		bool has = false;

		for (size_t i = 0; i < r->n && !has; i++)
			has = r->row[i].leak->module == m && !r->row[i].suppressed &&
			      leak_reason_class(r->row[i].leak->reason) == class;
		if (has)
			names[n++] = r->snap->modules[m].name;
	}
	text = names ? text_names(names, n, NAMES_MAX) : NULL;
	free(names);
	return text;
}

/* What it comes to, in plain words. */
static char *verdict(const struct leaks_report *r, enum grade *grade)
{
	const enum leak_class class = r->sum[LEAK_CERTAIN].rows ? LEAK_CERTAIN : LEAK_LIKELY;
	const struct leaks_sum *sum = &r->sum[class];
	char *names, *bytes, *text;

	*grade = GRADE_BAD;
	if (!r->snap->coverage.events)
		return strdup("Not good enough: no allocation events in this recording");
	if (sum->rows) {
		*grade = class == LEAK_CERTAIN ? GRADE_BAD : GRADE_BOUNDS;
		names = names_of(r, class);
		bytes = grid_bytes((int64_t)sum->bytes, r->opts->exact_bytes, false);
		text = names && bytes ? text_format(class == LEAK_CERTAIN ?
						    "Leaked for certain: %s%s by %s" :
						    "Likely leaked: %s%s by %s, which holds more and more",
						    bytes, r->opts->exact_bytes ? " bytes" : "",
						    names) : NULL;
		free(names);
		free(bytes);
		return text;
	}
	*grade = GRADE_BOUNDS;
	if (r->n_doubts)
		return strdup("No leak was found, but there may be some: see 'Cannot tell' below");
	if (!snapshot_exact(r->snap, r->opts->modules))
		return strdup("No leak was found, but not all could be seen (modmem report says what)");
	*grade = GRADE_GOOD;
	return strdup("Good: nothing leaked");
}

static void put_headline(struct page *p)
{
	enum grade grade = GRADE_BAD;
	char *origin = headline_origin(p->report->snap);
	char *text = verdict(p->report, &grade);

	if (origin && text) {
		text_wrap(origin, p->width, p->out);
		headline_put(text, grade, p->report->opts->color, p->width, p->out);
		fputc('\n', p->out);
	} else {
		p->err = -ENOMEM;
	}
	free(origin);
	free(text);
}

int leaks_table(const struct leaks_report *report, FILE *out, struct error *err)
{
	const struct view_opts footer = {
		.modules = report->opts->modules,
		.exact_bytes = report->opts->exact_bytes,
		.width = report->opts->width,
		.notes = report->opts->notes,
	};
	struct page p = {
		.report = report,
		.out = out,
		.width = text_width(report->opts->width),
	};

	put_headline(&p);
	put_class(&p, LEAK_CERTAIN, "Certain", "1;31");
	put_class(&p, LEAK_LIKELY, "Likely", "1;33");
	put_doubts(&p);
	put_suppressed(&p);
	put_class(&p, LEAK_EXCUSED, "Not leaks, or nobody can tell", "1");
	put_unloads(&p);
	if (report->opts->soak)
		put_soak(&p);
	put_rest(&p);
	if (p.err)
		return error_set(err, p.err, "out of memory");
	return report->opts->notes ? view_footer(report->snap, &footer, out, err) : 0;
}

int leaks_csv(const struct leaks_report *report, FILE *out, struct error *err)
{
	struct grid *grid = leaks_csv_grid(report);
	int ret = grid ? grid_print(grid, VIEW_CSV, 0, out) : -ENOMEM;

	grid_free(grid);
	return ret ? error_set(err, ret, "out of memory") : 0;
}
