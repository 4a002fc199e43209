// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <sys/stat.h>

#include "command.h"
#include "error.h"
#include "units.h"
#include "watch_args.h"
#include "watcher.h"

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "modmem: %s\n", line);
}

static void summary(const struct watch_args *args, const struct watcher_result *result)
{
	const char *path = args->watch.output;
	char size[16];
	struct stat st;

	if (args->quiet || !result->file)
		return;
	fprintf(stderr, "modmem: %s: %s, %" PRIu64 " events in %.1f s, %" PRIu64 " lost\n", path,
		size_human(size, sizeof(size), stat(path, &st) ? 0 : (uint64_t)st.st_size),
		result->events, result->seconds, result->lost);
}

static int run(int argc, char **argv)
{
	struct watcher_result result;
	struct watch_args args;
	struct error err;

	if (watch_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_watch);
		return STATUS_FINE;
	}
	args.watch.say = args.quiet ? NULL : say;
	if (watcher(&args.watch, &result, &err))
		return command_fail(&err);
	summary(&args, &result);
	return result.ran ? result.status : STATUS_FINE;
}

const struct command cmd_watch = {
	.name = "watch",
	.summary = "keep the books of the running kernel, and save them",
	.run = run,
	.options = &watch_options,
};
