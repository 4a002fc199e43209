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
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "record_signals.h"

/* In the child: waits for the word, and becomes the command. */
static void become(char *const *argv, const struct record_signals *before, int go,
		   int failure)
{
	char word;
	int code;

	record_signals_back(before);
	if (read(go, &word, 1) != 1)
		_exit(0);
	execvp(argv[0], argv);
	code = errno;
	if (write(failure, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

int child_prepare(struct child *ch, char *const *argv,
		  const struct record_signals *before, struct error *err)
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
		become(argv, before, go[0], failure[1]);
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

	/* it sits in read(): a stop that is to come cannot be missed */
	ch->traced = !ptrace(PTRACE_SEIZE, ch->pid, NULL,
			     (void *)(uintptr_t)PTRACE_O_TRACEEXIT);
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
	child_leave(ch);
	waitpid(ch->pid, NULL, 0);
	ch->pid = 0;
	return error_set(err, -code, "%s: cannot be run: %s", name,
			 strerror(code));
}

/* A stop that is not its exit: it goes on as if nobody watched. */
static void go_on(const struct child *ch, int status)
{
	int event = status >> 16, sig = WSTOPSIG(status);

	/* the stop of a whole group, which SIGCONT is to end */
	if (event == PTRACE_EVENT_STOP &&
	    (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU))
		ptrace(PTRACE_LISTEN, ch->pid, NULL, NULL);
	else
		ptrace(PTRACE_CONT, ch->pid, NULL,
		       (void *)(uintptr_t)(event ? 0 : sig));
}

enum child_news child_wait(struct child *ch, int *status, struct rusage *usage)
{
	if (!ch->pid)
		return CHILD_RUNS;
	while (wait4(ch->pid, status, WNOHANG, usage) > 0) {
		if (WIFEXITED(*status) || WIFSIGNALED(*status)) {
			ch->pid = 0;
			return CHILD_ENDED;
		}
		if (!WIFSTOPPED(*status))
			continue;
		if (*status >> 16 == PTRACE_EVENT_EXIT)
			return CHILD_EXITS;
		go_on(ch, *status);
	}
	return CHILD_RUNS;
}

void child_let_go(struct child *ch)
{
	ptrace(PTRACE_CONT, ch->pid, NULL, NULL);
}

void child_leave(struct child *ch)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	if (!ch->pid || !ch->traced || ptrace(PTRACE_INTERRUPT, ch->pid, NULL, NULL))
		return;
	/*
	 * Only what is stopped can be left. What sleeps and cannot be woken is
	 * left by the kernel when this process ends. How it ended is not taken
	 * here: someone will ask for it.
	 */
	for (int i = 0; i < 100; i++) {
		siginfo_t info = { 0 };

		if (waitid(P_PID, (id_t)ch->pid, &info, WSTOPPED | WNOHANG))
			return;
		if (info.si_pid) {
			/* a signal on its way to it still gets there */
			int sig = info.si_status >> 8 ? 0 : info.si_status;

			ptrace(PTRACE_DETACH, ch->pid, NULL, (void *)(uintptr_t)sig);
			ch->traced = false;
			return;
		}
		nanosleep(&ms, NULL);
	}
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
