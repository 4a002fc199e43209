// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_stacks.c - sums of accounts by call stack, and by task
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "attribution.h"
#include "books.h"
#include "ledger.h"
#include "pages.h"
#include "series.h"
#include "source.h"
#include "span.h"
#include "stacks.h"
#include "strings_table.h"

/* Frames outermost first, the tracer's own left out, the call site for sure. */
int build_frames(struct builder *b, const struct account *a, const char **names,
		 const char *const **frames_to, size_t *n_frames)
{
	const uint64_t *frames;
	const char **to, *name;
	size_t n, i;
	bool seen = !a->call_site;

	*n_frames = 0;

	frames = stacks_get(b->rs->stacks, a->stack, &n);
	for (i = 0; i < n; i++)
		seen |= frames[i] == a->call_site;
	to = arena_zalloc(b->arena, n + 1, sizeof(*to));
	if (!to)
		return -ENOMEM;
	for (i = n + !seen; i-- > 0;) {
		uint64_t addr = seen ? frames[i] : i ? frames[i - 1] : a->call_site;
		struct unnamed_frame unnamed;
		uint32_t id;

		/* who was charged is shown, wherever that lies */
		if (addr != a->what.address && attribute_is_noise(b->rs->attributor, addr))
			continue;
		id = attribute_frame_name(b->rs->attributor, addr, a->epoch, &unnamed);
		if (id == UINT32_MAX)
			return -ENOMEM;
		name = names && id ? names[id] : NULL;
		if (!name)
			name = id ? build_string(b, id) : build_unnamed_frame(b, &unnamed);
		if (!name)
			return -ENOMEM;
		if (names && id)
			names[id] = name;
		to[(*n_frames)++] = name;
	}
	*frames_to = to;
	return 0;
}

/* How many of the innermost frames that are shown are the allocator's. */
static size_t allocator_frames(struct builder *b, const struct account *a)
{
	struct attributor *at = b->rs->attributor;
	const uint64_t *frames;
	size_t n, i, found = 0;
	bool seen = !a->call_site;

	frames = stacks_get(b->rs->stacks, a->stack, &n);
	for (i = 0; i < n; i++)
		seen |= frames[i] == a->call_site;
	if (!seen && !attribute_is_noise(at, a->call_site)) {
		if (!attribute_is_allocator(at, a->call_site))
			return 0;
		found++;
	}
	for (i = 0; i < n; i++) {
		if (attribute_is_noise(at, frames[i]))
			continue;
		if (!attribute_is_allocator(at, frames[i]))
			break;
		found++;
	}
	return found;
}

/* Accounts that show as one stack stand side by side. */
static int by_stack(const void *x, const void *y, void *arg)
{
	const struct builder *b = arg;
	const struct account *p = build_account(b, *(const uint32_t *)x);
	const struct account *q = build_account(b, *(const uint32_t *)y);

	if (p->what.row != q->what.row)
		return p->what.row < q->what.row ? -1 : 1;
	if (p->what.charge != q->what.charge)
		return p->what.charge < q->what.charge ? -1 : 1;
	if (p->what.kind != q->what.kind)
		return p->what.kind < q->what.kind ? -1 : 1;
	if (p->what.overhead != q->what.overhead)
		return p->what.overhead < q->what.overhead ? -1 : 1;
	if (p->stack != q->stack)
		return p->stack < q->stack ? -1 : 1;
	return (p->call_site > q->call_site) - (p->call_site < q->call_site);
}

