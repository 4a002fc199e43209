// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_fixture.c - see model_fixture.h
 */
#include "model_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "ksyms.h"
#include "ledger.h"
#include "modmap.h"
#include "stacks.h"
#include "strings_table.h"

#define FRAMES_MAX	40u
#define SKEW		100000u		/* ns, as replay() allows for clock local */

/* ---- symbols ------------------------------------------------------------ */

static void zero_addresses(char *text)
{
	for (; text && *text; text = strchr(text, '\n')) {
		if (*text == '\n')
			text++;
		if (!*text)
			break;
		memset(text, '0', strspn(text, "0123456789abcdef"));
	}
}

static char *shown_text(const struct model_setup *s)
{
	char *text;

	if (s->no_kallsyms)
		return NULL;
	text = model_symbols(s, s->shown ? s->shown : s->modules);
	if (s->hidden)
		zero_addresses(text);
	return text;
}

uint64_t model_addr(const struct model *m, const char *name)
{
	size_t i;

	for (i = 0; i < ksyms_count(m->where); i++)
		if (!strcmp(ksyms_at(m->where, i)->name, name))
			return ksyms_at(m->where, i)->addr;
	fail_msg("no symbol %s", name);
	return 0;
}

/* ---- a model ------------------------------------------------------------ */

static void follow_plan(struct model *m)
{
	char *plan = strdup(m->setup.plan ? m->setup.plan : ""), *save = NULL;
	char *word;

	for (word = strtok_r(plan, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		assert_int_equal(modmap_plan(m->mm, word + 1, *word == '+'), 0);
	free(plan);
	assert_int_equal(modmap_start(m->mm), 0);
}

static void open_books(struct model *m)
{
	struct books_opts opts = {
		.page_size = m->setup.page_size,
		.long_size = m->setup.long32 ? 4 : 8,
		.from = m->setup.from,
		.skew = m->setup.local_clock ? SKEW : 0,
		.areas = m->setup.areas,
		.hashed = m->setup.hashed,
		.narrowed = m->setup.narrowed || m->setup.own,
	};

	m->at = attributor_new(m->ks, m->mm, m->strings, m->setup.page_size,
			       m->setup.mode);
	m->ledger = ledger_new();
	m->books = books_new(&opts, m->ledger, m->mm, m->at, m->stacks, m->strings);
	assert_non_null(m->books);
}

struct model *model_new(const struct model_setup *setup)
{
	struct model *m = calloc(1, sizeof(*m));
	const char *proc = setup->proc_modules;
	struct error err = { "" };
	char *text;

	assert_non_null(m);
	m->setup = *setup;
	if (!m->setup.page_size)
		m->setup.page_size = PAGE;
	m->strings = strings_new();
	m->stacks = stacks_new();
	text = model_symbols(setup, setup->modules);
	m->where = ksyms_parse(text, strlen(text));
	free(text);
	m->kallsyms = shown_text(setup);
	if (m->kallsyms && !setup->hidden)
		m->ks = ksyms_parse(m->kallsyms, strlen(m->kallsyms));
	m->mm = modmap_new(m->ks, proc, proc ? strlen(proc) : 0,
			   m->setup.page_size, &err);
	if (!m->mm)
		fail_msg("modmap: %s", err.text);
	follow_plan(m);
	open_books(m);

	rec_start(&m->rec, setup->long32 ? &rec_6_1_armhf : &rec_7, 1, 2);
	m->rec.kallsyms = m->kallsyms;
	m->rec.clocks[0] = setup->local_clock ? "local" : "mono";
	m->now = 1000000;
	m->pid = 100;
	return m;
}

/* ---- events ------------------------------------------------------------- */

/* One frame: "[*!]name[+0xoff]" or a number. */
static uint64_t parse_frame(const struct model *m, const char *word)
{
	char name[128];
	const char *plus = strchr(word, '+');
	uint64_t offset = plus ? strtoull(plus, NULL, 16) : 0x10;

	if (*word >= '0' && *word <= '9')
		return strtoull(word, NULL, 16);
	snprintf(name, sizeof(name), "%.*s",
		 (int)(plus ? plus - word : (long)strlen(word)), word);
	return model_addr(m, name) + offset;
}

static size_t parse_stack(const struct model *m, const char *stack,
			  uint64_t *frames, uint64_t *call_site)
{
	char *copy = strdup(stack), *save = NULL, *word;
	size_t n = 0;

	for (word = strtok_r(copy, " <", &save); word;
	     word = strtok_r(NULL, " <", &save)) {
		bool missing = *word == '!', site = missing || *word == '*';
		uint64_t addr = parse_frame(m, word + site);

		if (site)
			*call_site = addr;
		if (missing)
			continue;
		assert_true(n < FRAMES_MAX);
		frames[n++] = addr;
	}
	free(copy);
	return n;
}

/* Names that the rec_kernel has for it. */
static const char *event_name(const struct event *ev)
{
	bool kmalloc = (ev->flags & EVENT_KMALLOC) != 0;

	switch (ev->type) {
	case EVENT_SLAB_ALLOC:
		return kmalloc ? "kmalloc" : "kmem_cache_alloc";
	case EVENT_SLAB_FREE:
		return kmalloc ? "kfree" : "kmem_cache_free";
	case EVENT_PAGE_ALLOC:
		return "mm_page_alloc";
	case EVENT_PAGE_FREE:
		return "mm_page_free";
	case EVENT_PERCPU_ALLOC:
		return "percpu_alloc_percpu";
	case EVENT_PERCPU_FREE:
		return "percpu_free_percpu";
	case EVENT_PERCPU_FAIL:
		return "percpu_alloc_percpu_fail";
	case EVENT_MODULE_LOAD:
		return "module_load";
	case EVENT_MODULE_FREE:
		return "module_free";
	default:
		return "rss_stat";
	}
}

static void record(struct model *m, const struct event *ev,
		   const uint64_t *frames, size_t n, const char *name)
{
	static const uint8_t flags[CONTEXTS] = {
		0, REC_SOFTIRQ, REC_HARDIRQ, REC_NMI,
	};
	struct rec rec = {
		.ts = ev->ts, .cpu = ev->cpu, .event = event_name(ev),
		.flags = flags[ev->context], .pid = ev->pid, .ptr = ev->ptr,
		.call_site = ev->call_site, .bytes_req = ev->bytes_req,
		.bytes_alloc = ev->bytes_alloc, .order = ev->order,
		.reserved = ev->flags & EVENT_RECLAIM ? 2 :
			    ev->flags & (EVENT_RESERVED | EVENT_MOVABLE) ? 1 : 0,
		.name = name,
		.lost = ev->type == EVENT_LOST ? ev->bytes_alloc : 0,
	};

	if (m->setup.no_replay)
		return;
	rec_put(&m->rec, &rec);
	if (!n)
		return;
	rec.event = "kernel_stack";
	rec.frames = frames;
	rec.n_frames = (uint32_t)n;
	rec_put(&m->rec, &rec);
}

void model_event(struct model *m, struct event *ev, const char *stack,
		 const char *name)
{
	uint64_t frames[FRAMES_MAX];
	size_t n = parse_stack(m, stack, frames, &ev->call_site);

	m->now += 1000;
	ev->ts = m->now;
	ev->pid = m->pid;
	ev->cpu = m->cpu;
	ev->context = m->context;
	ev->stack = stacks_add(m->stacks, frames, n);
	if (name)
		ev->name = strings_add(m->strings, name, strlen(name));
	if (!m->setup.no_replay)
		record(m, ev, frames, n, name);
	snapshot_free(m->snap);
	m->snap = NULL;
	if (m->setup.to && ev->ts > m->setup.to)
		return;
	assert_int_equal(books_event(m->books, ev), 0);
}

#define FEED(m, stack, name, ...) \
	model_event(m, &(struct event){ __VA_ARGS__ }, stack, name)

void model_kmalloc(struct model *m, uint64_t ptr, uint64_t req, uint64_t alloc,
		   const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_SLAB_ALLOC, .flags = EVENT_KMALLOC,
	     .ptr = ptr, .bytes_req = req, .bytes_alloc = alloc);
}

void model_cache_alloc(struct model *m, uint64_t ptr, uint64_t req,
		       uint64_t alloc, const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_SLAB_ALLOC, .ptr = ptr,
	     .bytes_req = req, .bytes_alloc = alloc);
}

