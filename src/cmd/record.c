// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "command.h"
#include "compress.h"
#include "error.h"
#include "leftovers.h"
#include "progress.h"
#include "record.h"
#include "record_args.h"
#include "record_check.h"
#include "units.h"
#include "wire.h"

/* At the end, a reader has that long to take something. */
#define STREAM_PATIENCE_MS	10000u

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "modmem: %s\n", line);
}

static int clean(const struct record_args *args)
{
	unsigned int removed;
	struct error err;

	if (record_clean(&removed, &err))
		return command_fail(&err);
	if (!args->quiet)
		fprintf(stderr, "modmem: %u instances and probes of killed recorders removed\n",
			removed);
	return STATUS_FINE;
}

/* What a recording here would lack, as a table; 1: it lacks something. */
static int check(void)
{
	struct record_sight sights[RECORD_SIGHTS_MAX];
	size_t n, unseen;
	struct utsname uts;
	struct error err;

	if (record_check(sights, &n, &unseen, &err))
		return command_fail(&err);
	if (!uname(&uts))
		printf("%s %s, %s\n\n", uts.sysname, uts.release, uts.machine);
	for (size_t i = 0; i < n; i++) {
		const struct record_sight *s = &sights[i];

		if (!s->seen)
			printf("%-26sno   %s\n%31s(%s)\n", s->what, s->cost, "", s->why);
		else
			printf("%-26syes%s%s\n", s->what, *s->why ? "  " : "", s->why);
	}
	if (unseen)
		printf("\nNot seen: %zu of %zu. Reports mark the numbers that depend on it.\n", unseen, n);
	else
		puts("\nGood: a recording sees all that modules take.");
	return unseen ? STATUS_UNTRUSTED : STATUS_FINE;
}

static void progress(void *arg, uint64_t done, uint64_t total)
{
	progress_update(arg, done, total);
}

/* Compresses the recording @path, or says why it stays as it is. 0 or a negative errno. */
static int compress(const struct record_args *args, const char *path, struct error *err)
{
	struct progress line;
	const struct compress_opts opts = {
		.level = (int)args->compress, .stop = command_input_ends(),
		.progress = progress, .progress_arg = &line,
	};
	char before[16], after[16];
	uint64_t bytes;
	struct stat st;
	int ret;

	progress_start(&line, args->quiet);
	ret = stat(path, &st) ? error_set(err, -errno, "%s: %s", path, strerror(errno)) :
				compress_recording(path, &opts, &bytes, err);
	progress_end(&line);
	if (!ret && !args->quiet)
		fprintf(stderr, "modmem: %s: compressed from %s to %s\n", path,
			size_human(before, sizeof(before), (uint64_t)st.st_size),
			size_human(after, sizeof(after), bytes));
	return ret;
}

static int restore(const struct record_args *args)
{
	bool wire = !strcmp(args->restore, "-");
	struct error err, damage = { "" };
	uint64_t bytes;
	char size[16];
	int ret;

	ret = wire ? record_receive(STDIN_FILENO, args->record.output, command_input_ends(), &bytes,
				    &damage, &err) :
		     record_restore(args->restore, &bytes, &err);
	/* of a recording that is whole already */
	if (ret == -ENOENT && args->compress && !access(args->restore, F_OK))
		return compress(args, args->restore, &err) ? command_fail(&err) : STATUS_FINE;
	if (ret)
		return command_fail(&err);
	if (!args->quiet)
		fprintf(stderr, "modmem: %s%srestored, %s\n", wire ? args->record.output : "",
			wire ? ": " : "", size_human(size, sizeof(size), bytes));
	if (args->compress && compress(args, wire ? args->record.output : args->restore, &err))
		command_fail(&err);	/* what was recorded is there nevertheless */
	if (!damage.text[0])
		return STATUS_FINE;
	/* the file says so as well, and a report of it */
	error_set(&err, -EIO, "%s; %s has what came", damage.text, args->record.output);
	return command_fail(&err);
}

/* Is it what standard output is? A path of a socket cannot be opened. */
static bool is_stdout(const char *output, const struct stat *st)
{
	struct stat out;

	return !strcmp(output, "-") || (!fstat(STDOUT_FILENO, &out) && st->st_dev == out.st_dev &&
					st->st_ino == out.st_ino);
}

/*
 * A stream for another machine, if the output is "-" or something that is there and is
 * no file. A FIFO is opened once there is somebody who reads it: nothing is set up yet
 * that Ctrl-C would leave. A descriptor, -1: it is a file, -2 with @err set.
 */
static int stream_to(const char *output, struct error *err)
{
	struct stat st = { 0 };
	int fd;

	if (strcmp(output, "-") && (stat(output, &st) || S_ISREG(st.st_mode) ||
				    S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)))
		return -1;
	if (!is_stdout(output, &st)) {
		fd = open(output, O_WRONLY | O_NOCTTY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		error_set(err, -errno, "%s: %s", output, strerror(errno));
		return -2;
	}
	if (isatty(STDOUT_FILENO)) {
		error_set(err, -EINVAL, "standard output is a terminal: pipe the stream to the host (modmem record -o - | nc HOST PORT), or give a file");
		return -2;
	}
	/* what the command prints is not to come between */
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		return fd;
	error_set(err, -errno, "standard output: %s", strerror(errno));
	return -2;
}

static void summary(const struct record_args *args,
		    const struct record_result *result)
{
	char size[16];

	if (args->quiet)
		return;
	fprintf(stderr, "modmem: %s: %s in %.1f s, %" PRIu64 " events lost\n",
		strcmp(args->record.output, "-") ? args->record.output : "sent",
		size_human(size, sizeof(size), result->bytes), result->seconds, result->lost);
}

static int run(int argc, char **argv)
{
	struct record_result result;
	struct record_args args;
	struct error err;
	char *cmdline;
	int ret, fd;

	if (record_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_record);
		return STATUS_FINE;
	}
	if (args.check)
		return check();
	if (args.clean)
		return clean(&args);
	if (args.restore)
		return restore(&args);

	fd = stream_to(args.record.output, &err);
	if (fd < -1)
		return command_fail(&err);
	if (fd >= 0 && args.compress) {
		error_set(&err, -EINVAL, "%s: a stream is not compressed: pipe it through zstd, or give --compress to who makes the file of it (modmem record --restore -)",
			  args.record.output);
		return command_fail(&err);
	}
	if (fd >= 0) {
		args.record.wire = wire_new(fd, STREAM_PATIENCE_MS);
		if (!args.record.wire) {
			error_set(&err, -ENOMEM, "not enough memory");
			return command_fail(&err);
		}
	}
	cmdline = record_cmdline(argc, argv);
	args.record.cmdline = cmdline;
	args.record.say = args.quiet ? NULL : say;
	ret = record(&args.record, &result, &err);
	free(cmdline);
	wire_free(args.record.wire);
	if (fd >= 0)
		close(fd);
	if (ret)
		return command_fail(&err);
	summary(&args, &result);
	if (args.compress && compress(&args, args.record.output, &err))
		command_fail(&err);	/* what was recorded is there nevertheless */
	return result.ran ? result.status : STATUS_FINE;
}

const struct command cmd_record = {
	.name = "record",
	.summary = "record what this machine's kernel allocates",
	.run = run,
	.options = &record_options,
};
