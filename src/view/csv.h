/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csv.h - cells as RFC 4180 quotes them, and none that is a formula
 */
#ifndef MODMEM_CSV_H
#define MODMEM_CSV_H

#include <stdio.h>

void csv_put_text(const char *text, FILE *out);

#endif
