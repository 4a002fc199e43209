/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stacks.h - interned call stacks
 *
 * Millions of events have a few thousand distinct stacks: each is kept once,
 * and what was worked out about it is memoised by its number. One thread may
 * add while others get.
 */
#ifndef MODMEM_STACKS_H
#define MODMEM_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACK_NONE	0u	/* number of "there is no stack" */
#define STACK_FRAMES_MAX 4096u	/* more frames than this are cut off */

struct stacks;

struct stacks *stacks_new(void);
void stacks_free(struct stacks *s);

/*
 * Number of the stack of @n return addresses, innermost first, which are
 * uint64_t but need not be aligned; STACK_NONE for n == 0. UINT32_MAX: out of
 * memory.
 */
uint32_t stacks_add(struct stacks *s, const void *frames, size_t n);

/* A stack to be added, as above, and the number that it gets. */
struct stack_query {
	const void *frames;
	uint32_t n;
	uint32_t hash;		/* stacks_add_all() works with it */
	uint32_t id;
};

/*
 * Adds @n of them in one go: what has to come from memory for one comes while
 * others are worked on. 0 or -ENOMEM.
 */
int stacks_add_all(struct stacks *s, struct stack_query *queries, size_t n);

/* One more than the highest number that was given; how many have a stack now. */
uint32_t stacks_count(const struct stacks *s);
uint32_t stacks_used(const struct stacks *s);

/*
 * Forgets all stacks but those with a flag in @keep (stacks_count() of them);
 * their numbers are given again, the others stay as they are. Nobody may add or
 * get meanwhile, and what stacks_get() returned before is gone. 0 or -ENOMEM:
 * all are as before.
 */
int stacks_forget(struct stacks *s, const bool *keep);

/* Frames of stack @id, innermost first, and how many there are. */
const uint64_t *stacks_get(struct stacks *s, uint32_t id, size_t *n);

#endif
