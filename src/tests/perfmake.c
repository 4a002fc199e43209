// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perfmake.c - see perfmake.h; the format is described in perffile.h
 */
#include "perfmake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define ATTR_BYTES 112u

/* ---- records ------------------------------------------------------------------- */

static size_t begin(struct out *out, uint32_t type, uint16_t misc)
{
	size_t at = out->len;

	put_number(out, type, 4);
	put_number(out, misc, 2);
	put_number(out, 0, 2);
	return at;
}

static void end(struct out *out, size_t at)
{
	while ((out->len - at) % 8)
		put_number(out, 0, 1);
	set_number(out, at + 6, out->len - at, 2);
}

void pm_mapping(struct out *out, unsigned int type, const char *path, uint64_t addr,
		uint64_t size, uint64_t offset)
{
	size_t at = begin(out, type, 1);

	put_number(out, UINT32_MAX, 4);
	put_number(out, 0, 4);
	put_number(out, addr, 8);
	put_number(out, size, 8);
	put_number(out, offset, 8);
	if (type == 10) {
		for (unsigned int i = 0; i < 4; i++)
			put_number(out, 7, 8);
	}
	put_string(out, path);
	end(out, at);
}

void pm_mapping_id(struct out *out, const struct pm_build_id *id, uint64_t addr,
		   uint64_t size)
{
	size_t at = begin(out, 10, 1 | 1 << 14);

	put_number(out, UINT32_MAX, 4);
	put_number(out, 0, 4);
	put_number(out, addr, 8);
	put_number(out, size, 8);
	put_number(out, 0, 8);
	put_number(out, id->bytes, 1);
	put_number(out, 0, 3);
	put(out, id->id, sizeof(id->id));
	put_number(out, 7, 8);
	put_string(out, id->path);
	end(out, at);
}

/* A record of its own, or one of those behind all others. */
static void put_build_id(struct out *out, unsigned int type, const struct pm_build_id *id)
{
	size_t at = begin(out, type, (uint16_t)(1 | (id->bytes ? 1 << 15 : 0)));

	put_number(out, UINT32_MAX, 4);
	put(out, id->id, sizeof(id->id));
	put_number(out, id->bytes, 1);
	put_number(out, 0, 3);
	put_string(out, id->path);
	end(out, at);
}

void pm_comm(struct out *out, uint32_t tid, const char *comm)
{
	size_t at = begin(out, 3, 0);

	put_number(out, tid, 4);
	put_number(out, tid, 4);
	put_string(out, comm);
	end(out, at);
}

/* Event record of the kernel: common fields, and its own. */
static void put_raw(struct out *out, const struct pm_spec *spec, const struct pm_sample *s)
{
	const unsigned int word = spec->long_size;
	struct out raw = { .big = out->big };
	uint64_t config = spec->attrs[s->attr].config;

	put_number(&raw, config, 2);
	put_number(&raw, 0, 1);
	put_number(&raw, 1, 1);
	put_number(&raw, 100 + s->cpu, 4);
	switch (config) {
	case PM_KMALLOC:
		put_number(&raw, s->call_site, word);
		put_number(&raw, s->ptr, word);
		put_number(&raw, s->bytes, word);
		put_number(&raw, s->bytes, word);
		put_number(&raw, 0xcc0, 4);
		put_padding(&raw, word);
		break;
	case PM_KFREE:
		put_number(&raw, s->call_site, word);
		put_number(&raw, s->ptr, word);
		break;
	case PM_PAGE_FREE:
		put_number(&raw, s->ptr, word);
		put_number(&raw, s->bytes, 4);
		put_padding(&raw, word);
		break;
	case PM_PAGE_ALLOC:
		put_number(&raw, s->ptr, word);
		put_number(&raw, s->bytes, 4);
		put_number(&raw, 0xcc0, 4);
		put_number(&raw, 0, 4);
		put_padding(&raw, word);
		break;
	}
	/* the length and what it counts are a multiple of 8 */
	while ((raw.len + 4) % 8)
		put_number(&raw, 0, 1);
	put_number(out, raw.len, 4);
	put(out, raw.data, raw.len);
	out_free(&raw);
}

