// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload_full.c - LD_PRELOAD: the file system is full at the Nth write
 *
 *	FULL_AT=N	the Nth of what takes room fails with ENOSPC (0: none)
 *	FULL_STAYS=1	... half of it is written first, and all after it fail
 *	FULL_LOG=FILE	a line of how many there were and which one failed
 *
 *	UNREADABLE=END	files of the kernel whose paths end so cannot be opened
 *
 *	RAW_HOLDS=1	as up to Linux 5.8: no instance goes while the program has
 *			trace_pipe_raw of any open
 *
 * What takes room: writing to a regular file, making one, making a folder.
 * Files of the kernel (tracefs, /proc) and the standard streams do not count.
 * It is of the program itself only: commands that it starts are not touched.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static atomic_uint count;
static unsigned int fail_at;
static int stays;
static pid_t owner;
static char log_name[512], failed[600];
static const char *unreadable;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FULL_AT");

	fail_at = text ? (unsigned int)strtoul(text, NULL, 10) : 0;
	stays = getenv("FULL_STAYS") != NULL;
	unreadable = getenv("UNREADABLE");
	text = getenv("FULL_LOG");
	snprintf(log_name, sizeof(log_name), "%s", text ? text : "");
	owner = getpid();
	unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void)
{
	char text[700];
	int fd, len;

	if (!*log_name || getpid() != owner)
		return;
	len = snprintf(text, sizeof(text), "%u %s\n", atomic_load(&count),
		       *failed ? failed : "none");
	fd = (int)syscall(SYS_openat, AT_FDCWD, log_name,
			  O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || syscall(SYS_write, fd, text, (size_t)len) != len)
		fprintf(stderr, "preload_full: %s: cannot be written\n",
			log_name);
}

enum verdict { GOES, HALF, FAILS };

static enum verdict judge(const char *what, const char *name)
{
	unsigned int n = atomic_fetch_add(&count, 1) + 1;

	if (!fail_at || n < fail_at || (n > fail_at && !stays))
		return GOES;
	if (n > fail_at)
		return FAILS;
	snprintf(failed, sizeof(failed), "%s %s", what, name);
	return stays ? HALF : FAILS;
}

static int takes_room(int fd, char *name, size_t size)
{
	struct statfs fs;
	struct stat st;
	char link[64];
	ssize_t n;

	if (fd <= STDERR_FILENO || getpid() != owner || fstat(fd, &st) ||
	    !S_ISREG(st.st_mode) || fstatfs(fd, &fs) ||
	    fs.f_type == TRACEFS_MAGIC || fs.f_type == PROC_SUPER_MAGIC ||
	    fs.f_type == SYSFS_MAGIC || fs.f_type == DEBUGFS_MAGIC)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, size - 1);
	name[n < 0 ? 0 : n] = '\0';
	return 1;
}

#define NEXT(type) ((type)dlsym(RTLD_NEXT, __func__))

static int full(void)
{
	errno = ENOSPC;
	return -1;
}

ssize_t write(int fd, const void *data, size_t len)
{
	char name[512];

	if (takes_room(fd, name, sizeof(name)))
		switch (judge("write", name)) {
		case FAILS:
			return full();
		case HALF:
			if (len < 2)
				return full();
			len /= 2;
			break;
		case GOES:
			break;
		}
	return syscall(SYS_write, fd, data, len);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	typedef ssize_t (*func)(int, const void *, size_t, off64_t);
	char name[512];

	if (takes_room(fd, name, sizeof(name)) && judge("pwrite", name) != GOES)
		return full();
	return NEXT(func)(fd, data, len, offset);
}

ssize_t copy_file_range(int in, off64_t *in_offset, int out,
			off64_t *out_offset, size_t len, unsigned int flags)
{
	typedef ssize_t (*func)(int, off64_t *, int, off64_t *, size_t,
				unsigned int);
	char name[512];

	if (takes_room(out, name, sizeof(name)))
		switch (judge("copy_file_range", name)) {
		case FAILS:
			return full();
		case HALF:
			if (len < 2)
				return full();
			len /= 2;
			break;
		case GOES:
			break;
		}
	return NEXT(func)(in, in_offset, out, out_offset, len, flags);
}

int posix_fallocate64(int fd, off64_t offset, off64_t len)
{
	typedef int (*func)(int, off64_t, off64_t);
	char name[512];

	if (takes_room(fd, name, sizeof(name)) &&
	    judge("posix_fallocate", name) != GOES)
		return ENOSPC;
	return NEXT(func)(fd, offset, len);
}

int open64(const char *path, int flags, ...)
{
	size_t len = strlen(path), end = unreadable ? strlen(unreadable) : 0;
	mode_t mode = 0;

	if (flags & O_CREAT) {
		va_list ap;

		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (end && len >= end && !strcmp(path + len - end, unreadable)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;

	if (flags & O_CREAT) {
		va_list ap;

		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
		if (getpid() == owner && faccessat(dir, path, F_OK, 0) &&
		    judge("create", path) != GOES)
			return full();
	}
	return (int)syscall(SYS_openat, dir, path, flags | O_LARGEFILE, mode);
}

int mkdir(const char *path, mode_t mode)
{
	typedef int (*func)(const char *, mode_t);

	if (getpid() == owner && !strstr(path, "/instances/") &&
	    judge("mkdir", path) != GOES)
		return full();
	return NEXT(func)(path, mode);
}

static int raw_is_open(void)
{
	static const char end[] = "/trace_pipe_raw";
	struct dirent *entry;
	char name[600];
	int open = 0;
	DIR *dir = opendir("/proc/self/fd");

	while (dir && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, name, sizeof(name) - 1);

		name[n < 0 ? 0 : n] = '\0';
		open |= strstr(name, end) != NULL;
	}
	if (dir)
		closedir(dir);
	return open;
}

int rmdir(const char *path)
{
	if (getenv("RAW_HOLDS") && strstr(path, "/instances/") && raw_is_open()) {
		errno = EBUSY;
		return -1;
	}
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}
