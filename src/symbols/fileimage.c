// SPDX-License-Identifier: GPL-2.0-or-later
#include "fileimage.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "error.h"

#define UNPACK_ROOM	(1u << 20)	/* bytes to begin with */
#define UNPACK_PIECE	(1u << 30)	/* zlib counts in unsigned int */
#define XZ_MEMORY	(256ULL << 20)	/* bytes of dictionary; xz -9 takes 65 MiB */
#define ZSTD_WINDOW_LOG	27		/* zstd --ultra at most, without --long */

enum {
	UNPACK_MORE,		/* there may be more */
	UNPACK_END,		/* all of the input is unpacked */
	UNPACK_BROKEN,
	UNPACK_CUT,		/* the input ends too early */
	UNPACK_MEMORY,
};

/* One way of packing: takes from @in, adds to @out. */
struct unpack {
	const uint8_t *in;
	size_t in_left;
	uint8_t *out;
	size_t out_left;
	union {
		z_stream zlib;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	};
	size_t zstd_hint;	/* 0: at the end of a frame */
};

struct packing {
	const char *name;
	const char *magic;
	size_t magic_len;
	bool (*start)(struct unpack *u);
	int (*step)(struct unpack *u);
	void (*end)(struct unpack *u);
};

static bool gzip_start(struct unpack *u)
{
	memset(&u->zlib, 0, sizeof(u->zlib));
	return inflateInit2(&u->zlib, 15 + 16) == Z_OK;
}

static int gzip_step(struct unpack *u)
{
	z_stream *z = &u->zlib;
	unsigned int in = u->in_left > UNPACK_PIECE ? UNPACK_PIECE : (unsigned int)u->in_left;
	unsigned int out = u->out_left > UNPACK_PIECE ? UNPACK_PIECE :
			   (unsigned int)u->out_left;
	int ret;

	z->next_in = (uint8_t *)u->in;	/* zlib's own type, it only reads */
	z->avail_in = in;
	z->next_out = u->out;
	z->avail_out = out;
	ret = inflate(z, Z_NO_FLUSH);
	u->in += in - z->avail_in;
	u->in_left -= in - z->avail_in;
	u->out += out - z->avail_out;
	u->out_left -= out - z->avail_out;
	if (ret == Z_STREAM_END) {
		if (!u->in_left)
			return UNPACK_END;
		return inflateReset(z) == Z_OK ? UNPACK_MORE : UNPACK_BROKEN;
	}
	if (ret == Z_MEM_ERROR)
		return UNPACK_MEMORY;
	if (ret != Z_OK && ret != Z_BUF_ERROR)
		return UNPACK_BROKEN;
	return !u->in_left && u->out_left ? UNPACK_CUT : UNPACK_MORE;
}

static void gzip_end(struct unpack *u)
{
	inflateEnd(&u->zlib);
}

static bool xz_start(struct unpack *u)
{
	u->xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&u->xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK;
}

static int xz_step(struct unpack *u)
{
	lzma_ret ret;

	u->xz.next_in = u->in;
	u->xz.avail_in = u->in_left;
	u->xz.next_out = u->out;
	u->xz.avail_out = u->out_left;
	ret = lzma_code(&u->xz, LZMA_FINISH);
	u->in = u->xz.next_in;
	u->in_left = u->xz.avail_in;
	u->out = u->xz.next_out;
	u->out_left = u->xz.avail_out;
	switch (ret) {
	case LZMA_STREAM_END:
		return UNPACK_END;
	case LZMA_OK:
		return UNPACK_MORE;
	case LZMA_BUF_ERROR:
		return u->out_left ? UNPACK_CUT : UNPACK_MORE;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return UNPACK_MEMORY;
	default:
		return UNPACK_BROKEN;
	}
}

static void xz_end(struct unpack *u)
{
	lzma_end(&u->xz);
}

static bool zstd_start(struct unpack *u)
{
	u->zstd = ZSTD_createDStream();
	u->zstd_hint = 1;
	return u->zstd &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax,
						    ZSTD_WINDOW_LOG));
}

static int zstd_step(struct unpack *u)
{
	ZSTD_inBuffer in = { .src = u->in, .size = u->in_left };
	ZSTD_outBuffer out = { .dst = u->out, .size = u->out_left };
	size_t hint = ZSTD_decompressStream(u->zstd, &out, &in);

	u->in += in.pos;
	u->in_left -= in.pos;
	u->out += out.pos;
	u->out_left -= out.pos;
	if (ZSTD_isError(hint))
		return UNPACK_BROKEN;
	if (u->in_left || !u->out_left)
		return hint || u->in_left ? UNPACK_MORE : UNPACK_END;
	return hint ? UNPACK_CUT : UNPACK_END;
}

