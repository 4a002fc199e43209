// SPDX-License-Identifier: GPL-2.0-or-later
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

static int fail(const char *path, int code, struct error *err)
{
	return error_set(err, -code, "%s: %s", path, strerror(code));
}

/* Puts the entries of the folder of @path on the disk. */
static int sync_folder(int fd, int dir, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int folder_fd, code;

	if ((size_t)snprintf(folder, sizeof(folder), "%.*s.",
			     slash ? (int)(slash + 1 - path) : 0, path) >= sizeof(folder))
		return -ENAMETOOLONG;
	folder_fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* one that may be written to and not read: the whole file system then */
	if (folder_fd < 0)
		return syncfs(fd) ? -errno : 0;
	code = fsync(folder_fd) ? -errno : 0;
	close(folder_fd);
	/* a file system that has none of this for folders */
	return code == -EINVAL ? 0 : code;
}

int outfile_rename(int fd, int from_dir, const char *from, int to_dir, const char *to,
		   bool *renamed)
{
	if (renamed)
		*renamed = false;
	if (fsync(fd) || renameat(from_dir, from, to_dir, to))
		return -errno;
	if (renamed)
		*renamed = true;
	return sync_folder(fd, to_dir, to);
}

static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* A new file beside @path with the mode of the old one, if there is one. */
static int open_beside(struct outfile *of, const struct stat *old, struct error *err)
{
	const char *slash = strrchr(of->path, '/');
	int dir = slash ? (int)(slash + 1 - of->path) : 0, fd;

	if ((size_t)snprintf(of->temporary, sizeof(of->temporary), "%.*s.%s.XXXXXX",
			     dir, of->path, of->path + dir) >= sizeof(of->temporary))
		return fail(of->path, ENAMETOOLONG, err);
	fd = mkstemp(of->temporary);
	if (fd < 0)
		return fail(of->path, errno, err);
	if (!fchmod(fd, old ? old->st_mode & 07777 : usual_mode()))
		of->stream = fdopen(fd, "w");
	if (of->stream)
		return 0;
	fail(of->path, errno, err);
	close(fd);
	unlink(of->temporary);
	return -EIO;
}

int outfile_open(struct outfile *of, const char *path, struct error *err)
{
	struct stat st;
	bool exists = !lstat(path, &st);

	*of = (struct outfile){ .path = path };
	if (!exists || S_ISREG(st.st_mode))
		return open_beside(of, exists ? &st : NULL, err);
	of->stream = fopen(path, "we");
	return of->stream ? 0 : fail(path, errno, err);
}

int outfile_close(struct outfile *of, bool good, struct error *err)
{
	/* why an earlier write failed is not known, but most likely now again */
	int reason = fflush(of->stream) ? errno : ferror(of->stream) ? EIO : 0;
	bool renamed = false;

	if (good && !reason && *of->temporary)
		reason = -outfile_rename(fileno(of->stream), AT_FDCWD, of->temporary,
					 AT_FDCWD, of->path, &renamed);
	if (fclose(of->stream) && !reason)
		reason = errno;
	of->stream = NULL;
	if (*of->temporary && !renamed)
		unlink(of->temporary);
	return reason ? fail(of->path, reason, err) : 0;
}
