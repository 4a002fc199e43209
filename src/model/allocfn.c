// SPDX-License-Identifier: GPL-2.0-or-later
#include "allocfn.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct rule {
	const char *pattern;	/* a plain name; a trailing '*' is any rest */
	uint32_t flags;
	const char *via;	/* name of the call for people; NULL: its own */
};

#define ALLOC		FN_ALLOC
#define SLAB		(FN_ALLOC | FN_SLAB)
#define LARGE		(FN_ALLOC | FN_LARGE)
#define VMAP		(FN_ALLOC | FN_VMAP)
#define VMALLOC		(FN_ALLOC | FN_VMALLOC)
#define PCPU		(FN_ALLOC | FN_PCPU)
#define SHEAF		(FN_ALLOC | FN_SHEAF)
#define EXTS		(FN_ALLOC | FN_EXTS)
#define DMA		(FN_ALLOC | FN_DMA)
#define RCU		(FN_ALLOC | FN_RCU)
#define DEBUG		(FN_ALLOC | FN_DEBUG)
#define HANDLER		(FN_TRACING | FN_HANDLER)
#define AREA_ALLOC	(FN_ALLOC | FN_AREA_USER)

/*
 * The first rule that fits is taken, so that exceptions stand before the
 * pattern that they are taken from. Kernel files in brackets.
 */
