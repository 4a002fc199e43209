// SPDX-License-Identifier: GPL-2.0-or-later
#include "decode_quick.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static bool quick_event(struct quick_format *q, const struct event_format *ef)
{
	q->named = ef->name.size != 0;
	q->name = ef->name.offset;
	q->wants_stack = decode_wants_stack(ef->type);
	if (q->named && q->min_len < ef->name.offset + ef->name.size)
		q->min_len = ef->name.offset + ef->name.size;
	/* what is set aside is worked out, in the other way */
	if (ef->type == EVENT_PERCPU_ALLOC && !ef->bytes_alloc.size)
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
		};
		ok = ef->kind == RECORD_EVENT ? quick_event(q, ef) : quick_stack(q, ef);
		if (ok)
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
};

/* common_type, common_flags, common_preempt_count and common_pid, in one word. */
#define COMMON_LEN	8u
#define COMMON_TYPE(c)	((uint16_t)(c))
#define COMMON_FLAGS(c)	((uint32_t)(c) >> 16)
#define COMMON_PID(c)	((int32_t)((c) >> 32))
/* what an event and its stack have in common */
#define COMMON_OWNER	(UINT64_C(0xffffffff) << 32 | TRACE_FLAGS_CONTEXT << 16)

static inline uint64_t load_u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static inline uint32_t load_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

static inline uint64_t quick_get(const uint8_t *rec, struct quick_field f)
{
	return load_u64(rec + f.offset) & f.mask;
}

/* The records of the walk are taken; it has none any more. */
static void end_walk(struct decode_stream *s, struct walk *w)
{
	if (w->n)
		decode_count(s, w->n, w->first, w->run.ts);
	if (w->run.end)
		source_run_taken(s->rules->src, s->number, &w->run);
	*w = (struct walk) { .n = 0 };
}

/* Goes on with the next page, once this one is at its end. */
static bool next_page(struct decode_stream *s, struct walk *w)
{
	if (w->run.pos != w->run.end)
		return false;
	end_walk(s, w);
	return source_run(s->rules->src, s->number, &w->run, &s->damage);
}

/*
 * The next record if it is plain and has the common fields, which are put into
 * @common. It is taken if nothing more happens: @before is where it began.
 */
static inline const uint8_t *next_plain(struct decode_stream *s, struct walk *w,
					struct source_run *before, uint32_t *len,
					uint64_t *common)
{
	const uint8_t *rec;

	do {
		*before = w->run;
		rec = source_run_next(&w->run, len);
	} while (!rec && next_page(s, w));
	if (!rec)
		return NULL;
	if (*len < COMMON_LEN) {
		w->run = *before;
		return NULL;
	}
	*common = load_u64(rec);
	return rec;
}

static inline void take(struct walk *w)
{
	if (!w->n++)
		w->first = w->run.ts;
}

/* Fills @ev from @rec, but for its stack. 0, or -ENOMEM. */
static inline __attribute__((always_inline)) int
read_fields(const struct decode_stream *s, struct interner *in,
	    const struct quick_format *q, const uint8_t *rec, uint32_t len,
	    uint64_t common, uint8_t order, struct event *ev)
{
	ev->ptr = quick_get(rec, q->ptr);
	ev->call_site = quick_get(rec, q->call_site);
	ev->bytes_req = quick_get(rec, q->bytes_req);
	ev->bytes_alloc = quick_get(rec, q->bytes_alloc);
	ev->stack = STACK_NONE;
	ev->name = 0;
	ev->pid = COMMON_PID(common);
	ev->cpu = s->cpu;
	ev->type = q->type;
	ev->context = decode_context(COMMON_FLAGS(common));
	ev->order = order;
	ev->flags = q->flags;
	if (q->reserved.mask)
		ev->flags |= decode_reserved(q->type, quick_get(rec, q->reserved));
	if (!q->named)
		return 0;
	ev->name = decode_string(in, rec, len, load_u32(rec + q->name));
	return ev->name == UINT32_MAX ? -ENOMEM : 0;
}

/*
 * What the record behind @ev says of it. 1: it is whole, 0: it must wait for
 * what comes (pairing.h), -ENOMEM.
 */
static inline __attribute__((always_inline)) int
settle(struct decode_stream *s, struct interner *in, struct walk *w, uint64_t common,
       bool wants_stack, struct event *ev)
{
	const struct decode_rules *r = s->rules;
	const struct quick_format *q;
	struct source_run before;
	const uint8_t *rec;
	uint64_t theirs;
	uint32_t len;

	rec = next_plain(s, w, &before, &len, &theirs);
	if (!rec)
		return 0;
	q = &r->quicks[r->quick_of[COMMON_TYPE(theirs)]];
	if (len < q->min_len || q->kind == RECORD_OTHER)
		goto other;
	if (q->kind == RECORD_EVENT) {
		w->run = before;
		return decode_context(COMMON_FLAGS(theirs)) <= ev->context;
	}
	if ((common ^ theirs) & COMMON_OWNER)
		goto other;
	s->stats.stacks_met = true;
	if (wants_stack && r->keep_stacks) {
		ev->stack = decode_stack(&r->fields, in, rec + q->frames,
					 load_u32(rec + q->size),
					 (len - q->frames) / r->fields.long_size);
		if (ev->stack == UINT32_MAX)
			return -ENOMEM;
	}
	take(w);
	return 1;
other:
	w->run = before;
	return 0;
}

/* The next event: 1, 0: the other way goes on, or -ENOMEM. */
static inline __attribute__((always_inline)) int
next_event(struct decode_stream *s, struct interner *in, struct walk *w,
	   uint64_t limit, struct event *ev)
{
	const struct decode_rules *r = s->rules;
	const struct quick_format *q;
	struct source_run before;
	uint64_t common, order;
	const uint8_t *rec;
	uint32_t len;
	int ret;

	rec = next_plain(s, w, &before, &len, &common);
	if (!rec)
		return 0;
	q = &r->quicks[r->quick_of[COMMON_TYPE(common)]];
	if (q->kind != RECORD_EVENT || len < q->min_len || s->skip[q->type] ||
	    w->run.ts > limit)
		goto other;
	order = quick_get(rec, q->order);
	if (order >= 32)
		goto other;
	ev->ts = w->run.ts;
	ret = read_fields(s, in, q, rec, len, common, (uint8_t)order, ev);
	if (ret)
		return ret;
	s->stats.met |= 1u << q->type;
	take(w);
	ret = settle(s, in, w, common, q->wants_stack, ev);
	if (ret > 0)
		pairing_passed(s->pairing, ev->context);
	return ret ? ret : pairing_event(s->pairing, ev);
other:
	w->run = before;
	return 0;
}

/* Passes over records that are of no interest, whatever follows them. */
static void skip_records(struct decode_stream *s, struct walk *w)
{
	const struct event_format *by_id = s->rules->formats->by_id;
	struct source_run before;
	uint64_t common;
	uint32_t len;

	while (next_plain(s, w, &before, &len, &common)) {
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
	size_t got = 0;
	int ret = 0;

	if (s->rules->no_stacks)
		skip_records(s, &w);
	while (!s->rules->no_stacks && got < n) {
		ret = next_event(s, in, &w, limit, &out[got]);
		if (ret <= 0)
			break;
		got++;
	}
	end_walk(s, &w);
	return ret < 0 ? ret : (int)got;
}
