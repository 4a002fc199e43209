/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_stream.h - from the ring buffers to files, one thread a CPU
 */
#ifndef MODMEM_RECORD_STREAM_H
#define MODMEM_RECORD_STREAM_H

#include <stdint.h>

struct error;
struct record_instance;
struct streams;

/* per_cpu/cpuN/stats, what of it is counted. */
struct stream_stats {
	uint64_t lost;		/* overwritten, or no room for them */
	char text[512];		/* the whole */
};

/*
 * Starts to read the buffers of all CPUs into DIR/cpu0, DIR/cpu1, ... @kb is
 * the size of each of them, for how often is often enough; @event an eventfd
 * that is written to when one of the threads fails. NULL with @err set.
 */
struct streams *streams_start(const struct record_instance *ri, int dir,
			      uint64_t kb, int event, struct error *err);

/*
 * Takes what is left in the buffers (tracing must be off) and ends the
 * threads. Returns 0 or the errno, with @err set, of the first that failed:
 * its file holds whole pages up to there.
 */
int streams_stop(struct streams *st, struct error *err);

void streams_free(struct streams *st);

unsigned int streams_cpus(const struct streams *st);	/* highest number + 1 */
uint64_t streams_bytes(const struct streams *st);	/* written so far */

/* Of one CPU, as it is now: 0 or a negative errno. */
int stream_stats(const struct record_instance *ri, unsigned int cpu,
		 struct stream_stats *stats);

/* The time that the trace clock shows, in its units; 0: cannot tell. */
uint64_t record_clock_now(const struct record_instance *ri);

/* "12.345678" of a trace in nanoseconds, "12345678" as it is. */
uint64_t record_clock_parse(const char *text);

#endif
