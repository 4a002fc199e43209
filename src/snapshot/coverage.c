// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * coverage.c - what the recording could and could not show
 */
#include "coverage_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "arena.h"
#include "books.h"
#include "companion.h"
#include "companion_read.h"
#include "decode.h"
#include "event.h"
#include "ksyms.h"
#include "modmap.h"
#include "perfdata.h"
#include "snapshot_build.h"
#include "source.h"
#include "span.h"
#include "textlog.h"

#define STACKLESS_SHARE	10u	/* one event in so many may have no stack */

/* Paths on which the kernel allocates or frees without any event (TRAPS B). */
static const struct {
	const char *probe;	/* companion that closes it, NULL: none can */
	enum event_type event;	/* ... or an event of newer kernels, if not 0 */
	const char *path;
	const char *why;
	const char *covered;	/* what of it the companion closes, NULL: all ... */
	const char *rest;	/* ... and what is left */
	const char *arrays;	/* what page arrays of vmalloc tell of it */
} paths[] = {
	{ .probe = "bulk_alloc", .path = "kmem_cache_alloc_bulk", .why = "no event" },
	{ .probe = "bulk_free", .path = "kmem_cache_free_bulk", .why = "no event" },
	{ .probe = "rcu_free", .path = "kfree_rcu, kvfree_rcu",
	  .why = "freed later in bulk, no event" },
	{ .probe = "vmalloc", .path = "vmalloc",
	  .why = "most of its pages come in bulk, no event",
	  .arrays = "vmalloc by its page arrays" },
	{ .probe = "pages_bulk", .path = "alloc_pages_bulk", .why = "no event" },
	{ .probe = "dma_pool", .path = "dma_pool_alloc, mempool_alloc from the reserve",
	  .why = "only the memory behind them is seen", .covered = "dma_pool_alloc",
	  .rest = "mempool_alloc from the reserve: only the memory behind it is seen" },
	{ .event = EVENT_CONTIG_ALLOC, .path = "alloc_contig_range (CMA)",
	  .why = "no event for the allocation", .covered = "contiguous memory (CMA)",
	  .rest = "alloc_contig_range but by CMA: no event for the allocation" },
};

static bool probes_vmalloc(const struct builder *b)
{
	return decoder_formats(b->rs->decoder)->seen & (1u << EVENT_VMALLOC);
}

/* The probe of vmalloc() is there, and told of no area, of which there were some. */
static bool never_hit(const struct builder *b)
{
	const struct books_stats *bs = books_stats(b->rs->books);

	return probes_vmalloc(b) && bs->areas_begun && !bs->areas_mapped;
}

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
	if (!strcmp(probe, "vmalloc") && never_hit(b))
		return "its probe was never hit, the compiler may have put the function into its callers";
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

/* @why tells how many calls a companion missed, as probes_lines() puts it (probes.h). */
static bool missed_calls(const char *why, struct snap_missed *missed)
{
	return why && sscanf(why, "in part: %" SCNu64 " of %" SCNu64 " calls were missed",
			     &missed->missed, &missed->calls) == 2;
}

bool build_told(const struct builder *b, enum event_type type)
{
	bool met = decoder_stats(b->rs->decoder)->met & event_bit(type, 0);

	/* what others describe they may not have recorded */
	return met || (b->rs->made_by == RECORDER_MODMEM &&
		       decoder_formats(b->rs->decoder)->seen & (1u << type));
}

bool build_missed(struct builder *b, const char *probe)
{
	struct snap_missed missed;

	return missed_calls(companion_says(b, probe, NULL), &missed);
}

bool build_covered(struct builder *b, const char *probe)
{
	return !companion_says(b, probe, "no companion") || build_missed(b, probe);
}

