// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - the options of a trace.dat that both versions share
 *
 * Their data are numbers in the file's byte order, or text that need not be
 * terminated.
 */
#include "tracedat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* The option as a terminated string of its own. */
static const char *option_text(struct tracedat *td, const struct cursor *cur)
{
	return tracedat_strndup(td, (const char *)cur->data, cur->size);
}

const char *option_selected_clock(struct tracedat *td, const char *text,
				  size_t len)
{
	const char *open = len ? memchr(text, '[', len) : NULL;
	const char *close;

	if (!open)
		return NULL;
	open++;
	len -= (size_t)(open - text);
	close = len ? memchr(open, ']', len) : NULL;
	if (!close || close == open)
		return NULL;
	return tracedat_strndup(td, open, (size_t)(close - open));
}

/* The number behind "key: " at the start of a line, 0 if there is none. */
static uint64_t stat_number(const char *text, const char *key)
{
	size_t len = strlen(key);
	const char *line = text;

	while (line) {
		if (!strncmp(line, key, len) && line[len] == ':')
			return strtoull(line + len + 1, NULL, 10);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return 0;
}

/*
 * per_cpu/cpuN/stats, or "\nBuffer: NAME\n\n" in front of the statistics of
 * an instance (trace-cmd 3.1). "commit overrun" counts events that did not
 * get in either (kernel/trace/ring_buffer.c, rb_move_tail()).
 */
static int read_cpustat(struct tracedat *td, struct cursor *cur)
{
	static const char title[] = "Buffer: ";
	const char *text = option_text(td, cur);
	struct cpu_totals *totals;
	uint64_t cpu;

	if (!text)
		return tracedat_no_memory(td, cur->err);
	text += strspn(text, "\n");
	if (!strncmp(text, title, sizeof(title) - 1)) {
		text += sizeof(title) - 1;
		td->stat_buffer = tracedat_strndup(td, text,
						   strcspn(text, "\n"));
		if (!td->stat_buffer) {
			td->stat_buffer = "";
			return tracedat_no_memory(td, cur->err);
		}
		return 0;
	}
	if (strncmp(text, "CPU:", 4) != 0)
		return 0;

	cpu = stat_number(text, "CPU");
	if (cpu >= TRACEDAT_MAX_CPUS)
		return 0;
	totals = vec_add(&td->totals, sizeof(*totals));
	if (!totals)
		return tracedat_no_memory(td, cur->err);
	totals->buffer = td->stat_buffer;
	totals->value.cpu = (uint32_t)cpu;
	totals->value.overrun = stat_number(text, "overrun");
	totals->value.dropped = stat_number(text, "dropped events") +
				stat_number(text, "commit overrun");
	return 0;
}

/* An offset to add to all time stamps, in units of @ns. */
static int read_offset(struct tracedat *td, struct cursor *cur, uint64_t ns)
{
	const char *text = option_text(td, cur);

	if (!text)
		return tracedat_no_memory(td, cur->err);
	td->clock.offset += (uint64_t)strtoll(text, NULL, 0) * ns;
	return 0;
}

/*
 * u32 multiplier, u32 shift, u64 offset. The offset is not used: trace-cmd
 * writes the one to apply as an OFFSET option.
 */
static int read_tsc2nsec(struct tracedat *td, struct cursor *cur)
{
	uint32_t mult, shift;

	if (cur->size < 16)
		return 0;
	if (cursor_u32(cur, &mult) || cursor_u32(cur, &shift))
		return -EBADMSG;
	if (shift > 32)
		return tracedat_damage(td, cur->err,
				       "the TSC2NSEC option makes no sense: time stamps are left in cycles");
	td->clock.mult = mult;
	td->clock.shift = shift;
	return 0;
}

int option_read(struct tracedat *td, uint16_t id, struct cursor *cur)
{
	const char *text;
	uint32_t cpus;

	switch (id) {
	case OPTION_DATE:
		return read_offset(td, cur, 1000);	/* microseconds */
	case OPTION_OFFSET:
		return read_offset(td, cur, 1);
	case OPTION_TSC2NSEC:
		return read_tsc2nsec(td, cur);
	case OPTION_TIME_SHIFT:
		return tracedat_damage(td, cur->err,
				       "recorded in a guest: times are the guest's own, not brought in line with the host's (TIME_SHIFT option)");
	case OPTION_CPUSTAT:
		return read_cpustat(td, cur);
	case OPTION_TRACECLOCK:
		text = option_selected_clock(td, (const char *)cur->data,
					     cur->size);
		if (text)
			td->trace_clock = text;
		return 0;
	case OPTION_UNAME:
		text = option_text(td, cur);
		if (!text)
			return tracedat_no_memory(td, cur->err);
		td->info.uname = text;
		return 0;
	case OPTION_VERSION:
		text = option_text(td, cur);
		if (!text)
			return tracedat_no_memory(td, cur->err);
		td->info.recorder = text;
		return 0;
	case OPTION_CPUCOUNT:
		if (cur->size < 4)
			return 0;
		if (cursor_u32(cur, &cpus))
			return -EBADMSG;
		if (cpus > TRACEDAT_MAX_CPUS)
			return error_set(cur->err, -EBADMSG,
					 "%s: damaged in its options (%u CPUs): copy it again, or record it again",
					 td->path, cpus);
		td->info.cpus = cpus;
		return 0;
	}
	return 0;
}
