// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "leftovers.h"
#include "record.h"
#include "record_args.h"
#include "units.h"

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "modmem: %s\n", line);
}

static int clean(const struct record_args *args)
{
	unsigned int removed;
	struct error err;

	if (record_clean(&removed, &err))
		return command_fail(&err);
	if (!args->quiet)
		fprintf(stderr, "modmem: %u instances and probes of killed recorders removed\n",
			removed);
	return STATUS_FINE;
}

static int restore(const struct record_args *args)
{
	struct error err;
	uint64_t bytes;
	char size[16];

	if (record_restore(args->restore, &bytes, &err))
		return command_fail(&err);
	if (!args->quiet)
		fprintf(stderr, "modmem: restored, %s\n",
			size_human(size, sizeof(size), bytes));
	return STATUS_FINE;
}

static void summary(const struct record_args *args,
		    const struct record_result *result)
{
	char size[16];

	if (args->quiet)
		return;
	fprintf(stderr, "modmem: %s: %s in %.1f s, %" PRIu64 " events lost\n",
		args->record.output, size_human(size, sizeof(size), result->bytes),
		result->seconds, result->lost);
}

static int run(int argc, char **argv)
{
	struct record_result result;
	struct record_args args;
	struct error err;
	char *cmdline;
	int ret;

	if (record_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_record);
		return STATUS_FINE;
	}
	if (args.clean)
		return clean(&args);
	if (args.restore)
		return restore(&args);

	cmdline = record_cmdline(argc, argv);
	args.record.cmdline = cmdline;
	args.record.say = args.quiet ? NULL : say;
	ret = record(&args.record, &result, &err);
	free(cmdline);
	if (ret)
		return command_fail(&err);
	summary(&args, &result);
	return result.ran ? result.status : STATUS_FINE;
}

const struct command cmd_record = {
	.name = "record",
	.summary = "record what this machine's kernel allocates",
	.run = run,
	.options = &record_options,
};
