// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "complete.h"
#include "compress.h"
#include "error.h"
#include "record_args.h"
#include "replay_args.h"

#define DEFAULT_FILE "trace.dat"

#define ARGS struct record_args

#define ROWS_BOTH \
	ROW_BUFFER_SIZE('b', record.buffer_kb), \
	{ 'c', "clock", "CLOCK", "trace clock (default: mono)", OPT_STRING, ARG(record.clock), \
	  .suggest = suggest_clocks }, \
	{ 'd', "duration", "TIME", "end after that time: 10, 2.5, 300ms", OPT_DURATION, \
	  ARG(record.duration_ns), .least = 1, .most = INT64_MAX, \
	  .what = "a time such as 10, 2.5 or 300ms" }, \
	{ 0, "max-size", "SIZE", "end at so much trace data: 512K, 20M", OPT_SIZE, \
	  ARG(record.max_size) }, \
	ROW_NO_PROBES(record.no_probes), \
	ROW_MODULE(record.modules, "leave out what others allocate, where that is cheap"), \
	ROW_OWN(record.own), \
	{ 'q', "quiet", NULL, "say nothing but errors", OPT_FLAG, ARG(quiet) }

static const struct optdesc of_record[] = {
	{ 'o', "output", "FILE", "write this file, or stream to a FIFO or - (default: " DEFAULT_FILE ")", OPT_STRING,
	  ARG(record.output) },
	ROWS_BOTH,
	{ 0, "compress", "LEVEL", "make the file smaller in the end (1 to 19; default: 3)", OPT_NUMBER,
	  ARG(compress), .optional = true, .value = COMPRESS_LEVEL, .least = 1,
	  .most = COMPRESS_LEVEL_MAX, .what = "a level from 1 to 19" },
	{ 0, "check", NULL, "say what of this kernel a recording sees, and exit", OPT_FLAG,
	  ARG(check) },
	{ 0, "clean", NULL, "remove what killed recorders left in tracefs, and exit", OPT_FLAG,
	  ARG(clean) },
	{ 0, "restore", "FILE", "make FILE of what a killed recorder left, or of a stream (-), and exit", OPT_STRING,
	  ARG(restore) },
	ROW_HELP,
};

static const struct optdesc of_run[] = { ROWS_BOTH, ROW_NOTES(notes), ROW_HELP };

const struct opttable record_options = {
	.usage = "Usage: modmem record [OPTIONS] [--] [COMMAND [ARGUMENT...]]\n"
		 "       modmem record --check\n"
		 "       modmem record --clean\n"
		 "       modmem record --restore FILE [--compress[=LEVEL]]\n"
		 "       modmem record --restore - [-o FILE]\n"
		 "\n"
		 "Records what this machine's kernel allocates while COMMAND runs, or until it is\n"
		 "interrupted. Needs root. Exits with the status of COMMAND.\n",
	OPTIONS(of_record),
	.exclude = (const char *[][2]){ { "clean", "restore" }, { "clean", "compress" },
					{ "check", "clean" }, { "check", "restore" },
					{ "own", "module" }, { NULL } },
	.operands = "COMMAND",
	.stop = true,
};

const struct opttable run_options = {
	.usage = "Usage: modmem run [OPTIONS] [--] COMMAND [ARGUMENT...]\n"
		 "\n"
		 "Records while COMMAND runs, and shows what each module holds then. Needs root.\n"
		 "The recording is not kept. Exits with the status of COMMAND.\n",
	OPTIONS(of_run),
	.exclude = (const char *[][2]){ { "own", "module" }, { NULL } },
	.operands = "COMMAND",
	.stop = true,
};

/* What no option is wrong in alone. */
static int check(const struct record_args *args, bool run, struct error *err)
{
	if (run && !args->record.command)
		return error_set(err, -EINVAL, "which command? Try 'modmem help run'.");
	if ((args->check || args->clean || args->restore) && args->record.command)
		return error_set(err, -EINVAL, "--%s runs no command. Try 'modmem help record'.",
				 args->check ? "check" : args->clean ? "clean" : "restore");
	return 0;
}

int record_parse(int argc, char **argv, struct record_args *args,
		 struct error *err)
{
	const bool run = !strcmp(argv[0], "run");
	uint64_t given;
	int ret;

	*args = (struct record_args){ .record.output = DEFAULT_FILE };
	ret = options_parse(run ? &run_options : &record_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	if (optind < argc)
		args->record.command = argv + optind;
	return check(args, run, err);
}

char *record_cmdline(int argc, char **argv)
{
	size_t len = sizeof("modmem");
	char *line;

	for (int i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	line = malloc(len);
	if (!line)
		return NULL;
	strcpy(line, "modmem");
	for (int i = 0; i < argc; i++) {
		strcat(line, " ");
		strcat(line, argv[i]);
	}
	return line;
}
