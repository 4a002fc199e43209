// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_probes.c - BTF, the plan of the probes, and what is written to tracefs
 *
 * That kernels take it, and that it is right, is seen in guests.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "arena.h"
#include "tracefs/btf.h"
#include "error.h"
#include "probes.h"
#include "tracefs/probes_plan.h"
#include "tracefs/probes_regs.h"
#include "tracefs/probes_tracefs.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- BTF ---------------------------------------------------------------- */

enum { INT = 1, PTR, ARRAY, STRUCT, UNION, TYPEDEF = 8, CONST = 10, FUNC = 12,
       PROTO = 13 };

struct blob {
	uint32_t types[512];
	uint32_t n, id;
	char strings[1024];
	uint32_t len;
	unsigned char file[8192];
	size_t size;
};

static uint32_t str(struct blob *b, const char *text)
{
	uint32_t at = b->len;

	if (!*text)
		return 0;
	strcpy(b->strings + at, text);
	b->len += (uint32_t)strlen(text) + 1;
	return at;
}

static uint32_t add(struct blob *b, const char *name, uint32_t kind,
		    uint32_t vlen, uint32_t size)
{
	b->types[b->n++] = str(b, name);
	b->types[b->n++] = (kind & 0x1f) << 24 | vlen |
			   (kind & 0x80000000u);
	b->types[b->n++] = size;
	return ++b->id;
}

static void member(struct blob *b, const char *name, uint32_t type, uint32_t bits)
{
	b->types[b->n++] = str(b, name);
	b->types[b->n++] = type;
	b->types[b->n++] = bits;
}

static void array(struct blob *b, uint32_t type, uint32_t index, uint32_t n)
{
	b->types[b->n++] = type;
	b->types[b->n++] = index;
	b->types[b->n++] = n;
}

static void finish(struct blob *b)
{
	const uint32_t header[] = {
		0xeb9fu | 1u << 16, 24, 0, b->n * 4, b->n * 4, b->len,
	};

	memcpy(b->file, header, sizeof(header));
	memcpy(b->file + 24, b->types, b->n * 4);
	memcpy(b->file + 24 + b->n * 4, b->strings, b->len);
	b->size = 24 + b->n * 4 + b->len;
}

/* With or without a list, as 6.14 */
static void pages_function(struct blob *b, const char *name, bool list, uint32_t u32,
			   uint32_t ptr)
{
	static const char *const names[] = {
		"gfp", "preferred_nid", "nodemask", "nr_pages", "page_list", "page_array",
	};
	uint32_t proto = add(b, "", PROTO, list ? 6 : 5, u32);

	for (size_t i = 0; i < N(names); i++) {
		if (i == 4 && !list)
			continue;
		b->types[b->n++] = str(b, names[i]);
		b->types[b->n++] = i == 2 || i > 3 ? ptr : u32;
	}
	add(b, name, FUNC, 1, proto);
}

/* struct module and others, as 6.4 and later have them, or earlier ones */
static struct btf *make_btf(struct blob *b, bool regions, const char *bulk,
			    uint32_t bulk_bytes)
{
	uint32_t u32, ch, ptr, name, mem, mems, layout, ret, proto, size;
	struct btf *btf;

	memset(b, 0, sizeof(*b));
	b->len = 1;
	u32 = add(b, "unsigned int", INT, 0, 4);
	b->types[b->n++] = 32;
	ch = add(b, "char", INT, 0, 1);
	b->types[b->n++] = 8;
	ptr = add(b, "", PTR, 0, 0);
	name = add(b, "", ARRAY, 0, 0);
	array(b, ch, u32, 56);
	size = add(b, "size_type", TYPEDEF, 0, u32);
	mem = add(b, "module_memory", STRUCT, 2, 72);
	member(b, "base", ptr, 0);
	member(b, "size", size, 64);
	mems = add(b, "", ARRAY, 0, 0);
	array(b, mem, u32, 7);
	layout = add(b, "module_layout", STRUCT, 3, 80);
	member(b, "base", ptr, 0);
	member(b, "size", u32, 64);
	member(b, "text_size", u32, 96);
	add(b, "module", STRUCT, 0, 8);		/* only declared */
	add(b, "module", STRUCT, regions ? 3 : 4, 1024);
	member(b, "name", name, 24 * 8);
	if (regions) {
		member(b, "mem", mems, 320 * 8);
	} else {
		member(b, "core_layout", layout, 320 * 8);
		member(b, "init_layout", layout, 400 * 8);
	}
	member(b, "percpu_size", u32, 960 * 8);
	/* an unnamed union of an unnamed structure; then a bit field */
	ret = add(b, "", STRUCT, 2, 8);
	member(b, "size", u32, 0);
	member(b, "object_size", u32, 32);
	proto = add(b, "", UNION, 1, 8);
	member(b, "", ret, 0);
	add(b, "kmem_cache", STRUCT | 0x80000000u, 3, 64);
	member(b, "", proto, 24 * 8);
	member(b, "bit", u32, 1u << 24 | 32 * 8);
	member(b, "name", ptr, 40 * 8);
	add(b, "dma_pool", STRUCT, 1, 64);
	member(b, "size", u32, 24 * 8);
	ret = add(b, "ret", INT, 0, bulk_bytes);
	b->types[b->n++] = bulk_bytes * 8;
	proto = add(b, "", PROTO, 1, ret);
	b->types[b->n++] = 0;
	b->types[b->n++] = ptr;
	add(b, bulk, FUNC, 1, proto);
	add(b, "page", STRUCT, 0, 0);		/* only declared */
	add(b, "page", STRUCT, 1, 64);
	member(b, "flags", u32, 0);
	pages_function(b, "__alloc_pages_bulk", true, u32, ptr);
	pages_function(b, "alloc_pages_bulk_noprof", !regions, u32, ptr);
	finish(b);
	assert_int_equal(btf_parse(&btf, b->file, b->size, NULL), 0);
	return btf;
}

