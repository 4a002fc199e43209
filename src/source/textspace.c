// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * textspace.c - whose code it is that is named without a module, by where it lies
 *
 * trace-cmd report and perf script name functions as kallsyms does, but without their
 * modules, and say the address. It is a module's if it is where the text, or a given
 * /proc/modules, has code of that module and of no other; some module's if it is in
 * module space. Of freed init text the name is another function's.
 */
#include "textsyms_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procmem.h"
#include "strings_table.h"
#include "textlog.h"

#define UNKNOWN		UINT32_MAX
/*
 * MODULES_VADDR with CONFIG_RANDOMIZE_BASE, arch/x86/include/asm/pgtable_64_types.h;
 * mips
 */
#define X86_MODULES	UINT64_C(0xffffffffc0000000)
#define X86_MODULES_END	UINT64_C(0xffffffffff000000)
#define CORE_BELOW	(UINT64_C(16) << 20)	/* of text before any known function */
#define CORE_ABOVE	(UINT64_C(48) << 20)	/* ... and behind */
#define CORE_MAX	(UINT64_C(128) << 20)	/* no kernel's text is larger */
#define SPLIT_32BIT	(UINT64_C(1) << 30)	/* PAGE_OFFSET, where modules end */

struct space {
	struct text_module *modules;	/* by start */
	size_t n;
	uint64_t low, high;		/* of all of them */
	uint64_t core_low, core_high;	/* of functions that are the kernel's; high 0: none */
};

/* Never a module's, in all architectures and versions. */
static bool is_core_name(const char *name)
{
	static const char *const core[] = {
		"do_syscall_64", "entry_SYSCALL_64_after_hwframe", "do_one_initcall",
		"do_init_module", "load_module", "kthread", "ret_from_fork",
		"ret_from_fork_asm", "process_one_work", "worker_thread", "vfs_write",
		"vfs_read", "ksys_write", "ksys_read", "kmem_cache_alloc", "__kmalloc",
		"kmem_cache_alloc_trace", "kmalloc_trace", "do_sys_openat2", "path_openat",
		"do_filp_open", "el0_svc", "invoke_syscall", "el0t_64_sync",
		"el0t_64_sync_handler", "system_call_exception", "system_call_common",
		"ret_fast_syscall", "__alloc_pages", "__alloc_pages_nodemask",
		"handle_mm_fault", "system_call", "do_syscall",
	};

	for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++)
		if (!strcmp(name, core[i]))
			return true;
	return false;
}

/* The kernel's own in module space, kernel/bpf/core.c, kernel/kallsyms.c */
static bool is_builtin_name(const char *name)
{
	return !strncmp(name, "bpf_", 4) || !strncmp(name, "ftrace_trampoline", 17) ||
	       !strncmp(name, "kprobe_insn_page", 16) ||
	       !strncmp(name, "kprobe_optinsn_page", 19);
}

static int by_start(const void *x, const void *y)
{
	const struct text_module *a = x, *b = y;

	return (a->start > b->start) - (a->start < b->start);
}

int textsyms_modules(struct textsyms *ts, const char *text, size_t len)
{
	const char *end = text + len;
	struct proc_module pm;
	size_t room = 0;

	while (proc_module_next(&text, end, &pm)) {
		uint32_t name = strings_add(ts->strings, pm.name, strlen(pm.name));

		if (name == UINT32_MAX)
			return -ENOMEM;
		if (!pm.base || pm.base + pm.size < pm.base)
			continue;
		if (ts->n_modules == room) {
			struct text_module *more;

			room = room ? 2 * room : 64;
			more = realloc(ts->modules, room * sizeof(*more));
			if (!more)
				return -ENOMEM;
			ts->modules = more;
		}
		ts->modules[ts->n_modules++] = (struct text_module){
			.start = pm.base, .end = pm.base + pm.size, .name = name,
		};
	}
	if (ts->n_modules)
		qsort(ts->modules, ts->n_modules, sizeof(*ts->modules), by_start);
	return 0;
}

static void widen(uint64_t *low, uint64_t *high, uint64_t addr)
{
	if (!*high || addr < *low)
		*low = addr;
	if (addr > *high)
		*high = addr;
}

/* Where the log itself shows code of modules, and of the kernel. 0 or -ENOMEM. */
static int look_around(const struct textsyms *ts, struct space *sp)
{
	struct text_module *of = calloc(strings_count(ts->strings) + 1, sizeof(*of));

	if (!of)
		return -ENOMEM;
	for (uint32_t i = 0; i < ts->n; i++) {
		const struct textsym *s = &ts->syms[i], *in;

		if (s->name || !s->is)
			continue;
		in = &ts->syms[textsyms_number(s->is)];
		if (in->module && s->is != s->called) {
			of[in->module].name = in->module;
			widen(&of[in->module].start, &of[in->module].end, s->addr);
			widen(&sp->low, &sp->high, s->addr);
		} else if (!in->module && is_core_name(strings_get(ts->strings, in->name))) {
			widen(&sp->core_low, &sp->core_high, s->addr);
		}
	}
	for (size_t i = 0; i <= strings_count(ts->strings); i++)
		if (of[i].name)
			of[sp->n++] = of[i];
	qsort(of, sp->n, sizeof(*of), by_start);
	sp->modules = of;
	/* of several boots: neither is known */
	if (sp->core_high - sp->core_low > CORE_MAX)
		sp->core_low = sp->core_high = 0;
	return 0;
}

