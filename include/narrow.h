/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * narrow.h - leaves out in the kernel, by filters of events, what was not asked for
 *
 * An event that tells its call site is kept if that lies in one of the wanted
 * modules, or in a core function that allocates for its caller (kmemdup(),
 * devm_kmalloc(), ...), who is known only from the stack. With --own all that is
 * no code of the kernel's own (_stext to _etext) is wanted: all modules, those
 * that are yet to come, too. Pages tell no call site, but whether they are movable:
 * memory of user space and of the page cache. Frees are all kept: they do not tell
 * whose memory it was.
 */
#ifndef MODMEM_NARROW_H
#define MODMEM_NARROW_H

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

/*
 * The same of what is to be kept in the kernel's own code, *@text, which may be none.
 */
int narrow_own_ranges(const char *kallsyms, struct narrow_range *text,
		      struct narrow_range *ranges, size_t max, struct error *err);

/*
 * The event filter for them, and for all outside of *@but (NULL: of nothing). -E2BIG: it
 * does not fit.
 */
int narrow_filter(const struct narrow_range *but, const struct narrow_range *ranges, size_t n,
		  char *text, size_t size);

/* The one that leaves movable pages out of mm_page_alloc, by uname -r. */
const char *narrow_pages(const char *release);

struct narrow_opts {
	const char *modules;	/* comma list, NULL: all */
	bool own;		/* what is no module's own is left out; not with modules */
};

/* What was set. */
struct narrowed {
	char *sites;		/* filter of events that tell a call site, NULL: none */
	char *percpu;		/* ... of per-CPU memory; modules' own data (A11) stay */
	const char *pages;	/* of mm_page_alloc, NULL: none */
	const char *frees;	/* of kfree, which are of nothing (A9) at times; NULL: none */
	char events[256];	/* that have one, "kmem/kmalloc,..." */
};

void narrowed_free(struct narrowed *nw);

/*
 * Sets these filters of the events that were enabled, nw->events. Returns how many have one,
 * or a negative errno, and none has it, unless @stays is the errno of taking it back: some
 * events are filtered then, or have no stack.
 */
int narrow_events(const struct record_instance *ri, const struct record_events *re,
		  struct narrowed *nw, int *stays);

/*
 * Finds the filters, and sets them. It is there to spare time and room: where that cannot
 * be had, 0 with @why set (else empty), @nw is empty, and nothing is left out. A negative
 * errno with @err set: something is, nobody could tell what: not to be recorded.
 */
int narrow_set(const struct record_instance *ri, const struct record_events *re,
	       const struct narrow_opts *opts, struct narrowed *nw, struct error *why,
	       struct error *err);

#endif
