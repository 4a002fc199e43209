// SPDX-License-Identifier: GPL-2.0-or-later
#include "decode_quick.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "pairing.h"
#include "source_run.h"

/* ---- formats ------------------------------------------------------------ */

static bool quick_field(struct quick_format *q, struct quick_field *to,
			const struct field *f)
{
	if (!f->size)
		return true;
	to->mask = f->size == 8 ? UINT64_MAX : (UINT64_C(1) << f->size * 8) - 1;
	to->offset = f->offset;
	if (q->min_len < f->offset + 8)
		q->min_len = f->offset + 8;
	return f->size <= 8;
}

static bool quick_event(struct quick_format *q, const struct event_format *ef,
			bool keep_stacks)
{
	q->named = ef->name.size != 0;
	q->slack = ef->slack;
	q->name = ef->name.offset;
	q->wants_stack = keep_stacks && decode_wants_stack(ef->type);
	for (uint64_t v = 0; v < QUICK_RESERVED; v++)
		q->reserved_flag[v] = decode_reserved(ef->type, v, ef->old_migratetype);
	/* read whether there is one or not */
	if (q->min_len < q->name + 4)
		q->min_len = q->name + 4;
	if (q->named && q->min_len < ef->name.offset + ef->name.size)
		q->min_len = ef->name.offset + ef->name.size;
	/* what is set aside, or which page it is, is worked out, in the other way */
	if ((ef->type == EVENT_PERCPU_ALLOC && !ef->bytes_alloc.size) || ef->page_pointer)
		return false;
	return quick_field(q, &q->ptr, &ef->ptr) &&
	       quick_field(q, &q->call_site, &ef->call_site) &&
	       quick_field(q, &q->bytes_req, &ef->bytes_req) &&
	       quick_field(q, &q->bytes_alloc, &ef->bytes_alloc) &&
	       quick_field(q, &q->order, &ef->order) &&
	       quick_field(q, &q->reserved, &ef->reserved);
}

static bool quick_stack(struct quick_format *q, const struct event_format *ef)
{
	q->size = ef->bytes_req.offset;
	q->frames = ef->ptr.offset;
	return ef->bytes_req.size == 4;
}

int decode_rules_init(struct decode_rules *rules)
{
	const struct formats *f = rules->formats;
	unsigned int n = 0;
	uint32_t id;

	rules->quick = !rules->fields.swap && BYTE_ORDER == LITTLE_ENDIAN &&
		       f->type.offset == 0 && f->flags.offset == 2 &&
		       f->pid.offset == 4;
	rules->words = rules->fields.long_size == 8;
	rules->quick_of = calloc(FORMAT_IDS, sizeof(*rules->quick_of));
	if (!rules->quick_of)
		return -ENOMEM;
	for (id = 0; id < f->n_ids && n < QUICK_FORMATS; id++) {
		const struct event_format *ef = &f->by_id[id];
		struct quick_format *q = &rules->quicks[n + 1];
		bool ok;

		if (ef->kind != RECORD_EVENT && ef->kind != RECORD_STACK)
			continue;
		*q = (struct quick_format) {
			.kind = ef->kind, .type = ef->type, .flags = ef->flags,
			.min_len = ef->min_len,
			.met = event_bit(ef->type, ef->flags),
		};
		ok = ef->kind == RECORD_EVENT ? quick_event(q, ef, rules->keep_stacks) :
						quick_stack(q, ef);
		q->span = ef->max_len - q->min_len;
		if (ok && ef->max_len >= q->min_len)
			rules->quick_of[id] = (uint8_t)++n;
	}
	return 0;
}

void decode_rules_release(struct decode_rules *rules)
{
	free(rules->quick_of);
	rules->quick_of = NULL;
}

/* ---- records ------------------------------------------------------------ */

/* The records that are at hand, and how far they are taken. */
struct walk {
	struct source_run run;
	uint64_t first;		/* time of the first record taken */
	uint64_t n;		/* records taken */
	uint64_t met;		/* event_bit() of events, and */
	bool stacks_met;	/* ... stacks, since the walk began */
};

/*
 * Stacks and names that are still to be interned: many at a time is faster, but
 * no later than the page that they are in is at hand. Whether an event has some is
 * as good as random, so they are put at the end without a branch, and the end
 * moves or not.
 */
#define PENDING_MAX 24u

struct pending_name {
	struct event *ev;
	const uint8_t *rec;
	uint32_t len;
	uint32_t loc;		/* __data_loc */
};

struct pending {
	size_t n, n_names;
	int error;
	struct stack_query stacks[PENDING_MAX];
	struct event *events[PENDING_MAX];	/* of the stacks */
	struct pending_name names[PENDING_MAX];
};

