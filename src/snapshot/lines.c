// SPDX-License-Identifier: GPL-2.0-or-later
#include "lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "callsite.h"
#include "elffile.h"
#include "elfsyms.h"
#include "error.h"
#include "linefind.h"
#include "modname.h"
#include "snapshot.h"
#include "snapshot_build.h"
#include "symfiles.h"

/* Of the return addresses one in this many may follow no call. */
#define STRAY_ONE_IN 4u

/* A place that somebody wants the line of. */
struct want {
	const char *module;	/* NULL: the kernel */
	const char *function;
	uint64_t offset;
	struct snap_site *site;	/* NULL: a frame of a stack */
	const char **source;	/* of that frame */
	bool placed;
	struct line_query where;
};

/* What one file says. */
struct tally {
	size_t calls, strays, ambiguous;
	bool unchecked;		/* nothing is known of this machine's calls */
};

struct wants {
	struct want *want;
	size_t n, room;
	struct arena *names;	/* of functions in frames */
	const char *modules;	/* the only ones, NULL: all */
};

static bool is_wanted(const struct wants *w, const struct snap_module *m)
{
	return !w->modules || modname_listed(w->modules, m->name);
}

static int add(struct wants *w, struct want want)
{
	if (w->n == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct want *more = realloc(w->want, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		w->want = more;
		w->room = room;
	}
	w->want[w->n++] = want;
	return 0;
}

static int want_sites(struct wants *w, struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_modules; i++) {
		struct snap_module *m = &snap->modules[i];

		if (m->state == MODULE_UNKNOWN || !is_wanted(w, m))
			continue;
		for (size_t s = 0; s < m->n_sites; s++) {
			struct want want = {
				.module = m->state == MODULE_KERNEL ? NULL : m->name,
				.function = m->sites[s].function,
				.offset = m->sites[s].offset,
				.site = &m->sites[s],
			};

			if (want.function && !m->sites[s].no_offset && add(w, want))
				return -ENOMEM;
		}
	}
	return 0;
}

/* "name+0xoff" or "name+0xoff [module]", as attribute_frame_name() makes them. */
static int want_frame(struct wants *w, const char *frame, const char **source)
{
	const char *tag = strrchr(frame, '['), *plus = NULL, *at;
	struct want want = { .source = source };
	char *end;

	if (*frame == '?')	/* no symbol, and what is behind it no offset in one */
		return 0;
	for (at = frame; (at = strstr(at, "+0x")) && (!tag || at < tag); at++)
		plus = at;
	if (!plus)
		return 0;
	want.offset = strtoull(plus + 3, &end, 16);
	if (*end && (!tag || strncmp(end, " [", 2)))
		return 0;
	want.function = arena_printf(w->names, "%.*s", (int)(plus - frame), frame);
	if (tag)
		want.module = arena_printf(w->names, "%.*s", (int)strcspn(tag + 1, "]"), tag + 1);
	if (!want.function || (tag && !want.module))
		return -ENOMEM;
	return add(w, want);
}

static int want_stacks(struct wants *w, struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_stacks; i++) {
		struct snap_stack *s = &snap->stacks[i];
		const char **sources = arena_zalloc(snapshot_arena(snap), s->n_frames + 1,
						    sizeof(*sources));

		if (!sources)
			return -ENOMEM;
		s->sources = sources;
		if (!is_wanted(w, &snap->modules[s->module]))
			continue;
		for (size_t f = 0; f < s->n_frames; f++)
			if (want_frame(w, s->frames[f], &sources[f]))
				return -ENOMEM;
	}
	return 0;
}

static int compare_modules(const struct want *x, const struct want *y)
{
	if (!x->module || !y->module)
		return (x->module != NULL) - (y->module != NULL);
	return strcmp(x->module, y->module);
}

