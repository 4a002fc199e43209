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

static struct formats formats;
static const struct fields fields = { .long_size = 8 };
static struct pairing *p;
static uint8_t data[1024];

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
