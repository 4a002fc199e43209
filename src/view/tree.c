// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tree.c - call stacks as a tree: modules, then frames from the outermost in
 *
 * The rows are sorted by path, so that a branch is a run of rows next to each
 * other. A run of frames without a fork is one line of the table with several
 * lines of text: depth costs no width.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "text.h"

/* Above the outermost frame: modules are told apart. */
#define MODULE_LEVEL (-1)

/* Rows next to each other that share their module and @depth frames. */
struct run {
	const struct row *row;
	size_t n;
	int depth;
};

struct branch {
	struct stack_row sum;		/* of all of the run; first, see add_branch() */
	struct run run;
};

struct tree {
	struct table *table;
	const struct coldesc *sort;
	/* drawn before what is not the last below its parent, the last, and beside these */
	const char *branch, *last, *vertical;
	size_t n_below;
};

static const struct stack_row *stack(const struct row *row)
{
	return row->data;
}

static int compare_paths(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	const struct stack_row *sa = stack(a), *sb = stack(b);
	size_t n = sa->n_frames < sb->n_frames ? sa->n_frames : sb->n_frames;
	int order = (a->module > b->module) - (a->module < b->module);

	for (size_t i = 0; i < n && !order; i++)
		order = strcmp(sa->frames[i], sb->frames[i]);
	if (!order)
		order = (sa->n_frames > sb->n_frames) - (sa->n_frames < sb->n_frames);
	return order;
}

static bool is_seen(const struct tree *tree, const struct stack_row *sum)
{
	return sum->bytes || tree->table->opts->all;
}

/* What a row is called where the tree has come down to @depth. */
static const char *name_at(const struct row *row, int depth)
{
	return depth == MODULE_LEVEL ? row->module->name :
	       stack(row)->frames[depth];
}

/* Splits @run, none of which ends at its depth, where the next frame changes. */
static size_t split(const struct run *run, struct branch *branches)
{
	struct branch *b = branches;

	for (size_t i = 0; i < run->n; i++) {
		const struct row *row = &run->row[i];

		if (i && !strcmp(name_at(row - 1, run->depth),
				 name_at(row, run->depth))) {
			stack_row_add(&b[-1].sum, stack(row));
			b[-1].run.n++;
			continue;
		}
		*b = (struct branch){
			.sum = *stack(row),
			.run = { .row = row, .n = 1, .depth = run->depth + 1 },
		};
		b->sum.n_frames = (size_t)b->run.depth;
		/* all of a module is no more exact than it is */
		if (run->depth == MODULE_LEVEL) {
			b->sum.own_why |= row->module->why;
			b->sum.induced_why |= row->module->induced_why;
		}
		b++;
	}
	return (size_t)(b - branches);
}

/* Leaves the rows out that end here; the shortest are first. True if any is seen. */
static bool drop_ended(const struct tree *tree, struct run *run)
{
	bool seen = false;

	while (run->n && stack(run->row)->n_frames == (size_t)run->depth) {
		seen |= is_seen(tree, stack(run->row));
		run->row++;
		run->n--;
	}
	return seen;
}

/*
 * Follows @run by one frame if all that is seen of it goes that way. Returns
 * 1 if so, 0 at a fork or an end, or a negative errno.
 */
static int follow(const struct tree *tree, struct run *run)
{
	const struct branch *only = NULL;
	struct branch *branches;
	bool ended = drop_ended(tree, run);
	size_t n, n_seen = 0;

	if (ended || !run->n)
		return 0;
	branches = calloc(run->n, sizeof(*branches));
	if (!branches)
		return -ENOMEM;
	n = split(run, branches);
	for (size_t i = 0; i < n; i++) {
		if (!is_seen(tree, &branches[i].sum))
			continue;
		only = &branches[i];
		n_seen++;
	}
	if (n_seen == 1)
		*run = only->run;
	free(branches);
	return n_seen == 1;
}

/* Frames as text, with their lines where those are known. */
static char *join_frames(const struct stack_row *s, size_t first, size_t n,
			 const char *separator)
{
	const char **texts = calloc(n + 1, sizeof(*texts));
	char *joined = NULL;
	bool all = texts != NULL;

	for (size_t i = 0; texts && i < n; i++) {
		const char *source = s->sources ? s->sources[first + i] : NULL;

		texts[i] = text_format("%s%s%s", s->frames[first + i], source ? " " : "",
				       source ? source : "");
		all &= texts[i] != NULL;
	}
	if (all)
		joined = text_join(texts, n, separator);
	for (size_t i = 0; texts && i < n; i++)
		free((char *)texts[i]);
	free(texts);
	return joined;
}

