// SPDX-License-Identifier: GPL-2.0-or-later
#include "filetree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "modname.h"

#define DEPTH_MAX 32u		/* folders in each other */

struct filetree {
	struct tree_file *files;
	size_t n, room;
};

static int add_file(struct filetree *ft, const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct tree_file *f;
	size_t len = modname_of_file(base);

	if (!len)
		return 0;
	if (ft->n == ft->room) {
		size_t room = ft->room ? 2 * ft->room : 256;

		f = realloc(ft->files, room * sizeof(*f));
		if (!f)
			return -ENOMEM;
		ft->files = f;
		ft->room = room;
	}
	f = &ft->files[ft->n];
	f->path = strdup(path);
	f->name = malloc(len + 1);
	ft->n++;
	if (!f->path || !f->name)
		return -ENOMEM;
	modname_set(f->name, len + 1, base, len);
	return 0;
}

/* What cannot be read on the way is passed over. */
static int walk(struct filetree *ft, const char *dir, unsigned int depth)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	int ret = 0;

	while (d && !ret && (ent = readdir(d))) {
		char path[PATH_MAX];
		struct stat st;

		if (ent->d_name[0] == '.' ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, ent->d_name) >=
		    sizeof(path))
			continue;
		if (ent->d_type == DT_UNKNOWN && !lstat(path, &st))
			ent->d_type = S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
		if (ent->d_type == DT_DIR && depth < DEPTH_MAX)
			ret = walk(ft, path, depth + 1);
		else if (ent->d_type != DT_DIR)
			ret = add_file(ft, path);
	}
	if (d)
		closedir(d);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	const struct tree_file *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : strcmp(x->path, y->path);
}

static int add_dir(struct filetree *ft, const char *dir, int may_lack, struct error *err)
{
	struct stat st;
	int ret;

	if (stat(dir, &st)) {
		if (may_lack)
			return 0;
		return error_set(err, -errno, "%s: %s", dir, strerror(errno));
	}
	if (!S_ISDIR(st.st_mode)) {
		const char *base = strrchr(dir, '/');

		if (!modname_of_file(base ? base + 1 : dir))
			return error_set(err, -EINVAL, "%s: neither a folder nor a module (NAME.ko)",
					 dir);
	}
	ret = S_ISDIR(st.st_mode) ? walk(ft, dir, 0) : add_file(ft, dir);
	return ret ? error_set(err, ret, "out of memory") : 0;
}

struct filetree *filetree_new(const char *const *dirs, size_t n, int may_lack,
			      struct error *err)
{
	struct filetree *ft = calloc(1, sizeof(*ft));

	if (!ft) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (add_dir(ft, dirs[i], may_lack, err)) {
			filetree_free(ft);
			return NULL;
		}
	}
	if (ft->n)
		qsort(ft->files, ft->n, sizeof(*ft->files), by_name);
	return ft;
}

void filetree_free(struct filetree *ft)
{
	if (!ft)
		return;
	for (size_t i = 0; i < ft->n; i++) {
		free(ft->files[i].name);
		free(ft->files[i].path);
	}
	free(ft->files);
	free(ft);
}

const struct tree_file *filetree_find(const struct filetree *ft, const char *name,
				      size_t *n)
{
	size_t lo = 0, hi = ft->n, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(ft->files[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < ft->n && !strcmp(ft->files[end].name, name); end++)
		;
	*n = end - lo;
	return ft->files ? ft->files + lo : NULL;
}
