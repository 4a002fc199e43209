// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_junit.c - a comparison as test results: each limit on each row is a test
 *
 * The form is that of the schemas in common use at once, the one of Apache Ant's
 * tasks and that of Jenkins: what only one of them knows is not used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare.h"
#include "diff_view.h"
#include "limit.h"
#include "side.h"
#include "suppress.h"
#include "text.h"
#include "verdict.h"

/* U+FFFE and U+FFFF are UTF-8, but no characters of XML 1.0. */
static bool is_no_character(const char *text)
{
	return !memcmp(text, "\xef\xbf\xbe", 3) || !memcmp(text, "\xef\xbf\xbf", 3);
}

/* Characters of XML 1.0 only: what printable.h lets pass, but for two. */
static int put(FILE *out, const char *text)
{
	char *shown = text ? text_printable(text) : NULL;

	if (!shown)
		return -ENOMEM;
	for (const char *c = shown; *c; c++) {
		switch (*c) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\xef':
			if (!strncmp(c, "\xef\xbf", 2) && is_no_character(c)) {
				fprintf(out, "\\xef\\xbf\\x%02x", (unsigned char)c[2]);
				c += 2;
				break;
			}
			/* fallthrough */
		default:
			fputc(*c, out);
		}
	}
	free(shown);
	return 0;
}

/* A text of our own allocation, written and freed. */
static int put_text(FILE *out, char *text)
{
	int ret = put(out, text);

	free(text);
	return ret;
}

static int put_check(const struct diff_report *report, const struct check *check, FILE *out)
{
	bool bad = check->state == CHECK_OVER || check->state == CHECK_UNSURE;
	int ret;

	fputs("    <testcase classname=\"modmem.", out);
	ret = put(out, check->row->row->module);
	fputs("\" name=\"", out);
	if (!ret)
		ret = put_text(out, diff_check_title(check));
	if (check->row->row->site && !ret) {
		fprintf(out, " (%s, ", mem_kind_name(check->row->row->kind));
		ret = put(out, check->row->row->via);
		fputc(')', out);
	}
	fputs(" limit ", out);
	if (!ret)
		ret = put(out, check->limit->text);
	fputs("\" time=\"0\"", out);
	if (check->state == CHECK_FINE) {
		fputs("/>\n", out);
		return ret;
	}
	if (!bad) {
		/* the schema of Ant knows no reason in an attribute */
		fputs(">\n      <skipped/>\n    </testcase>\n", out);
		return ret;
	}
	fprintf(out, ">\n      <failure type=\"%s\" message=\"",
		check->state == CHECK_OVER ? "limit" : "uncertain");
	if (!ret)
		ret = put_text(out, diff_check_title(check));
	fputc(' ', out);
	if (!ret)
		ret = put_text(out, diff_check_text(report, check));
	fputs("\">", out);
	for (size_t i = 0; i < check->n_causes && i < CHECK_CAUSES && !ret; i++) {
		ret = put_text(out, diff_cause_text(report, check, check->cause[i]));
		fputc('\n', out);
	}
	fputs("</failure>\n    </testcase>\n", out);
	return ret;
}

/* A recording that cannot be trusted is a test that failed, too. */
static int put_trust(const struct diff_report *report, FILE *out)
{
	int ret = 0;

	fputs("    <testcase classname=\"modmem\" name=\"recordings are good enough\" time=\"0\"", out);
	if (!report->distrust.n || report->allow_untrusted) {
		fputs("/>\n", out);
		return 0;
	}
	fputs(">\n      <failure type=\"untrusted\" message=\"", out);
	ret = put(out, report->distrust.text[0]);
	fputs("\">", out);
	for (size_t i = 0; i < report->distrust.n && !ret; i++) {
		ret = put(out, report->distrust.text[i]);
		fputc('\n', out);
	}
	fputs("</failure>\n    </testcase>\n", out);
	return ret;
}

/* Of the newest recording, so that the same sides give the same bytes. */
static void put_timestamp(const struct diff_report *report, FILE *out)
{
	char text[32] = "1970-01-01T00:00:00";
	time_t when = 0;
	struct tm tm;

	for (size_t i = 0; i < report->new->n; i++)
		if (report->new->run[i]->recorded > when)
			when = (time_t)report->new->run[i]->recorded;
	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	fputs(text, out);
}

static int put_remark(void *arg, const char *kind, const char *text)
{
	FILE *out = arg;
	int ret;

	fprintf(out, "%s: ", kind);
	ret = put(out, text);
	fputc('\n', out);
	return ret;
}

static int put_suppressed(const struct diff_report *report, FILE *out)
{
	const struct verdict *v = report->verdict;
	int ret = 0;

	for (size_t i = 0; i < v->n && !ret; i++) {
		if (v->check[i].state != CHECK_SUPPRESSED)
			continue;
		ret = put_text(out, diff_check_title(&v->check[i]));
		fputc(' ', out);
		if (!ret)
			ret = put_text(out, diff_check_text(report, &v->check[i]));
		fputc('\n', out);
	}
	return ret;
}

int diff_junit(const struct diff_report *report, FILE *out)
{
	const struct verdict *v = report->verdict;
	size_t failures = v->n_over + v->n_unsure +
			  (report->distrust.n && !report->allow_untrusted);
	int ret;

	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		"  <testsuite name=\"modmem diff\" package=\"modmem\" id=\"0\" hostname=\"localhost\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\" timestamp=\"",
		v->n + 1, failures, v->n_suppressed);
	put_timestamp(report, out);
	fputs("\">\n    <properties>\n      <property name=\"base\" value=\"", out);
	ret = put_text(out, diff_side_text(report->base));
	fputs("\"/>\n      <property name=\"new\" value=\"", out);
	if (!ret)
		ret = put_text(out, diff_side_text(report->new));
	fprintf(out, "\"/>\n      <property name=\"verdict\" value=\"%s\"/>\n    </properties>\n",
		diff_result_name(report->result));
	if (!ret)
		ret = put_trust(report, out);
	for (size_t i = 0; i < v->n && !ret; i++)
		ret = put_check(report, &v->check[i], out);
	fputs("    <system-out>", out);
	if (!ret)
		ret = put_text(out, diff_summary(report));
	fputc('\n', out);
	if (!ret)
		ret = put_suppressed(report, out);
	fputs("</system-out>\n    <system-err>", out);
	if (!ret)
		ret = diff_remarks(report, put_remark, out);
	fputs("</system-err>\n  </testsuite>\n</testsuites>\n", out);
	return ret;
}
