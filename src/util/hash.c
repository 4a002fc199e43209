// SPDX-License-Identifier: GPL-2.0-or-later
#include "hash.h"

#include <sys/random.h>

struct hash_secret hash_secret = {
	.add = UINT64_C(0x6a09e667f3bcc908),
	.mul = UINT64_C(0xbb67ae8584caa73b),
};

void hash_randomize(void)
{
	struct hash_secret drawn;

	if (getrandom(&drawn, sizeof(drawn), GRND_NONBLOCK) != sizeof(drawn))
		return;
	/* an even factor would lose the highest bit of a key */
	drawn.mul |= 1;
	hash_secret = drawn;
}
