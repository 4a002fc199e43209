// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "options.h"
#include "record_args.h"

#define DEFAULT_FILE "trace.dat"
#define MOST_KB (1024u * 1024 * 1024)

/* Long options without a letter of their own. */
enum {
	OPT_NO_PROBES = OPT_FIRST,
	OPT_MODULE,
	OPT_CLEAN,
	OPT_RESTORE,
};

static const struct record_option {
	struct optdesc desc;
	bool run;		/* "modmem run" has it too */
} options[] = {
	{ { 'o', "output", "FILE", "write this file (default: " DEFAULT_FILE ")" }, false },
	{ { 'b', "buffer-size", "KB", "ring buffer per CPU, KiB; default: from free memory" }, true },
	{ { 'c', "clock", "CLOCK", "trace clock (default: mono)" }, true },
	{ { 'd', "duration", "TIME", "end after that time: 10, 2.5, 300ms" }, true },
	{ { OPT_NO_PROBES, "no-probes", NULL, "only the kernel's own events" }, true },
	{ { OPT_MODULE, "module", "NAME[,..]", "leave out what others allocate, where that is cheap" }, true },
	{ { 'q', "quiet", NULL, "say nothing but errors" }, true },
	{ { OPT_CLEAN, "clean", NULL, "remove what killed recorders left in tracefs, and exit" }, false },
	{ { OPT_RESTORE, "restore", "FILE", "make FILE of what a killed recorder left, and exit" }, false },
	{ { 'h', "help", NULL, "this text" }, true },
};

#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

/* Those of the command, in @list; returns how many. */
static size_t options_of(bool run, struct optdesc list[N_OPTIONS])
{
	size_t n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].run || !run)
			list[n++] = options[i].desc;
	return n;
}

void record_options_help(FILE *out, bool run)
{
	struct optdesc list[N_OPTIONS];

	options_help(list, options_of(run, list), out);
}

/* The command line in the making. */
struct setting {
	struct record_args *args;
	const char *name;	/* of the command: record, run */
};

static int set_option(void *arg, int value, struct error *err)
{
	const struct setting *setting = arg;
	struct record_args *args = setting->args;
	const char *name = setting->name;

	switch (value) {
	case 'o':
		args->record.output = optarg;
		break;
	case 'b':
		return options_number(name, "buffer-size", "KiB per CPU such as 4096", optarg,
				      1, MOST_KB, &args->record.buffer_kb, err);
	case 'c':
		args->record.clock = optarg;
		break;
	case 'd':
		return options_duration(name, "duration", "a time such as 10, 2.5 or 300ms",
					optarg, 1, INT64_MAX, &args->record.duration_ns, err);
	case OPT_NO_PROBES:
		args->record.no_probes = true;
		break;
	case OPT_MODULE:
		return options_modules(name, optarg, &args->record.modules, err);
	case OPT_CLEAN:
		args->clean = true;
		break;
	case OPT_RESTORE:
		args->restore = optarg;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	}
	return 0;
}

/* What no option is wrong in alone. */
static int check(const struct record_args *args, bool run, struct error *err)
{
	if (run && !args->record.command)
		return error_set(err, -EINVAL, "which command? Try 'modmem help run'.");
	if (args->clean && args->restore)
		return error_set(err, -EINVAL, "--clean and --restore exclude each other. Try 'modmem help record'.");
	if ((args->clean || args->restore) && args->record.command)
		return error_set(err, -EINVAL, "--%s runs no command. Try 'modmem help record'.",
				 args->clean ? "clean" : "restore");
	return 0;
}

int record_parse(int argc, char **argv, struct record_args *args,
		 struct error *err)
{
	const bool run = !strcmp(argv[0], "run");
	struct setting setting = { .args = args, .name = argv[0] };
	struct optdesc list[N_OPTIONS];
	size_t n = options_of(run, list);
	int ret;

	*args = (struct record_args){ .record.output = DEFAULT_FILE };
	ret = options_parse(list, n, true, argc, argv, set_option, &setting, err);
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
