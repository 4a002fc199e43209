// SPDX-License-Identifier: GPL-2.0-or-later
#include "strings_table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "hash_index.h"

struct entry {
	char *text;
	size_t len;
};

struct strings {
	pthread_mutex_t lock;	/* of all that follows */
	struct entry *entries;
	uint32_t n, room;
	struct hash_index index;
};

static uint32_t add_locked(struct strings *s, const char *text, size_t len)
{
	struct entry *e;
	size_t at = 0;
	uint64_t hash;
	uint32_t i;

	len = strnlen(text, len);
	hash = hash_bytes(text, len);
	while ((i = hash_index_next(&s->index, hash, &at)) != HASH_INDEX_END) {
		e = &s->entries[i];
		if (e->len == len && !memcmp(e->text, text, len))
			return i;
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
	s->n++;
	return hash_index_add(&s->index, hash, s->n - 1) ? UINT32_MAX : s->n - 1;
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
	s->entries = calloc(s->room, sizeof(*s->entries));
	if (!s->entries || strings_add(s, "", 0) != 0) {
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
	hash_index_release(&s->index);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
