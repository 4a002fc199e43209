/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_buffer.h - size and clock of an instance's ring buffers
 */
#ifndef MODMEM_RECORD_BUFFER_H
#define MODMEM_RECORD_BUFFER_H

#include <stdint.h>

struct error;
struct record_instance;

/* KiB per CPU for a machine with so much free memory (kB) and CPUs. */
uint64_t record_buffer_kb(uint64_t available_kb, unsigned int cpus);

/* ... from the memory that is free now. */
uint64_t record_buffer_default(void);

/*
 * Sets the size to @wanted KiB per CPU, or 0: the default, or what of it can be
 * had. *@kb: what it is now. Returns 0 or a negative errno with @err set.
 */
int record_buffer_set(const struct record_instance *ri, uint64_t wanted,
		      uint64_t *kb, struct error *err);

/*
 * Sets the clock: @wanted, or NULL: one that is in order across CPUs. *@clock:
 * its name, a constant or @wanted. Returns 0 or a negative errno with @err set.
 */
int record_clock_set(const struct record_instance *ri, const char *wanted,
		     const char **clock, struct error *err);

#endif
