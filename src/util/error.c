// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * error.c - see error.h
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "printable.h"

int error_set(struct error *err, int code, const char *fmt, ...)
{
	char raw[2048];
	va_list ap;

	if (!err)
		return code;

	va_start(ap, fmt);
	if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		raw[0] = '\0';
	va_end(ap);
	printable(err->text, sizeof(err->text), raw);
	return code;
}

int error_join(struct error *err, int ret, int code, const struct error *besides)
{
	struct error first;

	if (!ret) {
		*err = *besides;
		return code;
	}
	first = *err;
	return error_set(err, ret, "%s; %s", first.text, besides->text);
}
