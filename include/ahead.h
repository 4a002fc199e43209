/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ahead.h - decodes events ahead of who wants them, in a thread of its own
 *
 * Decoding and keeping the books take about the same time, and share nothing
 * but the tables of stacks and strings, which lock themselves where they
 * change. Events come in batches, so that handing over costs next to nothing.
 */
#ifndef MODMEM_AHEAD_H
#define MODMEM_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

#define AHEAD_BATCH 2048u	/* events */

struct ahead;
struct decoder;
struct source;

struct ahead_batch {
	struct event events[AHEAD_BATCH];
	size_t n;		/* 0: there are no more */
	int error;		/* negative errno that ended it, with n == 0 */
	bool late;		/* ... or an event behind the limit did */
	uint64_t done, total;	/* bytes read, and in all */
};

/*
 * Goes on decoding @d, which reads @src, behind @first (NULL: there is none);
 * both are the thread's until ahead_free(). It ends at the first event behind
 * @limit, ns, so that what @d has counted then does not depend on how far the
 * thread got. Without a thread (none can be made) it decodes when asked. NULL:
 * no memory.
 */
struct ahead *ahead_new(struct decoder *d, struct source *src,
			const struct event *first, uint64_t limit);

/* The next batch; it stays until the next call. */
const struct ahead_batch *ahead_next(struct ahead *a);

/* Ends the thread, wherever it is. */
void ahead_free(struct ahead *a);

#endif
