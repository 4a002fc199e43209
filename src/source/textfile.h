/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textfile.h - writes what was read of a text log as a trace.dat of version 6
 *
 * Entries are kept in a file without a name until all symbols are known, then
 * written as pages of the ring buffer, CPU by CPU (trace-cmd.dat.v6(5)), in the
 * byte order of this machine.
 */
#ifndef MODMEM_SOURCE_TEXTFILE_H
#define MODMEM_SOURCE_TEXTFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "ringfile.h"
#include "textline.h"

struct error;
struct textsyms;

/* Events of the file; their numbers are their ids. */
enum textevent {
	TEXTEVENT_OTHER = 1,	/* of no interest, but it counts */
	TEXTEVENT_STACK,
	TEXTEVENT_KMALLOC,
	TEXTEVENT_CACHE_ALLOC,
	TEXTEVENT_KFREE,
	TEXTEVENT_CACHE_FREE,
	TEXTEVENT_PAGE_ALLOC,
	TEXTEVENT_PAGE_FREE,
	TEXTEVENT_PERCPU_ALLOC,
	TEXTEVENT_PERCPU_FREE,
	TEXTEVENT_PERCPU_FAIL,
	TEXTEVENT_MODULE_LOAD,
	TEXTEVENT_MODULE_FREE,
	TEXTEVENT_AREA_RANGE,
	TEXTEVENTS
};

#define TEXTENTRY_NAME_MAX	255u
#define TEXT_BUFFERS_MAX	64u
#define TEXT_LANE_NONE	UINT16_MAX
#define TEXTENTRY_FRAMES_MAX	256u	/* more than the kernel unwinds */

struct textentry {
	uint64_t ts;		/* ns, no two entries have the same */
	uint64_t lost;		/* records lost before it on its CPU */
	uint64_t call_site;	/* token of textsyms.h */
	uint64_t ptr;		/* or the PFN */
	uint64_t bytes_req, bytes_alloc;
	int32_t pid;
	uint32_t order;
	uint32_t reserved;	/* pages: migratetype */
	uint16_t lane;		/* the CPU, or of another buffer: textfile_buffer() */
	uint16_t n_frames;	/* of a stack */
	uint8_t event;		/* enum textevent */
	uint8_t flags;		/* TEXT_FLAG_* */
	uint8_t name_len;	/* bytes */
};

/* Entry and frames or name, at most. */
struct textrecord {
	struct textentry e;
	char name[TEXTENTRY_NAME_MAX + 1];
	uint64_t frames[TEXTENTRY_FRAMES_MAX];	/* tokens */
};

/* A further buffer, file or log that the text holds: an instance in the trace.dat. */
struct textinstance {
	const char *name;
	const uint16_t *lanes;	/* by CPU, where its entries went; TEXT_LANE_NONE */
	uint32_t cpus;
	long offset_at;		/* in the head, of the offset of its table, bytes */
};

struct textfile {
	const char *name;	/* of the log, for messages */
	int spool;		/* entries, as they come */
	uint8_t *buf;		/* for them */
	uint32_t buffered;	/* bytes */
	uint64_t entries;
	uint32_t seen;		/* bit per enum textevent */
	bool percpu_bytes;	/* per-CPU events say what was set aside */
	bool counts;		/* time stamps are no ns */
	uint8_t *told;		/* bit per entry: textfile_stack_tells() */
	size_t told_bytes;
	struct ringfile ring;	/* its pages, by lane */
	uint32_t cpus;		/* one more than the highest that wrote, or was told of */
	struct textinstance instances[TEXT_BUFFERS_MAX];
	uint32_t n_instances;
};

/* Makes the files. 0 or a negative errno with @err set. */
int textfile_open(struct textfile *tf, const char *name, struct error *err);

/* Keeps a record. 0 or a negative errno with @err set. */
int textfile_keep(struct textfile *tf, const struct textrecord *rec,
		  struct error *err);

/*
 * Besides the first one there is a buffer, whose CPUs, up to @cpus, wrote into @lanes;
 * both live until all is written.
 */
void textfile_buffer(struct textfile *tf, const char *name, const uint16_t *lanes,
		     uint32_t cpus);

/*
 * The stack of entry @number (of those kept so far, from 0) has its call site: if
 * that is an address that nothing names, the stack says who called. 0 or -ENOMEM.
 */
int textfile_stack_tells(struct textfile *tf, uint64_t number);

/*
 * Writes all that was kept; @comms: "PID NAME" lines. Returns the descriptor of
 * the trace.dat, whose owner the caller is, or a negative errno with @err set.
 */
int textfile_write(struct textfile *tf, struct textsyms *syms, const char *comms,
		   struct error *err);

void textfile_close(struct textfile *tf);

#endif