static void btf_members(void **state)
{
	static const struct {
		const char *path;
		uint32_t offset, size;
	} cases[] = {
		{ "module.name", 24, 56 },
		{ "module.mem[0].base", 320, 8 },
		{ "module.mem[4].base", 608, 8 },
		{ "module.mem[6].size", 760, 4 },
		{ "module.mem", 320, 504 },
		{ "kmem_cache.object_size", 28, 4 },
		{ "kmem_cache.name", 40, 8 },
	};
	static const char *const none[] = {
		"module", "module.", "module.nam", "module.names",
		"module.mem[7].base", "module.mem[x].base", "module.mem[0",
		"module.name.x", "module.mem.base", "nothing.size", "", ".",
		"kmem_cache.bit", "module.mem[-1].base",
	};
	uint32_t offset, size;
	struct blob b;
	struct btf *btf = make_btf(&b, true, "bulk", 1);
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		assert_true(btf_member(btf, cases[i].path, &offset, &size));
		assert_int_equal(offset, cases[i].offset);
		assert_int_equal(size, cases[i].size);
	}
	for (i = 0; i < N(none); i++)
		if (btf_member(btf, none[i], &offset, &size))
			fail_msg("'%s' is no member", none[i]);
	assert_true(btf_returns(btf, "bulk", &size));
	assert_int_equal(size, 1);
	assert_false(btf_returns(btf, "bul", &size));
	assert_false(btf_returns(btf, "module", &size));
	assert_true(btf_struct_size(btf, "page", &size));
	assert_int_equal(size, 64);
	assert_false(btf_struct_size(btf, "pages", &size));
	assert_false(btf_struct_size(btf, "bulk", &size));
	assert_int_equal(btf_parameter(btf, "__alloc_pages_bulk", "gfp"), 1);
	assert_int_equal(btf_parameter(btf, "__alloc_pages_bulk", "page_array"), 6);
	assert_int_equal(btf_parameter(btf, "alloc_pages_bulk_noprof", "page_array"), 5);
	assert_int_equal(btf_parameter(btf, "alloc_pages_bulk_noprof", "page_list"), 0);
	assert_int_equal(btf_parameter(btf, "page", "flags"), 0);
	btf_close(btf);
}

/* Whatever is broken: refused, or no crash when it is asked. */
static void btf_broken(void **state)
{
	struct error err;
	struct btf *btf;
	uint32_t o, s;
	struct blob b;
	size_t i, j;

	(void)state;
	btf_close(make_btf(&b, true, "bulk", 4));
	for (i = 0; i < b.size; i++)
		assert_int_not_equal(btf_parse(&btf, b.file, i, &err), 0);
	for (i = 0; i < b.size; i++) {
		static const unsigned char values[] = { 0, 1, 0x7f, 0xff };
		unsigned char was = b.file[i];

		for (j = 0; j < N(values); j++) {
			b.file[i] = values[j];
			if (btf_parse(&btf, b.file, b.size, &err))
				continue;
			(void)btf_member(btf, "module.mem[6].size", &o, &s);
			(void)btf_member(btf, "kmem_cache.object_size", &o, &s);
			(void)btf_returns(btf, "bulk", &s);
			(void)btf_struct_size(btf, "page", &s);
			(void)btf_parameter(btf, "__alloc_pages_bulk", "page_array");
			btf_close(btf);
		}
		b.file[i] = was;
	}
	assert_int_equal(btf_open(&btf, "/nonexistent/btf", &err), -2);
	assert_non_null(strstr(err.text, "/nonexistent/btf"));
}