static void zstd_end(struct unpack *u)
{
	ZSTD_freeDStream(u->zstd);
}

static const struct packing packings[] = {
	{ "gzip", "\x1f\x8b", 2, gzip_start, gzip_step, gzip_end },
	{ "xz", "\xfd" "7zXZ", 6, xz_start, xz_step, xz_end },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd_start, zstd_step, zstd_end },
};

static const struct packing *packing_of(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (len >= packings[i].magic_len &&
		    !memcmp(data, packings[i].magic, packings[i].magic_len))
			return &packings[i];
	return NULL;
}

/* Bytes that a packed file of @len bytes may unpack to. */
static size_t limit_of(size_t len)
{
	uint64_t limit = FILEIMAGE_MAX;

	if (len < FILEIMAGE_MAX / FILEIMAGE_MAX_RATIO)
		limit = (uint64_t)len * FILEIMAGE_MAX_RATIO;
	if (limit < FILEIMAGE_SMALL)
		limit = FILEIMAGE_SMALL;
	return limit > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)limit;
}

/* Room for more behind what is there; false: no memory, or past @limit. */
static bool grow(struct fileimage *img, struct unpack *u, size_t *room,
		 size_t limit)
{
	size_t more = *room * 2 > limit ? limit : *room * 2;
	uint8_t *data = more > *room ? realloc(img->data, more) : NULL;

	if (!data)
		return false;
	img->data = data;
	u->out = data + img->len;
	u->out_left = more - img->len;
	*room = more;
	return true;
}

static int unpack_all(struct fileimage *img, const struct packing *p,
		      struct unpack *u, const char *name, size_t limit,
		      struct error *err)
{
	size_t room = UNPACK_ROOM;
	int state = UNPACK_MORE;

	img->data = malloc(room);
	if (!img->data)
		return error_set(err, -ENOMEM, "out of memory");
	u->out = img->data;
	u->out_left = room;
	while (state == UNPACK_MORE) {
		if (!u->out_left && !grow(img, u, &room, limit)) {
			if (room < limit)
				return error_set(err, -ENOMEM, "out of memory");
			return error_set(err, -EFBIG,
					 "%s: unpacks to more than %zu MiB, that is no kernel or module",
					 name, limit >> 20);
		}
		state = p->step(u);
		img->len = (size_t)(u->out - img->data);
	}
	if (state == UNPACK_CUT)
		return error_set(err, -EBADMSG, "%s: is cut off, the %s data do not end",
				 name, p->name);
	if (state == UNPACK_MEMORY)
		return error_set(err, -ENOMEM,
				 "%s: the %s data take more memory to unpack than a module may",
				 name, p->name);
	if (state == UNPACK_BROKEN)
		return error_set(err, -EBADMSG, "%s: damaged %s data", name, p->name);
	return 0;
}

static int unpack_image(struct fileimage *img, const struct packing *p,
			const uint8_t *data, size_t len, const char *name,
			struct error *err)
{
	struct unpack u = { .in = data, .in_left = len };
	int ret;

	memset(img, 0, sizeof(*img));
	if (!p->start(&u))
		ret = error_set(err, -ENOMEM, "out of memory");
	else
		ret = unpack_all(img, p, &u, name, limit_of(len), err);
	p->end(&u);
	if (ret)
		fileimage_free(img);
	return ret;
}

int fileimage_copy(struct fileimage *img, const char *name, const uint8_t *data,
		   size_t len, struct error *err)
{
	const struct packing *p = packing_of(data, len);

	if (p)
		return unpack_image(img, p, data, len, name, err);
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
	data = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	*img = (struct fileimage){
		.data = data, .len = (size_t)st.st_size, .mapped = true,
	};
	return 0;
}

int fileimage_read(struct fileimage *img, const char *path, struct error *err)
{
	const struct packing *p;
	struct fileimage packed;
	/* not to hang on a FIFO */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret;

	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	ret = map_file(&packed, fd, path, err);
	close(fd);
	if (ret)
		return ret;
	p = packing_of(packed.data, packed.len);
	if (!p) {
		*img = packed;
		return 0;
	}
	ret = unpack_image(img, p, packed.data, packed.len, path, err);
	fileimage_free(&packed);
	return ret;
}

void fileimage_free(struct fileimage *img)
{
	if (img->mapped)
		munmap(img->data, img->len);
	else
		free(img->data);
	memset(img, 0, sizeof(*img));
}
