// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_allocfn.c - names of functions, with all that is hung on them
 */
#include <string.h>

#include "allocfn.h"
#include "model_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void plain_names(void **state)
{
	static const struct {
		const char *name, *plain;
	} cases[] = {
		{ "kmalloc", "kmalloc" }, { "kmalloc_noprof", "kmalloc" },
		{ "kmalloc.isra.0", "kmalloc" }, { "kmalloc.part.0.isra.3", "kmalloc" },
		{ "kmalloc_noprof.constprop.0", "kmalloc" },
		{ "kmalloc.llvm.1234567890", "kmalloc" },
		{ "kmalloc_noprof.cold", "kmalloc" },
		{ "_noprof", "_noprof" }, { "", "" }, { ".", "." },
		{ ".kmalloc", ".kmalloc" },	/* dot symbols of old ppc64 */
		{ ".kmalloc.isra.0", ".kmalloc" },
		{ "kmalloc_noprofx", "kmalloc_noprofx" },
	};
	char buf[64];
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		assert_string_equal(allocfn_plain(cases[i].name, buf, sizeof(buf)),
				    cases[i].plain);
	/* a buffer that is too small is filled, not overrun */
	assert_string_equal(allocfn_plain("kmalloc_trace", buf, 8), "kmalloc");
}

static void via_of_inner_names(void **state)
{
	static const struct {
		const char *name, *via;
	} cases[] = {
		{ "__kmalloc_cache_noprof", "kmalloc" }, { "kmalloc_trace", "kmalloc" },
		{ "__kmalloc_node_track_caller_noprof", "kmalloc" },
		{ "__kmalloc_large_node", "kmalloc" },
		{ "kmem_cache_alloc_lru_noprof", "kmem_cache_alloc_lru" },
		{ "krealloc_node_align_noprof", "krealloc" },
		{ "dma_alloc_attrs", "dma_alloc_coherent" },
		{ "pcpu_alloc_noprof", "__alloc_percpu" },
		{ "mempool_create_node_noprof", "mempool_create" },
		{ "__vmalloc_node_range_noprof", "vmalloc" },
		{ "get_free_pages_noprof", "__get_free_pages" },
		{ "alloc_pages_mpol_noprof", "alloc_pages" },
		{ "seq_open", "seq_open" },
	};
	char buf[64];
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		assert_string_equal(allocfn_via(cases[i].name, buf, sizeof(buf)),
				    cases[i].via);
}

static void allocators(void **state)
{
	static const char *const yes[] = {
		"__kmalloc", "kmalloc_trace", "kmem_cache_alloc_node",
		"kvmalloc_node", "krealloc", "vmalloc_user", "vzalloc_node",
		"__vmalloc_node_range", "alloc_pages", "__alloc_pages_nodemask",
		"__alloc_pages_slowpath.constprop.0", "alloc_pages_exact",
		"__get_free_pages", "get_zeroed_page", "pcpu_alloc",
		"__alloc_percpu_gfp", "dma_alloc_attrs", "dma_pool_alloc",
		"mempool_alloc", "devm_kmalloc", "devm_kasprintf", "kmemdup_nul",
		"kstrdup_const", "kasprintf", "memdup_user_nul", "vmemdup_user",
		/* from 6.10 on the kernel says so itself */
		"something_new_noprof", "something_new_noprof.isra.0",
	};
	static const char *const no[] = {
		"kfree", "kmtest_ioctl", "vmalloc_to_page", "vmalloc_to_pfn",
		"alloc_netdev_mqs", "alloc_page_buffers", "__alloc_skb",
		"kmalloc_reserve", "d_alloc", "do_one_initcall", "page_to_pfn",
		"iommu_dma_alloc_iova", "kmem_cache_create", "dma_map_page_attrs",
		"noprof", "_noprof", "percpu_counter_add", "devm_request_irq",
		"kmemleak_scan", "pcpu_freelist_push", "", "*", "k*",
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(yes); i++)
		if (!(allocfn_flags(yes[i]) & FN_ALLOC))
			fail_msg("%s is an allocator", yes[i]);
	for (i = 0; i < N(no); i++)
		if (allocfn_flags(no[i]) & FN_ALLOC)
			fail_msg("%s is no allocator", no[i]);
}