/* ---- the plan ------------------------------------------------------------- */

struct planned {
	struct arena *a;
	struct blob blob;
	struct btf *btf;
	struct kernel_facts facts;
	struct probe_plan plans[PROBE_PLANS];
};

static void has(struct planned *p, const enum kernel_function *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p->facts.has[f[i]] = true;
}

static void plan(struct planned *p, bool regions, const char *bulk,
		 uint32_t bytes)
{
	p->a = arena_new();
	p->btf = make_btf(&p->blob, regions, bulk, bytes);
	p->facts.btf = p->btf;
	p->facts.long_size = 8;
	assert_int_equal(probes_plan(p->plans, &p->facts, "7_9", p->a), 0);
}

static void planned_free(struct planned *p)
{
	btf_close(p->btf);
	arena_free(p->a);
}

static const struct probe_plan *find(const struct planned *p, const char *name)
{
	size_t i;

	for (i = 0; i < PROBE_PLANS; i++) {
		if (!strcmp(p->plans[i].name, name))
			return &p->plans[i];
	}
	fail_msg("no plan %s", name);
	return NULL;
}

static const struct probe_event *find_event(const struct probe_way *way,
					    const char *name)
{
	size_t i;

	for (i = 0; i < way->n; i++) {
		if (!strcmp(way->events[i].name, name))
			return &way->events[i];
	}
	fail_msg("no event %s", name);
	return NULL;
}

static void defined(const struct planned *p, const char *companion, size_t way,
		    const char *event, const char *define)
{
	const struct probe_plan *its = find(p, companion);

	assert_true(way < its->n);
	assert_string_equal(find_event(&its->ways[way], event)->define, define);
}

static void plan_old(void **state)
{
	static const enum kernel_function functions[] = {
		FN_KVFREE_CALL_RCU, FN_BULK_ALLOC, FN_BULK_FREE,
		FN_MAP_KERNEL_RANGE, FN_VFREE, FN_VFREE_ATOMIC,
		FN_REMOVE_VM_AREA, FN_DMA_POOL_ALLOC, FN_DMA_POOL_FREE,
		FN_MODULE_FINALIZE, FN_MODULE_MEMFREE,
	};
	struct planned p = { 0 };
	size_t i, j, k;

	(void)state;
	has(&p, functions, N(functions));
	plan(&p, false, "kmem_cache_alloc_bulk", 4);
	defined(&p, "rcu_free", 0, "rcu_free",
		"p:modmem_7_9/rcu_free kvfree_call_rcu head=$arg1:x64 ptr=$arg2:x64");
	defined(&p, "vmalloc", 0, "vmalloc",
		"p:modmem_7_9/vmalloc map_kernel_range_noflush addr=$arg1:x64 "
		"size=$arg2:u64");
	defined(&p, "module_map", 0, "module_map",
		"p:modmem_7_9/module_map module_finalize "
		"name=+24($arg3):string mod=$arg3:x64 "
		"core=+320($arg3):x64 core_size=+328($arg3):u32 "
		"core_text_size=+332($arg3):u32 "
		"init=+400($arg3):x64 init_size=+408($arg3):u32 "
		"init_text_size=+412($arg3):u32 percpu_size=+960($arg3):u32");
	defined(&p, "module_map", 0, "module_unmap",
		"p:modmem_7_9/module_unmap module_memfree addr=$arg1:x64");
	assert_int_equal(find(&p, "bulk_alloc")->n, 0);
	assert_non_null(find(&p, "bulk_alloc")->blind);
	assert_non_null(find(&p, "dma_pool")->blind);
	/* a return probe would cut other events' stacks */
	for (i = 0; i < PROBE_PLANS; i++)
		for (j = 0; j < p.plans[i].n; j++)
			for (k = 0; k < p.plans[i].ways[j].n; k++)
				assert_int_equal(*p.plans[i].ways[j].events[k].define,
						 'p');
	planned_free(&p);
}

