// SPDX-License-Identifier: GPL-2.0-or-later
#include "ringfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "memstream.h"
#include "tempfile.h"

#define WORDS_MAX	28u	/* of a record whose length fits its header */
#define EXTEND_BYTES	8u	/* of what tells a time that does not */
#define DELTA_MASK	((1u << RING_DELTA_BITS) - 1)

int ringfile_failed(const char *name, int code, struct error *err)
{
	return error_set(err, code, "%s: no room to take it apart: %s (set TMPDIR to a folder that has)",
			 name, strerror(-code));
}

/* ---- numbers of the traced machine ------------------------------------------- */

static void store(uint8_t *at, uint64_t value, unsigned int bytes, bool big)
{
	for (unsigned int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (big ? bytes - 1 - i : i));
}

void ringfile_store(const struct ringfile *rf, uint8_t *at, uint64_t value,
		    unsigned int bytes)
{
	store(at, value, bytes, rf->ring.big_endian);
}

/* ---- the head ------------------------------------------------------------------ */

const char ringhead_common[] =
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";

void ringhead_open(struct ringhead *h, bool big_endian)
{
	*h = (struct ringhead){ .big_endian = big_endian };
	h->out = open_memstream(&h->data, &h->len);
}

int ringhead_close(struct ringhead *h)
{
	return h->out ? memstream_close(h->out, &h->data) : -ENOMEM;
}

void ringhead_put(struct ringhead *h, const void *data, size_t len)
{
	if (h->out && len)
		fwrite(data, 1, len, h->out);
}

void ringhead_number(struct ringhead *h, uint64_t value, unsigned int bytes)
{
	uint8_t raw[8];

	store(raw, value, bytes, h->big_endian);
	ringhead_put(h, raw, bytes);
}

void ringhead_text(struct ringhead *h, const char *text, size_t len)
{
	ringhead_number(h, len, 8);
	ringhead_put(h, text, len);
}

void ringhead_option(struct ringhead *h, uint16_t id, const char *text)
{
	ringhead_number(h, id, 2);
	ringhead_number(h, strlen(text) + 1, 4);
	ringhead_put(h, text, strlen(text) + 1);
}

/* A stack as the kernel writes it: its frames are aligned as a long is. */
static uint32_t stack_head(const struct ring_format *ring)
{
	return 8 + ring->commit_size;
}

uint32_t ringfile_stack_bytes(const struct ring_format *ring, uint32_t frames)
{
	return stack_head(ring) + frames * ring->commit_size;
}

void ringhead_start(struct ringhead *h, const struct ring_format *ring,
		    uint32_t page_size, unsigned int stack_id)
{
	static const char magic[] = "\x17\x08\x44" "tracing6";
	static const char event[] =
		"# compressed entry header\n"
		"\ttype_len    :    5 bits\n"
		"\ttime_delta  :   27 bits\n"
		"\tarray       :   32 bits\n";
	char text[1024];

	ringhead_put(h, magic, sizeof(magic));
	ringhead_number(h, ring->big_endian, 1);
	ringhead_number(h, ring->commit_size, 1);
	ringhead_number(h, page_size, 4);
	snprintf(text, sizeof(text),
		 "\tfield: u64 timestamp;\toffset:%u;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:%u;\tsize:%u;\tsigned:1;\n"
		 "\tfield: int overwrite;\toffset:%u;\tsize:1;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:1;\n",
		 ring->ts_offset, ring->commit_offset, ring->commit_size,
		 ring->commit_offset, ring->data_offset, page_size - ring->data_offset);
	ringhead_put(h, "header_page", sizeof("header_page"));
	ringhead_text(h, text, strlen(text));
	ringhead_put(h, "header_event", sizeof("header_event"));
	ringhead_text(h, event, strlen(event));
	ringhead_number(h, 1, 4);
	snprintf(text, sizeof(text),
		 "name: kernel_stack\nID: %u\n%s"
		 "\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
		 "\tfield:unsigned long caller[8];\toffset:%u;\tsize:%u;\tsigned:0;\n"
		 "\nprint fmt: \"\"\n", stack_id, ringhead_common, stack_head(ring),
		 8 * ring->commit_size);
	ringhead_text(h, text, strlen(text));
}

