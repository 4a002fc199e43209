// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parts.c - the folder of parts.h; assemble.c makes the file
 */
#include "parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "outfile.h"
#include "record_files.h"
#include "record_instance.h"
#include "record_snap.h"
#include "wire.h"

#define SUFFIX ".parts"

const char *parts_elsewhere(const struct parts *pa)
{
	return pa->scratch ? "set TMPDIR to another folder" : "choose another --output";
}

static int set_paths(struct parts *pa, const char *output, struct error *err)
{
	char *real = NULL;
	struct stat st;
	int n;

	pa->fd = -1;
	pa->spent = false;
	if (!*output)
		return error_set(err, -EINVAL, "the name of the output is empty: give a path");
	/* what a link leads to is written, as cp does: the link stays (/dev/stdout) */
	if (!lstat(output, &st) && S_ISLNK(st.st_mode)) {
		real = realpath(output, NULL);
		if (!real)
			return error_set(err, -errno, "%s: a link to nothing that can be replaced: %s: %s",
					 output, strerror(errno), parts_elsewhere(pa));
	}
	n = snprintf(pa->output, sizeof(pa->output), "%s", real ? real : output);
	free(real);
	if ((size_t)n >= sizeof(pa->output))
		return error_set(err, -ENAMETOOLONG, "%.60s...: %s", output,
				 strerror(ENAMETOOLONG));
	snprintf(pa->dir, sizeof(pa->dir), "%s" SUFFIX, pa->output);
	return 0;
}

bool parts_info(const char *text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);

	*value = '\0';
	while (text && *text) {
		if (!strncmp(text, key, len) && text[len] == '=') {
			text += len + 1;
			snprintf(value, size, "%.*s",
				 (int)strcspn(text, "\n"), text);
			return true;
		}
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return false;
}

/* Does the recorder that made it still run? */
static bool in_use(const struct parts *pa, struct record_owner *owner)
{
	int fd = openat(pa->fd, "info", O_RDONLY | O_CLOEXEC);
	char *text = fd >= 0 ? fd_read(fd, NULL) : NULL;
	char value[64];
	bool used;

	if (fd >= 0)
		close(fd);
	used = text && parts_info(text, "owner", value, sizeof(value)) &&
	       record_owner_parse(value, owner) && record_owner_alive(owner);
	free(text);
	return used;
}

static int open_dir(struct parts *pa, struct error *err)
{
	pa->fd = open(pa->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pa->fd < 0)
		return error_set(err, -errno, "%s: %s", pa->dir,
				 strerror(errno));
	return 0;
}

int parts_create(struct parts *pa, const char *output, const char *owner,
		 struct error *err)
{
	struct record_owner other;
	char info[128];
	struct stat st;
	int ret;

	ret = set_paths(pa, output, err);
	if (ret)
		return ret;
	if (!stat(pa->output, &st) && !S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%s: not a regular file: %s",
				 output, parts_elsewhere(pa));
	if (mkdir(pa->dir, 0755)) {
		ret = -errno;
		if (ret != -EEXIST)
			return error_set(err, ret, "%s: cannot be made: %s: %s",
					 pa->dir, strerror(-ret), parts_elsewhere(pa));
		if (!open_dir(pa, NULL) && in_use(pa, &other))
			error_set(err, ret, "%s: being written by process %" PRIu64 ": %s",
				  output, other.pid, parts_elsewhere(pa));
		else
			error_set(err, ret, "%s: left behind by a recording that was killed: 'modmem record --restore %s' makes a file of it",
				  pa->dir, output);
		parts_close(pa);
		return ret;
	}
	snprintf(info, sizeof(info), "owner=%s\n", owner);
	ret = open_dir(pa, err);
	if (!ret)
		ret = parts_write(pa, "info", info, strlen(info), err);
	/* what is left of it, and why, is that of which @err tells */
	if (ret)
		parts_remove(pa, NULL);
	return ret;
}

int parts_open(struct parts *pa, const char *output, struct error *err)
{
	const size_t suffix = sizeof(SUFFIX) - 1;
	struct record_owner owner;
	size_t len;
	int ret;

	ret = set_paths(pa, output, err);
	if (ret)
		return ret;
	len = strlen(pa->output);
	while (len && pa->output[len - 1] == '/')
		pa->output[--len] = '\0';
	if (len > suffix && !strcmp(pa->output + len - suffix, SUFFIX)) {
		pa->output[len - suffix] = '\0';
		snprintf(pa->dir, sizeof(pa->dir), "%s" SUFFIX, pa->output);
	}
	ret = open_dir(pa, NULL);
	if (ret == -ENOENT)
		return error_set(err, ret, "%s: no such folder: nothing of %s is there to restore",
				 pa->dir, pa->output);
	if (ret)
		return error_set(err, ret, "%s: %s", pa->dir, strerror(-ret));
	if (in_use(pa, &owner)) {
		parts_close(pa);
		return error_set(err, -EBUSY, "%s: still being recorded by process %" PRIu64 ": let it end",
				 pa->output, owner.pid);
	}
	return 0;
}

