/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metric.h - the numbers that two recordings are compared by
 */
#ifndef MODMEM_METRIC_H
#define MODMEM_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric {
	METRIC_LIVE,		/* bytes, own, at the end */
	METRIC_PEAK,		/* bytes, own, most at one moment; of a place: the
				   sum of its sites' */
	METRIC_LEAKED,		/* bytes left by unloaded instances; of modules only */
	METRIC_OVERHEAD,	/* bytes of the allocators; of modules only */
	METRIC_ALLOCS,		/* allocations, own */
	METRIC_CHURN,		/* bytes, own, allocated in all */
	METRIC_INDUCED,		/* bytes that the kernel took on its behalf, at the end */
	METRIC_MAX
};

#define METRIC_BIT(m)		(1u << (m))
#define METRICS_ALL		(METRIC_BIT(METRIC_MAX) - 1u)
/* what is compared unless --metric says otherwise */
#define METRICS_DEFAULT		(METRICS_ALL & ~METRIC_BIT(METRIC_INDUCED))
/* what is known of a single place in the code */
#define METRICS_OF_SITES	(METRIC_BIT(METRIC_LIVE) | METRIC_BIT(METRIC_PEAK) | \
				 METRIC_BIT(METRIC_ALLOCS) | METRIC_BIT(METRIC_CHURN) | \
				 METRIC_BIT(METRIC_INDUCED))
/* ... and adds up to what the module has: each peak has its own moment */
#define METRICS_OF_PARTS	(METRICS_OF_SITES & ~METRIC_BIT(METRIC_PEAK))

/* "live", ...; NULL past the last one. */
const char *metric_name(enum metric metric);

/* The metric called by the @len bytes at @name; METRIC_MAX: none is. */
enum metric metric_find(const char *name, size_t len);

/* All but the number of allocations. */
bool metric_is_bytes(enum metric metric);

/* Writes @value for people: 1.5K, or a plain number. Returns @buf. */
char *metric_text(char *buf, size_t size, enum metric metric, uint64_t value);

#endif
