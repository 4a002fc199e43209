// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_trampoline.c - tracers and probes that put their own address in the
 * place of a caller's: function_graph, kretprobes, BPF
 */
#include <stdio.h>
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1234u

/* return_to_handler itself, which follows ftrace_regs_caller_end */
#define GRAPH "return_to_handler+0x0"

static bool said(struct model *m, const char *what)
{
	const struct coverage *c = &model_snapshot(m)->coverage;

	for (size_t i = 0; i < c->n_notes; i++)
		if (strstr(c->notes[i], what))
			return true;
	return false;
}

#define HIDDEN " allocations name a trampoline as their caller"

static void the_stack_knows(void **state)
{
	static const char *const stacks[] = {
		"__kmalloc < do_kmalloc",
		"trace_event_raw_event_kmem_alloc < __traceiter_kmalloc < __kmalloc < do_kmalloc",
		"__kmalloc_node_track_caller < krealloc < do_kmalloc",
		/* frames that tracers left are passed over */
		"__kmalloc < ftrace_regs_caller_end < do_kmalloc",
	};
	static const char *const sites[] = {
		"!return_to_handler+0x0", "!ftrace_regs_caller_end", "!arch_rethook_trampoline+0x0",
		"!__kretprobe_trampoline+0x0", "!return_to_handler+0x4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
		for (size_t k = 0; k < sizeof(stacks) / sizeof(stacks[0]); k++) {
			struct model *m = MODEL(0);
			char stack[256];

			snprintf(stack, sizeof(stack), "%s < %s" SYSCALL, sites[i], stacks[k]);
			model_kmalloc(m, OBJECT, 60, 64, stack);
			assert_only_own(m, "kmtest", KIND_SLAB, 64);
			assert_non_null(model_site(m, "kmtest", "do_kmalloc", NULL));
			assert_false(said(m, HIDDEN));
			model_done(m);
		}
	}
}

/* Two events of one krealloc(): the inner one's caller is an allocator. */
static void repeated_events_are_one(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 60, 64, "!" GRAPH " < __kmalloc_node_track_caller_noprof < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	model_kmalloc(m, OBJECT, 60, 64, "!" GRAPH " < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_SLAB, 64);
	assert_int_equal(model_totals(m, "kmtest").evicted, 0);
	model_done(m);
}

static void nobody_knows(void **state)
{
	static const char *const stacks[] = {
		"!" GRAPH,				/* no stack */
		"!" GRAPH " < __kmalloc",		/* that ends early */
		"!" GRAPH " < __kmalloc < " GRAPH " < kmtest_ioctl < __x64_sys_ioctl",
		"!arch_rethook_trampoline+0x0 < __kmalloc < arch_rethook_trampoline+0x0 < __x64_sys_ioctl",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		struct model *m = MODEL(0);

		model_kmalloc(m, OBJECT, 60, 64, stacks[i]);
		assert_only_own(m, "[unknown]", KIND_SLAB, 64);
		assert_nothing(m, "kmtest");
		assert_nothing(m, "[kernel]");
		assert_true(said(m, "1" HIDDEN));
		assert_int_equal(model_snapshot(m)->coverage.hidden_callers, 1);
		assert_false(model_snapshot(m)->coverage.trusted);
		model_done(m);
	}
}

static void pages_have_no_call_site(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < " GRAPH " < __x64_sys_ioctl");
	assert_only_own(m, "[unknown]", KIND_PAGES, PAGE);
	/* further in it does no harm */
	model_pages(m, PFN + 1, 0, "__alloc_pages < do_pages < " GRAPH " < __x64_sys_ioctl");
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_true(said(m, "1" HIDDEN));
	model_done(m);
}

/* A module further out, but another may be behind the trampoline. */
static void induced_by_whom(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 60, 64, "__kmalloc < *seq_open < " GRAPH " < fs_write < vfs_write");
	assert_induced(m, "fsmod", KIND_SLAB, 64);
	assert_true(said(m, "1" HIDDEN));
	model_done(m);
}

/* One frame is missing: the module that called it is known all the same. */
static void probed_function(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < dma_pool_alloc < __kretprobe_trampoline+0x0 < kmtest_ioctl < __x64_sys_ioctl");
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_true(said(m, "1" HIDDEN));
	model_done(m);

	/* behind vmalloc's internals it is an allocator that is missing */
	m = MODEL(0);
	model_pages(m, PFN, 0, "__alloc_pages < __vmalloc_node_range < __kretprobe_trampoline+0x0 < do_vmalloc" SYSCALL);
	assert_only_own(m, "kmtest", KIND_VMALLOC, PAGE);
	assert_false(said(m, HIDDEN));
	model_done(m);
}

/* BPF's and ftrace's trampolines lie where modules do, and kallsyms says so. */
static void trampolines_among_modules(void **state)
{
	static const char modules[] =
		"ffffffffc0401000 t do_kmalloc\t[kmtest]\n"
		"ffffffffc0401080 t kmtest_ioctl\t[kmtest]\n"
		"ffffffffc0501000 t ftrace_trampoline\t[__builtin__ftrace]\n"
		"ffffffffc0502000 t bpf_trampoline_6442512345\t[bpf]\n"
		"ffffffffc0503000 t kprobe_optinsn_page\t[__builtin__kprobes]\n";
	static const char *const sites[] = {
		"ftrace_trampoline", "bpf_trampoline_6442512345", "kprobe_optinsn_page",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
		struct model *m = MODEL(.modules = modules);
		char stack[256];

		snprintf(stack, sizeof(stack), "!%s+0x44 < __kmalloc < %s+0x44 < do_kmalloc" SYSCALL,
			 sites[i], sites[i]);
		model_kmalloc(m, OBJECT, 60, 64, stack);
		assert_only_own(m, "kmtest", KIND_SLAB, 64);
		model_done(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stack_knows),
		cmocka_unit_test(repeated_events_are_one),
		cmocka_unit_test(nobody_knows),
		cmocka_unit_test(pages_have_no_call_site),
		cmocka_unit_test(induced_by_whom),
		cmocka_unit_test(probed_function),
		cmocka_unit_test(trampolines_among_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
