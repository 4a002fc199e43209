/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairing.h - finds the event that a kernel_stack record belongs to
 *
 * The kernel writes an event and then its stack as two records of the same
 * CPU, in the same context (task, softirq, hardirq, NMI) of the same task,
 * with preemption off. An interrupt can come between the two and write pairs
 * of its own, so the order may be E1 E2 S2 S1. Hence at most one event waits
 * per context, and a record of a lower context, or a further event of the
 * same one, means that a waiting event's stack will not come.
 *
 * Events leave in the order in which they were written.
 */
#ifndef MODMEM_PAIRING_H
#define MODMEM_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

struct pairing_slot {
	struct event ev;
	bool waiting;
};

struct pairing_pending {
	bool is_event;		/* else a record of no interest */
	int32_t pid;
	uint64_t seq;		/* of the event */
};

/* Open to view for pairing_idle() and pairing_passed() only. */
struct pairing {
	struct pairing_slot *ring;	/* room is a power of two */
	uint32_t room;
	uint8_t used;		/* bit per context: something is pending there */
	uint64_t first, next;	/* sequence numbers */
	struct pairing_pending pending[CONTEXTS];
};

struct pairing *pairing_new(void);
void pairing_free(struct pairing *p);

/* An event was written; it waits for its stack. 0 or -ENOMEM. */
int pairing_event(struct pairing *p, const struct event *ev);

/* A record of no interest was written: a stack that follows may be its own. */
void pairing_other(struct pairing *p, uint8_t context, int32_t pid);

enum pairing_result {
	PAIRING_EVENT,		/* *ev is the event: call pairing_resolve() */
	PAIRING_OTHER,		/* it belongs to a record of no interest */
	PAIRING_UNPAIRED,	/* nothing waits for it */
};

/* A stack was written: whose is it? */
enum pairing_result pairing_stack(struct pairing *p, uint8_t context,
				  int32_t pid, struct event **ev);

/* Gives the event that pairing_stack() found its stack. */
void pairing_resolve(struct pairing *p, struct event *ev, uint32_t stack);

/* Whatever still waits gets no stack: the stream ended or records are missing. */
void pairing_flush(struct pairing *p);

/* An event that has no stack, in its place. 0 or -ENOMEM. */
int pairing_stackless(struct pairing *p, const struct event *ev);

/* Calls @visit for every event that has not been popped. */
void pairing_each(const struct pairing *p,
		  void (*visit)(void *arg, const struct event *ev), void *arg);

/*
 * Takes out the oldest event if it waits no longer, else NULL. It stays as it
 * is until the next event is put in.
 */
const struct event *pairing_pop(struct pairing *p);

/* The @i-th of the events that are held back, NULL: there are not so many. */
struct event *pairing_held(struct pairing *p, uint64_t i);

/* No event is held back: one whose stack is known can leave at once. */
static inline bool pairing_idle(const struct pairing *p)
{
	return p->first == p->next;
}

/*
 * An event of @context was written, and what became of it is known without
 * pairing_event(): its stack, or something that rules one out, is right behind
 * it. Only while pairing_idle().
 */
static inline void pairing_passed(struct pairing *p, uint8_t context)
{
	p->used &= (uint8_t)((1u << context) - 1);
}

#endif
