// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store.c - memory that lives as long as the source
 */
#include "tracedat.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

struct pool_block {
	struct pool_block *next;
	char data[];
};

void *tracedat_alloc(struct tracedat *td, size_t size)
{
	struct pool_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->next = td->pool;
	td->pool = block;
	return block->data;
}

const char *tracedat_strndup(struct tracedat *td, const char *s, size_t len)
{
	char *copy;

	len = strnlen(s, len);
	copy = tracedat_alloc(td, len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void *vec_add(struct vec *vec, size_t size)
{
	char *item;

	/* the room is the next power of two */
	if (!(vec->n & (vec->n - 1))) {
		size_t room = vec->n ? vec->n * 2 : 1;
		void *items;

		if (room > SIZE_MAX / size)
			return NULL;
		items = realloc(vec->items, room * size);
		if (!items)
			return NULL;
		vec->items = items;
	}
	item = (char *)vec->items + vec->n * size;
	vec->n++;
	return memset(item, 0, size);
}

int tracedat_no_memory(const struct tracedat *td, struct error *err)
{
	return error_set(err, -ENOMEM, "%s: not enough memory to read it",
			 td->path);
}

int tracedat_damage(struct tracedat *td, struct error *err,
		    const char *fmt, ...)
{
	const char **item;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	item = vec_add(&td->damage, sizeof(*item));
	if (!item)
		return tracedat_no_memory(td, err);
	*item = tracedat_strndup(td, text, sizeof(text));
	if (!*item) {
		td->damage.n--;
		return tracedat_no_memory(td, err);
	}
	return 0;
}

int tracedat_add_buffer(struct tracedat *td, const char *name,
			const char *clock, uint32_t page_size,
			uint32_t *index, struct error *err)
{
	struct source_buffer *buffer;

	if (td->buffers.n >= TRACEDAT_MAX_BUFFERS)
		return error_set(err, -EBADMSG,
				 "%s: damaged in its options (more than %d buffers): copy it again, or record it again",
				 td->path, TRACEDAT_MAX_BUFFERS);
	buffer = vec_add(&td->buffers, sizeof(*buffer));
	if (!buffer)
		return tracedat_no_memory(td, err);
	*index = (uint32_t)(td->buffers.n - 1);
	buffer->page_size = page_size;
	buffer->name = tracedat_strndup(td, name, strlen(name));
	if (!buffer->name)
		return tracedat_no_memory(td, err);
	if (clock && *clock) {
		buffer->clock = tracedat_strndup(td, clock, strlen(clock));
		if (!buffer->clock)
			return tracedat_no_memory(td, err);
	}
	return 0;
}

void tracedat_free_store(struct tracedat *td)
{
	while (td->pool) {
		struct pool_block *next = td->pool->next;

		free(td->pool);
		td->pool = next;
	}
	free(td->formats.items);
	free(td->buffers.items);
	free(td->totals.items);
	free(td->cpustats.items);
	free(td->areas.items);
	free(td->damage.items);
	free(td->pieces);
}
