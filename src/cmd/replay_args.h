/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay_args.h - options that several commands share
 *
 * Rows for the table of a command. The file that has the table defines
 * ARGS: the struct that the command fills.
 */
#ifndef MODMEM_REPLAY_ARGS_H
#define MODMEM_REPLAY_ARGS_H

#include "options.h"
#include "replay.h"

struct error;

#define ARG(field)	.offset = offsetof(ARGS, field)
#define ALSO(field)	.also = offsetof(ARGS, field)

/* @help: what it means in this command. */
#define ROW_FROM(help)	{ 0, "from", "TIME", help, OPT_TIME, ARG(replay.from), \
			  ALSO(replay.from_relative) }
#define ROW_TO(help)	{ 0, "to", "TIME", help, OPT_TIME, ARG(replay.to), \
			  ALSO(replay.to_relative) }
#define ROW_AT		{ 0, "at", "TIME", \
			  "as it stood then: 33.25, 250ms, +1.5 after the start", OPT_TIME, \
			  ARG(replay.to), ALSO(replay.to_relative) }
#define ROWS_AT_FROM	ROW_AT, ROW_FROM("only what was allocated since")

#define ROW_ATTRIBUTE	{ 0, "attribute", "MODE", \
			  "charge the own (default), nearest or outermost", OPT_CHOICE, \
			  ARG(replay.attribute), .names = attribute_name }
#define ROWS_SYMBOLS	{ 0, "modules", "FILE", "saved /proc/modules of the recorded machine", \
			  OPT_STRING, ARG(replay.modules_file) }, \
			{ 0, "kallsyms", "FILE", "saved /proc/kallsyms of the recorded machine", \
			  OPT_STRING, ARG(replay.kallsyms_file) }
#define ROW_NOW		{ 0, "now", NULL, "of the running 'modmem watch', as it stands now", OPT_FLAG, \
			  ARG(replay.now) }
#define ROW_PAGE_SIZE(help) { 0, "page-size", "SIZE", help, OPT_CALL, ARG(replay.page_size), \
			      .call = page_size_option, .words = "4K 16K 64K" }
#define PAGE_SIZE_RECORDED "of the recorded machine, if the recording does not say it"

/* Of @files, a struct symfiles_opts; the second with what only --lines needs. */
#define ROWS_FILES(files, help) \
			{ 0, "vmlinux", "FILE", help, OPT_STRING, ARG(files.vmlinux) }, \
			{ 0, "module-dir", "DIR", \
			  "with NAME.ko[.xz..] in or below it; repeatable", OPT_DIRS, \
			  ARG(files.module_dirs), ALSO(files.n_module_dirs), \
			  .most = SYMFILES_DIRS_MAX }
#define FILES_SYMBOLS	"kernel with symbols, where the recording has none"
#define ROWS_SYMFILES(files, help) \
			ROWS_FILES(files, help), \
			{ 0, "debug-dir", "DIR", \
			  "of separate debug files; default: /usr/lib/debug", OPT_DIRS, \
			  ARG(files.debug_dirs), ALSO(files.n_debug_dirs), \
			  .most = SYMFILES_DIRS_MAX }

#define ROW_MODULE(field, help)	{ 0, "module", "NAME[,..]", help, OPT_MODULES, ARG(field) }
#define ROW_MIN		{ 0, "min", "SIZE", \
			  "only rows that hold at least that: 512, 4K, 1.5M", OPT_SIZE, \
			  ARG(view.min_bytes) }
#define ROW_BYTES(field) { 0, "bytes", NULL, "exact bytes instead of 1.5K", OPT_FLAG, ARG(field) }
#define ROWS_FORMAT(field) \
			{ 0, "format", "FORMAT", "table (default), json or csv", OPT_CHOICE, \
			  ARG(field), .names = format_name }, \
			{ 0, "json", NULL, "short for --format json", OPT_SET, ARG(field), \
			  .value = VIEW_JSON }

#define ROW_STRICT(field, help)	{ 0, "strict", NULL, help, OPT_FLAG, ARG(field) }
#define STRICT_RECORDING "exit with 3 if what the modules hold is not known exactly"
#define ROW_CHECK	{ 0, "check", NULL, \
			  "verify that the books balance, exit with 2 if not", OPT_FLAG, \
			  ARG(replay.check) }
#define ROW_NOTES(field) { 'v', "notes", NULL, \
			  "all that is known of the numbers, below the table", OPT_FLAG, ARG(field) }
#define ROW_NO_PAGER(field) { 0, "no-pager", NULL, \
			  "not through $PAGER, in a terminal", OPT_FLAG, ARG(field) }
#define ROWS_QUIET_HELP	{ 'q', "quiet", NULL, "no progress line", OPT_FLAG, ARG(quiet) }, \
			ROW_HELP
#define ROW_HELP	{ 'h', "help", NULL, "this text", OPT_FLAG, ARG(help) }

/* Of sessions with the running kernel. */
#define ROW_BUFFER_SIZE(letter, field) \
			{ letter, "buffer-size", "KB", \
			  "ring buffer per CPU, KiB; default: from free memory", OPT_NUMBER, \
			  ARG(field), .least = 1, .most = 1u << 30, \
			  .what = "KiB per CPU such as 4096" }
#define ROW_NO_PROBES(field) \
			{ 0, "no-probes", NULL, "only the kernel's own events", OPT_FLAG, ARG(field) }
#define ROW_OWN(field) \
			{ 0, "own", NULL, "leave out what the kernel takes for itself", OPT_FLAG, \
			  ARG(field) }

/* The file to replay if none is named. */
#define REPLAY_FILE	"trace.dat"

/* What is replayed if nothing is said: all of REPLAY_FILE. */
#define REPLAY_ALL	{ .path = REPLAY_FILE, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME }

/* Names for the rows, as struct optdesc wants them. */
const char *attribute_name(unsigned int mode);
const char *format_name(unsigned int format);	/* enum view_format */

/* What --page-size was given: 4K to 256K, into the uint32_t at @field. */
int page_size_option(void *field, const char *command, const char *text, struct error *err);

/*
 * The operand at optind, at most one: the recording. Then what no option is wrong
 * in alone. 0 or -EINVAL with @err set.
 */
int replay_operand(struct replay_opts *replay, int argc, char **argv, struct error *err);
int replay_window(const struct replay_opts *replay, const char *command, struct error *err);

#endif
