// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice.h"

/* A recorder, and the text that it makes of its file. */
#define BY_TRACE_CMD(text)					\
	[RECORDER_TRACE_CMD] = (text), [RECORDER_TEXT_TRACE_CMD] = (text)
#define BY_PERF(text)						\
	[RECORDER_PERF] = (text), [RECORDER_TEXT_PERF] = (text)

static const char *const table[ADVICES][RECORDER_KINDS] = {
	[ADVICE_LOST] = {
		[RECORDER_UNKNOWN] = "of the recorder",
		[RECORDER_MODMEM] = "modmem record --buffer-size",
		BY_TRACE_CMD("trace-cmd record -b"),
		[RECORDER_TEXT] = "buffer_size_kb in tracefs",
		BY_PERF("perf record -m"),
		[RECORDER_LIVE] = "--buffer-size",
	},
	[ADVICE_EVENTS] = {
		[RECORDER_UNKNOWN] = "record those of kmem and percpu",
		[RECORDER_MODMEM] = "record for longer, while memory is taken",
		BY_TRACE_CMD("record with -e kmem -e percpu"),
		[RECORDER_TEXT] = "enable events/kmem and events/percpu in tracefs",
		BY_PERF("record with -e 'kmem:*' -e 'percpu:*' -g -a"),
		[RECORDER_LIVE] = "wait until memory is taken",
	},
	[ADVICE_STACKS] = {
		[RECORDER_UNKNOWN] = "the recorder was not told to",
		[RECORDER_MODMEM] = "this kernel gave none",
		BY_TRACE_CMD("trace-cmd record -T"),
		[RECORDER_TEXT] = "options/stacktrace in tracefs",
		BY_PERF("perf record -g"),
		[RECORDER_LIVE] = "this kernel gives none",
	},
	[ADVICE_MODULE_EVENTS] = {
		[RECORDER_UNKNOWN] = "those of module",
		[RECORDER_MODMEM] = "this kernel has none",
		BY_TRACE_CMD("-e module"),
		[RECORDER_TEXT] = "events/module in tracefs",
		BY_PERF("-e 'module:*'"),
		[RECORDER_LIVE] = "this kernel has none",
	},
	[ADVICE_MODULES_KNOWN] = {
		[RECORDER_UNKNOWN] = "as symbols show them",
		[RECORDER_MODMEM] = "as they were when it began and ended",
		[RECORDER_TRACE_CMD] = "as kallsyms shows them at its end",
		[RECORDER_TEXT] = "as its stacks name them",
		[RECORDER_TEXT_TRACE_CMD] = "as symbols show them",
		[RECORDER_TEXT_PERF] = "as its stacks name them",
		[RECORDER_PERF] = "as it maps them",
		[RECORDER_LIVE] = "as they were when it began",
	},
	[ADVICE_NO_MODULES] = {
		[RECORDER_UNKNOWN] = "no module is known: a kernel without modules, or one that had none loaded",
		[RECORDER_MODMEM] = "no module in kallsyms: a kernel without modules, or one that had none loaded",
		[RECORDER_TRACE_CMD] = "no module in kallsyms: a kernel without modules, or one that had none loaded",
		[RECORDER_TEXT] = "the text names no module: a kernel without modules, or none took memory",
		[RECORDER_TEXT_TRACE_CMD] = "no module is known: trace-cmd report does not say which module a function is of, kallsyms of that machine does",
		[RECORDER_TEXT_PERF] = "the text names no module: a kernel without modules, or none took memory",
		[RECORDER_PERF] = "no module is mapped in it: a kernel without modules, or one that had none loaded",
		[RECORDER_LIVE] = "no module in kallsyms: a kernel without modules, or one that has none loaded",
	},
	[ADVICE_CLOCK] = {
		[RECORDER_UNKNOWN] = "record with the clock mono or global",
		[RECORDER_MODMEM] = "record with modmem record --clock mono or global",
		BY_TRACE_CMD("record with -C mono or global"),
		[RECORDER_TEXT] = "write mono or global to trace_clock in tracefs",
		BY_PERF("record with -k mono"),
		[RECORDER_LIVE] = "this kernel has no better one",
	},
	[ADVICE_ONE_TASK] = {
		[RECORDER_UNKNOWN] = "the recorder was told so",
		[RECORDER_MODMEM] = "set_event_pid in tracefs",
		BY_TRACE_CMD("trace-cmd record -P or -F"),
		[RECORDER_TEXT] = "set_event_pid in tracefs",
		BY_PERF("perf record without -a"),
		[RECORDER_LIVE] = "set_event_pid in tracefs",
	},
	[ADVICE_SYMBOLS] = {
		[RECORDER_UNKNOWN] = "give --kallsyms",
		[RECORDER_MODMEM] = "give --kallsyms",
		BY_TRACE_CMD("give --kallsyms"),
		[RECORDER_TEXT] = "give --kallsyms",
		BY_PERF("give --kallsyms"),
		[RECORDER_LIVE] = "be root, with kernel.kptr_restrict below 2, and a kernel with kallsyms",
	},
	[ADVICE_OFFSETS] = {
		[RECORDER_UNKNOWN] = "none was printed",
		[RECORDER_MODMEM] = "none was printed",
		[RECORDER_TRACE_CMD] = "none was printed",
		[RECORDER_PERF] = "none was printed",
		[RECORDER_LIVE] = "none was printed",
		[RECORDER_TEXT] = "options/sym-offset was off",
		[RECORDER_TEXT_TRACE_CMD] = "trace-cmd report prints none in stacks",
		[RECORDER_TEXT_PERF] = "perf script prints them with -F +symoff",
	},
	[ADVICE_FRAME_MODULES] = {
		[RECORDER_UNKNOWN] = "print it with them, or ",
		[RECORDER_MODMEM] = "print it with them, or ",
		[RECORDER_TRACE_CMD] = "print it with them, or ",
		[RECORDER_PERF] = "print it with them, or ",
		[RECORDER_LIVE] = "print it with them, or ",
		[RECORDER_TEXT] = "print it with options/sym-offset, or ",
		[RECORDER_TEXT_TRACE_CMD] = "trace-cmd report never does: report on its trace.dat instead, or ",
		[RECORDER_TEXT_PERF] = "perf script -F +dso does, of those that perf found: print it so, or ",
	},
	[ADVICE_PAGE_SIZE] = {
		[RECORDER_UNKNOWN] = "give --page-size",
		[RECORDER_MODMEM] = "copy it again, or record it again",
		[RECORDER_TRACE_CMD] = "those of the ring buffer may be larger than the machine's",
		[RECORDER_TEXT] = "give --page-size",
		[RECORDER_TEXT_TRACE_CMD] = "give --page-size",
		[RECORDER_TEXT_PERF] = "give --page-size",
		[RECORDER_PERF] = "copy it again, or record it again",
		[RECORDER_LIVE] = "not what this machine says of itself",
	},
	[ADVICE_UNSEEN_FREES] = {
		[RECORDER_UNKNOWN] = "modmem record does",
		[RECORDER_MODMEM] = "modmem's probes do, which were not there",
		BY_TRACE_CMD("modmem record does"),
		[RECORDER_TEXT] = "modmem record does",
		BY_PERF("modmem record does"),
		[RECORDER_LIVE] = "modmem's probes do, which are not there",
	},
	[ADVICE_FREES] = {
		[RECORDER_UNKNOWN] = "record all events of kmem and percpu",
		[RECORDER_MODMEM] = "this kernel gave none",
		BY_TRACE_CMD("record with -e kmem -e percpu, without a filter"),
		[RECORDER_TEXT] = "enable all of events/kmem and events/percpu in tracefs",
		BY_PERF("record with -e 'kmem:*' -e 'percpu:*' -g -a"),
		[RECORDER_LIVE] = "this kernel gives none",
	},
	[ADVICE_PLACES] = {
		[RECORDER_UNKNOWN] = "modmem record keeps it; or give --modules, a copy of /proc/modules from while they were loaded",
		[RECORDER_MODMEM] = "give --modules, a copy of /proc/modules from while they were loaded",
		BY_TRACE_CMD("modmem record keeps it; or give --modules, a copy of /proc/modules from while they were loaded"),
		[RECORDER_TEXT] = "give --modules, a copy of /proc/modules from while they were loaded",
		BY_PERF("modmem record keeps it; or give --modules, a copy of /proc/modules from while they were loaded"),
		[RECORDER_LIVE] = "they went before they could be looked at",
	},
};

const char *advice(enum advice what, enum recorder_kind by)
{
	const char *text = (unsigned int)by < RECORDER_KINDS ? table[what][by] : NULL;

	return text ? text : table[what][RECORDER_UNKNOWN];
}
