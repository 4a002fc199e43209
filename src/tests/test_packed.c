// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_packed.c - recordings and texts that come packed are as they are unpacked
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf_fixture.h"
#include "error.h"
#include "limit.h"
#include "packed.h"
#include "readfile.h"
#include "replay.h"
#include "verdict/rulefile.h"
#include "side.h"
#include "snapshot.h"

#define MIB (1u << 20)

/* A file that holds @data; its descriptor, and its path in @path. */
static int hold(const void *data, size_t len, char path[64])
{
	int fd = memfd_create("held", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* Text that shrinks to about a half; to be freed. */
static uint8_t *text_of(size_t len)
{
	uint8_t *text = malloc(len);
	uint32_t random = 1;

	assert_non_null(text);
	for (size_t i = 0; i < len; i++) {
		random = random * 1664525 + 1013904223;
		text[i] = i % 61 == 60 ? '\n' : (uint8_t)('a' + (random >> 28));
	}
	return text;
}

static void all_packers(void **state)
{
	size_t len = 3 * MIB + 7, packed_len, got_len;
	uint8_t *text = text_of(len);

	(void)state;
	for (int how = FIXTURE_GZIP; how <= FIXTURE_ZSTD; how++) {
		uint8_t *packed = fixture_pack(how, text, len, &packed_len);
		struct error err = { "" };
		char path[64], head[64], *got;
		int fd = hold(packed, packed_len, path), ends[2];

		assert_non_null(packed_name(packed, packed_len));
		assert_null(packed_foreign(packed, packed_len));
		got = readfile(path, READFILE_MAX, "text", &got_len, &err);
		assert_non_null(got);
		assert_int_equal(got_len, len);
		assert_memory_equal(got, text, len);
		assert_int_equal(got[len], 0);
		free(got);
		/* larger than it may be */
		assert_null(readfile(path, len - 1, "text", &got_len, &err));
		assert_non_null(strstr(err.text, "no text"));
		/* what it begins with, without moving */
		assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
		assert_int_equal(packed_head(fd, head, sizeof(head)), 64);
		assert_memory_equal(head, text, 64);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 3);
		assert_int_equal(ftruncate(fd, 12), 0);
		assert_int_equal(packed_head(fd, head, sizeof(head)), -EBADMSG);
		close(fd);

		/* through a pipe, some of it read already */
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], packed + 10, 1000), 1000);
		close(ends[1]);
		got = readfile_raw(ends[0], packed, 10, "pipe", 1 << 20, "text", &got_len, &err);
		assert_non_null(got);
		assert_int_equal(got_len, 1010);
		assert_memory_equal(got, packed, 1010);
		free(got);
		close(ends[0]);

		assert_int_equal(packed_peek(packed, packed_len, head, sizeof(head)), 64);
		assert_memory_equal(head, text, 64);
		free(packed);
	}
	free(text);
}

/* Cut off anywhere, or damaged: a message, never a part as if it were all. */
static void broken(void **state)
{
	size_t len = 100000, packed_len, got_len;
	uint8_t *text = text_of(len);

	(void)state;
	for (int how = FIXTURE_GZIP; how <= FIXTURE_ZSTD; how++) {
		uint8_t *packed = fixture_pack(how, text, len, &packed_len);
		struct error err = { "" };
		char path[64];

		for (size_t cut = 8; cut < packed_len; cut += 1 + cut / 8) {
			int fd = hold(packed, cut, path);

			strcpy(err.text, "");
			assert_null(readfile(path, READFILE_MAX, "text", &got_len, &err));
			assert_non_null(strstr(err.text, "cut off"));
			close(fd);
		}
		free(packed);
	}
	free(text);
}

static void bombs(void **state)
{
	uint8_t *zeros = calloc(1, 40 * MIB);

	(void)state;
	assert_non_null(zeros);
	for (int how = FIXTURE_GZIP; how <= FIXTURE_ZSTD; how++) {
		size_t packed_len, len;
		uint8_t *packed = fixture_pack(how, zeros, 40 * MIB, &packed_len);
		struct error err = { "" };
		char path[64];
		int fd = hold(packed, packed_len, path);

		assert_null(readfile(path, READFILE_MAX, "copy of /proc/modules", &len, &err));
		assert_non_null(strstr(err.text, "no copy of /proc/modules"));
		close(fd);
		free(packed);
	}
	free(zeros);
}

static void foreign(void **state)
{
	struct error err = { "" };
	char path[64];
	size_t len;
	int fd = hold("BZh91AY&SY", 10, path);

	(void)state;
	assert_null(readfile(path, READFILE_MAX, "text", &len, &err));
	assert_non_null(strstr(err.text, "packed with bzip2: unpack it first"));
	close(fd);
	assert_null(readfile("/", READFILE_MAX, "text", &len, &err));
	assert_non_null(strstr(err.text, "directory"));
}

static int count_line(void *arg, char *text, const char *where, struct error *err)
{
	(void)text;
	(void)where;
	(void)err;
	++*(unsigned int *)arg;
	return 0;
}

static void rules(void **state)
{
	static const char text[] = "# known\nlive>+0\n\nleaked>+0\n";
	size_t packed_len;
	struct error err = { "" };

	(void)state;
	for (int how = FIXTURE_GZIP; how <= FIXTURE_ZSTD; how++) {
		uint8_t *packed = fixture_pack(how, (const uint8_t *)text, sizeof(text) - 1,
					       &packed_len);
		unsigned int lines = 0;
		char path[64];
		int fd = hold(packed, packed_len, path);

		assert_int_equal(rulefile_read(path, count_line, &lines, &err), 0);
		assert_int_equal(lines, 2);
		close(fd);
		free(packed);
	}
}

static struct snapshot *replay_of(const char *path)
{
	struct replay_opts opts = {
		.path = path, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .check = true,
	};
	struct error err = { "" };
	struct snapshot *snap = replay(&opts, &err);

	if (!snap)
		fail_msg("%s", err.text);
	return snap;
}

/* Recordings of testdata that are kept packed: the same packed in another way. */
static void recordings(void **state)
{
	static const char *const paths[] = {
		"testdata/x86_64-6.1-text/trace.txt.zst",
		"testdata/x86_64-6.1-record/trace.dat.zst",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct error err = { "" };
		struct snapshot *want, *got;
		char path[64];
		size_t len, known = 0;
		char *plain = readfile(paths[i], READFILE_MAX, "recording", &len, &err);
		int fd;

		assert_non_null(plain);
		fd = hold(plain, len, path);
		want = replay_of(path);
		close(fd);
		got = replay_of(paths[i]);
		assert_string_equal(got->file, paths[i]);
		assert_int_equal(got->n_modules, want->n_modules);
		assert_int_equal(got->live_bytes, want->live_bytes);
		assert_int_equal(got->allocs, want->allocs);
		assert_string_equal(got->coverage.verified, want->coverage.verified);
		assert_int_equal(got->coverage.n_distrust, want->coverage.n_distrust);
		/* what modmem's recorder wrote behind it is there, too */
		for (size_t m = 0; m < got->n_modules; m++)
			known += got->modules[m].fixed.source != STATIC_UNKNOWN;
		assert_int_equal(known > 5, i == 1);
		snapshot_free(want);
		snapshot_free(got);
		free(plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_packers),
		cmocka_unit_test(broken),
		cmocka_unit_test(bombs),
		cmocka_unit_test(foreign),
		cmocka_unit_test(rules),
		cmocka_unit_test(recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
