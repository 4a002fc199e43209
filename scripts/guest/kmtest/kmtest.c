// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmtest - allocate with every allocation API of the kernel, and keep books
 *
 * One command word per write to /proc/kmtest: a family name allocates what the
 * family stands for, undo_<family> frees it again; "all" and "free_all" do so
 * for every family but leak, spin and init. Reading /proc/kmtest prints what
 * the module holds, as the module itself knows it.
 *
 * Every family has a function of its own, do_<family>(), that is never inlined
 * and makes the allocations itself, so that it is the first frame outside the
 * allocator.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/platform_device.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#define BULK_OBJECTS	20
#define RCU_OBJECTS	40
#define LEAK_OBJECTS	10
#define MAX_SLOTS	160

static bool init_alloc;
module_param(init_alloc, bool, 0444);
MODULE_PARM_DESC(init_alloc, "allocate from an __init function, keep it until exit");

static bool noclean;
module_param(noclean, bool, 0644);
MODULE_PARM_DESC(noclean, "free nothing when the module is removed");

static bool merge;
module_param(merge, bool, 0444);
MODULE_PARM_DESC(merge, "let kmtest_cache be merged with other caches");

enum kind { SLAB, PAGES, VMALLOC, PERCPU, DMA, META, NR_KINDS };

static const char * const kind_names[NR_KINDS] = {
	[SLAB]		= "slab",
	[PAGES]		= "pages",
	[VMALLOC]	= "vmalloc",
	[PERCPU]	= "percpu",
	[DMA]		= "dma",
	/* slab objects that the allocator itself makes for its caller */
	[META]		= "slab_meta",
};

enum family_id {
	F_KMALLOC, F_KREALLOC, F_KMALLOC_NODE, F_CACHE, F_CACHE_NODE, F_BULK,
	F_BUDDY, F_PERCPU, F_MEMPOOL, F_VMALLOC, F_DMA, F_DUP, F_RCU, F_DEVM,
	F_PARTIAL, F_WORK, F_LEAK, F_INIT, NR_FAMILIES
};

struct slot {
	unsigned char	family;
	unsigned char	kind;
	bool		used;
	size_t		requested;
	size_t		bytes;
};

struct kmtest_obj {			/* 28 bytes, 32 in the cache */
	u32 word[7];
};

struct kmtest_rcu_obj {
	struct rcu_head	rcu;
	char		data[120 - sizeof(struct rcu_head)];
};

static DEFINE_MUTEX(kmtest_lock);
static struct slot slots[MAX_SLOTS];
static struct kmem_cache *kmtest_cache;
static struct platform_device *kmtest_pdev;

/* ---- books ------------------------------------------------------------ */

static void note(enum family_id family, enum kind kind, size_t requested,
		 size_t bytes)
{
	int i;

	for (i = 0; i < MAX_SLOTS; i++) {
		if (slots[i].used)
			continue;
		slots[i].used = true;
		slots[i].family = family;
		slots[i].kind = kind;
		slots[i].requested = requested;
		slots[i].bytes = bytes;
		return;
	}
	pr_err("kmtest: the books are full\n");
}

static void forget(enum family_id family)
{
	int i;

	for (i = 0; i < MAX_SLOTS; i++)
		if (slots[i].used && slots[i].family == family)
			slots[i].used = false;
}

/* memory from kmalloc(): what is too large for a slab comes as pages */
static void note_kmalloc(enum family_id family, const void *p, size_t requested)
{
	size_t bytes = p ? ksize(p) : 0;

	if (!p)
		return;
	note(family, bytes > KMALLOC_MAX_CACHE_SIZE ? PAGES : SLAB, requested,
	     bytes);
}

static void note_kvmalloc(enum family_id family, const void *p, size_t requested)
{
	if (p && is_vmalloc_addr(p))
		note(family, VMALLOC, requested, PAGE_ALIGN(requested));
	else
		note_kmalloc(family, p, requested);
}