static int shown_order(const void *x, const void *y)
{
	const struct snap_stack *a = x, *b = y;
	size_t i;
	int c;

	if (a->live_bytes != b->live_bytes)
		return a->live_bytes > b->live_bytes ? -1 : 1;
	if (a->module != b->module)
		return a->module < b->module ? -1 : 1;
	for (i = 0; i < a->n_frames && i < b->n_frames; i++) {
		c = strcmp(a->frames[i], b->frames[i]);
		if (c)
			return c;
	}
	if (a->n_frames != b->n_frames)
		return a->n_frames < b->n_frames ? -1 : 1;
	if (a->charge != b->charge)
		return a->charge < b->charge ? -1 : 1;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

/* What page_owner would list: the page blocks that each stack has live. */
static void count_blocks(struct builder *b, const uint32_t *stack_of)
{
	struct pages *pages = books_pages(b->rs->books);
	const struct page_alloc *pa;
	size_t at = 0;

	_Static_assert(SNAP_ORDERS == PAGE_ORDER_MAX + 1, "as many orders as pages.h");
	while ((pa = pages_next(pages, &at)))
		if (stack_of[pa->account])
			b->snap->stacks[stack_of[pa->account] - 1].blocks[pa->order]++;
}

/* Names of frames by their string, NULL: not looked up. */
struct frame_names {
	const char **of;
	size_t n;
};

/* Room for the names that the stack of @a may add. */
static int grow_names(struct builder *b, struct frame_names *names, const struct account *a)
{
	size_t frames, need;
	const char **of;

	stacks_get(b->rs->stacks, a->stack, &frames);
	need = strings_count(b->rs->strings) + frames + 2;
	if (need <= names->n)
		return 0;
	of = realloc(names->of, 2 * need * sizeof(*of));
	if (!of)
		return -ENOMEM;
	memset(of + names->n, 0, (2 * need - names->n) * sizeof(*of));
	names->of = of;
	names->n = 2 * need;
	return 0;
}

static int new_stack(struct builder *b, struct snap_stack *ss, struct frame_names *names,
		     const struct account *a)
{
	if (grow_names(b, names, a))
		return -ENOMEM;
	ss->module = b->module[a->what.row];
	ss->charge = a->what.charge;
	ss->kind = a->what.kind;
	ss->overhead = a->what.overhead;
	ss->n_allocator = allocator_frames(b, a);
	return build_frames(b, a, names->of, &ss->frames, &ss->n_frames);
}

/* What never was but for a moment, as an area whose pages then came by events, has its peak. */
static bool has_stack_row(struct builder *b, uint32_t id)
{
	const struct account *a = build_account(b, id);

	return a->what.charge != CHARGE_INSIDE &&
	       (a->allocs || (b->rs->series &&
			      series_at_peak(b->rs->series, id, a->what.row, a->live_bytes)));
}

int build_stacks(struct builder *b)
{
	size_t n = ledger_count(books_ledger(b->rs->books)), kept = 0, i;
	uint32_t *stack_of = calloc(n, sizeof(*stack_of));	/* + 1, 0: none */
	struct snapshot *snap = b->snap;
	struct snap_stack *ss = NULL;
	uint32_t *ids = calloc(n, sizeof(*ids));
	struct frame_names names = { 0 };
	int ret = -ENOMEM;

	if (!ids || !stack_of)
		goto out;
	for (i = 1; i < n; i++)
		if (has_stack_row(b, (uint32_t)i))
			ids[kept++] = (uint32_t)i;
	qsort_r(ids, kept, sizeof(*ids), by_stack, b);
	snap->stacks = arena_zalloc(b->arena, kept, sizeof(*snap->stacks));
	if (!snap->stacks)
		goto out;
	for (i = 0; i < kept; i++) {
		const struct account *a = build_account(b, ids[i]);

		if (!i || by_stack(&ids[i - 1], &ids[i], b)) {
			ss = &snap->stacks[snap->n_stacks++];
			if (new_stack(b, ss, &names, a))
				goto out;
		}
		stack_of[ids[i]] = (uint32_t)snap->n_stacks;
		ss->live_bytes += a->live_bytes;
		ss->why |= b->why[ids[i]];
		if (b->rs->series)
			ss->peak_bytes += series_at_peak(b->rs->series, ids[i],
							 a->what.row, a->live_bytes);
		ss->live_objects += a->live_objects;
		ss->allocated_bytes += a->allocated_bytes;
		ss->allocs += a->allocs;
		ss->frees += a->frees;
	}
	count_blocks(b, stack_of);
	qsort(snap->stacks, snap->n_stacks, sizeof(*snap->stacks), shown_order);
	ret = 0;
out:
	free(names.of);
	free(stack_of);
	free(ids);
	return ret;
}

static int by_task(const void *x, const void *y, void *arg)
{
	const struct builder *b = arg;
	const struct account *p = build_account(b, *(const uint32_t *)x);
	const struct account *q = build_account(b, *(const uint32_t *)y);

	if (p->pid != q->pid)
		return p->pid < q->pid ? -1 : 1;
	return (p->what.row > q->what.row) - (p->what.row < q->what.row);
}

/* What is longer than this is no name of a task: TASK_COMM_LEN is 16. */
#define COMM_MAX 64

/* One of the "PID COMM" lines. */
struct comm {
	int32_t pid;
	const char *name;
	int len;
};

struct comms {
	struct comm *list;	/* by pid, of one pid the first line only */
	size_t n;
};

static int by_pid(const void *x, const void *y)
{
	const struct comm *a = x, *b = y;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

/* "  314 insmod": a name may have blanks in it. */
static bool parse_comm(struct span line, struct comm *comm)
{
	struct span pid;
	uint64_t number;

	if (!span_word(&line, &pid) || line.at == line.end || *line.at != ' ' ||
	    !span_number(pid, (uint64_t)INT32_MAX + 1, &number))
		return false;
	line.at++;
	comm->pid = (int32_t)number;
	comm->name = line.at;
	comm->len = span_len(line) < COMM_MAX ? (int)span_len(line) : COMM_MAX;
	return true;
}

/* Reads the lines. 0 or -ENOMEM; free() the list. */
static int read_comms(const struct source_info *info, struct comms *comms)
{
	struct span text = span_of(info->cmdlines, info->cmdlines_len), line;
	size_t room = 0, n = 0, i;

	while (span_line(&text, &line)) {
		struct comm *more = comms->list;

		if (comms->n == room) {
			room = room ? 2 * room : 64;
			more = realloc(more, room * sizeof(*more));
			if (!more)
				return -ENOMEM;
			comms->list = more;
		}
		comms->n += parse_comm(line, &more[comms->n]);
	}
	if (comms->n)
		qsort(comms->list, comms->n, sizeof(*comms->list), by_pid);
	for (i = 0; i < comms->n; i++)
		if (!n || comms->list[n - 1].pid != comms->list[i].pid)
			comms->list[n++] = comms->list[i];
	comms->n = n;
	return 0;
}

static int pid_order(const void *pid, const void *comm)
{
	int32_t a = *(const int32_t *)pid, b = ((const struct comm *)comm)->pid;

	return a < b ? -1 : a > b;
}

/* NULL: it is not known, or no memory. */
static const char *name_of(struct builder *b, const struct comms *comms, int32_t pid)
{
	const struct comm *comm;

	if (!pid)
		return "<idle>";
	comm = comms->n ? bsearch(&pid, comms->list, comms->n, sizeof(*comm), pid_order) : NULL;
	return comm ? arena_printf(b->arena, "%.*s", comm->len, comm->name) : NULL;
}

static int task_order(const void *x, const void *y)
{
	const struct snap_task *a = x, *b = y;

	if (a->live_bytes != b->live_bytes)
		return a->live_bytes > b->live_bytes ? -1 : 1;
	if (a->induced_bytes != b->induced_bytes)
		return a->induced_bytes > b->induced_bytes ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->module > b->module) - (a->module < b->module);
}

int build_tasks(struct builder *b)
{
	size_t n = ledger_count(books_ledger(b->rs->books)), kept = 0, i;
	struct snapshot *snap = b->snap;
	struct snap_task *t = NULL;
	uint32_t *ids = calloc(n, sizeof(*ids));
	struct comms comms = { NULL, 0 };
	int ret = -ENOMEM;

	if (!ids || read_comms(source_info(b->rs->src), &comms))
		goto out;
	for (i = 1; i < n; i++)
		if (build_account(b, (uint32_t)i)->what.charge < CHARGE_OVERHEAD &&
		    build_account(b, (uint32_t)i)->allocs)
			ids[kept++] = (uint32_t)i;
	qsort_r(ids, kept, sizeof(*ids), by_task, b);
	snap->tasks = arena_zalloc(b->arena, kept, sizeof(*snap->tasks));
	if (!snap->tasks)
		goto out;
	for (i = 0; i < kept; i++) {
		const struct account *a = build_account(b, ids[i]);

		if (!i || by_task(&ids[i - 1], &ids[i], b)) {
			t = &snap->tasks[snap->n_tasks++];
			t->pid = a->pid;
			t->comm = name_of(b, &comms, a->pid);
			t->module = b->module[a->what.row];
		}
		t->allocs += a->allocs;
		t->frees += a->frees;
		if (a->what.charge == CHARGE_INDUCED) {
			t->induced_bytes += a->live_bytes;
			t->induced_why |= b->why[ids[i]];
			continue;
		}
		t->live[a->what.kind] += a->live_bytes;
		t->live_bytes += a->live_bytes;
		t->why |= b->why[ids[i]];
	}
	qsort(snap->tasks, snap->n_tasks, sizeof(*snap->tasks), task_order);
	ret = 0;
out:
	free(comms.list);
	free(ids);
	return ret;
}
