// SPDX-License-Identifier: GPL-2.0-or-later
#include "marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Modules in one sentence. */
#define NAMES_MAX 12u
#define NAMES_FEW 3u

const char *bound_mark(enum bound bound, bool utf8)
{
	static const char *const marks[][2] = {
		[BOUND_EXACT] = { "", "" },
		[BOUND_AT_LEAST] = { ">", "≥" },
		[BOUND_AT_MOST] = { "<", "≤" },
		[BOUND_ABOUT] = { "~", "~" },
	};

	return marks[bound][utf8];
}

const char *mark_of(uint32_t why, bool utf8)
{
	return bound_mark(bound_of(why), utf8);
}

/* With @remedy what to do about it; NULL: nothing is said of that. */
static char *sentence(const struct marked *rows, size_t n, enum bound_cause cause, bool utf8,
		      size_t most, const char *remedy)
{
	const uint32_t bit = BOUND_BIT(cause);
	const char **have = calloc(n + 1, sizeof(*have));
	char *names, *text;
	size_t n_have = 0;

	for (size_t i = 0; have && i < n; i++)
		if (rows[i].why & bit)
			have[n_have++] = rows[i].name;
	names = have ? text_names(have, n_have, most) : NULL;
	free(have);
	if (!names)
		return NULL;
	text = *names ? text_format("%s %s: %s%s%s.", mark_of(bit, utf8), names,
				    bound_cause_text(cause), remedy ? ": " : "",
				    remedy ? remedy : "") : strdup("");
	free(names);
	return text;
}

char *marks_sentence(const struct marked *rows, size_t n, enum bound_cause cause, bool utf8)
{
	return sentence(rows, n, cause, utf8, NAMES_MAX, NULL);
}

char *marks_action(const struct marked *rows, size_t n, enum bound_cause cause, bool utf8)
{
	return sentence(rows, n, cause, utf8, NAMES_FEW, bound_cause_remedy(cause));
}

char *marks_names(uint32_t why)
{
	char text[BOUND_CAUSES * 24] = "";
	size_t len = 0;

	for (enum bound_cause i = 0; i < BOUND_CAUSES; i++)
		if (why & BOUND_BIT(i))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? " " : "", bound_cause_name(i));
	return strdup(text);
}
