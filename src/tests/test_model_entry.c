// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_entry.c - code that happened to be interrupted did not allocate
 * (TRAPS A6), and words on the stack that are no code
 */
#include <stdio.h>
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

/* How an interrupt, softirq or exception shows on a stack, innermost first. */
static const char *const entries[] = {
	/* x86 */
	"sysvec_apic_timer_interrupt < asm_sysvec_apic_timer_interrupt",
	"__handle_irq_event_percpu < common_interrupt < asm_common_interrupt",
	"rcu_do_batch < rcu_core < __do_softirq < __irq_exit_rcu < sysvec_apic_timer_interrupt < asm_sysvec_apic_timer_interrupt",
	"rcu_core < handle_softirqs < __irq_exit_rcu < irq_exit_rcu < sysvec_apic_timer_interrupt < asm_sysvec_apic_timer_interrupt",
	"asm_sysvec_call_function_single", "asm_exc_nmi",
	"handle_mm_fault < exc_page_fault < asm_exc_page_fault",
	"smp_apic_timer_interrupt < apic_timer_interrupt",
	"__handle_irq_event_percpu < ret_from_intr",
	/* enabling softirqs runs those that wait */
	"net_rx_action < __do_softirq < do_softirq.part.0 < __local_bh_enable_ip",
	"net_rx_action < handle_softirqs < do_softirq < __local_bh_enable_ip",
	/* arm64 */
	"gic_handle_irq < call_on_irq_stack < do_interrupt_handler < el1_interrupt < el1h_64_irq_handler < el1h_64_irq",
	"gic_handle_irq < el1_irq",
	"handle_mm_fault < do_mem_abort < el1_abort < el1h_64_sync_handler < el1h_64_sync",
	/* arm */
	"generic_handle_arch_irq < __irq_svc", "gic_handle_irq < __irq_svc",
	"handle_mm_fault < do_DataAbort < __dabt_svc",
	/* s390 */
	"do_irq_async < do_ext_irq < ext_int_handler",
	"do_io_irq < io_int_handler",
	"handle_mm_fault < __do_pgm_check < pgm_check_handler",
	/* ppc64; soft-masked interrupts are replayed on enabling them */
	"timer_interrupt < decrementer_common_virt",
	"hardware_interrupt_common_virt",
	"handle_mm_fault < data_access_common_virt",
	"__do_softirq < irq_exit < arch_local_irq_restore.part.0",
	"__do_softirq < irq_exit < arch_local_irq_restore",
	"timer_interrupt < replay_soft_interrupts < arch_local_irq_restore.part.0",
	/* by section, whatever the name */
	"odd_arch_interrupt", "odd_arch_softirq",
};

#define N_ENTRIES (sizeof(entries) / sizeof(entries[0]))

static void check_entry(const char *entry, enum attribute_mode mode)
{
	struct model *m = MODEL(.mode = mode);
	char stack[1024];

	/* the core kernel on top of it allocates: the kernel did */
	snprintf(stack, sizeof(stack), "kmem_cache_alloc < *seq_open < %s < do_vmalloc"
		 SYSCALL, entry);
	model_cache_alloc(m, OBJECT, 256, 256, stack);
	snprintf(stack, sizeof(stack), "__alloc_pages < alloc_pages < seq_open < %s < do_vmalloc"
		 SYSCALL, entry);
	model_pages(m, PFN, 0, stack);
	if (model_totals(m, "kmtest").own || model_totals(m, "kmtest").induced)
		fail_msg("looked past %s", entry);
	assert_own(m, "[kernel]", KIND_SLAB, 256);
	assert_own(m, "[kernel]", KIND_PAGES, PAGE);
	assert_int_equal(books_stats(m->books)->cuts, 2);

	/* a module's interrupt handler allocates: that module did */
	snprintf(stack, sizeof(stack), "__kmalloc < *kmtest_irq < %s < lib_call < vfs_write", entry);
	model_kmalloc(m, OBJECT + 256, 64, 64, stack);
	assert_own(m, "kmtest", KIND_SLAB, 64);

	/* the core kernel in such a handler of a module */
	snprintf(stack, sizeof(stack), "__kmalloc < *__alloc_skb < kmtest_irq < %s < lib_call < vfs_write", entry);
	model_kmalloc(m, OBJECT + 512, 32, 32, stack);
	if (mode == ATTRIBUTE_OWN)
		assert_induced(m, "kmtest", KIND_SLAB, 32);
	else
		assert_own(m, "kmtest", KIND_SLAB, 64 + 32);

	/* slab pages for an interrupt are not those of who was interrupted */
	snprintf(stack, sizeof(stack), "__alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < seq_open < %s < lib_call < vfs_write", entry);
	model_pages(m, PFN + 1, 0, stack);
	assert_overhead(m, "[kernel]", OVERHEAD_SLAB_PAGES, PAGE);
	assert_nothing(m, "libkm");
	model_done(m);
}

