// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * files.c - see record_files.h
 */
#include "record_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SIZE 16384u

char *fd_read(int fd, size_t *len)
{
	size_t size = FIRST_SIZE, used = 0;
	char *text = malloc(size);
	int code;

	while (text) {
		ssize_t n;

		if (used + 1 == size) {
			char *larger = realloc(text, size * 2);

			if (!larger)
				break;
			text = larger;
			size *= 2;
		}
		n = read(fd, text + used, size - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		if (!n) {
			text[used] = '\0';
			if (len)
				*len = used;
			return text;
		}
		used += (size_t)n;
	}
	code = errno;
	free(text);
	errno = code;
	return NULL;
}

char *file_read(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	int code;

	if (fd < 0)
		return NULL;
	text = fd_read(fd, len);
	code = errno;
	close(fd);
	errno = code;
	return text;
}

int file_set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;
	int code;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	code = n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
	close(fd);
	return code;
}

int fd_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Where copy_file_range() cannot: other file systems, old kernels. */
static int copy_plain(int out, off_t out_offset, int in, off_t in_offset,
		      uint64_t len)
{
	const size_t size = 256 * 1024;
	char *buf = malloc(size);
	int ret = buf ? 0 : -ENOMEM;

	while (!ret && len) {
		size_t want = len < size ? (size_t)len : size;
		ssize_t n = pread(in, buf, want, in_offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = n ? -errno : -ENODATA;
			break;
		}
		for (ssize_t done = 0; done < n;) {
			ssize_t m = pwrite(out, buf + done, (size_t)(n - done),
					   out_offset + done);

			if (m < 0 && errno == EINTR)
				continue;
			if (m < 0) {
				ret = -errno;
				break;
			}
			done += m;
		}
		in_offset += n;
		out_offset += n;
		len -= (uint64_t)n;
	}
	free(buf);
	return ret;
}

int fd_copy(int out, off_t out_offset, int in, off_t in_offset, uint64_t len)
{
	while (len) {
		size_t want = len < (1u << 30) ? (size_t)len : 1u << 30;
		ssize_t n = copy_file_range(in, &in_offset, out, &out_offset,
					    want, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOSPC)
			return -errno;
		if (n <= 0)
			return copy_plain(out, out_offset, in, in_offset, len);
		len -= (uint64_t)n;
	}
	return 0;
}
