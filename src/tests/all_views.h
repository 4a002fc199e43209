/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * all_views.h - whatever is in a snapshot, all that shows it comes to its end
 */
#ifndef MODMEM_TESTS_ALL_VIEWS_H
#define MODMEM_TESTS_ALL_VIEWS_H

struct snapshot;

/*
 * Tables of each kind, JSON, CSV, each format of export, static, leaks and reconcile,
 * as far as @snap has what they need. Fails by abort(3).
 */
void all_views(const struct snapshot *snap);

#endif
