// SPDX-License-Identifier: GPL-2.0-or-later
#include "stacks.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "hash.h"

#define BLOCK_FRAMES (64 * 1024u)

/* Frames lie in blocks that never move, so that stacks_get() stays valid. */
struct block {
	struct block *next;
	size_t used;
	uint64_t frames[BLOCK_FRAMES];
};

struct stack {
	const uint64_t *frames;
	uint32_t n;
	uint32_t hash;
};

/*
 * All that is looked at before frames are compared stands here, but for their
 * number, which lies before the first of them.
 */
struct slot {
	uint32_t hash;
	uint32_t id;		/* 0: free */
	const uint64_t *frames;
};

/*
 * One thread adds, any other may get meanwhile: what moves when the table grows
 * is changed and read under the lock, the rest only by who adds.
 */
struct stacks {
	pthread_mutex_t lock;
	struct block *blocks;
	struct stack *stacks;	/* [0] is STACK_NONE */
	uint32_t n, room;
	uint32_t n_unused;
	uint32_t unused;	/* one that was forgotten, chained by hash; 0: none */
	struct slot *slots;
	uint32_t n_slots;	/* a power of two */
};

struct stacks *stacks_new(void)
{
	struct stacks *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->room = 1024;
	s->n_slots = 4096;
	s->n = 1;
	s->stacks = calloc(s->room, sizeof(*s->stacks));
	s->slots = calloc(s->n_slots, sizeof(*s->slots));
	if (!s->stacks || !s->slots) {
		stacks_free(s);
		return NULL;
	}
	return s;
}

static void free_blocks(struct block *b)
{
	struct block *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
}

