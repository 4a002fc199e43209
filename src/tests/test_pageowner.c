// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pageowner.c - texts of page_owner of several kernels, whole and not
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "pageowner.h"
#include "replay.h"
#include "snapshot.h"

#define STACK								\
	" post_alloc_hook+0x4f/0x7a\n get_page_from_freelist+0x52/0x1a0\n"	\
	" __alloc_pages_noprof+0x12/0x300\n"

static int file_of(const char *text, size_t len)
{
	int fd = memfd_create("owner", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* What becomes of @text, which is read from a file or, if @pipe, behind a head. */
static void expect(const char *text, bool is_pipe, const char *want, uint64_t bad)
{
	struct pageowner owner;
	struct error err = { "" };
	char got[4096];
	size_t head = is_pipe ? strlen(text) / 2 : 0;
	int fds[2], fd, out;
	ssize_t n;

	if (is_pipe) {
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], text + head, strlen(text) - head),
				 strlen(text) - head);
		close(fds[1]);
		fd = fds[0];
	} else {
		fd = file_of(text, strlen(text));
	}
	out = pageowner_convert(fd, "x", text, head, NULL, &owner, &err);
	assert_true(out >= 0);
	n = read(out, got, sizeof(got) - 1);
	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, want);
	assert_int_equal(owner.bad, bad);
	close(out);
	close(fd);
}

static void by_time_whatever_the_order(void **state)
{
	static const char text[] =
		"Page allocated via order 1, mask 0x1(GFP), pid 7, tgid 7 (a b[)c), ts 2000000005 ns\n"
		"PFN 0x20 type Unmovable Block 8 type Unmovable Flags 0x0()\n"
		" f+0x1/0x9 [m]\n"
		"Charged to /x\n\n"
		"Page allocated via order 0, mask 0x1(GFP), pid 1, ts 5 ns, free_ts 0 ns\n"
		"PFN 16 Block 8 type Unmovable Flags 0x0()\n"
		" [<ffffffff81000000>] g+0x2/0x9\n"
		"Page has been migrated, last migrate reason: compaction\n\n";
	static const char want[] =
		"# tracer: nop\n"
		"           <...>-1       [000] .....     0.000000005: mm_page_alloc: pfn=0x10 order=0 migratetype=0 gfp_flags=0\n"
		"           <...>-1       [000] .....     0.000000005: <stack trace>\n"
		" => g+0x2/0x9\n"
		"          a_b__c-7       [000] .....     2.000000005: mm_page_alloc: pfn=0x20 order=1 migratetype=0 gfp_flags=0\n"
		"          a_b__c-7       [000] .....     2.000000005: <stack trace>\n"
		" => f+0x1/0x9 [m]\n";

	(void)state;
	assert_true(pageowner_is_text(text, sizeof(text) - 1));
	expect(text, false, want, 0);
	expect(text, true, want, 0);
}

#define BLOCK(task, time, pfn, order) \
	task " [000] ..... " time ": mm_page_alloc: pfn=" pfn " order=" order \
	" migratetype=0 gfp_flags=0\n" task " [000] ..... " time ": <stack trace>\n"

/* tools/mm/page_owner_sort: what is alike is there once */
static void sorted(void **state)
{
	static const char text[] =
		"2 times, 4 pages:\n"
		"Page allocated via order 1, mask 0x1(GFP), pid 7, tgid 7 (a), ts 2000000005 ns\n"
		" f+0x1/0x9 [m]\n"
		"Charged to /x\n\n"
		/* before 5.13 */
		"1 times:\n"
		"Page allocated via order 2, mask 0x1(GFP), pid 1, ts 5 ns\n"
		" g+0x2/0x9\n\n";
	static const char want[] =
		"# tracer: nop\n"
		BLOCK("           <...>-1      ", "    0.000000005", "0x100000", "2")
		" => g+0x2/0x9\n"
		BLOCK("               a-7      ", "    2.000000005", "0x100004", "1")
		" => f+0x1/0x9 [m]\n"
		BLOCK("               a-7      ", "    2.000000005", "0x100006", "1")
		" => f+0x1/0x9 [m]\n";

	(void)state;
	assert_true(pageowner_is_text(text, sizeof(text) - 1));
	expect(text, false, want, 0);
	expect(text, true, want, 0);
}

