// SPDX-License-Identifier: GPL-2.0-or-later
#include "sides.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advice.h"
#include "error.h"
#include "packed.h"
#include "printable.h"
#include "saved.h"
#include "side.h"
#include "snapshot.h"

#define RUNS_MAX 1000u

/* ---- reading ---------------------------------------------------------------------------- */

enum content {
	CONTENT_OTHER,
	CONTENT_EMPTY,
	CONTENT_RECORDING,
	CONTENT_JSON,
};

/* trace.dat(5): both versions begin with these ten bytes. */
static const char magic[] = "\x17\x08\x44tracing";

static bool is_blank(const char *text, size_t len)
{
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return !len;
}

static int look(const char *path, enum content *content, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char head[64];
	ssize_t n;

	if (fd < 0)
		return error_set(err, -errno, "cannot open %.200s: %s", path, strerror(errno));
	n = packed_head(fd, head, sizeof(head));
	close(fd);
	*content = CONTENT_OTHER;
	/* what is damaged, or can be read only once, its reader tells */
	if (n == -EBADMSG || n == -ESPIPE)
		return 0;
	if (n < 0)
		return error_set(err, (int)n, "cannot read %.200s: %s", path, strerror((int)-n));
	if ((size_t)n >= sizeof(magic) - 1 && !memcmp(head, magic, sizeof(magic) - 1))
		*content = CONTENT_RECORDING;
	else if (saved_is(head, (size_t)n))
		*content = CONTENT_JSON;
	else if (is_blank(head, (size_t)n))
		*content = CONTENT_EMPTY;
	return 0;
}

/* @snap is given back; NULL is taken, too. */
static struct side *side_of(struct snapshot *snap, const char *path, struct error *err)
{
	struct side *side = snap ? side_of_snapshot(snap, path, err) : NULL;

	snapshot_free(snap);
	return side;
}

static struct side *replay_side(const char *path, const struct replay_opts *opts,
				struct error *err)
{
	struct replay_opts mine = *opts;

	mine.path = path;
	return side_of(replay(&mine, err), path, err);
}

static int read_run(struct runs *runs, const char *path,
		    const struct replay_opts *opts, struct error *err)
{
	enum content content = CONTENT_OTHER;
	struct side **run, *side = NULL;
	struct error why = { "" };
	int ret = look(path, &content, err);

	if (ret)
		return ret;
	if (runs->n == RUNS_MAX)
		return error_set(err, -E2BIG, "more than %u recordings on one side", RUNS_MAX);
	run = realloc(runs->run, (runs->n + 1) * sizeof(*run));
	if (!run)
		return error_set(err, -ENOMEM, "out of memory");
	runs->run = run;
	switch (content) {
	case CONTENT_RECORDING:
		side = replay_side(path, opts, err);
		break;
	case CONTENT_JSON:
		side = side_of(saved_read(path, err), path, err);
		break;
	case CONTENT_EMPTY:
		error_set(err, -EINVAL, "%.200s: is empty", path);
		break;
	case CONTENT_OTHER:
		/* perhaps a text log of ftrace; its reader knows */
		side = replay_side(path, opts, &why);
		if (!side)
			error_set(err, -EINVAL,
				  "%.300s; nor is it what 'modmem report --format json' saves",
				  why.text);
		break;
	}
	if (!side)
		return -EINVAL;
	runs->run[runs->n++] = side;
	return 0;
}

int runs_read(struct runs *runs, const char *list, const struct replay_opts *replay,
	      struct error *err)
{
	/* a name may have commas in it */
	bool one = !access(list, F_OK);
	int ret = 0;

	*runs = (struct runs){ 0 };
	while (list && !ret) {
		size_t len = one ? strlen(list) : strcspn(list, ",");
		char *path = strndup(list, len);

		list = list[len] ? list + len + 1 : NULL;
		if (!path)
			ret = error_set(err, -ENOMEM, "out of memory");
		else if (!*path)
			ret = error_set(err, -EINVAL, "the name of a file is missing in a comma list. Try 'modmem help diff'.");
		else
			ret = read_run(runs, path, replay, err);
		free(path);
	}
	return ret;
}

void runs_free(struct runs *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		side_free(runs->run[i]);
	free(runs->run);
	*runs = (struct runs){ 0 };
}

/* ---- can they be compared? -------------------------------------------------------------- */