void pm_put_sample(struct out *out, const struct pm_spec *spec, const struct pm_sample *s)
{
	const struct pm_attr *a = &spec->attrs[s->attr];
	size_t at = begin(out, 9, 1);
	uint64_t type = a->sample_type, n = 0;

	if (type & PM_IDENTIFIER)
		put_number(out, s->attr + 1, 8);
	if (type & PM_IP)
		put_number(out, s->call_site, 8);
	if (type & PM_TID) {
		put_number(out, 100 + s->cpu, 4);
		put_number(out, 100 + s->cpu, 4);
	}
	if (type & PM_TIME)
		put_number(out, s->time, 8);
	if (type & PM_ADDR)
		put_number(out, 0xadd7, 8);
	if (type & PM_ID)
		put_number(out, s->attr + 1, 8);
	if (type & PM_STREAM_ID)
		put_number(out, s->attr + 1, 8);
	if (type & PM_CPU) {
		put_number(out, s->cpu, 4);
		put_number(out, 0, 4);
	}
	if (type & PM_PERIOD)
		put_number(out, 1, 8);
	if (type & PM_READ) {
		if (a->read_format & 8)
			put_number(out, 2, 8);
		else
			put_number(out, 5, 8);
		for (unsigned int i = 0; i < 2; i++)
			if (a->read_format >> i & 1)
				put_number(out, 1000, 8);
		for (unsigned int i = 0; i < (a->read_format & 8 ? 2 : 1); i++) {
			if (a->read_format & 8)
				put_number(out, 5, 8);
			if (a->read_format & 4)
				put_number(out, s->attr + 1, 8);
			if (a->read_format & 16)
				put_number(out, 0, 8);
		}
	}
	if (type & PM_CALLCHAIN) {
		while (s->chain && s->chain[n])
			n++;
		put_number(out, n, 8);
		for (uint64_t i = 0; i < n; i++)
			put_number(out, s->chain[i], 8);
	}
	if (type & PM_RAW)
		put_raw(out, spec, s);
	end(out, at);
}

void pm_lost(struct out *out, const struct pm_spec *spec, unsigned int type, uint64_t id,
	     uint64_t lost, uint32_t cpu)
{
	uint64_t sample_type = spec->attrs[0].sample_type;
	size_t at = begin(out, type, 0);

	if (type == 2)
		put_number(out, id, 8);
	put_number(out, lost, 8);
	for (unsigned int i = 0; i < 4 && spec->attrs[0].flags[i]; i++) {
		if (spec->attrs[0].flags[i] != 18)
			continue;
		if (sample_type & PM_TID)
			put_number(out, 0, 8);
		if (sample_type & PM_TIME)
			put_number(out, 0, 8);
		if (sample_type & PM_ID)
			put_number(out, id, 8);
		if (sample_type & PM_STREAM_ID)
			put_number(out, id, 8);
		if (sample_type & PM_CPU) {
			put_number(out, cpu, 4);
			put_number(out, 0, 4);
		}
		if (sample_type & PM_IDENTIFIER)
			put_number(out, id, 8);
	}
	end(out, at);
}

void pm_threads(struct out *out, uint64_t pid)
{
	size_t at = begin(out, 73, 0);

	put_number(out, 1, 8);
	put_number(out, pid, 8);
	put(out, "sh\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	end(out, at);
}

void pm_cpus(struct out *out, uint16_t n)
{
	size_t at = begin(out, 74, 0);

	put_number(out, 0, 2);
	put_number(out, n, 2);
	for (uint16_t i = 0; i < n; i++)
		put_number(out, i, 2);
	end(out, at);
}

void pm_round(struct out *out)
{
	end(out, begin(out, 68, 0));
}

/* ---- tracing data ------------------------------------------------------------------ */

static void put_text(struct out *out, const char *text)
{
	put_number(out, strlen(text), 8);
	put(out, text, strlen(text));
}

static void put_format(struct out *out, const char *name, unsigned int id,
		       const char *const *fields, unsigned int word)
{
	unsigned int at = 8;
	char text[2048];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "name: %s\nID: %u\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n", name, id);
	for (; *fields; fields++) {
		unsigned int size = !strncmp(*fields, "unsigned int", 12) ? 4 : word;

		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "\tfield:%s;\toffset:%u;\tsize:%u;\tsigned:0;\n",
				      *fields, at, size);
		at += size;
	}
	snprintf(text + n, sizeof(text) - n, "\nprint fmt: \"\"\n");
	put_text(out, text);
}