/* --cull=stacktrace and others: of which orders they were nothing says */
static void culled(void **state)
{
	static const char text[] =
		"2 times, 8 pages, PID 9, TGID 9, task_comm_name: a:\n"
		" f+0x1/0x9 [m]\n\n"
		"2 times, 6 pages, allocated by kernel:\n"
		" g+0x2/0x9\n\n"
		/* one page, then blocks that are aligned to their size */
		"1 times, 1 pages:\n\n"
		"2 times, 5 pages\n";
	static const char want[] =
		"# tracer: nop\n"
		BLOCK("           <...>-9      ", "    0.000000000", "0x100000", "2")
		" => f+0x1/0x9 [m]\n"
		BLOCK("           <...>-9      ", "    0.000000000", "0x100004", "2")
		" => f+0x1/0x9 [m]\n"
		BLOCK("           <...>-0      ", "    0.000000000", "0x100008", "2")
		" => g+0x2/0x9\n"
		BLOCK("           <...>-0      ", "    0.000000000", "0x10000c", "1")
		" => g+0x2/0x9\n"
		BLOCK("           <...>-0      ", "    0.000000000", "0x10000e", "0")
		BLOCK("           <...>-0      ", "    0.000000000", "0x100010", "2")
		BLOCK("           <...>-0      ", "    0.000000000", "0x100014", "0");

	(void)state;
	assert_true(pageowner_is_text(text, sizeof(text) - 1));
	expect(text, false, want, 0);
}

static void not_whole(void **state)
{
	static const char first[] = "# tracer: nop\n";

	(void)state;
	expect("Page allocated via order 0, mask 0x1(GFP), pid 1, ts 5 ns\n", false, first, 1);
	expect("Page allocated via order 0, mask 0x1(GFP), pid 1, ts 5 ns\nPFN", false, first, 1);
	expect("Page allocated via order 99, ts 5 ns\nPFN 0x1\n", false, first, 1);
	expect("Page allocated via order x\nPFN 0x1\n", false, first, 1);
	expect("Page allocated via order 0\nPFN 99999999999999999999999\n", false, first, 1);
	expect("0 times, 4 pages:\n", false, first, 0);
	expect("2 times, 4 pages:\nPage allocated via order 2\n", false, first, 1);
	expect("2 times, 4 pages:\nPage allocated via order x\n", false, first, 1);
	/* more than any machine has */
	expect("1048577 times:\nPage allocated via order 16\n f+0x1/0x9\n", false, first, 1);
	expect("68719476736 times:\nPage allocated via order 0\n f+0x1/0x9\n", false, first, 1);
	expect("2 times:\nPage allocated via order 17\n f+0x1/0x9\n", false, first, 1);
	expect("99999999999 times:\nPage allocated via order 8\n", false, first, 1);
	expect("2 times:\n f+0x1/0x9\n", false, first, 1);
	assert_false(pageowner_is_text("2 times:\n", 9));
	assert_false(pageowner_is_text("x2 times, 4 pages\n", 18));
	assert_false(pageowner_is_text("2 times, 99999999999999999999 pages\n", 36));
	assert_false(pageowner_is_text("Page allocated", 14));
	assert_false(pageowner_is_text("\0\0", 2));
	assert_false(pageowner_is_text("x Page allocated via order 0\n", 29));
}

static struct snapshot *report(const char *text, size_t len, struct replay_opts *opts)
{
	struct error err = { "" };
	struct snapshot *snap;
	char path[64];
	int fd = file_of(text, len);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opts->path = path;
	opts->from = opts->to = REPLAY_NO_TIME;
	opts->check = true;
	snap = replay(opts, &err);
	close(fd);
	return snap;
}

static const struct snap_module *find(const struct snapshot *snap, const char *name)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, name))
			return &snap->modules[i];
	fail_msg("no module %s", name);
	return NULL;
}

