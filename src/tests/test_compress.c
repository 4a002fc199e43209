// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_compress.c - a compressed recording says what the one said that it was made of,
 * or it is not made
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "companion.h"
#include "compress.h"
#include "error.h"
#include "hash.h"
#include "record_files.h"
#include "remake.h"
#include "replay.h"
#include "snapshot.h"
#include "source.h"
#include "tracefile.h"

#define FROM	"testdata/x86_64-6.1-v6/trace.dat"

static char dir[] = "/tmp/modmem-compress-XXXXXX";
static char path[sizeof(dir) + 16], link_path[sizeof(dir) + 16];
static struct error err;

static const struct compress_opts opts = { .level = COMPRESS_LEVEL };

static int make_dir(void **state)
{
	(void)state;
	if (access(FROM, R_OK) || !mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/trace.dat", dir);
	snprintf(link_path, sizeof(link_path), "%s/link", dir);
	return 0;
}

/* Nothing may be left in there but the file. */
static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const void *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void copy_from(const char *from)
{
	size_t len;
	char *data = file_read(from, &len);

	assert_non_null(data);
	write_file(data, len);
	free(data);
}

/* What a recording says, to the byte: all records of all streams, and the headers. */
struct content {
	uint64_t records, symbols, formats, stats;
	uint32_t cpus, page_size;
	char clock[32], uname[256];
};

static uint64_t mix(uint64_t sum, uint64_t value)
{
	return sum * UINT64_C(0x9e3779b97f4a7c15) + value;
}

static struct content read_content(unsigned int version)
{
	struct content c = { 0 };
	struct source *src = source_open(path, &err);
	const struct source_info *info;
	struct source_record rec;

	if (!src)
		fail_msg("%s", err.text);
	info = source_info(src);
	assert_int_equal(info->version, version);
	assert_int_equal(info->n_damage, 0);
	for (size_t i = 0; i < source_streams(src); i++) {
		c.records = mix(c.records, source_stream_cpu(src, i));
		while (source_next(src, i, &rec, &err) == 1) {
			c.records = mix(c.records, rec.ts);
			c.records = mix(c.records, hash_bytes(rec.data, rec.len));
		}
	}
	c.symbols = hash_bytes(info->kallsyms, info->kallsyms_len);
	for (size_t i = 0; i < info->n_formats; i++)
		c.formats = mix(c.formats, hash_bytes(info->formats[i].text, info->formats[i].len));
	for (size_t i = 0; i < info->n_cpustats; i++)
		c.stats = mix(c.stats, info->cpustats[i].overrun + info->cpustats[i].cpu);
	c.cpus = info->cpus;
	c.page_size = info->page_size;
	if (info->buffers[0].clock)
		snprintf(c.clock, sizeof(c.clock), "%s", info->buffers[0].clock);
	if (info->uname)
		snprintf(c.uname, sizeof(c.uname), "%s", info->uname);
	source_close(src);
	return c;
}

static off_t size_of(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void compress(void)
{
	uint64_t bytes = 0;

	if (compress_recording(path, &opts, &bytes, &err))
		fail_msg("%s", err.text);
	assert_int_equal(bytes, size_of());
}

static void same(void)
{
	struct content before = read_content(6), after;

	compress();
	after = read_content(7);
	assert_memory_equal(&before, &after, sizeof(before));
}

static const char *verified(struct error *why)
{
	struct replay_opts replay_opts = {
		.path = path, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .check = true,
	};
	struct snapshot *snap = replay(&replay_opts, why);
	const char *word;

	if (!snap)
		return "unreadable";
	word = !strcmp(snap->coverage.verified, "all") ? "all" :
	       !strcmp(snap->coverage.verified, "damaged") ? "damaged" : "none";
	if (snap->coverage.n_distrust)
		snprintf(why->text, sizeof(why->text), "%s", snap->coverage.distrust[0]);
	snapshot_free(snap);
	return word;
}

static void of_trace_cmd(void **state)
{
	off_t before;

	(void)state;
	copy_from(FROM);
	before = size_of();
	same();
	assert_true(size_of() * 4 < before);
	assert_string_equal(verified(&err), "none");
}

static void of_modmem(void **state)
{
	(void)state;
	remake(FROM, path);
	same();
	assert_string_equal(verified(&err), "all");
}

/* Big endian, 32 bits; the second of three CPUs has no pages, pages of 512 bytes. */
static void of_others(void **state)
{
	struct out cpus[3] = { { .big = true, .long_size = 4 }, { .big = true, .long_size = 4 },
			       { .big = true, .long_size = 4 } };
	struct file_buffer buffer = {
		.name = "", .page_size = TEST_PAGE_SIZE, .cpus = cpus, .n_cpus = 3,
	};
	struct file_spec spec = {
		.version = 6, .big = true, .long_size = 4, .buffers = &buffer, .n_buffers = 1,
	};
	struct out file = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 3; i += 2) {
		/* more than one chunk, and the last is not whole */
		for (unsigned int page = 0; page < 200; page++) {
			size_t start = page_begin(&cpus[i], 1000 * page + i);

			for (unsigned int rec = 0; rec < 5; rec++)
				page_record(&cpus[i], 10, 4, (uint8_t)(rec + page));
			page_end(&cpus[i], start, 0);
		}
	}
	file_make(&file, &spec);
	write_file(file.data, file.len);
	same();
	out_free(&file);
	out_free(&cpus[0]);
	out_free(&cpus[2]);
}

/* A byte changes: that is seen, or it was one on which nothing depends. */
static void changed(void **state)
{
	struct content good, now;
	unsigned int seen = 0;
	size_t len, start;
	uint8_t *data;

	(void)state;
	remake(FROM, path);
	compress();
	good = read_content(7);
	data = (uint8_t *)file_read(path, &len);
	start = (size_t)((uint8_t *)memmem(data, len, COMPANION_MAGIC, COMPANION_MAGIC_LEN) - data);
	for (size_t at = 12; at < start; at += start / 97) {
		data[at] ^= 0x20;
		write_file(data, len);
		if (strcmp(verified(&err), "all")) {
			seen++;
		} else {
			now = read_content(7);
			assert_memory_equal(&good, &now, sizeof(good));
		}
		data[at] ^= 0x20;
	}
	assert_true(seen > 90);
	free(data);
}

/* It ends with @code, and the file is what it was. */
static void refused(int code, const char *what, const struct compress_opts *how)
{
	size_t before, after;
	char *old = file_read(path, &before), *now;
	uint64_t bytes;

	assert_int_equal(compress_recording(path, how, &bytes, &err), code);
	if (!strstr(err.text, what))
		fail_msg("%s", err.text);
	now = file_read(path, &after);
	assert_int_equal(before, after);
	assert_memory_equal(old, now, before);
	free(old);
	free(now);
}

static void twice(void **state)
{
	(void)state;
	copy_from(FROM);
	compress();
	refused(-EALREADY, "version 7 already", &opts);
}

static void damaged(void **state)
{
	size_t len;
	uint8_t *data;
	const uint8_t *text;

	(void)state;
	copy_from(FROM);
	assert_int_equal(truncate(path, size_of() - 5000), 0);
	refused(-EBADMSG, "truncated", &opts);
	write_file("\x17\x08\x44tracing6", 12);
	refused(-EINVAL, "truncated", &opts);
	remake(FROM, path);
	data = (uint8_t *)file_read(path, &len);
	text = memmem(data, len, " T kfree\n", 9);
	assert_non_null(text);
	data[text - data + 4] ^= 0x10;
	write_file(data, len);
	refused(-EBADMSG, "the head of the file", &opts);
	data[text - data + 4] ^= 0x10;
	data[len - 20] ^= 1;
	write_file(data, len);
	refused(-EBADMSG, "section at its end is damaged", &opts);
	free(data);
}

static void buffers(void **state)
{
	struct file_buffer two[2] = {
		{ .name = "", .page_size = TEST_PAGE_SIZE }, { .name = "i", .page_size = TEST_PAGE_SIZE },
	};
	struct file_spec spec = {
		.version = 6, .long_size = 8, .buffers = two, .n_buffers = 2,
	};
	struct out file = { 0 };

	(void)state;
	file_make(&file, &spec);
	write_file(file.data, file.len);
	refused(-EINVAL, "has 2 buffers", &opts);
	out_free(&file);
}

static void stopped(void **state)
{
	static const volatile sig_atomic_t stop = 1;
	const struct compress_opts how = { .level = 1, .stop = &stop };

	(void)state;
	copy_from(FROM);
	refused(-EINTR, "it stays as it was", &how);
}

/* A link stays one: what it leads to is compressed. */
static void through_link(void **state)
{
	struct stat st;
	uint64_t bytes;

	(void)state;
	copy_from(FROM);
	assert_int_equal(symlink("trace.dat", link_path), 0);
	assert_int_equal(compress_recording(link_path, &opts, &bytes, &err), 0);
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(link_path);
	read_content(7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_trace_cmd),
		cmocka_unit_test(of_modmem),
		cmocka_unit_test(of_others),
		cmocka_unit_test(changed),
		cmocka_unit_test(twice),
		cmocka_unit_test(damaged),
		cmocka_unit_test(buffers),
		cmocka_unit_test(stopped),
		cmocka_unit_test(through_link),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
