// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_v7.c - trace.dat version 7: sections, found through options
 *
 * After the page size: "NAME\0" "VERSION\0" of the compression, and the u64
 * offset of the first section of options. A section is
 *
 *	u16 id, u16 flags (1: compressed), u32 description, u64 size
 *	data of that size; compressed: u32 packed size, u32 size, packed data
 *
 * An option is u16 id, u32 size, data; the last of a section, DONE, has the
 * offset of the next section of options, or 0.
 */
#include "tracedat.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "error.h"
#include "unpack.h"

#define SECTION_COMPRESSED	1u

/* trace-cmd writes two or three */
#define MAX_OPTION_SECTIONS	4096

/* Only its header: where its data start, and how many they are. */
static int section_find(struct tracedat *td, uint64_t offset, uint16_t id,
			const char *part, struct cursor *cur, uint64_t *size,
			bool *compressed, struct error *err)
{
	uint16_t got_id, flags;
	uint32_t description;
	int ret;

	tracedat_cursor(td, cur, offset, part, err);
	if ((ret = cursor_u16(cur, &got_id)) ||
	    (ret = cursor_u16(cur, &flags)) ||
	    (ret = cursor_u32(cur, &description)) ||
	    (ret = cursor_u64(cur, size)))
		return ret;
	if (got_id != id)
		return error_set(err, -EBADMSG,
				 "%s: damaged in its %s (no such section at byte %" PRIu64 "): copy it again, or record it again",
				 td->path, part, offset);
	if (flags & ~SECTION_COMPRESSED)
		return error_set(err, -EPROTONOSUPPORT,
				 "%s: its %s have section flags %#x that are not known here: a newer modmem may read it",
				 td->path, part, flags);
	*compressed = flags & SECTION_COMPRESSED;
	if (*compressed && !td->unpacker)
		return error_set(err, -EBADMSG,
				 "%s: damaged: its %s are compressed, but the file says it is not: copy it again, or record it again",
				 td->path, part);
	return 0;
}

static int section_unpack(struct tracedat *td, struct cursor *cur)
{
	uint32_t in_len, out_len;
	const uint8_t *in;
	uint8_t *out;
	int ret;

	if ((ret = cursor_u32(cur, &in_len)) ||
	    (ret = cursor_u32(cur, &out_len)) ||
	    (ret = cursor_block(cur, in_len, &in)))
		return ret;
	if (out_len / UNPACK_MAX_RATIO > in_len ||
	    out_len > UNPACK_MAX_HEADERS - td->unpacked)
		return error_set(cur->err, -EBADMSG,
				 "%s: damaged in its %s (%" PRIu32 " bytes said to unpack to %" PRIu32 "): copy it again, or record it again",
				 td->path, cur->part, in_len, out_len);
	td->unpacked += out_len;

	out = tracedat_alloc(td, out_len);
	if (!out)
		return tracedat_no_memory(td, cur->err);
	if (unpack(td->unpacker, in, in_len, out, out_len))
		return error_set(cur->err, -EBADMSG,
				 "%s: damaged in its %s (they do not unpack): copy it again, or record it again",
				 td->path, cur->part);
	cur->data = out;
	cur->size = out_len;
	cur->pos = 0;
	cur->file_size = 0;
	cur->unpacked = true;
	return 0;
}

/* The data of a section, unpacked if need be. */
static int section_read(struct tracedat *td, uint64_t offset, uint16_t id,
			const char *part, struct cursor *cur,
			struct error *err)
{
	const uint8_t *data;
	uint64_t size;
	bool compressed;
	int ret;

	ret = section_find(td, offset, id, part, cur, &size, &compressed, err);
	if (ret)
		return ret;
	ret = cursor_block(cur, size, &data);
	if (ret)
		return ret;

	cur->base += cur->pos - (size_t)size;
	cur->data = data;
	cur->size = (size_t)size;
	cur->pos = 0;
	cur->file_size = 0;
	return compressed ? section_unpack(td, cur) : 0;
}

/*
 * u64 offset of the section, name, clock, u32 page size, u32 CPUs, and for
 * each of these: u32 CPU, u64 offset, u64 size.
 */