/* The last of @n that starts at or below @addr, if only that one reaches it. */
static uint32_t enclosing(const struct text_module *modules, size_t n, uint64_t addr)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (modules[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || addr > modules[lo - 1].end)
		return UNKNOWN;
	/* what the text shows of one may lie around another: neither is sure */
	if ((lo > 1 && modules[lo - 2].end > modules[lo - 1].start) ||
	    (lo < n && modules[lo].start < modules[lo - 1].end))
		return UNKNOWN;
	return modules[lo - 1].name;
}

static bool in_core(const struct space *sp, uint64_t addr)
{
	return sp->core_high && addr >= sp->core_low && addr <= sp->core_high;
}

static bool in_module_space(const struct space *sp, uint64_t addr)
{
	uint64_t low;

	if (in_core(sp, addr))
		return false;
	if (addr >= X86_MODULES && addr < X86_MODULES_END)
		return true;
	if (sp->high && addr >= sp->low && addr <= sp->high)
		return true;
	if (!sp->core_high)
		return false;
	low = sp->core_low - (sp->core_low < CORE_BELOW ? sp->core_low : CORE_BELOW);
	if (!(sp->core_low >> 32) && low < (sp->core_low & ~(SPLIT_32BIT - 1)))
		low = sp->core_low & ~(SPLIT_32BIT - 1);
	return addr < low || addr - sp->core_high > CORE_ABOVE;
}

/* A string, 0: the kernel's, UNKNOWN: some module's. */
static uint32_t owner_of(const struct textsyms *ts, const struct space *sp, uint64_t addr,
			 const char *name)
{
	uint32_t module = enclosing(ts->modules, ts->n_modules, addr);

	if (module == UNKNOWN)
		module = enclosing(sp->modules, sp->n, addr);
	if (module != UNKNOWN)
		return module;
	return in_module_space(sp, addr) && !is_builtin_name(name) ? UNKNOWN : 0;
}

#define NOT_YET	(UINT32_MAX - 1)
#define MIXED	(UINT32_MAX - 2)

/* Functions whose addresses are not told go where those lie that have the name. */
static void settle(struct textsyms *ts, const uint32_t *owner, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct textsym *s = &ts->syms[i];

		if (owner[i] == MIXED) {
			ts->ambiguous += s->used;
			s->untold = true;
		} else if (owner[i] == UNKNOWN) {
			s->unknown = true;
		} else if (owner[i] != NOT_YET) {
			s->module = owner[i];
		}
	}
}

int textsyms_space(struct textsyms *ts)
{
	uint32_t n = ts->n, *owner = calloc((size_t)n + 1, sizeof(*owner));
	struct space sp = { 0 };
	int ret = owner ? look_around(ts, &sp) : -ENOMEM;

	for (uint32_t i = 0; !ret && i < n; i++)
		owner[i] = NOT_YET;
	for (uint32_t i = 0; !ret && i < n; i++) {
		struct textsym *s = &ts->syms[i], *in;
		uint32_t number, whose;
		struct textsym want;
		uint64_t token;

		if (s->name || !s->is || s->is != s->called)
			continue;
		number = textsyms_number(s->is);
		in = &ts->syms[number];
		if (in->module || in->size)
			continue;
		whose = owner_of(ts, &sp, s->addr, strings_get(ts->strings, in->name));
		owner[number] = owner[number] == NOT_YET || owner[number] == whose ?
				whose : MIXED;
		if (whose == UNKNOWN) {
			s->unknown = true;
			/* where its function lies, if only this one is called so */
			if (!in->addr)
				in->addr = s->addr - (uint32_t)s->is;
			s->is = 0;
			continue;
		}
		if (!whose)
			continue;
		want = *in;
		want.module = whose;
		token = textsyms_add(ts, &want, (uint32_t)s->is);
		if (!token)
			ret = -ENOMEM;
		ts->syms[i].is = token;
		if (token)
			ts->syms[textsyms_number(token)].used = true;
	}
	if (!ret)
		settle(ts, owner, n);
	free(sp.modules);
	free(owner);
	return ret;
}

/* A piece of code that is some module's: what it is called, and up to where. */
struct piece {
	uint64_t start, end;
	uint32_t name;
};

static int by_piece(const void *x, const void *y)
{
	const struct piece *a = x, *b = y;

	if (a->start != b->start)
		return a->start > b->start ? 1 : -1;
	return (a->end > b->end) - (a->end < b->end);
}

int textsyms_unknown(const struct textsyms *ts, FILE *out)
{
	struct piece *pieces = calloc((size_t)ts->n + 1, sizeof(*pieces));
	size_t n = 0;

	if (!pieces)
		return -ENOMEM;
	for (uint32_t i = 0; i < ts->n; i++) {
		const struct textsym *s = &ts->syms[i];
		uint32_t off = (uint32_t)s->called;

		if (!s->unknown)
			continue;
		if (s->name)
			pieces[n++] = (struct piece){ s->addr, s->addr + s->reach, s->name };
		else
			pieces[n++] = (struct piece){ s->addr - off, s->addr,
				ts->syms[textsyms_number(s->called)].name };
	}
	qsort(pieces, n, sizeof(*pieces), by_piece);
	for (size_t i = 0; i < n; i++) {
		/* as data: what lies behind has no name, and it is not the kernel's */
		if (!i || pieces[i].start != pieces[i - 1].start)
			fprintf(out, "%016llx d %s\n", (unsigned long long)pieces[i].start,
				strings_get(ts->strings, pieces[i].name));
		if (i + 1 == n || pieces[i + 1].start > pieces[i].end + 1)
			fprintf(out, "%016llx d %s\n", (unsigned long long)pieces[i].end + 1,
				TEXTLOG_NAMELESS);
	}
	free(pieces);
	return 0;
}
