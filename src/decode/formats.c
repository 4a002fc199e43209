// SPDX-License-Identifier: GPL-2.0-or-later
#include "formats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "error.h"
#include "event.h"
#include "probes.h"
#include "source.h"

#define FIELD_OFFSET_MAX 65536u	/* a record is smaller than a page of 64K */

/*
 * A record has room for its structure, padded at the end, and its strings, which lie
 * right behind the last field all the same (include/trace/trace_events.h,
 * trace_event_buffer_reserve() of sizeof() and the data). All is padded to 4 bytes, or
 * to 8 where the CPU wants words aligned (kernel/trace/ring_buffer.c,
 * RB_FORCE_8BYTE_ALIGNMENT).
 */
#define RECORD_PADDING 7u

#define PROBE PROBES_SYSTEM

/* What an event must have, and what it may have, to be understood. */
struct wanted {
	const char *system, *name;
	uint8_t type, flags;
	const char *ptr;	/* needed */
	const char *call_site;	/* optional, as are all below but *needed */
	const char *bytes_req;
	const char *bytes_alloc;
	const char *order;
	const char *reserved;
	const char *string;
	const char *caller;
	bool needs_bytes;	/* bytes_req and bytes_alloc must be there */
	bool needs_order;
	uint16_t first;		/* bulk parts: number of their first pointer */
	bool node;		/* comes besides the event without _node */
	bool probe;		/* of a companion probe: any system "modmem_*"; or read as one is */
};

/*
 * kmalloc_node and kmem_cache_alloc_node were merged into their plain forms
 * in 6.1; mm_page_free_batched repeats mm_page_free and is left alone.
 */
