// SPDX-License-Identifier: GPL-2.0-or-later
#include "callsite.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "elffile.h"

/* An instruction of @len bytes in the file's order, of which @mask is @bits. */
struct call {
	uint16_t em;
	uint8_t back;		/* bytes in front of the return address */
	uint8_t len;
	uint64_t mask, bits;
	bool big_endian;	/* the bytes are read in this order on any machine */
};

/* From the architectures' manuals. */
static const struct call calls[] = {
	{ EM_X86_64, 5, 1, 0xff, 0xe8, true },			/* call rel32 */
	{ EM_X86_64, 2, 2, 0xfff8, 0xffd0, true },		/* call *%reg */
	{ EM_X86_64, 3, 3, 0xf0fff8, 0x40ffd0, true },		/* call *%r8.. */
	{ EM_X86_64, 3, 2, 0xfff8, 0xff50, true },		/* call *8(%reg) */
	{ EM_X86_64, 6, 2, 0xfff8, 0xff90, true },		/* call *32(%reg) */
	{ EM_X86_64, 6, 2, 0xffff, 0xff15, true },		/* call *x(%rip) */
	{ EM_X86_64, 7, 3, 0xfffff8, 0xff1420, true },		/* call *x(,%reg) */
	{ EM_386, 5, 1, 0xff, 0xe8, true },
	{ EM_386, 2, 2, 0xfff8, 0xffd0, true },
	{ EM_386, 3, 2, 0xfff8, 0xff50, true },
	{ EM_386, 6, 2, 0xfff8, 0xff90, true },
	{ EM_386, 6, 2, 0xffff, 0xff15, true },
	{ EM_AARCH64, 4, 4, 0xfc000000, 0x94000000, false },	/* bl */
	{ EM_AARCH64, 4, 4, 0xfefff800, 0xd63f0000, false },	/* blr, blraa.. */
	{ EM_ARM, 4, 4, 0x0f000000, 0x0b000000, false },	/* bl */
	{ EM_ARM, 4, 4, 0x0ffffff0, 0x012fff30, false },	/* blx reg */
	{ EM_ARM, 4, 4, 0xd000f800, 0xd000f000, false },	/* bl of Thumb-2 */
	{ EM_PPC64, 4, 4, 0xfc000003, 0x48000001, false },	/* bl */
	{ EM_PPC64, 4, 4, 0xfc0007ff, 0x4c000421, false },	/* bctrl */
	{ EM_PPC, 4, 4, 0xfc000003, 0x48000001, false },
	{ EM_PPC, 4, 4, 0xfc0007ff, 0x4c000421, false },
	{ EM_S390, 6, 2, 0xff0f, 0xc005, true },		/* brasl */
	{ EM_S390, 2, 1, 0xff, 0x0d, true },			/* basr */
	{ EM_RISCV, 4, 4, 0xfff, 0x0ef, false },		/* jal ra */
	{ EM_RISCV, 4, 4, 0x7fff, 0x00e7, false },		/* jalr ra */
	{ EM_RISCV, 2, 2, 0xf07f, 0x9002, false },		/* c.jalr */
	{ EM_LOONGARCH, 4, 4, 0xfc000000, 0x54000000, false },	/* bl */
	{ EM_LOONGARCH, 4, 4, 0xfc00001f, 0x4c000001, false },	/* jirl ra */
};

static bool matches(const struct elffile *ef, const struct call *call,
		    const uint8_t *end)
{
	const uint8_t *at = end - call->back;
	uint64_t bits = 0;

	if (!call->big_endian)
		return (elffile_get(ef, at, call->len) & call->mask) == call->bits;
	for (unsigned int i = 0; i < call->len; i++)
		bits = bits << 8 | at[i];
	return (bits & call->mask) == call->bits;
}

enum callsite callsite_check(const struct elffile *ef, uint32_t section,
			     uint64_t value)
{
	const struct elf_section *sec;
	enum callsite answer = CALLSITE_UNKNOWN;

	if (section >= elffile_sections(ef))
		return CALLSITE_NO;
	sec = elffile_section(ef, section);
	if (!sec->data)
		return CALLSITE_UNKNOWN;
	if (!elffile_relocatable(ef))
		value -= sec->addr;
	if (value > sec->len)
		return CALLSITE_NO;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].em != elffile_em(ef))
			continue;
		answer = CALLSITE_NO;
		if (calls[i].back <= value && matches(ef, &calls[i], sec->data + value))
			return CALLSITE_YES;
	}
	return answer;
}