static const enum kernel_function new_functions[] = {
	FN_KVFREE_CALL_RCU, FN_BULK_ALLOC_NOPROF, FN_BULK_FREE,
	FN_VMAP_SMALL_PAGES, FN_VMAP_PAGES_INNER, FN_VMAP_PAGES, FN_VFREE,
	FN_REMOVE_VM_AREA, FN_DMA_POOL_ALLOC, FN_DMA_POOL_FREE, FN_MODULE_FINALIZE,
	FN_EXECMEM_FREE, FN_RETHOOK_FIND_RET_ADDR, FN_PAGES_BULK_NOPROF, FN_VMEMMAP_BASE,
};

static void plan_new(void **state)
{
	const struct probe_event *e;
	struct planned p = { 0 };

	(void)state;
	has(&p, new_functions, N(new_functions));
	plan(&p, true, "kmem_cache_alloc_bulk_noprof", 1);
	defined(&p, "bulk_alloc", 0, "bulk_alloc",
		"r128:modmem_7_9/bulk_alloc kmem_cache_alloc_bulk_noprof "
		"cache=$arg1:x64 count=$arg3:u64 array=$arg4:x64 "
		"size=+24($arg1):u32 object_size=+28($arg1):u32 "
		"name=+0(+40($arg1)):string ok=$retval:u8 "
		"o0=+0($arg4):x64[16]");
	e = find_event(&find(&p, "bulk_alloc")->ways[0], "bulk_alloc_16");
	assert_non_null(strstr(e->define, " o0=+128($arg4):x64[64]"));
	assert_string_equal(e->filter, "count > 16");
	assert_true(e->stack);
	defined(&p, "vmalloc", 0, "vmalloc",
		"p:modmem_7_9/vmalloc __vmap_pages_range_noflush "
		"addr=$arg1:x64 end=$arg2:x64");
	defined(&p, "pages_bulk", 0, "pages_had",
		"p:modmem_7_9/pages_had alloc_pages_bulk_noprof array=$arg5:x64 "
		"count=$arg4:s32 o0=+0($arg5):x64[16]");
	defined(&p, "pages_bulk", 0, "pages_bulk",
		"r128:modmem_7_9/pages_bulk alloc_pages_bulk_noprof array=$arg5:x64 "
		"ok=$retval:s32 base=@vmemmap_base:x64 unit=\\64:u32 o0=+0($arg5):x64[16]");
	e = find_event(&find(&p, "pages_bulk")->ways[0], "pages_had_80");
	assert_non_null(strstr(e->define, " o0=+640($arg5):x64[64] o1=+1152($arg5):x64[64] "
			       "o2=+1664($arg5):x64[64]"));
	assert_string_equal(e->filter, "count > 80");
	assert_false(e->stack);
	e = find_event(&find(&p, "pages_bulk")->ways[0], "pages_bulk_16");
	assert_string_equal(e->filter, "ok > 16");
	assert_true(e->stack);
	defined(&p, "dma_pool", 0, "dma_pool_alloc",
		"r128:modmem_7_9/dma_pool_alloc dma_pool_alloc "
		"size=+24($arg1):u32 addr=$retval:x64");
	e = find_event(&find(&p, "module_map")->ways[0], "module_map");
	assert_non_null(strstr(e->define, " init_text=+608($arg3):x64 "
			       "init_text_size=+616($arg3):u32 "));
	planned_free(&p);
}

