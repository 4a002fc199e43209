/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recordparts.h - the pieces of a small recording, made by hand
 */
#ifndef MODMEM_TESTS_RECORDPARTS_H
#define MODMEM_TESTS_RECORDPARTS_H

#include "parts.h"

/* A recorder's tag: process 1 did not start at tick 1. */
#define RECORDPARTS_DEAD "modmem_1_1"

/* Makes a folder, with a file tree that looks like tracefs in it. */
void recordparts_setup(void);
void recordparts_teardown(void);

const char *recordparts_dir(void);
const char *recordparts_output(void);	/* what the recording is to be called */

/*
 * All pieces of a recording by @owner: two records on CPU 0 (at 1000 and 3000
 * ns, filled with 0x11 and 0x22), none on CPU 1, and one on CPU 2 (at 2000 ns,
 * 0x33) with half a page behind it.
 */
void recordparts_fill(struct parts *pa, const char *owner);

#endif
