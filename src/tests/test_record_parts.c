// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_record_parts.c - the file that is made of a recording's pieces
 *
 * The file is read with the program's own reader (oracle_record.c: with
 * libtracecmd).
 */
#include <errno.h>
#include <fcntl.h>
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
#include "disk_order.h"
#include "error.h"
#include "record_files.h"
#include "record_snap.h"
#include "readfile.h"
#include "recordparts.h"
#include "source.h"

#define DEAD RECORDPARTS_DEAD

static struct error err;
static const char *output;

static int setup(void **state)
{
	(void)state;
	recordparts_setup();
	output = recordparts_output();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	recordparts_teardown();
	return 0;
}

/* One record with 8 bytes of @byte, and then @more of them. */
static void assert_record(struct source *src, size_t stream, uint64_t ts,
			  uint8_t byte)
{
	struct source_record rec;

	assert_int_equal(source_next(src, stream, &rec, &err), 1);
	assert_int_equal(rec.ts, ts);
	assert_true(rec.len >= 8);
	assert_int_equal(rec.data[0], byte);
}

static void read_back(void **state)
{
	const struct source_info *info;
	struct source_record rec;
	struct source *src;
	struct parts pa = { 0 };
	struct stat st;
	uint64_t bytes;

	(void)state;
	recordparts_fill(&pa, DEAD);
	assert_int_equal(parts_assemble(&pa, &bytes, &err), 0);
	parts_remove(&pa, NULL);
	assert_int_equal(stat(pa.dir, &st), -1);
	assert_int_equal(stat(output, &st), 0);
	assert_int_equal(st.st_size, bytes);

	src = source_open(output, &err);
	if (!src)
		fail_msg("%s", err.text);
	info = source_info(src);
	assert_int_equal(info->version, 6);
	assert_int_equal(info->n_damage, 0);
	assert_int_equal(info->cpus, 3);
	assert_int_equal(info->buffers[0].page_size, sysconf(_SC_PAGESIZE));
	/* that of the instance, not of the top-level buffer */
	assert_non_null(memmem(info->header_page, info->header_page_len, "size:4080;", 10));
	assert_string_equal(info->uname, "Linux box 1.2.3 x86_64");
	assert_string_equal(info->buffers[0].clock, "mono");
	assert_int_equal(info->kallsyms_len, 25);
	assert_int_equal(info->cmdlines_len, 10);
	assert_int_equal(info->n_formats, 4);
	assert_string_equal(info->formats[0].system, "ftrace");
	assert_string_equal(info->formats[1].system, "kmem");
	assert_string_equal(info->formats[2].system, "kmem");
	assert_string_equal(info->formats[3].system, "percpu");
	assert_int_equal(info->n_cpustats, 1);
	assert_int_equal(info->cpustats[0].overrun, 5);

	assert_int_equal(source_streams(src), 3);
	assert_record(src, 0, 1000, 0x11);
	assert_record(src, 0, 3000, 0x22);
	assert_int_equal(source_next(src, 0, &rec, &err), 0);
	assert_int_equal(source_next(src, 1, &rec, &err), 0);
	assert_record(src, 2, 2000, 0x33);
	assert_int_equal(source_next(src, 2, &rec, &err), 0);
	source_close(src);
}

