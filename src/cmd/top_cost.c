// SPDX-License-Identifier: GPL-2.0-or-later
#include "top_cost.h"

#include "live_books.h"
#include "monotonic.h"
#include "self.h"
#include "top.h"

void top_meter_start(struct top_meter *meter)
{
	meter->wall = monotonic_ns();
	meter->cpu = self_cpu_ns();
}

void top_meter_read(struct top_meter *meter, struct top_cost *cost)
{
	struct top_meter now;

	top_meter_start(&now);
	cost->cpu = now.wall > meter->wall ?
		    100.0 * (double)(now.cpu - meter->cpu) / (double)(now.wall - meter->wall) : 0;
	cost->rss = self_resident();
	*meter = now;
}
