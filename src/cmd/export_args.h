/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * export_args.h - what "modmem export" was asked for
 */
#ifndef MODMEM_EXPORT_ARGS_H
#define MODMEM_EXPORT_ARGS_H

#include <stdbool.h>

#include "options.h"
#include "export.h"
#include "replay.h"

struct error;

struct export_args {
	struct replay_opts replay;
	struct export_opts opts;
	enum export_format format;
	const char *output;	/* NULL: standard output */
	bool strict;
	bool quiet;
	bool help;
};

/*
 * Reads the command line into @args, which points into @argv. Opens nothing
 * and prints nothing. Returns 0 or a negative errno with @err set.
 */
int export_parse(int argc, char **argv, struct export_args *args,
		 struct error *err);

extern const struct opttable export_options;

#endif
