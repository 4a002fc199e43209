// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oracle_record.c - does libtracecmd read what a recording becomes?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <trace-cmd.h>

#include "error.h"
#include "recordparts.h"

/* libtracecmd keeps a word of its own that it scanned, for ever. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:vfscanf";
}

static void assert_record(struct tracecmd_input *handle, int cpu, uint64_t ts,
			  uint8_t byte)
{
	struct tep_record *rec = tracecmd_read_data(handle, cpu);

	assert_non_null(rec);
	assert_int_equal(rec->ts, ts);
	assert_int_equal(rec->cpu, cpu);
	assert_true(rec->size >= 8);
	assert_int_equal(*(uint8_t *)rec->data, byte);
	tracecmd_free_record(rec);
}

static void read_back(void **state)
{
	struct tracecmd_input *handle;
	struct parts pa = { 0 };
	struct error err;

	(void)state;
	recordparts_setup();
	recordparts_fill(&pa, RECORDPARTS_DEAD);
	if (parts_assemble(&pa, NULL, &err))
		fail_msg("%s", err.text);
	parts_remove(&pa, NULL);

	handle = tracecmd_open(recordparts_output(),
			       TRACECMD_FL_LOAD_NO_PLUGINS);
	assert_non_null(handle);
	assert_int_equal(tep_get_cpus(tracecmd_get_tep(handle)), 3);
	assert_int_equal(tracecmd_buffer_instances(handle), 0);
	assert_string_equal(tep_data_comm_from_pid(tracecmd_get_tep(handle), 12),
			    "insmod");
	assert_string_equal(tep_find_function(tracecmd_get_tep(handle),
					      0xffffffff81000000ull), "_text");
	assert_record(handle, 0, 1000, 0x11);
	assert_record(handle, 0, 3000, 0x22);
	assert_null(tracecmd_read_data(handle, 0));
	assert_null(tracecmd_read_data(handle, 1));
	assert_record(handle, 2, 2000, 0x33);
	assert_null(tracecmd_read_data(handle, 2));
	tracecmd_close(handle);
	recordparts_teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
