/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - where records come from
 *
 * A source is an opened recording: what the file says of the traced machine
 * (struct source_info), and one stream of raw ring-buffer records per buffer
 * and CPU, each in the order in which that CPU wrote them. Streams are not
 * merged here: an event and its stack are paired per CPU first (decode.h).
 */
#ifndef MODMEM_SOURCE_H
#define MODMEM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buildid.h"

struct error;
struct perfdata;
struct textlog;
struct tracefilters;

/* Who wrote a recording: what there is to do about its faults depends on it. */
enum recorder_kind {
	RECORDER_UNKNOWN,
	RECORDER_MODMEM,		/* modmem record, and run */
	RECORDER_TRACE_CMD,		/* or whatever writes a trace.dat */
	RECORDER_TEXT,			/* what tracefs prints */
	RECORDER_TEXT_TRACE_CMD,	/* trace-cmd report */
	RECORDER_TEXT_PERF,		/* perf script */
	RECORDER_PAGE_OWNER,		/* no recorder: a text of page_owner (pageowner.h) */
	RECORDER_PERF,			/* perf.data */
	RECORDER_LIVE,			/* modmem top */
	RECORDER_KINDS
};

/* Text of one event's "format" file, as the kernel printed it. */
struct source_format {
	const char *system;		/* "kmem", "ftrace", ... */
	const char *text;		/* not terminated */
	size_t len;			/* bytes */
};

/* One ring buffer (the top one, or a tracefs instance) of the recording. */
struct source_buffer {
	const char *name;		/* "" for the top-level buffer */
	const char *clock;		/* trace_clock in use, NULL: not recorded */
	bool clock_is_ns;		/* time stamps are ns (or were made so) */
	uint32_t page_size;		/* bytes of a ring-buffer page */
	uint32_t cpus;			/* number of streams of this buffer */
};

/* Of a module's file, or the kernel's, that was running. */
struct source_build_id {
	char module[64];		/* COMPANION_VMLINUX: the kernel */
	char text[BUILDID_TEXT];	/* hex */
};

/* Ring buffer totals that the kernel kept itself (per_cpu/cpuN/stats). */
struct source_cpustat {
	uint32_t buffer;		/* index into source_info.buffers */
	uint32_t cpu;
	uint64_t overrun;		/* records overwritten before they were read */
	uint64_t dropped;		/* that found no room ("commit overrun" too) */
	bool unread;			/* the kernel did not tell (any more): at least these */
};

/* All strings and texts belong to the source and live as long as it does. */
struct source_info {
	const char *path;
	unsigned int version;		/* of the file format: 6 or 7 */
	bool big_endian;
	/*
	 * Size of the traced machine's long. From the ring buffer's own
	 * header_page ("commit" is a local_t), since the file's header tells
	 * of trace-cmd's userspace (trace-cmd.dat.v7(5)).
	 */
	unsigned int long_size;		/* bytes: 4 or 8 */
	uint32_t page_size;		/* bytes, of the traced machine */
	bool page_size_doubtful;	/* it may be less */
	uint32_t cpus;			/* highest CPU count of the file */
	const char *uname;		/* NULL: not recorded */
	enum recorder_kind made_by;
	const char *recorder;		/* "modmem 0.1.0", of trace-cmd: likewise; NULL */
	const char *kallsyms;		/* text of /proc/kallsyms, NULL: none */
	size_t kallsyms_len;
	uint64_t core_start, core_end;	/* addresses of the kernel's text; 0: not told */
	const char *modules;		/* text of /proc/modules at the start, NULL: none */
	size_t modules_len;
	const char *cmdlines;		/* "PID COMM\n" lines, NULL: none */
	size_t cmdlines_len;

	const char *header_page;	/* text of events/header_page */
	size_t header_page_len;
	const char *header_event;	/* text of events/header_event */
	size_t header_event_len;
	const struct source_format *formats;
	size_t n_formats;
	const struct source_buffer *buffers;
	size_t n_buffers;
	const struct source_cpustat *cpustats;
	size_t n_cpustats;

	/*
	 * What of the file could not be used although the rest can, one
	 * sentence each: trailing data cut off, an unreadable section. A
	 * stream whose data are cut off just ends where they do.
	 */
	const char *const *damage;
	size_t n_damage;

	const struct source_build_id *build_ids;
	size_t n_build_ids;
	const struct tracefilters *filters;	/* that the recording tells of; or NULL */
	const struct textlog *text;	/* made of a text log (textlog.h); or NULL */
	const struct perfdata *perf;	/* made of a perf.data (perfdata.h); or NULL */
};

/* Some records were lost before this one, the kernel did not say how many. */
#define SOURCE_LOST_UNKNOWN UINT64_MAX

struct source_record {
	/*
	 * ns, or the clock's own unit, as trace-cmd report prints it: with the
	 * file's offset and its conversion of TSC cycles applied.
	 */
	uint64_t ts;
	const uint8_t *data;		/* starts with common_type */
	uint32_t len;			/* bytes */
	uint64_t lost;			/* records lost just before this one */
};

