// SPDX-License-Identifier: GPL-2.0-or-later
#include "companion_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "error.h"
#include "hash.h"
#include "hash_index.h"

#define TRAILER_BYTES	(8u + COMPANION_TRAILER_LEN)
#define SECTION_MAX	(256ull << 20)	/* bytes in the file */
#define UNPACKED_MAX	(1ull << 30)	/* bytes of all items */
#define NAME_MAX_BYTES	256u

struct companion {
	struct companion_item *items;
	size_t n, room;
	struct hash_index first;	/* the first items of each name */
	uint64_t unpacked;
};

/* What is left to read of the section. */
struct rest {
	const unsigned char *p;
	size_t len;
};

static uint64_t little(const unsigned char *p, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

static bool take_number(struct rest *r, unsigned int bytes, uint64_t *value)
{
	if (r->len < bytes)
		return false;
	*value = little(r->p, bytes);
	r->p += bytes;
	r->len -= bytes;
	return true;
}

/* @size bytes of the file as a string of its own. */
static char *take_text(struct rest *r, uint64_t bytes)
{
	size_t size = (size_t)bytes;
	char *text;

	if (bytes > r->len)
		return NULL;
	text = malloc(size + 1);
	if (!text)
		return NULL;
	memcpy(text, r->p, size);
	text[size] = '\0';
	r->p += size;
	r->len -= size;
	return text;
}

/* ... which are packed, if they are not @room; that is at most UNPACKED_MAX. */
static char *take_data(struct rest *r, uint64_t bytes, uint64_t room)
{
	size_t size = (size_t)bytes, unpacked = (size_t)room, got;
	char *text;

	if (bytes == room)
		return take_text(r, bytes);
	if (bytes > r->len)
		return NULL;
	text = malloc(unpacked + 1);
	if (!text)
		return NULL;
	got = ZSTD_decompress(text, unpacked, r->p, size);
	if (ZSTD_isError(got) || got != unpacked) {
		free(text);
		return NULL;
	}
	text[unpacked] = '\0';
	r->p += size;
	r->len -= size;
	return text;
}

static struct companion_item *find(const struct companion *c, const char *name)
{
	uint64_t hash = hash_bytes(name, strlen(name));
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&c->first, hash, &at)) != HASH_INDEX_END)
		if (!strcmp(c->items[i].name, name))
			return &c->items[i];
	return NULL;
}

/* Takes @name and @text over, if it can. */
static bool add_item(struct companion *c, char *name, uint64_t ts, char *text,
		     size_t len)
{
	struct companion_item *it;

	if (c->n == c->room) {
		size_t room = c->room ? c->room * 2 : 16;

		it = realloc(c->items, room * sizeof(*it));
		if (!it)
			return false;
		c->items = it;
		c->room = room;
	}
	it = find(c, name);
	if (it)
		it->last = c->n;
	else if (hash_index_add(&c->first, hash_bytes(name, strlen(name)), (uint32_t)c->n))
		return false;
	c->items[c->n] = (struct companion_item) {
		.name = name, .ts = ts, .text = text, .len = len, .last = c->n,
	};
	c->n++;
	return true;
}

static bool take_item(struct companion *c, struct rest *r)
{
	uint64_t name_len, ts, size, unpacked;
	char *name, *text;

	if (!take_number(r, 4, &name_len) || name_len > NAME_MAX_BYTES)
		return false;
	name = take_text(r, name_len);
	if (!name)
		return false;
	if (!take_number(r, 8, &ts) || !take_number(r, 8, &size) ||
	    !take_number(r, 8, &unpacked) || unpacked > UNPACKED_MAX - c->unpacked)
		goto fail;
	text = take_data(r, size, unpacked);
	if (!text)
		goto fail;
	c->unpacked += unpacked;
	if (add_item(c, name, ts, text, (size_t)unpacked))
		return true;
	free(text);
fail:
	free(name);
	return false;
}

struct companion *companion_new(void)
{
	return calloc(1, sizeof(struct companion));
}