static int read_buffer(struct tracedat *td, struct cursor *cur)
{
	uint32_t page_size, cpus, buffer, i;
	const char *name, *clock;
	uint64_t offset, unused;
	struct cursor section;
	bool compressed;
	int ret;

	cur->part = "options";
	if ((ret = cursor_u64(cur, &offset)) ||
	    (ret = cursor_string(cur, &name)) ||
	    (ret = cursor_string(cur, &clock)) ||
	    (ret = cursor_u32(cur, &page_size)) ||
	    (ret = cursor_u32(cur, &cpus)))
		return ret;
	ret = section_find(td, offset, SECTION_BUFFER, "trace data", &section,
			   &unused, &compressed, cur->err);
	if (ret)
		return ret;
	ret = tracedat_add_buffer(td, name, clock, page_size, &buffer,
				  cur->err);
	if (ret)
		return ret;

	for (i = 0; i < cpus; i++) {
		uint32_t cpu;
		uint64_t size;

		if ((ret = cursor_u32(cur, &cpu)) ||
		    (ret = cursor_u64(cur, &offset)) ||
		    (ret = cursor_u64(cur, &size)) ||
		    (ret = area_add(td, buffer, cpu, offset, size, compressed,
				    cur->err)))
			return ret;
	}
	return 0;
}

/* One section of options; @next is the offset of another one, or 0. */
static int read_options(struct tracedat *td, struct cursor *cur,
			uint64_t *next)
{
	for (;;) {
		struct cursor option = *cur;
		uint16_t id;
		uint32_t size;
		int ret;

		if ((ret = cursor_u16(cur, &id)) ||
		    (ret = cursor_u32(cur, &size)) ||
		    (ret = cursor_block(cur, size, &option.data)))
			return ret;
		option.base += cur->pos - size;
		option.pos = 0;
		option.size = size;

		switch (id) {
		case OPTION_DONE:
			return cursor_u64(&option, next);
		case OPTION_BUFFER:
			ret = read_buffer(td, &option);
			break;
		case OPTION_BUFFER_TEXT:
			td->text_buffers++;
			break;
		case SECTION_HEADER_INFO:
		case SECTION_FTRACE_EVENTS:
		case SECTION_EVENT_FORMATS:
		case SECTION_KALLSYMS:
		case SECTION_PRINTK:
		case SECTION_CMDLINES:
			ret = cursor_u64(&option, &td->sections[id]);
			break;
		default:
			ret = option_read(td, id, &option);
		}
		if (ret)
			return ret;
	}
}

static int read_all_options(struct tracedat *td, uint64_t offset,
			    struct error *err)
{
	unsigned int n = 0;

	while (offset) {
		struct cursor cur;
		int ret;

		ret = section_read(td, offset, SECTION_OPTIONS, "options",
				   &cur, err);
		if (ret)
			return ret;
		/* each of them once, or the chain is a ring */
		td->option_bytes += cur.size;
		if (++n > MAX_OPTION_SECTIONS ||
		    (td->option_bytes > td->size && !cur.unpacked))
			return error_set(err, -EBADMSG,
					 "%s: damaged in its options (they go in a circle): copy it again, or record it again",
					 td->path);
		ret = read_options(td, &cur, &offset);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_sections(struct tracedat *td, struct error *err)
{
	static const struct {
		uint16_t id;
		const char *part;
		int (*read)(struct tracedat *td, struct cursor *cur);
	} parts[] = {
		{ SECTION_HEADER_INFO, "description of the ring buffer's pages",
		  header_info_read },
		{ SECTION_FTRACE_EVENTS, "ftrace event formats",
		  header_ftrace_read },
		{ SECTION_EVENT_FORMATS, "event formats", header_events_read },
		{ SECTION_KALLSYMS, "kernel symbols", header_kallsyms_read },
		{ SECTION_CMDLINES, "command lines", header_cmdlines_read },
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint64_t offset = td->sections[parts[i].id];
		struct cursor cur;
		int ret;

		if (!offset)
			continue;
		ret = section_read(td, offset, parts[i].id, parts[i].part,
				   &cur, err);
		if (!ret)
			ret = parts[i].read(td, &cur);
		if (ret)
			return ret;
	}
	return 0;
}

int tracedat_read_v7(struct tracedat *td, struct cursor *cur)
{
	const char *name, *version;
	uint64_t offset;
	int ret;

	if ((ret = cursor_string(cur, &name)) ||
	    (ret = cursor_string(cur, &version)) ||
	    (ret = cursor_u64(cur, &offset)))
		return ret;

	if (strcmp(name, "none") != 0) {
		ret = unpacker_new(&td->unpacker, name);
		if (ret == -EPROTONOSUPPORT)
			return error_set(cur->err, ret,
					 "%s: compressed with %.32s %.32s, which is not known here: convert it with trace-cmd convert --compression none",
					 td->path, name, version);
		if (ret)
			return tracedat_no_memory(td, cur->err);
	}
	if (!offset)
		return error_set(cur->err, -ENODATA,
				 "%s: its recording was not finished (no options): mend it with trace-cmd restore, or record it again",
				 td->path);

	ret = read_all_options(td, offset, cur->err);
	if (ret)
		return ret;
	return read_sections(td, cur->err);
}
