// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "export.h"
#include "export_args.h"
#include "outfile.h"
#include "progress.h"
#include "replay.h"
#include "snapshot.h"
#include "strict.h"

static int write_format(const struct snapshot *snap, const struct export_args *args,
			FILE *out, struct error *err)
{
	switch (args->format) {
	case EXPORT_HTML:
		return view_html(snap, &args->opts, out, err);
	case EXPORT_FOLDED:
		return view_folded(snap, &args->opts, out, err);
	case EXPORT_PPROF:
		return view_pprof(snap, &args->opts, out, err);
	case EXPORT_OPENMETRICS:
		return view_openmetrics(snap, &args->opts, out, err);
	case EXPORT_CSV:
		return view_series_csv(snap, &args->opts, out, err);
	case EXPORT_PERFETTO:
		return view_perfetto(snap, &args->opts, out, err);
	}
	return -EINVAL;
}

/* The output takes the place of what has its name: that may not be the recording. */
static bool is_input(const struct export_args *args)
{
	struct stat in, out;

	return args->output && !stat(args->output, &out) && S_ISREG(out.st_mode) &&
	       !stat(args->replay.path, &in) &&
	       in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static int write_output(const struct snapshot *snap, const struct export_args *args,
			struct error *err)
{
	struct outfile file;
	int ret, closed;

	if (!args->output)
		return write_format(snap, args, stdout, err);
	ret = outfile_open(&file, args->output, err);
	if (ret)
		return ret;
	ret = write_format(snap, args, file.stream, err);
	closed = outfile_close(&file, !ret, ret ? NULL : err);
	return ret ? ret : closed;
}

static int run(int argc, char **argv)
{
	struct export_args args;
	struct snapshot *snap;
	struct error err;
	int status = STATUS_FINE;

	if (export_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_export);
		return STATUS_FINE;
	}
	if (!args.output && export_is_binary(args.format) && isatty(STDOUT_FILENO)) {
		error_set(&err, -EINVAL, "%s is nothing for a terminal: --output FILE writes it to a file",
			  export_format_name(args.format));
		return command_fail(&err);
	}
	if (is_input(&args)) {
		error_set(&err, -EINVAL, "%s: is the recording itself: choose another --output",
			  args.output);
		return command_fail(&err);
	}

	snap = progress_replay(&args.replay, args.quiet, &err);
	if (!snap)
		return command_fail(&err);

	if (write_output(snap, &args, &err))
		status = command_fail(&err);
	else if (args.strict)
		status = strict_check(snap, args.opts.modules);
	snapshot_free(snap);
	return status;
}

const struct command cmd_export = {
	.name = "export",
	.summary = "write a page, flame graph, profile or metrics",
	.run = run,
	.options = &export_options,
};
