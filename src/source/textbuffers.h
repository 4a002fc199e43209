/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textbuffers.h - the buffers, files or logs that one text holds, and their time
 *
 * trace-cmd report puts the name of the buffer or the file before each line where
 * there are several ("a.dat: ", "memory: "), and grep does so. Others print one log
 * behind the other, each with its head ("# tracer: nop"); the second begins where
 * some CPU goes back in time.
 *
 * As a trace.dat they are several buffers: what is known of those (that they hold the
 * same events, survey.h) is known of texts, too.
 */
#ifndef MODMEM_SOURCE_TEXTBUFFERS_H
#define MODMEM_SOURCE_TEXTBUFFERS_H

#include "textfile.h"
#include "textline.h"

struct strings;
struct textlog;

/* The last event of a CPU with a bare address for a call site. */
struct bare_event {
	uint64_t site;		/* token; 0: its stack has come, or there is none */
	uint64_t entry;		/* number */
	int32_t pid;
	uint8_t flags;		/* TEXT_FLAG_* */
};

/* A CPU of a buffer. */
struct textcpu {
	uint64_t site;		/* call site of the last event, a token */
	uint64_t site_entry;	/* ... its number */
	struct bare_event unnamed;
	uint64_t lost;		/* since its last entry */
	uint64_t raw;		/* time of that, as printed, */
	uint64_t ts;		/* ... and as it was given out */
	bool any;		/* there was one */
	bool met;		/* ... or a loss */
	uint16_t lane;		/* of textfile.h */
};

struct textbuffers {
	struct textlog *log;		/* is told */
	struct textcpu *cpus[TEXT_BUFFERS_MAX];	/* TEXT_CPUS_MAX each; NULL: none was met */
	struct strings *names;
	uint32_t name[TEXT_BUFFERS_MAX];	/* string */
	uint32_t n;
	uint32_t width[TEXT_BUFFERS_MAX];	/* one more than the highest CPU */
	uint32_t n_lanes;		/* sum of them, without the first */
	uint32_t lanes_used;		/* ... of those that wrote */
	uint16_t *lanes[TEXT_BUFFERS_MAX];	/* by CPU, in the end */
	uint32_t unnamed;		/* that of lines that name none, UINT32_MAX: none yet */
	uint32_t next;			/* of the entry behind a line that has the name */
	bool next_told;
	uint32_t last;			/* of the last entry */
	bool headed;			/* a head has come since @unnamed began */
	uint32_t title;			/* string: what the head says it is of, 0: nothing */
	uint64_t last_raw;		/* time of the last entry, as printed */
	uint64_t ts;			/* ... and as it was given out */
};

void textbuffers_init(struct textbuffers *tb, struct textlog *log, struct strings *names);
void textbuffers_free(struct textbuffers *tb);

/* A head: what follows may be another log. 0 or -ENOMEM. */
int textbuffers_head(struct textbuffers *tb, const struct textline *line);

/*
 * The buffer that @line is of, an entry if it has a time; else the entry behind it is
 * of the same. *@cpu: its CPU there. 0 or -ENOMEM.
 */
int textbuffers_of(struct textbuffers *tb, const struct textline *line, uint32_t *buffer,
		   struct textcpu **cpu);

/*
 * The time of the entry @line of @cpu of @buffer. The text is in the order in which it was
 * merged, with microseconds: what has the same time, or an older one, comes a
 * nanosecond later. Much older is what begins the log of another CPU
 * (per_cpu/cpuN/trace, one file behind the other), older at all that of another
 * buffer: the time must tell the order. In the log of one CPU it never does.
 */
uint64_t textbuffers_time(struct textbuffers *tb, const struct textline *line,
			  uint32_t buffer, struct textcpu *cpu);

/* All was read: says of @log which there are, and of @tf, before which @tb must not go. */
int textbuffers_end(struct textbuffers *tb, struct textfile *tf);

#endif
