// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_probe.c - records of companion probes to events: formats as the
 * kernel prints them for kprobe events and eprobes, arrays, parts of a call
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decode/fields.h"
#include "decode/decode_probe.h"
#include "error.h"
#include "event.h"
#include "formats.h"
#include "decode/pairing.h"
#include "source.h"

#define COMMON								\
	"format:\n"							\
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

#define U64(name, offset) \
	"\tfield:u64 " name ";\toffset:" #offset ";\tsize:8;\tsigned:0;\n"

static const char rcu[] = "name: rcu_free\nID: 2001\n" COMMON
	U64("head", 8) U64("ptr", 16);
/* a dynamic array of an older kernel, a plain one of a newer */
static const char bulk[] = "name: bulk_alloc\nID: 2002\n" COMMON
	"\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:u32 size;\toffset:12;\tsize:4;\tsigned:0;\n"
	"\tfield:u32 object_size;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:s32 ok;\toffset:20;\tsize:4;\tsigned:1;\n"
	U64("count", 24) U64("array", 32)
	"\tfield:u64 o0[];\toffset:40;\tsize:128;\tsigned:0;\n";
static const char bulk16[] = "name: bulk_alloc_16\nID: 2003\n" COMMON
	"\tfield:u32 size;\toffset:12;\tsize:4;\tsigned:0;\n"
	"\tfield:s32 ok;\toffset:20;\tsize:4;\tsigned:1;\n"
	U64("count", 24) U64("array", 32)
	"\tfield:u64 o0[64];\toffset:40;\tsize:512;\tsigned:0;\n";
static const char bulk_free[] = "name: bulk_free\nID: 2004\n" COMMON
	U64("cache", 8) U64("count", 16)
	"\tfield:u64 o0[16];\toffset:24;\tsize:128;\tsigned:0;\n";
static const char vmalloc[] = "name: vmalloc\nID: 2005\n" COMMON
	U64("addr", 8) U64("end", 16);
static const char map[] = "name: module_map\nID: 2006\n" COMMON
	"\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:1;\n"
	U64("mod", 16) U64("text", 24) U64("init_text", 32)
	"\tfield:u32 text_size;\toffset:40;\tsize:4;\tsigned:0;\n"
	"\tfield:u32 init_text_size;\toffset:44;\tsize:4;\tsigned:0;\n";

static const char dma_alloc[] = "name: dma_pool_alloc\nID: 2007\n" COMMON
	U64("size", 8) U64("addr", 16);
static const char dma_free[] = "name: dma_pool_free\nID: 2008\n" COMMON
	U64("addr", 8);

static const char pages_had[] = "name: pages_had\nID: 2010\n" COMMON
	U64("array", 8)
	"\tfield:s32 count;\toffset:16;\tsize:4;\tsigned:1;\n"
	"\tfield:u64 o0[16];\toffset:24;\tsize:128;\tsigned:0;\n";
static const char pages_had_80[] = "name: pages_had_80\nID: 2011\n" COMMON
	U64("array", 8)
	"\tfield:s32 count;\toffset:16;\tsize:4;\tsigned:1;\n"
	"\tfield:u64 o0[64];\toffset:24;\tsize:512;\tsigned:0;\n"
	"\tfield:u64 o1[64];\toffset:536;\tsize:512;\tsigned:0;\n";
#define PAGES_BULK							\
	U64("array", 8) U64("base", 24)					\
	"\tfield:s32 ok;\toffset:16;\tsize:4;\tsigned:1;\n"		\
	"\tfield:u32 unit;\toffset:32;\tsize:4;\tsigned:0;\n"
static const char pages_bulk[] = "name: pages_bulk\nID: 2012\n" COMMON PAGES_BULK
	"\tfield:u64 o0[16];\toffset:40;\tsize:128;\tsigned:0;\n";
static const char pages_bulk_16[] = "name: pages_bulk_16\nID: 2013\n" COMMON PAGES_BULK
	"\tfield:u64 o0[64];\toffset:40;\tsize:512;\tsigned:0;\n";

static struct formats formats;
static const struct fields fields = { .long_size = 8 };
static struct pairing *p;
static uint8_t data[2048];

