/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * side_fixture.h - recordings to compare, made of a few words
 */
#ifndef MODMEM_SIDE_FIXTURE_H
#define MODMEM_SIDE_FIXTURE_H

#include <stdint.h>

#include "side.h"
#include "sides.h"

/*
 * A run of rows in the text @rows, one a line:
 *
 *   MODULE live=N peak=N ... uncertain=N    a module ("MODULE!": it is unloaded)
 *   MODULE:FUNCTION live=N kind=N why=N ... a place that calls kmalloc, own
 *
 * A function "-" has no symbol. Metrics that are not named are 0; leaked is not
 * known unless it is named.
 */
struct side *side_fixture(const char *name, const char *rows);

/* A side of @n runs, each from its text. */
struct runs runs_fixture(size_t n, const char *const *rows);

#endif
