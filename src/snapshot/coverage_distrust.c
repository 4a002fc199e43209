// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * coverage_distrust.c - why no verdict should be built on a recording
 */
#include "coverage_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "arena.h"
#include "books.h"
#include "companion_read.h"
#include "decode.h"
#include "error.h"
#include "ksyms.h"
#include "ledger.h"
#include "modmap.h"
#include "plausible.h"
#include "snapshot_build.h"
#include "source.h"
#include "stacks.h"
#include "textlog.h"

/*
 * Where so much was taken and freed, it was not all done by one task: the recorder
 * alone takes pages, and what RCU frees comes whoever runs.
 */
#define EVENTS_OF_ONE_TASK 1024u

/* An imperative, "give --option", for a command that has no such option. */
static const char *given(const struct sentences *why, const char *text)
{
	const char *told = text;
	char buf[128];

	if (why->b->rs->bare && !strncmp(text, "give --", 7)) {
		snprintf(buf, sizeof(buf), "give modmem report %s", text + 5);
		told = arena_strdup(why->b->arena, buf);
	}
	return told ? told : text;
}

/*
 * The addresses of a text have names where the log or a kallsyms gives one. What has
 * none may be any module's.
 */
static void distrust_nameless(struct sentences *why, const struct textlog *text)
{
	const char *todo = "give --kallsyms of that machine, saved in the same boot";
	struct ledger *l = books_ledger(why->b->rs->books);
	uint64_t bytes = 0, all_bytes = 0, allocs = 0, all = 0;

	for (uint32_t i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		all_bytes += a->live_bytes;
		all += a->allocs;
		if (!a->what.unknown || !a->what.address)
			continue;
		bytes += a->live_bytes;
		allocs += a->allocs;
	}
	if (text->kallsyms_differ)
		todo = "the given --kallsyms names them otherwise than the stacks do, it is of another boot: save it in the same one";
	if (bytes > all_bytes / 100 || allocs > all / 100)
		sentences_fault(why, BOUND_BIT(CAUSE_UNKNOWN_CODE), KINDS_NONE,
		    "%llu allocations (%llu bytes of them live) were made at addresses that nothing names: %s",
		    (unsigned long long)allocs, (unsigned long long)bytes,
		    given(why, todo));
}

/* A few are of interrupts: trace-cmd report prints no flags that would tell. */
#define STRAY_MIN 8u
static bool stray_stacks(const struct replay_state *rs)
{
	uint64_t n = decoder_stats(rs->decoder)->unpaired_stacks;

	return n >= STRAY_MIN && n * 50 > source_info(rs->src)->text->stacks;
}

/* So many, and nothing on another CPU. */
static bool one_cpu_of_several(const struct replay_state *rs)
{
	const struct source_info *info = source_info(rs->src);

	return info->text->one_cpu && info->text->cpus_told && info->cpus > 1 &&
	       info->text->entries >= EVENTS_OF_ONE_TASK;
}

bool coverage_text_narrowed(const struct replay_state *rs)
{
	return stray_stacks(rs) || one_cpu_of_several(rs);
}

