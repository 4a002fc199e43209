// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cursor.c - see cursor.h
 */
#include "cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "error.h"

/* @len more bytes were wanted than there are. */
static void too_short(const struct cursor *cur, uint64_t len)
{
	uint64_t need = cur->base + cur->pos + len;

	if (cur->unpacked || need < len)
		error_set(cur->err, -EBADMSG,
			  "%s: damaged in its %s (a size in there is wrong): copy it again, or record it again",
			  cur->path, cur->part);
	else if (!cur->file_size)
		error_set(cur->err, -EBADMSG,
			  "%s: damaged in its %s (at byte %" PRIu64 "): copy it again, or record it again",
			  cur->path, cur->part, cur->base + cur->pos);
	else
		error_set(cur->err, -EBADMSG,
			  "%s: truncated in its %s (need %" PRIu64 " bytes, file has %" PRIu64 "): copy it again, or record it again",
			  cur->path, cur->part, need, cur->file_size);
}

int cursor_block(struct cursor *cur, uint64_t len, const uint8_t **block)
{
	if (len > cur->size - cur->pos) {
		too_short(cur, len);
		return -EBADMSG;
	}

	*block = cur->data + cur->pos;
	cur->pos += (size_t)len;
	return 0;
}

int cursor_u8(struct cursor *cur, uint8_t *value)
{
	const uint8_t *p;
	int ret = cursor_block(cur, sizeof(*value), &p);

	if (!ret)
		*value = *p;
	return ret;
}

int cursor_u16(struct cursor *cur, uint16_t *value)
{
	const uint8_t *p;
	int ret = cursor_block(cur, sizeof(*value), &p);

	if (!ret)
		*value = load16(p, cur->big_endian);
	return ret;
}

int cursor_u32(struct cursor *cur, uint32_t *value)
{
	const uint8_t *p;
	int ret = cursor_block(cur, sizeof(*value), &p);

	if (!ret)
		*value = load32(p, cur->big_endian);
	return ret;
}

int cursor_u64(struct cursor *cur, uint64_t *value)
{
	const uint8_t *p;
	int ret = cursor_block(cur, sizeof(*value), &p);

	if (!ret)
		*value = load64(p, cur->big_endian);
	return ret;
}

int cursor_string(struct cursor *cur, const char **string)
{
	const uint8_t *start = cur->data + cur->pos;
	size_t left = cur->size - cur->pos;
	const uint8_t *nul = left ? memchr(start, '\0', left) : NULL;

	if (!nul) {
		too_short(cur, (uint64_t)left + 1);
		return -EBADMSG;
	}

	*string = (const char *)start;
	cur->pos += (size_t)(nul - start) + 1;
	return 0;
}
