/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODMEM_MONOTONIC_H
#define MODMEM_MONOTONIC_H

#include <stdint.h>

/* CLOCK_MONOTONIC, ns: only differences mean something (clock_gettime(2)). */
int64_t monotonic_ns(void);

#endif
