// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_task.c - what each task did last, to tell which events belong together
 */
#include "books_internal.h"

#include <string.h>

#include "hash.h"
#include "modmap.h"

/* The module that the task loaded last, OWNER_NONE: none that is known. */
static uint32_t loaded_by(const struct books *b, const struct event *ev)
{
	uint32_t i, n = b->n_loaders < LOADERS ? b->n_loaders : LOADERS;

	if (ev->context != CONTEXT_TASK)
		return OWNER_NONE;
	for (i = 1; i <= n; i++) {
		const struct loader *l = &b->loaders[(b->n_loaders - i) % LOADERS];

		if (l->pid == ev->pid)
			return l->owner;
	}
	return OWNER_NONE;
}

/* Nothing that comes belongs to what was before. */
static void forget_last(struct task *t)
{
	t->last_is_kmalloc = false;
	t->large = PAGE_ALLOC_NONE;
	t->n_slabs = 0;
	t->failed_call = t->ranges[0] = t->ranges[1] = 0;
	t->vfreed = t->vfrees = 0;
	t->area_blocks = false;
}

/* The place of the task that is seen longest ago, or of none. */
static unsigned int oldest(const struct task *set)
{
	unsigned int i, found = 0;

	for (i = 1; i < TASK_WAYS; i++)
		if (set[i].seen < set[found].seen)
			found = i;
	return found;
}

/* The task, found or made in the place of another one of its set. */
static struct task *find_task(struct books *b, const struct event *ev, int32_t pid)
{
	uint64_t key = ((uint64_t)(uint32_t)pid << 8 | ev->context) + 1;
	uint64_t at = hash64(key) & (TASK_SETS - 1);
	struct task *t;
	unsigned int i;

	for (i = 0; i < TASK_WAYS; i++)
		if (b->task_keys[at][i] == key)
			return &b->tasks[at][i];
	i = oldest(b->tasks[at]);
	b->task_keys[at][i] = key;
	t = &b->tasks[at][i];
	memset(t, 0, sizeof(*t));
	t->pid = pid;
	t->context = ev->context;
	t->loading = loaded_by(b, ev);
	forget_last(t);
	return t;
}

struct task *books_task(struct books *b, const struct event *ev)
{
	/* every CPU has an idle task of its own, all with pid 0 */
	int32_t pid = ev->pid ? ev->pid : -1 - ev->cpu;
	struct task **last = &b->last_task[ev->cpu % LAST_TASKS], *t = *last;

	if (!t || t->pid != pid || t->context != ev->context)
		t = *last = find_task(b, ev, pid);
	if (t->gap != b->gaps) {
		forget_last(t);
		t->gap = b->gaps;
	}
	t->seen = b->stats.events + 1;
	return t;
}

/* The module whose init the task may run now. */
uint32_t books_loading(const struct books *b, const struct task *t)
{
	if (t->loading != OWNER_NONE &&
	    modmap_instance(b->modmap, t->loading)->state != MODULE_LOADED)
		return OWNER_NONE;
	return t->loading;
}

void books_loaded(struct books *b, struct task *t, const struct event *ev,
		  uint32_t owner)
{
	t->loading = owner;
	b->loaders[b->n_loaders++ % LOADERS] = (struct loader){ ev->pid, owner };
}