/* Every companion that missed some calls. 0 or -ENOMEM. */
static int list_missed(struct builder *b, struct coverage *c)
{
	const struct companion_item *it = companion_find(b->rs->companion, "probes");
	struct span text = span_of(it ? it->text : NULL, it ? it->len : 0), line, word;
	size_t i, lines = 0;

	for (struct span rest = text; span_line(&rest, &line);)
		lines++;
	c->missed = arena_zalloc(b->arena, lines, sizeof(*c->missed));
	if (!c->missed)
		return -ENOMEM;
	while (span_line(&text, &line)) {
		struct snap_missed *m = &c->missed[c->n_missed];
		char probe[64];

		if (!span_word(&line, &word) || span_len(word) >= sizeof(probe))
			continue;
		memcpy(probe, word.at, span_len(word));
		probe[span_len(word)] = '\0';
		if (!missed_calls(companion_says(b, probe, NULL), m))
			continue;
		for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
			if (paths[i].probe && !strcmp(paths[i].probe, probe))
				m->path = paths[i].covered ? paths[i].covered : paths[i].path;
		if (!m->path)
			m->path = arena_strdup(b->arena, probe);
		if (!m->path)
			return -ENOMEM;
		c->n_missed++;
	}
	return 0;
}

bool build_page_arrays(const struct builder *b)
{
	const struct books_stats *bs = books_stats(b->rs->books);
	const struct recorded *r = &b->recorded;

	/* with a probe, nobody looked at them */
	return !probes_vmalloc(b) &&
	       !r->absent[RECORDED_KMALLOC] && !r->absent[RECORDED_KMALLOC_NODE] &&
	       !r->filtered[RECORDED_KMALLOC] && !r->filtered[RECORDED_KMALLOC_NODE] &&
	       !companion_find(b->rs->companion, COMPANION_NARROWED) &&
	       bs->no_stack <= bs->events / STACKLESS_SHARE;
}

static void say_both(struct sentences *x, struct sentences *y, const char *fmt,
		     const char *first, const char *second)
{
	sentences_say(x, fmt, first, second);
	sentences_say(y, fmt, first, second);
}

/* Kinds of events, of which all were recorded, or some not. */
static void say_families(struct builder *b, struct sentences *blind, struct sentences *told,
			 struct sentences *covered)
{
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

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (recorded_names(b->recorded.absent, families[i].first,
				   families[i].last, names, sizeof(names)))
			say_both(blind, told, "%s: %s not recorded", families[i].what, names);
		else
			sentences_say(covered, "%s", families[i].what);
	}
}

static int build_blind(struct builder *b, struct coverage *c)
{
	const struct companion_item *narrowed = companion_find(b->rs->companion,
							       COMPANION_NARROWED);
	struct sentences blind = { .b = b }, covered = { .b = b }, told = { .b = b };
	size_t i;

	/* pages in bulk, of vmalloc and of CMA have owners as all others have */
	if (b->rs->made_by == RECORDER_PAGE_OWNER) {
		sentences_say(&covered, "pages that are allocated, since boot");
		sentences_say(&blind, "slab objects and per-CPU memory: page_owner has the pages behind them, which are OVERHEAD");
		goto keep;
	}
	say_families(b, &blind, &told, &covered);
	if (narrowed)
		say_both(&blind, &told, "slab and per-CPU allocations that others than %s make: %s",
			 narrowed->text, "left out by modmem record --module");
	if (c->own_only) {
		say_both(&blind, &told, "what the kernel itself takes, for modules too (%s): %s", "INDUCED",
			 "slab and per-CPU memory, left out by --own");
		say_both(&blind, &told, "pages that can be moved, which file systems, balloons and %s take: %s",
			 "zsmalloc", "left out by --own");
	}
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *why = companion_says(b, paths[i].probe, paths[i].why);
		struct snap_missed missed;

		if (paths[i].event && build_told(b, paths[i].event))
			why = NULL;
		if (missed_calls(why, &missed))	/* all but a few, list_missed() */
			why = NULL;
		if (why && why != paths[i].why)
			sentences_say(&told, "%s: %s", paths[i].path, why);
		if (why && paths[i].arrays && build_page_arrays(b))
			sentences_say(&covered, "%s", paths[i].arrays);
		else if (why)
			sentences_say(&blind, "%s: %s", paths[i].path,
			    paths[i].rest ? paths[i].why : why);
		else
			sentences_say(&covered, "%s", paths[i].covered ? paths[i].covered :
			    paths[i].path);
		if (!why && paths[i].rest)
			sentences_say(&blind, "%s", paths[i].rest);
	}
	if (list_missed(b, c))
		return -ENOMEM;