/* common_type, common_flags, common_preempt_count and common_pid, in one word. */
#define COMMON_LEN	8u
#define COMMON_TYPE(c)	((uint16_t)(c))
#define COMMON_FLAGS(c)	((uint32_t)(c) >> 16)
#define COMMON_PID(c)	((int32_t)((c) >> 32))
/* what an event and its stack have in common */
#define COMMON_OWNER	(UINT64_C(0xffffffff) << 32 | TRACE_FLAGS_CONTEXT << 16)

static inline uint64_t quick_get(const uint8_t *rec, struct quick_field f)
{
	return load64(rec + f.offset, false) & f.mask;
}

/* What was walked over is taken: the stream goes on behind it. */
static void end_walk(struct decode_stream *s, struct walk w)
{
	if (w.n)
		decode_count(s, w.n, w.first, w.run.ts);
	if (w.run.end)
		source_run_taken(s->rules->src, s->number, &w.run);
}

static __attribute__((noinline)) void settle_pending(struct interner *in, struct pending *p)
{
	size_t i;

	if (stacks_add_all(in->stacks, p->stacks, p->n))
		p->error = -ENOMEM;
	for (i = 0; i < p->n && !p->error; i++) {
		p->events[i]->stack = p->stacks[i].id;
		interner_origin(in, p->events[i]);
	}
	for (i = 0; i < p->n_names; i++) {
		const struct pending_name *name = &p->names[i];

		name->ev->name = decode_string(in, name->rec, name->len, name->loc);
		if (name->ev->name == UINT32_MAX)
			p->error = -ENOMEM;
	}
	p->n = p->n_names = 0;
}

/*
 * The walk goes on with the next page; it is at the end of this one if there is
 * none. By value, so that the records at hand can be kept in registers.
 */
static __attribute__((noinline)) struct walk
next_page(struct decode_stream *s, struct walk w, struct interner *in, struct pending *p)
{
	struct walk next = { .met = w.met, .stacks_met = w.stacks_met };

	settle_pending(in, p);
	end_walk(s, w);
	source_run(s->rules->src, s->number, &next.run, &s->damage);
	return next;
}

/*
 * The next record if it is plain and has the common fields, which are put into
 * @common. It is taken if nothing more happens: @before is where it began.
 */
static inline __attribute__((always_inline)) const uint8_t *
next_plain(struct decode_stream *s, struct interner *in, struct pending *p,
	   struct walk *w, struct source_run *before, uint32_t *len, uint64_t *common)
{
	const uint8_t *rec;

	for (;;) {
		*before = w->run;
		rec = source_run_next(&w->run, len);
		if (__builtin_expect(rec != NULL, 1))
			break;
		if (w->run.pos != w->run.end)
			return NULL;
		*w = next_page(s, *w, in, p);
		if (!w->run.end)
			return NULL;
	}
	if (*len < COMMON_LEN) {
		w->run = *before;
		return NULL;
	}
	*common = load64(rec, false);
	return rec;
}

static inline void take(struct walk *w)
{
	if (!w->n++)
		w->first = w->run.ts;
}

/* Fills @ev from @rec, but for its stack; its name is pending. */
static inline __attribute__((always_inline)) void
read_fields(const struct decode_stream *s, struct pending *p, const struct quick_format *q,
	    const uint8_t *rec, uint32_t len, uint32_t loc, uint64_t common, uint8_t order,
	    struct event *ev)
{
	uint64_t reserved;

	ev->ptr = quick_get(rec, q->ptr);
	ev->call_site = quick_get(rec, q->call_site);
	ev->bytes_req = quick_get(rec, q->bytes_req);
	ev->bytes_alloc = quick_get(rec, q->bytes_alloc);
	ev->stack = STACK_NONE;
	ev->name = 0;
	ev->origin = 0;
	ev->pid = COMMON_PID(common);
	ev->cpu = s->cpu;
	ev->type = q->type;
	ev->context = decode_context(COMMON_FLAGS(common));
	ev->order = order;
	reserved = quick_get(rec, q->reserved);
	if (reserved >= QUICK_RESERVED)
		reserved = QUICK_RESERVED - 1;
	ev->flags = q->flags | q->reserved_flag[reserved];
	p->names[p->n_names] = (struct pending_name){ ev, rec, len, loc };
	p->n_names += q->named;
}

/*
 * What the record behind @ev says of it. 1: it is whole, 0: it must wait for
 * what comes (pairing.h), -ENOMEM.
 */
