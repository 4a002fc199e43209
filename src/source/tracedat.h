/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracedat.h - an opened trace.dat: what its headers say, and where the
 * trace data of each CPU lies
 *
 * Format: trace-cmd.dat.v6(5), trace-cmd.dat.v7(5). Where these are silent,
 * trace-cmd 3.1's own files and reader decide; each such rule is marked.
 *
 *	tracedat.c	opens, reads the first bytes, checks the whole
 *	store.c		memory that lives as long as the source
 *	tracedat_v6.c	the order of things in version 6
 *	tracedat_v7.c	sections and option chains of version 7
 *	headers.c	header parts, the same in both versions
 *	options.c	options, the same in both versions
 *	areas.c		trace data of one CPU: bounds, chunks
 *	checksums.c	whether they are what was recorded
 *
 * Nothing in the file is believed: sizes are compared with what the file has
 * before use, and what is allocated is bounded by the size of the file and
 * the limits of unpack.h.
 */
#ifndef MODMEM_SOURCE_TRACEDAT_H
#define MODMEM_SOURCE_TRACEDAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "ringpage.h"
#include "source.h"

struct error;
struct pieces;
struct pool_block;
struct unpacker;

/* CPU numbers from here on are damage (the kernel's NR_CPUS ends at 8192). */
#define TRACEDAT_MAX_CPUS	65536
/* More instances than anybody makes. */
#define TRACEDAT_MAX_BUFFERS	1024

/* An array that grows; @items moves when it does. */
struct vec {
	void *items;
	size_t n;
};

/* A new, zeroed element of @size bytes at the end of @vec, NULL: no memory. */
void *vec_add(struct vec *vec, size_t size);

/* The trace data of one CPU of one buffer. */
struct area {
	uint32_t buffer;	/* index into info.buffers */
	uint32_t cpu;
	bool packed;		/* compressed, in chunks */
	uint64_t offset;	/* bytes into the file: pages, or first chunk */
	uint64_t size;		/* bytes that are there and make sense */
	uint64_t pages;		/* bytes of pages in there, unpacked */
	bool cut;		/* told as damage already */
	uint32_t chunks;	/* packed: how many ... */
	uint32_t chunk_max;	/* ... and the largest, bytes unpacked */
};

/*
 * From the time stamps of the file to those that trace-cmd report prints:
 * ts * mult >> shift if there is a mult, then + offset.
 */
struct clock_rule {
	uint32_t mult;
	uint32_t shift;		/* at most 32 */
	uint64_t offset;
};

/* Where the header sections of version 7 are; 0: not there. */
enum {
	SECTION_OPTIONS		= 0,
	SECTION_BUFFER		= 3,
	SECTION_HEADER_INFO	= 16,
	SECTION_FTRACE_EVENTS	= 17,
	SECTION_EVENT_FORMATS	= 18,
	SECTION_KALLSYMS	= 19,
	SECTION_PRINTK		= 20,
	SECTION_CMDLINES	= 21,
	SECTION_BUFFER_TEXT	= 22,
	SECTION_MAX
};

struct tracedat {
	struct source_info info;
	struct ring_format ring;
	bool have_ring;
	struct clock_rule clock;

	const char *path;
	const uint8_t *map;	/* the file, read-only; NULL: not open */
	int fd;
	size_t size;		/* bytes of it */
	struct unpacker *unpacker;	/* NULL: not compressed */
	uint64_t unpacked;	/* bytes of header sections unpacked so far */
	uint64_t data_bytes;	/* trace data of all areas, in the file */
	uint64_t chunk_bytes;	/* sum of chunk_max of all areas */
	uint64_t option_bytes;	/* options read so far; v6: of instances */
	uint32_t cpu_seen[TRACEDAT_MAX_CPUS];	/* by buffer + 1, last */
	struct pool_block *pool;	/* strings and unpacked sections */

	const char *trace_clock;	/* selected in TRACECLOCK */
	const char *stat_buffer;	/* whose CPUSTATs come now */
	unsigned int text_buffers;	/* that hold text, not records */
	uint64_t sections[SECTION_MAX];	/* version 7: offsets */

