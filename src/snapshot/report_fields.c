// SPDX-License-Identifier: GPL-2.0-or-later
#include "report_fields.h"

#include "leaks.h"
#include "reconcile.h"
#include "snapshot.h"

#define FIELDS(table, type) { table, sizeof(table) / sizeof(table[0]), sizeof(type) }
#define AT(member) .at = offsetof(ROW, member)
#define ALSO(member) .also = offsetof(ROW, member)
#define MUST .must = true
#define FULL .full = true
#define SPARSE .sparse = true

static const char *kind_name(unsigned int i)
{
	return mem_kind_name((enum mem_kind)i);
}

static const char *overhead_name(unsigned int i)
{
	return overhead_kind_name((enum overhead_kind)i);
}

/* Places have no overhead. */
static const char *site_charge(unsigned int i)
{
	return i <= CHARGE_INDUCED ? charge_name((enum charge)i) : NULL;
}

static const char *any_charge(unsigned int i)
{
	return charge_name((enum charge)i);
}

static const char *state_name(unsigned int i)
{
	return module_state_name((enum module_state)i);
}

static const char *static_from(unsigned int i)
{
	return i <= STATIC_FILE_EQUAL ? static_source_name((enum static_source)i) : NULL;
}

static const char *reason_name(unsigned int i)
{
	return leak_reason_name((enum leak_reason)i);
}

static const char *trend_name(unsigned int i)
{
	return trend_verdict_name((enum trend_verdict)i);
}

static const char *recorder_name(unsigned int i)
{
	static const char *const names[RECORDER_KINDS] = {
		[RECORDER_UNKNOWN] = "unknown",
		[RECORDER_MODMEM] = "modmem",
		[RECORDER_TRACE_CMD] = "trace-cmd",
		[RECORDER_TEXT] = "text",
		[RECORDER_TEXT_TRACE_CMD] = "trace-cmd report",
		[RECORDER_TEXT_PERF] = "perf script",
		[RECORDER_PAGE_OWNER] = "page_owner",
		[RECORDER_PERF] = "perf",
		[RECORDER_LIVE] = "live",
	};

	return i < RECORDER_KINDS ? names[i] : NULL;
}

#define ROW struct snapshot
static const struct report_field source_fields[] = {
	{ "file", REPORT_FILE, AT(file) },
	{ "kernel", REPORT_TEXT, AT(kernel) },
	{ "arch", REPORT_TEXT, AT(arch) },
	{ "page_size", REPORT_U64, AT(page_size), MUST },
	{ "cpus", REPORT_U32, AT(cpus), MUST },
	{ "long_bits", REPORT_U32, AT(long_bits), SPARSE },
	{ "big_endian", REPORT_BOOL, AT(big_endian) },
	{ "clock", REPORT_TEXT, AT(clock) },
	{ "start_ns", REPORT_U64, AT(start_ns) },
	{ "end_ns", REPORT_U64, AT(end_ns) },
	{ "recorded", REPORT_TIME, AT(recorded) },
	{ "recorder", REPORT_ENUM, AT(made_by), .names = recorder_name, FULL },
	{ "clock_is_ns", REPORT_BOOL, AT(clock_is_ns), FULL },
	{ "shared_text", REPORT_BOOL, AT(shared_text), FULL },
	{ "allocinfo", REPORT_BOOL, AT(allocinfo), FULL },
	{ "allocinfo_off", REPORT_BOOL, AT(allocinfo_off), FULL },
};

static const struct report_field totals_fields[] = {
	{ "live_bytes", REPORT_U64, AT(live_bytes) },
	{ "bound", REPORT_BOUND, AT(why) },
	{ "why", REPORT_WHY, AT(why) },
	{ "induced_bytes", REPORT_U64, AT(induced_bytes) },
	{ "overhead_bytes", REPORT_U64, AT(overhead_bytes) },
	{ "allocs", REPORT_U64, AT(allocs) },
	{ "frees", REPORT_U64, AT(frees) },
	{ "induced_why", REPORT_WHY, AT(induced_why), FULL },
};
#undef ROW

