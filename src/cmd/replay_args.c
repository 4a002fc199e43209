// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay_args.h"

#include <errno.h>
#include <getopt.h>

#include "error.h"
#include "page_size.h"
#include "replay.h"

static const char *attribute_name(unsigned int i)
{
	return attribute_mode_name((enum attribute_mode)i);
}

int replay_option(struct replay_opts *replay, const char *command, int value,
		  struct error *err)
{
	int choice;

	switch (value) {
	case OPT_AT:
		replay->at = true;
		return options_time(command, "at", optarg, &replay->to, &replay->to_relative, err);
	case OPT_FROM:
		return options_time(command, "from", optarg, &replay->from,
				    &replay->from_relative, err);
	case OPT_TO:
		return options_time(command, "to", optarg, &replay->to, &replay->to_relative, err);
	case OPT_ATTRIBUTE:
		choice = options_choose(command, "attribute", optarg, attribute_name, err);
		if (choice < 0)
			return choice;
		replay->attribute = (enum attribute_mode)choice;
		break;
	case OPT_MODULES:
		replay->modules_file = optarg;
		break;
	case OPT_KALLSYMS:
		replay->kallsyms_file = optarg;
		break;
	case OPT_PAGE_SIZE:
		return page_size_option(command, &replay->page_size, err);
	case OPT_CHECK:
		replay->check = true;
		break;
	default:
		return symfiles_option(&replay->files, command, value, err);
	}
	return 0;
}

int page_size_option(const char *command, uint32_t *page_size, struct error *err)
{
	uint64_t bytes;
	int ret = options_size(command, "page-size", optarg, &bytes, err);

	if (ret)
		return ret;
	if (bytes < PAGE_SIZE_MIN || bytes > PAGE_SIZE_MAX || (bytes & (bytes - 1)))
		return error_set(err, -EINVAL, "--page-size is a power of two from 4K to 256K, not '%.60s'. Try 'modmem help %s'.",
				 optarg, command);
	*page_size = (uint32_t)bytes;
	return 0;
}

int symfiles_option(struct symfiles_opts *files, const char *command, int value,
		    struct error *err)
{
	switch (value) {
	case OPT_VMLINUX:
		files->vmlinux = optarg;
		break;
	case OPT_MODULE_DIR:
		return options_dir(command, "module-dir", optarg, files->module_dirs,
				   &files->n_module_dirs, SYMFILES_DIRS_MAX, err);
	case OPT_DEBUG_DIR:
		return options_dir(command, "debug-dir", optarg, files->debug_dirs,
				   &files->n_debug_dirs, SYMFILES_DIRS_MAX, err);
	}
	return 0;
}

int replay_operand(struct replay_opts *replay, int argc, char **argv, struct error *err)
{
	if (optind + 1 < argc)
		return error_set(err, -EINVAL, "one recording at a time, not '%.60s' too. Try 'modmem help %s'.",
				 argv[optind + 1], argv[0]);
	if (optind < argc)
		replay->path = argv[optind];
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
