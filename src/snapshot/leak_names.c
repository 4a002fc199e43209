// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * leak_names.c - names of leaks.h's enums, and which class a reason is of
 */
#include "leaks.h"

#include "enum_name.h"

const char *leak_class_name(enum leak_class class)
{
	static const char *const names[LEAK_CLASSES] = {
		[LEAK_CERTAIN] = "certain",
		[LEAK_LIKELY] = "likely",
		[LEAK_EXCUSED] = "excused",
	};

	return ENUM_NAME(names, class);
}

static const struct {
	const char *name;
	enum leak_class class;
} leak_reasons[LEAK_REASONS] = {
	[LEAK_UNLOADED] = { "unloaded", LEAK_CERTAIN },
	[LEAK_UNLOADED_UNSEEN] = { "unloaded-unseen", LEAK_LIKELY },
	[LEAK_UNLOADED_LATE] = { "unloaded-late", LEAK_LIKELY },
	[LEAK_UNLOADED_POOL] = { "unloaded-pool", LEAK_LIKELY },
	[LEAK_GROWS_UNFREED] = { "grows-unfreed", LEAK_LIKELY },
	[LEAK_GROWS] = { "grows", LEAK_LIKELY },
	[LEAK_LOST] = { "lost-events", LEAK_EXCUSED },
	[LEAK_NO_FREES] = { "no-frees", LEAK_EXCUSED },
	[LEAK_FILTERED] = { "filtered", LEAK_EXCUSED },
	[LEAK_FREE_BLIND] = { "free-blind", LEAK_EXCUSED },
	[LEAK_SKEW] = { "clock", LEAK_EXCUSED },
	[LEAK_RCU] = { "rcu-pending", LEAK_EXCUSED },
	[LEAK_INDUCED] = { "induced", LEAK_EXCUSED },
	[LEAK_POOL] = { "pool", LEAK_EXCUSED },
	[LEAK_RECLAIMABLE] = { "reclaimable", LEAK_EXCUSED },
	[LEAK_NO_STACK] = { "no-stack", LEAK_EXCUSED },
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

	return ENUM_NAME(names, verdict);
}
