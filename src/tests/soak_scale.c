// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soak_scale.c - recordings made to be slow: their replay takes time in
 * proportion to their length, whatever is in them
 *
 * usage: soak_scale [-n EVENTS] [CASE...]
 *
 * Each case is replayed with EVENTS (10000) and with eight times as many. A table
 * that is searched from end to end, or in which all keys fall into one slot,
 * takes 64 times as long for the latter: more than 32 is a fault.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "hash.h"
#include "leaks.h"
#include "replay.h"
#include "snapshot.h"
#include "tracerec.h"

#define TIMES		8u
#define TIMES_MAX	32.0
#define SECONDS_MIN	0.1	/* what takes less is not looked at: noise */

#define TEXT		UINT64_C(0xffffffff81001010)
#define OBJECTS		UINT64_C(0xffff888100000000)
#define MODULES		UINT64_C(0xffffffffc0000000)
#define KMTEST		UINT64_C(0xffffffffbfff0010)

/* 1 / 0x9e3779b97f4a7c15 modulo 2^64: its multiples all fall into slot 0 of probing_home() */
#define GOLDEN_INVERSE	UINT64_C(0xf1de83e19937733d)

static struct recording rec;
static uint64_t now;

/* Further lines of kallsyms; or a text log instead of the recording. */
static FILE *symbols, *text;

static void alloc_of(uint64_t ptr, uint64_t bytes, uint64_t call_site, int32_t pid,
		     const char *name, const uint64_t *frames, uint32_t n)
{
	now += 100;
	EMIT(&rec, .ts = now, .event = name ? "kmem_cache_alloc" : "kmalloc", .ptr = ptr,
	     .bytes_req = bytes, .bytes_alloc = bytes, .call_site = call_site, .pid = pid,
	     .name = name);
	EMIT(&rec, .ts = now, .event = "kernel_stack", .frames = frames, .n_frames = n,
	     .pid = pid);
}

static void alloc(uint64_t ptr)
{
	alloc_of(ptr, 64, TEXT, 1, NULL, &(const uint64_t){ TEXT }, 1);
}

static void release(uint64_t ptr)
{
	EMIT(&rec, .ts = now += 100, .event = "kfree", .ptr = ptr, .call_site = TEXT, .pid = 1);
}

static void page_alloc(uint64_t pfn, uint64_t order)
{
	EMIT(&rec, .ts = now += 100, .event = "mm_page_alloc", .ptr = pfn, .order = order,
	     .pid = 1);
	EMIT(&rec, .ts = now, .event = "kernel_stack", .frames = &(const uint64_t){ TEXT },
	     .n_frames = 1, .pid = 1);
}

static void page_free(uint64_t pfn, uint64_t order)
{
	EMIT(&rec, .ts = now += 100, .event = "mm_page_free", .ptr = pfn, .order = order,
	     .pid = 1);
}

static void module(bool load, const char *name)
{
	EMIT(&rec, .ts = now += 100, .event = load ? "module_load" : "module_free",
	     .name = name, .pid = 1);
}

/* ---- the cases -------------------------------------------------------------------- */

static void objects_plain(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		alloc(OBJECTS + i * 64);
}

static void objects_one_slot(uint64_t n)
{
	for (uint64_t i = 1; i <= n; i++)
		alloc(i * GOLDEN_INVERSE);
}

static void frees_one_slot(uint64_t n)
{
	objects_one_slot(n / 2);
	for (uint64_t i = 1; i <= n / 2; i++)
		release((i + n) * GOLDEN_INVERSE);
}

static void objects_again(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		alloc(OBJECTS);
}

static void objects_in_freed_pages(uint64_t n)
{
	for (uint64_t i = 0; i < n / 3; i++) {
		page_alloc(0x100000, 10);
		alloc(OBJECTS + i * 64 % (4 << 20));
		page_free(0x100000, 10);
	}
}

static void pages_plain(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		page_alloc(0x100000 + i, 0);
}

