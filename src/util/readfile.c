// SPDX-License-Identifier: GPL-2.0-or-later
#include "readfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "memstream.h"
#include "packed.h"

#define FIRST_ROOM	(1u << 16)	/* bytes */
#define RATIO_MAX	256u		/* no text shrinks by more; a small one may */
#define SMALL		(16u << 20)

struct text {
	char *data;		/* always with room for a NUL behind */
	size_t len, room;
};

/* Room for @len more bytes; false: no memory. */
static bool grow(struct text *t, size_t len)
{
	char *data;
	size_t room = t->room ? t->room : FIRST_ROOM;

	while (room - t->len <= len) {
		if (room > SIZE_MAX / 2)
			return false;
		room *= 2;
	}
	data = room == t->room ? t->data : realloc(t->data, room);
	if (!data)
		return false;
	t->data = data;
	t->room = room;
	return true;
}

static int put(void *arg, const uint8_t *data, size_t len, struct error *err)
{
	struct text *t = arg;

	if (!grow(t, len))
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(t->data + t->len, data, len);
	t->len += len;
	return 0;
}

static int read_all(struct text *t, int fd, const char *name, uint64_t max,
		    const char *what, struct error *err)
{
	for (;;) {
		ssize_t n;

		if (!grow(t, FIRST_ROOM))
			return error_set(err, -ENOMEM, "out of memory");
		n = read(fd, t->data + t->len, t->room - t->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, -errno, "cannot read %s: %s", name,
					 strerror(errno));
		if (!n)
			return 0;
		t->len += (size_t)n;
		if (t->len > max)
			return error_set(err, -EFBIG, "%s: too large to be a %s", name, what);
	}
}

/* What was read, or nothing, with errno. */
static char *text_or_free(struct text *t, int ret, size_t *len)
{
	if (ret) {
		free(t->data);
		errno = -ret;
		return NULL;
	}
	t->data[t->len] = '\0';
	*len = t->len;
	return t->data;
}

char *readfile_raw(int fd, const void *head, size_t head_len, const char *name,
		   uint64_t max, const char *what, size_t *len, struct error *err)
{
	struct text t = { 0 };
	int ret = put(&t, head, head_len, err);

	if (!ret)
		ret = read_all(&t, fd, name, max, what, err);
	return text_or_free(&t, ret, len);
}

/* The same of what a file holds, if it is packed. */
static char *unpacked(char *data, const char *name, uint64_t max, const char *what,
		      size_t *len, struct error *err)
{
	const char *foreign = packed_foreign(data, *len);
	struct text t = { 0 };
	int ret;

	if (!foreign && !packed_name(data, *len))
		return data;
	if (foreign)
		ret = error_set(err, -EINVAL, "%s: packed with %s: unpack it first", name,
				foreign);
	else if (!grow(&t, 0))
		ret = error_set(err, -ENOMEM, "out of memory");
	else
		ret = packed_unpack(data, *len, packed_limit(*len, RATIO_MAX, SMALL, max), put,
				    &t, name, what, err);
	free(data);
	return text_or_free(&t, ret, len);
}

char *readfile(const char *path, uint64_t max, const char *what, size_t *len,
	       struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), code;
	char *text;

	if (fd < 0) {
		code = errno;
		error_set(err, -code, "cannot open %.200s: %s", path, strerror(code));
		errno = code;
		return NULL;
	}
	text = readfile_raw(fd, "", 0, path, max, what, len, err);
	code = errno;
	close(fd);
	errno = code;
	return text ? unpacked(text, path, max, what, len, err) : NULL;
}

char *readfile_names(const char *path, size_t *len)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char *text = NULL;
	FILE *out;
	int code;

	if (!dir)
		return NULL;
	out = open_memstream(&text, len);
	code = out ? 0 : errno;
	for (errno = 0; out && (entry = readdir(dir)); errno = 0)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			fprintf(out, "%s\n", entry->d_name);
	if (out)
		code = errno;
	if (out && memstream_close(out, &text) && !code)
		code = ENOMEM;
	closedir(dir);
	if (code) {
		free(text);
		text = NULL;
		errno = code;
	}
	return text;
}
