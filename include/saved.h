/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved.h - a report that "modmem report --format json" wrote, read again
 *
 * The forms are modmem.report/1 and modmem.report/2 (--full). Members that are not
 * known are passed over, members that are missing are told of in coverage.notes;
 * what no report is without has to be there. All has to be of the right type and
 * not negative, and live bytes have to be the sum of their places: a file that was
 * cut, edited or made by something else is refused.
 */
#ifndef MODMEM_SAVED_H
#define MODMEM_SAVED_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct snapshot;

/* Bytes of the largest report that is read. */
#define SAVED_MAX (512u << 20)

/* Do these first bytes of a file, unpacked, begin a report? At least one is needed. */
bool saved_is(const char *head, size_t len);

/*
 * The report in @len bytes at @text, to be freed with snapshot_free(); messages call it
 * @name. NULL with @err set: no JSON, no report, of a later form, or not consistent.
 */
struct snapshot *saved_parse(const char *text, size_t len, const char *name,
			     struct error *err);

/* The same of a file, packed or not (packed.h). */
struct snapshot *saved_read(const char *path, struct error *err);

#endif
