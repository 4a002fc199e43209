/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * top_cost.h - what this process itself takes
 */
#ifndef MODMEM_TOP_COST_H
#define MODMEM_TOP_COST_H

#include <stdint.h>

struct top_cost;

struct top_meter {
	int64_t wall, cpu;	/* ns, when it was asked last */
};

void top_meter_start(struct top_meter *meter);

/* Fills cpu (since it was asked last) and rss. */
void top_meter_read(struct top_meter *meter, struct top_cost *cost);

#endif
