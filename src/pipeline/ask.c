// SPDX-License-Identifier: GPL-2.0-or-later
#include "ask.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "error.h"
#include "saved.h"
#include "snapshot.h"

/* A watcher that says nothing for so long does not answer, seconds. */
#define SILENCE_MAX 150

static const char *const names[ASK_WHATS] = {
	[ASK_STATUS] = "status",
	[ASK_STOP] = "stop",
	[ASK_REPORT] = "report",
	[ASK_FULL] = "full",
};

const char *ask_name(enum ask_what what)
{
	return what < ASK_WHATS ? names[what] : NULL;
}

enum ask_what ask_parse(const char *line, size_t len)
{
	static const char begin[] = ASK_SCHEMA " ";
	const size_t skip = sizeof(begin) - 1;

	if (len < skip || memcmp(line, begin, skip) != 0)
		return ASK_WHATS;
	for (enum ask_what i = 0; i < ASK_WHATS; i++)
		if (len - skip == strlen(names[i]) && !memcmp(line + skip, names[i], len - skip))
			return i;
	return ASK_WHATS;
}

static int connect_to(const char *dir, struct error *err)
{
	const struct timeval patience = { .tv_sec = SILENCE_MAX };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, code;

	if ((size_t)snprintf(to.sun_path, sizeof(to.sun_path), "%s/" ASK_SOCKET, dir) >=
	    sizeof(to.sun_path))
		return error_set(err, -ENAMETOOLONG, "%s: %s", dir, strerror(ENAMETOOLONG));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, -errno, "cannot make a socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		return fd;
	code = -errno;
	close(fd);
	/* a socket that a killed one left */
	if (code == -ENOENT || code == -ECONNREFUSED || code == -ENOTDIR)
		return error_set(err, -ENOENT, "no watcher runs: 'modmem watch --detach' starts one");
	if (code == -EACCES || code == -EPERM)
		return error_set(err, -EACCES, "%s: %s: to ask the watcher needs root, run it with sudo",
				 to.sun_path, strerror(-code));
	return error_set(err, code, "%s: %s", to.sun_path, strerror(-code));
}

/* All until the end. NULL with @err set. */
static char *read_all(int fd, size_t *len, struct error *err)
{
	size_t room = 65536;
	char *data = malloc(room), *more;
	ssize_t n = -1;

	for (*len = 0; data; *len += (size_t)n) {
		if (*len + 1 == room) {
			more = room < 2 * (size_t)SAVED_MAX ? realloc(data, 2 * room) : NULL;
			if (!more)
				break;
			data = more;
			room *= 2;
		}
		do {
			n = recv(fd, data + *len, room - *len - 1, 0);
		} while (n < 0 && errno == EINTR);
		if (!n) {
			data[*len] = '\0';
			return data;
		}
		if (n < 0) {
			int code = errno;

			free(data);
			error_set(err, -code, code == ECONNRESET ?
				  "the watcher ended before it could answer%s" :
				  "the watcher does not answer: %s", code == ECONNRESET ? "" :
				  code == EAGAIN ? "no word for a while" : strerror(code));
			return NULL;
		}
	}
	free(data);
	error_set(err, -ENOMEM, "out of memory");
	return NULL;
}

/* The bytes behind the first line, moved to the beginning of @data. */
static int unwrap(char *data, size_t *len, struct error *err)
{
	char *end = memchr(data, '\n', *len), *rest;
	unsigned long long bytes;

	if (!*len || !end)
		return error_set(err, -EPIPE, "the watcher ended before it could answer");
	*end = '\0';
	if (!strncmp(data, "error ", 6))
		return error_set(err, -EIO, "the watcher: %.800s", data + 6);
	errno = 0;
	bytes = strncmp(data, "ok ", 3) ? 0 : strtoull(data + 3, &rest, 10);
	if (strncmp(data, "ok ", 3) || errno || *rest || rest == data + 3)
		return error_set(err, -EPROTO, "the watcher answers what this modmem does not understand: is it another version?");
	if (bytes != *len - (size_t)(end + 1 - data))
		return error_set(err, -EPIPE, "the watcher ended in the middle of its answer");
	*len = (size_t)bytes;
	memmove(data, end + 1, *len);
	data[*len] = '\0';
	return 0;
}

char *ask(const char *dir, enum ask_what what, size_t *len, int *code, struct error *err)
{
	int fd = connect_to(dir, err), ret = fd < 0 ? fd : 0, n;
	char line[ASK_LINE_MAX], *data = NULL;

	if (!ret) {
		n = snprintf(line, sizeof(line), ASK_SCHEMA " %s\n", names[what]);
		if (send(fd, line, (size_t)n, MSG_NOSIGNAL) != n)
			ret = error_set(err, -EPIPE, "the watcher does not take a question");
	}
	if (!ret) {
		data = read_all(fd, len, err);
		ret = data ? unwrap(data, len, err) : -EIO;
	}
	if (fd >= 0)
		close(fd);
	if (code)
		*code = ret;
	if (!ret)
		return data;
	free(data);
	return NULL;
}

json_t *ask_status(int *code, struct error *err)
{
	size_t len;
	char *text = ask(ASK_DIR, ASK_STATUS, &len, code, err);
	json_t *status;

	if (!text)
		return NULL;
	status = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	if (!status)
		error_set(err, -EPROTO, "the watcher's status cannot be read: is it another version?");
	return status;
}

uint64_t ask_number(const json_t *status, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(status, key));

	return n > 0 ? (uint64_t)n : 0;
}

struct snapshot *ask_report(bool full, struct error *err)
{
	size_t len;
	char *text = ask(ASK_DIR, full ? ASK_FULL : ASK_REPORT, &len, NULL, err);
	struct snapshot *snap = text ? saved_parse(text, len, "the watcher", err) : NULL;

	free(text);
	if (snap)	/* (a short report does not say) */
		snap->made_by = RECORDER_LIVE;
	return snap;
}
