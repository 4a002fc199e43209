// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_formats.c - where fields lie, as the formats of real kernels
 * say, and as no kernel says
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "event.h"
#include "formats.h"
#include "source.h"
#include "tracerec.h"

#define HEAD(name, id) "name: " name "\nID: " id "\nformat:\n"
#define COMMON								\
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define F(decl, offset, size)						\
	"\tfield:" decl ";\toffset:" offset ";\tsize:" size ";\tsigned:0;\n"

/* As recorded with x86_64; those of s390x (big endian) are the same. */
static const char stack_64[] = HEAD("kernel_stack", "4") COMMON
	"\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
	F("unsigned long caller[8]", "16", "64")
	"\nprint fmt: \"\\t=> %ps\\n\\t=> %ps\\n\", (void *)REC->caller[0], (void *)REC->caller[1]\n";
static const char stack_32[] = HEAD("kernel_stack", "4") COMMON
	"\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
	F("unsigned long caller[8]", "12", "32");
static const char kmalloc_node_5_10[] = HEAD("kmalloc_node", "534") COMMON
	F("unsigned long call_site", "8", "8") F("const void * ptr", "16", "8")
	F("size_t bytes_req", "24", "8") F("size_t bytes_alloc", "32", "8")
	F("gfp_t gfp_flags", "40", "4")
	"\tfield:int node;\toffset:44;\tsize:4;\tsigned:1;\n";
static const char kmem_cache_free_5_10[] = HEAD("kmem_cache_free", "531") COMMON
	F("unsigned long call_site", "8", "8") F("const void * ptr", "16", "8");
static const char percpu_5_10[] = HEAD("percpu_alloc_percpu", "523") COMMON
	F("bool reserved", "8", "1") F("bool is_atomic", "9", "1")
	F("size_t size", "16", "8") F("size_t align", "24", "8")
	F("void * base_addr", "32", "8")
	"\tfield:int off;\toffset:40;\tsize:4;\tsigned:1;\n"
	F("void * ptr", "48", "8");
static const char alloc_vmap_area_6_12[] = HEAD("alloc_vmap_area", "700") COMMON
	F("unsigned long addr", "8", "8") F("unsigned long size", "16", "8")
	F("unsigned long align", "24", "8") F("unsigned long vstart", "32", "8")
	F("unsigned long vend", "40", "8")
	"\tfield:int failed;\toffset:48;\tsize:4;\tsigned:1;\n";
static const char kmalloc_6_1[] = HEAD("kmalloc", "552") COMMON
	F("unsigned long call_site", "8", "8") F("const void * ptr", "16", "8")
	F("size_t bytes_req", "24", "8") F("size_t bytes_alloc", "32", "8")
	F("unsigned long gfp_flags", "40", "8")
	"\tfield:int node;\toffset:48;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"call_site=%pS ptr=%p bytes_req=%zu bytes_alloc=%zu\", (void *)REC->call_site, REC->ptr\n";
static const char kmem_cache_free_6_1[] = HEAD("kmem_cache_free", "550") COMMON
	F("unsigned long call_site", "8", "8") F("const void * ptr", "16", "8")
	"\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:1;\n";
static const char page_alloc_6_12[] = HEAD("mm_page_alloc", "621") COMMON
	F("unsigned long pfn", "8", "8") F("unsigned int order", "16", "4")
	F("unsigned long gfp_flags", "24", "8")
	"\tfield:int migratetype;\toffset:32;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"page=%p pfn=0x%lx order=%d\", REC->pfn != -1UL ? (((struct page *)vmemmap_base) + (REC->pfn)) : ((void *)0), REC->pfn\n";
static const char percpu_6_12[] = HEAD("percpu_alloc_percpu", "615") COMMON
	F("unsigned long call_site", "8", "8") F("bool reserved", "16", "1")
	F("bool is_atomic", "17", "1") F("size_t size", "24", "8")
	F("size_t align", "32", "8") F("void * base_addr", "40", "8")
	"\tfield:int off;\toffset:48;\tsize:4;\tsigned:1;\n"
	F("void * ptr", "56", "8") F("size_t bytes_alloc", "64", "8")
	F("unsigned long gfp_flags", "72", "8");
