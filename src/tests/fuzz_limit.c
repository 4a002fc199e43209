// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_limit.c - any bytes as a file of limits and suppressions
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "limit.h"
#include "verdict/rulefile.h"
#include "side.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_line(void *arg, char *text, const char *where, struct error *err)
{
	struct limits *limits = arg;

	assert(*text && *text != '#');
	err->text[0] = '\0';
	if (suppress_is_rule(text)) {
		if (suppress_add(&limits->suppressions, text, where, "2026-01-01", err))
			assert(strlen(err->text) > 10);
	} else if (limits_add(limits, text, where, err)) {
		assert(strlen(err->text) > 10);
	}
	return 0;		/* the next line may be better */
}

static void use(struct limits *limits)
{
	struct side_row row = {
		.module = "kmtest", .state = MODULE_LOADED, .site = true,
		.function = "probe.isra.0", .via = "kmalloc", .known = METRICS_ALL,
	};
	struct suppress_what what = {
		.module = "kmtest", .function = "probe.isra.0", .site = true, .via = "kmalloc",
	};

	for (size_t i = 0; i < limits->n; i++) {
		const struct limit *l = &limits->rule[i];

		assert(l->metric < METRIC_MAX && (l->has_size || l->has_percent));
		row.site = l->function;
		limit_fits(l, &row);
		assert(!l->grows || limit_allows(l, 12345) >= 12345);
		assert(!l->grows || limit_allows(l, UINT64_MAX) == UINT64_MAX);
	}
	for (size_t i = 0; i < limits->suppressions.n; i++)
		assert(*limits->suppressions.rule[i].reason);
	suppress_find(&limits->suppressions, &what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct limits limits = { 0 };
	struct error err;
	FILE *file;

	if (!size)
		return 0;
	file = fmemopen((void *)data, size, "r");
	assert(file);
	if (rulefile_stream(file, "fuzz", read_line, &limits, &err))
		assert(strlen(err.text) > 10);
	fclose(file);
	use(&limits);
	limits_free(&limits);
	return 0;
}

#include "fuzz_main.h"
