// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_source_broken.c - files that are no trace.dat, cut off, damaged, hostile
 */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "source.h"
#include "source_files.h"

static void test_no_tracedat(void **state)
{
	static const struct {
		const char *data, *why;
		size_t len;
	} files[] = {
		{ "", "empty", 0 },
		{ "x", "not a trace.dat", 1 },
		{ "\x1f\x8b\x08", "gzip", 3 },
		{ "\x28\xb5\x2f\xfd", "zstd", 4 },
		{ "\x17\x08\x44tracing", "truncated in its first bytes", 10 },
		{ "\x17\x08\x44tracing6", "truncated in its first bytes", 11 },
		{ "\x17\x08\x44tracing" "8\0\0\0", "version 8", 15 },
		{ "\x17\x08\x44tracing" "6\0\2\x08", "byte order", 15 },
		{ "\x17\x08\x44tracing" "7\0\0\x08\0\1\0\0" "lz4\0" "9\0"
		  "\1\0\0\0\0\0\0\0", "lz4 9", 32 },
		{ "\x17\x08\x44tracing" "7\0\0\x08\0\1\0\0" "none\0" "\0"
		  "\0\0\0\0\0\0\0\0", "not finished", 32 },
	};
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		out_free(&file);
		put(&file, files[i].data, files[i].len);
		open_bad(files[i].why);
	}
	assert_null(source_open("/nonexistent/t.dat", &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(source_open("/dev", &err));
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_null(source_open("/nonexistent/t.dat", NULL));
}

static void test_latency(void **state)
{
	struct file_spec spec = kinds[2];
	struct source *src;
	size_t i;

	(void)state;
	make(&kinds[0]);
	make_again(&kinds[0], 1);
	for (i = 0; memcmp(file.data + i, "flyrecord", 10); i++)
		;
	memcpy(file.data + i, "latency  ", 10);
	open_bad("latency tracer");

	/* version 7: besides a buffer that can be read, and alone */
	options.big = false;
	put_option(&options, 22, "\0\0\0\0\0\0\0\0\0", 10);
	make(&kinds[2]);
	src = open_good();
	assert_int_equal(source_info(src)->n_damage, 1);
	assert_non_null(strstr(source_info(src)->damage[0], "latency"));
	source_close(src);
	spec.options = &options;
	out_free(&file);
	file_make(&file, &spec);
	open_bad("latency tracer");
	out_free(&options);
}

/* Cut anywhere: an error, or told as damage; never a record made up. */
static void test_truncated(void **state)
{
	size_t k, len, whole;

	(void)state;
	for (k = 0; k < N_KINDS; k++) {
		make(&kinds[k]);
		whole = file.len;
		for (len = 0; len < whole; len++) {
			struct error err;
			struct source *src;

			file.len = len;
			src = open_file(&err);
			if (!src) {
				assert_true(strlen(err.text) > 20);
				continue;
			}
			/* version 7 has what matters most at its end */
			assert_int_equal(kinds[k].version, 6);
			assert_true(source_info(src)->n_damage > 0);
			assert_non_null(strstr(source_info(src)->damage[0],
					       "truncated"));
			source_close(src);
		}
	}
}

static void test_truncated_data(void **state)
{
	struct source *src;
	size_t i;

	(void)state;
	make(&kinds[0]);
	make_again(&kinds[0], 1);
	file.len -= TEST_PAGE_SIZE - 20;
	src = open_good();
	assert_int_equal(source_info(src)->n_damage, 1);
	assert_non_null(strstr(source_info(src)->damage[0], "492 bytes"));
	expect(src, 0, 1001, 0x10);
	expect(src, 0, 1002, 0x10);
	expect(src, 0, 2001, 0x11);
	expect_end(src, 0);
	source_close(src);

	/* the sentence for headers */
	make(&kinds[0]);
	for (i = 0; memcmp(file.data + i, "name: kmalloc", 13); i++)
		;
	file.len = i + 60;
	open_bad("truncated in its event formats (need ");
}

static void test_garbage_page(void **state)
{
	struct source *src;
	size_t k;

	(void)state;
	for (k = 0; k < N_KINDS; k++) {
		make(&kinds[k]);
		set_number(&pages[0], TEST_PAGE_SIZE + 8, 0x7777,
			   kinds[k].long_size);
		make_again(&kinds[k], 2);
		src = open_good();
		expect(src, 0, 1001, 0x10);
		expect(src, 0, 1002, 0x10);
		expect_error(src, 0, "CPU 0 are damaged at byte ");
		/* the others go on */
		expect(src, 3, 4001, 0x30);
		expect_end(src, 3);
		source_close(src);
	}
}

/* Each byte of each file, set to something else: nothing breaks. */
static void test_flipped_bytes(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	size_t k, at, v, i;

	(void)state;
	for (k = 0; k < N_KINDS; k++) {
		make(&kinds[k]);
		for (at = 0; at < file.len; at++) {
			uint8_t was = file.data[at];
			struct source_record rec;
			struct source *src;
			struct error err;

			v = (at + k) % sizeof(values);
			file.data[at] = values[v];
			src = open_file(&err);
			file.data[at] = was;
			if (!src) {
				assert_true(strlen(err.text) > 20);
				continue;
			}
			for (i = 0; i < source_streams(src); i++) {
				int n = 0;

				while (source_next(src, i, &rec, &err) > 0)
					assert_true(n++ < 10000);
			}
			source_close(src);
		}
	}
}

static void test_hostile_sizes(void **state)
{
	struct source *src;
	size_t i;

	(void)state;
	/* pages of no sensible size */
	make(&kinds[2]);
	buffers[0].page_size = 1000;
	make_again(&kinds[2], 1);
	open_bad("pages of 1000 bytes");

	/* a chunk that claims to unpack to 4 GiB */
	make(&kinds[5]);
	for (i = file.len; memcmp(file.data + i, "\x28\xb5\x2f\xfd", 4); )
		i--;
	memset(file.data + i - 4, 0xff, 4);
	src = open_good();
	assert_int_equal(source_info(src)->n_damage, 1);
	assert_non_null(strstr(source_info(src)->damage[0], "is damaged"));
	source_close(src);

	/* two CPUs that both claim the whole file */
	make(&kinds[0]);
	for (i = 0; memcmp(file.data + i, "flyrecord", 10); i++)
		;
	set_number(&file, i + 10, 0, 8);
	set_number(&file, i + 18, file.len, 8);
	set_number(&file, i + 26, 0, 8);
	set_number(&file, i + 34, file.len, 8);
	open_bad("overlap");
}

/* Instances that are all one and the same place, or more than anybody makes. */
static void test_instances_of_one_place(void **state)
{
	uint8_t instance[10] = { 0, 0, 0, 0, 0, 0, 0, 0, 'x', 0 };
	size_t n, i, at = 0;

	(void)state;
	for (n = 1000; n <= 1100; n += 100) {
		/* made twice: the first time tells where the table of CPUs is */
		for (int pass = 0; pass < 2; pass++) {
			memcpy(instance, (uint64_t[]){ htole64(at) }, 8);
			out_free(&options);
			for (i = 0; i < n; i++)
				put_option(&options, 3, instance, sizeof(instance));
			make(&kinds[0]);
			make_again(&kinds[0], 1);
			at = (size_t)((uint8_t *)memmem(file.data, file.len, "flyrecord", 10) -
				      file.data);
		}
		open_bad(n == 1000 ? "overlap" : "more than 1024 buffers");
	}
	out_free(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_tracedat),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_truncated_data),
		cmocka_unit_test(test_garbage_page),
		cmocka_unit_test(test_flipped_bytes),
		cmocka_unit_test(test_hostile_sizes),
		cmocka_unit_test(test_instances_of_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, group_teardown);
}
