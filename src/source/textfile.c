// SPDX-License-Identifier: GPL-2.0-or-later
#include "textfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "page_size.h"
#include "tempfile.h"
#include "textsyms.h"
#include "tracedat.h"

#define SPOOL_BYTES	(1u << 20)
#define FIXED_BYTES	52u	/* of a record up to its string */

int textfile_open(struct textfile *tf, const char *name, struct error *err)
{
	/* pages of a 64-bit machine, of this one's byte order; the smallest: a loss begins one */
	const struct ring_format ring = {
		.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
		.commit_offset = 8, .commit_size = 8, .data_offset = 16,
	};

	memset(tf, 0, sizeof(*tf));
	tf->name = name;
	ringfile_init(&tf->ring, name, &ring, PAGE_SIZE_MIN);
	tf->spool = tempfile_open();
	if (tf->spool < 0)
		return ringfile_failed(name, tf->spool, err);
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
	ringfile_release(&tf->ring);
}

/* ---- entries that wait ------------------------------------------------------ */

static int flush_spool(struct textfile *tf, struct error *err)
{
	int ret = tempfile_write(tf->spool, tf->buf, tf->buffered);

	tf->buffered = 0;
	return ret ? ringfile_failed(tf->name, ret, err) : 0;
}

static void add(struct textfile *tf, const void *data, size_t len)
{
	memcpy(tf->buf + tf->buffered, data, len);
	tf->buffered += (uint32_t)len;
}

/* Bytes of the record as the kernel would write it. */
static uint32_t record_bytes(const struct textfile *tf, const struct textentry *e)
{
	return e->event == TEXTEVENT_STACK ? ringfile_stack_bytes(&tf->ring.ring, e->n_frames) :
	       FIXED_BYTES + e->name_len + 1u;
}

int textfile_keep(struct textfile *tf, const struct textrecord *rec,
		  struct error *err)
{
	const struct textentry *e = &rec->e;
	int ret;

	if (tf->buffered + sizeof(*rec) > SPOOL_BYTES) {
		ret = flush_spool(tf, err);
		if (ret)
			return ret;
	}
	add(tf, e, sizeof(*e));
	add(tf, rec->name, e->name_len);
	add(tf, rec->frames, e->n_frames * sizeof(rec->frames[0]));
	if (ringfile_count(&tf->ring, e->lane, e->ts, e->lost, record_bytes(tf, e)))
		return error_set(err, -ENOMEM, "out of memory");
	tf->seen |= 1u << e->event;
	tf->entries++;
	return 0;
}

void textfile_buffer(struct textfile *tf, const char *name, const uint16_t *lanes,
		     uint32_t cpus)
{
	tf->instances[tf->n_instances++] = (struct textinstance){
		.name = name, .lanes = lanes, .cpus = cpus,
	};
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
	[TEXTEVENT_AREA_RANGE] = { "vmalloc", "alloc_vmap_area", "addr", "size" },
};

static void put_format(struct ringhead *h, const struct textfile *tf, unsigned int id)
{
	const struct textformat *f = &formats[id];
	char text[2048];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "name: %s\nID: %u\n%s", f->name, id,
			     ringhead_common);
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
	ringhead_text(h, text, n);
}

/* Only what the log shows: what else was enabled, nobody knows. */
static void put_formats(struct ringhead *h, const struct textfile *tf)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < TEXTEVENTS; i++)
		n += formats[i].name && (tf->seen & 1u << i);
	ringhead_number(h, n, 4);
	for (unsigned int i = 0; i < TEXTEVENTS; i++) {
		if (!formats[i].name || !(tf->seen & 1u << i))
			continue;
		ringhead_put(h, formats[i].system, strlen(formats[i].system) + 1);
		ringhead_number(h, 1, 4);
		put_format(h, tf, i);
	}
}

/* Options that tell of further buffers; where their tables are is not known yet. */
static void put_instances(struct ringhead *h, struct textfile *tf)
{
	for (uint32_t i = 0; i < tf->n_instances && h->out; i++) {
		struct textinstance *in = &tf->instances[i];

		ringhead_number(h, OPTION_BUFFER, 2);
		ringhead_number(h, 8 + strlen(in->name) + 1, 4);
		in->offset_at = ftell(h->out);
		ringhead_number(h, 0, 8);
		ringhead_put(h, in->name, strlen(in->name) + 1);
	}
}

/* All up to the table of the CPUs' pages. 0 or -ENOMEM; free h->data. */
static int make_head(struct ringhead *h, struct textfile *tf,
		     const struct textsyms *syms, const char *comms)
{
	size_t len;
	char *kallsyms = textsyms_kallsyms(syms, &len);

	ringhead_open(h, tf->ring.ring.big_endian);
	if (kallsyms && len <= UINT32_MAX) {
		ringhead_start(h, &tf->ring.ring, tf->ring.page_size, TEXTEVENT_STACK);
		put_formats(h, tf);
		ringhead_number(h, len, 4);
		ringhead_put(h, kallsyms, len);
		ringhead_number(h, 0, 4);
		ringhead_text(h, comms, strlen(comms));
		ringhead_number(h, tf->cpus, 4);
		ringhead_put(h, "options  ", 10);
		ringhead_option(h, OPTION_TRACECLOCK, tf->counts ? "[counter]" : "[log]");
		put_instances(h, tf);
		ringhead_number(h, OPTION_DONE, 2);
		ringhead_put(h, "flyrecord", 10);
	}
	free(kallsyms);
	return ringhead_close(h) || !kallsyms || len > UINT32_MAX ? -ENOMEM : 0;
}

/* ---- pages -------------------------------------------------------------------- */

