// SPDX-License-Identifier: GPL-2.0-or-later
#include "metric.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "units.h"

const char *metric_name(enum metric metric)
{
	static const char *const names[METRIC_MAX] = {
		[METRIC_LIVE] = "live",
		[METRIC_PEAK] = "peak",
		[METRIC_LEAKED] = "leaked",
		[METRIC_OVERHEAD] = "overhead",
		[METRIC_ALLOCS] = "allocs",
		[METRIC_CHURN] = "churn",
		[METRIC_INDUCED] = "induced",
	};

	return (unsigned int)metric < METRIC_MAX ? names[metric] : NULL;
}

enum metric metric_find(const char *name, size_t len)
{
	enum metric m = 0;

	while (m < METRIC_MAX && (strlen(metric_name(m)) != len ||
				  memcmp(metric_name(m), name, len)))
		m++;
	return m;
}

bool metric_is_bytes(enum metric metric)
{
	return metric != METRIC_ALLOCS;
}

char *metric_text(char *buf, size_t size, enum metric metric, uint64_t value)
{
	if (metric_is_bytes(metric))
		return size_human(buf, size, value);
	snprintf(buf, size, "%" PRIu64, value);
	return buf;
}