/* ---- pages ------------------------------------------------------------------------ */

void ringfile_init(struct ringfile *rf, const char *name, const struct ring_format *ring,
		   uint32_t page_size)
{
	*rf = (struct ringfile){ .name = name, .fd = -1, .ring = *ring, .page_size = page_size };
}

void ringfile_release(struct ringfile *rf)
{
	for (uint32_t i = 0; i < rf->room; i++)
		free(rf->cpu[i].page);
	free(rf->cpu);
	rf->cpu = NULL;
	rf->room = 0;
	if (rf->fd >= 0)
		close(rf->fd);
	rf->fd = -1;
}

/* With the 32 bits before it, and its length where these have no room for it. */
static uint32_t entry_bytes(uint32_t len)
{
	return len + (len > WORDS_MAX * 4 ? 8 : 4);
}

static uint32_t words(uint32_t len)
{
	return (len + 3) & ~3u;
}

uint32_t ringfile_max(const struct ringfile *rf)
{
	return (rf->page_size - rf->ring.data_offset - 16) & ~7u;
}

/* Of the time that stands before a record, as far as its own header has no room for it. */
static uint32_t extend_bytes(const struct ringcpu *c, uint64_t ts)
{
	return (ts - c->ts) >> RING_DELTA_BITS ? EXTEND_BYTES : 0;
}

/*
 * A record that does not fit, comes before the last or years after it, or after a
 * loss, begins a page. Room is left for the number of records lost.
 */
static bool begins_page(const struct ringfile *rf, const struct ringcpu *c, uint64_t ts,
			uint64_t lost, uint32_t len)
{
	return !c->pages || lost || (ts - c->ts) >> RING_ABS_BITS ||
	       rf->ring.data_offset + c->used + extend_bytes(c, ts) + entry_bytes(len) + 8 >
	       rf->page_size;
}

/* The place of the next record: true, it begins a page. *@at: its bytes before it. */
static bool place(const struct ringfile *rf, struct ringcpu *c, uint64_t ts, uint64_t lost,
		  uint32_t len, uint32_t *at)
{
	bool begins = begins_page(rf, c, ts, lost, len);

	if (begins) {
		c->pages++;
		c->used = 0;
	}
	*at = c->used;
	if (len)
		c->used += entry_bytes(len) + (begins ? 0 : extend_bytes(c, ts));
	c->ts = ts;
	return begins;
}

