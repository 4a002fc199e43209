/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaks_args.h - what "modmem leaks" was asked for
 */
#ifndef MODMEM_LEAKS_ARGS_H
#define MODMEM_LEAKS_ARGS_H

#include <stdbool.h>

#include "options.h"
#include "leaks_view.h"
#include "replay.h"
#include "suppress.h"
#include "view.h"

struct error;

struct leaks_args {
	struct replay_opts replay;	/* replay.leaks is set by the caller */
	struct leak_opts leaks;
	struct leaks_opts view;
	struct suppressions rules;
	enum view_format format;
	bool no_pager;
	bool quiet;
	bool help;
};

/*
 * Reads the command line into @args, which points into @argv, and the files of
 * suppressions that it names. leaks_args_free() in any case. Returns 0 or a
 * negative errno with @err set.
 */
int leaks_parse(int argc, char **argv, struct leaks_args *args, struct error *err);
void leaks_args_free(struct leaks_args *args);

extern const struct opttable leaks_options;

#endif
