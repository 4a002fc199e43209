/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textline.h - one line of the text that tracefs, trace-cmd or perf print
 *
 * What "cat trace" and "cat trace_pipe" show (kernel/trace/trace_output.c,
 * Documentation/trace/ftrace.rst):
 *
 *	# entries-in-buffer/entries-written: 38328/40000   #P:2
 *	   insmod-314   [001] d..1.   12.345678: kfree: call_site=f+0x1/0x9 [m] ptr=...
 *	   insmod-314   [001] d..1.   12.345678: <stack trace>
 *	 => f+0x1/0x9 [m]
 *	CPU:1 [LOST 12 EVENTS]
 *
 * With options/latency-format, and in what ftrace_dump() gives to the console:
 *
 *	  insmod-314       1d..1. 12345us+: kfree: ...
 *
 * "trace-cmd report" and "perf script" of the same events:
 *
 *	   insmod-314   [001]     12.345678: kfree:       (f+0x1) call_site=f+0x1 ptr=...
 *	   insmod-314   [001]     12.345678: kernel_stack:         <stack trace >
 *	=> f (ffffffffc0a01123)
 *	insmod   314 [001]    12.345678: kmem:kfree: call_site=f+0x1 ptr=...
 *	        ffffffffc0a01123 f+0x1 ([m])
 *
 * All of it may stand behind something else: printk's time, a logger's words, the
 * quotes of a mail.
 *
 * A task's name may hold anything, blanks and brackets among it. The group of
 * flags has four characters or five, the second to last that matters here is
 * always the third. Nothing is copied: pointers are into the line.
 */
#ifndef MODMEM_SOURCE_TEXTLINE_H
#define MODMEM_SOURCE_TEXTLINE_H

#include "textvalue.h"

/* Flags of a record, include/linux/trace_events.h, enum trace_flag_type */
#define TEXT_FLAG_HARDIRQ	0x08u
#define TEXT_FLAG_SOFTIRQ	0x10u
#define TEXT_FLAG_NMI		0x40u

#define TEXT_CPUS_MAX		4096u
#define TEXT_PID_MAX		(4u << 20)	/* PID_MAX_LIMIT, include/linux/threads.h */
#define TEXT_LOST_UNKNOWN	UINT64_MAX

enum textline_kind {
	TEXTLINE_NOTHING,	/* empty, or a comment */
	TEXTLINE_CPUS,		/* how many there are, by trace-cmd */
	TEXTLINE_HEAD,		/* what begins a log */
	TEXTLINE_COUNTS,	/* the header's: entries in the buffer, and written */
	TEXTLINE_STARTED,	/* a CPU's first entry follows: buffers were overrun */
	TEXTLINE_ENTRY,
	TEXTLINE_STACK,		/* an entry: frames of the kernel's stack follow */
	TEXTLINE_USER_STACK,	/* ... of the user's */
	TEXTLINE_FRAME,
	TEXTLINE_USER_FRAME,	/* of the user's stack, or no code of its own */
	TEXTLINE_BAD_FRAME,	/* ... of some stack, and not to be read */
	TEXTLINE_LOST,
	TEXTLINE_BARE,		/* an entry without its task, CPU and time */
	TEXTLINE_CUT,		/* ... without its task */
	TEXTLINE_GRAPH,		/* ... in a comment of the tracer function_graph */
	TEXTLINE_RAW,		/* an entry without values: options/raw, hex, bin */
	TEXTLINE_FILTER,	/* of a file of tracefs: tracefilter.h */
	TEXTLINE_FOREIGN,	/* of a console, a mail: no part of a trace */
	TEXTLINE_STRANGE,	/* a part of a trace's line, or a damaged one */
};

struct textline {
	enum textline_kind kind;
	struct textspan title;	/* a head: what it is of, if it says so */
	/* entries */
	struct textspan buffer;	/* name that trace-cmd or grep put before it, or empty */
	struct textspan comm;
	int32_t pid;
	uint32_t cpu;		/* lost: too, and the buffer */
	uint8_t flags;		/* TEXT_FLAG_* */
	uint64_t ts;		/* ns, or a count */
	bool counts;		/* ... since there is no point in it */
	bool narrow;		/* latency format: the name's first eight characters */
	bool perf;		/* of perf script: frames follow the entry itself */
	bool has_frame;		/* a stack's first frame stands in its line */
	bool raw_stack;		/* a stack as numbers, or none: options/fields, report -R */
	struct textspan event, body;
	struct textcode frame;
	uint64_t lost;		/* TEXT_LOST_UNKNOWN */
	uint64_t in_buffer, written;
	uint32_t cpus;		/* counts, cpus: of the machine; 0: not told */
};

/* Takes the @len bytes at @text apart, without the newline. */
void textline_parse(const char *text, size_t len, struct textline *line);

#endif
