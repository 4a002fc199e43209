// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_v6.c - trace.dat version 6: one thing behind the other
 *
 * After the header parts (headers.c):
 *
 *	u32 CPUs
 *	"options  \0", options up to one with id 0: u16 id, u32 size, data
 *	"flyrecord\0", or "latency  \0" and text
 *	for each CPU: u64 offset, u64 size of its pages
 *
 * The last two are the top-level buffer. An instance is an option BUFFER:
 * u64 offset of its own "options" or "flyrecord" part, and its name.
 * A CPUCOUNT option overrules the number of CPUs (trace-cmd 3.1).
 */
#include "tracedat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#define TAG_LEN 10

struct instance {
	uint64_t offset;
	const char *name;
};

static int read_buffer_option(struct tracedat *td, struct cursor *cur,
			      struct vec *instances)
{
	struct instance *instance;
	const char *name;
	uint64_t offset;
	int ret;

	if ((ret = cursor_u64(cur, &offset)) ||
	    (ret = cursor_string(cur, &name)))
		return ret;
	if (instances->n >= TRACEDAT_MAX_BUFFERS)
		return error_set(cur->err, -EBADMSG,
				 "%s: damaged in its options (more than %d buffers): copy it again, or record it again",
				 td->path, TRACEDAT_MAX_BUFFERS);
	instance = vec_add(instances, sizeof(*instance));
	if (!instance)
		return tracedat_no_memory(td, cur->err);
	instance->offset = offset;
	instance->name = name;
	return 0;
}

/* @instances NULL: of an instance, where BUFFER makes no sense */
static int read_options(struct tracedat *td, struct cursor *cur,
			struct vec *instances)
{
	for (;;) {
		struct cursor option = *cur;
		uint16_t id;
		uint32_t size;
		int ret;

		cur->part = "options";
		ret = cursor_u16(cur, &id);
		if (ret)
			return ret;
		if (id == OPTION_DONE)
			return 0;
		if ((ret = cursor_u32(cur, &size)) ||
		    (ret = cursor_block(cur, size, &option.data)))
			return ret;

		option.part = "options";
		option.base += cur->pos - size;
		option.pos = 0;
		option.size = size;
		option.file_size = 0;
		if (id == OPTION_BUFFER && instances)
			ret = read_buffer_option(td, &option, instances);
		else
			ret = option_read(td, id, &option);
		if (ret)
			return ret;
	}
}

/* The pages of all CPUs of a buffer: a table of offsets and sizes. */
static int read_table(struct tracedat *td, struct cursor *cur,
		      uint32_t buffer)
{
	uint32_t cpu;

	cur->part = "table of trace data";
	for (cpu = 0; cpu < td->info.cpus; cpu++) {
		uint64_t offset, size;
		int ret;

		if ((ret = cursor_u64(cur, &offset)) ||
		    (ret = cursor_u64(cur, &size)) ||
		    (ret = area_add(td, buffer, cpu, offset, size, false,
				    cur->err)))
			return ret;
	}
	return 0;
}

/* From the options of a buffer to the table of its trace data. */
static int read_buffer(struct tracedat *td, struct cursor *cur,
		       const char *name, struct vec *instances)
{
	const uint8_t *tag;
	uint32_t buffer;
	int ret;

	cur->part = "options";
	ret = cursor_block(cur, TAG_LEN, &tag);
	if (ret)
		return ret;
	if (!memcmp(tag, "options", 7)) {
		ret = read_options(td, cur, instances);
		if (ret)
			return ret;
		cur->part = "options";
		ret = cursor_block(cur, TAG_LEN, &tag);
		if (ret)
			return ret;
	}

	if (!memcmp(tag, "latency", 7)) {
		td->text_buffers++;
		return 0;
	}
	if (memcmp(tag, "flyrecord", 9) != 0)
		return error_set(cur->err, -EBADMSG,
				 "%s: damaged in its options (no trace data behind them): copy it again, or record it again",
				 td->path);

	ret = tracedat_add_buffer(td, name, NULL, td->info.page_size, &buffer,
				  cur->err);
	if (ret)
		return ret;
	return read_table(td, cur, buffer);
}

/*
 * Older files have the clock only behind the table of the top-level buffer
 * (trace-cmd 3.1: u64 size, text), if they have it at all.
 */
static void read_late_clock(struct tracedat *td, const struct cursor *table)
{
	struct cursor cur = *table;
	const uint8_t *text;
	uint64_t size;

	cur.err = NULL;
	if (cursor_u64(&cur, &size) || size > 4096 ||
	    cursor_block(&cur, size, &text))
		return;
	td->trace_clock = option_selected_clock(td, (const char *)text,
						(size_t)size);
}

/* They lie behind the data of the top-level buffer: cut off before it is. */
static int read_instances(struct tracedat *td, const struct vec *instances,
			  struct error *err)
{
	const struct instance *items = instances->items;
	size_t i;
	int ret;

	for (i = 0; i < instances->n; i++) {
		struct cursor cur;
		uint32_t cpus = td->info.cpus;

		tracedat_cursor(td, &cur, items[i].offset, "options", NULL);
		ret = read_buffer(td, &cur, items[i].name, NULL);
		/* each of them is read once, or all of them are one and the same */
		td->option_bytes += cur.pos;
		if (ret != -ENOMEM && td->option_bytes > td->size)
			return error_set(err, -EBADMSG,
					 "%s: damaged in its options (its buffers overlap): copy it again, or record it again",
					 td->path);
		if (ret == -EBADMSG)
			ret = tracedat_damage(td, err,
					      "truncated: buffer \"%s\" is missing in part or in whole",
					      items[i].name);
		else if (ret == -ENOMEM)
			ret = tracedat_no_memory(td, err);
		if (ret)
			return ret;
		td->info.cpus = cpus;
	}
	return 0;
}

int tracedat_read_v6(struct tracedat *td, struct cursor *cur)
{
	struct vec instances = { NULL, 0 };
	uint32_t cpus;
	int ret;

	if ((ret = header_info_read(td, cur)) ||
	    (ret = header_ftrace_read(td, cur)) ||
	    (ret = header_events_read(td, cur)) ||
	    (ret = header_kallsyms_read(td, cur)) ||
	    (ret = header_printk_read(td, cur)) ||
	    (ret = header_cmdlines_read(td, cur)))
		return ret;

	cur->part = "number of CPUs";
	ret = cursor_u32(cur, &cpus);
	if (ret)
		return ret;
	if (cpus > TRACEDAT_MAX_CPUS)
		return error_set(cur->err, -EBADMSG,
				 "%s: damaged in its number of CPUs (%u): copy it again, or record it again",
				 td->path, cpus);
	td->info.cpus = cpus;

	ret = read_buffer(td, cur, "", &instances);
	if (!ret && !td->trace_clock && !td->text_buffers)
		read_late_clock(td, cur);
	if (!ret)
		ret = read_instances(td, &instances, cur->err);
	free(instances.items);
	return ret;
}
