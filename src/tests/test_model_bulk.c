// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_bulk.c - pages that alloc_pages_bulk() hands out, as its probes tell of them
 */
#include "model_fixture.h"

#include "ledger.h"

#define ARRAY	0xffff888005000000ULL
#define PFN	0x8000ULL
#define PROBE	"0xffffffffc0666000 < arch_rethook_trampoline < "
#define CALLER	PROBE "do_pages" SYSCALL
#define SINGLE	"get_page_from_freelist < __alloc_pages < __alloc_pages_bulk < do_pages" SYSCALL

#define FEED(m, stack, ...) \
	model_event(m, &(struct event){ __VA_ARGS__ }, stack, NULL)

/* On entry: the first @n slots of part @part, from @first on; @filled: a bit each. */
static void had(struct model *m, uint64_t array, unsigned int part, uint64_t first,
		uint64_t n, uint64_t filled)
{
	FEED(m, NO_STACK, .type = EVENT_PAGES_HAD, .ptr = array, .bytes_req = first,
	     .bytes_alloc = n, .call_site = filled, .order = (uint8_t)part);
}

static void returns(struct model *m, uint64_t array, unsigned int part, uint64_t ok,
		    const char *stack)
{
	FEED(m, stack, .type = EVENT_PAGES_BULK, .ptr = array, .bytes_req = ok,
	     .order = (uint8_t)part);
}

static void item(struct model *m, uint64_t slot, uint64_t pfn)
{
	FEED(m, NO_STACK, .type = EVENT_PAGES_ITEM, .ptr = pfn, .bytes_req = slot);
}

static void items(struct model *m, uint64_t slot, uint64_t n, uint64_t pfn)
{
	for (uint64_t i = 0; i < n; i++)
		item(m, slot + i, pfn + i);
}

/* A call for @n pages, of 16 at most, into slots that are empty. */
static void takes(struct model *m, uint64_t n, uint64_t pfn, const char *stack)
{
	had(m, ARRAY, 0, 0, 16, 0);
	returns(m, ARRAY, 0, n, stack);
	items(m, 0, n, pfn);
}

static bool untold(struct model *m)
{
	bool any = false;

	for (uint32_t i = 1; i < ledger_count(m->ledger); i++)
		any |= ledger_at(m->ledger, i)->untold;
	return any;
}

static void pages_come_and_go(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	takes(m, 10, PFN, CALLER);
	assert_only_own(m, "kmtest", KIND_PAGES, 10 * PAGE);
	assert_int_equal(model_totals(m, "kmtest").allocs, 10);
	assert_int_equal(books_stats(m->books)->pages_taken, 10);
	for (int i = 0; i < 10; i++)
		model_pages_free(m, PFN + i, 0, "__free_pages < do_pages" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->unmatched_pages, 0);
	assert_int_equal(books_stats(m->books)->pages_missed, 0);
	assert_false(untold(m));
	model_done(m);
}

/* btrfs and xfs call again for what is missing, sunrpc with holes anywhere. */
static void filled_slots_do_not_count(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	/* pages of before the recording are in all slots but the third and the last */
	had(m, ARRAY, 0, 0, 16, 0x7ffb);
	returns(m, ARRAY, 0, 16, CALLER);
	items(m, 0, 16, PFN);
	assert_only_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	model_pages_free(m, PFN + 2, 0, NO_STACK);
	model_pages_free(m, PFN + 15, 0, NO_STACK);
	assert_nothing(m, "kmtest");
	assert_false(untold(m));
	model_done(m);
}

/* The last page comes by alloc_pages(), whose event tells of it. */
static void the_fallback_counts_once(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	had(m, ARRAY, 0, 0, 16, 1);
	model_pages(m, PFN + 1, 0, SINGLE);
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	returns(m, ARRAY, 0, 2, CALLER);
	items(m, 0, 2, PFN);
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_int_equal(model_totals(m, "kmtest").evicted, 0);
	/* it failed: what was there is returned, and no more */
	had(m, ARRAY, 0, 0, 16, 3);
	model_pages(m, ~0ULL, 0, SINGLE);
	returns(m, ARRAY, 0, 2, CALLER);
	items(m, 0, 2, PFN);
	assert_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_int_equal(model_totals(m, "kmtest").failed, 1);
	assert_false(untold(m));
	model_done(m);
}

/* A page that is live since before the call began was freed unseen. */
static void a_page_that_is_given_out_again(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	model_pages(m, PFN, 0, "__alloc_pages < do_exact" SYSCALL);
	takes(m, 2, PFN, CALLER);
	assert_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 1);
	/* in the same way, with a free in between, it is another page */
	model_pages_free(m, PFN, 0, NO_STACK);
	model_pages_free(m, PFN + 1, 0, NO_STACK);
	takes(m, 2, PFN, CALLER);
	assert_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	assert_int_equal(books_stats(m->books)->evicted, 1);
	model_done(m);
}

