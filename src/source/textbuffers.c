// SPDX-License-Identifier: GPL-2.0-or-later
#include "textbuffers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strings_table.h"
#include "textlog.h"

#define LANES_MAX	TEXT_CPUS_MAX	/* of buffers but the first */
#define NONE		UINT32_MAX
#define OLDER_MAX	10000000u	/* ns, or counts: clocks of CPUs, late readers */

void textbuffers_init(struct textbuffers *tb, struct textlog *log, struct strings *names)
{
	memset(tb, 0, sizeof(*tb));
	tb->log = log;
	tb->names = names;
	tb->unnamed = NONE;
}

void textbuffers_free(struct textbuffers *tb)
{
	for (uint32_t i = 0; i < tb->n; i++) {
		free(tb->cpus[i]);
		free(tb->lanes[i]);
	}
	tb->n = 0;
}

/* A buffer more; where there are too many, the first one. */
static uint32_t add_buffer(struct textbuffers *tb, uint32_t name)
{
	if (tb->n == TEXT_BUFFERS_MAX) {
		tb->log->buffers_mixed = true;
		return 0;
	}
	tb->name[tb->n] = name;
	return tb->n++;
}

static uint32_t find_buffer(struct textbuffers *tb, uint32_t name)
{
	for (uint32_t i = 0; i < tb->n; i++)
		if (tb->name[i] == name)
			return i;
	return add_buffer(tb, name);
}

/*
 * Each CPU of a buffer, up to the highest one, is a stream of its own later, with a page
 * in memory: no more than LANES_MAX besides those of the first.
 */
static int cpu_of(struct textbuffers *tb, uint32_t *buffer, uint32_t cpu,
		  struct textcpu **found)
{
	uint32_t wider = cpu < tb->width[*buffer] ? 0 : cpu + 1 - tb->width[*buffer];

	if (*buffer && tb->n_lanes + wider > LANES_MAX) {
		tb->log->buffers_mixed = true;
		*buffer = 0;
		return cpu_of(tb, buffer, cpu, found);
	}
	if (!tb->cpus[*buffer])
		tb->cpus[*buffer] = calloc(TEXT_CPUS_MAX, sizeof(*tb->cpus[0]));
	if (!tb->cpus[*buffer])
		return -ENOMEM;
	tb->width[*buffer] += wider;
	tb->n_lanes += *buffer ? wider : 0;
	*found = &tb->cpus[*buffer][cpu];
	if (!(*found)->met)
		(*found)->lane = (uint16_t)(*buffer ? TEXT_CPUS_MAX + tb->lanes_used++ : cpu);
	(*found)->met = true;
	return 0;
}

int textbuffers_head(struct textbuffers *tb, const struct textline *line)
{
	tb->headed = true;
	if (!line->title.len)
		return 0;
	tb->title = strings_add(tb->names, line->title.at, line->title.len);
	return tb->title == UINT32_MAX ? -ENOMEM : 0;
}

/*
 * Behind a head, where a CPU goes back in time: what came before was the log of
 * another buffer, or one that was printed earlier.
 */
static int next_log(struct textbuffers *tb, const struct textline *line, uint32_t *buffer,
		    struct textcpu **cpu)
{
	if (!tb->headed || line->ts >= (*cpu)->raw)
		return 0;
	tb->headed = false;
	*buffer = add_buffer(tb, tb->title);
	if (!*buffer)
		return 0;
	tb->log->logs_behind++;
	tb->unnamed = *buffer;
	return cpu_of(tb, buffer, line->cpu, cpu);
}

int textbuffers_of(struct textbuffers *tb, const struct textline *line, uint32_t *buffer,
		   struct textcpu **cpu)
{
	bool entry = line->kind != TEXTLINE_LOST, told = tb->next_told && entry;
	uint32_t name;
	int ret;

