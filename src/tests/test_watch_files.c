// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_watch_files.c - a file for each module, whatever it is called
 */
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

#include "error.h"
#include "fake_snapshot.h"
#include "snapshot.h"
#include "watch/modfiles.h"

static char dir[40], path[400];
static struct error err;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/modfiles.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void assert_name(const char *name, const char *file)
{
	char is[MODFILES_NAME_MAX];

	modfiles_name(is, name);
	assert_string_equal(is, file);
}

static void names(void **state)
{
	char name[2][400], file[2][MODFILES_NAME_MAX];

	(void)state;
	assert_name("ext4", "ext4");
	assert_name("[kernel]", "[kernel]");
	assert_name("snd-hda.x", "snd-hda.x");
	assert_name("", "%");
	assert_name(".", "%2E");
	assert_name("..", "%2E.");
	assert_name("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd");
	assert_name("/", "%2F");
	assert_name("%", "%25");
	assert_name("a\nb\x1b\xff", "a%0Ab%1B%FF");
	/* as long as they like, and none is another's */
	for (int i = 0; i < 2; i++) {
		memset(name[i], '/', sizeof(name[i]));
		name[i][398] = (char)('a' + i);
		name[i][399] = '\0';
		modfiles_name(file[i], name[i]);
		assert_true(strlen(file[i]) < 255);
		assert_null(strchr(file[i], '/'));
	}
	assert_string_not_equal(file[0], file[1]);
}

static const char *in_dir(const char *file)
{
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

/* What is in the file, up to its time. */
static void assert_content(const char *file, const char *want)
{
	char text[600] = "", *time;
	FILE *in = fopen(in_dir(file), "r");

	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
	fclose(in);
	time = strstr(text, "time ");
	assert_non_null(time);
	*time = '\0';
	assert_string_equal(text, want);
}

static void put(const char *file, const char *text)
{
	FILE *out = fopen(in_dir(file), "w");

	fputs(text, out);
	fclose(out);
}

static void written_and_gone(void **state)
{
	struct snapshot *snap = fake_snapshot();
	char hostile[MODFILES_NAME_MAX];
	struct stat st;

	(void)state;
	put("README", "mine\n");
	put("old", "# modmem: kind bytes pages\nslab 1 1\n");
	assert_int_equal(modfiles_write(dir, snap, &err), 0);
	assert_content("kmtest", "# modmem: kind bytes pages\n"
		       "slab 1472 1\npages 16384 4\nvmalloc 0 0\npercpu 256 1\ndma 0 0\n"
		       "live 18112 5\nbound exact\ntrusted no\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	modfiles_name(hostile, HOSTILE_NAME);
	assert_int_equal(access(in_dir(hostile), F_OK), 0);
	assert_int_equal(access(in_dir("old"), F_OK), -1);
	/* again, and what is somebody else's is left alone */
	assert_int_equal(modfiles_write(dir, snap, &err), 0);
	assert_int_equal(unlink(in_dir("ext4")), 0);
	assert_int_equal(symlink("README", path), 0);
	assert_int_equal(modfiles_write(dir, snap, &err), -EEXIST);
	assert_non_null(strstr(err.text, "/ext4: is not modmem's"));
	modfiles_remove(dir);
	assert_int_equal(access(in_dir("kmtest"), F_OK), -1);
	assert_int_equal(unlink(in_dir("ext4")), 0);
	assert_int_equal(unlink(in_dir("README")), 0);
	assert_int_equal(rmdir(dir), 0);
	/* made if it is not there */
	assert_int_equal(modfiles_write(dir, snap, &err), 0);
	assert_int_equal(modfiles_write("/nowhere/at/all", snap, &err), -ENOENT);
	assert_int_equal(modfiles_write("/dev/null", snap, &err), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test_setup_teardown(written_and_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
