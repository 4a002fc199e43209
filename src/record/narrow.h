/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_narrow.h - leaves out what other modules allocate
 *
 * An event that tells its call site is kept if that lies in one of the wanted
 * modules, or in a core function that allocates for its caller (kmemdup(),
 * devm_kmalloc(), ...), who is known only from the stack. Frees are all kept:
 * they do not tell whose memory it was.
 */
#ifndef MODMEM_RECORD_NARROW_H
#define MODMEM_RECORD_NARROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct record_events;
struct record_instance;

struct narrow_range {
	uint64_t start, end;	/* without the end */
};

/*
 * Finds the ranges for @modules (comma list) in the texts of /proc/modules and
 * /proc/kallsyms, at most @max of them: closer ones are joined. In the order of
 * addresses. Returns their number, or a negative errno with @err set: a module
 * is not loaded, no addresses are shown.
 */
int narrow_ranges(const char *modules, const char *proc_modules,
		  const char *kallsyms, struct narrow_range *ranges,
		  size_t max, struct error *err);

/* The event filter for them; -E2BIG: it does not fit. */
int narrow_filter(const struct narrow_range *ranges, size_t n, char *text,
		  size_t size);

/*
 * Sets this filter of the events that tell a call site. Returns how many do, or a
 * negative errno, and none has it, unless @stays is the errno of taking it back: some
 * events are filtered then, or have no stack.
 */
int narrow_events(const struct record_instance *ri, const struct record_events *re,
		  const char *filter, int *stays);

/*
 * Sets the filters of the events that were enabled to *@filter, which the caller
 * frees. Returns how many were narrowed, or a negative errno with @err set, *@filter
 * is NULL, and nothing is left out. With @stays something is, nobody could tell
 * what: not to be recorded.
 */
int record_narrow(const struct record_instance *ri,
		  const struct record_events *re, const char *modules,
		  char **filter, bool *stays, struct error *err);

#endif
