// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_decode_records.c - from the records of one CPU to events
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode.h"
#include "error.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"
#include "tracerec.h"

static struct recording r;
static struct source *src;
static struct stacks *stacks;
static struct strings *strings;
static struct decoder *d;
static struct event ev;

static void close_decoder(void)
{
	decoder_free(d);
	d = NULL;
	source_close(src);
	src = NULL;
	rec_free(&r);
}

static void open_decoder(void)
{
	struct error err = { "" };
	const char *path = rec_write(&r);

	src = source_open(path, &err);
	if (!src)
		fail_msg("%s", err.text);
	d = decoder_new(src, stacks, strings, &err);
	if (!d)
		fail_msg("%s", err.text);
}

static int setup(void **state)
{
	(void)state;
	stacks = stacks_new();
	strings = strings_new();
	return !stacks || !strings;
}

static int teardown(void **state)
{
	(void)state;
	close_decoder();
	stacks_free(stacks);
	strings_free(strings);
	return 0;
}

static void next(enum event_type type, uint64_t ts)
{
	memset(&ev, 0xaa, sizeof(ev));
	assert_int_equal(decoder_next(d, &ev, NULL), 1);
	assert_int_equal(ev.type, type);
	assert_int_equal(ev.ts, ts);
}

static void at_end(void)
{
	assert_int_equal(decoder_next(d, &ev, NULL), 0);
	assert_int_equal(decoder_next(d, &ev, NULL), 0);
	assert_null(decoder_damage(d, 0));
}

static void stack_is(const uint64_t *frames, size_t n)
{
	size_t got;
	const uint64_t *have = stacks_get(stacks, ev.stack, &got);

	assert_int_equal(got, n);
	if (n)
		assert_memory_equal(have, frames, n * sizeof(*frames));
}

static void name_is(const char *name)
{
	assert_string_equal(strings_get(strings, ev.name), name);
}

/* Kernels of both byte orders and both sizes of a long. */
static const struct rec_kernel *const kernels[] = {
	&rec_6_1, &rec_6_1_s390x, &rec_6_1_armhf, &rec_6_1_ppc32,
};

#define N_KERNELS (sizeof(kernels) / sizeof(kernels[0]))

/* A kernel address as the kernel's long has it. */
static uint64_t at(const struct rec_kernel *kernel, uint64_t addr)
{
	return kernel->long_size == 8 ? addr : (uint32_t)addr;
}

