/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_snapshot.h - a snapshot made by hand, with names nobody should trust
 */
#ifndef MODMEM_FAKE_SNAPSHOT_H
#define MODMEM_FAKE_SNAPSHOT_H

#include "snapshot.h"

/* A module, a task and others are called like this. */
#define HOSTILE_NAME "=cmd|\x1b[31m'\n\xff,\"x"
#define HOSTILE_SHOWN "=cmd|\\x1b[31m'\\x0a\\xff,\"x"

/* Every field that a view shows is used; the books balance. */
struct snapshot *fake_snapshot(void);

/* A recording without one event: [kernel] alone, all zero. */
struct snapshot *fake_empty_snapshot(void);

#endif
