/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * enum_name.h - the name of an enum's value, from a table of them
 */
#ifndef MODMEM_ENUM_NAME_H
#define MODMEM_ENUM_NAME_H

#include <stddef.h>

/* NULL: @i is none of the table's. */
#define ENUM_NAME(table, i) \
	((size_t)(i) < sizeof(table) / sizeof((table)[0]) ? (table)[i] : NULL)

#endif
