// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_text.c - the sentences that all forms of a comparison share
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "diff_view.h"
#include "limit.h"
#include "memstream.h"
#include "printable.h"
#include "side.h"
#include "suppress.h"
#include "text.h"
#include "verdict.h"

#define NO_SYMBOL "?"

const char *diff_format_name(enum diff_format format)
{
	static const char *const names[] = {
		[DIFF_TABLE] = "table",
		[DIFF_JSON] = "json",
		[DIFF_JUNIT] = "junit",
		[DIFF_MARKDOWN] = "markdown",
		[DIFF_GITHUB] = "github",
	};

	return (size_t)format < sizeof(names) / sizeof(names[0]) ? names[format] : NULL;
}

const char *diff_result_name(enum diff_result result)
{
	static const char *const names[] = {
		[DIFF_WITHIN] = "within",
		[DIFF_REGRESSION] = "regression",
		[DIFF_UNTRUSTED] = "untrusted",
		[DIFF_NOT_JUDGED] = "not judged",
	};

	return names[result];
}

/* A text that grows; NULL in the end if memory ran out. */
struct sentence {
	FILE *out;
	char *text;
	size_t size;
};

static bool begin(struct sentence *s)
{
	s->text = NULL;
	s->out = open_memstream(&s->text, &s->size);
	return s->out;
}

static char *end(struct sentence *s)
{
	memstream_close(s->out, &s->text);
	return s->text;
}

static void put_name(struct sentence *s, const char *name)
{
	char *shown = text_printable(name);

	fputs(shown ? shown : NO_SYMBOL, s->out);
	free(shown);
}

/* With the exact number where it is rounded and @exact wants it. */
static const char *amount(const struct diff_report *report, enum metric m,
			  uint64_t value, char *buf, size_t size)
{
	if (report->exact_bytes)
		snprintf(buf, size, "%" PRIu64, value);
	else
		metric_text(buf, size, m, value);
	return buf;
}

static void put_amount(struct sentence *s, const struct diff_report *report,
		       enum metric m, uint64_t value)
{
	char buf[32];

	fputs(amount(report, m, value, buf, sizeof(buf)), s->out);
}

/* "by 4K, from 8K to 12K", the base perhaps as 7K..8K */
static void put_growth(struct sentence *s, const struct diff_report *report,
		       const struct check *check)
{
	enum metric m = check->limit->metric;
	const struct spread *base = &check->row->base[m];
	struct diff_report exact = *report;
	char from[32], to[32];

	fputs("grew by ", s->out);
	put_amount(s, report, m, check->new - check->base);
	/* 8.3M to 8.3M would say nothing */
	exact.exact_bytes |= !strcmp(amount(report, m, check->base, from, sizeof(from)),
				     amount(report, m, check->new, to, sizeof(to)));
	fputs(", from ", s->out);
	if (base->min != base->max) {
		put_amount(s, &exact, m, base->min);
		fputs("..", s->out);
	}
	put_amount(s, &exact, m, check->base);
	fputs(" to ", s->out);
	put_amount(s, &exact, m, check->new);
}

char *diff_check_title(const struct check *check)
{
	const struct side_row *row = check->row->row;
	struct sentence s;

	if (!begin(&s))
		return NULL;
	put_name(&s, row->module);
	if (row->site) {
		fputc(':', s.out);
		put_name(&s, row->function ? row->function : NO_SYMBOL);
	}
	fprintf(s.out, ".%s", metric_name(check->limit->metric));
	return end(&s);
}

static void put_kind(struct sentence *s, const struct side_row *row)
{
	fprintf(s->out, "%s, ", mem_kind_name(row->kind));
	put_name(s, row->via);
	if (row->source) {
		fputs(", ", s->out);
		put_name(s, row->source);
	}
}

