// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * narrow.c - see narrow.h
 */
#include "narrow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "allocfn.h"
#include "error.h"
#include "kallsyms.h"
#include "modname.h"
#include "procmem.h"
#include "record_events.h"
#include "record_files.h"
#include "record_instance.h"

/* the kernel takes a filter of less than a page, 4096 bytes on most */
#define FILTER_MAX	3980u	/* with what stands before it, and a stack's words */
#define RANGES_MAX	44u	/* each some 64 bytes in it, those between them 16 */
#define LEAF		4u	/* ranges that are tried one by one */
#define NAME_MAX_LEN	256u

struct ranges {
	struct narrow_range *items;
	size_t n, size;
};

static int add(struct ranges *rs, uint64_t start, uint64_t end)
{
	if (rs->n == rs->size) {
		size_t size = rs->size ? 2 * rs->size : 256;
		struct narrow_range *larger;

		larger = realloc(rs->items, size * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		rs->items = larger;
		rs->size = size;
	}
	rs->items[rs->n++] = (struct narrow_range){ start, end };
	return 0;
}

/* From 6.4 the size is no less than that of its text, which begins at the address. */
static bool find_module(const char *proc_modules, const char *name,
			struct narrow_range *range)
{
	const char *end = proc_modules ? proc_modules + strlen(proc_modules) : NULL;
	struct proc_module pm;

	while (proc_module_next(&proc_modules, end, &pm)) {
		if (strcmp(pm.name, name))
			continue;
		*range = (struct narrow_range){ pm.base, pm.base + pm.size };
		return pm.base;
	}
	return false;
}

static int add_modules(struct ranges *rs, const char *modules,
		       const char *proc_modules, struct error *err)
{
	while (*modules) {
		size_t len = strcspn(modules, ",");
		struct narrow_range range;
		char name[NAME_MAX_LEN];

		if (len && (!modname_set(name, sizeof(name), modules, len) ||
			    !find_module(proc_modules, name, &range)))
			return error_set(err, -ENOENT, "--module: %.*s is not loaded yet, or its address is not shown: the allocations of all are recorded",
					 (int)len, modules);
		if (len && add(rs, range.start, range.end))
			return error_set(err, -ENOMEM, "not enough memory");
		modules += len;
		modules += *modules == ',';
	}
	return rs->n ? 0 : error_set(err, -EINVAL, "--module names none: the allocations of all are recorded");
}

static int by_start(const void *a, const void *b)
{
	const struct narrow_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/*
 * Core functions that allocate for others, and where a tracer or return probe has put
 * its own address for the caller's; each ends where the next begins. Of *@text alone,
 * unless that is NULL.
 */
static int add_allocators(struct ranges *rs, const char *kallsyms,
			  const struct narrow_range *text, struct error *err)
{
	struct span rest = span_of(kallsyms, kallsyms ? strlen(kallsyms) : 0), line;
	uint64_t open = 0;	/* start of the one that has not ended yet */
	struct kallsyms_line k;

	while (span_line(&rest, &line)) {
		char name[NAME_MAX_LEN];
		size_t len;

		if (!kallsyms_line(line, &k))
			continue;
		if (k.tag.at)
			break;
		/* on arm there are some within functions */
		if (kallsyms_is_mapping(k.name.at, span_len(k.name)))
			continue;
		if (open && k.addr > open) {
			if (add(rs, open, k.addr))
				return error_set(err, -ENOMEM, "not enough memory");
			open = 0;
		}
		len = span_len(k.name);
		if (!kallsyms_is_text(k.type) || !k.addr || len >= sizeof(name))
			continue;
		if (text && (k.addr < text->start || k.addr >= text->end))
			continue;
		memcpy(name, k.name.at, len);
		name[len] = '\0';
		if (allocfn_flags(name) & (FN_ALLOC | FN_RETURN))
			open = k.addr;
	}
	if (open && text && add(rs, open, text->end))
		return error_set(err, -ENOMEM, "not enough memory");
	return 0;
}

/* Joins what touches, and then what is closest, until there are @max. */
static void join(struct ranges *rs, size_t max)
{
	uint64_t gap = 0;

	if (!rs->n)
		return;
	qsort(rs->items, rs->n, sizeof(*rs->items), by_start);
	for (;; gap = gap ? 2 * gap : 16) {
		size_t kept = 0;

		for (size_t i = 1; i < rs->n; i++) {
			struct narrow_range *last = &rs->items[kept];

			if (rs->items[i].start > last->end &&
			    rs->items[i].start - last->end > gap)
				rs->items[++kept] = rs->items[i];
			else if (rs->items[i].end > last->end)
				last->end = rs->items[i].end;
		}
		rs->n = kept + 1;
		if (rs->n <= max)
			return;
	}
}

/* Gives them to @to, unless @ret is an error; frees @rs. Their number or @ret. */
static int give(struct ranges *rs, int ret, struct narrow_range *to, size_t max)
{
	if (!ret)
		join(rs, max);
	/* of none, items is NULL */
	if (!ret && rs->n)
		memcpy(to, rs->items, rs->n * sizeof(*to));
	free(rs->items);
	return ret ? ret : (int)rs->n;
}

int narrow_ranges(const char *modules, const char *proc_modules,
		  const char *kallsyms, struct narrow_range *ranges,
		  size_t max, struct error *err)
{
	struct ranges rs = { 0 };
	int ret = add_modules(&rs, modules, proc_modules, err);

	if (!ret)
		ret = add_allocators(&rs, kallsyms, NULL, err);
	return give(&rs, ret, ranges, max);
}

/* Where the kernel's own code begins and ends; false: it is not shown. */
static bool find_text(const char *kallsyms, struct narrow_range *text)
{
	struct span rest = span_of(kallsyms, kallsyms ? strlen(kallsyms) : 0), line;
	struct kallsyms_line k;

	*text = (struct narrow_range){ 0 };
	while (span_line(&rest, &line)) {
		if (!kallsyms_line(line, &k))
			continue;
		if (k.tag.at)
			break;
		if (span_is(k.name, "_stext"))
			text->start = k.addr;
		else if (span_is(k.name, "_etext"))
			text->end = k.addr;
	}
	return text->start && text->start < text->end;
}

int narrow_own_ranges(const char *kallsyms, struct narrow_range *text,
		      struct narrow_range *ranges, size_t max, struct error *err)
{
	struct ranges rs = { 0 };

	if (!find_text(kallsyms, text))
		return error_set(err, -ENOENT, "--own: /proc/kallsyms does not show where the kernel's code begins and ends: all allocations are recorded");
	return give(&rs, add_allocators(&rs, kallsyms, text, err), ranges, max);
}

#define SITE_FROM "call_site>=%#" PRIx64
#define SITE_TO "call_site<%#" PRIx64

/*
 * Most call sites are in no range: half of those that are left are passed over at
 * each step, since every one of them takes the kernel time at every event.
 */
static void put_ranges(FILE *out, const struct narrow_range *ranges, size_t n)
{
	size_t half = n / 2;

	if (n > LEAF) {
		fprintf(out, "(" SITE_TO "&&", ranges[half].start);
		put_ranges(out, ranges, half);
		fprintf(out, "||" SITE_FROM "&&", ranges[half].start);
		put_ranges(out, ranges + half, n - half);
		fputc(')', out);
		return;
	}
	if (n > 1)
		fputc('(', out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s(" SITE_FROM "&&" SITE_TO ")", i ? "||" : "", ranges[i].start,
			ranges[i].end);
	if (n > 1)
		fputc(')', out);
}

int narrow_filter(const struct narrow_range *but, const struct narrow_range *ranges, size_t n,
		  char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");
	bool full;

	if (!out)
		return -ENOMEM;
	if (but)
		fprintf(out, SITE_TO "||" SITE_FROM "%s", but->start, but->end, n ? "||" : "");
	if (n)
		put_ranges(out, ranges, n);
	fputc('\0', out);
	full = ferror(out) || fflush(out) || (size_t)ftello(out) > size;
	fclose(out);
	return full ? -E2BIG : 0;
}

/*
 * include/linux/mmzone.h, enum migratetype: MIGRATE_MOVABLE is 1, up to 4.3 2.
 */
const char *narrow_pages(const char *release)
{
	unsigned int major, minor;

	return sscanf(release, "%u.%u", &major, &minor) == 2 &&
	       (major < 4 || (major == 4 && minor < 4)) ? "migratetype!=2" : "migratetype!=1";
}

/* ---- the events ----------------------------------------------------------------- */

static int set(const struct record_instance *ri, const char *event,
	       const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "events/%s/%s", event, file);
	return record_instance_write(ri, path, text);
}

/* The one for an event: of an allocation that tells its call site, or of pages. */
static const char *filter_for(const struct record_instance *ri, const char *event,
			      const struct narrowed *nw)
{
	bool pages = !strcmp(event, "kmem/mm_page_alloc");
	bool percpu = !strncmp(event, "percpu/", 7);
	const char *filter = pages ? nw->pages : percpu ? nw->percpu : nw->sites;
	char path[256];
	char *format;

	if (!strcmp(event, "kmem/kfree"))
		return nw->frees;
	if (!filter || !strstr(event, "alloc") || strstr(event, "fail"))
		return NULL;
	snprintf(path, sizeof(path), "events/%s/format", event);
	format = record_instance_read(ri, path);
	if (!format || !strstr(format, pages ? " migratetype;" : " call_site;"))
		filter = NULL;
	free(format);
	return filter;
}

/* Frees have no stack. */
static bool has_trigger(const struct record_events *re, const char *event)
{
	return re->stacks == RECORD_STACKS_TRIGGER && strstr(event, "alloc");
}

/* The stack of every one, as record_events_enable() has it. */
static int stack_of_all(const struct record_instance *ri, const char *event)
{
	/* refused if there is none: what counts is that one can be put there */
	set(ri, event, "trigger", "!stacktrace");
	return set(ri, event, "trigger", "stacktrace");
}

/* As it was before: 0 or a negative errno. */
static int widen_event(const struct record_instance *ri, const char *event, bool triggers)
{
	int ret = set(ri, event, "filter", "0");
	int code = triggers ? stack_of_all(ri, event) : 0;

	return ret ? ret : code;
}

/* The stack has a filter of its own, or it comes without its event. */
static int narrow_event(const struct record_instance *ri, const char *event,
			const char *filter, bool triggers)
{
	char trigger[FILTER_MAX + 64];

	if (triggers) {
		int ret;

		snprintf(trigger, sizeof(trigger), "stacktrace if %s", filter);
		/* if it stays, the next one is refused */
		set(ri, event, "trigger", "!stacktrace");
		ret = set(ri, event, "trigger", trigger);
		if (ret)
			return ret;
	}
	return set(ri, event, "filter", filter);
}

int narrow_events(const struct record_instance *ri, const struct record_events *re,
		  struct narrowed *nw, int *stays)
{
	int ret = 0, code, narrowed = 0;
	unsigned int i;
	size_t len = 0;

	*stays = 0;
	*nw->events = '\0';
	for (i = 0; i < re->n_names && !ret; i++) {
		const char *filter = filter_for(ri, re->names[i], nw);

		if (!filter)
			continue;
		ret = narrow_event(ri, re->names[i], filter, has_trigger(re, re->names[i]));
		if (len < sizeof(nw->events))
			len += (size_t)snprintf(nw->events + len, sizeof(nw->events) - len, "%s%s",
						narrowed ? "," : "", re->names[i]);
		narrowed++;
	}
	if (!ret)
		return narrowed;
	/* what is left out of some events only, nobody would be told */
	while (i--) {
		code = filter_for(ri, re->names[i], nw) ?
		       widen_event(ri, re->names[i], has_trigger(re, re->names[i])) : 0;
		if (code)
			*stays = code;
	}
	return ret;
}

void narrowed_free(struct narrowed *nw)
{
	free(nw->sites);
	free(nw->percpu);
	*nw = (struct narrowed){ 0 };
}

/* The filters, from what the kernel tells of itself. 0 or a negative errno with @err set. */
static int find_filters(struct narrowed *nw, const struct narrow_opts *opts, struct error *err)
{
	struct narrow_range ranges[RANGES_MAX], text;
	char *proc_modules = opts->own ? NULL : file_read("/proc/modules", NULL);
	char *kallsyms = file_read("/proc/kallsyms", NULL);
	struct utsname uts;
	int n, ret;

	if (opts->own)
		n = narrow_own_ranges(kallsyms, &text, ranges, RANGES_MAX, err);
	else
		n = narrow_ranges(opts->modules, proc_modules, kallsyms, ranges, RANGES_MAX, err);
	free(proc_modules);
	free(kallsyms);
	if (n < 0)
		return n;
	nw->sites = malloc(FILTER_MAX);
	ret = nw->sites ? narrow_filter(opts->own ? &text : NULL, ranges, (size_t)n, nw->sites,
					FILTER_MAX) : -ENOMEM;
	/* what the loader takes for a module tells itself */
	if (!ret && asprintf(&nw->percpu, "reserved!=0||%s", nw->sites) < 0) {
		nw->percpu = NULL;
		ret = -ENOMEM;
	}
	if (ret)
		return error_set(err, ret, "%s: no filter for this kernel: %s: the allocations of all are recorded",
				 opts->own ? "--own" : "--module", strerror(-ret));
	if (opts->own) {
		nw->pages = narrow_pages(uname(&uts) ? "" : uts.release);
		nw->frees = "ptr!=0";
	}
	return 0;
}

int narrow_set(const struct record_instance *ri, const struct record_events *re,
	       const struct narrow_opts *opts, struct narrowed *nw, struct error *why,
	       struct error *err)
{
	const char *option = opts->own ? "--own" : "--module";
	int ret, stays = 0;

	*nw = (struct narrowed){ 0 };
	*why->text = '\0';
	ret = find_filters(nw, opts, why);
	if (!ret) {
		ret = narrow_events(ri, re, nw, &stays);
		if (ret < 0)
			error_set(why, ret, "%s: this kernel does not take the filter: %s: the allocations of all are recorded",
				  option, strerror(-ret));
	}
	if (ret < 0)
		narrowed_free(nw);
	if (stays)
		return error_set(err, stays, "%s: this kernel takes the filter of some events only, and it cannot be taken back: %s: record without %s",
				 option, strerror(-stays), option);
	return 0;
}
