// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * buffer.c - see record_buffer.h
 */
#include "record_buffer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "record_files.h"
#include "record_instance.h"

/* in order across CPUs, and of all that are the cheapest to read but global */
#define DEFAULT_CLOCK	"mono"
#define LEAST_KB	512u
#define MOST_KB		(32u * 1024)

uint64_t record_buffer_kb(uint64_t available_kb, unsigned int cpus)
{
	uint64_t kb = available_kb / 16 / (cpus ? cpus : 1);

	return kb < LEAST_KB ? LEAST_KB : kb > MOST_KB ? MOST_KB : kb;
}

uint64_t record_buffer_default(void)
{
	char *text = file_read("/proc/meminfo", NULL);
	const char *at = text ? strstr(text, "MemAvailable:") : NULL;
	uint64_t kb = at ? strtoull(at + 13, NULL, 10) : 0;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	free(text);
	return record_buffer_kb(kb, cpus > 0 ? (unsigned int)cpus : 1);
}

int record_buffer_set(const struct record_instance *ri, uint64_t wanted,
		      uint64_t *kb, struct error *err)
{
	char text[32];
	int ret;

	*kb = wanted ? wanted : record_buffer_default();
	for (;;) {
		snprintf(text, sizeof(text), "%" PRIu64, *kb);
		ret = record_instance_write(ri, "buffer_size_kb", text);
		if (ret != -ENOMEM || wanted || *kb <= LEAST_KB)
			break;
		*kb /= 2;
	}
	if (ret)
		return error_set(err, ret, "buffers of %" PRIu64 " KiB per CPU cannot be had: %s: use a smaller --buffer-size",
				 *kb, strerror(-ret));
	/* a reader is woken when so much of the buffer is full; 4.20 and later; else sooner */
	record_instance_write(ri, "buffer_percent", "15");
	return 0;
}

int record_clock_set(const struct record_instance *ri, const char *wanted,
		     const char **clock, struct error *err)
{
	char *known;
	int ret;

	*clock = wanted ? wanted : DEFAULT_CLOCK;
	ret = record_instance_write(ri, "trace_clock", *clock);
	if (!ret)
		return 0;
	if (!wanted) {
		*clock = "global";
		if (!record_instance_write(ri, "trace_clock", *clock))
			return 0;
	}
	known = record_instance_read(ri, "trace_clock");
	if (known)
		known[strcspn(known, "\n")] = '\0';
	error_set(err, ret, "%s %.60s: this kernel has %s",
		  wanted ? "--clock" : "clock", *clock, known ? known : "no such clock");
	free(known);
	return ret;
}