static void pages_one_slot(uint64_t n)
{
	for (uint64_t i = 1; i <= n; i++)
		page_alloc(i * GOLDEN_INVERSE, 0);
}

static void pages_in_parts(uint64_t n)
{
	for (uint64_t i = 0; i < n / 2; i++) {
		page_alloc(0x100000 + (i << 10), 10);
		page_free(0x100000 + (i << 10) + i % 1024, 0);
	}
}

static void pages_over_each_other(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		page_alloc(0x100000 + i % 1024, i % 1024 ? 0 : 10);
}

static void pages_largest(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		page_alloc(0x100000 + (i & 0xffff), 16);
}

static void stacks_all_differ(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t frames[3] = { TEXT, TEXT + i % 4096, TEXT + i / 4096 };

		alloc_of(OBJECTS + i * 64, 64, TEXT, 1, NULL, frames, 3);
	}
}

/*
 * The highest bits of words that the same chain of a hash meets one after the
 * other: after a multiplication they are still that bit alone.
 */
static void stacks_one_hash(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t frames[32];
		unsigned int k;

		for (k = 0; k < 32; k++)
			frames[k] = TEXT;
		for (k = 0; k < 16; k++) {
			/* words four apart, in each of four chains */
			unsigned int at = k % 4 + k / 4 * 8;

			if (!(i >> k & 1))
				continue;
			frames[at] ^= UINT64_C(1) << 63;
			frames[at + 4] ^= UINT64_C(1) << 63;
		}
		alloc_of(OBJECTS + i * 64, 64, TEXT, 1, NULL, frames, 32);
	}
}

static void sites_all_differ(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		alloc_of(OBJECTS + i * 64, 64, TEXT + i, 1, NULL,
			 (const uint64_t[]){ TEXT, TEXT + i }, 2);
}

static void sizes_all_differ(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		alloc_of(OBJECTS + i * 64, 64 + i, TEXT, 1, NULL, &(const uint64_t){ TEXT }, 1);
}

static void tasks_all_differ(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		alloc_of(OBJECTS + i * 64, 64, TEXT, (int32_t)i + 1, NULL,
			 &(const uint64_t){ TEXT }, 1);
}

static void names_all_differ(uint64_t n)
{
	char name[32];

	for (uint64_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "cache-%" PRIu64, i);
		alloc_of(OBJECTS + i * 64, 64, TEXT, 1, name, &(const uint64_t){ TEXT }, 1);
	}
}

static void names_one_hash(uint64_t n)
{
	char name[257];

	for (uint64_t i = 0; i < n; i++) {
		memset(name, 'x', 256);
		name[256] = '\0';
		/* the highest bit of a word, and where it is rotated to in the next */
		for (unsigned int k = 0; k < 16; k++) {
			if (!(i >> k & 1))
				continue;
			name[16 * k + 7] ^= (char)0x80;
			name[16 * k + 8] ^= 0x10;
		}
		alloc_of(OBJECTS + i * 64, 64, TEXT, 1, name, &(const uint64_t){ TEXT }, 1);
	}
}

static void modules_all_differ(uint64_t n)
{
	char name[32];

	for (uint64_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "module%" PRIu64, i);
		module(true, name);
	}
}

static void modules_come_and_go(uint64_t n)
{
	char name[32];

	for (uint64_t i = 0; i < n / 2; i++) {
		snprintf(name, sizeof(name), "module%" PRIu64, i);
		module(true, name);
		module(false, name);
	}
}

static void module_again(uint64_t n)
{
	for (uint64_t i = 0; i < n / 4; i++) {
		module(true, "kmtest");
		alloc_of(OBJECTS + i * 64, 64, KMTEST, 1, NULL,
			 (const uint64_t[]){ TEXT, KMTEST }, 2);
		module(false, "kmtest");
		release(OBJECTS + i * 64);
	}
}

