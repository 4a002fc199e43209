// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option_export.c - see option_export.h
 */
#include "option_export.h"

#include "../cmd/export_args.h"
#include "error.h"

static struct replay_opts parsed(int argc, char **argv, int *ret, struct error *err)
{
	char to[] = "--to=html";
	char *with_format[8] = { argv[0], to };
	struct export_args args = { 0 };

	for (int i = 1; i <= argc; i++)
		with_format[i + 1] = argv[i];
	*ret = export_parse(argc + 1, with_format, &args, err);
	return args.replay;
}

int export_from(int argc, char **argv, uint64_t *number, struct error *err)
{
	int ret;

	*number = (uint64_t)parsed(argc, argv, &ret, err).from;
	return ret;
}

int export_at(int argc, char **argv, uint64_t *number, struct error *err)
{
	int ret;

	*number = (uint64_t)parsed(argc, argv, &ret, err).to;
	return ret;
}

int export_page(int argc, char **argv, uint64_t *number, struct error *err)
{
	int ret;

	*number = parsed(argc, argv, &ret, err).page_size;
	return ret;
}
