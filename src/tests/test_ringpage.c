// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_ringpage.c - pages of the ring buffer, right ones and wrong ones
 *
 * Every test runs for both byte orders and both sizes of a long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../source/ringpage.h"
#include "tracefile.h"

static struct ring_format format;
static struct out page;

static void begin(bool big, unsigned int long_size, uint64_t ts)
{
	out_free(&page);
	page.big = big;
	page.long_size = long_size;
	format = (struct ring_format) {
		.big_endian = big,
		.commit_offset = 8,
		.commit_size = long_size,
		.data_offset = 8 + long_size,
	};
	assert_int_equal(page_begin(&page, ts), 0);
}

static int start(struct ring_page *ring)
{
	const char *why = NULL;
	int ret = ring_page_open(ring, &format, page.data, page.len,
				 TEST_PAGE_SIZE, &why);

	assert_true(!ret || why);
	return ret;
}

static int next(struct ring_page *ring, struct source_record *rec)
{
	const char *why = NULL;
	int ret;

	if (page.big)
		ret = ring_page_next(ring, true, rec, &why);
	else
		ret = ring_page_next(ring, false, rec, &why);
	assert_true(ret >= 0 || why);
	return ret;
}

/* The next record is this one. */
static void expect(struct ring_page *ring, uint64_t ts, uint32_t len,
		   uint8_t fill)
{
	struct source_record rec;

	assert_int_equal(next(ring, &rec), 1);
	assert_int_equal(rec.ts, ts);
	assert_int_equal(rec.len, len);
	assert_int_equal(rec.data[0], fill);
	assert_int_equal(rec.data[len - 1], fill);
}

static void expect_end(struct ring_page *ring)
{
	struct source_record rec;

	assert_int_equal(next(ring, &rec), 0);
	assert_int_equal(next(ring, &rec), 0);
}

static void expect_garbage(struct ring_page *ring)
{
	struct source_record rec;

	assert_int_equal(next(ring, &rec), -EBADMSG);
}

static void records(bool big, unsigned int long_size)
{
	struct ring_page ring;

	begin(big, long_size, 1000);
	page_record(&page, 0, 1, 0xa1);
	page_record(&page, 5, 28, 0xa2);
	page_record(&page, (1u << 27) - 1, 29, 0xa3);
	page_end(&page, 0, 0);

	assert_int_equal(start(&ring), 0);
	assert_int_equal(ring.lost, 0);
	expect(&ring, 1000, 4, 0xa1);
	expect(&ring, 1005, 112, 0xa2);
	expect(&ring, 1005 + (1u << 27) - 1, 116, 0xa3);
	expect_end(&ring);
}

/* A length that is not a multiple of four is rounded up. */
static void odd_length(bool big, unsigned int long_size)
{
	struct ring_page ring;

	begin(big, long_size, 1000);
	page_entry(&page, 0, 1);
	page_entry(&page, 0, 0);
	set_number(&page, page.len - 4, 4 + 5, 4);
	put(&page, "\xb1\xb1\xb1\xb1\xb1\xb1\xb1\xb1", 8);
	page_record(&page, 1, 1, 0xb2);
	page_end(&page, 0, 0);

	assert_int_equal(start(&ring), 0);
	expect(&ring, 1001, 8, 0xb1);
	expect(&ring, 1002, 4, 0xb2);
	expect_end(&ring);
}

static void time_extend(bool big, unsigned int long_size)
{
	struct ring_page ring;

	begin(big, long_size, 1000);
	page_entry(&page, RING_TYPE_TIME_EXTEND, 3);
	put_number(&page, 0xfedcba98, 4);
	page_record(&page, 0, 1, 0xc1);
	page_end(&page, 0, 0);

	assert_int_equal(start(&ring), 0);
	expect(&ring, 1003 + (UINT64_C(0xfedcba98) << 27), 4, 0xc1);
	expect_end(&ring);
}

