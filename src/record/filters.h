/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filters.h - what somebody else set in the recorder's instance that leaves
 * events out
 */
#ifndef MODMEM_RECORD_FILTERS_H
#define MODMEM_RECORD_FILTERS_H

#include <stddef.h>

struct narrowed;
struct record_events;
struct record_instance;

/*
 * Lines as in tracefilter.h of the events that are recorded and of the choices of tasks
 * and CPUs, which the caller frees; none is *@len 0. What has a filter of @own is the
 * recorder's. 0 or a negative errno, and *@text is NULL.
 */
int record_filters(const struct record_instance *ri, const struct record_events *re,
		   const struct narrowed *own, char **text, size_t *len);

#endif
