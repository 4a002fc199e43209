// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_reconcile.c - the kernel's counters beside what a small recording
 * explains; the recordings of testdata/ do the same with real ones
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "companion.h"
#include "reconcile.h"
#include "replay_fixture.h"
#include "view.h"

#define SLABINFO_HEAD "slabinfo - version: 2.1\n# name ...\n"
#define SLAB(name, active, size) \
	name " " active " 999 " size " 64 1 : tunables 0 0 0 : slabdata 4 4 0\n"

#define TAGS "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n"

struct item {
	const char *name;
	uint64_t ts;
	const char *text;
};

static void number(FILE *f, uint64_t value, unsigned int bytes)
{
	for (; bytes--; value >>= 8)
		fputc((int)(value & 0xff), f);
}

/* Puts modmem's section behind the recording, and replays it. */
static void reconcile(const struct item *items)
{
	uint64_t start;
	FILE *f;

	rp_good();		/* writes it */
	f = fopen(rp.trace, "r+b");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	start = (uint64_t)ftell(f);
	fwrite(COMPANION_MAGIC, 1, COMPANION_MAGIC_LEN, f);
	fputc(COMPANION_VERSION, f);
	for (; items->name; items++) {
		number(f, strlen(items->name), 4);
		fputs(items->name, f);
		number(f, items->ts, 8);
		number(f, strlen(items->text), 8);
		number(f, strlen(items->text), 8);
		fputs(items->text, f);
	}
	number(f, start, 8);
	fwrite(COMPANION_TRAILER, 1, COMPANION_TRAILER_LEN, f);
	assert_int_equal(fclose(f), 0);
	rp.opts.reconcile = true;
	rp_good();
}

static const struct reconcile_counter *counter(const char *name)
{
	const struct reconcile *r = rp.snap->reconcile;

	for (size_t i = 0; i < r->n_counters; i++)
		if (!strcmp(r->counters[i].name, name))
			return &r->counters[i];
	fail_msg("no counter %s", name);
	return NULL;
}

static const struct reconcile_cache *cache(const char *name)
{
	const struct reconcile *r = rp.snap->reconcile;

	for (size_t i = 0; i < r->n_caches; i++)
		if (!strcmp(r->caches[i].name, name))
			return &r->caches[i];
	return NULL;
}

/* 1 object of 64 bytes for kmtest taken before and freed, 128 and 32 held. */
static void small(void)
{
	rp_small();
	rp_release(5000, 0xffff88800000f000);
}

/* ... anew, in the middle of a test. */
static void again(void)
{
	rp_teardown(NULL);
	rp_setup(NULL);
	small();
}

static void test_counters(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "MemFree: 1000 kB\nSlab: 100 kB\nPercpu: 8 kB\n" },
		{ "meminfo@after", 9000, "MemFree: 900 kB\nSlab: 108 kB\nAnonPages: 4 kB\n" },
		{ NULL, 0, NULL }
	};

	(void)state;
	small();
	reconcile(items);
	assert_non_null(rp.snap->reconcile);
	assert_int_equal(rp.snap->reconcile->before_ns, 500);
	assert_int_equal(rp.snap->reconcile->after_ns, 9000);
	/* those that both copies have */
	assert_int_equal(rp.snap->reconcile->n_counters, 2);
	assert_int_equal(counter("Slab")->before, 100 * 1024);
	assert_int_equal(counter("Slab")->after, 108 * 1024);
	assert_true(counter("Slab")->followed);
	assert_int_equal(counter("Slab")->explained, 0);
	assert_false(rp.snap->reconcile->slabinfo);
	assert_false(rp.snap->reconcile->command.known);
}