#define ROW struct snap_lost_cpu
static const struct report_field lost_cpu_fields[] = {
	{ "buffer", REPORT_TEXT, AT(buffer), MUST },
	{ "cpu", REPORT_U32, AT(cpu), MUST },
	{ "lost", REPORT_U64, AT(lost), MUST },
	{ "at_least", REPORT_BOOL, AT(at_least) },
};
#undef ROW

static const struct report_fields lost_cpu = FIELDS(lost_cpu_fields, struct snap_lost_cpu);

#define ROW struct snap_missed
static const struct report_field missed_fields[] = {
	{ "path", REPORT_TEXT, AT(path), MUST },
	{ "missed", REPORT_U64, AT(missed), MUST },
	{ "calls", REPORT_U64, AT(calls), MUST },
};
#undef ROW

static const struct report_fields missed = FIELDS(missed_fields, struct snap_missed);

#define ROW struct coverage
static const struct report_field coverage_fields[] = {
	{ "records", REPORT_U64, AT(records) },
	{ "events", REPORT_U64, AT(events), MUST },
	{ "lost_events", REPORT_UNLESS, AT(lost_events), ALSO(lost_unknown) },
	{ "lost_at_least", REPORT_U64, AT(lost_events) },
	{ "lost_by_cpu", REPORT_ROWS, AT(lost_by_cpu), ALSO(n_lost_by_cpu), .of = &lost_cpu },
	{ "unmatched_frees", REPORT_U64, AT(unmatched_frees) },
	{ "unmatched_slab", REPORT_U64, AT(unmatched_slab) },
	{ "unmatched_pages", REPORT_U64, AT(unmatched_pages) },
	{ "unmatched_percpu", REPORT_U64, AT(unmatched_percpu) },
	{ "unmatched_vmalloc_pages", REPORT_U64, AT(unmatched_vmalloc_pages) },
	{ "unmatched_cma_pages", REPORT_U64, AT(unmatched_cma_pages) },
	{ "evicted", REPORT_U64, AT(evicted) },
	{ "reordered", REPORT_U64, AT(reordered) },
	{ "unpaired_stacks", REPORT_U64, AT(unpaired_stacks) },
	{ "events_without_stack", REPORT_U64, AT(events_without_stack) },
	{ "unknown_addresses", REPORT_U64, AT(unknown_addresses) },
	{ "hidden_callers", REPORT_U64, AT(hidden_callers) },
	{ "interrupt_cuts", REPORT_U64, AT(interrupt_cuts) },
	{ "init_text_guarded", REPORT_U64, AT(init_text_guarded) },
	{ "malformed", REPORT_U64, AT(malformed) },
	{ "duplicate_buffer_events", REPORT_U64, AT(duplicate_buffer_events) },
	{ "blind", REPORT_TEXTS, AT(blind), ALSO(n_blind) },
	{ "covered", REPORT_TEXTS, AT(covered), ALSO(n_covered) },
	{ "missed_calls", REPORT_ROWS, AT(missed), ALSO(n_missed), .of = &missed },
	{ "notes", REPORT_TEXTS, AT(notes), ALSO(n_notes) },
	{ "verified", REPORT_TEXT, AT(verified) },
	{ "own_only", REPORT_BOOL, AT(own_only) },
	{ "implausible", REPORT_U64, AT(implausible) },
	/* where nothing says that it can be trusted, it cannot */
	{ "trusted", REPORT_BOOL, AT(trusted) },
	{ "distrust", REPORT_TEXTS, AT(distrust), ALSO(n_distrust) },
	{ "unseen", REPORT_TEXTS, AT(unseen), ALSO(n_unseen), FULL },
	{ "losses_unread", REPORT_BOOL, AT(losses_unread), FULL },
};
#undef ROW

#define ROW struct amount
static const struct report_field amount_fields[] = {
	{ "bytes", REPORT_U64, AT(bytes), MUST },
	{ "requested", REPORT_U64, AT(requested) },
	{ "objects", REPORT_U64, AT(objects) },
};
#undef ROW

static const struct report_fields amount = FIELDS(amount_fields, struct amount);

