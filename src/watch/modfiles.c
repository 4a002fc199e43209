// SPDX-License-Identifier: GPL-2.0-or-later
#include "modfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "snapshot.h"

/* What each file begins with: only such are replaced and removed. */
#define MARK "# modmem: kind bytes pages\n"

/* No module's name can be this. */
#define BESIDE ".modmem-new"

/* Longer names end in a hash of all: kernels have none, a recording may. */
#define KEPT 200u

static int fail(const char *dir, const char *file, int code, struct error *err)
{
	return error_set(err, code, "%.300s/%s: %s", dir, file, strerror(-code));
}

static bool plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("_-.[]", c);
}

void modfiles_name(char file[MODFILES_NAME_MAX], const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;	/* FNV-1a: the same in each run */
	bool cut = false;
	size_t len = 0;

	for (const char *p = name; *p; p++) {
		unsigned char c = (unsigned char)*p;

		hash = (hash ^ c) * 0x100000001b3;
		cut |= len + 3 > KEPT;
		if (cut)
			continue;
		if (plain(c) && (c != '.' || len))
			file[len++] = (char)c;
		else
			len += (size_t)snprintf(file + len, 4, "%%%02X", c);
	}
	if (cut)
		len += (size_t)snprintf(file + len, MODFILES_NAME_MAX - len, "%%+%016" PRIx64, hash);
	else if (!len)
		file[len++] = '%';
	file[len] = '\0';
}

/* An own file, a regular one. */
static bool is_own(int dir, const char *file)
{
	char begin[sizeof(MARK)] = "";
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool own = false;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    read(fd, begin, sizeof(MARK) - 1) == (ssize_t)sizeof(MARK) - 1)
		own = !strcmp(begin, MARK);
	close(fd);
	return own;
}

static void print_module(FILE *out, const struct snapshot *snap, const struct snap_module *m)
{
	const uint64_t page = snap->page_size ? snap->page_size : 4096;

	fputs(MARK, out);
	for (enum mem_kind k = 0; k < KIND_MAX; k++)
		fprintf(out, "%s %" PRIu64 " %" PRIu64 "\n", mem_kind_name(k), m->live[k].bytes,
			(m->live[k].bytes + page - 1) / page);
	fprintf(out, "live %" PRIu64 " %" PRIu64 "\n", m->live_bytes,
		(m->live_bytes + page - 1) / page);
	fprintf(out, "bound %s\ntrusted %s\ntime %lld\n", bound_name(bound_of(m->why)),
		snap->coverage.trusted ? "yes" : "no", (long long)time(NULL));
}

static int write_module(int dir, const char *path, const char *file,
			const struct snapshot *snap, const struct snap_module *m,
			struct error *err)
{
	struct stat st;
	FILE *out;
	int fd, ret = 0;

	/* a file of somebody else's is not to be lost, whatever it is called */
	if (!fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) && !is_own(dir, file))
		return error_set(err, -EEXIST, "%.300s/%s: is not modmem's: choose another --files",
				 path, file);
	unlinkat(dir, BESIDE, 0);
	fd = openat(dir, BESIDE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return fail(path, file, ret, err);
	}
	/* who reads them is not root */
	if (fchmod(fd, 0644))
		ret = -errno;
	print_module(out, snap, m);
	if (fclose(out) && !ret)
		ret = -errno;
	if (!ret && renameat(dir, BESIDE, dir, file))
		ret = -errno;
	if (!ret)
		return 0;
	unlinkat(dir, BESIDE, 0);
	return fail(path, file, ret, err);
}

static bool shown(const struct snap_module *m)
{
	return m->live_bytes || (m->state != MODULE_UNLOADED && m->state != MODULE_UNKNOWN);
}

static bool is_shown(const struct snapshot *snap, const char *file)
{
	char name[MODFILES_NAME_MAX];

	for (size_t i = 0; snap && i < snap->n_modules; i++) {
		modfiles_name(name, snap->modules[i].name);
		if (shown(&snap->modules[i]) && !strcmp(name, file))
			return true;
	}
	return false;
}

/* Removes own files of modules that @snap (NULL: of all) does not show. */
static void sweep(int dir, const struct snapshot *snap)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(list)))
		if (!is_shown(snap, entry->d_name) && is_own(dir, entry->d_name))
			unlinkat(dir, entry->d_name, 0);
	closedir(list);
}

int modfiles_write(const char *path, const struct snapshot *snap, struct error *err)
{
	char file[MODFILES_NAME_MAX];
	int dir, ret = 0;

	if (mkdir(path, 0755) && errno != EEXIST)
		return error_set(err, -errno, "%.300s: %s", path, strerror(errno));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, -errno, "%.300s: %s", path, strerror(errno));
	for (size_t i = 0; i < snap->n_modules && !ret; i++) {
		if (!shown(&snap->modules[i]))
			continue;
		modfiles_name(file, snap->modules[i].name);
		ret = write_module(dir, path, file, snap, &snap->modules[i], err);
	}
	if (!ret)
		sweep(dir, snap);
	close(dir);
	return ret;
}

void modfiles_remove(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return;
	unlinkat(dir, BESIDE, 0);
	sweep(dir, NULL);
	close(dir);
}