	struct vec formats;	/* struct source_format */
	struct vec buffers;	/* struct source_buffer */
	struct vec totals;	/* struct cpu_totals */
	struct vec cpustats;	/* struct source_cpustat */
	struct vec areas;	/* struct area */
	struct vec damage;	/* const char * */
	struct pieces *pieces;	/* of each area, NULL: there are no checksums */
	bool head_bad;		/* not what its checksum says */
};

/* A CPUSTAT whose buffer may come later in the file. */
struct cpu_totals {
	const char *buffer;	/* name */
	struct source_cpustat value;
};

/* tracedat.c. On failure NULL with @err set. */
struct tracedat *tracedat_open(const char *path, const char *name, struct error *err);
void tracedat_close(struct tracedat *td);

/* A cursor over the file from @offset to its end. */
void tracedat_cursor(const struct tracedat *td, struct cursor *cur,
		     uint64_t offset, const char *part, struct error *err);

/* store.c. Memory and strings that live as long as @td; NULL: no memory. */
void *tracedat_alloc(struct tracedat *td, size_t size);
const char *tracedat_strndup(struct tracedat *td, const char *s, size_t len);

/* Adds a sentence to info.damage. 0 or -ENOMEM. */
int tracedat_damage(struct tracedat *td, struct error *err,
		    const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A buffer in a sentence: the main one has no name. */
#define BUFFER_FORMAT "%s%s%s"
#define BUFFER_WORDS(name) \
	*(name) ? "buffer \"" : "the main buffer", (name), *(name) ? "\"" : ""

/* Adds a buffer, its name and clock copied (@clock may be NULL). */
int tracedat_add_buffer(struct tracedat *td, const char *name,
			const char *clock, uint32_t page_size,
			uint32_t *index, struct error *err);

/* -ENOMEM, with the sentence for it. */
int tracedat_no_memory(const struct tracedat *td, struct error *err);

/* Frees all that the above handed out. */
void tracedat_free_store(struct tracedat *td);

/* tracedat_v6.c, tracedat_v7.c: everything behind the page size. */
int tracedat_read_v6(struct tracedat *td, struct cursor *cur);
int tracedat_read_v7(struct tracedat *td, struct cursor *cur);

/* headers.c: one part of the headers at the cursor. 0 or a negative errno. */
int header_info_read(struct tracedat *td, struct cursor *cur);
int header_ftrace_read(struct tracedat *td, struct cursor *cur);
int header_events_read(struct tracedat *td, struct cursor *cur);
int header_kallsyms_read(struct tracedat *td, struct cursor *cur);
int header_printk_read(struct tracedat *td, struct cursor *cur);
int header_cmdlines_read(struct tracedat *td, struct cursor *cur);

/*
 * options.c: one option, @cur being all of its data. Unknown ones are left
 * out, as the man pages have it. 0 or a negative errno.
 */
enum {
	OPTION_DONE		= 0,
	OPTION_DATE		= 1,
	OPTION_CPUSTAT		= 2,
	OPTION_BUFFER		= 3,
	OPTION_TRACECLOCK	= 4,
	OPTION_UNAME		= 5,
	OPTION_OFFSET		= 7,
	OPTION_CPUCOUNT		= 8,
	OPTION_VERSION		= 9,
	OPTION_TIME_SHIFT	= 12,
	OPTION_TSC2NSEC		= 14,
	OPTION_BUFFER_TEXT	= 22,
};

int option_read(struct tracedat *td, uint16_t id, struct cursor *cur);

/* The name in brackets in "[local] global counter", or NULL. */
const char *option_selected_clock(struct tracedat *td, const char *text,
				  size_t len);

/*
 * areas.c: adds the trace data of one CPU, @size bytes at @offset as the file
 * says; what is not there is cut off and told as damage.
 */
int area_add(struct tracedat *td, uint32_t buffer, uint32_t cpu,
	     uint64_t offset, uint64_t size, bool packed, struct error *err);

#endif
