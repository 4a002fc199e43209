// SPDX-License-Identifier: GPL-2.0-or-later
#include "leftovers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "probes.h"
#include "record_instance.h"

static bool is_dead(const char *tag, void *data)
{
	char name[RECORD_TAG_MAX];
	struct record_owner owner;

	(void)data;
	snprintf(name, sizeof(name), "modmem_%s", tag);
	return record_owner_parse(name, &owner) && !record_owner_alive(&owner);
}

int record_clean(unsigned int *removed, struct error *err)
{
	const char *tracing = record_tracing_dir(err);
	unsigned int instances;
	struct error left;
	int probes, ret;

	*removed = 0;
	if (!tracing)
		return -ENODEV;
	probes = probes_clean(tracing, is_dead, NULL, err);
	ret = record_instances_clean(&instances, &left);
	*removed = instances + (probes > 0 ? (unsigned int)probes : 0);
	if (probes >= 0)
		probes = 0;
	return ret ? error_join(err, probes, ret, &left) : probes;
}