static void test_all_events(void **state)
{
	const struct rec_kernel *k;
	uint64_t frames[3];
	size_t i;

	(void)state;
	for (i = 0; i < N_KERNELS; i++) {
		k = kernels[i];
		frames[0] = at(k, 0xffffffff81000010);
		frames[1] = at(k, 0xffffffffc0000020);
		frames[2] = at(k, 0xffffffff82000030);
		rec_start(&r, k, 1, 1);
		EMIT(&r, .ts = 10, .event = "kmalloc", .pid = 70000,
		     .ptr = 0xffff888012345678, .call_site = 0xffffffffc0001234,
		     .bytes_req = 33, .bytes_alloc = 64);
		EMIT(&r, .ts = 11, .event = "kernel_stack", .pid = 70000,
		     .frames = frames, .n_frames = 3);
		EMIT(&r, .ts = 12, .event = "kmem_cache_alloc", .flags = REC_SOFTIRQ,
		     .ptr = 0xffff888012345600, .call_site = 0xffffffff81001234,
		     .bytes_req = 28, .bytes_alloc = 32);
		EMIT(&r, .ts = 13, .event = "kmem_cache_free", .flags = REC_HARDIRQ,
		     .ptr = 0xffff888012345600, .call_site = 0xffffffff81001238,
		     .name = "task_struct", .pid = -1);
		EMIT(&r, .ts = 14, .event = "kfree", .flags = REC_NMI | REC_HARDIRQ,
		     .ptr = 0xffff888012345678, .call_site = 0xffffffffc0001240);
		EMIT(&r, .ts = 15, .event = "mm_page_alloc", .ptr = 0x12345,
		     .order = 3);
		EMIT(&r, .ts = 16, .event = "mm_page_free", .ptr = 0x12345);
		EMIT(&r, .ts = 17, .event = "mm_page_free_batched", .ptr = 1);
		EMIT(&r, .ts = 18, .event = "percpu_alloc_percpu",
		     .ptr = 0xc1434983ae68, .call_site = 0xffffffff81005678,
		     .bytes_req = 24, .bytes_alloc = 96, .reserved = 1);
		EMIT(&r, .ts = 19, .event = "percpu_free_percpu",
		     .ptr = 0xc1434983ae68);
		EMIT(&r, .ts = 20, .event = "percpu_alloc_percpu_fail",
		     .bytes_req = 4000);
		EMIT(&r, .ts = 21, .event = "module_load", .name = "kmtest");
		EMIT(&r, .ts = 22, .event = "module_free", .name = "kmtest");
		open_decoder();

		next(EVENT_SLAB_ALLOC, 10);
		assert_int_equal(ev.flags, EVENT_KMALLOC);
		assert_true(ev.ptr == at(k, 0xffff888012345678));
		assert_true(ev.call_site == at(k, 0xffffffffc0001234));
		assert_int_equal(ev.bytes_req, 33);
		assert_int_equal(ev.bytes_alloc, 64);
		assert_int_equal(ev.pid, 70000);
		assert_int_equal(ev.cpu, 0);
		assert_int_equal(ev.order, 0);
		assert_int_equal(ev.context, CONTEXT_TASK);
		name_is("");
		stack_is(frames, 3);
		next(EVENT_SLAB_ALLOC, 12);
		assert_int_equal(ev.flags, 0);
		assert_int_equal(ev.context, CONTEXT_SOFTIRQ);
		assert_int_equal(ev.stack, STACK_NONE);
		assert_int_equal(ev.bytes_alloc, 32);
		next(EVENT_SLAB_FREE, 13);
		assert_int_equal(ev.context, CONTEXT_HARDIRQ);
		assert_int_equal(ev.pid, -1);
		assert_int_equal(ev.bytes_alloc, 0);
		name_is("task_struct");
		next(EVENT_SLAB_FREE, 14);
		assert_int_equal(ev.context, CONTEXT_NMI);
		assert_int_equal(ev.flags, EVENT_KMALLOC);
		assert_true(ev.ptr == at(k, 0xffff888012345678));
		next(EVENT_PAGE_ALLOC, 15);
		assert_int_equal(ev.ptr, 0x12345);
		assert_int_equal(ev.order, 3);
		assert_int_equal(ev.call_site, 0);
		next(EVENT_PAGE_FREE, 16);
		assert_int_equal(ev.order, 0);
		next(EVENT_PERCPU_ALLOC, 18);
		assert_true(ev.ptr == at(k, 0xc1434983ae68));
		assert_int_equal(ev.bytes_req, 24);
		assert_int_equal(ev.bytes_alloc, 96);
		assert_int_equal(ev.flags, EVENT_RESERVED);
		assert_true(ev.call_site == at(k, 0xffffffff81005678));
		next(EVENT_PERCPU_FREE, 19);
		assert_true(ev.ptr == at(k, 0xc1434983ae68));
		next(EVENT_PERCPU_FAIL, 20);
		assert_int_equal(ev.bytes_req, 4000);
		next(EVENT_MODULE_LOAD, 21);
		name_is("kmtest");
		next(EVENT_MODULE_FREE, 22);
		name_is("kmtest");
		at_end();
		assert_int_equal(decoder_stats(d)->records, 13);
		assert_int_equal(decoder_stats(d)->malformed, 0);
		assert_int_equal(decoder_stats(d)->unpaired_stacks, 0);
		assert_true(decoder_stats(d)->stacks_met);
		assert_true(decoder_stats(d)->met ==
			    (((1u << EVENT_LOST) - 1) |
			     event_bit(EVENT_SLAB_ALLOC, EVENT_KMALLOC) |
			     event_bit(EVENT_SLAB_FREE, EVENT_KMALLOC)));
		assert_int_equal(decoder_stats(d)->first_ts, 10);
		assert_int_equal(decoder_stats(d)->last_ts, 22);
		close_decoder();
	}
}

