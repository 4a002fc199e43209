// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracerec.c - see tracerec.h
 */
#include "tracerec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

#define FIRST_ID 500u

#define LONG(n)		{ "unsigned long", n, 0 }
#define SIZE(n)		{ "size_t", n, 0 }
#define PTR(n)		{ "const void *", n, 0 }
#define INT(n)		{ "int", n, 4 }
#define BOOL(n)		{ "bool", n, 1 }
#define STRING(n)	{ "__data_loc char[]", n, REC_DATA_LOC }

#define SLAB_OLD	LONG("call_site"), PTR("ptr"), SIZE("bytes_req"), \
			SIZE("bytes_alloc"), { "gfp_t", "gfp_flags", 4 }
#define SLAB_NEW	LONG("call_site"), PTR("ptr"), SIZE("bytes_req"), \
			SIZE("bytes_alloc"), LONG("gfp_flags"), INT("node")
#define COMMON_EVENTS							\
	{ "ftrace", "kernel_stack", { INT("size"),			\
	  { "unsigned long", "caller[8]", REC_CALLER } } },		\
	{ "kmem", "kfree", { LONG("call_site"), PTR("ptr") } },		\
	{ "kmem", "mm_page_alloc", { LONG("pfn"), INT("order"),		\
	  LONG("gfp_flags"), INT("migratetype") } },			\
	{ "kmem", "mm_page_free", { LONG("pfn"), INT("order") } },	\
	{ "kmem", "mm_page_free_batched", { LONG("pfn") } },		\
	{ "kmem", "rss_stat", { INT("mm_id"), INT("member"), LONG("size") } }, \
	{ "module", "module_load", { INT("taints"), STRING("name") } },	\
	{ "module", "module_free", { STRING("name") } }
#define PERCPU_NEW							\
	{ "percpu", "percpu_alloc_percpu", { LONG("call_site"),		\
	  BOOL("reserved"), BOOL("is_atomic"), SIZE("size"), SIZE("align"), \
	  { "void *", "base_addr", 0 }, INT("off"), { "void *", "ptr", 0 }, \
	  SIZE("bytes_alloc"), LONG("gfp_flags") } },			\
	{ "percpu", "percpu_alloc_percpu_fail", { BOOL("reserved"),	\
	  BOOL("is_atomic"), SIZE("size"), SIZE("align") } },		\
	{ "percpu", "percpu_free_percpu", { { "void *", "base_addr", 0 }, \
	  INT("off"), { "void *", "ptr", 0 } } }

static const struct rec_event events_5_10[] = {
	COMMON_EVENTS,
	{ "kmem", "kmalloc", { SLAB_OLD } },
	{ "kmem", "kmalloc_node", { SLAB_OLD, INT("node") } },
	{ "kmem", "kmem_cache_alloc", { SLAB_OLD } },
	{ "kmem", "kmem_cache_alloc_node", { SLAB_OLD, INT("node") } },
	{ "kmem", "kmem_cache_free", { LONG("call_site"), PTR("ptr") } },
	{ "percpu", "percpu_alloc_percpu", { BOOL("reserved"),
	  BOOL("is_atomic"), SIZE("size"), SIZE("align"),
	  { "void *", "base_addr", 0 }, INT("off"), { "void *", "ptr", 0 } } },
	{ "percpu", "percpu_free_percpu", { { "void *", "base_addr", 0 },
	  INT("off"), { "void *", "ptr", 0 } } },
};

static const struct rec_event events_3_13[] = {
	{ "ftrace", "kernel_stack", { INT("size"),
	  { "unsigned long", "caller[8]", REC_CALLER } } },
	{ "kmem", "kmalloc", { SLAB_OLD } },
	{ "kmem", "kmem_cache_alloc", { SLAB_OLD } },
	{ "kmem", "kfree", { LONG("call_site"), PTR("ptr") } },
	{ "kmem", "kmem_cache_free", { LONG("call_site"), PTR("ptr") } },
	{ "kmem", "mm_page_alloc", { { "struct page *", "page", 0 }, INT("order"),
	  { "gfp_t", "gfp_flags", 4 }, INT("migratetype") } },
	{ "kmem", "mm_page_free", { { "struct page *", "page", 0 }, INT("order") } },
};

static const struct rec_event events_6_1[] = {
	COMMON_EVENTS,
	{ "kmem", "kmalloc", { SLAB_NEW } },
	{ "kmem", "kmem_cache_alloc", { SLAB_NEW, BOOL("accounted") } },
	{ "kmem", "kmem_cache_free", { LONG("call_site"), PTR("ptr"),
	  STRING("name") } },
	PERCPU_NEW,
};

static const struct rec_event events_7[] = {
	COMMON_EVENTS,
	{ "kmem", "kmalloc", { SLAB_NEW } },
	{ "kmem", "kmem_cache_alloc", { LONG("call_site"), PTR("ptr"),
	  STRING("name"), SIZE("bytes_req"), SIZE("bytes_alloc"),
	  LONG("gfp_flags"), INT("node"), BOOL("accounted") } },
	{ "kmem", "kmem_cache_free", { LONG("call_site"), PTR("ptr"),
	  STRING("name") } },
	PERCPU_NEW,
};

