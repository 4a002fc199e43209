/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracefilter.h - what was set in tracefs that leaves events out of a trace
 *
 * Neither a trace.dat nor a text says by itself that a filter was set. The files
 * of tracefs do (Documentation/trace/events.rst, "Event filtering", "Event
 * triggers"), as "grep" prints them, with a folder before the name or not:
 *
 *	/sys/kernel/tracing/events/kmem/kfree/filter:bytes_req > 100
 *	events/kmem/kmalloc/trigger:stacktrace:unlimited if bytes_req > 100
 *	set_event_pid:123
 *	tracing_cpumask:3
 *
 * The recorder keeps lines of that form, and texts may hold some.
 */
#ifndef MODMEM_TRACEFILTER_H
#define MODMEM_TRACEFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACEFILTERS_MAX	32u
#define TRACEFILTER_EVENT_MAX	64u	/* bytes with the NUL */
#define TRACEFILTER_TEXT_MAX	160u	/* ... of what is shown of a filter */

enum tracefilter_kind {
	TRACEFILTER_NONE,	/* leaves nothing out that matters here */
	TRACEFILTER_REFUSED,	/* the kernel did not take the event's filter */
	TRACEFILTER_EVENTS,	/* records of the event */
	TRACEFILTER_SWITCHED,	/* ... all of them, while a trigger had it off */
	TRACEFILTER_DISABLED,	/* it is off now, or all is; it may have been on before */
	TRACEFILTER_STACKS,	/* stacks behind the event */
	TRACEFILTER_TRACING,	/* all, from when that event came, or until it did */
	TRACEFILTER_TASKS,	/* all of other tasks */
	TRACEFILTER_OTHER_TASKS,	/* all of these tasks */
	TRACEFILTER_CPUS,	/* all of CPUs that are not in a mask */
	TRACEFILTER_SAMPLED,	/* all but one in so many of the event */
};

struct tracefilter {
	enum tracefilter_kind kind;
	char event[TRACEFILTER_EVENT_MAX];	/* "kmem:kfree", "kmem:*"; or empty */
	char text[TRACEFILTER_TEXT_MAX];	/* as it was set; "..." ends a longer one */
	bool late;		/* it was not there when the recording began */
};

struct tracefilters {
	struct tracefilter items[TRACEFILTERS_MAX];
	size_t n;
	bool more;		/* than are in there */
};

/*
 * Takes the @len bytes at @line apart, in which anything may stand before the name of
 * the file. False: it is no line of such a file.
 */
bool tracefilter_parse(const char *line, size_t len, struct tracefilter *f);

/* Adds what leaves something out and is not there yet. */
void tracefilters_add(struct tracefilters *list, const struct tracefilter *f);

/*
 * The same of each line of the @len bytes at @text; @late: it was copied at the end of
 * the recording.
 */
void tracefilters_read(struct tracefilters *list, const char *text, size_t len, bool late);

/*
 * f->event of the @len bytes at @event, as perf has it: "SYSTEM:NAME", either with
 * wildcards, and modifiers behind it. False: it is none that matters here.
 */
bool tracefilter_event(struct tracefilter *f, const char *event, size_t len);

/* f->text: an option, and its @value (NULL: none). */
void tracefilter_text(struct tracefilter *f, const char *option, const char *value);

/*
 * A mask as the kernel prints it ("f", "ffffffff,ffffffff") lacks one of the CPUs
 * below @cpus, or one below its highest. One that was cut off tells less.
 */
bool tracefilter_lacks_cpus(const char *mask, uint32_t cpus);

#endif
