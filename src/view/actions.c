// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * actions.c - what a reader must act on: a line a cause, each with what to do
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "error.h"
#include "marks.h"
#include "rows.h"
#include "snapshot.h"
#include "text.h"
#include "units.h"

struct actions {
	const struct snapshot *snap;
	const struct view_opts *opts;
	const bool *selected;
	FILE *out;
	unsigned int width;	/* of the lines; UINT_MAX: an action a line */
	bool any;		/* a line was there: the first stands apart from the table */
};

static int say_at(struct actions *a, char *text, unsigned int width)
{
	if (!text)
		return -ENOMEM;
	if (*text && !a->any)
		fputc('\n', a->out);
	a->any |= *text != '\0';
	if (*text)
		text_wrap(text, width, a->out);
	free(text);
	return 0;
}

/* Takes @text. */
static int say(struct actions *a, char *text)
{
	return say_at(a, text, a->width);
}

/* What is held against the recording for those on view; the causes that it is about. */
static int say_distrust(struct actions *a, uint32_t *said)
{
	const struct coverage *c = &a->snap->coverage;
	int ret = 0;

	*said = 0;
	for (size_t i = 0; i < c->n_distrust && !ret; i++) {
		char *text;

		if (!snapshot_distrusts(a->snap, i, a->opts->modules))
			continue;
		*said |= c->distrust_why ? c->distrust_why[i] : 0;
		if (a->opts->notes)
			continue;
		text = text_printable(c->distrust[i]);
		ret = say(a, text ? text_format("Not good enough: %s.", text) : NULL);
		free(text);
	}
	return ret;
}

/* Why modules' numbers are marked, where something can be done about it. */
static int say_causes(struct actions *a, uint32_t said)
{
	struct marked *rows = calloc(a->snap->n_modules + 1, sizeof(*rows));
	size_t n = 0;
	int ret = rows ? 0 : -ENOMEM;

	for (size_t i = 0; rows && i < a->snap->n_modules; i++) {
		const struct snap_module *m = &a->snap->modules[i];

		/* of the core kernel, only if it was asked for */
		if (a->selected[i] && (a->opts->modules ||
				       (module_state_is_module(m->state) &&
					(a->opts->all || !module_empty(m)))))
			rows[n++] = (struct marked){ m->name, snapshot_row_why(a->snap, m) };
	}
	for (enum bound_cause i = 0; i < BOUND_CAUSES && !ret; i++)
		if (!(said & BOUND_BIT(i)) && bound_cause_remedy(i))
			ret = say(a, a->opts->bare ?
				  marks_sentence(rows, n, i, text_is_utf8()) :
				  marks_action(rows, n, i, text_is_utf8()));
	free(rows);
	return ret;
}

/* Bytes may be right, and the function that is shown one too far out. */
static int say_hidden(struct actions *a)
{
	uint64_t n = a->snap->coverage.hidden_callers;

	if (!n || a->opts->notes)	/* it is one of these */
		return 0;
	return say(a, text_format("%" PRIu64 " allocations name a trampoline as their caller (function_graph, kretprobe): they are in [unknown], or with a function further out.",
				  n));
}

/* Whether anything was left behind: the question that a reader has next. */
static int say_left(struct actions *a)
{
	uint64_t left = 0;
	size_t unloaded = 0;
	const struct snap_module *most = NULL;
	const char *next = a->opts->bare ? "" : "; 'modmem leaks' tells more";
	char buf[32];
	char *name, *text;

	for (size_t i = 0; i < a->snap->n_modules; i++) {
		const struct snap_module *m = &a->snap->modules[i];

		if (!a->selected[i] || m->leaked_bytes < 0)
			continue;
		unloaded++;
		left += (uint64_t)m->leaked_bytes;
		if (m->leaked_bytes && (!most || m->leaked_bytes > most->leaked_bytes))
			most = m;
	}
	if (!unloaded)
		return say(a, text_format("Left behind by unloaded modules: no unload was seen%s.",
					  next));
	if (!most)
		return say(a, text_format("Left behind by unloaded modules: nothing%s.", next));
	name = text_printable(most->name);
	if (a->opts->exact_bytes)
		snprintf(buf, sizeof(buf), "%" PRIu64 " bytes", left);
	else
		size_human(buf, sizeof(buf), left);
	text = name ? text_format("Left behind by unloaded modules: %s, most by %s%s.", buf, name,
				  next) : NULL;
	free(name);
	return say(a, text);
}

/* Can @text be given to a shell as it stands? */
static bool is_plain(const char *text)
{
	return *text && *text != '-' &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-")];
}

/* What to type next, word for word where the words are known. */
static int say_next(struct actions *a)
{
	const struct snapshot *snap = a->snap;
	const char *file = a->width == UINT_MAX || snap->saved ? "FILE" :
			   !strcmp(snap->file, "trace.dat") ? "" :
			   is_plain(snap->file) ? snap->file : "FILE";
	const struct snap_module *most = NULL;

	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		if (a->selected[i] && module_state_is_module(m->state) && m->live_bytes &&
		    (!most || m->live_bytes > most->live_bytes))
			most = m;
	}
	if (!most)
		return 0;
	/* to be copied: not wrapped */
	return say_at(a, text_format("Next: modmem report --by site --module %s%s%s",
				     is_plain(most->name) ? most->name : "NAME",
				     *file ? " " : "", file), UINT_MAX);
}

static int actions(const struct snapshot *snap, const struct view_opts *opts,
		   unsigned int width, FILE *out, struct error *err)
{
	bool *selected = modules_select(snap, opts->modules, err);
	struct actions a = { .snap = snap, .opts = opts, .selected = selected, .out = out,
			     .width = width };
	const bool of_modules = opts->by == VIEW_BY_MODULE;
	uint32_t said;
	int ret;

	if (!selected)
		return -ENOENT;
	ret = say_distrust(&a, &said);
	if (!ret && !snap->coverage.events && !opts->notes && snap->made_by != RECORDER_PAGE_OWNER)
		ret = say(&a, text_format("No allocation events: %s.",
					  advice(ADVICE_EVENTS, snap->made_by)));
	if (!ret && !opts->notes)
		ret = say_causes(&a, said);
	if (!ret)
		ret = say_hidden(&a);
	if (!ret && of_modules && snap->coverage.events && snap->made_by != RECORDER_PAGE_OWNER)
		ret = say_left(&a);
	if (!ret && of_modules && !opts->bare)
		ret = say_next(&a);
	free(selected);
	return ret ? error_set(err, ret, "out of memory") : 0;
}

int view_actions(const struct snapshot *snap, const struct view_opts *opts, FILE *out,
		 struct error *err)
{
	return actions(snap, opts, text_width(opts->width), out, err);
}

int view_action_lines(const struct snapshot *snap, const char *modules, FILE *out,
		      struct error *err)
{
	return actions(snap, &(struct view_opts){ .modules = modules }, UINT_MAX, out, err);
}