static void pages_by_module(void **state)
{
	static const char text[] =
		"Page allocated via order 2, mask 0x1(GFP), pid 1, tgid 1 (a), ts 9 ns\nPFN 0x100 type\n"
		STACK " do_pages+0x1/0x9 [km_a]\n\n"
		"Page allocated via order 0, mask 0x1(GFP), pid 1, tgid 1 (a), ts 5 ns\nPFN 0x200 type\n"
		STACK " __vmalloc_node_range_noprof+0x1/0x9\n vmalloc_noprof+0x1/0x9\n"
		" do_vmalloc+0x1/0x9 [km_a]\n\n"
		"Page allocated via order 3, mask 0x1(GFP), pid 1, tgid 1 (a), ts 5 ns\nPFN 0x208 type\n"
		STACK " allocate_slab+0x1/0x9\n ___slab_alloc+0x1/0x9\n"
		" kmem_cache_alloc_noprof+0x1/0x9\n do_cache+0x1/0x9 [km_b]\n\n"
		"Page allocated via order 0, mask 0x1(GFP), pid 1, tgid 1 (a), ts 6 ns\nPFN 0x300 type\n"
		STACK " alloc_skb+0x1/0x9\n do_skb+0x1/0x9 [km_b]\n\n"
		"Page allocated via order 0, mask 0x1(GFP), pid 1, tgid 1 (a), ts 7 ns\nPFN 0x400 type\n"
		STACK " 0xffffffffc0123456\n vfs_write+0x1/0x9\n";
	struct replay_opts opts = { .page_owner = true }, other = { .page_owner = true };
	struct snapshot *snap = report(text, sizeof(text) - 1, &opts);

	(void)state;
	assert_non_null(snap);
	assert_int_equal(snap->made_by, RECORDER_PAGE_OWNER);
	assert_int_equal(find(snap, "km_a")->live[KIND_PAGES].bytes, 4 * 4096);
	assert_int_equal(find(snap, "km_a")->live[KIND_VMALLOC].bytes, 4096);
	assert_int_equal(find(snap, "km_b")->live_bytes, 0);
	assert_int_equal(find(snap, "km_b")->induced_bytes, 4096);
	assert_int_equal(find(snap, "km_b")->overhead[OVERHEAD_SLAB_PAGES].bytes, 8 * 4096);
	assert_int_equal(find(snap, "[unknown]")->live_bytes, 4096);
	/* all of it is there: it was when it was read */
	for (size_t i = 0; i < snap->n_modules; i++)
		assert_int_equal(snap->modules[i].uncertain_bytes, 0);
	snapshot_free(snap);

	/* cut off between lines nobody can tell; in the middle of an entry, that is said */
	snap = report(text, (size_t)(strstr(text, " do_vmalloc") - text), &opts);
	assert_non_null(snap);
	assert_true(snap->coverage.trusted);
	snapshot_free(snap);
	snap = report(text, (size_t)(strstr(text, "PFN 0x400") - text) + 3, &opts);
	assert_non_null(snap);
	assert_false(snap->coverage.trusted);
	snapshot_free(snap);

	assert_null(report("kfree: x\n", 9, &other));
}

/* As many bytes and blocks as there were; of too many blocks the bytes alone. */
static void sorted_by_module(void **state)
{
	static const char text[] =
		"3 times, 12 pages:\n"
		"Page allocated via order 2, mask 0x1(GFP), pid 1, tgid 1 (a), ts 9 ns\n"
		STACK " do_pages+0x1/0x9 [km_a]\n\n"
		"9000001 times, 9000001 pages:\n"
		"Page allocated via order 0, mask 0x1(GFP), pid 1, tgid 1 (a), ts 9 ns\n"
		STACK " do_pages+0x1/0x9 [km_b]\n\n"
		"2 times, 3 pages:\n"
		STACK " do_pages+0x1/0x9 [km_c]\n\n";
	struct replay_opts opts = { .page_owner = true };
	struct snapshot *snap = report(text, sizeof(text) - 1, &opts);

	(void)state;
	assert_non_null(snap);
	assert_int_equal(find(snap, "km_a")->live[KIND_PAGES].bytes, 12 * 4096);
	assert_int_equal(find(snap, "km_a")->allocs, 3);
	assert_int_equal(find(snap, "km_b")->live[KIND_PAGES].bytes, 9000001 * UINT64_C(4096));
	assert_int_equal(find(snap, "km_c")->live[KIND_PAGES].bytes, 3 * 4096);
	assert_non_null(strstr(snap->coverage.notes[0], "2 entries of page_owner_sort"));
	snapshot_free(snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_time_whatever_the_order),
		cmocka_unit_test(sorted),
		cmocka_unit_test(culled),
		cmocka_unit_test(not_whole),
		cmocka_unit_test(pages_by_module),
		cmocka_unit_test(sorted_by_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
