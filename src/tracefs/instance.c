// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * instance.c - see record_instance.h
 */
#include "record_instance.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <tracefs.h>
#include <unistd.h>

#include "error.h"
#include "record_files.h"

#define PREFIX "modmem"
#define MOUNTED_AT "/sys/kernel/tracing"

/* ---- whose is it -------------------------------------------------------------- */

/* A decimal number as printf() writes it. */
static bool number(const char **text, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)**text) ||
	    (**text == '0' && isdigit((unsigned char)(*text)[1])))
		return false;
	errno = 0;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return !errno;
}

bool record_owner_parse(const char *name, struct record_owner *owner)
{
	const char *text = name;
	char between;

	if (strncmp(text, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	text += sizeof(PREFIX) - 1;
	between = *text++;
	if (between != '-' && between != '_')
		return false;
	if (!number(&text, &owner->pid) || *text++ != between ||
	    !number(&text, &owner->start))
		return false;
	return owner->pid && owner->start && (!*text || *text == between);
}

uint64_t record_process_start(uint64_t pid)
{
	char path[64];
	uint64_t start = 0;
	const char *text;
	char *stat;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
	stat = file_read(path, NULL);
	if (!stat)
		return 0;
	/* the second field is a name in parentheses that may hold anything */
	text = strrchr(stat, ')');
	if (text && (!strncmp(text, ") Z ", 4) || !strncmp(text, ") X ", 4)))
		text = NULL;
	for (unsigned int field = 2; text && field < 22; field++) {
		text = strchr(text, ' ');
		if (text)
			text++;
	}
	if (text)
		start = strtoull(text, NULL, 10);
	free(stat);
	return start;
}

bool record_owner_alive(const struct record_owner *owner)
{
	return record_process_start(owner->pid) == owner->start;
}

/* ---- tracefs itself ------------------------------------------------------------- */

/* "none [integrity] confidentiality" */
static bool locked_down(void)
{
	char *text = file_read("/sys/kernel/security/lockdown", NULL);
	bool locked = text && !strstr(text, "[none]");

	free(text);
	return locked;
}

static int refused(int code, const char *what, struct error *err)
{
	if (code == -EACCES || (code == -EPERM && geteuid()))
		return error_set(err, code, "%s: %s: recording needs root, run it with sudo",
				 what, strerror(-code));
	if (code == -EPERM && locked_down())
		return error_set(err, code, "%s: %s: the kernel is locked down (/sys/kernel/security/lockdown), boot without lockdown to trace",
				 what, strerror(-code));
	return error_set(err, code, "%s: %s", what, strerror(-code));
}

const char *record_tracing_dir(struct error *err)
{
	const char *dir;
	char path[512];
	struct stat st;

	tracefs_set_loglevel(TEP_LOG_NONE);
	errno = 0;
	dir = tracefs_tracing_dir();
	if (!dir && (errno == ENOMEM || errno == EFAULT)) {
		error_set(err, -ENOMEM, "tracefs: %s", strerror(ENOMEM));
		return NULL;
	}
	if (!dir) {
		if (geteuid())
			error_set(err, -EPERM, "tracefs is not mounted: recording needs root, run it with sudo");
		else if (stat(MOUNTED_AT, &st))
			error_set(err, -ENODEV, "this kernel has no tracefs: recording needs one with CONFIG_FTRACE and event tracing");
		else
			error_set(err, -ENODEV, "tracefs is not mounted, and mounting it on " MOUNTED_AT " failed%s: mount -t tracefs tracefs " MOUNTED_AT,
				  locked_down() ? " (the kernel is locked down)" : "");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/instances", dir);
	if (access(path, W_OK | X_OK)) {
		int code = -errno;

		if (code == -ENOENT)
			error_set(err, code, "%s: this kernel's tracefs has no instances: recording needs Linux 3.10 or later",
				  path);
		else
			refused(code, path, err);
		return NULL;
	}
	return dir;
}

void record_tracing_back(const struct record_instance *ri)
{
	char path[512];
	struct error none;

	if (!ri->tracefs)
		return;
	snprintf(path, sizeof(path), "%s/instances", ri->tracing);
	/*
	 * At the same place, since all paths begin with it: libtracefs takes any other
	 * mount of tracefs that it finds. Refused: each part that cannot be removed says so.
	 */
	if (access(path, F_OK) && mount("tracefs", ri->tracing, "tracefs", 0, NULL))
		record_tracing_dir(&none);
}

/*
 * Why libtracefs returned NULL. Where it had no memory for a path it goes on with
 * NULL, and the kernel calls that a bad address (tracefs-instance.c, asprintf()).
 */
int record_tracefs_errno(void)
{
	return errno == EFAULT ? -ENOMEM : errno ? -errno : -EIO;
}

/* ---- the instance --------------------------------------------------------------- */

int record_instance_write(const struct record_instance *ri, const char *file,
			  const char *text)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", ri->dir, file);
	return file_set(path, text);
}

char *record_instance_read(const struct record_instance *ri, const char *file)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", ri->dir, file);
	return file_read(path, NULL);
}

int record_tag(char tag[RECORD_TAG_MAX], struct error *err)
{
	uint64_t pid = (uint64_t)getpid();
	uint64_t start = record_process_start(pid);

	if (!start)
		return error_set(err, -ENOENT, "/proc/self/stat cannot be read: mount /proc");
	snprintf(tag, RECORD_TAG_MAX, PREFIX "_%" PRIu64 "_%" PRIu64, pid, start);
	return 0;
}

int record_instance_create(struct record_instance *ri, struct error *err)
{
	int ret;

	memset(ri, 0, sizeof(*ri));
	ret = record_tag(ri->tag, err);
	if (ret)
		return ret;
	ri->tracing = record_tracing_dir(err);
	if (!ri->tracing)
		return -ENODEV;
	for (size_t i = 0; i < sizeof(ri->name); i++)
		ri->name[i] = ri->tag[i] == '_' ? '-' : ri->tag[i];
	snprintf(ri->dir, sizeof(ri->dir), "%s/instances/%s", ri->tracing,
		 ri->name);

	errno = 0;
	ri->tracefs = tracefs_instance_create(ri->name);
	if (!ri->tracefs) {
		ret = record_tracefs_errno();
		return refused(ret, ri->dir, err);
	}
	ret = record_instance_write(ri, "tracing_on", "0");
	if (ret) {
		struct error left;

		refused(ret, ri->dir, err);
		if (record_instance_destroy(ri, &left))
			error_join(err, ret, ret, &left);
		return ret;
	}
	return 0;
}

int record_instance_destroy(struct record_instance *ri, struct error *err)
{
	int ret = 0;

	if (!ri->tracefs)
		return 0;
	/* should either fail: what is switched on goes with the instance */
	record_instance_write(ri, "tracing_on", "0");
	record_instance_write(ri, "events/enable", "0");
	/* a reader elsewhere that just lets go of it */
	for (unsigned int try = 0; try < 20; try++) {
		ret = rmdir(ri->dir) && errno != ENOENT ? -errno : 0;
		if (ret != -EBUSY)
			break;
		usleep(50000);
	}
	tracefs_instance_free(ri->tracefs);
	ri->tracefs = NULL;
	if (ret)
		return error_set(err, ret, "%s: cannot be removed: %s%s: 'modmem record --clean' tries again",
				 ri->dir, strerror(-ret), ret == -EBUSY ?
				 ": somebody has a file of it open (before Linux 5.9: of any instance)" : "");
	return 0;
}

/* ---- what dead ones left behind --------------------------------------------------- */

struct cleaning {
	const char *tracing;
	unsigned int removed;
	struct error *err;
	int ret;
};

static void clean_one(const char *name, struct cleaning *cleaning)
{
	struct record_instance ri = { 0 };
	struct record_owner owner;
	int ret;

	if (!record_owner_parse(name, &owner) || record_owner_alive(&owner))
		return;
	snprintf(ri.dir, sizeof(ri.dir), "%s/instances/%s", cleaning->tracing, name);
	errno = 0;
	ri.tracefs = tracefs_instance_create(name);
	if (!ri.tracefs) {
		cleaning->ret = record_tracefs_errno();
		refused(cleaning->ret, ri.dir, cleaning->err);
		return;
	}
	ret = record_instance_destroy(&ri, cleaning->err);
	if (ret)
		cleaning->ret = ret;
	else
		cleaning->removed++;
}

int record_instances_clean(unsigned int *removed, struct error *err)
{
	struct cleaning cleaning = { .err = err };
	char **names;

	*removed = 0;
	cleaning.tracing = record_tracing_dir(err);
	if (!cleaning.tracing)
		return -ENODEV;
	errno = 0;
	names = tracefs_instances(NULL);
	/* ENOENT: (of) one that went meanwhile */
	if (!names && errno && errno != ENOENT)
		return refused(record_tracefs_errno(), "instances of tracefs", err);
	for (char **name = names; name && *name; name++)
		clean_one(*name, &cleaning);
	tracefs_list_free(names);
	*removed = cleaning.removed;
	return cleaning.ret;
}