static const char module_load_6_1[] = HEAD("module_load", "362") COMMON
	F("unsigned int taints", "8", "4")
	"\tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:1;\n";
static const char kmem_cache_alloc_armhf[] = HEAD("kmem_cache_alloc", "510") COMMON
	F("unsigned long call_site", "8", "4") F("const void * ptr", "12", "4")
	F("size_t bytes_req", "16", "4") F("size_t bytes_alloc", "20", "4")
	F("unsigned long gfp_flags", "24", "4")
	"\tfield:int node;\toffset:28;\tsize:4;\tsigned:1;\n"
	F("bool accounted", "32", "1");
static const char page_alloc_armhf[] = HEAD("mm_page_alloc", "504") COMMON
	F("unsigned long pfn", "8", "4") F("unsigned int order", "12", "4")
	F("unsigned long gfp_flags", "16", "4")
	"\tfield:int migratetype;\toffset:20;\tsize:4;\tsigned:1;\n";

static struct source_format texts[16];
static struct source_info info = {
	.path = "t.dat", .formats = texts, .made_by = RECORDER_TRACE_CMD,
};
static struct formats f;
static struct error err;

static void give(const char *system, const char *text)
{
	/* on the heap and not terminated, for what looks too far */
	char *copy = malloc(strlen(text));

	memcpy(copy, text, strlen(text));
	texts[info.n_formats++] = (struct source_format) {
		.system = system, .text = copy, .len = strlen(text),
	};
}

static int read_formats(void)
{
	int ret;

	formats_release(&f);
	strcpy(err.text, "");
	ret = formats_read(&f, &info, &err);
	while (info.n_formats)
		free((char *)texts[--info.n_formats].text);
	return ret;
}

static void read_good(void)
{
	if (read_formats())
		fail_msg("%s", err.text);
}

/* The formats are refused with a sentence that has all of this in it. */
static void read_bad(const char *event, const char *field)
{
	assert_int_equal(read_formats(), -EINVAL);
	if (!strstr(err.text, event) || !strstr(err.text, field) ||
	    !strstr(err.text, "t.dat: "))
		fail_msg("not about %s and %s: %s", event, field, err.text);
}

/* The event is left out, with a reason that has @field in it. */
static void left_out(const char *event, const char *field)
{
	size_t system;

	read_good();
	assert_int_equal(f.n_unusable, 1);
	system = strlen(f.unusable[0].system);
	assert_memory_equal(event, f.unusable[0].system, system);
	assert_string_equal(event + system + 1, f.unusable[0].name);
	if (!strstr(f.unusable[0].why, field))
		fail_msg("not about %s: %s", field, f.unusable[0].why);
	assert_int_equal(f.seen, 0);
	assert_int_equal(f.forms | f.node_forms, 0);
	assert_false(f.stacks);
	for (uint32_t id = 0; id < f.n_ids; id++)
		assert_int_equal(f.by_id[id].kind, RECORD_OTHER);
}

static void expect(struct field field, uint32_t offset, uint32_t size)
{
	assert_int_equal(field.offset, offset);
	assert_int_equal(field.size, size);
}

static void expect_none(struct field field)
{
	assert_int_equal(field.size, 0);
}

/* ---- real kernels ------------------------------------------------------- */

