/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * static_args.h - the command line of "modmem static"
 */
#ifndef MODMEM_STATIC_ARGS_H
#define MODMEM_STATIC_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "replay.h"
#include "static_view.h"

struct error;

struct static_args {
	struct static_view view;
	const char *sysroot;	/* "": this system */
	struct replay_opts replay;	/* path NULL: no recording; page_size for files, too */
	uint64_t cpus;		/* 0: not given */
	char **names;		/* modules; points into argv */
	size_t n_names;
	char **files;		/* of modules; points into argv */
	size_t n_files;
	bool quiet;
	bool help;
};

/* Sorts argv: names first, then files. 0 or -EINVAL with @err set. */
int static_parse(int argc, char **argv, struct static_args *args, struct error *err);

extern const struct opttable static_options;

#endif
