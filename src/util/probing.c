// SPDX-License-Identifier: GPL-2.0-or-later
#include "probing.h"

#include <sys/random.h>
#include <time.h>

uint64_t probing_first = HASH_GOLDEN;

void probing_renew(struct probing *p, uint64_t n)
{
	struct timespec now;
	uint64_t drawn;

	/* early in boot there may be none: then it is hard enough to guess */
	if (getrandom(&drawn, sizeof(drawn), GRND_NONBLOCK) != sizeof(drawn)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		drawn = hash64(p->factor ^ (uint64_t)now.tv_nsec ^ (uintptr_t)p);
	}
	p->factor = drawn | 1;
	p->credit = PROBING_STEPS * (int64_t)(n + (1 << 12));
}