static void note_pages(enum family_id family, const void *p, size_t requested,
		       unsigned long pages)
{
	if (p)
		note(family, PAGES, requested, pages * PAGE_SIZE);
}

/* ---- kmalloc ---------------------------------------------------------- */

static void *kmalloc_p[5];

static noinline int do_kmalloc(void)
{
	kmalloc_p[0] = kmalloc(250, GFP_KERNEL);
	kmalloc_p[1] = kzalloc(190, GFP_KERNEL);
	kmalloc_p[2] = kcalloc(10, 50, GFP_KERNEL);
	kmalloc_p[3] = kmalloc_array(8, 64, GFP_KERNEL);
	kmalloc_p[4] = kmalloc(8193, GFP_KERNEL);
	note_kmalloc(F_KMALLOC, kmalloc_p[0], 250);
	note_kmalloc(F_KMALLOC, kmalloc_p[1], 190);
	note_kmalloc(F_KMALLOC, kmalloc_p[2], 500);
	note_kmalloc(F_KMALLOC, kmalloc_p[3], 512);
	note_kmalloc(F_KMALLOC, kmalloc_p[4], 8193);
	return 0;
}

static noinline void undo_kmalloc(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kmalloc_p); i++)
		kfree(kmalloc_p[i]);
}

/* ---- krealloc --------------------------------------------------------- */

static void *krealloc_p;

static noinline int do_krealloc(void)
{
	void *old = kmalloc(100, GFP_KERNEL);

	krealloc_p = krealloc(old, 8193, GFP_KERNEL);
	if (!krealloc_p) {
		kfree(old);
		return -ENOMEM;
	}
	note_kmalloc(F_KREALLOC, krealloc_p, 8193);
	return 0;
}

static noinline void undo_krealloc(void)
{
	kfree(krealloc_p);
}

/* ---- kmalloc_node ----------------------------------------------------- */

static void *kmalloc_node_p[5];

static noinline int do_kmalloc_node(void)
{
	int node = numa_node_id();

	kmalloc_node_p[0] = kmalloc_node(30, GFP_KERNEL, node);
	kmalloc_node_p[1] = kzalloc_node(32, GFP_KERNEL, node);
	kmalloc_node_p[2] = kmalloc_array_node(3, 32, GFP_KERNEL, node);
	kmalloc_node_p[3] = kmalloc_node(1024, GFP_KERNEL, node);
	kmalloc_node_p[4] = kcalloc_node(4, 32, GFP_KERNEL, node);
	note_kmalloc(F_KMALLOC_NODE, kmalloc_node_p[0], 30);
	note_kmalloc(F_KMALLOC_NODE, kmalloc_node_p[1], 32);
	note_kmalloc(F_KMALLOC_NODE, kmalloc_node_p[2], 96);
	note_kmalloc(F_KMALLOC_NODE, kmalloc_node_p[3], 1024);
	note_kmalloc(F_KMALLOC_NODE, kmalloc_node_p[4], 128);
	return 0;
}

static noinline void undo_kmalloc_node(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kmalloc_node_p); i++)
		kfree(kmalloc_node_p[i]);
}

/* ---- a cache of our own ----------------------------------------------- */

static void *cache_p[2];

static noinline int do_cache(void)
{
	cache_p[0] = kmem_cache_alloc(kmtest_cache, GFP_KERNEL);
	cache_p[1] = kmem_cache_zalloc(kmtest_cache, GFP_KERNEL);
	note_kmalloc(F_CACHE, cache_p[0], sizeof(struct kmtest_obj));
	note_kmalloc(F_CACHE, cache_p[1], sizeof(struct kmtest_obj));
	return 0;
}

static noinline void undo_cache(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(cache_p); i++)
		if (cache_p[i])
			kmem_cache_free(kmtest_cache, cache_p[i]);
}

static void *cache_node_p;

static noinline int do_cache_node(void)
{
	cache_node_p = kmem_cache_alloc_node(kmtest_cache, GFP_KERNEL,
					     numa_node_id());
	note_kmalloc(F_CACHE_NODE, cache_node_p, sizeof(struct kmtest_obj));
	return 0;
}