void model_kfree(struct model *m, uint64_t ptr)
{
	FEED(m, NO_STACK, NULL, .type = EVENT_SLAB_FREE, .flags = EVENT_KMALLOC,
	     .ptr = ptr);
}

void model_cache_free(struct model *m, uint64_t ptr, const char *cache)
{
	FEED(m, NO_STACK, cache, .type = EVENT_SLAB_FREE, .ptr = ptr);
}

void model_pages(struct model *m, uint64_t pfn, unsigned int order,
		 const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_PAGE_ALLOC, .ptr = pfn,
	     .order = (uint8_t)order);
}

void model_pages_free(struct model *m, uint64_t pfn, unsigned int order,
		      const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_PAGE_FREE, .ptr = pfn,
	     .order = (uint8_t)order);
}

void model_percpu(struct model *m, uint64_t ptr, uint64_t req, uint64_t alloc,
		  const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_PERCPU_ALLOC, .ptr = ptr,
	     .bytes_req = req, .bytes_alloc = alloc);
}

void model_percpu_reserved(struct model *m, uint64_t ptr, uint64_t req,
			   uint64_t alloc, const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_PERCPU_ALLOC, .flags = EVENT_RESERVED,
	     .ptr = ptr, .bytes_req = req, .bytes_alloc = alloc);
}

