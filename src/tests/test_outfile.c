// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_outfile.c - a file is there as a whole, or as it was before
 */
#include <dirent.h>
#include <errno.h>
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

#include "disk_order.h"
#include "error.h"
#include "outfile.h"

static char dir[] = "/tmp/outfile.XXXXXX";
static char path[64];
static struct outfile of;
static struct error err;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/outfile.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void content_is(const char *want)
{
	char text[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) < sizeof(text));
	fclose(file);
	assert_string_equal(text, want);
}

/* Files in the folder. */
static unsigned int count(void)
{
	DIR *d = opendir(dir);
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void write_whole(const char *text)
{
	assert_int_equal(outfile_open(&of, path, &err), 0);
	fputs(text, of.stream);
	assert_int_equal(outfile_close(&of, true, &err), 0);
}

static void appears_at_the_end(void **state)
{
	mode_t mask = umask(027);
	struct stat st;

	(void)state;
	assert_int_equal(outfile_open(&of, path, &err), 0);
	fputs("new", of.stream);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(outfile_close(&of, true, &err), 0);
	umask(mask);
	content_is("new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(count(), 1);
}

static void replaces(void **state)
{
	struct stat st;

	(void)state;
	write_whole("old and longer");
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(outfile_open(&of, path, &err), 0);
	fputs("new", of.stream);
	fflush(of.stream);
	content_is("old and longer");
	assert_int_equal(outfile_close(&of, true, &err), 0);
	content_is("new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_int_equal(count(), 1);
}

static void leaves_alone(void **state)
{
	(void)state;
	write_whole("old");
	assert_int_equal(outfile_open(&of, path, &err), 0);
	fputs("half", of.stream);
	assert_int_equal(outfile_close(&of, false, &err), 0);
	content_is("old");
	assert_int_equal(count(), 1);
}

static void no_regular_file(void **state)
{
	(void)state;
	/* written to as it is, and not replaced */
	assert_int_equal(outfile_open(&of, "/dev/null", &err), 0);
	assert_string_equal(of.temporary, "");
	assert_int_equal(outfile_close(&of, true, &err), 0);
	assert_int_equal(outfile_open(&of, "/dev/full", &err), 0);
	fputs("text", of.stream);
	assert_int_equal(outfile_close(&of, true, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "/dev/full: No space left"));
	assert_true(outfile_open(&of, "/nonexistent/x", &err) < 0);
	assert_non_null(strstr(err.text, "/nonexistent/x"));
	write_whole("");
}

/* Synced before it gets the name, and the name after. */
static void on_the_disk(void **state)
{
	char want[256], name[32];

	(void)state;
	assert_int_equal(outfile_open(&of, path, &err), 0);
	fputs("text", of.stream);
	snprintf(name, sizeof(name), "%s", strrchr(of.temporary, '/') + 1);
	*disk_log = '\0';
	assert_int_equal(outfile_close(&of, true, &err), 0);
	snprintf(want, sizeof(want), "fsync %s\nrename %s file\nfsync folder %s\n", name,
		 name, dir + 5);
	assert_string_equal(disk_log, want);
	/* there, but nobody knows for how long: an error, and nothing is taken away */
	disk_fails = EIO;
	assert_int_equal(outfile_open(&of, path, &err), 0);
	fputs("more", of.stream);
	assert_int_equal(outfile_close(&of, true, &err), -EIO);
	content_is("more");
	assert_int_equal(count(), 1);
	/* a file system that cannot */
	disk_fails = EINVAL;
	write_whole("most");
	disk_fails = 0;
	content_is("most");
}

/* By a name without a folder, and one of a folder that is open. */
static void renames_anywhere(void **state)
{
	int fd, folder = open(dir, O_RDONLY | O_DIRECTORY);
	char *before = getcwd(NULL, 0), want[64];
	bool renamed;

	(void)state;
	snprintf(want, sizeof(want), "fsync a\nrename a file\nfsync folder %s\n", dir + 5);
	fd = openat(folder, "a", O_RDWR | O_CREAT, 0600);
	*disk_log = '\0';
	assert_int_equal(outfile_rename(fd, folder, "a", folder, "file", &renamed), 0);
	assert_true(renamed);
	assert_string_equal(disk_log, want);
	close(fd);
	assert_int_equal(chdir(dir), 0);
	fd = open("a", O_RDWR | O_CREAT, 0600);
	*disk_log = '\0';
	assert_int_equal(outfile_rename(fd, AT_FDCWD, "a", AT_FDCWD, "file", NULL), 0);
	assert_string_equal(disk_log, want);
	assert_int_equal(outfile_rename(fd, AT_FDCWD, "file", AT_FDCWD, "no/file", &renamed),
			 -ENOENT);
	assert_false(renamed);
	close(fd);
	close(folder);
	assert_int_equal(chdir(before), 0);
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(appears_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(replaces, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(no_regular_file, setup, teardown),
		cmocka_unit_test_setup_teardown(on_the_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(renames_anywhere, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