static noinline void undo_cache_node(void)
{
	if (cache_node_p)
		kmem_cache_free(kmtest_cache, cache_node_p);
}

static void *bulk_p[BULK_OBJECTS];

static noinline int do_bulk(void)
{
	int i;

	if (!kmem_cache_alloc_bulk(kmtest_cache, GFP_KERNEL, BULK_OBJECTS,
				   bulk_p))
		return -ENOMEM;
	for (i = 0; i < BULK_OBJECTS; i++)
		note_kmalloc(F_BULK, bulk_p[i], sizeof(struct kmtest_obj));
	return 0;
}

static noinline void undo_bulk(void)
{
	kmem_cache_free_bulk(kmtest_cache, BULK_OBJECTS, bulk_p);
}

/* ---- pages ------------------------------------------------------------ */

static struct page *buddy_page[2];
static unsigned long buddy_addr[2];
static void *buddy_exact;

static noinline int do_buddy(void)
{
	buddy_page[0] = alloc_pages(GFP_KERNEL, 4);
	buddy_page[1] = alloc_pages_node(numa_node_id(), GFP_KERNEL, 3);
	buddy_addr[0] = get_zeroed_page(GFP_KERNEL);
	buddy_addr[1] = __get_free_pages(GFP_KERNEL, 2);
	buddy_exact = alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
	note_pages(F_BUDDY, buddy_page[0], 16 * PAGE_SIZE, 16);
	note_pages(F_BUDDY, buddy_page[1], 8 * PAGE_SIZE, 8);
	note_pages(F_BUDDY, (void *)buddy_addr[0], PAGE_SIZE, 1);
	note_pages(F_BUDDY, (void *)buddy_addr[1], 4 * PAGE_SIZE, 4);
	note_pages(F_BUDDY, buddy_exact, 3 * PAGE_SIZE, 3);
	return 0;
}

static noinline void undo_buddy(void)
{
	if (buddy_page[0])
		__free_pages(buddy_page[0], 4);
	if (buddy_page[1])
		__free_pages(buddy_page[1], 3);
	free_page(buddy_addr[0]);
	free_pages(buddy_addr[1], 2);
	if (buddy_exact)
		free_pages_exact(buddy_exact, 3 * PAGE_SIZE);
}

/* a block of eight pages that is split, three of them are freed at once */
static struct page *partial_page;

static noinline int do_partial(void)
{
	int i;

	partial_page = alloc_pages(GFP_KERNEL, 3);
	if (!partial_page)
		return -ENOMEM;
	split_page(partial_page, 3);
	for (i = 5; i < 8; i++)
		__free_page(partial_page + i);
	note_pages(F_PARTIAL, partial_page, 8 * PAGE_SIZE, 5);
	return 0;
}

static noinline void undo_partial(void)
{
	int i;

	for (i = 0; i < 5; i++)
		__free_page(partial_page + i);
}

/* ---- per-CPU ---------------------------------------------------------- */

static u64 __percpu *percpu_a;
static void __percpu *percpu_b;

static noinline int do_percpu(void)
{
	percpu_a = alloc_percpu(u64);
	percpu_b = __alloc_percpu(64, 64);
	if (percpu_a)
		note(F_PERCPU, PERCPU, 8, 8 * num_possible_cpus());
	if (percpu_b)
		note(F_PERCPU, PERCPU, 64, 64 * num_possible_cpus());
	return 0;
}

static noinline void undo_percpu(void)
{
	free_percpu(percpu_a);
	free_percpu(percpu_b);
}

/* ---- mempool ---------------------------------------------------------- */

static mempool_t *mempool_p[4];