static const struct wanted wanted[] = {
	{ "kmem", "kmalloc", EVENT_SLAB_ALLOC, EVENT_KMALLOC,
	  .ptr = "ptr", .call_site = "call_site", .bytes_req = "bytes_req",
	  .bytes_alloc = "bytes_alloc", .needs_bytes = true },
	{ "kmem", "kmalloc_node", EVENT_SLAB_ALLOC, EVENT_KMALLOC,
	  .node = true, .ptr = "ptr", .call_site = "call_site", .bytes_req = "bytes_req",
	  .bytes_alloc = "bytes_alloc", .needs_bytes = true },
	{ "kmem", "kmem_cache_alloc", EVENT_SLAB_ALLOC, 0,
	  .ptr = "ptr", .call_site = "call_site", .bytes_req = "bytes_req",
	  .bytes_alloc = "bytes_alloc", .string = "name", .needs_bytes = true },
	{ "kmem", "kmem_cache_alloc_node", EVENT_SLAB_ALLOC, 0,
	  .node = true, .ptr = "ptr", .call_site = "call_site", .bytes_req = "bytes_req",
	  .bytes_alloc = "bytes_alloc", .string = "name", .needs_bytes = true },
	{ "kmem", "kfree", EVENT_SLAB_FREE, EVENT_KMALLOC,
	  .ptr = "ptr", .call_site = "call_site" },
	{ "kmem", "kmem_cache_free", EVENT_SLAB_FREE, 0,
	  .ptr = "ptr", .call_site = "call_site", .string = "name" },
	{ "kmem", "mm_page_alloc", EVENT_PAGE_ALLOC, 0,
	  .ptr = "pfn", .order = "order", .reserved = "migratetype",
	  .needs_order = true },
	{ "kmem", "mm_page_free", EVENT_PAGE_FREE, 0,
	  .ptr = "pfn", .order = "order", .needs_order = true },
	{ "percpu", "percpu_alloc_percpu", EVENT_PERCPU_ALLOC, 0,
	  .ptr = "ptr", .call_site = "call_site", .bytes_req = "size",
	  .bytes_alloc = "bytes_alloc", .reserved = "reserved" },
	{ "percpu", "percpu_free_percpu", EVENT_PERCPU_FREE, 0, .ptr = "ptr" },
	{ "percpu", "percpu_alloc_percpu_fail", EVENT_PERCPU_FAIL, 0,
	  .ptr = "size", .bytes_req = "size", .reserved = "reserved" },
	{ "module", "module_load", EVENT_MODULE_LOAD, 0,
	  .ptr = "name", .string = "name" },
	{ "module", "module_free", EVENT_MODULE_FREE, 0,
	  .ptr = "name", .string = "name" },
	/* page: NULL if it failed; the first one is that of up to 5.12 */
	{ "cma", "cma_alloc", EVENT_CONTIG_ALLOC, 0, .ptr = "pfn", .call_site = "page",
	  .bytes_req = "count", .probe = true },
	{ "cma", "cma_alloc_finish", EVENT_CONTIG_ALLOC, 0, .ptr = "pfn",
	  .call_site = "page", .bytes_req = "count", .probe = true },
	{ "cma", "cma_release", EVENT_CONTIG_FREE, 0, .ptr = "pfn", .bytes_req = "count",
	  .probe = true },
	/* since 6.3; where somebody records it */
	{ "vmalloc", "alloc_vmap_area", EVENT_AREA_RANGE, 0,
	  .ptr = "addr", .bytes_req = "size", .order = "failed" },
	/* companion probes; fields and names are described in probes.h */
	{ PROBE, "rcu_free", EVENT_RCU_FREE, 0, .ptr = "ptr",
	  .call_site = "head", .probe = true },
	{ PROBE, "bulk_alloc", EVENT_BULK_ALLOC, 0, .caller = "__probe_ret_ip", .ptr = "array",
	  .call_site = "object_size", .bytes_req = "count", .bytes_alloc = "size", .order = "ok",
	  .string = "name", .first = 0, .probe = true },
	{ PROBE, "bulk_alloc_16", EVENT_BULK_ALLOC, 0, .caller = "__probe_ret_ip", .ptr = "array",
	  .call_site = "object_size", .bytes_req = "count", .bytes_alloc = "size", .order = "ok",
	  .string = "name", .first = 16, .probe = true },
	{ PROBE, "bulk_alloc_80", EVENT_BULK_ALLOC, 0, .caller = "__probe_ret_ip", .ptr = "array",
	  .call_site = "object_size", .bytes_req = "count", .bytes_alloc = "size", .order = "ok",
	  .string = "name", .first = 80, .probe = true },
	{ PROBE, "bulk_free", EVENT_BULK_FREE, 0, .ptr = "cache",
	  .bytes_req = "count", .first = 0, .probe = true },
	{ PROBE, "bulk_free_16", EVENT_BULK_FREE, 0, .ptr = "cache",
	  .bytes_req = "count", .first = 16, .probe = true },
	{ PROBE, "pages_had", EVENT_PAGES_HAD, 0, .ptr = "array", .bytes_req = "count",
	  .first = 0, .probe = true },
	{ PROBE, "pages_had_16", EVENT_PAGES_HAD, 0, .ptr = "array", .bytes_req = "count",
	  .first = 16, .probe = true },
	{ PROBE, "pages_had_80", EVENT_PAGES_HAD, 0, .ptr = "array", .bytes_req = "count",
	  .first = 80, .probe = true },
	{ PROBE, "pages_bulk", EVENT_PAGES_BULK, 0, .caller = "__probe_ret_ip", .ptr = "array", .call_site = "base",
	  .bytes_req = "ok", .bytes_alloc = "unit", .first = 0, .probe = true },
	{ PROBE, "pages_bulk_16", EVENT_PAGES_BULK, 0, .caller = "__probe_ret_ip", .ptr = "array", .call_site = "base",
	  .bytes_req = "ok", .bytes_alloc = "unit", .first = 16, .probe = true },
	{ PROBE, "pages_bulk_80", EVENT_PAGES_BULK, 0, .caller = "__probe_ret_ip", .ptr = "array", .call_site = "base",
	  .bytes_req = "ok", .bytes_alloc = "unit", .first = 80, .probe = true },
	{ PROBE, "vmalloc", EVENT_VMALLOC, 0, .caller = "caller", .ptr = "addr", .bytes_req = "end",
	  .bytes_alloc = "size", .probe = true },
	{ PROBE, "vmalloc_free", EVENT_VMALLOC_FREE, 0, .ptr = "addr",
	  .probe = true },
	{ PROBE, "dma_pool_alloc", EVENT_DMA_BLOCK, 0, .caller = "__probe_ret_ip", .ptr = "addr",
	  .bytes_alloc = "size", .probe = true },
	{ PROBE, "dma_pool_free", EVENT_DMA_BLOCK_FREE, 0, .ptr = "addr",
	  .probe = true },
	{ PROBE, "module_map", EVENT_MODULE_MAP, 0, .ptr = "mod",
	  .string = "name", .probe = true },
	{ PROBE, "module_unmap", EVENT_MODULE_UNMAP, 0, .ptr = "addr",
	  .probe = true },
};

