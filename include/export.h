/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * export.h - a snapshot in the formats of other programs
 *
 * Like the views (view.h) these write to a FILE and know nothing but the
 * snapshot. Each returns 0 or a negative errno (with @err set); errors of @out
 * itself are left in its error indicator for the one who closes it.
 */
#ifndef MODMEM_EXPORT_H
#define MODMEM_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct error;
struct snapshot;

struct export_opts {
	const char *modules;	/* comma list of names to show; NULL: all */
};

/*
 * Gauges and counters in Prometheus' text format (version 0.0.4), which is what
 * the textfile collector of node_exporter reads; it takes no time stamps.
 */
int view_openmetrics(const struct snapshot *snap, const struct export_opts *opts,
		     FILE *out, struct error *err);

#endif
