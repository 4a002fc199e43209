// SPDX-License-Identifier: GPL-2.0-or-later
#include "perffile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "bytes.h"
#include "error.h"
#include "filemap.h"
#include "packed.h"

#define HEADER_BYTES	104u
#define PIPE_BYTES	16u
#define RECORD_HEADER	8u
#define RECORD_MAX	65536u
#define SECTION_BYTES	16u	/* u64 offset, u64 size */
#define UNPACKED_BYTES	(256u << 10)
/* Records, which are alike, pack to a tenth of that at best; a small file may to less. */
#define UNPACK_RATIO	256u
#define UNPACK_SMALL	(64u << 20)
#define PIECES_MAX	8192u	/* files of a folder: one a CPU at most */

/* Records that come out of compressed ones, across which they may reach. */
struct perf_unpacker {
	ZSTD_DStream *stream;
	ZSTD_inBuffer in;
	size_t pos, len;	/* what is in @data and not taken */
	bool full;		/* there may be more in the stream */
	uint64_t all, limit;	/* bytes that came out so far, and may */
	uint8_t data[UNPACKED_BYTES];
};

/* ---- headers ------------------------------------------------------------------- */

static int add_piece(struct perffile *pf, int fd, size_t start, struct error *err)
{
	struct perf_piece *piece;
	struct stat st;
	void *map;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > SIZE_MAX)
		return error_set(err, -EINVAL, "%s: not a regular file: give the path of a perf.data",
				 pf->path);
	if ((uint64_t)st.st_size <= start)
		return 0;
	map = filemap(fd, (size_t)st.st_size, PROT_READ);
	if (!map)
		return error_set(err, -errno, "%s: cannot be mapped: %s", pf->path,
				 strerror(errno));
	piece = vec_add(&pf->pieces, sizeof(*piece));
	if (!piece) {
		filemap_free(map, (size_t)st.st_size);
		return error_set(err, -ENOMEM, "%s: not enough memory to read it", pf->path);
	}
	*piece = (struct perf_piece){
		.map = map, .map_size = (size_t)st.st_size,
		.start = start, .end = (size_t)st.st_size,
	};
	return 0;
}

/* perf.data/data.0, data.1, ...: as many as there are, from 0 on. */
static int add_folder(struct perffile *pf, int dir, struct error *err)
{
	for (unsigned int i = 0; i < PIECES_MAX; i++) {
		char name[32];
		int fd, ret;

		snprintf(name, sizeof(name), "data.%u", i);
		fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return 0;
		ret = add_piece(pf, fd, 0, err);
		close(fd);
		if (ret)
			return ret;
	}
	return 0;
}

/* Section number @i of those that stand at @at; false: it is not all there. */
static bool section(const struct perffile *pf, const uint8_t *at, struct perf_part *part)
{
	const struct perf_piece *file = pf->pieces.items;
	uint64_t offset = load64(at, pf->big_endian), size = load64(at + 8, pf->big_endian);

	if (offset > file->map_size || size > file->map_size - offset)
		return false;
	part->data = file->map + offset;
	part->size = (size_t)size;
	return true;
}

/* The bits are longs of the machine that wrote them: all have a host's name. */
static bool has_feature(const uint8_t *bits, bool big, unsigned int i)
{
	bool words = big && !(load64(bits, true) >> PERF_HOSTNAME & 1);

	if (words)
		return load32(bits + i / 32 * 4, true) >> i % 32 & 1;
	return load64(bits + i / 64 * 8, big) >> i % 64 & 1;
}

static void read_features(struct perffile *pf, const uint8_t *bits, size_t at)
{
	const struct perf_piece *file = pf->pieces.items;

	for (unsigned int i = 1; i < PERF_FEATURES; i++) {
		if (!has_feature(bits, pf->big_endian, i))
			continue;
		if (at > file->map_size || file->map_size - at < SECTION_BYTES ||
		    !section(pf, file->map + at, &pf->features[i])) {
			snprintf(pf->damage, sizeof(pf->damage),
				 "truncated: what should stand behind the records is not all there");
			return;
		}
		at += SECTION_BYTES;
	}
}

static int damaged(const struct perffile *pf, const char *where, struct error *err)
{
	return error_set(err, -EBADMSG, "%s: damaged in its %s: copy it again, or record it again",
			 pf->path, where);
}

