// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * coverage.c - what the recording could and could not show
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "companion_read.h"
#include "decode.h"
#include "event.h"
#include "ksyms.h"
#include "ledger.h"
#include "modmap.h"
#include "plausible.h"
#include "source.h"
#include "stacks.h"
#include "textlog.h"

#define SENTENCES_MAX 32u

/*
 * Where so much was taken and freed, it was not all done by one task: the recorder
 * alone takes pages, and what RCU frees comes whoever runs.
 */
#define EVENTS_OF_ONE_TASK 1024u

/* A list of sentences in the making. */
struct list {
	struct builder *b;
	const char *items[SENTENCES_MAX];
	size_t n;
	int err;
};

__attribute__((format(printf, 2, 3)))
static void say(struct list *l, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (l->n == SENTENCES_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->items[l->n] = arena_strdup(l->b->arena, text);
	if (!l->items[l->n])
		l->err = -ENOMEM;
	else
		l->n++;
}

static int keep(struct list *l, const char *const **items, size_t *n)
{
	const char **copy = arena_zalloc(l->b->arena, l->n, sizeof(*copy));

	if (!copy || l->err)
		return -ENOMEM;
	memcpy(copy, l->items, l->n * sizeof(*copy));
	*items = copy;
	*n = l->n;
	return 0;
}

/* Paths on which the kernel allocates or frees without any event (TRAPS B). */
static const struct {
	const char *probe;	/* companion that closes it, NULL: none can */
	const char *path;
	const char *why;
	const char *covered;	/* what of it the companion closes, NULL: all ... */
	const char *rest;	/* ... and what is left */
} paths[] = {
	{ .probe = "bulk_alloc", .path = "kmem_cache_alloc_bulk", .why = "no event" },
	{ .probe = "bulk_free", .path = "kmem_cache_free_bulk", .why = "no event" },
	{ .probe = "rcu_free", .path = "kfree_rcu, kvfree_rcu",
	  .why = "freed later in bulk, no event" },
	{ .probe = "vmalloc", .path = "vmalloc",
	  .why = "most of its pages come in bulk, no event" },
	{ .path = "alloc_pages_bulk", .why = "no event" },
	{ .probe = "dma_pool", .path = "dma_pool_alloc, mempool_alloc from the reserve",
	  .why = "only the memory behind them is seen", .covered = "dma_pool_alloc",
	  .rest = "mempool_alloc from the reserve: only the memory behind it is seen" },
	{ .path = "alloc_contig_range (CMA)", .why = "no event for the allocation" },
};

/*
 * What the recorder says of its companion @probe: NULL if it covered the path,
 * else why not. @given is the reason without any companion.
 */
static const char *companion_says(struct builder *b, const char *probe,
				  const char *given)
{
	const struct companion_item *it = companion_find(b->rs->companion, "probes");
	size_t len = probe ? strlen(probe) : 0;
	const char *line;

	if (!probe || !it)
		return given;
	for (line = it->text; line && *line; line = strchr(line, '\n')) {
		char *reason;

		line += *line == '\n';
		if (strncmp(line, probe, len) || line[len] != ' ')
			continue;
		line += len + 1;
		if (!strncmp(line, "covered", 7))
			return NULL;
		if (strncmp(line, "blind ", 6))
			return given;
		reason = arena_strdup(b->arena, line + 6);
		if (reason)
			reason[strcspn(reason, "\n")] = '\0';
		return reason ? reason : given;
	}
	return given;
}

bool build_covered(struct builder *b, const char *probe)
{
	return !companion_says(b, probe, "no companion");
}

/* Those of @which from @first to @last in one text; how many there are. */
static size_t name_events(const bool *which, enum recorded_event first,
			  enum recorded_event last, char *text, size_t size)
{
	size_t n = 0, len = 0;

	for (enum recorded_event i = first; i <= last; i++) {
		if (!which[i] || len >= size)
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					n++ ? ", " : "", recorded_name(i));
	}
	return n;
}