static void absolute_time(bool big, unsigned int long_size)
{
	const uint64_t upper = UINT64_C(0x15) << 59;
	struct ring_page ring;

	/* the upper five bits are those of the page */
	begin(big, long_size, upper | 1000);
	page_entry(&page, RING_TYPE_TIME_STAMP, 7);
	put_number(&page, 2, 4);
	page_record(&page, 1, 1, 0xd1);
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect(&ring, upper + (2u << 27) + 8, 4, 0xd1);
	expect_end(&ring);

	/* unless the lower 59 went once around */
	begin(big, long_size, upper | (UINT64_C(1) << 58));
	page_entry(&page, RING_TYPE_TIME_STAMP, 7);
	put_number(&page, 0, 4);
	page_record(&page, 0, 1, 0xd2);
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect(&ring, upper + (UINT64_C(1) << 59) + 7, 4, 0xd2);

	/* without upper bits, it is the time, even a smaller one */
	begin(big, long_size, 1000);
	page_entry(&page, RING_TYPE_TIME_STAMP, 7);
	put_number(&page, 0, 4);
	page_record(&page, 0, 1, 0xd3);
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect(&ring, 7, 4, 0xd3);
}

static void padding(bool big, unsigned int long_size)
{
	struct ring_page ring;

	/* a discarded event takes its time with it */
	begin(big, long_size, 1000);
	page_entry(&page, RING_TYPE_PADDING, 10);
	put_number(&page, 12, 4);
	put(&page, "discarded", 8);
	page_record(&page, 1, 1, 0xe1);
	page_entry(&page, RING_TYPE_PADDING, 0);
	put(&page, "what is here is not looked at...", 32);
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect(&ring, 1011, 4, 0xe1);
	expect_end(&ring);
}

static void missed_events(bool big, unsigned int long_size)
{
	/* the kernel's flags are ints: the sign goes through a long */
	const uint64_t signs = long_size == 8 ? UINT64_C(0xffffffff) << 32 : 0;
	struct ring_page ring;

	begin(big, long_size, 1000);
	page_record(&page, 0, 1, 0xf1);
	page_end(&page, 0, RING_MISSED_EVENTS);
	assert_int_equal(start(&ring), 0);
	assert_true(ring.lost == SOURCE_LOST_UNKNOWN);
	expect(&ring, 1000, 4, 0xf1);
	expect_end(&ring);

	begin(big, long_size, 1000);
	page_record(&page, 0, 1, 0xf1);
	page_end(&page, 0, RING_MISSED_EVENTS | RING_MISSED_STORED | signs);
	set_number(&page, 8 + long_size + 8, 0x12345, long_size);
	assert_int_equal(start(&ring), 0);
	assert_int_equal(ring.lost, 0x12345);
	expect(&ring, 1000, 4, 0xf1);
	expect_end(&ring);

	/* an empty page can tell of a loss too */
	begin(big, long_size, 1000);
	page_end(&page, 0, RING_MISSED_EVENTS | signs);
	assert_int_equal(start(&ring), 0);
	assert_true(ring.lost == SOURCE_LOST_UNKNOWN);
	expect_end(&ring);

	/* a count, but no room for it behind a full page */
	begin(big, long_size, 1000);
	while (page.len < TEST_PAGE_SIZE)
		page_record(&page, 0, page.len + 8 <= TEST_PAGE_SIZE ? 1 : 0,
			    0xf1);
	page_end(&page, 0, RING_MISSED_EVENTS | RING_MISSED_STORED);
	assert_int_equal(start(&ring), -EBADMSG);
}

static void garbage(bool big, unsigned int long_size)
{
	struct ring_page ring;

	/* more data than a page has */
	begin(big, long_size, 1000);
	page_end(&page, 0, TEST_PAGE_SIZE - 8 - long_size + 4);
	assert_int_equal(start(&ring), -EBADMSG);

	/* flags that nobody knows */
	begin(big, long_size, 1000);
	page_end(&page, 0, 1u << 29);
	assert_int_equal(start(&ring), -EBADMSG);

	/* a record over the end of the data */
	begin(big, long_size, 1000);
	page_record(&page, 0, 2, 1);
	page.len -= 4;
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect_garbage(&ring);

	/* half an entry header */
	begin(big, long_size, 1000);
	put(&page, "\1\1", 2);
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect_garbage(&ring);

	/* a time extend without its second half */
	begin(big, long_size, 1000);
	page_entry(&page, RING_TYPE_TIME_EXTEND, 1);
	page_end(&page, 0, 0);
	assert_int_equal(start(&ring), 0);
	expect_garbage(&ring);
}

