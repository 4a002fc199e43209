// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay_args.h"

#include <errno.h>
#include <getopt.h>

#include "error.h"
#include "page_size.h"
#include "view.h"

const char *attribute_name(unsigned int mode)
{
	return attribute_mode_name((enum attribute_mode)mode);
}

const char *format_name(unsigned int format)
{
	return view_format_name((enum view_format)format);
}

int page_size_option(void *field, const char *command, const char *text, struct error *err)
{
	uint64_t bytes;
	int ret = options_size(command, "page-size", text, &bytes, err);

	if (ret)
		return ret;
	if (bytes < PAGE_SIZE_MIN || bytes > PAGE_SIZE_MAX || (bytes & (bytes - 1)))
		return error_set(err, -EINVAL, "--page-size is a power of two from 4K to 256K, not '%.60s'. Try 'modmem help %s'.",
				 text, command);
	*(uint32_t *)field = (uint32_t)bytes;
	return 0;
}

int replay_operand(struct replay_opts *replay, int argc, char **argv, struct error *err)
{
	if (optind + 1 < argc)
		return error_set(err, -EINVAL, "one recording at a time, not '%.60s' too. Try 'modmem help %s'.",
				 argv[optind + 1], argv[0]);
	if (replay->now && optind < argc)
		return error_set(err, -EINVAL, "--now asks the watcher, not '%.60s'. Try 'modmem help %s'.",
				 argv[optind], argv[0]);
	if (optind < argc)
		replay->path = argv[optind];
	else if (replay->now)
		replay->path = "the watcher";
	return 0;
}

int replay_window(const struct replay_opts *replay, const char *command, struct error *err)
{
	if (replay->from != REPLAY_NO_TIME && replay->to != REPLAY_NO_TIME &&
	    replay->from_relative == replay->to_relative && replay->from > replay->to)
		return error_set(err, -EINVAL, "--from is later than --%s. Try 'modmem help %s'.",
				 replay->at ? "at" : "to", command);
	return 0;
}