char *diff_check_text(const struct diff_report *report, const struct check *check)
{
	const struct compare_row *row = check->row;
	enum metric m = check->limit->metric;
	struct sentence s;

	if (!begin(&s))
		return NULL;
	if (!check->limit->grows) {
		fputs("is ", s.out);
		put_amount(&s, report, m, check->new);
	} else if (check->new > check->base) {
		put_growth(&s, report, check);
	} else {
		fputs("did not grow: ", s.out);
		put_amount(&s, report, m, check->new);
	}
	if (row->row->site) {
		fputs(" (", s.out);
		put_kind(&s, row->row);
		fputc(')', s.out);
	}
	if (!row->base_runs)
		fputs(", new", s.out);
	if (check->state != CHECK_FINE && check->limit->grows &&
	    (check->limit->has_percent || check->limit->size)) {
		struct diff_report exact = *report;
		char allowed[32], was[32];

		exact.exact_bytes |= !strcmp(amount(report, m, check->allowed, allowed,
						    sizeof(allowed)),
					     amount(report, m, check->base, was, sizeof(was)));
		fputs(", no more than ", s.out);
		put_amount(&s, &exact, m, check->allowed);
		fputs(" is allowed", s.out);
	}
	if (check->uncertain) {
		fputs("; frees of ", s.out);
		put_amount(&s, report, METRIC_LIVE, check->uncertain);
		fputs(" may have gone unseen", s.out);
	}
	if (check->why) {
		fputs("; ", s.out);
		if (check->state != CHECK_SUPPRESSED) {
			put_amount(&s, report, m, check->suppressed);
			fputs(" of it are ", s.out);
		}
		fputs("known: ", s.out);
		put_name(&s, check->why->reason);
		fputs(" (", s.out);
		put_name(&s, check->why->where);
		fputc(')', s.out);
	}
	return end(&s);
}

char *diff_cause_text(const struct diff_report *report, const struct check *check,
		      const struct compare_row *cause)
{
	const struct side_row *row = cause->row;
	enum metric m = check->limit->metric;
	struct sentence s;
	char buf[32];

	if (!(METRICS_OF_PARTS & METRIC_BIT(m)))
		m = METRIC_LIVE;
	if (!begin(&s))
		return NULL;
	if (check->limit->grows)
		fputs(diff_change(buf, sizeof(buf), report, cause, (int)m), s.out);
	else
		put_amount(&s, report, m, cause->whole[m].max);
	fputc(' ', s.out);
	put_name(&s, row->function ? row->function : NO_SYMBOL);
	fputs(": ", s.out);
	put_kind(&s, row);
	if (!cause->base_runs)
		fputs(", new", s.out);
	return end(&s);
}

const char *diff_check_source(const struct check *check)
{
	if (check->row->row->source)
		return check->row->row->source;
	for (size_t i = 0; i < check->n_causes && i < CHECK_CAUSES; i++)
		if (check->cause[i]->row->source)
			return check->cause[i]->row->source;
	return NULL;
}

char *diff_summary(const struct diff_report *report)
{
	const struct verdict *v = report->verdict;
	size_t fine = v->n - v->n_over - v->n_unsure - v->n_suppressed;
	struct sentence s;

	if (!begin(&s))
		return NULL;
	if (report->distrust.n && !report->allow_untrusted)
		fputs("No verdict, a recording is not good enough. ", s.out);
	else if (report->result == DIFF_UNTRUSTED)
		fputs("No verdict, too much is uncertain. ", s.out);
	if (!report->limits->n) {
		fputs("Not judged, no limits were wanted.", s.out);
		return end(&s);
	}
	fprintf(s.out, "Of %zu check%s ", v->n, v->n == 1 ? "" : "s");
	if (v->n_over)
		fprintf(s.out, "%zu broken, ", v->n_over);
	if (v->n_unsure)
		fprintf(s.out, "%zu uncertain%s, ", v->n_unsure,
			report->allow_untrusted ? " (counted as broken)" : "");
	if (v->n_suppressed)
		fprintf(s.out, "%zu suppressed, ", v->n_suppressed);
	fprintf(s.out, "%zu fine; limits", fine);
	for (size_t i = 0; i < report->limits->n; i++) {
		fputs(i ? ", " : " ", s.out);
		put_name(&s, report->limits->rule[i].text);
	}
	fputc('.', s.out);
	return end(&s);
}

char *diff_side_text(const struct runs *runs)
{
	const struct side *side = runs->run[0];
	struct sentence s;

	if (!begin(&s))
		return NULL;
	put_name(&s, side->name);
	if (runs->n > 1)
		fprintf(s.out, " and %zu more", runs->n - 1);
	if (side->kernel) {
		fputs(", Linux ", s.out);
		put_name(&s, side->kernel);
	}
	if (side->arch) {
		fputs(", ", s.out);
		put_name(&s, side->arch);
	}
	return end(&s);
}

static int say_note(int (*say)(void *arg, const char *kind, const char *text), void *arg,
		    const char *kind, char *text)
{
	int ret = text ? say(arg, kind, text) : -ENOMEM;

	free(text);
	return ret;
}