static inline __attribute__((always_inline)) int
find_stack(struct decode_stream *s, struct interner *in, struct pending *p, struct walk *w,
       uint64_t common, bool wants_stack, struct event *ev)
{
	const struct decode_rules *r = s->rules;
	const struct quick_format *q;
	struct source_run before;
	const uint8_t *rec;
	uint64_t theirs;
	uint64_t n, room;
	uint32_t len;

	rec = next_plain(s, in, p, w, &before, &len, &theirs);
	if (!rec)
		return 0;
	q = &r->quicks[r->quick_of[COMMON_TYPE(theirs)]];
	if (len < q->min_len || q->kind == RECORD_OTHER)
		goto other;
	if (q->kind == RECORD_EVENT) {
		w->run = before;
		/* an interrupt's: the stack may come behind it */
		if (decode_context(COMMON_FLAGS(theirs)) > ev->context)
			return 0;
		interner_origin(in, ev);
		return 1;
	}
	if ((common ^ theirs) & COMMON_OWNER)
		goto other;
	w->stacks_met = true;
	take(w);
	if (!r->words) {
		if (!wants_stack)
			return 1;
		ev->stack = decode_stack(s, in, rec + q->frames,
					 load32(rec + q->size, false),
					 (len - q->frames) / r->fields.long_size);
		if (ev->stack == UINT32_MAX)
			return -ENOMEM;
		interner_origin(in, ev);
		return 1;
	}
	p->events[p->n] = ev;
	p->stacks[p->n].frames = rec + q->frames;
	n = load32(rec + q->size, false);
	room = (len - q->frames) / 8;
	if (__builtin_expect(room - n > FRAMES_UNUSED, 0)) {
		s->stats.malformed += wants_stack;
		n = n > room ? room : n;
	}
	p->stacks[p->n].n = (uint32_t)n;
	p->n += wants_stack;
	return 1;
other:
	w->run = before;
	return 0;
}

/* The next event: 1, 0: the other way goes on, or -ENOMEM. */
static inline __attribute__((always_inline)) int
next_event(struct decode_stream *s, struct interner *in, struct pending *p,
	   struct walk *w, uint64_t limit, struct event *ev)
{
	const struct decode_rules *r = s->rules;
	const struct quick_format *q;
	struct source_run before;
	uint64_t common, order;
	const uint8_t *rec;
	uint32_t len, loc;
	int ret;

	rec = next_plain(s, in, p, w, &before, &len, &common);
	if (!rec)
		return 0;
	q = &r->quicks[r->quick_of[COMMON_TYPE(common)]];
	if (q->kind != RECORD_EVENT || len - q->min_len > q->span || s->skip[q->type] ||
	    w->run.ts > limit)
		goto other;
	order = quick_get(rec, q->order);
	loc = load32(rec + q->name, false);
	if (order >= 32 || ((q->slack != 0) & !decode_ends_with(len, loc, q->slack)))
		goto other;
	ev->ts = w->run.ts;
	read_fields(s, p, q, rec, len, loc, common, (uint8_t)order, ev);
	w->met |= q->met;
	take(w);
	ret = find_stack(s, in, p, w, common, q->wants_stack, ev);
	if (ret > 0)
		pairing_passed(s->pairing, ev->context);
	if (ret <= 0 || p->n == PENDING_MAX || p->n_names == PENDING_MAX)
		settle_pending(in, p);
	return ret ? ret : pairing_event(s->pairing, ev);
other:
	w->run = before;
	return 0;
}

/* Passes over records that are of no interest, whatever follows them. */
static void skip_records(struct decode_stream *s, struct interner *in, struct pending *p,
			 struct walk *w)
{
	const struct event_format *by_id = s->rules->formats->by_id;
	struct source_run before;
	uint64_t common;
	uint32_t len;

	while (next_plain(s, in, p, w, &before, &len, &common)) {
		if (by_id[COMMON_TYPE(common)].kind != RECORD_OTHER) {
			w->run = before;
			return;
		}
		take(w);
	}
}

int decode_quick(struct decode_stream *s, struct interner *in, struct event *out,
		 size_t n, uint64_t limit)
{
	struct walk w = { .n = 0 };
	struct pending p;
	size_t got = 0;
	int ret = 0;

	p.n = p.n_names = 0;
	p.error = 0;
	if (s->rules->no_stacks)
		skip_records(s, in, &p, &w);
	while (!s->rules->no_stacks && got < n) {
		ret = next_event(s, in, &p, &w, limit, &out[got]);
		if (ret <= 0)
			break;
		got++;
	}
	settle_pending(in, &p);
	end_walk(s, w);
	s->stats.met |= w.met;
	s->stats.stacks_met |= w.stacks_met;
	if (ret < 0 || p.error)
		return ret < 0 ? ret : p.error;
	return (int)got;
}