keep:
	if (sentences_keep(&blind, &c->blind, &c->n_blind) ||
	    sentences_keep(&told, &c->unseen, &c->n_unseen))
		return -ENOMEM;
	return sentences_keep(&covered, &c->covered, &c->n_covered);
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
		bool unread = false;

		l.lost = decoder_lost(b->rs->decoder, i, &l.at_least);
		/* the kernel's own counters know of losses that left no mark */
		for (j = 0; j < info->n_cpustats; j++)
			if (info->cpustats[j].buffer == buffer &&
			    info->cpustats[j].cpu == cpu) {
				kernel = info->cpustats[j].overrun +
					 info->cpustats[j].dropped;
				unread = info->cpustats[j].unread;
			}
		if (kernel > l.lost) {
			l.lost = kernel;
			l.at_least = false;
			b->lost_untimed = true;
		}
		l.at_least |= unread;
		b->lost_untimed |= unread;
		c->losses_unread |= unread;
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
	if (info->perf) {
		c->lost_events += info->perf->lost;
		c->lost_unknown |= info->perf->lost_unknown;
	}
	return 0;
}

/* Modules that went: without anything saying where they lay, or (@assumed) for sure. */
static void say_unplaced(struct sentences *notes, const struct modmap *mm, bool assumed,
			 const char *what)
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

		if ((assumed ? !mi->assumed : mi->has_range) ||
		    mi->state != MODULE_UNLOADED || named[mi->row])
			continue;
		named[mi->row] = true;
		if (others || len + strlen(mi->name) + 2 >= sizeof(names))
			others++;
		else
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "", mi->name);
	}
	if (others)
		sentences_say(notes, "%s: %s and %zu others", what, names, others);
	else if (len)
		sentences_say(notes, "%s: %s", what, names);
}

/* What a text log lacks, or was made up for it. */
static void say_text(struct sentences *notes, const struct source_info *info)
{
	const struct textlog *text = info->text;

	if (text->page_size_assumed)
		sentences_say(notes, "a text log does not tell the page size: %u bytes are assumed (%s--page-size)",
		    info->page_size, notes->b->rs->bare ? "modmem report " : "");
	if (text->hashed_known)
		sentences_say(notes, "pointers in the text are hashed to 32 bits: two objects can look like one");
	if (text->foreign)
		sentences_say(notes, "%llu lines of the text are of something else (a console, a mail) and were skipped",
		    (unsigned long long)text->foreign);
	if (text->joined)
		sentences_say(notes, "%llu entries of the text were broken into several lines (by a mail, an editor) and put together",
		    (unsigned long long)text->joined);
	if (text->cut_stacks)
		sentences_say(notes, "%llu stacks were too long for printk, which cut their outer frames off",
		    (unsigned long long)text->cut_stacks);
	if (text->perf)
		sentences_say(notes, "perf script does not print what perf lost: see what perf record said, or perf script --show-lost-events");
	if (text->no_offsets)
		sentences_say(notes, "functions without offsets: %s",
			      advice(ADVICE_OFFSETS, notes->b->rs->made_by));
	if (text->kallsyms_unseen)
		sentences_say(notes, "no stack of the text confirms the given --kallsyms: it is taken for that of the same boot");
	if (text->kallsyms_differ)
		sentences_say(notes, "the given --kallsyms names call sites otherwise than the stacks do: it is of another boot, only the modules of functions are taken from it");
	if (text->buffers > 1)
		sentences_say(notes, "the text holds %u buffers, files or logs (%s%s): taken as of one machine and boot, merged by time",
			      text->buffers, text->buffer_names,
			      strlen(text->buffer_names) + 1 == sizeof(text->buffer_names) ?
			      "..." : "");
	if (text->cpu_logs)
		sentences_say(notes, "the text has logs of one CPU behind the other (it goes back in time %llu times, to another CPU): merged by time",
		    (unsigned long long)text->cpu_logs);
	if (text->out_of_order)
		sentences_say(notes, "%llu entries of the text are older than the one before: taken in the order of the text",
		    (unsigned long long)text->out_of_order);
}

