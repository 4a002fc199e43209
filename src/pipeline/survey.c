// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "decode.h"
#include "error.h"
#include "hash.h"
#include "modmap.h"
#include "source.h"
#include "strings_table.h"

/*
 * Two buffers hold the same events if those of one are in the other, by CPU, task,
 * address and size, at nearly the same time. A set of bits is enough to tell: all but
 * a few, which had an interrupt between their two records, or hardly any. What is
 * between began or ended at another time, or was narrowed: then each event is looked
 * up. Where there are too many events for it, a part of them is looked at.
 */
#define SEEN_BITS_MIN (UINT64_C(1) << 16)
#define SEEN_BITS_MAX (UINT64_C(1) << 28)
#define SEEN_BITS_PER_EVENT 64u	/* two are set: of 500 others one seems to be there */
#define SEEN_SPAN_BITS 23u	/* time is cut into spans of 2^23 ns, about 8 ms */
#define SEEN_APART 500000u	/* ns between two records of one event, at most */
#define SEEN_ALL(n, of) (50 * (n) >= 49 * (of))
#define SEEN_SOME(n, of) (16 * (n) >= (of) && (n) >= 4)	/* less is by chance */

struct survey_seen {
	uint64_t n_bits;	/* a power of two */
	uint64_t one_in;	/* of so many events one is looked at */
	uint64_t bits[];
};

struct counts {
	uint64_t events[EVENT_TYPES];
	uint64_t looked[EVENT_TYPES];	/* at so many of these */
	uint64_t also[EVENT_TYPES];	/* so many are in the main buffer as well */
	bool other_clock;	/* than the buffer with most events */
};

struct looking {
	struct source *src;
	struct decoder *d;	/* of the real replay: it is told */
	struct counts *counts;	/* per buffer */
	size_t n_buffers;
	uint32_t main[EVENT_TYPES];	/* buffer with most events of the type */
	struct survey_seen *seen;
};

static bool is_counted(enum event_type type)
{
	return type != EVENT_LOST && type != EVENT_MODULE_LOAD &&
	       type != EVENT_MODULE_FREE;
}

static bool has_module_events(const struct decoder *d)
{
	return decoder_formats(d)->seen &
	       (1u << EVENT_MODULE_LOAD | 1u << EVENT_MODULE_FREE);
}

static uint64_t hash_event(const struct event *ev)
{
	return hash64(ev->ptr) ^ hash64(ev->bytes_req << 8 | ev->order) ^
	       hash64((uint64_t)(uint32_t)ev->pid << 32 | (uint64_t)ev->cpu << 8 | ev->type);
}

/* The places of the two bits of an event. */
static void seen_bits(const struct survey_seen *seen, uint64_t hash, uint64_t ts,
		      uint64_t bit[2])
{
	uint64_t h = hash64(hash + (ts >> SEEN_SPAN_BITS));

	bit[0] = h & (seen->n_bits - 1);
	bit[1] = hash64(h) & (seen->n_bits - 1);
}

static bool was_seen(const struct survey_seen *seen, uint64_t hash, uint64_t ts)
{
	uint64_t bit[2];

	seen_bits(seen, hash, ts, bit);
	return seen->bits[bit[0] / 64] >> bit[0] % 64 & seen->bits[bit[1] / 64] >> bit[1] % 64 & 1;
}

static bool is_repeated(const void *arg, const struct event *ev)
{
	const struct survey_seen *seen = arg;
	uint64_t hash = hash_event(ev);
	uint64_t before = ev->ts < SEEN_APART ? 0 : ev->ts - SEEN_APART;

	return was_seen(seen, hash, before) || was_seen(seen, hash, ev->ts + SEEN_APART);
}

/*
 * One pass over all events, or, without @visit, over module events. Plans the
 * latter if @mm is not NULL.
 */
static int pass(struct looking *l, struct strings *strings, struct modmap *mm,
		void (*visit)(struct looking *l, const struct event *ev,
			      uint32_t buffer),
		struct error *err)
{
	struct decoder *d = decoder_new(l->src, NULL, strings, err);
	struct event ev;
	size_t stream;
	int ret;

	if (!d)
		return -EINVAL;
	if (!visit)
		decoder_only(d, 1u << EVENT_MODULE_LOAD | 1u << EVENT_MODULE_FREE);
	while ((ret = decoder_next(d, &ev, &stream)) == 1) {
		uint32_t buffer = source_stream_buffer(l->src, stream);

		if (visit)
			visit(l, &ev, buffer);
		if (!mm || (ev.type != EVENT_MODULE_LOAD &&
			    ev.type != EVENT_MODULE_FREE) ||
		    buffer != l->main[EVENT_MODULE_LOAD])
			continue;
		ret = modmap_plan(mm, strings_get(strings, ev.name),
				  ev.type == EVENT_MODULE_LOAD);
		if (ret)
			break;
	}
	decoder_free(d);
	return ret < 0 ? error_set(err, ret, "out of memory") : 0;
}