#define ROW struct modstatic
static const struct report_field static_fields[] = {
	{ "lsmod_bytes", REPORT_SIGNED, AT(lsmod_bytes) },
	{ "memory_bytes", REPORT_U64, AT(memory_bytes) },
	{ "guard_bytes", REPORT_U64, AT(guard_bytes) },
	{ "percpu_bytes", REPORT_SIGNED, AT(percpu_bytes) },
	{ "areas", REPORT_U32, AT(areas) },
	{ "at_least", REPORT_AT_LEAST, AT(at_least) },
	{ "areas_at_least", REPORT_BOOL, AT(at_least), FULL },
	{ "from", REPORT_ENUM, AT(source), .names = static_from },
};
#undef ROW

#define ROW struct snap_inline
static const struct report_field inline_fields[] = {
	{ "function", REPORT_TEXT, AT(function) },
	{ "source", REPORT_TEXT, AT(source) },
};
#undef ROW

static const struct report_fields inlined = FIELDS(inline_fields, struct snap_inline);

/* What struct snap_site, struct snap_leak and struct snap_soak know a place by. */
#define PLACE									\
	{ "function", REPORT_TEXT, AT(function) },				\
	{ "offset", REPORT_U64, AT(offset) },					\
	{ "number", REPORT_NTH, AT(number) },					\
	{ "no_offset", REPORT_BOOL, AT(no_offset), FULL }

#define ROW struct snap_site
static const struct report_field site_fields[] = {
	PLACE,
	{ "address", REPORT_ADDRESS, AT(address) },
	{ "source", REPORT_TEXT, AT(source) },
	{ "inlined", REPORT_ROWS, AT(inlined), ALSO(n_inlined), .of = &inlined, SPARSE },
	{ "kind", REPORT_ENUM, AT(kind), .names = kind_name, MUST },
	{ "via", REPORT_TEXT, AT(via), MUST },
	{ "charge", REPORT_ENUM, AT(charge), .names = site_charge, MUST },
	{ "live_bytes", REPORT_U64, AT(live_bytes), MUST },
	{ "bound", REPORT_BOUND, AT(why) },
	{ "why", REPORT_WHY, AT(why) },
	{ "live_objects", REPORT_U64, AT(live_objects) },
	{ "requested_bytes", REPORT_U64, AT(requested_bytes) },
	{ "allocs", REPORT_U64, AT(allocs), MUST },
	{ "frees", REPORT_U64, AT(frees) },
	{ "peak_bytes", REPORT_U64, AT(peak_bytes) },
	{ "allocated_bytes", REPORT_U64, AT(allocated_bytes), MUST },
	{ "evicted_bytes", REPORT_U64, AT(evicted_bytes) },
	{ "uncertain_bytes", REPORT_U64, AT(uncertain_bytes), MUST },
	{ "oldest_ns", REPORT_SIGNED, AT(oldest_ns) },
};
#undef ROW

#define ROW struct snap_cache
static const struct report_field cache_fields[] = {
	{ "name", REPORT_TEXT, AT(name) },
	{ "object_size", REPORT_U64, AT(object_size) },
	{ "objects", REPORT_U64, AT(objects) },
	{ "bytes", REPORT_U64, AT(bytes) },
	{ "bound", REPORT_BOUND, AT(why) },
	{ "why", REPORT_WHY, AT(why) },
	{ "slabs", REPORT_U64, AT(slabs) },
	{ "slab_bytes", REPORT_U64, AT(slab_bytes) },
	{ "slots", REPORT_U64, AT(slots) },
	{ "used_slots", REPORT_SIGNED, AT(used) },
	{ "allocs", REPORT_U64, AT(allocs) },
	{ "frees", REPORT_U64, AT(frees) },
	{ "evicted", REPORT_U64, AT(evicted) },
	{ "free_blind", REPORT_BOOL, AT(free_blind) },
	{ "name_by_size", REPORT_BOOL, AT(name_listed) },
};
#undef ROW

