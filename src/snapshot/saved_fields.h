/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved_fields.h - members of a saved report by the table of report_fields.h
 *
 * Each takes the reader on when something was wrong before, and then does nothing
 * that matters: the first fault is what is said.
 */
#ifndef MODMEM_SAVED_FIELDS_H
#define MODMEM_SAVED_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct report_fields;
struct snapshot;

#define SAVED_LACKS 8u

struct reader {
	const char *name;	/* of the file */
	const char *module;	/* where we are, NULL: at none */
	struct snapshot *snap;
	struct arena *arena;	/* of it */
	bool full;		/* of the form modmem.report/2 */
	const uint32_t *by_name;	/* indexes of its modules; NULL: not read yet */
	const char *lacks[SAVED_LACKS];	/* members that an earlier modmem did not write */
	size_t n_lacks;
	struct error *err;
	int ret;
};

__attribute__((format(printf, 2, 3)))
void saved_refuse(struct reader *r, const char *fmt, ...);

/* @n zeroed items of @size bytes in the arena; NULL: no memory, which is noted. */
void *saved_room(struct reader *r, size_t n, size_t size);

/* The member @key of that type; NULL: refused. */
const json_t *saved_member(struct reader *r, const json_t *object, const char *key,
			   json_type type);

/* A list of texts; NULL and 0 where it is missing or null. */
const char *const *saved_texts(struct reader *r, const json_t *object, const char *key,
			       size_t *n);

/* What is at @key: true or false, @absent: nothing is. */
bool saved_bool(struct reader *r, const json_t *object, const char *key, bool absent);

/* Causes by their names in the array @names. */
uint32_t saved_causes(struct reader *r, const json_t *names);

/* The struct at @row, zeroed before, from @object. */
void saved_object(struct reader *r, const json_t *object, const struct report_fields *of,
		  void *row);

/* As many of @of as @array has; *@n of them. */
void *saved_rows(struct reader *r, const json_t *array, const struct report_fields *of,
		 size_t *n);

#endif