_Static_assert(sizeof(wanted) / sizeof(wanted[0]) < UNUSABLE_MAX, "room for each");

static const char *find(const char *text, size_t len, const char *what)
{
	return len ? memmem(text, len, what, strlen(what)) : NULL;
}

/* Number behind "@key:" in a field line; false if there is none. */
static bool key_number(const char *line, size_t len, const char *key,
		       uint32_t *value)
{
	const char *p = find(line, len, key);
	const char *end = line + len;
	uint64_t v = 0;

	if (!p)
		return false;
	p += strlen(key);
	if (p == end || *p < '0' || *p > '9')
		return false;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > FIELD_OFFSET_MAX)
			return false;
	}
	*value = (uint32_t)v;
	return true;
}

static bool is_name_char(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/*
 * The declared name: the last word before ';', less an array's brackets
 * ("char comm[16]", "__data_loc char[] name").
 */
static bool declares(const char *decl, size_t len, const char *name)
{
	size_t want = strlen(name);
	const char *bracket = memrchr(decl, '[', len);

	if (bracket && decl[len - 1] == ']')
		len = (size_t)(bracket - decl);
	return len > want && !memcmp(decl + len - want, name, want) &&
	       !is_name_char(decl[len - want - 1]);
}

bool format_field(const char *text, size_t len, const char *name,
		  struct field *field)
{
	const char *end = text + len;
	struct field got = { 0 };
	uint32_t sign = 0;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((eol ? eol : end) - text);
		const char *decl = find(text, n, "field:");
		const char *semi;

		if (decl) {
			decl += strlen("field:");
			n -= (size_t)(decl - text);
			semi = memchr(decl, ';', n);
			if (semi && declares(decl, (size_t)(semi - decl), name)) {
				if (!key_number(semi, n - (size_t)(semi - decl),
						"offset:", &got.offset) ||
				    !key_number(semi, n - (size_t)(semi - decl),
						"size:", &got.size))
					return false;
				key_number(semi, n - (size_t)(semi - decl),
					   "signed:", &sign);
				got.is_signed = sign != 0;
				*field = got;
				return true;
			}
		}
		if (!eol)
			break;
		text = eol + 1;
	}
	return false;
}

/* The text up to its print format. */
static size_t fields_len(const struct source_format *fmt)
{
	const char *p = find(fmt->text, fmt->len, "\nprint fmt:");

	return p ? (size_t)(p - fmt->text) : fmt->len;
}

static bool is_named(const struct source_format *fmt, const char *name)
{
	size_t n = strlen(name);

	return fmt->len > 6 + n && !memcmp(fmt->text, "name: ", 6) &&
	       !memcmp(fmt->text + 6, name, n) && fmt->text[6 + n] == '\n';
}

static bool number_ok(const struct field *f)
{
	return f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8;
}

static uint32_t end_of(const struct field *f)
{
	return f->offset + f->size;
}

/* The event of format @ef is left out, since @why. */
static void leave_out(struct formats *f, struct event_format *ef, const char *system,
		      const char *name, const char *why)
{
	uint32_t i;

	for (i = 0; i < f->n_unusable && strcmp(f->unusable[i].name, name); i++)
		;
	if (i == UNUSABLE_MAX)
		i--;
	if (i == f->n_unusable)
		f->n_unusable++;
	f->unusable[i].system = system;
	f->unusable[i].name = name;
	snprintf(f->unusable[i].why, sizeof(f->unusable[i].why), "%s", why);
	*ef = (struct event_format) {
		.kind = RECORD_OTHER, .unusable = (uint8_t)(i + 1), .described = true,
		.type = ef->type, .page_pointer = ef->page_pointer,
	};
}

