// SPDX-License-Identifier: GPL-2.0-or-later
#include "textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "ringpage.h"
#include "tempfile.h"
#include "textsyms.h"

#define SPOOL_BYTES	(1u << 20)
#define PAGE_HEAD	16u	/* u64 time stamp, long commit */
#define RECORD_HEAD	8u	/* u16 type, u8 flags, u8 preempt count, int pid */
#define FIXED_BYTES	52u	/* of a record up to its string */
#define STACK_BYTES	16u	/* of a stack up to its frames */

/* ---- files without a name -------------------------------------------------- */

static int failed(const struct textfile *tf, int code, struct error *err)
{
	return error_set(err, code, "%s: no room to take the text apart: %s (set TMPDIR to a folder that has)",
			 tf->name, strerror(-code));
}

static int temporary(const struct textfile *tf, struct error *err)
{
	int fd = tempfile_open();

	return fd < 0 ? failed(tf, fd, err) : fd;
}

int textfile_open(struct textfile *tf, const char *name, uint32_t page_size,
		  struct error *err)
{
	memset(tf, 0, sizeof(*tf));
	tf->name = name;
	tf->page_size = page_size;
	tf->spool = temporary(tf, err);
	if (tf->spool < 0)
		return tf->spool;
	tf->buf = malloc(SPOOL_BYTES);
	return tf->buf ? 0 : error_set(err, -ENOMEM, "out of memory");
}

void textfile_close(struct textfile *tf)
{
	if (tf->spool >= 0)
		close(tf->spool);
	tf->spool = -1;
	free(tf->buf);
	tf->buf = NULL;
	free(tf->told);
	tf->told = NULL;
	for (uint32_t i = 0; i < TEXT_CPUS_MAX; i++) {
		free(tf->cpu[i].page);
		tf->cpu[i].page = NULL;
	}
}

/* ---- entries that wait ------------------------------------------------------ */

static int flush_spool(struct textfile *tf, struct error *err)
{
	int ret = tempfile_write(tf->spool, tf->buf, tf->buffered);

	tf->buffered = 0;
	return ret ? failed(tf, ret, err) : 0;
}

static void add(struct textfile *tf, const void *data, size_t len)
{
	memcpy(tf->buf + tf->buffered, data, len);
	tf->buffered += (uint32_t)len;
}

/* Bytes of the record as the kernel would write it, a multiple of 4. */
static uint32_t record_bytes(const struct textentry *e)
{
	uint32_t len = e->event == TEXTEVENT_STACK ? STACK_BYTES + 8u * e->n_frames :
		       FIXED_BYTES + e->name_len + 1u;

	return (len + 3) & ~3u;
}

/* With what stands before it in the page. */
static uint32_t entry_bytes(const struct textentry *e)
{
	uint32_t len = record_bytes(e);

	return len + (len > 28 * 4 ? 8 : 4);
}

/*
 * A record that does not fit, comes too long after the last, or after a loss,
 * begins a page. Room is left for the number of records lost.
 */
static bool begins_page(const struct textfile *tf, const struct textpages *p,
			const struct textentry *e)
{
	return !p->pages || e->lost ||
	       e->ts - p->ts >= 1u << RING_DELTA_BITS ||
	       PAGE_HEAD + p->used + entry_bytes(e) + 8 > tf->page_size;
}

/* The place of the next record: *begins, and the bytes before it in its page. */
static uint32_t place(const struct textfile *tf, struct textpages *p,
		      const struct textentry *e, bool *begins)
{
	uint32_t at;

	*begins = begins_page(tf, p, e);
	if (*begins) {
		p->pages++;
		p->used = 0;
	}
	at = p->used;
	p->used += entry_bytes(e);
	p->ts = e->ts;
	return at;
}

int textfile_keep(struct textfile *tf, const struct textrecord *rec,
		  struct error *err)
{
	const struct textentry *e = &rec->e;
	bool begins;
	int ret;

