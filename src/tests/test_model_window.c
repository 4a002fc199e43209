// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_window.c - the books at a moment: --from, --to, peaks; and
 * whether the recording can be trusted
 */
#include <stdio.h>
#include <string.h>

#include "model_fixture.h"

#define OBJECT 0xffff888012345600ULL
#define PFN 0x1000u
#define START 1000000u		/* model->now of a new model; events 1000 apart */
#define AT(n) (START + 1000u * (n))	/* time of the n-th event, from 1 */

#define KMALLOC "__kmalloc < *do_kmalloc" SYSCALL
#define PAGES "__alloc_pages < alloc_pages < do_pages" SYSCALL
#define PERCPU "pcpu_alloc < *do_percpu" SYSCALL
#define LARGE_PAGES "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL
#define LARGE "__kmalloc_large_node < *do_large" SYSCALL

/* What came before --from is counted nowhere, and its frees are not unmatched. */
static void from(void **state)
{
	struct model *m = MODEL(.from = AT(7));

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);		/* 1 */
	model_pages(m, PFN, 2, PAGES);				/* 2 */
	model_percpu(m, 0x2f000, 8, 32, PERCPU);		/* 3 */
	model_large(m, PFN + 16, 2, 8193, LARGE_PAGES, LARGE);	/* 4, 5 */
	model_kmalloc(m, 0, 64, 64, KMALLOC);			/* 6, failed */
	model_kmalloc(m, OBJECT + 64, 32, 32, KMALLOC);		/* 7 */
	assert_only_own(m, "kmtest", KIND_SLAB, 32);
	assert_int_equal(model_totals(m, "kmtest").allocs, 1);
	assert_int_equal(model_totals(m, "kmtest").failed, 0);
	model_kfree(m, OBJECT);
	model_pages_free(m, PFN, 2, NO_STACK);
	model_percpu_free(m, 0x2f000);
	model_kfree(m, model_linear(m, PFN + 16));
	model_pages_free(m, PFN + 16, 2, NO_STACK);
	assert_only_own(m, "kmtest", KIND_SLAB, 32);
	assert_int_equal(model_totals(m, "kmtest").frees, 0);
	assert_int_equal(model_snapshot(m)->coverage.unmatched_frees, 0);
	assert_int_equal(model_snapshot(m)->start_ns, AT(7));
	model_done(m);
}

