// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_source.c - whole files of both versions: all that is in them comes out
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "source.h"
#include "source_files.h"

static void test_all_records(void **state)
{
	uint64_t done, total;
	struct source *src;
	size_t k;
	int pass;

	(void)state;
	for (k = 0; k < N_KINDS; k++) {
		make(&kinds[k]);
		src = open_good();
		assert_int_equal(source_streams(src), 4);
		assert_int_equal(source_stream_buffer(src, 1), 0);
		assert_int_equal(source_stream_cpu(src, 1), 1);
		assert_int_equal(source_stream_buffer(src, 2), 1);
		assert_int_equal(source_stream_cpu(src, 2), 0);
		for (pass = 0; pass < 2; pass++) {
			source_progress(src, &done, &total);
			assert_int_equal(done, 0);
			expect(src, 0, 1001, 0x10);
			expect(src, 3, 4001, 0x30);
			expect(src, 0, 1002, 0x10);
			expect(src, 0, 2001, 0x11);
			expect(src, 0, 3001, 0x12);
			expect_end(src, 0);
			expect_end(src, 1);
			expect_end(src, 2);
			expect_end(src, 3);
			source_progress(src, &done, &total);
			assert_int_equal(done, total);
			source_rewind(src);
		}
		source_close(src);
	}
}

/* A page that begins before the one before it ends, by more than a millisecond. */
static void test_backwards(void **state)
{
	const uint64_t ms = 1000000;
	struct source_record rec;
	struct source *src;
	size_t k, i;

	(void)state;
	for (k = 0; k < N_KINDS; k++) {
		make(&kinds[k]);
		pages[0].len = pages[1].len = 0;
		add_page(&pages[0], 10 * ms, 1, 1);
		add_page(&pages[0], 10 * ms, 1, 1);	/* nested, by a ns */
		add_page(&pages[0], 20 * ms, 1, 1);
		add_page(&pages[0], 12 * ms, 1, 1);
		add_page(&pages[0], 13 * ms, 1, 1);
		add_page(&pages[1], 10 * ms, 1, 1);
		add_page(&pages[1], 11 * ms, 1, 1);
		make_again(&kinds[k], 1);
		src = open_good();
		for (i = 0; i < 2; i++) {
			while (source_next(src, 0, &rec, NULL) == 1)
				;
			while (source_next(src, 1, &rec, NULL) == 1)
				;
			assert_int_equal(source_backwards(src, 0), 1);
			assert_int_equal(source_backwards(src, 1), 0);
			source_rewind(src);
		}
		source_close(src);
	}
}

static void test_info(void **state)
{
	const struct source_info *info;
	struct source *src;
	size_t k;

	(void)state;
	for (k = 0; k < N_KINDS; k++) {
		out_free(&options);
		options.big = kinds[k].big;
		add_option(5, "Linux (none) 6.12.0 riscv64");
		add_option(99, "what is this?");
		make(&kinds[k]);
		src = open_good();
		info = source_info(src);
		assert_int_equal(info->version, kinds[k].version);
		assert_int_equal(info->big_endian, kinds[k].big);
		assert_int_equal(info->long_size, kinds[k].long_size);
		assert_int_equal(info->page_size, TEST_PAGE_SIZE);
		assert_int_equal(info->cpus, 2);
		assert_string_equal(info->uname,
				    "Linux (none) 6.12.0 riscv64");
		assert_int_equal(info->kallsyms_len, 25);
		assert_memory_equal(info->kallsyms, "ffffffff81", 10);
		assert_int_equal(info->cmdlines_len, 7);
		assert_memory_equal(info->header_page, "\tfield: u64", 11);
		assert_int_equal(info->n_formats, 3);
		assert_string_equal(info->formats[0].system, "ftrace");
		assert_string_equal(info->formats[1].system, "kmem");
		assert_int_equal(info->formats[1].len, 20);
		assert_int_equal(info->formats[2].len, 0);
		assert_int_equal(info->n_buffers, 2);
		assert_string_equal(info->buffers[0].name, "");
		assert_string_equal(info->buffers[1].name, "inst");
		assert_int_equal(info->buffers[1].cpus, 2);
		if (kinds[k].version == 7) {
			assert_string_equal(info->buffers[0].clock, "mono");
			assert_true(info->buffers[0].clock_is_ns);
			assert_false(info->buffers[1].clock_is_ns);
		}
		assert_int_equal(info->n_damage, 0);
		source_close(src);
	}
	out_free(&options);
}

