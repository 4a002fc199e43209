// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "progress.h"
#include "monotonic.h"
#include "replay.h"
#include "replay_args.h"
#include "units.h"

#define FIRST_MS 1000
#define EVERY_MS 200

static int64_t now_ms(void)
{
	return monotonic_ns() / 1000000;
}

void progress_start(struct progress *progress, bool quiet)
{
	*progress = (struct progress){ .wanted = !quiet && isatty(STDERR_FILENO) };
	if (progress->wanted)
		progress->next_ms = now_ms() + FIRST_MS;
}

int progress_update(void *arg, uint64_t done, uint64_t total)
{
	struct progress *progress = arg;
	char read[16], all[16];
	int64_t now;
	int width;

	if (!progress->wanted)
		return 0;
	now = now_ms();
	if (now < progress->next_ms)
		return 0;
	progress->next_ms = now + EVERY_MS;

	width = fprintf(stderr, "\rmodmem: %3u%%  %s of %s",
			total ? (unsigned int)((double)done * 100 / (double)total) : 0,
			size_human(read, sizeof(read), done),
			size_human(all, sizeof(all), total)) - 1;
	if (width < progress->width)
		fprintf(stderr, "%*s", progress->width - width, "");
	else
		progress->width = width;
	fflush(stderr);
	return 0;
}

void progress_end(struct progress *progress)
{
	if (progress->width)
		fprintf(stderr, "\r%*s\r", progress->width, "");
	progress->width = 0;
}

struct snapshot *progress_replay(struct replay_opts *opts, bool quiet, struct error *err)
{
	struct progress progress;
	struct snapshot *snap;

	/* most likely none was named */
	if (!strcmp(opts->path, REPLAY_FILE) && access(REPLAY_FILE, F_OK) && errno == ENOENT) {
		error_set(err, -ENOENT, "there is no " REPLAY_FILE " in this folder: name a recording, or make one: modmem record -- insmod foo.ko");
		return NULL;
	}
	opts->progress = progress_update;
	opts->progress_arg = &progress;
	progress_start(&progress, quiet);
	snap = replay(opts, err);
	progress_end(&progress);
	/* it does not outlive this function */
	opts->progress = NULL;
	opts->progress_arg = NULL;
	return snap;
}