void model_percpu_fail(struct model *m, uint64_t size, const char *stack)
{
	FEED(m, stack, NULL, .type = EVENT_PERCPU_FAIL, .ptr = size,
	     .bytes_req = size);
}

void model_percpu_free(struct model *m, uint64_t ptr)
{
	FEED(m, NO_STACK, NULL, .type = EVENT_PERCPU_FREE, .ptr = ptr);
}

void model_module(struct model *m, const char *name, bool load)
{
	FEED(m, NO_STACK, name,
	     .type = load ? EVENT_MODULE_LOAD : EVENT_MODULE_FREE);
}

void model_lost(struct model *m, uint64_t n)
{
	FEED(m, NO_STACK, NULL, .type = EVENT_LOST, .bytes_alloc = n);
}

uint64_t model_linear(const struct model *m, uint64_t pfn)
{
	if (m->setup.long32)
		return (0xc0000000u + pfn * m->setup.page_size) & UINT32_MAX;
	return 0xffff888000000000ULL + pfn * m->setup.page_size;
}

void model_large(struct model *m, uint64_t pfn, unsigned int order, uint64_t req,
		 const char *pages_stack, const char *stack)
{
	model_pages(m, pfn, order, pages_stack);
	model_kmalloc(m, model_linear(m, pfn), req,
		      m->setup.page_size << order, stack);
}

void model_compact(struct model *m)
{
	bool *used = calloc(stacks_count(m->stacks), sizeof(*used));

	assert_non_null(used);
	assert_int_equal(books_compact(m->books, m->now, used), 0);
	free(used);
}

/* ---- what the books say ------------------------------------------------- */

static bool is_of(struct model *m, const struct account *a, const char *module)
{
	return a->what.owner != OWNER_NONE &&
	       !strcmp(modmap_instance(m->mm, a->what.owner)->name, module);
}

static uint64_t live_of(struct model *m, const char *module, enum charge charge,
			unsigned int kind)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 1; i < ledger_count(m->ledger); i++) {
		const struct account *a = ledger_at(m->ledger, i);

		if (is_of(m, a, module) && a->what.charge == charge &&
		    (charge == CHARGE_OVERHEAD ? (unsigned int)a->what.overhead :
		     (unsigned int)a->what.kind) == kind)
			sum += a->live_bytes;
	}
	return sum;
}

uint64_t model_own(struct model *m, const char *module, enum mem_kind kind)
{
	return live_of(m, module, CHARGE_OWN, kind);
}

uint64_t model_induced(struct model *m, const char *module, enum mem_kind kind)
{
	return live_of(m, module, CHARGE_INDUCED, kind);
}

uint64_t model_overhead(struct model *m, const char *module,
			enum overhead_kind kind)
{
	return live_of(m, module, CHARGE_OVERHEAD, kind);
}

struct model_totals model_totals(struct model *m, const char *module)
{
	struct model_totals t = { 0 };
	uint32_t i;

	for (i = 1; i < ledger_count(m->ledger); i++) {
		const struct account *a = ledger_at(m->ledger, i);

		if (!is_of(m, a, module) || a->what.charge == CHARGE_INSIDE)
			continue;
		if (a->what.charge == CHARGE_OWN)
			t.own += a->live_bytes;
		else if (a->what.charge == CHARGE_INDUCED)
			t.induced += a->live_bytes;
		else
			t.overhead += a->live_bytes;
		t.allocs += a->allocs;
		t.frees += a->frees;
		t.evicted += a->evicted;
		t.objects += a->live_objects;
		t.failed += a->failed;
		t.allocated_bytes += a->allocated_bytes;
		t.evicted_bytes += a->evicted_bytes;
		t.requested += a->live_requested;
	}
	return t;
}

void model_done(struct model *m)
{
	struct error err = { "" };

	if (books_check(m->books, &err))
		fail_msg("%s", err.text);
	if (!m->setup.no_replay)
		model_compare(m);
	snapshot_free(m->snap);
	rec_free(&m->rec);
	books_free(m->books);
	ledger_free(m->ledger);
	attributor_free(m->at);
	modmap_free(m->mm);
	ksyms_free(m->ks);
	ksyms_free(m->where);
	stacks_free(m->stacks);
	strings_free(m->strings);
	free(m->kallsyms);
	free(m);
}

bool model_says(const char *const *sentences, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(sentences[i], what))
			return true;
	return false;
}