/*
 * The frames from @first on that @run has come through, a line each: the first
 * behind @lead, the others behind @margin. The tree is not drawn by libsmartcols,
 * whose versions do different things beside lines after the first.
 */
static char *chain_text(const struct run *run, int first, const char *lead,
			const char *margin)
{
	/* if all of it has ended, the row before is one that did */
	const struct row *row = run->n ? run->row : run->row - 1;
	char *separator, *frames, *text;

	if (first == MODULE_LEVEL)
		return text_printable(row->module->name);
	separator = text_format("\n%s", margin);
	if (!separator)
		return NULL;
	frames = join_frames(stack(row), (size_t)first, (size_t)(run->depth - first),
			     separator);
	text = frames ? text_format("%s%s", lead, frames) : NULL;
	free(frames);
	free(separator);
	return text;
}

static int add_branches(struct tree *tree, const struct run *run, const char *margin);

/* Adds a line for one branch, and what is below. */
static int add_branch(struct tree *tree, const struct row *row, const char *lead,
		      const char *margin)
{
	const struct branch *branch = row->data;
	int first = branch->run.depth - 1;
	struct libscols_line *line;
	struct run run = branch->run;
	char *text;
	int ret = first != MODULE_LEVEL;

	while (ret > 0)
		ret = follow(tree, &run);
	if (ret)
		return ret;
	text = chain_text(&run, first, lead, margin);
	line = table_line(tree->table, row);
	if (!text || !line) {
		free(text);
		return -ENOMEM;
	}
	ret = table_set_tree(tree->table, line, text);
	drop_ended(tree, &run);
	return ret ? ret : add_branches(tree, &run, margin);
}

static int add_branches(struct tree *tree, const struct run *run, const char *margin)
{
	struct branch *branches = calloc(run->n + 1, sizeof(*branches));
	struct row *rows = calloc(run->n + 1, sizeof(*rows));
	size_t n = 0, n_shown = 0;
	int ret = branches && rows ? 0 : -ENOMEM;

	if (!ret)
		n = split(run, branches);
	for (size_t i = 0; i < n; i++) {
		if (!is_seen(tree, &branches[i].sum))
			continue;
		if (branches[i].sum.bytes < tree->table->opts->min_bytes) {
			tree->n_below++;
			continue;
		}
		rows[n_shown] = *branches[i].run.row;
		rows[n_shown++].data = &branches[i].sum;
	}
	if (!ret)
		rows_sort(rows, n_shown, VIEW_BY_STACK, tree->sort);

	for (size_t i = 0; i < n_shown && !ret; i++) {
		bool is_root = run->depth == MODULE_LEVEL, is_last = i + 1 == n_shown;
		char *lead = text_format("%s%s", margin, is_root ? "" :
					 is_last ? tree->last : tree->branch);
		char *below = text_format("%s%s", margin, is_root ? "" :
					  is_last ? "  " : tree->vertical);

		ret = lead && below ? add_branch(tree, &rows[i], lead, below) : -ENOMEM;
		free(lead);
		free(below);
	}
	free(rows);
	free(branches);
	return ret;
}

int table_add_tree(struct table *table, struct rows *rows, size_t *n_below)
{
	bool utf8 = text_is_utf8();
	struct tree tree = {
		.table = table,
		.branch = utf8 ? "\u251c\u2500" : "|-",
		.last = utf8 ? "\u2514\u2500" : "`-",
		.vertical = utf8 ? "\u2502 " : "| ",
	};
	struct run all = { .n = rows->n, .depth = MODULE_LEVEL };
	int ret;

	if (table->opts->sort)
		tree.sort = column_find(VIEW_BY_STACK, table->opts->sort, NULL);
	if (rows->n)
		qsort(rows->row, rows->n, sizeof(*rows->row), compare_paths);
	all.row = rows->row;
	ret = add_branches(&tree, &all, "");
	*n_below = tree.n_below;
	return ret;
}
