// SPDX-License-Identifier: GPL-2.0-or-later
#include "books_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribution.h"
#include "hash.h"
#include "ledger.h"
#include "modmap.h"
#include "objects.h"
#include "pages.h"
#include "series.h"
#include "slots.h"
#include "stacks.h"
#include "strings_table.h"

/* Room for what is known of @origin, NULL: there is none, nothing is kept. */
static struct known_origin *origin_at(struct books *b, uint32_t origin)
{
	size_t n = b->n_known ? b->n_known : 4096;
	struct known_origin *known;

	if (origin < b->n_known)
		return &b->known[origin];
	while (n <= origin)
		n *= 2;
	known = realloc(b->known, n * sizeof(*known));
	if (!known)
		return NULL;
	memset(known + b->n_known, 0, (n - b->n_known) * sizeof(*known));
	b->known = known;
	b->n_known = n;
	return &known[origin];
}

/* Which tables books_prefetch() asks ahead for an event. */
static void set_tables(struct books *b)
{
	static const struct object nothing[2];
	static const struct slots none = {
		.base = (const char *)nothing, .factor = HASH_GOLDEN, .bits = 1,
		.size_bits = OBJECT_SIZE_BITS,
	};
	static const enum event_type of_slab[] = {
		EVENT_SLAB_ALLOC, EVENT_SLAB_FREE, EVENT_RCU_FREE, EVENT_BULK_ITEM,
		EVENT_BULK_FREE,
	};
	size_t i;

	for (i = 0; i < EVENT_TYPES; i++)
		b->table_of[i] = b->objects_of[i] = &none;
	for (i = 0; i < sizeof(of_slab) / sizeof(of_slab[0]); i++)
		b->table_of[of_slab[i]] = b->objects_of[of_slab[i]] = objects_slots(b->slab);
	b->table_of[EVENT_PERCPU_ALLOC] = b->table_of[EVENT_PERCPU_FREE] =
		b->objects_of[EVENT_PERCPU_FREE] = objects_slots(b->percpu);
	b->table_of[EVENT_PAGE_ALLOC] = b->table_of[EVENT_PAGE_FREE] = pages_slots(b->pages);
}

struct books *books_new(const struct books_opts *opts, struct ledger *ledger,
			struct modmap *modmap, struct attributor *attributor,
			struct stacks *stacks, struct strings *strings)
{
	struct books *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->opts = *opts;
	b->ledger = ledger;
	b->modmap = modmap;
	b->attributor = attributor;
	b->stacks = stacks;
	b->strings = strings;
	b->failed_pfn = opts->long_size == 8 ? UINT64_MAX : UINT32_MAX;
	b->error_ptr = b->failed_pfn - 4094;	/* IS_ERR_VALUE() */
	while (opts->page_size >> b->page_shift > 1)
		b->page_shift++;
	b->probing = probing_start();
	b->slab = objects_new(&b->probing);
	b->percpu = objects_new(&b->probing);
	b->areas = objects_new(&b->probing);
	b->blocks = objects_new(&b->probing);
	b->given_up = objects_new(&b->probing);
	b->pages = pages_new(&b->probing);
	if (!b->slab || !b->percpu || !b->areas || !b->blocks || !b->given_up || !b->pages ||
	    !origin_at(b, 0)) {
		books_free(b);
		return NULL;
	}
	set_tables(b);
	return b;
}

void books_free(struct books *b)
{
	if (!b)
		return;
	objects_free(b->slab);
	objects_free(b->percpu);
	objects_free(b->areas);
	objects_free(b->blocks);
	objects_free(b->given_up);
	pages_free(b->pages);
	free(b->known);
	free(b->bulks);
	free(b->freers);
	free(b->unseen);
	free(b->waiting_tables);
	free(b->older);
	free(b);
}

const struct books_stats *books_stats(const struct books *b)
{
	return &b->stats;
}

struct objects *books_slab(struct books *b)
{
	return b->slab;
}

struct objects *books_percpu(struct books *b)
{
	return b->percpu;
}

struct objects *books_areas(struct books *b)
{
	return b->areas;
}

struct objects *books_given_up(struct books *b)
{
	return b->given_up;
}

struct objects *books_blocks(struct books *b)
{
	return b->blocks;
}

struct pages *books_pages(struct books *b)
{
	return b->pages;
}

struct ledger *books_ledger(struct books *b)
{
	return b->ledger;
}