static void bad_length(bool big, unsigned int long_size)
{
	static const uint32_t types[] = { 0, RING_TYPE_PADDING };
	static const uint32_t lengths[] = {
		0, 1, 3, 4, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
	};
	struct ring_page ring;
	size_t t, i;

	for (t = 0; t < 2; t++) {
		for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			/* padding of four bytes has no data: allowed */
			if (types[t] && lengths[i] == 4)
				continue;
			begin(big, long_size, 1000);
			page_entry(&page, types[t], 1);
			put_number(&page, lengths[i], 4);
			page_record(&page, 0, 4, 1);
			page_end(&page, 0, 0);
			assert_int_equal(start(&ring), 0);
			expect_garbage(&ring);
		}
	}
}

/* The file ends in the page: what is whole is read, the rest is not. */
static void cut(bool big, unsigned int long_size)
{
	struct ring_page ring;
	size_t len;

	begin(big, long_size, 1000);
	page_record(&page, 0, 1, 0x11);
	page_record(&page, 1, 2, 0x22);
	page_end(&page, 0, 0);

	for (len = 0; len < 8 + long_size; len++) {
		page.len = len;
		assert_int_equal(start(&ring), 0);
		expect_end(&ring);
	}
	page.len = 8 + long_size + 8 + 11;
	assert_int_equal(start(&ring), 0);
	assert_true(ring.cut);
	expect(&ring, 1000, 4, 0x11);
	expect_end(&ring);
	page.len++;
	assert_int_equal(start(&ring), 0);
	assert_false(ring.cut);
	expect(&ring, 1000, 4, 0x11);
	expect(&ring, 1001, 8, 0x22);
	expect_end(&ring);
}

#define TEST(name)						\
static void test_##name(void **state)				\
{								\
	(void)state;						\
	name(false, 8);						\
	name(false, 4);						\
	name(true, 8);						\
	name(true, 4);						\
	out_free(&page);					\
}

TEST(records)
TEST(odd_length)
TEST(time_extend)
TEST(absolute_time)
TEST(padding)
TEST(missed_events)
TEST(garbage)
TEST(bad_length)
TEST(cut)

static int parse(struct ring_format *f, const char *text)
{
	memset(f, 0, sizeof(*f));
	return ring_format_parse(f, text, strlen(text));
}

static void test_header_page(void **state)
{
	struct ring_format f;

	(void)state;
	assert_int_equal(parse(&f,
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n"
		"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;"), 0);
	assert_int_equal(f.ts_offset, 0);
	assert_int_equal(f.commit_offset, 8);
	assert_int_equal(f.commit_size, 4);
	assert_int_equal(f.data_offset, 16);

	assert_int_equal(parse(&f, ""), -EBADMSG);
	assert_int_equal(parse(&f, "\n\n x commit;"), -EBADMSG);
	/* a long of two bytes; a timestamp of four; data in the header */
	assert_int_equal(parse(&f, "u64 timestamp; offset:0; size:8;\n"
		"l commit; offset:8; size:2;\nc data; offset:16; size:9;\n"),
		-EBADMSG);
	assert_int_equal(parse(&f, "u64 timestamp; offset:0; size:4;\n"
		"l commit; offset:8; size:8;\nc data; offset:16; size:9;\n"),
		-EBADMSG);
	assert_int_equal(parse(&f, "u64 timestamp; offset:0; size:8;\n"
		"l commit; offset:8; size:8;\nc data; offset:12; size:9;\n"),
		-EBADMSG);
	assert_int_equal(parse(&f, "u64 timestamp; offset:0; size:8;\n"
		"l commit; offset:99999999999; size:8;\n"
		"c data; offset:16; size:9;\n"), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_odd_length),
		cmocka_unit_test(test_time_extend),
		cmocka_unit_test(test_absolute_time),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_missed_events),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_bad_length),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_header_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
