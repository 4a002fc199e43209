// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_watch_server.c - who asks a watcher, and who does not ask as one should
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "live_books.h"
#include "watch/server.h"
#include "monotonic.h"

static char dir[40], path[60];
static struct server server;
static struct error err;
static bool stopped;
static uint64_t taken;

static int a_status(void *arg, FILE *out, struct error *e)
{
	(void)arg;
	(void)e;
	fputs("status", out);
	return 0;
}

/* More than a socket holds. */
static int a_report(void *arg, bool full, FILE *out, struct error *e)
{
	(void)arg;
	if (!full)
		return error_set(e, -ENODATA, "no such luck");
	for (int i = 0; i < 300000; i++)
		fputs("0123456789", out);
	return 0;
}

static void a_stop(void *arg)
{
	(void)arg;
	stopped = true;
}

static uint64_t a_now(void *arg)
{
	(void)arg;
	return 10;
}

static uint64_t so_far(void *arg)
{
	(void)arg;
	return taken;
}

static const struct server_ops ops = {
	.status = a_status, .report = a_report, .stop = a_stop, .now = a_now, .taken = so_far,
};

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/server.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/run", dir);
	stopped = false;
	taken = 10;
	return server_open(&server, path, &ops, &err);
}

static int teardown(void **state)
{
	(void)state;
	server_close(&server, 0, &err);
	if (!access(path, F_OK))
		return -1;
	return rmdir(dir);
}

/* ---- one that asks as it should ------------------------------------------------------------ */

struct asker {
	char *text;
	size_t len;
	int code;
	struct error err;
};

#define ANSWER_MAX	4000000

/* What the asking process leaves for us. */
struct answered {
	volatile bool done;
	bool has_text;
	struct asker a;
	char text[ANSWER_MAX];
};

/*
 * In a process of its own, as it is: the server's copy would be one of a process
 * with threads otherwise, and the allocator of the sanitizers does not let go of
 * its locks in that.
 */
static void ask_for(enum ask_what what, struct answered *to)
{
	struct asker *a = &to->a;

	a->text = ask(path, what, &a->len, &a->code, &a->err);
	to->has_text = a->text && a->len < ANSWER_MAX;
	if (to->has_text)
		memcpy(to->text, a->text, a->len);
	free(a->text);
	to->done = true;
	_exit(0);
}

