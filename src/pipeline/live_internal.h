/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_internal.h - shared by live.c (tracefs, records) and live_info.c (what
 * the kernel says of itself)
 */
#ifndef MODMEM_LIVE_INTERNAL_H
#define MODMEM_LIVE_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "source/ringpage.h"
#include "live.h"
#include "narrow.h"
#include "probes.h"
#include "record_events.h"
#include "record_instance.h"
#include "source.h"

struct modwatch;
struct snaps;
struct live_item;

#define LIVE_POLLS 8u

struct live_cpu {
	uint32_t cpu;
	int fd;			/* of its trace_pipe_raw, -1: not open */
	uint8_t *buf;		/* a page of the ring buffer */
	struct ring_page page;	/* ... being read */
	uint64_t lost;		/* before the next record */
};

struct live {
	struct record_instance ri;
	struct record_events events;
	struct narrowed narrowed;	/* to what is own */
	struct probes *probes;		/* NULL: none wanted */
	struct modwatch *modwatch;	/* NULL: no modules to watch */
	struct snaps *snaps;
	const char *clock;
	uint64_t buffer_kb;		/* per CPU */
	uint64_t start;			/* ns */
	uint64_t horizon;		/* ns, up to there events were taken */
	uint64_t polls[LIVE_POLLS];	/* ns, clock at the latest of them */
	size_t n_polls;
	struct live_cpu *cpus;
	size_t n_cpus;
	size_t ring_size;		/* bytes of a page of the ring buffer */
	struct ring_format ring;
	struct source_info info;
	struct source_buffer buffer;
	struct source_cpustat *stats;	/* one a CPU */
	struct source_format *formats;
	char uname[512];
	pthread_mutex_t lock;
	struct live_item *items, **items_end;	/* not told yet, under lock */
	bool items_lost;			/* ... or for want of memory never */
	pthread_t misses;		/* counts what probes missed ... */
	bool counts_misses;		/* ... if it is there */
	bool stop;			/* it is to end, under lock */
	pthread_cond_t stopped;
};

/* Fills info, cpus, ring: 0 or a negative errno with @err set. */
int live_info_read(struct live *lv, struct error *err);
void live_info_free(struct live *lv);

/* A copy of what live_poll() is to tell the pipeline next; by any thread. */
void live_add_item(struct live *lv, const char *name, uint64_t ts, const void *data,
		   size_t len);

/* Ends what live_misses() began, if it did. */
void live_misses_stop(struct live *lv);

#endif