static void test_caches(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "Slab: 100 kB\n" },
		{ "meminfo@after", 9000, "Slab: 108 kB\n" },
		{ "slabinfo@before", 500, SLABINFO_HEAD
		  SLAB("kmalloc-128", "10", "128") SLAB("kmalloc-cg-128", "5", "128")
		  SLAB("kmalloc-32", "7", "32") SLAB("same", "3", "3")
		  SLAB("gone", "3", "300") },
		{ "slabinfo@after", 9000, SLABINFO_HEAD
		  SLAB("kmalloc-128", "12", "128") SLAB("kmalloc-cg-128", "6", "128")
		  SLAB("kmalloc-32", "8", "32") SLAB("same", "3", "3")
		  SLAB("new", "2", "400") },
		{ NULL, 0, NULL }
	};
	const struct reconcile *r;

	(void)state;
	small();
	reconcile(items);
	r = rp.snap->reconcile;
	assert_true(r->slabinfo);
	/* all of one size in one row, since an event does not tell them apart */
	assert_null(cache("kmalloc-cg-128"));
	assert_int_equal(cache("kmalloc-128")->active_before, 15);
	assert_int_equal(cache("kmalloc-128")->active_after, 18);
	assert_string_equal(cache("kmalloc-128")->variants,
			    "kmalloc-128 +2, kmalloc-cg-128 +1");
	assert_int_equal(cache("kmalloc-128")->explained, 1);
	assert_int_equal(cache("kmalloc-128")->n_takers, 1);
	assert_string_equal(rp.snap->modules[cache("kmalloc-128")->takers[0].module].name,
			    "kmtest");
	assert_int_equal(cache("kmalloc-128")->takers[0].objects, 1);
	assert_int_equal(cache("kmalloc-32")->explained, 1);
	assert_string_equal(rp.snap->modules[cache("kmalloc-32")->takers[0].module].name,
			    "other");
	assert_null(cache("same"));
	assert_int_equal(cache("gone")->active_before, 3);
	assert_int_equal(cache("gone")->active_after, 0);
	assert_int_equal(cache("new")->active_after, 2);
	/* kfree() of an older one says not from which cache */
	assert_int_equal(r->unnamed_freed, 1);
	assert_int_equal(r->unnamed_objects, 0);
}

static void test_areas(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "Slab: 100 kB\n" },
		{ "meminfo@after", 9000, "Slab: 108 kB\n" },
		{ "vmallocinfo@before", 500,
		  "0x0-0x1 8192 load_module+0x1/0x2 pages=1 vmalloc N0=1\n"
		  "0x1-0x2 8192 same+0x1/0x2 pages=1 vmalloc\n" },
		{ "vmallocinfo@after", 9000,
		  "0x0-0x1 8192 load_module+0x1/0x2 pages=1 vmalloc N0=1\n"
		  "0x3-0x4 20480 load_module+0x7/0x8 pages=4 vmalloc\n"
		  "0x1-0x2 8192 same+0x1/0x2 pages=1 vmalloc\n"
		  "0x5-0x6 8192 map_device+0x1/0x2 phys=0xfebf8000 ioremap\n"
		  "0x5-0x6 8192 map_pages+0x1/0x2 vmap\n" },
		{ NULL, 0, NULL }
	};
	static const struct item withheld[] = {
		{ "meminfo@before", 500, "Slab: 100 kB\n" },
		{ "meminfo@after", 9000, "Slab: 108 kB\n" },
		{ "vmallocinfo@before", 500, "" },
		{ "vmallocinfo@after", 9000,
		  "0x(____ptrval____)-0x(____ptrval____) 8192 early+0x1/0x2 pages=1 vmalloc\n"
		  "damaged\n" },
		{ NULL, 0, NULL }
	};
	const struct reconcile *r;

	(void)state;
	small();
	reconcile(withheld);
	r = rp.snap->reconcile;
	assert_int_equal(r->n_areas, 1);
	assert_string_equal(r->areas[0].caller, "early");
	assert_int_equal(r->unreadable_areas, 1);
	assert_true(rp_said(r->doubts, r->n_doubts, "lines of vmallocinfo cannot be read"));
	rp_teardown(state);
	rp_setup(state);
	small();
	reconcile(items);
	r = rp.snap->reconcile;
	assert_int_equal(r->n_areas, 2);
	/* with the pages that are there, not with the guard page */
	assert_string_equal(r->areas[0].caller, "load_module");
	assert_int_equal(r->areas[0].before, rp.snap->page_size);
	assert_int_equal(r->areas[0].after, 5 * rp.snap->page_size);
	assert_int_equal(r->areas[0].n_after, 2);
	assert_false(r->areas[0].ioremap);
	/* takes no memory */
	assert_string_equal(r->areas[1].caller, "map_device");
	assert_true(r->areas[1].ioremap);
}