/*
 * Plans the module events of the only buffer. They are few: the threads pass
 * over all else, a stream each.
 */
static int plan_modules(struct looking *l, struct strings *strings,
			struct modmap *mm, struct error *err)
{
	struct decoder *d = decoder_new(l->src, NULL, strings, err);
	const struct ahead_events *b;
	struct ahead *ahead;
	int ret = 0;
	size_t i;

	if (!d)
		return -EINVAL;
	decoder_only(d, 1u << EVENT_MODULE_LOAD | 1u << EVENT_MODULE_FREE);
	ahead = ahead_new(d, UINT64_MAX, 0);
	if (!ahead)
		ret = -ENOMEM;
	while (!ret && (b = ahead_next(ahead))->n) {
		for (i = 0; i < b->n && !ret; i++)
			if (b->events[i].type != EVENT_LOST)
				ret = modmap_plan(mm, strings_get(strings, b->events[i].name),
						  b->events[i].type == EVENT_MODULE_LOAD);
	}
	if (!ret)
		ret = b->error;
	if (ahead)
		ahead_free(ahead);
	decoder_free(d);
	return ret ? error_set(err, ret, "out of memory") : 0;
}

static void count(struct looking *l, const struct event *ev, uint32_t buffer)
{
	l->counts[buffer].events[ev->type]++;
}

static bool is_looked_at(const struct looking *l, const struct event *ev)
{
	return is_counted(ev->type) && !(hash_event(ev) % l->seen->one_in);
}

static void mark_main(struct looking *l, const struct event *ev, uint32_t buffer)
{
	uint64_t bit[2];

	if (l->main[ev->type] != buffer || !is_looked_at(l, ev))
		return;
	seen_bits(l->seen, hash_event(ev), ev->ts, bit);
	for (unsigned int i = 0; i < 2; i++)
		l->seen->bits[bit[i] / 64] |= UINT64_C(1) << bit[i] % 64;
}

static void compare_others(struct looking *l, const struct event *ev, uint32_t buffer)
{
	if (l->main[ev->type] == buffer || !is_looked_at(l, ev))
		return;
	l->counts[buffer].looked[ev->type]++;
	l->counts[buffer].also[ev->type] += is_repeated(l->seen, ev);
}

static bool same_clock(const struct source_info *info, uint32_t a, uint32_t b)
{
	const char *x = info->buffers[a].clock, *y = info->buffers[b].clock;

	return !x || !y || !strcmp(x, y);
}

static uint64_t total(const struct counts *c)
{
	uint64_t n = 0;
	enum event_type type;

	for (type = 0; type < EVENT_TYPES; type++)
		n += is_counted(type) ? c->events[type] : 0;
	return n;
}

static uint64_t module_events(const struct counts *c)
{
	return c->events[EVENT_MODULE_LOAD] + c->events[EVENT_MODULE_FREE];
}

static const char *name_of(const struct looking *l, uint32_t buffer)
{
	const char *name = source_info(l->src)->buffers[buffer].name;

	return *name ? name : "top instance";
}

/* What has another clock than most events have cannot be put in order. */
static void leave_out_other_clocks(struct looking *l, struct survey *s)
{
	const struct source_info *info = source_info(l->src);
	uint32_t most = 0, b;
	enum event_type type;

	for (b = 1; b < l->n_buffers; b++)
		if (total(&l->counts[b]) > total(&l->counts[most]))
			most = b;
	for (b = 0; b < l->n_buffers; b++) {
		struct counts *c = &l->counts[b];

		if (same_clock(info, b, most))
			continue;
		c->other_clock = true;
		for (type = 0; type < EVENT_TYPES; type++)
			decoder_skip(l->d, b, type);
		if (!total(c) && !module_events(c))
			continue;
		snprintf(s->note_text, sizeof(s->note_text),
			 "buffers with different clocks cannot be put in one order: events of '%.60s' are left out in favour of '%.60s'",
			 name_of(l, b), name_of(l, most));
		s->note = s->note_text;
		s->events_missing |= total(c) > 0;
	}
}

/* Picks the main buffers; returns whether some type is in several buffers. */
static bool choose_main(struct looking *l)
{
	uint64_t most_modules = 0;
	bool shared = false;
	enum event_type type;
	uint32_t b, from = 0;

	for (type = 0; type < EVENT_TYPES; type++) {
		uint64_t most = 0;
		unsigned int holders = 0;

		for (b = 0; b < l->n_buffers; b++) {
			uint64_t n = l->counts[b].events[type];

			if (l->counts[b].other_clock)
				continue;
			holders += n > 0;
			if (n > most) {
				most = n;
				l->main[type] = b;
			}
		}
		shared |= holders > 1 && is_counted(type);
	}
	/* of module events one buffer is enough, the others' would come twice */
	for (b = 0; b < l->n_buffers; b++)
		if (!l->counts[b].other_clock &&
		    module_events(&l->counts[b]) > most_modules) {
			most_modules = module_events(&l->counts[b]);
			from = b;
		}
	for (type = EVENT_MODULE_LOAD; type <= EVENT_MODULE_FREE; type++) {
		l->main[type] = from;
		for (b = 0; b < l->n_buffers; b++)
			if (b != from)
				decoder_skip(l->d, b, type);
	}
	return shared;
}

