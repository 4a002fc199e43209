// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * headers.c - what a trace.dat tells of the traced machine
 *
 * The same bytes in both versions: one behind the other in version 6, each a
 * section of its own in version 7.
 */
#include "tracedat.h"

#include <errno.h>
#include <string.h>

#include "error.h"

/* "header_page\0" u64 size, text; "header_event\0" u64 size, text */
static int read_titled(struct cursor *cur, const char *title,
		       const char **text, size_t *len)
{
	const uint8_t *block;
	uint64_t size;
	int ret;

	ret = cursor_block(cur, strlen(title) + 1, &block);
	if (ret)
		return ret;
	if (memcmp(block, title, strlen(title) + 1) != 0)
		return error_set(cur->err, -EBADMSG,
				 "%s: damaged in its %s (no \"%s\" where one should be): copy it again, or record it again",
				 cur->path, cur->part, title);
	if ((ret = cursor_u64(cur, &size)) ||
	    (ret = cursor_block(cur, size, &block)))
		return ret;
	*text = (const char *)block;
	*len = (size_t)size;
	return 0;
}

int header_info_read(struct tracedat *td, struct cursor *cur)
{
	struct source_info *info = &td->info;
	int ret;

	cur->part = "description of the ring buffer's pages";
	if ((ret = read_titled(cur, "header_page", &info->header_page,
			       &info->header_page_len)) ||
	    (ret = read_titled(cur, "header_event", &info->header_event,
			       &info->header_event_len)))
		return ret;

	if (ring_format_parse(&td->ring, info->header_page,
			      info->header_page_len))
		return error_set(cur->err, -EBADMSG,
				 "%s: the description of the ring buffer's pages makes no sense (damaged, or from a kernel before 2.6.31): copy it again, or record it again",
				 cur->path);
	td->have_ring = true;
	return 0;
}

/* @count event formats: u64 size, text */
static int read_formats(struct tracedat *td, struct cursor *cur,
			const char *system, uint32_t count)
{
	uint32_t i;
	int ret;

	for (i = 0; i < count; i++) {
		struct source_format *format;
		const uint8_t *block;
		uint64_t size;

		if ((ret = cursor_u64(cur, &size)) ||
		    (ret = cursor_block(cur, size, &block)))
			return ret;
		format = vec_add(&td->formats, sizeof(*format));
		if (!format)
			return tracedat_no_memory(td, cur->err);
		format->system = system;
		format->text = (const char *)block;
		format->len = (size_t)size;
	}
	return 0;
}

int header_ftrace_read(struct tracedat *td, struct cursor *cur)
{
	uint32_t count;
	int ret;

	cur->part = "ftrace event formats";
	ret = cursor_u32(cur, &count);
	if (ret)
		return ret;
	return read_formats(td, cur, "ftrace", count);
}

int header_events_read(struct tracedat *td, struct cursor *cur)
{
	uint32_t systems, count, i;
	int ret;

	cur->part = "event formats";
	ret = cursor_u32(cur, &systems);
	if (ret)
		return ret;
	for (i = 0; i < systems; i++) {
		const char *system;

		if ((ret = cursor_string(cur, &system)) ||
		    (ret = cursor_u32(cur, &count)) ||
		    (ret = read_formats(td, cur, system, count)))
			return ret;
	}
	return 0;
}

int header_kallsyms_read(struct tracedat *td, struct cursor *cur)
{
	const uint8_t *block;
	uint32_t size;
	int ret;

	cur->part = "kernel symbols";
	if ((ret = cursor_u32(cur, &size)) ||
	    (ret = cursor_block(cur, size, &block)))
		return ret;
	td->info.kallsyms = size ? (const char *)block : NULL;
	td->info.kallsyms_len = size;
	return 0;
}

int header_printk_read(struct tracedat *td, struct cursor *cur)
{
	const uint8_t *block;
	uint32_t size;
	int ret;

	(void)td;
	cur->part = "trace_printk formats";
	if ((ret = cursor_u32(cur, &size)) ||
	    (ret = cursor_block(cur, size, &block)))
		return ret;
	return 0;
}

int header_cmdlines_read(struct tracedat *td, struct cursor *cur)
{
	const uint8_t *block;
	uint64_t size;
	int ret;

	cur->part = "command lines";
	if ((ret = cursor_u64(cur, &size)) ||
	    (ret = cursor_block(cur, size, &block)))
		return ret;
	td->info.cmdlines = size ? (const char *)block : NULL;
	td->info.cmdlines_len = (size_t)size;
	return 0;
}
