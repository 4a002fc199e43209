// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring_stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "record_instance.h"

int record_ring_page(const struct record_instance *ri, size_t *size, struct error *err)
{
	unsigned int offset, len;
	char *text = record_instance_read(ri, "events/header_page");
	int ret = text ? -EBADMSG : -errno;
	const char *data = text ? strstr(text, " data;") : NULL;

	if (data && sscanf(data, " data; offset:%u; size:%u;", &offset, &len) == 2 &&
	    offset < 1u << 20 && len < 1u << 20 && len) {
		*size = offset + len;
		ret = 0;
	}
	free(text);
	if (ret)
		return error_set(err, ret, "%s/events/header_page: %s", ri->dir,
				 ret == -EBADMSG ? "not understood, please report it" :
				 strerror(-ret));
	return 0;
}

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
	/* all kernels have it: what else is there is no such text */
	if (!strstr(stats->text, "\noverrun: "))
		return -EBADMSG;
	/* the first is also part of "commit overrun"; the last is from 3.8 on */
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