static void test_old_kernel(void **state)
{
	static const char *const names[] = {
		"kmalloc", "kmalloc_node", "kmem_cache_alloc",
		"kmem_cache_alloc_node",
	};
	size_t i;

	(void)state;
	rec_start(&r, &rec_5_10, 1, 4);
	for (i = 0; i < 4; i++)
		EMIT(&r, .ts = 10 + i, .event = names[i], .ptr = 0x1000 + i,
		     .bytes_req = 30, .bytes_alloc = 32, .call_site = 0x77);
	EMIT(&r, .ts = 20, .event = "percpu_alloc_percpu", .ptr = 0x55,
	     .bytes_req = 24);
	EMIT(&r, .ts = 21, .event = "kmem_cache_free", .ptr = 0x1002);
	open_decoder();
	assert_true(decoder_formats(d)->percpu_computed);
	for (i = 0; i < 4; i++) {
		next(EVENT_SLAB_ALLOC, 10 + i);
		assert_int_equal(ev.ptr, 0x1000 + i);
		assert_int_equal(ev.bytes_alloc, 32);
		assert_int_equal(ev.flags, i < 2 ? EVENT_KMALLOC : 0);
	}
	/* times the CPUs of the recording: all that is known */
	next(EVENT_PERCPU_ALLOC, 20);
	assert_int_equal(ev.bytes_alloc, 4 * 24);
	assert_int_equal(ev.call_site, 0);
	assert_int_equal(ev.flags, 0);
	next(EVENT_SLAB_FREE, 21);
	name_is("");
	at_end();
}

static void test_name_of_cache(void **state)
{
	(void)state;
	rec_start(&r, &rec_7, 1, 1);
	EMIT(&r, .ts = 1, .event = "kmem_cache_alloc", .ptr = 0x10,
	     .bytes_req = 28, .bytes_alloc = 32, .name = "ext4_inode_cache");
	EMIT(&r, .ts = 2, .event = "kmem_cache_free", .ptr = 0x10,
	     .name = "ext4_inode_cache");
	EMIT(&r, .ts = 3, .event = "kmem_cache_free", .ptr = 0x10, .name = "");
	open_decoder();
	next(EVENT_SLAB_ALLOC, 1);
	name_is("ext4_inode_cache");
	assert_int_equal(ev.bytes_req, 28);
	assert_int_equal(ev.bytes_alloc, 32);
	next(EVENT_SLAB_FREE, 2);
	name_is("ext4_inode_cache");
	next(EVENT_SLAB_FREE, 3);
	assert_int_equal(ev.name, 0);
	at_end();
}

/* ---- stacks (TRAPS E12): declared with 8 frames, they have any number --- */

static void stack_of(const uint64_t *frames, uint32_t n, uint32_t size)
{
	static uint64_t ts;

	ts++;
	EMIT(&r, .ts = ts, .event = "kmalloc", .ptr = 0x10 * ts,
	     .bytes_alloc = 8);
	EMIT(&r, .ts = ts, .event = "kernel_stack", .frames = frames,
	     .n_frames = n, .size = size);
}

static void test_lengths_of_stacks(void **state)
{
	uint64_t frames[60];
	uint32_t n;
	size_t k;

	(void)state;
	for (k = 0; k < N_KERNELS; k++) {
		for (n = 0; n < 60; n++)
			frames[n] = at(kernels[k], 0xffffffff81000000 + 16 * n);
		rec_start(&r, kernels[k], 1, 1);
		for (n = 1; n <= 43; n++)
			stack_of(frames, n, 0);
		open_decoder();
		for (n = 1; n <= 43; n++) {
			assert_int_equal(decoder_next(d, &ev, NULL), 1);
			stack_is(frames, n);
		}
		at_end();
		close_decoder();
	}
}

static void test_odd_stacks(void **state)
{
	static const uint64_t three[] = { 0x11, INT32_MAX, 0x33 };
	size_t k;

	(void)state;
	for (k = 0; k < N_KERNELS; k++) {
		rec_start(&r, kernels[k], 1, 1);
		stack_of(three, 0, 0);		/* empty */
		stack_of(three, 3, 1);		/* fewer than there is room for */
		stack_of(three, 3, 100);	/* more than the record has */
		stack_of(three, 3, UINT32_MAX);
		stack_of(three, 3, 0x80000000);
		stack_of(three, 0, 100);
		open_decoder();
		assert_int_equal(decoder_next(d, &ev, NULL), 1);
		assert_int_equal(ev.stack, STACK_NONE);
		assert_int_equal(decoder_next(d, &ev, NULL), 1);
		stack_is(three, 1);
		assert_int_equal(decoder_next(d, &ev, NULL), 1);
		stack_is(three, 3);
		assert_int_equal(decoder_next(d, &ev, NULL), 1);
		stack_is(three, 3);
		assert_int_equal(decoder_next(d, &ev, NULL), 1);
		stack_is(three, 3);
		assert_int_equal(decoder_next(d, &ev, NULL), 1);
		assert_int_equal(ev.stack, STACK_NONE);
		at_end();
		/* those that have another number of frames than they say */
		assert_int_equal(decoder_stats(d)->malformed, 4);
		close_decoder();
	}
}