static const char *or_unknown(const char *text)
{
	return text ? text : "(not recorded)";
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Was anything there to be seen at all? */
static bool is_empty(const struct side *side)
{
	if (!side->events)
		return true;
	for (size_t i = 0; i < side->n; i++)
		for (int m = 0; m < METRIC_MAX; m++)
			if (side->row[i].value[m])
				return false;
	return true;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static enum sides_fault check_pair(const struct side *base, const struct side *new,
				   bool allow, struct error *err)
{
	if (same_file(base->name, new->name)) {
		error_set(err, -EINVAL, "%.200s is on both sides: nothing was compared", base->name);
		return SIDES_SAME_FILE;
	}
	if (!same_text(base->attribute, new->attribute)) {
		error_set(err, -EINVAL, "%.100s was made with modmem report --attribute %.20s, %.100s with %.20s: not comparable; make one of them again",
			  base->name, or_unknown(base->attribute), new->name,
			  or_unknown(new->attribute));
		return SIDES_ATTRIBUTE;
	}
	if (base->part || new->part) {
		error_set(err, -EINVAL, "%.200s is of a part of its recording (modmem report --from, --to or --at): not comparable, make it again without",
			  base->part ? base->name : new->name);
		return SIDES_PART;
	}
	if (allow)
		return SIDES_FINE;
	if (base->arch && new->arch && strcmp(base->arch, new->arch)) {
		error_set(err, -EINVAL, "%.100s was recorded on %.40s, %.100s on %.40s: the same objects have other sizes there; --allow-different compares all the same",
			  base->name, base->arch, new->name, new->arch);
		return SIDES_ARCH;
	}
	if (base->page_size != new->page_size ||
	    (base->long_bits && new->long_bits && base->long_bits != new->long_bits)) {
		error_set(err, -EINVAL, "%.100s was recorded with pages of %" PRIu64 " bytes and %" PRIu64 "-bit pointers, %.100s with %" PRIu64 " and %" PRIu64 ": sizes are not comparable; --allow-different compares all the same",
			  base->name, base->page_size, base->long_bits, new->name,
			  new->page_size, new->long_bits);
		return SIDES_PAGE_SIZE;
	}
	return SIDES_FINE;
}

/* All of one side before all of the other: latest of @a and earliest of @b. */
static bool recorded_before(const struct runs *a, const struct runs *b)
{
	int64_t last = -1, first = INT64_MAX;

	for (size_t i = 0; i < a->n; i++) {
		if (a->run[i]->recorded < 0)
			return false;
		if (a->run[i]->recorded > last)
			last = a->run[i]->recorded;
	}
	for (size_t i = 0; i < b->n; i++) {
		if (b->run[i]->recorded < 0)
			return false;
		if (b->run[i]->recorded < first)
			first = b->run[i]->recorded;
	}
	return last < first;
}

static enum sides_fault check_empty(const struct runs *runs, struct error *err)
{
	for (size_t i = 0; i < runs->n; i++) {
		const struct side *side = runs->run[i];

		if (!is_empty(side))
			continue;
		error_set(err, -EINVAL, "%.200s: holds no allocation at all, there is nothing to compare%s%s",
			  side->name, side->events ? "" : ": ",
			  side->events ? "" : advice(ADVICE_EVENTS, side->made_by));
		return SIDES_EMPTY;
	}
	return SIDES_FINE;
}

enum sides_fault sides_check(const struct runs *base, const struct runs *new,
			     bool allow_different, struct error *err)
{
	enum sides_fault fault = check_empty(base, err);

	if (fault == SIDES_FINE)
		fault = check_empty(new, err);
	for (size_t i = 0; i < base->n; i++)
		for (size_t j = 0; j < new->n; j++)
			if (fault == SIDES_FINE)
				fault = check_pair(base->run[i], new->run[j], allow_different, err);
	if (fault != SIDES_FINE || allow_different)
		return fault;
	if (recorded_before(new, base)) {
		error_set(err, -EINVAL, "%.100s (the base) was recorded after %.100s: are the sides swapped? --allow-different compares all the same",
			  base->run[0]->name, new->run[0]->name);
		return SIDES_ORDER;
	}
	return SIDES_FINE;
}

/* ---- what to know ----------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3)))
static void note(struct sides_notes *notes, const char *fmt, ...)
{
	char text[sizeof(notes->text[0])];
	va_list ap;

	if (notes->n == SIDES_NOTES)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable(notes->text[notes->n], sizeof(notes->text[0]), text);
	for (size_t i = 0; i < notes->n; i++)
		if (!strcmp(notes->text[i], notes->text[notes->n]))
			return;
	notes->n++;
}

static void note_pair(const struct side *base, const struct side *new,
		      struct sides_notes *notes)
{
	if (!same_text(base->kernel, new->kernel)) {
		note(notes, "other kernels: %.60s and %.60s; objects and functions of the kernel itself differ",
		     or_unknown(base->kernel), or_unknown(new->kernel));
		if (base->kernel && new->kernel && strverscmp(base->kernel, new->kernel) > 0)
			note(notes, "the kernel of the base is the newer one: are the sides swapped?");
	}
	if (!same_text(base->arch, new->arch))
		note(notes, "other architectures: %.40s and %.40s", or_unknown(base->arch),
		     or_unknown(new->arch));
	if (base->page_size != new->page_size)
		note(notes, "other page sizes: %" PRIu64 " and %" PRIu64, base->page_size,
		     new->page_size);
	if (base->cpus != new->cpus)
		note(notes, "other numbers of CPUs: %" PRIu64 " and %" PRIu64 "; per-CPU memory differs by that alone",
		     base->cpus, new->cpus);
}

void sides_note(const struct runs *base, const struct runs *new,
		struct sides_notes *notes)
{
	for (size_t i = 0; i < base->n; i++)
		for (size_t j = 0; j < new->n; j++)
			note_pair(base->run[i], new->run[j], notes);
	if (recorded_before(new, base))
		note(notes, "the base was recorded after the new one: are the sides swapped?");
}

static bool runs_trusted(const struct runs *runs, struct sides_notes *why)
{
	bool trusted = true;

	for (size_t i = 0; i < runs->n; i++) {
		const struct side *side = runs->run[i];

		if (side->trusted)
			continue;
		trusted = false;
		for (size_t j = 0; j < side->n_distrust; j++)
			note(why, "%.120s: %.240s", side->name, side->distrust[j]);
		if (!side->n_distrust)
			note(why, "%.120s: is marked as not good enough to be trusted", side->name);
	}
	return trusted;
}

bool sides_trusted(const struct runs *base, const struct runs *new,
		   struct sides_notes *why)
{
	bool trusted = runs_trusted(base, why);

	return runs_trusted(new, why) && trusted;
}
