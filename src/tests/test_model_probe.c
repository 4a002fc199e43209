// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_probe.c - what companion probes tell the books: kfree_rcu, bulk
 * calls, vmalloc areas, where modules lie
 */
#include "model_fixture.h"

#include <string.h>

#include "ksyms.h"
#include "ledger.h"
#include "modmap.h"
#include "strings_table.h"

#define OBJECT	0xffff888003400000ULL
#define AREA	0xffffc90000010000ULL
#define VMALLOC_STACK "vmalloc < do_vmalloc" SYSCALL

#define FEED(m, stack, name, ...) \
	model_event(m, &(struct event){ __VA_ARGS__ }, stack, name)

static void rcu_free(struct model *m, uint64_t ptr)
{
	FEED(m, NO_STACK, NULL, .type = EVENT_RCU_FREE, .ptr = ptr);
}

static void b2_kfree_rcu_is_no_leak(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	model_kmalloc(m, OBJECT, 120, 128, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_SLAB, 128);
	rcu_free(m, OBJECT);
	assert_nothing(m, "kmtest");
	/* what frees it in the end is of no account */
	model_kfree(m, OBJECT);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	/* but only once */
	model_kfree(m, OBJECT);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 1);
	/* handed out again, it is an object like any other */
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	rcu_free(m, OBJECT);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_kfree(m, OBJECT);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->evicted, 0);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 1);
	/* of an object from before the recording */
	rcu_free(m, OBJECT + 4096);
	assert_int_equal(books_stats(m->books)->unmatched_slab, 2);
	model_done(m);
}

/* Pages of a large kmalloc go with their own event, not with kfree_rcu. */
static void b2_kfree_rcu_of_a_large_object(void **state)
{
	struct model *m = MODEL(.no_replay = true);
	uint64_t pfn = 0x4000;

	(void)state;
	model_large(m, pfn, 2, 8193, "__alloc_pages < __kmalloc_large_node < __kmalloc < do_kmalloc" SYSCALL,
		    "__kmalloc < *do_kmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	rcu_free(m, model_linear(m, pfn));
	assert_only_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	model_pages_free(m, pfn, 2, NO_STACK);
	assert_nothing(m, "kmtest");
	model_done(m);
}

static void b1_bulk_objects_are_exact(void **state)
{
	struct model *m = MODEL(.no_replay = true);
	uint32_t i;

	(void)state;
	FEED(m, "do_cache" SYSCALL, "kmtest_cache", .type = EVENT_BULK_ALLOC,
	     .bytes_req = 20, .bytes_alloc = 32, .order = 20);
	for (i = 0; i < 20; i++)
		FEED(m, NO_STACK, NULL, .type = EVENT_BULK_ITEM, .ptr = OBJECT + 32 * i);
	assert_only_own(m, "kmtest", KIND_SLAB, 640);
	assert_int_equal(model_totals(m, "kmtest").objects, 20);
	/* one goes alone, the rest in bulk */
	model_cache_free(m, OBJECT, "kmtest_cache");
	assert_only_own(m, "kmtest", KIND_SLAB, 608);
	for (i = 1; i < 20; i++)
		FEED(m, NO_STACK, NULL, .type = EVENT_BULK_FREE, .ptr = OBJECT + 32 * i);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->unmatched_slab, 0);
	FEED(m, NO_STACK, NULL, .type = EVENT_BULK_MISSED, .bytes_req = 7);
	assert_int_equal(books_stats(m->books)->bulk_missed, 7);
	model_done(m);
}

/* Objects of a cache whose size the probe could not read have no bytes. */
static void b1_bulk_without_size(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	FEED(m, "do_cache" SYSCALL, NULL, .type = EVENT_BULK_ALLOC,
	     .bytes_req = 1, .order = 1);
	FEED(m, NO_STACK, NULL, .type = EVENT_BULK_ITEM, .ptr = OBJECT);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->bulk_unsized, 1);
	model_done(m);
}

static void area(struct model *m, uint64_t addr, uint64_t bytes, const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_VMALLOC, .ptr = addr, .bytes_alloc = bytes);
}

