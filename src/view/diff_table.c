// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_table.c - a comparison for people: what is wrong first, then what changed
 */
#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "diff_view.h"
#include "limit.h"
#include "side.h"
#include "text.h"
#include "verdict.h"

#define RED	"\x1b[1;31m"
#define YELLOW	"\x1b[33m"
#define GREEN	"\x1b[32m"
#define PLAIN	"\x1b[0m"

static const char *color(const struct diff_report *report, const char *code)
{
	return report->color ? code : "";
}

static int print_causes(const struct diff_report *report, const struct check *check,
			FILE *out)
{
	for (size_t i = 0; i < check->n_causes && i < CHECK_CAUSES; i++) {
		char *text = diff_cause_text(report, check, check->cause[i]);

		if (!text)
			return -ENOMEM;
		fprintf(out, "    %s\n", text);
		free(text);
	}
	if (check->n_causes > CHECK_CAUSES)
		fprintf(out, "    and %zu places more\n", check->n_causes - CHECK_CAUSES);
	return 0;
}

static int print_check(const struct diff_report *report, const struct check *check,
		       FILE *out)
{
	static const struct {
		const char *word, *code;
	} states[] = {
		[CHECK_FINE] = { "holds", GREEN },
		[CHECK_SUPPRESSED] = { "suppressed", "" },
		[CHECK_UNSURE] = { "UNCERTAIN", YELLOW },
		[CHECK_OVER] = { "BROKEN", RED },
	};
	char *title = diff_check_title(check);
	char *text = diff_check_text(report, check);
	char *limit = text_printable(check->limit->text);
	int ret = title && text && limit ? 0 : -ENOMEM;

	if (!ret) {
		fprintf(out, "%s%s%s: %s %s (limit %s)\n",
			color(report, states[check->state].code), states[check->state].word,
			color(report, PLAIN), title, text, limit);
		ret = print_causes(report, check, out);
	}
	free(title);
	free(text);
	free(limit);
	return ret;
}

static int print_sides(const struct diff_report *report, FILE *out)
{
	char *base = diff_side_text(report->base);
	char *new = diff_side_text(report->new);

	if (base && new)
		fprintf(out, "Base: %s\nNew: %s\n", base, new);
	free(base);
	free(new);
	return base && new ? 0 : -ENOMEM;
}

static int print_remark(void *arg, const char *kind, const char *text)
{
	char *shown = text_printable(text);

	if (!shown)
		return -ENOMEM;
	fprintf(arg, "%s: %s\n", kind, shown);
	free(shown);
	return 0;
}

/* ---- what changed ------------------------------------------------------------------------ */

enum {
	COLUMN_MODULE,
	COLUMN_FUNCTION,
	COLUMN_KIND,
	COLUMN_VIA,
	COLUMN_BASE,
	COLUMN_NEW,
	COLUMN_FIRST_METRIC,
};

static int set(struct libscols_line *line, size_t column, char *text)
{
	text = text_cell(text);
	if (!text || scols_line_refer_data(line, column, text)) {
		free(text);
		return -ENOMEM;
	}
	return 0;
}

static char *held(const struct diff_report *report, const struct spread *spread)
{
	char buf[32];

	if (!spread->runs)
		return strdup("");
	if (report->exact_bytes)
		return text_format("%llu", (unsigned long long)spread->mid);
	return strdup(metric_text(buf, sizeof(buf), METRIC_LIVE, spread->mid));
}

static int add_columns(const struct diff_report *report, struct libscols_table *tb)
{
	static const char *const names[] = { "MODULE", "FUNCTION", "KIND", "VIA", "BASE", "NEW" };
	static const char *const changes[METRIC_MAX] = {
		[METRIC_LIVE] = "LIVE", [METRIC_PEAK] = "PEAK",
		[METRIC_LEAKED] = "LEAKED", [METRIC_OVERHEAD] = "OVERHEAD",
		[METRIC_ALLOCS] = "ALLOCS", [METRIC_CHURN] = "CHURN",
		[METRIC_INDUCED] = "INDUCED",
	};

	for (size_t i = 0; i < COLUMN_FIRST_METRIC; i++)
		if (!scols_table_new_column(tb, names[i], 0, i >= COLUMN_BASE ? SCOLS_FL_RIGHT :
					    i == COLUMN_FUNCTION || i == COLUMN_VIA ?
					    SCOLS_FL_TRUNC : 0))
			return -ENOMEM;
	for (enum metric m = 0; m < METRIC_MAX; m++)
		if (report->metrics & METRIC_BIT(m) &&
		    !scols_table_new_column(tb, changes[m], 0, SCOLS_FL_RIGHT))
			return -ENOMEM;
	return scols_table_new_column(tb, "NOTE", 0, 0) ? 0 : -ENOMEM;
}

