/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * companion_read.h - the section that modmem's recorder puts behind a trace.dat
 */
#ifndef MODMEM_COMPANION_READ_H
#define MODMEM_COMPANION_READ_H

#include <stddef.h>
#include <stdint.h>

#include "companion.h"

struct error;
struct companion;

struct companion_item {
	const char *name;
	uint64_t ts;		/* ns of the trace clock, 0: not taken */
	const char *text;	/* terminated; may hold NUL bytes before its end */
	size_t len;		/* bytes */
	size_t last;		/* of the first of a name: the number of the last one */
};

/*
 * Reads the section of the file at @path. Returns NULL both if there is none
 * (@err untouched) and if it cannot be read (@err set: the section is damaged,
 * no memory). One that can be read but is not what its checksum says is
 * returned with @err set. Everything belongs to the result.
 */
struct companion *companion_open(const char *path, const char *name, struct error *err);
void companion_free(struct companion *c);

/*
 * One in memory, of a source that is no file, and an item behind those that are
 * there, which is copied. NULL, -ENOMEM: no memory.
 */
struct companion *companion_new(void);
int companion_put(struct companion *c, const char *name, uint64_t ts,
		  const char *text, size_t len);

/* The first item called @name has this text from now on. 0 or -ENOMEM. */
int companion_set(struct companion *c, const char *name, const char *text, size_t len);

size_t companion_count(const struct companion *c);
const struct companion_item *companion_at(const struct companion *c, size_t i);

/* The first item called @name, NULL: there is none (or @c is NULL). */
const struct companion_item *companion_find(const struct companion *c,
					    const char *name);

/* ... and the last one. */
const struct companion_item *companion_last(const struct companion *c,
					    const char *name);

#endif
