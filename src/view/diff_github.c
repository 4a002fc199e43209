// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_github.c - a comparison as workflow commands of GitHub Actions, which
 * become annotations of source lines
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diff_view.h"
#include "limit.h"
#include "text.h"
#include "verdict.h"

/* In properties ':' and ',' have a meaning besides. */
static void put(FILE *out, const char *text, bool property)
{
	for (; *text; text++) {
		switch (*text) {
		case '%':
			fputs("%25", out);
			break;
		case '\r':
			fputs("%0D", out);
			break;
		case '\n':
			fputs("%0A", out);
			break;
		case ':':
			fputs(property ? "%3A" : ":", out);
			break;
		case ',':
			fputs(property ? "%2C" : ",", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

/* "file=a.c,line=42," of "a.c:42"; without a number the file alone. */
static int put_source(FILE *out, const char *source)
{
	char *text = text_printable(source), *colon;

	if (!text)
		return -ENOMEM;
	colon = strrchr(text, ':');
	if (colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")]) {
		*colon = '\0';
		fputs("file=", out);
		put(out, text, true);
		fprintf(out, ",line=%s,", colon + 1);
	} else {
		fputs("file=", out);
		put(out, text, true);
		fputc(',', out);
	}
	free(text);
	return 0;
}

static int put_check(const struct diff_report *report, const struct check *check, FILE *out)
{
	char *title = diff_check_title(check), *text = diff_check_text(report, check);
	char *limit = text_printable(check->limit->text);
	const char *source = diff_check_source(check);
	int ret = title && text && limit ? 0 : -ENOMEM;

	if (!ret) {
		fprintf(out, "::%s ", check->state == CHECK_SUPPRESSED ? "notice" : "error");
		if (source)
			ret = put_source(out, source);
	}
	if (!ret) {
		fputs("title=modmem ", out);
		put(out, title, true);
		fputs("::", out);
		put(out, title, false);
		fputc(' ', out);
		put(out, text, false);
		fputs(" (limit ", out);
		put(out, limit, false);
		fputc(')', out);
	}
	for (size_t i = 0; i < check->n_causes && i < CHECK_CAUSES && !ret; i++) {
		char *cause = diff_cause_text(report, check, check->cause[i]);

		if (!cause) {
			ret = -ENOMEM;
			break;
		}
		fputs("%0A", out);
		put(out, cause, false);
		free(cause);
	}
	fputc('\n', out);
	free(title);
	free(text);
	free(limit);
	return ret;
}

static int put_remark(void *arg, const char *kind, const char *text)
{
	bool distrust = !strncmp(kind, "Not trusted", 11);
	char *shown = text_printable(text);
	FILE *out = arg;

	if (!shown)
		return -ENOMEM;
	fprintf(out, "::%s title=modmem diff::", !distrust ? "notice" :
		strcmp(kind, "Not trusted") ? "warning" : "error");
	put(out, kind, false);
	fputs(": ", out);
	put(out, shown, false);
	fputc('\n', out);
	free(shown);
	return 0;
}

int diff_github(const struct diff_report *report, FILE *out)
{
	const struct verdict *v = report->verdict;
	char *summary = diff_summary(report);
	int ret = summary ? 0 : -ENOMEM;

	for (size_t i = 0; i < v->n && !ret; i++)
		if (v->check[i].state != CHECK_FINE)
			ret = put_check(report, &v->check[i], out);
	if (!ret)
		ret = diff_remarks(report, put_remark, out);
	/* not a command: a line of the log; two colons in front would make it one */
	if (!ret)
		fprintf(out, "modmem diff: %s\n", summary);
	free(summary);
	return ret;
}
