// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_formats.c - whatever formats a file claims, no field lies behind the
 * length that the decoder checks
 *
 * The input is any number of "SYSTEM\nTEXT", each ended by a NUL byte.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "event.h"
#include "formats.h"
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FORMATS_MAX 64u

static void check_field(const struct field *f, uint32_t len)
{
	if (!f->size)
		return;
	assert(f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8);
	assert(f->offset + f->size <= len);
}

static void check(const struct formats *f)
{
	uint32_t id;

	check_field(&f->type, f->common_len);
	check_field(&f->flags, f->common_len);
	check_field(&f->pid, f->common_len);
	assert(f->type.size == 2 && f->flags.size == 1 && f->pid.size == 4);
	for (id = 0; id < FORMAT_IDS; id++) {
		const struct event_format *ef = &f->by_id[id];

		check_field(&ef->bytes_req, ef->min_len);
		check_field(&ef->call_site, ef->min_len);
		check_field(&ef->bytes_alloc, ef->min_len);
		check_field(&ef->order, ef->min_len);
		check_field(&ef->reserved, ef->min_len);
		assert(!ef->name.size || ef->name.size == 4);
		if (ef->kind == RECORD_STACK)
			assert(ef->bytes_req.size && ef->ptr.offset <= ef->min_len);
		else
			check_field(&ef->ptr, ef->min_len);
		if (ef->kind == RECORD_EVENT)
			assert(ef->ptr.size && ef->type < EVENT_LOST);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source_format texts[FORMATS_MAX];
	struct source_info info = { .path = "fuzz", .formats = texts };
	struct error err = { "" };
	struct formats f;
	char *copies[FORMATS_MAX];
	size_t i;

	while (size && info.n_formats < FORMATS_MAX) {
		const uint8_t *end = memchr(data, 0, size);
		size_t n = end ? (size_t)(end - data) : size, name;
		/* the system is terminated, the text ends where memory does */
		char *copy = malloc(n + 1), *eol;

		memcpy(copy, data, n);
		eol = memchr(copy, '\n', n);
		name = eol ? (size_t)(eol - copy) : n;
		copy = realloc(copy, n > name ? n : n + 1);
		copy[name] = '\0';
		copies[info.n_formats] = copy;
		texts[info.n_formats++] = (struct source_format) {
			.system = copy,
			.text = copy + name + (n > name),
			.len = n > name ? n - name - 1 : 0,
		};
		data += n + (end != NULL);
		size -= n + (end != NULL);
	}
	if (!formats_read(&f, &info, &err))
		check(&f);
	else
		assert(strlen(err.text) > 10);
	formats_release(&f);
	for (i = 0; i < info.n_formats; i++)
		free(copies[i]);
	return 0;
}

#include "fuzz_main.h"
