// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

void frame_split(const char *name, struct frame_parts *parts)
{
	size_t len = strlen(name), digits;
	const char *plus;

	*parts = (struct frame_parts){ .function = name, .function_len = len };
	if (len > 3 && name[len - 1] == ']') {
		const char *open = memrchr(name, '[', len);

		if (open && open > name + 1 && open[-1] == ' ') {
			parts->module = open + 1;
			parts->module_len = len - 1 - (size_t)(open + 1 - name);
			parts->function_len = (size_t)(open - 1 - name);
		}
	}
	/* what has no name is told apart by that: it is a part of it */
	if (*name == '?')
		return;
	plus = memrchr(name, '+', parts->function_len);
	if (!plus || plus == name || plus[1] != '0' || plus[2] != 'x')
		return;
	digits = strspn(plus + 3, "0123456789abcdef");
	if (!digits || plus + 3 + digits != name + parts->function_len)
		return;
	parts->offset = plus;
	parts->offset_len = digits + 3;
	parts->function_len = (size_t)(plus - name);
}

char *frame_text(const char *name, bool offset)
{
	struct frame_parts p;
	char *bare, *text;

	frame_split(name, &p);
	if (offset || !p.offset)
		return text_printable(name);
	bare = text_format("%.*s%s", (int)p.function_len, name, p.offset + p.offset_len);
	text = bare ? text_printable(bare) : NULL;
	free(bare);
	return text;
}

const char *stack_source(const struct snap_stack *stack, size_t i)
{
	return stack->sources ? stack->sources[i] : NULL;
}

char *stack_frame_text(const struct snap_stack *stack, size_t i, bool offset)
{
	const char *source = stack_source(stack, i);
	char *name = frame_text(*stack->frames[i] ? stack->frames[i] : "?", offset);
	char *where = name && source ? text_printable(source) : NULL;
	char *text;

	if (!name || !source)
		return name;
	text = where ? text_format("%s %s", name, where) : NULL;
	free(where);
	free(name);
	return text;
}

uint64_t stack_value(const struct snap_stack *stack, enum export_metric metric)
{
	switch (metric) {
	case METRIC_LIVE:
		return stack->live_bytes;
	case METRIC_PEAK:
		return stack->peak_bytes;
	case METRIC_ALLOCATED:
		return stack->allocated_bytes;
	case METRIC_OBJECTS:
		return stack->live_objects;
	case METRIC_ALLOCS:
		return stack->allocs;
	}
	return 0;
}

bool stack_wanted(const struct snap_stack *stack, const struct export_opts *opts)
{
	unsigned int charges = opts->charges ? opts->charges : 1u << CHARGE_OWN;

	return charges & 1u << stack->charge;
}
