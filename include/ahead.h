/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ahead.h - decodes events ahead of who wants them, in threads of their own
 *
 * The streams of a recording are decoded side by side, a stretch of one at a
 * time, and merged by whoever finds that to do, one at a time. Who takes the
 * events and finds none ready helps. So all processors are busy whatever takes
 * longer, decoding or keeping the books, and with one processor there is no
 * thread at all. The events' order and numbers do not depend on the threads.
 */
#ifndef MODMEM_AHEAD_H
#define MODMEM_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct ahead;
struct decoder;

#define AHEAD_EVENTS 512u

struct ahead_events {
	struct event events[AHEAD_EVENTS];
	size_t n;		/* 0: there are no more */
	int error;		/* negative errno that ended it, with n == 0 */
	bool late;		/* ... or an event behind the limit did */
};

/*
 * Goes on decoding @d behind what decoder_next() gave; it and its source are the
 * threads' until ahead_free(). It ends at the first event behind
 * @limit, ns, so that what @d has counted then does not depend on how far they
 * got. @threads: how many there may be, who takes the events being one of them;
 * 0: as many as there are processors. Where none can be made it does without.
 * NULL: no memory.
 */
struct ahead *ahead_new(struct decoder *d, uint64_t limit, unsigned int threads);

/* The next events; they stay until the next call. */
const struct ahead_events *ahead_next(struct ahead *a);

/* Ends the threads, wherever they are; @d has no more events. */
void ahead_free(struct ahead *a);

#endif