static void modules_that_leak(uint64_t n)
{
	for (uint64_t i = 0; i < n / 3; i++) {
		module(true, "kmtest");
		alloc_of(OBJECTS + i * 64, 64, KMTEST, 1, NULL,
			 (const uint64_t[]){ TEXT, KMTEST }, 2);
		module(false, "kmtest");
	}
}

static void modules_that_leak_apart(uint64_t n)
{
	for (uint64_t i = 0; i < n / 3; i++) {
		module(true, "kmtest");
		alloc_of(OBJECTS + i * 64, 64, KMTEST, 1, NULL,
			 (const uint64_t[]){ TEXT, KMTEST, TEXT + 16 * i }, 3);
		module(false, "kmtest");
	}
}

static void percpu_plain(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		EMIT(&rec, .ts = now += 100, .event = "percpu_alloc_percpu",
		     .ptr = 0x10000 + i * 8, .bytes_req = 8, .bytes_alloc = 16,
		     .call_site = TEXT, .pid = 1);
}

static void one_moment(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		EMIT(&rec, .ts = now, .cpu = (uint32_t)i % REC_CPUS, .event = "kmalloc",
		     .ptr = OBJECTS + i * 64, .bytes_req = 64, .bytes_alloc = 64,
		     .call_site = TEXT, .pid = 1);
}

static void losses(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		EMIT(&rec, .ts = now += 100, .event = "kmalloc", .ptr = OBJECTS + i * 64,
		     .bytes_req = 64, .bytes_alloc = 64, .call_site = TEXT, .pid = 1,
		     .lost = i % 2);
}

static void interrupts(uint64_t n)
{
	/* the stack of the first never comes: what follows is held back */
	EMIT(&rec, .ts = now += 100, .event = "kmalloc", .ptr = OBJECTS, .bytes_req = 64,
	     .bytes_alloc = 64, .call_site = TEXT, .pid = 1);
	for (uint64_t i = 1; i < n; i++) {
		EMIT(&rec, .ts = now += 100, .event = "kmalloc", .ptr = OBJECTS + i * 64,
		     .bytes_req = 64, .bytes_alloc = 64, .call_site = TEXT, .pid = 1,
		     .flags = REC_HARDIRQ);
	}
}

static void symbols_all_modules(uint64_t n)
{
	/* (there can be no more modules than 65535) */
	for (uint64_t i = 0; i < n; i++)
		fprintf(symbols, "%016" PRIx64 " t f\t[m%" PRIu64 "]\n", MODULES + (i << 12), i);
	sites_all_differ(n / 4);
}

static void symbols_interleaved(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(symbols, "%016" PRIx64 " t f%" PRIu64 "\t[m%" PRIu64 "]\n",
			MODULES + (i << 4), i, i % 1000);
}

static void symbols_at_one_place(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(symbols, "%016" PRIx64 " t f%" PRIu64 "\t[m]\n", MODULES, i);
	for (uint64_t i = 0; i < n; i++)
		alloc_of(OBJECTS + i * 64, 64, MODULES + 1, 1, NULL,
			 (const uint64_t[]){ TEXT, MODULES + i % 64 }, 2);
}

static void symbols_backwards(uint64_t n)
{
	for (uint64_t i = n; i > 0; i--)
		fprintf(symbols, "%016" PRIx64 " t f%" PRIu64 "\t[m]\n", MODULES + i * 16, i);
}

static void functions_all_differ(uint64_t n)
{
	symbols_backwards(n);
	for (uint64_t i = 0; i < n; i++)
		alloc_of(OBJECTS + i * 64, 64, MODULES + i * 16, 1, NULL,
			 (const uint64_t[]){ TEXT, MODULES + i * 16 + 4 }, 2);
}

