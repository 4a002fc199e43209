// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "complete.h"
#include "error.h"
#include "options.h"
#include "pager.h"

#ifndef MODMEM_VERSION
#define MODMEM_VERSION "0.1.0"
#endif

/* What most people want, word for word. */
#define WELCOME \
	"modmem tells how much memory each kernel module holds, and which line of it took\n" \
	"that memory: it records what the kernel allocates, and replays the recording. All it\n" \
	"needs is a stock kernel, and root to record.\n" \
	"\n" \
	"    modmem record -- insmod foo.ko    record while a command runs\n" \
	"    modmem report                     what each module holds, from the recording\n" \
	"    modmem top                        the same of the running kernel, live\n" \
	"\n" \
	"modmem --help lists all commands; man modmem has a tutorial.\n"

static const struct command *const *table;

const struct command *const *command_table(void)
{
	return table;
}

const struct command *command_find(const char *name)
{
	for (const struct command *const *cmd = table; *cmd; cmd++)
		if (!strcmp((*cmd)->name, name))
			return *cmd;
	return NULL;
}

void command_help(const struct command *cmd)
{
	options_help(cmd->options, stdout);
	if (cmd->more_help)
		cmd->more_help(stdout);
}

int command_fail(const struct error *err)
{
	fflush(stdout);
	fprintf(stderr, "modmem: %s\n", err->text);
	return STATUS_FAILED;
}

/* A full disk or a closed pipe may show only when the last bytes go out. */
static int close_stdout(int status)
{
	int reason = !ferror(stdout) ? 0 : errno ? errno : EIO;
	struct error err;

	if (fclose(stdout))
		reason = errno;
	if (!reason)
		return status;
	error_set(&err, -reason, "cannot write to standard output: %s",
		  strerror(reason));
	fprintf(stderr, "modmem: %s\n", err.text);
	return STATUS_FAILED;
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct command *cmd;
	struct error err;

	if (!name) {
		fputs(WELCOME, stderr);
		return STATUS_FAILED;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("modmem %s\n", MODMEM_VERSION);
		return STATUS_FINE;
	}
	if (!strcmp(name, "--complete")) {
		complete(argc - 2, argv + 2, stdout);
		return STATUS_FINE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return cmd_help.run(1, argv);

	cmd = command_find(name);
	if (cmd)
		return cmd->run(argc - 1, argv + 1);
	error_set(&err, -EINVAL, "unknown %s '%.60s'. Try 'modmem --help'.",
		  *name == '-' ? "option" : "command", name);
	return command_fail(&err);
}

/*
 * What is closed is not to become the number of a file that is opened, or messages
 * go there. To write, or to read, is an error still, and what is started finds
 * it closed.
 */
static void reserve_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_CLOEXEC | O_PATH);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int command_main(const struct command *const *commands, int argc, char **argv)
{
	int status;

	reserve_streams();
	table = commands;
	/* which characters a terminal can show; numbers stay as they are */
	setlocale(LC_CTYPE, "");
	status = close_stdout(run(argc, argv));
	pager_end();
	return status;
}

static volatile sig_atomic_t input_ends;

static void end_input(int signal)
{
	(void)signal;
	input_ends = 1;
}

const volatile sig_atomic_t *command_input_ends(void)
{
	struct sigaction action = { .sa_handler = end_input, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return &input_ends;
}
