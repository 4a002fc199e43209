// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "error.h"
#include "memstream.h"

#define SECOND		INT64_C(1000000000)
#define QUESTION_NS	(5 * SECOND)	/* a question has that long to come */
#define BOOKS_NS	(2 * SECOND)	/* the books have that long to get there */
#define SEND_S		20		/* nobody waits longer for a reader */

static int fail(const char *path, int code, struct error *err)
{
	return error_set(err, code, "%s: %s", path, strerror(-code));
}

/* The folder, locked: the lock goes with the last process that has it. */
static int lock_dir(const char *path, struct error *err)
{
	struct stat st, now;
	int fd, code;

	for (unsigned int try = 0; try < 10; try++) {
		if (mkdir(path, 0700) && errno != EEXIST)
			return fail(path, -errno, err);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return fail(path, -errno, err);
		if (fstat(fd, &st) || st.st_uid != geteuid() || (st.st_mode & 077)) {
			close(fd);
			return error_set(err, -EPERM, "%s: is not root's alone: remove it", path);
		}
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			code = -errno;
			close(fd);
			return code == -EWOULDBLOCK ?
			       error_set(err, -EBUSY, "a watcher runs already: 'modmem watch --status' shows it") :
			       fail(path, code, err);
		}
		/* who had it before may have removed it just now */
		if (!stat(path, &now) && now.st_dev == st.st_dev && now.st_ino == st.st_ino)
			return fd;
		close(fd);
	}
	return fail(path, -EAGAIN, err);
}

int server_open(struct server *s, const char *path, const struct server_ops *ops,
		struct error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int ret;

	*s = (struct server){ .ops = ops, .path = path, .fd = -1 };
	for (size_t i = 0; i < SERVER_READERS; i++)
		s->readers[i].fd = -1;
	s->dir = -1;
	if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s/" ASK_SOCKET, path) >=
	    sizeof(at.sun_path))
		return fail(path, -ENAMETOOLONG, err);
	ret = lock_dir(path, err);
	if (ret < 0)
		return ret;
	s->dir = ret;
	unlink(at.sun_path);	/* (there may be none) */
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd >= 0 && !bind(s->fd, (const struct sockaddr *)&at, sizeof(at)) &&
	    !chmod(at.sun_path, 0600) && !listen(s->fd, 16))
		return 0;
	ret = fail(at.sun_path, -errno, err);
	server_close(s, 0, NULL);
	return ret;
}

static void remove_socket(int dir, const char *path)
{
	unlinkat(dir, ASK_SOCKET, 0);
	rmdir(path);	/* others may keep something there */
}

bool server_clean(const char *path)
{
	struct error none;
	struct stat st;
	int dir;

	if (lstat(path, &st))
		return true;
	dir = lock_dir(path, &none);
	if (dir < 0)
		return dir != -EBUSY;
	remove_socket(dir, path);
	close(dir);
	return true;
}

static void drop(struct server_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->len = 0;
}

