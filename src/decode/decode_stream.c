// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode_stream.c - the records of one stream to events
 *
 * Nearly all records are an event that is followed at once by its stack, or by
 * something that says that no stack will come. These take the quick way: their
 * fields by fixed offsets, straight into the caller's array. All others, and
 * all where one is held back by pairing, go through take_record().
 */
#include "decode_stream.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode_probe.h"
#include "interner.h"
#include "pairing.h"
#include "stacks.h"

/*
 * A stream begins with what a CPU did as recording began: stacks of events
 * before it, one of each context at most.
 */
#define FIRST_RECORDS	(2u * CONTEXTS)

/* Frames for which kernel_stack records may have room and no use (caller[8]). */
#define FRAMES_UNUSED	8u

/* A string ends the record, up to its alignment. */
#define STRING_SLACK	7u

/* common_flags, include/linux/trace_events.h enum trace_flag_type */
#define TRACE_FLAG_HARDIRQ	0x08
#define TRACE_FLAG_SOFTIRQ	0x10
#define TRACE_FLAG_NMI		0x40

/* enum migratetype, include/linux/mmzone.h */
#define MIGRATE_MOVABLE		1u
#define MIGRATE_RECLAIMABLE	2u

static uint8_t context_of(uint32_t flags)
{
	if (flags & TRACE_FLAG_NMI)
		return CONTEXT_NMI;
	if (flags & TRACE_FLAG_HARDIRQ)
		return CONTEXT_HARDIRQ;
	if (flags & TRACE_FLAG_SOFTIRQ)
		return CONTEXT_SOFTIRQ;
	return CONTEXT_TASK;
}

/* Frees of slab and per-CPU objects need no stack: nobody is charged. */
static bool wants_stack(uint8_t type)
{
	return type != EVENT_SLAB_FREE && type != EVENT_PERCPU_FREE;
}

/* ---- any record --------------------------------------------------------- */

static inline __attribute__((always_inline)) uint64_t
get(const struct decode_stream *s, const uint8_t *rec, struct field f)
{
	return field_get(&s->rules->fields, rec, f);
}

/* The string of a __data_loc is what the record ends with. */
static bool ends_with_string(const struct source_record *rec, uint32_t loc)
{
	return rec->len - (loc & 0xffff) - (loc >> 16) <= STRING_SLACK;
}

/* A __data_loc: length in the upper half of the word, offset in the lower. */
static uint32_t get_string(struct interner *in, const struct source_record *rec,
			   uint32_t loc)
{
	uint32_t offset = loc & 0xffff, len = loc >> 16;

	if (offset > rec->len || len > rec->len - offset)
		return 0;
	return interner_name(in, (const char *)rec->data + offset, len);
}

/* What the field "reserved" of a per-CPU event says, migratetype of a page's. */
static inline uint8_t reserved_flag(uint8_t type, uint64_t value)
{
	if (type != EVENT_PAGE_ALLOC)
		return value ? EVENT_RESERVED : 0;
	return value == MIGRATE_MOVABLE ? EVENT_MOVABLE :
	       value == MIGRATE_RECLAIMABLE ? EVENT_RECLAIM : 0;
}

/* 0, -EBADMSG if there is something that cannot be, or -ENOMEM. */
static int read_event(struct decode_stream *s, struct interner *in,
		      const struct event_format *ef,
		      const struct source_record *rec, struct event *ev)
{
	uint64_t order;

	if (rec->len > ef->max_len)
		return -EBADMSG;
	ev->type = ef->type;
	ev->flags = ef->flags;
	ev->ptr = get(s, rec->data, ef->ptr);
	ev->call_site = get(s, rec->data, ef->call_site);
	ev->bytes_req = get(s, rec->data, ef->bytes_req);
	ev->bytes_alloc = get(s, rec->data, ef->bytes_alloc);
	order = get(s, rec->data, ef->order);
	if (order >= 32) {
		if (ef->kind != RECORD_PROBE)
			return -EBADMSG;
		order = 1;	/* bulk_alloc: ok */
	}
	ev->order = (uint8_t)order;
	ev->flags |= reserved_flag(ev->type, get(s, rec->data, ef->reserved));
	if (ef->name.size && ef->name.offset + ef->name.size <= rec->len) {
		uint32_t loc = (uint32_t)get(s, rec->data, ef->name);

		if (ef->one_string && !ends_with_string(rec, loc)) {
			s->stats.malformed++;
			loc = 0;
		}
		ev->name = get_string(in, rec, loc);
		if (ev->name == UINT32_MAX)
			return -ENOMEM;
	}
	if (ev->type == EVENT_PERCPU_ALLOC && !ef->bytes_alloc.size)
		ev->bytes_alloc = ev->bytes_req * s->rules->percpu_cpus;
	return 0;
}

