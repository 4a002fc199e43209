// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch_args.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "error.h"
#include "replay_args.h"

#define ARGS struct watch_args
#define TRY " Try 'modmem help watch'."

#define DEFAULT_FILE "watch.json"
#define KEEP_MAX 10000u

static const struct optdesc optdescs[] = {
	{ 'o', "output", "FILE", "save the report as FILE[.zst] (default: " DEFAULT_FILE ")",
	  OPT_STRING, ARG(watch.output) },
	{ 'd', "duration", "TIME", "end after that time: 10, 2.5, 300ms", OPT_DURATION,
	  ARG(watch.duration_ns), .least = 1, .most = INT64_MAX,
	  .what = "a time such as 10, 2.5 or 300ms" },
	{ 0, "every", "TIME", "save a report so often, and at the end", OPT_DURATION,
	  ARG(watch.every_ns), .least = 1000000000, .most = INT64_MAX,
	  .what = "a time of a second or more, such as 60s" },
	{ 0, "keep", "N", "keep the last N reports: FILE, FILE.1, ...", OPT_NUMBER,
	  ARG(watch.keep), .least = 1, .most = KEEP_MAX, .what = "a number from 1 to 10000" },
	{ 0, "detach", NULL, "go on in the background; no report is saved without -o", OPT_FLAG,
	  ARG(detach) },
	{ 0, "status", NULL, "say what the watcher that runs costs, and exit", OPT_FLAG,
	  ARG(status) },
	{ 0, "stop", NULL, "end the watcher that runs, and exit", OPT_FLAG, ARG(stop) },
	{ 0, "json", NULL, "--status in JSON", OPT_FLAG, ARG(json) },
	{ 0, "files", "DIR", "a small file for each module there, rewritten every 10s or --every",
	  OPT_STRING, ARG(watch.files) },
	{ 0, "max-memory", "SIZE", "sum up, then begin anew, if the books take more: 64M",
	  OPT_SIZE, ARG(watch.max_memory) },
	{ 0, "restart-on-loss", NULL, "begin the books anew when events were lost", OPT_FLAG,
	  ARG(watch.restart_on_loss) },
	ROW_BUFFER_SIZE('b', watch.buffer_kb),
	ROW_NO_PROBES(watch.no_probes),
	ROW_OWN(watch.own),
	{ 'q', "quiet", NULL, "say nothing but errors", OPT_FLAG, ARG(quiet) },
	ROW_HELP,
};

const struct opttable watch_options = {
	.usage = "Usage: modmem watch [OPTIONS] [--] [COMMAND [ARGUMENT...]]\n"
		 "       modmem watch --detach [OPTIONS]\n"
		 "       modmem watch --status | --stop\n"
		 "\n"
		 "Keeps the books of what this machine's kernel allocates while COMMAND runs, or until\n"
		 "it is interrupted, and saves them as a report. Needs root. What was allocated before\n"
		 "it began is not in them. Exits with the status of COMMAND.\n",
	OPTIONS(optdescs),
	.exclude = (const char *[][2]){
		{ "detach", "status" }, { "detach", "stop" }, { "status", "stop" }, { NULL }
	},
	.operands = "COMMAND",
	.stop = true,
};

int watch_parse(int argc, char **argv, struct watch_args *args, struct error *err)
{
	uint64_t given;
	int ret;

	*args = (struct watch_args){ .watch = { .output = DEFAULT_FILE, .keep = 1 } };
	ret = options_parse(&watch_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	if (optind < argc)
		args->watch.command = argv + optind;
	if (args->watch.command && (args->detach || args->status || args->stop))
		return error_set(err, -EINVAL, "--%s runs no command." TRY,
				 args->detach ? "detach" : args->status ? "status" : "stop");
	if (args->json && !args->status)
		return error_set(err, -EINVAL, "--json is for --status." TRY);
	if (args->detach && !options_given(&watch_options, given, "output"))
		args->watch.output = NULL;
	if (args->watch.every_ns && !args->watch.output && !args->watch.files)
		return error_set(err, -EINVAL, "--every saves reports: with --detach it needs --output or --files." TRY);
	args->watch.alone = !args->detach;
	return 0;
}