	if (line->buffer.len) {
		name = strings_add(tb->names, line->buffer.at, line->buffer.len);
		if (name == UINT32_MAX)
			return -ENOMEM;
		*buffer = find_buffer(tb, name);
	} else if (told) {
		*buffer = tb->next;
	} else {
		if (tb->unnamed == NONE)
			tb->unnamed = find_buffer(tb, tb->title);
		*buffer = tb->unnamed;
	}
	ret = cpu_of(tb, buffer, line->cpu, cpu);
	if (!ret && entry && !told && !line->buffer.len)
		ret = next_log(tb, line, buffer, cpu);
	/* the line of a loss has the name, and the entry behind it then has none */
	tb->next = *buffer;
	tb->next_told = !entry;
	return ret;
}

uint64_t textbuffers_time(struct textbuffers *tb, const struct textline *line,
			  uint32_t buffer, struct textcpu *cpu)
{
	uint64_t older = line->ts < tb->last_raw ? tb->last_raw - line->ts : 0;
	bool back = line->ts < cpu->raw, other = buffer != tb->last;
	struct textlog *log = tb->log;

	tb->last = buffer;
	tb->last_raw = cpu->raw = line->ts;
	if (older && !back && (other || older > OLDER_MAX)) {
		log->cpu_logs += !other;
		tb->ts = line->ts;
	} else {
		log->out_of_order += older > 0;
		log->went_back += older > OLDER_MAX;
		if (line->ts > tb->ts || !log->entries)
			tb->ts = line->ts;
		else
			tb->ts++;
	}
	if (cpu->any && tb->ts <= cpu->ts)
		tb->ts = cpu->ts + 1;
	cpu->any = true;
	cpu->ts = tb->ts;
	return tb->ts;
}

/* All entries are of one CPU. */
static bool one_cpu(const struct textbuffers *tb)
{
	uint32_t n = 0;

	for (uint32_t cpu = 0; cpu < TEXT_CPUS_MAX; cpu++) {
		bool any = false;

		for (uint32_t b = 0; b < tb->n; b++)
			any |= tb->cpus[b] && tb->cpus[b][cpu].any;
		n += any;
	}
	return n == 1;
}

/* Where the entries of @buffer went, by CPU. */
static int put_lanes(struct textbuffers *tb, uint32_t buffer)
{
	uint32_t n = tb->width[buffer];

	tb->lanes[buffer] = malloc(n * sizeof(*tb->lanes[0]));
	if (!tb->lanes[buffer])
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct textcpu *cpu = &tb->cpus[buffer][i];

		tb->lanes[buffer][i] = cpu->met ? cpu->lane : TEXT_LANE_NONE;
	}
	return 0;
}

int textbuffers_end(struct textbuffers *tb, struct textfile *tf)
{
	struct textlog *log = tb->log;
	size_t len = 0;

	log->one_cpu = one_cpu(tb);
	for (uint32_t i = 0; i < tb->n; i++) {
		const char *name = strings_get(tb->names, tb->name[i]);
		char number[24];

		if (!tb->width[i])
			continue;
		if (!*name && log->logs_behind) {
			snprintf(number, sizeof(number), "log %u", i + 1);
			tb->name[i] = strings_add(tb->names, number, strlen(number));
			if (tb->name[i] == UINT32_MAX)
				return -ENOMEM;
			name = strings_get(tb->names, tb->name[i]);
		}
		if (tf->cpus < tb->width[i])
			tf->cpus = tb->width[i];
		if (!i)
			snprintf(log->first_buffer, sizeof(log->first_buffer), "%s", name);
		else if (put_lanes(tb, i))
			return -ENOMEM;
		else
			textfile_buffer(tf, name, tb->lanes[i], tb->width[i]);
		if (len < sizeof(log->buffer_names))
			len += (size_t)snprintf(log->buffer_names + len,
						sizeof(log->buffer_names) - len, "%s'%s'",
						log->buffers ? ", " : "",
						*name ? name : "top instance");
		log->buffers++;
	}
	return 0;
}