#define ROW struct snap_module
static const struct report_field module_fields[] = {
	{ "name", REPORT_TEXT, AT(name), MUST },
	{ "state", REPORT_ENUM, AT(state), .names = state_name, MUST },
	{ "static_bytes", REPORT_SIGNED, AT(static_bytes) },
	{ "static", REPORT_STATIC, AT(fixed), .of = &report_static },
	{ "live", REPORT_EACH, AT(live), .of = &amount, .names = kind_name },
	{ "dma_blocks", REPORT_DMA_BLOCKS, AT(dma_blocks), .of = &amount },
	{ "live_bytes", REPORT_U64, AT(live_bytes), MUST },
	{ "bound", REPORT_BOUND, AT(why) },
	{ "why", REPORT_WHY, AT(why) },
	{ "kind_bounds", REPORT_BOUNDS, AT(kind_why), .names = kind_name },
	{ "induced", REPORT_EACH, AT(induced), .of = &amount, .names = kind_name },
	{ "induced_bytes", REPORT_U64, AT(induced_bytes), MUST },
	{ "before_bytes", REPORT_SIGNED, AT(before_bytes) },
	{ "induced_bound", REPORT_BOUND, AT(induced_why) },
	{ "induced_why", REPORT_WHY, AT(induced_why) },
	{ "uncertain_bytes", REPORT_U64, AT(uncertain_bytes), MUST },
	{ "overhead", REPORT_EACH, AT(overhead), .of = &amount, .names = overhead_name },
	{ "overhead_bytes", REPORT_U64, AT(overhead_bytes), MUST },
	{ "peak_bytes", REPORT_U64, AT(peak_bytes), MUST },
	{ "peak_ns", REPORT_SIGNED, AT(peak_ns) },
	{ "allocated_bytes", REPORT_U64, AT(allocated_bytes), MUST },
	{ "freed_bytes", REPORT_U64, AT(freed_bytes) },
	{ "evicted_bytes", REPORT_U64, AT(evicted_bytes) },
	{ "allocs", REPORT_U64, AT(allocs), MUST },
	{ "frees", REPORT_U64, AT(frees) },
	{ "failed", REPORT_U64, AT(failed) },
	{ "leaked_bytes", REPORT_SIGNED, AT(leaked_bytes) },
	{ "kind_why", REPORT_WHYS, AT(kind_why), .names = kind_name, FULL },
	{ "caches", REPORT_ROWS, AT(caches), ALSO(n_caches), .of = &report_cache },
	{ "sites", REPORT_ROWS, AT(sites), ALSO(n_sites), .of = &report_site, MUST },
};
#undef ROW

#define ROW struct snap_stack
static const struct report_field stack_fields[] = {
	{ "module", REPORT_MODULE, AT(module), MUST },
	{ "charge", REPORT_ENUM, AT(charge), .names = any_charge, MUST },
	{ "kind", REPORT_ENUM, AT(kind), .names = kind_name, MUST },
	{ "overhead", REPORT_OVERHEAD, AT(overhead), .names = overhead_name },
	{ "live_bytes", REPORT_U64, AT(live_bytes), MUST },
	{ "live_objects", REPORT_U64, AT(live_objects) },
	{ "allocated_bytes", REPORT_U64, AT(allocated_bytes) },
	{ "allocs", REPORT_U64, AT(allocs) },
	{ "frees", REPORT_U64, AT(frees) },
	{ "blocks", REPORT_BLOCKS, AT(blocks) },
	{ "frames", REPORT_TEXTS, AT(frames), ALSO(n_frames), MUST },
	{ "sources", REPORT_SOURCES, AT(sources), ALSO(n_frames), SPARSE },
	{ "why", REPORT_WHY, AT(why), FULL },
	{ "peak_bytes", REPORT_U64, AT(peak_bytes), FULL },
	{ "allocator_frames", REPORT_U64, AT(n_allocator), FULL },
};
#undef ROW

#define ROW struct snap_task
static const struct report_field task_fields[] = {
	{ "pid", REPORT_PID, AT(pid) },
	{ "comm", REPORT_TEXT, AT(comm) },
	{ "module", REPORT_MODULE, AT(module), MUST },
	{ "live", REPORT_NUMBERS, AT(live), .names = kind_name },
	{ "live_bytes", REPORT_U64, AT(live_bytes), MUST },
	{ "induced_bytes", REPORT_U64, AT(induced_bytes) },
	{ "allocs", REPORT_U64, AT(allocs) },
	{ "frees", REPORT_U64, AT(frees) },
	{ "why", REPORT_WHY, AT(why), FULL },
	{ "induced_why", REPORT_WHY, AT(induced_why), FULL },
};
#undef ROW

