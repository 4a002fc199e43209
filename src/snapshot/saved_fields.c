// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved_fields.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "bound.h"
#include "error.h"
#include "modname.h"
#include "report_fields.h"
#include "snapshot.h"

void saved_refuse(struct reader *r, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (r->ret)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->ret = error_set(r->err, -EINVAL, "%.200s: %s%.60s%s%s; was it changed?",
			   r->name, r->module ? "module '" : "",
			   r->module ? r->module : "", r->module ? "': " : "", text);
}

void *saved_room(struct reader *r, size_t n, size_t size)
{
	void *room = arena_zalloc(r->arena, n, size);

	if (!room && !r->ret)
		r->ret = error_set(r->err, -ENOMEM, "out of memory");
	return room;
}

const json_t *saved_member(struct reader *r, const json_t *object, const char *key,
			   json_type type)
{
	const json_t *value = json_object_get(object, key);

	if (value && json_typeof(value) == type)
		return value;
	saved_refuse(r, "%s is missing", key);
	return NULL;
}

static const char *copy(struct reader *r, const json_t *value)
{
	const char *text = json_string_value(value);
	char *to = saved_room(r, strlen(text) + 1, 1);

	return to ? strcpy(to, text) : NULL;
}

/* Of an array of texts; where @some, there may be null among them. */
static const char *const *texts(struct reader *r, const json_t *array, const char *key,
				bool some, size_t *n)
{
	size_t size = json_array_size(array);
	const char **list;

	*n = 0;
	if (!json_is_array(array)) {
		saved_refuse(r, "%s is no list", key);
		return NULL;
	}
	list = saved_room(r, size + 1, sizeof(*list));
	for (size_t i = 0; list && i < size; i++) {
		const json_t *item = json_array_get(array, i);

		if (json_is_string(item))
			list[i] = copy(r, item);
		else if (!some || !json_is_null(item))
			saved_refuse(r, "%s holds something else than texts", key);
	}
	if (!r->ret)
		*n = size;
	return r->ret ? NULL : list;
}

const char *const *saved_texts(struct reader *r, const json_t *object, const char *key,
			       size_t *n)
{
	const json_t *array = json_object_get(object, key);

	*n = 0;
	return !array || json_is_null(array) ? NULL : texts(r, array, key, false, n);
}

bool saved_bool(struct reader *r, const json_t *object, const char *key, bool absent)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_boolean(value))
		saved_refuse(r, "%s is neither true nor false", key);
	return value ? json_is_true(value) : absent;
}

uint32_t saved_causes(struct reader *r, const json_t *names)
{
	uint32_t why = 0;

	if (!json_is_array(names))
		saved_refuse(r, "why is no list");
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		unsigned int cause = 0;

		if (!name)
			saved_refuse(r, "why holds something else than texts");
		while (name && cause < BOUND_CAUSES && strcmp(bound_cause_name(cause), name))
			cause++;
		/* of a later modmem: it is not exact, for whatever that is */
		why |= BOUND_BIT(cause < BOUND_CAUSES ? cause : CAUSE_NOT_SAVED);
	}
	return why;
}

/* ---- by the table ------------------------------------------------------------------------ */

static uint64_t number(struct reader *r, const json_t *value, const char *key, uint64_t most)
{
	json_int_t n = json_integer_value(value);

	if (json_is_integer(value) && n >= 0 && (uint64_t)n <= most)
		return (uint64_t)n;
	saved_refuse(r, "%s is no number that could be", key);
	return 0;
}

static int64_t time_of(struct reader *r, const json_t *value)
{
	const char *text = json_string_value(value), *end;
	struct tm tm = { 0 };
	time_t t;

	end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
	t = end && !*end ? timegm(&tm) : -1;
	if (t < 0)
		saved_refuse(r, "recorded is no time of the form 2026-01-31T12:00:00Z");
	return t;
}

/* The place of a text among the names. */
static uint32_t one_of(struct reader *r, const json_t *value, const char *key,
		       const char *(*names)(unsigned int i))
{
	const char *text = json_string_value(value), *name;

	for (unsigned int i = 0; text && (name = names(i)); i++)
		if (!strcmp(name, text))
			return i;
	if (text)
		saved_refuse(r, "%s is '%.40s', which is not known", key, text);
	else
		saved_refuse(r, "%s is no text", key);
	return 0;
}

