// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_random.c - random events, entered into the books and into a slow
 * and obvious model of them: one entry for each page and each address
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "ledger.h"
#include "model_fixture.h"
#include "modmap.h"

#define N_PFNS		4096u
#define N_OBJECTS	3000u
#define N_PERCPU	300u
#define N_PIDS		500u
#define OBJECT_STEP	(N_PFNS * PAGE / N_OBJECTS / 64 * 64)	/* bytes */
#define OPERATIONS	500000u	/* of each of two runs */
#define CHECK_EVERY	10000u
#define LATE_FREE	1000000u /* ns: a free may be told so late */

enum row { ROW_KERNEL, ROW_UNKNOWN, ROW_KMTEST, ROW_FSMOD, ROWS };
static const char *const row_names[ROWS] = {
	"[kernel]", "[unknown]", "kmtest", "fsmod",
};

/* Where an allocation can come from; fsmod comes and goes. */
static const struct place {
	const char *stack;
	enum row row;
	enum charge charge;
	unsigned int kind;	/* mem_kind or overhead_kind */
} slab_places[] = {
	{ "__kmalloc < *do_kmalloc" SYSCALL, ROW_KMTEST, CHARGE_OWN, KIND_SLAB },
	{ "__kmalloc < *kstrdup < do_string" SYSCALL, ROW_KMTEST, CHARGE_OWN, KIND_SLAB },
	{ "__kmalloc < *fs_alloc_inode < vfs_write", ROW_FSMOD, CHARGE_OWN, KIND_SLAB },
	{ "__kmalloc < *d_alloc < fs_write < vfs_write", ROW_FSMOD, CHARGE_INDUCED, KIND_SLAB },
	{ "__kmalloc < *seq_open < vfs_write", ROW_KERNEL, CHARGE_OWN, KIND_SLAB },
	{ "__kmalloc < *seq_open < asm_common_interrupt < do_kmalloc", ROW_KERNEL, CHARGE_OWN, KIND_SLAB },
	{ "__kmalloc < *" "0xffffffffc0501010" " < vfs_write", ROW_UNKNOWN, CHARGE_OWN, KIND_SLAB },
	{ "__kmalloc < *alloc_empty_sheaf < do_cache" SYSCALL, ROW_KMTEST, CHARGE_OVERHEAD, OVERHEAD_SHEAVES },
}, page_places[] = {
	{ "__alloc_pages < alloc_pages < do_pages" SYSCALL, ROW_KMTEST, CHARGE_OWN, KIND_PAGES },
	{ "__alloc_pages < vm_area_alloc_pages < __vmalloc_node_range < vmalloc < do_vmalloc" SYSCALL, ROW_KMTEST, CHARGE_OWN, KIND_VMALLOC },
	{ "__alloc_pages < dma_alloc_attrs < do_dma" SYSCALL, ROW_KMTEST, CHARGE_OWN, KIND_DMA },
	{ "__alloc_pages < folio_alloc < __filemap_get_folio < fs_write < vfs_write", ROW_FSMOD, CHARGE_INDUCED, KIND_PAGES },
	{ "__alloc_pages < alloc_pages < fs_alloc_inode < vfs_write", ROW_FSMOD, CHARGE_OWN, KIND_PAGES },
	{ "__alloc_pages < allocate_slab < kmem_cache_alloc < do_cache" SYSCALL, ROW_KMTEST, CHARGE_OVERHEAD, OVERHEAD_SLAB_PAGES },
	{ "__alloc_pages < alloc_pages < seq_open", ROW_KERNEL, CHARGE_OWN, KIND_PAGES },
}, percpu_places[] = {
	{ "pcpu_alloc < *do_percpu" SYSCALL, ROW_KMTEST, CHARGE_OWN, KIND_PERCPU },
	{ "pcpu_alloc < *proc_create < fs_write", ROW_FSMOD, CHARGE_INDUCED, KIND_PERCPU },
};

#define LARGE_PAGES "__alloc_pages < __kmalloc_large_node < do_large" SYSCALL
#define LARGE "__kmalloc_large_node < *do_large" SYSCALL
static const struct place large_place = {
	LARGE_PAGES, ROW_KMTEST, CHARGE_OWN, KIND_PAGES,
};

#define PICK(places) (&(places)[draw(sizeof(places) / sizeof((places)[0]))])

/* ---- the obvious model -------------------------------------------------- */

struct sums {
	uint64_t live, allocated, freed, evicted;	/* bytes */
	uint64_t allocs, frees, evictions;		/* objects */
};

