// SPDX-License-Identifier: GPL-2.0-or-later
#include "interner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

#define ORIGIN_BITS	10u
#define ORIGINS_MAX	(1u << 20)	/* more are not numbered: 16 MB in the books */

struct interner *interner_new(uint32_t *last_origin)
{
	struct interner *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->last_origin = last_origin;
	in->origin_bits = ORIGIN_BITS;
	in->origins = calloc(1u << ORIGIN_BITS, sizeof(*in->origins));
	in->stacks = stacks_new();
	in->strings = strings_new();
	if (!in->stacks || !in->strings || !in->origins) {
		interner_free(in);
		return NULL;
	}
	return in;
}

void interner_free(struct interner *in)
{
	if (!in)
		return;
	stacks_free(in->stacks);
	strings_free(in->strings);
	free(in->origins);
	free(in->latest);
	free(in->stack_numbers.of);
	free(in->string_numbers.of);
	free(in);
}

/* Names are few and short: most are found without the table and its lock. */
uint32_t interner_name(struct interner *in, const char *text, size_t len)
{
	struct interner_name *name;
	uint64_t first = 0, last = 0;

	if (!len || len > INTERNER_NAME_MAX)
		return strings_add(in->strings, text, len);
	if (len >= 8) {
		memcpy(&first, text, 8);
		memcpy(&last, text + len - 8, 8);
	} else {
		memcpy(&first, text, len);
	}
	first = hash_add(hash_add(len, first), last);
	name = &in->names[first >> 32 & (INTERNER_NAMES - 1)];
	if (name->len == len && !memcmp(name->text, text, len))
		return name->id;
	name->id = strings_add(in->strings, text, len);
	if (name->id == UINT32_MAX) {
		name->len = 0;
		return UINT32_MAX;
	}
	memcpy(name->text, text, len);
	name->len = (uint32_t)len;
	return name->id;
}

static inline bool same_origin(const struct interner_origin *a,
			       const struct interner_origin *b)
{
	return a->call_site == b->call_site && a->stack == b->stack &&
	       a->size == b->size && a->kind == b->kind;
}

/* Where an origin is, or belongs. */
static struct interner_origin *origin_slot(const struct interner *in,
					   const struct interner_origin *o)
{
	uint64_t key = hash_add(hash_add(o->call_site, o->size),
				(uint64_t)o->stack << 32 | o->kind);
	size_t mask = ((size_t)1 << in->origin_bits) - 1;
	size_t at = (size_t)hash64(key) & mask;
	struct interner_origin *slot;

	for (;; at = (at + 1) & mask) {
		slot = &in->origins[at];
		if (!slot->number || same_origin(slot, o))
			return slot;
	}
}

static bool grow_origins(struct interner *in)
{
	size_t n = (size_t)1 << in->origin_bits, i;
	struct interner_origin *old = in->origins;

	in->origins = calloc(2 * n, sizeof(*in->origins));
	if (!in->origins) {
		in->origins = old;
		return false;
	}
	in->origin_bits++;
	for (i = 0; i < n; i++)
		if (old[i].number)
			*origin_slot(in, &old[i]) = old[i];
	free(old);
	return true;
}

/* An origin that was not met before; out of memory, it has no number. */
static __attribute__((noinline)) uint32_t new_origin(struct interner *in,
						     struct interner_origin *o)
{
	if (in->n_origins >= (1u << in->origin_bits) / 2 && !grow_origins(in))
		return 0;
	if (__atomic_load_n(in->last_origin, __ATOMIC_RELAXED) >= ORIGINS_MAX)
		return 0;
	o->number = __atomic_add_fetch(in->last_origin, 1, __ATOMIC_RELAXED);
	*origin_slot(in, o) = *o;
	in->n_origins++;
	return o->number;
}

/* By all origins there are. Out of memory it stays with the slow way. */
static __attribute__((noinline)) uint32_t find_origin(struct interner *in,
						      struct interner_origin *o)
{
	const struct interner_origin *slot = origin_slot(in, o);
	uint32_t room = in->n_latest ? in->n_latest : 1024;
	struct interner_origin *latest;

