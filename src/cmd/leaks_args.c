// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "error.h"
#include "leaks_args.h"
#include "replay_args.h"
#include "trend.h"

#define TRY " Try 'modmem help leaks'."

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
	OPT_FORMAT,
	OPT_JSON,
	OPT_STRICT,
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
	ROW_MODULES,
	ROW_KALLSYMS,
	ROW_PAGE_SIZE,
	{ OPT_STRICT, "strict", NULL, "exit with 3 if leaks may be there unseen" },
	ROW_CHECK,
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void leaks_options_help(FILE *out)
{
	fputs("Usage: modmem leaks [OPTIONS] [FILE]\n"
	      "\n"
	      "Replays a recording (default: " REPLAY_FILE ") and says which memory is leaked: for\n"
	      "certain, likely, or why it is not. Exits with 1 if there is a certain one.\n"
	      "\n"
	      "Options:\n", out);
	options_help(optdescs, N_OPTIONS, out);
}

static const char *format_name(unsigned int i)
{
	return i <= VIEW_CSV ? view_format_name((enum view_format)i) : NULL;
}

static int parse_duration(const char *option, const char *text, int64_t least,
			  uint64_t *to, struct error *err)
{
	int64_t ns = 0;
	int ret = options_duration("leaks", option,
				   "a length of time such as 60s, 250ms or 1.5", text,
				   least, INT64_MAX, &ns, err);

	*to = (uint64_t)ns;
	return ret;
}

static int set_option(void *arg, int value, struct error *err)
{
	struct leaks_args *args = arg;
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
		args->leaks.kernel = strstr(optarg, "[kernel]") != NULL;
		return options_modules("leaks", optarg, &view->modules, err);
	case OPT_MIN:
		return options_size("leaks", "min", optarg, &view->min_bytes, err);
	case OPT_ALL:
		view->all = true;
		break;
	case OPT_BYTES:
		view->exact_bytes = true;
		break;
	case OPT_FORMAT:
		choice = options_choose("leaks", "format", optarg, format_name, err);
		args->format = choice < 0 ? VIEW_TABLE : (enum view_format)choice;
		break;
	case OPT_JSON:
		args->format = VIEW_JSON;
		break;
	case OPT_STRICT:
		view->strict = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	default:
		return replay_option(&args->replay, "leaks", value, err);
	}
	return choice < 0 ? choice : 0;
}

int leaks_parse(int argc, char **argv, struct leaks_args *args, struct error *err)
{
	int ret;

	*args = (struct leaks_args){
		.replay = REPLAY_ALL,
		.leaks = { .older_than = OLDER_THAN_NS, .every = SAMPLE_NS },
	};
	ret = options_parse(optdescs, N_OPTIONS, false, argc, argv, set_option, args, err);
	if (ret || args->help)
		return ret;
	ret = replay_operand(&args->replay, argc, argv, err);
	return ret ? ret : replay_window(&args->replay, "leaks", err);
}

void leaks_args_free(struct leaks_args *args)
{
	suppress_free(&args->rules);
}