static int build_blind(struct builder *b, struct coverage *c)
{
	struct list blind = { .b = b }, covered = { .b = b };
	static const struct {
		const char *what;
		enum recorded_event first, last;
	} families[] = {
		{ "slab allocations", RECORDED_KMALLOC, RECORDED_CACHE_ALLOC_NODE },
		{ "slab frees", RECORDED_KFREE, RECORDED_CACHE_FREE },
		{ "page allocations", RECORDED_PAGE_ALLOC, RECORDED_PAGE_ALLOC },
		{ "page frees", RECORDED_PAGE_FREE, RECORDED_PAGE_FREE },
		{ "per-CPU allocations", RECORDED_PERCPU_ALLOC, RECORDED_PERCPU_ALLOC },
		{ "per-CPU frees", RECORDED_PERCPU_FREE, RECORDED_PERCPU_FREE },
	};
	char names[128];
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (name_events(b->recorded.absent, families[i].first,
				families[i].last, names, sizeof(names)))
			say(&blind, "%s: %s not recorded", families[i].what, names);
		else
			say(&covered, "%s", families[i].what);
	}
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *why = companion_says(b, paths[i].probe, paths[i].why);

		if (why)
			say(&blind, "%s: %s", paths[i].path,
			    paths[i].rest ? paths[i].why : why);
		else
			say(&covered, "%s", paths[i].covered ? paths[i].covered :
			    paths[i].path);
		if (!why && paths[i].rest)
			say(&blind, "%s", paths[i].rest);
	}
	if (keep(&blind, &c->blind, &c->n_blind))
		return -ENOMEM;
	return keep(&covered, &c->covered, &c->n_covered);
}

static int build_lost(struct builder *b, struct coverage *c)
{
	const struct source_info *info = source_info(b->rs->src);
	size_t n = source_streams(b->rs->src), i, j;
	struct snap_lost_cpu *lost;

	lost = arena_zalloc(b->arena, n, sizeof(*lost));
	if (!lost)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		uint32_t buffer = source_stream_buffer(b->rs->src, i);
		uint32_t cpu = source_stream_cpu(b->rs->src, i);
		struct snap_lost_cpu l = { .cpu = cpu };
		uint64_t kernel = 0;

		l.lost = decoder_lost(b->rs->decoder, i, &l.at_least);
		/* the kernel's own counters know of losses that left no mark */
		for (j = 0; j < info->n_cpustats; j++)
			if (info->cpustats[j].buffer == buffer &&
			    info->cpustats[j].cpu == cpu)
				kernel = info->cpustats[j].overrun +
					 info->cpustats[j].dropped;
		if (kernel > l.lost) {
			l.lost = kernel;
			l.at_least = false;
			b->lost_untimed = true;
		}
		if (!l.lost && !l.at_least)
			continue;
		l.buffer = arena_strdup(b->arena, info->buffers[buffer].name);
		if (!l.buffer)
			return -ENOMEM;
		c->lost_events += l.lost;
		c->lost_unknown |= l.at_least;
		lost[c->n_lost_by_cpu++] = l;
	}
	c->lost_by_cpu = lost;
	/* of no CPU that the text would name */
	if (info->text)
		c->lost_events += info->text->overwritten;
	c->lost_unknown |= info->text && info->text->overwritten_unknown;
	return 0;
}

/* Modules that came or went without the recording saying where they lay. */
static void say_unplaced(struct list *notes, const struct modmap *mm)
{
	bool *named = arena_zalloc(notes->b->arena, modmap_rows(mm), sizeof(*named));
	char names[256] = "";
	size_t len = 0, others = 0;
	uint32_t i;

	if (!named) {
		notes->err = -ENOMEM;
		return;
	}
	for (i = OWNER_UNKNOWN + 1; i < modmap_count(mm); i++) {
		const struct module_instance *mi = modmap_instance(mm, i);

		if (mi->has_range || mi->state != MODULE_UNLOADED || named[mi->row])
			continue;
		named[mi->row] = true;
		if (others || len + strlen(mi->name) + 2 >= sizeof(names))
			others++;
		else
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "", mi->name);
	}
	if (others)
		say(notes, "modules were removed and nothing says where they had been: what they held, init apart, is in [unknown]: %s and %zu others",
		    names, others);
	else if (len)
		say(notes, "modules were removed and nothing says where they had been: what they held, init apart, is in [unknown]: %s",
		    names);
}