static noinline int do_mempool(void)
{
	int i;

	mempool_p[0] = mempool_create_slab_pool(1, kmtest_cache);
	mempool_p[1] = mempool_create_kmalloc_pool(1, 32);
	mempool_p[2] = mempool_create_kmalloc_pool(1, 16384);
	mempool_p[3] = mempool_create_page_pool(1, 3);
	for (i = 0; i < ARRAY_SIZE(mempool_p); i++) {
		if (!mempool_p[i])
			continue;
		note(F_MEMPOOL, META, sizeof(mempool_t), ksize(mempool_p[i]));
		note(F_MEMPOOL, META, sizeof(void *),
		     ksize(mempool_p[i]->elements));
	}
	if (mempool_p[0])
		note_kmalloc(F_MEMPOOL, mempool_p[0]->elements[0],
			     sizeof(struct kmtest_obj));
	if (mempool_p[1])
		note_kmalloc(F_MEMPOOL, mempool_p[1]->elements[0], 32);
	if (mempool_p[2])
		note_kmalloc(F_MEMPOOL, mempool_p[2]->elements[0], 16384);
	note_pages(F_MEMPOOL, mempool_p[3], 8 * PAGE_SIZE, 8);
	return 0;
}

static noinline void undo_mempool(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mempool_p); i++)
		mempool_destroy(mempool_p[i]);
}

/* ---- vmalloc ---------------------------------------------------------- */

static void *vmalloc_p[4];

static noinline int do_vmalloc(void)
{
	vmalloc_p[0] = vmalloc(10 * PAGE_SIZE);
	vmalloc_p[1] = vzalloc(100);
	vmalloc_p[2] = kvmalloc(4 * PAGE_SIZE, GFP_KERNEL);
	vmalloc_p[3] = kvmalloc(8 << 20, GFP_KERNEL);
	note_kvmalloc(F_VMALLOC, vmalloc_p[0], 10 * PAGE_SIZE);
	note_kvmalloc(F_VMALLOC, vmalloc_p[1], 100);
	note_kvmalloc(F_VMALLOC, vmalloc_p[2], 4 * PAGE_SIZE);
	note_kvmalloc(F_VMALLOC, vmalloc_p[3], 8 << 20);
	return 0;
}

static noinline void undo_vmalloc(void)
{
	vfree(vmalloc_p[0]);
	vfree(vmalloc_p[1]);
	kvfree(vmalloc_p[2]);
	kvfree(vmalloc_p[3]);
}

/* ---- DMA -------------------------------------------------------------- */

static void *dma_p;
static dma_addr_t dma_handle;
static struct dma_pool *dma_pool_p;
static void *dma_block[2];
static dma_addr_t dma_block_handle[2];

static noinline int do_dma(void)
{
	struct device *dev = &kmtest_pdev->dev;
	int i;

	if (dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32)))
		return -EOPNOTSUPP;
	dma_p = dma_alloc_coherent(dev, PAGE_SIZE, &dma_handle, GFP_KERNEL);
	if (!dma_p)
		return -EOPNOTSUPP;
	note(F_DMA, DMA, PAGE_SIZE, PAGE_SIZE);
	dma_pool_p = dma_pool_create("kmtest", dev, 64, 64, 0);
	if (!dma_pool_p)
		return 0;
	note(F_DMA, META, 0, ksize(dma_pool_p));
	for (i = 0; i < ARRAY_SIZE(dma_block); i++)
		dma_block[i] = dma_pool_alloc(dma_pool_p, GFP_KERNEL,
					      &dma_block_handle[i]);
	/* the two blocks share the one page of the pool */
	if (dma_block[0])
		note(F_DMA, DMA, 2 * 64, PAGE_SIZE);
	return 0;
}

static noinline void undo_dma(void)
{
	int i;

	if (dma_pool_p) {
		for (i = 0; i < ARRAY_SIZE(dma_block); i++)
			if (dma_block[i])
				dma_pool_free(dma_pool_p, dma_block[i],
					      dma_block_handle[i]);
		dma_pool_destroy(dma_pool_p);
		dma_pool_p = NULL;
	}
	dma_free_coherent(&kmtest_pdev->dev, PAGE_SIZE, dma_p, dma_handle);
}