#define KERNEL(e) .events = (e), .n_events = sizeof(e) / sizeof((e)[0])

const struct rec_kernel rec_3_13 = {
	.long_size = 8, KERNEL(events_3_13),
	.page_print = "\"%lu\", (unsigned long)((REC->page) - ((struct page *)(0xffffea0000000000UL)))",
};
const struct rec_kernel rec_3_13_arm = {
	.long_size = 4, KERNEL(events_3_13),
	.page_print = "\"%lu\", ((unsigned long)((REC->page) - mem_map) + ((0x60000000UL) >> 12))",
};
const struct rec_kernel rec_5_10 = { .long_size = 8, KERNEL(events_5_10) };
const struct rec_kernel rec_6_1 = { .long_size = 8, KERNEL(events_6_1) };
const struct rec_kernel rec_7 = { .long_size = 8, KERNEL(events_7) };
const struct rec_kernel rec_6_1_armhf = { .long_size = 4, KERNEL(events_6_1) };
const struct rec_kernel rec_6_1_s390x = {
	.long_size = 8, .big = true, KERNEL(events_6_1)
};
const struct rec_kernel rec_6_1_ppc32 = {
	.long_size = 4, .big = true, KERNEL(events_6_1)
};

uint16_t rec_id(const struct rec_kernel *kernel, const char *event)
{
	size_t i;

	for (i = 0; i < kernel->n_events; i++)
		if (!strcmp(kernel->events[i].name, event))
			return (uint16_t)(FIRST_ID + i);
	fprintf(stderr, "this kernel has no event %s\n", event);
	abort();
}

/* ---- formats ------------------------------------------------------------ */

static uint32_t field_size(const struct rec_kernel *kernel,
			   const struct rec_field *f)
{
	switch (f->size) {
	case 0:
		return kernel->long_size;
	case REC_DATA_LOC:
		return 4;
	case REC_CALLER:
		return 8 * kernel->long_size;
	}
	return f->size;
}

static uint32_t field_offset(const struct rec_kernel *kernel,
			     const struct rec_field *f, uint32_t at)
{
	uint32_t align = f->size == REC_CALLER ? kernel->long_size :
			 field_size(kernel, f);

	return (at + align - 1) / align * align;
}

char *rec_format(const struct rec_kernel *kernel, size_t i)
{
	const struct rec_event *e = &kernel->events[i];
	const struct rec_field *f;
	uint32_t at = 8;
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "name: %s\nID: %u\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n",
		e->name, (unsigned int)(FIRST_ID + i));
	for (f = e->fields; f < e->fields + 10 && f->name; f++) {
		at = field_offset(kernel, f, at);
		fprintf(out, "\tfield:%s %s;\toffset:%u;\tsize:%u;\tsigned:0;\n",
			f->type, f->name, at, field_size(kernel, f));
		at += field_size(kernel, f);
	}
	fprintf(out, "\nprint fmt: %s\n", kernel->page_print && strstr(e->name, "mm_page") ?
		kernel->page_print : "\"%d\", REC->ptr");
	fclose(out);
	return text;
}

/* ---- records ------------------------------------------------------------ */

void rec_start(struct recording *r, const struct rec_kernel *kernel,
	       uint32_t n_buffers, uint32_t n_cpus)
{
	uint32_t b, c;

	memset(r, 0, sizeof(*r));
	r->kernel = kernel;
	r->version = 7;
	r->n_buffers = n_buffers;
	r->n_cpus = n_cpus;
	for (b = 0; b < n_buffers; b++) {
		r->names[b] = b ? b > 1 ? "second" : "first" : "";
		r->clocks[b] = "mono";
		for (c = 0; c < n_cpus; c++) {
			r->streams[b][c].pages.big = kernel->big;
			r->streams[b][c].pages.long_size = kernel->long_size;
		}
	}
}

void rec_free(struct recording *r)
{
	uint32_t b, c;

	for (b = 0; b < REC_BUFFERS; b++)
		for (c = 0; c < REC_CPUS; c++)
			out_free(&r->streams[b][c].pages);
}

static uint64_t value_of(const struct rec *rec, const char *name)
{
	if (!strcmp(name, "ptr") || !strcmp(name, "pfn") || !strcmp(name, "page"))
		return rec->ptr;
	if (!strcmp(name, "call_site"))
		return rec->call_site;
	if (!strcmp(name, "bytes_req"))
		return rec->bytes_req;
	if (!strcmp(name, "bytes_alloc"))
		return rec->bytes_alloc;
	if (!strcmp(name, "order"))
		return rec->order;
	if (!strcmp(name, "reserved") || !strcmp(name, "migratetype"))
		return rec->reserved;
	if (!strcmp(name, "size")) {
		if (strcmp(rec->event, "kernel_stack"))
			return rec->bytes_req;
		return rec->size ? rec->size : rec->n_frames;
	}
	return 0x5a5a5a5a5a5a5a5a;	/* nobody shall read it */
}