/*
 * Interns the stack of a kernel_stack record, as it is: words that are no code
 * (end marks of old kernels, FTRACE_TRAMPOLINE_MARKER) are passed over later,
 * once a stack and not once a record.
 */
static uint32_t intern_stack(struct decode_stream *s, struct interner *in,
			     const uint8_t *p, uint64_t n, uint64_t room)
{
	const struct fields *f = &s->rules->fields;
	uint64_t i;

	if (room - n > FRAMES_UNUSED) {
		s->stats.malformed++;
		n = n > room ? room : n;
	}
	if (n > STACK_FRAMES_MAX)
		n = STACK_FRAMES_MAX;
	if (f->long_size == 8 && !f->swap)
		return stacks_add(in->stacks, p, n);
	for (i = 0; i < n; i++)
		in->frames[i] = field_load(f, p + i * f->long_size, f->long_size);
	return stacks_add(in->stacks, in->frames, n);
}

static uint32_t read_stack(struct decode_stream *s, struct interner *in,
			   const struct event_format *ef,
			   const struct source_record *rec)
{
	return intern_stack(s, in, rec->data + ef->ptr.offset,
			    get(s, rec->data, ef->bytes_req),
			    (rec->len - ef->ptr.offset) / s->rules->fields.long_size);
}

static int take_stack(struct decode_stream *s, struct interner *in,
		      const struct event_format *ef,
		      const struct source_record *rec, uint8_t context, int32_t pid)
{
	struct event *ev;
	uint32_t id = STACK_NONE;

	s->stats.stacks_met = true;
	switch (pairing_stack(s->pairing, context, pid, &ev)) {
	case PAIRING_UNPAIRED:
		s->stats.unpaired_stacks++;
		s->stats.stray_stacks += s->stats.records > FIRST_RECORDS;
		return 0;
	case PAIRING_OTHER:
		return 0;
	case PAIRING_EVENT:
		break;
	}
	if (s->rules->keep_stacks && wants_stack(ev->type)) {
		id = read_stack(s, in, ef, rec);
		if (id == UINT32_MAX)
			return -ENOMEM;
	}
	pairing_resolve(s->pairing, ev, id);
	return 0;
}

static int take_lost(struct decode_stream *s, const struct source_record *rec)
{
	struct event ev = {
		.type = EVENT_LOST, .ts = rec->ts, .cpu = s->cpu,
		.bytes_alloc = rec->lost,
	};
	uint64_t total;

	/* behind the last record it has the time of a page, or none */
	if (ev.ts < s->last_ts)
		ev.ts = s->last_ts;
	if (rec->lost == SOURCE_LOST_UNKNOWN ||
	    __builtin_add_overflow(s->lost, rec->lost, &total))
		s->lost_unknown = true;
	else
		s->lost = total;
	pairing_flush(s->pairing);
	return pairing_stackless(s->pairing, &ev);
}

static inline void count_record(struct decode_stream *s, uint64_t ts)
{
	struct decode_stats *stats = &s->stats;

	if (!stats->records++ || ts < stats->first_ts)
		stats->first_ts = ts;
	if (ts > stats->last_ts)
		stats->last_ts = ts;
	s->last_ts = ts;
}

/* Records without losses, and at least one. */
static void count_records(struct decode_stream *s, const struct source_record *recs,
			  size_t n)
{
	struct decode_stats *stats = &s->stats;
	uint64_t first = stats->records ? stats->first_ts : UINT64_MAX;
	uint64_t last = stats->last_ts;
	size_t i;

	for (i = 0; i < n; i++) {
		first = recs[i].ts < first ? recs[i].ts : first;
		last = recs[i].ts > last ? recs[i].ts : last;
	}
	stats->first_ts = first;
	stats->last_ts = last;
	stats->records += n;
	s->last_ts = recs[n - 1].ts;
}

