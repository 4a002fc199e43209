// SPDX-License-Identifier: GPL-2.0-or-later
#include "static_args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "modname.h"
#include "options.h"
#include "replay_args.h"

#define CPUS_MOST (1u << 20)

#define TRY " Try 'modmem help static'."

enum {
	OPT_RECORDING = OPT_FIRST,
	OPT_SYSROOT,
	OPT_SECTIONS,
	OPT_CPUS,
	OPT_BYTES,
	OPT_FORMAT,
	OPT_JSON,
};

static const struct optdesc optdescs[] = {
	{ OPT_RECORDING, "recording", "FILE", "the modules of a recording, with what they hold" },
	ROW_MODULES,
	ROW_KALLSYMS,
	{ OPT_SYSROOT, "sysroot", "DIR", "the system below DIR instead of this one" },
	{ OPT_SECTIONS, "sections", NULL, "the sections of the modules' files" },
	{ OPT_PAGE_SIZE, "page-size", "SIZE", "of the machine that the files are for: 4K, 16K, 64K" },
	{ OPT_CPUS, "cpus", "N", "of the machine that the files are for" },
	{ OPT_BYTES, "bytes", NULL, "exact bytes instead of 1.5K" },
	{ OPT_FORMAT, "format", "FORMAT", "table (default), json or csv" },
	{ OPT_JSON, "json", NULL, "short for --format json" },
	{ 'q', "quiet", NULL, "no progress line" },
	{ 'h', "help", NULL, "this text" },
};

#define N_OPTIONS (sizeof(optdescs) / sizeof(optdescs[0]))

void static_options_help(FILE *out)
{
	fputs("Usage: modmem static [OPTIONS] [NAME | FILE.ko]...\n"
	      "\n"
	      "Shows what modules take by being loaded: code, data and per-CPU data. Without a\n"
	      "FILE.ko, of the modules that are loaded here. Files may be of any architecture,\n"
	      "and packed.\n"
	      "\n"
	      "Options:\n", out);
	options_help(optdescs, N_OPTIONS, out);
}

static const char *format_name(unsigned int i)
{
	return view_format_name((enum view_format)i);
}

static int parse_cpus(const char *text, uint32_t *cpus, struct error *err)
{
	uint64_t number = 0;
	int ret = options_number("static", "cpus", "a number of CPUs", text, 1, CPUS_MOST,
				 &number, err);

	*cpus = (uint32_t)number;
	return ret;
}

static int set_option(void *arg, int value, struct error *err)
{
	struct static_args *args = arg;
	int choice = 0;

	switch (value) {
	case OPT_RECORDING:
		args->replay.path = optarg;
		break;
	case OPT_SYSROOT:
		args->sysroot = optarg;
		break;
	case OPT_SECTIONS:
		args->view.sections = true;
		break;
	case OPT_CPUS:
		return parse_cpus(optarg, &args->cpus, err);
	case OPT_BYTES:
		args->view.exact_bytes = true;
		break;
	case OPT_FORMAT:
		choice = options_choose("static", "format", optarg, format_name, err);
		args->view.format = choice < 0 ? VIEW_TABLE : (enum view_format)choice;
		break;
	case OPT_JSON:
		args->view.format = VIEW_JSON;
		break;
	case 'q':
		args->quiet = true;
		break;
	case 'h':
		args->help = true;
		break;
	default:
		return replay_option(&args->replay, "static", value, err);
	}
	return choice < 0 ? choice : 0;
}

/* Names to the front, in their order; files behind. */
static void sort_operands(struct static_args *args, char **operands, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = operands[i];

		if (strchr(text, '/') || modname_of_file(text))
			continue;
		memmove(operands + args->n_names + 1, operands + args->n_names,
			(i - args->n_names) * sizeof(*operands));
		operands[args->n_names++] = text;
	}
	args->names = operands;
	args->files = operands + args->n_names;
	args->n_files = n - args->n_names;
}

int static_parse(int argc, char **argv, struct static_args *args, struct error *err)
{
	int ret;

	*args = (struct static_args) {
		.sysroot = "",
		.replay = { .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME },
	};
	ret = options_parse(optdescs, N_OPTIONS, false, argc, argv, set_option, args, err);
	if (ret || args->help)
		return ret;
	sort_operands(args, argv + optind, (size_t)(argc - optind));
	if (args->replay.path && *args->sysroot)
		return error_set(err, -EINVAL, "--recording and --sysroot exclude each other." TRY);
	if (!args->replay.path && (args->replay.modules_file || args->replay.kallsyms_file))
		return error_set(err, -EINVAL, "--modules and --kallsyms are for --recording." TRY);
	return 0;
}
