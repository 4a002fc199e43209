/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ringfile.h - writes records as the pages of the ring buffer of a trace.dat
 *
 * For what is no trace.dat and is made into one (trace-cmd.dat.v6(5)): a file
 * without a name. Records come twice in the same order, first to find out how
 * many pages each CPU has, then to be written into them.
 */
#ifndef MODMEM_SOURCE_RINGFILE_H
#define MODMEM_SOURCE_RINGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ringpage.h"

struct error;

/* Where a CPU's next record goes. */
struct ringcpu {
	uint64_t pages;		/* begun so far */
	uint64_t counted;	/* ... the first time; while it is written */
	uint32_t used;		/* bytes of the one at hand */
	uint64_t ts;		/* of its last record */
	uint64_t lost;		/* before that page */
	uint64_t offset;	/* in the file, bytes; while it is written */
	uint8_t *page;		/* at hand, while it is written */
};

struct ringfile {
	const char *name;	/* of what it is made of, for messages */
	int fd;			/* of the trace.dat, -1: not begun */
	struct ring_format ring;	/* how its pages are to be */
	uint32_t page_size;	/* bytes */
	uint32_t cpus;		/* one more than the highest that wrote, at least */
	struct ringcpu *cpu;
	uint32_t room;
};

/* -@code, with the sentence for it: the temporary folder is full. */
int ringfile_failed(const char *name, int code, struct error *err);

void ringfile_init(struct ringfile *rf, const char *name, const struct ring_format *ring,
		   uint32_t page_size);
void ringfile_release(struct ringfile *rf);

/* What fits a page, bytes of one record. */
uint32_t ringfile_max(const struct ringfile *rf);

/*
 * A record of @len bytes at @ts, no less than that of the CPU's last one; @lost
 * (SOURCE_LOST_UNKNOWN: not known how many) before it. 0 or -ENOMEM.
 */
int ringfile_count(struct ringfile *rf, uint32_t cpu, uint64_t ts, uint64_t lost,
		   uint32_t len);

/*
 * All were counted: @head is what stands before the table of the CPUs' pages.
 * 0 or a negative errno with @err set.
 */
int ringfile_begin(struct ringfile *rf, const void *head, size_t len, struct error *err);

/*
 * The same record again: *@to is where its @len bytes are to be put before the
 * next call. With a @len of 0 only what was lost is told. 0 or a negative errno
 * with @err set: -EBADMSG, it was not counted.
 */
int ringfile_add(struct ringfile *rf, uint32_t cpu, uint64_t ts, uint64_t lost,
		 uint32_t len, uint8_t **to, struct error *err);

/* The last pages. 0 or a negative errno with @err set. */
int ringfile_end(struct ringfile *rf, struct error *err);

/* ---- what stands before them, in the byte order of the traced machine ---- */

struct ringhead {
	FILE *out;		/* NULL: no memory */
	char *data;
	size_t len;
	bool big_endian;
};

void ringhead_open(struct ringhead *h, bool big_endian);

/* 0 or -ENOMEM; free h->data in any case. */
int ringhead_close(struct ringhead *h);

void ringhead_put(struct ringhead *h, const void *data, size_t len);
void ringhead_number(struct ringhead *h, uint64_t value, unsigned int bytes);
void ringhead_text(struct ringhead *h, const char *text, size_t len);	/* u64 size, text */
void ringhead_option(struct ringhead *h, uint16_t id, const char *text);

/* From the first byte to the format of kernel_stack, which gets the id @stack_id. */
void ringhead_start(struct ringhead *h, const struct ring_format *ring,
		    uint32_t page_size, unsigned int stack_id);

/* The common fields of every event's format, with which those begin. */
extern const char ringhead_common[];

/* Bytes of a kernel_stack of @frames frames, and of what stands before these. */
uint32_t ringfile_stack_bytes(const struct ring_format *ring, uint32_t frames);

/* Puts a number of @bytes bytes at @at. */
void ringfile_store(const struct ringfile *rf, uint8_t *at, uint64_t value,
		    unsigned int bytes);

#endif
