// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sums.c - see sums.h
 */
#include "sums.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <xxhash.h>

#include "companion.h"

struct sums {
	XXH3_state_t *state;
	size_t piece;		/* bytes of the piece at hand; only of pages */
	bool in_pages;
	uint8_t *data;		/* the item so far */
	size_t len, room;
	bool no_memory;
};

static void put(struct sums *s, uint64_t value)
{
	if (s->len + 8 > s->room) {
		size_t room = s->room ? s->room * 2 : 1024;
		uint8_t *more = realloc(s->data, room);

		if (!more) {
			s->no_memory = true;
			return;
		}
		s->data = more;
		s->room = room;
	}
	for (unsigned int i = 0; i < 8; i++)
		s->data[s->len++] = (uint8_t)(value >> 8 * i);
}

/* The checksum of what was added, after which it starts again. */
static void put_sum(struct sums *s)
{
	put(s, XXH3_64bits_digest(s->state));
	XXH3_64bits_reset(s->state);
	s->piece = 0;
}

struct sums *sums_new(void)
{
	struct sums *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->state = XXH3_createState();
	if (!s->state) {
		free(s);
		return NULL;
	}
	XXH3_64bits_reset(s->state);
	return s;
}

void sums_free(struct sums *s)
{
	if (!s)
		return;
	XXH3_freeState(s->state);
	free(s->data);
	free(s);
}

void sums_add(struct sums *s, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (s->in_pages && len >= COMPANION_PIECE - s->piece) {
		size_t rest = COMPANION_PIECE - s->piece;

		XXH3_64bits_update(s->state, at, rest);
		put_sum(s);
		at += rest;
		len -= rest;
	}
	XXH3_64bits_update(s->state, at, len);
	s->piece += len;
}

void sums_head_done(struct sums *s, uint64_t len, uint32_t cpus)
{
	put(s, COMPANION_PIECE);
	put(s, len);
	put_sum(s);
	put(s, cpus);
}

void sums_pages(struct sums *s, uint64_t offset, uint64_t size)
{
	put(s, offset);
	put(s, size);
	s->in_pages = true;
}

void sums_pages_done(struct sums *s)
{
	if (s->piece)
		put_sum(s);
	s->in_pages = false;
}

void sums_section(struct sums *s, uint64_t offset)
{
	XXH3_64bits_reset_withSeed(s->state, offset);
}

size_t sums_data(const struct sums *s, const uint8_t **data)
{
	*data = s->data;
	return s->len;
}

int sums_seal(const struct sums *s, uint8_t seal[8])
{
	uint64_t value = XXH3_64bits_digest(s->state);

	for (unsigned int i = 0; i < 8; i++)
		seal[i] = (uint8_t)(value >> 8 * i);
	return s->no_memory ? -ENOMEM : 0;
}