int ringfile_count(struct ringfile *rf, uint32_t cpu, uint64_t ts, uint64_t lost,
		   uint32_t len)
{
	uint32_t at;

	if (cpu >= rf->room) {
		uint32_t room = rf->room ? rf->room : 64;
		struct ringcpu *more;

		while (room <= cpu)
			room *= 2;
		more = realloc(rf->cpu, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		memset(more + rf->room, 0, (room - rf->room) * sizeof(*more));
		rf->cpu = more;
		rf->room = room;
	}
	if (rf->cpus <= cpu)
		rf->cpus = cpu + 1;
	place(rf, &rf->cpu[cpu], ts, lost, words(len), &at);
	return 0;
}

int ringfile_begin(struct ringfile *rf, const void *head, size_t len, struct error *err)
{
	uint64_t at = len, offset;
	uint8_t pair[16];
	int ret;

	rf->fd = tempfile_open();
	if (rf->fd < 0)
		return ringfile_failed(rf->name, rf->fd, err);
	ret = tempfile_write_at(rf->fd, head, len, 0);
	offset = at + sizeof(pair) * (uint64_t)rf->cpus + 8;
	offset = (offset + rf->page_size - 1) / rf->page_size * rf->page_size;
	for (uint32_t i = 0; i < rf->cpus && !ret; i++) {
		uint64_t size = i < rf->room ? rf->cpu[i].pages * rf->page_size : 0;

		ringfile_store(rf, pair, offset, 8);
		ringfile_store(rf, pair + 8, size, 8);
		ret = tempfile_write_at(rf->fd, pair, sizeof(pair), at);
		at += sizeof(pair);
		if (!size)
			continue;
		rf->cpu[i].offset = offset;
		rf->cpu[i].counted = rf->cpu[i].pages;
		rf->cpu[i].pages = rf->cpu[i].used = 0;
		offset += size;
	}
	/* pages are written as far as they are used */
	if (!ret && ftruncate(rf->fd, (off_t)offset))
		ret = -errno;
	return ret ? ringfile_failed(rf->name, ret, err) : 0;
}

/* What was lost before a page stands behind its data. */
static int finish_page(const struct ringfile *rf, const struct ringcpu *c)
{
	const struct ring_format *ring = &rf->ring;
	uint64_t commit = c->used, lost = c->lost;
	uint32_t len = ring->data_offset + c->used;

	if (lost)
		commit |= RING_MISSED_EVENTS;
	if (lost && lost != SOURCE_LOST_UNKNOWN) {
		commit |= RING_MISSED_STORED;
		if (ring->commit_size == 4 && lost > UINT32_MAX)
			lost = UINT32_MAX;
		ringfile_store(rf, c->page + len, lost, ring->commit_size);
		len += ring->commit_size;
	}
	ringfile_store(rf, c->page + ring->commit_offset, commit, ring->commit_size);
	return tempfile_write_at(rf->fd, c->page, len, c->offset + (c->pages - 1) * rf->page_size);
}

/* The 32 bits before a record, include/linux/ring_buffer.h. */
static uint32_t event_header(bool big, uint32_t type_len, uint32_t delta)
{
	return big ? type_len << RING_DELTA_BITS | delta : delta << 5 | type_len;
}

int ringfile_add(struct ringfile *rf, uint32_t cpu, uint64_t ts, uint64_t lost,
		 uint32_t len, uint8_t **to, struct error *err)
{
	struct ringcpu *c = cpu < rf->room ? &rf->cpu[cpu] : NULL, before;
	bool big = rf->ring.big_endian, begins = false;
	uint64_t delta = 0;
	uint32_t at = 0;
	int ret;

	len = words(len);
	if (c) {
		before = *c;
		begins = place(rf, c, ts, lost, len, &at);
	}
	if (!c || c->pages > c->counted)
		return error_set(err, -EBADMSG, "%s: was changed while it was read: copy it first",
				 rf->name);
	if (begins && before.pages) {
		ret = finish_page(rf, &before);
		if (ret)
			return ringfile_failed(rf->name, ret, err);
	}
	if (!c->page && !(c->page = calloc(1, rf->page_size)))
		return error_set(err, -ENOMEM, "out of memory");
	if (begins) {
		ringfile_store(rf, c->page + rf->ring.ts_offset, ts, 8);
		c->lost = lost;
	}
	if (!len)
		return 0;
	*to = c->page + rf->ring.data_offset + at;
	if (!begins)
		delta = ts - before.ts;
	if (!begins && extend_bytes(&before, ts)) {
		ringfile_store(rf, *to, event_header(big, RING_TYPE_TIME_EXTEND,
						     (uint32_t)delta & DELTA_MASK), 4);
		ringfile_store(rf, *to + 4, delta >> RING_DELTA_BITS, 4);
		*to += EXTEND_BYTES;
		delta = 0;
	}
	ringfile_store(rf, *to, event_header(big, len > WORDS_MAX * 4 ? 0 : len / 4,
					     (uint32_t)delta), 4);
	*to += 4;
	if (len > WORDS_MAX * 4) {
		ringfile_store(rf, *to, len + 4, 4);
		*to += 4;
	}
	memset(*to + len - 4, 0, 4);
	return 0;
}

int ringfile_end(struct ringfile *rf, struct error *err)
{
	int ret = 0;

	for (uint32_t i = 0; i < rf->room && !ret; i++)
		if (rf->cpu[i].pages)
			ret = finish_page(rf, &rf->cpu[i]);
	return ret ? ringfile_failed(rf->name, ret, err) : 0;
}