/* the way of 5.16 to 6.8 */
static void plan_relay(void **state)
{
	const struct probe_way *way;
	const struct probe_event *e;
	struct planned p = { 0 };

	(void)state;
	has(&p, new_functions, N(new_functions));
	p.facts.has[FN_BULK_ALLOC_NOPROF] = false;
	p.facts.has[FN_BULK_ALLOC] = true;
	p.facts.has[FN_PAGES_BULK_NOPROF] = false;
	p.facts.has[FN_PAGES_BULK] = true;
	plan(&p, false, "kmem_cache_alloc_bulk", 4);
	way = &find(&p, "bulk_alloc")->ways[1];
	e = find_event(way, "modmem_7_9_bulk");
	assert_string_equal(e->define,
			    "s:modmem_7_9_bulk u64 cache; u64 count; u64 array; s32 ok");
	e = find_event(way, "bulk_enter");
	assert_string_equal(e->define,
			    "p:modmem_7_9/bulk_enter kmem_cache_alloc_bulk "
			    "stk=$stack:b50@14/64 cache=$arg1:x64 count=$arg3:u64 "
			    "array=$arg4:x64");
	assert_string_equal(e->hist, "hist:keys=stk:bulk0=cache,bulk1=count,"
			    "bulk2=array:size=8192");
	e = find_event(way, "bulk_return");
	assert_string_equal(e->hist,
			    "hist:keys=rstk:bulk_r0=$bulk0,bulk_r1=$bulk1,"
			    "bulk_r2=$bulk2:size=8192:"
			    "onmatch(modmem_7_9.bulk_enter).trace("
			    "modmem_7_9_bulk,$bulk_r0,$bulk_r1,$bulk_r2,ok)");
	assert_false(e->shown);
	e = find_event(way, "bulk_alloc_80");
	assert_non_null(strstr(e->define, " o3=+2176($array):x64[64]"));
	assert_null(strstr(e->define, "o4="));
	assert_non_null(strstr(e->cheaper, " if count > 80"));
	way = &find(&p, "pages_bulk")->ways[1];
	e = find_event(way, "modmem_7_9_pages");
	assert_string_equal(e->define, "s:modmem_7_9_pages u64 array; s32 ok");
	e = find_event(way, "pages_enter");
	assert_string_equal(e->define, "p:modmem_7_9/pages_enter __alloc_pages_bulk "
			    "stk=$stack:b50@14/64 array=$arg6:x64");
	e = find_event(way, "pages_bulk_80");
	assert_string_equal(e->cheaper, "e:modmem_7_9/pages_bulk_80 synthetic.modmem_7_9_pages "
			    "array=$array:x64 ok=$ok:s32 base=@vmemmap_base:x64 unit=\\64:u32 "
			    "o0=+640($array):x64[64] o1=+1152($array):x64[64] "
			    "o2=+1664($array):x64[64] if ok > 80");
	e = find_event(way, "pages_had_16");
	assert_non_null(strstr(e->define, "p:modmem_7_9/pages_had_16 __alloc_pages_bulk "
			       "array=$arg6:x64 count=$arg4:s32 o0=+128($arg6):x64[64]"));
	planned_free(&p);
}

/* where struct page lie, how large they are, which argument is the array */
static void plan_pages_without(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct planned p = { 0 };

		(void)state;
		has(&p, new_functions, N(new_functions));
		p.facts.has[FN_VMEMMAP_BASE] = i != 0;
		p.facts.has[FN_PAGES_BULK_NOPROF] = i != 1;
		p.facts.has[FN_RETHOOK_FIND_RET_ADDR] = i != 2;
		plan(&p, true, "kmem_cache_alloc_bulk_noprof", 1);
		assert_int_equal(find(&p, "pages_bulk")->n, 0);
		assert_non_null(find(&p, "pages_bulk")->blind);
		planned_free(&p);
	}
}

/* nothing known: nothing planned, a reason for each; 32 bits */
static void plan_little(void **state)
{
	struct kernel_facts facts = { .long_size = 4 };
	struct probe_plan plans[PROBE_PLANS];
	struct arena *a = arena_new();
	size_t i;

	(void)state;
	assert_int_equal(probes_plan(plans, &facts, "1_2", a), 0);
	for (i = 0; i < PROBE_PLANS; i++) {
		assert_int_equal(plans[i].n, 0);
		assert_non_null(plans[i].blind);
	}
	for (i = 0; i < KERNEL_FUNCTIONS; i++)
		facts.has[i] = true;
	assert_int_equal(probes_plan(plans, &facts, "1_2", a), 0);
	for (i = 0; i < PROBE_PLANS; i++) {
		/* without types */
		assert_int_equal(plans[i].n, strcmp(plans[i].name, "bulk_alloc") &&
				 strcmp(plans[i].name, "pages_bulk") &&
				 strcmp(plans[i].name, "dma_pool") &&
				 strcmp(plans[i].name, "module_map"));
		if (plans[i].n)
			assert_null(strstr(plans[i].ways[0].events[0].define,
					   "x64"));
	}
	arena_free(a);
}

