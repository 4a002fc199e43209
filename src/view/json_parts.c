// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "bound.h"
#include "error.h"
#include "text.h"

json_t *json_text(const char *text)
{
	char *copy;
	json_t *value;

	if (!text)
		return json_null();
	copy = text_printable(text);
	value = copy ? json_string(copy) : NULL;
	free(copy);
	return value;
}

json_t *json_texts(const char *const *texts, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (!json_array_append_new(array, json_text(texts[i])))
			continue;
		json_decref(array);
		array = NULL;
	}
	return array;
}

json_t *json_number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *json_known(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static int write_text(const char *text, size_t len, void *out)
{
	return fwrite(text, 1, len, out) == len ? 0 : -1;
}

int json_put(const json_t *document, FILE *out, struct error *err)
{
	if (!json_dump_callback(document, write_text, out,
				JSON_INDENT(2) | JSON_REAL_PRECISION(6)))
		fputc('\n', out);
	else if (!ferror(out))
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

json_t *json_causes(uint32_t why)
{
	json_t *array = json_array();

	for (enum bound_cause i = 0; array && i < BOUND_CAUSES; i++)
		if (why & BOUND_BIT(i) &&
		    json_array_append_new(array, json_string(bound_cause_name(i)))) {
			json_decref(array);
			return NULL;
		}
	return array;
}
