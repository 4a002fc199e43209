// SPDX-License-Identifier: GPL-2.0-or-later
#include "diff_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "replay_args.h"

#define TRY " Try 'modmem help diff'."

#define ARGS struct diff_args

static const char *to_name(unsigned int i)
{
	return diff_format_name((enum diff_format)i);
}

static const char *shown_name(unsigned int i)
{
	return !i ? "all" : i <= METRIC_MAX ? metric_name((enum metric)(i - 1)) : NULL;
}

static int fail_on_option(void *field, const char *command, const char *text,
			  struct error *err)
{
	struct diff_args *args = field;

	(void)command;
	if (strcmp(text, "none"))
		return limits_add(&args->limits, text, NULL, err);
	args->no_limits = true;
	return 0;
}

static int limits_option(void *limits, const char *command, const char *path,
			 struct error *err)
{
	char today[11];

	(void)command;
	return limits_read(limits, path, suppress_today(today), err);
}

static int metric_option(void *field, const char *command, const char *list,
			 struct error *err)
{
	uint32_t *metrics = field;

	(void)command;
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

static const struct optdesc optdescs[] = {
	{ 0, "fail-on", "LIMIT", "exit with 1 if it is broken; may come often; none: compare only",
	  OPT_CALL, .call = fail_on_option, .words = "none" },
	{ 0, "limits", "FILE", "limits and suppressions, one a line", OPT_CALL, ARG(limits),
	  .call = limits_option },
	{ 0, "metric", "LIST", "what to show: live,peak,... or all", OPT_CALL, ARG(metrics),
	  .call = metric_option, .names = shown_name, .list = true },
	{ 0, "format", "FORMAT", "table (default), json, junit, markdown or github", OPT_CHOICE,
	  ARG(format), .names = to_name },
	{ 0, "all", NULL, "what did not change, and places of the kernel, too", OPT_FLAG,
	  ARG(all) },
	ROW_BYTES(exact_bytes),
	{ 0, "lines", NULL, "file and line of places in NEW, from debug info", OPT_FLAG,
	  ARG(lines) },
	ROWS_SYMFILES(files, "kernel with debug info for --lines"),
	{ 0, "allow-untrusted", NULL, "go on with recordings that are not good enough", OPT_FLAG,
	  ARG(allow_untrusted) },
	{ 0, "allow-different", NULL, "other architecture, page size, or order in time", OPT_FLAG,
	  ARG(allow_different) },
	ROW_NO_PAGER(no_pager),
	ROWS_QUIET_HELP,
};

const struct opttable diff_options = {
	.usage = "Usage: modmem diff [OPTIONS] BASE[,..] NEW[,..]\n"
		 "\n"
		 "Says what modules hold more in NEW than in BASE, and where. Each is a trace.dat\n"
		 "or what 'modmem report --format json' saved; several of a side are its spread.\n",
	OPTIONS(optdescs),
	.more = "A limit is [MODULE[:FUNCTION].]METRIC>BOUND, without any: live>+0 and leaked>+0.\n"
		"Metrics: live, peak, leaked, overhead, allocs, churn, induced.\n"
		"Bounds: 64K, or above the base: +64K, +5%, +5%&+64K (broken only if both are).\n"
		"Exit status: 0 within limits, 1 a limit is broken, 2 could not compare,\n"
		"3 a recording is not good enough to say.\n",
	.operands = "FILE",
};

int diff_parse(int argc, char **argv, struct diff_args *args, struct error *err)
{
	uint64_t given;
	int ret;

	*args = (struct diff_args){ .metrics = METRICS_DEFAULT };
	ret = options_parse(&diff_options, argc, argv, args, &given, err);
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
