/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_check.h - what a recording would see of the running kernel
 */
#ifndef MODMEM_RECORD_CHECK_H
#define MODMEM_RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct error;

struct record_sight {
	const char *what;	/* "per-CPU memory", "kfree_rcu" */
	const char *cost;	/* what a report lacks without it */
	bool seen;
	char why[256];		/* not; or how, "": there is nothing to say */
};

#define RECORD_SIGHTS_MAX 16u

/*
 * Does what a recording does before it begins, in an instance of its own, and takes it
 * back: enables the events, puts up the probes. Fills @sights, of which @n are there, and
 * counts those that are not seen. 0, or a negative errno with @err set: this kernel
 * cannot be recorded at all, or something is left in tracefs.
 */
int record_check(struct record_sight sights[RECORD_SIGHTS_MAX], size_t *n, size_t *unseen,
		 struct error *err);

#endif
