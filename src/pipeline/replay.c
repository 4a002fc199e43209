// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "error.h"
#include "leaks.h"
#include "packed.h"
#include "pipeline.h"
#include "recording.h"
#include "saved.h"
#include "snapshot.h"
#include "textlog.h"
#include "source.h"

/* JSON, but no log that has lines of a trace in it. */
static bool begins_report(int fd)
{
	char start[64], *head;
	ssize_t n = packed_head(fd, start, sizeof(start));
	bool report;

	if (n <= 0 || !saved_is(start, (size_t)n))
		return false;
	head = malloc(TEXTLOG_HEAD_MAX);
	n = head ? packed_head(fd, head, TEXTLOG_HEAD_MAX) : 0;
	report = n > 0 && !textlog_is_text(head, (size_t)n);
	free(head);
	return report;
}

/* A file, that is: what can be read only once is a recording. */
static bool is_saved(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool saved;

	if (fd < 0)
		return false;
	saved = !fstat(fd, &st) && S_ISREG(st.st_mode) && begins_report(fd);
	close(fd);
	return saved;
}

static bool has_lines(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		for (size_t j = 0; j < snap->modules[i].n_sites; j++)
			if (snap->modules[i].sites[j].source)
				return true;
	return false;
}

/* The option that only the recording can answer; NULL: there is none. */
static const char *needs_recording(const struct replay_opts *o, const struct snapshot *snap)
{
	static const struct leak_opts usual = LEAK_OPTS_DEFAULT;
	const struct symfiles_opts *files = &o->files;

	if (o->from != REPLAY_NO_TIME)
		return "--from";
	if (o->to != REPLAY_NO_TIME)
		return o->at ? "--at" : "--to";
	if (o->attribute && (!snap->attribute ||
			     strcmp(attribute_mode_name(o->attribute), snap->attribute)))
		return "another --attribute";
	if (o->kallsyms_file || o->modules_file)
		return o->kallsyms_file ? "--kallsyms" : "--modules";
	if (o->lines && !has_lines(snap))
		return "--lines";
	if (files->vmlinux || files->n_module_dirs || files->n_debug_dirs)
		return files->vmlinux ? "--vmlinux" :
		       files->n_module_dirs ? "--module-dir" : "--debug-dir";
	if (o->page_size || o->page_owner)
		return o->page_size ? "--page-size" : "--page-owner";
	if (o->leaks && snap->leaks && o->leaks->older_than != snap->leaks->older_than)
		return "another --older-than";
	if (o->leaks && o->leaks->every != usual.every)
		return "--every";
	return o->leaks && o->leaks->kernel ? "--module '[kernel]'" : NULL;
}

/* @snap, if it can answer what is asked for; else freed, and NULL with @err set. */
static struct snapshot *check_saved(const struct replay_opts *o, struct snapshot *snap,
				    struct error *err)
{
	const char *needs = needs_recording(o, snap);

	if (!o->reconcile)
		snap->reconcile = NULL;
	if (needs)
		error_set(err, -EINVAL, "%.200s: is a saved report: %s needs the recording",
			  o->path, needs);
	else if ((o->by_stack && !snap->has_stacks) || (o->by_task && !snap->has_tasks) ||
		 (o->series && !snap->series) || (o->leaks && !snap->leaks))
		error_set(err, -ENODATA, "%.200s: was saved without %s: 'modmem report --format json --full' saves all",
			  o->path, o->by_stack && !snap->has_stacks ? "stacks" :
			  o->by_task && !snap->has_tasks ? "tasks" :
			  o->series && !snap->series ? "what was held over time" : "leaks");
	else
		return snap;
	snapshot_free(snap);
	return NULL;
}

static struct snapshot *replay_saved(const struct replay_opts *o, struct error *err)
{
	struct snapshot *snap = saved_read(o->path, err);

	return snap ? check_saved(o, snap, err) : NULL;
}

static struct snapshot *replay_now(const struct replay_opts *o, struct error *err)
{
	bool full = o->by_stack || o->series || o->leaks || o->reconcile;
	struct snapshot *snap = ask_report(full, err);

	return snap ? check_saved(o, snap, err) : NULL;
}

struct snapshot *replay(const struct replay_opts *opts, struct error *err)
{
	struct error damage = { "" };
	struct companion *companion;
	struct snapshot *snap = NULL;
	struct pipeline *p;
	struct source *src;

	if (opts->now)
		return replay_now(opts, err);
	if (is_saved(opts->path))
		return replay_saved(opts, err);
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
