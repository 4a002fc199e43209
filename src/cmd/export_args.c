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

/* Long options without a letter of their own. */
enum {
	OPT_FORMAT = OPT_FIRST,
	OPT_MODULE,
	OPT_METRIC,
	OPT_CHARGE,
	OPT_OFFSETS,
	OPT_STRICT,
};

static const struct optdesc optdescs[] = {
	{ OPT_FORMAT, "to", "FORMAT", "html, folded, pprof, openmetrics, csv or perfetto" },
	{ 'o', "output", "FILE", "write this file; default: standard output" },
	{ OPT_MODULE, "module", "NAME[,..]", "only these modules" },
	{ OPT_METRIC, "metric", "METRIC", "folded: live, peak, allocated, objects or allocs" },
	{ OPT_CHARGE, "charge", "LIST", "folded, pprof: stacks of own, induced, overhead" },
	{ OPT_OFFSETS, "offsets", NULL, "folded, pprof: keep places in one function apart" },
	ROW_AT,
	ROW_FROM,
	ROW_ATTRIBUTE,
	ROW_MODULES,
	ROW_KALLSYMS,
	ROW_PAGE_SIZE,
	{ OPT_STRICT, "strict", NULL, "exit with 3 if the recording is not good enough" },
	ROW_CHECK,
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void export_options_help(FILE *out)
{
	fputs("Usage: modmem export --to FORMAT [OPTIONS] [FILE]\n"
	      "\n"
	      "Replays a recording (default: " REPLAY_FILE ") and writes what each module holds,\n"
	      "or held over time, for another program.\n"
	      "\n"
	      "Options:\n", out);
	options_help(optdescs, N_OPTIONS, out);
	fputs("\n"
	      "Formats:\n"
	      "  html         a page for a browser, all in one file: table, time, flame graph\n"
	      "  folded       stacks, one a line: flamegraph.pl, inferno, speedscope\n"
	      "  pprof        stacks: go tool pprof and others\n"
	      "  openmetrics  for node_exporter's textfile collector\n"
	      "  csv          live bytes over time, a line for each module and moment\n"
	      "  perfetto     live bytes over time: ui.perfetto.dev\n", out);
}

static const char *format_name(unsigned int i)
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

static int parse_charges(const char *list, unsigned int *charges, struct error *err)
{
	while (list) {
		size_t len = strcspn(list, ",");
		char *item = strndup(list, len);
		int charge;

		if (!item)
			return error_set(err, -ENOMEM, "out of memory");
		charge = options_choose(COMMAND, "charge", item, a_charge_name, err);
		free(item);
		if (charge < 0)
			return charge;
		*charges |= 1u << charge;
		list = list[len] ? list + len + 1 : NULL;
	}
	return 0;
}

/* As "modmem leaks" has them, if not told otherwise. */
static const struct leak_opts leaks = {
	.older_than = 10000000000,	/* ns */
	.every = 1000000,
};

/* The command line in the making. */
struct setting {
	struct export_args *args;
	bool format;
	/* what only some formats look at, so that it is not passed over in silence */
	bool metric, stacks;
};

static int set_option(void *arg, int value, struct error *err)
{
	struct setting *seen = arg;
	struct export_args *args = seen->args;
	int choice = 0;

	switch (value) {
	case OPT_FORMAT:
		seen->format = true;
		choice = options_choose(COMMAND, "to", optarg, format_name, err);
		args->format = choice < 0 ? EXPORT_HTML : (enum export_format)choice;
		break;
	case 'o':
		args->output = optarg;
		break;
	case OPT_MODULE:
		return options_modules(COMMAND, optarg, &args->opts.modules, err);
	case OPT_METRIC:
		seen->metric = true;
		choice = options_choose(COMMAND, "metric", optarg, metric_name, err);
		args->opts.metric = choice < 0 ? METRIC_LIVE : (enum export_metric)choice;
		break;
	case OPT_CHARGE:
		seen->stacks = true;
		return parse_charges(optarg, &args->opts.charges, err);
	case OPT_OFFSETS:
		seen->stacks = args->opts.offsets = true;
		break;
	case OPT_STRICT:
		args->strict = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	default:
		return replay_option(&args->replay, COMMAND, value, err);
	}
	return choice < 0 ? choice : 0;
}

static int check(const struct setting *seen, struct error *err)
{
	const struct export_args *args = seen->args;

	if (!seen->format)
		return error_set(err, -EINVAL, "to which format? --to html, for one." TRY);
	if (seen->metric && args->format != EXPORT_FOLDED)
		return error_set(err, -EINVAL, "--metric is for --to folded; %s has all of them, or its own." TRY,
				 export_format_name(args->format));
	if (seen->stacks && args->format != EXPORT_FOLDED && args->format != EXPORT_PPROF)
		return error_set(err, -EINVAL, "--%s is for --to folded and pprof." TRY,
				 args->opts.offsets ? "offsets" : "charge");
	return replay_window(&args->replay, COMMAND, err);
}

int export_parse(int argc, char **argv, struct export_args *args,
		 struct error *err)
{
	struct setting seen = { .args = args };
	int ret;

	*args = (struct export_args){ .replay = REPLAY_ALL };
	ret = options_parse(optdescs, N_OPTIONS, false, argc, argv, set_option, &seen, err);
	if (ret || args->help)
		return ret;
	ret = replay_operand(&args->replay, argc, argv, err);
	if (!ret)
		ret = check(&seen, err);
	if (ret)
		return ret;
	if (args->format == EXPORT_HTML)
		args->replay.leaks = &leaks;
	args->replay.by_stack = export_needs_stacks(args->format);
	args->replay.series = export_needs_series(args->format, &args->opts);
	return 0;
}
