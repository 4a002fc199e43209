/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk_order.h - in what order names and data go to the disk
 *
 * Takes the place of the C library's functions in the test that includes it, and
 * notes what they are called with, by the last part of its path: "fsync out",
 * "rename out trace.dat", "fsync folder tmp", "unlink cpu0".
 */
#ifndef MODMEM_TESTS_DISK_ORDER_H
#define MODMEM_TESTS_DISK_ORDER_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char disk_log[8192];
static int disk_fails;	/* errno of an fsync() of a folder, 0: it does not */

static const char *disk_base(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

static void disk_note(const char *what, const char *name, const char *to)
{
	size_t len = strlen(disk_log);

	snprintf(disk_log + len, sizeof(disk_log) - len, "%s %s%s%s\n", what,
		 disk_base(name), to ? " " : "", to ? disk_base(to) : "");
}

/* True: it is a folder. */
static bool disk_note_fd(const char *what, int fd)
{
	char link[64], name[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	name[n < 0 ? 0 : n] = '\0';
	if (fstat(fd, &st) || !S_ISDIR(st.st_mode)) {
		disk_note(what, name, NULL);
		return false;
	}
	disk_note(what, "folder", name);
	return true;
}

int fsync(int fd)
{
	if (disk_note_fd("fsync", fd) && disk_fails) {
		errno = disk_fails;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	disk_note_fd("fdatasync", fd);
	return (int)syscall(SYS_fdatasync, fd);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	disk_note("rename", from, to);
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int dir, const char *name, int flags)
{
	disk_note("unlink", name, NULL);
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

#endif