static int by_place(const void *a, const void *b)
{
	const struct want *x = a, *y = b;
	int c = compare_modules(x, y);

	if (!c)
		c = strcmp(x->function, y->function);
	return c ? c : (x->offset > y->offset) - (x->offset < y->offset);
}

/* ---- where in the file ------------------------------------------------------------ */

/*
 * Static functions of one name may be several: then it is the one that has a call
 * at the offset, if only one has.
 */
static void place(const struct elffile *ef, const struct elfsyms *es, struct want *w,
		  struct tally *t)
{
	size_t i = elfsyms_find(es, w->function), n_calls = 0, n_any = 0;
	const struct elf_symbol *call = NULL, *any = NULL, *found;
	enum callsite check;

	for (; i < elfsyms_count(es); i++) {
		const struct elf_symbol *s = elfsyms_at(es, i);

		if (strcmp(s->name, w->function))
			break;
		/* a call that does not return may be the last of its function */
		if (!s->text || (s->size && w->offset > s->size))
			continue;
		if (any && any->section == s->section && any->value == s->value)
			continue;
		any = s;
		n_any++;
		check = callsite_check(ef, s->section, s->value + w->offset);
		t->unchecked |= check == CALLSITE_UNKNOWN;
		if (check == CALLSITE_NO)
			continue;
		call = s;
		n_calls++;
	}
	if (!n_calls)
		t->strays++;
	else
		t->calls++;
	if (n_calls > 1 || (!n_calls && n_any > 1))
		t->ambiguous++;
	found = n_calls == 1 ? call : !n_calls && n_any == 1 && !w->site ? any : NULL;
	w->placed = found != NULL;
	if (found)
		w->where = (struct line_query){
			.section = found->section,
			/* the byte before is in the call */
			.value = found->value + w->offset - (w->offset != 0),
		};
}

static void tell(struct symfiles *sf, const struct elffile *ef, const struct tally *t,
		 const char *module)
{
	const char *name = module ? module : "the kernel";

	if (t->ambiguous)
		symfiles_say(sf, "%zu place%s in %s without a line: there are several functions of that name",
			     t->ambiguous, t->ambiguous > 1 ? "s" : "", name);
	if (symfiles_recorded_id(sf, module) || !t->calls)
		return;
	if (t->unchecked) {
		symfiles_say(sf, "no build id of %s was recorded: %s is taken for it, whether it is of the same build cannot be told",
			     name, elffile_path(ef));
		return;
	}
	symfiles_say(sf, "no build id of %s was recorded: %s is taken for it, since %s return addresses in it follow a call",
		     name, elffile_path(ef), t->strays ? "most" : "all");
}

/* ---- answers ---------------------------------------------------------------------- */

static const char *place_text(struct arena *arena, const struct line_frame *f)
{
	return f->line ? arena_printf(arena, "%s:%u", f->file, f->line) :
	       arena_strdup(arena, f->file);
}

static int answer_site(struct arena *arena, struct snap_site *site,
		       const struct line_answer *a)
{
	struct snap_inline *inlined = arena_zalloc(arena, a->n, sizeof(*inlined));

	site->source = place_text(arena, &a->frames[0]);
	if (!site->source || !inlined)
		return -ENOMEM;
	for (size_t i = 1; i < a->n; i++) {
		inlined[i - 1].function = a->frames[i].function;
		inlined[i - 1].source = place_text(arena, &a->frames[i]);
		if (!inlined[i - 1].source)
			return -ENOMEM;
	}
	site->inlined = inlined;
	site->n_inlined = a->n - 1;
	return 0;
}

static int answer(struct arena *arena, struct want *w, const struct line_answer *a)
{
	if (!a->n)
		return 0;
	if (w->site)
		return answer_site(arena, w->site, a);
	*w->source = place_text(arena, &a->frames[0]);
	return *w->source ? 0 : -ENOMEM;
}

static bool same_place(const struct want *x, const struct want *y)
{
	return x->placed && y->placed && x->where.section == y->where.section &&
	       x->where.value == y->where.value;
}

