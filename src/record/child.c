// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * child.c - see record_child.h
 */
#include "record_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"

/* In the child: waits for the word, and becomes the command. */
static void become(char *const *argv, int go, int failure)
{
	sigset_t none;
	char word;
	int code;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (read(go, &word, 1) != 1)
		_exit(0);
	execvp(argv[0], argv);
	code = errno;
	if (write(failure, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

int child_prepare(struct child *ch, char *const *argv, struct error *err)
{
	int go[2], failure[2];

	memset(ch, 0, sizeof(*ch));
	if (pipe2(go, O_CLOEXEC))
		return error_set(err, -errno, "cannot make a pipe: %s",
				 strerror(errno));
	if (pipe2(failure, O_CLOEXEC)) {
		int code = -errno;

		close(go[0]);
		close(go[1]);
		return error_set(err, code, "cannot make a pipe: %s",
				 strerror(-code));
	}
	ch->pid = fork();
	if (!ch->pid) {
		close(go[1]);
		close(failure[0]);
		become(argv, go[0], failure[1]);
	}
	close(go[0]);
	close(failure[1]);
	ch->go = go[1];
	ch->failure = failure[0];
	if (ch->pid < 0) {
		int code = -errno;

		ch->pid = 0;
		close(ch->go);
		close(ch->failure);
		return error_set(err, code, "cannot start a process: %s",
				 strerror(-code));
	}
	return 0;
}

int child_go(struct child *ch, const char *name, struct error *err)
{
	int code = 0;
	ssize_t n;

	n = write(ch->go, "", 1);
	close(ch->go);
	if (n == 1) {
		do {
			n = read(ch->failure, &code, sizeof(code));
		} while (n < 0 && errno == EINTR);
	}
	close(ch->failure);
	if (!code)
		return 0;
	waitpid(ch->pid, NULL, 0);
	ch->pid = 0;
	return error_set(err, -code, "%s: cannot be run: %s", name,
			 strerror(code));
}

void child_cancel(struct child *ch)
{
	if (!ch->pid)
		return;
	close(ch->go);
	close(ch->failure);
	waitpid(ch->pid, NULL, 0);
	ch->pid = 0;
}

int child_exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	       WEXITSTATUS(status);
}