struct modmap *books_modmap(struct books *b)
{
	return b->modmap;
}

uint64_t books_page_size(const struct books *b)
{
	return b->opts.page_size;
}

int books_resolve(void *arg, const struct account_key *key,
		   struct attribution *what)
{
	struct books *b = arg;
	const uint64_t *frames;
	size_t n;

	frames = stacks_get(b->stacks, key->stack, &n);
	return attribute(b->attributor, key->type, key->flags, key->call_site,
			 frames, n, key->loading, what);
}

bool books_has_areas(const struct books *b)
{
	return b->opts.areas;
}

uint64_t books_older_freed(const struct books *b, uint32_t name)
{
	return name < b->n_older ? b->older[name] : 0;
}

void books_forget_origins(struct books *b)
{
	memset(b->known, 0, b->n_known * sizeof(*b->known));
}

/* The account, by all that matters. */
static uint32_t find_account(struct books *b, const struct event *ev, uint32_t loading,
			     int32_t pid)
{
	struct account_key key = {
		.call_site = ev->call_site,
		.stack = ev->stack,
		.loading = loading,
		.pid = pid,
		.type = ev->type,
		.flags = ev->flags,
	};
	uint32_t epoch = modmap_epoch(b->modmap), id;
	struct known_origin *known;

	if (ev->type == EVENT_SLAB_ALLOC || ev->type == EVENT_BULK_ALLOC)
		key.size = ev->bytes_alloc;
	id = ledger_account(b->ledger, &key, epoch, books_resolve, b);
	if (id == UINT32_MAX || !ev->origin)
		return id;
	known = origin_at(b, ev->origin);
	if (known)
		*known = (struct known_origin){
			.account = id, .loading = loading, .pid = pid,
			.epoch = ledger_at(b->ledger, id)->what.volatile_map ?
				 epoch : EPOCH_ANY,
		};
	return id;
}

uint32_t books_account(struct books *b, const struct event *ev,
			   const struct task *t, const struct attribution **what)
{
	uint32_t loading = books_loading(b, t);
	int32_t pid = b->opts.by_task ? ev->pid : 0;
	const struct known_origin *known = &b->known[ev->origin < b->n_known ? ev->origin : 0];
	uint32_t id;

	if (known->account && known->loading == loading && known->pid == pid &&
	    (known->epoch == EPOCH_ANY || known->epoch == modmap_epoch(b->modmap)))
		id = known->account;
	else
		id = find_account(b, ev, loading, pid);
	if (id == UINT32_MAX)
		return id;
	if (ev->stack == STACK_NONE)
		b->stats.no_stack++;
	*what = &ledger_at(b->ledger, id)->what;
	return ev->ts < b->opts.from ? ACCOUNT_OUTSIDE : id;
}

/* A later event of the same allocation knows better whose it is. */
void books_move(struct books *b, uint32_t from, uint32_t to, uint64_t bytes,
		uint64_t requested, uint64_t ts)
{
	const struct attribution *what = &ledger_at(b->ledger, from)->what;

	b->stats.cuts -= what->cut;
	b->stats.unknown -= what->unknown;
	b->stats.hidden -= what->hidden;
	b->stats.init_guarded -= what->init_guarded;
	books_count_doubts(b, to);
	ledger_move(b->ledger, from, to, bytes, requested, ts);
}

static size_t early_slot(uint64_t addr, enum event_type type)
{
	return hash64(addr + type) & (EARLY_SLOTS - 1);
}

struct early_free *books_remember_early(struct books *b, const struct event *ev)
{
	struct early_free *ef = &b->early[early_slot(ev->ptr, ev->type)];

	if (!b->opts.skew)
		return NULL;
	*ef = (struct early_free){
		.addr = ev->ptr, .ts = ev->ts, .cpu = ev->cpu, .type = ev->type,
		.order = ev->order, .row = OWNER_NONE,
	};
	return ef;
}

/*
 * An event of type @free, just before and on another CPU, freed this address:
 * as far as clocks can tell it may be of this allocation (E6).
 */
struct early_free *books_find_early(struct books *b, const struct event *ev,
				    enum event_type type)
{
	struct early_free *ef = &b->early[early_slot(ev->ptr, type)];
	bool found = ef->addr == ev->ptr && ef->type == type &&
		     ef->order == ev->order && ef->cpu != ev->cpu &&
		     ev->ts - ef->ts <= b->opts.skew;