/* What a text log lacks, or was made up for it. */
static void say_text(struct list *notes, const struct source_info *info)
{
	const struct textlog *text = info->text;

	if (text->page_size_assumed)
		say(notes, "a text log does not tell the page size: %u bytes are assumed (--page-size)",
		    info->page_size);
	if (text->hashed)
		say(notes, "pointers in the text are hashed to 32 bits: two objects can look like one");
	if (text->no_offsets)
		say(notes, "functions without offsets: options/sym-offset was off");
	if (text->cpu_logs)
		say(notes, "the text has logs of one CPU behind the other (it goes back in time %llu times, to another CPU): merged by time",
		    (unsigned long long)text->cpu_logs);
	if (text->out_of_order)
		say(notes, "%llu entries of the text are older than the one before: taken in the order of the text",
		    (unsigned long long)text->out_of_order);
}

static int build_notes(struct builder *b, struct coverage *c)
{
	const struct source_info *info = source_info(b->rs->src);
	const struct formats *formats = decoder_formats(b->rs->decoder);
	const struct modmap *mm = books_modmap(b->rs->books);
	const struct books_stats *bs = books_stats(b->rs->books);
	struct list notes = { .b = b };
	const char *clock;
	size_t i;

	if (!c->events && !b->rs->outside)
		say(&notes, "no allocation events in this recording: record with -e kmem -e percpu");
	if (b->rs->ks && !modmap_has_modules(mm))
		say(&notes, "no module in kallsyms: a kernel without modules, or one that had none loaded");
	if (formats->percpu_computed)
		say(&notes, "per-CPU bytes are size x %u CPUs: this kernel's events do not say what was set aside",
		    info->cpus);
	if (!(decoder_formats(b->rs->decoder)->seen & (1u << EVENT_MODULE_LOAD)) &&
	    modmap_has_modules(mm))
		say(&notes, "no module events (-e module): modules loaded or removed during the recording are known only as kallsyms shows them at its end");
	say_unplaced(&notes, mm);
	if (bs->bulk_missed)
		say(&notes, "%llu objects of large bulk calls are not known: the probe holds a limited number",
		    (unsigned long long)bs->bulk_missed);
	if (bs->bulk_unsized)
		say(&notes, "%llu objects of bulk calls have no bytes: the size of their cache is not recorded",
		    (unsigned long long)bs->bulk_unsized);
	if (source_clock_order(info, &clock) == CLOCK_SKEWS && clock)
		say(&notes, "clock '%s' is not in order across CPUs: a free can sort before its allocation (record with -C mono or global)",
		    clock);
	if (b->rs->buffer_note)
		say(&notes, "%s", b->rs->buffer_note);
	if (info->text)
		say_text(&notes, info);
	for (i = 0; i < info->n_damage; i++)
		say(&notes, "%s", info->damage[i]);
	return keep(&notes, &c->notes, &c->n_notes);
}

static void distrust_text(struct list *why, const struct textlog *text)
{
	if (text->overwritten)
		say(why, "%llu entries had been overwritten before the text was read",
		    (unsigned long long)text->overwritten);
	if (text->overwritten_unknown)
		say(why, "entries had been overwritten before the text was read, its head would say how many");
	if (text->strange)
		say(why, "%llu lines of the text are none that tracefs prints",
		    (unsigned long long)text->strange);
	if (text->unusable)
		say(why, "%llu events of the text have values that cannot be read",
		    (unsigned long long)text->unusable);
	if (text->went_back)
		say(why, "the text goes back in time on one CPU (%llu times): several logs in one, and what came first is not known",
		    (unsigned long long)text->went_back);
	if (text->no_modules)
		say(why, "the stacks of the text do not name modules: print it with options/sym-offset, or give --kallsyms of that machine");
	if (text->ambiguous)
		say(why, "%llu functions are in several modules or in the kernel, too, and the text does not say which: taken for the kernel's",
		    (unsigned long long)text->ambiguous);
}

/*
 * What only damage explains, in what a kernel writes. A text log has addresses that
 * are made up; what is live can be read again; and what has its checksums is as the
 * kernel wrote it, however odd.
 */