static int setup(void **state)
{
	static const struct source_format list[] = {
		{ "modmem_12_34", rcu, sizeof(rcu) - 1 },
		{ "modmem_12_34", bulk, sizeof(bulk) - 1 },
		{ "modmem_12_34", bulk16, sizeof(bulk16) - 1 },
		{ "modmem_12_34", bulk_free, sizeof(bulk_free) - 1 },
		{ "modmem_12_34", vmalloc, sizeof(vmalloc) - 1 },
		{ "modmem_12_34", map, sizeof(map) - 1 },
		{ "modmem_12_34", dma_alloc, sizeof(dma_alloc) - 1 },
		{ "modmem_12_34", dma_free, sizeof(dma_free) - 1 },
		{ "modmem_12_34", pages_had, sizeof(pages_had) - 1 },
		{ "modmem_12_34", pages_had_80, sizeof(pages_had_80) - 1 },
		{ "modmem_12_34", pages_bulk, sizeof(pages_bulk) - 1 },
		{ "modmem_12_34", pages_bulk_16, sizeof(pages_bulk_16) - 1 },
	};
	struct source_info info = {
		.path = "t.dat", .long_size = 8, .formats = list,
		.n_formats = sizeof(list) / sizeof(list[0]),
	};
	struct error err;

	(void)state;
	if (formats_read(&formats, &info, &err))
		return -1;
	p = pairing_new();
	memset(data, 0, sizeof(data));
	return p ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	pairing_free(p);
	formats_release(&formats);
	return 0;
}

static void at(size_t offset, uint64_t value)
{
	memcpy(data + offset, &value, 8);
}

static void at32(size_t offset, uint32_t value)
{
	memcpy(data + offset, &value, 4);
}

/* Decodes data as a record of event @id; @ev is what its plain fields say. */
static void decode(uint16_t id, struct event *ev)
{
	struct source_record rec = { .ts = 5, .data = data, .len = sizeof(data) };
	const struct event_format *ef = &formats.by_id[id];

	assert_int_equal(ef->kind, RECORD_PROBE);
	ev->type = ef->type;
	ev->ptr = field_get(&fields, data, ef->ptr);
	ev->call_site = field_get(&fields, data, ef->call_site);
	ev->bytes_req = field_get(&fields, data, ef->bytes_req);
	ev->bytes_alloc = field_get(&fields, data, ef->bytes_alloc);
	ev->order = field_get(&fields, data, ef->order) != 0;
	assert_int_equal(decode_probe(&formats, &fields, ef, &rec, p, ev), 0);
}

static struct event next(void)
{
	const struct event *ev = pairing_pop(p);

	assert_non_null(ev);
	return *ev;
}

static void kfree_rcu_by_offset_or_pointer(void **state)
{
	struct event ev = { 0 };

	(void)state;
	at(8, 0xffff888000001010ULL);	/* head */
	at(16, 0x10);			/* its offset in the object */
	decode(2001, &ev);
	ev = next();
	assert_int_equal(ev.type, EVENT_RCU_FREE);
	assert_true(ev.ptr == 0xffff888000001000ULL);
	at(8, 0);
	at(16, 0xffff888000002000ULL);
	decode(2001, &ev);
	assert_true(next().ptr == 0xffff888000002000ULL);
}

static void bulk_call(size_t offset, uint64_t first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		at(offset + 8 * i, first + i);
}

static void a_bulk_call_in_parts(void **state)
{
	struct event ev = { 0 }, call;
	unsigned int i;

	(void)state;
	at32(12, 32);		/* size */
	at32(20, 1);		/* ok */
	at(24, 100);		/* count: 80 are in the two parts that there are */
	bulk_call(40, 1000, 16);
	decode(2002, &ev);
	/* it waits for its stack */
	assert_null(pairing_pop(p));
	pairing_flush(p);
	call = next();
	assert_int_equal(call.type, EVENT_BULK_ALLOC);
	assert_int_equal(call.bytes_alloc, 32);
	for (i = 0; i < 16; i++) {
		ev = next();
		assert_int_equal(ev.type, EVENT_BULK_ITEM);
		assert_int_equal(ev.ptr, 1000 + i);
	}
	ev = next();
	assert_int_equal(ev.type, EVENT_BULK_MISSED);
	assert_int_equal(ev.bytes_req, 20);
	assert_null(pairing_pop(p));

	bulk_call(40, 2000, 64);
	ev = (struct event){ 0 };
	decode(2003, &ev);
	pairing_flush(p);
	assert_int_equal(next().type, EVENT_BULK_ALLOC);
	for (i = 0; i < 64; i++)
		assert_int_equal(next().ptr, 2000 + i);
	assert_null(pairing_pop(p));
}

static void a_bulk_call_that_failed(void **state)
{
	struct event ev = { 0 };

	(void)state;
	at(24, 5);
	decode(2002, &ev);
	pairing_flush(p);
	assert_null(pairing_pop(p));
}