/* The VERSION option tells, of files of which nobody else is known to write it. */
static void test_made_by(void **state)
{
	static const struct {
		const char *version;
		enum recorder_kind made_by;
	} cases[] = {
		{ NULL, RECORDER_TRACE_CMD },
		{ "3.1.6 (not a git repo)", RECORDER_TRACE_CMD },
		{ "modmem 0.1.0", RECORDER_MODMEM },
		{ "modmemory 1", RECORDER_TRACE_CMD },
	};
	struct source *src;

	(void)state;
	for (size_t k = 0; k < N_KINDS; k++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			out_free(&options);
			options.big = kinds[k].big;
			if (cases[i].version)
				add_option(9, cases[i].version);
			make(&kinds[k]);
			src = open_good();
			assert_int_equal(source_info(src)->made_by, cases[i].made_by);
			source_close(src);
		}
	}
	out_free(&options);
}

/*
 * Pages of the ring buffer can be several of the machine's, and the file tells
 * of no others.
 */
static void test_sub_buffers(void **state)
{
	static const struct {
		const char *uname;
		uint32_t head, buffer, page_size;	/* bytes */
	} cases[] = {
		{ "Linux box 6.18.1 x86_64", 16384, 16384, 4096 },
		{ "Linux box 6.18.1 i686", 8192, 8192, 4096 },
		{ "Linux box 6.18.1 armv7l", 8192, 8192, 4096 },
		{ "Linux box 6.18.1 aarch64", 16384, 16384, 16384 },
		/* one of the buffers has smaller ones */
		{ "Linux box 6.18.1 aarch64", 65536, 4096, 4096 },
		{ "Linux box 6.18.1 aarch64", 4096, 65536, 4096 },
		{ NULL, 16384, 16384, 16384 },
		{ NULL, 16384, 0, 16384 },
		/* no machine's, but pages for tests */
		{ NULL, 4096, TEST_PAGE_SIZE, 4096 },
	};
	struct source *src;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out_free(&options);
		options.big = false;
		if (cases[i].uname)
			add_option(5, cases[i].uname);
		make(&kinds[2]);
		buffers[0].page_size = cases[i].buffer;
		buffers[0].n_cpus = cases[i].buffer ? 2 : 0;
		make_again(&kinds[2], 1);
		set_number(&file, 14, cases[i].head, 4);
		src = open_good();
		assert_int_equal(source_info(src)->page_size, cases[i].page_size);
		assert_int_equal(source_info(src)->buffers[0].page_size, cases[i].buffer);
		source_close(src);
	}
	out_free(&options);
}

static void test_cpustats(void **state)
{
	const struct source_info *info;
	struct source *src;

	(void)state;
	options.big = false;
	add_option(2, "CPU: 1\nentries: 7\noverrun: 12\ncommit overrun: 3\n"
		   "bytes: 99\ndropped events: 4\nread events: 1\n");
	add_option(2, "\nBuffer: inst\n\n");
	add_option(2, "CPU: 0\noverrun: 5\n");
	add_option(2, "\nBuffer: gone\n\n");
	add_option(2, "CPU: 0\noverrun: 0\n");
	add_option(2, "CPU: 1\noverrun: 1\n");
	make(&kinds[2]);
	src = open_good();
	info = source_info(src);
	assert_int_equal(info->n_cpustats, 2);
	assert_int_equal(info->cpustats[0].buffer, 0);
	assert_int_equal(info->cpustats[0].cpu, 1);
	assert_int_equal(info->cpustats[0].overrun, 12);
	assert_int_equal(info->cpustats[0].dropped, 7);
	assert_int_equal(info->cpustats[1].buffer, 1);
	assert_int_equal(info->cpustats[1].overrun, 5);
	/* losses of a buffer that is not there are not kept quiet */
	assert_int_equal(info->n_damage, 1);
	assert_non_null(strstr(info->damage[0], "gone"));
	source_close(src);
	out_free(&options);
}

