/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interner.h - stacks, strings and origins of one decoding thread
 *
 * Each thread numbers what it meets in tables of its own, so that threads do
 * not wait for each other. Whoever takes the events, in the order of time, asks
 * for the numbers in the tables of the whole recording: these are given in that
 * order, and do not depend on how many threads there were.
 *
 * Allocations of one type, stack, call site and object size have an origin in
 * common, which is a number, too: what the books found out of one of them can
 * then be looked up for the others without comparing all that again. Two
 * numbers can mean the same (each thread gives its own), one never means two
 * things. 0: not numbered.
 */
#ifndef MODMEM_INTERNER_H
#define MODMEM_INTERNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "stacks.h"
#include "strings_table.h"

#define INTERNER_NAME_MAX 48u
#define INTERNER_NAMES	  512u

struct interner_name {
	uint32_t id;
	uint32_t len;		/* bytes, 0: unused */
	char text[INTERNER_NAME_MAX];
};

struct interner_numbers {
	uint32_t *of;		/* by the thread's number: ours + 1, 0: not asked yet */
	uint32_t room;
};

struct interner_origin {
	uint64_t call_site, size;
	uint32_t stack;
	uint32_t number;	/* 0: unused */
	uint16_t kind;		/* event type and flags */
};

struct interner {
	uint8_t number;		/* among those of a decoder */
	/* the decoding thread's */
	struct stacks *stacks;
	struct strings *strings;
	struct interner_name names[INTERNER_NAMES];	/* met lately */
	struct interner_origin *origins;	/* open addressing, 2^origin_bits */
	uint32_t n_origins;
	unsigned int origin_bits;
	struct interner_origin *latest;	/* by stack: most have only one */
	uint32_t n_latest;
	uint32_t *last_origin;	/* of all threads: the number given last */
	uint64_t frames[STACK_FRAMES_MAX];
	/* of who takes the events */
	struct interner_numbers stack_numbers, string_numbers;
};

/*
 * @last_origin: 0 at first, the same for all threads whose events come together;
 * must outlive the interner. NULL: no memory.
 */
struct interner *interner_new(uint32_t *last_origin);
void interner_free(struct interner *in);

/*
 * Forgets all stacks but those with a flag in @keep (stacks_forget()), and
 * which numbers they have elsewhere. Nobody may decode meanwhile. 0 or -ENOMEM.
 */
int interner_forget(struct interner *in, const bool *keep);

/* Number of a string, in the thread's table. UINT32_MAX: no memory. */
uint32_t interner_name(struct interner *in, const char *text, size_t len);

/*
 * Numbers the origin of @ev, or leaves it 0. (A free gets one, too, if it has a
 * stack: nobody asks for it, and to tell costs more.)
 */
void interner_origin(struct interner *in, struct event *ev);

/*
 * Gives @ev, which has numbers of @from, those of @in: another thread goes on
 * with what @from's began. 0 or -ENOMEM.
 */
int interner_move(struct interner *in, struct interner *from, struct event *ev);

/* Slow paths of interner_translate(). 0 or -ENOMEM. */
int interner_ask(struct interner *in, struct event *ev, struct stacks *stacks,
		 struct strings *strings);

/*
 * Replaces the thread's numbers in @ev by those of @stacks (NULL: none are
 * kept) and @strings. 0 or -ENOMEM.
 */
static inline int interner_translate(struct interner *in, struct event *ev,
				     struct stacks *stacks, struct strings *strings)
{
	const struct interner_numbers *sn = &in->stack_numbers;
	const struct interner_numbers *tn = &in->string_numbers;

	if (ev->stack < sn->room && sn->of[ev->stack] &&
	    ev->name < tn->room && tn->of[ev->name]) {
		ev->stack = sn->of[ev->stack] - 1;
		ev->name = tn->of[ev->name] - 1;
		return 0;
	}
	return interner_ask(in, ev, stacks, strings);
}

#endif