/* Where $argN is refused: registers, as the kernel of that machine calls functions. */
static void plan_registers(void **state)
{
	static const char define[] = "p:modmem_1_2/bulk_free kmem_cache_free_bulk "
				     "cache=$arg1:x64 count=$arg2:u64 o0=+0($arg3):x64[16]";
	static const struct {
		const char *machine;
		unsigned int long_size, offset;
		const char *where, *first, *second, *third;
	} cases[] = {
		{ "x86_64", 8, 0, "", "%di", "%si", "%dx" },
		{ "i686", 4, 0, "", "%ax", "%dx", "%cx" },
		/* a 32-bit program on a 64-bit kernel */
		{ "i686", 8, 0, "", "%di", "%si", "%dx" },
		{ "armv8l", 8, 0, "", "%x0", "%x1", "%x2" },
		{ "aarch64", 8, 0, "", "%x0", "%x1", "%x2" },
		{ "armv7l", 4, 0, "", "%r0", "%r1", "%r2" },
		{ "riscv64", 8, 8, "+8", "%a0", "%a1", "%a2" },
		{ "mips", 4, 0, "", "%r4", "%r5", "%r6" },
		{ "mips64", 8, 0, "", "%r4", "%r5", "%r6" },
		{ "ppc64le", 8, 0, "", "%gpr3", "%gpr4", "%gpr5" },
		{ "s390x", 8, 0, "", "%r2", "%r3", "%r4" },
	};
	struct arena *a = arena_new();
	char want[256];

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		snprintf(want, sizeof(want), "p:modmem_1_2/bulk_free kmem_cache_free_bulk%s "
			 "cache=%s:x64 count=%s:u64 o0=+0(%s):x64[16]", cases[i].where,
			 cases[i].first, cases[i].second, cases[i].third);
		assert_string_equal(probes_by_registers(a, define, cases[i].machine,
							cases[i].long_size, cases[i].offset),
				    want);
	}
	assert_null(probes_by_registers(a, define, "vax", 4, 0));
	assert_null(probes_by_registers(a, define, NULL, 8, 0));
	/* on the stack, behind a return, without arguments, damaged */
	assert_null(probes_by_registers(a, "p:m/e f a=$arg5:x32", "armv7l", 4, 0));
	assert_null(probes_by_registers(a, "p:m/e f a=$arg4:x32", "i586", 4, 0));
	assert_null(probes_by_registers(a, "r128:m/e f a=$arg1:x64", "aarch64", 8, 0));
	assert_null(probes_by_registers(a, "p:m/e f a=$stack:x64", "aarch64", 8, 0));
	assert_null(probes_by_registers(a, "p:m/e", "aarch64", 8, 0));
	assert_null(probes_by_registers(a, "p:m/e f a=$arg", "aarch64", 8, 0));
	assert_null(probes_by_registers(a, "p:m/e f a=$arg0", "aarch64", 8, 0));
	assert_string_equal(probes_link_register("aarch64", 8), "%x30");
	assert_string_equal(probes_link_register("armv7l", 4), "%lr");
	assert_null(probes_link_register("x86_64", 8));
	arena_free(a);
}

/* Boards: the caller by its register, what is enough of the frees, 8 KB stacks. */
static void plan_boards(void **state)
{
	struct kernel_facts facts = { .long_size = 4, .machine = "armv7l" };
	struct probe_plan plans[PROBE_PLANS];
	struct arena *a = arena_new();
	struct planned p = { .facts.machine = "riscv64" };
	const struct probe_event *e;

	(void)state;
	facts.has[FN_VMAP_PAGES] = facts.has[FN_VMAP_PAGES_INNER] = true;
	facts.has[FN_VMAP_SMALL_PAGES] = facts.has[FN_REMOVE_VM_AREA] = true;
	assert_int_equal(probes_plan(plans, &facts, "1_2", a), 0);
	for (size_t i = 0; i < PROBE_PLANS; i++) {
		if (strcmp(plans[i].name, "vmalloc"))
			continue;
		assert_int_equal(plans[i].ways[0].n, 2);
		e = &plans[i].ways[0].events[0];
		assert_string_equal(e->cheaper, "p:modmem_1_2/vmalloc vmap_small_pages_range_noflush "
				    "addr=$arg1:x32 end=$arg2:x32 caller=%lr:x32");
		e = &plans[i].ways[0].events[1];
		assert_false(e->optional);
		assert_true(e->shown);
	}
	arena_free(a);
	has(&p, new_functions, N(new_functions));
	plan(&p, true, "kmem_cache_alloc_bulk_noprof", 1);
	assert_int_equal(find(&p, "dma_pool")->n, 0);
	assert_non_null(find(&p, "dma_pool")->blind);
	assert_int_equal(find(&p, "bulk_alloc")->n, 2);
	/* vfree() cannot be probed everywhere */
	e = &find(&p, "vmalloc")->ways[0].events[1];
	assert_true(e->optional);
	assert_true(e->shown);
	planned_free(&p);
}

/* ---- tracefs -------------------------------------------------------------- */

