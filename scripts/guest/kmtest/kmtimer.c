// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmtimer - allocate in timer callbacks, on top of whatever is interrupted
 *
 * Any write to /proc/kmtimer starts both timers on the CPU of the writer: an
 * hrtimer, whose callback runs in hard interrupt context, and a timer, whose
 * callback runs in softirq context. Both stop after "count" allocations, which
 * are held until the module is removed.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/version.h>

#define MAX_OBJECTS	1000

static unsigned int count = 100;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "allocations per timer, at most 1000");

static unsigned int period_ms = 2;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "period of the hrtimer");

static void *hard_p[MAX_OBJECTS];
static void *soft_p[MAX_OBJECTS];
static unsigned int hard_n;
static unsigned int soft_n;
static bool started;

static struct hrtimer hard_timer;
static struct timer_list soft_timer;

static noinline void do_hard(void)
{
	hard_p[hard_n] = kmalloc(64, GFP_ATOMIC);
	if (hard_p[hard_n])
		hard_n++;
}

static noinline void do_soft(void)
{
	soft_p[soft_n] = kmalloc(96, GFP_ATOMIC);
	if (soft_p[soft_n])
		soft_n++;
}

static enum hrtimer_restart hard_fn(struct hrtimer *timer)
{
	if (hard_n >= count)
		return HRTIMER_NORESTART;
	do_hard();
	hrtimer_forward_now(timer, ms_to_ktime(period_ms));
	return HRTIMER_RESTART;
}

static void soft_fn(struct timer_list *timer)
{
	if (soft_n >= count)
		return;
	do_soft();
	mod_timer(timer, jiffies + 1);
}

static int kmtimer_show(struct seq_file *m, void *unused)
{
	size_t hard = 0, soft = 0;
	unsigned int i;

	for (i = 0; i < hard_n; i++)
		hard += ksize(hard_p[i]);
	for (i = 0; i < soft_n; i++)
		soft += ksize(soft_p[i]);
	seq_printf(m, "hard slab %u %u %zu held\n", hard_n, hard_n * 64, hard);
	seq_printf(m, "soft slab %u %u %zu held\n", soft_n, soft_n * 96, soft);
	return 0;
}

static int kmtimer_open(struct inode *inode, struct file *file)
{
	return single_open(file, kmtimer_show, NULL);
}

static ssize_t kmtimer_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	if (started)
		return -EBUSY;
	started = true;
	soft_timer.expires = jiffies + 1;
	add_timer_on(&soft_timer, raw_smp_processor_id());
	hrtimer_start(&hard_timer, ms_to_ktime(period_ms),
		      HRTIMER_MODE_REL_PINNED);
	return len;
}

static const struct proc_ops kmtimer_proc_ops = {
	.proc_open	= kmtimer_open,
	.proc_read	= seq_read,
	.proc_write	= kmtimer_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
};

static int __init kmtimer_init(void)
{
	count = min_t(unsigned int, count, MAX_OBJECTS);
	period_ms = max(period_ms, 1U);
	timer_setup(&soft_timer, soft_fn, TIMER_PINNED);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&hard_timer, hard_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED);
#else
	hrtimer_init(&hard_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	hard_timer.function = hard_fn;
#endif
	return proc_create("kmtimer", 0600, NULL, &kmtimer_proc_ops) ?
	       0 : -ENOMEM;
}

static void __exit kmtimer_exit(void)
{
	unsigned int i;

	remove_proc_entry("kmtimer", NULL);
	hrtimer_cancel(&hard_timer);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	timer_shutdown_sync(&soft_timer);
#else
	del_timer_sync(&soft_timer);
#endif
	for (i = 0; i < hard_n; i++)
		kfree(hard_p[i]);
	for (i = 0; i < soft_n; i++)
		kfree(soft_p[i]);
}

module_init(kmtimer_init);
module_exit(kmtimer_exit);
MODULE_DESCRIPTION("allocates in timer callbacks");
MODULE_LICENSE("GPL");