static int read_attrs(struct perffile *pf, const struct perf_part *attrs, uint64_t entry,
		      struct error *err)
{
	if (entry <= SECTION_BYTES || entry > attrs->size)
		return damaged(pf, "table of events", err);
	for (size_t at = 0; attrs->size - at >= entry; at += (size_t)entry) {
		const uint8_t *data = attrs->data + at;
		struct perf_part ids = { NULL, 0 };
		size_t taken;
		int ret = perffile_add_attr(pf, data, (size_t)entry - SECTION_BYTES, &taken);

		if (!ret && !section(pf, data + entry - SECTION_BYTES, &ids))
			ret = -EBADMSG;
		for (size_t i = 0; i + 8 <= ids.size && !ret; i += 8)
			ret = perffile_add_id(pf, load64(ids.data + i, pf->big_endian));
		if (ret == -ENOMEM)
			return error_set(err, ret, "%s: not enough memory to read it", pf->path);
		if (ret)
			return damaged(pf, "table of events", err);
	}
	return 0;
}

static int read_header(struct perffile *pf, struct error *err)
{
	struct perf_piece *file = pf->pieces.items;
	const uint8_t *p = file->map;
	struct perf_part attrs, data;
	uint64_t size, offset;
	bool big;

	if (pf->pieces.n && file->map_size >= PIPE_BYTES && !memcmp(p, "PERFFILE", 8))
		return error_set(err, -EPROTONOSUPPORT,
				 "%s: of a perf before Linux 2.6.36, which cannot be read: record it again with a newer perf",
				 pf->path);
	if (!pf->pieces.n || file->map_size < PIPE_BYTES)
		return damaged(pf, "first bytes", err);
	pf->big_endian = big = !memcmp(p, "2ELIFREP", 8);
	size = load64(p + 8, big);
	if (size == PIPE_BYTES) {
		pf->pipe = true;
		file->start = PIPE_BYTES;
		return 0;
	}
	if (size < HEADER_BYTES || file->map_size < HEADER_BYTES)
		return damaged(pf, "first bytes", err);
	offset = load64(p + 40, big);
	size = load64(p + 48, big);
	if (!section(pf, p + 24, &attrs) || offset < HEADER_BYTES || offset > file->map_size)
		return damaged(pf, "first bytes", err);
	file->start = (size_t)offset;
	pf->no_end = !size;
	if (size && section(pf, p + 40, &data)) {
		file->end = (size_t)(offset + size);
		read_features(pf, p + 72, file->end);
	} else if (size) {
		snprintf(pf->damage, sizeof(pf->damage),
			 "truncated: of %" PRIu64 " bytes of records %zu are there",
			 size, file->map_size - file->start);
	}
	return read_attrs(pf, &attrs, load64(p + 16, big), err);
}

int perffile_open(struct perffile *pf, const char *path, int fd, int dir,
		  struct error *err)
{
	int ret;

	memset(pf, 0, sizeof(*pf));
	pf->path = path;
	pf->one_layout = true;
	ret = add_piece(pf, fd, 0, err);
	if (!ret)
		ret = read_header(pf, err);
	if (!ret && dir >= 0)
		ret = add_folder(pf, dir, err);
	perffile_rewind(pf);
	return ret;
}

void perffile_close(struct perffile *pf)
{
	const struct perf_piece *pieces = pf->pieces.items;
	void **kept = pf->kept.items;

	for (size_t i = 0; i < pf->pieces.n; i++)
		filemap_free((void *)(uintptr_t)pieces[i].map, pieces[i].map_size);
	for (size_t i = 0; i < pf->kept.n; i++)
		free(kept[i]);
	free(pf->pieces.items);
	free(pf->attrs.items);
	free(pf->ids.items);
	free(kept);
	if (pf->unpacker)
		ZSTD_freeDStream(pf->unpacker->stream);
	free(pf->unpacker);
	memset(pf, 0, sizeof(*pf));
}

/* ---- features ------------------------------------------------------------------- */

int perffile_keep(struct perffile *pf, uint64_t feature, const uint8_t *data, size_t size)
{
	void **slot, *copy;

	if (feature >= PERF_FEATURES || pf->features[feature].data)
		return 0;
	copy = malloc(size + 1);
	slot = copy ? vec_add(&pf->kept, sizeof(*slot)) : NULL;
	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, data, size);
	*slot = copy;
	pf->features[feature] = (struct perf_part){ copy, size };
	return 0;
}