static void text_all_differs(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		fprintf(text, "  a-%" PRIu64 " [000] ..... %" PRIu64 ".000000: kmalloc: "
			"call_site=f%" PRIu64 "+0x10/0x20 ptr=%016" PRIx64
			" bytes_req=8 bytes_alloc=%" PRIu64 " gfp_flags=GFP_KERNEL node=-1\n",
			i + 1, i + 1, i, OBJECTS + i * 64, i + 8);
		fprintf(text, "  a-%" PRIu64 " [000] ..... %" PRIu64 ".000001: <stack trace>\n"
			" => f%" PRIu64 "+0x10/0x20\n => g%" PRIu64 "+0x10/0x20 [m%" PRIu64 "]\n",
			i + 1, i + 1, i, i, i);
	}
}

/* Of tracefs: a stack of eight with each, some freed again. */
static void text_ftrace(uint64_t n)
{
	fputs("# tracer: nop\n#\n", text);
	for (uint64_t i = 0; i < n; i++) {
		fprintf(text, "%16s-%-7" PRIu64 " [%03u] ..... %5" PRIu64 ".%06" PRIu64 ": kmalloc: "
			"call_site=take+0x%" PRIx64 "/0x1000 [m%" PRIu64 "] ptr=%016" PRIx64
			" bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL node=-1 accounted=false\n",
			"insmod", i % 999 + 1, (unsigned int)(i % 4), i / 1000, i % 1000 * 1000,
			i % 4000, i % 50, (uint64_t)0x10000 + i % 100000 * 64);
		fprintf(text, "%16s-%-7" PRIu64 " [%03u] ..... %5" PRIu64 ".%06" PRIu64
			": <stack trace>\n => __kmalloc+0x10/0x20\n => take+0x%" PRIx64
			"/0x1000 [m%" PRIu64 "]\n => do_init+0x5/0x80 [m%" PRIu64 "]\n"
			" => do_one_initcall+0x50/0x300\n => do_init_module+0x4a/0x1f0\n"
			" => __do_sys_finit_module+0xac/0x110\n => do_syscall_64+0x59/0xb0\n"
			" => entry_SYSCALL_64_after_hwframe+0x64/0xce\n",
			"insmod", i % 999 + 1, (unsigned int)(i % 4), i / 1000, i % 1000 * 1000 + 1,
			i % 4000, i % 50, i % 50);
	}
}

/* Of trace-cmd report, of two instances that hold the same. */
static void text_trace_cmd(uint64_t n)
{
	for (uint64_t i = 0; i < n / 2; i++)
		for (unsigned int b = 0; b < 2; b++)
			fprintf(text, "buffer%u: %16s-%-5" PRIu64 " [%03u] %5" PRIu64 ".%06" PRIu64
				": kmalloc:              (take+0x%" PRIx64 ") call_site=take+0x%"
				PRIx64 " ptr=0x%016" PRIx64 " bytes_req=60 bytes_alloc=64 "
				"gfp_flags=GFP_KERNEL node=-1 accounted=false\n"
				"buffer%u: %16s-%-5" PRIu64 " [%03u] %5" PRIu64 ".%06" PRIu64
				": kernel_stack:         <stack trace >\n=> __kmalloc (ffffffff81001010)\n"
				"=> take (%" PRIx64 ")\n=> do_syscall_64 (ffffffff81005010)\n",
				b, "insmod", i % 999 + 1, (unsigned int)(i % 4), i / 1000,
				i % 1000 * 1000 + b, i % 4000, i % 4000, OBJECTS + i * 64, b,
				"insmod", i % 999 + 1, (unsigned int)(i % 4), i / 1000,
				i % 1000 * 1000 + b + 2, MODULES + i % 4000);
}

static void text_perf(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(text, "%16s %5" PRIu64 " [%03u] %5" PRIu64 ".%06" PRIu64 ": kmem:kmalloc: "
			"call_site=take+0x%" PRIx64 " ptr=0x%016" PRIx64 " bytes_req=60 "
			"bytes_alloc=64 gfp_flags=GFP_KERNEL node=-1 accounted=false\n"
			"\tffffffff81001010 __kmalloc+0x10 ([kernel.kallsyms])\n"
			"\t%" PRIx64 " take+0x%" PRIx64 " ([m%" PRIu64 "])\n"
			"\tffffffff81005010 do_syscall_64+0x10 ([kernel.kallsyms])\n\n",
			"insmod", i % 999 + 1, (unsigned int)(i % 4), i / 1000, i % 1000 * 1000,
			i % 4000, OBJECTS + i * 64, MODULES + i % 4000, i % 4000, i % 50);
}

