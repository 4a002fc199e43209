/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes_regs.h - arguments of a function by the registers that they are in
 *
 * $argN is known where the kernel's own kprobe code can find arguments
 * (HAVE_FUNCTION_ARG_ACCESS_API): not on arm and mips, and nowhere before 5.0. The
 * registers have names everywhere (arch/.../kernel/ptrace.c, regoffset_table), and the
 * calling convention says which has what.
 */
#ifndef MODMEM_PROBES_REGS_H
#define MODMEM_PROBES_REGS_H

struct arena;

/*
 * @define, a probe on entry of a function, with registers of @machine (uname -m of the
 * kernel, whose long has @long_size bytes) for each $argN, and @offset bytes, 0: none,
 * behind the entry. NULL: it has none to replace, one is in no register, it is no such
 * probe, nothing is known of that machine, or no memory.
 */
const char *probes_by_registers(struct arena *a, const char *define, const char *machine,
				unsigned int long_size, unsigned int offset);

/*
 * The register that has the return address at a function's entry, "%lr"; NULL: it is in
 * none, or nothing is known of that machine.
 */
const char *probes_link_register(const char *machine, unsigned int long_size);

#endif
