// SPDX-License-Identifier: GPL-2.0-or-later
#include "top_args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "options.h"

#define DELAY_LEAST_NS	100000000	/* it is polled so often */
#define DELAY_MOST_NS	(86400 * INT64_C(1000000000))
#define MOST_KB		(1024u * 1024 * 1024)

/* Long options without a letter of their own. */
enum {
	OPT_ONCE = OPT_FIRST,
	OPT_FORMAT,
	OPT_MODULE,
	OPT_ALL,
	OPT_OPENMETRICS,
	OPT_BUFFER,
	OPT_NO_PROBES,
};

static const struct optdesc optdescs[] = {
	{ 'd', "delay", "TIME", "refresh so often: 1 (default), 2.5, 300ms" },
	{ 'n', "iterations", "N", "end after N refreshes" },
	{ OPT_ONCE, "once", NULL, "one table after one delay: -b -n 1" },
	{ 'b', "batch", NULL, "tables one below the other; default if not on a terminal" },
	{ OPT_FORMAT, "format", "FORMAT", "table, or json: a line for each refresh" },
	{ 's', "sort", "COLUMN", "live, induced, peak, rate, allocs, frees or name" },
	{ 'r', "reverse", NULL, "the other way round" },
	{ OPT_MODULE, "module", "NAME[,..]", "only these modules" },
	{ OPT_ALL, "all", NULL, "also modules that never held anything" },
	{ OPT_OPENMETRICS, "openmetrics", "FILE", "rewrite FILE at each refresh" },
	{ OPT_BUFFER, "buffer-size", "KB", "ring buffer per CPU, KiB; default: from free memory" },
	{ OPT_NO_PROBES, "no-probes", NULL, "only the kernel's own events" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void top_options_help(FILE *out)
{
	options_help(optdescs, N_OPTIONS, out);
}

static int parse_delay(const char *text, double *delay, struct error *err)
{
	int64_t ns = 0;
	int ret = options_duration("top", "delay",
				   "a time from 100ms to a day, such as 1, 2.5 or 300ms",
				   text, DELAY_LEAST_NS, DELAY_MOST_NS, &ns, err);

	*delay = (double)ns / 1e9;
	return ret;
}

static int parse_sort(const char *text, enum top_sort *sort, struct error *err)
{
	for (int i = 0; i < TOP_SORTS; i++)
		if (!strcasecmp(text, top_sort_name(i))) {
			*sort = i;
			return 0;
		}
	return error_set(err, -EINVAL, "no column '%.60s' to sort by; there are live, induced, peak, rate, allocs, frees and name. Try 'modmem help top'.",
			 text);
}

static int parse_format(const char *text, bool *json, struct error *err)
{
	*json = !strcmp(text, "json");
	if (*json || !strcmp(text, "table"))
		return 0;
	return error_set(err, -EINVAL, "--format takes table or json, not '%.60s'. Try 'modmem help top'.",
			 text);
}

static int set_option(void *arg, int value, struct error *err)
{
	struct top_args *args = arg;

	switch (value) {
	case 'd':
		return parse_delay(optarg, &args->delay, err);
	case 'n':
		return options_number("top", "iterations", "a number from 1 on", optarg,
				      1, UINT64_MAX, &args->iterations, err);
	case OPT_ONCE:
		args->batch = true;
		args->iterations = 1;
		break;
	case 'b':
		args->batch = true;
		break;
	case OPT_FORMAT:
		return parse_format(optarg, &args->json, err);
	case 's':
		return parse_sort(optarg, &args->view.sort, err);
	case 'r':
		args->view.reverse = true;
		break;
	case OPT_MODULE:
		return options_modules("top", optarg, &args->view.modules, err);
	case OPT_ALL:
		args->view.all = true;
		break;
	case OPT_OPENMETRICS:
		args->openmetrics = optarg;
		break;
	case OPT_BUFFER:
		return options_number("top", "buffer-size", "KiB per CPU such as 4096", optarg,
				      1, MOST_KB, &args->buffer_kb, err);
	case OPT_NO_PROBES:
		args->no_probes = true;
		break;
	case 'h':
		args->help = true;
		break;
	}
	return 0;
}

int top_parse(int argc, char **argv, struct top_args *args, struct error *err)
{
	int ret;

	*args = (struct top_args){ .delay = 1 };
	ret = options_parse(optdescs, N_OPTIONS, false, argc, argv, set_option, args, err);
	if (ret || args->help)
		return ret;
	if (optind < argc)
		return error_set(err, -EINVAL, "'%.60s' is not expected: top looks at the running kernel, 'modmem report' at a file. Try 'modmem help top'.",
				 argv[optind]);
	return 0;
}
