// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracefile.c - see tracefile.h
 */
#include "tracefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

void out_free(struct out *out)
{
	free(out->data);
	out->data = NULL;
	out->len = out->room = 0;
}

void put(struct out *out, const void *data, size_t len)
{
	if (out->len + len >= out->room) {
		out->room = 2 * (out->len + len) + 64;
		out->data = realloc(out->data, out->room);
	}
	if (!out->data)
		abort();
	if (len)
		memcpy(out->data + out->len, data, len);
	out->len += len;
}

void put_string(struct out *out, const char *s)
{
	put(out, s, strlen(s) + 1);
}

void set_number(struct out *out, size_t at, uint64_t value,
		unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++) {
		unsigned int shift = 8 * (out->big ? bytes - 1 - i : i);

		out->data[at + i] = (uint8_t)(value >> shift);
	}
}

void put_number(struct out *out, uint64_t value, unsigned int bytes)
{
	put(out, &value, bytes);
	set_number(out, out->len - bytes, value, bytes);
}

void put_padding(struct out *out, size_t size)
{
	while (out->len % size)
		put_number(out, 0, 1);
}

/* ---- a page of the ring buffer ------------------------------------------ */

size_t page_begin(struct out *out, uint64_t ts)
{
	size_t start = out->len;

	put_number(out, ts, 8);
	put_number(out, 0, out->long_size);
	return start;
}

void page_entry(struct out *out, uint32_t type_len, uint32_t delta)
{
	put_number(out, out->big ? type_len << 27 | delta :
		   delta << 5 | type_len, 4);
}

void page_record(struct out *out, uint32_t delta, uint32_t words,
		 uint8_t fill)
{
	uint32_t i;

	page_entry(out, words <= 28 ? words : 0, delta);
	if (words > 28)
		put_number(out, 4 + 4 * words, 4);
	for (i = 0; i < 4 * words; i++)
		put(out, &fill, 1);
}

void page_end(struct out *out, size_t start, uint64_t flags)
{
	size_t size = out->len - start - 8 - out->long_size;

	set_number(out, start + 8, size | flags, out->long_size);
	while (out->len - start < TEST_PAGE_SIZE)
		put_number(out, 0, 1);
}

/* ---- a file ------------------------------------------------------------- */

/* Formats of system "ftrace" (@ftrace) or of all others. */
static void put_events(struct out *out, const struct file_spec *spec, bool ftrace)
{
	uint32_t n = 0;
	size_t i, at = out->len;

	put_number(out, 0, 4);
	for (i = 0; i < spec->n_events; i++) {
		const struct file_event *e = &spec->events[i];

		if (!strcmp(e->system, "ftrace") != ftrace)
			continue;
		if (!ftrace) {
			put_string(out, e->system);
			put_number(out, 1, 4);
		}
		put_number(out, strlen(e->format), 8);
		put(out, e->format, strlen(e->format));
		n++;
	}
	set_number(out, at, n, 4);
}

static void put_part(struct out *out, const struct file_spec *spec, int id)
{
	static const char header_event[] = "\ttype_len    :    5 bits\n";
	static const char format[] = "name: kmalloc\nID: 1\n";
	const char *kallsyms = spec->kallsyms ? spec->kallsyms :
			       "ffffffff81000000 T _text\n";
	static const char cmdlines[] = "1 init\n";
	char text[256];

	switch (id) {
	case 16:
		snprintf(text, sizeof(text),
			 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
			 "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
			 "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
			 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:0;\n",
			 spec->long_size, 8 + spec->long_size,
			 TEST_PAGE_SIZE - 8 - spec->long_size);
		put_string(out, "header_page");
		put_number(out, strlen(text), 8);
		put(out, text, strlen(text));
		put_string(out, "header_event");
		put_number(out, strlen(header_event), 8);
		put(out, header_event, strlen(header_event));
		break;
	case 17:
		if (spec->events) {
			put_events(out, spec, true);
			break;
		}
		put_number(out, 1, 4);
		put_number(out, strlen(format), 8);
		put(out, format, strlen(format));
		break;
	case 18:
		if (spec->events) {
			put_events(out, spec, false);
			break;
		}
		put_number(out, 1, 4);
		put_string(out, "kmem");
		put_number(out, 2, 4);
		put_number(out, strlen(format), 8);
		put(out, format, strlen(format));
		put_number(out, 0, 8);
		break;
	case 19:
		put_number(out, strlen(kallsyms), 4);
		put(out, kallsyms, strlen(kallsyms));
		break;
	case 20:
		put_number(out, 0, 4);
		break;
	case 21:
		put_number(out, strlen(cmdlines), 8);
		put(out, cmdlines, strlen(cmdlines));
		break;
	}
}

void put_option(struct out *out, uint16_t id, const void *data, size_t len)
{
	put_number(out, id, 2);
	put_number(out, len, 4);
	put(out, data, len);
}

void put_packed(struct out *out, const char *compression, const uint8_t *data,
		size_t len)
{
	size_t room = 2 * len + 1024;
	uint8_t *packed = malloc(room);
	uLongf got = room;

	if (!strcmp(compression, "zlib"))
		compress(packed, &got, data, len);
	else
		got = ZSTD_compress(packed, room, data, len, 1);
	put_number(out, got, 4);
	put_number(out, len, 4);
	put(out, packed, got);
	free(packed);
}

static void put_section(struct out *out, const struct file_spec *spec, int id)
{
	struct out part = { .big = spec->big };
	bool packed = strcmp(spec->compression, "none") != 0;
	size_t start;

	put_part(&part, spec, id);
	put_number(out, (uint64_t)id, 2);
	put_number(out, packed, 2);
	put_number(out, 0, 4);
	put_number(out, 0, 8);
	start = out->len;
	if (packed)
		put_packed(out, spec->compression, part.data, part.len);
	else
		put(out, part.data, part.len);
	set_number(out, start - 8, out->len - start, 8);
	out_free(&part);
}