const char *perffile_string(const struct perffile *pf, enum perf_feature feature,
			    uint32_t i)
{
	struct perf_part part = pf->features[feature];
	const bool list = feature == PERF_CMDLINE;
	uint32_t len = 4, n = 0;

	if (!part.data)
		return NULL;
	/* u32 how many; each u32 length, bytes with a 0 among them */
	if (list && (part.size < 4 || i >= load32(part.data, pf->big_endian)))
		return NULL;
	if (!list)
		len = 0;
	do {
		part.data += len;
		part.size -= len;
		if (part.size < 4)
			return NULL;
		len = load32(part.data, pf->big_endian);
		part.data += 4;
		part.size -= 4;
		if (len > part.size)
			return NULL;
	} while (n++ < i);
	return memchr(part.data, 0, len) ? (const char *)part.data : NULL;
}

/* ---- records --------------------------------------------------------------------- */

void perffile_rewind(struct perffile *pf)
{
	const struct perf_piece *pieces = pf->pieces.items;

	pf->piece = 0;
	pf->pos = pf->pieces.n ? pieces->start : 0;
	if (!pf->unpacker)
		return;
	pf->unpacker->pos = pf->unpacker->len = 0;
	pf->unpacker->full = false;
	pf->unpacker->all = 0;
	pf->unpacker->in = (ZSTD_inBuffer){ NULL, 0, 0 };
	ZSTD_initDStream(pf->unpacker->stream);
}

static int ends(struct perffile *pf, const char *why)
{
	if (!pf->damage[0])
		snprintf(pf->damage, sizeof(pf->damage),
			 "damaged at byte %zu of its records (%s): all from there on is missing",
			 pf->pos, why);
	return 0;
}

/* The record at @p, of which @left bytes are there: its size, 0: not all is. */
static uint32_t whole(const struct perffile *pf, const uint8_t *p, size_t left)
{
	uint16_t size;

	if (left < RECORD_HEADER)
		return 0;
	size = load16(p + 6, pf->big_endian);
	return size <= left ? size : 0;
}

static int give(const struct perffile *pf, const uint8_t *p, uint32_t size,
		struct perf_record *rec)
{
	*rec = (struct perf_record){
		.type = load32(p, pf->big_endian),
		.misc = load16(p + 4, pf->big_endian),
		.data = p + RECORD_HEADER,
		.size = size - RECORD_HEADER,
	};
	return 1;
}

static int begin_unpacking(struct perffile *pf)
{
	struct perf_unpacker *u;
	uint64_t done, total;

	if (pf->unpacker)
		return 0;
	u = pf->unpacker = malloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->pos = u->len = 0;
	u->full = false;
	u->all = 0;
	perffile_progress(pf, &done, &total);
	u->limit = packed_limit(total, UNPACK_RATIO, UNPACK_SMALL, UINT64_MAX);
	u->stream = ZSTD_createDStream();
	if (!u->stream)
		return -ENOMEM;
	ZSTD_initDStream(u->stream);
	return 0;
}

/*
 * A record out of what is unpacked: 1; 0, it has no whole one any more; -EBADMSG
 * with pf->damage set.
 */
static int next_unpacked(struct perffile *pf, struct perf_record *rec)
{
	struct perf_unpacker *u = pf->unpacker;

	for (;;) {
		ZSTD_outBuffer out = { u->data, sizeof(u->data), 0 };
		uint32_t size = whole(pf, u->data + u->pos, u->len - u->pos);
		size_t ret;

		if (size) {
			if (size < RECORD_HEADER)
				break;
			give(pf, u->data + u->pos, size, rec);
			u->pos += size;
			return 1;
		}
		if (u->len - u->pos >= RECORD_HEADER &&
		    load16(u->data + u->pos + 6, pf->big_endian) < RECORD_HEADER)
			break;
		if (u->in.pos == u->in.size && !u->full)
			return 0;
		u->len -= u->pos;
		memmove(u->data, u->data + u->pos, u->len);
		u->pos = 0;
		out.pos = u->len;
		ret = ZSTD_decompressStream(u->stream, &out, &u->in);
		if (ZSTD_isError(ret)) {
			ends(pf, "what is compressed does not unpack");
			return -EBADMSG;
		}
		u->all += out.pos - u->len;
		if (u->all > u->limit) {
			ends(pf, "what is compressed unpacks to more than records do");
			return -EBADMSG;
		}
		u->full = out.pos == out.size;
		if (out.pos == u->len && u->in.pos == u->in.size)
			u->full = false;
		u->len = out.pos;
	}
	ends(pf, "a record in what is compressed has no size");
	return -EBADMSG;
}

