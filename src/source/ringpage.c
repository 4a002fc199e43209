// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ringpage.c - see ringpage.h
 */
#include "ringpage.h"

#include <ctype.h>
#include <stdio.h>

/* The number behind @key ("offset:") in the @len bytes of one line. */
static int line_number(const char *line, size_t len, const char *key,
		       uint32_t *value)
{
	const char *at = memmem(line, len, key, strlen(key));
	const char *end = line + len;
	uint32_t n = 0;

	if (!at)
		return -EBADMSG;
	at += strlen(key);
	if (at == end || !isdigit((unsigned char)*at))
		return -EBADMSG;
	for (; at < end && isdigit((unsigned char)*at); at++) {
		if (n > 1u << 27)
			return -EBADMSG;
		n = n * 10 + (uint32_t)(*at - '0');
	}
	*value = n;
	return 0;
}

/*
 * One field of a line like
 *	field: local_t commit;	offset:8;	size:8;	signed:1;
 * A field that is there twice is what it was first.
 */
static int field_find(const char *text, size_t len, const char *name,
		      uint32_t *offset, uint32_t *size)
{
	char key[32];
	int n = snprintf(key, sizeof(key), " %s;", name);

	while (len) {
		const char *eol = memchr(text, '\n', len);
		size_t line = eol ? (size_t)(eol - text) : len;

		if (memmem(text, line, key, (size_t)n)) {
			if (line_number(text, line, "offset:", offset))
				return -EBADMSG;
			return line_number(text, line, "size:", size);
		}
		text += line;
		len -= line;
		if (eol) {
			text++;
			len--;
		}
	}
	return -EBADMSG;
}

int ring_format_parse(struct ring_format *format, const char *text, size_t len)
{
	uint32_t ts_size, data_size;

	if (field_find(text, len, "timestamp", &format->ts_offset, &ts_size) ||
	    field_find(text, len, "commit", &format->commit_offset,
		       &format->commit_size) ||
	    field_find(text, len, "data", &format->data_offset, &data_size))
		return -EBADMSG;

	if (ts_size != 8)
		return -EBADMSG;
	if (format->commit_size != 4 && format->commit_size != 8)
		return -EBADMSG;
	if (format->data_offset < format->ts_offset + 8 ||
	    format->data_offset < format->commit_offset + format->commit_size ||
	    format->data_offset > 4096)
		return -EBADMSG;
	return 0;
}

static uint64_t load_long(const uint8_t *p, const struct ring_format *format)
{
	if (format->commit_size == 4)
		return load32(p, format->big_endian);
	return load64(p, format->big_endian);
}

/*
 * The kernel's flags are ints: bit 31 is the sign, which adding it to a long
 * of 64 bits drags through the upper half (ring_buffer_read_page(), seen with Linux
 * 6.18).
 */
static bool upper_half_fits(uint64_t commit)
{
	uint32_t upper = (uint32_t)(commit >> 32);

	return !upper || (upper == UINT32_MAX && commit & RING_MISSED_EVENTS);
}

int ring_page_open(struct ring_page *page, const struct ring_format *format,
		   const uint8_t *data, size_t len, size_t page_size,
		   const char **why)
{
	uint64_t commit;
	size_t room;
	uint32_t size;

	page->cut = false;
	page->lost = 0;
	page->pos = page->end = data;
	if (page_size <= format->data_offset) {
		*why = "a page is smaller than its own header";
		return -EBADMSG;
	}
	if (len < format->data_offset) {
		page->cut = true;
		return 0;
	}

	page->ts = load64(data + format->ts_offset, format->big_endian);
	commit = load_long(data + format->commit_offset, format);
	size = (uint32_t)commit & ~(RING_MISSED_EVENTS | RING_MISSED_STORED);
	if (size > page_size - format->data_offset || !upper_half_fits(commit)) {
		*why = "a page claims to hold more than fits";
		return -EBADMSG;
	}

	room = len - format->data_offset;
	page->cut = size > room;
	page->pos = data + format->data_offset;
	page->end = page->pos + (page->cut ? room : size);

	if (!(commit & RING_MISSED_EVENTS))
		return 0;
	page->lost = SOURCE_LOST_UNKNOWN;
	if (!(commit & RING_MISSED_STORED))
		return 0;
	if (format->commit_size > page_size - format->data_offset - size) {
		*why = "a page claims a count of lost events where none fits";
		return -EBADMSG;
	}
	if (!page->cut && format->commit_size <= room - size)
		page->lost = load_long(page->end, format);
	return 0;
}