	if (tf->buffered + sizeof(*rec) > SPOOL_BYTES) {
		ret = flush_spool(tf, err);
		if (ret)
			return ret;
	}
	add(tf, e, sizeof(*e));
	add(tf, rec->name, e->name_len);
	add(tf, rec->frames, e->n_frames * sizeof(rec->frames[0]));
	place(tf, &tf->cpu[e->cpu], e, &begins);
	if (tf->cpus <= e->cpu)
		tf->cpus = e->cpu + 1u;
	tf->seen |= 1u << e->event;
	tf->entries++;
	return 0;
}

int textfile_stack_tells(struct textfile *tf, uint64_t number)
{
	size_t at = (size_t)(number / 8), room = tf->told_bytes ? tf->told_bytes : 4096;
	uint8_t *told;

	if (at >= tf->told_bytes) {
		while (room <= at)
			room *= 2;
		told = realloc(tf->told, room);
		if (!told)
			return -ENOMEM;
		memset(told + tf->told_bytes, 0, room - tf->told_bytes);
		tf->told = told;
		tf->told_bytes = room;
	}
	tf->told[at] |= (uint8_t)(1u << number % 8);
	return 0;
}

static bool stack_tells(const struct textfile *tf, uint64_t number)
{
	return number / 8 < tf->told_bytes && tf->told[number / 8] & 1u << number % 8;
}

/* The next record that was kept; @in at it. False: it cannot be read. */
static bool take(FILE *in, struct textrecord *rec)
{
	return fread(&rec->e, sizeof(rec->e), 1, in) == 1 &&
	       (!rec->e.name_len || fread(rec->name, rec->e.name_len, 1, in) == 1) &&
	       fread(rec->frames, sizeof(rec->frames[0]), rec->e.n_frames, in) ==
	       rec->e.n_frames;
}

/* ---- the head of the file --------------------------------------------------- */

/* Fields besides the common ones; all records but stacks have one layout. */
struct textformat {
	const char *system, *name;
	const char *ptr, *req;		/* what field @16 and @24 are called */
	const char *reserved;		/* ... and @44 */
	bool call_site, alloc, order, string;
};

static const struct textformat formats[TEXTEVENTS] = {
	[TEXTEVENT_OTHER] = { "textlog", "other", NULL, NULL, .order = true },
	[TEXTEVENT_KMALLOC] = { "kmem", "kmalloc", "ptr", "bytes_req",
		.call_site = true, .alloc = true },
	[TEXTEVENT_CACHE_ALLOC] = { "kmem", "kmem_cache_alloc", "ptr", "bytes_req",
		.call_site = true, .alloc = true, .string = true },
	[TEXTEVENT_KFREE] = { "kmem", "kfree", "ptr", NULL, .call_site = true },
	[TEXTEVENT_CACHE_FREE] = { "kmem", "kmem_cache_free", "ptr", NULL,
		.call_site = true, .string = true },
	[TEXTEVENT_PAGE_ALLOC] = { "kmem", "mm_page_alloc", "pfn", NULL, "migratetype",
		.order = true },
	[TEXTEVENT_PAGE_FREE] = { "kmem", "mm_page_free", "pfn", NULL, .order = true },
	[TEXTEVENT_PERCPU_ALLOC] = { "percpu", "percpu_alloc_percpu", "ptr", "size",
		"reserved", .call_site = true, .alloc = true },
	[TEXTEVENT_PERCPU_FREE] = { "percpu", "percpu_free_percpu", "ptr", NULL },
	[TEXTEVENT_PERCPU_FAIL] = { "percpu", "percpu_alloc_percpu_fail", NULL, "size",
		"reserved" },
	[TEXTEVENT_MODULE_LOAD] = { "module", "module_load", NULL, NULL, .string = true },
	[TEXTEVENT_MODULE_FREE] = { "module", "module_free", NULL, NULL, .string = true },
};

