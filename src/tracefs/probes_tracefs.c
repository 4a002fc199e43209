// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probes_tracefs.c - see probes_tracefs.h, and probes_clean() of probes.h
 *
 * Taking probes down has an order: an event that is enabled or has a trigger
 * cannot go, nor a trigger or an event that another one refers to. Instead of
 * knowing it, all is tried, over and over, as long as anything goes.
 */
#include "probes_tracefs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "probes.h"
#include "record_files.h"

int probes_write(const char *text, const char *fmt, ...)
{
	size_t len = strlen(text);
	char path[PATH_MAX];
	int fd, code = 0;
	va_list ap;
	ssize_t n;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		code = -errno;
	else if ((size_t)n < len)
		code = -EIO;
	close(fd);
	return code;
}

const char *probes_file(const char *tracefs)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dynamic_events", tracefs);
	return access(path, F_OK) && errno == ENOENT ? "kprobe_events" : "dynamic_events";
}

char *probes_read(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return file_read(path, NULL);
}

char *probes_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchr(line, '\n');
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

#define PASSES 16

/* Copies @len bytes of @from; false: too long, or nothing. */
static bool take(char *to, const char *from, size_t len)
{
	if (!len || len >= PROBES_NAME)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* "r128:SYSTEM/EVENT ...", "s:synthetic/EVENT\t..." */
bool probes_parse(const char *line, char *tag, char *system, char *event)
{
	const char *slash, *colon = strchr(line, ':'), *last;
	const size_t ours = strlen(PROBES_SYSTEM);

	if (!colon || !strchr("pres", *line))
		return false;
	slash = strchr(++colon, '/');
	if (!slash || !take(system, colon, (size_t)(slash - colon)) ||
	    !take(event, slash + 1, strcspn(slash + 1, " \t")))
		return false;
	if (!strncmp(system, PROBES_SYSTEM, ours))
		return take(tag, system + ours, strlen(system + ours));
	if (strcmp(system, "synthetic") ||
	    strncmp(event, PROBES_SYSTEM, ours))
		return false;
	last = strrchr(event, '_');
	return last > event + ours &&
	       take(tag, event + ours, (size_t)(last - event) - ours);
}

/*
 * Switches an event off in the instance (or top level) below @dir. What is not there
 * is off; what cannot be read stays on, and then the probe does not go: sweep() tells.
 */
static bool quiet(const char *dir, const char *system, const char *event)
{
	char *text, *at, *line, *back;
	bool went = false;

	text = probes_read("%s/events/%s/%s/enable", dir, system, event);
	if (text && (*text == '1' || strchr(text, '*')))
		went = !probes_write("0", "%s/events/%s/%s/enable", dir, system,
				     event);
	free(text);

	text = probes_read("%s/events/%s/%s/trigger", dir, system, event);
	for (at = text; at && (line = probes_line(&at));) {
		if (!*line || *line == '#')
			continue;
		/* "stacktrace:unlimited", "hist:... [active]" */
		if (!strncmp(line, "hist:", 5))
			line[strcspn(line, " ")] = '\0';
		else
			line[strcspn(line, ":")] = '\0';
		if (asprintf(&back, "!%s", line) < 0)
			break;
		if (!probes_write(back, "%s/events/%s/%s/trigger", dir, system,
				  event))
			went = true;
		free(back);
	}
	free(text);
	return went;
}

static bool quiet_everywhere(const char *tracefs, const char *system,
			     const char *event)
{
	bool went = quiet(tracefs, system, event);
	char dir[PATH_MAX];
	struct dirent *de;
	DIR *instances;

	snprintf(dir, sizeof(dir), "%s/instances", tracefs);
	instances = opendir(dir);
	while (instances && (de = readdir(instances))) {
		if (*de->d_name == '.')
			continue;
		snprintf(dir, sizeof(dir), "%s/instances/%s", tracefs,
			 de->d_name);
		went |= quiet(dir, system, event);
	}
	if (instances)
		closedir(instances);
	return went;
}

/* One pass; counts what went, says if anything moved, and what is left. */
static int sweep(const char *tracefs, bool (*dead)(const char *tag, void *data),
		 void *data, int *removed, bool *moved, char *left)
{
	char tag[PROBES_NAME], system[PROBES_NAME], event[PROBES_NAME];
	char *text, *at, *line, *define;
	int ret = 0;

	*moved = false;
	*left = '\0';
	text = probes_read("%s/%s", tracefs, probes_file(tracefs));
	if (!text)	/* a kernel without kprobes */
		return errno == ENOENT ? 0 : -errno;
	for (at = text; (line = probes_line(&at));) {
		if (!probes_parse(line, tag, system, event) || !dead(tag, data))
			continue;
		*moved |= quiet_everywhere(tracefs, system, event);
		if (asprintf(&define, "-:%s/%s", system, event) < 0) {
			ret = -ENOMEM;
			break;
		}
		/* all probes of one event go at once: -ENOENT for the next */
		ret = probes_write(define, "%s/%s", tracefs, probes_file(tracefs));
		free(define);
		if (!ret) {
			++*removed;
			*moved = true;
		} else if (ret != -ENOENT && ret != -EINVAL) {
			snprintf(left, PROBES_NAME, "%s", event);
		}
		ret = 0;
	}
	free(text);
	return ret;
}

int probes_clean(const char *tracefs, bool (*dead)(const char *tag, void *data),
		 void *data, struct error *err)
{
	static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int ret, removed = 0, pass = 0;
	char left[PROBES_NAME];
	bool moved;

	do {
		ret = sweep(tracefs, dead, data, &removed, &moved, left);
		if (ret)
			return error_set(err, ret, "%s/%s: %s: probes cannot be removed",
					 tracefs, probes_file(tracefs), strerror(-ret));
		/* it may be on its way out of a grace period */
		if (!moved && *left)
			nanosleep(&pause, NULL);
	} while ((moved || *left) && ++pass < PASSES);
	if (*left)
		return error_set(err, -EBUSY, "%s/%s: cannot remove "
				 "probe %s, it is in use", tracefs, probes_file(tracefs), left);
	return removed;
}
