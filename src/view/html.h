/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html.h - the data of the page, apart from how it looks
 */
#ifndef MODMEM_HTML_H
#define MODMEM_HTML_H

#include <jansson.h>

#include "export.h"

/* What page.js reads; NULL with @err set. */
json_t *html_data(const struct snapshot *snap, const struct export_opts *opts,
		  struct error *err);

#endif
