// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "leaks_args.h"
#include "progress.h"
#include "snapshot.h"

static void look_at_terminal(struct leaks_opts *opts)
{
	const char *no_color = getenv("NO_COLOR");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return;
	opts->color = !no_color || !*no_color;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		opts->width = size.ws_col;
}

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

/* One line, with the reasons. */
static void say_untrusted(const struct snapshot *snap)
{
	const struct coverage *cov = &snap->coverage;
	char reasons[400] = "";
	struct error err;
	size_t len = 0;

	for (size_t i = 0; i < cov->n_distrust && len < sizeof(reasons); i++)
		len += (size_t)snprintf(reasons + len, sizeof(reasons) - len, "%s%s",
					len ? "; " : ": ", cov->distrust[i]);
	for (size_t i = 0; i < snap->leaks->n_doubts && len < sizeof(reasons); i++)
		len += (size_t)snprintf(reasons + len, sizeof(reasons) - len, "%s%s",
					len ? "; " : ": ", snap->leaks->doubts[i]);
	if (!len)
		snprintf(reasons, sizeof(reasons), ": too few samples for --every");
	error_set(&err, 0, "%.80s: no leak was found, but not good enough for --strict%s",
		  snap->file, reasons);
	command_fail(&err);
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
			say_untrusted(snap);
	}
	leaks_report_release(&report);
	return status;
}

static int run(int argc, char **argv)
{
	struct progress progress;
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
		leaks_options_help(stdout);
		return STATUS_FINE;
	}

	look_at_terminal(&args.view);
	args.replay.leaks = &args.leaks;
	args.replay.progress = progress_update;
	args.replay.progress_arg = &progress;
	progress_start(&progress, args.quiet);
	snap = replay(&args.replay, &err);
	progress_end(&progress);
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
	.help = leaks_options_help,
};
