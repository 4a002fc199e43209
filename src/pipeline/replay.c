// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay.h"

#include "error.h"
#include "pipeline.h"
#include "recording.h"
#include "source.h"

struct snapshot *replay(const struct replay_opts *opts, struct error *err)
{
	struct error damage = { "" };
	struct companion *companion;
	struct snapshot *snap = NULL;
	struct pipeline *p;
	struct source *src;

	src = recording_open(opts, err);
	if (!src)
		return NULL;
	companion = recording_companion(src, &damage);
	p = pipeline_open(src, companion, damage.text[0] ? damage.text : NULL, opts, err);
	for (size_t i = 0; p && i < opts->n_hooks; i++)
		pipeline_hook(p, &opts->hooks[i]);
	if (p && !pipeline_run(p, err))
		snap = pipeline_snapshot(p, opts->by_stack, err);
	pipeline_close(p);
	return snap;
}