/* Nobody knows whether what is in the array was there before. */
static void a_call_that_began_unseen(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	/* the recording began behind it */
	returns(m, ARRAY, 0, 3, CALLER);
	items(m, 0, 3, PFN);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->pages_missed, 3);
	assert_true(untold(m));
	/* another array: that call returned unseen */
	had(m, ARRAY + 512, 0, 0, 16, 0);
	returns(m, ARRAY, 0, 3, CALLER);
	items(m, 0, 3, PFN);
	assert_int_equal(books_stats(m->books)->pages_missed, 6);
	/* what was told of a call is of that call alone */
	takes(m, 1, PFN, CALLER);
	returns(m, ARRAY, 0, 1, CALLER);
	items(m, 0, 1, PFN + 1);
	assert_only_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_int_equal(books_stats(m->books)->pages_missed, 7);
	/* events were lost: the call may be another one, of the same array */
	had(m, ARRAY, 0, 0, 16, 0);
	model_lost(m, 7);
	returns(m, ARRAY, 0, 2, CALLER);
	items(m, 0, 2, PFN + 8);
	assert_own(m, "kmtest", KIND_PAGES, PAGE);
	assert_int_equal(books_stats(m->books)->pages_missed, 9);
	/* the second call is told, though the first one did not return */
	had(m, ARRAY, 0, 0, 16, 0);
	had(m, ARRAY, 0, 0, 16, 1);
	returns(m, ARRAY, 0, 2, CALLER);
	items(m, 0, 2, PFN + 16);
	assert_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	model_done(m);
}

/* Probes at one place run in any order. */
static void a_call_in_parts(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	had(m, ARRAY, 2, 80, 64, 1);
	had(m, ARRAY, 2, 144, 64, 0);
	had(m, ARRAY, 2, 208, 64, 0);
	had(m, ARRAY, 1, 16, 64, 1ULL << 63);
	had(m, ARRAY, 0, 0, 16, 1);
	returns(m, ARRAY, 2, 210, CALLER);
	items(m, 80, 130, PFN + 80);
	returns(m, ARRAY, 1, 210, CALLER);
	items(m, 16, 64, PFN + 16);
	returns(m, ARRAY, 0, 210, CALLER);
	items(m, 0, 16, PFN);
	assert_only_own(m, "kmtest", KIND_PAGES, 207 * PAGE);
	assert_false(untold(m));
	/* more than the probe holds */
	FEED(m, NO_STACK, .type = EVENT_PAGES_MISSED, .bytes_req = 12);
	assert_int_equal(books_stats(m->books)->pages_missed, 12);
	assert_true(untold(m));
	/* what was told of one part says nothing of another */
	had(m, ARRAY, 0, 0, 16, 0);
	returns(m, ARRAY, 1, 18, CALLER);
	items(m, 16, 2, PFN + 512);
	assert_int_equal(books_stats(m->books)->pages_missed, 14);
	model_done(m);
}

/* The task sleeps and goes on elsewhere; others call meanwhile, and interrupts. */
static void calls_at_the_same_time(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	had(m, ARRAY, 0, 0, 16, 1);
	m->context = CONTEXT_SOFTIRQ;
	had(m, ARRAY + 128, 0, 0, 16, 2);
	returns(m, ARRAY + 128, 0, 2, CALLER);
	items(m, 0, 2, PFN + 16);
	m->context = CONTEXT_TASK;
	m->cpu = 1;
	returns(m, ARRAY, 0, 2, CALLER);
	items(m, 0, 2, PFN);
	assert_only_own(m, "kmtest", KIND_PAGES, 2 * PAGE);
	/* each CPU has an idle task of its own */
	m->pid = 0;
	m->context = CONTEXT_SOFTIRQ;
	had(m, ARRAY, 0, 0, 16, 0);
	m->cpu = 0;
	had(m, ARRAY, 0, 0, 16, 1);
	returns(m, ARRAY, 0, 1, CALLER);
	items(m, 0, 1, PFN + 32);
	m->cpu = 1;
	returns(m, ARRAY, 0, 1, CALLER);
	items(m, 0, 1, PFN + 33);
	assert_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	assert_false(untold(m));
	/* more than are remembered: what is forgotten is not guessed */
	for (m->pid = 1000; m->pid < 1065; m->pid++)
		had(m, ARRAY, 0, 0, 16, 0);
	m->pid = 1000;
	returns(m, ARRAY, 0, 1, CALLER);
	items(m, 0, 1, PFN + 64);
	assert_int_equal(books_stats(m->books)->pages_missed, 1);
	m->pid = 1001;
	returns(m, ARRAY, 0, 1, CALLER);
	items(m, 0, 1, PFN + 65);
	assert_own(m, "kmtest", KIND_PAGES, 4 * PAGE);
	model_done(m);
}

