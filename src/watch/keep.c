// SPDX-License-Identifier: GPL-2.0-or-later
#include "keep.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "error.h"
#include "memstream.h"
#include "outfile.h"
#include "snapshot.h"
#include "view.h"

/* Room for ".18446744073709551615" and the end. */
#define SUFFIX_MAX 22u

static int fail(const char *path, int code, struct error *err)
{
	return error_set(err, code, "%.400s: %s", path, strerror(-code));
}

int keep_check(const char *path, uint64_t keep, struct error *err)
{
	struct stat st;

	if (strlen(path) + SUFFIX_MAX > PATH_MAX)
		return fail(path, -ENAMETOOLONG, err);
	if (keep > 1 && !stat(path, &st) && !S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%.400s: not a regular file: --keep needs one",
				 path);
	return 0;
}

/* The @i-th before the last one. */
static void name(char buf[PATH_MAX], const char *path, uint64_t i)
{
	if (i)
		snprintf(buf, PATH_MAX, "%s.%" PRIu64, path, i);
	else
		snprintf(buf, PATH_MAX, "%s", path);
}

/* Each becomes the one before it; the last one stays where it is, too. */
static int rotate(const char *path, uint64_t keep, struct error *err)
{
	char from[PATH_MAX], to[PATH_MAX];
	int ret = 0;

	/* there may be fewer: from the first gap on nothing moves */
	uint64_t last = 0;

	while (last < keep - 1) {
		name(from, path, last);
		if (access(from, F_OK))
			break;
		last++;
	}
	for (uint64_t i = last; i > 1 && !ret; i--) {
		name(from, path, i - 1);
		name(to, path, i);
		ret = rename(from, to) ? fail(to, -errno, err) : 0;
	}
	if (ret || !last)
		return ret;
	name(to, path, 1);
	/* of one only, what was FILE.1 is replaced */
	if (last == 1 && unlink(to) && errno != ENOENT)
		return fail(to, -errno, err);
	if (!link(path, to))
		return 0;
	/* a file system without links: for a moment there is no FILE */
	return rename(path, to) ? fail(to, -errno, err) : 0;
}

/* The report as text; free() it. NULL with @err set. */
static char *render(const struct snapshot *snap, size_t *len, struct error *err)
{
	const struct view_opts opts = { .full = true };
	char *text = NULL;
	FILE *memory = open_memstream(&text, len);
	int ret = memory ? view_json(snap, &opts, memory, err) :
		  error_set(err, -ENOMEM, "out of memory");

	if (memory && memstream_close(memory, &text) && !ret)
		ret = error_set(err, -ENOMEM, "out of memory");
	if (!ret)
		return text;
	free(text);
	return NULL;
}

/* Packs @text, which it frees. NULL with @err set. */
static char *pack(char *text, size_t *len, struct error *err)
{
	size_t room = ZSTD_compressBound(*len);
	char *packed = malloc(room);
	size_t n = packed ? ZSTD_compress(packed, room, text, *len, ZSTD_CLEVEL_DEFAULT) : 0;

	free(text);
	if (packed && !ZSTD_isError(n)) {
		*len = n;
		return packed;
	}
	free(packed);
	error_set(err, -ENOMEM, "out of memory");
	return NULL;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		data += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && !strcmp(path + n - m, end);
}

int keep_report(const char *path, uint64_t keep, const struct snapshot *snap,
		struct error *err)
{
	struct outfile file;
	int ret, fd, closed;
	size_t len;
	char *text = render(snap, &len, err);

	if (text && ends_in(path, ".zst"))
		text = pack(text, &len, err);
	if (!text)
		return -ENOMEM;
	ret = outfile_open(&file, path, err);
	if (ret) {
		free(text);
		return ret;
	}
	fd = fileno(file.stream);
	ret = write_all(fd, text, len);
	free(text);
	/* none of those before moves for one that is not all there */
	if (!ret && keep > 1 && fsync(fd))
		ret = -errno;
	if (ret)
		fail(path, ret, err);
	else if (keep > 1)
		ret = rotate(path, keep, err);
	closed = outfile_close(&file, !ret, ret ? NULL : err);
	return ret ? ret : closed;
}
