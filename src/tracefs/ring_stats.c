// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring_stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_instance.h"

static uint64_t counter(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

int stream_stats(const struct record_instance *ri, unsigned int cpu,
		 struct stream_stats *stats)
{
	char file[64];
	char *text;

	snprintf(file, sizeof(file), "per_cpu/cpu%u/stats", cpu);
	text = record_instance_read(ri, file);
	if (!text)
		return -errno;
	snprintf(stats->text, sizeof(stats->text), "%s", text);
	free(text);
	/* the first is also part of "commit overrun" */
	stats->lost = counter(stats->text, "\noverrun: ") +
		      counter(stats->text, "\ncommit overrun: ") +
		      counter(stats->text, "\ndropped events: ");
	return 0;
}

uint64_t record_clock_parse(const char *text)
{
	uint64_t value, fraction = 0;
	unsigned int digits = 0;
	char *end;

	value = strtoull(text, &end, 10);
	if (*end != '.')
		return value;
	for (end++; digits < 9; digits++) {
		fraction *= 10;
		if (*end >= '0' && *end <= '9')
			fraction += (uint64_t)(*end++ - '0');
	}
	return value * 1000000000u + fraction;
}

uint64_t record_clock_now(const struct record_instance *ri)
{
	struct stream_stats stats;
	const char *now;

	if (stream_stats(ri, 0, &stats))
		return 0;
	now = strstr(stats.text, "now ts: ");
	return now ? record_clock_parse(now + 8 + strspn(now + 8, " ")) : 0;
}