void pm_tracing_data(struct out *out, const struct pm_spec *spec)
{
	static const char *const kmalloc[] = {
		"unsigned long call_site", "const void * ptr", "size_t bytes_req",
		"size_t bytes_alloc", "unsigned int gfp_flags", NULL
	}, *const kfree[] = {
		"unsigned long call_site", "const void * ptr", NULL
	}, *const page_alloc[] = {
		"unsigned long pfn", "unsigned int order", "unsigned int gfp_flags",
		"unsigned int migratetype", NULL
	}, *const page_free[] = {
		"unsigned long pfn", "unsigned int order", NULL
	}, *const none[] = { NULL };
	char page[256];

	put(out, "\x17\x08\x44" "tracing0.6", 14);
	put_number(out, spec->big, 1);
	put_number(out, 8, 1);		/* of perf, not of the kernel */
	put_number(out, spec->page_size ? spec->page_size : 4096, 4);
	put(out, "header_page", 12);
	snprintf(page, sizeof(page),
		 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:4080;\tsigned:1;\n",
		 spec->long_size, 8 + spec->long_size);
	put_text(out, page);
	put(out, "header_event", 13);
	put_text(out, "# compressed entry header\n");
	put_number(out, 0, 4);
	put_number(out, 2, 4);
	put_string(out, "kmem");
	put_number(out, 4, 4);
	put_format(out, "kmalloc", PM_KMALLOC, kmalloc, spec->long_size);
	put_format(out, "kfree", PM_KFREE, kfree, spec->long_size);
	put_format(out, "mm_page_alloc", PM_PAGE_ALLOC, page_alloc, spec->long_size);
	put_format(out, "mm_page_free", PM_PAGE_FREE, page_free, spec->long_size);
	put_string(out, "sched");
	put_number(out, 1, 4);
	put_format(out, "sched_switch", PM_SWITCH, none, spec->long_size);
	put_number(out, spec->kallsyms ? strlen(spec->kallsyms) : 0, 4);
	if (spec->kallsyms)
		put(out, spec->kallsyms, strlen(spec->kallsyms));
	put_number(out, 0, 4);
	put_number(out, 0, 8);
}

/* ---- the file -------------------------------------------------------------------------- */

static void put_attr(struct out *out, const struct pm_attr *a)
{
	size_t at = out->len, i;
	uint8_t flags[8] = { 0 };

	put_number(out, 2, 4);
	put_number(out, ATTR_BYTES, 4);
	put_number(out, a->config, 8);
	put_number(out, a->period ? a->period : 1, 8);
	put_number(out, a->sample_type, 8);
	put_number(out, a->read_format, 8);
	for (i = 0; i < 4 && a->flags[i]; i++) {
		unsigned int bit = a->flags[i] % 8;

		flags[a->flags[i] / 8] |= (uint8_t)(1u << (out->big ? 7 - bit : bit));
	}
	put(out, flags, sizeof(flags));
	while (out->len - at < 92)
		put_number(out, 0, 1);
	put_number(out, (uint32_t)a->clockid, 4);
	while (out->len - at < ATTR_BYTES)
		put_number(out, 0, 1);
}

static void put_feature_string(struct out *out, const char *s)
{
	size_t len = (strlen(s) + 1 + 63) & ~(size_t)63, at;

	put_number(out, len, 4);
	at = out->len;
	put_string(out, s);
	while (out->len - at < len)
		put_number(out, 0, 1);
}

/* False: the file has none of these. */
static bool put_feature(struct out *out, const struct pm_spec *spec, unsigned int i)
{
	uint32_t n = 0;

	switch (i) {
	case 1:
		if (!spec->no_formats)
			pm_tracing_data(out, spec);
		return !spec->no_formats;
	case 2:
		for (size_t k = 0; k < spec->n_ids; k++)
			put_build_id(out, 0, &spec->ids[k]);
		return spec->n_ids;
	case 3:
		put_feature_string(out, "board");
		return true;
	case 4:
		put_feature_string(out, "6.1.0-test");
		return true;
	case 5:
		put_feature_string(out, "6.1.2");
		return true;
	case 6:
		put_feature_string(out, spec->big ? "s390x" : "x86_64");
		return true;
	case 7:
		put_number(out, 4, 4);
		put_number(out, 4, 4);
		return true;
	case 11:
		while (spec->words && spec->words[n])
			n++;
		put_number(out, n, 4);
		for (uint32_t w = 0; w < n; w++)
			put_feature_string(out, spec->words[w]);
		return true;
	}
	return false;
}