static void what_the_memory_is_for(void **state)
{
	static const struct {
		const char *name;
		uint32_t marks;
	} cases[] = {
		{ "allocate_slab", FN_SLAB }, { "___slab_alloc", FN_SLAB },
		{ "refill_objects", FN_SLAB }, { "alloc_slab_obj_exts", FN_EXTS },
		{ "__pcs_replace_empty_main", FN_SHEAF },
		{ "alloc_empty_sheaf", FN_SHEAF }, { "__alloc_empty_sheaf", FN_SHEAF },
		{ "alloc_vmap_area", FN_VMAP }, { "__get_vm_area_node", FN_VMAP },
		{ "__vmalloc_node_range_noprof", FN_VMALLOC },
		{ "vm_area_alloc_pages", FN_VMALLOC }, { "pcpu_create_chunk", FN_PCPU },
		{ "kvfree_call_rcu", FN_RCU }, { "__set_page_owner", FN_DEBUG },
		{ "stack_depot_save_flags", FN_DEBUG },
		{ "dma_direct_alloc", FN_DMA }, { "__kmalloc", 0 }, { "vmalloc", 0 },
		{ "alloc_pages", 0 }, { "seq_open", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		if ((allocfn_flags(cases[i].name) & FN_MARKS) != cases[i].marks)
			fail_msg("%s", cases[i].name);
}

static void entries_and_other_places(void **state)
{
	static const struct {
		const char *name;
		uint32_t flags;
	} cases[] = {
		{ "asm_sysvec_apic_timer_interrupt", FN_ENTRY },
		{ "asm_exc_page_fault", FN_ENTRY }, { "handle_softirqs", FN_ENTRY },
		{ "__do_softirq", FN_ENTRY }, { "el1h_64_irq", FN_ENTRY },
		{ "__irq_svc", FN_ENTRY }, { "irq_exit", FN_ENTRY },
		{ "do_softirq.part.0", FN_ENTRY },
		{ "decrementer_common_virt", FN_ENTRY },
		{ "do_one_initcall", FN_INITCALL },
		{ "do_init_module", FN_INIT_MODULE },
		{ "trace_event_raw_event_kmalloc", FN_TRACING },
		{ "return_to_handler", FN_TRACING | FN_RETURN | FN_GRAPH },
		{ "parisc_return_to_handler", FN_TRACING | FN_RETURN | FN_GRAPH },
		{ "arch_rethook_trampoline", FN_TRACING | FN_RETURN },
		{ "kretprobe_trampoline", FN_TRACING | FN_RETURN },
		{ "kretprobe_brk_handler", FN_TRACING | FN_HANDLER },
		{ "rethook_trampoline_handler", FN_TRACING | FN_HANDLER },
		{ "arch_rethook_trampoline_callback", FN_TRACING | FN_HANDLER },
		{ "__kretprobe_trampoline_handler", FN_TRACING | FN_HANDLER },
		{ "kprobe_dispatcher", FN_TRACING | FN_HANDLER },
		{ "do_el1_brk64", FN_ENTRY }, { "do_trap_break", FN_ENTRY },
		{ "__und_svc_finish", FN_ENTRY }, { "module_alloc", FN_AREA_USER },
		{ "execmem_vmalloc", FN_AREA_USER }, { "__execmem_cache_alloc", FN_AREA_USER },
		{ "ftrace_return_to_handler", FN_TRACING },
		{ "ftrace_regs_caller_end", FN_TRACING }, { "ftrace_caller", FN_TRACING },
		{ "ftrace_graph_caller", FN_TRACING }, { "ftrace_graph_call", FN_TRACING },
		{ "ftrace_common", FN_TRACING }, { "ftrace_common_return", FN_TRACING },
		{ "ftrace_call", FN_TRACING }, { "ftrace_stub", FN_TRACING },
		{ "ftrace_trampoline", FN_TRACING }, { "bpf_trampoline_6442", FN_TRACING },
		{ "optprobe_template_func", FN_TRACING },
		{ "mcount_call", FN_TRACING }, { "fgraph_update_pid_func", FN_TRACING },
		{ "__traceiter_mm_page_alloc", FN_TRACING },
		{ "vfree", FN_VFREE }, { "__vunmap", FN_VFREE },
		{ "cma_release", FN_CMA }, { "free_contig_range", FN_CMA },
		/* system calls, threads, work: nothing was interrupted there */
		{ "do_syscall_64", 0 }, { "el0_svc", 0 }, { "worker_thread", 0 },
		{ "invoke_syscall", 0 }, { "ret_from_fork", 0 }, { "do_exit", 0 },
		{ "irq_thread", 0 }, { "irq_thread_fn", 0 }, { "el0t_64_sync", 0 },
		{ "ret_fast_syscall", 0 }, { "system_call_exception", 0 },
		{ "asm_load_gs_index", 0 }, { "kvm_arch_vcpu_ioctl_run", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		if ((allocfn_flags(cases[i].name) & ~(uint32_t)FN_KNOWN) != cases[i].flags)
			fail_msg("%s: 0x%x", cases[i].name, allocfn_flags(cases[i].name));
}

/* Names in a recording are not ours: long ones, and ones made to be slow. */
static void hostile_names(void **state)
{
	char name[10001], buf[16];

	(void)state;
	memset(name, 's', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	allocfn_flags(name);
	assert_int_equal(strlen(allocfn_via(name, buf, sizeof(buf))), sizeof(buf) - 1);
	memset(name, '.', sizeof(name) - 1);
	allocfn_flags(name);
	allocfn_plain(name, buf, sizeof(buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names),
		cmocka_unit_test(via_of_inner_names),
		cmocka_unit_test(allocators),
		cmocka_unit_test(what_the_memory_is_for),
		cmocka_unit_test(entries_and_other_places),
		cmocka_unit_test(hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
