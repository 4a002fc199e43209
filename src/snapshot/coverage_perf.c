// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * coverage_perf.c - what a perf.data cannot show
 */
#include "coverage_internal.h"

#include "perfdata.h"

void coverage_say_perf(struct sentences *notes, const struct perfdata *perf)
{
	if (perf->running_names)
		sentences_say(notes, "functions have the names of the running kernel, which is the one that was recorded, at the same boot");
	if (perf->again)
		sentences_say(notes, "%llu records are of an event that perf was asked for more than once: counted once",
			      (unsigned long long)perf->again);
}

void coverage_distrust_perf(struct sentences *why, const struct perfdata *perf)
{
	if (perf->unreadable)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu samples are not as perf's own head says",
			      (unsigned long long)perf->unreadable);
	if (perf->unknown)
		sentences_fault(why, BOUND_BIT(CAUSE_DAMAGED), KINDS_ALL,
		    "%llu samples are of an event that the file does not describe",
			      (unsigned long long)perf->unknown);
	if (perf->no_cpu)
		sentences_fault(why, BOUND_BIT(CAUSE_CLOCK), KINDS_ALL,
				"its events do not say on which CPU they were (perf record --sample-cpu)");
}