/* Another prefix before each line, and more buffers than are kept apart. */
static void text_prefixes(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(text, "file%" PRIu64 ".dat: %16s-%-5" PRIu64 " [%03u] %5" PRIu64 ".%06" PRIu64
			": kfree: call_site=drop+0x1/0x9 [m] ptr=%016" PRIx64 "\n",
			i, "task", i % 999 + 1, (unsigned int)(i % 4096), i / 1000,
			i % 1000 * 1000, OBJECTS + i * 64);
}

/* Logs of the same CPUs, one behind the other. */
static void text_logs(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(text, "==> log%" PRIu64 " <==\n# tracer: nop\n%16s-%-5" PRIu64
			" [000] ..... 1.000000: kfree: call_site=drop+0x1/0x9 [m] ptr=%016" PRIx64 "\n",
			i, "task", i % 999 + 1, OBJECTS + i * 64);
}

/* Lines as long as any may be, full of what lines of a trace have. */
static void text_long_lines(uint64_t n)
{
	static const char *const parts[] = {
		"a-1 [0] ", "-1    [", "1.2: a-1 [000] ", "ptr=ptr=ptr= ", "=> f+0x1/", "] : ",
		"[001] ..... 1.5: ", "kmalloc: call_site=", "(((((", "CPU:1 [ ", "ms (+ms): ",
		"                ", "\t\t\t\t", ": ", "=3D=3D", "&lt;&amp;", "cpus=", "/* kfree: ",
	};

	for (uint64_t i = 0; i < n / 40 + 1; i++) {
		const char *part = parts[i % (sizeof(parts) / sizeof(parts[0]))];

		for (size_t len = 0; len + strlen(part) < 4096; len += strlen(part))
			fputs(part, text);
		fputc('\n', text);
		fprintf(text, "%16s-%-5u [000] ..... %5" PRIu64 ".000000: kfree: "
			"call_site=drop+0x1/0x9 [m] ptr=%016" PRIx64 "\n", "task", 1u, i,
			OBJECTS + i * 64);
	}
}

/* Entries that are never whole, and rests that go with none. */
static void text_broken(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(text, "%16s-%-5u [000] ..... %5" PRIu64 ".000000: kmalloc: call_site=f+0x1/0x9\n"
			"ptr=%016" PRIx64 " bytes_req=8\ngfp_flags=0\ngfp_flags=0\n", "task", 1u, i,
			OBJECTS + i * 64);
}

/* Bare addresses, each of which a stack names. */
static void text_bare_sites(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		fprintf(text, "%16s-%-5u [000] ..... %5" PRIu64 ".000000: kmalloc: call_site=%" PRIx64
			" ptr=%016" PRIx64 " bytes_req=8 bytes_alloc=8 gfp_flags=0\n"
			"%16s-%-5u [000] ..... %5" PRIu64 ".000001: <stack trace>\n"
			" => __kmalloc+0x10/0x20\n => f%" PRIu64 "+0x10/0x20 [m]\n", "task", 1u, i,
			MODULES + i * 32, OBJECTS + i * 64, "task", 1u, i, i);
}

/* Stacks of code that has no name, all at one offset in its page. */
static void unnamed_all_differ(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		alloc_of(OBJECTS + i * 64, 64, MODULES + (i << 12 & 0xffff000), 1, NULL,
			 (const uint64_t[]){ TEXT, MODULES + (i << 12 & 0xffff000),
					     MODULES + (i >> 4 << 12 & 0xffff000) + 16 }, 3);
}