static uint64_t number(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static void section(void **state)
{
	struct parts pa = { 0 };
	const uint8_t *at, *end;
	uint8_t *data;
	size_t len;

	(void)state;
	recordparts_fill(&pa, DEAD);
	assert_int_equal(parts_assemble(&pa, NULL, &err), 0);
	parts_remove(&pa, NULL);
	data = (uint8_t *)file_read(output, &len);
	assert_non_null(data);
	end = data + len - 16;
	assert_memory_equal(end + 8, COMPANION_TRAILER, COMPANION_TRAILER_LEN);
	at = data + number(end, 8);
	assert_memory_equal(at, COMPANION_MAGIC, COMPANION_MAGIC_LEN);
	assert_int_equal(at[COMPANION_MAGIC_LEN], COMPANION_VERSION);
	at += COMPANION_MAGIC_LEN + 1;
	/* "uname": as it is */
	assert_int_equal(number(at, 4), 5);
	assert_memory_equal(at + 4, "uname", 5);
	assert_int_equal(number(at + 9, 8), 0);
	assert_int_equal(number(at + 17, 8), 5);
	assert_int_equal(number(at + 25, 8), 5);
	assert_memory_equal(at + 33, "Linux", 5);
	at += 38;
	/* "large": compressed */
	assert_memory_equal(at + 4, "large", 5);
	assert_int_equal(number(at + 9, 8), 77);
	assert_true(number(at + 17, 8) < 1000);
	assert_int_equal(number(at + 25, 8), 100000);
	assert_memory_equal(at + 33, "\x28\xb5\x2f\xfd", 4);
	/* ... with a checksum, which is a flag of the frame */
	assert_int_equal(at[37] & 4, 4);
	at += 33 + number(at + 17, 8);
	/* the last one: of three CPUs, with pages on two */
	assert_memory_equal(at + 4, COMPANION_SUMS, 9);
	assert_int_equal(number(at + 21, 8), (4 + 3 * 2 + 2 + 1) * 8);
	assert_int_equal(number(at + 37, 8), COMPANION_PIECE);
	assert_int_equal(number(at + 61, 8), 3);
	assert_ptr_equal(at + 37 + number(at + 21, 8), end);
	free(data);
}

/* Half an item at the end goes, what is whole stays. */
static void repair(void **state)
{
	struct parts pa = { 0 };
	struct stat st;
	off_t whole;
	int fd;

	(void)state;
	recordparts_fill(&pa, DEAD);
	fd = openat(pa.fd, "companion", O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	whole = st.st_size;
	assert_int_equal(snaps_repair(fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), whole);
	assert_int_equal(write(fd, "\x03\0\0\0abc\0\0", 9), 9);
	assert_int_equal(snaps_repair(fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), whole);
	assert_int_equal(ftruncate(fd, whole - 1), 0);
	assert_int_equal(snaps_repair(fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 38);
	/* what cannot be read is left as it is */
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	fd = openat(pa.fd, "companion", O_WRONLY);
	assert_int_equal(snaps_repair(fd), -EBADF);
	assert_int_equal(lseek(fd, 0, SEEK_END), 42);
	close(fd);
	assert_int_equal(snaps_repair(-1), -EBADF);
	parts_remove(&pa, NULL);
}

/* A folder as a text: all of it, or nothing. */
static void names(void **state)
{
	char dir[] = "/tmp/test_parts.XXXXXX", path[64], *text;
	size_t len;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	text = readfile_names(dir, &len);
	assert_string_equal(text, "");
	free(text);
	snprintf(path, sizeof(path), "%s/.text", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	text = readfile_names(dir, &len);
	assert_string_equal(text, ".text\n");
	assert_int_equal(len, 6);
	free(text);
	assert_null(readfile_names(path, &len));
	assert_int_equal(errno, ENOTDIR);
	unlink(path);
	rmdir(dir);
	assert_null(readfile_names(dir, &len));
	assert_int_equal(errno, ENOENT);
}

static void left_behind(void **state)
{
	struct parts pa = { 0 }, other = { 0 };
	char path[256];

	(void)state;
	assert_int_equal(parts_open(&pa, output, &err), -ENOENT);
	recordparts_fill(&pa, DEAD);
	parts_close(&pa);
	assert_int_equal(parts_create(&other, output, DEAD, &err), -EEXIST);
	assert_non_null(strstr(err.text, "--restore"));

	/* by the name of the folder, too */
	snprintf(path, sizeof(path), "%s.parts/", output);
	assert_int_equal(parts_open(&other, path, &err), 0);
	assert_string_equal(other.output, output);
	assert_int_equal(parts_assemble(&other, NULL, &err), 0);
	parts_remove(&other, NULL);
	assert_int_equal(access(output, F_OK), 0);
}

/* Where @text begins in what happened; it did. */
static size_t when(const char *text)
{
	const char *at = strstr(disk_log, text);

	if (!at)
		fail_msg("no \"%s\" in:\n%s", text, disk_log);
	return (size_t)(at - disk_log);
}

/* After a power cut there is the file, or what it is made of. */
static void on_the_disk(void **state)
{
	char folder[128];
	struct parts pa = { 0 };

	(void)state;
	snprintf(folder, sizeof(folder), "fsync folder %s\n",
		 strrchr(recordparts_dir(), '/') + 1);
	recordparts_fill(&pa, DEAD);
	*disk_log = '\0';
	assert_int_equal(parts_replace(&pa, "kallsyms", "1", 1, &err), 0);
	assert_string_equal(disk_log, "fsync out\nrename out kallsyms\nfsync folder trace.dat.parts\n");
	*disk_log = '\0';
	assert_int_equal(parts_assemble(&pa, NULL, &err), 0);
	assert_true(pa.spent);
	assert_true(when("fsync out\n") < when("rename out trace.dat\n"));
	assert_true(when("rename out trace.dat\n") < when(folder));
	assert_null(strstr(disk_log, "unlink"));
	parts_remove(&pa, NULL);
	assert_true(when(folder) < when("unlink"));

	/* not known to be there: the pieces stay */
	recordparts_fill(&pa, DEAD);
	disk_fails = EIO;
	assert_int_equal(parts_assemble(&pa, NULL, &err), -EIO);
	disk_fails = 0;
	assert_false(pa.spent);
	assert_non_null(strstr(err.text, "its pieces are in"));
	assert_int_equal(parts_assemble(&pa, NULL, &err), 0);
	parts_remove(&pa, NULL);
}

/* Killed when pieces had been given up already: what was copied is not made anew. */
static void given_up(void **state)
{
	struct parts pa = { 0 };
	char *text;
	size_t len;

	(void)state;
	recordparts_fill(&pa, DEAD);
	assert_int_equal(renameat(pa.fd, "printk", pa.fd, "given"), 0);
	assert_int_equal(parts_write(&pa, "out", "what was copied", 15, &err), 0);
	assert_int_equal(parts_assemble(&pa, NULL, &err), -ENOSPC);
	assert_true(pa.spent);
	assert_non_null(strstr(err.text, "the rest is lost"));
	text = file_read(output, &len);
	assert_string_equal(text, "what was copied");
	free(text);
	parts_remove(&pa, NULL);
	assert_int_equal(access(pa.dir, F_OK), -1);
}

static void in_use(void **state)
{
	struct parts pa = { 0 }, other = { 0 };
	char owner[64], path[64];
	char *stat, *at;

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/stat");
	stat = file_read(path, NULL);
	at = strrchr(stat, ')');
	for (unsigned int i = 2; i < 22; i++)
		at = strchr(at, ' ') + 1;
	snprintf(owner, sizeof(owner), "modmem_%d_%llu", (int)getpid(),
		 strtoull(at, NULL, 10));
	free(stat);
	recordparts_fill(&pa, owner);
	assert_int_equal(parts_create(&other, output, DEAD, &err), -EEXIST);
	assert_non_null(strstr(err.text, "being written by process"));
	assert_int_equal(parts_open(&other, output, &err), -EBUSY);
	parts_remove(&pa, NULL);
}

static void not_begun(void **state)
{
	struct parts pa = { 0 };

	(void)state;
	assert_int_equal(parts_create(&pa, output, DEAD, &err), 0);
	assert_int_equal(parts_assemble(&pa, NULL, &err), -ENODATA);
	assert_int_equal(access(output, F_OK), -1);
	parts_remove(&pa, NULL);
	assert_int_equal(parts_create(&pa, recordparts_dir(), DEAD, &err), -EINVAL);
	assert_int_equal(parts_create(&pa, "/nonexistent/x", DEAD, &err), -ENOENT);
	assert_int_equal(parts_create(&pa, "", DEAD, &err), -EINVAL);
}

/* "modmem run" has no --output: what it records to is nobody's choice but TMPDIR's. */
static void elsewhere(void **state)
{
	struct parts pa = { .scratch = true };

	(void)state;
	for (int scratch = 1; scratch >= 0; scratch--) {
		pa.scratch = scratch;
		assert_int_equal(parts_create(&pa, "/nonexistent/x", DEAD, &err), -ENOENT);
		assert_int_equal(!!strstr(err.text, "--output"), !scratch);
		assert_int_equal(!!strstr(err.text, "TMPDIR"), scratch);
	}
}

/* A link stays, and what it leads to is replaced; to nothing, or a device: refused. */
static void linked_output(void **state)
{
	struct parts pa = { 0 };
	char target[600];
	struct stat st;
	uint64_t bytes;

	(void)state;
	snprintf(target, sizeof(target), "%s/target.dat", recordparts_dir());
	assert_int_equal(symlink("target.dat", output), 0);
	assert_int_equal(parts_create(&pa, output, DEAD, &err), -ENOENT);
	assert_non_null(strstr(err.text, "link to nothing"));
	assert_int_equal(close(creat(target, 0600)), 0);
	recordparts_fill(&pa, DEAD);
	assert_int_equal(parts_assemble(&pa, &bytes, &err), 0);
	parts_remove(&pa, NULL);
	assert_int_equal(lstat(output, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_size, bytes);
	assert_int_equal(unlink(output), 0);
	assert_int_equal(unlink(target), 0);
	assert_int_equal(symlink("/dev/null", output), 0);
	assert_int_equal(parts_create(&pa, output, DEAD, &err), -EINVAL);
	assert_int_equal(unlink(output), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(read_back, setup, teardown),
		cmocka_unit_test_setup_teardown(section, setup, teardown),
		cmocka_unit_test_setup_teardown(repair, setup, teardown),
		cmocka_unit_test(names),
		cmocka_unit_test_setup_teardown(left_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(on_the_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(not_begun, setup, teardown),
		cmocka_unit_test_setup_teardown(elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(linked_output, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
