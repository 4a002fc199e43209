// SPDX-License-Identifier: GPL-2.0-or-later
#include "monotonic.h"

#include <time.h>

int64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}
