// SPDX-License-Identifier: GPL-2.0-or-later
#include "top_args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "replay_args.h"

#define ARGS struct top_args

static const char *sort_name(unsigned int i)
{
	return i < TOP_SORTS ? top_sort_name((enum top_sort)i) : NULL;
}

static int sort_option(void *field, const char *command, const char *text, struct error *err)
{
	(void)command;
	for (enum top_sort i = 0; i < TOP_SORTS; i++)
		if (!strcasecmp(text, top_sort_name(i))) {
			*(enum top_sort *)field = i;
			return 0;
		}
	return error_set(err, -EINVAL, "no column '%.60s' to sort by; there are live, induced, peak, rate, allocs, frees and name. Try 'modmem help top'.",
			 text);
}

static int format_option(void *field, const char *command, const char *text,
			 struct error *err)
{
	bool *json = field;

	(void)command;
	*json = !strcmp(text, "json");
	if (*json || !strcmp(text, "table"))
		return 0;
	return error_set(err, -EINVAL, "--format takes table or json, not '%.60s'. Try 'modmem help top'.",
			 text);
}

static int once_option(void *field, const char *command, const char *text, struct error *err)
{
	struct top_args *args = field;

	(void)command;
	(void)text;
	(void)err;
	args->batch = true;
	args->iterations = 1;
	return 0;
}

static const struct optdesc optdescs[] = {
	{ 'd', "delay", "TIME", "refresh so often: 1 (default), 2.5, 300ms", OPT_DURATION,
	  ARG(delay_ns), .least = 100000000 /* it is polled so often */,
	  .most = 86400 * UINT64_C(1000000000),
	  .what = "a time from 100ms to a day, such as 1, 2.5 or 300ms" },
	{ 'n', "iterations", "N", "end after N refreshes", OPT_NUMBER, ARG(iterations),
	  .least = 1, .most = UINT64_MAX, .what = "a number from 1 on" },
	{ 0, "once", NULL, "one table after one delay: -b -n 1", OPT_CALL, .call = once_option },
	{ 'b', "batch", NULL, "tables one below the other; default if not on a terminal",
	  OPT_FLAG, ARG(batch) },
	{ 0, "format", "FORMAT", "table, or json: a line for each refresh", OPT_CALL, ARG(json),
	  .call = format_option, .words = "table json" },
	{ 's', "sort", "COLUMN", "live, induced, peak, rate, allocs, frees or name", OPT_CALL,
	  ARG(view.sort), .call = sort_option, .names = sort_name },
	{ 'r', "reverse", NULL, "the other way round", OPT_FLAG, ARG(view.reverse) },
	ROW_MODULE(view.modules, "only these modules"),
	{ 0, "all", NULL, "also modules that never held anything", OPT_FLAG, ARG(view.all) },
	{ 0, "openmetrics", "FILE", "rewrite FILE at each refresh", OPT_STRING,
	  ARG(openmetrics) },
	{ 0, "now", NULL, "of the running 'modmem watch', or fail if there is none", OPT_FLAG,
	  ARG(now) },
	ROW_BUFFER_SIZE(0, buffer_kb),
	ROW_NO_PROBES(no_probes),
	ROW_OWN(own),
	ROW_HELP,
};

const struct opttable top_options = {
	.usage = "Usage: modmem top [OPTIONS]\n"
		 "\n"
		 "Shows what each module holds while the kernel runs, as top does of processes. Needs\n"
		 "root. What was allocated before it began is not in it. Keys: press h.\n",
	OPTIONS(optdescs),
	.exclude = (const char *[][2]){
		{ "now", "buffer-size" }, { "now", "no-probes" },
		{ "now", "own" }, { NULL }
	},
};

int top_parse(int argc, char **argv, struct top_args *args, struct error *err)
{
	uint64_t given;
	int ret;

	*args = (struct top_args){ .delay_ns = 1000000000 };
	ret = options_parse(&top_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	if (optind < argc)
		return error_set(err, -EINVAL, "'%.60s' is not expected: top looks at the running kernel, 'modmem report' at a file. Try 'modmem help top'.",
				 argv[optind]);
	return 0;
}