static void test_5_10(void **state)
{
	const struct event_format *ef;

	(void)state;
	give("ftrace", stack_64);
	give("kmem", kmalloc_node_5_10);
	give("kmem", kmem_cache_free_5_10);
	give("percpu", percpu_5_10);
	read_good();
	assert_true(f.stacks);
	expect(f.type, 0, 2);
	expect(f.flags, 2, 1);
	expect(f.pid, 4, 4);
	assert_true(f.pid.is_signed);

	ef = &f.by_id[534];
	assert_int_equal(ef->kind, RECORD_EVENT);
	assert_int_equal(ef->type, EVENT_SLAB_ALLOC);
	assert_int_equal(ef->flags, EVENT_KMALLOC);
	assert_int_equal(ef->min_len, 40);
	expect(ef->call_site, 8, 8);
	expect(ef->ptr, 16, 8);
	expect(ef->bytes_req, 24, 8);
	expect(ef->bytes_alloc, 32, 8);
	expect_none(ef->name);

	ef = &f.by_id[531];
	assert_int_equal(ef->type, EVENT_SLAB_FREE);
	assert_int_equal(ef->flags, 0);
	assert_int_equal(ef->min_len, 24);
	expect_none(ef->name);

	/* neither call_site nor bytes_alloc before 6.0 */
	ef = &f.by_id[523];
	assert_int_equal(ef->type, EVENT_PERCPU_ALLOC);
	expect(ef->reserved, 8, 1);
	expect(ef->bytes_req, 16, 8);
	expect(ef->ptr, 48, 8);
	expect_none(ef->call_site);
	expect_none(ef->bytes_alloc);
	assert_true(f.percpu_computed);
	assert_int_equal(f.seen, 1u << EVENT_SLAB_ALLOC | 1u << EVENT_SLAB_FREE |
			 1u << EVENT_PERCPU_ALLOC);
}

static void test_6_1_and_later(void **state)
{
	const struct event_format *ef;

	(void)state;
	give("ftrace", stack_64);
	give("kmem", kmalloc_6_1);
	give("kmem", kmem_cache_free_6_1);
	give("kmem", page_alloc_6_12);
	give("percpu", percpu_6_12);
	give("module", module_load_6_1);
	give("vmalloc", alloc_vmap_area_6_12);
	read_good();
	ef = &f.by_id[700];
	assert_int_equal(ef->type, EVENT_AREA_RANGE);
	expect(ef->ptr, 8, 8);
	expect(ef->bytes_req, 16, 8);
	expect(ef->order, 48, 4);
	ef = &f.by_id[4];
	assert_int_equal(ef->kind, RECORD_STACK);
	expect(ef->bytes_req, 8, 4);
	assert_int_equal(ef->ptr.offset, 16);
	assert_int_equal(ef->min_len, 16);	/* a stack may be empty */

	ef = &f.by_id[552];
	assert_int_equal(ef->flags, EVENT_KMALLOC);
	expect(ef->bytes_alloc, 32, 8);
	ef = &f.by_id[550];
	expect(ef->name, 24, 4);
	/* records without the name are still good */
	assert_int_equal(ef->min_len, 24);
	ef = &f.by_id[621];
	assert_int_equal(ef->type, EVENT_PAGE_ALLOC);
	expect(ef->ptr, 8, 8);
	expect(ef->order, 16, 4);
	expect_none(ef->call_site);
	ef = &f.by_id[615];
	expect(ef->bytes_req, 24, 8);
	expect(ef->ptr, 56, 8);
	expect(ef->bytes_alloc, 64, 8);
	assert_false(f.percpu_computed);
	ef = &f.by_id[362];
	assert_int_equal(ef->type, EVENT_MODULE_LOAD);
	expect(ef->name, 12, 4);
	assert_int_equal(f.by_id[363].kind, RECORD_OTHER);
}

static void test_32_bit(void **state)
{
	const struct event_format *ef;

	(void)state;
	give("ftrace", stack_32);
	give("kmem", kmem_cache_alloc_armhf);
	give("kmem", page_alloc_armhf);
	read_good();
	assert_int_equal(f.by_id[4].ptr.offset, 12);
	assert_int_equal(f.by_id[4].min_len, 12);
	ef = &f.by_id[510];
	expect(ef->call_site, 8, 4);
	expect(ef->ptr, 12, 4);
	expect(ef->bytes_alloc, 20, 4);
	assert_int_equal(ef->min_len, 24);
	expect(f.by_id[504].ptr, 8, 4);
	expect(f.by_id[504].order, 12, 4);
}