/* Buffers, as a message names them. */
struct names {
	char text[160];
	size_t len;
};

static void add_name(struct names *n, const char *name)
{
	if (n->len < sizeof(n->text))
		n->len += (size_t)snprintf(n->text + n->len, sizeof(n->text) - n->len,
					   "%s'%.60s'", n->len ? ", " : "", name);
}

/* Leaves out what of @b's events of @type is in the main buffer; true: not all is. */
static bool leave_out(struct looking *l, struct survey *s, uint32_t b, enum event_type type)
{
	const struct counts *c = &l->counts[b];

	if (SEEN_ALL(c->also[type], c->looked[type])) {
		decoder_skip(l->d, b, type);
		return false;
	}
	/* of what was not looked at nothing is known */
	if (l->seen->one_in > 1)
		s->events_missing = true;
	decoder_skip_repeated(l->d, b, type, is_repeated, l->seen);
	return true;
}

static void leave_out_repeated(struct looking *l, struct survey *s)
{
	struct names names = { .len = 0 };
	bool in_part = false, mutual = false;
	uint32_t b, main = UINT32_MAX;

	for (b = 0; b < l->n_buffers; b++) {
		const struct counts *c = &l->counts[b];
		bool any = false;

		for (enum event_type type = 0; type < EVENT_TYPES; type++) {
			if (!c->also[type] || c->other_clock || b == l->main[type] ||
			    (!SEEN_ALL(c->also[type], c->looked[type]) &&
			     !SEEN_SOME(c->also[type], c->looked[type])))
				continue;
			in_part |= leave_out(l, s, b, type);
			mutual |= main != UINT32_MAX && main != l->main[type];
			main = l->main[type];
			any = true;
		}
		if (any)
			add_name(&names, name_of(l, b));
	}
	if (!names.len)
		return;
	/* of each type another one may have the most */
	if (mutual)
		snprintf(s->note_text, sizeof(s->note_text),
			 "several buffers hold %sthe same events: what another one has, too, is left out of %s",
			 in_part ? "some of " : "", names.text);
	else
		snprintf(s->note_text, sizeof(s->note_text), in_part ?
			 "several buffers hold some of the same events: those of %s are left out that '%.60s' has, too" :
			 "several buffers hold the same events: those of %s are left out, '%.60s' has them",
			 names.text, name_of(l, main));
	s->note = s->note_text;
}

static int make_seen(struct looking *l)
{
	uint64_t n = 0, bits = SEEN_BITS_MIN;
	enum event_type type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (is_counted(type))
			n += l->counts[l->main[type]].events[type];
	while (bits < n * SEEN_BITS_PER_EVENT && bits < SEEN_BITS_MAX)
		bits *= 2;
	l->seen = calloc(1, sizeof(*l->seen) + (size_t)(bits / 8));
	if (!l->seen)
		return -ENOMEM;
	l->seen->n_bits = bits;
	l->seen->one_in = 1 + n * SEEN_BITS_PER_EVENT / SEEN_BITS_MAX;
	return 0;
}

static int look_at_buffers(struct looking *l, struct survey *s,
			   struct modmap *mm, struct strings *strings,
			   struct error *err)
{
	bool shared;
	int ret;

	leave_out_other_clocks(l, s);
	shared = choose_main(l);
	if (has_module_events(l->d)) {
		ret = pass(l, strings, mm, NULL, err);
		if (ret)
			return ret;
	}
	if (!shared)
		return 0;
	if (make_seen(l))
		return error_set(err, -ENOMEM, "out of memory");
	ret = pass(l, strings, NULL, mark_main, err);
	if (!ret)
		ret = pass(l, strings, NULL, compare_others, err);
	if (!ret)
		leave_out_repeated(l, s);
	return ret;
}

int survey_recording(struct survey *s, struct source *src, struct decoder *d,
		     struct modmap *mm, struct strings *strings,
		     struct error *err)
{
	size_t n_buffers = source_info(src)->n_buffers;
	struct looking l = { .src = src, .d = d, .n_buffers = n_buffers };
	int ret;

	memset(s, 0, sizeof(*s));
	if (n_buffers < 2 && !has_module_events(d))
		return 0;
	l.counts = calloc(n_buffers + 1, sizeof(*l.counts));
	if (!l.counts)
		return error_set(err, -ENOMEM, "out of memory");
	if (n_buffers < 2)
		ret = plan_modules(&l, strings, mm, err);
	else
		ret = pass(&l, strings, NULL, count, err);
	if (!ret && n_buffers > 1)
		ret = look_at_buffers(&l, s, mm, strings, err);
	s->done = true;
	free(l.counts);
	s->seen = l.seen;
	return ret;
}

void survey_free(struct survey *s)
{
	free(s->seen);
	s->seen = NULL;
}