static void test_command(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "Slab: 100 kB\n" },
		{ "meminfo@after", 9000, "Slab: 108 kB\n" },
		{ "smaps@sample", 600, "Rss: 1 kB\nPss: 1 kB\n" },
		{ "smaps@exit", 700,
		  "55a0-7ffd ---p 00000000 00:00 0    [rollup]\n"
		  "Rss:                1700 kB\nPss:                 262 kB\n"
		  "Pss_Dirty:  9 kB\n" },
		{ "command@exit", 800, "maxrss_kb=7000\n" },
		{ NULL, 0, NULL }
	};
	const struct reconcile_command *cmd;

	(void)state;
	small();
	reconcile(items);
	cmd = &rp.snap->reconcile->command;
	assert_true(cmd->known);
	assert_int_equal(cmd->rss, 1700 * 1024);
	assert_int_equal(cmd->pss, 262 * 1024);
	assert_int_equal(cmd->peak_rss, 7000 * 1024);
	assert_string_equal(cmd->how, "as it exited");
}

/* What CPUs keep in lists is free as well: one sum, where all of it is known. */
static void test_free_pages(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "MemFree: 1000 kB\n" },
		{ "meminfo@after", 9000, "MemFree: 900 kB\n" },
		{ "zoneinfo@before", 500, "  pagesets\n    cpu: 0\n              count: 10\n" },
		{ "zoneinfo@after", 9000, "  pagesets\n    cpu: 0\n              count: 15\n" },
		{ NULL, 0, NULL }
	}, one[] = { items[0], items[1], items[2], { NULL, 0, NULL } };
	const struct reconcile_counter *c;

	(void)state;
	small();
	reconcile(items);
	c = counter("MemFree + CPU lists");
	assert_int_equal(rp.snap->reconcile->n_counters, 1);
	assert_int_equal(c->before, 1000 * 1024 + 10 * rp.snap->page_size);
	assert_int_equal(c->after, 900 * 1024 + 15 * rp.snap->page_size);
	assert_true(c->followed);

	again();
	reconcile(one);
	assert_int_equal(rp.snap->reconcile->n_counters, 1);
	assert_int_equal(counter("MemFree")->before, 1000 * 1024);
}

static const struct reconcile_module *grown(const char *name)
{
	const struct reconcile *r = rp.snap->reconcile;

	for (size_t i = 0; i < r->n_modules; i++)
		if (!strcmp(rp.snap->modules[r->modules[i].module].name, name))
			return &r->modules[i];
	return NULL;
}

static void test_allocinfo(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "MemFree: 1000 kB\n" },
		{ "meminfo@after", 9000, "MemFree: 900 kB\n" },
		{ "mem_profiling@before", 500, "1\n" },
		{ "allocinfo@before", 500, TAGS "64 1 a.c:1 [kmtest] func:x\n"
		  "100 1 a.c:2 [kmtest] func:y \n4096 1 mm/x.c:3 func:z\n"
		  "7 1 a.c:2 [kmtest2] func:y\n7 1 a.c:2 [kmtes] func:y\n" },
		{ "allocinfo@after", 9000, TAGS "192 2 a.c:1 [kmtest] func:x\n"
		  "100 1 a.c:2 [kmtest] func:y \n30 1 a.c:2 [other] func:y\n" },
		{ NULL, 0, NULL }
	};

	(void)state;
	small();
	reconcile(items);
	assert_true(rp.snap->allocinfo);
	assert_int_equal(rp_module("kmtest")->before_bytes, 164);
	/* it has no line: it held nothing */
	assert_int_equal(rp_module("other")->before_bytes, 0);
	/* all else is not known */
	assert_int_equal(rp_module("[kernel]")->before_bytes, -1);
	assert_true(rp.snap->reconcile->allocinfo);
	assert_int_equal(grown("kmtest")->before, 164);
	assert_int_equal(grown("kmtest")->after, 292);
	assert_int_equal(grown("kmtest")->grew, 128);
	assert_int_equal(grown("kmtest")->books, 128);
	assert_int_equal(grown("other")->grew, 30);
	assert_int_equal(grown("other")->books, 32);
	assert_false(grown("kmtest")->gone);
	assert_null(grown("[kernel]"));

	/* books that begin later begin with something else */
	rp.opts.from = 0;
	rp_good();
	assert_false(rp.snap->allocinfo);
	assert_int_equal(rp_module("kmtest")->before_bytes, -1);
}