static int take_record(struct decode_stream *s, struct interner *in,
		       const struct source_record *rec)
{
	const struct formats *formats = s->rules->formats;
	const struct fields *fields = &s->rules->fields;
	const struct event_format *ef;
	struct event ev = { .ts = rec->ts };
	int32_t pid;
	int ret;

	if (rec->lost) {
		ret = take_lost(s, rec);
		if (ret)
			return ret;
	}
	if (!rec->len)
		return 0;

	count_record(s, rec->ts);
	if (rec->len < formats->common_len) {
		/* whoever wrote it, a stack that follows is its own */
		s->stats.malformed++;
		pairing_flush(s->pairing);
		return 0;
	}
	/* formats_read() lets no other sizes pass */
	ef = &formats->by_id[field_load(fields, rec->data + formats->type.offset, 2)];
	if (s->rules->no_stacks && ef->kind == RECORD_OTHER)
		return 0;
	ev.context = context_of(rec->data[formats->flags.offset]);
	pid = (int32_t)field_load(fields, rec->data + formats->pid.offset, 4);
	if (rec->len < ef->min_len) {
		s->stats.malformed++;
		if (ef->kind != RECORD_STACK)
			pairing_other(s->pairing, ev.context, pid);
		return 0;
	}

	switch (ef->kind) {
	case RECORD_STACK:
		return take_stack(s, in, ef, rec, ev.context, pid);
	case RECORD_PROBE:
	case RECORD_EVENT:
		s->stats.met |= 1u << ef->type;
		if (s->skip[ef->type]) {
			s->stats.left_out++;
			break;
		}
		ev.pid = pid;
		ev.cpu = s->cpu;
		ret = read_event(s, in, ef, rec, &ev);
		if (!ret && ef->kind == RECORD_PROBE)
			return decode_probe(formats, fields, ef, rec, s->pairing, &ev);
		if (!ret)
			return pairing_event(s->pairing, &ev);
		if (ret == -ENOMEM)
			return ret;
		s->stats.malformed++;
		break;
	default:
		s->stats.undescribed += !ef->described;
	}
	pairing_other(s->pairing, ev.context, pid);
	return 0;
}

/* ---- the quick way ------------------------------------------------------ */

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
	q->one_string = ef->one_string;
	q->name = ef->name.offset;
	q->wants_stack = wants_stack(ef->type);
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

/* common_type, common_flags and common_pid, as they lie in memory. */
struct common {
	uint16_t type;
	uint8_t context;
	int32_t pid;
};

static inline bool read_common(const struct source_record *rec, struct common *c)
{
	uint64_t word;

	if (rec->len < 8)
		return false;
	memcpy(&word, rec->data, 8);
	c->type = (uint16_t)word;
	c->context = context_of((uint32_t)word >> 16);
	c->pid = (int32_t)(word >> 32);
	return true;
}

static inline uint64_t quick_get(const uint8_t *rec, struct quick_field f)
{
	uint64_t v;

	memcpy(&v, rec + f.offset, 8);
	return v & f.mask;
}

static inline uint32_t load_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/*
 * The event of @rec if that is all there is to it: @next, the record behind it,
 * is its stack or rules one out. Returns how many records were used up, 0: go
 * the other way; or -ENOMEM.
 */
static inline __attribute__((always_inline)) int
quick_record(struct decode_stream *s, struct interner *in,
	     const struct source_record *rec, const struct source_record *next,
	     struct event *ev, uint64_t limit)
{
	const struct decode_rules *r = s->rules;
	const struct quick_format *q, *nq;
	struct common c, nc;
	uint64_t order;
	bool has_stack;

	if (rec->lost || rec->ts > limit || !read_common(rec, &c) ||
	    !read_common(next, &nc))
		return 0;
	q = &r->quicks[r->quick_of[c.type]];
	nq = &r->quicks[r->quick_of[nc.type]];
	if (q->kind != RECORD_EVENT || rec->len - q->min_len > q->span || s->skip[q->type] ||
	    nq->kind == RECORD_OTHER || next->len < nq->min_len)
		return 0;
	has_stack = nq->kind == RECORD_STACK;
	if (has_stack ? nc.context != c.context || nc.pid != c.pid :
			nc.context > c.context)
		return 0;
	order = quick_get(rec->data, q->order);
	if (order >= 32 ||
	    (q->one_string && !ends_with_string(rec, load_u32(rec->data + q->name))))
		return 0;

	ev->ts = rec->ts;
	ev->ptr = quick_get(rec->data, q->ptr);
	ev->call_site = quick_get(rec->data, q->call_site);
	ev->bytes_req = quick_get(rec->data, q->bytes_req);
	ev->bytes_alloc = quick_get(rec->data, q->bytes_alloc);
	ev->stack = STACK_NONE;
	ev->name = 0;
	ev->pid = c.pid;
	ev->cpu = s->cpu;
	ev->type = q->type;
	ev->context = c.context;
	ev->order = (uint8_t)order;
	ev->flags = (uint8_t)(q->flags |
			      reserved_flag(q->type, quick_get(rec->data, q->reserved)));
	if (q->named) {
		ev->name = get_string(in, rec, load_u32(rec->data + q->name));
		if (ev->name == UINT32_MAX)
			return -ENOMEM;
	}
	s->stats.met |= 1u << q->type;
	pairing_passed(s->pairing, c.context);
	if (!has_stack)
		return 1;
	s->stats.stacks_met = true;
	if (q->wants_stack && r->keep_stacks) {
		ev->stack = intern_stack(s, in, next->data + nq->frames,
					 load_u32(next->data + nq->size),
					 (next->len - nq->frames) / r->fields.long_size);
		if (ev->stack == UINT32_MAX)
			return -ENOMEM;
	}
	return 2;
}