/* Whose stack nobody asks for is taken, and not kept. */
static void test_stacks_of_frees(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 1, .event = "kfree", .ptr = 0x10);
	EMIT_STACK(&r, 2, 0x111);
	EMIT(&r, .ts = 3, .event = "percpu_free_percpu", .ptr = 0x10);
	EMIT_STACK(&r, 4, 0x222);
	EMIT(&r, .ts = 5, .event = "mm_page_free", .ptr = 0x10);
	EMIT_STACK(&r, 6, 0x333);
	EMIT(&r, .ts = 7, .event = "rss_stat");
	EMIT_STACK(&r, 8, 0x444);
	open_decoder();
	next(EVENT_SLAB_FREE, 1);
	assert_int_equal(ev.stack, STACK_NONE);
	next(EVENT_PERCPU_FREE, 3);
	assert_int_equal(ev.stack, STACK_NONE);
	next(EVENT_PAGE_FREE, 5);
	stack_is((const uint64_t[]){ 0x333 }, 1);
	at_end();
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 0);
}

static void test_interrupted(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 1, .event = "kmalloc", .ptr = 0x10, .pid = 5);
	EMIT(&r, .ts = 2, .event = "kmalloc", .ptr = 0x20, .pid = 5,
	     .flags = REC_HARDIRQ);
	EMIT_STACK(&r, 3, 0x222, .pid = 5, .flags = REC_HARDIRQ | 1);
	EMIT(&r, .ts = 4, .event = "rss_stat", .pid = 5, .flags = REC_SOFTIRQ);
	EMIT_STACK(&r, 5, 0x333, .pid = 5, .flags = REC_SOFTIRQ);
	EMIT_STACK(&r, 6, 0x111, .pid = 5);
	EMIT_STACK(&r, 7, 0x444, .pid = 5);		/* nobody's */
	EMIT(&r, .ts = 8, .event = "kmalloc", .ptr = 0x30, .pid = 5);
	EMIT_STACK(&r, 9, 0x555, .pid = 6);		/* nobody's */
	EMIT(&r, .ts = 10, .event = "kmalloc", .ptr = 0x40, .pid = 6);
	open_decoder();
	next(EVENT_SLAB_ALLOC, 1);
	stack_is((const uint64_t[]){ 0x111 }, 1);
	next(EVENT_SLAB_ALLOC, 2);
	stack_is((const uint64_t[]){ 0x222 }, 1);
	next(EVENT_SLAB_ALLOC, 8);
	assert_int_equal(ev.stack, STACK_NONE);
	/* the stream ends while it waits */
	next(EVENT_SLAB_ALLOC, 10);
	assert_int_equal(ev.stack, STACK_NONE);
	at_end();
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 2);
}

/* ---- what no kernel writes ---------------------------------------------- */

static void test_short_records(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 1, .event = "kmalloc", .ptr = 0x10, .bytes_alloc = 8);
	/* its stack did not come; the next record's is not its own */
	EMIT(&r, .ts = 2, .event = "kmalloc", .ptr = 0x20, .len = 36);
	EMIT_STACK(&r, 3, 0x222);
	EMIT(&r, .ts = 4, .event = "kmalloc", .ptr = 0x30, .bytes_alloc = 8);
	EMIT(&r, .ts = 5, .event = "kmalloc", .ptr = 0x40, .len = 4);
	EMIT_STACK(&r, 6, 0x444);
	EMIT(&r, .ts = 7, .event = "kmalloc", .ptr = 0x50, .bytes_alloc = 8);
	EMIT_STACK(&r, 8, 0x555, .len = 12);
	EMIT(&r, .ts = 9, .event = "kmalloc", .ptr = 0x60, .len = 40,
	     .bytes_alloc = 8);
	EMIT(&r, .ts = 10, .event = "kmem_cache_free", .ptr = 0x70, .len = 24,
	     .name = "gone");
	open_decoder();
	next(EVENT_SLAB_ALLOC, 1);
	assert_int_equal(ev.stack, STACK_NONE);
	next(EVENT_SLAB_ALLOC, 4);
	assert_int_equal(ev.stack, STACK_NONE);
	next(EVENT_SLAB_ALLOC, 7);
	assert_int_equal(ev.stack, STACK_NONE);
	/* what is read is there */
	next(EVENT_SLAB_ALLOC, 9);
	assert_int_equal(ev.bytes_alloc, 8);
	next(EVENT_SLAB_FREE, 10);
	name_is("");
	at_end();
	assert_int_equal(decoder_stats(d)->records, 10);
	assert_int_equal(decoder_stats(d)->malformed, 3);
}