#define ROW struct snap_mark
static const struct report_field mark_fields[] = {
	{ "ns", REPORT_U64, AT(ns), MUST },
	{ "module", REPORT_MODULE, AT(module), MUST },
	{ "load", REPORT_BOOL, AT(load) },
};
#undef ROW

static const struct report_fields mark = FIELDS(mark_fields, struct snap_mark);

#define ROW struct snap_series
static const struct report_field series_fields[] = {
	{ "start_ns", REPORT_U64, AT(start_ns), MUST },
	{ "bucket_ns", REPORT_U64, AT(bucket_ns), MUST },
	{ "peak_bytes", REPORT_U64, AT(peak_bytes) },
	{ "peak_ns", REPORT_SIGNED, AT(peak_ns) },
	{ "marks", REPORT_ROWS, AT(marks), ALSO(n_marks), .of = &mark },
	{ "marks_left_out", REPORT_U64, AT(marks_left_out) },
};
#undef ROW

#define ROW struct snap_trend
static const struct report_field trend_fields[] = {
	{ "verdict", REPORT_ENUM, AT(verdict), .names = trend_name, MUST },
	{ "samples", REPORT_U32, AT(samples) },
	{ "slope", REPORT_INT, AT(slope) },
	{ "slope_low", REPORT_INT, AT(slope_low) },
	{ "slope_high", REPORT_INT, AT(slope_high) },
	{ "p", REPORT_REAL, AT(p) },
};
#undef ROW

static const struct report_fields trend = FIELDS(trend_fields, struct snap_trend);

#define ROW struct snap_leak
static const struct report_field leak_fields[] = {
	{ "module", REPORT_MODULE, AT(module), MUST },
	{ "reason", REPORT_ENUM, AT(reason), .names = reason_name, MUST },
	PLACE,
	{ "source", REPORT_TEXT, AT(source) },
	{ "kind", REPORT_ENUM, AT(kind), .names = kind_name, MUST },
	{ "via", REPORT_TEXT, AT(via), MUST },
	{ "charge", REPORT_ENUM, AT(charge), .names = site_charge, MUST },
	{ "bytes", REPORT_U64, AT(bytes), MUST },
	{ "objects", REPORT_U64, AT(objects) },
	{ "left_bytes", REPORT_U64, AT(left_bytes) },
	{ "unloads", REPORT_U32, AT(unloads) },
	{ "allocs", REPORT_U64, AT(allocs) },
	{ "frees", REPORT_U64, AT(frees) },
	{ "oldest_ns", REPORT_U64, AT(oldest_ns) },
	{ "newest_ns", REPORT_U64, AT(newest_ns) },
	{ "trend", REPORT_ONE, AT(trend), .of = &trend, MUST },
	{ "first_stack", REPORT_TEXTS, AT(first), ALSO(n_first) },
	{ "last_stack", REPORT_TEXTS, AT(last), ALSO(n_last) },
};
#undef ROW

static const struct report_fields leak = FIELDS(leak_fields, struct snap_leak);

#define ROW struct snap_unload
static const struct report_field unload_fields[] = {
	{ "module", REPORT_MODULE, AT(module), MUST },
	{ "load", REPORT_U32, AT(load) },
	{ "loaded_ns", REPORT_SIGNED, AT(loaded_ns) },
	{ "unloaded_ns", REPORT_SIGNED, AT(unloaded_ns) },
	{ "placed", REPORT_BOOL, AT(placed) },
	{ "left_bytes", REPORT_U64, AT(left_bytes) },
	{ "left_objects", REPORT_U64, AT(left_objects) },
	{ "certain_bytes", REPORT_U64, AT(certain_bytes) },
};
#undef ROW

static const struct report_fields unload = FIELDS(unload_fields, struct snap_unload);