/* What the recorded kernel had besides that knows who took what (profilers.h). */
static void say_profilers(struct sentences *notes, const struct companion *companion)
{
	const struct companion_item *it = companion_find(companion, "profilers");
	struct span text = span_of(it ? it->text : NULL, it ? it->len : 0), line, word;

	while (span_line(&text, &line)) {
		if (!span_word(&line, &word))
			continue;
		if (span_is(word, "page_owner"))
			sentences_say(notes, "page_owner was on: pages that others take in bulk came one by one, and /sys/kernel/debug/page_owner had those of each module since boot (modmem report --page-owner)");
		else if (span_is(word, "slab_traces"))
			sentences_say(notes, "slab caches of that kernel have traces of who allocated since boot (/sys/kernel/debug/slab/NAME/alloc_traces):%.*s",
				      (int)span_len(line), line.at);
		else if (span_is(word, "allocinfo"))
			sentences_say(notes, "that kernel has allocation profiling, and it was switched off: what modules held when the recording began is not known (sysctl vm.mem_profiling=1)");
	}
}

/* How much of what calls took or gave back is not known. */
static void say_unknown(struct sentences *notes, const struct books_stats *bs)
{
	if (bs->hidden)
		sentences_say(notes, "%llu allocations name a trampoline as their caller (function_graph, kretprobe), and their stacks do not say who it was: in [unknown], or with a function further out",
		    (unsigned long long)bs->hidden);
	if (bs->bulk_missed)
		sentences_say(notes, "%llu objects of large bulk calls are not known: the probe holds a limited number",
		    (unsigned long long)bs->bulk_missed);
	if (bs->pages_missed)
		sentences_say(notes, "%llu pages of bulk calls are not known, at most: they came as a list, in a call that had begun before, or beyond what the probe holds",
		    (unsigned long long)bs->pages_missed);
	if (bs->areas_unsure)
		sentences_say(notes, "%llu areas of vmalloc space were mapped by code that is not on the stack: passed over as vmap()'s, vmalloc()'s may be among them",
		    (unsigned long long)bs->areas_unsure);
	if (bs->bulk_unsized)
		sentences_say(notes, "%llu objects of bulk calls have no bytes: the size of their cache is not recorded",
		    (unsigned long long)bs->bulk_unsized);
}