static void test_times(void **state)
{
	static const uint8_t tsc[16] = {
		0, 0, 0, 0x80,  0x20, 0, 0, 0,  1, 2, 3, 4, 5, 6, 7, 8,
	};
	static const uint8_t bad_tsc[16] = { 1, 0, 0, 0,  33, 0, 0, 0 };
	struct source *src;

	(void)state;
	options.big = false;
	add_option(7, "-501");
	add_option(1, "0x2");			/* microseconds */
	make(&kinds[2]);
	src = open_good();
	expect(src, 0, 1001 - 501 + 2000, 0x10);
	source_close(src);

	/* cycles times 2^31 by 2^32, before the offset */
	put_option(&options, 14, tsc, sizeof(tsc));
	make(&kinds[2]);
	src = open_good();
	expect(src, 0, 1001 / 2 - 501 + 2000, 0x10);
	assert_true(source_info(src)->buffers[1].clock_is_ns);
	source_close(src);
	out_free(&options);

	/* what cannot be applied is told */
	put_option(&options, 14, bad_tsc, sizeof(bad_tsc));
	put_option(&options, 12, tsc, sizeof(tsc));
	make(&kinds[2]);
	src = open_good();
	expect(src, 0, 1001, 0x10);
	assert_int_equal(source_info(src)->n_damage, 2);
	assert_non_null(strstr(source_info(src)->damage[1], "guest"));
	source_close(src);
	out_free(&options);

	add_option(4, "local [counter] mono\n");
	make(&kinds[0]);
	src = open_good();
	assert_string_equal(source_info(src)->buffers[1].clock, "counter");
	assert_false(source_info(src)->buffers[1].clock_is_ns);
	source_close(src);
	out_free(&options);

	add_option(4, "local [uptime] mono\n");	/* jiffies_64_to_clock_t() */
	make(&kinds[0]);
	src = open_good();
	assert_false(source_info(src)->buffers[1].clock_is_ns);
	source_close(src);
	out_free(&options);
}

static void test_lost(void **state)
{
	struct source_record rec;
	struct source *src;
	size_t start;

	(void)state;
	make(&kinds[2]);
	/* 5 before an empty page, 7 before the record, some at the end */
	out_free(&pages[0]);
	start = page_begin(&pages[0], 10);
	page_end(&pages[0], start, 3u << 30);
	set_number(&pages[0], start + 16, 5, 8);
	start = page_begin(&pages[0], 20);
	page_entry(&pages[0], 30, 1);		/* time extend first */
	put_number(&pages[0], 0, 4);
	page_record(&pages[0], 1, 2, 0x77);
	page_record(&pages[0], 1, 2, 0x78);
	page_end(&pages[0], start, 3u << 30);
	set_number(&pages[0], start + 16 + 8 + 24, 7, 8);
	start = page_begin(&pages[0], 30);
	page_end(&pages[0], start, 1u << 31);
	make_again(&kinds[2], 1);

	src = open_good();
	assert_int_equal(source_next(src, 0, &rec, NULL), 1);
	assert_int_equal(rec.ts, 22);
	assert_int_equal(rec.lost, 12);
	expect(src, 0, 23, 0x78);
	assert_int_equal(source_next(src, 0, &rec, NULL), 1);
	assert_int_equal(rec.len, 0);
	assert_int_equal(rec.ts, 30);
	assert_true(rec.lost == SOURCE_LOST_UNKNOWN);
	expect_end(src, 0);
	source_close(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_records),
		cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_made_by),
		cmocka_unit_test(test_sub_buffers),
		cmocka_unit_test(test_cpustats),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, group_teardown);
}
