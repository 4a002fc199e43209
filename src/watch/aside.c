// SPDX-License-Identifier: GPL-2.0-or-later
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What @run made of it, as it comes through the pipe: less than PIPE_BUF. */
struct outcome {
	int ret;
	struct error err;
};

static void close_from(unsigned int first, unsigned int last)
{
	if (first > last)
		return;
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, first, last, 0))
		return;
#endif
	/* before Linux 5.9 */
	for (unsigned int fd = first; fd <= last && fd < 4096; fd++)
		close((int)fd);
}

/* Ring buffers, the socket and its lock are not held when the watcher is gone. */
static void let_go(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (a < 0 || b < 0) {
		close_from(STDERR_FILENO + 1, high - 1);
	} else {
		close_from(STDERR_FILENO + 1, low - 1);
		close_from(low + 1, high - 1);
	}
	close_from(high + 1, ~0u);
}

static void be_aside(int (*run)(void *arg, struct error *err), void *arg, int keep, int to)
{
	struct outcome outcome = { 0 };
	sigset_t set;

	let_go(keep < 0 ? to : keep, to);
	/* it is the one that reads the ring buffers which must not be late */
	setpriority(PRIO_PROCESS, 0, 0);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(ASIDE_SECONDS);
	outcome.ret = run(arg, &outcome.err);
	/* nobody to tell: the watcher is gone */
	_exit(write(to, &outcome, sizeof(outcome)) == sizeof(outcome) ? 0 : 1);
}

int aside_start(struct aside *a, int (*run)(void *arg, struct error *err), void *arg,
		int keep, struct error *err)
{
	int fds[2], code;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return error_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		be_aside(run, arg, keep, fds[1]);
	code = errno;
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_set(err, -code, "cannot start a process: %s", strerror(code));
	}
	*a = (struct aside){ .pid = pid, .outcome = fds[0] };
	return 0;
}

bool aside_ended(struct aside *a, bool wait, int *ret, struct error *err)
{
	struct outcome outcome = { 0 };
	struct rusage usage;
	pid_t pid;
	int status;
	ssize_t n;

	do {
		pid = wait4(a->pid, &status, wait ? 0 : WNOHANG, &usage);
	} while (pid < 0 && errno == EINTR);
	if (!pid)
		return false;
	n = read(a->outcome, &outcome, sizeof(outcome));
	close(a->outcome);
	a->pid = 0;
	a->cpu_ns = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000) +
		    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
	if (n == sizeof(outcome)) {
		*ret = outcome.ret;
		*err = outcome.err;
	} else if (WIFSIGNALED(status)) {
		*ret = error_set(err, -EINTR, "%s", WTERMSIG(status) == SIGALRM ?
				 "took too long" : "was killed");
	} else {
		*ret = error_set(err, -EIO, "failed");
	}
	return true;
}
