// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode_stream.c - the records of one stream to events
 *
 * Nearly all take the quick way (decode_quick.c). What cannot, and all while an
 * event is held back by pairing, goes through take_record().
 */
#include "decode_stream.h"

#include <errno.h>
#include <string.h>

#include "decode_probe.h"
#include "decode_quick.h"
#include "interner.h"
#include "page_frames.h"
#include "pairing.h"
#include "stacks.h"

/* kernel/trace/trace.h, enum trace_type: events begin behind these. */
#define INTERNAL_IDS	32u

/* ---- any record --------------------------------------------------------- */

static inline __attribute__((always_inline)) uint64_t
get(const struct decode_stream *s, const uint8_t *rec, struct field f)
{
	return field_get(&s->rules->fields, rec, f);
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
	if (ef->page_pointer && !page_frames_pfn(&s->rules->formats->frames, &ev->ptr))
		return -EBADMSG;
	ev->flags |= decode_reserved(ev->type, get(s, rec->data, ef->reserved),
				     ef->old_migratetype);
	if (ef->name.size && ef->name.offset + ef->name.size <= rec->len) {
		uint32_t loc = (uint32_t)get(s, rec->data, ef->name);

		if (ef->slack && !decode_ends_with(rec->len, loc, ef->slack)) {
			s->stats.malformed++;
			loc = 0;
		}
		ev->name = decode_string(in, rec->data, rec->len, loc);
		if (ev->name == UINT32_MAX)
			return -ENOMEM;
	}
	if (ev->type == EVENT_PERCPU_ALLOC && !ef->bytes_alloc.size)
		ev->bytes_alloc = ev->bytes_req * s->rules->percpu_cpus;
	return 0;
}

static uint32_t read_stack(struct decode_stream *s, struct interner *in,
			   const struct event_format *ef,
			   const struct source_record *rec)
{
	return decode_stack(s, in, rec->data + ef->ptr.offset,
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
		return 0;
	case PAIRING_OTHER:
		return 0;
	case PAIRING_EVENT:
		break;
	}
	if (s->rules->keep_stacks && decode_wants_stack(ev->type)) {
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

/* Another buffer has it, and its buffer is to be without what that has. */
static bool is_repeated(struct decode_stream *s, const struct event *ev)
{
	if (s->skip[ev->type] != DECODE_SKIP_REPEATED ||
	    !s->rules->repeated(s->rules->repeated_arg, ev))
		return false;
	s->stats.left_out++;
	return true;
}

static int take_event(struct decode_stream *s, struct interner *in,
		      const struct event_format *ef, const struct source_record *rec,
		      struct event *ev)
{
	int ret;

	s->stats.met |= event_bit(ef->type, ef->flags);
	if (s->skip[ef->type] == DECODE_SKIP_ALL) {
		s->stats.left_out++;
	} else {
		ret = read_event(s, in, ef, rec, ev);
		if (!ret && ef->kind == RECORD_PROBE)
			return decode_probe(s->rules->formats, &s->rules->fields, ef, rec,
					    s->pairing, ev);
		if (!ret && !is_repeated(s, ev))
			return pairing_event(s->pairing, ev);
		if (ret == -ENOMEM)
			return ret;
		s->stats.malformed += ret != 0;
	}
	pairing_other(s->pairing, ev->context, ev->pid);
	return 0;
}

static int take_record(struct decode_stream *s, struct interner *in,
		       const struct source_record *rec)
{
	const struct formats *formats = s->rules->formats;
	const struct fields *fields = &s->rules->fields;
	const struct event_format *ef;
	struct event ev = { .ts = rec->ts };
	uint32_t id;
	int32_t pid;
	int ret;

	if (rec->lost) {
		ret = take_lost(s, rec);
		if (ret)
			return ret;
	}
	if (!rec->len)
		return 0;

	decode_count(s, 1, rec->ts, rec->ts);
	if (rec->len < formats->common_len) {
		/* whoever wrote it, a stack that follows is its own */
		s->stats.malformed++;
		pairing_flush(s->pairing);
		return 0;
	}
	/* formats_read() lets no other sizes pass */
	id = (uint32_t)field_load(fields, rec->data + formats->type.offset, 2);
	ef = &formats->by_id[id];
	if (s->rules->no_stacks && ef->kind == RECORD_OTHER)
		return 0;
	ev.context = decode_context(rec->data[formats->flags.offset]);
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
		ev.pid = pid;
		ev.cpu = s->cpu;
		return take_event(s, in, ef, rec, &ev);
	default:
		/* the tracer's own have small numbers, and no need of a format */
		s->stats.undescribed += !ef->described && id >= INTERNAL_IDS;
		if (ef->unusable) {
			s->stats.unusable++;
			s->stats.unusable_met |= UINT64_C(1) << (ef->unusable - 1);
		}
		pairing_other(s->pairing, ev.context, pid);
		return 0;
	}
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

/* The next record; false where there is none (now, or ->at_end). */
static bool next_record(struct decode_stream *s, struct source_record *rec)
{
	int got;

	do {	/* behind an error it may tell yet what was lost before */
		got = source_next(s->rules->src, s->number, rec, &s->damage);
	} while (got < 0 && got != -EAGAIN);
	if (!got)
		s->at_end = true;
	/* dry: what was written up to the horizon is all here */
	if (!got || (got < 0 && s->last_ts <= s->rules->horizon))
		pairing_flush(s->pairing);
	return got > 0;
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
	bool quick = s->rules->quick && !s->careful;
	struct source_record rec;
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
		if (quick && (s->rules->no_stacks || pairing_idle(s->pairing))) {
			ret = decode_quick(s, in, out + got, n - got, limit);
			if (ret < 0)
				return ret;
			got += (size_t)ret;
			if (got == n)
				break;
		}
		if (s->at_end || !next_record(s, &rec)) {
			got += drain(s, out + got, n - got, limit);
			break;
		}
		ret = take_record(s, in, &rec);
		if (ret)
			return ret;
	}
	return (int)got;
}

bool decode_stream_done(const struct decode_stream *s)
{
	return s->at_end && pairing_idle(s->pairing);
}
