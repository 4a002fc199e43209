// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * signals.c - see record_signals.h
 */
#include "record_signals.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>

#include "error.h"

static const struct {
	int number;
	void (*handler)(int number);
} changed[RECORD_SIGNALS_CHANGED] = {
	{ SIGCHLD, SIG_DFL },	/* ignored, how the command ended could not be told */
	{ SIGPIPE, SIG_IGN },
	{ SIGXFSZ, SIG_IGN },
};

int record_signals_take(struct record_signals *rs, int *fd, struct error *err)
{
	struct sigaction action = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);	/* also if a shell ignores it for "&" */
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	/* under nohup it stays ignored */
	if (!sigaction(SIGHUP, NULL, &action) && action.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	*fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (*fd < 0)
		return error_set(err, -errno, "cannot take signals: %s", strerror(errno));
	/* neither can fail: signals and arguments are valid */
	sigprocmask(SIG_BLOCK, &set, &rs->mask);
	for (size_t i = 0; i < RECORD_SIGNALS_CHANGED; i++) {
		action = (struct sigaction){ .sa_handler = changed[i].handler };
		sigaction(changed[i].number, &action, &rs->was[i]);
	}
	return 0;
}

void record_signals_back(const struct record_signals *rs)
{
	for (size_t i = 0; i < RECORD_SIGNALS_CHANGED; i++)
		sigaction(changed[i].number, &rs->was[i], NULL);
	sigprocmask(SIG_SETMASK, &rs->mask, NULL);
}