/* vmalloc() has its pages so: the area is known, by its probe ... */
static void pages_of_an_area_count_once(void **state)
{
	static const char stack[] = PROBE "vm_area_alloc_pages < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL;
	struct model *m = MODEL(.no_replay = true, .areas = true);

	(void)state;
	takes(m, 10, PFN, stack);
	FEED(m, "vmap_pages_range < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL,
	     .type = EVENT_VMALLOC, .ptr = 0xffffc90000010000ULL, .bytes_alloc = 10 * PAGE);
	assert_only_own(m, "kmtest", KIND_VMALLOC, 10 * PAGE);
	assert_int_equal(books_stats(m->books)->area_pages_taken, 10);
	/* that a part of it is not known is of no account */
	returns(m, ARRAY, 0, 3, stack);
	items(m, 0, 3, PFN + 64);
	assert_false(untold(m));
	FEED(m, NO_STACK, .type = EVENT_VMALLOC_FREE, .ptr = 0xffffc90000010000ULL);
	for (int i = 0; i < 10; i++)
		model_pages_free(m, PFN + i, 0, "__free_pages < vfree < do_vmalloc" SYSCALL);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->unmatched_vmalloc_pages, 0);
	model_done(m);
}

/* ... or by its page array, of which these are the pages. */
static void pages_of_an_array_count_once(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	model_kmalloc(m, ARRAY + 1024, 64, 64,
		      "__kmalloc_node < *__get_vm_area_node < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL);
	model_kmalloc(m, ARRAY, 80, 96,
		      "__kmalloc_node < *__vmalloc_area_node < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL);
	assert_own(m, "kmtest", KIND_VMALLOC, 10 * PAGE);
	takes(m, 10, PFN, PROBE "vm_area_alloc_pages < __vmalloc_area_node < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL);
	assert_own(m, "kmtest", KIND_VMALLOC, 10 * PAGE);
	for (int i = 0; i < 10; i++)
		model_pages_free(m, PFN + i, 0, "__free_pages < vfree < do_vmalloc" SYSCALL);
	model_kfree(m, ARRAY);
	assert_own(m, "kmtest", KIND_VMALLOC, 0);
	model_done(m);
}

/* The core kernel called it, for a module. */
static void charged_as_other_pages(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	takes(m, 3, PFN, PROBE "seq_open < do_pages" SYSCALL);
	assert_induced(m, "kmtest", KIND_PAGES, 3 * PAGE);
	assert_own(m, "kmtest", KIND_PAGES, 0);
	model_done(m);
}

/* "modmem top" sums up what has been freed, between any two events. */
static void compacted_in_the_middle(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	had(m, ARRAY, 0, 0, 16, 0);
	returns(m, ARRAY, 0, 4, CALLER);
	item(m, 0, PFN);
	model_pages_free(m, PFN, 0, NO_STACK);
	model_compact(m);
	items(m, 1, 3, PFN + 1);
	assert_only_own(m, "kmtest", KIND_PAGES, 3 * PAGE);
	/* and that there is more stays known */
	FEED(m, NO_STACK, .type = EVENT_PAGES_MISSED, .bytes_req = 1);
	for (int i = 1; i < 4; i++)
		model_pages_free(m, PFN + i, 0, NO_STACK);
	model_compact(m);
	assert_true(untold(m));
	model_done(m);
}

/* Events that no recorder of ours writes. */
static void out_of_place(void **state)
{
	struct model *m = MODEL(.no_replay = true);

	(void)state;
	items(m, 0, 3, PFN);
	FEED(m, NO_STACK, .type = EVENT_PAGES_MISSED, .bytes_req = 5);
	for (uint64_t i = 0; i < 40; i++)
		had(m, ARRAY, 0, i * 64, 64, 0);
	had(m, ARRAY, 9, ~0ULL, 64, ~0ULL);
	returns(m, ARRAY, 0, 1, CALLER);
	item(m, ~0ULL, PFN);
	item(m, 0, ~0ULL >> 1);
	assert_nothing(m, "kmtest");
	assert_int_equal(books_stats(m->books)->malformed, 1);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_come_and_go),
		cmocka_unit_test(filled_slots_do_not_count),
		cmocka_unit_test(the_fallback_counts_once),
		cmocka_unit_test(a_page_that_is_given_out_again),
		cmocka_unit_test(a_call_that_began_unseen),
		cmocka_unit_test(a_call_in_parts),
		cmocka_unit_test(calls_at_the_same_time),
		cmocka_unit_test(pages_of_an_area_count_once),
		cmocka_unit_test(pages_of_an_array_count_once),
		cmocka_unit_test(charged_as_other_pages),
		cmocka_unit_test(compacted_in_the_middle),
		cmocka_unit_test(out_of_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
