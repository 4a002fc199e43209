// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmcache - two slab caches of 4096-byte objects, filled and emptied on command
 *
 * "plain 6" written to /proc/kmcache takes six objects of kmcache_plain,
 * "debug -6" gives the six latest of kmcache_debug back. Reading it prints how
 * many objects are held of each. Neither is merged with another cache, so what
 * /proc/slabinfo says of them is this module's doing; "debug" is only a name,
 * for slub_debug=FZPU,kmcache_debug on the command line of the kernel. "8k" are
 * objects of 8192 bytes from kmalloc, whose cache everybody uses.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define OBJECT_SIZE	4096
#define MAX_OBJECTS	4096

static struct holder {
	const char		*name;
	struct kmem_cache	*cache;		/* NULL: kmalloc's */
	unsigned int		n;
	void			*objects[MAX_OBJECTS];
} holders[] = { { "kmcache_plain" }, { "kmcache_debug" }, { "kmcache_8k" } };

#define CACHES	2	/* the first of them */

static DEFINE_MUTEX(kmcache_lock);

static noinline int take_objects(struct holder *h, unsigned int n)
{
	for (; n; n--) {
		if (h->n == MAX_OBJECTS)
			return -ENOSPC;
		h->objects[h->n] = h->cache ?
				   kmem_cache_alloc(h->cache, GFP_KERNEL) :
				   kmalloc(2 * OBJECT_SIZE, GFP_KERNEL);
		if (!h->objects[h->n])
			return -ENOMEM;
		h->n++;
	}
	return 0;
}

static noinline int give_objects(struct holder *h, unsigned int n)
{
	if (n > h->n)
		return -EINVAL;
	for (; n; n--) {
		void *object = h->objects[--h->n];

		if (h->cache)
			kmem_cache_free(h->cache, object);
		else
			kfree(object);
	}
	return 0;
}

static int command(char *text)
{
	char *word = strsep(&text, " ");
	int i, n, err;

	if (!text || kstrtoint(text, 10, &n))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(holders); i++) {
		if (strcmp(holders[i].name + strlen("kmcache_"), word))
			continue;
		mutex_lock(&kmcache_lock);
		err = n < 0 ? give_objects(&holders[i], -n) :
			      take_objects(&holders[i], n);
		mutex_unlock(&kmcache_lock);
		return err;
	}
	return -EINVAL;
}

static ssize_t kmcache_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	char text[32];
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	err = command(strim(text));
	return err ? err : len;
}

static int kmcache_show(struct seq_file *m, void *unused)
{
	int i;

	mutex_lock(&kmcache_lock);
	for (i = 0; i < ARRAY_SIZE(holders); i++)
		seq_printf(m, "%s %u\n", holders[i].name, holders[i].n);
	mutex_unlock(&kmcache_lock);
	return 0;
}

static int kmcache_open(struct inode *inode, struct file *file)
{
	return single_open(file, kmcache_show, NULL);
}

static const struct proc_ops kmcache_proc_ops = {
	.proc_open	= kmcache_open,
	.proc_read	= seq_read,
	.proc_write	= kmcache_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
};

#ifndef SLAB_NO_MERGE
#define SLAB_NO_MERGE	SLAB_NOLEAKTRACE	/* has the same effect before 6.5 */
#endif

static void destroy_caches(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(holders); i++) {
		give_objects(&holders[i], holders[i].n);
		kmem_cache_destroy(holders[i].cache);
	}
}

static int __init kmcache_init(void)
{
	int i;

	for (i = 0; i < CACHES; i++) {
		holders[i].cache = kmem_cache_create(holders[i].name, OBJECT_SIZE,
						     0, SLAB_NO_MERGE, NULL);
		if (!holders[i].cache)
			goto fail;
	}
	if (proc_create("kmcache", 0600, NULL, &kmcache_proc_ops))
		return 0;
fail:
	destroy_caches();
	return -ENOMEM;
}

static void __exit kmcache_exit(void)
{
	remove_proc_entry("kmcache", NULL);
	destroy_caches();
}

module_init(kmcache_init);
module_exit(kmcache_exit);
MODULE_DESCRIPTION("two slab caches that are filled on command");
MODULE_LICENSE("GPL");