static void b3_vmalloc_is_whole(void **state)
{
	struct model *m = MODEL(.no_replay = true, .areas = true);

	(void)state;
	/* a page of ten fell back to an event of its own: part of the area */
	model_pages(m, 0x5000, 0, "__alloc_pages < __vmalloc_node_range < " VMALLOC_STACK);
	assert_nothing(m, "kmtest");
	area(m, AREA, 10 * PAGE, "vmap_pages_range < __vmalloc_node_range < " VMALLOC_STACK);
	assert_only_own(m, "kmtest", KIND_VMALLOC, 10 * PAGE);
	/* the page array of a large one is a vmalloc itself: overhead */
	area(m, AREA + (1 << 24), 4 * PAGE,
	     "vmap_pages_range < __vmalloc_node_range < __vmalloc_node < __vmalloc_node_range < "
	     VMALLOC_STACK);
	assert_own(m, "kmtest", KIND_VMALLOC, 10 * PAGE);
	assert_overhead(m, "kmtest", OVERHEAD_VMAP, 4 * PAGE);
	FEED(m, NO_STACK, NULL, .type = EVENT_VMALLOC_FREE, .ptr = AREA + (1 << 24));
	FEED(m, NO_STACK, NULL, .type = EVENT_VMALLOC_FREE, .ptr = AREA);
	/* told twice: a worker frees what an interrupt gave up */
	FEED(m, NO_STACK, NULL, .type = EVENT_VMALLOC_FREE, .ptr = AREA);
	assert_nothing(m, "kmtest");
	model_pages_free(m, 0x5000, 0, NO_STACK);
	assert_int_equal(books_stats(m->books)->unmatched_pages, 0);
	model_done(m);
}

/* Blocks of a DMA pool lie in pages that are counted: they are told beside. */
static void b4_dma_blocks_are_inside_their_pages(void **state)
{
	struct model *m = MODEL(.no_replay = true);
	const struct account *a = NULL;
	uint64_t first = OBJECT;
	uint32_t i;

	(void)state;
	model_pages(m, 0x5000, 0, "__alloc_pages < __dma_direct_alloc_pages.constprop.0 < dma_direct_alloc < pool_alloc_page < dma_pool_alloc < do_dma" SYSCALL);
	for (i = 0; i < 2; i++)
		FEED(m, "0xffffffffc0666000 < dma_pool_alloc < do_dma" SYSCALL, NULL, .type = EVENT_DMA_BLOCK,
		     .ptr = first + 64 * i, .bytes_alloc = 64);
	assert_only_own(m, "kmtest", KIND_DMA, PAGE);
	for (i = 1; i < ledger_count(m->ledger); i++)
		if (ledger_at(m->ledger, i)->what.charge == CHARGE_INSIDE)
			a = ledger_at(m->ledger, i);
	assert_non_null(a);
	assert_int_equal(a->what.kind, KIND_DMA);
	assert_int_equal(a->live_bytes, 128);
	assert_int_equal(a->live_objects, 2);
	assert_string_equal(strings_get(m->strings, a->what.function), "do_dma");
	FEED(m, NO_STACK, NULL, .type = EVENT_DMA_BLOCK_FREE, .ptr = first);
	FEED(m, NO_STACK, NULL, .type = EVENT_DMA_BLOCK_FREE, .ptr = first);
	assert_int_equal(a->live_objects, 1);
	/* given out again: its free was missed */
	FEED(m, "0xffffffffc0666000 < dma_pool_alloc < do_dma" SYSCALL, NULL, .type = EVENT_DMA_BLOCK,
	     .ptr = first + 64, .bytes_alloc = 64);
	assert_int_equal(a->live_objects, 1);
	assert_int_equal(a->evicted, 1);
	assert_only_own(m, "kmtest", KIND_DMA, PAGE);
	model_done(m);
}