static void distrust_text(struct sentences *why, const struct textlog *text)
{
	const struct replay_state *rs = why->b->rs;

	if (stray_stacks(rs))
		sentences_fault(why, BOUND_BIT(CAUSE_NOT_ALL), KINDS_ALL,
		    "%llu stacks of the text are of events that it does not have: they were left out when it was printed (trace-cmd report -F), or cut out",
			      (unsigned long long)decoder_stats(rs->decoder)->unpaired_stacks);
	if (one_cpu_of_several(rs))
		sentences_fault(why, BOUND_BIT(CAUSE_NOT_ALL), KINDS_ALL,
		    "all entries of the text are of one CPU of %u: those of the others may have been left out (per_cpu/cpuN/trace, trace-cmd report --cpu)",
			      source_info(rs->src)->cpus);
	if (text->overwritten)
		sentences_fault(why, BOUND_BIT(CAUSE_LOST), KINDS_NONE,
		    "%llu entries had been overwritten before the text was read",
		    (unsigned long long)text->overwritten);
	if (text->overwritten_unknown)
		sentences_fault(why, BOUND_BIT(CAUSE_LOST), KINDS_NONE,
		    "entries had been overwritten before the text was read, its head would say how many");
	if (text->strange)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu lines of the text are damaged: parts of entries or frames that cannot be read",
		    (unsigned long long)text->strange);
	if (text->unusable)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu events of the text have values that cannot be read",
		    (unsigned long long)text->unusable);
	if (text->raw_stacks)
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_ALL,
		    "%llu stacks of the text are cut off, numbers, or missing (options/fields, trace-cmd report -N or -R): print it without",
		    (unsigned long long)text->raw_stacks);
	if (text->withheld)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu events of the text have no pointer, it was printed as (____ptrval____) before the kernel had entropy to hash it: what they took stays live, what they freed is not known",
		    (unsigned long long)text->withheld);
	if (text->buffers_mixed)
		sentences_say(why, "the lines of the text name more than %u buffers or files: those of some are taken as one, print it without names, or each on its own",
			      text->buffers - 1);
	if (text->logs_behind && !why->b->rs->buffer_note)
		sentences_say(why, "the text holds logs of the same CPUs and the same time, and nothing shows that they are of one boot");
	if (text->went_back)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "the text goes back in time on one CPU (%llu times): several logs in one, and what came first is not known",
		    (unsigned long long)text->went_back);
	if (text->no_modules)
		sentences_say(why, "the stacks of the text do not name modules: %s%s of that machine",
			      advice(ADVICE_FRAME_MODULES, why->b->rs->made_by),
			      given(why, "give --kallsyms"));
	if (text->ambiguous)
		sentences_fault(why, BOUND_BIT(CAUSE_UNKNOWN_CODE), KINDS_ALL,
		    "%llu functions are in several modules or in the kernel, too, and the text does not say which: taken for the kernel's",
		    (unsigned long long)text->ambiguous);
	distrust_nameless(why, text);
}

/*
 * What only damage explains, in what a kernel writes. A text log has addresses that
 * are made up; what is live can be read again; and what has its checksums is as the
 * kernel wrote it, however odd.
 */
static void distrust_implausible(struct sentences *why, struct coverage *c)
{
	const struct replay_state *rs = why->b->rs;
	struct implausible found;

	if (source_is_live(rs->src) || source_info(rs->src)->text ||
	    source_verified(rs->src) == SOURCE_VERIFIED)
		return;
	plausible_look(why->b, !c->lost_events && !c->lost_unknown, &found);
	if (rs->odd_symbols)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu lines of the recorded symbols are none that a kernel writes: the file is damaged, copy it again, or record it again",
		    (unsigned long long)rs->odd_symbols);
	if (found.n)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu things in it cannot be (%s): the file is damaged, copy it again, or record it again",
		    (unsigned long long)found.n, found.first);
	c->implausible = found.n + rs->odd_symbols;
}

/* Events that are in the recording and not in the books. */
static void distrust_unusable(struct sentences *why, const struct formats *f,
			      const struct decode_stats *ds)
{
	char text[400] = "";
	size_t len = 0;

	for (uint32_t i = 0; i < f->n_unusable && len < sizeof(text); i++)
		if (ds->unusable_met & UINT64_C(1) << i)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%s %s",
						len ? ", " : "", f->unusable[i].system,
						f->unusable[i].name, f->unusable[i].why);
	if (len)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu events cannot be understood and are left out: %s",
			      (unsigned long long)ds->unusable, text);
}

static bool has_core(const struct ksyms *ks)
{
	for (size_t i = 0; i < ksyms_count(ks); i++)
		if (ksyms_at(ks, i)->text && !ksyms_at(ks, i)->module)
			return true;
	return false;
}

/* Fewer page allocations without an allocator show no habit of the kernel. */
#define BARE_MIN 8u

