// SPDX-License-Identifier: GPL-2.0-or-later
#include "memstream.h"

#include <errno.h>
#include <stdlib.h>

int memstream_close(FILE *out, char **text)
{
	int failed = ferror(out);

	if (!fclose(out) && !failed && *text)
		return 0;
	free(*text);
	*text = NULL;
	return -ENOMEM;
}
