/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_args.h - what "modmem watch" was asked for
 */
#ifndef MODMEM_WATCH_ARGS_H
#define MODMEM_WATCH_ARGS_H

#include <stdbool.h>

#include "options.h"
#include "watcher.h"

struct error;

struct watch_args {
	struct watcher_opts watch;
	bool detach, status, stop;	/* not more than one */
	bool json;			/* the status */
	bool quiet;
	bool help;
};

/*
 * Reads the command line into @args, which points into @argv. Opens nothing
 * and prints nothing. Returns 0 or a negative errno with @err set.
 */
int watch_parse(int argc, char **argv, struct watch_args *args, struct error *err);

extern const struct opttable watch_options;

#endif