/* What the other tests write is what real kernels write. */
static void test_made_up_ones_are_like_real_ones(void **state)
{
	static const struct {
		const struct rec_kernel *kernel;
		const char *event, *text;
	} same[] = {
		{ &rec_5_10, "kmalloc_node", kmalloc_node_5_10 },
		{ &rec_5_10, "kmem_cache_free", kmem_cache_free_5_10 },
		{ &rec_5_10, "percpu_alloc_percpu", percpu_5_10 },
		{ &rec_6_1, "kernel_stack", stack_64 },
		{ &rec_6_1, "kmalloc", kmalloc_6_1 },
		{ &rec_6_1, "kmem_cache_free", kmem_cache_free_6_1 },
		{ &rec_6_1, "mm_page_alloc", page_alloc_6_12 },
		{ &rec_6_1, "percpu_alloc_percpu", percpu_6_12 },
		{ &rec_6_1, "module_load", module_load_6_1 },
		{ &rec_6_1_armhf, "kernel_stack", stack_32 },
		{ &rec_6_1_armhf, "kmem_cache_alloc", kmem_cache_alloc_armhf },
		{ &rec_6_1_armhf, "mm_page_alloc", page_alloc_armhf },
	};
	static const char *const fields[] = {
		"call_site", "ptr", "pfn", "bytes_req", "bytes_alloc", "size",
		"order", "reserved", "name", "caller", "off", "migratetype",
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		size_t id = rec_id(same[i].kernel, same[i].event);
		char *text = rec_format(same[i].kernel, id - 500);

		for (k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
			struct field a = { 0 }, b = { 0 };

			assert_int_equal(
				format_field(text, strlen(text), fields[k], &a),
				format_field(same[i].text, strlen(same[i].text),
					     fields[k], &b));
			expect(a, b.offset, b.size);
		}
		free(text);
	}
}

static void test_name_in_alloc(void **state)
{
	size_t id = rec_id(&rec_7, "kmem_cache_alloc");
	char *text = rec_format(&rec_7, id - 500);

	(void)state;
	give("kmem", text);
	free(text);
	read_good();
	expect(f.by_id[id].name, 24, 4);
	expect(f.by_id[id].bytes_req, 32, 8);
	expect(f.by_id[id].bytes_alloc, 40, 8);
	assert_int_equal(f.by_id[id].min_len, 48);
}

/* ---- fields ------------------------------------------------------------- */

static bool find(const char *text, const char *name, struct field *field)
{
	size_t len = strlen(text);
	char *copy = malloc(len + 1);
	bool found;

	memset(field, 0, sizeof(*field));
	memcpy(copy, text, len);
	copy = realloc(copy, len ? len : 1);
	found = format_field(copy, len, name, field);
	free(copy);
	return found;
}

static void test_declarations(void **state)
{
	struct field got;

	(void)state;
	assert_true(find(F("char comm[16]", "8", "16"), "comm", &got));
	expect(got, 8, 16);
	assert_true(find(F("unsigned long caller[]", "16", "0"), "caller", &got));
	expect(got, 16, 0);
	assert_true(find(F("__data_loc char[] name", "24", "4"), "name", &got));
	expect(got, 24, 4);
	assert_true(find(F("const void *ptr", "16", "8"), "ptr", &got));
	assert_true(find(F("struct x *const * ptr", "16", "8"), "ptr", &got));
	/* not a part of a name, not a type */
	assert_false(find(F("void * base_ptr", "16", "8"), "ptr", &got));
	assert_false(find(F("void * ptr2", "16", "8"), "ptr", &got));
	assert_false(find(F("size_t x", "16", "8"), "size", &got));
	assert_false(find(F("ptr", "16", "8"), "ptr", &got));
	/* the first of two, whichever line it is on */
	assert_true(find(F("int a", "0", "4") F("int b", "4", "4")
			 F("int b", "8", "4"), "b", &got));
	expect(got, 4, 4);
	/* without signed: (before 2.6.34), without a last newline */
	assert_true(find("\tfield:int a;\toffset:12;\tsize:4;", "a", &got));
	expect(got, 12, 4);
	assert_false(got.is_signed);
	assert_true(find("\tfield:int a;\toffset:12;\tsize:4;\tsigned:1;", "a", &got));
	assert_true(got.is_signed);
}