/* One allocation whose two events lie on either side of --from. */
static void from_between_the_events_of_one_allocation(void **state)
{
	struct model *m = MODEL(.from = AT(2));

	(void)state;
	model_large(m, PFN, 2, 8193, LARGE_PAGES, LARGE);
	assert_nothing(m, "kmtest");
	model_done(m);

	/* and the two kmalloc events of another */
	m = MODEL(.from = AT(2));
	model_kmalloc(m, OBJECT, 200, 256, "*__kmalloc_node_track_caller_noprof < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	model_kmalloc(m, OBJECT, 200, 256, "krealloc_node_align_noprof < *do_krealloc" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_int_equal(model_totals(m, "kmtest").allocs, 0);
	model_done(m);
}

/* What was given out before --from and comes again after it. */
static void from_and_evictions(void **state)
{
	struct model *m = MODEL(.from = AT(3));

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_pages(m, PFN, 2, PAGES);
	model_kmalloc(m, OBJECT, 32, 32, KMALLOC);
	model_pages(m, PFN + 1, 0, PAGES);
	assert_own(m, "kmtest", KIND_SLAB, 32);
	assert_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_int_equal(model_totals(m, "kmtest").evicted_bytes, 0);
	model_done(m);
}

static void to(void **state)
{
	struct model *m = MODEL(.to = AT(2));

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_kmalloc(m, OBJECT + 64, 32, 32, KMALLOC);
	model_kfree(m, OBJECT);
	model_kmalloc(m, OBJECT + 128, 16, 16, KMALLOC);
	assert_only_own(m, "kmtest", KIND_SLAB, 96);
	assert_int_equal(model_snapshot(m)->end_ns, AT(2));
	assert_int_equal(model_row(m, "kmtest")->live_bytes, 96);
	model_done(m);
}

/* A module that comes later than --to is not there yet. */
static void to_before_a_module_comes(void **state)
{
	struct model *m = MODEL(.to = AT(1), .plan = "+kmtest +late");
	size_t i;

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *seq_open");
	model_module(m, "kmtest", true);
	model_module(m, "late", true);
	for (i = 0; i < model_snapshot(m)->n_modules; i++)
		assert_string_not_equal(model_snapshot(m)->modules[i].name, "late");
	model_done(m);
}

static void peaks_are_exact(void **state)
{
	const struct snap_module *row;
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);		/* 1: 64 */
	model_pages(m, PFN, 0, PAGES);				/* 2: 4160 */
	model_pages_free(m, PFN, 0, NO_STACK);			/* 3: 64 */
	model_percpu(m, 0x2f000, 8, 32, PERCPU);		/* 4: 96 */
	model_kmalloc(m, OBJECT + 64, 4000, 4064, KMALLOC);	/* 5: 4160 */
	row = model_row(m, "kmtest");
	assert_int_equal(row->peak_bytes, 4160);
	assert_int_equal(row->peak_ns, AT(2));	/* the first time */
	model_kmalloc(m, OBJECT + 8192, 8, 8, KMALLOC);		/* 6: 4168 */
	row = model_row(m, "kmtest");
	assert_int_equal(row->peak_bytes, 4168);
	assert_int_equal(row->peak_ns, AT(6));
	/* given out again: the old one had gone before */
	model_kmalloc(m, OBJECT + 64, 4000, 4064, KMALLOC);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 4168);
	/* neither induced memory nor overhead raises it */
	model_cache_alloc(m, OBJECT + 16384, 8192, 8192, "kmem_cache_alloc < *d_alloc < do_cache" SYSCALL);
	model_pages(m, PFN, 3, "__alloc_pages < allocate_slab < kmem_cache_alloc < do_cache" SYSCALL);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 4168);
	model_done(m);
}

/* The second event of an allocation is no second allocation at its peak. */
static void peaks_of_double_events(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_large(m, PFN, 2, 8193, LARGE_PAGES, LARGE);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 4 * PAGE);
	model_kmalloc(m, OBJECT, 200, 256, "*__kmalloc_node_track_caller_noprof < krealloc_node_align_noprof < do_krealloc" SYSCALL);
	model_kmalloc(m, OBJECT, 200, 256, "krealloc_node_align_noprof < *do_krealloc" SYSCALL);
	assert_int_equal(model_row(m, "kmtest")->peak_bytes, 4 * PAGE + 256);
	model_done(m);
}

static void oldest_of_what_is_live(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_kmalloc(m, OBJECT + 64, 64, 64, KMALLOC);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->oldest_ns, AT(1));
	model_kfree(m, OBJECT);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->oldest_ns, AT(2));
	model_kfree(m, OBJECT + 64);
	assert_int_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->oldest_ns, -1);
	model_done(m);
}

static void tasks_are_told_apart(void **state)
{
	struct model *m = MODEL(0);
	const struct snapshot *snap;

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	m->pid = 200;
	model_kmalloc(m, OBJECT + 64, 32, 32, KMALLOC);
	m->pid = 300;	/* frees what another one took */
	model_kfree(m, OBJECT);
	snap = model_snapshot(m);
	assert_int_equal(snap->n_tasks, 2);
	assert_int_equal(snap->tasks[0].pid, 200);
	assert_int_equal(snap->tasks[0].live[KIND_SLAB], 32);
	assert_int_equal(snap->tasks[1].pid, 100);
	assert_int_equal(snap->tasks[1].live_bytes, 0);
	assert_int_equal(snap->tasks[1].frees, 1);
	model_done(m);
}

