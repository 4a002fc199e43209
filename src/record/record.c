// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * record.c - see record.h; the steps are in session.c
 */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "leftovers.h"
#include "probes.h"
#include "record_instance.h"
#include "session.h"
#include "wire.h"

int record_restore(const char *output, uint64_t *bytes, struct error *err)
{
	struct parts parts;
	struct error left;
	int ret;

	ret = parts_open(&parts, output, err);
	if (ret)
		return ret;
	/* that it was killed is said in the file, or there is none yet */
	unlinkat(parts.fd, "reserve", 0);	/* (there may be none) */
	ret = parts_cut(&parts, "the recorder was killed before it could finish the file", err);
	if (!ret)
		ret = parts_assemble(&parts, bytes, err);
	if (!parts.spent)
		parts_close(&parts);
	else if (parts_remove(&parts, &left))
		ret = error_join(err, ret, -EBUSY, &left);
	return ret;
}

int record_receive(int fd, const char *output, const volatile sig_atomic_t *stop,
		   uint64_t *bytes, struct error *damage, struct error *err)
{
	struct parts parts = { .fd = -1 };
	char tag[RECORD_TAG_MAX];
	struct error left;
	int ret;

	ret = record_tag(tag, err);
	if (ret)
		return ret;
	ret = parts_create(&parts, output, tag, err);
	if (ret)
		return ret;
	ret = wire_receive(fd, NULL, 0, &parts, stop, bytes, damage, err);
	if (!parts.spent && ret != -ENODATA && ret != -EINVAL)
		parts_close(&parts);
	else if (parts_remove(&parts, &left))
		ret = error_join(err, ret, -EBUSY, &left);
	return ret;
}

int record(const struct record_opts *opts, struct record_result *result,
	   struct error *err)
{
	struct session se = {
		.opts = opts, .result = result,
		.parts.fd = -1, .signals = -1, .trouble = -1,
	};
	unsigned int removed;
	struct error minor;
	bool begun = false;
	int ret;

	memset(result, 0, sizeof(*result));
	/* from the start, or one that comes early leaves tracefs as it is then */
	ret = record_signals_take(&se.before, &se.signals, err);
	if (ret)
		return ret;
	/* no tracefs, no permission: said again, and better, in a moment */
	ret = record_clean(&removed, &minor);
	if (ret && ret != -ENODEV && ret != -EPERM && ret != -EACCES)
		session_say(&se, "%s", minor.text);
	if (removed)
		session_say(&se, "removed what a killed recorder left in tracefs (%u)",
			    removed);

	ret = session_prepare(&se, err);
	if (!ret)
		ret = session_begin(&se, err);
	if (!ret) {
		begun = true;
		watch_recording(&se);
		ret = session_finish(&se, err);
	}
	if (!begun) {
		child_cancel(&se.child);
		if (parts_remove(&se.parts, &minor))
			ret = error_join(err, ret, ret, &minor);
	}
	session_end(&se);
	if (*se.left.text)
		ret = error_join(err, ret, -EBUSY, &se.left);
	record_signals_back(&se.before);
	watch_command(&se);
	return ret;
}