/*
 * Old kernels skip a number of frames that is right for some of their builds only
 * (kernel/trace/trace.c, ftrace_trace_stack(), up to 4.17). Slab events name the caller
 * besides, page events do not. A few such stacks are an unwinder's doing.
 */
static void distrust_bare(struct sentences *why)
{
	const struct replay_state *rs = why->b->rs;
	struct ledger *l = books_ledger(rs->books);
	uint64_t pages = 0, bare = 0;

	/* without names, which distrust_symbols() tells, no frame is an allocator's */
	if (!rs->ks || (!source_info(rs->src)->text && !has_core(rs->ks)))
		return;
	for (uint32_t i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		pages += a->size || a->what.kind == KIND_PERCPU ? 0 : a->allocs;
		bare += a->what.bare ? a->allocs : 0;
	}
	if (bare >= BARE_MIN && bare * 2 > pages)
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_PAGES,
		    "the stacks of %llu page allocations begin outside the allocator, as old kernels skip frames: the function that asked for them may be left out, and the one that called it be shown",
			      (unsigned long long)bare);
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

/* What the recording itself lacks, or is damaged in. */
static void distrust_source(struct sentences *why)
{
	const struct replay_state *rs = why->b->rs;
	const struct source_info *info = source_info(rs->src);
	char text[512];
	size_t i;

	for (i = 0; i < info->n_damage; i++)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%s", info->damage[i]);
	for (i = 0; i < source_streams(rs->src); i++)
		if (decoder_damage(rs->decoder, i))
			sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%s", decoder_damage(rs->decoder, i));
	for (i = 0; i < source_streams(rs->src); i++)
		if (source_differs(rs->src, i, text, sizeof(text)))
			sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%s", text);
	if (rs->events_missing)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%s", rs->buffer_note);
	if (rs->companion_damage)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%s", rs->companion_damage);
	if (companion_find(rs->companion, "cut"))
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "the recording was cut short: %s",
		    companion_find(rs->companion, "cut")->text);
	if (info->text)
		distrust_text(why, info->text);
	if (info->perf)
		coverage_distrust_perf(why, info->perf);
	if (info->text && !info->text->cpus_told &&
	    decoder_formats(rs->decoder)->percpu_computed)
		sentences_fault(why, BOUND_BIT(CAUSE_UNITS), 1u << KIND_PERCPU,
		    "per-CPU bytes are size x %u CPUs, and the text does not say how many CPUs there are besides those that wrote into it",
		    info->cpus);
	for (i = 0; i < rs->n_outside; i++)
		sentences_say(why, "%s", rs->outside[i].text);
}

static void distrust_symbols(struct sentences *why)
{
	const struct replay_state *rs = why->b->rs;

	if (!rs->ks)
		sentences_say(why, "no symbols in this recording: %s",
			      given(why, advice(ADVICE_SYMBOLS, rs->made_by)));
	else if (ksyms_hidden(rs->ks))
		sentences_say(why, "all addresses in kallsyms are zero, it was read without privilege: nothing can be attributed");
	else if (!has_core(rs->ks))
		sentences_say(why, "no symbols of the kernel itself: give all of /proc/kallsyms");
	if (modmap_hidden(books_modmap(rs->books)))
		sentences_say(why, "all addresses in the saved /proc/modules are zero, it was read without privilege");
}

static void distrust_stacks(struct sentences *why, const struct coverage *c)
{
	const struct replay_state *rs = why->b->rs;
	const struct decode_stats *ds = decoder_stats(rs->decoder);
	const uint64_t stackless = live_without_stack(why->b);
	const uint64_t hidden = books_stats(rs->books)->hidden;

	if (c->events && !ds->stacks_met)
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_NONE,
		    "recorded without stacks (%s): pages are attributed to nobody, helpers' allocations to the kernel",
			      advice(ADVICE_STACKS, rs->made_by));
	else if (c->events_without_stack * 100 > c->events)
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_NONE,
		    "%llu allocations have no stack",
		    (unsigned long long)c->events_without_stack);
	else if (stackless)
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_NONE,
		    "%llu bytes that are live were allocated without a stack: who holds them is known from the call site at best",
		    (unsigned long long)stackless);
	distrust_unusable(why, decoder_formats(rs->decoder), ds);
	distrust_bare(why);
	if (hidden * 100 > c->events)
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_ALL,
		    "who made %llu of the allocations is hidden: a tracer or probe (function_graph, kretprobe) had put its own address in the place of the caller's, and their stacks do not say it: record without it",
		    (unsigned long long)hidden);
}

