// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * areas.c - where the trace data of one CPU lies, and how much of it is there
 *
 * Plain trace data are pages, one behind the other. Compressed ones (only in
 * version 7) are
 *
 *	u32 count
 *	count times: u32 compressed size, u32 size, data
 *
 * and the pages go on from one chunk to the next. The size that the BUFFER
 * option tells of them lacks the four bytes of the count (trace-cmd 3.1), so
 * the chunks themselves say where they end.
 */
#include "tracedat.h"

#include <errno.h>
#include <inttypes.h>

#include "error.h"
#include "unpack.h"

static const char *buffer_name(const struct tracedat *td, uint32_t buffer)
{
	return ((const struct source_buffer *)td->buffers.items)[buffer].name;
}

static int cut_off(struct tracedat *td, struct area *area,
		   uint64_t missing, struct error *err)
{
	area->cut = true;
	return tracedat_damage(td, err,
			       "truncated: the last %" PRIu64 " bytes of the trace data of CPU %" PRIu32 " in " BUFFER_FORMAT " are missing",
			       missing, area->cpu,
			       BUFFER_WORDS(buffer_name(td, area->buffer)));
}

static int plain(struct tracedat *td, struct area *area, struct error *err)
{
	uint64_t room = area->offset < td->size ? td->size - area->offset : 0;
	uint64_t claimed = area->size;

	if (claimed > room)
		area->size = room;
	area->pages = area->size;
	if (claimed <= room)
		return 0;
	return cut_off(td, area, claimed - room, err);
}

/* Walks over the chunks' sizes. */
static int packed(struct tracedat *td, struct area *area, struct error *err)
{
	const char *why = NULL;
	struct cursor cur;
	uint32_t count, i;

	area->chunks = 0;
	tracedat_cursor(td, &cur, area->offset, "trace data", NULL);
	if (cursor_u32(&cur, &count)) {
		uint64_t claimed = area->size;

		area->size = 0;
		return cut_off(td, area, claimed, err);
	}

	area->offset += 4;
	for (i = 0; i < count; i++) {
		uint32_t in, out;
		const uint8_t *data;
		size_t start = cur.pos;

		if (cursor_u32(&cur, &in) || cursor_u32(&cur, &out)) {
			cur.pos = start;
			why = "cut off";
			break;
		}
		if (!in || !out || out > UNPACK_MAX_CHUNK ||
		    out / UNPACK_MAX_RATIO > in) {
			cur.pos = start;
			why = "damaged";
			break;
		}
		if (cursor_block(&cur, in, &data)) {
			cur.pos = start;
			why = "cut off";
			break;
		}
		if (out > area->chunk_max)
			area->chunk_max = out;
		area->pages += out;
		area->chunks++;
	}
	area->size = cur.pos - 4;
	if (!why)
		return 0;
	area->cut = true;
	return tracedat_damage(td, err,
			       "chunk %" PRIu32 " of %" PRIu32 " of the trace data of CPU %" PRIu32 " in " BUFFER_FORMAT " is %s, all from there on is missing",
			       i + 1, count, area->cpu,
			       BUFFER_WORDS(buffer_name(td, area->buffer)), why);
}

int area_add(struct tracedat *td, uint32_t buffer, uint32_t cpu,
	     uint64_t offset, uint64_t size, bool is_packed, struct error *err)
{
	struct area *area;
	int ret;

	if (cpu >= TRACEDAT_MAX_CPUS)
		return error_set(err, -EBADMSG,
				 "%s: damaged in its options (trace data of a CPU %" PRIu32 "): copy it again, or record it again",
				 td->path, cpu);
	if (td->cpu_seen[cpu] == buffer + 1)
		return error_set(err, -EBADMSG,
				 "%s: damaged in its options (trace data of CPU %" PRIu32 " twice): copy it again, or record it again",
				 td->path, cpu);
	td->cpu_seen[cpu] = buffer + 1;

	area = vec_add(&td->areas, sizeof(*area));
	if (!area)
		return tracedat_no_memory(td, err);
	area->buffer = buffer;
	area->cpu = cpu;
	area->packed = is_packed;
	area->offset = offset;
	area->size = size;
	if (!size)
		return 0;
	ret = is_packed ? packed(td, area, err) : plain(td, area, err);
	if (ret)
		return ret;

	/* each byte of the file is the data of one CPU at most */
	td->data_bytes += area->size;
	td->chunk_bytes += area->chunk_max;
	if (td->data_bytes > td->size) {
		td->areas.n--;
		return error_set(err, -EBADMSG,
				 "%s: damaged in its options (the trace data of its CPUs overlap): copy it again, or record it again",
				 td->path);
	}
	if (td->chunk_bytes > UNPACK_MAX_CHUNKS)
		return error_set(err, -EFBIG,
				 "%s: compressed in chunks that are too large to read all CPUs at once: convert it with trace-cmd convert --compression none",
				 td->path);
	return 0;
}
