/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_parts.h - values that several JSON documents have
 *
 * All return a new reference, NULL without memory.
 */
#ifndef MODMEM_JSON_PARTS_H
#define MODMEM_JSON_PARTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

struct error;
struct snapshot;

json_t *json_text(const char *text);		/* made printable; null for NULL */
json_t *json_texts(const char *const *texts, size_t n);
json_t *json_number(uint64_t value);		/* INT64_MAX, if it is larger */
json_t *json_known(int64_t value);		/* null where it is negative */

/* The keys "source" and "coverage" of a report (json.c). */
json_t *json_source(const struct snapshot *snap);
json_t *json_coverage(const struct snapshot *snap);

/* Writes the document and a line feed. 0, or -ENOMEM with @err set. */
int json_put(const json_t *document, FILE *out, struct error *err);

/* Names of the causes @why (bound.h), as an array; NULL: no memory. */
json_t *json_causes(uint32_t why);

#endif
