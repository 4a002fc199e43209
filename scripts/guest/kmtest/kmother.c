// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmother - holds five objects of 2000 bytes while it is loaded
 *
 * Its text is padded to about the size of kmtest's, so that it is likely to be
 * loaded where kmtest was before.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

static void *other_p[5];

/* as much data and text as kmtest has, never used */
static char pad_data[5120] __used;

static noinline __used void pad_text(void)
{
	asm volatile(".rept 5120\n\tnop\n\t.endr");
}

static noinline int do_other(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(other_p); i++) {
		other_p[i] = kmalloc(2000, GFP_KERNEL);
		if (!other_p[i])
			return -ENOMEM;
	}
	return 0;
}

static noinline void undo_other(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(other_p); i++)
		kfree(other_p[i]);
}

static int kmother_show(struct seq_file *m, void *unused)
{
	size_t bytes = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(other_p); i++)
		bytes += ksize(other_p[i]);
	seq_printf(m, "other slab 5 10000 %zu held\n", bytes);
	return 0;
}

/* not from init: its text is gone afterwards */
static int kmother_set(const char *value, const struct kernel_param *param)
{
	return other_p[0] ? -EEXIST : do_other();
}

static const struct kernel_param_ops kmother_ops = { .set = kmother_set };
module_param_cb(hold, &kmother_ops, NULL, 0200);
MODULE_PARM_DESC(hold, "write anything: allocate");

static int __init kmother_init(void)
{
	return proc_create_single("kmother", 0400, NULL, kmother_show) ?
	       0 : -ENOMEM;
}

static void __exit kmother_exit(void)
{
	remove_proc_entry("kmother", NULL);
	undo_other();
}

module_init(kmother_init);
module_exit(kmother_exit);
MODULE_DESCRIPTION("holds five objects while it is loaded");
MODULE_LICENSE("GPL");
