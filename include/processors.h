/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * processors.h - how many threads find a processor of their own
 */
#ifndef MODMEM_PROCESSORS_H
#define MODMEM_PROCESSORS_H

#include <sched.h>

/* Those that this process may run on (sched_getaffinity(2)), at least 1. */
static inline unsigned int processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

#endif
