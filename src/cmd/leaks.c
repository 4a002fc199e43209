// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "leaks_args.h"
#include "pager.h"
#include "progress.h"
#include "snapshot.h"
#include "strict.h"
#include "terminal.h"

static int show(const struct leaks_report *report, enum view_format format,
		struct error *err)
{
	switch (format) {
	case VIEW_JSON:
		return leaks_json(report, stdout, err);
	case VIEW_CSV:
		return leaks_csv(report, stdout, err);
	default:
		return leaks_table(report, stdout, err);
	}
}

static int say_untrusted(const struct leaks_report *report)
{
	static const char *const samples[] = { "too few samples for --every" };
	const char *modules = report->opts->modules;
	const char *const *doubts = (const char *const *)report->doubts;
	size_t n = report->n_doubts;

	if (!n && snapshot_exact(report->snap, modules)) {
		doubts = samples;
		n = 1;
	}
	return strict_fail(report->snap, modules, "no leak was found, but ", doubts, n);
}

static int judge(const struct snapshot *snap, struct leaks_args *args, struct error *err)
{
	static const int statuses[] = {
		[LEAKS_NONE] = STATUS_FINE,
		[LEAKS_FOUND] = STATUS_FOUND,
		[LEAKS_UNTRUSTED] = STATUS_UNTRUSTED,
	};
	struct leaks_report report;
	int ret, status = STATUS_FAILED;

	ret = leaks_report_make(&report, snap, &args->view, &args->rules, err);
	if (!ret)
		ret = show(&report, args->format, err);
	if (!ret) {
		status = statuses[report.result];
		if (status == STATUS_UNTRUSTED)
			say_untrusted(&report);
	}
	leaks_report_release(&report);
	return status;
}

static int run(int argc, char **argv)
{
	struct leaks_args args;
	struct snapshot *snap;
	struct error err;
	int status;

	if (leaks_parse(argc, argv, &args, &err)) {
		leaks_args_free(&args);
		return command_fail(&err);
	}
	if (args.help) {
		leaks_args_free(&args);
		command_help(&cmd_leaks);
		return STATUS_FINE;
	}

	args.view.color = terminal_color();
	args.view.width = terminal_width();
	args.replay.leaks = &args.leaks;
	snap = progress_replay(&args.replay, args.quiet, &err);
	if (snap)
		pager_start(!args.no_pager);
	status = snap ? judge(snap, &args, &err) : STATUS_FAILED;
	if (status == STATUS_FAILED)
		command_fail(&err);
	snapshot_free(snap);
	leaks_args_free(&args);
	return status;
}

const struct command cmd_leaks = {
	.name = "leaks",
	.summary = "say which memory is leaked, and what only looks like it",
	.run = run,
	.options = &leaks_options,
};