static int build_notes(struct builder *b, struct coverage *c)
{
	const struct source_info *info = source_info(b->rs->src);
	const struct formats *formats = decoder_formats(b->rs->decoder);
	const struct modmap *mm = books_modmap(b->rs->books);
	const struct books_stats *bs = books_stats(b->rs->books);
	const enum recorder_kind by = b->rs->made_by;
	struct sentences notes = { .b = b };
	const char *clock;
	size_t i;

	if (!c->events && !b->rs->part)
		sentences_say(&notes, "no allocation events in this recording: %s",
			      advice(ADVICE_EVENTS, by));
	if (b->rs->ks && !modmap_has_modules(mm))
		sentences_say(&notes, "%s", advice(ADVICE_NO_MODULES, by));
	if (formats->percpu_computed)
		sentences_say(&notes, "per-CPU bytes are size x %u CPUs: this kernel's events do not say what was set aside",
		    info->cpus);
	if (formats->frames.size && (decoder_stats(b->rs->decoder)->met &
				     (event_bit(EVENT_PAGE_ALLOC, 0) |
				      event_bit(EVENT_PAGE_FREE, 0))))
		sentences_say(&notes, "page events have pointers to struct page (before Linux 4.1): page frames are worked out from them, with %u bytes a struct page%s",
		    formats->frames.size,
		    formats->frames.assumed ? ", as is usual: these few do not show it" : "");
	if (info->text && info->text->merged)
		sentences_say(&notes, "%llu entries of page_owner_sort do not say of which blocks their pages are, or are of too many: allocations and blocks are counted as few, bytes are right",
			      (unsigned long long)info->text->merged);
	if (by == RECORDER_PAGE_OWNER)
		sentences_say(&notes, "a text of page_owner: what was allocated when it was read, and no frees; time is since boot; of modules that are gone it has no names");
	else if (!(decoder_formats(b->rs->decoder)->seen & (1u << EVENT_MODULE_LOAD)) &&
	    modmap_has_modules(mm))
		sentences_say(&notes, "no module events (%s): modules loaded or removed during the recording are known only %s",
			      advice(ADVICE_MODULE_EVENTS, by), advice(ADVICE_MODULES_KNOWN, by));
	say_unplaced(&notes, mm, false, "modules were removed and nothing says where they had been: what they held, init apart, is in [unknown]");
	say_unplaced(&notes, mm, true, "modules came and went several times, and the given file says of one time where they lay, which is taken for all; where that is wrong, what they held is in [unknown]");
	say_unknown(&notes, bs);
	if (source_clock_order(info, &clock) == CLOCK_SKEWS && clock)
		sentences_say(&notes, "clock '%s' is not in order across CPUs: a free can sort before its allocation (%s)",
		    clock, advice(ADVICE_CLOCK, by));
	if (b->rs->buffer_note)
		sentences_say(&notes, "%s", b->rs->buffer_note);
	if (info->text)
		say_text(&notes, info);
	if (info->perf)
		coverage_say_perf(&notes, info->perf);
	say_profilers(&notes, b->rs->companion);
	for (i = 0; i < info->n_damage; i++)
		sentences_say(&notes, "%s", info->damage[i]);
	return sentences_keep(&notes, &c->notes, &c->n_notes);
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

/* Losses of which nobody knows the time: what is live may have been freed in any. */
static void note_untimed_losses(struct builder *b, const struct coverage *c)
{
	const struct source_info *info = source_info(b->rs->src);
	size_t i;

	/* a stream that ends early lacks the frees of its CPU */
	for (i = 0; i < source_streams(b->rs->src); i++)
		b->lost_untimed |= decoder_damage(b->rs->decoder, i) != NULL;
	/* what is missing, cannot be read, or is not as it was written may be frees, too */
	if (info->text)
		b->lost_untimed |= info->text->overwritten ||
				   info->text->overwritten_unknown ||
				   info->text->strange || info->text->unusable ||
				   info->text->withheld || info->text->went_back ||
				   info->text->buffers_mixed ||
				   coverage_text_narrowed(b->rs);
	if (info->perf)
		b->lost_untimed |= info->perf->lost || info->perf->lost_unknown ||
				   info->perf->unreadable || info->perf->unknown;
	b->lost_untimed |= c->malformed || c->implausible;
	b->lost_untimed |= info->n_damage || b->rs->events_missing ||
			   source_verified(b->rs->src) == SOURCE_DIFFERS ||
			   companion_find(b->rs->companion, "cut");
}

int build_coverage(struct builder *b)
{
	const struct books_stats *bs = books_stats(b->rs->books);
	const struct decode_stats *ds = decoder_stats(b->rs->decoder);
	struct coverage *c = &b->snap->coverage;

	recorded_look(b, &b->recorded);
	if (filters_look(b))
		return -ENOMEM;
	c->verified = verified(b);
	c->own_only = companion_find(b->rs->companion, COMPANION_OWN);
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
	c->hidden_callers = bs->hidden;
	c->malformed = ds->malformed + bs->malformed;
	c->duplicate_buffer_events = ds->left_out;
	if (build_lost(b, c) || build_blind(b, c) || build_notes(b, c) ||
	    coverage_distrust(b, c))
		return -ENOMEM;
	note_untimed_losses(b, c);
	return 0;
}
