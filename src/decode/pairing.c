// SPDX-License-Identifier: GPL-2.0-or-later
#include "pairing.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

/*
 * A stack comes within a few records. An event that has none (not all events
 * are recorded with stacks) can hold up many more if its CPU then does nothing
 * but serve interrupts: it is then taken as one whose stack will not come.
 */
#define WAITING_MAX 4096u

static struct pairing_slot *slot_at(const struct pairing *p, uint64_t seq)
{
	return &p->ring[seq & (p->room - 1)];
}

struct pairing *pairing_new(void)
{
	struct pairing *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->room = 16;
	p->ring = calloc(p->room, sizeof(*p->ring));
	if (!p->ring) {
		free(p);
		return NULL;
	}
	return p;
}

void pairing_free(struct pairing *p)
{
	if (!p)
		return;
	free(p->ring);
	free(p);
}

static int grow(struct pairing *p)
{
	uint32_t room = p->room * 2;
	struct pairing_slot *ring = calloc(room, sizeof(*ring));
	uint64_t seq;

	if (!ring)
		return -ENOMEM;
	for (seq = p->first; seq < p->next; seq++)
		ring[seq & (room - 1)] = *slot_at(p, seq);
	free(p->ring);
	p->ring = ring;
	p->room = room;
	return 0;
}

/* The stack of what waits in @context will not come. */
static void give_up(struct pairing *p, unsigned int context)
{
	struct pairing_pending *w = &p->pending[context];

	if ((p->used & 1u << context) && w->is_event)
		slot_at(p, w->seq)->waiting = false;
	p->used &= (uint8_t)(~(1u << context));
}

/* The oldest event waits no longer, so that all behind it can leave. */
static void give_up_oldest(struct pairing *p)
{
	unsigned int c;

	for (c = 0; c < CONTEXTS; c++)
		if (p->pending[c].is_event && p->pending[c].seq == p->first)
			give_up(p, c);
}

static int push(struct pairing *p, const struct event *ev, bool waiting)
{
	struct pairing_slot *slot;

	if (p->next - p->first >= WAITING_MAX)
		give_up_oldest(p);
	if (p->next - p->first == p->room && grow(p))
		return -ENOMEM;
	slot = slot_at(p, p->next++);
	slot->ev = *ev;
	slot->waiting = waiting;
	return 0;
}

/* A record of @context was written: higher contexts have returned. */
static void returned_to(struct pairing *p, unsigned int context)
{
	unsigned int c;

	for (c = context + 1; c < CONTEXTS; c++)
		give_up(p, c);
}

int pairing_event(struct pairing *p, const struct event *ev)
{
	struct pairing_pending *w = &p->pending[ev->context];
	int ret;

	returned_to(p, ev->context);
	give_up(p, ev->context);
	ret = push(p, ev, true);
	if (ret)
		return ret;
	p->used |= (uint8_t)(1u << ev->context);
	w->is_event = true;
	w->pid = ev->pid;
	w->seq = p->next - 1;
	return 0;
}

void pairing_other(struct pairing *p, uint8_t context, int32_t pid)
{
	returned_to(p, context);
	give_up(p, context);
	p->used |= (uint8_t)(1u << context);
	p->pending[context].is_event = false;
	p->pending[context].pid = pid;
}

enum pairing_result pairing_stack(struct pairing *p, uint8_t context,
				  int32_t pid, struct event **ev)
{
	struct pairing_pending *w = &p->pending[context];

	returned_to(p, context);
	if (!(p->used & 1u << context) || w->pid != pid)
		return PAIRING_UNPAIRED;
	p->used &= (uint8_t)(~(1u << context));
	if (!w->is_event)
		return PAIRING_OTHER;
	*ev = &slot_at(p, w->seq)->ev;
	return PAIRING_EVENT;
}

void pairing_resolve(struct pairing *p, struct event *ev, uint32_t stack)
{
	struct pairing_slot *slot = (struct pairing_slot *)(void *)
		((char *)ev - offsetof(struct pairing_slot, ev));

	(void)p;
	ev->stack = stack;
	slot->waiting = false;
}

void pairing_flush(struct pairing *p)
{
	unsigned int c;

	for (c = 0; c < CONTEXTS; c++)
		give_up(p, c);
}

int pairing_stackless(struct pairing *p, const struct event *ev)
{
	return push(p, ev, false);
}

const struct event *pairing_pop(struct pairing *p)
{
	struct pairing_slot *slot;

	if (p->first == p->next)
		return NULL;
	slot = slot_at(p, p->first);
	if (slot->waiting)
		return NULL;
	p->first++;
	return &slot->ev;
}

void pairing_each(const struct pairing *p,
		  void (*visit)(void *arg, const struct event *ev), void *arg)
{
	for (uint64_t seq = p->first; seq < p->next; seq++)
		visit(arg, &slot_at(p, seq)->ev);
}

struct event *pairing_held(struct pairing *p, uint64_t i)
{
	return i < p->next - p->first ? &slot_at(p, p->first + i)->ev : NULL;
}