	o->number = slot->number ? slot->number : new_origin(in, o);
	if (o->stack >= in->n_latest) {
		while (room <= o->stack)
			room *= 2;
		latest = realloc(in->latest, room * sizeof(*latest));
		if (!latest)
			return o->number;
		memset(latest + in->n_latest, 0, (room - in->n_latest) * sizeof(*latest));
		in->latest = latest;
		in->n_latest = room;
	}
	in->latest[o->stack] = *o;
	return o->number;
}

void interner_origin(struct interner *in, struct event *ev)
{
	struct interner_origin o = {
		.call_site = ev->call_site, .size = ev->bytes_alloc, .stack = ev->stack,
		.kind = (uint16_t)(ev->type << 8 | ev->flags),
	};

	if (ev->stack < in->n_latest && same_origin(&in->latest[ev->stack], &o))
		ev->origin = in->latest[ev->stack].number;
	else
		ev->origin = find_origin(in, &o);
}

int interner_move(struct interner *in, struct interner *from, struct event *ev)
{
	const char *text = strings_get(from->strings, ev->name);
	const uint64_t *frames;
	size_t n;

	frames = stacks_get(from->stacks, ev->stack, &n);
	ev->stack = stacks_add(in->stacks, frames, n);
	ev->name = strings_add(in->strings, text, strlen(text));
	return ev->stack == UINT32_MAX || ev->name == UINT32_MAX ? -ENOMEM : 0;
}

static uint32_t *place(struct interner_numbers *numbers, uint32_t id)
{
	uint32_t room = numbers->room ? numbers->room : 256;
	uint32_t *of;

	if (id < numbers->room)
		return &numbers->of[id];
	while (room <= id)
		room *= 2;
	of = realloc(numbers->of, room * sizeof(*of));
	if (!of)
		return NULL;
	memset(of + numbers->room, 0, (room - numbers->room) * sizeof(*of));
	numbers->of = of;
	numbers->room = room;
	return &of[id];
}

static int ask_stack(struct interner *in, uint32_t *id, struct stacks *stacks)
{
	uint32_t *number = place(&in->stack_numbers, *id), ours;
	const uint64_t *frames;
	size_t n;

	if (!number)
		return -ENOMEM;
	if (!*number) {
		frames = stacks_get(in->stacks, *id, &n);
		ours = stacks ? stacks_add(stacks, frames, n) : STACK_NONE;
		if (ours == UINT32_MAX)
			return -ENOMEM;
		*number = ours + 1;
	}
	*id = *number - 1;
	return 0;
}

static int ask_string(struct interner *in, uint32_t *id, struct strings *strings)
{
	uint32_t *number = place(&in->string_numbers, *id), ours;
	const char *text;

	if (!number)
		return -ENOMEM;
	if (!*number) {
		text = strings_get(in->strings, *id);
		ours = strings_add(strings, text, strlen(text));
		if (ours == UINT32_MAX)
			return -ENOMEM;
		*number = ours + 1;
	}
	*id = *number - 1;
	return 0;
}

int interner_ask(struct interner *in, struct event *ev, struct stacks *stacks,
		 struct strings *strings)
{
	int ret = ask_stack(in, &ev->stack, stacks);

	return ret ? ret : ask_string(in, &ev->name, strings);
}

int interner_forget(struct interner *in, const bool *keep)
{
	/* stacks are numbered anew, and with them their origins */
	memset(in->origins, 0, sizeof(*in->origins) << in->origin_bits);
	in->n_origins = 0;
	if (in->latest)
		memset(in->latest, 0, in->n_latest * sizeof(*in->latest));
	if (in->stack_numbers.room)
		memset(in->stack_numbers.of, 0,
		       in->stack_numbers.room * sizeof(*in->stack_numbers.of));
	return stacks_forget(in->stacks, keep);
}
