// SPDX-License-Identifier: GPL-2.0-or-later
#include "strict.h"

#include <stdio.h>

#include "command.h"
#include "error.h"
#include "snapshot.h"

int strict_fail(const struct snapshot *snap)
{
	const struct coverage *cov = &snap->coverage;
	char reasons[400] = "";
	struct error err;
	size_t len = 0;

	for (size_t i = 0; i < cov->n_distrust && len < sizeof(reasons); i++)
		len += (size_t)snprintf(reasons + len, sizeof(reasons) - len,
					"%s%s", i ? "; " : ": ", cov->distrust[i]);
	error_set(&err, 0, "%.80s: not good enough for --strict%s", snap->file, reasons);
	command_fail(&err);
	return STATUS_UNTRUSTED;
}
