// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * folded.c - stacks as flamegraph.pl, inferno and speedscope read them
 *
 * A line is the frames, outermost first, joined by ";", then a blank and a
 * number; the format has no escapes. The first frame is the module.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "frame.h"
#include "memstream.h"
#include "rows.h"
#include "text.h"

struct line {
	char *text;
	uint64_t value;
};

/* A name that does not end the frame, nor begin a comment. */
static void put_name(const char *name, FILE *out)
{
	for (const char *p = name; *p; p++) {
		if (*p == ';' || (*p == '#' && p == name))
			fprintf(out, "\\x%02x", (unsigned char)*p);
		else
			fputc(*p, out);
	}
}

static int put_frames(const struct snapshot *snap, const struct snap_stack *stack,
		      bool offsets, FILE *out)
{
	char *name = text_printable(snap->modules[stack->module].name);

	if (!name)
		return -ENOMEM;
	put_name(name, out);
	free(name);
	if (stack->charge != CHARGE_OWN)
		fprintf(out, " (%s)", charge_name(stack->charge));
	for (size_t i = 0; i < stack->n_frames; i++) {
		name = stack_frame_text(stack, i, offsets);
		if (!name)
			return -ENOMEM;
		fputc(';', out);
		put_name(name, out);
		free(name);
	}
	return 0;
}

static int make_line(const struct snapshot *snap, const struct snap_stack *stack,
		     const struct export_opts *opts, struct line *line)
{
	size_t size;
	FILE *text = open_memstream(&line->text, &size);
	int ret;

	if (!text)
		return -ENOMEM;
	ret = put_frames(snap, stack, opts->offsets, text);
	if (memstream_close(text, &line->text))
		ret = -ENOMEM;
	line->value = stack_value(stack, opts->metric);
	return ret;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static void put_lines(struct line *lines, size_t n, FILE *out)
{
	uint64_t sum = 0;

	qsort(lines, n, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < n; i++) {
		sum += lines[i].value;
		if (i + 1 < n && !compare_lines(&lines[i], &lines[i + 1]))
			continue;
		fprintf(out, "%s %" PRIu64 "\n", lines[i].text, sum);
		sum = 0;
	}
}

int view_folded(const struct snapshot *snap, const struct export_opts *opts,
		FILE *out, struct error *err)
{
	bool *selected = modules_select(snap, opts->modules, err);
	struct line *lines;
	size_t n = 0;
	int ret = 0;

	if (!selected)
		return -ENOENT;
	lines = calloc(snap->n_stacks + 1, sizeof(*lines));
	for (size_t i = 0; lines && !ret && i < snap->n_stacks; i++) {
		const struct snap_stack *stack = &snap->stacks[i];

		if (selected[stack->module] && stack_wanted(stack, opts) &&
		    stack_value(stack, opts->metric))
			ret = make_line(snap, stack, opts, &lines[n++]);
	}
	if (!lines)
		ret = -ENOMEM;
	if (!ret)
		put_lines(lines, n, out);
	for (size_t i = 0; i < n; i++)
		free(lines[i].text);
	free(lines);
	free(selected);
	return ret ? error_set(err, ret, "out of memory") : 0;
}
