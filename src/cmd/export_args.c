// SPDX-License-Identifier: GPL-2.0-or-later
#include "export_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "leaks.h"
#include "replay_args.h"
#include "view.h"

#define COMMAND "export"
#define TRY " Try 'modmem help " COMMAND "'."

#define ARGS struct export_args

static const char *to_name(unsigned int i)
{
	return export_format_name((enum export_format)i);
}

static const char *metric_name(unsigned int i)
{
	return export_metric_name((enum export_metric)i);
}

static const char *a_charge_name(unsigned int i)
{
	/* what has no row of its own has no stacks either */
	return i <= CHARGE_OVERHEAD ? charge_name((enum charge)i) : NULL;
}

static const struct optdesc optdescs[] = {
	{ 0, "to", "FORMAT", "html, folded, pprof, openmetrics, csv or perfetto", OPT_CHOICE,
	  ARG(format), .names = to_name },
	{ 'o', "output", "FILE", "write this file; default: standard output", OPT_STRING,
	  ARG(output) },
	ROW_MODULE(opts.modules, "only these modules"),
	{ 0, "metric", "METRIC", "folded: live, peak, allocated, objects or allocs", OPT_CHOICE,
	  ARG(opts.metric), .names = metric_name },
	{ 0, "charge", "LIST", "folded, pprof: stacks of own, induced, overhead", OPT_BITS,
	  ARG(opts.charges), .names = a_charge_name },
	{ 0, "offsets", NULL, "folded, pprof: keep places in one function apart", OPT_FLAG,
	  ARG(opts.offsets) },
	ROW_NOW,
	ROWS_AT_FROM,
	ROW_ATTRIBUTE,
	ROWS_SYMBOLS,
	{ 0, "lines", NULL, "html, folded, pprof: file and line of places, from debug info",
	  OPT_FLAG, ARG(replay.lines) },
	ROWS_SYMFILES(replay.files, "kernel with symbols, debug info for --lines"),
	ROW_PAGE_SIZE(PAGE_SIZE_RECORDED),
	ROW_STRICT(strict, STRICT_RECORDING),
	ROW_CHECK,
	ROWS_QUIET_HELP,
};

const struct opttable export_options = {
	.usage = "Usage: modmem export --to FORMAT [OPTIONS] [FILE]\n"
		 "\n"
		 "Replays a recording (default: " REPLAY_FILE ") and writes what each module holds,\n"
		 "or held over time, for another program.\n",
	OPTIONS(optdescs),
	.more = "Formats:\n"
		"  html         a page for a browser, all in one file: table, time, flame graph\n"
		"  folded       stacks, one a line: flamegraph.pl, inferno, speedscope\n"
		"  pprof        stacks: go tool pprof and others\n"
		"  openmetrics  for node_exporter's textfile collector\n"
		"  csv          live bytes over time, a line for each module and moment\n"
		"  perfetto     live bytes over time: ui.perfetto.dev\n",
	.operands = "FILE",
};

static const struct leak_opts leaks = LEAK_OPTS_DEFAULT;

/* What no option is wrong in alone; nothing is passed over in silence. */
static int check(const struct export_args *args, uint64_t given, struct error *err)
{
	if (!options_given(&export_options, given, "to"))
		return error_set(err, -EINVAL, "to which format? --to html, for one." TRY);
	if (options_given(&export_options, given, "metric") && args->format != EXPORT_FOLDED)
		return error_set(err, -EINVAL, "--metric is for --to folded; %s has all of them, or its own." TRY,
				 export_format_name(args->format));
	if ((args->opts.charges || args->opts.offsets) &&
	    args->format != EXPORT_FOLDED && args->format != EXPORT_PPROF)
		return error_set(err, -EINVAL, "--%s is for --to folded and pprof." TRY,
				 args->opts.offsets ? "offsets" : "charge");
	if (args->replay.lines && !export_needs_stacks(args->format))
		return error_set(err, -EINVAL, "--lines is for --to html, folded and pprof." TRY);
	return replay_window(&args->replay, COMMAND, err);
}

int export_parse(int argc, char **argv, struct export_args *args,
		 struct error *err)
{
	uint64_t given;
	int ret;

	*args = (struct export_args){ .replay = REPLAY_ALL };
	ret = options_parse(&export_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	args->replay.at = options_given(&export_options, given, "at");
	ret = replay_operand(&args->replay, argc, argv, err);
	if (!ret)
		ret = check(args, given, err);
	if (ret)
		return ret;
	if (args->format == EXPORT_HTML)
		args->replay.leaks = &leaks;
	args->replay.by_stack = export_needs_stacks(args->format);
	args->replay.series = export_needs_series(args->format, &args->opts);
	args->replay.lines_of = args->opts.modules;
	return 0;
}
