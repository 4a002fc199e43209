// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * books_bulk.c - pages that alloc_pages_bulk() hands out (TRAPS B3, F13)
 *
 * It fills the empty slots of an array, and leaves those alone that have a page
 * (mm/page_alloc.c). So two probes tell of each call: what the array has when it
 * begins, and what when it returns. In between the task may sleep, and go on
 * on another CPU; an interrupt may make such a call, too. A page that was taken the
 * usual way, as the last one often is, has been told by mm_page_alloc.
 *
 * A slot of which nothing was told before is not counted: the page in it may be older.
 * Its account then says that it has more.
 */
#include "books_internal.h"

#include <errno.h>

#include "ledger.h"
#include "pages.h"

/* As of struct task: each CPU has an idle task of its own. */
static int32_t caller(const struct event *ev)
{
	return ev->pid ? ev->pid : -1 - ev->cpu;
}

/* The task's call that has not returned, NULL: none was seen. */
static struct page_call *find_call(struct books *b, const struct event *ev)
{
	for (size_t i = 0; i < PAGE_CALLS; i++) {
		struct page_call *c = &b->page_calls[i];

		if (c->seen && c->pid == caller(ev) && c->context == ev->context)
			return c;
	}
	return NULL;
}

/* A free place, or that of the call that began first. */
static struct page_call *new_call(struct books *b)
{
	struct page_call *found = b->page_calls;

	for (size_t i = 1; i < PAGE_CALLS; i++)
		if (b->page_calls[i].seen < found->seen)
			found = &b->page_calls[i];
	return found;
}

/* Is it of a call that returned unseen? */
static bool is_stale(const struct books *b, const struct page_call *c, const struct event *ev)
{
	if (c->array != ev->ptr || c->gap != b->gaps)
		return true;
	for (unsigned int i = 0; i < c->n; i++)
		if (c->slots[i].part == ev->order && c->slots[i].first == ev->bytes_req)
			return true;
	return false;
}

static void called(struct books *b, const struct event *ev)
{
	struct page_call *c = find_call(b, ev);

	if (!c)
		c = new_call(b);
	else if (!is_stale(b, c, ev))
		goto add;
	*c = (struct page_call){
		.array = ev->ptr, .pid = caller(ev), .context = ev->context, .gap = b->gaps,
		.seen = b->stats.events + 1,
	};
add:
	if (c->n == PAGE_SLOTS)
		return;
	c->slots[c->n++] = (struct page_slots){
		.filled = ev->call_site, .ts = ev->ts, .first = ev->bytes_req,
		.n = ev->bytes_alloc, .part = ev->order,
	};
}

/* What is known of the slots in this part of the call is needed once. */
static void returned(struct books *b, struct bulk *bulk, const struct event *ev)
{
	struct page_call *c = find_call(b, ev);
	unsigned int left = 0;

	bulk->pages = *ev;
	bulk->n_slots = 0;
	if (!c)
		return;
	if (c->array != ev->ptr || c->gap != b->gaps) {
		c->seen = 0;
		return;
	}
	for (unsigned int i = 0; i < c->n; i++) {
		if (c->slots[i].part == ev->order)
			bulk->slots[bulk->n_slots++] = c->slots[i];
		else
			c->slots[left++] = c->slots[i];
	}
	c->n = (uint8_t)left;
	if (!left)
		c->seen = 0;
}

/* Up to @pages pages of the last call are not known. 0 or -ENOMEM. */
static int missed(struct books *b, const struct bulk *bulk, uint64_t pages)
{
	const struct attribution *what;
	uint32_t account;

	account = books_account(b, &bulk->pages, books_task(b, &bulk->pages), &what);
	if (account == UINT32_MAX)
		return -ENOMEM;
	/* a probe tells of the whole area */
	if (account == ACCOUNT_OUTSIDE ||
	    (b->opts.areas && what->kind == KIND_VMALLOC && what->charge != CHARGE_OVERHEAD))
		return 0;
	ledger_at(b->ledger, account)->untold = true;
	b->stats.pages_missed += pages;
	return 0;
}

static int page(struct books *b, const struct bulk *bulk, const struct event *ev)
{
	const struct page_slots *s = NULL;
	struct event taken = bulk->pages;
	uint32_t id;

	for (unsigned int i = 0; i < bulk->n_slots && !s; i++)
		if (ev->bytes_req >= bulk->slots[i].first &&
		    ev->bytes_req - bulk->slots[i].first < bulk->slots[i].n)
			s = &bulk->slots[i];
	if (!s)
		return missed(b, bulk, 1);
	if (s->filled >> (ev->bytes_req - s->first) & 1)
		return 0;
	/* since the call began nobody else can have taken this one */
	id = pages_find(b->pages, ev->ptr);
	if (id != PAGE_ALLOC_NONE && pages_alloc(b->pages, id)->ts + b->opts.skew >= s->ts)
		return 0;
	b->stats.events++;
	taken.ptr = ev->ptr;
	taken.order = 0;
	taken.bytes_req = 0;
	return books_page_alloc(b, &taken);
}

int books_bulk_pages(struct books *b, const struct event *ev)
{
	struct bulk *bulk = books_bulk(b, ev->cpu);

	if (!bulk)
		return -ENOMEM;
	if (ev->type == EVENT_PAGES_HAD) {
		called(b, ev);
		return 0;
	}
	if (ev->type == EVENT_PAGES_BULK) {
		returned(b, bulk, ev);
		return 0;
	}
	if (bulk->pages.type != EVENT_PAGES_BULK)
		return 0;
	if (ev->type == EVENT_PAGES_MISSED)
		return missed(b, bulk, ev->bytes_req);
	return page(b, bulk, ev);
}
