/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perfcmd.h - what the options of perf record left out of a recording
 *
 * perf.data does not say which filters were set: only the command line does, which
 * stands in the file, and in the head that "perf script --header" prints (tools/perf/
 * util/header.c, print_cmdline(), print_event_desc()).
 */
#ifndef MODMEM_SOURCE_PERFCMD_H
#define MODMEM_SOURCE_PERFCMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracefilters;

struct perfcmd {
	struct tracefilters *list;	/* that is added to */
	uint32_t cpus;			/* that were running; 0: not told */
	bool machine;			/* of all tasks, as the file itself says */
	bool torn;			/* words were printed with blanks between them */
};

/*
 * Takes the @n words of a command line, from the name of perf on, those of the command
 * that it ran with them.
 */
void perfcmd_read(const struct perfcmd *pc, const char *const *words, size_t n);

/*
 * One event's records were not all written: @period, or @freq (@period is how many a
 * second then). @event: "SYSTEM:NAME" of @len bytes.
 */
void perfcmd_period(const struct perfcmd *pc, const char *event, size_t len, bool freq,
		    uint64_t period);

/* What was recorded is of the tasks of one command. */
void perfcmd_tasks(const struct perfcmd *pc);

/* ... and of some CPUs. */
void perfcmd_cpus(const struct perfcmd *pc);

/* A line of the head that perf script prints; pc->cpus may become known. */
void perfcmd_line(struct perfcmd *pc, const char *line, size_t len);

#endif
