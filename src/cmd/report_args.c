// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "error.h"
#include "replay_args.h"
#include "report_args.h"

#define TRY " Try 'modmem help report'."

/* Long options without a letter of their own. */
enum {
	OPT_BY = OPT_FIRST,
	OPT_MODULE,
	OPT_SORT,
	OPT_COLUMNS,
	OPT_MIN,
	OPT_ALL,
	OPT_BYTES,
	OPT_OVERHEAD,
	OPT_FORMAT,
	OPT_JSON,
	OPT_ADDRESSES,
	OPT_RECONCILE,
	OPT_TIMELINE,
	OPT_LINES,
	OPT_STRICT,
};

static const struct optdesc optdescs[] = {
	{ OPT_BY, "by", "WHAT", "rows: module (default), site, cache, stack or task" },
	{ OPT_MODULE, "module", "NAME[,..]", "only these modules" },
	{ OPT_SORT, "sort", "COLUMN", "largest first, texts by alphabet; default: LIVE" },
	{ OPT_COLUMNS, "columns", "LIST", "these columns; +COLUMN[,..] adds to the default" },
	{ OPT_MIN, "min", "SIZE", "only rows that hold at least that: 512, 4K, 1.5M" },
	{ OPT_ALL, "all", NULL, "rows that hold nothing too" },
	{ OPT_BYTES, "bytes", NULL, "exact bytes instead of 1.5K" },
	{ OPT_OVERHEAD, "overhead", NULL, "what allocators took for themselves too" },
	ROW_AT,
	ROW_FROM,
	{ OPT_TO, "to", "TIME", "only what happened until then" },
	{ OPT_FORMAT, "format", "FORMAT", "table (default), json or csv" },
	{ OPT_JSON, "json", NULL, "short for --format json" },
	{ OPT_ADDRESSES, "addresses", NULL, "json: kernel addresses of the places too" },
	ROW_ATTRIBUTE,
	ROW_MODULES,
	ROW_KALLSYMS,
	{ OPT_RECONCILE, "reconcile", NULL, "the kernel's own counters, and what explains their growth" },
	{ OPT_TIMELINE, "timeline", NULL, "a column with the live bytes over time" },
	{ OPT_LINES, "lines", NULL, "file and line of sites and frames, from debug info" },
	{ OPT_VMLINUX, "vmlinux", "FILE", "kernel with symbols, debug info for --lines" },
	ROW_MODULE_DIR,
	ROW_DEBUG_DIR,
	ROW_PAGE_SIZE,
	{ OPT_STRICT, "strict", NULL, "exit with 3 if the recording is not good enough" },
	ROW_CHECK,
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void report_options_help(FILE *out)
{
	fputs("Usage: modmem report [OPTIONS] [FILE]\n"
	      "\n"
	      "Replays a recording (default: " REPLAY_FILE ") and shows what each module holds.\n"
	      "\n"
	      "Options:\n", out);
	options_help(optdescs, N_OPTIONS, out);
}

static const char *by_name(unsigned int i)
{
	return view_by_name((enum view_by)i);
}

static const char *format_name(unsigned int i)
{
	return view_format_name((enum view_format)i);
}

/* The command line in the making. */
struct setting {
	struct report_args *args;
	bool to;		/* --to was seen */
};

/* NOLINTNEXTLINE(readability-function-size): a few lines for each option */
static int set_option(void *arg, int value, struct error *err)
{
	struct setting *seen = arg;
	struct report_args *args = seen->args;
	struct replay_opts *replay = &args->replay;
	struct view_opts *view = &args->view;
	int choice = 0;

	seen->to |= value == OPT_TO;
	switch (value) {
	case OPT_BY:
		choice = options_choose("report", "by", optarg, by_name, err);
		view->by = choice < 0 ? VIEW_BY_MODULE : (enum view_by)choice;
		break;
	case OPT_MODULE:
		return options_modules("report", optarg, &view->modules, err);
	case OPT_SORT:
		view->sort = optarg;
		break;
	case OPT_COLUMNS:
		view->columns = optarg;
		break;
	case OPT_MIN:
		return options_size("report", "min", optarg, &view->min_bytes, err);
	case OPT_ALL:
		view->all = true;
		break;
	case OPT_BYTES:
		view->exact_bytes = true;
		break;
	case OPT_OVERHEAD:
		view->overhead = true;
		break;
	case OPT_FORMAT:
		choice = options_choose("report", "format", optarg, format_name, err);
		args->format = choice < 0 ? VIEW_TABLE : (enum view_format)choice;
		break;
	case OPT_JSON:
		args->format = VIEW_JSON;
		break;
	case OPT_ADDRESSES:
		view->addresses = true;
		break;
	case OPT_RECONCILE:
		replay->reconcile = true;
		break;
	case OPT_TIMELINE:
		view->timeline = true;
		break;
	case OPT_LINES:
		replay->lines = view->lines = true;
		break;
	case OPT_STRICT:
		args->strict = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	default:
		return replay_option(replay, "report", value, err);
	}
	return choice < 0 ? choice : 0;
}

/* What no option is wrong in alone. */
static int check(const struct setting *seen, struct error *err)
{
	const struct report_args *args = seen->args;
	const struct replay_opts *replay = &args->replay;
	int ret;

	if (replay->at && seen->to)
		return error_set(err, -EINVAL, "--at and --to exclude each other." TRY);
	ret = replay_window(replay, "report", err);
	if (ret)
		return ret;
	if (replay->reconcile &&
	    (replay->from != REPLAY_NO_TIME || replay->to != REPLAY_NO_TIME))
		return error_set(err, -EINVAL, "--reconcile is about the whole recording: without --at, --from and --to." TRY);
	if (replay->reconcile && args->format == VIEW_TABLE &&
	    (args->view.by != VIEW_BY_MODULE || args->view.timeline))
		return error_set(err, -EINVAL, "--reconcile shows the counters instead of the table: without --by and --timeline." TRY);
	if (args->view.addresses && args->format != VIEW_JSON)
		return error_set(err, -EINVAL, "--addresses is for --format json." TRY);
	if (args->view.timeline && args->view.by != VIEW_BY_MODULE)
		return error_set(err, -EINVAL, "--timeline is for --by module." TRY);
	return view_check(&args->view, err);
}

int report_parse(int argc, char **argv, struct report_args *args,
		 struct error *err)
{
	struct setting seen = { .args = args };
	int ret;

	*args = (struct report_args){
		.replay = REPLAY_ALL,
		.view = { .footer = true },
	};
	ret = options_parse(optdescs, N_OPTIONS, false, argc, argv, set_option, &seen, err);
	if (ret || args->help)
		return ret;
	ret = replay_operand(&args->replay, argc, argv, err);
	if (ret)
		return ret;
	args->replay.lines_of = args->view.modules;
	/* the column can be asked for by name, too */
	args->replay.series = args->view.timeline ||
			      (args->view.columns && strcasestr(args->view.columns, "timeline"));
	args->replay.by_task = args->view.by == VIEW_BY_TASK;
	args->replay.by_stack = args->view.by == VIEW_BY_STACK;
	return check(&seen, err);
}
