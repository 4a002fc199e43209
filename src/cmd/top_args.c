// SPDX-License-Identifier: GPL-2.0-or-later
#include "top_args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "units.h"

#define DELAY_LEAST_NS	100000000	/* it is polled so often */
#define MOST_KB		(1024u * 1024 * 1024)

/* Long options without a letter of their own. */
enum {
	OPT_ONCE = 256,
	OPT_FORMAT,
	OPT_MODULE,
	OPT_ALL,
	OPT_OPENMETRICS,
	OPT_BUFFER,
	OPT_NO_PROBES,
};

static const struct optdesc {
	int value;		/* the letter, if it is one */
	const char *name;
	const char *arg;	/* NULL: takes none */
	const char *help;
} optdescs[] = {
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
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct optdesc *opt = &optdescs[i];
		char text[40];

		snprintf(text, sizeof(text), "%c%c%s --%s%s%s",
			 opt->value < 256 ? '-' : ' ',
			 opt->value < 256 ? opt->value : ' ',
			 opt->value < 256 ? "," : " ", opt->name,
			 opt->arg ? " " : "", opt->arg ? opt->arg : "");
		fprintf(out, "  %-24s %s\n", text, opt->help);
	}
}

/* What getopt_long() did not understand: the argument before optind. */
static int bad_option(char **argv, int result, struct error *err)
{
	const char *text = argv[optind - 1];

	if (result == ':')
		return error_set(err, -EINVAL, "option '%.60s' needs an argument. Try 'modmem help top'.",
				 text);
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (optopt && optopt == optdescs[i].value && text[1] == '-')
			return error_set(err, -EINVAL, "option '--%s' takes no argument. Try 'modmem help top'.",
					 optdescs[i].name);
	if (optopt && optopt < 256)
		return error_set(err, -EINVAL, "unknown option '-%c'. Try 'modmem help top'.",
				 optopt);
	return error_set(err, -EINVAL, "unknown or ambiguous option '%.60s'. Try 'modmem help top'.",
			 text);
}

static int parse_delay(const char *text, double *delay, struct error *err)
{
	bool relative;
	int64_t ns;

	if (time_parse(text, &ns, &relative) || relative || ns < DELAY_LEAST_NS ||
	    ns > 86400 * INT64_C(1000000000))
		return error_set(err, -EINVAL, "--delay takes a time from 100ms to a day, such as 1, 2.5 or 300ms; '%.60s' is none. Try 'modmem help top'.",
				 text);
	*delay = (double)ns / 1e9;
	return 0;
}

static int parse_number(const char *text, const char *option, uint64_t most,
			uint64_t *number, struct error *err)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !*number || *number > most)
		return error_set(err, -EINVAL, "--%s takes a number from 1 on; '%.60s' is none. Try 'modmem help top'.",
				 option, text);
	return 0;
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

static int set_option(struct top_args *args, int value, struct error *err)
{
	switch (value) {
	case 'd':
		return parse_delay(optarg, &args->delay, err);
	case 'n':
		return parse_number(optarg, "iterations", UINT64_MAX, &args->iterations, err);
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
		args->view.modules = optarg;
		break;
	case OPT_ALL:
		args->view.all = true;
		break;
	case OPT_OPENMETRICS:
		args->openmetrics = optarg;
		break;
	case OPT_BUFFER:
		return parse_number(optarg, "buffer-size", MOST_KB, &args->buffer_kb, err);
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
	struct option options[N_OPTIONS + 1] = { 0 };
	char letters[64] = ":";
	int value, ret;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		size_t len = strlen(letters);

		options[i] = (struct option){
			.name = optdescs[i].name,
			.has_arg = optdescs[i].arg ? required_argument : no_argument,
			.val = optdescs[i].value,
		};
		if (optdescs[i].value < 256)
			snprintf(letters + len, sizeof(letters) - len, "%c%s",
				 optdescs[i].value, optdescs[i].arg ? ":" : "");
	}
	*args = (struct top_args){ .delay = 1 };
	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return bad_option(argv, value, err);
		ret = set_option(args, value, err);
		if (ret)
			return ret;
	}
	if (!args->help && optind < argc)
		return error_set(err, -EINVAL, "'%.60s' is not expected: top looks at the running kernel, 'modmem report' at a file. Try 'modmem help top'.",
				 argv[optind]);
	return 0;
}
