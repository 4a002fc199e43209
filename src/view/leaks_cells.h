/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaks_cells.h - the columns of leaks, unloads and slopes
 */
#ifndef MODMEM_LEAKS_CELLS_H
#define MODMEM_LEAKS_CELLS_H

#include "leaks_view.h"

struct grid;

/* Grids with all that is to be shown; NULL: no memory. grid_free() them. */
struct grid *leaks_rows_grid(const struct leaks_report *report, enum leak_class class,
			     bool suppressed, size_t most, size_t *left_out);
struct grid *leaks_unloads_grid(const struct leaks_report *report, size_t *clean);
struct grid *leaks_soak_grid(const struct leaks_report *report, size_t *left_out);
struct grid *leaks_csv_grid(const struct leaks_report *report);

/* Allocated texts, NULL: no memory. */
char *leaks_age(const struct snapshot *snap, uint64_t ns);	/* "150ms" ago */

#endif
