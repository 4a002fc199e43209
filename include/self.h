/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * self.h - what this process itself takes
 */
#ifndef MODMEM_SELF_H
#define MODMEM_SELF_H

#include <stdint.h>

/* Time of processors, of all threads, ns. */
int64_t self_cpu_ns(void);

/* Memory that is resident, bytes; 0: not known. */
uint64_t self_resident(void);

#endif
