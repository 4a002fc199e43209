// SPDX-License-Identifier: GPL-2.0-or-later
#include "strict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "printable.h"
#include "snapshot.h"

struct reasons {
	char text[1000];
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static void add(struct reasons *r, const char *fmt, ...)
{
	va_list ap;

	if (r->len >= sizeof(r->text))
		return;
	r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len, "%s",
				   r->len ? "; " : ": ");
	if (r->len >= sizeof(r->text))
		return;
	va_start(ap, fmt);
	r->len += (size_t)vsnprintf(r->text + r->len, sizeof(r->text) - r->len, fmt, ap);
	va_end(ap);
}

static int fail(const struct snapshot *snap, const char *what, const struct reasons *r)
{
	struct error err;

	error_set(&err, 0, "%.80s: %snot good enough for --strict%s", snap->file, what, r->text);
	command_fail(&err);
	return STATUS_UNTRUSTED;
}

int strict_fail_for(const struct snapshot *snap, const char *what,
		    const char *const *more, size_t n)
{
	struct reasons reasons = { .len = 0 };

	for (size_t i = 0; i < snap->coverage.n_distrust; i++)
		add(&reasons, "%s", snap->coverage.distrust[i]);
	for (size_t i = 0; i < n; i++)
		add(&reasons, "%s", more[i]);
	return fail(snap, what, &reasons);
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

int strict_check(const struct snapshot *snap, const char *modules)
{
	const uint32_t why = snapshot_why(snap, modules);
	const struct coverage *c = &snap->coverage;
	struct reasons reasons = { .len = 0 };
	bool none = true;	/* no row: is that to be believed? */
	uint32_t said = 0;

	for (size_t i = 0; i < snap->n_modules; i++)
		none &= !snapshot_asks_for(&snap->modules[i], modules);
	/* what is held against the recording says more than that of a row */
	for (size_t i = 0; i < c->n_distrust; i++) {
		if (!none && !coverage_touches(c, i, why))
			continue;
		add(&reasons, "%s", c->distrust[i]);
		said |= c->distrust_why ? c->distrust_why[i] : 0;
	}
	for (enum bound_cause i = 0; i < BOUND_CAUSES; i++)
		if (why & ~said & BOUND_BIT(i))
			add_cause(&reasons, snap, modules, i);
	return reasons.len ? fail(snap, "", &reasons) : STATUS_FINE;
}
