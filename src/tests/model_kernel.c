// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_kernel.c - functions of the kernels that stacks in tests are made of
 */
#include "model_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORE64		0xffffffff81000000ULL
#define CORE32		0xc0100000ULL
#define CORE_STEP	0x200u

/* clang-format off */
/* In the order of their addresses. */
static const char core[] =
	"_stext "
	/* entry: x86, arm64, arm, s390, ppc64 */
	"asm_sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt "
	"asm_common_interrupt common_interrupt asm_exc_page_fault "
	"exc_page_fault asm_exc_nmi asm_sysvec_call_function_single "
	"apic_timer_interrupt smp_apic_timer_interrupt ret_from_intr "
	"el1_interrupt el1h_64_irq_handler el1h_64_irq call_on_irq_stack "
	"do_interrupt_handler gic_handle_irq el1h_64_sync_handler el1h_64_sync "
	"el1_abort do_mem_abort el1_irq "
	"__irq_svc __dabt_svc do_DataAbort generic_handle_arch_irq "
	"__do_pgm_check pgm_check_handler do_ext_irq ext_int_handler "
	"do_io_irq io_int_handler do_irq_async "
	"hardware_interrupt_common_virt decrementer_common_virt timer_interrupt "
	"replay_soft_interrupts arch_local_irq_restore.part.0 "
	"arch_local_irq_restore data_access_common_virt "
	"__irqentry_text_start odd_arch_interrupt __irqentry_text_end "
	"__softirqentry_text_start odd_arch_softirq __softirqentry_text_end "
	"__do_softirq handle_softirqs irq_exit irq_exit_rcu __irq_exit_rcu "
	"do_softirq do_softirq.part.0 do_softirq_own_stack __local_bh_enable_ip "
	"run_ksoftirqd smpboot_thread_fn rcu_core rcu_do_batch net_rx_action "
	"__napi_poll __handle_irq_event_percpu handle_mm_fault "
	/* callers */
	"entry_SYSCALL_64_after_hwframe do_syscall_64 __x64_sys_ioctl vfs_write "
	"ksys_write generic_perform_write __filemap_get_folio d_alloc "
	"__d_alloc alloc_netdev_mqs process_one_work worker_thread kthread "
	"ret_from_fork kvm_vcpu_ioctl seq_open proc_create register_netdev "
	"do_one_initcall do_init_module load_module init_module_from_file "
	"layout_and_allocate percpu_modalloc rhashtable_insert_slow "
	"rht_deferred_worker "
	"__alloc_skb kmalloc_reserve "
	/* tracing */
	"trace_event_raw_event_kmem_alloc trace_event_buffer_commit "
	"__traceiter_kmalloc __ftrace_trace_stack "
	/* slab, 5.10 and 6.1 */
	"__kmalloc __kmalloc_node __kmalloc_track_caller "
	"__kmalloc_node_track_caller kmem_cache_alloc_trace "
	"kmem_cache_alloc_node_trace kmalloc_trace kmalloc_node_trace "
	"kmem_cache_alloc kmem_cache_alloc_node kmem_cache_alloc_lru krealloc "
	"__kmem_cache_alloc_node __kmem_cache_alloc_bulk kmem_cache_alloc_bulk "
	"kmalloc_order kmalloc_order_trace kmalloc_large __kmalloc_large_node "
	"allocate_slab new_slab new_slab_objects ___slab_alloc __slab_alloc "
	"slab_alloc_node.constprop.0 __slab_alloc.isra.0 "
	/* slab, from 6.10 */
	"__kmalloc_noprof __kmalloc_node_noprof __kmalloc_cache_noprof "
	"__kmalloc_cache_node_noprof __kmalloc_node_track_caller_noprof "
	"kmem_cache_alloc_noprof kmem_cache_alloc_node_noprof krealloc_noprof "
	"krealloc_node_align_noprof __kmalloc_large_noprof "
	"__kmalloc_large_node_noprof ___kmalloc_large_node kvmalloc_node_noprof "
	"__kvmalloc_node_noprof kmem_cache_alloc_bulk_noprof "
	/* slab, 7.x */
	"__pcs_replace_empty_main alloc_empty_sheaf __alloc_empty_sheaf "
	"refill_objects alloc_from_new_slab refill_sheaf "
	"alloc_slab_obj_exts __memcg_slab_post_alloc_hook "
	"memcg_alloc_slab_cgroups "
	/* copies, strings, devices */
	"kvmalloc_node kmemdup kmemdup_noprof kstrdup kstrdup_noprof "
	"kstrdup_const kstrndup kvasprintf kasprintf kvasprintf_const "
	"devm_kmalloc devm_kasprintf devm_kvasprintf memdup_user "
	"alloc_dr.isra.0 "
	/* mempool, pages, per-CPU, vmalloc, DMA */
	"mempool_create mempool_create_node mempool_create_node_noprof "
	"mempool_init_node mempool_alloc_slab mempool_alloc_pages "
	"mempool_kmalloc mempool_alloc mempool_alloc_noprof mempool_resize "
	"__alloc_pages __alloc_pages_nodemask __alloc_pages_noprof "
	"__alloc_frozen_pages_noprof alloc_frozen_pages_noprof "
	"alloc_pages_mpol_noprof alloc_pages_noprof alloc_pages "
	"alloc_pages_current alloc_pages_node get_page_from_freelist "
	"alloc_pages_exact alloc_pages_exact_noprof make_alloc_exact "
	"__get_free_pages get_free_pages_noprof get_zeroed_page "
	"get_zeroed_page_noprof folio_alloc folio_alloc_noprof "
	"__alloc_pages_bulk alloc_pages_bulk_noprof page_pool_alloc_pages "
	"__page_pool_alloc_pages_slow page_pool_create "
	"pcpu_alloc pcpu_alloc_noprof __alloc_percpu __alloc_percpu_gfp "
	"__alloc_percpu_noprof pcpu_create_chunk pcpu_populate_chunk "
	"pcpu_alloc_pages.constprop.0 pcpu_mem_zalloc pcpu_balance_workfn "
	"__alloc_reserved_percpu "
	"vmalloc vmalloc_noprof vzalloc __vmalloc __vmalloc_node "
	"__vmalloc_node_noprof __vmalloc_node_range __vmalloc_node_range_noprof "
	"__vmalloc_area_node vm_area_alloc_pages __get_vm_area_node "
	"vmap_pages_range alloc_vmap_area __pte_alloc_kernel pte_alloc_one __pmd_alloc "
	"vmap_range_noflush vmap vfree __vunmap remove_vm_area ioremap_prot "
	"dma_alloc_attrs dma_direct_alloc dma_direct_alloc_pages "
	"__dma_direct_alloc_pages.constprop.0 dma_alloc_coherent "
	"dma_pool_create dma_pool_alloc pool_alloc_page dmam_alloc_attrs "
	"dma_free_attrs dma_common_contiguous_remap cma_alloc cma_release "
	"alloc_contig_range free_contig_range cma_alloc_aligned dma_alloc_contiguous "
	/* arm64, riscv: probes by an exception, whose callers are on no stack */
	"kprobe_dispatcher kretprobe_dispatcher __kretprobe_trampoline_handler "
	"kretprobe_brk_handler do_el1_brk64 el1_brk64 "
	"el1h_64_sync_handler el1h_64_sync __vmap_pages_range_noflush vm_map_ram "
	"kretprobe_trace_func __kvmalloc_node_noprof alloc_thread_stack_node "
	"kvfree_call_rcu __free_pages free_pages kfree "
	"__set_page_owner stack_depot_save rhashtable_init __rhashtable_init_noprof "
	"bucket_table_alloc "
	/* trampolines */
	"ftrace_regs_caller_end return_to_handler arch_rethook_trampoline "
	"__kretprobe_trampoline "
	"_etext";