/* ---- copies of strings and memory ------------------------------------- */

static void *dup_p[3];

static noinline int do_dup(void)
{
	static const char text[] = "a string of the kmtest module";

	dup_p[0] = kstrdup(text, GFP_KERNEL);
	dup_p[1] = kmemdup(slots, 90, GFP_KERNEL);
	dup_p[2] = kasprintf(GFP_KERNEL, "%s, %d", text, 1000000);
	note_kmalloc(F_DUP, dup_p[0], sizeof(text));
	note_kmalloc(F_DUP, dup_p[1], 90);
	note_kmalloc(F_DUP, dup_p[2], sizeof(text) + 9);
	return 0;
}

static noinline void undo_dup(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(dup_p); i++)
		kfree(dup_p[i]);
}

/* ---- kfree_rcu -------------------------------------------------------- */

static struct kmtest_rcu_obj *rcu_p[RCU_OBJECTS];

static noinline int do_rcu(void)
{
	int i;

	for (i = 0; i < RCU_OBJECTS; i++) {
		rcu_p[i] = kmalloc(sizeof(*rcu_p[i]), GFP_KERNEL);
		note_kmalloc(F_RCU, rcu_p[i], sizeof(*rcu_p[i]));
	}
	return 0;
}

static noinline void undo_rcu(void)
{
	int i;

	for (i = 0; i < RCU_OBJECTS; i++)
		if (rcu_p[i])
			kfree_rcu(rcu_p[i], rcu);
}

/* ---- devm: freed by hand, or with the device --------------------------- */

static void *devm_p;

static noinline int do_devm(void)
{
	devm_p = devm_kmalloc(&kmtest_pdev->dev, 200, GFP_KERNEL);
	note_kmalloc(F_DEVM, devm_p, 200);
	return 0;
}

static noinline void undo_devm(void)
{
	if (devm_p)
		devm_kfree(&kmtest_pdev->dev, devm_p);
}

/* ---- other contexts: a worker and a kernel thread ---------------------- */

static void *work_p[3];
static void *thread_p[2];
static DECLARE_COMPLETION(thread_done);

static noinline void kmtest_worker(struct work_struct *work)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(work_p); i++) {
		work_p[i] = kmalloc(300, GFP_KERNEL);
		note_kmalloc(F_WORK, work_p[i], 300);
	}
}

static DECLARE_WORK(kmtest_work, kmtest_worker);

static noinline int kmtest_thread(void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(thread_p); i++) {
		thread_p[i] = kmalloc(700, GFP_KERNEL);
		note_kmalloc(F_WORK, thread_p[i], 700);
	}
	complete(&thread_done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

static noinline int do_work(void)
{
	struct task_struct *task;

	schedule_work(&kmtest_work);
	flush_work(&kmtest_work);
	reinit_completion(&thread_done);
	task = kthread_run(kmtest_thread, NULL, "kmtest_thread");
	if (IS_ERR(task))
		return 0;
	wait_for_completion(&thread_done);
	kthread_stop(task);
	return 0;
}

static noinline void undo_work(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(work_p); i++)
		kfree(work_p[i]);
	for (i = 0; i < ARRAY_SIZE(thread_p); i++)
		kfree(thread_p[i]);
}

/* ---- never freed ------------------------------------------------------- */

static noinline int do_leak(void)
{
	int i;

	for (i = 0; i < LEAK_OBJECTS; i++)
		note_kmalloc(F_LEAK, kmalloc(1000, GFP_KERNEL), 1000);
	return 0;
}

/* ---- from __init code: three objects and two pages until exit ---------- */

static void *init_p[3];
static unsigned long init_pages;

static noinline int __init do_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(init_p); i++) {
		init_p[i] = kmalloc(400, GFP_KERNEL);
		note_kmalloc(F_INIT, init_p[i], 400);
	}
	init_pages = __get_free_pages(GFP_KERNEL, 1);
	note_pages(F_INIT, (void *)init_pages, 2 * PAGE_SIZE, 2);
	return 0;
}