struct head {
	FILE *out;
	char *data;
	size_t len;
};

static void put(struct head *h, const void *data, size_t len)
{
	fwrite(data, 1, len, h->out);
}

static void put_u16(struct head *h, uint16_t value)
{
	put(h, &value, sizeof(value));
}

static void put_u32(struct head *h, uint32_t value)
{
	put(h, &value, sizeof(value));
}

static void put_u64(struct head *h, uint64_t value)
{
	put(h, &value, sizeof(value));
}

static void put_text(struct head *h, const char *text)
{
	put_u64(h, strlen(text));
	put(h, text, strlen(text));
}

#define COMMON								\
	"format:\n"							\
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static void put_format(struct head *h, const struct textfile *tf, unsigned int id)
{
	const struct textformat *f = &formats[id];
	char text[2048];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "name: %s\nID: %u\n" COMMON, f->name, id);
#define FIELD(cond, fmt, ...)							\
	do {									\
		if (cond)							\
			n += (size_t)snprintf(text + n, sizeof(text) - n, fmt, __VA_ARGS__); \
	} while (0)
	FIELD(f->call_site, "\tfield:unsigned long %s;\toffset:8;\tsize:8;\tsigned:0;\n", "call_site");
	FIELD(f->ptr, "\tfield:unsigned long %s;\toffset:16;\tsize:8;\tsigned:0;\n", f->ptr);
	FIELD(f->req, "\tfield:size_t %s;\toffset:24;\tsize:8;\tsigned:0;\n", f->req);
	FIELD(f->alloc && (id != TEXTEVENT_PERCPU_ALLOC || tf->percpu_bytes),
	      "\tfield:size_t %s;\toffset:32;\tsize:8;\tsigned:0;\n", "bytes_alloc");
	FIELD(f->order, "\tfield:unsigned int %s;\toffset:40;\tsize:4;\tsigned:0;\n", "order");
	FIELD(f->reserved, "\tfield:int %s;\toffset:44;\tsize:4;\tsigned:1;\n", f->reserved);
	FIELD(f->string, "\tfield:__data_loc char[] %s;\toffset:48;\tsize:4;\tsigned:0;\n", "name");
	FIELD(true, "\nprint fmt: \"%s\"\n", "");
#undef FIELD
	put_text(h, text);
}

static void put_start(struct head *h, const struct textfile *tf)
{
	static const char magic[] = "\x17\x08\x44" "tracing6";
	char text[512];

	put(h, magic, sizeof(magic));
	putc(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 1 : 0, h->out);
	putc(8, h->out);
	put_u32(h, tf->page_size);
	snprintf(text, sizeof(text),
		 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		 "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:1;\n",
		 PAGE_HEAD, tf->page_size - PAGE_HEAD);
	put(h, "header_page", sizeof("header_page"));
	put_text(h, text);
	put(h, "header_event", sizeof("header_event"));
	put_text(h, "# compressed entry header\n"
		    "\ttype_len    :    5 bits\n"
		    "\ttime_delta  :   27 bits\n"
		    "\tarray       :   32 bits\n");
	put_u32(h, 1);
	put_text(h, "name: kernel_stack\nID: 2\n" COMMON
		    "\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
		    "\tfield:unsigned long caller[8];\toffset:16;\tsize:64;\tsigned:0;\n"
		    "\nprint fmt: \"\"\n");
}

/* Only what the log shows: what else was enabled, nobody knows. */
static void put_formats(struct head *h, const struct textfile *tf)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < TEXTEVENTS; i++)
		n += formats[i].name && (tf->seen & 1u << i);
	put_u32(h, n);
	for (unsigned int i = 0; i < TEXTEVENTS; i++) {
		if (!formats[i].name || !(tf->seen & 1u << i))
			continue;
		put(h, formats[i].system, strlen(formats[i].system) + 1);
		put_u32(h, 1);
		put_format(h, tf, i);
	}
}