int companion_put(struct companion *c, const char *name, uint64_t ts,
		  const char *text, size_t len)
{
	char *name_copy = strdup(name), *copy = malloc(len + 1);

	if (name_copy && copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		if (add_item(c, name_copy, ts, copy, len))
			return 0;
	}
	free(name_copy);
	free(copy);
	return -ENOMEM;
}

int companion_set(struct companion *c, const char *name, const char *text, size_t len)
{
	struct companion_item *it = find(c, name);
	char *copy;

	if (!it)
		return companion_put(c, name, 0, text, len);
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = '\0';
	free((char *)it->text);
	it->text = copy;
	it->len = len;
	return 0;
}

static struct companion *parse(const unsigned char *section, size_t len)
{
	struct rest r = { section, len };
	struct companion *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (len <= COMPANION_MAGIC_LEN ||
	    memcmp(section, COMPANION_MAGIC, COMPANION_MAGIC_LEN) ||
	    section[COMPANION_MAGIC_LEN] != COMPANION_VERSION)
		goto fail;
	r.p += COMPANION_MAGIC_LEN + 1;
	r.len -= COMPANION_MAGIC_LEN + 1;
	while (r.len)
		if (!take_item(c, &r))
			goto fail;
	return c;
fail:
	companion_free(c);
	return NULL;
}

static bool read_at(int fd, void *buf, size_t len, uint64_t offset)
{
	unsigned char *p = buf;

	while (len) {
		ssize_t got = pread(fd, p, len, (off_t)offset);

		if (got <= 0)
			return false;
		p += got;
		len -= (size_t)got;
		offset += (uint64_t)got;
	}
	return true;
}

/* The section at @start of the file is what it was when it was written, or cannot tell. */
static bool seal_fits(const struct companion *c, const unsigned char *section,
		      size_t len, uint64_t start)
{
	const struct companion_item *last = c->n ? &c->items[c->n - 1] : NULL;

	if (!companion_find(c, COMPANION_SUMS))
		return true;
	return !strcmp(last->name, COMPANION_SUMS) && last->len >= 8 &&
	       XXH3_64bits_withSeed(section, len - 8, start) ==
	       little(section + len - 8, 8);
}

static struct companion *read_section(int fd, const char *path, uint64_t start,
				      uint64_t end, struct error *err)
{
	struct companion *c = NULL;
	unsigned char *section;
	size_t len;

	if (start >= end || end - start > SECTION_MAX) {
		error_set(err, -EINVAL, "%s: modmem's section at its end is damaged",
			  path);
		return NULL;
	}
	len = (size_t)(end - start);
	section = malloc(len);
	if (section && read_at(fd, section, len, start))
		c = parse(section, len);
	if (!c || !seal_fits(c, section, len, start))
		error_set(err, -EINVAL, "%s: modmem's section at its end is damaged",
			  path);
	free(section);
	return c;
}

struct companion *companion_open(const char *path, const char *name, struct error *err)
{
	unsigned char trailer[TRAILER_BYTES];
	struct companion *c = NULL;
	struct stat st;
	uint64_t size;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < (off_t)TRAILER_BYTES)
		goto out;
	size = (uint64_t)st.st_size;
	if (read_at(fd, trailer, sizeof(trailer), size - TRAILER_BYTES) &&
	    !memcmp(trailer + 8, COMPANION_TRAILER, COMPANION_TRAILER_LEN))
		c = read_section(fd, name, little(trailer, 8), size - TRAILER_BYTES, err);
out:
	close(fd);
	return c;
}

void companion_free(struct companion *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n; i++) {
		free((char *)c->items[i].name);
		free((char *)c->items[i].text);
	}
	hash_index_release(&c->first);
	free(c->items);
	free(c);
}

size_t companion_count(const struct companion *c)
{
	return c ? c->n : 0;
}

const struct companion_item *companion_at(const struct companion *c, size_t i)
{
	return &c->items[i];
}

const struct companion_item *companion_find(const struct companion *c,
					    const char *name)
{
	return c ? find(c, name) : NULL;
}

const struct companion_item *companion_last(const struct companion *c,
					    const char *name)
{
	const struct companion_item *first = companion_find(c, name);

	return first ? &c->items[first->last] : NULL;
}