#define ROW struct snap_soak
static const struct report_field soak_fields[] = {
	{ "module", REPORT_MODULE, AT(module), MUST },
	PLACE,
	{ "source", REPORT_TEXT, AT(source) },
	{ "kind", REPORT_ENUM, AT(kind), .names = kind_name, MUST },
	{ "via", REPORT_TEXT, AT(via), MUST },
	{ "charge", REPORT_ENUM, AT(charge), .names = any_charge, MUST },
	{ "live_bytes", REPORT_U64, AT(live_bytes) },
	{ "allocs", REPORT_U64, AT(allocs) },
	{ "frees", REPORT_U64, AT(frees) },
	{ "trend", REPORT_ONE, AT(trend), .of = &trend, MUST },
};
#undef ROW

static const struct report_fields soak = FIELDS(soak_fields, struct snap_soak);

#define ROW struct snap_leaks
static const struct report_field leaks_fields[] = {
	{ "rows", REPORT_ROWS, AT(rows), ALSO(n_rows), .of = &leak, MUST },
	{ "unloads", REPORT_ROWS, AT(unloads), ALSO(n_unloads), .of = &unload, MUST },
	{ "unloads_unknown", REPORT_BOOL, AT(unloads_unknown), MUST },
	{ "sites", REPORT_ROWS, AT(soak), ALSO(n_soak), .of = &soak, MUST },
	{ "older_than_ns", REPORT_U64, AT(older_than), MUST },
	{ "every_ns", REPORT_U64, AT(every), MUST },
	{ "samples", REPORT_U32, AT(samples) },
	{ "in_use_bytes", REPORT_U64, AT(in_use_bytes) },
	{ "outside_bytes", REPORT_U64, AT(outside_bytes) },
	{ "outside_objects", REPORT_U64, AT(outside_objects) },
	{ "doubts", REPORT_TEXTS, AT(doubts), ALSO(n_doubts), MUST },
};
#undef ROW

/* As json_reconcile.c writes it; what can be reckoned from the rest is not read. */
#define ROW struct reconcile_taker
static const struct report_field taker_fields[] = {
	{ "module", REPORT_MODULE, AT(module), MUST },
	PLACE,
	{ "via", REPORT_TEXT, AT(via), MUST },
	{ "bytes", REPORT_U64, AT(bytes), MUST },
	{ "objects", REPORT_U64, AT(objects) },
};
#undef ROW

static const struct report_fields taker = FIELDS(taker_fields, struct reconcile_taker);

#define ROW struct reconcile_counter
static const struct report_field counter_fields[] = {
	{ "name", REPORT_TEXT, AT(name), MUST },
	{ "before_bytes", REPORT_U64, AT(before), MUST },
	{ "after_bytes", REPORT_U64, AT(after), MUST },
	{ "explained_bytes", REPORT_IF, AT(explained), ALSO(followed) },
	{ "freed_before_bytes", REPORT_U64, AT(freed_before), SPARSE },
	{ "taken_by", REPORT_ROWS, AT(takers), ALSO(n_takers), .of = &taker, SPARSE },
};
#undef ROW

static const struct report_fields counter = FIELDS(counter_fields, struct reconcile_counter);

#define ROW struct reconcile_cache
static const struct report_field cache_before_fields[] = {
	{ "active", REPORT_U64, AT(active_before), MUST },
	{ "slots", REPORT_U64, AT(slots_before), MUST },
	{ "pages", REPORT_U64, AT(pages_before), MUST },
};

static const struct report_field cache_after_fields[] = {
	{ "active", REPORT_U64, AT(active_after), MUST },
	{ "slots", REPORT_U64, AT(slots_after), MUST },
	{ "pages", REPORT_U64, AT(pages_after), MUST },
};

static const struct report_fields
	cache_before = FIELDS(cache_before_fields, struct reconcile_cache),
	cache_after = FIELDS(cache_after_fields, struct reconcile_cache);

static const struct report_field changed_cache_fields[] = {
	{ "name", REPORT_TEXT, AT(name), MUST },
	{ "variants", REPORT_TEXT, AT(variants) },
	{ "object_size", REPORT_U64, AT(size) },
	{ "before", REPORT_ONE, 0, .of = &cache_before, MUST },
	{ "after", REPORT_ONE, 0, .of = &cache_after, MUST },
	{ "explained_objects", REPORT_INT, AT(explained) },
	{ "freed_before_objects", REPORT_U64, AT(freed_before) },
	{ "by_size", REPORT_BOOL, AT(by_size) },
	{ "free_blind", REPORT_BOOL, AT(free_blind) },
	{ "taken_by", REPORT_ROWS, AT(takers), ALSO(n_takers), .of = &taker, MUST },
};
#undef ROW