static void bulk_free_of_fewer_than_it_holds(void **state)
{
	struct event ev = { 0 };

	(void)state;
	at(8, 1);		/* cache */
	at(16, 2);
	bulk_call(24, 700, 16);
	decode(2004, &ev);
	assert_int_equal(next().ptr, 700);
	assert_int_equal(next().ptr, 701);
	assert_null(pairing_pop(p));
	/* of kfree_rcu's own bulks the rest was told by rcu_free */
	at(8, 0);
	at(16, 500);
	ev = (struct event){ 0 };
	decode(2004, &ev);
	for (uint64_t i = 0; i < 16; i++)
		assert_int_equal(next().type, EVENT_BULK_FREE);
	assert_null(pairing_pop(p));
}

static void areas_and_regions(void **state)
{
	struct event ev = { 0 };

	(void)state;
	at(8, 0x10000);
	at(16, 0x14000);
	decode(2005, &ev);
	pairing_flush(p);
	ev = next();
	assert_int_equal(ev.type, EVENT_VMALLOC);
	assert_int_equal(ev.bytes_alloc, 0x4000);
	assert_int_equal(ev.bytes_req, 0);

	at(16, 1);
	at(24, 0xc0401000);
	at(32, 0xc0501000);
	at32(40, 0x3000);
	at32(44, 0x1000);
	ev = (struct event){ 0 };
	decode(2006, &ev);
	ev = next();
	assert_int_equal(ev.type, EVENT_MODULE_REGION);
	assert_int_equal(ev.ptr, 0xc0401000);
	assert_int_equal(ev.bytes_alloc, 0x3000);
	assert_int_equal(ev.flags & EVENT_INIT, 0);
	ev = next();
	assert_int_equal(ev.ptr, 0xc0501000);
	assert_int_equal(ev.flags & EVENT_INIT, EVENT_INIT);
	assert_int_equal(next().type, EVENT_MODULE_MAP);
}

static void dma_blocks(void **state)
{
	struct event ev = { 0 };

	(void)state;
	at(8, 64);
	at(16, 0xffff888000003000ULL);
	decode(2007, &ev);
	/* it waits for its stack */
	assert_null(pairing_pop(p));
	pairing_flush(p);
	ev = next();
	assert_int_equal(ev.type, EVENT_DMA_BLOCK);
	assert_int_equal(ev.bytes_alloc, 64);
	assert_true(ev.ptr == 0xffff888000003000ULL);
	/* the call failed */
	at(16, 0);
	ev = (struct event){ 0 };
	decode(2007, &ev);
	pairing_flush(p);
	assert_null(pairing_pop(p));

	at(8, 0xffff888000003000ULL);
	ev = (struct event){ 0 };
	decode(2008, &ev);
	ev = next();
	assert_int_equal(ev.type, EVENT_DMA_BLOCK_FREE);
	assert_true(ev.ptr == 0xffff888000003000ULL);
}

static void slots_before_the_call(void **state)
{
	struct event ev = { 0 };

	(void)state;
	at(8, 0xffff888000000100ULL);
	at32(16, 3);
	at(24, 0);
	at(32, 0xffffea0000000040ULL);
	at(24 + 8 * 15, 1);		/* beyond the call's: of no account, and told */
	decode(2010, &ev);
	ev = next();
	assert_int_equal(ev.type, EVENT_PAGES_HAD);
	assert_true(ev.ptr == 0xffff888000000100ULL);
	assert_int_equal(ev.bytes_req, 0);
	assert_int_equal(ev.bytes_alloc, 16);
	assert_int_equal(ev.call_site, 0x8002);
	assert_int_equal(ev.order, 0);
	assert_null(pairing_pop(p));

	memset(data, 0, sizeof(data));
	at32(16, 300);
	at(24 + 8 * 63, 1);
	at(536, 1);
	ev = (struct event){ 0 };
	decode(2011, &ev);
	ev = next();
	assert_int_equal(ev.bytes_req, 80);
	assert_int_equal(ev.bytes_alloc, 64);
	assert_true(ev.call_site == 1ULL << 63);
	assert_int_equal(ev.order, 2);
	ev = next();
	assert_int_equal(ev.bytes_req, 144);
	assert_int_equal(ev.call_site, 1);
	assert_null(pairing_pop(p));
}

#define VMEMMAP 0xffffea0000000000ULL

static void pages_call(uint64_t array, uint32_t ok, uint32_t unit)
{
	at(8, array);
	at32(16, ok);
	at(24, VMEMMAP);
	at32(32, unit);
}