/* As perf does: one frame that goes on from record to record. */
static void compress(struct out *out, const struct pm_spec *spec, const struct out *records)
{
	ZSTD_CStream *stream = ZSTD_createCStream();
	static char packed[65536];
	size_t piece = records->len < 1u << 20 ? 100 : 32768;	/* less than a record */

	ZSTD_initCStream(stream, 1);
	for (size_t at = 0; at < records->len; at += piece) {
		ZSTD_inBuffer in = { records->data + at,
				     records->len - at < piece ? records->len - at : piece, 0 };
		ZSTD_outBuffer to = { packed, sizeof(packed), 0 };
		size_t start = begin(out, spec->compressed, 0);

		ZSTD_compressStream(stream, &to, &in);
		if (ZSTD_flushStream(stream, &to) || in.pos != in.size)
			abort();
		if (spec->compressed == 83)
			put_number(out, to.pos, 8);
		put(out, packed, to.pos);
		if (spec->compressed == 83)
			end(out, start);
		else
			set_number(out, start + 6, out->len - start, 2);
	}
	ZSTD_freeCStream(stream);
}

static void put_records(struct out *out, const struct pm_spec *spec,
			const struct out *records)
{
	if (spec->compressed)
		compress(out, spec, records);
	else
		put(out, records->data, records->len);
}

static void make_pipe(struct out *file, const struct pm_spec *spec,
		      const struct out *records)
{
	put(file, spec->big ? "2ELIFREP" : "PERFILE2", 8);
	put_number(file, 16, 8);
	for (size_t i = 0; i < spec->n_attrs; i++) {
		size_t at = begin(file, 64, 0);

		put_attr(file, &spec->attrs[i]);
		put_number(file, i + 1, 8);
		end(file, at);
	}
	for (size_t i = 0; i < spec->n_ids; i++)
		put_build_id(file, 67, &spec->ids[i]);
	for (unsigned int i = 3; i < 32; i++) {
		size_t at = begin(file, 80, 0);

		put_number(file, i, 8);
		if (put_feature(file, spec, i))
			end(file, at);
		else
			file->len = at;
	}
	if (!spec->no_formats) {
		size_t at = begin(file, 66, 0), start;

		put_number(file, 0, 4);
		set_number(file, at + 6, 12, 2);
		start = file->len;
		pm_tracing_data(file, spec);
		while ((file->len - start) % 8)
			put_number(file, 0, 1);
		set_number(file, at + 8, file->len - start, 4);
	}
	put_records(file, spec, records);
}

static void make_file(struct out *file, const struct pm_spec *spec,
		      const struct out *records)
{
	size_t attrs = 104, ids = attrs + spec->n_attrs * (ATTR_BYTES + 16);
	size_t data = ids + 8 * spec->n_attrs, table, i;
	uint64_t bits = 0;

	put(file, spec->big ? "2ELIFREP" : "PERFILE2", 8);
	put_number(file, 104, 8);
	put_number(file, ATTR_BYTES + 16, 8);
	put_number(file, attrs, 8);
	put_number(file, spec->n_attrs * (ATTR_BYTES + 16), 8);
	put_number(file, data, 8);
	put_number(file, 0, 8);
	put_number(file, 0, 8);
	put_number(file, 0, 8);
	for (i = 0; i < 4; i++)
		put_number(file, 0, 8);
	for (i = 0; i < spec->n_attrs; i++) {
		put_attr(file, &spec->attrs[i]);
		put_number(file, ids + 8 * i, 8);
		put_number(file, 8, 8);
	}
	for (i = 0; i < spec->n_attrs; i++)
		put_number(file, i + 1, 8);
	put_records(file, spec, records);
	table = file->len;
	if (spec->no_end)
		return;
	set_number(file, 48, table - data, 8);
	for (unsigned int pass = 0; pass < 2; pass++) {
		size_t entry = table;

		for (i = 1; i < 32; i++) {
			struct out part = { .big = spec->big };

			if (put_feature(&part, spec, (unsigned int)i)) {
				bits |= UINT64_C(1) << i;
				if (!pass) {
					put_number(file, 0, 8);
					put_number(file, 0, 8);
				} else {
					set_number(file, entry, file->len, 8);
					set_number(file, entry + 8, part.len, 8);
					put(file, part.data, part.len);
				}
				entry += 16;
			}
			out_free(&part);
		}
	}
	/* longs of the machine that perf ran on */
	if (spec->long_size == 8)
		set_number(file, 72, bits, 8);
	else
		set_number(file, 72, bits, 4);
}

void pm_make(struct out *file, const struct pm_spec *spec, const struct out *records)
{
	*file = (struct out){ .big = spec->big };
	if (spec->way == PM_PIPE)
		make_pipe(file, spec, records);
	else
		make_file(file, spec, records);
}