static const struct scale_case {
	const char *name;
	void (*make)(uint64_t n);
} cases[] = {
#define CASE(name) { #name, name }
	CASE(objects_plain), CASE(objects_one_slot), CASE(frees_one_slot),
	CASE(objects_again), CASE(objects_in_freed_pages),
	CASE(pages_plain), CASE(pages_one_slot), CASE(pages_in_parts),
	CASE(pages_over_each_other), CASE(pages_largest),
	CASE(stacks_all_differ), CASE(stacks_one_hash), CASE(sites_all_differ),
	CASE(sizes_all_differ), CASE(tasks_all_differ),
	CASE(names_all_differ), CASE(names_one_hash),
	CASE(modules_all_differ), CASE(modules_come_and_go), CASE(module_again),
	CASE(modules_that_leak), CASE(modules_that_leak_apart), CASE(percpu_plain),
	CASE(one_moment), CASE(losses),
	CASE(interrupts), CASE(symbols_all_modules), CASE(symbols_interleaved),
	CASE(symbols_at_one_place), CASE(symbols_backwards), CASE(functions_all_differ),
	CASE(text_all_differs), CASE(text_ftrace), CASE(text_trace_cmd), CASE(text_perf),
	CASE(text_prefixes), CASE(text_logs), CASE(text_long_lines), CASE(text_broken),
	CASE(text_bare_sites), CASE(unnamed_all_differ),
};

/* ---- the clock -------------------------------------------------------------------- */

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* Seconds of processor time that the replay of @n events took. */
static double replay_time(const struct scale_case *c, uint64_t n)
{
	const struct leak_opts leaks = { .kernel = true };
	struct replay_opts opts = {
		.from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .threads = 1,
		.by_task = true, .by_stack = true, .series = true, .leaks = &leaks,
	};
	struct error err = { "" };
	char *kallsyms, *log;
	size_t size, log_size;
	struct snapshot *snap;
	struct out file = { NULL };
	double start;

	symbols = open_memstream(&kallsyms, &size);
	text = open_memstream(&log, &log_size);
	fputs("ffffffff81000000 T _stext\nffffffff81001000 T __kmalloc\n"
	      "ffffffff82000000 T _etext\nffffffffbfff0000 t kmtest_take\t[kmtest]\n", symbols);
	now = 1000;
	rec_start(&rec, &rec_7, 1, REC_CPUS);
	c->make(n);
	fclose(symbols);
	fclose(text);
	rec.kallsyms = kallsyms;
	if (log_size)
		put(&file, log, log_size);
	else
		rec_make(&rec, &file);
	opts.path = file_write(&file);
	out_free(&file);
	rec_free(&rec);
	free(kallsyms);
	free(log);
	start = cpu_seconds();
	snap = replay(&opts, &err);
	start = cpu_seconds() - start;
	if (!snap) {
		fprintf(stderr, "soak_scale: %s: %s\n", c->name, err.text);
		exit(2);
	}
	snapshot_free(snap);
	return start;
}

static bool asked_for(const char *name, char **names, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return !n;
}

/* The tables as the program has them; the keys of the cases are for no secret. */
int main(int argc, char **argv)
{
	uint64_t n = 10000;
	unsigned int bad = 0;
	int opt;

	hash_randomize();
	while ((opt = getopt(argc, argv, "n:")) != -1) {
		if (opt != 'n') {
			fputs("usage: soak_scale [-n EVENTS] [CASE...]\n", stderr);
			return 2;
		}
		n = strtoull(optarg, NULL, 10);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct scale_case *c = &cases[i];
		double once, more;
		bool slow;

		if (!asked_for(c->name, argv + optind, argc - optind))
			continue;
		once = replay_time(c, n);
		more = replay_time(c, n * TIMES);
		slow = more > SECONDS_MIN && more > once * TIMES_MAX;
		printf("%-24s %7.3f s %7.3f s  %5.1f times%s\n", c->name, once, more,
		       more / once, slow ? "  SLOW" : "");
		fflush(stdout);
		bad += slow;
	}
	return bad != 0;
}