static void pages_in_an_array(void **state)
{
	struct event ev = { 0 };
	uint64_t i;

	(void)state;
	pages_call(0xffff888000000100ULL, 90, 64);
	for (i = 0; i < 64; i++)
		at(40 + 8 * i, VMEMMAP + (0x5000 + i) * 64);
	decode(2012, &ev);
	assert_null(pairing_pop(p));	/* it waits for its stack */
	pairing_flush(p);
	ev = next();
	assert_int_equal(ev.type, EVENT_PAGES_BULK);
	assert_true(ev.ptr == 0xffff888000000100ULL);
	assert_int_equal(ev.bytes_req, 90);
	assert_int_equal(ev.bytes_alloc, 0);
	assert_int_equal(ev.call_site, 0);
	for (i = 0; i < 16; i++) {
		ev = next();
		assert_int_equal(ev.type, EVENT_PAGES_ITEM);
		assert_int_equal(ev.ptr, 0x5000 + i);
		assert_int_equal(ev.bytes_req, i);
	}
	/* this kernel has events for 80 */
	ev = next();
	assert_int_equal(ev.type, EVENT_PAGES_MISSED);
	assert_int_equal(ev.bytes_req, 10);
	assert_null(pairing_pop(p));

	ev = (struct event){ 0 };
	decode(2013, &ev);
	pairing_flush(p);
	assert_int_equal(next().order, 1);
	for (i = 0; i < 64; i++) {
		ev = next();
		assert_int_equal(ev.ptr, 0x5000 + i);
		assert_int_equal(ev.bytes_req, 16 + i);
	}
	assert_null(pairing_pop(p));
}

/* Fewer than it holds, none, an error; what is no struct page. */
static void pages_that_are_none(void **state)
{
	static const uint32_t none[] = { 0, (uint32_t)-12 };
	struct event ev;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ev = (struct event){ 0 };
		pages_call(0x1000, none[i], 64);
		decode(2012, &ev);
		pairing_flush(p);
		assert_null(pairing_pop(p));
	}
	ev = (struct event){ 0 };
	pages_call(0x1000, 16, 64);
	decode(2013, &ev);	/* not even one of this part */
	pairing_flush(p);
	assert_null(pairing_pop(p));

	for (size_t i = 0; i < 16; i++)
		at(40 + 8 * i, VMEMMAP + 64 * i);
	at(40, 0);			/* it could not be read */
	at(48, VMEMMAP + 65);
	at(56, VMEMMAP - 64);
	pages_call(0x1000, 4, 64);
	ev = (struct event){ 0 };
	decode(2012, &ev);
	pairing_flush(p);
	assert_int_equal(next().type, EVENT_PAGES_BULK);
	ev = next();
	assert_int_equal(ev.type, EVENT_PAGES_ITEM);
	assert_int_equal(ev.ptr, 3);
	assert_int_equal(ev.bytes_req, 3);
	ev = next();
	assert_int_equal(ev.type, EVENT_PAGES_MISSED);
	assert_int_equal(ev.bytes_req, 3);
	assert_null(pairing_pop(p));

	/* no size: none is known */
	pages_call(0x1000, 2, 0);
	ev = (struct event){ 0 };
	decode(2012, &ev);
	pairing_flush(p);
	assert_int_equal(next().type, EVENT_PAGES_BULK);
	assert_int_equal(next().bytes_req, 2);
	assert_null(pairing_pop(p));
}

/* Up to 6.13 there may be a list in place of an array. */
static void pages_in_a_list(void **state)
{
	struct event ev = { 0 };

	(void)state;
	pages_call(0, 70, 64);
	decode(2012, &ev);
	pairing_flush(p);
	assert_int_equal(next().type, EVENT_PAGES_BULK);
	ev = next();
	assert_int_equal(ev.type, EVENT_PAGES_MISSED);
	assert_int_equal(ev.bytes_req, 70);
	assert_null(pairing_pop(p));
	ev = (struct event){ 0 };
	decode(2013, &ev);	/* once */
	pairing_flush(p);
	assert_int_equal(next().type, EVENT_PAGES_BULK);
	assert_null(pairing_pop(p));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kfree_rcu_by_offset_or_pointer),
		TEST(a_bulk_call_in_parts),
		TEST(a_bulk_call_that_failed),
		TEST(bulk_free_of_fewer_than_it_holds),
		TEST(areas_and_regions),
		TEST(dma_blocks),
		TEST(slots_before_the_call),
		TEST(pages_in_an_array),
		TEST(pages_that_are_none),
		TEST(pages_in_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
