// SPDX-License-Identifier: GPL-2.0-or-later
#include "self.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int64_t self_cpu_ns(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* proc(5): the second number of statm is what is resident, in pages */
uint64_t self_resident(void)
{
	FILE *in = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (!in)
		return 0;
	if (fscanf(in, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(in);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
