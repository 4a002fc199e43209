// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "cmd/command.h"
#include "hash.h"

static const struct command *const commands[] = {
	&cmd_record,
	&cmd_run,
	&cmd_report,
	&cmd_diff,
	&cmd_top,
	&cmd_watch,
	&cmd_static,
	&cmd_export,
	&cmd_leaks,
	&cmd_help,
	NULL
};

int main(int argc, char **argv)
{
	hash_randomize();
	return command_main(commands, argc, argv);
}
