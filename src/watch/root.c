// SPDX-License-Identifier: GPL-2.0-or-later
#include "root.h"

#include <sys/stat.h>
#include <unistd.h>

static bool is_covered(void)
{
	struct stat own, top;

	return !stat("/", &own) && !stat("/..", &top) &&
	       (own.st_dev != top.st_dev || own.st_ino != top.st_ino);
}

void root_follow(void)
{
	/* refused: the caller finds that files are not there, and says so */
	if (is_covered() && !chroot("/..") && chdir("/"))
		return;
}

bool root_changes(void)
{
	return is_covered() || access("/sys/kernel", F_OK);
}