/* Longer than its fields, aligned like a structure. */
static void test_long_records(void **state)
{
	static const uint64_t frames[] = { 0x11, 0x22 };

	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 1, .event = "mm_page_free", .ptr = 1);
	/* what a kmalloc's record is when its id says that it is a kfree */
	EMIT(&r, .ts = 2, .event = "kmalloc", .ptr = 0x20, .bytes_alloc = 8,
	     .id = rec_id(&rec_6_1, "kfree"));
	EMIT_STACK(&r, 3, 0x222);
	EMIT(&r, .ts = 4, .event = "kernel_stack", .frames = frames, .n_frames = 2);
	EMIT(&r, .ts = 5, .event = "kmalloc", .ptr = 0x30, .bytes_alloc = 8);
	open_decoder();
	next(EVENT_PAGE_FREE, 1);
	next(EVENT_SLAB_ALLOC, 5);
	at_end();
	assert_int_equal(decoder_stats(d)->malformed, 1);
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 1);
}

/* Stacks that nothing in the recording can own. */
static void test_stray_stacks(void **state)
{
	uint64_t ts;

	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	for (ts = 1; ts <= 20; ts++) {
		EMIT(&r, .ts = ts, .event = "kmalloc", .ptr = 0x10 * ts,
		     .bytes_alloc = 8, .pid = ts == 15);
		EMIT_STACK(&r, ts, 0x111);
	}
	EMIT(&r, .ts = ts, .event = "kmalloc", .ptr = 0x1000, .bytes_alloc = 8,
	     .id = 65535);
	EMIT_STACK(&r, ts, 0x111);
	open_decoder();
	while (decoder_next(d, &ev, NULL) == 1)
		assert_int_equal(ev.stack == STACK_NONE, ev.ts == 15);
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 1);
	assert_int_equal(decoder_stats(d)->undescribed, 1);
}

static void test_impossible_values(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 1, .event = "kmalloc", .ptr = 0x10);
	EMIT(&r, .ts = 2, .event = "mm_page_alloc", .ptr = 1, .order = 32);
	EMIT_STACK(&r, 3, 0x222);
	EMIT(&r, .ts = 4, .event = "mm_page_free", .ptr = 1, .order = 0xffffffff);
	EMIT(&r, .ts = 5, .event = "mm_page_alloc", .ptr = UINT64_MAX, .order = 31);
	open_decoder();
	next(EVENT_SLAB_ALLOC, 1);
	assert_int_equal(ev.stack, STACK_NONE);
	next(EVENT_PAGE_ALLOC, 5);
	assert_true(ev.ptr == UINT64_MAX);
	at_end();
	assert_int_equal(decoder_stats(d)->malformed, 2);
}

static void test_unknown_ids(void **state)
{
	(void)state;
	rec_start(&r, &rec_6_1, 1, 1);
	EMIT(&r, .ts = 1, .event = "kmalloc", .ptr = 0x10);
	EMIT_STACK(&r, 2, 0x111);
	EMIT(&r, .ts = 3, .event = "kmalloc", .id = 1, .len = 8);
	EMIT_STACK(&r, 4, 0x222);
	EMIT(&r, .ts = 5, .event = "kmalloc", .id = 65535);
	EMIT(&r, .ts = 6, .event = "kfree", .ptr = 0x10);
	open_decoder();
	next(EVENT_SLAB_ALLOC, 1);
	stack_is((const uint64_t[]){ 0x111 }, 1);
	next(EVENT_SLAB_FREE, 6);
	at_end();
	assert_int_equal(decoder_stats(d)->malformed, 0);
	assert_int_equal(decoder_stats(d)->unpaired_stacks, 0);
	assert_int_equal(decoder_stats(d)->records, 6);
}