/* Modules of the base alone: no limit can be about them. NULL: there are none. */
static char *vanished(const struct comparison *c)
{
	struct sentence s;
	size_t n = 0;

	if (!begin(&s))
		return NULL;
	for (size_t i = 0; i < c->n; i++) {
		if (c->row[i].row->site || !side_is_module(c->row[i].row) || c->row[i].new_runs)
			continue;
		fputs(n++ ? ", " : "not in the new recording, so that no limit is about them: ",
		      s.out);
		put_name(&s, c->row[i].row->module);
	}
	if (n)
		return end(&s);
	free(end(&s));
	return NULL;
}

/* Memory of no known module is what no limit is about. */
static char *unknown_grew(const struct diff_report *report)
{
	const struct comparison *c = report->comparison;
	char amount_buf[32];

	for (size_t i = 0; i < c->n; i++) {
		const struct compare_row *row = &c->row[i];
		int64_t change = row->row->site || row->row->state != MODULE_UNKNOWN ? 0 :
				 compare_change(row, METRIC_LIVE);

		if (change > 0)
			return text_format("[unknown], memory of no known module, grew by %s: what is in it is missing from a module",
					   amount(report, METRIC_LIVE, (uint64_t)change,
						  amount_buf, sizeof(amount_buf)));
	}
	return NULL;
}

/* What was not compared because one side, or both, cannot see it. */
static char *unseen(const struct diff_report *report, unsigned int path)
{
	const struct compare_unseen *u = &report->comparison->unseen[path];
	const bool base = sight_blind(report->base, path), new = sight_blind(report->new, path);
	char buf[32];

	return text_format("%s: %s; %zu place%s with up to %s %s taken out of the comparison",
			   sight_name(path), base && new ? "some runs of both sides do not see it" :
			   base ? "the base does not see it" : new ? "the new side does not see it" :
			   "one side knows its size to a limit only",
			   u->places, u->places == 1 ? "" : "s",
			   amount(report, METRIC_LIVE, u->bytes, buf, sizeof(buf)),
			   u->places == 1 ? "is" : "are");
}

int diff_remarks(const struct diff_report *report,
		 int (*say)(void *arg, const char *kind, const char *text), void *arg)
{
	const struct suppressions *s = &report->limits->suppressions;
	const struct comparison *c = report->comparison;
	char *grew = unknown_grew(report), *gone = vanished(c);
	int ret = 0;

	for (size_t i = 0; i < report->distrust.n && !ret; i++)
		ret = say(arg, report->allow_untrusted ? "Not trusted, allowed" : "Not trusted",
			  report->distrust.text[i]);
	for (size_t i = 0; i < report->notes.n && !ret; i++)
		ret = say(arg, "Note", report->notes.text[i]);
	for (unsigned int p = 0; p < SIGHT_PATHS && !ret; p++)
		if (c->unseen[p].places)
			ret = say_note(say, arg, "Not compared", unseen(report, p));
	if (grew && !ret)
		ret = say(arg, "Note", grew);
	free(grew);
	if (gone && !ret)
		ret = say(arg, "Note", gone);
	free(gone);
	if (c->narrowed && !ret)
		ret = say(arg, "Note", "only the modules that a report was made of (modmem report --module) are compared");
	if (c->own_only && !ret)
		ret = say(arg, "Note", "what the kernel itself took (INDUCED, [kernel]) is not compared, nor pages that may be movable: a report is of --own");
	for (size_t i = 0; i < s->n && !ret; i++)
		if (!s->rule[i].used)
			ret = say_note(say, arg, "Note",
				       text_format("%s: the suppression of %s%s%s was not needed",
						   s->rule[i].where, s->rule[i].module,
						   s->rule[i].function ? ":" : "",
						   s->rule[i].function ? s->rule[i].function : ""));
	return ret;
}

char *diff_row_note(char *buf, size_t size, const struct diff_report *report,
		    const struct compare_row *row)
{
	size_t runs = report->comparison->new_runs;

	if (!row->base_runs)
		snprintf(buf, size, "new");
	else if (!row->new_runs)
		snprintf(buf, size, "vanished");
	else if (!row->row->site && row->new_runs < runs)
		snprintf(buf, size, "in %zu of %zu", row->new_runs, runs);
	else
		*buf = '\0';
	return buf;
}

char *diff_change(char *buf, size_t size, const struct diff_report *report,
		  const struct compare_row *row, int metric)
{
	enum metric m = (enum metric)metric;
	int64_t change = compare_change(row, m);
	char number[32];

	if (!compare_known(row, m))
		*buf = '\0';
	else if (!change)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%c%s", change > 0 ? '+' : '-',
			 amount(report, m, change > 0 ? (uint64_t)change :
				-(uint64_t)change, number, sizeof(number)));
	return buf;
}
