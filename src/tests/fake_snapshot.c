// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_snapshot.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum { KERNEL, KMTEST, EXT4, HOSTILE, IDLE, GONE };

static struct snap_site kernel_sites[] = {
	{
		.function = "alloc_inode", .offset = 0x5a, .kind = KIND_SLAB,
		.charge = CHARGE_OWN, .via = "kmem_cache_alloc",
		.live_bytes = 1048576, .requested_bytes = 1000000,
		.live_objects = 1000, .allocs = 1500, .frees = 500,
		.peak_bytes = 1200000, .allocated_bytes = 1572864, .uncertain_bytes = 4096,
		.oldest_ns = 33000000001,
	},
};

static struct snap_site kmtest_sites[] = {
	{
		.function = "family_kmalloc", .offset = 0x11c,
		.source = "kmtest.c:42", .kind = KIND_SLAB,
		.charge = CHARGE_OWN, .via = "kmalloc",
		.live_bytes = 1472, .requested_bytes = 1400, .live_objects = 4,
		.allocs = 5, .frees = 1, .peak_bytes = 1472, .allocated_bytes = 1728,
		.oldest_ns = 33250000000,
	}, {
		.function = "family_kmalloc", .offset = 0x140,
		.kind = KIND_PAGES, .charge = CHARGE_OWN, .via = "kmalloc",
		.live_bytes = 16384, .requested_bytes = 8193,
		.live_objects = 1, .allocs = 1, .peak_bytes = 16384,
		.allocated_bytes = 16384,
		.oldest_ns = 33250001000,
	}, {
		.function = NULL, .offset = 0x3c, .kind = KIND_PERCPU,
		.charge = CHARGE_OWN, .via = "__alloc_percpu",
		.live_bytes = 256, .requested_bytes = 64, .live_objects = 1,
		.allocs = 1, .peak_bytes = 256,
		.allocated_bytes = 256, .oldest_ns = 33260000000,
	}, {
		.function = "family_done", .offset = 0x8, .kind = KIND_SLAB,
		.charge = CHARGE_OWN, .via = "kstrdup",
		.allocs = 7, .frees = 7, .peak_bytes = 448,
		.allocated_bytes = 448,
		.oldest_ns = -1,
	},
};

static struct snap_site ext4_sites[] = {
	{
		.function = "ext4_da_write_begin", .offset = 0x1f4,
		.kind = KIND_PAGES, .charge = CHARGE_INDUCED,
		.via = "__filemap_get_folio",
		.live_bytes = 104857600, .requested_bytes = 104857600,
		.live_objects = 25600, .allocs = 30000, .frees = 4400,
		.peak_bytes = 104857600, .allocated_bytes = 122880000,
		.oldest_ns = 33300000000,
	}, {
		.function = "ext4_alloc_inode", .offset = 0x23,
		.kind = KIND_SLAB, .charge = CHARGE_OWN,
		.via = "kmem_cache_alloc_lru",
		.live_bytes = 1234567, .requested_bytes = 1200000,
		.live_objects = 1100, .allocs = 1234567, .frees = 1233467,
		.peak_bytes = 2345678,
		.allocated_bytes = 1300000000, .evicted_bytes = 65433,
		.uncertain_bytes = 12288, .oldest_ns = 33300000500,
	},
};

static struct snap_site hostile_sites[] = {
	{
		.function = HOSTILE_NAME, .offset = 0x1, .source = "@sum(1)",
		.kind = KIND_VMALLOC, .charge = CHARGE_OWN, .via = "\tvmalloc",
		.live_bytes = 17408, .requested_bytes = 17408,
		.live_objects = 1, .allocs = 1, .peak_bytes = 17408,
		.allocated_bytes = 17408,
		.oldest_ns = 33300000000,
	},
};

static struct snap_cache ext4_caches[] = {
	{
		.name = "ext4_inode_cache", .object_size = 1096,
		.objects = 1100, .bytes = 1234567, .allocs = 1234567,
		.frees = 1233467, .evicted = 3, .slabs = 38,
		.slab_bytes = 1245184, .slots = 1102, .used = 1100, .free_blind = true,
	},
};

static struct snap_cache kmtest_caches[] = {
	{
		.name = "lsm_inode_cache", .object_size = 32, .objects = 2,
		.bytes = 64, .allocs = 2, .slabs = 1, .slab_bytes = 4096,
		.slots = 128, .used = 100,
	}, {
		.name = HOSTILE_NAME, .object_size = 512, .objects = 2,
		.bytes = 1024, .allocs = 3, .frees = 1, .used = -1,
	}, {
		.name = NULL, .object_size = 192, .objects = 2,
		.bytes = 384, .allocs = 2,
	},
};

