// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "error.h"
#include "units.h"
#include "watch_args.h"
#include "watcher.h"

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "modmem: %s\n", line);
}

static void summary(const struct watch_args *args, const struct watcher_result *result)
{
	const char *path = args->watch.output;
	char size[16];
	struct stat st;

	if (args->quiet || !result->file)
		return;
	fprintf(stderr, "modmem: %s: %s, %" PRIu64 " events in %.1f s, %" PRIu64 " lost\n", path,
		size_human(size, sizeof(size), stat(path, &st) ? 0 : (uint64_t)st.st_size),
		result->events, result->seconds, result->lost);
}

/* ---- in the background ------------------------------------------------------------------- */

/* What the one in the background tells the one that started it. */
struct news {
	bool begun;
	struct error err;
};

static int news_fd;

static void tell(const struct news *news)
{
	if (write(news_fd, news, sizeof(*news)) < 0)
		return;	/* who started it is gone */
	close(news_fd);
}

/* It watches: nothing of where it was started is held any more. */
static void let_go(void *arg)
{
	const struct news begun = { .begun = true };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)arg;
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close(null);
	if (chdir("/"))
		return;	/* the folder cannot be unmounted, that is all */
	tell(&begun);
}

static int be_background(struct watcher_opts *opts)
{
	struct watcher_result result;
	struct news failed = { .begun = false };

	setsid();
	opts->begun = let_go;
	if (!watcher(opts, &result, &failed.err))
		return STATUS_FINE;
	tell(&failed);	/* nobody reads it, if it had begun */
	return STATUS_FAILED;
}

/* Whatever folder it is in later. */
static int make_absolute(const char **name, char path[PATH_MAX], struct error *err)
{
	char folder[PATH_MAX];

	if (!*name || **name == '/')
		return 0;
	if (!getcwd(folder, sizeof(folder)) ||
	    (size_t)snprintf(path, PATH_MAX, "%s/%s", folder, *name) >= PATH_MAX)
		return error_set(err, -ENAMETOOLONG, "%.200s: cannot tell its folder", *name);
	*name = path;
	return 0;
}

static int detach(struct watch_args *args, struct error *err)
{
	char path[PATH_MAX];
	struct news news;
	int fds[2];
	ssize_t n;
	pid_t pid;

	if (make_absolute(&args->watch.output, path, err))
		return -ENAMETOOLONG;
	if (pipe2(fds, O_CLOEXEC))
		return error_set(err, -errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		close(fds[0]);
		news_fd = fds[1];
		_exit(be_background(&args->watch));
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_set(err, -EAGAIN, "cannot start a process: %s", strerror(errno));
	}
	do {
		n = read(fds[0], &news, sizeof(news));
	} while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (n != sizeof(news))
		return error_set(err, -EIO, "the watcher was killed before it began");
	if (!news.begun) {
		*err = news.err;
		return -EIO;
	}
	if (!args->quiet)
		fprintf(stderr, "modmem: process %d watches\n", (int)pid);
	return 0;
}

/* ---- the one that runs ---------------------------------------------------------------------- */

static double real(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static const char *date(const json_t *o, const char *key, char buf[32])
{
	time_t at = (time_t)ask_number(o, key);
	struct tm tm;

	if (!gmtime_r(&at, &tm) || !strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		*buf = '\0';
	return buf;
}

static void print_status(const json_t *o)
{
	const char *output = json_string_value(json_object_get(o, "output"));
	const char *said = json_string_value(json_object_get(o, "said"));
	char a[32], b[16];

	printf("process %" PRIu64 ", since %s\n", ask_number(o, "pid"), date(o, "since", a));
	printf("cost: %.2f%% of one CPU (%.1f s in %.0f s), %s memory, %s ring buffers\n",
	       real(o, "cpu_percent"), real(o, "cpu_seconds"), real(o, "seconds"),
	       size_human(a, 16, ask_number(o, "rss_bytes")),
	       size_human(b, sizeof(b), ask_number(o, "ring_buffer_bytes")));
	printf("events: %" PRIu64 ", %" PRIu64 " lost, %" PRIu64 " late; books begun anew %" PRIu64 " times\n",
	       ask_number(o, "events"), ask_number(o, "lost_events"), ask_number(o, "late_events"),
	       ask_number(o, "restarts"));
	printf("books: %" PRIu64 " accounts, %" PRIu64 " stacks, %" PRIu64 " objects, summed up %" PRIu64 " times\n",
	       ask_number(o, "accounts"), ask_number(o, "stacks"), ask_number(o, "objects"),
	       ask_number(o, "compactions"));
	if (output)
		printf("report: %s, saved %" PRIu64 " times%s%s\n", output,
		       ask_number(o, "reports_saved"), ask_number(o, "saved_at") ? ", last " : "",
		       ask_number(o, "saved_at") ? date(o, "saved_at", a) : "");
	if (said)
		printf("said at %s: %s\n", date(o, "said_at", a), said);
}

static int status(const struct watch_args *args, struct error *err)
{
	json_t *object;
	size_t len;
	char *text;

	if (args->json) {
		text = ask(ASK_DIR, ASK_STATUS, &len, NULL, err);
		if (!text)
			return -EIO;
		fwrite(text, 1, len, stdout);	/* its error is told when stdout is closed */
		free(text);
		return 0;
	}
	object = ask_status(NULL, err);
	if (!object)
		return -EIO;
	print_status(object);
	json_decref(object);
	return 0;
}

static int stop(struct error *err)
{
	size_t len;
	char *text = ask(ASK_DIR, ASK_STOP, &len, NULL, err);

	if (!text)
		return -EIO;
	free(text);
	return 0;
}

static int run(int argc, char **argv)
{
	struct watcher_result result = { .ran = false };
	struct watch_args args;
	char files[PATH_MAX];
	struct error err;
	int ret;

	if (watch_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_watch);
		return STATUS_FINE;
	}
	args.watch.say = args.quiet ? NULL : say;
	if (make_absolute(&args.watch.files, files, &err))
		return command_fail(&err);
	ret = args.status ? status(&args, &err) : args.stop ? stop(&err) :
	      args.detach ? detach(&args, &err) : watcher(&args.watch, &result, &err);
	if (ret)
		return command_fail(&err);
	summary(&args, &result);
	return result.ran ? result.status : STATUS_FINE;
}

const struct command cmd_watch = {
	.name = "watch",
	.summary = "keep the books of the running kernel, and save them",
	.run = run,
	.options = &watch_options,
};