static void put_data(struct out *out, const struct recording *r,
		     const struct rec *rec)
{
	uint16_t id = rec_id(r->kernel, rec->event);
	const struct rec_event *e = &r->kernel->events[id - FIRST_ID];
	const char *name = rec->name ? rec->name : "";
	const struct rec_field *f;
	size_t string_at = 0;
	uint32_t i;

	put_number(out, rec->id ? rec->id : id, 2);
	put_number(out, rec->flags, 1);
	put_number(out, 1, 1);
	put_number(out, (uint32_t)rec->pid, 4);
	for (f = e->fields; f < e->fields + 10 && f->name; f++) {
		while (out->len < field_offset(r->kernel, f, (uint32_t)out->len))
			put_number(out, 0xa5, 1);
		if (f->size == REC_CALLER) {
			for (i = 0; i < rec->n_frames; i++)
				put_number(out, rec->frames[i], out->long_size);
			continue;
		}
		if (f->size == REC_DATA_LOC)
			string_at = out->len;
		put_number(out, value_of(rec, f->name),
			   field_size(r->kernel, f));
	}
	if (string_at) {
		set_number(out, string_at,
			   (strlen(name) + 1) << 16 | out->len, 4);
		put_string(out, name);
	}
	put_padding(out, 4);
	for (i = 0; i < rec->padding; i++)
		put_number(out, 0, 1);
	if (rec->len && rec->len < out->len)
		out->len = rec->len;
}

static void close_page(struct rec_stream *s)
{
	size_t end = s->pages.len;
	uint64_t flags = 0;

	if (!s->open)
		return;
	if (s->lost)
		flags = s->lost == SOURCE_LOST_UNKNOWN ? 1u << 31 : 3u << 30;
	page_end(&s->pages, s->start, flags);
	if (s->lost && s->lost != SOURCE_LOST_UNKNOWN)
		set_number(&s->pages, end, s->lost, s->pages.long_size);
	s->open = false;
	s->lost = 0;
}

static void open_page(struct rec_stream *s, uint64_t ts, uint64_t lost)
{
	close_page(s);
	s->start = page_begin(&s->pages, ts);
	s->open = true;
	s->ts = ts;
	s->lost = lost;
}

void rec_put(struct recording *r, const struct rec *rec)
{
	struct rec_stream *s = &r->streams[rec->buffer][rec->cpu];
	struct out data = { .big = r->kernel->big,
			    .long_size = r->kernel->long_size };
	uint32_t words;

	put_data(&data, r, rec);
	words = (uint32_t)(data.len / 4);
	if (!s->open || rec->lost || rec->ts < s->ts ||
	    rec->ts - s->ts >= 1u << 27 ||
	    s->pages.len - s->start + data.len + 16 > TEST_PAGE_SIZE)
		open_page(s, rec->ts, rec->lost);
	page_entry(&s->pages, words <= 28 ? words : 0,
		   (uint32_t)(rec->ts - s->ts));
	if (words > 28)
		put_number(&s->pages, 4 + data.len, 4);
	put(&s->pages, data.data, data.len);
	s->ts = rec->ts;
	out_free(&data);
}

void rec_lost_at_end(struct recording *r, uint32_t buffer, uint32_t cpu,
		     uint64_t ts, uint64_t lost)
{
	open_page(&r->streams[buffer][cpu], ts, lost);
}

/* ---- the file ----------------------------------------------------------- */

void rec_make(struct recording *r, struct out *file)
{
	struct file_event events[32];
	struct file_buffer buffers[REC_BUFFERS];
	struct out pages[REC_BUFFERS][REC_CPUS];
	struct file_spec spec = {
		.version = r->version, .big = r->kernel->big,
		.long_size = r->kernel->long_size, .compression = "none",
		.buffers = buffers, .n_buffers = r->n_buffers,
		.events = events, .n_events = r->kernel->n_events,
		.kallsyms = r->kallsyms ? r->kallsyms : "",
	};
	struct out options = { .big = r->kernel->big };
	uint32_t b, c;
	size_t i;

	if (r->uname) {
		put_option(&options, 5, r->uname, strlen(r->uname) + 1);
		spec.options = &options;
	}
	for (i = 0; i < spec.n_events; i++) {
		events[i].system = r->kernel->events[i].system;
		events[i].format = rec_format(r->kernel, i);
	}
	for (b = 0; b < r->n_buffers; b++) {
		for (c = 0; c < r->n_cpus; c++) {
			close_page(&r->streams[b][c]);
			pages[b][c] = r->streams[b][c].pages;
		}
		buffers[b] = (struct file_buffer) {
			.name = r->names[b], .clock = r->clocks[b],
			.page_size = TEST_PAGE_SIZE, .cpus = pages[b],
			.n_cpus = r->n_cpus,
		};
	}
	file_make(file, &spec);
	for (i = 0; i < spec.n_events; i++)
		free((char *)events[i].format);
	out_free(&options);
}

const char *rec_write(struct recording *r)
{
	struct out file;
	const char *path;

	rec_make(r, &file);
	path = file_write(&file);
	out_free(&file);
	return path;
}
