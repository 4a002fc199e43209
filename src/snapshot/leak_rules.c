// SPDX-License-Identifier: GPL-2.0-or-later
#include "leak_rules.h"

static bool rarely_freed(const struct leak_facts *f)
{
	return f->frees <= f->allocs / LEAK_RARELY;
}

static uint64_t age(const struct leak_facts *f, uint64_t since)
{
	return f->end > since ? f->end - since : 0;
}

/* Ways in which its free could have been missed. */
static enum leak_reason excuse(const struct leak_facts *f)
{
	if (f->no_frees)
		return LEAK_NO_FREES;
	if (f->filtered)
		return LEAK_FILTERED;
	if (f->blind)
		return LEAK_FREE_BLIND;
	if (f->suspect)
		return LEAK_SKEW;
	if (f->lost_until && f->ts <= f->lost_until)
		return LEAK_LOST;
	return LEAK_NONE;
}

static enum leak_reason unloaded(const struct leak_facts *f)
{
	if (f->pool)
		return f->pool == POOL_OTHERS ? LEAK_POOL : LEAK_UNLOADED_POOL;
	if (f->unseen)
		return LEAK_UNLOADED_UNSEEN;
	if (f->gone_ns && age(f, f->gone_ns) < f->settle)
		return LEAK_UNLOADED_LATE;
	return LEAK_UNLOADED;
}

enum leak_reason leak_judge(const struct leak_facts *f)
{
	bool left = f->gone && f->own;
	enum leak_reason reason;

	if (!left && !f->unknown && age(f, f->ts) < f->older_than)
		return LEAK_NONE;
	reason = excuse(f);
	if (reason != LEAK_NONE)
		return reason;
	if (f->unknown)
		return f->no_stack ? LEAK_NO_STACK : LEAK_UNKNOWN;
	if (left)
		return unloaded(f);
	if (f->trend == TREND_GROWS)
		return f->reclaimable ? LEAK_RECLAIMABLE :
		       rarely_freed(f) ? LEAK_GROWS_UNFREED : LEAK_GROWS;
	if (f->gone)
		return LEAK_INDUCED;
	return rarely_freed(f) ? LEAK_KEPT : LEAK_NONE;
}
