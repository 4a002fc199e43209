/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * static_view.h - what modules take by being there, as table, CSV or JSON
 */
#ifndef MODMEM_STATIC_VIEW_H
#define MODMEM_STATIC_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "view.h"

struct error;
struct static_list;

struct static_view {
	enum view_format format;
	bool sections;		/* table, CSV: a row for each section of the files */
	bool exact_bytes;
	unsigned int width;	/* of the terminal, 0: none */
};

/* 0 or a negative errno with @err set. */
int static_view(const struct static_list *list, const struct static_view *opts,
		FILE *out, struct error *err);

#endif
