// SPDX-License-Identifier: GPL-2.0-or-later
#include "fileimage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "filemap.h"
#include "packed.h"

#define UNPACK_ROOM	(1u << 20)	/* bytes to begin with */

/* An image that grows. */
struct growing {
	struct fileimage *img;
	size_t room;
};

static int put(void *arg, const uint8_t *data, size_t len, struct error *err)
{
	struct growing *g = arg;
	uint8_t *more;

	while (g->room - g->img->len < len) {
		size_t room = g->room ? 2 * g->room : UNPACK_ROOM;

		more = room > g->room ? realloc(g->img->data, room) : NULL;
		if (!more)
			return error_set(err, -ENOMEM, "out of memory");
		g->img->data = more;
		g->room = room;
	}
	memcpy(g->img->data + g->img->len, data, len);
	g->img->len += len;
	return 0;
}

static int unpack_image(struct fileimage *img, const uint8_t *data, size_t len,
			const char *name, struct error *err)
{
	struct growing g = { .img = img };
	int ret;

	memset(img, 0, sizeof(*img));
	ret = packed_unpack(data, len, packed_limit(len, FILEIMAGE_MAX_RATIO,
						    FILEIMAGE_SMALL, FILEIMAGE_MAX),
			    put, &g, name, "kernel or module", err);
	if (ret)
		fileimage_free(img);
	return ret;
}

int fileimage_copy(struct fileimage *img, const char *name, const uint8_t *data,
		   size_t len, struct error *err)
{
	if (packed_name(data, len))
		return unpack_image(img, data, len, name, err);
	*img = (struct fileimage){ .data = malloc(len + 1), .len = len };
	if (!img->data)
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(img->data, data, len);
	return 0;
}

static int map_file(struct fileimage *img, int fd, const char *path,
		    struct error *err)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st))
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return error_set(err, -EISDIR, "%s: %s", path, strerror(EISDIR));
	if (!S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%s: is no regular file", path);
	if (!st.st_size)
		return error_set(err, -EINVAL, "%s: is empty", path);
	if ((uint64_t)st.st_size > FILEIMAGE_MAX)
		return error_set(err, -EFBIG, "%s: larger than any kernel or module", path);
	/* writable, since relocating debug info changes it in place */
	data = filemap(fd, (size_t)st.st_size, PROT_READ | PROT_WRITE);
	if (!data)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	*img = (struct fileimage){
		.data = data, .len = (size_t)st.st_size, .mapped = true,
	};
	return 0;
}

int fileimage_read(struct fileimage *img, const char *path, struct error *err)
{
	struct fileimage packed;
	/* not to hang on a FIFO */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret;

	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	ret = map_file(&packed, fd, path, err);
	close(fd);
	if (ret)
		return ret;
	if (!packed_name(packed.data, packed.len)) {
		*img = packed;
		return 0;
	}
	ret = unpack_image(img, packed.data, packed.len, path, err);
	fileimage_free(&packed);
	return ret;
}

void fileimage_free(struct fileimage *img)
{
	if (img->mapped)
		filemap_free(img->data, img->len);
	else
		free(img->data);
	memset(img, 0, sizeof(*img));
}
