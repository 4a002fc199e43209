// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "error.h"
#include "options.h"
#include "report_args.h"
#include "units.h"

#define TRY " Try 'modmem help report'."
#define DEFAULT_FILE "trace.dat"

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
	OPT_AT,
	OPT_FROM,
	OPT_TO,
	OPT_FORMAT,
	OPT_JSON,
	OPT_ADDRESSES,
	OPT_RECONCILE,
	OPT_ATTRIBUTE,
	OPT_MODULES,
	OPT_KALLSYMS,
	OPT_TIMELINE,
	OPT_LINES,
	OPT_VMLINUX,
	OPT_MODULE_DIR,
	OPT_DEBUG_DIR,
	OPT_PAGE_SIZE,
	OPT_STRICT,
	OPT_CHECK,
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
	{ OPT_AT, "at", "TIME", "as it stood then: 33.25, 250ms, +1.5 after the start" },
	{ OPT_FROM, "from", "TIME", "only what was allocated since" },
	{ OPT_TO, "to", "TIME", "only what happened until then" },
	{ OPT_FORMAT, "format", "FORMAT", "table (default), json or csv" },
	{ OPT_JSON, "json", NULL, "short for --format json" },
	{ OPT_ADDRESSES, "addresses", NULL, "json: kernel addresses of the places too" },
	{ OPT_ATTRIBUTE, "attribute", "MODE", "charge the own (default), nearest or outermost" },
	{ OPT_MODULES, "modules", "FILE", "saved /proc/modules of the recorded machine" },
	{ OPT_KALLSYMS, "kallsyms", "FILE", "saved /proc/kallsyms of the recorded machine" },
	{ OPT_RECONCILE, "reconcile", NULL, "the kernel's own counters, and what explains their growth" },
	{ OPT_TIMELINE, "timeline", NULL, "a column with the live bytes over time" },
	{ OPT_LINES, "lines", NULL, "file and line of sites and frames, from debug info" },
	{ OPT_VMLINUX, "vmlinux", "FILE", "kernel with symbols, debug info for --lines" },
	{ OPT_MODULE_DIR, "module-dir", "DIR", "with NAME.ko[.xz..] in or below it; repeatable" },
	{ OPT_DEBUG_DIR, "debug-dir", "DIR", "of separate debug files; default: /usr/lib/debug" },
	{ OPT_PAGE_SIZE, "page-size", "SIZE", "of the recorded machine, for a text log; default: 4K" },
	{ OPT_STRICT, "strict", NULL, "exit with 3 if the recording is not good enough" },
	{ OPT_CHECK, "check", NULL, "verify that the books balance, exit with 2 if not" },
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void report_options_help(FILE *out)
{
	fputs("Usage: modmem report [OPTIONS] [FILE]\n"
	      "\n"
	      "Replays a recording (default: " DEFAULT_FILE ") and shows what each module holds.\n"
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

static const char *attribute_name(unsigned int i)
{
	return attribute_mode_name((enum attribute_mode)i);
}

static int parse_size(const char *option, const char *text, uint64_t *bytes,
		      struct error *err)
{
	int ret = size_parse(text, bytes);

	if (ret)
		return error_set(err, ret, "--%s takes a size such as 4096, 16K or 1.5M; '%.60s' is %s." TRY,
				 option, text, ret == -ERANGE ? "too large" : "none");
	return 0;
}

/* What kernels have: 4K to 256K (powerpc), a power of two. */
static int parse_page_size(const char *text, uint32_t *page_size, struct error *err)
{
	uint64_t bytes;
	int ret = parse_size("page-size", text, &bytes, err);

	if (ret)
		return ret;
	if (bytes < 4096 || bytes > 262144 || (bytes & (bytes - 1)))
		return error_set(err, -EINVAL, "--page-size is a power of two from 4K to 256K, not '%.60s'." TRY,
				 text);
	*page_size = (uint32_t)bytes;
	return 0;
}

static int add_dir(const char *option, const char **dirs, size_t *n, struct error *err)
{
	return options_dir("report", option, optarg, dirs, n, SYMFILES_DIRS_MAX, err);
}

/* Options that are seen only together. */
struct pending {
	bool at;
	bool to;
};

static int set_option(struct report_args *args, int value, struct pending *seen,
		      struct error *err)
{
	struct replay_opts *replay = &args->replay;
	struct view_opts *view = &args->view;
	int choice = 0;

	switch (value) {
	case OPT_BY:
		choice = options_choose("report", "by", optarg, by_name, err);
		view->by = choice < 0 ? VIEW_BY_MODULE : (enum view_by)choice;
		break;
	case OPT_MODULE:
		view->modules = optarg;
		break;
	case OPT_SORT:
		view->sort = optarg;
		break;
	case OPT_COLUMNS:
		view->columns = optarg;
		break;
	case OPT_MIN:
		return parse_size("min", optarg, &view->min_bytes, err);
	case OPT_ALL:
		view->all = true;
		break;
	case OPT_BYTES:
		view->exact_bytes = true;
		break;
	case OPT_OVERHEAD:
		view->overhead = true;
		break;
	case OPT_AT:
		seen->at = true;
		return options_time("report", "at", optarg, &replay->to, &replay->to_relative, err);
	case OPT_FROM:
		return options_time("report", "from", optarg, &replay->from,
				    &replay->from_relative, err);
	case OPT_TO:
		seen->to = true;
		return options_time("report", "to", optarg, &replay->to, &replay->to_relative, err);
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
	case OPT_ATTRIBUTE:
		choice = options_choose("report", "attribute", optarg, attribute_name, err);
		replay->attribute = choice < 0 ? ATTRIBUTE_OWN :
				    (enum attribute_mode)choice;
		break;
	case OPT_MODULES:
		replay->modules_file = optarg;
		break;
	case OPT_KALLSYMS:
		replay->kallsyms_file = optarg;
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
	case OPT_VMLINUX:
		replay->files.vmlinux = optarg;
		break;
	case OPT_MODULE_DIR:
		return add_dir("module-dir", replay->files.module_dirs,
			       &replay->files.n_module_dirs, err);
	case OPT_DEBUG_DIR:
		return add_dir("debug-dir", replay->files.debug_dirs,
			       &replay->files.n_debug_dirs, err);
	case OPT_PAGE_SIZE:
		return parse_page_size(optarg, &replay->page_size, err);
	case OPT_STRICT:
		args->strict = true;
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

/* What no option is wrong in alone. */
static int check(struct report_args *args, const struct pending *seen,
		 struct error *err)
{
	const struct replay_opts *replay = &args->replay;

	if (seen->at && seen->to)
		return error_set(err, -EINVAL, "--at and --to exclude each other." TRY);
	if (replay->from != REPLAY_NO_TIME && replay->to != REPLAY_NO_TIME &&
	    replay->from_relative == replay->to_relative &&
	    replay->from > replay->to)
		return error_set(err, -EINVAL, "--from is later than --%s." TRY,
				 seen->at ? "at" : "to");
	if (replay->reconcile &&
	    (replay->from != REPLAY_NO_TIME || replay->to != REPLAY_NO_TIME))
		return error_set(err, -EINVAL, "--reconcile is about the whole recording: without --at, --from and --to." TRY);
	if (args->view.timeline && args->view.by != VIEW_BY_MODULE)
		return error_set(err, -EINVAL, "--timeline is for --by module." TRY);
	return view_check(&args->view, err);
}

int report_parse(int argc, char **argv, struct report_args *args,
		 struct error *err)
{
	struct option options[N_OPTIONS + 1];
	struct pending seen = { 0 };
	int value, ret;

	options_long(optdescs, N_OPTIONS, options);
	*args = (struct report_args){
		.replay = {
			.path = DEFAULT_FILE,
			.from = REPLAY_NO_TIME,
			.to = REPLAY_NO_TIME,
		},
		.view = { .footer = true },
	};

	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return options_bad(optdescs, N_OPTIONS, argv, value, err);
		ret = set_option(args, value, &seen, err);
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
	args->replay.lines_of = args->view.modules;
	/* the column can be asked for by name, too */
	args->replay.series = args->view.timeline ||
			      (args->view.columns && strcasestr(args->view.columns, "timeline"));
	args->replay.by_task = args->view.by == VIEW_BY_TASK;
	args->replay.by_stack = args->view.by == VIEW_BY_STACK;
	return check(args, &seen, err);
}