static void parse_lines(void **state)
{
	char tag[PROBES_NAME], system[PROBES_NAME], event[PROBES_NAME];
	static const char *const no[] = {
		"", "p", "p:", "p:modmem_1_2", "p:kprobes/foo vfree",
		"p:modmem_/x vfree", "s:synthetic/wakeup\tint x",
		"s:synthetic/modmem_\tint", "s:synthetic/modmem_x\tint",
		"x:modmem_1_2/vmalloc f", "p:modmem_1_2/ f",
		"p:synthetic/modmem f", "e:other/e modmem_1.b",
	};
	char longer[400];
	size_t i;

	(void)state;
	assert_true(probes_parse("r128:modmem_12_345/dma_pool_alloc f a=1", tag,
				 system, event));
	assert_string_equal(tag, "12_345");
	assert_string_equal(system, "modmem_12_345");
	assert_string_equal(event, "dma_pool_alloc");
	assert_true(probes_parse("s:synthetic/modmem_12_345_bulk\tu64 a", tag,
				 system, event));
	assert_string_equal(tag, "12_345");
	assert_string_equal(system, "synthetic");
	assert_string_equal(event, "modmem_12_345_bulk");
	for (i = 0; i < N(no); i++)
		if (probes_parse(no[i], tag, system, event))
			fail_msg("'%s' is none of ours", no[i]);
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "p:modmem_", 9);
	strcpy(longer + 300, "/x f");
	assert_false(probes_parse(longer, tag, system, event));
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static bool nobody(const char *tag, void *data)
{
	(void)tag;
	(void)data;
	return false;
}

static const char header_page[] = "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n";

static const char *line_of_rcu_free(struct probes *p)
{
	for (const char *const *lines = probes_lines(p); *lines; lines++)
		if (!strncmp(*lines, "rcu_free ", 9))
			return *lines + 9;
	fail();
	return NULL;
}

/* What is said of rcu_free, after a recording with the profile in @dir. */
static char *said_of_rcu_free(const char *dir, bool disable)
{
	struct probes *p;
	struct error err;
	char *said;

	assert_int_equal(probes_install(&p, dir, "x", "3_4", &err), 0);
	probes_enable(p);
	if (disable)
		probes_disable(p);
	said = strdup(line_of_rcu_free(p));
	assert_int_equal(probes_remove(p, &err), 0);
	return said;
}

/* As top asks for it, again and again. */
static void count_again(const char *dir, const char *events)
{
	static const struct {
		const char *profile, *said;
	} times[] = {
		{ "  rcu_free  7  7\n  rcu_free  10  0\n", "covered" },
		{ "  rcu_free  7  7\n  rcu_free  10  3\n", "blind in part: 3 of 13 calls were missed" },
		{ "  rcu_free  7  7\n", "blind in part: how many calls were missed is not known (kprobe_profile: No data available)" },
		{ "  rcu_free  7  8\n  rcu_free  90  10\n", "blind in part: 10 of 100 calls were missed" },
	};
	struct probes *p;
	struct error err;

	put(dir, "kprobe_events", events);
	assert_int_equal(probes_install(&p, dir, "x", "3_4", &err), 0);
	probes_enable(p);
	assert_string_equal(line_of_rcu_free(p), "covered");
	for (size_t i = 0; i < N(times); i++) {
		put(dir, "kprobe_profile", times[i].profile);
		probes_count(p);
		assert_string_equal(line_of_rcu_free(p), times[i].said);
		assert_string_equal(line_of_rcu_free(p), times[i].said);
	}
	probes_disable(p);
	assert_string_equal(line_of_rcu_free(p), times[N(times) - 1].said);
	assert_int_equal(probes_remove(p, &err), 0);
}