static void test_broken_lines(void **state)
{
	static const char *const lines[] = {
		"", "\n", "\n\n\n", "field:", "field:;", "field: ;offset:1;size:1;",
		"field:int a", "field:int a;", "field:int a;offset:",
		"field:int a;offset:;size:4;", "field:int a;offset:x;size:4;",
		"field:int a;offset:-1;size:4;", "field:int a;offset:4;size:;",
		"field:int a;offset:65537;size:4;",
		"field:int a;offset:18446744073709551620;size:4;",
		"field:int a;offset:4;size:99999999999999999999999999;",
		"field:int a\noffset:4;size:4;", "field:];offset:4;size:4;",
		"field:[];offset:4;size:4;", "field:int a[;offset:4;size:4;",
		"offset:4;size:4;field:int a;", "field:int a]; offset:4; size:4;",
	};
	struct field got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (find(lines[i], "a", &got))
			fail_msg("found in '%s'", lines[i]);
}

/* ---- formats that cannot be used ---------------------------------------- */

static void test_missing_fields(void **state)
{
	static const struct {
		const char *system, *event, *field;
		const struct rec_kernel *kernel;
	} needed[] = {
		{ "kmem", "kmalloc", "ptr", &rec_6_1 },
		{ "kmem", "kmalloc", "bytes_req", &rec_6_1 },
		{ "kmem", "kmalloc", "bytes_alloc", &rec_6_1 },
		{ "kmem", "kmalloc_node", "bytes_alloc", &rec_5_10 },
		{ "kmem", "kmem_cache_alloc", "bytes_alloc", &rec_6_1 },
		{ "kmem", "kfree", "ptr", &rec_6_1 },
		{ "kmem", "kmem_cache_free", "ptr", &rec_6_1 },
		{ "kmem", "mm_page_alloc", "pfn", &rec_6_1 },
		{ "kmem", "mm_page_alloc", "order", &rec_6_1 },
		{ "kmem", "mm_page_free", "order", &rec_6_1 },
		{ "percpu", "percpu_alloc_percpu", "ptr", &rec_6_1 },
		{ "percpu", "percpu_alloc_percpu", "size", &rec_6_1 },
		{ "percpu", "percpu_free_percpu", "ptr", &rec_6_1 },
		{ "module", "module_load", "name", &rec_6_1 },
		{ "ftrace", "kernel_stack", "caller", &rec_6_1 },
		{ "ftrace", "kernel_stack", "size", &rec_6_1 },
		{ "kmem", "kfree", "common_pid", &rec_6_1 },
		{ "kmem", "kfree", "common_type", &rec_6_1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		char *text = rec_format(needed[i].kernel,
					rec_id(needed[i].kernel,
					       needed[i].event) - 500u);
		char *p, key[64];

		/* under another name it is there still */
		snprintf(key, sizeof(key), " %s", needed[i].field);
		for (p = text; (p = strstr(p, key)); p++)
			p[1] = '_';
		give(needed[i].system, text);
		free(text);
		if (!strncmp(needed[i].field, "common", 6)) {
			read_bad("events", needed[i].field);
			continue;
		}
		snprintf(key, sizeof(key), "%s:%s", needed[i].system, needed[i].event);
		left_out(key, needed[i].field);
	}
}

/* A field of a size that no number has is as good as none. */
static void test_unusable_sizes(void **state)
{
	(void)state;
	give("kmem", HEAD("kfree", "9") COMMON F("void *ptr", "8", "3"));
	left_out("kmem:kfree", "'ptr'");
	give("kmem", HEAD("kfree", "9") COMMON F("void *ptr", "8", "0"));
	left_out("kmem:kfree", "'ptr'");
	give("kmem", HEAD("kfree", "9") COMMON F("void *ptr", "8", "16"));
	left_out("kmem:kfree", "'ptr'");
	give("kmem", HEAD("kfree", "9") COMMON F("void *ptr", "99999999", "8"));
	left_out("kmem:kfree", "'ptr'");
	give("ftrace", HEAD("kernel_stack", "4") COMMON F("int size", "8", "5")
	     F("unsigned long caller[8]", "16", "64"));
	left_out("ftrace:kernel_stack", "'size'");
	/* a name that is no __data_loc is not read, but no reason to give up */
	give("kmem", HEAD("kmem_cache_free", "9") COMMON F("void *ptr", "8", "8")
	     F("const char * name", "16", "8"));
	read_good();
	expect_none(f.by_id[9].name);
}

static void test_no_formats(void **state)
{
	(void)state;
	read_bad("no event formats", "-e kmem");
	/* empty, without an id, with one that is too large */
	give("kmem", "");
	give("kmem", HEAD("kfree", "") COMMON F("void *ptr", "8", "8"));
	give("kmem", HEAD("kfree", "65536") COMMON F("void *ptr", "8", "8"));
	give("kmem", HEAD("kfree", "-1") COMMON F("void *ptr", "8", "8"));
	read_bad("no event formats", "-e kmem");
	/* others than ours are fine */
	give("kmem", HEAD("mm_page_free_batched", "3") COMMON);
	give("sched", HEAD("kfree", "65535") COMMON);
	give("kmem", HEAD("kfreed", "7") COMMON);
	read_good();
	assert_int_equal(f.seen, 0);
	assert_int_equal(f.by_id[3].kind, RECORD_OTHER);
	assert_int_equal(f.by_id[65535].kind, RECORD_OTHER);
}

/* Fields that exist in the print format only do not exist. */
static void test_print_format_is_not_read(void **state)
{
	(void)state;
	give("kmem", HEAD("kfree", "9") COMMON
	     "\nprint fmt: \"x\"\n" F("void *ptr", "8", "8"));
	left_out("kmem:kfree", "'ptr'");
}

/*
 * Two events with one id: whichever it is, no field lies behind min_len, which
 * is all that the decoder checks.
 */
/* Fields are one behind the other, with what aligns them between. */
static void test_odd_fields(void **state)
{
	static const struct {
		const char *order, *bytes;
		uint32_t odd;
	} places[] = {
		{ "16", "4", 0 }, { "23", "4", 0 }, { "12", "4", 1 }, { "24", "4", 1 },
		{ "16", "0", 0 }, { "61", "4", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text), HEAD("kfree", "552") COMMON
			 F("void *ptr", "8", "8")
			 "\tfield:int order;\toffset:%s;\tsize:%s;\tsigned:1;\n",
			 places[i].order, places[i].bytes);
		give("kmem", text);
		read_good();
		assert_int_equal(f.odd, places[i].odd);
		assert_true(f.by_id[552].described);
		assert_false(f.by_id[553].described);
		if (places[i].odd)
			assert_true(f.by_id[552].max_len == UINT32_MAX);
		else if (i == 0)
			assert_int_equal(f.by_id[552].max_len, 24);
	}
}

