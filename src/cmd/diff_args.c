// SPDX-License-Identifier: GPL-2.0-or-later
#include "diff_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "replay_args.h"

#define TRY " Try 'modmem help diff'."

enum {
	OPT_FAIL_ON = OPT_FIRST,
	OPT_LIMITS,
	OPT_METRIC,
	OPT_FORMAT,
	OPT_ALL,
	OPT_BYTES,
	OPT_LINES,
	OPT_ALLOW_UNTRUSTED,
	OPT_ALLOW_DIFFERENT,
};

static const struct optdesc optdescs[] = {
	{ OPT_FAIL_ON, "fail-on", "LIMIT", "exit with 1 if it is broken; may come often; none: compare only" },
	{ OPT_LIMITS, "limits", "FILE", "limits and suppressions, one a line" },
	{ OPT_METRIC, "metric", "LIST", "what to show: live,peak,... or all" },
	{ OPT_FORMAT, "format", "FORMAT", "table (default), json, junit, markdown or github" },
	{ OPT_ALL, "all", NULL, "what did not change, and places of the kernel, too" },
	{ OPT_BYTES, "bytes", NULL, "exact bytes instead of 1.5K" },
	{ OPT_LINES, "lines", NULL, "file and line of places in NEW, from debug info" },
	{ OPT_VMLINUX, "vmlinux", "FILE", "kernel with debug info for --lines" },
	ROW_MODULE_DIR,
	ROW_DEBUG_DIR,
	{ OPT_ALLOW_UNTRUSTED, "allow-untrusted", NULL, "go on with recordings that are not good enough" },
	{ OPT_ALLOW_DIFFERENT, "allow-different", NULL, "other architecture, page size, or order in time" },
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void diff_help(FILE *out)
{
	fputs("Usage: modmem diff [OPTIONS] BASE[,..] NEW[,..]\n"
	      "\n"
	      "Says what modules hold more in NEW than in BASE, and where. Each is a trace.dat\n"
	      "or what 'modmem report --format json' saved; several of a side are its spread.\n"
	      "\n"
	      "Options:\n", out);
	options_help(optdescs, N_OPTIONS, out);
	fputs("\n"
	      "A limit is [MODULE[:FUNCTION].]METRIC>BOUND, without any: live>+0 and leaked>+0.\n"
	      "Metrics: live, peak, leaked, overhead, allocs, churn, induced.\n"
	      "Bounds: 64K, or above the base: +64K, +5%, +5%&+64K (broken only if both are).\n"
	      "Exit status: 0 within limits, 1 a limit is broken, 2 could not compare,\n"
	      "3 a recording is not good enough to say.\n", out);
}

static const char *format_name(unsigned int i)
{
	return diff_format_name((enum diff_format)i);
}

static int parse_metrics(const char *list, uint32_t *metrics, struct error *err)
{
	*metrics = 0;
	if (!strcmp(list, "all")) {
		*metrics = METRICS_ALL;
		return 0;
	}
	while (list) {
		size_t len = strcspn(list, ",");
		enum metric m = metric_find(list, len);

		if (m == METRIC_MAX)
			return error_set(err, -EINVAL, "--metric is a list of live, peak, leaked, overhead, allocs, churn, induced, or all; there is no '%.*s'." TRY,
					 len > 60 ? 60 : (int)len, list);
		*metrics |= METRIC_BIT(m);
		list = list[len] ? list + len + 1 : NULL;
	}
	return 0;
}

static int set_option(void *arg, int value, struct error *err)
{
	struct diff_args *args = arg;
	char today[11];
	int choice;

	switch (value) {
	case OPT_FAIL_ON:
		if (strcmp(optarg, "none"))
			return limits_add(&args->limits, optarg, NULL, err);
		args->no_limits = true;
		break;
	case OPT_LIMITS:
		return limits_read(&args->limits, optarg, suppress_today(today), err);
	case OPT_METRIC:
		return parse_metrics(optarg, &args->metrics, err);
	case OPT_FORMAT:
		choice = options_choose("diff", "format", optarg, format_name, err);
		if (choice < 0)
			return choice;
		args->format = (enum diff_format)choice;
		break;
	case OPT_ALL:
		args->all = true;
		break;
	case OPT_BYTES:
		args->exact_bytes = true;
		break;
	case OPT_LINES:
		args->lines = true;
		break;
	case OPT_ALLOW_UNTRUSTED:
		args->allow_untrusted = true;
		break;
	case OPT_ALLOW_DIFFERENT:
		args->allow_different = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	default:
		return symfiles_option(&args->files, "diff", value, err);
	}
	return 0;
}

int diff_parse(int argc, char **argv, struct diff_args *args, struct error *err)
{
	int ret;

	*args = (struct diff_args){ .metrics = METRICS_DEFAULT };
	ret = options_parse(optdescs, N_OPTIONS, false, argc, argv, set_option, args, err);
	if (ret || args->help)
		return ret;
	if (argc - optind != 2)
		return error_set(err, -EINVAL, "two recordings or reports to compare, BASE and NEW, not %d%s." TRY,
				 argc - optind, argc - optind > 2 ?
				 "; several of one side are joined by commas" : "");
	args->base = argv[optind];
	args->new = argv[optind + 1];
	if (args->no_limits && args->limits.n)
		return error_set(err, -EINVAL, "--fail-on none and other limits exclude each other." TRY);
	if (!args->no_limits && !args->limits.n)
		return limits_default(&args->limits, err);
	return 0;
}

void diff_args_free(struct diff_args *args)
{
	limits_free(&args->limits);
}
