// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "progress.h"
#include "replay.h"
#include "snapshot.h"
#include "static_args.h"
#include "terminal.h"
#include "static_list.h"

static int read_recording(struct static_list *list, const struct static_args *args,
			  struct error *err)
{
	struct replay_opts opts = args->replay;
	struct snapshot *snap;
	int ret;

	snap = progress_replay(&opts, args->quiet, err);
	if (!snap)
		return -EINVAL;
	ret = static_list_recorded(list, snap);
	if (args->cpus)
		list->cpus = (uint32_t)args->cpus;
	snapshot_free(snap);
	return ret ? error_set(err, ret, "out of memory") : 0;
}

/*
 * Modules of a recording or a system, and what files say of these; or files
 * alone.
 */
static int collect(struct static_list *list, const struct static_args *args,
		   struct error *err)
{
	bool alone = !args->replay.path && !*args->sysroot && args->n_files;
	int ret = 0;

	list->page_size = args->replay.page_size ? args->replay.page_size :
						   (uint64_t)sysconf(_SC_PAGESIZE);
	list->cpus = (uint32_t)args->cpus;
	if (args->replay.path)
		ret = read_recording(list, args, err);
	else if (!alone || args->n_names)
		ret = static_list_live(list, args->sysroot, err);
	for (size_t i = 0; i < args->n_names && !ret; i++)
		if (!static_list_has(list, args->names[i]))
			ret = error_set(err, -ENOENT, "no module '%.60s' is loaded; for a file, give its path or FILE.ko",
					args->names[i]);
	if (args->n_names && !ret)
		static_list_keep(list, args->names, args->n_names);
	for (size_t i = 0; i < args->n_files && !ret; i++)
		ret = static_list_file(list, args->files[i], false, err);
	return ret;
}

static int run(int argc, char **argv)
{
	struct static_list *list;
	struct static_args args;
	struct error err;
	int status = STATUS_FINE;

	if (static_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_static);
		return STATUS_FINE;
	}
	args.view.width = terminal_width();
	list = static_list_new();
	if (!list) {
		error_set(&err, -ENOMEM, "out of memory");
		return command_fail(&err);
	}
	if (collect(list, &args, &err)) {
		status = command_fail(&err);
	} else {
		static_list_sort(list);
		if (static_view(list, &args.view, stdout, &err))
			status = command_fail(&err);
	}
	static_list_free(list);
	return status;
}

const struct command cmd_static = {
	.name = "static",
	.summary = "show what modules take by being loaded",
	.run = run,
	.options = &static_options,
};
