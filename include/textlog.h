/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textlog.h - the plain text of trace and trace_pipe, made into a trace.dat
 *
 * On small targets there is nothing but cat. What tracefs prints is read once,
 * as it comes, and written as a trace.dat into a file that has no name (in
 * $TMPDIR or /tmp), which the replay then reads as any other: no second decoder.
 *
 * What the text does not say and is made up: where code lies (textsyms.h), the
 * word size (64 bits), the page size (told, or 4096), nanoseconds (their order
 * is the text's). Pointers are mostly hashed: good to recognise an object by,
 * and to nothing else.
 */
#ifndef MODMEM_TEXTLOG_H
#define MODMEM_TEXTLOG_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"
#include "tracefilter.h"

struct error;

#define TEXTLOG_HEAD_MAX 65536u	/* bytes */
/* How far into a file its first line of a trace may be, behind a console's, bytes. */
#define TEXTLOG_SEARCH_MAX (64u << 20)

struct textlog_opts {
	const char *name;	/* of the log, for messages */
	uint32_t page_size;	/* bytes, of the traced machine; 0: not told */
	const volatile sig_atomic_t *stop;	/* set: the log ends here; or NULL */
	int (*progress)(void *arg, uint64_t done, uint64_t total);	/* or NULL */
	void *progress_arg;
	uint64_t total;		/* bytes of the log, 0: not known */
	const void *head;	/* bytes of it that were read already */
	size_t head_len;	/* at most TEXTLOG_HEAD_MAX */
	const char *kallsyms_file;	/* says which module a function is of; or NULL */
	const char *modules_file;	/* says where modules lie; or NULL */
};

/*
 * The offset in a function where the log names none: no call can return there,
 * as the shortest one is two bytes long.
 */
#define TEXTLOG_NO_OFFSET 1u

/* Of the made-up kallsyms: what lies here has no name. */
#define TEXTLOG_NAMELESS "nameless"

struct textlog {
	int fd;			/* of the trace.dat; whose it is then */
	enum recorder_kind made_by;	/* RECORDER_TEXT* */
	uint64_t lines;
	uint64_t entries;
	uint64_t strange;	/* lines of a trace that cannot be read */
	uint64_t merged;	/* entries of page_owner_sort, see pageowner.h */
	uint64_t foreign;	/* ... and those that are of something else */
	uint64_t raw_stacks;	/* printed in part, as numbers, or not at all */
	uint64_t cut_stacks;	/* printk had no room for their outer frames */
	uint64_t joined;	/* entries that were broken into several lines */
	uint64_t stacks;	/* of the kernel, whatever was printed of them */
	bool one_cpu;		/* all entries are of one */
	uint64_t overwritten;	/* entries that were gone before it was read */
	bool overwritten_unknown;	/* ... or some were, and nothing says how many */
	uint64_t unusable;	/* events with a value that cannot be read */
	uint64_t withheld;	/* events whose pointer was not printed */
	uint64_t out_of_order;	/* entries older than the one before ... */
	uint64_t went_back;	/* ... by far, and than another of their CPU */
	uint64_t cpu_logs;	/* times that another CPU's log began, behind one */
	uint32_t logs_behind;	/* ... and that one of the same CPUs did, with a head */
	uint32_t buffers;	/* that have entries: buffers, files or logs */
	bool buffers_mixed;	/* they were more than could be kept apart */
	char first_buffer[64];	/* what it is called, "": the top instance */
	char buffer_names[160];	/* 'a', 'b'; may be cut off */
	unsigned int long_bits;	/* of the traced machine: 32 or 64 */
	bool hashed;		/* pointers are, or may be ... */
	bool hashed_known;	/* ... and that is sure */
	bool no_offsets;	/* code is named without offsets */
	bool no_modules;	/* ... or without modules, and no kallsyms tells of them */
	bool kallsyms_unseen;	/* the given ones name code, and no stack confirms them */
	bool kallsyms_differ;	/* the given ones: their addresses are not the log's */
	uint64_t ambiguous;	/* functions that may be of several modules */
	bool perf;		/* of perf script, which does not tell of losses */
	bool short_names;	/* of tasks: their first eight characters */
	uint32_t page_size;	/* bytes, of the traced machine; its trace.dat has others */
	bool page_size_assumed;
	bool cpus_told;		/* how many there are */
	struct tracefilters filters;	/* that it tells of */
};

/* Is a line of such a text in these @len bytes of a file? */
bool textlog_is_text(const void *data, size_t len);

/* Are these, the first of a file, no text at all? */
bool textlog_is_binary(const void *data, size_t len);

/*
 * Reads the text from @fd up to its end. Returns 0 with @log filled, or a
 * negative errno with @err set: not such a text, no room in the temporary
 * folder, unreadable, -ECANCELED by progress.
 */
int textlog_convert(int fd, const struct textlog_opts *opts, struct textlog *log,
		    struct error *err);

#endif