#define N_KINDS 8u

struct holder {
	struct sums *sums;	/* NULL: nothing is held */
	uint64_t ts;
	enum row own_row;	/* ROWS: not own memory */
	uint64_t bytes;
};

static struct obvious {
	struct sums sums[ROWS][3][N_KINDS];
	uint64_t failed[ROWS];
	uint64_t live[ROWS], peak[ROWS];	/* own */
	struct holder objects[N_OBJECTS], percpu[N_PERCPU];
	struct holder blocks[OPERATIONS];	/* one for each page allocation */
	uint32_t left[OPERATIONS];		/* its live pages */
	bool large[OPERATIONS];			/* it has a name for kfree */
	uint32_t pages[N_PFNS];			/* block + 1, 0: not live */
	uint32_t names[N_PFNS];			/* block + 1 of a large kmalloc */
	uint32_t n_blocks;
	bool fsmod_loaded;
	bool in_pages;				/* objects lie in pages that come and go */
	uint64_t unmatched_slab, unmatched_pages, unmatched_percpu, evicted;
} o;

static uint64_t seed;

static uint64_t draw(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % n;
}

static void hold(struct model *m, struct holder *h, const struct place *p, uint64_t bytes)
{
	enum row row = p->row;
	enum charge charge = p->charge;

	if (row == ROW_FSMOD && !o.fsmod_loaded)
		row = ROW_UNKNOWN;	/* its text is nobody's then */
	h->sums = &o.sums[row][charge][p->kind];
	h->own_row = charge == CHARGE_OWN ? row : ROWS;
	h->bytes = bytes;
	h->ts = m->now;
	h->sums->allocs++;
	h->sums->allocated += bytes;
	h->sums->live += bytes;
	if (h->own_row == ROWS)
		return;
	o.live[row] += bytes;
	if (o.live[row] > o.peak[row])
		o.peak[row] = o.live[row];
}

static void drop(struct holder *h, uint64_t bytes, bool whole, bool evict)
{
	struct sums *s = h->sums;

	s->live -= bytes;
	if (h->own_row != ROWS)
		o.live[h->own_row] -= bytes;
	*(evict ? &s->evicted : &s->freed) += bytes;
	if (!whole)
		return;
	(*(evict ? &s->evictions : &s->frees))++;
	o.evicted += evict;
	h->sums = NULL;
}

/* Takes pages out one by one; returns how many were live. */
static unsigned int take_pages(uint64_t pfn, unsigned int order, bool evict)
{
	unsigned int n = 0;
	uint64_t i;

	for (i = pfn; i < pfn + (1ULL << order); i++) {
		uint32_t b = o.pages[i];

		if (!b--)
			continue;
		n++;
		o.pages[i] = 0;
		drop(&o.blocks[b], PAGE, !--o.left[b], evict);
	}
	return n;
}

static void forget_names(void)
{
	uint32_t i;

	for (i = 0; i < N_PFNS; i++)
		if (o.names[i] && !o.left[o.names[i] - 1])
			o.names[i] = 0;
}

/* ---- the same event for both -------------------------------------------- */

/*
 * No object is at the start of a page: a large kmalloc has that name. Within the
 * pages they are swept; no slab is known as one there (test_model_slabs.c).
 */
static uint64_t object_ptr(struct model *m, uint64_t i)
{
	return o.in_pages ? model_linear(m, 0) + i * OBJECT_STEP + 32 :
			    0xffff999000000000ULL + i * 64;
}

static void alloc_object(struct model *m)
{
	const struct place *p = PICK(slab_places);
	uint64_t i = draw(N_OBJECTS), bytes = 8ULL << draw(6);

	if (!draw(50)) {
		enum row row = p->row;

		model_kmalloc(m, 0, bytes, bytes, p->stack);
		if (row == ROW_FSMOD && !o.fsmod_loaded)
			row = ROW_UNKNOWN;
		o.failed[row]++;
		return;
	}
	model_kmalloc(m, object_ptr(m, i), bytes - draw(8), bytes, p->stack);
	/* taken, and no kfree: evicted. An inner repetition comes elsewhere. */
	if (o.objects[i].sums)
		drop(&o.objects[i], o.objects[i].bytes, true, true);
	hold(m, &o.objects[i], p, bytes);
}

static void free_object(struct model *m)
{
	uint64_t i = draw(N_OBJECTS);

	if (draw(2))
		model_kfree(m, object_ptr(m, i));
	else
		model_cache_free(m, object_ptr(m, i), "some_cache");
	if (o.objects[i].sums)
		drop(&o.objects[i], o.objects[i].bytes, true, false);
	else
		o.unmatched_slab++;
}