static void a6_interrupted_code_did_not_allocate(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ENTRIES; i++)
		check_entry(entries[i], ATTRIBUTE_OWN);
}

static void a6_in_the_other_modes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ENTRIES; i++) {
		check_entry(entries[i], ATTRIBUTE_NEAREST);
		check_entry(entries[i], ATTRIBUTE_OUTERMOST);
	}
}

/* Nothing but allocators above the entry: who it was is not known. */
static void a6_entry_right_above_the_allocator(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < asm_sysvec_apic_timer_interrupt < do_vmalloc" SYSCALL);
	assert_nothing(m, "kmtest");
	model_done(m);
}

/* An allocator's frames below the entry are not those of the allocation. */
static void a6_interrupted_allocator(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < kmtest_irq < asm_common_interrupt < get_page_from_freelist < __alloc_pages < allocate_slab < ___slab_alloc < kmem_cache_alloc < lib_make < vfs_write");
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_nothing(m, "libkm");
	model_pages(m, PFN + 1, 0, "__alloc_pages < alloc_pages < kmtest_irq < asm_common_interrupt < vm_area_alloc_pages < __vmalloc_node_range < vmalloc < lib_make < vfs_write");
	assert_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	model_done(m);
}

/* A free in an interrupt that hit vfree() is not one of a vmalloc. */
static void a6_frees_are_cut_too(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages_free(m, PFN, 0, "__free_pages < rcu_do_batch < __do_softirq < asm_sysvec_apic_timer_interrupt < __vunmap < vfree < do_vmalloc");
	assert_int_equal(books_stats(m->books)->unmatched_pages, 1);
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 0);
	model_done(m);
}

/* An init that was interrupted: frames further out are not looked at either. */
static void a6_interrupted_init(void **state)
{
	struct model *m = MODEL(.plan = "+libkm");

	(void)state;
	model_module(m, "libkm", true);
	model_cache_alloc(m, OBJECT, 256, 256, "kmem_cache_alloc < *seq_open < __do_softirq < asm_sysvec_apic_timer_interrupt < 0xffffffffc0501010" INIT);
	assert_nothing(m, "libkm");
	assert_nothing(m, "[unknown]");
	assert_own(m, "[kernel]", KIND_SLAB, 256);
	model_done(m);
}

/* ppc64 shows the stale link register of a leaf function, 0x384 for one. */
static void junk_frames_are_no_modules(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < 0x384 < *do_kmalloc < 0x384" SYSCALL);
	model_pages(m, PFN, 0, "__alloc_pages < 0x384 < alloc_pages < 0x384 < do_pages" SYSCALL);
	model_cache_alloc(m, OBJECT + 64, 64, 64, "kmem_cache_alloc < *__d_alloc < 0x384 < d_alloc < 0x384 < fs_write < vfs_write");
	model_pages(m, PFN + 1, 0, "__alloc_pages < 0x384 < seq_open < 0x384 < ksys_write");
	assert_nothing(m, "[unknown]");
	assert_own(m, "kmtest", KIND_SLAB, 64);
	assert_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_induced(m, "fsmod", KIND_SLAB, 64);
	assert_own(m, "[kernel]", KIND_PAGES, PAGE);
	assert_int_equal(books_stats(m->books)->unknown, 0);
	model_done(m);
}

/* ... nor does one hide the init that called. */
static void junk_frame_beside_init(void **state)
{
	struct model *m = MODEL(.plan = "+libkm");

	(void)state;
	model_module(m, "libkm", true);
	model_pages(m, PFN, 0, "__alloc_pages < alloc_pages < 0xffffffffc0501010 < 0x384" INIT);
	assert_only_own(m, "libkm", KIND_PAGES, PAGE);
	assert_nothing(m, "[unknown]");
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a6_interrupted_code_did_not_allocate),
		cmocka_unit_test(a6_in_the_other_modes),
		cmocka_unit_test(a6_entry_right_above_the_allocator),
		cmocka_unit_test(a6_interrupted_allocator),
		cmocka_unit_test(a6_frees_are_cut_too),
		cmocka_unit_test(a6_interrupted_init),
		cmocka_unit_test(junk_frames_are_no_modules),
		cmocka_unit_test(junk_frame_beside_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
