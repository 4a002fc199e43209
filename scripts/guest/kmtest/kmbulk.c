// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmbulk - takes pages with alloc_pages_bulk(), in all the ways that it has
 *
 * Write to /proc/kmbulk:
 *	array	40 pages; then two of them are freed and taken anew, one more, which falls
 *		back to alloc_pages(), 79 behind those that are there, and at last 140,
 *		beyond what few pages need
 *	older	pages for the next step: to be taken before a recording
 *	refill	one of those is freed, and all the array is filled up to twice as many
 *	list	5 pages to a list, where the kernel has that (up to 6.13)
 *	free	all
 * Reading it says what is held, by the module's own books.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define ARRAY_PAGES	260
#define OLDER_PAGES	50

static DEFINE_MUTEX(kmbulk_lock);
static struct page *array_pages[ARRAY_PAGES], *older_pages[2 * OLDER_PAGES];
static LIST_HEAD(list_pages);
static unsigned int refill_held, list_held;

static unsigned long take(unsigned int pages, struct page **array)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	return alloc_pages_bulk(GFP_KERNEL, pages, array);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 13, 0)
	return alloc_pages_bulk_array(GFP_KERNEL, pages, array);
#else
	unsigned int i;

	for (i = 0; i < pages && (array[i] || (array[i] = alloc_page(GFP_KERNEL))); i++)
		;
	return i;
#endif
}

/* a call may give fewer: again, with what is there already */
static int fill(unsigned int pages, struct page **array)
{
	unsigned int tries;

	for (tries = 0; tries < 1000; tries++)
		if (take(pages, array) >= pages)
			return 0;
	return -ENOMEM;
}

static void drop(struct page **array, unsigned int at)
{
	if (array[at])
		__free_page(array[at]);
	array[at] = NULL;
}

static noinline int do_array(void)
{
	int err = fill(40, array_pages);

	if (err)
		return err;
	drop(array_pages, 5);
	drop(array_pages, 30);
	err = fill(40, array_pages);
	if (!err)
		err = fill(41, array_pages);
	if (!err)
		err = fill(120, array_pages);
	return err ? err : fill(ARRAY_PAGES, array_pages);
}

static noinline int do_older(void)
{
	return fill(OLDER_PAGES, older_pages);
}

static noinline int do_refill(void)
{
	drop(older_pages, 17);
	if (fill(2 * OLDER_PAGES, older_pages))
		return -ENOMEM;
	refill_held = OLDER_PAGES + 1;
	return 0;
}

static noinline int do_list(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0) || \
	LINUX_VERSION_CODE < KERNEL_VERSION(5, 13, 0)
	return -EOPNOTSUPP;
#else
	list_held += alloc_pages_bulk_list(GFP_KERNEL, 5, &list_pages);
	return 0;
#endif
}

static noinline void undo_all(void)
{
	struct page *page, *next;
	int i;

	for (i = 0; i < ARRAY_PAGES; i++)
		drop(array_pages, i);
	for (i = 0; i < 2 * OLDER_PAGES; i++)
		drop(older_pages, i);
	list_for_each_entry_safe(page, next, &list_pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	refill_held = list_held = 0;
}

static void show(struct seq_file *m, const char *family, unsigned int pages)
{
	seq_printf(m, "%s pages %u %lu %lu held\n", family, pages, pages * PAGE_SIZE,
		   pages * PAGE_SIZE);
}

static unsigned int count(struct page **array, unsigned int from, unsigned int to)
{
	unsigned int n = 0;

	for (; from < to; from++)
		n += array[from] != NULL;
	return n;
}

static int kmbulk_show(struct seq_file *m, void *unused)
{
	mutex_lock(&kmbulk_lock);
	show(m, "array", count(array_pages, 0, ARRAY_PAGES));
	show(m, "refill", refill_held);
	seq_printf(m, "# list %u\n", list_held);
	mutex_unlock(&kmbulk_lock);
	return 0;
}

static int kmbulk_open(struct inode *inode, struct file *file)
{
	return single_open(file, kmbulk_show, NULL);
}

static ssize_t kmbulk_write(struct file *file, const char __user *buf, size_t len,
			    loff_t *pos)
{
	char word[16];
	int err = 0;

	if (len >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, buf, len))
		return -EFAULT;
	word[len] = '\0';
	strim(word);
	mutex_lock(&kmbulk_lock);
	if (!strcmp(word, "array"))
		err = do_array();
	else if (!strcmp(word, "older"))
		err = do_older();
	else if (!strcmp(word, "refill"))
		err = do_refill();
	else if (!strcmp(word, "list"))
		err = do_list();
	else if (!strcmp(word, "free"))
		undo_all();
	else
		err = -EINVAL;
	mutex_unlock(&kmbulk_lock);
	return err ? err : len;
}

static const struct proc_ops kmbulk_proc_ops = {
	.proc_open	= kmbulk_open,
	.proc_read	= seq_read,
	.proc_write	= kmbulk_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
};

static int __init kmbulk_init(void)
{
	return proc_create("kmbulk", 0600, NULL, &kmbulk_proc_ops) ? 0 : -ENOMEM;
}

static void __exit kmbulk_exit(void)
{
	remove_proc_entry("kmbulk", NULL);
	undo_all();
}

module_init(kmbulk_init);
module_exit(kmbulk_exit);
MODULE_DESCRIPTION("takes pages with alloc_pages_bulk()");
MODULE_LICENSE("GPL");