static int add_line(const struct diff_report *report, struct libscols_table *tb,
		    const struct compare_row *row)
{
	struct libscols_line *line = scols_table_new_line(tb, NULL);
	const struct side_row *r = row->row;
	enum metric shown = r->site && r->charge == CHARGE_INDUCED ? METRIC_INDUCED : METRIC_LIVE;
	size_t column = COLUMN_FIRST_METRIC;
	char buf[40];

	if (!line || set(line, COLUMN_MODULE, text_printable(r->module)) ||
	    set(line, COLUMN_FUNCTION, text_printable(!r->site ? "" : r->function ?
						      r->function : "?")) ||
	    set(line, COLUMN_KIND, strdup(r->site ? mem_kind_name(r->kind) : "")) ||
	    set(line, COLUMN_VIA, text_printable(r->site ? r->via : "")) ||
	    set(line, COLUMN_BASE, held(report, &row->base[shown])) ||
	    set(line, COLUMN_NEW, held(report, &row->new[shown])))
		return -ENOMEM;
	for (enum metric m = 0; m < METRIC_MAX; m++)
		if (report->metrics & METRIC_BIT(m) &&
		    set(line, column++, strdup(diff_change(buf, sizeof(buf), report, row, (int)m))))
			return -ENOMEM;
	return set(line, column, strdup(diff_row_note(buf, sizeof(buf), report, row)));
}

/* Of what is shown by default, what changed in any row; LIVE in any case. */
static uint32_t metrics_changed(const struct diff_report *report,
				const struct compare_row *const *rows, size_t n)
{
	uint32_t metrics = METRIC_BIT(METRIC_LIVE);

	if (report->metrics != METRICS_DEFAULT || report->all)
		return report->metrics;
	for (enum metric m = 0; m < METRIC_MAX; m++)
		for (size_t i = 0; i < n; i++)
			if (compare_known(rows[i], m) && compare_change(rows[i], m))
				metrics |= METRIC_BIT(m);
	return report->metrics & metrics;
}

static int print_rows(const struct diff_report *whole, FILE *out)
{
	struct diff_report shown = *whole, *report = &shown;
	struct libscols_table *tb = scols_new_table();
	size_t n = 0, n_left_out = 0;
	const struct compare_row **rows = diff_rows(report, &n, &n_left_out);
	int ret = tb && rows ? 0 : -ENOMEM;

	if (!ret) {
		shown.metrics = metrics_changed(whole, rows, n);
		ret = add_columns(report, tb);
	}

	for (size_t i = 0; i < n && !ret; i++)
		ret = add_line(report, tb, rows[i]);
	if (!ret && !n) {
		fputs("Nothing changed.\n", out);
	} else if (!ret) {
		scols_table_set_stream(tb, out);
		scols_table_enable_noencoding(tb, 1);
		scols_table_set_termforce(tb, report->width ? SCOLS_TERMFORCE_ALWAYS :
					  SCOLS_TERMFORCE_NEVER);
		if (report->width)
			scols_table_set_termwidth(tb, report->width);
		ret = scols_print_table(tb) ? -ENOMEM : 0;
	}
	if (!ret && n_left_out)
		fprintf(out, "%zu more places changed (--all)\n", n_left_out);
	free(rows);
	scols_unref_table(tb);
	return ret;
}

int diff_table(const struct diff_report *report, FILE *out)
{
	static const struct {
		const char *word, *code;
	} verdicts[] = {
		[DIFF_WITHIN] = { "Good. ", GREEN },
		[DIFF_REGRESSION] = { "Worse. ", RED },
		/* the summary begins with what it is */
		[DIFF_UNTRUSTED] = { "", "" },
		[DIFF_NOT_JUDGED] = { "", "" },
	};
	const struct verdict *v = report->verdict;
	char *summary = diff_summary(report);
	int ret = summary ? 0 : -ENOMEM;

	if (summary)
		fprintf(out, "%s%s%s%s\n", color(report, verdicts[report->result].code),
			verdicts[report->result].word, color(report, PLAIN), summary);
	free(summary);
	for (size_t i = 0; i < v->n && !ret; i++)
		if (v->check[i].state != CHECK_FINE)
			ret = print_check(report, &v->check[i], out);
	if (!ret)
		ret = print_sides(report, out);
	if (!ret)
		ret = diff_remarks(report, print_remark, out);
	if (!ret) {
		fputc('\n', out);
		ret = print_rows(report, out);
	}
	return ret;
}
