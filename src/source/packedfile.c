// SPDX-License-Identifier: GPL-2.0-or-later
#include "packedfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "filemap.h"
#include "packed.h"
#include "readfile.h"
#include "tempfile.h"

/* The same stacks again and again, and pages that are empty, shrink a lot. */
#define RATIO_MAX	1024u
#define SMALL		(256ULL << 20)	/* bytes */
#define PACKED_MAX	(4ULL << 30)	/* of a pipe, in memory */

struct unpacking {
	int fd;
	const char *name;
	uint64_t done;
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	void *progress_arg;
};

static int put(void *arg, const uint8_t *data, size_t len, struct error *err)
{
	struct unpacking *u = arg;
	int ret = tempfile_write(u->fd, data, len);

	if (ret)
		return error_set(err, ret, "%s: no room to unpack it: %s (set TMPDIR to a folder that has)",
				 u->name, strerror(-ret));
	u->done += len;
	/* of how many nobody knows */
	if (u->progress && u->progress(u->progress_arg, u->done, u->done))
		return error_set(err, -ECANCELED, "interrupted");
	return 0;
}

static int unpack(struct unpacking *u, const void *data, size_t len, struct error *err)
{
	return packed_unpack(data, len, packed_limit(len, RATIO_MAX, SMALL, INT64_MAX), put, u,
			     u->name, "recording", err);
}

/* A file is mapped, what comes through a pipe is kept in memory. */
static int unpack_fd(struct unpacking *u, int fd, const void *head, size_t head_len,
		     struct error *err)
{
	struct stat st;
	size_t len;
	void *data;
	int ret;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= SIZE_MAX) {
		data = filemap(fd, (size_t)st.st_size, PROT_READ);
		if (!data)
			return error_set(err, -errno, "%s: cannot be mapped: %s", u->name,
					 strerror(errno));
		ret = unpack(u, data, (size_t)st.st_size, err);
		filemap_free(data, (size_t)st.st_size);
		return ret;
	}
	data = readfile_raw(fd, head, head_len, u->name, PACKED_MAX, "packed recording", &len,
			    err);
	ret = data ? unpack(u, data, len, err) : -EINVAL;
	free(data);
	return ret;
}

int packedfile_unpack(int fd, const char *name, const void *head, size_t head_len,
		      int (*progress)(void *arg, uint64_t done, uint64_t total),
		      void *progress_arg, struct error *err)
{
	struct unpacking u = {
		.fd = tempfile_open(), .name = name, .progress = progress,
		.progress_arg = progress_arg,
	};
	int ret;

	if (u.fd < 0)
		return error_set(err, u.fd, "%s: no room to unpack it: %s (set TMPDIR to a folder that has)",
				 name, strerror(-u.fd));
	ret = unpack_fd(&u, fd, head, head_len, err);
	if (!ret && lseek(u.fd, 0, SEEK_SET))
		ret = error_set(err, -errno, "%s: %s", name, strerror(errno));
	if (!ret)
		return u.fd;
	close(u.fd);
	return ret;
}