/* All up to the table of the CPUs' pages. 0 or -ENOMEM; free h->data. */
static int make_head(struct head *h, const struct textfile *tf,
		     const struct textsyms *syms, const char *comms)
{
	const char *clock = tf->counts ? "[counter]" : "[log]";
	size_t len;
	char *kallsyms = textsyms_kallsyms(syms, &len);

	h->out = open_memstream(&h->data, &h->len);
	if (!kallsyms || !h->out || len > UINT32_MAX) {
		free(kallsyms);
		if (h->out)
			fclose(h->out);
		return -ENOMEM;
	}
	put_start(h, tf);
	put_formats(h, tf);
	put_u32(h, (uint32_t)len);
	put(h, kallsyms, len);
	free(kallsyms);
	put_u32(h, 0);
	put_text(h, comms);
	put_u32(h, tf->cpus);
	put(h, "options  ", 10);
	put_u16(h, 4);	/* TRACECLOCK */
	put_u32(h, (uint32_t)strlen(clock) + 1);
	put(h, clock, strlen(clock) + 1);
	put_u16(h, 0);
	put(h, "flyrecord", 10);
	return fclose(h->out) ? -ENOMEM : 0;
}

/* ---- pages -------------------------------------------------------------------- */

static void store(uint8_t *at, uint64_t value, size_t bytes)
{
	const uint8_t *from = (const uint8_t *)&value;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		from += sizeof(value) - bytes;
	memcpy(at, from, bytes);
}

/* The 32 bits before a record, include/linux/ring_buffer.h. */
static uint32_t event_header(uint32_t type_len, uint32_t delta)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ?
	       type_len << RING_DELTA_BITS | delta : delta << 5 | type_len;
}

static void store_record(uint8_t *at, const struct textrecord *rec,
			 const struct textsyms *syms)
{
	const struct textentry *e = &rec->e;

	store(at, e->event, 2);
	at[2] = e->flags;
	at[3] = 0;
	store(at + 4, (uint32_t)e->pid, 4);
	if (e->event == TEXTEVENT_STACK) {
		store(at + RECORD_HEAD, e->n_frames, 4);
		store(at + RECORD_HEAD + 4, 0, 4);
		for (uint32_t i = 0; i < e->n_frames; i++)
			store(at + STACK_BYTES + 8 * i,
			      textsyms_address(syms, rec->frames[i]), 8);
		return;
	}
	store(at + 8, textsyms_address(syms, e->call_site), 8);
	store(at + 16, e->ptr, 8);
	store(at + 24, e->bytes_req, 8);
	store(at + 32, e->bytes_alloc, 8);
	store(at + 40, e->order, 4);
	store(at + 44, e->reserved, 4);
	store(at + 48, (e->name_len + 1u) << 16 | FIXED_BYTES, 4);
	memcpy(at + FIXED_BYTES, rec->name, e->name_len);
	at[FIXED_BYTES + e->name_len] = '\0';
}

/* What was lost before a page stands behind its data. */
static int finish_page(const struct textfile *tf, struct textpages *p,
		       uint64_t lost, int fd)
{
	uint64_t commit = p->used;

	if (lost)
		commit |= RING_MISSED_EVENTS;
	if (lost && lost != TEXT_LOST_UNKNOWN) {
		commit |= RING_MISSED_STORED;
		store(p->page + PAGE_HEAD + p->used, lost, 8);
	}
	store(p->page + 8, commit, 8);
	return tempfile_write_at(fd, p->page, tf->page_size,
				 p->offset + (p->pages - 1) * tf->page_size);
}

