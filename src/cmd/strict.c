// SPDX-License-Identifier: GPL-2.0-or-later
#include "strict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "printable.h"
#include "snapshot.h"

/* As many whole ones as a line has room for, behind what stands before them. */
struct reasons {
	char text[860];
	size_t len;
	bool full;
};

__attribute__((format(printf, 2, 3)))
static void add(struct reasons *r, const char *fmt, ...)
{
	char text[sizeof(r->text)];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->full)
		return;
	/* always room for what says that there are more */
	r->full = r->len + (size_t)n + sizeof("; ; ...") > sizeof(r->text);
	r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len, "%s%s",
				   r->len ? "; " : ": ", r->full ? "..." : text);
}

static int fail(const struct snapshot *snap, const char *what, const struct reasons *r)
{
	struct error err;

	error_set(&err, 0, "%.80s: %snot good enough for --strict%s", snap->file, what, r->text);
	command_fail(&err);
	return STATUS_UNTRUSTED;
}

/* The modules of which @cause is held against what they hold, and what would help. */
static void add_cause(struct reasons *r, const struct snapshot *snap, const char *modules,
		      enum bound_cause cause)
{
	const char *remedy = bound_cause_remedy(cause);
	char names[200] = "", name[80];
	size_t len = 0, more = 0;

	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		if (!snapshot_asks_for(m, modules) || !(m->why & BOUND_BIT(cause)))
			continue;
		printable(name, sizeof(name), m->name);
		if (more || len + strlen(name) + 3 > sizeof(names))
			more++;
		else
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "", name);
	}
	if (more)
		add(r, "%s and %zu more: %s%s%s", names, more, bound_cause_text(cause),
		    remedy ? ": " : "", remedy ? remedy : "");
	else
		add(r, "%s: %s%s%s", names, bound_cause_text(cause), remedy ? ": " : "",
		    remedy ? remedy : "");
}

int strict_fail(const struct snapshot *snap, const char *modules, const char *what,
		const char *const *more, size_t n)
{
	const uint32_t why = snapshot_why(snap, modules);
	const struct coverage *c = &snap->coverage;
	struct reasons reasons = { .len = 0 };
	uint32_t said = 0;

	/* what is held against the recording says more than that of a row */
	for (size_t i = 0; i < c->n_distrust; i++) {
		if (!snapshot_distrusts(snap, i, modules))
			continue;
		add(&reasons, "%s", c->distrust[i]);
		said |= c->distrust_why ? c->distrust_why[i] : 0;
	}
	for (size_t i = 0; i < n; i++)
		add(&reasons, "%s", more[i]);
	/* ... and the command's own reasons name the rows */
	for (enum bound_cause i = 0; i < BOUND_CAUSES && !n; i++)
		if (why & ~said & BOUND_BIT(i))
			add_cause(&reasons, snap, modules, i);
	return fail(snap, what, &reasons);
}

int strict_check(const struct snapshot *snap, const char *modules)
{
	return snapshot_exact(snap, modules) ? STATUS_FINE :
	       strict_fail(snap, modules, "", NULL, 0);
}
