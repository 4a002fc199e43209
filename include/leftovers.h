/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leftovers.h - what recorders that are dead left behind in tracefs
 */
#ifndef MODMEM_LEFTOVERS_H
#define MODMEM_LEFTOVERS_H

struct error;

/*
 * Removes what dead recorders left in tracefs; @removed counts instances and
 * probes. Returns 0 or a negative errno with @err set.
 */
int record_clean(unsigned int *removed, struct error *err);

#endif
