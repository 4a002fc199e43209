// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "leftovers.h"
#include "modfiles.h"
#include "record_instance.h"
#include "root.h"
#include "server.h"

static void watch_over(pid_t watcher, int fd, const char *socket_dir, const char *files)
{
	static const struct timespec nap = { .tv_nsec = 20000000 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned int removed;
	struct error none;
	sigset_t all;
	ssize_t n;
	char word;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* who reads what the watcher says is not to wait for this one, nor its folder */
	for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++)
		dup2(null, i);
	if (chdir("/"))
		_exit(0);
	do {
		n = read(fd, &word, 1);
	} while (n < 0 && errno == EINTR);
	if (n)
		_exit(0);
	root_follow();
	/* the pipe is closed, but it is not dead yet, nor are all of its threads */
	for (int i = 0; i < 500 && record_process_start((uint64_t)watcher); i++)
		nanosleep(&nap, NULL);
	for (int i = 0; i < 100 && !server_clean(socket_dir); i++)
		nanosleep(&nap, NULL);
	if (files)
		modfiles_remove(files);
	record_clean(&removed, &none);
	_exit(0);
}

void guard_start(struct guard *g, const char *socket_dir, const char *files)
{
	pid_t watcher = getpid();
	int fds[2];

	*g = (struct guard){ .fd = -1 };
	if (pipe2(fds, O_CLOEXEC))
		return;
	g->pid = fork();
	if (!g->pid) {
		close(fds[1]);
		watch_over(watcher, fds[0], socket_dir, files);
	}
	close(fds[0]);
	g->fd = fds[1];
	if (g->pid > 0)
		return;
	g->pid = 0;
	close(g->fd);
}

void guard_end(struct guard *g)
{
	if (!g->pid)
		return;
	if (write(g->fd, "", 1) != 1)
		kill(g->pid, SIGKILL);
	close(g->fd);
	waitpid(g->pid, NULL, 0);
	g->pid = 0;
}
