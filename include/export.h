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

#include "snapshot.h"

struct error;

enum export_format {
	EXPORT_HTML,
	EXPORT_FOLDED,
	EXPORT_PPROF,
	EXPORT_OPENMETRICS,
	EXPORT_CSV,
	EXPORT_PERFETTO,
};

/* Which number of a stack is shown. */
enum export_metric {
	METRIC_LIVE,		/* bytes */
	METRIC_PEAK,		/* bytes, when its module had most of its own */
	METRIC_ALLOCATED,	/* bytes */
	METRIC_OBJECTS,		/* live */
	METRIC_ALLOCS,
};

struct export_opts {
	const char *modules;	/* comma list of names to show; NULL: all */
	bool absent_ok;		/* openmetrics: a module may come yet */
	enum export_metric metric;	/* folded */
	unsigned int charges;	/* stacks: 1 << enum charge each; 0: own */
	bool offsets;		/* stacks: keep frames apart by offset */
};

/* Names as on the command line: "html", "live"; NULL past the last one. */
const char *export_format_name(enum export_format format);
const char *export_metric_name(enum export_metric metric);

/* The format is of bytes, nothing for a terminal. */
bool export_is_binary(enum export_format format);

/* What the format needs of a replay: stacks, and live bytes over time. */
bool export_needs_stacks(enum export_format format);
bool export_needs_series(enum export_format format, const struct export_opts *opts);

/*
 * A page for a browser, with all that it needs in it. Needs stacks and the
 * series.
 */
int view_html(const struct snapshot *snap, const struct export_opts *opts,
	      FILE *out, struct error *err);

/*
 * Stacks as lines "module;outermost;...;innermost NUMBER", for flamegraph.pl,
 * inferno and speedscope. Needs stacks.
 */
int view_folded(const struct snapshot *snap, const struct export_opts *opts,
		FILE *out, struct error *err);

/*
 * The stacks as a heap profile (profile.proto, gzip) with the sample types of
 * Go's: inuse_space and so on. Needs stacks.
 */
int view_pprof(const struct snapshot *snap, const struct export_opts *opts,
	       FILE *out, struct error *err);

/*
 * Gauges and counters in Prometheus' text format (version 0.0.4), which is what
 * the textfile collector of node_exporter reads; it takes no time stamps.
 */
int view_openmetrics(const struct snapshot *snap, const struct export_opts *opts,
		     FILE *out, struct error *err);

/* Live bytes over time: a line for each module and bucket. Needs the series. */
int view_series_csv(const struct snapshot *snap, const struct export_opts *opts,
		    FILE *out, struct error *err);

/* The same as counter tracks of a Perfetto trace. Needs the series. */
int view_perfetto(const struct snapshot *snap, const struct export_opts *opts,
		  FILE *out, struct error *err);

#endif