/* clang-format on */

/* Functions stand 0x80 apart, data two pages behind the first of them. */
static const struct {
	const char *name;
	uint64_t base64, base32;
	const char *functions;
} default_modules[] = {
	{ "kmtest", KMTEST_BASE, 0xbf001000,
	  "kmtest_ioctl do_kmalloc do_krealloc do_cache do_pages do_exact "
	  "do_percpu do_mempool do_vmalloc do_dma do_string do_devm do_large "
	  "do_lib kmtest_helper kmtest_irq kmtest_callback kmtest_exit" },
	{ "libkm", LIBKM_BASE, 0xbf011000, "lib_make lib_call lib_exit" },
	{ "fsmod", FSMOD_BASE, 0xbf021000, "fs_write fs_alloc_inode fs_exit" },
};

static void put_core(FILE *to, const struct model_setup *s)
{
	uint64_t addr = s->long32 ? CORE32 : CORE64;
	char *names = strdup(core), *save = NULL, *name;

	for (name = strtok_r(names, " ", &save); name;
	     name = strtok_r(NULL, " ", &save), addr += CORE_STEP)
		fprintf(to, "%016llx T %s\n", (unsigned long long)addr, name);
	fprintf(to, "%016llx D jiffies\n", (unsigned long long)addr + 0x10000);
	free(names);
}

static void put_modules(FILE *to, const struct model_setup *s)
{
	char *names, *save, *name;
	size_t i;

	for (i = 0; i < sizeof(default_modules) / sizeof(default_modules[0]); i++) {
		uint64_t base = s->long32 ? default_modules[i].base32 :
				default_modules[i].base64, addr = base;

		names = strdup(default_modules[i].functions);
		for (name = strtok_r(names, " ", &save); name;
		     name = strtok_r(NULL, " ", &save), addr += 0x80)
			fprintf(to, "%016llx t %s\t[%s]\n",
				(unsigned long long)addr, name,
				default_modules[i].name);
		free(names);
		fprintf(to, "%016llx d __key.76\t[%s]\n",
			(unsigned long long)base + 0x2000, default_modules[i].name);
	}
}

char *model_symbols(const struct model_setup *s, const char *modules)
{
	size_t len;
	char *text;
	FILE *to = open_memstream(&text, &len);

	put_core(to, s);
	if (modules)
		fputs(modules, to);
	else
		put_modules(to, s);
	fclose(to);
	return text;
}
