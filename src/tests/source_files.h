/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_files.h - files of all kinds with the same records in them, and what
 * tests of source.h expect of them; to be included once, by a test
 */
#ifndef MODMEM_TESTS_SOURCE_FILES_H
#define MODMEM_TESTS_SOURCE_FILES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "source.h"
#include "tracefile.h"

/* Which kind of file; a test runs with all of them. */
static const struct file_spec kinds[] = {
	{ .version = 6, .long_size = 8 },
	{ .version = 6, .long_size = 4, .big = true },
	{ .version = 7, .long_size = 8, .compression = "none" },
	{ .version = 7, .long_size = 4, .compression = "none" },
	{ .version = 7, .long_size = 8, .compression = "none", .big = true },
	{ .version = 7, .long_size = 8, .compression = "zstd",
	  .chunk = 2 * TEST_PAGE_SIZE },
	{ .version = 7, .long_size = 8, .compression = "zlib",
	  .chunk = TEST_PAGE_SIZE },
	/* chunks that end in the middle of a page */
	{ .version = 7, .long_size = 8, .compression = "zstd", .big = true,
	  .chunk = TEST_PAGE_SIZE / 2 + 12 },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Two buffers; the pages of two CPUs for the first, of one for the second. */
static struct out pages[3];
static struct file_buffer buffers[2];
static struct out options, file;

static inline void add_option(uint16_t id, const char *text)
{
	put_option(&options, id, text, strlen(text));
}

static inline void add_page(struct out *out, uint64_t ts, uint32_t records,
		     uint8_t fill)
{
	size_t start = page_begin(out, ts);
	uint32_t i;

	for (i = 0; i < records; i++)
		page_record(out, 1, 2, fill);
	page_end(out, start, 0);
}

static inline void make(const struct file_spec *kind)
{
	struct file_spec spec = *kind;
	int i;

	for (i = 0; i < 3; i++) {
		out_free(&pages[i]);
		pages[i].big = kind->big;
		pages[i].long_size = kind->long_size;
	}
	add_page(&pages[0], 1000, 2, 0x10);
	add_page(&pages[0], 2000, 1, 0x11);
	add_page(&pages[0], 3000, 1, 0x12);
	add_page(&pages[2], 4000, 1, 0x30);
	buffers[0] = (struct file_buffer) {
		.name = "", .clock = "mono", .page_size = TEST_PAGE_SIZE,
		.cpus = &pages[0], .n_cpus = 2,
	};
	/* version 6: as many CPUs in each buffer */
	buffers[1] = (struct file_buffer) {
		.name = "inst", .clock = "x86-tsc", .page_size = TEST_PAGE_SIZE,
		.cpus = &pages[1], .n_cpus = 2,
	};
	spec.buffers = buffers;
	spec.n_buffers = 2;
	spec.options = &options;
	options.big = kind->big;
	out_free(&file);
	file_make(&file, &spec);
}

/* As make() did, with pages and buffers changed since. */
static inline void make_again(const struct file_spec *kind, size_t n_buffers)
{
	struct file_spec spec = *kind;

	spec.buffers = buffers;
	spec.n_buffers = n_buffers;
	spec.options = &options;
	out_free(&file);
	file_make(&file, &spec);
}

static inline struct source *open_file(struct error *err)
{
	strcpy(err->text, "");
	return source_open(file_write(&file), err);
}

static inline struct source *open_good(void)
{
	struct error err;
	struct source *src = open_file(&err);

	if (!src)
		fail_msg("%s", err.text);
	return src;
}

/* It cannot be opened, and the sentence says @why. */
static inline void open_bad(const char *why)
{
	struct error err;
	struct source *src = open_file(&err);

	assert_null(src);
	if (!strstr(err.text, why))
		fail_msg("not \"%s\": %s", why, err.text);
	/* what is wrong, and what to do */
	assert_non_null(strchr(err.text, ':'));
}

static inline void expect(struct source *src, size_t i, uint64_t ts,
			  uint8_t fill)
{
	struct source_record rec;
	struct error err;

	assert_int_equal(source_next(src, i, &rec, &err), 1);
	assert_int_equal(rec.ts, ts);
	assert_int_equal(rec.len, 8);
	assert_int_equal(rec.data[0], fill);
	assert_int_equal(rec.data[7], fill);
	assert_int_equal(rec.lost, 0);
}

static inline void expect_end(struct source *src, size_t i)
{
	struct source_record rec;

	assert_int_equal(source_next(src, i, &rec, NULL), 0);
	assert_int_equal(source_next(src, i, &rec, NULL), 0);
}

static inline void expect_error(struct source *src, size_t i, const char *why)
{
	struct source_record rec;
	struct error err;

	assert_int_equal(source_next(src, i, &rec, &err), -EBADMSG);
	if (!strstr(err.text, why))
		fail_msg("not \"%s\": %s", why, err.text);
	expect_end(src, i);
}

static inline int group_teardown(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		out_free(&pages[i]);
	out_free(&file);
	out_free(&options);
	return 0;
}

#endif
