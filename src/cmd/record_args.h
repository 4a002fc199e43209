/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_args.h - what "modmem record" and "modmem run" were asked for
 */
#ifndef MODMEM_RECORD_ARGS_H
#define MODMEM_RECORD_ARGS_H

#include <stdbool.h>

#include "options.h"
#include "record.h"

struct error;

struct record_args {
	struct record_opts record;
	const char *restore;	/* --restore, NULL: not asked for */
	uint64_t compress;	/* --compress: its level, 0: not asked for */
	bool clean;
	bool check;
	bool notes;		/* run: below the report's table */
	bool quiet;
	bool help;
};

/*
 * Reads the command line of "record", or of "run" as argv[0] says, into @args,
 * which points into @argv. Opens nothing and prints nothing. Returns 0 or a
 * negative errno with @err set.
 */
int record_parse(int argc, char **argv, struct record_args *args,
		 struct error *err);

extern const struct opttable record_options, run_options;

/* The arguments in one line, for the file; free() it. NULL: no memory. */
char *record_cmdline(int argc, char **argv);

#endif
