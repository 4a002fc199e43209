/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * samples.h - return addresses out of a recording, to try where a file fits
 */
#ifndef MODMEM_SAMPLES_H
#define MODMEM_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct source;

/* Distinct addresses of code, the lowest first. */
struct samples {
	uint64_t *addr;
	size_t n;
	uint64_t *inner;	/* innermost frames of allocations: in allocators */
	size_t n_inner;
};

/*
 * Takes up to @max addresses from the stacks and call sites of the first events of
 * @src. 0 or a negative errno with @err set; samples_release() in any case.
 */
int samples_take(struct samples *s, struct source *src, size_t max, struct error *err);
void samples_release(struct samples *s);

#endif
