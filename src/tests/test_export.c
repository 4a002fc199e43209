// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_export.c - a snapshot made by hand in the formats of other programs
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>
#include <zlib.h>

#include "../view/frame.h"
#include "../view/protobuf.h"
#include "error.h"
#include "export.h"
#include "fake_snapshot.h"

typedef int (*export_fn)(const struct snapshot *snap,
			 const struct export_opts *opts, FILE *out,
			 struct error *err);

static struct error err;
static char *shown;
static size_t shown_size;

static int render(export_fn view, struct snapshot *snap, struct export_opts opts)
{
	FILE *out;
	int ret;

	free(shown);
	shown = NULL;
	err.text[0] = '\0';
	out = open_memstream(&shown, &shown_size);
	assert_non_null(out);
	ret = view(snap, &opts, out, &err);
	assert_int_equal(fclose(out), 0);
	return ret;
}

static void assert_has(const char *text)
{
	if (!strstr(shown, text))
		fail_msg("no '%s' in:\n%s", text, shown);
}

static void assert_has_not(const char *text)
{
	if (strstr(shown, text))
		fail_msg("there is '%s' in:\n%s", text, shown);
}

/* ---- openmetrics -------------------------------------------------------- */

static void openmetrics_numbers(void **state)
{
	(void)state;
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ 0 }), 0);
	assert_has("# HELP modmem_module_live_bytes ");
	assert_has("# TYPE modmem_module_live_bytes gauge\n");
	assert_has("\nmodmem_module_live_bytes{module=\"kmtest\",kind=\"pages\"} 16384\n");
	assert_has("\nmodmem_module_live_objects{module=\"ext4\",kind=\"slab\"} 1100\n");
	assert_has("\nmodmem_module_live_bytes{module=\"ext4\",kind=\"dma\"} 0\n");
	assert_has("\nmodmem_module_induced_bytes{module=\"ext4\"} 104857600\n");
	assert_has("# TYPE modmem_module_allocated_bytes_total counter\n");
	assert_has("\nmodmem_module_allocated_bytes_total{module=\"ext4\"} 1300000000\n");
	assert_has("\nmodmem_module_leaked_bytes{module=\"kmtest\"} 18112\n");
	assert_has("\nmodmem_module_loaded{module=\"kmtest\"} 0\n");
	assert_has("\nmodmem_module_loaded{module=\"ext4\"} 1\n");
	assert_has("\nmodmem_recording_seconds 1.500000000\n");
	assert_has("\nmodmem_lost_events_total 1234\n");
	assert_has("\nmodmem_lost_events_unknown 1\n");
	assert_has("\nmodmem_trusted 0\n");
	assert_has("\nmodmem_blind_path{path=\"kvfree_rcu\"} 1\n");
	assert_has("\nmodmem_missed_calls_total{path=\"dma_pool_alloc\"} 4\n");
	/* what is not known makes no series, nor does what never held anything */
	assert_has_not("leaked_bytes{module=\"ext4\"}");
	assert_has_not("loaded{module=\"[kernel]\"}");
	assert_has_not("idle_mod");
	assert_string_equal(shown + shown_size - 7, "\n# EOF\n");
}

static void openmetrics_hostile(void **state)
{
	(void)state;
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ 0 }), 0);
	assert_has("{module=\"=cmd|\\\\x1b[31m'\\\\x0a\\\\xff,\\\"x\"} ");
	for (const char *p = shown; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			fail_msg("control byte 0x%02x", (unsigned char)*p);
}

/* Two modules that look alike when printed are still two. */
static void openmetrics_distinct(void **state)
{
	static struct snap_module twins[] = {
		{ .name = "a\x01", .allocs = 1, .static_bytes = -1, .before_bytes = -1, .leaked_bytes = -1 },
		{ .name = "a\\x01", .allocs = 2, .static_bytes = -1, .before_bytes = -1, .leaked_bytes = -1 },
	};
	struct snapshot snap = { .modules = twins, .n_modules = 2 };

	(void)state;
	assert_int_equal(render(view_openmetrics, &snap, (struct export_opts){ 0 }), 0);
	assert_has("allocations_total{module=\"a\\\\x01\"} 1\n");
	assert_has("allocations_total{module=\"a\\\\x5cx01\"} 2\n");
}