static uint32_t module_index(struct reader *r, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t low = 0, high = r->by_name ? r->snap->n_modules : 0;
	char name[256] = "";

	if (text)
		modname_set(name, sizeof(name), text, strlen(text));
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(name, r->snap->modules[r->by_name[mid]].name);

		if (!order)
			return r->by_name[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	saved_refuse(r, "a row is of module '%.60s', which is not in it", text ? text : "?");
	return 0;
}

static void read_each(struct reader *r, const json_t *object, const struct report_field *f,
		      char *at)
{
	const char *name;

	if (!json_is_object(object))
		saved_refuse(r, "%s is missing", f->name);
	for (unsigned int i = 0; !r->ret && (name = f->names(i)); i++) {
		const json_t *value = json_object_get(object, name);

		if (f->type == REPORT_WHYS)
			((uint32_t *)(void *)at)[i] = saved_causes(r, value);
		else if (value && f->of)
			saved_object(r, value, f->of, at + i * f->of->size);
		else if (value)
			((uint64_t *)(void *)at)[i] = number(r, value, name, INT64_MAX);
	}
}

/* What was not saved by kind, as far as what was saved tells. */
static void read_bounds(struct reader *r, const json_t *object, const struct report_field *f,
			uint32_t *kind_why, uint32_t why)
{
	const char *name;

	for (unsigned int i = 0; (name = f->names(i)); i++) {
		const char *text = json_string_value(json_object_get(object, name));
		unsigned int bound = 0;

		while (text && bound_name(bound) && strcmp(bound_name(bound), text))
			bound++;
		if (!text || !bound_name(bound))
			saved_refuse(r, "%s of %s is not known", f->name, name);
		for (unsigned int c = 0; c < BOUND_CAUSES; c++)
			if (why & BOUND_BIT(c) && !(bound_of(BOUND_BIT(c)) & ~bound))
				kind_why[i] |= BOUND_BIT(c);
	}
}

static void read_blocks(struct reader *r, const json_t *array, uint32_t *of_order)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);
		uint64_t order = number(r, json_object_get(item, "order"), "order",
					SNAP_ORDERS - 1);

		of_order[order] = (uint32_t)number(r, json_object_get(item, "blocks"), "blocks",
						   UINT32_MAX);
	}
}

/* Null, where a member may be it. */
static void read_null(struct reader *r, const struct report_field *f, void *at, void *also)
{
	switch (f->type) {
	case REPORT_SIGNED:
	case REPORT_TIME:
		*(int64_t *)at = -1;
		break;
	case REPORT_PID:
		*(int32_t *)at = -1;
		break;
	case REPORT_UNLESS:
		*(bool *)also = true;
		break;
	case REPORT_TEXT:
	case REPORT_FILE:
		if (f->must)
			saved_refuse(r, "%s is missing", f->name);
		break;
	case REPORT_ROWS:	/* of a copy that was not there */
	case REPORT_ONE:
		if (f->must)
			saved_refuse(r, "%s is missing", f->name);
		break;
	case REPORT_TEXTS:
	case REPORT_IF:
	case REPORT_INT:
	case REPORT_DMA_BLOCKS:
	case REPORT_STATIC:
	case REPORT_OVERHEAD:
	case REPORT_ADDRESS:
		break;
	default:
		saved_refuse(r, "%s is no number that could be", f->name);
	}
}

/* What is not there. */
static void read_missing(struct reader *r, const struct report_field *f, void *at)
{
	bool known = f->full && !r->full;	/* it has none of these */

	if (f->must)
		saved_refuse(r, "%s is missing", f->name);
	if (f->type == REPORT_SIGNED || f->type == REPORT_TIME)
		*(int64_t *)at = -1;
	if (f->type == REPORT_WHY && !known)
		*(uint32_t *)at = BOUND_BIT(CAUSE_NOT_SAVED);
	if (known || f->sparse || f->type == REPORT_NTH || f->type == REPORT_ADDRESS ||
	    f->type == REPORT_BOUND)
		return;
	/* the list is not of all; no module is without this one, places may be */
	r->snap->no_site_peaks |= !strcmp(f->name, "peak_bytes");
	for (size_t i = 0; i < r->n_lacks; i++)
		if (!strcmp(r->lacks[i], f->name))
			return;
	if (r->n_lacks < SAVED_LACKS)
		r->lacks[r->n_lacks++] = f->name;
}

static void read_text(struct reader *r, const struct report_field *f, const json_t *value,
		      const char **at)
{
	if (json_is_string(value))
		*at = copy(r, value);
	else
		saved_refuse(r, "%s is no text", f->name);
}