void stacks_free(struct stacks *s)
{
	if (!s)
		return;
	free_blocks(s->blocks);
	free(s->stacks);
	free(s->slots);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int grow_slots(struct stacks *s)
{
	uint32_t n_slots = s->n_slots * 2;
	struct slot *slots = calloc(n_slots, sizeof(*slots));
	uint32_t i, at;

	if (!slots)
		return -1;
	for (i = 1; i < s->n; i++) {
		if (!s->stacks[i].n)
			continue;
		at = s->stacks[i].hash & (n_slots - 1);
		while (slots[at].id)
			at = (at + 1) & (n_slots - 1);
		slots[at] = (struct slot){ s->stacks[i].hash, i, s->stacks[i].frames };
	}
	free(s->slots);
	s->slots = slots;
	s->n_slots = n_slots;
	return 0;
}

static const uint64_t *keep(struct stacks *s, const void *frames, size_t n)
{
	struct block *b = s->blocks;
	uint64_t *to;

	if (!b || b->used + n + 1 > BLOCK_FRAMES) {
		b = malloc(sizeof(*b));
		if (!b)
			return NULL;
		b->next = s->blocks;
		b->used = 0;
		s->blocks = b;
	}
	to = b->frames + b->used;
	*to++ = n;
	memcpy(to, frames, n * sizeof(*to));
	b->used += n + 1;
	return to;
}

/*
 * Four chains side by side: one alone waits for its multiplications. Eight words
 * at a time, the last eight perhaps some of them again: how many rounds there are
 * is what a processor guesses wrong.
 */
static uint32_t hash_frames(const unsigned char *p, size_t n)
{
	const struct hash_secret key = hash_secret;
	uint64_t a = n ^ key.add, b = a + HASH_GOLDEN, c = b + HASH_GOLDEN;
	uint64_t d = c + HASH_GOLDEN;
	const unsigned char *last;

	if (n < 8) {
		for (; n; n--, p += 8)
			a = hash_fold(a ^ load64(p, false), key.mul);
		return (uint32_t)hash64(a);
	}
	last = p + (n - 8) * 8;
	for (;; p += 64) {
		if (p > last)
			p = last;
		a = hash_fold(load64(p, false) ^ a, load64(p + 32, false) ^ key.mul);
		b = hash_fold(load64(p + 8, false) ^ b, load64(p + 40, false) ^ key.mul);
		c = hash_fold(load64(p + 16, false) ^ c, load64(p + 48, false) ^ key.mul);
		d = hash_fold(load64(p + 24, false) ^ d, load64(p + 56, false) ^ key.mul);
		if (p == last)
			break;
	}
	return (uint32_t)hash64(a + (b << 16 | b >> 48) + (c << 32 | c >> 32) +
				(d << 48 | d >> 16));
}

/* A number that no stack has, UINT32_MAX: no memory. */
static uint32_t new_number(struct stacks *s)
{
	struct stack *st;
	uint32_t id = s->unused;

	if (id) {
		s->unused = s->stacks[id].hash;
		s->n_unused--;
		return id;
	}
	if (s->n == s->room) {
		st = realloc(s->stacks, 2 * (size_t)s->room * sizeof(*st));
		if (!st)
			return UINT32_MAX;
		s->stacks = st;
		s->room *= 2;
	}
	return s->n++;
}

/* A new stack, whose slot is @at. */
static uint32_t insert(struct stacks *s, const void *frames, size_t n,
		       uint32_t hash, uint32_t at)
{
	const uint64_t *kept = keep(s, frames, n);
	uint32_t id = kept ? new_number(s) : UINT32_MAX;
	struct stack *st;

	if (id == UINT32_MAX)
		return UINT32_MAX;
	st = &s->stacks[id];
	st->frames = kept;
	st->n = (uint32_t)n;
	st->hash = hash;
	s->slots[at] = (struct slot){ hash, id, kept };
	if (s->n > s->n_slots / 2 && grow_slots(s) < 0)
		return UINT32_MAX;
	return id;
}

uint32_t stacks_count(const struct stacks *s)
{
	return s->n;
}

uint32_t stacks_used(const struct stacks *s)
{
	return s->n - 1 - s->n_unused;
}

int stacks_forget(struct stacks *s, const bool *keep_it)
{
	struct block *old = s->blocks;
	const uint64_t **moved = calloc(s->n, sizeof(*moved));
	uint32_t i, at;

	if (!moved)
		return -ENOMEM;
	s->blocks = NULL;
	for (i = 1; i < s->n; i++) {
		if (!keep_it[i] || !s->stacks[i].n)
			continue;
		moved[i] = keep(s, s->stacks[i].frames, s->stacks[i].n);
		if (!moved[i]) {
			free_blocks(s->blocks);
			s->blocks = old;
			free(moved);
			return -ENOMEM;
		}
	}
	free_blocks(old);
	memset(s->slots, 0, s->n_slots * sizeof(*s->slots));
	s->unused = 0;
	s->n_unused = 0;
	for (i = s->n - 1; i; i--) {
		struct stack *st = &s->stacks[i];

		st->frames = moved[i];
		if (!moved[i]) {
			st->n = 0;
			st->hash = s->unused;
			s->unused = i;
			s->n_unused++;
			continue;
		}
		at = st->hash & (s->n_slots - 1);
		while (s->slots[at].id)
			at = (at + 1) & (s->n_slots - 1);
		s->slots[at] = (struct slot){ st->hash, i, st->frames };
	}
	free(moved);
	return 0;
}

static uint32_t add_hashed(struct stacks *s, const void *frames, size_t n, uint32_t hash)
{
	uint32_t at = hash & (s->n_slots - 1), id;
	const struct slot *slot;

	for (slot = &s->slots[at]; slot->id; slot = &s->slots[at]) {
		if (slot->hash == hash && slot->frames[-1] == n &&
		    !memcmp(slot->frames, frames, n * sizeof(*slot->frames)))
			return slot->id;
		at = (at + 1) & (s->n_slots - 1);
	}

	pthread_mutex_lock(&s->lock);
	id = insert(s, frames, n, hash, at);
	pthread_mutex_unlock(&s->lock);
	return id;
}

uint32_t stacks_add(struct stacks *s, const void *frames, size_t n)
{
	if (!n)
		return STACK_NONE;
	if (n > STACK_FRAMES_MAX)
		n = STACK_FRAMES_MAX;
	return add_hashed(s, frames, n, hash_frames(frames, n));
}

int stacks_add_all(struct stacks *s, struct stack_query *queries, size_t n)
{
	struct stack_query *q, *end = queries + n;

	for (q = queries; q < end; q++) {
		if (q->n > STACK_FRAMES_MAX)
			q->n = STACK_FRAMES_MAX;
		q->hash = q->n ? hash_frames(q->frames, q->n) : 0;
		__builtin_prefetch(&s->slots[q->hash & (s->n_slots - 1)]);
	}
	for (q = queries; q < end; q++) {
		const struct slot *slot = &s->slots[q->hash & (s->n_slots - 1)];
		/* a number: of a free slot it is no address */
		uintptr_t frames = (uintptr_t)slot->frames;

		__builtin_prefetch((const void *)frames);
		__builtin_prefetch((const void *)(frames + 64));
	}
	for (q = queries; q < end; q++) {
		q->id = q->n ? add_hashed(s, q->frames, q->n, q->hash) : STACK_NONE;
		if (q->id == UINT32_MAX)
			return -ENOMEM;
	}
	return 0;
}

const uint64_t *stacks_get(struct stacks *s, uint32_t id, size_t *n)
{
	const uint64_t *frames = NULL;

	*n = 0;
	pthread_mutex_lock(&s->lock);
	if (id < s->n) {
		*n = s->stacks[id].n;
		frames = s->stacks[id].frames;
	}
	pthread_mutex_unlock(&s->lock);
	return frames;
}
