// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names.c - the words of the command line and of the JSON contract
 */
#include <stddef.h>

#include "replay.h"
#include "leaks.h"
#include "snapshot.h"
#include "view.h"

#define NAME(table, i) \
	((size_t)(i) < sizeof(table) / sizeof((table)[0]) ? (table)[i] : NULL)

const char *mem_kind_name(enum mem_kind kind)
{
	static const char *const names[KIND_MAX] = {
		[KIND_SLAB] = "slab",
		[KIND_PAGES] = "pages",
		[KIND_VMALLOC] = "vmalloc",
		[KIND_PERCPU] = "percpu",
		[KIND_DMA] = "dma",
	};

	return NAME(names, kind);
}

const char *overhead_kind_name(enum overhead_kind kind)
{
	static const char *const names[OVERHEAD_MAX] = {
		[OVERHEAD_SLAB_PAGES] = "slab_pages",
		[OVERHEAD_SLAB_EXTS] = "slab_exts",
		[OVERHEAD_SHEAVES] = "sheaves",
		[OVERHEAD_VMAP] = "vmap",
		[OVERHEAD_PERCPU_CHUNKS] = "percpu_chunks",
		[OVERHEAD_RCU] = "rcu",
		[OVERHEAD_DEBUG] = "debug",
		[OVERHEAD_STATIC_PERCPU] = "static_percpu",
	};

	return NAME(names, kind);
}

const char *charge_name(enum charge charge)
{
	static const char *const names[] = {
		[CHARGE_OWN] = "own",
		[CHARGE_INDUCED] = "induced",
		[CHARGE_OVERHEAD] = "overhead",
		[CHARGE_INSIDE] = "inside",
	};

	return NAME(names, charge);
}

const char *module_state_name(enum module_state state)
{
	static const char *const names[] = {
		[MODULE_LOADED] = "loaded",
		[MODULE_UNLOADED] = "unloaded",
		[MODULE_KERNEL] = "kernel",
		[MODULE_UNKNOWN] = "unknown",
	};

	return NAME(names, state);
}

const char *attribute_mode_name(enum attribute_mode mode)
{
	static const char *const names[] = {
		[ATTRIBUTE_OWN] = "own",
		[ATTRIBUTE_NEAREST] = "nearest",
		[ATTRIBUTE_OUTERMOST] = "outermost",
	};

	return NAME(names, mode);
}

const char *view_by_name(enum view_by by)
{
	static const char *const names[] = {
		[VIEW_BY_MODULE] = "module",
		[VIEW_BY_SITE] = "site",
		[VIEW_BY_CACHE] = "cache",
		[VIEW_BY_STACK] = "stack",
		[VIEW_BY_TASK] = "task",
	};

	return NAME(names, by);
}

const char *view_format_name(enum view_format format)
{
	static const char *const names[] = {
		[VIEW_TABLE] = "table",
		[VIEW_JSON] = "json",
		[VIEW_CSV] = "csv",
	};

	return NAME(names, format);
}

const char *leak_class_name(enum leak_class class)
{
	static const char *const names[LEAK_CLASSES] = {
		[LEAK_CERTAIN] = "certain",
		[LEAK_LIKELY] = "likely",
		[LEAK_EXCUSED] = "excused",
	};

	return NAME(names, class);
}

static const struct {
	const char *name;
	enum leak_class class;
} leak_reasons[LEAK_REASONS] = {
	[LEAK_UNLOADED] = { "unloaded", LEAK_CERTAIN },
	[LEAK_UNLOADED_UNSEEN] = { "unloaded-unseen", LEAK_LIKELY },
	[LEAK_UNLOADED_LATE] = { "unloaded-late", LEAK_LIKELY },
	[LEAK_GROWS_UNFREED] = { "grows-unfreed", LEAK_LIKELY },
	[LEAK_GROWS] = { "grows", LEAK_LIKELY },
	[LEAK_LOST] = { "lost-events", LEAK_EXCUSED },
	[LEAK_NO_FREES] = { "no-frees", LEAK_EXCUSED },
	[LEAK_FREE_BLIND] = { "free-blind", LEAK_EXCUSED },
	[LEAK_SKEW] = { "clock", LEAK_EXCUSED },
	[LEAK_RCU] = { "rcu-pending", LEAK_EXCUSED },
	[LEAK_INDUCED] = { "induced", LEAK_EXCUSED },
	[LEAK_RECLAIMABLE] = { "reclaimable", LEAK_EXCUSED },
	[LEAK_UNKNOWN] = { "unknown", LEAK_EXCUSED },
	[LEAK_KEPT] = { "kept", LEAK_EXCUSED },
};

const char *leak_reason_name(enum leak_reason reason)
{
	return reason < LEAK_REASONS ? leak_reasons[reason].name : NULL;
}

enum leak_class leak_reason_class(enum leak_reason reason)
{
	return reason < LEAK_REASONS ? leak_reasons[reason].class : LEAK_EXCUSED;
}

const char *trend_verdict_name(enum trend_verdict verdict)
{
	static const char *const names[] = {
		[TREND_TOO_FEW] = "too-few",
		[TREND_STEADY] = "steady",
		[TREND_SETTLED] = "settled",
		[TREND_GROWS] = "grows",
	};

	return NAME(names, verdict);
}