/* A number, or true or false; false: the field is none of these. */
static bool read_number(struct reader *r, const struct report_field *f, const json_t *value,
			void *at, void *also)
{
	switch (f->type) {
	case REPORT_U64:
	case REPORT_UNLESS:
		*(uint64_t *)at = number(r, value, f->name, INT64_MAX);
		return true;
	case REPORT_SIGNED:
		*(int64_t *)at = (int64_t)number(r, value, f->name, INT64_MAX);
		return true;
	case REPORT_U32:
		*(uint32_t *)at = (uint32_t)number(r, value, f->name, UINT32_MAX);
		return true;
	case REPORT_NTH:
		*(uint32_t *)at = (uint32_t)number(r, value, f->name, UINT32_MAX);
		if (*(uint32_t *)at)
			--*(uint32_t *)at;
		return true;
	case REPORT_PID:
		*(int32_t *)at = (int32_t)number(r, value, f->name, INT32_MAX);
		return true;
	case REPORT_IF:
		*(bool *)also = true;
		/* fall through */
	case REPORT_INT:
		if (!json_is_integer(value))
			saved_refuse(r, "%s is no number that could be", f->name);
		*(int64_t *)at = json_integer_value(value);
		return true;
	case REPORT_REAL:
		if (!json_is_number(value))
			saved_refuse(r, "%s is no number that could be", f->name);
		*(double *)at = json_number_value(value);
		return true;
	case REPORT_BOOL:
	case REPORT_AT_LEAST:
		if (!json_is_boolean(value))
			saved_refuse(r, "%s is neither true nor false", f->name);
		*(bool *)at = json_is_true(value);
		return true;
	default:
		return false;
	}
}

/* A text, or what is written as one; false: the field is neither. */
static bool read_word(struct reader *r, const struct report_field *f, const json_t *value,
		      void *at)
{
	switch (f->type) {
	case REPORT_TEXT:
	case REPORT_FILE:
		read_text(r, f, value, at);
		return true;
	case REPORT_ENUM:
	case REPORT_OVERHEAD:
		*(uint32_t *)at = one_of(r, value, f->name, f->names);
		return true;
	case REPORT_ADDRESS:
		*(uint64_t *)at = json_is_string(value) ?
				  strtoull(json_string_value(value), NULL, 16) : 0;
		return true;
	case REPORT_TIME:
		*(int64_t *)at = time_of(r, value);
		return true;
	case REPORT_MODULE:
		*(uint32_t *)at = module_index(r, value);
		return true;
	case REPORT_BOUND:
		return true;
	default:
		return false;
	}
}

static void read_field(struct reader *r, const struct report_field *f, const json_t *value,
		       char *row)
{
	void *at = row + f->at, *also = row + f->also, *rows;

	if (read_number(r, f, value, at, also) || read_word(r, f, value, at))
		return;
	switch (f->type) {
	case REPORT_TEXTS:
		*(const char *const **)at = texts(r, value, f->name, false, also);
		break;
	case REPORT_SOURCES:
		if (json_array_size(value) != *(size_t *)also)
			saved_refuse(r, "%s are not as many as there are frames", f->name);
		*(const char *const **)at = texts(r, value, f->name, true, also);
		break;
	case REPORT_WHY:
		*(uint32_t *)at = saved_causes(r, value);
		break;
	case REPORT_BOUNDS:
		read_bounds(r, value, f, at, ((const struct snap_module *)(void *)row)->why);
		break;
	case REPORT_ROWS:
		if (!json_is_array(value))
			saved_refuse(r, "%s is missing", f->name);
		rows = saved_rows(r, value, f->of, also);
		memcpy(at, &rows, sizeof(rows));	/* a pointer, to whatever it is */
		break;
	case REPORT_DMA_BLOCKS:
		r->snap->dma_blocks_known = true;
		/* fall through */
	case REPORT_ONE:
	case REPORT_STATIC:
		saved_object(r, value, f->of, at);
		break;
	case REPORT_BLOCKS:
		read_blocks(r, value, at);
		break;
	default:
		read_each(r, value, f, at);
	}
}

void saved_object(struct reader *r, const json_t *object, const struct report_fields *of,
		  void *row)
{
	char *bytes = row;

	for (size_t i = 0; i < of->n && !r->ret; i++) {
		const struct report_field *f = &of->field[i];
		const json_t *value = json_object_get(object, f->name);

		if (!value)
			read_missing(r, f, bytes + f->at);
		else if (json_is_null(value))
			read_null(r, f, bytes + f->at, bytes + f->also);
		else
			read_field(r, f, value, bytes);
	}
}

void *saved_rows(struct reader *r, const json_t *array, const struct report_fields *of,
		 size_t *n)
{
	size_t size = json_array_size(array);
	char *rows = saved_room(r, size + 1, of->size);

	for (size_t i = 0; rows && i < size && !r->ret; i++)
		saved_object(r, json_array_get(array, i), of, rows + i * of->size);
	*n = r->ret ? 0 : size;
	return rows;
}