static int write_record(struct textfile *tf, const struct textrecord *rec,
			uint64_t *lost, const struct textsyms *syms, int fd)
{
	const struct textentry *e = &rec->e;
	struct textpages *p = &tf->cpu[e->cpu];
	struct textpages before = *p;
	uint32_t at, len = record_bytes(e);
	bool begins;
	uint8_t *to;
	int ret;

	at = place(tf, p, e, &begins);
	if (begins && before.pages) {
		ret = finish_page(tf, &before, lost[e->cpu], fd);
		if (ret)
			return ret;
	}
	if (!p->page)
		p->page = malloc(tf->page_size);
	if (!p->page)
		return -ENOMEM;
	if (begins) {
		memset(p->page, 0, tf->page_size);
		store(p->page, e->ts, 8);
		lost[e->cpu] = e->lost;
	}
	to = p->page + PAGE_HEAD + at;
	store(to, event_header(len > 28 * 4 ? 0 : len / 4,
			       begins ? 0 : (uint32_t)(e->ts - before.ts)), 4);
	to += 4;
	if (len > 28 * 4) {
		store(to, len + 4, 4);
		to += 4;
	}
	store_record(to, rec, syms);
	return 0;
}

static int write_pages(struct textfile *tf, const struct textsyms *syms, int fd,
		       struct error *err)
{
	struct textrecord *rec = malloc(sizeof(*rec));
	uint64_t *lost = calloc(TEXT_CPUS_MAX, sizeof(*lost)), i;
	FILE *in = fdopen(dup(tf->spool), "r");
	int ret = rec && lost && in ? 0 : -ENOMEM;

	for (i = 0; i < TEXT_CPUS_MAX; i++)
		tf->cpu[i].pages = tf->cpu[i].used = 0;
	if (!ret && fseek(in, 0, SEEK_SET))
		ret = -errno;
	for (i = 0; i < tf->entries && !ret; i++) {
		if (!take(in, rec)) {
			ret = -EIO;
			break;
		}
		if (stack_tells(tf, i) && (textsyms_is_bare(syms, rec->e.call_site) ||
					   textsyms_is_untold(syms, rec->e.call_site)))
			rec->e.call_site = 0;
		ret = write_record(tf, rec, lost, syms, fd);
	}
	for (i = 0; i < tf->cpus && !ret; i++)
		if (tf->cpu[i].pages)
			ret = finish_page(tf, &tf->cpu[i], lost[i], fd);
	if (in)
		fclose(in);
	free(rec);
	free(lost);
	return ret ? failed(tf, ret, err) : 0;
}

/* Head and table; the pages' places go to tf->cpu[].offset. */
static int write_head(struct textfile *tf, const struct textsyms *syms,
		      const char *comms, int fd, struct error *err)
{
	struct head h = { 0 };
	uint64_t offset, at;
	int ret = make_head(&h, tf, syms, comms);

	if (!ret)
		ret = tempfile_write_at(fd, h.data, h.len, 0);
	at = h.len;
	free(h.data);
	offset = at + 16 * (uint64_t)tf->cpus + 8;
	offset = (offset + tf->page_size - 1) / tf->page_size * tf->page_size;
	for (uint32_t i = 0; i < tf->cpus && !ret; i++) {
		uint64_t pair[2] = { offset, tf->cpu[i].pages * tf->page_size };

		tf->cpu[i].offset = offset;
		offset += pair[1];
		ret = tempfile_write_at(fd, pair, sizeof(pair), at);
		at += sizeof(pair);
	}
	return ret ? failed(tf, ret, err) : 0;
}

int textfile_write(struct textfile *tf, struct textsyms *syms, const char *comms,
		   struct error *err)
{
	int fd, ret;

	if (!tf->cpus)
		tf->cpus = 1;
	ret = flush_spool(tf, err);
	if (!ret && textsyms_place(syms))
		ret = error_set(err, -ENOMEM, "out of memory");
	if (ret)
		return ret;
	fd = temporary(tf, err);
	if (fd < 0)
		return fd;
	ret = write_head(tf, syms, comms, fd, err);
	if (!ret)
		ret = write_pages(tf, syms, fd, err);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}
