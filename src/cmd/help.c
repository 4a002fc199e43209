// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "command.h"
#include "error.h"
#include "options.h"

static void overview(FILE *out)
{
	fputs("Usage: modmem COMMAND [ARGUMENTS]\n"
	      "\n"
	      "Tells how much memory each kernel module holds, and which line of it took\n"
	      "that memory, from a recording of kmem and percpu events.\n"
	      "\n"
	      "Commands:\n", out);
	for (const struct command *const *cmd = command_table(); *cmd; cmd++)
		fprintf(out, "  %-12s %s\n", (*cmd)->name, (*cmd)->summary);
	fputs("\n"
	      "Options:\n"
	      "  -h, --help     this text\n"
	      "  -V, --version  the version of modmem\n"
	      "\n"
	      "'modmem help COMMAND' says more about one of them; see also modmem(1).\n"
	      "Exit status: 0 fine, 1 found something, 2 failed, 3 recording not good enough.\n",
	      out);
}

static const struct opttable help_options = {
	.usage = "Usage: modmem help [COMMAND]\n"
		 "\n"
		 "Explains modmem, or one of its commands.\n",
};

static int run(int argc, char **argv)
{
	const struct command *cmd;
	struct error err;

	if (argc < 2) {
		overview(stdout);
		return STATUS_FINE;
	}
	cmd = command_find(argv[1]);
	if (!cmd) {
		error_set(&err, -EINVAL, "no help on '%.60s'. Try 'modmem --help'.",
			  argv[1]);
		return command_fail(&err);
	}
	if (argc > 2) {
		error_set(&err, -EINVAL, "one command at a time, not '%.60s' too. Try 'modmem --help'.",
			  argv[2]);
		return command_fail(&err);
	}
	command_help(cmd);
	return STATUS_FINE;
}

const struct command cmd_help = {
	.name = "help",
	.summary = "explain a command",
	.run = run,
	.options = &help_options,
};
