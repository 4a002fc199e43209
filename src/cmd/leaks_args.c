// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "error.h"
#include "leaks_args.h"
#include "replay_args.h"
#include "trend.h"

#define ARGS struct leaks_args
#define LENGTH	"a length of time such as 60s, 250ms or 1.5"

static int suppress_option(void *rules, const char *command, const char *path,
			   struct error *err)
{
	char today[11];

	(void)command;
	return suppress_read(rules, path, suppress_today(today), err);
}

static const struct optdesc optdescs[] = {
	{ 0, "older-than", "TIME", "what is younger is in use; default: 10s", OPT_DURATION,
	  ARG(leaks.older_than), .most = INT64_MAX, .what = LENGTH },
	{ 0, "likely", NULL, "exit with 1 for likely leaks too", OPT_FLAG, ARG(view.likely) },
	{ 0, "suppress", "FILE", "what is known, with a reason each; repeatable", OPT_CALL,
	  ARG(rules), .call = suppress_option },
	{ 0, "every", "TIME", "slope of each place, a point every 60s or so", OPT_DURATION,
	  ARG(leaks.every), .least = TREND_BLOCK, .most = INT64_MAX, .what = LENGTH },
	ROW_MODULE(view.modules, "only these modules; [kernel] has to be named"),
	ROW_MIN,
	{ 0, "all", NULL, "all rows that are no leaks, with their stacks", OPT_FLAG,
	  ARG(view.all) },
	ROW_BYTES(view.exact_bytes),
	ROW_NOW,
	ROW_FROM("only what was allocated since: 33.25, 250ms, +1.5"),
	ROW_TO("as it stood then"),
	ROWS_FORMAT(format),
	ROWS_SYMBOLS,
	ROWS_FILES(replay.files, FILES_SYMBOLS),
	ROW_PAGE_SIZE(PAGE_SIZE_RECORDED),
	ROW_STRICT(view.strict, "exit with 3 if leaks may be there unseen"),
	ROW_CHECK,
	ROW_NOTES(view.notes),
	ROW_NO_PAGER(no_pager),
	ROWS_QUIET_HELP,
};

const struct opttable leaks_options = {
	.usage = "Usage: modmem leaks [OPTIONS] [FILE]\n"
		 "\n"
		 "Replays a recording (default: " REPLAY_FILE ") and says which memory is leaked: for\n"
		 "certain, likely, or why it is not. Exits with 1 if there is a certain one.\n",
	OPTIONS(optdescs),
	.operands = "FILE",
};

int leaks_parse(int argc, char **argv, struct leaks_args *args, struct error *err)
{
	uint64_t given;
	int ret;

	*args = (struct leaks_args){
		.replay = REPLAY_ALL,
		.leaks = LEAK_OPTS_DEFAULT,
	};
	ret = options_parse(&leaks_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	args->view.soak = options_given(&leaks_options, given, "every");
	if (args->view.soak)
		args->leaks.every /= TREND_BLOCK;
	args->leaks.kernel = args->view.modules && strstr(args->view.modules, "[kernel]");
	ret = replay_operand(&args->replay, argc, argv, err);
	return ret ? ret : replay_window(&args->replay, "leaks", err);
}

void leaks_args_free(struct leaks_args *args)
{
	suppress_free(&args->rules);
}
