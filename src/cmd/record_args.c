// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "record_args.h"
#include "units.h"

#define DEFAULT_FILE "trace.dat"
#define MOST_KB (1024u * 1024 * 1024)

/* Long options without a letter of their own. */
enum {
	OPT_NO_PROBES = 256,
	OPT_MODULE,
	OPT_CLEAN,
	OPT_RESTORE,
};

struct optdesc {
	int value;		/* the letter, if it is one */
	const char *name;
	const char *arg;	/* NULL: takes none */
	const char *help;
	bool run;		/* "modmem run" has it too */
};

static const struct optdesc optdescs[] = {
	{ 'o', "output", "FILE", "write this file (default: " DEFAULT_FILE ")", false },
	{ 'b', "buffer-size", "KB", "ring buffer per CPU, KiB; default: from free memory", true },
	{ 'c', "clock", "CLOCK", "trace clock (default: mono)", true },
	{ 'd', "duration", "TIME", "end after that time: 10, 2.5, 300ms", true },
	{ OPT_NO_PROBES, "no-probes", NULL, "only the kernel's own events", true },
	{ OPT_MODULE, "module", "NAME[,..]", "leave out what others allocate, where that is cheap", true },
	{ 'q', "quiet", NULL, "say nothing but errors", true },
	{ OPT_CLEAN, "clean", NULL, "remove what killed recorders left in tracefs, and exit", false },
	{ OPT_RESTORE, "restore", "FILE", "make FILE of what a killed recorder left, and exit", false },
	{ 'h', "help", NULL, "this text", true },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void record_options_help(FILE *out, bool run)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct optdesc *opt = &optdescs[i];
		char text[40];

		if (run && !opt->run)
			continue;
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
	const char *text = argv[optind - 1], *name = argv[0];

	if (result == ':')
		return error_set(err, -EINVAL, "option '%.60s' needs an argument. Try 'modmem help %s'.",
				 text, name);
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (optopt && optopt == optdescs[i].value && text[1] == '-')
			return error_set(err, -EINVAL, "option '--%s' takes no argument. Try 'modmem help %s'.",
					 optdescs[i].name, name);
	if (optopt && optopt < 256)
		return error_set(err, -EINVAL, "unknown option '-%c'. Try 'modmem help %s'.",
				 optopt, name);
	return error_set(err, -EINVAL, "unknown or ambiguous option '%.60s'. Try 'modmem help %s'.",
			 text, name);
}

static int parse_kb(const char *text, uint64_t *kb, const char *name,
		    struct error *err)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !value ||
	    value > MOST_KB)
		return error_set(err, -EINVAL, "--buffer-size takes KiB per CPU such as 4096; '%.60s' is none. Try 'modmem help %s'.",
				 text, name);
	*kb = value;
	return 0;
}

static int parse_duration(const char *text, int64_t *ns, const char *name,
			  struct error *err)
{
	bool relative;

	if (time_parse(text, ns, &relative) || relative || *ns <= 0)
		return error_set(err, -EINVAL, "--duration takes a time such as 10, 2.5 or 300ms; '%.60s' is none. Try 'modmem help %s'.",
				 text, name);
	return 0;
}

static int set_option(struct record_args *args, int value, const char *name,
		      struct error *err)
{
	switch (value) {
	case 'o':
		args->record.output = optarg;
		break;
	case 'b':
		return parse_kb(optarg, &args->record.buffer_kb, name, err);
	case 'c':
		args->record.clock = optarg;
		break;
	case 'd':
		return parse_duration(optarg, &args->record.duration_ns, name,
				      err);
	case OPT_NO_PROBES:
		args->record.no_probes = true;
		break;
	case OPT_MODULE:
		args->record.modules = optarg;
		break;
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

/* The letters of the options, "+:" in front: stop at the command. */
static void short_options(char *text, size_t size, bool run)
{
	size_t len = (size_t)snprintf(text, size, "+:");

	for (size_t i = 0; i < N_OPTIONS && len < size; i++)
		if (optdescs[i].value < 256 && (optdescs[i].run || !run))
			len += (size_t)snprintf(text + len, size - len, "%c%s",
						optdescs[i].value,
						optdescs[i].arg ? ":" : "");
}

int record_parse(int argc, char **argv, struct record_args *args,
		 struct error *err)
{
	struct option options[N_OPTIONS + 1] = { 0 };
	const bool run = !strcmp(argv[0], "run");
	char letters[64];
	size_t n = 0;
	int value, ret;

	for (size_t i = 0; i < N_OPTIONS; i++)
		if (optdescs[i].run || !run)
			options[n++] = (struct option){
				.name = optdescs[i].name,
				.has_arg = optdescs[i].arg ? required_argument :
							     no_argument,
				.val = optdescs[i].value,
			};
	*args = (struct record_args){ .record.output = DEFAULT_FILE };
	short_options(letters, sizeof(letters), run);

	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return bad_option(argv, value, err);
		ret = set_option(args, value, argv[0], err);
		if (ret)
			return ret;
	}
	if (args->help)
		return 0;
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