static void a_good_recording_is_trusted(void **state)
{
	const struct coverage *c;
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	c = &model_snapshot(m)->coverage;
	assert_true(c->trusted);
	assert_int_equal(c->n_distrust, 0);
	assert_int_equal(c->lost_events, 0);
	/* what no plain recording sees is said all the same */
	assert_true(model_says(c->blind, c->n_blind, "kmem_cache_alloc_bulk"));
	assert_true(model_says(c->blind, c->n_blind, "kfree_rcu"));
	assert_true(model_says(c->blind, c->n_blind, "alloc_pages_bulk"));
	assert_true(model_says(c->blind, c->n_blind, "dma_pool_alloc"));
	assert_true(model_says(c->blind, c->n_blind, "CMA"));
	assert_true(model_says(c->covered, c->n_covered, "slab allocations"));
	assert_true(model_says(c->covered, c->n_covered, "per-CPU frees"));
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 0);
	model_done(m);
}

/* Lost events: what was live then may have been freed unseen. */
static void lost_events_make_uncertain(void **state)
{
	const struct coverage *c;
	struct model *m = MODEL(0);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	model_pages(m, PFN, 1, PAGES);
	model_percpu(m, 0x2f000, 8, 32, PERCPU);
	m->cpu = 1;
	model_lost(m, 123);
	m->cpu = 0;
	model_kmalloc(m, OBJECT + 64, 16, 16, KMALLOC);
	c = &model_snapshot(m)->coverage;
	assert_false(c->trusted);
	assert_true(model_says(c->distrust, c->n_distrust, "lost"));
	assert_int_equal(c->lost_events, 123);
	assert_int_equal(c->n_lost_by_cpu, 1);
	assert_int_equal(c->lost_by_cpu[0].cpu, 1);
	assert_int_equal(c->lost_by_cpu[0].lost, 123);
	assert_int_equal(model_row(m, "kmtest")->uncertain_bytes, 64 + 2 * PAGE + 32);
	model_done(m);
}

static void clock_local_is_said(void **state)
{
	struct model *m = MODEL(.local_clock = true);
	const struct coverage *c;

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	c = &model_snapshot(m)->coverage;
	assert_true(model_says(c->notes, c->n_notes, "local"));
	assert_true(c->trusted);
	model_done(m);
}

static void nothing_recorded_is_not_trusted(void **state)
{
	struct model *m = MODEL(0);
	const struct coverage *c = &model_snapshot(m)->coverage;

	(void)state;
	assert_false(c->trusted);
	assert_true(model_says(c->distrust, c->n_distrust, "no allocation events"));
	assert_int_equal(model_snapshot(m)->live_bytes, 0);
	model_done(m);
}

static void recorded_without_stacks_is_not_trusted(void **state)
{
	struct model *m = MODEL(0);
	const struct coverage *c;
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		model_kmalloc(m, OBJECT + 64 * (unsigned int)i, 64, 64, "!do_kmalloc");
	c = &model_snapshot(m)->coverage;
	assert_true(model_says(c->distrust, c->n_distrust, "without stacks"));
	model_done(m);
}

/* What modmem's own filter left out is said: rows of others are too low. */
static void narrowed_recording(void **state)
{
	(void)state;
	for (int narrowed = 0; narrowed < 2; narrowed++) {
		struct model *m = MODEL(.narrowed = narrowed ? "kmtest,other" : NULL);
		const struct coverage *c;

		model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
		c = &model_snapshot(m)->coverage;
		assert_int_equal(model_says(c->blind, c->n_blind, "that others than kmtest,other make"),
				 narrowed);
		model_done(m);
	}
}

