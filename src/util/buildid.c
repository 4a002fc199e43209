// SPDX-License-Identifier: GPL-2.0-or-later
#include "buildid.h"

#include <elf.h>
#include <string.h>

static uint32_t get(const uint8_t *p, bool big_endian)
{
	if (big_endian)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static size_t up_to_4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

void buildid_hex(char text[BUILDID_TEXT], const uint8_t *id, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		*text++ = "0123456789abcdef"[id[i] >> 4];
		*text++ = "0123456789abcdef"[id[i] & 15];
	}
	*text = '\0';
}

bool buildid_find(const uint8_t *p, size_t len, bool big_endian, char text[BUILDID_TEXT])
{
	while (len >= 12) {
		size_t name = get(p, big_endian), desc = get(p + 4, big_endian), skip;
		uint32_t type = get(p + 8, big_endian);

		p += 12;
		len -= 12;
		if (name > len || desc > len || up_to_4(name) > len - desc)
			return false;
		if (type == NT_GNU_BUILD_ID && name == 4 && !memcmp(p, "GNU", 4) && desc &&
		    desc <= BUILDID_MAX) {
			buildid_hex(text, p + 4, desc);
			return true;
		}
		skip = up_to_4(name) + up_to_4(desc);
		if (skip > len)
			skip = len;
		p += skip;
		len -= skip;
	}
	return false;
}