static const struct rule rules[] = {
	/* the tracer [kernel/trace, include/trace] */
	{ "trace_event_raw_event_*", FN_TRACING, NULL },
	{ "trace_event_buffer_*", FN_TRACING, NULL },
	{ "__traceiter_*", FN_TRACING, NULL },
	{ "perf_trace_*", FN_TRACING, NULL },
	{ "__bpf_trace_*", FN_TRACING, NULL },
	{ "__ftrace_trace_stack", FN_TRACING, NULL },
	{ "__trace_stack", FN_TRACING, NULL },
	{ "ftrace_trace_*", FN_TRACING, NULL },
	{ "stacktrace_trigger", FN_TRACING, NULL },
	{ "stacktrace_count_trigger", FN_TRACING, NULL },
	{ "event_triggers_*", FN_TRACING, NULL },
	{ "__event_trigger*", FN_TRACING, NULL },

	/* trampolines of return probes [kernel/trace/rethook.c, kernel/kprobes.c] */
	{ "*kretprobe_trampoline_holder", FN_TRACING | FN_RETURN, NULL },
	{ "*kretprobe_trampoline_*", HANDLER, NULL },		/* what it calls */
	{ "*kretprobe_trampoline", FN_TRACING | FN_RETURN, NULL },
	{ "*rethook_trampoline_*", HANDLER, NULL },
	{ "*rethook_trampoline", FN_TRACING | FN_RETURN, NULL },
	/* arm64 and riscv know whose place it has: it is on no stack */
	{ "kretprobe_brk_handler", HANDLER, NULL },
	{ "trampoline_probe_handler", HANDLER, NULL },
	{ "trampoline_handler", HANDLER, NULL },
	/* ... of function_graph [kernel/trace/fgraph.c, arch .../entry-ftrace.S, ftrace_64.S] */
	{ "*ftrace_return_to_handler", FN_TRACING, NULL },
	{ "*return_to_handler", FN_TRACING | FN_RETURN | FN_GRAPH, NULL },
	/* ... of functions and what they call [kernel/trace/ftrace.c, fgraph.c, arch] */
	{ "ftrace_caller*", FN_TRACING, NULL },
	{ "ftrace_regs_caller*", FN_TRACING, NULL },
	{ "ftrace_call", FN_TRACING, NULL },
	{ "ftrace_call_*", FN_TRACING, NULL },
	{ "ftrace_regs_call", FN_TRACING, NULL },
	{ "ftrace_common*", FN_TRACING, NULL },
	{ "ftrace_epilogue", FN_TRACING, NULL },
	{ "ftrace_stub*", FN_TRACING, NULL },
	{ "ftrace_graph_call*", FN_TRACING, NULL },
	{ "ftrace_graph_regs_caller*", FN_TRACING, NULL },
	{ "ftrace_graph_func", FN_TRACING, NULL },
	{ "ftrace_trampoline*", FN_TRACING, NULL },
	{ "ftrace_ops_*_func", FN_TRACING, NULL },
	{ "arch_ftrace_ops_list_func", FN_TRACING, NULL },
	{ "__ftrace_ops_list_func", FN_TRACING, NULL },
	{ "ftrace_ops_trampoline*", FN_TRACING, NULL },
	{ "prepare_ftrace_return", FN_TRACING, NULL },
	{ "function_graph_enter*", FN_TRACING, NULL },
	{ "function_trace_call", FN_TRACING, NULL },
	{ "function_stack_trace_call", FN_TRACING, NULL },
	{ "trace_graph_entry*", FN_TRACING, NULL },
	{ "fgraph_*", FN_TRACING, NULL },
	{ "mcount*", FN_TRACING, NULL },
	{ "_mcount*", FN_TRACING, NULL },
	{ "__gnu_mcount_nc", FN_TRACING, NULL },
	{ "__fentry__", FN_TRACING, NULL },
	/* ... of live patches, BPF and probes [kernel/livepatch, kernel/bpf, kernel/kprobes.c] */
	{ "klp_ftrace_handler", FN_TRACING, NULL },
	{ "livepatch_handler", FN_TRACING, NULL },
	{ "bpf_trampoline_*", FN_TRACING, NULL },
	{ "bpf_dispatcher_*", FN_TRACING, NULL },
	{ "optprobe_template_*", FN_TRACING, NULL },
	{ "optimized_callback", FN_TRACING, NULL },
	{ "kprobe_ftrace_handler", HANDLER, NULL },
	{ "kprobe_dispatcher", HANDLER, NULL },
	{ "kprobe_trace_func", HANDLER, NULL },
	{ "kprobe_handler", HANDLER, NULL },
	{ "kprobe_trap_handler", HANDLER, NULL },
	{ "kprobe_brk_handler", HANDLER, NULL },
	{ "kprobe_breakpoint_handler", HANDLER, NULL },
	{ "kprobe_int3_handler", HANDLER, NULL },
	{ "aggr_pre_handler", HANDLER, NULL },
	{ "kretprobe_dispatcher", HANDLER, NULL },
	{ "kretprobe_trace_func", HANDLER, NULL },
	{ "kretprobe_rethook_handler", HANDLER, NULL },
	{ "kprobe_insn_page", FN_TRACING, NULL },
	{ "kprobe_optinsn_page", FN_TRACING, NULL },

	/* x86: entry from interrupts and exceptions [arch/x86/entry] */
	{ "asm_sysvec_*", FN_ENTRY, NULL },
	{ "asm_common_interrupt", FN_ENTRY, NULL },
	{ "asm_spurious_interrupt", FN_ENTRY, NULL },
	{ "asm_fred_*", FN_ENTRY, NULL },
	{ "asm_exc_*", FN_ENTRY, NULL },
	{ "sysvec_*", FN_ENTRY, NULL },
	{ "common_interrupt*", FN_ENTRY, NULL },
	{ "exc_page_fault", FN_ENTRY, NULL },
	{ "apic_timer_interrupt", FN_ENTRY, NULL },
	{ "smp_apic_timer_interrupt", FN_ENTRY, NULL },
	{ "reschedule_interrupt", FN_ENTRY, NULL },
	{ "call_function*_interrupt", FN_ENTRY, NULL },
	{ "ret_from_intr", FN_ENTRY, NULL },
	{ "page_fault", FN_ENTRY, NULL },
	{ "async_page_fault", FN_ENTRY, NULL },
	/* arm64 [arch/arm64/kernel/entry-common.c] */
	{ "el1h_64_*", FN_ENTRY, NULL },
	{ "el1t_64_*", FN_ENTRY, NULL },
	{ "el1_interrupt", FN_ENTRY, NULL },
	{ "el1_irq", FN_ENTRY, NULL },
	{ "el1_sync*", FN_ENTRY, NULL },
	{ "el1_abort", FN_ENTRY, NULL },
	{ "el0_irq*", FN_ENTRY, NULL },
	{ "el0_interrupt", FN_ENTRY, NULL },
	{ "el0t_64_irq*", FN_ENTRY, NULL },
	{ "el0_da", FN_ENTRY, NULL },
	{ "el0_ia", FN_ENTRY, NULL },
	/* ... of a probe's break instruction */
	{ "el1_brk64", FN_ENTRY, NULL },
	{ "do_el1_brk64", FN_ENTRY, NULL },
	{ "el1_dbg", FN_ENTRY, NULL },
	{ "do_debug_exception", FN_ENTRY, NULL },
	{ "brk_handler", FN_ENTRY, NULL },
	{ "call_break_hook", FN_ENTRY, NULL },
	{ "call_on_irq_stack", FN_ENTRY, NULL },
	{ "do_interrupt_handler", FN_ENTRY, NULL },
	{ "do_mem_abort", FN_ENTRY, NULL },
	/* arm [arch/arm/kernel/entry-armv.S] */
	{ "__irq_svc", FN_ENTRY, NULL },
	{ "__irq_usr", FN_ENTRY, NULL },
	{ "__fiq_svc", FN_ENTRY, NULL },
	{ "__und_svc*", FN_ENTRY, NULL },
	{ "do_undefinstr", FN_ENTRY, NULL },
	{ "__dabt_svc", FN_ENTRY, NULL },
	{ "__dabt_usr", FN_ENTRY, NULL },
	{ "__pabt_svc", FN_ENTRY, NULL },
	{ "__pabt_usr", FN_ENTRY, NULL },
	{ "do_DataAbort", FN_ENTRY, NULL },
	{ "do_PrefetchAbort", FN_ENTRY, NULL },
	{ "generic_handle_arch_irq", FN_ENTRY, NULL },
	{ "asm_do_IRQ", FN_ENTRY, NULL },
	{ "handle_IRQ", FN_ENTRY, NULL },
	/* s390 [arch/s390/kernel/entry.S, irq.c] */
	{ "ext_int_handler", FN_ENTRY, NULL },
	{ "io_int_handler", FN_ENTRY, NULL },
	{ "mcck_int_handler", FN_ENTRY, NULL },
	{ "pgm_check_handler", FN_ENTRY, NULL },
	{ "__do_pgm_check", FN_ENTRY, NULL },
	{ "do_ext_irq", FN_ENTRY, NULL },
	{ "do_io_irq", FN_ENTRY, NULL },
	{ "do_irq_async", FN_ENTRY, NULL },
	{ "do_dat_exception", FN_ENTRY, NULL },
	/* powerpc [arch/powerpc/kernel/exceptions-64s.S, irq.c] */
	{ "hardware_interrupt_common*", FN_ENTRY, NULL },
	{ "decrementer_common*", FN_ENTRY, NULL },
	{ "doorbell_super_common*", FN_ENTRY, NULL },
	{ "h_doorbell_common*", FN_ENTRY, NULL },
	{ "h_virt_irq_common*", FN_ENTRY, NULL },
	{ "performance_monitor_common*", FN_ENTRY, NULL },
	{ "data_access_*common*", FN_ENTRY, NULL },
	{ "instruction_access_*common*", FN_ENTRY, NULL },
	{ "timer_interrupt", FN_ENTRY, NULL },
	{ "handle_page_fault", FN_ENTRY, NULL },
	{ "do_hash_fault", FN_ENTRY, NULL },
	{ "replay_soft_interrupts*", FN_ENTRY, NULL },
	{ "interrupt_return*", FN_ENTRY, NULL },
	/* riscv, mips, loongarch, generic */
	{ "handle_arch_irq", FN_ENTRY, NULL },
	{ "riscv_intc_irq", FN_ENTRY, NULL },
	{ "handle_riscv_irq", FN_ENTRY, NULL },
	{ "handle_break", FN_ENTRY, NULL },
	{ "do_trap_break", FN_ENTRY, NULL },
	{ "handle_bp", FN_ENTRY, NULL },
	{ "do_bp", FN_ENTRY, NULL },
	{ "handle_int", FN_ENTRY, NULL },
	{ "handle_vint", FN_ENTRY, NULL },
	{ "plat_irq_dispatch", FN_ENTRY, NULL },
	{ "do_vint", FN_ENTRY, NULL },
	{ "do_irq", FN_ENTRY, NULL },
	{ "do_IRQ", FN_ENTRY, NULL },
	{ "__do_irq", FN_ENTRY, NULL },
	{ "do_page_fault", FN_ENTRY, NULL },
	/* softirqs, from an interrupt's end or from enabling them [kernel/softirq.c] */
	{ "irq_exit", FN_ENTRY, NULL },
	{ "irq_exit_rcu", FN_ENTRY, NULL },
	{ "__irq_exit_rcu", FN_ENTRY, NULL },
	{ "invoke_softirq", FN_ENTRY, NULL },
	{ "__do_softirq", FN_ENTRY, NULL },
	{ "handle_softirqs", FN_ENTRY, NULL },
	{ "do_softirq*", FN_ENTRY, NULL },
	{ "__local_bh_enable_ip", FN_ENTRY, NULL },
	{ "run_ksoftirqd", FN_ENTRY, NULL },
	{ "irq_work_run*", FN_ENTRY, NULL },
	{ "flush_smp_call_function_queue", FN_ENTRY, NULL },
	{ "__flush_smp_call_function_queue", FN_ENTRY, NULL },

	/* module loading [init/main.c, kernel/module] */
	{ "do_one_initcall", FN_INITCALL, NULL },
	{ "do_init_module", FN_INIT_MODULE, NULL },
	{ "load_module", FN_INIT_MODULE, NULL },	/* has it inlined, 3.x */

	/* debugging aids that allocate on every allocation [mm, lib] */
	{ "__set_page_owner*", DEBUG, NULL },
	{ "stack_depot_*", DEBUG, NULL },
	{ "__stack_depot_*", DEBUG, NULL },
	{ "depot_*", DEBUG, NULL },
	{ "set_track_prepare", DEBUG, NULL },
	{ "save_stack", DEBUG, NULL },
	{ "kmemleak_alloc*", DEBUG, NULL },
	{ "create_object", DEBUG, NULL },
	{ "__create_object", DEBUG, NULL },
	{ "__link_object", DEBUG, NULL },
	{ "mem_pool_alloc", DEBUG, NULL },
	{ "kasan_*", DEBUG, NULL },
	{ "__kasan_*", DEBUG, NULL },
	{ "debug_object_*", DEBUG, NULL },
	{ "debug_objects_*", DEBUG, NULL },
	{ "fill_pool*", DEBUG, NULL },

	/* slab internals: pages, vectors, sheaves [mm/slub.c, mm/slab.c] */
	{ "alloc_slab_obj_exts", EXTS, NULL },
	{ "memcg_alloc_slab_cgroups", EXTS, NULL },
	{ "memcg_alloc_page_obj_cgroups", EXTS, NULL },
	{ "account_slab", EXTS, NULL },
	{ "prepare_slab_obj_exts_hook", EXTS, NULL },
	{ "alloc_tagging_slab_alloc_hook", EXTS, NULL },
	{ "__alloc_tagging_slab_alloc_hook", EXTS, NULL },
	{ "__memcg_slab_post_alloc_hook", EXTS, NULL },
	{ "memcg_slab_post_alloc_hook", EXTS, NULL },
	{ "slab_post_alloc_hook", EXTS, NULL },
	{ "__pcs_*", SHEAF, NULL },
	{ "*sheaf*", SHEAF, NULL },
	{ "barn_*", SHEAF, NULL },
	{ "init_percpu_sheaves", SHEAF, NULL },
	{ "allocate_slab", SLAB, NULL },
	{ "alloc_slab_page", SLAB, NULL },
	{ "new_slab", SLAB, NULL },
	{ "new_slab_objects", SLAB, NULL },
	{ "alloc_single_from_new_slab", SLAB, NULL },
	{ "alloc_from_new_slab", SLAB, NULL },
	{ "___slab_alloc", SLAB, NULL },
	{ "__slab_alloc", SLAB, NULL },
	{ "__slab_alloc_node", SLAB, NULL },
	{ "slab_alloc*", SLAB, NULL },
	{ "refill_objects", SLAB, NULL },
	{ "__refill_objects*", SLAB, NULL },
	{ "kmem_getpages", SLAB, NULL },
	{ "cache_grow*", SLAB, NULL },
	{ "cache_alloc_refill", SLAB, NULL },
	{ "____cache_alloc*", SLAB, NULL },
	{ "fallback_alloc", SLAB, NULL },

	/* kmalloc family */
	{ "kmalloc_reserve", 0, NULL },		/* net/core/skbuff.c */
	{ "kmalloc_size_roundup", 0, NULL },
	{ "kmalloc_fix_flags", ALLOC, NULL },
	{ "kmalloc_large_node", LARGE, "kmalloc_node" },
	{ "kmalloc_large*", LARGE, "kmalloc" },
	{ "__kmalloc_large*", LARGE, "kmalloc" },
	{ "___kmalloc_large*", LARGE, "kmalloc" },
	{ "kmalloc_order*", LARGE, "kmalloc" },
	{ "__kmalloc_node_track_caller", ALLOC, "kmalloc" },
	{ "__kmalloc_track_caller", ALLOC, "kmalloc" },
	{ "__kmalloc_node", ALLOC, "kmalloc_node" },
	{ "__kmalloc_cache_node", ALLOC, "kmalloc_node" },
	{ "kmalloc_node*", ALLOC, "kmalloc_node" },
	{ "kmem_cache_alloc_node_trace", ALLOC, "kmalloc_node" },
	{ "kmem_cache_alloc_trace", ALLOC, "kmalloc" },
	{ "__kmalloc*", ALLOC, "kmalloc" },
	{ "__do_kmalloc*", ALLOC, "kmalloc" },
	{ "kmalloc_nolock", ALLOC, NULL },
	{ "kmalloc*", ALLOC, "kmalloc" },
	{ "krealloc_node_align", ALLOC, "krealloc" },
	{ "krealloc*", ALLOC, "krealloc" },
	{ "__do_krealloc", ALLOC, "krealloc" },
	{ "kzalloc*", ALLOC, NULL },
	{ "kcalloc*", ALLOC, NULL },
	{ "__kmem_cache_alloc_bulk", SLAB, "kmem_cache_alloc_bulk" },
	{ "kmem_cache_alloc_bulk", SLAB, NULL },
	{ "__kmem_cache_alloc_node", ALLOC, "kmem_cache_alloc_node" },
	{ "kmem_cache_alloc*", ALLOC, NULL },
	{ "kmem_cache_zalloc", ALLOC, NULL },
	{ "__kmem_cache_alloc*", ALLOC, "kmem_cache_alloc" },
	{ "kvmalloc*", AREA_ALLOC, "kvmalloc" },
	{ "__kvmalloc*", AREA_ALLOC, "kvmalloc" },
	{ "kvzalloc*", AREA_ALLOC, NULL },
	{ "kvcalloc*", AREA_ALLOC, NULL },
	{ "kvrealloc*", AREA_ALLOC, "kvrealloc" },
	{ "__kvrealloc*", AREA_ALLOC, "kvrealloc" },
	{ "__do_kvrealloc*", AREA_ALLOC, "kvrealloc" },

	/* copies and strings [mm/util.c, lib/kasprintf.c, lib/string_helpers.c] */
	{ "kstrdup*", ALLOC, NULL },
	{ "kstrndup", ALLOC, NULL },
	{ "kmemdup*", ALLOC, NULL },
	{ "kvmemdup*", AREA_ALLOC, NULL },
	{ "memdup_*", ALLOC, NULL },
	{ "vmemdup_*", AREA_ALLOC, NULL },
	{ "strndup_user", ALLOC, NULL },
	{ "kasprintf*", ALLOC, NULL },
	{ "kvasprintf*", ALLOC, NULL },

	/* managed by a device [drivers/base/devres.c] */
	{ "devm_k*", ALLOC, NULL },
	{ "devm_get_free_pages", ALLOC, NULL },
	{ "__devm_alloc_percpu", ALLOC, "devm_alloc_percpu" },
	{ "alloc_dr", ALLOC, NULL },

	/* mempool [mm/mempool.c] */
	{ "mempool_create*", ALLOC, "mempool_create" },
	{ "mempool_init*", ALLOC, "mempool_init" },
	{ "mempool_alloc_slab", ALLOC, "mempool_alloc" },
	{ "mempool_alloc_pages", ALLOC, "mempool_alloc" },
	{ "mempool_alloc*", ALLOC, "mempool_alloc" },
	{ "mempool_kmalloc", ALLOC, "mempool_alloc" },
	{ "mempool_kvmalloc", ALLOC, "mempool_alloc" },
	{ "mempool_resize", ALLOC, NULL },
	{ "__mempool_*", ALLOC, NULL },

	/* hash tables that charge their user [lib/rhashtable.c] */
	{ "rhashtable_init*", ALLOC | FN_TABLE | FN_TABLE_FIRST, NULL },
	{ "rhltable_init*", ALLOC | FN_TABLE | FN_TABLE_FIRST, NULL },
	{ "__rhashtable_init", ALLOC | FN_TABLE | FN_TABLE_FIRST, "rhashtable_init" },	/* 7.x */
	{ "__rhltable_init", ALLOC | FN_TABLE | FN_TABLE_FIRST, "rhltable_init" },
	{ "bucket_table_alloc", ALLOC | FN_TABLE, NULL },

	/* page tables: of vmalloc if that is what comes further out */
	{ "__pte_alloc_kernel", FN_PTABLE, NULL },
	{ "pte_alloc_one_kernel", FN_PTABLE, NULL },
	{ "__pte_alloc_one_kernel", FN_PTABLE, NULL },
	{ "__pmd_alloc", FN_PTABLE, NULL },
	{ "__pud_alloc", FN_PTABLE, NULL },
	{ "__p4d_alloc", FN_PTABLE, NULL },
	{ "pmd_alloc*", FN_PTABLE, NULL },
	{ "pud_alloc*", FN_PTABLE, NULL },
	{ "crst_table_alloc*", FN_PTABLE, NULL },
	{ "page_table_alloc*", FN_PTABLE, NULL },
	{ "pagetable_alloc*", FN_PTABLE, NULL },

	/* vmalloc [mm/vmalloc.c] */
	{ "__get_vm_area*", VMAP | FN_AREA, NULL },
	{ "get_vm_area*", VMAP, NULL },
	{ "get_free_mem_region", 0, NULL },
	{ "alloc_vmap_area", VMAP, NULL },
	{ "preload_this_cpu_lock", VMAP, NULL },
	{ "adjust_va_to_fit_type", VMAP, NULL },
	{ "va_clip", VMAP, NULL },
	{ "*vmap_pages_range*", VMAP | FN_MAPPING, NULL },
	{ "vmap_small_pages_range*", VMAP | FN_MAPPING, NULL },
	{ "vmap", VMAP, NULL },
	{ "vmap_*", VMAP, NULL },
	{ "__vmap_*", VMAP, NULL },
	{ "vm_map_ram", VMAP, NULL },
	{ "new_vmap_block", VMAP, NULL },
	{ "vm_area_map_pages", VMAP, NULL },
	{ "map_kernel_range*", VMAP | FN_MAPPING, NULL },
	{ "map_vm_area", VMAP, NULL },
	{ "__ioremap*", VMAP, NULL },
	{ "ioremap*", VMAP, NULL },
	{ "generic_ioremap_prot", VMAP, NULL },
	{ "__arm_ioremap*", VMAP, NULL },
	{ "memremap", VMAP, NULL },
	{ "__vmalloc_area_node", VMALLOC, "vmalloc" },
	{ "__vmalloc_node_range", VMALLOC, "vmalloc" },
	{ "vm_area_alloc_pages", VMALLOC, "vmalloc" },
	{ "__vmalloc_node", AREA_ALLOC, "vmalloc" },
	{ "__vmalloc*", AREA_ALLOC, NULL },
	{ "vmalloc_*to_*", 0, NULL },		/* vmalloc_to_page and its like */
	{ "vmalloc*", AREA_ALLOC, NULL },
	{ "vzalloc*", AREA_ALLOC, NULL },
	{ "vcalloc*", AREA_ALLOC, NULL },
	{ "__vcalloc*", AREA_ALLOC, "vcalloc" },
	{ "vrealloc*", AREA_ALLOC, NULL },

	/* callers of its core: stacks of threads, text of modules and of BPF */
	{ "alloc_thread_stack_node", FN_AREA_USER, NULL },
	{ "dup_task_struct", FN_AREA_USER, NULL },
	{ "copy_process", FN_AREA_USER, NULL },
	{ "__scs_alloc", FN_AREA_USER, NULL },
	{ "scs_alloc", FN_AREA_USER, NULL },
	{ "module_alloc", FN_AREA_USER, NULL },
	{ "execmem_*alloc*", FN_AREA_USER, NULL },	/* execmem_vmalloc() too */
	{ "__execmem_*alloc*", FN_AREA_USER, NULL },
	{ "bpf_jit_alloc_exec", FN_AREA_USER, NULL },
	{ "alloc_insn_page", FN_AREA_USER, NULL },

	/* per-CPU [mm/percpu.c]: what it allocates itself is chunks */
	{ "pcpu_freelist_*", 0, NULL },		/* kernel/bpf */
	{ "pcpu_alloc", PCPU, "__alloc_percpu" },
	{ "pcpu_*", PCPU, NULL },
	{ "__alloc_percpu*", ALLOC, NULL },
	{ "__alloc_reserved_percpu", ALLOC, NULL },

	/* page_pool [net/core/page_pool.c] */
	{ "page_pool_alloc*", ALLOC, "page_pool" },
	{ "__page_pool_alloc*", ALLOC, "page_pool" },

	/* coherent DMA [kernel/dma, mm/dmapool.c, arch] */
	{ "dma_pool_create*", ALLOC, "dma_pool_create" },
	{ "dma_pool_alloc", ALLOC, NULL },
	{ "pool_alloc_page", ALLOC, "dma_pool_alloc" },
	{ "pool_initialise_page", ALLOC, "dma_pool_alloc" },
	{ "dmam_pool_create", ALLOC, NULL },
	{ "dma_alloc_attrs", DMA, "dma_alloc_coherent" },
	{ "dmam_alloc_attrs", DMA, "dmam_alloc_coherent" },
	{ "dma_alloc_*", DMA, NULL },
	{ "dma_direct_alloc*", DMA, "dma_alloc_coherent" },
	{ "__dma_direct_alloc*", DMA, "dma_alloc_coherent" },
	{ "__dma_alloc*", DMA, "dma_alloc_coherent" },
	{ "dma_common_*", DMA, "dma_alloc_coherent" },
	{ "__dma_common_*", DMA, "dma_alloc_coherent" },
	{ "dma_alloc_noncoherent", DMA, NULL },
	{ "__iommu_dma_alloc*", DMA, "dma_alloc_coherent" },
	{ "iommu_dma_alloc_iova", 0, NULL },
	{ "iommu_dma_alloc*", DMA, "dma_alloc_coherent" },
	{ "arch_dma_alloc", DMA, "dma_alloc_coherent" },
	{ "arm_dma_alloc", DMA, "dma_alloc_coherent" },
	{ "arm_iommu_alloc*", DMA, "dma_alloc_coherent" },
	{ "remap_allocator_alloc", DMA, "dma_alloc_coherent" },
	{ "simple_allocator_alloc", DMA, "dma_alloc_coherent" },
	{ "cma_allocator_alloc", DMA, "dma_alloc_coherent" },
	{ "pool_allocator_alloc", DMA, "dma_alloc_coherent" },
	{ "__alloc_from_contiguous", DMA, "dma_alloc_coherent" },
	{ "__alloc_remap_buffer", DMA, "dma_alloc_coherent" },
	{ "swiotlb_alloc", DMA, "dma_alloc_coherent" },
	{ "cma_alloc*", ALLOC, NULL },
	{ "__cma_alloc*", ALLOC, NULL },

	/* pages [mm/page_alloc.c, mm/mempolicy.c] */
	{ "alloc_page_buffers", 0, NULL },	/* fs/buffer.c */
	{ "alloc_contig_*", FN_ALLOC | FN_CMA, NULL },
	{ "__alloc_contig_*", FN_ALLOC | FN_CMA, NULL },
	{ "alloc_pages_bulk*", ALLOC, "alloc_pages_bulk" },
	{ "__alloc_pages_bulk", ALLOC, "alloc_pages_bulk" },
	{ "alloc_pages_exact*", ALLOC, NULL },
	{ "make_alloc_exact", ALLOC, NULL },
	{ "alloc_pages*", ALLOC, "alloc_pages" },
	{ "__alloc_pages*", ALLOC, "alloc_pages" },
	{ "___alloc_pages*", ALLOC, "alloc_pages" },
	{ "alloc_frozen_pages*", ALLOC, "alloc_pages" },
	{ "__alloc_frozen_pages*", ALLOC, "alloc_pages" },
	{ "alloc_page_interleave", ALLOC, "alloc_pages" },
	{ "get_page_from_freelist", ALLOC, "alloc_pages" },
	{ "post_alloc_hook", ALLOC, "alloc_pages" },
	{ "prep_new_page", ALLOC, "alloc_pages" },
	{ "get_free_pages", ALLOC, "__get_free_pages" },
	{ "__get_free_pages", ALLOC, NULL },
	{ "get_zeroed_page", ALLOC, NULL },
	{ "folio_alloc_mpol", ALLOC, "folio_alloc" },
	{ "__folio_alloc_node*", ALLOC, NULL },
	{ "folio_alloc*", ALLOC, NULL },
	{ "__folio_alloc*", ALLOC, NULL },
	{ "vma_alloc_folio*", ALLOC, NULL },
	{ "vma_alloc_zeroed_movable_folio", 0, NULL },
	{ "filemap_alloc_folio*", ALLOC, NULL },
	{ "__page_cache_alloc", ALLOC, NULL },

	/* pages of kvfree_rcu for the pointers that it collects [kernel/rcu, mm] */
	{ "kvfree_call_rcu", RCU, NULL },
	{ "fill_page_cache_func", RCU, NULL },
	{ "add_ptr_to_bulk_krc_lock", RCU, NULL },

	/* frees: of pages [mm/page_alloc.c, mm/swap.c] */
	{ "__free_page*", FN_FREE, NULL },
	{ "___free_page*", FN_FREE, NULL },
	{ "free_page*", FN_FREE, NULL },
	{ "free_the_page", FN_FREE, NULL },
	{ "free_unref_*", FN_FREE, NULL },
	{ "free_frozen_pages*", FN_FREE, NULL },
	{ "__free_frozen_pages", FN_FREE, NULL },
	{ "free_pcp_prepare", FN_FREE, NULL },
	{ "free_hot_cold_page*", FN_FREE, NULL },
	{ "free_compound_page", FN_FREE, NULL },
	{ "destroy_compound_page", FN_FREE, NULL },
	{ "destroy_large_folio", FN_FREE, NULL },
	{ "put_page", FN_FREE, NULL },
	{ "__put_page", FN_FREE, NULL },
	{ "__put_single_page", FN_FREE, NULL },
	{ "__put_compound_page", FN_FREE, NULL },
	{ "put_pages_list", FN_FREE, NULL },
	{ "release_pages", FN_FREE, NULL },
	{ "folio_put", FN_FREE, NULL },
	{ "__folio_put*", FN_FREE, NULL },
	{ "folios_put*", FN_FREE, NULL },
	/* ... of vmalloc [mm/vmalloc.c] */
	{ "vfree*", FN_VFREE, NULL },
	{ "__vfree*", FN_VFREE, NULL },
	{ "__vunmap", FN_VFREE, NULL },
	{ "delayed_vfree_work", FN_VFREE, NULL },
	{ "free_vm_area", FN_VFREE, NULL },
	/* ... of contiguous and coherent memory [mm/cma.c, kernel/dma, drivers/iommu] */
	{ "cma_release*", FN_CMA, NULL },
	{ "__cma_release*", FN_CMA, NULL },
	{ "free_contig_range*", FN_CMA, NULL },
	{ "dma_free_contiguous", FN_CMA, NULL },
	{ "dma_release_from_contiguous", FN_CMA, NULL },
	{ "dma_free_*", FN_DMA, NULL },
	{ "dmam_free_*", FN_DMA, NULL },
	{ "dma_direct_free*", FN_DMA, NULL },
	{ "__dma_direct_free*", FN_DMA, NULL },
	{ "arm_dma_free*", FN_DMA, NULL },
	{ "__arm_dma_free*", FN_DMA, NULL },
	{ "cma_allocator_free", FN_DMA, NULL },
	{ "iommu_dma_free*", FN_DMA, NULL },
	{ "__iommu_dma_free*", FN_DMA, NULL },
};

