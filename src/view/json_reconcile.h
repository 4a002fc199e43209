/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_reconcile.h - the key "reconcile" of modmem.report/1
 */
#ifndef MODMEM_JSON_RECONCILE_H
#define MODMEM_JSON_RECONCILE_H

#include <jansson.h>
#include <stdbool.h>

struct snapshot;

/*
 * A new reference, NULL: no memory. @snap has a reconcile. @selected: a flag a
 * module, whether it is named among those that took memory.
 */
json_t *json_reconcile(const struct snapshot *snap, const bool *selected, bool full);

#endif