	return found ? ef : NULL;
}

static int module_event(struct books *b, const struct event *ev)
{
	const char *name = strings_get(b->strings, ev->name);
	bool load = ev->type == EVENT_MODULE_LOAD;
	struct task *t;
	uint32_t owner;

	owner = modmap_event(b->modmap, name, load, ev->ts);
	if (owner == OWNER_NONE)
		return -ENOMEM;
	if (b->opts.series && ev->ts >= b->opts.from)
		series_mark(b->opts.series, modmap_instance(b->modmap, owner)->row, load);
	t = books_task(b, ev);
	if (!load) {
		t->loading = OWNER_NONE;
		return 0;
	}
	books_loaded(b, t, ev, owner);
	return t->reserved_addr ? books_name_static_percpu(b, t, owner) : 0;
}

static void lost_event(struct books *b, const struct event *ev)
{
	b->gaps++;
	modmap_lost(b->modmap);
	books_forget_tables(b, ev->ts);
	if (ev->ts > b->stats.last_lost_ts)
		b->stats.last_lost_ts = ev->ts;
	if (b->opts.series && ev->ts >= b->opts.from)
		series_lost(b->opts.series, ev->bytes_alloc);
}

void books_prefetch(const struct books *b, const struct event *ev)
{
	const char *slot = slots_home(b->table_of[ev->type], ev->ptr);

	__builtin_prefetch(slot, 1);
	/* to take it out, the one behind it is looked at */
	__builtin_prefetch(slot + sizeof(struct object), 1);
	__builtin_prefetch(&b->known[ev->origin < b->n_known ? ev->origin : 0]);
}

void books_prefetch_account(const struct books *b, const struct event *ev)
{
	/* what is there is most often the object itself, if there is one */
	const struct object *o = slots_home(b->objects_of[ev->type], ev->ptr);
	uint32_t of_origin = b->known[ev->origin < b->n_known ? ev->origin : 0].account;
	uint32_t has_none = -(uint32_t)!ev->origin;

	/* which of the two is as good as random: no branch */
	ledger_prefetch(b->ledger, of_origin | (o->account & has_none));
	if (ev->type == EVENT_PAGE_FREE)
		pages_prefetch_alloc(b->pages, ev->ptr);
}

static inline void count_event(struct books *b, const struct event *ev)
{
	if (!b->stats.events++)
		b->stats.task = ev->pid;
	b->stats.other_tasks += ev->pid != b->stats.task;
}

/* Searches have become long: keys that were chosen to meet will not meet again. */
static __attribute__((noinline, cold)) int renew_tables(struct books *b)
{
	struct objects *const tables[] = {
		b->slab, b->percpu, b->areas, b->blocks, b->given_up,
	};
	uint64_t n = pages_ids(b->pages);
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		n += objects_count(tables[i]);
	probing_renew(&b->probing, n);
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (objects_rebuild(tables[i]))
			return -ENOMEM;
	return pages_rebuild(b->pages);
}

int books_event(struct books *b, const struct event *ev)
{
	b->probing.credit += PROBING_STEPS;
	if (__builtin_expect(b->probing.credit < 0, 0) && renew_tables(b))
		return -ENOMEM;
	b->now = ev->ts;
	if (b->opts.series && series_event(b->opts.series, ev->ts))
		return -ENOMEM;
	switch (ev->type) {
	case EVENT_SLAB_ALLOC:
		count_event(b, ev);
		return books_slab_alloc(b, ev);
	case EVENT_SLAB_FREE:
		count_event(b, ev);
		return books_slab_free(b, ev);
	case EVENT_PAGE_ALLOC:
		count_event(b, ev);
		return books_page_alloc(b, ev);
	case EVENT_PAGE_FREE:
		count_event(b, ev);
		return books_page_free(b, ev);
	case EVENT_PERCPU_ALLOC:
	case EVENT_PERCPU_FAIL:
		count_event(b, ev);
		return books_percpu_alloc(b, ev);
	case EVENT_PERCPU_FREE:
		count_event(b, ev);
		books_percpu_free(b, ev);
		return 0;
	case EVENT_MODULE_LOAD:
	case EVENT_MODULE_FREE:
		return module_event(b, ev);
	case EVENT_LOST:
		lost_event(b, ev);
		return 0;
	default:
		return books_probe_event(b, ev);
	}
}