/* Does @name fit @pattern, with any number of '*' in it? */
static bool fits(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			retry = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

const char *allocfn_plain(const char *name, char *buf, size_t size)
{
	static const char noprof[] = "_noprof";
	size_t len = strlen(name), cut = strlen(noprof);
	const char *dot = strchr(name + (name[0] == '.'), '.');

	if (dot && dot != name)
		len = (size_t)(dot - name);
	if (len > cut && !memcmp(name + len - cut, noprof, cut))
		len -= cut;
	snprintf(buf, size, "%.*s", (int)len, name);
	return buf;
}

static bool is_noprof(const char *name)
{
	const char *p = strstr(name, "_noprof");

	return p && p != name && (!p[7] || p[7] == '.');
}

static const struct rule *find_rule(const char *plain)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *pattern = rules[i].pattern;

		if ((pattern[0] == plain[0] || pattern[0] == '*') &&
		    fits(pattern, plain))
			return &rules[i];
	}
	return NULL;
}

uint32_t allocfn_flags(const char *name)
{
	char plain[256];
	const struct rule *rule;
	uint32_t flags;

	rule = find_rule(allocfn_plain(name, plain, sizeof(plain)));
	flags = FN_KNOWN | (rule ? rule->flags : 0);
	/* from 6.10 the kernel itself names its allocators so */
	if (is_noprof(name))
		flags |= FN_ALLOC;
	return flags;
}

const char *allocfn_via(const char *name, char *buf, size_t size)
{
	const struct rule *rule;

	rule = find_rule(allocfn_plain(name, buf, size));
	if (rule && rule->via)
		snprintf(buf, size, "%s", rule->via);
	return buf;
}