static void missing(struct formats *f, struct event_format *ef, const struct wanted *w,
		    const char *field)
{
	char why[96];

	snprintf(why, sizeof(why), "has no usable field '%s'", field);
	leave_out(f, ef, w->system, w->name, why);
}

/* Reads one number field. 0, or -ENOENT: there is none. */
static int number_field(struct event_format *ef, struct field *to,
			const char *text, size_t len, const char *name)
{
	if (!name || !format_field(text, len, name, to))
		return -ENOENT;
	if (!number_ok(to)) {
		to->size = 0;
		return -ENOENT;
	}
	if (ef->min_len < end_of(to))
		ef->min_len = end_of(to);
	return 0;
}

/* What all the fields of an event are, those that nobody asks for included. */
struct extent {
	uint32_t end;		/* bytes */
	unsigned int strings;	/* fields whose data lie behind the others */
	bool odd;		/* not one behind the other, as a structure has them */
};

static struct extent fields_extent(const char *text, size_t len)
{
	struct extent x = { 0 };

	while (len) {
		const char *eol = memchr(text, '\n', len);
		size_t line = eol ? (size_t)(eol - text) : len;
		uint32_t offset, size;

		if (find(text, line, "field:")) {
			if (!key_number(text, line, "offset:", &offset) ||
			    !key_number(text, line, "size:", &size))
				offset = UINT32_MAX, size = 0;
			/* what is aligned leaves seven bytes at most */
			x.odd |= offset < x.end || offset - x.end > 7;
			x.strings += find(text, line, "__data_loc ") ||
				     find(text, line, "__rel_loc ");
			x.end = offset + size;
		}
		text += line;
		len -= line;
		if (eol) {
			text++;
			len--;
		}
	}
	return x;
}

/*
 * How long its records are: as the fields, aligned like the structure that they
 * are, which the ring buffer keeps; strings lie behind. What is made of a text is no
 * kernel's. perf has 32 bits with the length before its own, and aligns all of that
 * (include/trace/perf.h).
 */
static void read_extent(struct formats *f, struct event_format *ef,
			const char *text, size_t len, const struct source_info *info)
{
	struct extent x = fields_extent(text, len);

	ef->max_len = UINT32_MAX;
	f->odd += x.odd;
	if (x.odd || ef->kind != RECORD_EVENT || info->text)
		return;
	if (!x.strings)
		ef->max_len = ((x.end + 7) & ~7u) + (info->perf ? 4 : 0);
	if (info->perf)
		return;
	if (x.strings == 1 && ef->name.size)
		ef->slack = (uint8_t)((-x.end & 7) + RECORD_PADDING);
}

static uint32_t array_bytes(const struct event_format *ef)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < FORMAT_ARRAYS; i++)
		sum += ef->arrays[i].size;
	return sum;
}

/* What only companion probes have. */
static void read_probe(struct formats *f, struct event_format *ef,
		       const struct wanted *w, const char *text, size_t len,
		       unsigned int long_size)
{
	static const char *const arrays[FORMAT_ARRAYS] = { "o0", "o1", "o2", "o3", "o4" };
	/* before 6.4, and from then on */
	static const char *const regions[2][2][2] = {
		{ { "core", "core_text_size" }, { "init", "init_text_size" } },
		{ { "text", "text_size" }, { "init_text", "init_text_size" } },
	};
	size_t i, k;

	ef->kind = RECORD_PROBE;
	ef->first = w->first;
	for (i = 0; i < FORMAT_ARRAYS; i++) {
		struct field *a = &ef->arrays[i];

		if (!format_field(text, len, arrays[i], a))
			break;
		if (ef->min_len < end_of(a))
			ef->min_len = end_of(a);
	}
	if (w->type == EVENT_BULK_ALLOC || w->type == EVENT_BULK_FREE ||
	    w->type == EVENT_PAGES_BULK)
		f->bulk_known[formats_bulk(w->type)] += (uint32_t)array_bytes(ef) / long_size;
	if (w->type != EVENT_MODULE_MAP)
		return;
	for (k = 0; k < 2; k++)
		for (i = 0; i < 2; i++) {
			number_field(ef, &ef->text[i][0], text, len, regions[k][i][0]);
			number_field(ef, &ef->text[i][1], text, len, regions[k][i][1]);
		}
}