static bool noted(const char *part)
{
	return rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes, part);
}

/* Switched off it counts nothing; what is no such text says nothing. */
static void test_allocinfo_off(void **state)
{
	static const struct item off[] = {
		{ "meminfo@before", 500, "MemFree: 1000 kB\n" },
		{ "meminfo@after", 9000, "MemFree: 900 kB\n" },
		{ "mem_profiling@before", 500, "0\n" },
		{ "allocinfo@before", 500, TAGS "64 1 a.c:1 [kmtest] func:x\n" },
		{ "allocinfo@after", 9000, TAGS "64 1 a.c:1 [kmtest] func:x\n" },
		{ "profilers", 500, "page_owner\nslab_traces kmalloc-8,a:b and 3 more\nallocinfo off\n" },
		{ NULL, 0, NULL }
	}, strange[] = {
		off[0], off[1],
		{ "allocinfo@before", 500, "64 1 a.c:1 [kmtest] func:x\n" },
		{ "allocinfo@after", 9000, "64 1 a.c:1 [kmtest] func:x\n" },
		{ "profilers", 500, "\n\n \nslab_traces" },
		{ NULL, 0, NULL }
	};

	(void)state;
	small();
	reconcile(off);
	assert_false(rp.snap->allocinfo);
	assert_true(rp.snap->allocinfo_off);
	assert_int_equal(rp_module("kmtest")->before_bytes, -1);
	assert_false(rp.snap->reconcile->allocinfo);
	assert_true(noted("vm.mem_profiling=1"));
	assert_true(noted("--page-owner"));
	assert_true(noted("kmalloc-8,a:b and 3 more"));

	again();
	reconcile(strange);
	assert_false(rp.snap->allocinfo);
	assert_false(rp.snap->allocinfo_off);
	assert_int_equal(rp_module("kmtest")->before_bytes, -1);
}

/* Numbers that no kernel has, texts that are none, lines without an end. */
static void test_hostile(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", UINT64_MAX, "Slab: 1099511627775 kB\nMemFree: -1 kB\n" },
		{ "meminfo@after", 0, "Slab: 99999999999999999999999 kB\nMemFree: 0 kB" },
		{ "slabinfo@before", 0, SLAB("\x1b[31m", "1099511627775", "1099511627775")
		  SLAB("\x1b[31m", "1099511627775", "1099511627775") "x" },
		{ "slabinfo@after", 0, "\n\n: tunables\n : tunables\n1 2 3 4 5 : tunables\n" },
		{ "vmallocinfo@before", 0, "0x-0x 1 a+\n0x0-0x0 1099511627775 +/ pages=1099511627775" },
		{ "vmallocinfo@after", 0, "" },
		{ "allocinfo@before", 0, TAGS "1099511627775 1 :1 [\x1b[31m] func:x\n: [" },
		{ "allocinfo@after", 0, "allocinfo" },
		{ "smaps@exit", 0, "Rss: 99999999999999999999 kB\nPss:" },
		{ "command@exit", 0, "maxrss_kb=-7" },
		{ NULL, 0, NULL }
	};
	static const enum view_format formats[] = { VIEW_TABLE, VIEW_CSV };
	struct view_opts opts = { .all = true, .footer = true };
	struct error err;
	char *text;
	size_t size;

	(void)state;
	small();
	reconcile(items);
	assert_int_equal(rp.snap->reconcile->command.rss, -1);
	assert_int_equal(rp.snap->reconcile->command.pss, -1);
	assert_int_equal(rp.snap->reconcile->command.peak_rss, -1);
	for (int i = 0; i < 2; i++) {
		FILE *out = open_memstream(&text, &size);

		assert_int_equal(view_reconcile(rp.snap, &opts, formats[i], out, &err), 0);
		fclose(out);
		assert_null(strchr(text, 0x1b));
		free(text);
	}
}

