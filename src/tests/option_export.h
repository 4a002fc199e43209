/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option_export.h - numbers of the command line of modmem export
 *
 * Apart from the test of all options: export.h and metric.h have names in common.
 */
#ifndef MODMEM_TESTS_OPTION_EXPORT_H
#define MODMEM_TESTS_OPTION_EXPORT_H

#include <stdint.h>

struct error;

/* Parses, and returns what came of it: the number of the option that it is called for. */
int export_from(int argc, char **argv, uint64_t *number, struct error *err);
int export_at(int argc, char **argv, uint64_t *number, struct error *err);
int export_page(int argc, char **argv, uint64_t *number, struct error *err);

#endif
