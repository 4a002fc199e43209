/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * callsite.h - does a call instruction stand in front of a return address?
 *
 * Tells a file that fits a recording from one of another build: what stands
 * there is a call in the one, and anything in the other.
 */
#ifndef MODMEM_CALLSITE_H
#define MODMEM_CALLSITE_H

#include <stdint.h>

struct elffile;

enum callsite {
	CALLSITE_NO,
	CALLSITE_YES,
	CALLSITE_UNKNOWN,	/* another machine, or a file without its code */
};

/*
 * Whether the instruction that ends at byte @value of section @section is a call
 * (@value is an address where the file has addresses).
 */
enum callsite callsite_check(const struct elffile *ef, uint32_t section,
			     uint64_t value);

#endif
