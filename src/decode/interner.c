// SPDX-License-Identifier: GPL-2.0-or-later
#include "interner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct interner *interner_new(void)
{
	struct interner *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->stacks = stacks_new();
	in->strings = strings_new();
	if (!in->stacks || !in->strings) {
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
	if (in->stack_numbers.room)
		memset(in->stack_numbers.of, 0,
		       in->stack_numbers.room * sizeof(*in->stack_numbers.of));
	return stacks_forget(in->stacks, keep);
}
