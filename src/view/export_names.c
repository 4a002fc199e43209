// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * export_names.c - the formats, and what each needs
 */
#include <stddef.h>

#include "export.h"

static const struct {
	const char *name;
	bool binary, stacks, series;
} formats[] = {
	[EXPORT_HTML] = { "html", false, true, true },
	[EXPORT_FOLDED] = { "folded", false, true, false },
	[EXPORT_PPROF] = { "pprof", true, true, true },
	[EXPORT_OPENMETRICS] = { "openmetrics", false, false, false },
	[EXPORT_CSV] = { "csv", false, false, true },
	[EXPORT_PERFETTO] = { "perfetto", true, false, true },
};

const char *export_format_name(enum export_format format)
{
	return (size_t)format < sizeof(formats) / sizeof(formats[0]) ?
	       formats[format].name : NULL;
}

bool export_is_binary(enum export_format format)
{
	return formats[format].binary;
}

bool export_needs_stacks(enum export_format format)
{
	return formats[format].stacks;
}

bool export_needs_series(enum export_format format, const struct export_opts *opts)
{
	return formats[format].series ||
	       (formats[format].stacks && opts->metric == METRIC_PEAK);
}

const char *export_metric_name(enum export_metric metric)
{
	static const char *const names[] = {
		[METRIC_LIVE] = "live",
		[METRIC_PEAK] = "peak",
		[METRIC_ALLOCATED] = "allocated",
		[METRIC_OBJECTS] = "objects",
		[METRIC_ALLOCS] = "allocs",
	};

	return (size_t)metric < sizeof(names) / sizeof(names[0]) ? names[metric] : NULL;
}
