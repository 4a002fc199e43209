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
		sentences_say(why, "%llu samples are not as perf's own head says",
			      (unsigned long long)perf->unreadable);
	if (perf->unknown)
		sentences_say(why, "%llu samples are of an event that the file does not describe",
			      (unsigned long long)perf->unknown);
	if (perf->tasks_only)
		sentences_say(why, "recorded of some tasks alone (perf record without -a): what others took and freed for them is missing");
	if (perf->cpus_only)
		sentences_say(why, "recorded on some of the CPUs alone (perf record -C): what was taken or freed on others is missing");
	if (perf->no_cpu)
		sentences_say(why, "its events do not say on which CPU they were (perf record --sample-cpu)");
	if (perf->sampled)
		sentences_say(why, "not every event was recorded (perf record -c or -F): only so many out of all");
	if (perf->filtered)
		sentences_say(why, "recorded with a filter (perf record --filter): what did not pass it is missing");
}
