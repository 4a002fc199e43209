// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "record.h"
#include "record_args.h"
#include "report_args.h"
#include "tempfile.h"

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "modmem: %s\n", line);
}

/* The recording and its folder, for take_away(); "": none, or to be kept. */
static char dir[PATH_MAX - 16], path[PATH_MAX];

/* Of a signal handler as well. Pieces in the folder stay, as the message says. */
static void take_away(void)
{
	unlink(path);
	rmdir(dir);
}

static void end_by(int number)
{
	take_away();
	signal(number, SIG_DFL);
	raise(number);
}

/* While it records they are blocked; those that are ignored stay so. */
static void watch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (signal(numbers[i], end_by) == SIG_IGN)
			signal(numbers[i], SIG_IGN);
}

/* Makes a folder of our own: the recording has parts beside it. */
static int temporary(struct error *err)
{
	int ret = tempfile_dir(dir, sizeof(dir), err);

	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/trace.dat", dir);
	return 0;
}

static int run(int argc, char **argv)
{
	struct record_result result;
	struct record_args args;
	struct error err;
	int ret, status;
	char *cmdline;

	if (record_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_run);
		return STATUS_FINE;
	}
	watch_signals();
	if (temporary(&err))
		return command_fail(&err);

	cmdline = record_cmdline(argc, argv);
	args.record.cmdline = cmdline;
	args.record.output = path;
	args.record.scratch = true;
	args.record.say = args.quiet ? NULL : say;
	ret = record(&args.record, &result, &err);
	free(cmdline);
	status = ret ? command_fail(&err) : STATUS_FINE;
	if (result.file) {
		int shown = report_bare(path, args.notes);

		if (!status)
			status = shown;
		/* what does not take it is to end us before the folder is gone */
		fflush(stdout);
	} else {
		*path = '\0';
	}
	take_away();
	return status ? status : result.ran ? result.status : STATUS_FINE;
}

const struct command cmd_run = {
	.name = "run",
	.summary = "record while a command runs, and report",
	.run = run,
	.options = &run_options,
};