/* What others' filters left out: whose bytes it makes uncertain, and how it is said. */
static void filtered_recording(void **state)
{
	static const struct {
		const char *start, *end, *said;
		uint64_t uncertain;	/* bytes */
	} cases[] = {
		{ "events/kmem/kfree/filter:bytes_req > 100\n", NULL,
		  "a filter was set on kmem:kfree: bytes_req > 100: frees are missing", 64 },
		{ "events/kmem/kfree/filter:x\n", "events/kmem/kfree/filter:x\n",
		  "a filter was set on kmem:kfree: x: frees", 64 },
		{ NULL, "events/kmem/kfree/filter:x\nevents/kmem/mm_page_free/filter:x\n",
		  "kmem:kfree, kmem:mm_page_free after it began: x: frees", 64 + 4096 },
		{ NULL, "events/kmem/mm_page_alloc/filter:order>0\n",
		  "kmem:mm_page_alloc after it began: order>0: allocations are missing", 0 },
		{ "events/percpu/percpu_free_percpu/filter:x\n", NULL,
		  "percpu:percpu_free_percpu: x", 32 },
		{ "events/kmem/kmem_cache_free/filter:x\n", NULL, "kmem:kmem_cache_free: x", 0 },
		{ "events/kmem/kmalloc/trigger:stacktrace:unlimited if x\n", NULL,
		  "a trigger was set on kmem:kmalloc: stacktrace:unlimited if x", 0 },
		{ "events/kmem/kmalloc/trigger:traceoff:count=1\n", NULL, "traceoff:count=1",
		  64 + 4096 + 32 },
		{ "events/kmem/kmalloc/trigger:disable_event:kmem:kfree:unlimited\n", NULL,
		  "that switches kmem:kfree on or off", 64 },
		{ NULL, "events/kmem/kfree/enable:0\n", "kmem:kfree was switched off after it", 64 },
		{ NULL, "tracing_on:0\n", "tracing was switched off", 64 + 4096 + 32 },
		{ NULL, "set_event_pid:12\nset_event_pid:13\n",
		  "only some tasks were recorded after it began (set_event_pid: 12, 13)",
		  64 + 4096 + 32 },
		{ "set_event_notrace_pid:12\n", NULL, "some tasks were not recorded (", 64 + 4096 + 32 },
		{ "tracing_cpumask:5\n", NULL, "only some CPUs were recorded (tracing_cpumask: 5)",
		  64 + 4096 + 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(.filters_start = cases[i].start,
					.filters_end = cases[i].end);
		const struct coverage *c;

		model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
		model_pages(m, PFN, 0, PAGES);
		model_percpu(m, 0x2f000, 8, 32, PERCPU);
		c = &model_snapshot(m)->coverage;
		assert_false(c->trusted);
		if (!model_says(c->distrust, c->n_distrust, cases[i].said))
			fail_msg("case %zu: %s", i, c->distrust[0]);
		assert_int_equal(c->n_distrust, 1);
		if (model_row(m, "kmtest")->uncertain_bytes != cases[i].uncertain)
			fail_msg("case %zu: %llu bytes", i, (unsigned long long)model_row(m, "kmtest")->uncertain_bytes);
		model_done(m);
	}
}

/* However many there are, a few sentences tell of them. */
static void many_filters(void **state)
{
	char text[8192] = "";
	size_t len = 0;
	struct model *m;
	const struct coverage *c;

	(void)state;
	for (unsigned int i = 0; i < 200; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"events/kmem/kfree/filter:x > %u\n", i);
	m = MODEL(.filters_start = text);
	model_kmalloc(m, OBJECT, 64, 64, KMALLOC);
	c = &model_snapshot(m)->coverage;
	assert_true(c->n_distrust < 12);
	assert_true(model_says(c->distrust, c->n_distrust, "more filters were set"));
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from),
		cmocka_unit_test(narrowed_recording),
		cmocka_unit_test(filtered_recording),
		cmocka_unit_test(many_filters),
		cmocka_unit_test(from_between_the_events_of_one_allocation),
		cmocka_unit_test(from_and_evictions),
		cmocka_unit_test(to),
		cmocka_unit_test(to_before_a_module_comes),
		cmocka_unit_test(peaks_are_exact),
		cmocka_unit_test(peaks_of_double_events),
		cmocka_unit_test(oldest_of_what_is_live),
		cmocka_unit_test(tasks_are_told_apart),
		cmocka_unit_test(a_good_recording_is_trusted),
		cmocka_unit_test(lost_events_make_uncertain),
		cmocka_unit_test(clock_local_is_said),
		cmocka_unit_test(nothing_recorded_is_not_trusted),
		cmocka_unit_test(recorded_without_stacks_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