static const struct report_fields
	changed_cache = FIELDS(changed_cache_fields, struct reconcile_cache);

#define ROW struct reconcile_area
static const struct report_field area_fields[] = {
	{ "caller", REPORT_TEXT, AT(caller) },
	{ "ioremap", REPORT_BOOL, AT(ioremap) },
	{ "areas_before", REPORT_U64, AT(n_before) },
	{ "areas_after", REPORT_U64, AT(n_after) },
	{ "before_bytes", REPORT_U64, AT(before), MUST },
	{ "after_bytes", REPORT_U64, AT(after), MUST },
};
#undef ROW

static const struct report_fields area = FIELDS(area_fields, struct reconcile_area);

#define ROW struct reconcile_module
static const struct report_field grown_fields[] = {
	{ "name", REPORT_MODULE, AT(module), MUST },
	{ "before_bytes", REPORT_U64, AT(before), MUST },
	{ "after_bytes", REPORT_UNLESS, AT(after), ALSO(gone) },
	{ "grew_bytes", REPORT_INT, AT(grew) },
	{ "books_bytes", REPORT_INT, AT(books) },
};
#undef ROW

static const struct report_fields grown = FIELDS(grown_fields, struct reconcile_module);

#define ROW struct reconcile_command
static const struct report_field command_fields[] = {
	{ "seen", REPORT_TEXT, AT(how), MUST },
	{ "pss_bytes", REPORT_SIGNED, AT(pss) },
	{ "rss_bytes", REPORT_SIGNED, AT(rss) },
	{ "peak_rss_bytes", REPORT_SIGNED, AT(peak_rss) },
};
#undef ROW

static const struct report_fields command = FIELDS(command_fields, struct reconcile_command);

#define ROW struct reconcile
static const struct report_field unnamed_fields[] = {
	{ "objects", REPORT_U64, AT(unnamed_objects) },
	{ "bytes", REPORT_U64, AT(unnamed_bytes) },
	{ "freed_before_objects", REPORT_U64, AT(unnamed_freed) },
};

static const struct report_fields unnamed = FIELDS(unnamed_fields, struct reconcile);

static const struct report_field reconcile_fields[] = {
	{ "before_ns", REPORT_U64, AT(before_ns), MUST },
	{ "after_ns", REPORT_U64, AT(after_ns), MUST },
	{ "counters", REPORT_ROWS, AT(counters), ALSO(n_counters), .of = &counter, MUST },
	{ "caches", REPORT_ROWS, AT(caches), ALSO(n_caches), .of = &changed_cache },
	{ "unnamed", REPORT_ONE, 0, .of = &unnamed },
	{ "areas", REPORT_ROWS, AT(areas), ALSO(n_areas), .of = &area },
	{ "modules", REPORT_ROWS, AT(modules), ALSO(n_modules), .of = &grown },
	{ "command", REPORT_ONE, AT(command), .of = &command },
	{ "doubts", REPORT_TEXTS, AT(doubts), ALSO(n_doubts) },
	{ "unreadable_areas", REPORT_U64, AT(unreadable_areas), FULL },
	{ "allocinfo_inaccurate", REPORT_BOOL, AT(allocinfo_inaccurate), FULL },
};
#undef ROW

const struct report_fields
	report_source = FIELDS(source_fields, struct snapshot),
	report_totals = FIELDS(totals_fields, struct snapshot),
	report_coverage = FIELDS(coverage_fields, struct coverage),
	report_module = FIELDS(module_fields, struct snap_module),
	report_static = FIELDS(static_fields, struct modstatic),
	report_site = FIELDS(site_fields, struct snap_site),
	report_cache = FIELDS(cache_fields, struct snap_cache),
	report_stack = FIELDS(stack_fields, struct snap_stack),
	report_task = FIELDS(task_fields, struct snap_task),
	report_series = FIELDS(series_fields, struct snap_series),
	report_leaks = FIELDS(leaks_fields, struct snap_leaks),
	report_reconcile = FIELDS(reconcile_fields, struct reconcile);