/* What is shown is what the snapshot has, in all formats. */
static void test_views(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "Slab: 100 kB\nAnonPages: 4 kB\n" },
		{ "meminfo@after", 9000, "Slab: 108 kB\nAnonPages: 6 kB\n" },
		{ "slabinfo@before", 500, SLAB("kmalloc-128", "10", "128") },
		{ "slabinfo@after", 9000, SLAB("kmalloc-128", "13", "128") },
		{ NULL, 0, NULL }
	};
	struct view_opts opts = { .exact_bytes = true };
	struct error err;
	json_t *report, *cache0;
	char *text;
	size_t size;
	FILE *out;

	(void)state;
	small();
	reconcile(items);
	out = open_memstream(&text, &size);
	assert_int_equal(view_reconcile(rp.snap, &opts, VIEW_TABLE, out, &err), 0);
	fclose(out);
	assert_non_null(strstr(text, "Slab      102400 110592 +8192         0         +8192 -\n"));
	assert_non_null(strstr(text, "AnonPages   4096   6144 +2048         -             - -\n"));
	assert_non_null(strstr(text, "kmalloc-128     128     10    13   +3          0        +1            +2 "));
	free(text);

	out = open_memstream(&text, &size);
	assert_int_equal(view_reconcile(rp.snap, &opts, VIEW_CSV, out, &err), 0);
	fclose(out);
	assert_non_null(strstr(text, "counter,Slab,bytes,102400,110592,8192,0,8192,,,\n"));
	assert_non_null(strstr(text, "cache,kmalloc-128,objects,10,13,3,1,2,,,\n"));
	free(text);

	out = open_memstream(&text, &size);
	assert_int_equal(view_json(rp.snap, &opts, out, &err), 0);
	fclose(out);
	report = json_loads(text, 0, NULL);
	assert_non_null(report);
	cache0 = json_array_get(json_object_get(json_object_get(report, "reconcile"),
						"caches"), 0);
	assert_int_equal(json_integer_value(json_object_get(cache0, "explained_objects")), 1);
	assert_int_equal(json_integer_value(json_object_get(cache0, "not_explained_objects")), 2);
	assert_int_equal(json_array_size(json_object_get(cache0, "taken_by")), 1);
	json_decref(report);
	free(text);

	/* --module leaves out who took it, in JSON as elsewhere, and no sum */
	opts.modules = "other";
	out = open_memstream(&text, &size);
	assert_int_equal(view_json(rp.snap, &opts, out, &err), 0);
	fclose(out);
	report = json_loads(text, 0, NULL);
	cache0 = json_array_get(json_object_get(json_object_get(report, "reconcile"),
						"caches"), 0);
	assert_int_equal(json_integer_value(json_object_get(cache0, "explained_objects")), 1);
	assert_int_equal(json_array_size(json_object_get(cache0, "taken_by")), 0);
	json_decref(report);
	free(text);
}

/* Without copies there is nothing, and without the option neither. */
static void test_absent(void **state)
{
	static const struct item items[] = {
		{ "meminfo@before", 500, "Slab: 100 kB\n" },
		{ NULL, 0, NULL }
	};

	(void)state;
	small();
	reconcile(items);
	assert_null(rp.snap->reconcile);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rp_setup, rp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_counters),
		TEST(test_caches),
		TEST(test_areas),
		TEST(test_command),
		TEST(test_free_pages),
		TEST(test_allocinfo),
		TEST(test_allocinfo_off),
		TEST(test_hostile),
		TEST(test_views),
		TEST(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
