// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_rehash.c - whose the bucket tables are that a worker makes
 */
#include "model_fixture.h"

#define OLD 0xffff888012345600ULL
#define OTHERS_OLD 0xffff888012346600ULL
#define NEW 0xffff888012347600ULL
#define NEW2 0xffff888012348600ULL
#define PFN 0x1000u

#define BUCKETS(n) (64u + 8u * (n))
#define TABLE "__kmalloc_node < *bucket_table_alloc < "
#define KMTESTS TABLE "rhashtable_init < do_kmalloc" SYSCALL
#define LIBKMS TABLE "rhashtable_init < lib_make" SYSCALL
#define KERNELS TABLE "rhashtable_init < seq_open"
#define WORKERS TABLE "rht_deferred_worker < process_one_work < worker_thread"
#define INSERTS TABLE "rhashtable_insert_slow < do_kmalloc" SYSCALL

static uint64_t set_aside(uint64_t bytes)
{
	uint64_t size = 64;

	while (size < bytes)
		size *= 2;
	return size;
}

static void table(struct model *m, uint64_t addr, unsigned int n, const char *stack)
{
	model_kmalloc(m, addr, BUCKETS(n), set_aside(BUCKETS(n)), stack);
}

/* As RCU does, on @cpu. */
static void rcu_frees(struct model *m, uint64_t addr, uint16_t cpu)
{
	uint16_t was = m->cpu;

	m->cpu = cpu;
	m->context = CONTEXT_SOFTIRQ;
	model_kfree(m, addr);
	m->context = CONTEXT_TASK;
	m->cpu = was;
}

static uint64_t own(struct model *m, const char *module)
{
	return model_own(m, module, KIND_SLAB);
}

static bool is_open(struct model *m, const char *module)
{
	return model_row(m, module)->why & BOUND_BIT(CAUSE_TABLE);
}

static void new_table_is_of_the_old_ones_owner(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	table(m, OLD, 4, KMTESTS);
	table(m, NEW, 8, WORKERS);
	rcu_frees(m, OLD, 0);
	/* and what follows that */
	table(m, NEW2, 16, WORKERS);
	rcu_frees(m, NEW, 0);
	assert_int_equal(own(m, "kmtest"), set_aside(BUCKETS(16)));
	assert_int_equal(own(m, "[kernel]"), 0);
	assert_string_equal(model_site(m, "kmtest", "do_kmalloc", NULL)->via, "rhashtable_init");
	rcu_frees(m, NEW2, 0);
	model_done(m);
}

/* What the slab takes for itself below is no table that waits for an owner. */
static void what_the_slab_takes_below_is_none(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	table(m, OLD, 8, KMTESTS);
	table(m, NEW, 16, WORKERS);
	model_kmalloc(m, NEW2, 64, 64, "__kmalloc_node < *alloc_slab_obj_exts < ___slab_alloc < "
		      "__kmalloc_node < bucket_table_alloc < rht_deferred_worker < process_one_work");
	rcu_frees(m, OLD, 0);
	assert_int_equal(own(m, "kmtest"), set_aside(BUCKETS(16)));
	model_done(m);
}

static void large_ones_too(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	table(m, OLD, 512, KMTESTS);
	model_large(m, PFN, 2, BUCKETS(1024),
		    "__alloc_pages < __kmalloc_large_node < __kmalloc_node < bucket_table_alloc < rht_deferred_worker < process_one_work",
		    "__kmalloc_large_node < __kmalloc_node < *bucket_table_alloc < rht_deferred_worker < process_one_work");
	rcu_frees(m, OLD, 0);
	assert_int_equal(model_own(m, "kmtest", KIND_PAGES), 4 * PAGE);
	assert_int_equal(own(m, "[kernel]"), 0);
	model_done(m);
}

static void shrunk_ones_too(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	table(m, OLD, 64, KMTESTS);
	table(m, NEW, 4, WORKERS);
	rcu_frees(m, OLD, 0);
	assert_int_equal(own(m, "kmtest"), set_aside(BUCKETS(4)));
	model_done(m);
}

/* An insertion that cannot wait makes one itself, which is of the same hash. */
static void made_by_an_insertion(void **state)
{
	struct model *m = MODEL(0);

	(void)state;
	table(m, OLD, 4, KMTESTS);
	table(m, NEW, 8, INSERTS);
	assert_int_equal(model_induced(m, "kmtest", KIND_SLAB), set_aside(BUCKETS(8)));
	rcu_frees(m, OLD, 1);
	assert_int_equal(own(m, "kmtest"), set_aside(BUCKETS(8)));
	assert_int_equal(model_induced(m, "kmtest", KIND_SLAB), 0);
	model_done(m);
}

static void stays_the_kernels(void **state)
{
	static const struct {
		unsigned int n;		/* buckets of the new one */
		const char *old;
		uint16_t cpu;
		bool in_task, lost, open;
	} cases[] = {
		{ 8, KERNELS, 0, false, false, false },
		{ 8, KMTESTS, 1, false, false, true },	/* its worker was on another CPU */
		{ 8, KMTESTS, 0, true, false, false },	/* destroyed */
		{ 16, KMTESTS, 0, false, false, true },	/* it would have 8 */
		{ 8, KMTESTS, 0, false, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = MODEL(0);

		table(m, OLD, 4, cases[i].old);
		table(m, NEW, cases[i].n, WORKERS);
		if (cases[i].lost)
			model_lost(m, 1);
		if (cases[i].in_task)
			model_kfree(m, OLD);
		else
			rcu_frees(m, OLD, cases[i].cpu);
		print_message("case %zu\n", i);
		assert_int_equal(own(m, "kmtest"), 0);
		assert_int_equal(i && is_open(m, "kmtest"), cases[i].open);
		assert_int_equal(own(m, "[kernel]"), set_aside(BUCKETS(cases[i].n)));
		model_done(m);
	}
}

/* Two may follow the one that is freed: it takes both, of one owner. */
static void as_many_frees_as_tables(void **state)
{
	for (int others = 0; others < 2; others++) {
		struct model *m = MODEL(0);
		uint64_t both = 2 * set_aside(BUCKETS(8));

		(void)state;
		table(m, OLD, 4, KMTESTS);
		table(m, OTHERS_OLD, 4, others ? LIBKMS : KMTESTS);
		table(m, NEW, 8, WORKERS);
		table(m, NEW2, 8, WORKERS);
		rcu_frees(m, OLD, 0);
		rcu_frees(m, OTHERS_OLD, 0);
		assert_int_equal(own(m, "kmtest"), others ? 0 : both);
		assert_int_equal(own(m, "libkm"), 0);
		assert_int_equal(own(m, "[kernel]"), others ? both : 0);
		assert_int_equal(is_open(m, "kmtest"), others);
		assert_int_equal(is_open(m, "libkm"), others);
		model_done(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_table_is_of_the_old_ones_owner),
		cmocka_unit_test(what_the_slab_takes_below_is_none),
		cmocka_unit_test(large_ones_too),
		cmocka_unit_test(shrunk_ones_too),
		cmocka_unit_test(made_by_an_insertion),
		cmocka_unit_test(stays_the_kernels),
		cmocka_unit_test(as_many_frees_as_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
