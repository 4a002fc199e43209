/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baseline.h - reads what "modmem report --format json" saved
 *
 * The form is modmem.report/1 (testdata/report.schema.json). Members that are
 * not known are passed over; what is needed has to be there, of the right type,
 * not negative, and live bytes have to be the sum of their places: a file that
 * was cut, edited or made by something else is refused.
 */
#ifndef MODMEM_BASELINE_H
#define MODMEM_BASELINE_H

#include <stddef.h>

struct error;
struct side;

/* Bytes of the largest report that is read. */
#define BASELINE_MAX (512u << 20)

/*
 * The side of the report in @len bytes at @text; messages call it @name. NULL
 * with @err set: no JSON, no report, of another version, or not consistent.
 */
struct side *baseline_parse(const char *text, size_t len, const char *name,
			    struct error *err);

/* The same of a file. */
struct side *baseline_read(const char *path, struct error *err);

#endif
