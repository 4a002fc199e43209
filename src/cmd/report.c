// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "pager.h"
#include "progress.h"
#include "replay.h"
#include "report_args.h"
#include "snapshot.h"
#include "strict.h"
#include "terminal.h"
#include "view.h"

static int show(const struct snapshot *snap, const struct report_args *args,
		struct error *err)
{
	if (args->reconcile && !snap->reconcile)
		return error_set(err, -ENODATA, snap->saved ?
				 "%.80s: was saved without the kernel's counters: 'modmem report --format json --full' saves them, where the recording has them" :
				 "%.80s: holds no copies of /proc/meminfo from before and after; 'modmem record' takes them",
				 snap->saved ? args->replay.path : snap->file);
	if (args->reconcile && args->format != VIEW_JSON)
		return view_reconcile(snap, &args->view, args->format, stdout, err);
	switch (args->format) {
	case VIEW_JSON:
		return view_json(snap, &args->view, stdout, err);
	case VIEW_CSV:
		return view_csv(snap, &args->view, stdout, err);
	case VIEW_TABLE:
		break;
	}
	return view_table(snap, &args->view, stdout, err);
}

/* What @argv asks for; @bare: on behalf of a command without its options. */
static int report(int argc, char **argv, bool bare)
{
	struct report_args args;
	struct snapshot *snap;
	struct error err;
	int status = STATUS_FINE;

	if (report_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_report);
		return STATUS_FINE;
	}

	args.replay.bare = args.view.bare = bare;
	if (!strcmp(args.replay.path, "-"))
		args.replay.stop = command_input_ends();
	args.view.width = terminal_width();
	args.view.color = terminal_color();
	snap = progress_replay(&args.replay, args.quiet, &err);
	if (!snap)
		return command_fail(&err);

	args.view.before = snap->allocinfo;
	/* what page_owner knows of slab objects are their pages */
	args.view.overhead |= snap->made_by == RECORDER_PAGE_OWNER;
	pager_start(!args.no_pager && !bare);
	if (show(snap, &args, &err))
		status = command_fail(&err);
	else if (args.strict)
		status = strict_check(snap, args.view.modules);
	snapshot_free(snap);
	return status;
}

int report_bare(char *path, bool notes)
{
	char name[] = "report", quiet[] = "--quiet", all[] = "--notes";
	char *argv[] = { name, quiet, path, notes ? all : NULL, NULL };

	return report(notes ? 4 : 3, argv, true);
}

static int run(int argc, char **argv)
{
	return report(argc, argv, false);
}

static void columns_help(FILE *out)
{
	for (enum view_by by = VIEW_BY_MODULE; view_by_name(by); by++) {
		fprintf(out, "\nColumns of --by %s:\n", view_by_name(by));
		view_columns_help(by, out);
	}
}

const struct command cmd_report = {
	.name = "report",
	.summary = "show what each module holds, from a recording",
	.run = run,
	.options = &report_options,
	.more_help = columns_help,
};