static void openmetrics_selected(void **state)
{
	(void)state;
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ .modules = "kmtest" }), 0);
	assert_has("{module=\"kmtest\"}");
	assert_has_not("ext4");
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ .modules = "nosuch" }), -ENOENT);
	assert_non_null(strstr(err.text, "nosuch"));
	/* of a running kernel it may come yet */
	assert_int_equal(render(view_openmetrics, fake_snapshot(),
				(struct export_opts){ .modules = "nosuch,kmtest",
						      .absent_ok = true }), 0);
	assert_has("{module=\"kmtest\"}");
	assert_has_not("ext4");
	assert_int_equal(render(view_openmetrics, fake_empty_snapshot(),
				(struct export_opts){ 0 }), 0);
	assert_has("\nmodmem_trusted 1\n");
}

/* ---- folded ------------------------------------------------------------- */

static void folded_own(void **state)
{
	(void)state;
	assert_int_equal(render(view_folded, fake_snapshot(), (struct export_opts){ 0 }), 0);
	assert_has("\nkmtest;entry_SYSCALL_64_after_hwframe;do_syscall_64;__do_sys_finit_module;"
		   "do_one_initcall;kmtest_init [kmtest];family_kmalloc [kmtest];__kmalloc 1472\n");
	/* neither what holds nothing, nor what is not the module's own */
	assert_has_not("family_done");
	assert_has_not("induced");
	assert_has_not("new_slab");
}

static void folded_metrics(void **state)
{
	static const struct {
		enum export_metric metric;
		const char *number;
	} cases[] = {
		{ METRIC_PEAK, "__kmalloc 1920\n" },
		{ METRIC_ALLOCATED, "__kmalloc 1728\n" },
		{ METRIC_OBJECTS, "__kmalloc 4\n" },
		{ METRIC_ALLOCS, "__kmalloc 5\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(render(view_folded, fake_snapshot(), (struct export_opts){
			.metric = cases[i].metric, .modules = "kmtest" }), 0);
		assert_has(cases[i].number);
	}
	assert_has("family_done [kmtest];kstrdup 7\n");
	assert_int_equal(render(view_folded, fake_snapshot(), (struct export_opts){
		.charges = 1u << CHARGE_INDUCED | 1u << CHARGE_OVERHEAD }), 0);
	assert_has("ext4 (induced);entry_SYSCALL");
	assert_has("kmtest (overhead);entry_SYSCALL");
	assert_has_not("__kmalloc 1472");
}

/* Places in one function are one frame, and stacks that look alike one line. */
static void folded_joined(void **state)
{
	static const char *const a[] = { "do;x+0x1 [m]", "take+0x10/0x20 [m]", "kmalloc+0x1" };
	static const char *const b[] = { "do;x+0x2 [m]", "take+0x10/0x20 [m]", "kmalloc+0x2" };
	static struct snap_module modules[] = { { .name = "#m\n1 2" } };
	static struct snap_stack stacks[] = {
		{ .frames = a, .n_frames = 3, .live_bytes = 5 },
		{ .frames = b, .n_frames = 3, .live_bytes = 7 },
	};
	struct snapshot snap = {
		.modules = modules, .n_modules = 1, .stacks = stacks, .n_stacks = 2,
	};

	(void)state;
	assert_int_equal(render(view_folded, &snap, (struct export_opts){ 0 }), 0);
	assert_string_equal(shown, "\\x23m\\x0a1 2;do\\x3bx [m];take+0x10/0x20 [m];kmalloc 12\n");
	assert_int_equal(render(view_folded, &snap, (struct export_opts){ .offsets = true }), 0);
	assert_string_equal(shown,
			    "\\x23m\\x0a1 2;do\\x3bx+0x1 [m];take+0x10/0x20 [m];kmalloc+0x1 5\n"
			    "\\x23m\\x0a1 2;do\\x3bx+0x2 [m];take+0x10/0x20 [m];kmalloc+0x2 7\n");
}

