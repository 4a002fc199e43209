/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * head.h - the start of the trace.dat that a recording becomes
 */
#ifndef MODMEM_RECORD_HEAD_H
#define MODMEM_RECORD_HEAD_H

struct error;
struct parts;

/*
 * Writes the piece "head": formats of "SYSTEM/EVENT" in @events (NULL at the end), of
 * which there may be several of one system, in any order. @tracing, @instance:
 * the folders of tracefs and of the instance that is recorded. 0 or a negative errno
 * with @err set.
 */
int parts_head(const struct parts *pa, const char *tracing, const char *instance,
	       const char *const *events, struct error *err);

#endif
