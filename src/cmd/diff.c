// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "command.h"
#include "compare.h"
#include "diff_args.h"
#include "diff_view.h"
#include "error.h"
#include "limit.h"
#include "pager.h"
#include "progress.h"
#include "replay.h"
#include "sides.h"
#include "terminal.h"
#include "verdict.h"

static int show(const struct diff_report *report, enum diff_format format,
		struct error *err)
{
	int ret = 0;

	switch (format) {
	case DIFF_TABLE:
		ret = diff_table(report, stdout);
		break;
	case DIFF_JSON:
		ret = diff_json(report, stdout);
		break;
	case DIFF_JUNIT:
		ret = diff_junit(report, stdout);
		break;
	case DIFF_MARKDOWN:
		ret = diff_markdown(report, stdout);
		break;
	case DIFF_GITHUB:
		ret = diff_github(report, stdout);
		break;
	}
	return ret ? error_set(err, ret, "out of memory") : 0;
}

/* Was all that there is taken out, because one side is blind to it? */
static bool nothing_decided(const struct diff_report *report)
{
	const struct compare_unseen *unseen = report->comparison->unseen;

	for (size_t i = 0; i < SIGHT_PATHS && !report->verdict->n_decided; i++)
		if (unseen[i].places)
			return true;
	return false;
}

/* What it comes to; an uncertain number counts once untrusted ones are allowed. */
static void conclude(struct diff_report *report)
{
	const struct verdict *v = report->verdict;
	bool broken = v->n_over || (report->allow_untrusted && v->n_unsure);

	if (report->distrust.n && !report->allow_untrusted) {
		report->result = DIFF_UNTRUSTED;
		report->status = STATUS_UNTRUSTED;
	} else if (!report->limits->n) {
		report->result = DIFF_NOT_JUDGED;
		report->status = STATUS_FINE;
	} else if (broken) {
		report->result = DIFF_REGRESSION;
		report->status = STATUS_FOUND;
	} else if (v->n_unsure || v->undecided || nothing_decided(report)) {
		report->result = DIFF_UNTRUSTED;
		report->status = STATUS_UNTRUSTED;
	} else {
		report->result = DIFF_WITHIN;
		report->status = STATUS_FINE;
	}
}

/* One line on stderr; the reasons are in the output. */
static void say_untrusted(const struct diff_report *report)
{
	struct error err;

	if (report->distrust.n)
		error_set(&err, 0, "%.400s; --allow-untrusted goes on all the same",
			  report->distrust.text[0]);
	else if (report->verdict->undecided)
		error_set(&err, 0, "limit '%.100s' is about what one side cannot see; record both alike",
			  report->verdict->undecided->text);
	else if (!report->verdict->n_unsure)
		error_set(&err, 0, "nothing is left to compare: one side cannot see what the other holds; record both alike");
	else
		error_set(&err, 0, "limits are broken only if what is uncertain counts; --allow-untrusted counts it");
	command_fail(&err);
}

static int compare(struct diff_args *args, const struct runs *base,
		   const struct runs *new, struct error *err)
{
	struct diff_report report = {
		.base = base,
		.new = new,
		.limits = &args->limits,
		.allow_untrusted = args->allow_untrusted,
		.metrics = args->metrics,
		.all = args->all,
		.exact_bytes = args->exact_bytes,
	};
	struct comparison comparison = { 0 };
	struct verdict verdict = { 0 };
	int ret = 0;

	if (sides_check(base, new, args->allow_different, err) != SIDES_FINE)
		return STATUS_FAILED;
	sides_note(base, new, &report.notes);
	sides_trusted(base, new, &report.distrust);
	if (compare_sides(&comparison, base, new))
		ret = error_set(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = verdict_reach(&verdict, &comparison, &args->limits, err);
	if (!ret) {
		report.comparison = &comparison;
		report.verdict = &verdict;
		report.color = terminal_color();
		report.width = terminal_width();
		pager_start(!args->no_pager && args->format == DIFF_TABLE);
		conclude(&report);
		ret = show(&report, args->format, err);
	}
	if (!ret && report.result == DIFF_UNTRUSTED)
		say_untrusted(&report);
	verdict_free(&verdict);
	compare_free(&comparison);
	return ret ? STATUS_FAILED : report.status;
}

static int run(int argc, char **argv)
{
	struct runs base = { 0 }, new = { 0 };
	struct progress progress;
	struct diff_args args;
	struct error err;
	struct replay_opts replay = {
		.from = REPLAY_NO_TIME,
		.to = REPLAY_NO_TIME,
		.bare = true,
		.progress = progress_update,
		.progress_arg = &progress,
	};
	int status = STATUS_FAILED, ret;

	ret = diff_parse(argc, argv, &args, &err);
	if (!ret && args.help) {
		command_help(&cmd_diff);
		diff_args_free(&args);
		return STATUS_FINE;
	}
	if (!ret) {
		progress_start(&progress, args.quiet);
		ret = runs_read(&base, args.base, &replay, &err);
		/* the files that were built last fit the new side only */
		replay.lines = args.lines;
		replay.files = args.files;
		if (!ret)
			ret = runs_read(&new, args.new, &replay, &err);
		progress_end(&progress);
	}
	if (!ret)
		status = compare(&args, &base, &new, &err);
	if (status == STATUS_FAILED)
		command_fail(&err);
	runs_free(&base);
	runs_free(&new);
	diff_args_free(&args);
	return status;
}

const struct command cmd_diff = {
	.name = "diff",
	.summary = "compare two recordings, and fail where limits are broken",
	.run = run,
	.options = &diff_options,
};
