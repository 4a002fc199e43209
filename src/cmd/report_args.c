// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "complete.h"
#include "error.h"
#include "leaks.h"
#include "replay_args.h"
#include "report_args.h"

#define TRY " Try 'modmem help report'."

#define ARGS struct report_args

static const char *by_name(unsigned int i)
{
	return view_by_name((enum view_by)i);
}

static const struct optdesc optdescs[] = {
	{ 0, "by", "WHAT", "rows: module (default), site, cache, stack or task", OPT_CHOICE,
	  ARG(view.by), .names = by_name },
	ROW_MODULE(view.modules, "only these modules"),
	{ 0, "sort", "COLUMN", "largest first, texts by alphabet; default: LIVE", OPT_STRING,
	  ARG(view.sort), .suggest = suggest_columns },
	{ 0, "columns", "LIST", "these columns; +COLUMN[,..] adds to the default", OPT_STRING,
	  ARG(view.columns), .list = true, .suggest = suggest_columns },
	ROW_MIN,
	{ 0, "all", NULL, "rows that hold nothing too", OPT_FLAG, ARG(view.all) },
	ROW_BYTES(view.exact_bytes),
	{ 0, "overhead", NULL, "what allocators took for themselves too", OPT_FLAG,
	  ARG(view.overhead) },
	ROW_NOW,
	ROWS_AT_FROM,
	ROW_TO("only what happened until then"),
	ROWS_FORMAT(format),
	{ 0, "full", NULL, "json: all that a report can be made of again", OPT_FLAG,
	  ARG(view.full) },
	{ 0, "addresses", NULL, "json: kernel addresses of the places too", OPT_FLAG,
	  ARG(view.addresses) },
	ROW_ATTRIBUTE,
	ROWS_SYMBOLS,
	{ 0, "reconcile", NULL, "the kernel's own counters, and what explains their growth",
	  OPT_FLAG, ARG(reconcile) },
	{ 0, "page-owner", "FILE", "pages since boot, of a text of debug/page_owner", OPT_STRING,
	  ARG(page_owner) },
	{ 0, "timeline", NULL, "a column with the live bytes over time", OPT_FLAG,
	  ARG(view.timeline) },
	{ 0, "lines", NULL, "file and line of sites and frames, from debug info", OPT_FLAG,
	  ARG(view.lines) },
	ROWS_SYMFILES(replay.files, "kernel with symbols, debug info for --lines"),
	ROW_PAGE_SIZE(PAGE_SIZE_RECORDED),
	ROW_STRICT(strict, STRICT_RECORDING),
	ROW_CHECK,
	ROW_NOTES(view.notes),
	ROW_NO_PAGER(no_pager),
	ROWS_QUIET_HELP,
};

const struct opttable report_options = {
	.usage = "Usage: modmem report [OPTIONS] [FILE]\n"
		 "\n"
		 "Replays a recording (default: " REPLAY_FILE "), or reads a saved report, and shows\n"
		 "what each module holds.\n",
	OPTIONS(optdescs),
	.exclude = (const char *[][2]){ { "at", "to" }, { "now", "page-owner" }, { NULL } },
	.operands = "FILE",
};

/* Of --full. */
static const struct leak_opts leaks = LEAK_OPTS_DEFAULT;

/* What no option is wrong in alone. */
static int check(const struct report_args *args, struct error *err)
{
	const struct replay_opts *replay = &args->replay;
	int ret = replay_window(replay, "report", err);

	if (ret)
		return ret;
	if (args->reconcile &&
	    (replay->from != REPLAY_NO_TIME || replay->to != REPLAY_NO_TIME))
		return error_set(err, -EINVAL, "--reconcile is about the whole recording: without --at, --from and --to." TRY);
	if (args->reconcile && args->format == VIEW_TABLE &&
	    (args->view.by != VIEW_BY_MODULE || args->view.timeline))
		return error_set(err, -EINVAL, "--reconcile shows the counters instead of the table: without --by and --timeline." TRY);
	if (args->view.addresses && args->format != VIEW_JSON)
		return error_set(err, -EINVAL, "--addresses is for --format json." TRY);
	if (args->view.full && args->format != VIEW_JSON)
		return error_set(err, -EINVAL, "--full is for --format json." TRY);
	if (args->view.timeline && args->view.by != VIEW_BY_MODULE)
		return error_set(err, -EINVAL, "--timeline is for --by module." TRY);
	return view_check(&args->view, err);
}

int report_parse(int argc, char **argv, struct report_args *args,
		 struct error *err)
{
	uint64_t given;
	int ret;

	*args = (struct report_args){
		.replay = REPLAY_ALL,
		.view = { .footer = true },
	};
	ret = options_parse(&report_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	ret = replay_operand(&args->replay, argc, argv, err);
	if (ret)
		return ret;
	if (args->page_owner && optind < argc)
		return error_set(err, -EINVAL, "--page-owner stands for the recording: not '%.60s' too." TRY,
				 argv[optind]);
	if (args->page_owner) {
		args->replay.path = args->page_owner;
		args->replay.page_owner = true;
	}
	args->replay.at = options_given(&report_options, given, "at");
	args->replay.lines = args->view.lines;
	args->replay.lines_of = args->view.modules;
	/* the column can be asked for by name, too */
	args->replay.series = args->view.timeline || args->view.full ||
			      (args->view.columns && strcasestr(args->view.columns, "timeline"));
	args->replay.reconcile = args->reconcile || args->view.full;
	args->replay.by_task = args->view.by == VIEW_BY_TASK || args->view.full;
	if (args->view.full)
		args->replay.leaks = &leaks;
	args->replay.by_stack = args->view.by == VIEW_BY_STACK || args->view.full;
	return check(args, err);
}
