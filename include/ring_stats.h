/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring_stats.h - what the kernel counts of an instance's ring buffers, and its clock
 */
#ifndef MODMEM_RING_STATS_H
#define MODMEM_RING_STATS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct record_instance;

/* per_cpu/cpuN/stats, what of it is counted. */
struct stream_stats {
	uint64_t lost;		/* overwritten, or no room for them */
	char text[512];		/* the whole */
};

/* Of one CPU, as it is now: 0 or a negative errno. */
int stream_stats(const struct record_instance *ri, unsigned int cpu,
		 struct stream_stats *stats);

/*
 * Bytes of a page of the ring buffer: where its data ends. The top-level buffer can
 * have others (buffer_subbuf_size_kb). 0 or a negative errno with @err set.
 */
int record_ring_page(const struct record_instance *ri, size_t *size, struct error *err);

/* The time that the trace clock shows, in its units; 0: cannot tell. */
uint64_t record_clock_now(const struct record_instance *ri);

/* "12.345678" of a trace in nanoseconds, "12345678" as it is. */
uint64_t record_clock_parse(const char *text);

#endif
