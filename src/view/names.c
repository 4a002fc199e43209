// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names.c - the words of the command line and of the JSON contract
 */
#include "enum_name.h"
#include "view.h"

const char *view_by_name(enum view_by by)
{
	static const char *const names[] = {
		[VIEW_BY_MODULE] = "module",
		[VIEW_BY_SITE] = "site",
		[VIEW_BY_CACHE] = "cache",
		[VIEW_BY_STACK] = "stack",
		[VIEW_BY_TASK] = "task",
	};

	return ENUM_NAME(names, by);
}

const char *view_format_name(enum view_format format)
{
	static const char *const names[] = {
		[VIEW_TABLE] = "table",
		[VIEW_JSON] = "json",
		[VIEW_CSV] = "csv",
	};

	return ENUM_NAME(names, format);
}