static struct snap_module modules[] = {
	[KERNEL] = {
		.name = "[kernel]", .state = MODULE_KERNEL, .static_bytes = -1,
		.live[KIND_SLAB] = { 1048576, 1000000, 1000 },
		.live_bytes = 1048576, .uncertain_bytes = 4096,
		.overhead[OVERHEAD_SLAB_PAGES] = { 1114112, 1114112, 34 },
		.overhead_bytes = 1114112,
		.peak_bytes = 1200000, .peak_ns = 34000000000,
		.allocated_bytes = 1572864, .freed_bytes = 524288,
		.allocs = 1500, .frees = 500, .before_bytes = -1, .leaked_bytes = -1,
		.sites = kernel_sites, .n_sites = N(kernel_sites),
	},
	[KMTEST] = {
		.name = "kmtest", .state = MODULE_UNLOADED,
		.static_bytes = 40960,
		.live[KIND_SLAB] = { 1472, 1400, 4 },
		.live[KIND_PAGES] = { 16384, 8193, 1 },
		.live[KIND_PERCPU] = { 256, 64, 1 },
		.live_bytes = 18112,
		.overhead[OVERHEAD_SLAB_PAGES] = { 4096, 4096, 1 },
		.overhead_bytes = 4096,
		.peak_bytes = 18560, .peak_ns = 33260000123,
		.allocated_bytes = 18816, .freed_bytes = 704,
		.allocs = 14, .frees = 8, .failed = 1, .before_bytes = -1, .leaked_bytes = 18112,
		.sites = kmtest_sites, .n_sites = N(kmtest_sites),
		.caches = kmtest_caches, .n_caches = N(kmtest_caches),
	},
	[EXT4] = {
		.name = "ext4", .state = MODULE_LOADED, .static_bytes = 1118208,
		.live[KIND_SLAB] = { 1234567, 1200000, 1100 },
		.live_bytes = 1234567,
		.induced[KIND_PAGES] = { 104857600, 104857600, 25600 },
		.induced_bytes = 104857600, .uncertain_bytes = 12288,
		.overhead[OVERHEAD_SLAB_PAGES] = { 1245184, 1245184, 38 },
		.overhead[OVERHEAD_SHEAVES] = { 1024, 1024, 2 },
		.overhead_bytes = 1246208,
		.peak_bytes = 2345678, .peak_ns = 34250000000,
		.allocated_bytes = 1300000000, .freed_bytes = 1298700000,
		.evicted_bytes = 65433, .allocs = 1234567, .frees = 1233467,
		.before_bytes = -1, .leaked_bytes = -1,
		.sites = ext4_sites, .n_sites = N(ext4_sites),
		.caches = ext4_caches, .n_caches = N(ext4_caches),
	},
	[HOSTILE] = {
		.name = HOSTILE_NAME, .state = MODULE_LOADED,
		.static_bytes = -1,
		.live[KIND_VMALLOC] = { 17408, 17408, 1 },
		.live_bytes = 17408,
		.peak_bytes = 17408, .peak_ns = 33300000000,
		.allocated_bytes = 17408, .allocs = 1, .before_bytes = -1, .leaked_bytes = -1,
		.sites = hostile_sites, .n_sites = N(hostile_sites),
	},
	[IDLE] = {
		.name = "idle_mod", .state = MODULE_LOADED,
		.static_bytes = 20480, .peak_ns = -1, .before_bytes = -1, .leaked_bytes = -1,
	},
	[GONE] = {
		.name = "gone_mod", .state = MODULE_UNLOADED,
		.static_bytes = -1, .peak_bytes = 64, .peak_ns = 33100000000,
		.allocated_bytes = 64, .freed_bytes = 64, .allocs = 1,
		.frees = 1, .before_bytes = -1, .leaked_bytes = 0,
	},
};

#define INSMOD "entry_SYSCALL_64_after_hwframe", "do_syscall_64", \
	"__do_sys_finit_module", "do_one_initcall"

static const char *const kmalloc_frames[] = {
	INSMOD, "kmtest_init [kmtest]", "family_kmalloc [kmtest]", "__kmalloc",
};

static const char *const large_frames[] = {
	INSMOD, "kmtest_init [kmtest]", "family_kmalloc [kmtest]",
	"kmalloc_large", "__alloc_pages",
};

static const char *const percpu_frames[] = {
	INSMOD, "kmtest_init [kmtest]", "?+0xabc",
	"__alloc_percpu", "pcpu_alloc",
};

static const char *const done_frames[] = {
	INSMOD, "kmtest_init [kmtest]", "family_done [kmtest]", "kstrdup",
};