/* How many calls a probe missed is told, or that it is not known. */
static void missed_calls(void **state)
{
	static const char events[] = "p:kprobes/rcu_free vfree\n"
				     "p:modmem_3_4/rcu_free kvfree_call_rcu head=$arg1:x64\n";
	static const struct {
		const char *events, *profile, *said;
	} cases[] = {
		{ events, "  rcu_free  7  7\n  rcu_free  10  0\n", "covered" },
		{ events, "  rcu_free  7  0\n  rcu_free  10  3\n",
		  "blind in part: 3 of 13 calls were missed" },
		/* one went between the two files */
		{ events, "  rcu_free  7  0\n",
		  "blind in part: how many calls were missed is not known (kprobe_profile: No data available)" },
		{ "", "",
		  "blind in part: how many calls were missed is not known (kprobe_profile: No data available)" },
		{ events, NULL,
		  "blind in part: how many calls were missed is not known (kprobe_profile: No such file or directory)" },
	};
	char dir[] = "/tmp/test_probes.XXXXXX", command[600], *said;
	bool covered;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof(command), "cd %s && mkdir -p events/modmem_3_4/rcu_free instances/x/events/modmem_3_4/rcu_free && touch kprobe_events instances/x/events/modmem_3_4/rcu_free/enable events/modmem_3_4/rcu_free/format",
		 dir);
	assert_int_equal(system(command), 0);
	put(dir, "events/header_page", header_page);
	put(dir, "dynamic_events", "");
	said = said_of_rcu_free(dir, false);
	covered = !strcmp(said, "covered");
	free(said);
	if (!covered) {
		print_message("this kernel has no kvfree_call_rcu()\n");
		skip();
	}
	for (size_t i = 0; i < N(cases); i++) {
		put(dir, "kprobe_events", cases[i].events);
		if (cases[i].profile)
			put(dir, "kprobe_profile", cases[i].profile);
		else
			assert_int_equal(unlink(strcat(strcpy(command, dir), "/kprobe_profile")), 0);
		said = said_of_rcu_free(dir, true);
		assert_string_equal(said, cases[i].said);
		free(said);
	}
	put(dir, "kprobe_profile", "");
	count_again(dir, events);
	/* it is there, and cannot be read */
	assert_int_equal(unlink(strcat(strcpy(command, dir), "/kprobe_profile")), 0);
	snprintf(command, sizeof(command), "mkdir %s/kprobe_profile", dir);
	assert_int_equal(system(command), 0);
	said = said_of_rcu_free(dir, true);
	assert_string_equal(said, "blind in part: how many calls were missed is not known (kprobe_profile: Is a directory)");
	free(said);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

/* Others' probes are not touched, not even by opening the file. */
static void append_only(void **state)
{
	static const char others[] = "p:kprobes/mine vfree\n"
				     "p:modmem_1_2/vmalloc f\n";
	char dir[] = "/tmp/test_probes.XXXXXX", path[512], *text;
	const char *const *lines;
	struct probes *p = NULL;
	struct error err;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(probes_install(&p, dir, "x", "a b", &err), -22);
	assert_null(p);
	assert_int_equal(probes_install(&p, dir, "x", "", &err), -22);

	/* no kprobe events */
	assert_int_equal(probes_install(&p, dir, "x", "3_4", &err), 0);
	lines = probes_lines(p);
	for (n = 0; lines[n]; n++)
		assert_non_null(strstr(lines[n], " blind the kernel has no kprobe"));
	assert_int_equal(n, PROBE_PLANS);
	assert_null(probes_events(p)[0]);
	probes_enable(p);
	probes_disable(p);
	assert_int_equal(probes_remove(p, &err), 0);
	assert_int_equal(probes_remove(NULL, &err), 0);

	/* none, or none that can be read: not the same */
	assert_int_equal(probes_clean(dir, nobody, NULL, &err), 0);
	snprintf(path, sizeof(path), "%s/dynamic_events", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(probes_clean(dir, nobody, NULL, &err), -EISDIR);
	assert_non_null(strstr(err.text, "dynamic_events: Is a directory"));
	assert_int_equal(rmdir(path), 0);

	put(dir, "dynamic_events", others);
	put(dir, "kprobe_events", "");
	assert_int_equal(probes_clean(dir, nobody, NULL, &err), 0);

	/* how wide the kernel's long is, is not guessed */
	assert_int_equal(probes_install(&p, dir, "x", "3_4", &err), 0);
	lines = probes_lines(p);
	for (n = 0; lines[n]; n++)
		assert_non_null(strstr(lines[n], " blind events/header_page: No such file"));
	assert_int_equal(probes_remove(p, &err), 0);

	snprintf(path, sizeof(path), "%s/events", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	put(dir, "events/header_page", header_page);
	assert_int_equal(probes_install(&p, dir, "x", "3_4", &err), 0);
	probes_enable(p);
	probes_disable(p);
	(void)probes_lines(p);
	assert_int_equal(probes_remove(p, &err) > 0, 0);
	text = probes_read("%s/dynamic_events", dir);
	assert_non_null(text);
	assert_memory_equal(text, others, strlen(others));
	free(text);
	snprintf(path, sizeof(path), "%s/dynamic_events", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/kprobe_events", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/events/header_page", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/events", dir);
	rmdir(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(btf_members),
		cmocka_unit_test(btf_broken),
		cmocka_unit_test(plan_old),
		cmocka_unit_test(plan_new),
		cmocka_unit_test(plan_relay),
		cmocka_unit_test(plan_pages_without),
		cmocka_unit_test(plan_little),
		cmocka_unit_test(plan_registers),
		cmocka_unit_test(plan_boards),
		cmocka_unit_test(parse_lines),
		cmocka_unit_test(missed_calls),
		cmocka_unit_test(append_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
