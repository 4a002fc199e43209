// SPDX-License-Identifier: GPL-2.0-or-later
#include "strict.h"

#include <stdio.h>

#include "command.h"
#include "error.h"
#include "snapshot.h"

struct reasons {
	char text[400];
	size_t len;
};

static void add(struct reasons *r, const char *const *reasons, size_t n)
{
	for (size_t i = 0; i < n && r->len < sizeof(r->text); i++)
		r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len,
					   "%s%s", r->len ? "; " : ": ", reasons[i]);
}

int strict_fail_for(const struct snapshot *snap, const char *what,
		    const char *const *more, size_t n)
{
	struct reasons reasons = { .len = 0 };
	struct error err;

	add(&reasons, snap->coverage.distrust, snap->coverage.n_distrust);
	add(&reasons, more, n);
	error_set(&err, 0, "%.80s: %snot good enough for --strict%s", snap->file, what,
		  reasons.text);
	command_fail(&err);
	return STATUS_UNTRUSTED;
}

int strict_fail(const struct snapshot *snap)
{
	return strict_fail_for(snap, "", NULL, 0);
}