static const char *const slab_frames[] = {
	INSMOD, "kmtest_init [kmtest]", "family_kmalloc [kmtest]", "__kmalloc",
	"new_slab", "__alloc_pages",
};

static const char *const write_frames[] = {
	"entry_SYSCALL_64_after_hwframe", "do_syscall_64", "ksys_write",
	"ext4_da_write_begin [ext4]", "__filemap_get_folio", "__alloc_pages",
};

static const char *const inode_frames[] = {
	"entry_SYSCALL_64_after_hwframe", "do_syscall_64", "do_sys_openat2",
	"ext4_create [ext4]", "ext4_alloc_inode [ext4]",
	"kmem_cache_alloc_lru",
};

static const char *const hostile_frames[] = { "kthread", HOSTILE_NAME };

static const char *const kernel_frames[] = {
	"entry_SYSCALL_64_after_hwframe", "do_syscall_64", "alloc_inode",
};

#define FRAMES(array) .frames = (array), .n_frames = N(array)

static struct snap_stack stacks[] = {
	{ .module = EXT4, .charge = CHARGE_INDUCED, .kind = KIND_PAGES,
	  FRAMES(write_frames), .live_bytes = 104857600, .live_objects = 25600,
	  .allocated_bytes = 122880000, .allocs = 30000, .frees = 4400 },
	{ .module = EXT4, .charge = CHARGE_OWN, .kind = KIND_SLAB,
	  FRAMES(inode_frames), .live_bytes = 1234567, .live_objects = 1100,
	  .peak_bytes = 2345678, .n_allocator = 1,
	  .allocated_bytes = 1300000000, .allocs = 1234567, .frees = 1233467 },
	{ .module = KERNEL, .charge = CHARGE_OWN, .kind = KIND_SLAB,
	  FRAMES(kernel_frames), .live_bytes = 1048576, .live_objects = 1000,
	  .allocated_bytes = 1572864, .allocs = 1500, .frees = 500 },
	{ .module = HOSTILE, .charge = CHARGE_OWN, .kind = KIND_VMALLOC,
	  FRAMES(hostile_frames), .live_bytes = 17408, .live_objects = 1,
	  .allocated_bytes = 17408, .allocs = 1 },
	{ .module = KMTEST, .charge = CHARGE_OWN, .kind = KIND_PAGES,
	  FRAMES(large_frames), .live_bytes = 16384, .live_objects = 1,
	  .allocated_bytes = 16384, .allocs = 1 },
	{ .module = KMTEST, .charge = CHARGE_OVERHEAD, .kind = KIND_PAGES,
	  .overhead = OVERHEAD_SLAB_PAGES, FRAMES(slab_frames),
	  .live_bytes = 4096, .live_objects = 1, .allocated_bytes = 4096,
	  .allocs = 1 },
	{ .module = KMTEST, .charge = CHARGE_OWN, .kind = KIND_SLAB,
	  FRAMES(kmalloc_frames), .live_bytes = 1472, .live_objects = 4,
	  .peak_bytes = 1920, .n_allocator = 1,
	  .allocated_bytes = 1728, .allocs = 5, .frees = 1 },
	{ .module = KMTEST, .charge = CHARGE_OWN, .kind = KIND_PERCPU,
	  FRAMES(percpu_frames), .live_bytes = 256, .live_objects = 1,
	  .allocated_bytes = 256, .allocs = 1 },
	{ .module = KMTEST, .charge = CHARGE_OWN, .kind = KIND_SLAB,
	  FRAMES(done_frames), .allocated_bytes = 448, .allocs = 7,
	  .frees = 7 },
};

static struct snap_task tasks[] = {
	{ .pid = 1234, .comm = "insmod", .module = KMTEST,
	  .live = { 1472, 16384, 0, 256, 0 }, .live_bytes = 18112,
	  .allocs = 14, .frees = 8 },
	{ .pid = 77, .comm = HOSTILE_NAME, .module = EXT4,
	  .live = { 1234567, 0, 0, 0, 0 }, .live_bytes = 1234567,
	  .induced_bytes = 104857600, .allocs = 1234567, .frees = 1233467 },
	{ .pid = -1, .comm = NULL, .module = GONE, .allocs = 1, .frees = 1 },
};

static const struct snap_missed missed[] = {
	{ .path = "dma_pool_alloc", .missed = 4, .calls = 986 },
};

static const struct snap_lost_cpu lost[] = {
	{ .buffer = "", .cpu = 0, .lost = 1000 },
	{ .buffer = HOSTILE_NAME, .cpu = 3, .lost = 234, .at_least = true },
};

static const char *const blind[] = {
	"kmem_cache_alloc_bulk", "kmem_cache_free_bulk", "kvfree_rcu",
	"alloc_pages_bulk", HOSTILE_NAME,
};