static noinline void undo_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(init_p); i++)
		kfree(init_p[i]);
	free_pages(init_pages, 1);
}

/* ---- spin: to be interrupted ------------------------------------------- */

static noinline void do_spin(unsigned int msecs)
{
	unsigned long end = jiffies + msecs_to_jiffies(msecs);

	while (time_before(jiffies, end))
		cpu_relax();
}

/* ---- commands ---------------------------------------------------------- */

static struct family {
	const char	*name;
	int		(*get)(void);
	void		(*put)(void);
	bool		alone;		/* not part of all and free_all */
	bool		needs_cache;
	bool		held;
	bool		unsupported;
} families[NR_FAMILIES] = {
	[F_KMALLOC]	= { "kmalloc", do_kmalloc, undo_kmalloc },
	[F_KREALLOC]	= { "krealloc", do_krealloc, undo_krealloc },
	[F_KMALLOC_NODE] = { "kmalloc_node", do_kmalloc_node, undo_kmalloc_node },
	[F_CACHE]	= { "cache", do_cache, undo_cache, false, true },
	[F_CACHE_NODE]	= { "cache_node", do_cache_node, undo_cache_node, false, true },
	[F_BULK]	= { "bulk", do_bulk, undo_bulk, false, true },
	[F_BUDDY]	= { "buddy", do_buddy, undo_buddy },
	[F_PERCPU]	= { "percpu", do_percpu, undo_percpu },
	[F_MEMPOOL]	= { "mempool", do_mempool, undo_mempool, false, true },
	[F_VMALLOC]	= { "vmalloc", do_vmalloc, undo_vmalloc },
	[F_DMA]		= { "dma", do_dma, undo_dma },
	[F_DUP]		= { "dup", do_dup, undo_dup },
	[F_RCU]		= { "rcu", do_rcu, undo_rcu },
	[F_DEVM]	= { "devm", do_devm, undo_devm },
	[F_PARTIAL]	= { "partial", do_partial, undo_partial },
	[F_WORK]	= { "work", do_work, undo_work },
	[F_LEAK]	= { "leak", do_leak, NULL, true },
	[F_INIT]	= { "init", NULL, undo_init, true },
};

static int family_get(struct family *f)
{
	int err;

	if (!f->get)
		return -EINVAL;
	if (f->held && f->put)		/* one can leak again and again */
		return -EEXIST;
	if (f->needs_cache && !kmtest_cache)
		return -EOPNOTSUPP;
	err = f->get();
	if (err == -EOPNOTSUPP)
		f->unsupported = true;
	if (!err)
		f->held = true;
	return err;
}

static int family_put(struct family *f)
{
	if (!f->held)
		return -ENOENT;
	if (!f->put)			/* a leak stays one */
		return 0;
	f->put();
	forget(f - families);
	f->held = false;
	return 0;
}

static int get_all(void)
{
	int err = 0;
	int i;

	for (i = 0; i < NR_FAMILIES; i++) {
		if (families[i].alone || families[i].held)
			continue;
		err = family_get(&families[i]);
		if (err && err != -EOPNOTSUPP)
			return err;
	}
	return 0;
}

static void put_all(bool alone_too)
{
	int i;

	for (i = NR_FAMILIES - 1; i >= 0; i--)
		if (families[i].held && (alone_too || !families[i].alone))
			family_put(&families[i]);
}

static int command(char *word)
{
	bool undo = !strncmp(word, "undo_", 5);
	unsigned int msecs = 500;
	int i;

	if (!strcmp(word, "all"))
		return get_all();
	if (!strcmp(word, "free_all")) {
		put_all(false);
		return 0;
	}
	if (!strncmp(word, "spin", 4)) {
		if (word[4] && kstrtouint(skip_spaces(word + 4), 10, &msecs))
			return -EINVAL;
		if (msecs > 60000)
			return -EINVAL;
		do_spin(msecs);
		return 0;
	}
	if (undo)
		word += 5;
	for (i = 0; i < NR_FAMILIES; i++)
		if (!strcmp(word, families[i].name))
			return undo ? family_put(&families[i]) :
				      family_get(&families[i]);
	return -EINVAL;
}