static void alloc_percpu(struct model *m)
{
	const struct place *p = PICK(percpu_places);
	uint64_t i = draw(N_PERCPU), bytes = 32 + draw(1000);

	model_percpu(m, 0x1000 + i * 64, 8, bytes, p->stack);
	if (o.percpu[i].sums)
		drop(&o.percpu[i], o.percpu[i].bytes, true, true);
	hold(m, &o.percpu[i], p, bytes);
}

static void free_percpu(struct model *m)
{
	uint64_t i = draw(N_PERCPU);

	model_percpu_free(m, 0x1000 + i * 64);
	if (o.percpu[i].sums)
		drop(&o.percpu[i], o.percpu[i].bytes, true, false);
	else
		o.unmatched_percpu++;
}

static uint64_t draw_pfn(unsigned int order)
{
	uint64_t pfn = draw(N_PFNS - 256);

	return draw(10) ? pfn & ~((1ULL << order) - 1) : pfn;
}

static void enter_block(struct model *m, const struct place *p, uint64_t pfn,
			unsigned int order)
{
	uint32_t b = o.n_blocks++;
	uint64_t i;

	take_pages(pfn, order, true);
	o.left[b] = 1u << order;
	for (i = pfn; i < pfn + (1ULL << order); i++)
		o.pages[i] = b + 1;
	hold(m, &o.blocks[b], p, PAGE << order);
	forget_names();
}

static void alloc_block(struct model *m)
{
	const struct place *p = PICK(page_places);
	unsigned int order = (unsigned int)draw(6);
	uint64_t pfn = draw_pfn(order);

	if (o.in_pages && p->charge == CHARGE_OVERHEAD)
		p = &page_places[0];
	model_pages(m, pfn, order, p->stack);
	enter_block(m, p, pfn, order);
}

static void free_block(struct model *m)
{
	unsigned int order = (unsigned int)draw(7);
	uint64_t pfn = draw_pfn(order);

	model_pages_free(m, pfn, order, NO_STACK);
	if (!take_pages(pfn, order, false))
		o.unmatched_pages++;
	forget_names();
}

/* Two or three events, with those of other tasks in between. */
static void alloc_large(struct model *m)
{
	unsigned int order = 2 + (unsigned int)draw(3);
	uint64_t pfn = draw_pfn(order);
	int32_t pid = m->pid;

	model_pages(m, pfn, order, LARGE_PAGES);
	enter_block(m, &large_place, pfn, order);
	while (!draw(3)) {
		m->pid = pid + 1 + (int32_t)draw(N_PIDS);
		alloc_object(m);
		free_object(m);
	}
	m->pid = pid;
	model_kmalloc(m, model_linear(m, pfn), 100, PAGE << order, LARGE);
	o.names[pfn] = o.n_blocks;
	if (!draw(3))
		model_kmalloc(m, model_linear(m, pfn), 100, PAGE << order, LARGE);
}

/* kfree of a large one; its pages follow, but for some that get lost. */
static void free_large(struct model *m)
{
	uint64_t pfn = draw(N_PFNS);

	while (pfn < N_PFNS && !o.names[pfn])
		pfn++;
	if (pfn == N_PFNS)
		return;
	model_kfree(m, model_linear(m, pfn));
	o.names[pfn] = 0;
	if (!draw(10))
		return;
	model_pages_free(m, pfn, 2, NO_STACK);
	if (!take_pages(pfn, 2, false))
		o.unmatched_pages++;
	forget_names();
}

static void one_operation(struct model *m)
{
	uint64_t what = draw(1000);

	m->pid = 1 + (int32_t)draw(N_PIDS);
	m->cpu = (uint16_t)draw(8);
	if (what < 300)
		alloc_object(m);
	else if (what < 550)
		free_object(m);
	else if (what < 700)
		alloc_block(m);
	else if (what < 850)
		free_block(m);
	else if (what < 900)
		alloc_percpu(m);
	else if (what < 940)
		free_percpu(m);
	else if (what < 970)
		alloc_large(m);
	else if (what < 996)
		free_large(m);
	else if (what < 998)
		model_lost(m, 5);
	else {
		o.fsmod_loaded = !o.fsmod_loaded;
		model_module(m, "fsmod", o.fsmod_loaded);
	}
}

/* ---- comparing ---------------------------------------------------------- */

static enum row row_of(struct model *m, const struct account *a)
{
	const char *name;
	enum row row;
	uint32_t i;