/* The pages of one CPU; returns their size as a BUFFER option has it. */
static size_t put_cpu(struct out *out, const struct file_spec *spec,
		      const struct out *pages)
{
	size_t start = out->len, at;

	if (!strcmp(spec->compression, "none")) {
		put(out, pages->data, pages->len);
		return pages->len;
	}
	put_number(out, (pages->len + spec->chunk - 1) / spec->chunk, 4);
	for (at = 0; at < pages->len; at += spec->chunk) {
		size_t left = pages->len - at;

		put_packed(out, spec->compression, pages->data + at,
			   left < spec->chunk ? left : spec->chunk);
	}
	return pages->len ? out->len - start - 4 : 0;
}

static void put_buffer(struct out *out, struct out *options,
		       const struct file_spec *spec,
		       const struct file_buffer *buffer)
{
	struct out option = { .big = spec->big };
	uint32_t cpu;
	size_t start = out->len;

	put_number(out, 3, 2);
	put_number(out, strcmp(spec->compression, "none") != 0, 2);
	put_number(out, 0, 4);
	put_number(out, 0, 8);
	put_number(&option, start, 8);
	put_string(&option, buffer->name);
	put_string(&option, buffer->clock);
	put_number(&option, buffer->page_size, 4);
	put_number(&option, buffer->n_cpus, 4);
	for (cpu = 0; cpu < buffer->n_cpus; cpu++) {
		put_padding(out, TEST_PAGE_SIZE);
		put_number(&option, cpu, 4);
		put_number(&option, out->len, 8);
		put_number(&option, put_cpu(out, spec, &buffer->cpus[cpu]), 8);
	}
	set_number(out, start + 8, out->len - start - 16, 8);
	put_option(options, 3, option.data, option.len);
	out_free(&option);
}

static void make_v7(struct out *out, const struct file_spec *spec)
{
	struct out options = { .big = spec->big };
	uint64_t none = 0;
	size_t first, i;
	int id;

	put_string(out, spec->compression);
	put_string(out, "1.0");
	first = out->len;
	put_number(out, 0, 8);

	for (id = 16; id <= 21; id++) {
		put_number(&options, (uint64_t)id, 2);
		put_number(&options, 8, 4);
		put_number(&options, out->len, 8);
		put_section(out, spec, id);
	}
	for (i = 0; i < spec->n_buffers; i++)
		put_buffer(out, &options, spec, &spec->buffers[i]);
	if (spec->options)
		put(&options, spec->options->data, spec->options->len);
	put_option(&options, 0, &none, 8);

	set_number(out, first, out->len, 8);
	put_number(out, 0, 8);
	put_number(out, options.len, 8);
	put(out, options.data, options.len);
	out_free(&options);
}

/* Returns where the table of offsets and sizes is. */
static size_t put_table(struct out *out, uint32_t n_cpus)
{
	size_t table;
	uint32_t cpu;

	put(out, "flyrecord", 10);
	table = out->len;
	for (cpu = 0; cpu < 2 * n_cpus; cpu++)
		put_number(out, 0, 8);
	return table;
}

static void fill_table(struct out *out, size_t table,
		       const struct file_buffer *buffer)
{
	uint32_t cpu;

	for (cpu = 0; cpu < buffer->n_cpus; cpu++) {
		put_padding(out, TEST_PAGE_SIZE);
		set_number(out, table + 16 * cpu, out->len, 8);
		set_number(out, table + 16 * cpu + 8, buffer->cpus[cpu].len, 8);
		put(out, buffer->cpus[cpu].data, buffer->cpus[cpu].len);
	}
}

static void make_v6(struct out *out, const struct file_spec *spec)
{
	size_t offsets[16], table, i;
	int id;

	for (id = 16; id <= 21; id++)
		put_part(out, spec, id);
	put_number(out, spec->buffers[0].n_cpus, 4);

	put(out, "options  ", 10);
	if (spec->options)
		put(out, spec->options->data, spec->options->len);
	for (i = 1; i < spec->n_buffers; i++) {
		put_number(out, 3, 2);
		put_number(out, 8 + strlen(spec->buffers[i].name) + 1, 4);
		offsets[i] = out->len;
		put_number(out, 0, 8);
		put_string(out, spec->buffers[i].name);
	}
	put_number(out, 0, 2);

	table = put_table(out, spec->buffers[0].n_cpus);
	fill_table(out, table, &spec->buffers[0]);
	for (i = 1; i < spec->n_buffers; i++) {
		set_number(out, offsets[i], out->len, 8);
		table = put_table(out, spec->buffers[i].n_cpus);
		fill_table(out, table, &spec->buffers[i]);
	}
}

void file_make(struct out *out, const struct file_spec *spec)
{
	*out = (struct out) { .big = spec->big };
	put(out, "\x17\x08\x44tracing", 10);
	put_string(out, spec->version == 6 ? "6" : "7");
	put_number(out, spec->big, 1);
	put_number(out, 8, 1);		/* of userspace: not to be believed */
	put_number(out, TEST_PAGE_SIZE, 4);
	if (spec->version == 6)
		make_v6(out, spec);
	else
		make_v7(out, spec);
}

const char *file_write(const struct out *out)
{
	static char path[64];
	static int fd = -1;
	size_t done = 0;

	if (fd >= 0)
		close(fd);
	fd = memfd_create("trace.dat", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	while (done < out->len) {
		ssize_t n = write(fd, out->data + done, out->len - done);

		if (n <= 0)
			abort();
		done += (size_t)n;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}