static ssize_t kmtest_write(struct file *file, const char __user *buf,
			    size_t len, loff_t *pos)
{
	char word[32];
	int err;

	if (len >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, buf, len))
		return -EFAULT;
	word[len] = '\0';
	mutex_lock(&kmtest_lock);
	err = command(strim(word));
	mutex_unlock(&kmtest_lock);
	return err ? err : len;
}

static void show_family(struct seq_file *m, int id)
{
	const struct family *f = &families[id];
	bool shown = false;
	int kind, i;

	for (kind = 0; kind < NR_KINDS; kind++) {
		size_t requested = 0, bytes = 0;
		unsigned int objects = 0;

		for (i = 0; i < MAX_SLOTS; i++) {
			if (!slots[i].used || slots[i].family != id ||
			    slots[i].kind != kind)
				continue;
			objects++;
			requested += slots[i].requested;
			bytes += slots[i].bytes;
		}
		if (!objects)
			continue;
		seq_printf(m, "%s %s %u %zu %zu held\n", f->name,
			   kind_names[kind], objects, requested, bytes);
		shown = true;
	}
	if (!shown)
		seq_printf(m, "%s - 0 0 0 %s\n", f->name,
			   f->unsupported ? "unsupported" : "free");
}

static int kmtest_show(struct seq_file *m, void *unused)
{
	int i;

	seq_printf(m, "# page_size %lu\n", PAGE_SIZE);
	seq_printf(m, "# possible_cpus %u\n", num_possible_cpus());
	seq_puts(m, "# family kind objects requested bytes state\n");
	mutex_lock(&kmtest_lock);
	for (i = 0; i < NR_FAMILIES; i++)
		show_family(m, i);
	mutex_unlock(&kmtest_lock);
	return 0;
}

static int kmtest_open(struct inode *inode, struct file *file)
{
	return single_open(file, kmtest_show, NULL);
}

static const struct proc_ops kmtest_proc_ops = {
	.proc_open	= kmtest_open,
	.proc_read	= seq_read,
	.proc_write	= kmtest_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
};

static slab_flags_t __init cache_flags(void)
{
	if (merge)
		return 0;
#ifdef SLAB_NO_MERGE
	return SLAB_NO_MERGE;
#else
	return SLAB_NOLEAKTRACE;	/* has the same effect before 6.5 */
#endif
}

static int __init kmtest_init(void)
{
	kmtest_pdev = platform_device_register_simple("kmtest", -1, NULL, 0);
	if (IS_ERR(kmtest_pdev))
		return PTR_ERR(kmtest_pdev);
	kmtest_cache = kmem_cache_create("kmtest_cache",
					 sizeof(struct kmtest_obj), 0,
					 cache_flags(), NULL);
	if (!kmtest_cache)
		pr_warn("kmtest: no cache, families that need it are off\n");
	if (!proc_create("kmtest", 0600, NULL, &kmtest_proc_ops)) {
		kmem_cache_destroy(kmtest_cache);
		platform_device_unregister(kmtest_pdev);
		return -ENOMEM;
	}
	if (init_alloc) {
		do_init();
		families[F_INIT].held = true;
	}
	return 0;
}

static void __exit kmtest_exit(void)
{
	remove_proc_entry("kmtest", NULL);
	if (!noclean) {
		put_all(true);
		kmem_cache_destroy(kmtest_cache);
	}
	/* frees what devm holds, whatever noclean says */
	platform_device_unregister(kmtest_pdev);
}

module_init(kmtest_init);
module_exit(kmtest_exit);
MODULE_DESCRIPTION("allocates with every allocation API and keeps books");
MODULE_LICENSE("GPL");