void parts_close(struct parts *pa)
{
	if (pa->fd >= 0)
		close(pa->fd);
	pa->fd = -1;
}

int parts_file(const struct parts *pa, const char *name, struct error *err)
{
	int fd = openat(pa->fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
			0644);

	if (fd < 0)
		return error_set(err, -errno, "%s/%s: %s", pa->dir, name,
				 strerror(errno));
	return fd;
}

static int not_written(const struct parts *pa, const char *name, int code,
		       struct error *err)
{
	return error_set(err, code, "%s/%s: %s%s%s", pa->dir, name, strerror(-code),
			 code == -ENOSPC ? ": make room, or " : "",
			 code == -ENOSPC ? parts_elsewhere(pa) : "");
}

static int to_wire(const struct parts *pa, const char *name, const void *data,
		   size_t len, struct error *err)
{
	int ret = wire_whole(pa->wire, name, data, len);

	return ret ? error_set(err, ret, "the stream: %s", wire_strerror(ret)) : 0;
}

int parts_write(const struct parts *pa, const char *name, const void *data,
		size_t len, struct error *err)
{
	int fd, ret;

	if (pa->wire)
		return to_wire(pa, name, data, len, err);
	fd = parts_file(pa, name, err);
	if (fd < 0)
		return fd;
	ret = fd_write(fd, data, len);
	if (close(fd) && !ret)
		ret = -errno;
	return ret ? not_written(pa, name, ret, err) : 0;
}

int parts_replace(const struct parts *pa, const char *name, const void *data,
		  size_t len, struct error *err)
{
	int fd, ret;

	if (pa->wire)
		return to_wire(pa, name, data, len, err);
	/* of the names that are removed with the folder */
	fd = parts_file(pa, "out", err);
	if (fd < 0)
		return fd;
	ret = fd_write(fd, data, len);
	if (!ret)
		ret = outfile_rename(fd, pa->fd, "out", pa->fd, name, NULL);
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret)
		return 0;
	unlinkat(pa->fd, "out", 0);
	return not_written(pa, name, ret, err);
}

int parts_cut(const struct parts *pa, const char *why, struct error *err)
{
	int fd = openat(pa->fd, "companion", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int ret = fd < 0 ? -errno : snaps_repair(fd);
	struct snaps *snaps = ret ? NULL : snaps_new(fd);

	if (snaps) {
		snaps_printf(snaps, "cut", 0, "%s", why);
		ret = snaps_free(snaps);
	} else {
		ret = ret ? ret : -ENOMEM;
		if (fd >= 0)
			close(fd);
	}
	return ret ? error_set(err, ret, "%s/companion: %s", pa->dir, strerror(-ret)) : 0;
}

/* "cpu12", "stats0" */
static bool is_numbered(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) && name[len] &&
	       strspn(name + len, "0123456789") == strlen(name + len);
}

static bool is_ours(const char *name)
{
	static const char *const names[] = { "reserve", "out", "given" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return parts_may_come(name);
}

bool parts_may_come(const char *name)
{
	static const char *const names[] = {
		"info", "head", "kallsyms", "printk", "cmdlines", "companion"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return is_numbered(name, "cpu") || is_numbered(name, "stats");
}

int parts_remove(struct parts *pa, struct error *err)
{
	struct dirent *entry;
	int fd, code = 0;
	DIR *dir;

	if (pa->fd < 0)
		return 0;
	fd = dup(pa->fd);
	dir = fdopendir(fd);
	if (!dir) {
		code = errno;
		if (fd >= 0)
			close(fd);
	}
	while (dir && (entry = readdir(dir)))
		if (is_ours(entry->d_name) && unlinkat(pa->fd, entry->d_name, 0) &&
		    errno != ENOENT)
			code = errno;
	if (dir)
		closedir(dir);
	parts_close(pa);
	if (rmdir(pa->dir) && errno != ENOENT && !code)
		code = errno;
	return code ? error_set(err, -code, "%s: cannot be removed: %s: nothing in it is needed",
				pa->dir, strerror(code)) : 0;
}
