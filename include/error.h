/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - one line of explanation that travels with a negative errno
 *
 * Stages never print. They return a negative errno and fill a struct error
 * with a sentence that says what went wrong, where, and what to do about it;
 * the command prints it after "modmem: ".
 */
#ifndef MODMEM_ERROR_H
#define MODMEM_ERROR_H

#include <stdarg.h>

struct error {
	char text[1024];
};

/*
 * Formats the message into @err (may be NULL) with control bytes made visible
 * (see printable.h), truncated to fit, and returns @code, so that a stage can
 * say "return error_set(err, -EINVAL, ...)".
 */
int error_set(struct error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What went wrong besides: @err says so after what it said of @ret, or alone if that
 * is 0. Returns @ret, or then @code.
 */
int error_join(struct error *err, int ret, int code, const struct error *besides);

#endif
