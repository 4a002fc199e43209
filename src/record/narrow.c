// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * narrow.c - see record_narrow.h
 */
#include "narrow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocfn.h"
#include "error.h"
#include "kallsyms.h"
#include "modname.h"
#include "procmem.h"
#include "record_events.h"
#include "record_files.h"
#include "record_instance.h"

/* the kernel takes a filter of less than a page, 4096 bytes on most */
#define FILTER_MAX	4000u
#define RANGES_MAX	60u
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

/* Core functions that allocate for others; each ends where the next begins. */
static int add_allocators(struct ranges *rs, const char *kallsyms)
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
		if (open && k.addr > open) {
			if (add(rs, open, k.addr))
				return -ENOMEM;
			open = 0;
		}
		len = span_len(k.name);
		if (!kallsyms_is_text(k.type) || !k.addr || len >= sizeof(name))
			continue;
		memcpy(name, k.name.at, len);
		name[len] = '\0';
		if (allocfn_flags(name) & FN_ALLOC)
			open = k.addr;
	}
	return 0;
}

/* Joins what touches, and then what is closest, until there are @max. */
static void join(struct ranges *rs, size_t max)
{
	uint64_t gap = 0;

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

int narrow_ranges(const char *modules, const char *proc_modules,
		  const char *kallsyms, struct narrow_range *ranges,
		  size_t max, struct error *err)
{
	struct ranges rs = { 0 };
	int ret;

	ret = add_modules(&rs, modules, proc_modules, err);
	if (!ret && add_allocators(&rs, kallsyms))
		ret = error_set(err, -ENOMEM, "not enough memory");
	if (!ret) {
		join(&rs, max);
		memcpy(ranges, rs.items, rs.n * sizeof(*ranges));
		ret = (int)rs.n;
	}
	free(rs.items);
	return ret;
}

int narrow_filter(const struct narrow_range *ranges, size_t n, char *text,
		  size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(text + len, size - len,
					"%s(call_site>=%#" PRIx64 "&&call_site<%#" PRIx64 ")",
					i ? "||" : "", ranges[i].start,
					ranges[i].end);
	return len < size ? 0 : -E2BIG;
}

/* ---- the events ----------------------------------------------------------------- */

static int set(const struct record_instance *ri, const char *event,
	       const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "events/%s/%s", event, file);
	return record_instance_write(ri, path, text);
}

/* An allocation that tells its call site. */
static bool can_narrow(const struct record_instance *ri, const char *event)
{
	char path[256];
	char *format;
	bool can;

	if (!strstr(event, "alloc") || strstr(event, "fail"))
		return false;
	snprintf(path, sizeof(path), "events/%s/format", event);
	format = record_instance_read(ri, path);
	can = format && strstr(format, " call_site;");
	free(format);
	return can;
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
	char trigger[FILTER_MAX + 32];

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
		  const char *filter, int *stays)
{
	bool triggers = re->stacks == RECORD_STACKS_TRIGGER;
	int ret = 0, code, narrowed = 0;
	unsigned int i;

	*stays = 0;
	for (i = 0; i < re->n_names && !ret; i++) {
		if (!can_narrow(ri, re->names[i]))
			continue;
		ret = narrow_event(ri, re->names[i], filter, triggers);
		narrowed++;
	}
	if (!ret)
		return narrowed;
	/* what is left out of some events only, nobody would be told */
	while (i--) {
		code = can_narrow(ri, re->names[i]) ?
		       widen_event(ri, re->names[i], triggers) : 0;
		if (code)
			*stays = code;
	}
	return ret;
}

int record_narrow(const struct record_instance *ri,
		  const struct record_events *re, const char *modules,
		  char **filter, bool *stays, struct error *err)
{
	struct narrow_range ranges[RANGES_MAX];
	char *proc_modules = file_read("/proc/modules", NULL);
	char *kallsyms = file_read("/proc/kallsyms", NULL);
	int n, ret, code = 0;

	*stays = false;
	*filter = NULL;
	n = narrow_ranges(modules, proc_modules, kallsyms, ranges, RANGES_MAX,
			  err);
	free(proc_modules);
	free(kallsyms);
	if (n < 0)
		return n;
	*filter = malloc(FILTER_MAX);
	ret = *filter ? narrow_filter(ranges, (size_t)n, *filter, FILTER_MAX) : -ENOMEM;
	if (!ret)
		ret = narrow_events(ri, re, *filter, &code);
	*stays = code;
	if (ret < 0 || code) {
		free(*filter);
		*filter = NULL;
	}
	if (code)
		return error_set(err, code, "--module: this kernel takes the filter of some events only, and it cannot be taken back: %s: record without --module",
				 strerror(-code));
	if (ret < 0)
		return error_set(err, ret, "--module: this kernel does not take the filter: %s: the allocations of all are recorded",
				 strerror(-ret));
	return ret;
}