/*
 * The pointer of PFN 0, if the print format has it as a number: "... REC->page) -
 * ((struct page *)(0xffffea0000000000UL))", include/asm-generic/memory_model.h as x86
 * expands it. @scattered: the array depends on the page. This is the one thing that a
 * print format is read for.
 */
static void read_page_base(struct page_frames *frames, const struct source_format *fmt)
{
	static const char cast[] = "(struct page *)(0x";
	size_t fields = fields_len(fmt);
	const char *print = fmt->text + fields, *p;
	size_t len = fmt->len - fields;
	uint64_t base = 0;
	unsigned int n;

	frames->scattered |= find(print, len, "section") || find(print, len, "pgdat") ||
			     find(print, len, "node");
	p = find(print, len, cast);
	if (!p)
		return;
	for (p += strlen(cast), n = 0; n < 16 && p < print + len; n++, p++) {
		const char *digit = *p ? strchr("0123456789abcdef", *p) : NULL;

		if (!digit)
			break;
		base = base << 4 | (uint64_t)(digit - "0123456789abcdef");
	}
	if (n)
		frames->base = base;
}

/* "pfn", or what there was before 4.1. */
static bool read_page(struct formats *f, struct event_format *ef, const struct wanted *w,
		      const struct source_format *fmt, size_t len)
{
	if ((w->type != EVENT_PAGE_ALLOC && w->type != EVENT_PAGE_FREE) ||
	    number_field(ef, &ef->ptr, fmt->text, len, "page"))
		return false;
	ef->page_pointer = f->page_pointers = true;
	read_page_base(&f->frames, fmt);
	return true;
}

static void read_event(struct formats *f, const struct wanted *w,
		       const struct source_format *fmt, uint32_t id,
		       const struct source_info *info)
{
	struct event_format *ef = &f->by_id[id];
	size_t len = fields_len(fmt);
	const char *text = fmt->text;

	/* of two formats with one id the last counts */
	*ef = (struct event_format) {
		.kind = RECORD_EVENT, .type = w->type, .flags = w->flags,
	};
	if (number_field(ef, &ef->ptr, text, len, w->ptr) && !read_page(f, ef, w, fmt, len))
		return missing(f, ef, w, w->ptr);
	number_field(ef, &ef->call_site, text, len, w->call_site);
	if (number_field(ef, &ef->bytes_req, text, len, w->bytes_req) &&
	    (w->needs_bytes || w->type == EVENT_PERCPU_ALLOC))
		return missing(f, ef, w, w->bytes_req);
	if (number_field(ef, &ef->bytes_alloc, text, len, w->bytes_alloc) &&
	    w->needs_bytes)
		return missing(f, ef, w, w->bytes_alloc);
	if (number_field(ef, &ef->order, text, len, w->order) && w->needs_order)
		return missing(f, ef, w, w->order);
	number_field(ef, &ef->reserved, text, len, w->reserved);
	number_field(ef, &ef->caller, text, len, w->caller);
	ef->old_migratetype = ef->page_pointer || source_kernel_before(info->uname, 4, 4);
	if (w->string &&
	    (!format_field(text, len, w->string, &ef->name) || ef->name.size != 4))
		ef->name.size = 0;	/* since 5.12 or 7.2: do without */
	if (w->type == EVENT_PERCPU_ALLOC && !ef->bytes_alloc.size)
		f->percpu_computed = true;	/* since 6.0 */
	if (w->probe)
		read_probe(f, ef, w, text, len, info->long_size);
	read_extent(f, ef, text, len, info);
	f->seen |= 1u << w->type;
	if (w->node)
		f->node_forms |= event_bit(w->type, w->flags);
	else
		f->forms |= event_bit(w->type, w->flags);
}

