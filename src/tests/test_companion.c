// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_companion.c - the section behind a trace.dat, whole and damaged
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zstd.h>

#include "companion_read.h"
#include "error.h"

static unsigned char file[65536];
static size_t len;
static char path[] = "/tmp/modmem-companion-XXXXXX";

static void put(const void *p, size_t n)
{
	memcpy(file + len, p, n);
	len += n;
}

static void number(uint64_t v, unsigned int bytes)
{
	for (; bytes--; v >>= 8)
		file[len++] = (unsigned char)v;
}

static void item(const char *name, uint64_t ts, const char *text, int packed)
{
	char data[4096];
	size_t n = strlen(text), size = n;

	if (packed)
		size = ZSTD_compress(data, sizeof(data), text, n, 3);
	else
		memcpy(data, text, n);
	number(strlen(name), 4);
	put(name, strlen(name));
	number(ts, 8);
	number(size, 8);
	number(n, 8);
	put(data, size);
}

static void begin(void)
{
	memset(file, 0x55, 100);	/* what a trace.dat would be */
	len = 100;
	put(COMPANION_MAGIC, COMPANION_MAGIC_LEN);
	number(COMPANION_VERSION, 1);
}

static void end(void)
{
	number(100, 8);
	put(COMPANION_TRAILER, COMPANION_TRAILER_LEN);
}

static void good(void)
{
	begin();
	item("probes", 0, "vmalloc covered\nrcu_free blind no kprobes\n", 0);
	item("symbols@load", 7, "ffff0000 t a\t[x]\nffff0010 t aaaaaaaaaaaaaaaaaaaaaaaa\t[x]\n", 1);
	item("empty", 9, "", 0);
	end();
}

static struct companion *open_file(struct error *err)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(file, 1, len, f), len);
	fclose(f);
	err->text[0] = '\0';
	return companion_open(path, path, err);
}

static void whole(void **state)
{
	const struct companion_item *it;
	struct companion *c;
	struct error err;

	(void)state;
	good();
	c = open_file(&err);
	assert_non_null(c);
	assert_int_equal(companion_count(c), 3);
	it = companion_find(c, "symbols@load");
	assert_int_equal(it->ts, 7);
	assert_int_equal(it->len, strlen(it->text));
	assert_memory_equal(it->text, "ffff0000 t a\t[x]\n", 17);
	assert_string_equal(companion_find(c, "empty")->text, "");
	assert_null(companion_find(c, "nothing"));
	assert_null(companion_find(NULL, "probes"));
	companion_free(c);
}

/* First and last of a name, when it comes once, and often. */
static void first_and_last(void **state)
{
	struct companion *c = companion_new();

	(void)state;
	assert_non_null(c);
	assert_int_equal(companion_put(c, "a", 0, "a1", 2), 0);
	assert_int_equal(companion_put(c, "b", 0, "b1", 2), 0);
	assert_string_equal(companion_last(c, "a")->text, "a1");
	assert_string_equal(companion_last(c, "b")->text, "b1");
	for (int i = 0; i < 100; i++)
		assert_int_equal(companion_put(c, "a", 0, i < 99 ? "a2" : "a3", 2), 0);
	assert_string_equal(companion_find(c, "a")->text, "a1");
	assert_string_equal(companion_last(c, "a")->text, "a3");
	assert_string_equal(companion_last(c, "b")->text, "b1");
	assert_int_equal(companion_set(c, "b", "longer", 6), 0);
	assert_int_equal(companion_set(c, "d", "d1", 2), 0);
	assert_string_equal(companion_find(c, "b")->text, "longer");
	assert_int_equal(companion_find(c, "b")->len, 6);
	assert_string_equal(companion_find(c, "d")->text, "d1");
	assert_int_equal(companion_count(c), 103);
	assert_null(companion_last(c, "c"));
	assert_null(companion_last(NULL, "a"));
	companion_free(c);
}

static void none(void **state)
{
	struct error err;

	(void)state;
	good();
	len -= 3;
	assert_null(open_file(&err));
	assert_string_equal(err.text, "");
	len = 5;
	assert_null(open_file(&err));
	assert_string_equal(err.text, "");
}

/* Whatever byte is another: an error, or a section; never more than that. */
static void damaged(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t i, v, size;
	struct companion *c;
	struct error err;

	(void)state;
	good();
	size = len;
	for (i = 100; i < size; i++) {
		for (v = 0; v < sizeof(values); v++) {
			good();
			file[i] = values[v];
			c = open_file(&err);
			if (!c && i < size - COMPANION_TRAILER_LEN)
				assert_non_null(strstr(err.text, "damaged"));
			companion_free(c);
		}
	}
}

/* Every length that an item can be cut to behind an intact trailer. */
static void cut_short(void **state)
{
	size_t body, i;
	struct error err;

	(void)state;
	good();
	body = len - 16;
	for (i = 101; i < body; i++) {
		struct companion *c;

		good();
		len = i;
		end();
		c = open_file(&err);
		/* between two items it is a shorter section */
		if (!c)
			assert_non_null(strstr(err.text, "damaged"));
		companion_free(c);
	}
}

static void too_large(void **state)
{
	struct error err;

	(void)state;
	begin();
	number(5, 4);
	put("bytes", 5);
	number(0, 8);
	number(4, 8);
	number(1ULL << 40, 8);	/* unpacked: a terabyte */
	put("abcd", 4);
	end();
	assert_null(open_file(&err));
	assert_non_null(strstr(err.text, "damaged"));
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(first_and_last),
		cmocka_unit_test(none),
		cmocka_unit_test(damaged),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(too_large),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