struct source;

/*
 * Opens a trace.dat of version 6 or 7. On failure returns NULL with @err set:
 * no such file, not a trace.dat, truncated in its headers, compressed by
 * something unknown. source_close(NULL) does nothing.
 */
struct source *source_open(const char *path, struct error *err);

/* The same, called @name in messages and reports. */
struct source *source_open_named(const char *path, const char *name, struct error *err);

/* Descriptor of the file that is read, -1: it is none. */
int source_fd(const struct source *src);
void source_close(struct source *src);

/*
 * The same for what textlog_convert() made of the log called @name; @log is
 * copied, its descriptor stays the caller's.
 */
struct source *source_open_text(const struct textlog *log, const char *name,
				struct error *err);

/* ... and for what perfdata_convert() made, which is the source's then if it opens. */
struct source *source_open_perf(const struct perfdata *perf, const char *name,
				struct error *err);

/*
 * A source that is no file: all that source.h promises of a function is done by
 * the one of the same name here. @close frees @arg.
 */
struct source_ops {
	const struct source_info *(*info)(const void *arg);
	size_t (*streams)(const void *arg);
	uint32_t (*stream_cpu)(const void *arg, size_t i);	/* of buffer 0 */
	int (*next)(void *arg, size_t i, struct source_record *rec, struct error *err);
	uint64_t (*start)(const void *arg);
	uint64_t (*now)(const void *arg);
	void (*close)(void *arg);
};

/* A live source, NULL: no memory, and @arg is not taken over. */
struct source *source_live(const struct source_ops *ops, void *arg);

/*
 * Records still come: source_next() returns -EAGAIN, without @err, where a
 * stream is dry now; it has no end, cannot be rewound, and shows no progress.
 * See pipeline.h for what that means to who reads it.
 */
bool source_is_live(const struct source *src);

/* ns of the trace clock at which a live source began, 0 for a file. */
uint64_t source_live_start(const struct source *src);

/* ... and what it shows now. */
uint64_t source_live_now(const struct source *src);

const struct source_info *source_info(const struct source *src);

/* Whether time stamps put the events of several CPUs in order. */
enum clock_order {
	CLOCK_IN_ORDER,
	CLOCK_SKEWS,		/* each CPU has its own */
	CLOCK_STANDS,		/* it stands still for milliseconds, for all CPUs */
};

/* The worst clock of all buffers, NULL: as good as "local". */
enum clock_order source_clock_order(const struct source_info *info, const char **clock);

/* The kernel of "Linux HOST RELEASE MACHINE" is older; false: nobody says so. */
bool source_kernel_before(const char *uname, unsigned int major, unsigned int minor);

/* The page size of the machine that recorded a file, which is doubtful no more. */
void source_set_page_size(struct source *src, uint32_t bytes);

/* Number of streams, and which buffer and CPU stream @i carries. */
size_t source_streams(const struct source *src);
uint32_t source_stream_buffer(const struct source *src, size_t i);
uint32_t source_stream_cpu(const struct source *src, size_t i);

/*
 * Next record of stream @i. Returns 1 with @rec filled (its data valid until
 * the next call for the same stream), 0 at the end, or a negative errno with
 * @err set when the data cannot be read further (truncated or garbage page;
 * the stream then stays at its end). Records lost after the stream's last
 * record come as a record of length 0. Different streams may be read by
 * different threads.
 */
int source_next(struct source *src, size_t i, struct source_record *rec,
		struct error *err);

/*
 * What is read is compared with the checksums of the item "checksums"
 * (companion.h), @len bytes; a file without them cannot be verified. What
 * differs is damage, and read all the same. Before the first record. 0 or -ENOMEM.
 */
int source_verify(struct source *src, const void *sums, size_t len);

enum source_verified {
	SOURCE_UNVERIFIED,	/* there are no checksums */
	SOURCE_VERIFIED,	/* what was read of the file is what was recorded */
	SOURCE_DIFFERS,
};

/* Of what was read so far. */
enum source_verified source_verified(const struct source *src);

/*
 * A sentence on what differs in the data of stream @i; false: nothing was found.
 * Of the rest of the file it is among source_info.damage.
 */
bool source_differs(const struct source *src, size_t i, char *text, size_t size);

/*
 * How often a page of stream @i was read that began before the last record of the
 * page before it. No clock that the kernel traces by runs backwards on one CPU;
 * differences below a millisecond are not counted.
 */
uint64_t source_backwards(const struct source *src, size_t i);

/* Starts all streams again from their first record. */
void source_rewind(struct source *src);

/*
 * Bytes of trace data read so far, and in all, for a progress line. While other
 * threads read, it is what they told last.
 */
void source_progress(const struct source *src, uint64_t *done, uint64_t *total);

#endif
