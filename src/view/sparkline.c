// SPDX-License-Identifier: GPL-2.0-or-later
#include "sparkline.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot.h"
#include "text.h"

#define LEVELS 8u
#define UTF8_MAX 4u		/* bytes of a character */

/* 0 only for nothing: what is held, however little, is seen. */
static unsigned int level(uint64_t value, uint64_t peak)
{
	double part;

	if (!value)
		return 0;
	if (value >= peak)
		return LEVELS;
	part = (double)value / (double)peak * LEVELS;
	return part < 1 ? 1 : (unsigned int)part;
}

char *sparkline(const struct snap_point *points, size_t n, uint64_t peak)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
	const char *const *marks = text_is_utf8() ? blocks : ascii;
	char *text = calloc(SPARKLINE_CELLS * UTF8_MAX + 1, 1), *end = text;

	for (size_t cell = 0; text && cell < SPARKLINE_CELLS; cell++) {
		/* few buckets are stretched, many are joined */
		size_t from = cell * n / SPARKLINE_CELLS;
		size_t to = (cell + 1) * n / SPARKLINE_CELLS;
		uint64_t most = 0;

		do {
			if (points[from].max > most)
				most = points[from].max;
		} while (++from < to);
		end = stpcpy(end, marks[level(most, peak)]);
	}
	return text;
}