/* What a compressed record holds is next. */
static int unpack_record(struct perffile *pf, const struct perf_record *rec)
{
	uint64_t size = rec->size;
	const uint8_t *data = rec->data;
	int ret = begin_unpacking(pf);

	if (ret)
		return ret;
	if (rec->type == PERF_COMPRESSED2) {
		size = rec->size >= 8 ? load64(data, pf->big_endian) : UINT64_MAX;
		if (size > rec->size - 8)
			return -EBADMSG;
		data += 8;
	}
	pf->unpacker->in = (ZSTD_inBuffer){ data, (size_t)size, 0 };
	return 0;
}

/*
 * Tracing data and AUX data stand behind the record that tells of them, the former
 * with its size filled up to 8 bytes. 1, or 0 with pf->damage set.
 */
static int take_more(struct perffile *pf, struct perf_record *rec)
{
	const struct perf_piece *piece = (struct perf_piece *)pf->pieces.items + pf->piece;
	bool aux = rec->type == PERF_AUXTRACE;
	uint64_t size;

	if (rec->size < (aux ? 8u : 4u))
		return ends(pf, "a record is too short");
	size = aux ? load64(rec->data, pf->big_endian) : load32(rec->data, pf->big_endian);
	if (size > piece->end - pf->pos)
		return ends(pf, "what is to follow a record is not there");
	rec->more = piece->map + pf->pos;
	rec->more_size = (size_t)size;
	pf->pos += (size_t)size;
	return 1;
}

static bool next_piece(struct perffile *pf)
{
	const struct perf_piece *pieces = pf->pieces.items;

	if (pf->piece + 1 >= pf->pieces.n)
		return false;
	if (pf->unpacker) {	/* each file is a stream of its own */
		pf->unpacker->pos = pf->unpacker->len = 0;
		ZSTD_initDStream(pf->unpacker->stream);
	}
	pf->piece++;
	pf->pos = pieces[pf->piece].start;
	return true;
}

int perffile_next(struct perffile *pf, struct perf_record *rec)
{
	for (;;) {
		const struct perf_piece *piece;
		const uint8_t *p;
		uint32_t size;
		int ret;

		if (pf->unpacker) {
			ret = next_unpacked(pf, rec);
			if (ret)
				return ret > 0;
		}
		if (pf->piece >= pf->pieces.n)
			return 0;
		piece = (struct perf_piece *)pf->pieces.items + pf->piece;
		if (pf->pos >= piece->end) {
			if (pf->unpacker && pf->unpacker->pos != pf->unpacker->len)
				return ends(pf, "the last record is cut off");
			if (!next_piece(pf))
				return 0;
			continue;
		}
		p = piece->map + pf->pos;
		size = whole(pf, p, piece->end - pf->pos);
		if (!size)
			return ends(pf, "the last record is cut off");
		if (size < RECORD_HEADER)
			return ends(pf, "a record has no size");
		pf->pos += size;
		give(pf, p, size, rec);
		switch (rec->type) {
		case PERF_COMPRESSED:
		case PERF_COMPRESSED2:
			ret = unpack_record(pf, rec);
			if (ret)
				return ret == -ENOMEM ? ret :
				       ends(pf, "a compressed record is too short");
			continue;
		case PERF_HEADER_TRACING_DATA:
		case PERF_AUXTRACE:
			return take_more(pf, rec);
		}
		return 1;
	}
}

void perffile_progress(const struct perffile *pf, uint64_t *done, uint64_t *total)
{
	const struct perf_piece *pieces = pf->pieces.items;

	*done = *total = 0;
	for (size_t i = 0; i < pf->pieces.n; i++) {
		if (i < pf->piece)
			*done += pieces[i].map_size;
		*total += pieces[i].map_size;
	}
	*done += pf->pos;
}