static void distrust_implausible(struct list *why, struct coverage *c)
{
	const struct replay_state *rs = why->b->rs;
	struct implausible found;

	if (source_is_live(rs->src) || source_info(rs->src)->text ||
	    source_verified(rs->src) == SOURCE_VERIFIED)
		return;
	plausible_look(why->b, !c->lost_events && !c->lost_unknown, &found);
	if (rs->odd_symbols)
		say(why, "%llu lines of the recorded symbols are none that a kernel writes: the file is damaged, copy it again, or record it again",
		    (unsigned long long)rs->odd_symbols);
	if (found.n)
		say(why, "%llu things in it cannot be (%s): the file is damaged, copy it again, or record it again",
		    (unsigned long long)found.n, found.first);
	c->implausible = found.n + rs->odd_symbols;
}

static bool is_one_task(const struct builder *b)
{
	const struct books_stats *bs = books_stats(b->rs->books);

	return !bs->other_tasks && recorded_lacks(b, bs->events, EVENTS_OF_ONE_TASK);
}

/* Bytes that are live, of allocations whose stack did not come; 0: hardly any. */
static uint64_t live_without_stack(const struct builder *b)
{
	struct ledger *l = books_ledger(b->rs->books);
	uint64_t bytes = 0, all = 0;

	for (uint32_t i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		if (a->what.charge == CHARGE_OVERHEAD || a->what.charge == CHARGE_INSIDE)
			continue;
		all += a->live_bytes;
		if (a->stack == STACK_NONE)
			bytes += a->live_bytes;
	}
	return bytes > all / 100 ? bytes : 0;
}

/* Reasons for which no verdict should be built on this recording. */
static int build_distrust(struct builder *b, struct coverage *c)
{
	const struct source_info *info = source_info(b->rs->src);
	const struct decode_stats *ds = decoder_stats(b->rs->decoder);
	const struct books_stats *bs = books_stats(b->rs->books);
	const struct modmap *mm = books_modmap(b->rs->books);
	const uint64_t stackless = live_without_stack(b);
	struct list why = { .b = b };
	const char *clock;
	char text[512];
	uint64_t pfn;
	size_t i;

	if (c->lost_events || c->lost_unknown)
		say(&why, "events were lost: use a larger buffer (%s)",
		    source_is_live(b->rs->src) ? "--buffer-size" : "trace-cmd record -b");
	for (i = 0; i < info->n_damage; i++)
		say(&why, "%s", info->damage[i]);
	for (i = 0; i < source_streams(b->rs->src); i++)
		if (decoder_damage(b->rs->decoder, i))
			say(&why, "%s", decoder_damage(b->rs->decoder, i));
	for (i = 0; i < source_streams(b->rs->src); i++)
		if (source_differs(b->rs->src, i, text, sizeof(text)))
			say(&why, "%s", text);
	if (b->rs->events_missing)
		say(&why, "%s", b->rs->buffer_note);
	if (b->rs->companion_damage)
		say(&why, "%s", b->rs->companion_damage);
	if (companion_find(b->rs->companion, "cut"))
		say(&why, "the recording was cut short: %s",
		    companion_find(b->rs->companion, "cut")->text);
	if (info->text)
		distrust_text(&why, info->text);
	if (info->text && !info->text->cpus_told &&
	    decoder_formats(b->rs->decoder)->percpu_computed)
		say(&why, "per-CPU bytes are size x %u CPUs, and the text does not say how many CPUs there are besides those that wrote into it",
		    info->cpus);
	if (b->rs->outside)
		say(&why, "%s", b->rs->outside);
	else if (!c->events)
		say(&why, "no allocation events in this recording");
	if (bs->page_size_misfits > bs->page_size_fits)
		say(&why, "pages of %u bytes do not fit %llu large kmallocs, pages of %llu would%s",
		    info->page_size, (unsigned long long)bs->page_size_misfits,
		    (unsigned long long)bs->page_size_other,
		    info->text ? ": give --page-size" :
		    " (those of the ring buffer may be larger than the machine's)");
	if (c->malformed)
		say(&why, "%llu records are not what their format says",
		    (unsigned long long)c->malformed);
	if (!b->rs->ks)
		say(&why, "no symbols in this recording: give --kallsyms");
	else if (ksyms_hidden(b->rs->ks))
		say(&why, "all addresses in kallsyms are zero, it was read without privilege: nothing can be attributed");
	if (modmap_hidden(mm))
		say(&why, "all addresses in the saved /proc/modules are zero, it was read without privilege");
	if (c->events && !ds->stacks_met)
		say(&why, "recorded without stacks (trace-cmd record -T): pages are attributed to nobody, helpers' allocations to the kernel");
	else if (c->events_without_stack * 100 > c->events)
		say(&why, "%llu allocations have no stack",
		    (unsigned long long)c->events_without_stack);
	else if (stackless)
		say(&why, "%llu bytes that are live were allocated without a stack: who holds them is known from the call site at best",
		    (unsigned long long)stackless);
	if (is_one_task(b))
		say(&why, "all events are of one task, pid %d (trace-cmd record -P or -F): what others took and freed for it is missing",
		    bs->task);
	if (source_clock_order(info, &clock) == CLOCK_STANDS)
		say(&why, "clock '%s' stands still for milliseconds, in which events of several CPUs have no order: record with -C mono or global",
		    clock);
	/* where the size is wrong, objects and blocks of pages do not fit together */
	if (info->page_size_doubtful && !books_pfn(b->rs->books, UINT64_MAX, &pfn))
		say(&why, "pages of %u bytes are the ring buffer's (buffer_subbuf_size_kb), the kernel's may be smaller: give --page-size",
		    info->page_size);
	if (name_events(b->recorded.missed, 0, RECORDED_EVENTS - 1, text, sizeof(text)))
		say(&why, "frees were not recorded (%s): what was freed still counts as live",
		    text);
	distrust_implausible(&why, c);
	c->trusted = !why.n;
	/* a stream that ends early lacks the frees of its CPU */
	for (i = 0; i < source_streams(b->rs->src); i++)
		b->lost_untimed |= decoder_damage(b->rs->decoder, i) != NULL;
	/* what is missing, cannot be read, or is not as it was written may be frees, too */
	if (info->text)
		b->lost_untimed |= info->text->overwritten ||
				   info->text->overwritten_unknown ||
				   info->text->strange || info->text->unusable ||
				   info->text->went_back;
	b->lost_untimed |= c->malformed || c->implausible;
	b->lost_untimed |= info->n_damage || b->rs->events_missing ||
			   source_verified(b->rs->src) == SOURCE_DIFFERS ||
			   companion_find(b->rs->companion, "cut");
	return keep(&why, &c->distrust, &c->n_distrust);
}