static void test_same_id_twice(void **state)
{
	const struct event_format *ef = NULL;

	(void)state;
	give("kmem", kmalloc_6_1);
	give("kmem", HEAD("mm_page_free", "552") COMMON
	     F("unsigned long pfn", "8", "8")
	     F("unsigned int order", "16", "4"));
	give("kmem", HEAD("kfree", "552") COMMON F("void *ptr", "8", "8")
	     "\tfield:unsigned long call_site;\toffset:60000;\tsize:?;\n");
	read_good();
	ef = &f.by_id[552];
	assert_in_range(ef->call_site.offset + ef->call_site.size, 0, ef->min_len);
	assert_in_range(ef->bytes_alloc.offset + ef->bytes_alloc.size, 0,
			ef->min_len);
	/* nothing is left of the others */
	assert_int_equal(ef->type, EVENT_SLAB_FREE);
	expect_none(ef->bytes_alloc);
	expect_none(ef->order);
	assert_int_equal(ef->min_len, 16);
}

static int group_teardown(void **state)
{
	(void)state;
	formats_release(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_5_10),
		cmocka_unit_test(test_6_1_and_later),
		cmocka_unit_test(test_32_bit),
		cmocka_unit_test(test_made_up_ones_are_like_real_ones),
		cmocka_unit_test(test_name_in_alloc),
		cmocka_unit_test(test_declarations),
		cmocka_unit_test(test_broken_lines),
		cmocka_unit_test(test_missing_fields),
		cmocka_unit_test(test_unusable_sizes),
		cmocka_unit_test(test_no_formats),
		cmocka_unit_test(test_print_format_is_not_read),
		cmocka_unit_test(test_odd_fields),
		cmocka_unit_test(test_same_id_twice),
	};

	return cmocka_run_group_tests(tests, NULL, group_teardown);
}
