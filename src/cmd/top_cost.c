// SPDX-License-Identifier: GPL-2.0-or-later
#include "top_cost.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "top.h"

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

void top_meter_start(struct top_meter *meter)
{
	meter->wall = clock_ns(CLOCK_MONOTONIC);
	meter->cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* proc(5): the second number of statm is what is resident, in pages */
static uint64_t resident(void)
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

void top_meter_read(struct top_meter *meter, struct top_cost *cost)
{
	struct top_meter now;

	top_meter_start(&now);
	cost->cpu = now.wall > meter->wall ?
		    100.0 * (double)(now.cpu - meter->cpu) / (double)(now.wall - meter->wall) : 0;
	cost->rss = resident();
	*meter = now;
}
