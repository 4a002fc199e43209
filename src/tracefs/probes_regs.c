// SPDX-License-Identifier: GPL-2.0-or-later
#include "probes_regs.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define REGISTERS 8u

/*
 * A 32-bit program may be told another machine than the kernel's (personality(2):
 * armv8l, i686), but not another size of its long.
 */
static const struct machine {
	const char *name;	/* uname -m begins so */
	unsigned int long_size;
	const char *link;	/* NULL: the return address is on the stack */
	const char *args[REGISTERS];
} machines[] = {
	{ "x86_64", 8, NULL, { "%di", "%si", "%dx", "%cx", "%r8", "%r9" } },
	{ "i", 8, NULL, { "%di", "%si", "%dx", "%cx", "%r8", "%r9" } },
	{ "i", 4, NULL, { "%ax", "%dx", "%cx" } },	/* -mregparm=3 */
	{ "aarch64", 8, "%x30", { "%x0", "%x1", "%x2", "%x3", "%x4", "%x5", "%x6", "%x7" } },
	{ "arm", 8, "%x30", { "%x0", "%x1", "%x2", "%x3", "%x4", "%x5", "%x6", "%x7" } },
	{ "arm", 4, "%lr", { "%r0", "%r1", "%r2", "%r3" } },
	{ "riscv", 0, "%ra", { "%a0", "%a1", "%a2", "%a3", "%a4", "%a5", "%a6", "%a7" } },
	{ "mips", 4, "%r31", { "%r4", "%r5", "%r6", "%r7" } },
	{ "mips", 8, "%r31", { "%r4", "%r5", "%r6", "%r7", "%r8", "%r9", "%r10", "%r11" } },
	{ "ppc", 0, "%link", { "%gpr3", "%gpr4", "%gpr5", "%gpr6", "%gpr7", "%gpr8", "%gpr9",
			       "%gpr10" } },
	{ "s390", 0, "%r14", { "%r2", "%r3", "%r4", "%r5", "%r6" } },
	{ "loongarch", 0, "%r1", { "%r4", "%r5", "%r6", "%r7", "%r8", "%r9", "%r10", "%r11" } },
};

static const struct machine *find_machine(const char *name, unsigned int long_size)
{
	for (size_t i = 0; name && i < sizeof(machines) / sizeof(machines[0]); i++)
		if (!strncmp(name, machines[i].name, strlen(machines[i].name)) &&
		    (!machines[i].long_size || machines[i].long_size == long_size))
			return &machines[i];
	return NULL;
}

const char *probes_by_registers(struct arena *a, const char *define, const char *machine,
				unsigned int long_size, unsigned int offset)
{
	const struct machine *m = find_machine(machine, long_size);
	const char *at = strchr(define, ' '), *text, *arg;

	if (!m || strncmp(define, "p:", 2) || !at)
		return NULL;
	at += 1 + strcspn(at + 1, " ");
	text = offset ? arena_printf(a, "%.*s+%u", (int)(at - define), define, offset) :
			arena_printf(a, "%.*s", (int)(at - define), define);
	if (!strstr(at, "$arg"))
		return NULL;
	for (; text && (arg = strstr(at, "$arg")); at = arg + 5) {
		unsigned int n = (unsigned int)(unsigned char)arg[4] - '1';

		if (n >= REGISTERS || !m->args[n])
			return NULL;
		text = arena_printf(a, "%s%.*s%s", text, (int)(arg - at), at, m->args[n]);
	}
	return text ? arena_printf(a, "%s%s", text, at) : NULL;
}

const char *probes_link_register(const char *machine, unsigned int long_size)
{
	const struct machine *m = find_machine(machine, long_size);

	return m ? m->link : NULL;
}
