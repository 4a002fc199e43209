// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_ringfile.c - pages that are written are read as what was put into them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "../source/ringfile.h"

#define HEAD "what stands before the pages"
#define MANY 3000u

struct record {
	uint32_t cpu, len;
	uint64_t ts, lost;
};

static struct record records[MANY];
static unsigned int n_records;
static uint8_t *file;
static size_t file_len;

static void put(uint32_t cpu, uint64_t ts, uint64_t lost, uint32_t len)
{
	assert_true(n_records < MANY);
	records[n_records++] = (struct record){ cpu, len, ts, lost };
}

/* Byte @i of what record @n holds. */
static uint8_t content(unsigned int n, uint32_t i)
{
	return (uint8_t)(n * 7 + i * 13 + 1);
}

static struct ring_format format_of(bool big, unsigned int word)
{
	return (struct ring_format){
		.big_endian = big,
		.commit_offset = 8,
		.commit_size = word,
		.data_offset = 8 + word,
	};
}

static void write_all(struct ringfile *rf)
{
	struct error err;
	struct stat st;
	uint8_t *to;

	for (unsigned int i = 0; i < n_records; i++)
		assert_int_equal(ringfile_count(rf, records[i].cpu,
						records[i].ts, records[i].lost,
						records[i].len),
				 0);
	assert_int_equal(ringfile_begin(rf, HEAD, sizeof(HEAD), &err), 0);
	for (unsigned int i = 0; i < n_records; i++) {
		to = NULL;
		assert_int_equal(ringfile_add(rf, records[i].cpu, records[i].ts,
					      records[i].lost, records[i].len,
					      &to, &err),
				 0);
		for (uint32_t b = 0; b < records[i].len; b++)
			to[b] = content(i, b);
	}
	assert_int_equal(ringfile_end(rf, &err), 0);
	assert_int_equal(fstat(rf->fd, &st), 0);
	free(file);
	file_len = (size_t)st.st_size;
	file = malloc(file_len);
	assert_int_equal(pread(rf->fd, file, file_len, 0), file_len);
}

/* Reads the pages of @cpu; its records are those of records[], in their order. */
static void check_cpu(const struct ringfile *rf, uint32_t cpu)
{
	const bool big = rf->ring.big_endian;
	const uint8_t *pair = file + sizeof(HEAD) + 16 * (size_t)cpu;
	size_t at = (size_t)load64(pair, big),
	       end = at + (size_t)load64(pair + 8, big);
	const char *why = "";
	unsigned int n = 0;

	assert_true(end <= file_len && (end - at) % rf->page_size == 0);
	for (; at < end; at += rf->page_size) {
		struct source_record rec = { 0 };
		struct ring_page page;
		bool first = true;

		assert_int_equal(ring_page_open(&page, &rf->ring, file + at,
						rf->page_size, rf->page_size,
						&why),
				 0);
		for (;;) {
			int ret = ring_page_next(&page, big, &rec, &why);

			if (ret < 0)
				fail_msg("%s", why);
			if (!ret)
				break;
			while (n < n_records &&
			       (records[n].cpu != cpu || !records[n].len))
				n++;
			assert_true(n < n_records);
			assert_int_equal(rec.ts, records[n].ts);
			assert_int_equal(rec.len, (records[n].len + 3) & ~3u);
			for (uint32_t b = 0; b < records[n].len; b++)
				assert_int_equal(rec.data[b], content(n, b));
			if (first)
				assert_int_equal(page.lost, records[n].lost);
			else
				assert_int_equal(records[n].lost, 0);
			first = false;
			n++;
		}
		if (first) /* only what was lost behind the last record */
			assert_true(page.lost);
	}
	while (n < n_records && (records[n].cpu != cpu || !records[n].len))
		n++;
	assert_int_equal(n, n_records);
}

/* Pages that they took. */
static uint64_t check(bool big, unsigned int word, uint32_t page_size)
{
	const struct ring_format ring = format_of(big, word);
	uint64_t pages = 0;
	struct ringfile rf;

	ringfile_init(&rf, "test", &ring, page_size);
	write_all(&rf);
	for (uint32_t cpu = 0; cpu < rf.cpus; cpu++) {
		check_cpu(&rf, cpu);
		pages += rf.cpu[cpu].pages;
	}
	ringfile_release(&rf);
	return pages;
}

/* Any time apart: as many pages as their bytes need, and what tells the time. */
static void test_sparse(void **state)
{
	static const uint64_t apart[] = {
		1,
		(1u << 27) - 1,
		1u << 27,
		(1u << 27) + 1,
		1000000000,
		UINT64_C(1) << 40,
		(UINT64_C(1) << 48) - 1,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		for (unsigned int machine = 0; machine < 4; machine++) {
			n_records = 0;
			for (unsigned int k = 0; k < 1000; k++)
				put(0, 5 + k * apart[i], 0, 40);
			assert_in_range(check(machine & 1, machine & 2 ? 4 : 8,
					      4096),
					1000 * 44 / 4096, 1000 * 52 / 4000 + 1);
			assert_int_equal(check(machine & 1, machine & 2 ? 4 : 8,
					       65536),
					 1);
		}
}

/* What no delta can tell begins a page. */
static void test_years(void **state)
{
	(void)state;
	n_records = 0;
	put(0, 0, 0, 8);
	put(0, (UINT64_C(1) << 59) - 1, 0, 8);
	put(0, (UINT64_C(1) << 60) - 1, 0, 8);
	put(0, 1000, 0, 8); /* before the last */
	put(0, UINT64_MAX, 0, 8);
	put(0, UINT64_MAX, 0, 8);
	assert_int_equal(check(false, 8, 4096), 4);
}

/* Each size at the end of a page, with the time before it or not, and losses. */
static void test_any(void **state)
{
	(void)state;
	srand(1);
	for (unsigned int round = 0; round < 40; round++) {
		const struct ring_format ring =
			format_of(round & 1, round & 2 ? 4 : 8);
		struct ringfile rf;
		uint64_t ts[3] = { 0 };

		ringfile_init(&rf, "test", &ring, 4096);
		n_records = 0;
		while (n_records < MANY) {
			uint32_t cpu = (uint32_t)rand() % 3;
			uint32_t len = rand() % 50 ?
					       1 + (uint32_t)rand() % 160 :
					       ringfile_max(&rf) -
						       (uint32_t)rand() % 16;

			ts[cpu] += rand() % 4 ? (uint64_t)rand() % 1000 :
						(uint64_t)rand() << rand() % 20;
			put(cpu, ts[cpu],
			    rand() % 100 ? 0 : 1 + (uint64_t)rand(), len);
		}
		for (uint32_t cpu = 0; cpu < 3; cpu++)
			records[MANY - 1 - cpu] =
				(struct record){ cpu, 0, ts[cpu], 7 };
		check(round & 1, round & 2 ? 4 : 8, 4096);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_years),
		cmocka_unit_test(test_any),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	free(file);
	return ret;
}