/* What does not fit into the socket's buffer at once, the reader will not get. */
static void send_now(int fd, const char *text, size_t len)
{
	if (send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

static void send_outcome(int fd, int ret, const struct error *err)
{
	char line[1100];
	int n = ret ? snprintf(line, sizeof(line), "error %s\n", err->text) :
		snprintf(line, sizeof(line), "ok 0\n");

	send_now(fd, line, (size_t)n);
}

static void answer_status(struct server *s, struct server_reader *r)
{
	char *text = NULL, *all = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct error err;
	int ret = out ? s->ops->status(s->ops->arg, out, &err) :
		  error_set(&err, -ENOMEM, "out of memory"), n;

	if (out && memstream_close(out, &text) && !ret)
		ret = error_set(&err, -ENOMEM, "out of memory");
	n = ret ? -1 : asprintf(&all, "ok %zu\n%s", len, text);
	if (n > 0)
		send_now(r->fd, all, (size_t)n);
	else
		send_outcome(r->fd, -ENOMEM, ret ? &err : &(struct error){ "out of memory" });
	if (n > 0)
		free(all);
	free(text);
	drop(r);
}

struct answer {
	const struct server_ops *ops;
	bool full;
	int fd;
};

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		data += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* In a copy of the process, which may wait for its reader. */
static int answer_report(void *arg, struct error *err)
{
	const struct timeval patience = { .tv_sec = SEND_S };
	const struct answer *a = arg;
	char *text = NULL, head[32];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret = out ? a->ops->report(a->ops->arg, a->full, out, err) :
		  error_set(err, -ENOMEM, "out of memory");

	if (out && memstream_close(out, &text) && !ret)
		ret = error_set(err, -ENOMEM, "out of memory");
	fcntl(a->fd, F_SETFL, 0);
	setsockopt(a->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (ret) {
		send_outcome(a->fd, ret, err);
		free(text);
		return ret;
	}
	snprintf(head, sizeof(head), "ok %zu\n", len);
	ret = send_all(a->fd, head, strlen(head));
	if (!ret)
		ret = send_all(a->fd, text, len);
	free(text);
	return ret ? error_set(err, ret, "a reader went away: %s", strerror(-ret)) : 0;
}

static void read_question(struct server *s, struct server_reader *r, int64_t now)
{
	ssize_t n = recv(r->fd, r->line + r->len, sizeof(r->line) - r->len, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		if (now > r->until)
			drop(r);
		return;
	}
	if (n <= 0) {
		drop(r);
		return;
	}
	r->len += (size_t)n;
	end = memchr(r->line, '\n', r->len);
	if (!end && r->len < sizeof(r->line))
		return;
	r->what = end ? ask_parse(r->line, (size_t)(end - r->line)) : ASK_WHATS;
	r->at = s->ops->now(s->ops->arg);
	r->until = now + BOOKS_NS;
	if (r->what == ASK_WHATS) {
		send_outcome(r->fd, -EPROTO, &(struct error){ "asked what it does not understand" });
		drop(r);
	}
}

static void answer(struct server *s, struct server_reader *r, int64_t now)
{
	struct answer a = { .ops = s->ops, .full = r->what == ASK_FULL, .fd = r->fd };
	struct error err;

	if (r->what == ASK_STATUS) {
		s->answered++;
		answer_status(s, r);
	} else if (r->what == ASK_STOP) {
		s->ops->stop(s->ops->arg);
	} else if (s->ops->taken(s->ops->arg) >= r->at || now > r->until) {
		s->answered++;
		if (aside_start(&r->aside, answer_report, &a, r->fd, &err))
			send_outcome(r->fd, -EAGAIN, &err);
		drop(r);
	}
}

/* False: there is no place for one more, or nobody there. */
static bool take_reader(struct server *s, int64_t now)
{
	for (size_t i = 0; i < SERVER_READERS; i++) {
		struct server_reader *r = &s->readers[i];

		if (r->fd >= 0 || r->aside.pid)
			continue;
		r->fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		r->len = 0;
		r->what = ASK_WHATS;
		r->until = now + QUESTION_NS;
		return r->fd >= 0;
	}
	return false;
}

void server_serve(struct server *s, int64_t now)
{
	struct error err;
	int ret;

	if (s->dir < 0)
		return;
	for (size_t i = 0; i < SERVER_READERS; i++)
		if (s->readers[i].aside.pid &&
		    aside_ended(&s->readers[i].aside, false, &ret, &err))
			s->cpu_ns += s->readers[i].aside.cpu_ns;
	while (take_reader(s, now))
		;
	for (size_t i = 0; i < SERVER_READERS; i++) {
		struct server_reader *r = &s->readers[i];

		if (r->fd >= 0 && r->what == ASK_WHATS)
			read_question(s, r, now);
		if (r->fd >= 0 && r->what != ASK_WHATS)
			answer(s, r, now);
	}
}

size_t server_fds(struct server *s, struct pollfd *fds)
{
	size_t n = 0, places = 0;

	if (s->dir < 0)
		return 0;
	for (size_t i = 0; i < SERVER_READERS; i++) {
		places += s->readers[i].fd < 0 && !s->readers[i].aside.pid;
		if (s->readers[i].fd >= 0 && s->readers[i].what == ASK_WHATS)
			fds[n++] = (struct pollfd){ .fd = s->readers[i].fd, .events = POLLIN };
	}
	if (places)
		fds[n++] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
	return n;
}

void server_close(struct server *s, int ret, const struct error *err)
{
	struct error none;
	int ignored;

	if (s->dir < 0)
		return;
	for (size_t i = 0; i < SERVER_READERS; i++) {
		struct server_reader *r = &s->readers[i];

		if (r->aside.pid) {
			kill(r->aside.pid, SIGKILL);
			aside_ended(&r->aside, true, &ignored, &none);
		}
		if (r->fd >= 0 && r->what == ASK_STOP)
			send_outcome(r->fd, ret, err);
		drop(r);
	}
	remove_socket(s->dir, s->path);
	if (s->fd >= 0)
		close(s->fd);
	close(s->dir);
	s->dir = -1;
}
