/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracefile.h - makes small trace.dat files for tests, byte by byte
 */
#ifndef MODMEM_TESTS_TRACEFILE_H
#define MODMEM_TESTS_TRACEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow; all numbers go in in the byte order of @big. */
struct out {
	uint8_t *data;
	size_t len, room;
	bool big;
	unsigned int long_size;		/* bytes of the traced kernel's long */
};

void out_free(struct out *out);
void put(struct out *out, const void *data, size_t len);
void put_string(struct out *out, const char *s);	/* with its 0 */
void put_number(struct out *out, uint64_t value, unsigned int bytes);
void set_number(struct out *out, size_t at, uint64_t value,
		unsigned int bytes);
/* Zeros, up to a multiple of @size. */
void put_padding(struct out *out, size_t size);
/* u32 packed size, u32 size, packed data; @compression: zlib, zstd */
void put_packed(struct out *out, const char *compression, const uint8_t *data,
		size_t len);

/* ---- a page of the ring buffer ---- */

#define TEST_PAGE_SIZE 512	/* bytes */

/* Returns where the page starts. */
size_t page_begin(struct out *out, uint64_t ts);
void page_entry(struct out *out, uint32_t type_len, uint32_t delta);
/* A record of @words words, each byte of them @fill. */
void page_record(struct out *out, uint32_t delta, uint32_t words,
		 uint8_t fill);
/* Sets the commit, or'ed with @flags, and fills up with zeros. */
void page_end(struct out *out, size_t start, uint64_t flags);

/* ---- a file ---- */

struct file_buffer {
	const char *name;
	const char *clock;		/* version 7 */
	uint32_t page_size;
	const struct out *cpus;		/* pages of each CPU */
	uint32_t n_cpus;
};

struct file_event {
	const char *system, *format;	/* text of its format */
};

struct file_spec {
	unsigned int version;
	bool big;
	unsigned int long_size;
	const char *compression;	/* version 7: none, zlib, zstd */
	size_t chunk;			/* bytes of pages in a chunk */
	const struct file_buffer *buffers;
	size_t n_buffers;
	const struct out *options;	/* more of them, NULL: none */
	const struct file_event *events;	/* NULL: one that is made up */
	size_t n_events;
	const char *kallsyms;		/* NULL: one symbol */
};

void put_option(struct out *out, uint16_t id, const void *data, size_t len);
void file_make(struct out *out, const struct file_spec *spec);

/* Writes it to a file in memory, whose path is good until the next call. */
const char *file_write(const struct out *out);

#endif