/* A __data_loc that points out of its record, or to what is not terminated. */
static void test_hostile_names(void **state)
{
	static const uint32_t locs[] = {
		0xffffffff, 0x0001ffff, 0xffff0000, 0x0000ffff, 0, 0x00040020,
		0x7fff001c,
	};
	const struct rec_kernel *k = &rec_6_1;
	size_t i, j;

	(void)state;
	rec_start(&r, k, 1, 1);
	for (i = 0; i < sizeof(locs) / sizeof(locs[0]); i++) {
		struct out *pages = &r.streams[0][0].pages;

		EMIT(&r, .ts = i, .event = "kmem_cache_free", .ptr = i,
		     .name = "0123456789a");
		/* the last 4 bytes before the name */
		for (j = pages->len; memcmp(pages->data + j - 12, "0123", 4); )
			j--;
		set_number(pages, j - 16, locs[i], 4);
	}
	open_decoder();
	for (i = 0; i < sizeof(locs) / sizeof(locs[0]); i++) {
		next(EVENT_SLAB_FREE, i);
		assert_int_equal(ev.ptr, i);
		/* the only one inside: 4 bytes of it, from the fourth on */
		name_is(locs[i] == 0x00040020 ? "4567" : "");
	}
	at_end();
	assert_int_equal(decoder_stats(d)->malformed, i - 1);
}

/*
 * A record has room for its structure, which is padded by 4 bytes here, and the name,
 * and is aligned to 8 bytes where the CPU wants words so (riscv).
 */
static void test_padded_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KERNELS; i++) {
		rec_start(&r, kernels[i], 1, 1);
		EMIT(&r, .ts = 1, .event = "kmem_cache_free", .ptr = 0x100,
		     .name = "12345678", .padding = 8);
		EMIT(&r, .ts = 2, .event = "kmem_cache_free", .ptr = 0x200,
		     .name = "12345678", .padding = 12);
		EMIT(&r, .ts = 3, .event = "kmem_cache_free", .ptr = 0x300,
		     .name = "12345678");
		open_decoder();
		next(EVENT_SLAB_FREE, 1);
		name_is("12345678");
		next(EVENT_SLAB_FREE, 2);
		name_is("");
		next(EVENT_SLAB_FREE, 3);
		name_is("12345678");
		at_end();
		assert_int_equal(decoder_stats(d)->malformed, 1);
		close_decoder();
	}
}

/* What the format of a hostile file says is as far as the file goes. */
static void test_hostile_formats(void **state)
{
	static const struct rec_event events[] = {
		{ "ftrace", "kernel_stack", { { "int", "size", 4 },
		  { "unsigned long", "caller[8]", REC_CALLER } } },
		{ "kmem", "kfree", { { "u8", "ptr", 1 } } },
		{ "kmem", "mm_page_alloc", { { "u16", "pfn", 2 },
		  { "u64", "order", 8 } } },
	};
	static const struct rec_kernel kernel = {
		.long_size = 8, .events = events, .n_events = 3,
	};

	(void)state;
	rec_start(&r, &kernel, 1, 1);
	EMIT(&r, .ts = 1, .event = "kfree", .ptr = 0x1234);
	EMIT(&r, .ts = 2, .event = "mm_page_alloc", .ptr = 0x12345, .order = 2);
	EMIT(&r, .ts = 3, .event = "mm_page_alloc", .ptr = 1,
	     .order = UINT64_C(1) << 32);
	open_decoder();
	next(EVENT_SLAB_FREE, 1);
	assert_int_equal(ev.ptr, 0x34);
	next(EVENT_PAGE_ALLOC, 2);
	assert_int_equal(ev.ptr, 0x2345);
	assert_int_equal(ev.order, 2);
	at_end();
	assert_int_equal(decoder_stats(d)->malformed, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_events),
		TEST(test_old_kernel),
		TEST(test_name_of_cache),
		TEST(test_lengths_of_stacks),
		TEST(test_odd_stacks),
		TEST(test_long_records),
		TEST(test_stray_stacks),
		TEST(test_stacks_of_frees),
		TEST(test_interrupted),
		TEST(test_short_records),
		TEST(test_impossible_values),
		TEST(test_unknown_ids),
		TEST(test_padded_names),
		TEST(test_hostile_names),
		TEST(test_hostile_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
