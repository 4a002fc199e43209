/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - from the ring buffers to files, one thread a CPU
 */
#ifndef MODMEM_STREAM_H
#define MODMEM_STREAM_H

#include <stdint.h>

struct error;
struct parts;
struct record_instance;
struct streams;

/*
 * Starts to read the buffers of all CPUs into the pieces cpu0, cpu1, ... @kb is
 * the size of each of them, for how often is often enough; @event an eventfd
 * that is written to when one of the threads fails. NULL with @err set.
 */
struct streams *streams_start(const struct record_instance *ri, const struct parts *parts,
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

#endif