static const char *const covered[] = { "kmalloc" };

static const char *const notes[] = {
	"The recording has no module_load events: modules that came and went in it are not known by name.",
};

static const char *const distrust[] = {
	"1234 events were lost", "no stacks were recorded",
};

#define BUCKETS 4

static const struct snap_point total_points[BUCKETS] = {
	{ 0, 1024, 1024 }, { 1024, 2400000, 2300000 },
	{ 2200000, 2345678, 2318663 }, { 2318663, 2318663, 2318663 },
};

static const struct snap_point kmtest_points[BUCKETS] = {
	{ 0, 64, 64 }, { 64, 18560, 18112 }, { 18112, 18112, 18112 },
	{ 18112, 18112, 18112 },
};

/* there and gone within one bucket, twice */
static const struct snap_point ext4_points[BUCKETS] = {
	{ 0, 0, 0 }, { 0, 2345678, 1300000 }, { 1000, 1300000, 1234567 },
	{ 1234567, 1234567, 1234567 },
};

static const struct snap_point hostile_points[BUCKETS] = {
	{ 0, 0, 0 }, { 17408, 17408, 17408 }, { 17408, 17408, 17408 },
	{ 17408, 17408, 17408 },
};

static const struct snap_point *lines[N(modules)] = {
	[KMTEST] = kmtest_points,
	[EXT4] = ext4_points,
	[HOSTILE] = hostile_points,
};

static const struct snap_mark marks[] = {
	{ .ns = 33100000000, .module = GONE, .load = true },
	{ .ns = 33200000000, .module = HOSTILE, .load = true },
	{ .ns = 34400000000, .module = KMTEST, .load = false },
};

static const uint64_t lost_in[BUCKETS] = { 0, 1234, 0, UINT64_MAX };

static struct snap_series series = {
	.start_ns = 33000000000,
	.bucket_ns = 500000000,
	.n_buckets = BUCKETS,
	.total = total_points,
	.modules = lines,
	.peak_bytes = 2400000,
	.peak_ns = 33700000000,
	.lost = lost_in,
	.marks = marks,
	.n_marks = N(marks),
	.marks_left_out = 7,
};

static struct snapshot full = {
	.file = "dir/trace.dat",
	.kernel = "6.1.0-18-amd64",
	.arch = "x86_64",
	.clock = "mono",
	.clock_is_ns = true,
	.long_bits = 64,
	.page_size = 4096,
	.cpus = 4,
	.start_ns = 33000000000,
	.end_ns = 34500000000,
	.recorded = 1780000000,
	.attribute = "own",
	.modules = modules,
	.n_modules = N(modules),
	.stacks = stacks,
	.n_stacks = N(stacks),
	.tasks = tasks,
	.n_tasks = N(tasks),
	.series = &series,
	.live_bytes = 1048576 + 18112 + 1234567 + 17408,
	.induced_bytes = 104857600,
	.overhead_bytes = 1114112 + 4096 + 1246208,
	.allocs = 1236083,
	.frees = 1233976,
	.coverage = {
		.records = 5000000, .events = 2470059, .verified = "none",
		.lost_events = 1234, .lost_unknown = true,
		.lost_by_cpu = lost, .n_lost_by_cpu = N(lost),
		.unmatched_frees = 460, .unmatched_slab = 400,
		.unmatched_pages = 60, .unmatched_vmalloc_pages = 10,
		.unmatched_cma_pages = 5,
		.evicted = 3, .reordered = 2, .unpaired_stacks = 1,
		.events_without_stack = 12, .unknown_addresses = 4,
		.interrupt_cuts = 1364, .init_text_guarded = 1,
		.malformed = 1, .duplicate_buffer_events = 20,
		.blind = blind, .n_blind = N(blind),
		.unseen = blind, .n_unseen = N(blind),
		.missed = (struct snap_missed *)missed, .n_missed = N(missed),
		.covered = covered, .n_covered = N(covered),
		.notes = notes, .n_notes = N(notes),
		.distrust = distrust, .n_distrust = N(distrust),
	},
};

static struct snap_module lone_kernel[] = {
	{ .name = "[kernel]", .state = MODULE_KERNEL, .static_bytes = -1,
	  .peak_ns = -1, .before_bytes = -1, .leaked_bytes = -1 },
};

static struct snapshot empty = {
	.file = "empty.dat",
	.page_size = 4096,
	.cpus = 1,
	.recorded = -1,
	.modules = lone_kernel,
	.n_modules = N(lone_kernel),
	.coverage = { .records = 3, .verified = "none", .trusted = true },
};

struct snapshot *fake_snapshot(void)
{
	return &full;
}

struct snapshot *fake_empty_snapshot(void)
{
	return &empty;
}