	for (i = 0; modmap_instance(m->mm, i)->row != a->what.row; i++)
		;
	name = modmap_instance(m->mm, i)->name;
	for (row = 0; strcmp(name, row_names[row]); row++)
		assert_true(row + 1 < ROWS);
	return row;
}

static void compare(struct model *m)
{
	struct sums sums[ROWS][3][N_KINDS] = { 0 };
	const struct books_stats *bs = books_stats(m->books);
	uint64_t failed[ROWS] = { 0 };
	struct error err = { "" };
	enum row row;
	uint32_t i;

	if (books_check(m->books, &err))
		fail_msg("%s", err.text);
	for (i = 1; i < ledger_count(m->ledger); i++) {
		const struct account *a = ledger_at(m->ledger, i);
		struct sums *s;

		row = row_of(m, a);
		s = &sums[row][a->what.charge][a->what.charge == CHARGE_OVERHEAD ?
			  (unsigned int)a->what.overhead : (unsigned int)a->what.kind];
		s->live += a->live_bytes;
		s->allocated += a->allocated_bytes;
		s->freed += a->freed_bytes;
		s->evicted += a->evicted_bytes;
		s->allocs += a->allocs;
		s->frees += a->frees;
		s->evictions += a->evicted;
		failed[row] += a->failed;
	}
	assert_memory_equal(sums, o.sums, sizeof(sums));
	assert_memory_equal(failed, o.failed, sizeof(failed));
	assert_int_equal(bs->evicted, o.evicted);
	assert_int_equal(bs->unmatched_slab, o.unmatched_slab);
	assert_int_equal(bs->unmatched_pages, o.unmatched_pages);
	assert_int_equal(bs->unmatched_percpu, o.unmatched_percpu);
	for (row = 0; row < ROWS; row++) {
		uint32_t n;

		for (n = 0; strcmp(modmap_instance(m->mm, n)->name, row_names[row]); n++)
			;
		n = modmap_instance(m->mm, n)->row;
		assert_int_equal(ledger_row(m->ledger, n).live, o.live[row]);
		assert_int_equal(ledger_row(m->ledger, n).peak, o.peak[row]);
	}
}

/* Objects in a page that was taken after they were, some time ago. */
static unsigned int sweep_pages(struct model *m)
{
	unsigned int n = 0;
	uint64_t i;

	for (i = 0; o.in_pages && i < N_OBJECTS; i++) {
		uint32_t b = o.pages[(i * OBJECT_STEP + 32) / PAGE];

		if (!o.objects[i].sums || !b-- || o.blocks[b].ts <= o.objects[i].ts ||
		    m->now - o.blocks[b].ts <= LATE_FREE)
			continue;
		drop(&o.objects[i], o.objects[i].bytes, true, true);
		n++;
	}
	return n;
}

/* As often as it can be: what is summed up must not be missed. */
static unsigned int compact(struct model *m)
{
	size_t before = ledger_count(m->ledger), instances = modmap_count(m->mm);

	model_compact(m);
	assert_true(ledger_count(m->ledger) <= before);
	assert_true(modmap_count(m->mm) <= instances);
	return sweep_pages(m);
}

/* @every operations the books are compacted, 0: never. */
static void run(uint64_t fixed_seed, unsigned int every, bool in_pages)
{
	/* every load keeps the range: the map cannot know which is the last */
	struct model *m = MODEL(.no_replay = true);
	unsigned int i, swept = 0;

	memset(&o, 0, sizeof(o));
	o.fsmod_loaded = true;
	o.in_pages = in_pages;
	seed = fixed_seed;
	for (i = 1; i <= OPERATIONS; i++) {
		one_operation(m);
		if (every && i % every == 0)
			swept += compact(m);
		if (i % CHECK_EVERY == 0)
			compare(m);
	}
	assert_true(swept > OPERATIONS / 100 || !in_pages);
	model_done(m);
}

static void random_events_1(void **state)
{
	(void)state;
	run(0x123456789abcdefULL, 0, false);
}

static void random_events_2(void **state)
{
	(void)state;
	run(0x9e3779b97f4a7c15ULL, 0, false);
}

static void compacted(void **state)
{
	(void)state;
	run(0x123456789abcdefULL, 500, false);
	run(0x9e3779b97f4a7c15ULL, 777, false);
}

static void swept(void **state)
{
	(void)state;
	run(0x9e3779b97f4a7c15ULL, 777, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_events_1),
		cmocka_unit_test(random_events_2),
		cmocka_unit_test(compacted),
		cmocka_unit_test(swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