static void frames_split(void **state)
{
	static const struct {
		const char *name, *function, *offset, *module;
	} cases[] = {
		{ "a+0x1f [m]", "a", "+0x1f", "m" },
		{ "a+0x1f", "a", "+0x1f", NULL },
		{ "a", "a", NULL, NULL },
		{ "? [m]", "?", NULL, "m" },
		/* what has no name is nothing but where it is */
		{ "?+0x1f [m]", "?+0x1f", NULL, "m" },
		{ "?#2+0x1f", "?#2+0x1f", NULL, NULL },
		{ "?+0x1f [unknown]", "?+0x1f", NULL, "unknown" },
		{ "[unknown]", "[unknown]", NULL, NULL },
		{ "a+0x", "a+0x", NULL, NULL },
		{ "+0x1", "+0x1", NULL, NULL },
		{ "a+0xg", "a+0xg", NULL, NULL },
		{ "a [b] [c]", "a [b]", NULL, "c" },
		{ "a+0x1 []", "a", "+0x1", "" },
		{ "]", "]", NULL, NULL },
		{ "", "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame_parts p;

		frame_split(cases[i].name, &p);
		assert_int_equal(p.function_len, strlen(cases[i].function));
		assert_memory_equal(p.function, cases[i].function, p.function_len);
		assert_int_equal(!p.offset, !cases[i].offset);
		if (p.offset) {
			assert_int_equal(p.offset_len, strlen(cases[i].offset));
			assert_memory_equal(p.offset, cases[i].offset, p.offset_len);
		}
		assert_int_equal(!p.module, !cases[i].module);
		if (p.module) {
			assert_int_equal(p.module_len, strlen(cases[i].module));
			assert_memory_equal(p.module, cases[i].module, p.module_len);
		}
	}
}

/* ---- protocol buffers: what the published encoding says ------------------ */

static void protobuf_bytes_are(const struct protobuf *pb, const char *want, size_t len)
{
	assert_false(pb->no_memory);
	assert_int_equal(pb->len, len);
	assert_memory_equal(pb->data, want, len);
}

#define BYTES_ARE(pb, text) protobuf_bytes_are(pb, text, sizeof(text) - 1)

static void protobuf_encoding(void **state)
{
	static const uint64_t numbers[] = { 3, 270, 86942 };
	struct protobuf pb = { 0 }, part = { 0 };

	(void)state;
	/* the examples of protobuf.dev/programming-guides/encoding */
	protobuf_number(&pb, 1, 150);
	BYTES_ARE(&pb, "\x08\x96\x01");
	pb.len = 0;
	protobuf_string(&pb, 2, "testing");
	BYTES_ARE(&pb, "\x12\x07testing");
	pb.len = 0;
	protobuf_number(&part, 1, 150);
	protobuf_message(&pb, 3, &part);
	BYTES_ARE(&pb, "\x1a\x03\x08\x96\x01");
	assert_int_equal(part.len, 0);
	pb.len = 0;
	protobuf_numbers(&pb, 6, numbers, 3);
	BYTES_ARE(&pb, "\x32\x06\x03\x8e\x02\x9e\xa7\x05");
	pb.len = 0;
	/* int64 -2, and a field number of two bytes */
	protobuf_number(&pb, 60, (uint64_t)-2);
	BYTES_ARE(&pb, "\xe0\x03\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	protobuf_free(&pb);
	protobuf_free(&part);
}

/* gzip, and inside it the strings; what they mean is read by pprof itself
 * (scripts/check-export). */
static void pprof_packed(void **state)
{
	static char plain[1 << 16];
	z_stream z = { 0 };

	(void)state;
	assert_int_equal(render(view_pprof, fake_snapshot(), (struct export_opts){ 0 }), 0);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (unsigned char *)shown;
	z.avail_in = (unsigned int)shown_size;
	z.next_out = (unsigned char *)plain;
	z.avail_out = sizeof(plain);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	assert_non_null(memmem(plain, z.total_out, "inuse_space", 11));
	assert_non_null(memmem(plain, z.total_out, "ext4_alloc_inode [ext4]", 23));
	assert_non_null(memmem(plain, z.total_out, "Lost events: at least 1234", 26));
	/* the allocator is no leaf */
	assert_null(memmem(plain, z.total_out, "kmem_cache_alloc_lru", 20));
	assert_null(memmem(plain, z.total_out, "\x1b[", 2));
	inflateEnd(&z);
}

/* ---- live bytes over time ------------------------------------------------ */

static void csv_series(void **state)
{
	(void)state;
	assert_int_equal(render(view_series_csv, fake_snapshot(), (struct export_opts){ 0 }), 0);
	assert_int_equal(strncmp(shown, "TIME,MODULE,MIN,MAX,LAST,LOADS,UNLOADS,LOST\n"
				 "33.000000000,[total],0,1024,1024,,,0\n"
				 "33.500000000,[total],1024,2400000,2300000,,,1234\n"
				 "34.000000000,[total],2200000,2345678,2318663,,,0\n"
				 "34.500000000,[total],2318663,2318663,2318663,,,some\n",
				 230), 0);
	assert_has("\n33.500000000,ext4,0,2345678,1300000,0,0,\n");
	assert_has("\n34.000000000,kmtest,18112,18112,18112,0,1,\n");
	/* loaded and gone, it never held anything */
	assert_has("\n33.000000000,gone_mod,0,0,0,1,0,\n");
	/* no formula, no line of its own */
	assert_has("\n33.500000000,\"'=cmd|\\x1b[31m'\\x0a\\xff,\"\"x\",17408,");
	assert_has_not("idle_mod");
	assert_int_equal(render(view_series_csv, fake_snapshot(),
				(struct export_opts){ .modules = "ext4" }), 0);
	assert_has_not("kmtest");
	assert_has("[total]");
}

/* The next varint at *@p. */
static uint64_t varint(const char **p)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	unsigned char c;

	do {
		c = (unsigned char)*(*p)++;
		value |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	} while (c & 0x80);
	return value;
}

struct counter {
	uint64_t track, ns, value;
};

/* One packet of "TracePacket packet = 1"; only counters are taken out of it. */
static bool read_counter(const char *p, const char *end, struct counter *c)
{
	bool counter = false;

	while (p < end) {
		uint64_t key = varint(&p), value = varint(&p);

		if (key == (8 << 3))
			c->ns = value;
		if ((key & 7) != 2)
			continue;
		for (const char *q = p; key == (11 << 3 | 2) && q < p + value; ) {
			uint64_t inner = varint(&q), number = varint(&q);

			if (inner == (9 << 3))
				counter = number == 4;
			if (inner == (11 << 3))
				c->track = number;
			if (inner == (30 << 3))
				c->value = number;
			if ((inner & 7) == 2)
				q += number;
		}
		p += value;
	}
	return counter;
}

/* Every bucket's ends and extremes are there, in order, and the exact peak. */
static void perfetto_counters(void **state)
{
	static const struct counter ext4[] = {
		{ 7, 33000000000, 0 }, { 7, 33499999999, 0 },
		{ 7, 33750000000, 2345678 }, { 7, 33999999999, 1300000 },
		{ 7, 34125000000, 1000 }, { 7, 34499999999, 1234567 },
	};
	const size_t n_ext4 = sizeof(ext4) / sizeof(ext4[0]);
	size_t n = 0, peaks = 0;
	const char *p, *end;

	(void)state;
	assert_int_equal(render(view_perfetto, fake_snapshot(), (struct export_opts){ 0 }), 0);
	p = shown;
	end = shown + shown_size;
	while (p < end) {
		struct counter c = { 0 };
		uint64_t key = varint(&p), len = varint(&p);

		assert_int_equal(key, 1 << 3 | 2);
		assert_true(len <= (uint64_t)(end - p));
		if (read_counter(p, p + len, &c) && c.track == 7) {
			assert_true(n < n_ext4);
			assert_int_equal(c.ns, ext4[n].ns);
			assert_int_equal(c.value, ext4[n].value);
			n++;
		}
		/* all modules at once */
		peaks += c.track == 2 && c.ns == 33700000000 && c.value == 2400000;
		p += len;
	}
	assert_int_equal(n, n_ext4);
	assert_int_equal(peaks, 1);
	assert_non_null(memmem(shown, shown_size, "load gone_mod", 13));
	assert_non_null(memmem(shown, shown_size, "1234 events lost", 16));
	assert_null(memmem(shown, shown_size, "\x1b[", 2));
}

/* ---- html ---------------------------------------------------------------- */

/* The data of the page, as its script reads them. */
static json_t *page_data(void)
{
	const char *start = strstr(shown, "<script type=\"application/json\" id=\"data\">");
	const char *end;
	json_t *data;

	assert_non_null(start);
	start = strchr(start, '>') + 1;
	end = strstr(start, "</script>");
	assert_non_null(end);
	/* nothing in it can end it, or begin a comment */
	assert_null(memchr(start, '<', (size_t)(end - start)));
	data = json_loadb(start, (size_t)(end - start), 0, NULL);
	assert_non_null(data);
	return data;
}

static json_t *get(json_t *data, const char *list, size_t i, const char *key)
{
	return json_object_get(json_array_get(json_object_get(data, list), i), key);
}

static void html_page(void **state)
{
	json_t *data, *series;

	(void)state;
	assert_int_equal(render(view_html, fake_snapshot(), (struct export_opts){ 0 }), 0);
	assert_int_equal(strncmp(shown, "<!DOCTYPE html>\n", 16), 0);
	assert_has("default-src 'none'; script-src 'sha256-");
	assert_has_not("@SCRIPT");
	/* nothing is loaded from anywhere */
	assert_has_not("src=");
	assert_has_not("<link");
	assert_has_not("url(");
	assert_has_not("@import");
	data = page_data();
	assert_int_equal(json_integer_value(get(data, "modules", 1, "peak")), 18560);
	assert_int_equal(json_integer_value(get(data, "modules", 1, "leaked")), 18112);
	assert_int_equal(json_integer_value(get(data, "modules", 1, "peak_time")), 260000123);
	assert_true(json_is_null(get(data, "modules", 2, "leaked")));
	assert_true(json_is_false(get(data, "modules", 4, "shown")));
	series = json_object_get(data, "series");
	assert_int_equal(json_array_size(json_object_get(series, "marks")), 3);
	assert_int_equal(json_array_size(json_object_get(series, "lost")), 2);
	assert_int_equal(json_array_size(json_object_get(series, "modules")), 3);
	assert_int_equal(json_array_size(json_object_get(data, "stacks")), 9);
	assert_true(json_array_size(json_object_get(data, "sentences")) > 10);
	json_decref(data);
}

/* The verdict and what to act on, in the report's words; no path of who made the page. */
static void html_head(void **state)
{
	struct snapshot snap = *fake_snapshot();
	json_t *data, *actions;
	char *all;

	(void)state;
	snap.file = "/home/somebody/trace.dat";
	assert_int_equal(render(view_html, &snap, (struct export_opts){ 0 }), 0);
	data = page_data();
	assert_string_equal(json_string_value(json_object_get(data, "grade")), "bad");
	actions = json_object_get(data, "actions");
	all = json_dumps(actions, 0);
	assert_non_null(all);
	assert_non_null(strstr(all, "Not good enough: 1234 events were lost."));
	assert_non_null(strstr(all, "Left behind by unloaded modules: "));
	assert_non_null(strstr(all, "Next: modmem report --by site --module "));
	assert_null(strstr(all, "/home"));
	/* an action is one line, however long */
	assert_null(strstr(all, "\"  "));
	free(all);
	json_decref(data);
}

/* Lines behind frames; of one function those of two lines are two. */
static void stack_lines(void **state)
{
	static const char *const frames[] = { "outer+0x10 [m]", "inner+0x20 [m]" };
	static const char *const first[] = { NULL, "/src/a;b.c:12" };
	static const char *const second[] = { "/src/\x1bx", "/src/a;b.c:13" };
	static struct snap_module modules[] = {
		{ .name = "m", .allocs = 2, .static_bytes = -1, .before_bytes = -1,
		  .leaked_bytes = -1, .peak_ns = -1 },
	};
	static struct snap_stack stacks[] = {
		{ .frames = frames, .sources = first, .n_frames = 2, .live_bytes = 5, .allocs = 1 },
		{ .frames = frames, .sources = second, .n_frames = 2, .live_bytes = 6,
		  .allocs = 1 },
	};
	struct snapshot snap = {
		.file = "x", .modules = modules, .n_modules = 1, .stacks = stacks, .n_stacks = 2,
	};
	json_t *data;

	(void)state;
	assert_int_equal(render(view_folded, &snap, (struct export_opts){ 0 }), 0);
	assert_string_equal(shown, "m;outer [m] /src/\\x1bx;inner [m] /src/a\\x3bb.c:13 6\n"
			    "m;outer [m];inner [m] /src/a\\x3bb.c:12 5\n");
	assert_int_equal(render(view_html, &snap, (struct export_opts){ 0 }), 0);
	data = page_data();
	assert_int_equal(json_array_size(json_object_get(data, "frames")), 4);
	json_decref(data);
}

static void html_hostile(void **state)
{
	static const char *const frames[] = { "</script><script>alert(1)</script> [<b>]", "" };
	static struct snap_module modules[] = {
		{ .name = "</script><!-- <script>alert(2)//\xff\x01", .allocs = 1,
		  .static_bytes = -1, .before_bytes = -1, .leaked_bytes = -1,
		  .live_bytes = UINT64_MAX,
		  .peak_ns = -1 },
	};
	static struct snap_stack stacks[] = {
		{ .frames = frames, .n_frames = 2, .live_bytes = 5, .allocs = 1 },
	};
	struct snapshot snap = {
		.file = "/x/<img src=x onerror=alert(3)>", .modules = modules, .n_modules = 1,
		.stacks = stacks, .n_stacks = 1,
	};
	json_t *data;

	(void)state;
	assert_int_equal(render(view_html, &snap, (struct export_opts){ 0 }), 0);
	data = page_data();
	assert_string_equal(json_string_value(get(data, "modules", 0, "name")),
			    "</script><!-- <script>alert(2)//\\xff\\x01");
	assert_string_equal(json_string_value(json_object_get(data, "file")),
			    "<img src=x onerror=alert(3)>");
	assert_true(json_is_null(json_object_get(data, "series")));
	json_decref(data);
}

static int cleanup(void **state)
{
	(void)state;
	free(shown);
	shown = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openmetrics_numbers),
		cmocka_unit_test(openmetrics_hostile),
		cmocka_unit_test(openmetrics_distinct),
		cmocka_unit_test(openmetrics_selected),
		cmocka_unit_test(folded_own),
		cmocka_unit_test(folded_metrics),
		cmocka_unit_test(folded_joined),
		cmocka_unit_test(frames_split),
		cmocka_unit_test(protobuf_encoding),
		cmocka_unit_test(pprof_packed),
		cmocka_unit_test(csv_series),
		cmocka_unit_test(perfetto_counters),
		cmocka_unit_test(html_page),
		cmocka_unit_test(html_head),
		cmocka_unit_test(stack_lines),
		cmocka_unit_test(html_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}
