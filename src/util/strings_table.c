// SPDX-License-Identifier: GPL-2.0-or-later
#include "strings_table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct entry {
	char *text;
	size_t len;
	uint64_t hash;
};

struct strings {
	pthread_mutex_t lock;	/* of all that follows */
	struct entry *entries;
	uint32_t n, room;
	uint32_t *slots;	/* index + 1 into entries, 0: free */
	uint32_t n_slots;	/* a power of two */
};

static int grow(struct strings *s)
{
	uint32_t n_slots = s->n_slots * 2;
	uint32_t *slots;
	uint32_t i, at;

	slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		return -1;
	for (i = 0; i < s->n; i++) {
		at = (uint32_t)s->entries[i].hash & (n_slots - 1);
		while (slots[at])
			at = (at + 1) & (n_slots - 1);
		slots[at] = i + 1;
	}
	free(s->slots);
	s->slots = slots;
	s->n_slots = n_slots;
	return 0;
}

static uint32_t add_locked(struct strings *s, const char *text, size_t len)
{
	struct entry *e;
	uint64_t hash;
	uint32_t at;

	len = strnlen(text, len);
	hash = hash_bytes(text, len);
	at = (uint32_t)hash & (s->n_slots - 1);
	for (; s->slots[at]; at = (at + 1) & (s->n_slots - 1)) {
		e = &s->entries[s->slots[at] - 1];
		if (e->hash == hash && e->len == len && !memcmp(e->text, text, len))
			return s->slots[at] - 1;
	}

	if (s->n == s->room) {
		uint32_t room = s->room * 2;

		e = realloc(s->entries, room * sizeof(*e));
		if (!e)
			return UINT32_MAX;
		s->entries = e;
		s->room = room;
	}
	e = &s->entries[s->n];
	e->text = strndup(text, len);
	if (!e->text)
		return UINT32_MAX;
	e->len = len;
	e->hash = hash;
	s->slots[at] = ++s->n;
	if (s->n > s->n_slots / 2 && grow(s) < 0)
		return UINT32_MAX;
	return s->n - 1;
}

uint32_t strings_add(struct strings *s, const char *text, size_t len)
{
	uint32_t id;

	pthread_mutex_lock(&s->lock);
	id = add_locked(s, text, len);
	pthread_mutex_unlock(&s->lock);
	return id;
}

const char *strings_get(struct strings *s, uint32_t id)
{
	const char *text = "";

	pthread_mutex_lock(&s->lock);
	if (id < s->n)
		text = s->entries[id].text;
	pthread_mutex_unlock(&s->lock);
	return text;
}

size_t strings_count(struct strings *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

struct strings *strings_new(void)
{
	struct strings *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->room = 64;
	s->n_slots = 256;
	s->entries = calloc(s->room, sizeof(*s->entries));
	s->slots = calloc(s->n_slots, sizeof(*s->slots));
	if (!s->entries || !s->slots || strings_add(s, "", 0) != 0) {
		strings_free(s);
		return NULL;
	}
	return s;
}

void strings_free(struct strings *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < s->n; i++)
		free(s->entries[i].text);
	free(s->entries);
	free(s->slots);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
