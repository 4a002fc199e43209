// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_markdown.c - a comparison for comments and job summaries
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "diff_view.h"
#include "limit.h"
#include "side.h"
#include "text.h"
#include "verdict.h"

/* Everything that Markdown, HTML in it, or a table could take for more than text. */
static int put(FILE *out, const char *text)
{
	char *shown = text ? text_printable(text) : NULL;

	if (!shown)
		return -ENOMEM;
	for (const char *c = shown; *c; c++) {
		if (*c == '<')
			fputs("&lt;", out);
		else if (*c == '>')
			fputs("&gt;", out);
		else if (*c == '&')
			fputs("&amp;", out);
		else if (*c == '@')
			fputs("&#64;", out);	/* a mention */
		else if (strchr("\\`*_{}[]()#!|~", *c))
			fprintf(out, "\\%c", *c);
		else
			fputc(*c, out);
	}
	free(shown);
	return 0;
}

static int put_text(FILE *out, char *text)
{
	int ret = put(out, text);

	free(text);
	return ret;
}

static int put_check(const struct diff_report *report, const struct check *check, FILE *out)
{
	static const char *const words[] = {
		[CHECK_FINE] = "holds",
		[CHECK_SUPPRESSED] = "suppressed",
		[CHECK_UNSURE] = "uncertain",
		[CHECK_OVER] = "broken",
	};
	int ret;

	fprintf(out, "- **%s**: ", words[check->state]);
	ret = put_text(out, diff_check_title(check));
	fputc(' ', out);
	if (!ret)
		ret = put_text(out, diff_check_text(report, check));
	fputs(" (limit ", out);
	if (!ret)
		ret = put(out, check->limit->text);
	fputs(")\n", out);
	for (size_t i = 0; i < check->n_causes && i < CHECK_CAUSES && !ret; i++) {
		fputs("  - ", out);
		ret = put_text(out, diff_cause_text(report, check, check->cause[i]));
		fputc('\n', out);
	}
	return ret;
}

static int put_remark(void *arg, const char *kind, const char *text)
{
	FILE *out = arg;
	int ret;

	fprintf(out, "- %s: ", kind);
	ret = put(out, text);
	fputc('\n', out);
	return ret;
}

static int put_row(const struct diff_report *report, const struct compare_row *row, FILE *out)
{
	const struct side_row *r = row->row;
	char buf[40];
	int ret;

	fputs("| ", out);
	ret = put(out, r->module);
	fputs(" | ", out);
	if (r->site && !ret)
		ret = put(out, r->function ? r->function : "?");
	fputs(" | ", out);
	if (r->site && !ret) {
		fprintf(out, "%s, ", mem_kind_name(r->kind));
		ret = put(out, r->via);
	}
	fputs(" | ", out);
	for (enum metric m = 0; m < METRIC_MAX; m++)
		if (report->metrics & METRIC_BIT(m))
			fprintf(out, "%s | ", diff_change(buf, sizeof(buf), report, row, (int)m));
	fprintf(out, "%s |\n", diff_row_note(buf, sizeof(buf), report, row));
	return ret;
}

static int put_rows(const struct diff_report *report, FILE *out)
{
	size_t n = 0, n_left_out = 0;
	const struct compare_row **rows = diff_rows(report, &n, &n_left_out);
	int ret = rows ? 0 : -ENOMEM;

	if (!ret && n) {
		fputs("\n| module | function | kind, call |", out);
		for (enum metric m = 0; m < METRIC_MAX; m++)
			if (report->metrics & METRIC_BIT(m))
				fprintf(out, " %s |", metric_name(m));
		fputs(" note |\n| --- | --- | --- |", out);
		for (enum metric m = 0; m < METRIC_MAX; m++)
			if (report->metrics & METRIC_BIT(m))
				fputs(" ---: |", out);
		fputs(" --- |\n", out);
	}
	for (size_t i = 0; i < n && !ret; i++)
		ret = put_row(report, rows[i], out);
	if (!ret && !n)
		fputs("\nNothing changed.\n", out);
	if (!ret && n_left_out)
		fprintf(out, "\n%zu more places changed.\n", n_left_out);
	free(rows);
	return ret;
}

int diff_markdown(const struct diff_report *report, FILE *out)
{
	const struct verdict *v = report->verdict;
	int ret;

	fputs("### modmem diff: ", out);
	ret = put(out, diff_result_name(report->result));
	fputs("\n\n", out);
	if (!ret)
		ret = put_text(out, diff_summary(report));
	fputs("\n\n", out);
	for (size_t i = 0; i < v->n && !ret; i++)
		if (v->check[i].state != CHECK_FINE)
			ret = put_check(report, &v->check[i], out);
	fputs("- Base: ", out);
	if (!ret)
		ret = put_text(out, diff_side_text(report->base));
	fputs("\n- New: ", out);
	if (!ret)
		ret = put_text(out, diff_side_text(report->new));
	fputc('\n', out);
	if (!ret)
		ret = diff_remarks(report, put_remark, out);
	return ret ? ret : put_rows(report, out);
}