/* ---- the stream --------------------------------------------------------- */

/* Moves what pairing lets go to @out. */
static size_t drain(struct decode_stream *s, struct event *out, size_t n,
		    uint64_t limit)
{
	const struct event *ev;
	size_t got = 0;

	while (got < n && !s->late && (ev = pairing_pop(s->pairing))) {
		out[got++] = *ev;
		s->late = ev->ts > limit;
	}
	return got;
}

/* Gets more records; false where there are none (now, or ->at_end). */
static bool more_records(struct decode_stream *s)
{
	int got;

	do {	/* behind an error it may tell yet what was lost before */
		got = source_batch(s->rules->src, s->number, s->recs, STREAM_BATCH,
				   &s->damage);
	} while (got < 0 && got != -EAGAIN);
	s->at_rec = 0;
	s->n_recs = got > 0 ? (size_t)got : 0;
	if (!got) {
		s->at_end = true;
		s->stats.cut_off += pairing_waiting(s->pairing);
	}
	/* dry: what was written up to the horizon is all here */
	if (!got || (got < 0 && s->last_ts <= s->rules->horizon))
		pairing_flush(s->pairing);
	return got > 0;
}

/* As many events as go the quick way; the last record at hand does not. */
static int quick_records(struct decode_stream *s, struct interner *in,
			 struct event *out, size_t n, uint64_t limit)
{
	size_t from = s->at_rec, at = from, got = 0;
	int ret = 0;

	while (got < n && at + 1 < s->n_recs) {
		ret = quick_record(s, in, &s->recs[at], &s->recs[at + 1], &out[got], limit);
		if (ret <= 0)
			break;
		at += (size_t)ret;
		got++;
	}
	if (at > from)
		count_records(s, s->recs + from, at - from);
	s->at_rec = at;
	return ret < 0 ? ret : (int)got;
}

/*
 * Where only some events are looked for: passes over records that are none of
 * them.
 */
static void skip_records(struct decode_stream *s)
{
	const struct event_format *by_id = s->rules->formats->by_id;
	size_t from = s->at_rec, at = from;
	struct common c;

	while (at < s->n_recs && !s->recs[at].lost && read_common(&s->recs[at], &c) &&
	       by_id[c.type].kind == RECORD_OTHER)
		at++;
	if (at > from)
		count_records(s, s->recs + from, at - from);
	s->at_rec = at;
}

/* Another thread goes on: what is held back has numbers of the one before. */
static int change_interner(struct decode_stream *s, struct interner *in)
{
	struct event *ev;
	uint64_t i;
	int ret = 0;

	for (i = 0; !ret && (ev = pairing_held(s->pairing, i)); i++)
		ret = interner_move(in, s->interner, ev);
	s->interner = in;
	return ret;
}

int decode_stream_events(struct decode_stream *s, struct interner *in,
			 struct event *out, size_t n, uint64_t limit)
{
	bool quick = s->rules->quick && !s->rules->no_stacks && !s->careful;
	size_t got = 0;
	int ret;

	if (s->careful && s->careful--)
		n = 1;
	s->late = false;
	if (s->interner != in) {
		ret = change_interner(s, in);
		if (ret)
			return ret;
	}
	for (;;) {
		got += drain(s, out + got, n - got, limit);
		if (got == n || s->late)
			break;
		if (s->at_rec == s->n_recs && (s->at_end || !more_records(s))) {
			got += drain(s, out + got, n - got, limit);
			break;
		}
		if (s->rules->quick && s->rules->no_stacks)
			skip_records(s);
		if (quick && pairing_idle(s->pairing)) {
			ret = quick_records(s, in, out + got, n - got, limit);
			if (ret < 0)
				return ret;
			got += (size_t)ret;
		}
		if (got == n || s->at_rec == s->n_recs)
			continue;
		ret = take_record(s, in, &s->recs[s->at_rec++]);
		if (ret)
			return ret;
	}
	return (int)got;
}

bool decode_stream_done(const struct decode_stream *s)
{
	return s->at_end && pairing_idle(s->pairing);
}
