// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_record_child.c - the command that is recorded is seen on its way out,
 * and behaves as if nobody watched
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "record_child.h"
#include "record_files.h"
#include "record_signals.h"

#define PATIENCE_MS 10000

static struct record_signals before;

static void wait_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void start(struct child *ch, const char *script)
{
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, (char *)script, NULL };
	struct error err = { "" };

	assert_int_equal(child_prepare(ch, argv, &before, &err), 0);
	if (child_go(ch, argv[0], &err))
		fail_msg("%s", err.text);
}

/* Until it has ended; *rollup what its memory was as it exited. */
static int finish(struct child *ch, char **rollup)
{
	struct rusage usage;
	int status;

	*rollup = NULL;
	for (int i = 0; i < PATIENCE_MS; i++) {
		char path[64];

		switch (child_wait(ch, &status, &usage)) {
		case CHILD_ENDED:
			assert_true(usage.ru_maxrss > 0);
			return child_exit_status(status);
		case CHILD_EXITS:
			assert_null(*rollup);
			snprintf(path, sizeof(path), "/proc/%d/smaps_rollup",
				 (int)ch->pid);
			*rollup = file_read(path, NULL);
			child_let_go(ch);
			break;
		case CHILD_RUNS:
			wait_ms(1);
		}
	}
	fail_msg("it does not end");
	return -1;
}

static void seen_at_exit(void **state)
{
	struct child ch;
	char *rollup;

	(void)state;
	start(&ch, "exit 7");
	if (!ch.traced) {
		finish(&ch, &rollup);
		print_message("ptrace(2) is not allowed here\n");
		skip();
	}
	assert_int_equal(finish(&ch, &rollup), 7);
	assert_int_equal(ch.pid, 0);
	/* a zombie has none: it was still there */
	assert_non_null(rollup);
	if (access("/proc/self/smaps_rollup", R_OK) == 0)
		assert_non_null(strstr(rollup, "\nPss: "));
	free(rollup);
}

static void signals_go_on(void **state)
{
	struct child ch;
	char *rollup;

	(void)state;
	start(&ch, "trap 'exit 5' USR1; kill -USR1 $$; exit 6");
	assert_int_equal(finish(&ch, &rollup), 5);
	free(rollup);
	start(&ch, "kill -TERM $$; sleep 60");
	assert_int_equal(finish(&ch, &rollup), 128 + SIGTERM);
	free(rollup);
	start(&ch, "kill -KILL $$; sleep 60");
	assert_int_equal(finish(&ch, &rollup), 128 + SIGKILL);
	free(rollup);
}

/* The state letter of /proc/PID/stat; 'T' is stopped. */
static char state_of(pid_t pid)
{
	char path[64], *text, *at, letter;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = file_read(path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	letter = at ? at[2] : '?';
	free(text);
	return letter;
}

static void stops_stay_stops(void **state)
{
	struct rusage usage;
	struct child ch;
	char *rollup;
	int status;

	(void)state;
	start(&ch, "kill -STOP $$; exit 9");
	for (int i = 0; i < 300; i++) {
		assert_int_equal(child_wait(&ch, &status, &usage), CHILD_RUNS);
		wait_ms(1);
	}
	assert_true(state_of(ch.pid) == 'T' || state_of(ch.pid) == 't');
	kill(ch.pid, SIGCONT);
	assert_int_equal(finish(&ch, &rollup), 9);
	free(rollup);
}

/* The mask NAME of /proc/PID/status, as "SigCgt:". */
static unsigned long long mask_of(pid_t pid, const char *name)
{
	unsigned long long mask;
	char path[64], *text, *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	text = file_read(path, NULL);
	line = text ? strstr(text, name) : NULL;
	mask = line ? strtoull(line + strlen(name), NULL, 16) : 0;
	free(text);
	return mask;
}

/* Left alone it runs on, gets its signals, and its status is still to be had. */
static void left_alone(void **state)
{
	struct child ch;
	int status;

	(void)state;
	start(&ch, "trap 'exit 4' USR1; while :; do sleep 0.01; done");
	for (int i = 0; i < PATIENCE_MS &&
	     !(mask_of(ch.pid, "SigCgt:") >> (SIGUSR1 - 1) & 1); i++)
		wait_ms(1);
	child_leave(&ch);
	assert_false(ch.traced);
	assert_int_not_equal(state_of(ch.pid), 't');
	assert_int_equal(waitpid(ch.pid, &status, WNOHANG), 0);
	kill(ch.pid, SIGUSR1);
	assert_int_equal(waitpid(ch.pid, &status, 0), ch.pid);
	assert_int_equal(child_exit_status(status), 4);
}

/* Put this process's line NAME of its status into the environment, as VARIABLE. */
static void status_to_env(const char *name, const char *variable,
			  unsigned long long without)
{
	char mask[17];

	snprintf(mask, sizeof(mask), "%016llx", mask_of(getpid(), name) & ~without);
	setenv(variable, mask, 1);
}

/*
 * What a recorder ignores and blocks, it does so for itself; what it was given
 * goes on. Who runs this test may ignore signals, too, as nohup(1) does.
 */
static void inherits_signals(void **state)
{
	static const char script[] =
		"set -- $(grep -E '^Sig(Blk|Ign)' /proc/self/status); "
		"[ $2 = $W_BLOCKED ] && [ $4 = $W_IGNORED ]";
	sigset_t blocked, old, is;
	struct record_signals rs;
	struct sigaction action;
	struct error err = { "" };
	struct child ch;
	char *rollup;
	int fd;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, &old);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	status_to_env("SigBlk:", "W_BLOCKED", 0);
	/* the shell takes SIGCHLD for itself */
	status_to_env("SigIgn:", "W_IGNORED", 1ULL << (SIGCHLD - 1));
	assert_int_equal(record_signals_take(&rs, &fd, &err), 0);
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_IGN);
	before = rs;
	start(&ch, script);
	assert_int_equal(finish(&ch, &rollup), 0);
	free(rollup);

	record_signals_back(&rs);
	close(fd);
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_DFL);
	assert_int_equal(sigaction(SIGCHLD, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_IGN);
	sigprocmask(SIG_SETMASK, &old, &is);
	assert_int_equal(sigismember(&is, SIGUSR2), 1);
	assert_int_equal(sigismember(&is, SIGINT), sigismember(&old, SIGINT));
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
}

static void no_such_command(void **state)
{
	char name[] = "/nonexistent/command";
	char *argv[] = { name, NULL };
	struct error err = { "" };
	struct child ch;

	(void)state;
	assert_int_equal(child_prepare(&ch, argv, &before, &err), 0);
	assert_int_not_equal(child_go(&ch, argv[0], &err), 0);
	assert_non_null(strstr(err.text, "cannot be run"));
	assert_int_equal(ch.pid, 0);
}

int main(void)
{
	struct error err = { "" };
	sigset_t sent;
	int fd;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seen_at_exit),
		cmocka_unit_test(signals_go_on),
		cmocka_unit_test(stops_stay_stops),
		cmocka_unit_test(left_alone),
		cmocka_unit_test(inherits_signals),
		cmocka_unit_test(no_such_command),
	};

	/* whoever runs this may ignore or block what the commands here are sent */
	sigemptyset(&sent);
	sigaddset(&sent, SIGUSR1);
	sigaddset(&sent, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &sent, NULL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (record_signals_take(&before, &fd, &err))
		return 1;
	record_signals_back(&before);
	close(fd);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