static void store_record(const struct ringfile *rf, uint8_t *at, const struct textrecord *rec,
			 const struct textsyms *syms)
{
	const struct textentry *e = &rec->e;

	ringfile_store(rf, at, e->event, 2);
	at[2] = e->flags;
	at[3] = 0;
	ringfile_store(rf, at + 4, (uint32_t)e->pid, 4);
	if (e->event == TEXTEVENT_STACK) {
		ringfile_store(rf, at + 8, e->n_frames, 4);
		ringfile_store(rf, at + 12, 0, 4);
		at += ringfile_stack_bytes(&rf->ring, 0);
		for (uint32_t i = 0; i < e->n_frames; i++)
			ringfile_store(rf, at + 8 * i,
				       textsyms_address(syms, rec->frames[i]), 8);
		return;
	}
	ringfile_store(rf, at + 8, textsyms_address(syms, e->call_site), 8);
	ringfile_store(rf, at + 16, e->ptr, 8);
	ringfile_store(rf, at + 24, e->bytes_req, 8);
	ringfile_store(rf, at + 32, e->bytes_alloc, 8);
	ringfile_store(rf, at + 40, e->order, 4);
	ringfile_store(rf, at + 44, e->reserved, 4);
	ringfile_store(rf, at + 48, (e->name_len + 1u) << 16 | FIXED_BYTES, 4);
	memcpy(at + FIXED_BYTES, rec->name, e->name_len);
	at[FIXED_BYTES + e->name_len] = '\0';
}

static int write_records(struct textfile *tf, const struct textsyms *syms, FILE *in,
			 struct error *err)
{
	struct textrecord *rec = malloc(sizeof(*rec));
	int ret = rec ? 0 : error_set(err, -ENOMEM, "out of memory");

	for (uint64_t i = 0; i < tf->entries && !ret; i++) {
		uint8_t *to;

		if (!take(in, rec)) {
			ret = ringfile_failed(tf->name, -EIO, err);
			break;
		}
		if (stack_tells(tf, i) && (textsyms_is_bare(syms, rec->e.call_site) ||
					   textsyms_is_untold(syms, rec->e.call_site)))
			rec->e.call_site = 0;
		ret = ringfile_add(&tf->ring, rec->e.lane, rec->e.ts, rec->e.lost,
				   record_bytes(tf, &rec->e), &to, err);
		if (!ret)
			store_record(&tf->ring, to, rec, syms);
	}
	free(rec);
	return ret;
}

static int write_pages(struct textfile *tf, const struct textsyms *syms, struct error *err)
{
	int fd = dup(tf->spool), ret = 0;
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (!in || fseek(in, 0, SEEK_SET))
		ret = ringfile_failed(tf->name, -errno, err);
	if (!ret)
		ret = write_records(tf, syms, in, err);
	if (!ret)
		ret = ringfile_end(&tf->ring, err);
	if (in)
		fclose(in);
	else if (fd >= 0)
		close(fd);
	return ret;
}

/* Of an instance: how many CPUs it has, and their table. */
static void put_table(struct ringhead *h, const struct textfile *tf,
		      const struct textinstance *in)
{
	ringhead_put(h, "options  ", 10);
	ringhead_number(h, OPTION_CPUCOUNT, 2);
	ringhead_number(h, 4, 4);
	ringhead_number(h, in->cpus, 4);
	ringhead_number(h, OPTION_DONE, 2);
	ringhead_put(h, "flyrecord", 10);
	for (uint32_t i = 0; i < in->cpus; i++) {
		const struct ringcpu none = { .pages = 0 };
		const struct ringcpu *c = in->lanes[i] == TEXT_LANE_NONE ? &none :
					  &tf->ring.cpu[in->lanes[i]];

		ringhead_number(h, c->offset, 8);
		ringhead_number(h, c->counted * tf->ring.page_size, 8);
	}
}

/* Tables of instances, behind all pages; the head is told where they are. */
static int write_instances(struct textfile *tf, struct error *err)
{
	off_t end = lseek(tf->ring.fd, 0, SEEK_END);
	uint8_t offset[8];
	int ret = end < 0 ? -errno : 0;

	for (uint32_t i = 0; i < tf->n_instances && !ret; i++) {
		struct ringhead h;

		ringhead_open(&h, tf->ring.ring.big_endian);
		put_table(&h, tf, &tf->instances[i]);
		ret = ringhead_close(&h);
		if (!ret)
			ret = tempfile_write_at(tf->ring.fd, h.data, h.len, (uint64_t)end);
		ringfile_store(&tf->ring, offset, (uint64_t)end, sizeof(offset));
		if (!ret)
			ret = tempfile_write_at(tf->ring.fd, offset, sizeof(offset),
						(uint64_t)tf->instances[i].offset_at);
		end += (off_t)h.len;
		free(h.data);
	}
	return ret ? ringfile_failed(tf->name, ret, err) : 0;
}

int textfile_write(struct textfile *tf, struct textsyms *syms, const char *comms,
		   struct error *err)
{
	struct ringhead head = { 0 };
	int ret, fd;

	if (!tf->cpus)
		tf->cpus = 1;
	/* its first entries are the table of the first buffer */
	if (tf->ring.cpus < tf->cpus)
		tf->ring.cpus = tf->cpus;
	ret = flush_spool(tf, err);
	if (ret)
		return ret;
	if (textsyms_place(syms) || make_head(&head, tf, syms, comms))
		ret = error_set(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = ringfile_begin(&tf->ring, head.data, head.len, err);
	free(head.data);
	if (!ret)
		ret = write_pages(tf, syms, err);
	if (!ret)
		ret = write_instances(tf, err);
	if (ret)
		return ret;
	fd = tf->ring.fd;
	tf->ring.fd = -1;
	return fd;
}
