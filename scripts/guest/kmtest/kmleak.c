// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmleak - a driver with sessions; built with -DKMLEAK_BUG, it forgets to free
 * one of its two buffers where opening a session fails
 *
 * A number written to the parameter "open" opens so many sessions, every third
 * of which fails. Read, it says how many are open, how many failed, and the bytes
 * (as ksize() has them) that were forgotten.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct session {
	struct list_head list;
	char *buffer;
	char *name;
};

static LIST_HEAD(sessions);
static unsigned int opened, failed;
static size_t forgotten;

static noinline int kmleak_setup(struct session *s, unsigned int n)
{
	s->name = kasprintf(GFP_KERNEL, "session %u", n);
	if (!s->name)
		return -ENOMEM;
	return n % 3 == 2 ? -EINVAL : 0;
}

static noinline int kmleak_open(unsigned int n)
{
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!s)
		return ret;
	s->buffer = kmalloc(1000, GFP_KERNEL);
	if (!s->buffer)
		goto fail;
	ret = kmleak_setup(s, n);
	if (ret)
		goto fail;
	list_add(&s->list, &sessions);
	opened++;
	return 0;
fail:
	failed++;
	kfree(s->name);
#ifdef KMLEAK_BUG
	forgotten += ksize(s->buffer);
#else
	kfree(s->buffer);
#endif
	kfree(s);
	return ret;
}

static void kmleak_close_all(void)
{
	struct session *s, *next;

	list_for_each_entry_safe(s, next, &sessions, list) {
		list_del(&s->list);
		kfree(s->name);
		kfree(s->buffer);
		kfree(s);
	}
}

static int kmleak_set(const char *value, const struct kernel_param *param)
{
	unsigned int count, i;
	int ret = kstrtouint(value, 0, &count);

	for (i = 0; !ret && i < count; i++)
		kmleak_open(i);
	return ret;
}

static int kmleak_get(char *buffer, const struct kernel_param *param)
{
	return scnprintf(buffer, 128, "open %u failed %u forgotten %zu\n",
			 opened, failed, forgotten);
}

static const struct kernel_param_ops kmleak_ops = {
	.set = kmleak_set,
	.get = kmleak_get,
};
module_param_cb(open, &kmleak_ops, NULL, 0600);

static int __init kmleak_init(void)
{
	return 0;
}

static void __exit kmleak_exit(void)
{
	kmleak_close_all();
}

module_init(kmleak_init);
module_exit(kmleak_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("modmem: a driver with, or without, a leak on an error path");
