// SPDX-License-Identifier: GPL-2.0-or-later
#include "static_args.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "modname.h"
#include "replay_args.h"

#define TRY " Try 'modmem help static'."

#define ARGS struct static_args

static const struct optdesc optdescs[] = {
	{ 0, "recording", "FILE", "the modules of a recording, with what they hold", OPT_STRING,
	  ARG(replay.path) },
	ROWS_SYMBOLS,
	ROWS_FILES(replay.files, FILES_SYMBOLS),
	{ 0, "sysroot", "DIR", "the system below DIR instead of this one", OPT_STRING,
	  ARG(sysroot) },
	{ 0, "sections", NULL, "the sections of the modules' files", OPT_FLAG,
	  ARG(view.sections) },
	ROW_PAGE_SIZE("of the machine that the files are for: 4K, 16K, 64K"),
	{ 0, "cpus", "N", "of the machine that the files are for", OPT_NUMBER, ARG(cpus),
	  .least = 1, .most = 1u << 20, .what = "a number of CPUs" },
	ROW_BYTES(view.exact_bytes),
	ROWS_FORMAT(view.format),
	ROWS_QUIET_HELP,
};

const struct opttable static_options = {
	.usage = "Usage: modmem static [OPTIONS] [NAME | FILE.ko]...\n"
		 "\n"
		 "Shows what modules take by being loaded: code, data and per-CPU data. Without a\n"
		 "FILE.ko, of the modules that are loaded here. Files may be of any architecture,\n"
		 "and packed.\n",
	OPTIONS(optdescs),
	.exclude = (const char *[][2]){ { "recording", "sysroot" }, { NULL } },
	.operands = "MODULE",
};

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
	static const char *const of_recording[] = {
		"modules", "kallsyms", "vmlinux", "module-dir",
	};
	uint64_t given;
	int ret;

	*args = (struct static_args) {
		.sysroot = "",
		.replay = { .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME },
	};
	ret = options_parse(&static_options, argc, argv, args, &given, err);
	if (ret || args->help)
		return ret;
	sort_operands(args, argv + optind, (size_t)(argc - optind));
	if (!args->replay.path)
		for (size_t i = 0; i < sizeof(of_recording) / sizeof(of_recording[0]); i++)
			if (options_given(&static_options, given, of_recording[i]))
				return error_set(err, -EINVAL, "--%s is for --recording." TRY,
						 of_recording[i]);
	return 0;
}
