/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_args.h - what "modmem report" was asked for
 */
#ifndef MODMEM_REPORT_ARGS_H
#define MODMEM_REPORT_ARGS_H

#include <stdbool.h>

#include "options.h"
#include "replay.h"
#include "view.h"

struct error;

struct report_args {
	struct replay_opts replay;
	struct view_opts view;
	enum view_format format;
	const char *page_owner;	/* instead of a recording, NULL: not */
	bool reconcile;
	bool strict;
	bool no_pager;
	bool quiet;
	bool help;
};

/*
 * Reads the command line into @args, which points into @argv. Opens nothing
 * and prints nothing. Returns 0 or a negative errno with @err set.
 */
int report_parse(int argc, char **argv, struct report_args *args,
		 struct error *err);

/* "modmem report PATH" for a command that has none of its options but --notes. */
int report_bare(char *path, bool notes);

extern const struct opttable report_options;

#endif