int coverage_distrust(struct builder *b, struct coverage *c)
{
	const struct source_info *info = source_info(b->rs->src);
	const struct books_stats *bs = books_stats(b->rs->books);
	const enum recorder_kind by = b->rs->made_by;
	struct sentences why = { .b = b };
	const char *clock;
	char text[512];
	uint64_t pfn;

	if (c->losses_unread)
		sentences_fault(&why, BOUND_BIT(CAUSE_LOST), KINDS_NONE,
		    "what the kernel lost is not known: per_cpu/cpu*/stats of modmem's instance cannot be read");
	else if (c->lost_events || c->lost_unknown)
		sentences_fault(&why, BOUND_BIT(CAUSE_LOST), KINDS_NONE,
		    "events were lost: use a larger buffer (%s)",
			      advice(ADVICE_LOST, by));
	filters_distrust(&why);
	distrust_source(&why);
	if (!c->events && !b->rs->n_outside)
		sentences_say(&why, "no allocation events in %s",
			      b->rs->part ? "that time" : "this recording");
	if (bs->page_size_misfits > bs->page_size_fits)
		sentences_fault(&why, BOUND_BIT(CAUSE_UNITS), KINDS_PAGES,
		    "pages of %u bytes do not fit %llu large kmallocs, pages of %llu would: %s",
		    info->page_size, (unsigned long long)bs->page_size_misfits,
		    (unsigned long long)bs->page_size_other,
		    given(&why, advice(ADVICE_PAGE_SIZE, by)));
	if (c->malformed)
		sentences_fault(&why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu records are not what their format says",
		    (unsigned long long)c->malformed);
	distrust_symbols(&why);
	distrust_stacks(&why, c);
	if (is_one_task(b))
		sentences_fault(&why, BOUND_BIT(CAUSE_NOT_ALL), KINDS_ALL,
		    "all events are of one task, pid %d (%s): what others took and freed for it is missing",
		    bs->task, advice(ADVICE_ONE_TASK, by));
	if (source_clock_order(info, &clock) == CLOCK_STANDS)
		sentences_fault(&why, BOUND_BIT(CAUSE_CLOCK), KINDS_ALL,
		    "clock '%s' stands still for milliseconds, in which events of several CPUs have no order: %s",
		    clock, advice(ADVICE_CLOCK, by));
	/* where the size is wrong, objects and blocks of pages do not fit together */
	if (info->page_size_doubtful && !books_pfn(b->rs->books, UINT64_MAX, &pfn))
		sentences_fault(&why, BOUND_BIT(CAUSE_UNITS), KINDS_PAGES,
		    "pages of %u bytes are the ring buffer's (buffer_subbuf_size_kb), the kernel's may be smaller: %s",
			      info->page_size, given(&why, "give --page-size"));
	if (recorded_names(b->recorded.missed, 0, RECORDED_EVENTS - 1, text, sizeof(text)))
		sentences_fault(&why, BOUND_BIT(CAUSE_FREES_ABSENT), KINDS_NONE,
		    "frees were not recorded (%s): what was freed still counts as live",
		    text);
	distrust_implausible(&why, c);
	c->trusted = !why.n;
	c->distrust_why = arena_zalloc(b->arena, why.n, sizeof(*c->distrust_why));
	if (!c->distrust_why)
		return -ENOMEM;
	memcpy(c->distrust_why, why.causes, why.n * sizeof(*why.causes));
	return sentences_keep(&why, &c->distrust, &c->n_distrust);
}