/* Whether the file's bytes are those that were written. */
static const char *verified(const struct builder *b)
{
	if (b->rs->companion_damage)
		return "damaged";
	switch (source_verified(b->rs->src)) {
	case SOURCE_VERIFIED:
		return "all";
	case SOURCE_DIFFERS:
		return "damaged";
	case SOURCE_UNVERIFIED:
		break;
	}
	return "none";
}

int build_coverage(struct builder *b)
{
	const struct books_stats *bs = books_stats(b->rs->books);
	const struct decode_stats *ds = decoder_stats(b->rs->decoder);
	struct coverage *c = &b->snap->coverage;

	recorded_look(b, &b->recorded);
	c->verified = verified(b);
	c->records = ds->records;
	c->events = bs->events;
	c->unmatched_slab = bs->unmatched_slab;
	c->unmatched_pages = bs->unmatched_pages + bs->unmatched_vmalloc_pages +
			     bs->unmatched_cma_pages;
	c->unmatched_percpu = bs->unmatched_percpu;
	c->unmatched_vmalloc_pages = bs->unmatched_vmalloc_pages;
	c->unmatched_cma_pages = bs->unmatched_cma_pages;
	c->unmatched_frees = c->unmatched_slab + c->unmatched_pages +
			     c->unmatched_percpu;
	c->evicted = bs->evicted;
	c->reordered = bs->reordered;
	c->unpaired_stacks = ds->unpaired_stacks;
	c->events_without_stack = bs->no_stack;
	c->unknown_addresses = bs->unknown;
	c->interrupt_cuts = bs->cuts;
	c->init_text_guarded = bs->init_guarded;
	c->malformed = ds->malformed + bs->malformed;
	c->duplicate_buffer_events = ds->left_out;
	if (build_lost(b, c) || build_blind(b, c) || build_notes(b, c))
		return -ENOMEM;
	return build_distrust(b, c);
}
