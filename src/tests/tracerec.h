/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracerec.h - recordings of kmem events for tests, record by record
 *
 * The kernel that writes them is make-believe: its byte order, its long and
 * the fields of its events are told by a struct rec_kernel, from which both
 * the formats and the records are made.
 */
#ifndef MODMEM_TESTS_TRACEREC_H
#define MODMEM_TESTS_TRACEREC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracefile.h"

#define REC_CPUS	4u
#define REC_BUFFERS	3u
#define REC_DATA_LOC	0xffu		/* rec_field.size: a string */
#define REC_CALLER	0xfeu		/* rec_field.size: frames of a stack */

#define REC_HARDIRQ	0x08u		/* common_flags */
#define REC_SOFTIRQ	0x10u
#define REC_NMI		0x40u

struct rec_field {
	const char *type, *name;
	uint8_t size;			/* bytes, 0: a long */
};

struct rec_event {
	const char *system, *name;
	struct rec_field fields[10];
};

struct rec_kernel {
	bool big;
	unsigned int long_size;
	const struct rec_event *events;
	size_t n_events;
	const char *page_print;		/* print format of page events, NULL: any */
};

/* Linux 5.10, 6.1 and one to come, which names caches when allocating. */
extern const struct rec_kernel rec_5_10, rec_6_1, rec_7;
/* Before 4.1: page events have "page", which is rec.ptr all the same. */
extern const struct rec_kernel rec_3_13, rec_3_13_arm;
extern const struct rec_kernel rec_6_1_armhf, rec_6_1_s390x, rec_6_1_ppc32;

/* One record; what its event has no field for is not written. */
struct rec {
	uint64_t ts;
	uint32_t buffer, cpu;
	const char *event;
	uint8_t flags;			/* common_flags */
	int32_t pid;
	uint64_t ptr, call_site, bytes_req, bytes_alloc, order;
	uint64_t reserved;		/* of pages: migratetype */
	const char *name;
	const uint64_t *frames;		/* of kernel_stack */
	uint32_t n_frames;
	uint32_t size;			/* of kernel_stack, 0: n_frames */
	uint32_t len;			/* cut to so many bytes, 0: not cut */
	uint32_t padding;		/* bytes behind it, whole words */
	uint64_t lost;			/* before it */
	uint16_t id;			/* instead of the event's, 0: not */
};

struct rec_stream {
	struct out pages;
	bool open;
	size_t start;			/* of the open page */
	uint64_t ts;			/* of the last record */
	uint64_t lost;			/* before the open page */
};

struct recording {
	const struct rec_kernel *kernel;
	unsigned int version;		/* 7 unless changed */
	const char *names[REC_BUFFERS], *clocks[REC_BUFFERS];
	uint32_t n_buffers, n_cpus;
	const char *kallsyms, *uname;	/* NULL: none */
	struct rec_stream streams[REC_BUFFERS][REC_CPUS];
};

void rec_start(struct recording *r, const struct rec_kernel *kernel,
	       uint32_t n_buffers, uint32_t n_cpus);
void rec_free(struct recording *r);

void rec_put(struct recording *r, const struct rec *rec);
#define EMIT(r, ...) rec_put((r), &(struct rec){ __VA_ARGS__ })

/* A stack of one frame behind the event of the same cpu, flags and pid. */
#define EMIT_STACK(r, at, frame, ...)					\
	rec_put((r), &(struct rec){ .ts = (at), .event = "kernel_stack",	\
				    .frames = (const uint64_t[]){ (frame) },	\
				    .n_frames = 1, __VA_ARGS__ })

/* Records were lost behind the last one of a stream. */
void rec_lost_at_end(struct recording *r, uint32_t buffer, uint32_t cpu,
		     uint64_t ts, uint64_t lost);

uint16_t rec_id(const struct rec_kernel *kernel, const char *event);

/* Text of the format of event number @i; free() it. */
char *rec_format(const struct rec_kernel *kernel, size_t i);

/* The file; and written, its path until the next call of file_write(). */
void rec_make(struct recording *r, struct out *file);
const char *rec_write(struct recording *r);

#endif