static struct asker asks(enum ask_what what)
{
	struct answered *to = mmap(NULL, sizeof(*to), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct asker a;
	pid_t pid;

	assert_ptr_not_equal(to, MAP_FAILED);
	pid = fork();
	if (!pid)
		ask_for(what, to);
	assert_true(pid > 0);
	for (int i = 0; i < 10000 && !to->done; i++) {
		server_serve(&server, monotonic_ns());
		usleep(1000);
	}
	if (!to->done)
		kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(to->done);
	a = to->a;
	a.text = NULL;
	if (to->has_text) {
		a.text = calloc(1, a.len + 1);
		assert_non_null(a.text);
		memcpy(a.text, to->text, a.len);
	}
	munmap(to, sizeof(*to));
	return a;
}

static int connect_raw(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%.60s/" ASK_SOCKET, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void answers(void **state)
{
	struct asker a = asks(ASK_STATUS);

	(void)state;
	assert_string_equal(a.text, "status");
	free(a.text);
	a = asks(ASK_FULL);
	assert_int_equal(a.len, 3000000);
	assert_memory_equal(a.text + 2999990, "0123456789", 10);
	free(a.text);
	a = asks(ASK_REPORT);
	assert_null(a.text);
	assert_string_equal(a.err.text, "the watcher: no such luck");
	assert_int_equal(server.answered, 3);
}

/* Not before the books got there, but not for ever. */
static void waits_for_the_books(void **state)
{
	int64_t now = monotonic_ns();
	int fd = connect_raw();

	(void)state;
	taken = 9;
	dprintf(fd, ASK_SCHEMA " full\n");
	for (int i = 0; i < 10; i++)
		server_serve(&server, now);
	assert_int_equal(server.answered, 0);
	taken = 10;
	server_serve(&server, now);
	assert_int_equal(server.answered, 1);
	close(fd);
	taken = 9;
	fd = connect_raw();
	dprintf(fd, ASK_SCHEMA " full\n");
	server_serve(&server, now);
	server_serve(&server, now + 3000000000);
	assert_int_equal(server.answered, 2);
	close(fd);
}

static void stops(void **state)
{
	char line[64] = "";
	int fd = connect_raw();

	(void)state;
	dprintf(fd, ASK_SCHEMA " stop\n");
	server_serve(&server, 1);
	assert_true(stopped);
	assert_int_equal(recv(fd, line, sizeof(line), MSG_DONTWAIT), -1);
	error_set(&err, -ENOSPC, "the disk is full");
	server_close(&server, -ENOSPC, &err);
	assert_true(recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(line, "error the disk is full\n");
	close(fd);
}

/* ---- others ----------------------------------------------------------------------------- */

static void bad_readers(void **state)
{
	int64_t now = monotonic_ns();
	int fds[SERVER_READERS];
	struct asker a;
	char line[80];

	(void)state;
	/* as many as there is room for, who say nothing, half of it, nonsense */
	for (size_t i = 0; i < SERVER_READERS; i++)
		fds[i] = connect_raw();
	dprintf(fds[1], ASK_SCHEMA " sta");
	dprintf(fds[2], "GET /%070d HTTP/1.1\r\n", 0);
	dprintf(fds[3], "%s\n", ASK_SCHEMA " nonsense");
	dprintf(fds[4], ASK_SCHEMA " full\n");	/* ... and does not read */
	close(fds[5]);
	server_serve(&server, now);
	server_serve(&server, now);
	assert_true(recv(fds[2], line, sizeof(line), MSG_DONTWAIT) > 0);
	assert_true(recv(fds[3], line, sizeof(line), MSG_DONTWAIT) > 0);
	/* the time of the silent ones is over */
	server_serve(&server, now + 6000000000);
	assert_int_equal(recv(fds[0], line, sizeof(line), 0), 0);
	assert_int_equal(recv(fds[1], line, sizeof(line), 0), 0);
	a = asks(ASK_FULL);
	assert_int_equal(a.len, 3000000);
	free(a.text);
	for (size_t i = 0; i < SERVER_READERS; i++)
		if (i != 5)
			close(fds[i]);
}

static void one_at_a_time(void **state)
{
	struct server other;
	struct stat st;
	int code;
	size_t len;

	(void)state;
	assert_int_equal(server_open(&other, path, &ops, &err), -EBUSY);
	/* of a live one nothing goes */
	assert_false(server_clean(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* killed: only the lock is gone */
	close(server.fd);
	close(server.dir);
	assert_null(ask(path, ASK_STATUS, &len, &code, &err));
	assert_int_equal(code, -ENOENT);
	assert_non_null(strstr(err.text, "no watcher runs"));
	assert_int_equal(server_open(&server, path, &ops, &err), 0);
	server_close(&server, 0, &err);
	assert_null(ask(path, ASK_STATUS, &len, &code, &err));
	assert_int_equal(code, -ENOENT);
	/* a folder of which others have something */
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(server_open(&server, path, &ops, &err), -EPERM);
	assert_int_equal(rmdir(path), 0);
}

static void questions(void **state)
{
	(void)state;
	for (enum ask_what i = 0; i < ASK_WHATS; i++) {
		char line[ASK_LINE_MAX];
		int n = snprintf(line, sizeof(line), ASK_SCHEMA " %s", ask_name(i));

		assert_int_equal(ask_parse(line, (size_t)n), i);
		assert_int_equal(ask_parse(line, (size_t)n - 1), ASK_WHATS);
	}
	assert_int_equal(ask_parse("", 0), ASK_WHATS);
	assert_int_equal(ask_parse("modmem.watch/2 status", 21), ASK_WHATS);
	assert_null(ask_name(ASK_WHATS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, setup, teardown),
		cmocka_unit_test_setup_teardown(waits_for_the_books, setup, teardown),
		cmocka_unit_test_setup_teardown(stops, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_readers, setup, teardown),
		cmocka_unit_test_setup_teardown(one_at_a_time, setup, teardown),
		cmocka_unit_test(questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
