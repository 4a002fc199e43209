/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - the parts of a stack frame's name
 */
#ifndef MODMEM_FRAME_H
#define MODMEM_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "export.h"

/* "function+0xoff [module]"; only the function is always there. */
struct frame_parts {
	const char *function;
	size_t function_len;	/* without the offset */
	const char *offset;	/* "+0x12", NULL: none */
	size_t offset_len;
	const char *module;	/* NULL: the core kernel, or not known */
	size_t module_len;
};

void frame_split(const char *name, struct frame_parts *parts);

/* The name with or without the offset, printable, allocated; NULL: no memory. */
char *frame_text(const char *name, bool offset);

/* The same of frame @i of @stack, with its file:line behind it where that is known. */
char *stack_frame_text(const struct snap_stack *stack, size_t i, bool offset);

/* Where frame @i of @stack is in its sources, NULL: not known. */
const char *stack_source(const struct snap_stack *stack, size_t i);

/* The number of @stack that @metric asks for. */
uint64_t stack_value(const struct snap_stack *stack, enum export_metric metric);

/* @stack is of a charge that @opts asks for. */
bool stack_wanted(const struct snap_stack *stack, const struct export_opts *opts);

#endif
