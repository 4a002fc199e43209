// SPDX-License-Identifier: GPL-2.0-or-later
#include "export_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "options.h"
#include "view.h"

#define COMMAND "export"
#define TRY " Try 'modmem help " COMMAND "'."
#define DEFAULT_FILE "trace.dat"

/* Long options without a letter of their own. */
enum {
	OPT_TO = OPT_FIRST,
	OPT_MODULE,
	OPT_METRIC,
	OPT_CHARGE,
	OPT_OFFSETS,
	OPT_AT,
	OPT_FROM,
	OPT_ATTRIBUTE,
	OPT_MODULES,
	OPT_KALLSYMS,
	OPT_STRICT,
	OPT_CHECK,
};

static const struct optdesc optdescs[] = {
	{ OPT_TO, "to", "FORMAT", "html, folded, pprof, openmetrics, csv or perfetto" },
	{ 'o', "output", "FILE", "write this file; default: standard output" },
	{ OPT_MODULE, "module", "NAME[,..]", "only these modules" },
	{ OPT_METRIC, "metric", "METRIC", "folded: live, peak, allocated, objects or allocs" },
	{ OPT_CHARGE, "charge", "LIST", "folded, pprof: stacks of own, induced, overhead" },
	{ OPT_OFFSETS, "offsets", NULL, "folded, pprof: keep places in one function apart" },
	{ OPT_AT, "at", "TIME", "as it stood then: 33.25, 250ms, +1.5 after the start" },
	{ OPT_FROM, "from", "TIME", "only what was allocated since" },
	{ OPT_ATTRIBUTE, "attribute", "MODE", "charge the own (default), nearest or outermost" },
	{ OPT_MODULES, "modules", "FILE", "saved /proc/modules of the recorded machine" },
	{ OPT_KALLSYMS, "kallsyms", "FILE", "saved /proc/kallsyms of the recorded machine" },
	{ OPT_STRICT, "strict", NULL, "exit with 3 if the recording is not good enough" },
	{ OPT_CHECK, "check", NULL, "verify that the books balance, exit with 2 if not" },
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void export_options_help(FILE *out)
{
	fputs("Usage: modmem export --to FORMAT [OPTIONS] [FILE]\n"
	      "\n"
	      "Replays a recording (default: " DEFAULT_FILE ") and writes what each module holds,\n"
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

static const char *attribute_name(unsigned int i)
{
	return attribute_mode_name((enum attribute_mode)i);
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

/* What only some formats look at, so that it is not passed over in silence. */
struct pending {
	bool format, metric, stacks;
};

static int set_option(struct export_args *args, int value, struct pending *seen,
		      struct error *err)
{
	struct replay_opts *replay = &args->replay;
	int choice = 0;

	switch (value) {
	case OPT_TO:
		seen->format = true;
		choice = options_choose(COMMAND, "to", optarg, format_name, err);
		args->format = choice < 0 ? EXPORT_HTML : (enum export_format)choice;
		break;
	case 'o':
		args->output = optarg;
		break;
	case OPT_MODULE:
		args->opts.modules = optarg;
		break;
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
	case OPT_AT:
		return options_time(COMMAND, "at", optarg, &replay->to,
				    &replay->to_relative, err);
	case OPT_FROM:
		return options_time(COMMAND, "from", optarg, &replay->from,
				    &replay->from_relative, err);
	case OPT_ATTRIBUTE:
		choice = options_choose(COMMAND, "attribute", optarg, attribute_name, err);
		replay->attribute = choice < 0 ? ATTRIBUTE_OWN :
				    (enum attribute_mode)choice;
		break;
	case OPT_MODULES:
		replay->modules_file = optarg;
		break;
	case OPT_KALLSYMS:
		replay->kallsyms_file = optarg;
		break;
	case OPT_STRICT:
		args->strict = true;
		break;
	case OPT_CHECK:
		replay->check = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	}
	return choice < 0 ? choice : 0;
}

static int check(const struct export_args *args, const struct pending *seen,
		 struct error *err)
{
	const struct replay_opts *replay = &args->replay;

	if (!seen->format)
		return error_set(err, -EINVAL, "to which format? --to html, for one." TRY);
	if (seen->metric && args->format != EXPORT_FOLDED)
		return error_set(err, -EINVAL, "--metric is for --to folded; %s has all of them, or its own." TRY,
				 export_format_name(args->format));
	if (seen->stacks && args->format != EXPORT_FOLDED && args->format != EXPORT_PPROF)
		return error_set(err, -EINVAL, "--%s is for --to folded and pprof." TRY,
				 args->opts.offsets ? "offsets" : "charge");
	if (replay->from != REPLAY_NO_TIME && replay->to != REPLAY_NO_TIME &&
	    replay->from_relative == replay->to_relative &&
	    replay->from > replay->to)
		return error_set(err, -EINVAL, "--from is later than --at." TRY);
	return 0;
}

int export_parse(int argc, char **argv, struct export_args *args,
		 struct error *err)
{
	struct option options[N_OPTIONS + 1];
	struct pending seen = { 0 };
	int value, ret;

	options_long(optdescs, N_OPTIONS, options);
	*args = (struct export_args){
		.replay = {
			.path = DEFAULT_FILE,
			.from = REPLAY_NO_TIME,
			.to = REPLAY_NO_TIME,
		},
	};

	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, ":o:qh", options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return options_bad(optdescs, N_OPTIONS, argv, value, err);
		ret = set_option(args, value, &seen, err);
		if (ret)
			return ret;
	}
	if (args->help)
		return 0;
	if (optind + 1 < argc)
		return error_set(err, -EINVAL, "one recording at a time, not '%.60s' too." TRY,
				 argv[optind + 1]);
	if (optind < argc)
		args->replay.path = argv[optind];
	ret = check(args, &seen, err);
	if (ret)
		return ret;
	if (args->format == EXPORT_HTML)
		args->replay.leaks = &leaks;
	args->replay.by_stack = export_needs_stacks(args->format);
	args->replay.series = export_needs_series(args->format, &args->opts);
	return 0;
}