/* vmap() maps pages that are accounted where they came from. */
static void b3_vmap_holds_nothing(void **state)
{
	struct model *m = MODEL(.no_replay = true, .areas = true);

	(void)state;
	area(m, AREA, 4 * PAGE, "vmap_pages_range < vmap < do_vmalloc" SYSCALL);
	area(m, AREA, 4 * PAGE, "vmap_pages_range < pcpu_populate_chunk < pcpu_alloc < do_percpu" SYSCALL);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/*
 * The probe's own frames come first, some of them in a trampoline that no
 * symbol covers: it is no unknown module.
 */
static void probe_frames_are_passed_over(void **state)
{
	struct model *m = MODEL(.no_replay = true, .areas = true);

	(void)state;
	area(m, AREA, PAGE, "0xffffffffc0666000 < vmap_pages_range < __vmalloc_node_range < " VMALLOC_STACK);
	assert_only_own(m, "kmtest", KIND_VMALLOC, PAGE);
	assert_int_equal(books_stats(m->books)->unknown, 0);
	model_done(m);
}

#define AT_ENTRY	"kprobe_dispatcher < do_el1_brk64 < el1_brk64 < el1h_64_sync_handler < "	\
			"el1h_64_sync < __vmap_pages_range_noflush < "
#define AT_RETURN	"kretprobe_trace_func < kretprobe_dispatcher < "			\
			"__kretprobe_trampoline_handler < kretprobe_brk_handler < "		\
			"do_el1_brk64 < el1_brk64 < el1h_64_sync_handler < el1h_64_sync < "

/* At a function's entry its caller is on no stack of arm64 and riscv (E18). */
static void e18_the_caller_of_a_probed_function_is_missing(void **state)
{
	struct model *m = MODEL(.no_replay = true, .areas = true);

	(void)state;
	area(m, AREA, 10 * PAGE, AT_ENTRY "vmalloc_noprof < do_vmalloc" SYSCALL);
	area(m, AREA + (1 << 24), 4 * PAGE, AT_ENTRY "__kvmalloc_node_noprof < do_vmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_VMALLOC, 14 * PAGE);
	/* the page array, of which the inner __vmalloc_node_range() is missing */
	area(m, AREA + (2 << 24), 4 * PAGE,
	     AT_ENTRY "__vmalloc_node_noprof < __vmalloc_node_range_noprof < " VMALLOC_STACK);
	assert_own(m, "kmtest", KIND_VMALLOC, 14 * PAGE);
	assert_overhead(m, "kmtest", OVERHEAD_VMAP, 4 * PAGE);
	/* vmap(), vm_map_ram() of the module, of which these are missing, and others' */
	area(m, AREA + (3 << 24), PAGE, AT_ENTRY "do_vmalloc" SYSCALL);
	area(m, AREA + (3 << 24), PAGE, AT_ENTRY "vmap < do_vmalloc" SYSCALL);
	area(m, AREA + (3 << 24), PAGE, AT_ENTRY "dma_common_contiguous_remap < dma_alloc_attrs < do_dma" SYSCALL);
	area(m, AREA + (3 << 24), PAGE, AT_ENTRY "pcpu_populate_chunk < pcpu_alloc < do_percpu" SYSCALL);
	assert_own(m, "kmtest", KIND_VMALLOC, 14 * PAGE);
	assert_int_equal(books_stats(m->books)->areas_unsure, 0);
	/* the core kernel could call either */
	area(m, AREA + (3 << 24), PAGE, AT_ENTRY "do_syscall_64");
	assert_int_equal(books_stats(m->books)->areas_unsure, 1);
	assert_own(m, "kmtest", KIND_VMALLOC, 14 * PAGE);
	area(m, AREA + (3 << 24), PAGE, "!vmap < " AT_ENTRY "do_syscall_64");
	assert_int_equal(books_stats(m->books)->areas_unsure, 1);
	/* the link register knows better than the stack: '!' is no frame */
	area(m, AREA + (4 << 24), PAGE, "!__vmalloc_node_range < " AT_ENTRY "do_vmalloc" SYSCALL);
	area(m, AREA + (5 << 24), PAGE, "!vm_map_ram < " AT_ENTRY VMALLOC_STACK);
	assert_own(m, "kmtest", KIND_VMALLOC, 15 * PAGE);
	/* a thread's stack is the core kernel's own */
	area(m, AREA + (6 << 24), 4 * PAGE, AT_ENTRY "alloc_thread_stack_node < __x64_sys_ioctl < do_syscall_64");
	assert_own(m, "[kernel]", KIND_VMALLOC, 4 * PAGE);
	/* even where what asked for it is inlined, and no allocator is on the stack: that
	 * of the probed function is its first byte, as if the one before it had called */
	area(m, AREA + (7 << 24), 4 * PAGE,
	     "!__vmalloc_node_range < kprobe_dispatcher < do_el1_brk64 < el1_brk64 < "
	     "el1h_64_sync_handler < el1h_64_sync < __x64_sys_ioctl < seq_open < do_syscall_64");
	assert_own(m, "[kernel]", KIND_VMALLOC, 8 * PAGE);
	assert_own(m, "[unknown]", KIND_VMALLOC, 0);
	assert_int_equal(books_stats(m->books)->cuts, 0);
	model_done(m);
}

/* Where no trampoline is on the stack behind a return, its handler is. */
static void e18_frames_of_return_probes(void **state)
{
	struct model *m = MODEL(.no_replay = true);
	const struct account *a;

	(void)state;
	FEED(m, AT_RETURN "do_cache" SYSCALL, "kmtest_cache", .type = EVENT_BULK_ALLOC,
	     .bytes_req = 1, .bytes_alloc = 32, .order = 1);
	FEED(m, NO_STACK, NULL, .type = EVENT_BULK_ITEM, .ptr = OBJECT);
	assert_only_own(m, "kmtest", KIND_SLAB, 32);
	/* riscv: the caller is not on the stack, but the probe's event has it */
	FEED(m, "kretprobe_dispatcher < arch_rethook_trampoline" SYSCALL, "kmtest_cache",
	     .type = EVENT_BULK_ALLOC, .bytes_req = 1, .bytes_alloc = 32, .order = 1,
	     .ptr = model_addr(m, "do_cache") + 0x20);
	FEED(m, NO_STACK, NULL, .type = EVENT_BULK_ITEM, .ptr = OBJECT + 32);
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	a = ledger_at(m->ledger, (uint32_t)ledger_count(m->ledger) - 1);
	assert_string_equal(strings_get(m->strings, a->what.function), "do_cache");
	/* another's trampoline says nothing: the stack does */
	FEED(m, "arch_rethook_trampoline < do_kmalloc" SYSCALL, "kmtest_cache",
	     .type = EVENT_BULK_ALLOC, .bytes_req = 1, .bytes_alloc = 32, .order = 1,
	     .ptr = model_addr(m, "arch_rethook_trampoline") + 4);
	FEED(m, NO_STACK, NULL, .type = EVENT_BULK_ITEM, .ptr = OBJECT + 64);
	assert_only_own(m, "kmtest", KIND_SLAB, 96);
	a = ledger_at(m->ledger, (uint32_t)ledger_count(m->ledger) - 1);
	assert_string_equal(strings_get(m->strings, a->what.function), "do_kmalloc");
	/* ... but not riscv's */
	assert_int_equal(books_stats(m->books)->hidden, 0);
	attributor_lacks_callers(m->at);
	FEED(m, "arch_rethook_trampoline < do_vmalloc" SYSCALL, "kmtest_cache",
	     .type = EVENT_BULK_ALLOC, .bytes_req = 1, .bytes_alloc = 32, .order = 1,
	     .ptr = model_addr(m, "arch_rethook_trampoline") + 4);
	FEED(m, NO_STACK, NULL, .type = EVENT_BULK_ITEM, .ptr = OBJECT + 96);
	assert_int_equal(books_stats(m->books)->hidden, 1);
	model_done(m);
}

/* Contiguous memory has events of its own, of any number of pages. */
static void b5_contiguous_memory(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	FEED(m, "cma_alloc < cma_alloc_aligned < dma_alloc_contiguous < dma_direct_alloc < dma_alloc_attrs < do_dma" SYSCALL,
	     NULL, .type = EVENT_CONTIG_ALLOC, .ptr = 0x5b460, .bytes_req = 5);
	assert_only_own(m, "kmtest", KIND_DMA, 5 * PAGE);
	FEED(m, "cma_alloc < do_large" SYSCALL, NULL, .type = EVENT_CONTIG_ALLOC,
	     .ptr = 0x5b471, .bytes_req = 3);
	assert_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	assert_int_equal(model_totals(m, "kmtest").objects, 2);
	/* freed page by page, and told at the end; or only that */
	for (uint64_t i = 0; i < 4; i++)
		model_pages_free(m, 0x5b460 + i, 0, "free_contig_range < cma_release" SYSCALL);
	assert_own(m, "kmtest", KIND_DMA, PAGE);
	FEED(m, NO_STACK, NULL, .type = EVENT_CONTIG_FREE, .ptr = 0x5b460, .bytes_req = 5);
	assert_only_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	FEED(m, NO_STACK, NULL, .type = EVENT_CONTIG_FREE, .ptr = 0x5b471, .bytes_req = 3);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->unmatched_cma_pages, 0);
	/* pages that are taken again were freed unseen; numbers that cannot be */
	FEED(m, "cma_alloc < do_dma" SYSCALL, NULL, .type = EVENT_CONTIG_ALLOC, .ptr = 0x1001,
	     .bytes_req = 64);
	FEED(m, "cma_alloc < do_dma" SYSCALL, NULL, .type = EVENT_CONTIG_ALLOC, .ptr = 0x1003,
	     .bytes_req = 2);
	assert_only_own(m, "kmtest", KIND_PAGES, 64 * PAGE);
	FEED(m, "cma_alloc < do_dma" SYSCALL, NULL, .type = EVENT_CONTIG_ALLOC, .ptr = 1,
	     .bytes_req = UINT64_MAX);
	FEED(m, NO_STACK, NULL, .type = EVENT_CONTIG_FREE, .ptr = UINT64_MAX - 2, .bytes_req = 4);
	FEED(m, "cma_alloc < do_dma" SYSCALL, NULL, .type = EVENT_CONTIG_ALLOC, .ptr = 1);
	assert_int_equal(books_stats(m->books)->malformed, 3);
	assert_only_own(m, "kmtest", KIND_PAGES, 64 * PAGE);
	model_done(m);
}

/* With its regions told, a module keeps its name after it was unloaded. */
static void d_module_regions(void **state)
{
	struct model *m = MODEL(.no_replay = true,
				.shown = "ffffffffc0411000 t lib_fn\t[libkm]\n",
				.plan = "+kmtest -kmtest");

	(void)state;
	FEED(m, NO_STACK, NULL, .type = EVENT_MODULE_REGION, .ptr = KMTEST_BASE,
	     .bytes_alloc = 4 * PAGE);
	FEED(m, NO_STACK, NULL, .type = EVENT_MODULE_REGION, .ptr = FREE_TEXT,
	     .bytes_alloc = 2 * PAGE, .flags = EVENT_INIT);
	FEED(m, NO_STACK, "kmtest", .type = EVENT_MODULE_MAP);
	model_module(m, "kmtest", true);
	/* init text of its own, second page too */
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *0xffffffffc0502010" INIT);
	model_kmalloc(m, OBJECT + 64, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_SLAB, 128);
	assert_int_equal(books_stats(m->books)->init_guarded, 0);
	/* init text goes: what comes there is not kmtest's */
	FEED(m, NO_STACK, NULL, .type = EVENT_MODULE_UNMAP, .ptr = FREE_TEXT);
	model_kmalloc(m, OBJECT + 128, 64, 64, "__kmalloc < *0xffffffffc0502010" SYSCALL);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	model_module(m, "kmtest", false);
	model_kmalloc(m, OBJECT + 192, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	assert_own(m, "kmtest", KIND_SLAB, 128);
	assert_own(m, "[unknown]", KIND_SLAB, 128);
	model_done(m);
}

/* What lies in init text is told by the module's file, wherever it was loaded. */
static void d3_names_in_init_text(void **state)
{
	/* what ftrace still had of it when kallsyms was copied: not all */
	static const char copied[] = "ffffffffc0501000 T kmtest_first\t[kmtest]\n"
				     "ffffffffc0401000 t kmtest_ioctl\t[kmtest]\n";
	static const char of_file[] = "0000000000000000 T kmtest_first\t[kmtest]\n"
				      "00000000000000c0 t kmtest_init\t[kmtest]\n"
				      "00000000000000c0 T init_module\t[kmtest]\n"
				      "0000000000000180 d .init.text\t[kmtest]\n";
	struct ksyms *ks = ksyms_parse(copied, strlen(copied));
	struct ksyms *in_file = ksyms_parse(of_file, strlen(of_file));
	struct model *m = MODEL(.no_replay = true, .shown = "", .plan = "+kmtest -kmtest");
	struct unnamed_frame unnamed;
	uint32_t epoch, name;
	size_t at = 0;

	(void)state;
	assert_string_equal(modmap_init_lacking(m->mm, &at), "kmtest");
	assert_int_equal(modmap_init_symbols(m->mm, "kmtest", in_file, false), 0);
	at = 0;
	assert_null(modmap_init_lacking(m->mm, &at));
	assert_int_equal(modmap_snapshot(m->mm, ks, 0), 0);
	FEED(m, NO_STACK, NULL, .type = EVENT_MODULE_REGION, .ptr = KMTEST_BASE,
	     .bytes_alloc = 4 * PAGE);
	FEED(m, NO_STACK, NULL, .type = EVENT_MODULE_REGION, .ptr = FREE_TEXT,
	     .bytes_alloc = 2 * PAGE, .flags = EVENT_INIT);
	FEED(m, NO_STACK, "kmtest", .type = EVENT_MODULE_MAP);
	model_module(m, "kmtest", true);
	epoch = modmap_epoch(m->mm);
	/* where the section begins in what the loader made is not known yet */
	name = attribute_frame_name(m->at, FREE_TEXT + 0x40 + 0xd6, epoch, &unnamed);
	assert_int_equal(name, 0);
	assert_int_equal(unnamed.offset, (0x40 + 0xd6) | OFFSET_INIT);
	assert_int_equal(modmap_init_text(m->mm, LIBKM_BASE), 0);
	assert_int_equal(modmap_init_text(m->mm, FREE_TEXT + 0x40), 0);
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *0xffffffffc0501116" INIT);
	name = attribute_frame_name(m->at, FREE_TEXT + 0x116, epoch, &unnamed);
	assert_string_equal(strings_get(m->strings, name), "kmtest_init+0x16 [kmtest]");
	/* stubs in front of the section, and what is behind it, are no function's */
	model_kmalloc(m, OBJECT + 64, 64, 64, "__kmalloc < *0xffffffffc0501020" INIT);
	model_kmalloc(m, OBJECT + 128, 64, 64, "__kmalloc < *0xffffffffc05011d0" INIT);
	assert_int_equal(attribute_frame_name(m->at, FREE_TEXT + 0x20, epoch, &unnamed), 0);
	assert_int_equal(attribute_frame_name(m->at, FREE_TEXT + 0x1d0, epoch, &unnamed), 0);
	assert_only_own(m, "kmtest", KIND_SLAB, 192);
	/* it keeps its names when it is gone, and another is there */
	FEED(m, NO_STACK, NULL, .type = EVENT_MODULE_UNMAP, .ptr = FREE_TEXT);
	name = attribute_frame_name(m->at, FREE_TEXT + 0x40 + 0xd6, epoch, &unnamed);
	assert_string_equal(strings_get(m->strings, name), "kmtest_init+0x16 [kmtest]");
	/* where files of two builds were loaded, neither is believed */
	assert_int_equal(modmap_init_symbols(m->mm, "kmtest", in_file, true), 0);
	name = attribute_frame_name(m->at, FREE_TEXT + 0x40 + 0xd6, epoch, &unnamed);
	assert_string_not_equal(strings_get(m->strings, name), "kmtest_init+0x16 [kmtest]");
	model_done(m);
	ksyms_free(in_file);
	ksyms_free(ks);
}

/* Symbols that a recorder read at a load belong to that load's instance. */
static void d2_symbols_of_a_removed_module(void **state)
{
	static const char lines[] =
		"ffffffffc0401000 t gone_fn\t[gone]\n"
		"ffffffffc0401800 t gone_write\t[gone]\n";
	struct ksyms *ks = ksyms_parse(lines, strlen(lines));
	struct modmap *mm = modmap_new(NULL, NULL, 0, PAGE, NULL);
	const struct module_instance *mi;
	uint32_t first, second;

	(void)state;
	assert_int_equal(modmap_plan(mm, "gone", true), 0);
	assert_int_equal(modmap_plan(mm, "gone", false), 0);
	/* of this very load: the recorder has its time in microseconds, rounded */
	assert_int_equal(modmap_snapshot(mm, ks, 149500), 0);
	assert_int_equal(modmap_start(mm), 0);
	assert_int_equal(modmap_find(mm, KMTEST_BASE + 8), OWNER_UNKNOWN);
	first = modmap_event(mm, "gone", true, 150000);
	assert_int_equal(modmap_find(mm, KMTEST_BASE + 8), first);
	mi = modmap_instance(mm, first);
	assert_ptr_equal(mi->syms, ks);
	assert_true(mi->has_range);
	assert_int_equal(modmap_event(mm, "gone", false, 200000), first);
	assert_int_equal(modmap_find(mm, KMTEST_BASE + 8), OWNER_UNKNOWN);
	/* loaded again behind the last snapshot: nobody saw where */
	second = modmap_event(mm, "gone", true, 300000);
	assert_int_not_equal(second, first);
	assert_false(modmap_instance(mm, second)->has_range);
	modmap_free(mm);
	ksyms_free(ks);
}

/* Loaded while the symbols were being read: that is the one that they show. */
static void d2_loaded_while_symbols_are_read(void **state)
{
	static const char lines[] =
		"ffffffffc0401000 t new_fn\t[new]\n"
		"ffffffffc0411000 t old_fn\t[old]\n";
	static const char sizes[] = "new 20480 0 - Live 0xffffffffc0401000\n";
	struct ksyms *ks = ksyms_parse(lines, strlen(lines));
	struct modmap *mm = modmap_new(ks, NULL, 0, PAGE, NULL);
	uint32_t first, second;

	(void)state;
	assert_int_equal(modmap_start(mm), 0);
	modmap_read_at(mm, 5000);
	first = modmap_find(mm, KMTEST_BASE + 8);
	modmap_region(mm, KMTEST_BASE, PAGE, false);
	assert_int_equal(modmap_map(mm, "new", 4000), first);
	assert_int_equal(modmap_event(mm, "new", true, 4100), first);
	assert_int_equal(modmap_find(mm, KMTEST_BASE + 8), first);
	/* and later it is another one */
	second = modmap_event(mm, "new", true, 6000);
	assert_int_not_equal(second, first);
	/* whose size is less once its init text is gone */
	assert_int_equal(modmap_sizes(mm, sizes, strlen(sizes)), 0);
	assert_int_equal(modmap_instance(mm, second)->static_bytes, 20480);
	assert_int_equal(modmap_instance(mm, first)->static_bytes, -1);
	assert_int_not_equal(modmap_event(mm, "old", true, 7000), modmap_find(mm, LIBKM_BASE));
	modmap_free(mm);
	ksyms_free(ks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(b2_kfree_rcu_is_no_leak),
		cmocka_unit_test(b2_kfree_rcu_of_a_large_object),
		cmocka_unit_test(b1_bulk_objects_are_exact),
		cmocka_unit_test(b1_bulk_without_size),
		cmocka_unit_test(b3_vmalloc_is_whole),
		cmocka_unit_test(b3_vmap_holds_nothing),
		cmocka_unit_test(b4_dma_blocks_are_inside_their_pages),
		cmocka_unit_test(probe_frames_are_passed_over),
		cmocka_unit_test(e18_the_caller_of_a_probed_function_is_missing),
		cmocka_unit_test(e18_frames_of_return_probes),
		cmocka_unit_test(b5_contiguous_memory),
		cmocka_unit_test(d_module_regions),
		cmocka_unit_test(d3_names_in_init_text),
		cmocka_unit_test(d2_symbols_of_a_removed_module),
		cmocka_unit_test(d2_loaded_while_symbols_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