/* Asks once for each place; @w are in order. */
static int ask(struct arena *arena, struct symfiles *sf, const struct elffile *ef,
	       struct want *w, size_t n)
{
	struct line_query *queries = calloc(n + 1, sizeof(*queries));
	struct line_answer *answers = calloc(n + 1, sizeof(*answers));
	size_t n_queries = 0, i;
	struct error err;
	int ret = queries && answers ? 0 : -ENOMEM;

	for (i = 0; i < n && !ret; i++)
		if (w[i].placed && (!i || !same_place(&w[i], &w[i - 1])))
			queries[n_queries++] = w[i].where;
	if (!ret && linefind(ef, queries, answers, n_queries, arena, &err))
		symfiles_say(sf, "no lines: %s", err.text);
	n_queries = 0;
	for (i = 0; i < n && !ret; i++) {
		if (!w[i].placed)
			continue;
		n_queries += !i || !same_place(&w[i], &w[i - 1]);
		ret = answer(arena, &w[i], &answers[n_queries - 1]);
	}
	free(queries);
	free(answers);
	return ret;
}

/* All wants of one module. */
static int fill_module(struct arena *arena, struct symfiles *sf, struct want *w, size_t n,
		       bool *found)
{
	struct elffile *ef = symfiles_open(sf, w->module, true);
	struct elfsyms *es = NULL;
	struct tally t = { 0 };
	struct error err;
	int ret = 0;

	*found = ef && linefind_possible(ef);
	if (!*found)
		goto out;
	es = elfsyms_new(ef, &err);
	if (!es) {
		symfiles_say(sf, "no lines: %s", err.text);
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		place(ef, es, &w[i], &t);
	if (t.strays * STRAY_ONE_IN > t.calls + t.strays) {
		symfiles_say(sf, "not used: %s: is another build than was recorded: %zu of %zu return addresses are not behind a call there",
			     elffile_path(ef), t.strays, t.calls + t.strays);
		goto out;
	}
	tell(sf, ef, &t, w->module);
	ret = ask(arena, sf, ef, w, n);
out:
	elfsyms_free(es);
	elffile_close(ef);
	return ret;
}

/* Modules without debug info, as many as fit. */
static void add_name(char *names, size_t size, size_t *more, const char *name)
{
	size_t len = strlen(names);

	if (len + strlen(name) + 3 > size)
		(*more)++;
	else
		snprintf(names + len, size - len, "%s%s", len ? ", " : "", name);
}

static int fill_all(struct arena *arena, struct symfiles *sf, struct wants *w)
{
	char names[200] = "";
	size_t i, end, more = 0;
	bool found;
	int ret = 0;

	for (i = 0; i < w->n && !ret; i = end) {
		for (end = i + 1; end < w->n && !compare_modules(&w->want[i], &w->want[end]);
		     end++)
			;
		ret = fill_module(arena, sf, w->want + i, end - i, &found);
		if (!ret && !found)
			add_name(names, sizeof(names), &more,
				 w->want[i].module ? w->want[i].module : "the kernel");
	}
	if (names[0])
		symfiles_say(sf, "no file with debug info, so no lines, for %s%s (see --module-dir, --vmlinux, --debug-dir)",
			     names, more ? " and more" : "");
	return ret;
}

int lines_fill(struct snapshot *snap, struct symfiles *sf, const char *modules,
	       struct error *err)
{
	struct wants w = { .names = arena_new(), .modules = modules };
	int ret = w.names ? 0 : -ENOMEM;

	if (!ret)
		ret = want_sites(&w, snap);
	if (!ret)
		ret = want_stacks(&w, snap);
	if (!ret && w.n) {
		qsort(w.want, w.n, sizeof(*w.want), by_place);
		ret = fill_all(snapshot_arena(snap), sf, &w);
	}
	free(w.want);
	arena_free(w.names);
	return ret ? error_set(err, ret, "out of memory") : 0;
}
