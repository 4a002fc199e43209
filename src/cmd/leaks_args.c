// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "error.h"
#include "leaks_args.h"
#include "options.h"
#include "trend.h"
#include "units.h"

#define TRY " Try 'modmem help leaks'."
#define DEFAULT_FILE "trace.dat"

#define OLDER_THAN_NS	10000000000u
#define SAMPLE_NS	1000000u	/* the distance doubles as need be */

/* Long options without a letter of their own. */
enum {
	OPT_OLDER_THAN = OPT_FIRST,
	OPT_LIKELY,
	OPT_SUPPRESS,
	OPT_EVERY,
	OPT_MODULE,
	OPT_MIN,
	OPT_ALL,
	OPT_BYTES,
	OPT_FROM,
	OPT_TO,
	OPT_FORMAT,
	OPT_JSON,
	OPT_MODULES,
	OPT_KALLSYMS,
	OPT_STRICT,
	OPT_CHECK,
};

static const struct optdesc optdescs[] = {
	{ OPT_OLDER_THAN, "older-than", "TIME", "what is younger is in use; default: 10s" },
	{ OPT_LIKELY, "likely", NULL, "exit with 1 for likely leaks too" },
	{ OPT_SUPPRESS, "suppress", "FILE", "what is known, with a reason each; repeatable" },
	{ OPT_EVERY, "every", "TIME", "slope of each place, a point every 60s or so" },
	{ OPT_MODULE, "module", "NAME[,..]", "only these modules; [kernel] has to be named" },
	{ OPT_MIN, "min", "SIZE", "only rows that hold at least that: 512, 4K, 1.5M" },
	{ OPT_ALL, "all", NULL, "all rows that are no leaks, with their stacks" },
	{ OPT_BYTES, "bytes", NULL, "exact bytes instead of 1.5K" },
	{ OPT_FROM, "from", "TIME", "only what was allocated since: 33.25, 250ms, +1.5" },
	{ OPT_TO, "to", "TIME", "as it stood then" },
	{ OPT_FORMAT, "format", "FORMAT", "table (default), json or csv" },
	{ OPT_JSON, "json", NULL, "short for --format json" },
	{ OPT_MODULES, "modules", "FILE", "saved /proc/modules of the recorded machine" },
	{ OPT_KALLSYMS, "kallsyms", "FILE", "saved /proc/kallsyms of the recorded machine" },
	{ OPT_STRICT, "strict", NULL, "exit with 3 if leaks may be there unseen" },
	{ OPT_CHECK, "check", NULL, "verify that the books balance, exit with 2 if not" },
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void leaks_options_help(FILE *out)
{
	fputs("Usage: modmem leaks [OPTIONS] [FILE]\n"
	      "\n"
	      "Replays a recording (default: " DEFAULT_FILE ") and says which memory is leaked: for\n"
	      "certain, likely, or why it is not. Exits with 1 if there is a certain one.\n"
	      "\n"
	      "Options:\n", out);
	options_help(optdescs, N_OPTIONS, out);
}

static const char *format_name(unsigned int i)
{
	return i <= VIEW_CSV ? view_format_name((enum view_format)i) : NULL;
}

static int parse_time(const char *option, const char *text, int64_t *ns,
		      bool *relative, struct error *err)
{
	int ret = time_parse(text, ns, relative);

	if (ret)
		return error_set(err, ret, "--%s takes a time such as 33.25, 250ms or +1.5; '%.60s' is %s." TRY,
				 option, text, ret == -ERANGE ? "too large" : "none");
	return 0;
}

/* A length of time, not a point in it; longer than @least ns. */
static int parse_duration(const char *option, const char *text, int64_t least,
			  uint64_t *to, struct error *err)
{
	bool relative;
	int64_t ns;
	int ret = time_parse(text, &ns, &relative);

	if (ret || relative || ns < least)
		return error_set(err, ret ? ret : -EINVAL, "--%s takes a length of time such as 60s, 250ms or 1.5; '%.60s' is %s." TRY,
				 option, text, ret == -ERANGE ? "too large" :
				 ret || relative ? "none" : "too short");
	*to = (uint64_t)ns;
	return 0;
}

static int set_option(struct leaks_args *args, int value, struct error *err)
{
	struct replay_opts *replay = &args->replay;
	struct leaks_opts *view = &args->view;
	char today[11];
	int choice = 0, ret;

	switch (value) {
	case OPT_OLDER_THAN:
		return parse_duration("older-than", optarg, 0, &args->leaks.older_than, err);
	case OPT_LIKELY:
		view->likely = true;
		break;
	case OPT_SUPPRESS:
		return suppress_read(&args->rules, optarg, suppress_today(today), err);
	case OPT_EVERY:
		view->soak = true;
		ret = parse_duration("every", optarg, TREND_BLOCK, &args->leaks.every, err);
		args->leaks.every /= TREND_BLOCK;
		return ret;
	case OPT_MODULE:
		view->modules = optarg;
		args->leaks.kernel = strstr(optarg, "[kernel]") != NULL;
		break;
	case OPT_MIN:
		ret = size_parse(optarg, &view->min_bytes);
		if (ret)
			return error_set(err, ret, "--min takes a size such as 4096, 16K or 1.5M; '%.60s' is %s." TRY,
					 optarg, ret == -ERANGE ? "too large" : "none");
		break;
	case OPT_ALL:
		view->all = true;
		break;
	case OPT_BYTES:
		view->exact_bytes = true;
		break;
	case OPT_FROM:
		return parse_time("from", optarg, &replay->from,
				  &replay->from_relative, err);
	case OPT_TO:
		return parse_time("to", optarg, &replay->to, &replay->to_relative, err);
	case OPT_FORMAT:
		choice = options_choose("leaks", "format", optarg, format_name, err);
		args->format = choice < 0 ? VIEW_TABLE : (enum view_format)choice;
		break;
	case OPT_JSON:
		args->format = VIEW_JSON;
		break;
	case OPT_MODULES:
		replay->modules_file = optarg;
		break;
	case OPT_KALLSYMS:
		replay->kallsyms_file = optarg;
		break;
	case OPT_STRICT:
		view->strict = true;
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

int leaks_parse(int argc, char **argv, struct leaks_args *args, struct error *err)
{
	struct option options[N_OPTIONS + 1];
	int value, ret;

	options_long(optdescs, N_OPTIONS, options);
	*args = (struct leaks_args){
		.replay = {
			.path = DEFAULT_FILE,
			.from = REPLAY_NO_TIME,
			.to = REPLAY_NO_TIME,
		},
		.leaks = { .older_than = OLDER_THAN_NS, .every = SAMPLE_NS },
	};

	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return options_bad(optdescs, N_OPTIONS, argv, value, err);
		ret = set_option(args, value, err);
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
	if (args->replay.from != REPLAY_NO_TIME && args->replay.to != REPLAY_NO_TIME &&
	    args->replay.from_relative == args->replay.to_relative &&
	    args->replay.from > args->replay.to)
		return error_set(err, -EINVAL, "--from is later than --to." TRY);
	return 0;
}

void leaks_args_free(struct leaks_args *args)
{
	suppress_free(&args->rules);
}