static bool is_of_system(const struct source_format *fmt, const struct wanted *w)
{
	return w->probe ? !strncmp(fmt->system, w->system, strlen(w->system)) :
			  !strcmp(fmt->system, w->system);
}

static void read_stack(struct formats *f, const struct source_format *fmt,
		       uint32_t id, const struct source_info *info)
{
	struct event_format *ef = &f->by_id[id];
	size_t len = fields_len(fmt);

	*ef = (struct event_format) { .kind = RECORD_STACK };
	if (!format_field(fmt->text, len, "caller", &ef->ptr) ||
	    number_field(ef, &ef->bytes_req, fmt->text, len, "size"))
		return leave_out(f, ef, "ftrace", "kernel_stack",
				 "has no fields 'size' and 'caller'");
	if (ef->min_len < ef->ptr.offset)
		ef->min_len = ef->ptr.offset;
	read_extent(f, ef, fmt->text, len, info);
	f->stacks = true;
}

static bool read_id(const struct source_format *fmt, uint32_t *id)
{
	const char *p = find(fmt->text, fmt->len, "\nID: ");

	return p && key_number(p, (size_t)(fmt->text + fmt->len - p), "ID: ", id) &&
	       *id < FORMAT_IDS;
}

static int read_common(struct formats *f, const struct source_format *fmt,
		       const struct source_info *info, struct error *err)
{
	size_t len = fields_len(fmt);

	if (!format_field(fmt->text, len, "common_type", &f->type) ||
	    !format_field(fmt->text, len, "common_flags", &f->flags) ||
	    !format_field(fmt->text, len, "common_pid", &f->pid) ||
	    f->type.size != 2 || f->flags.size != 1 || f->pid.size != 4)
		return error_set(err, -EINVAL,
				 "%s: events without the fields common_type, common_flags and common_pid: not a format that a kernel writes",
				 info->path);
	f->common_len = end_of(&f->type);
	if (f->common_len < end_of(&f->flags))
		f->common_len = end_of(&f->flags);
	if (f->common_len < end_of(&f->pid))
		f->common_len = end_of(&f->pid);
	return 0;
}

int formats_read(struct formats *f, const struct source_info *info,
		 struct error *err)
{
	size_t i, w;
	uint32_t id;
	int ret;

	memset(f, 0, sizeof(*f));
	f->by_id = calloc(FORMAT_IDS, sizeof(*f->by_id));
	if (!f->by_id)
		return error_set(err, -ENOMEM, "out of memory");

	for (i = 0; i < info->n_formats; i++) {
		const struct source_format *fmt = &info->formats[i];

		if (!read_id(fmt, &id))
			continue;
		if (id >= f->n_ids)
			f->n_ids = id + 1;
		if (!f->type.size) {
			ret = read_common(f, fmt, info, err);
			if (ret)
				return ret;
		}
		if (!strcmp(fmt->system, "ftrace") && is_named(fmt, "kernel_stack")) {
			read_stack(f, fmt, id, info);
			f->by_id[id].described = true;
			continue;
		}
		for (w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++) {
			if (!is_of_system(fmt, &wanted[w]) ||
			    !is_named(fmt, wanted[w].name))
				continue;
			read_event(f, &wanted[w], fmt, id, info);
		}
		f->by_id[id].described = true;
	}
	if (!f->type.size)
		return error_set(err, -EINVAL,
				 "%s: holds no event formats: %s",
				 info->path, advice(ADVICE_EVENTS, info->made_by));
	return 0;
}

void formats_no_pages(struct formats *f, const char *why)
{
	for (uint32_t id = 0; id < f->n_ids; id++) {
		struct event_format *ef = &f->by_id[id];
		bool alloc = ef->type == EVENT_PAGE_ALLOC;

		if (!ef->page_pointer || ef->kind != RECORD_EVENT)
			continue;
		leave_out(f, ef, "kmem", alloc ? "mm_page_alloc" : "mm_page_free", why);
		f->seen &= ~(1u << ef->type);
		f->forms &= ~event_bit(ef->type, 0);
	}
}

void formats_release(struct formats *f)
{
	free(f->by_id);
	f->by_id = NULL;
}
