/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * headline.h - the first lines of a screen: what this is, and how far to trust it
 */
#ifndef MODMEM_HEADLINE_H
#define MODMEM_HEADLINE_H

#include <stdbool.h>
#include <stdio.h>

#include "view.h"

/* Its colour on a terminal. */
enum grade {
	GRADE_GOOD,
	GRADE_BOUNDS,		/* right, but not exact */
	GRADE_BAD,
};

/* Kernel, machine, how long, by what, how many events. Free it; NULL: no memory. */
char *headline_origin(const struct snapshot *snap);

/* How far to trust what the @selected modules (modules_select()) hold; likewise. */
char *headline_verdict(const struct snapshot *snap, const struct view_opts *opts,
		       const bool *selected, enum grade *grade);

/* A verdict, wrapped at @width columns. */
void headline_put(const char *text, enum grade grade, bool color, unsigned int width, FILE *out);

#endif
