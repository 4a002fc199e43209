// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_bound.c - causes, what they say together, and their names
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bound.h"

static void test_bounds_add_up(void **state)
{
	const uint32_t least = BOUND_BIT(CAUSE_PAGES_BULK), most = BOUND_BIT(CAUSE_KFREE_RCU);

	(void)state;
	assert_int_equal(bound_of(0), BOUND_EXACT);
	assert_int_equal(bound_of(least), BOUND_AT_LEAST);
	assert_int_equal(bound_of(least | BOUND_BIT(CAUSE_VMALLOC)), BOUND_AT_LEAST);
	assert_int_equal(bound_of(most), BOUND_AT_MOST);
	assert_int_equal(bound_of(most | BOUND_BIT(CAUSE_VMALLOC_LARGE)), BOUND_AT_MOST);
	assert_int_equal(bound_of(least | most), BOUND_ABOUT);
	assert_int_equal(bound_of(BOUND_BIT(CAUSE_LOST)), BOUND_ABOUT);
	/* 0 is not less than it is, but may be more */
	assert_int_equal(bound_of(bound_of_nothing(most)), BOUND_EXACT);
	assert_int_equal(bound_of(bound_of_nothing(most | least)), BOUND_AT_LEAST);
	/* bits that are no cause say nothing */
	assert_int_equal(bound_of(UINT32_C(1) << 31), BOUND_EXACT);
}

static void test_each_cause_says_something(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < BOUND_CAUSES; i++) {
		assert_non_null(bound_cause_name(i));
		assert_non_null(bound_cause_text(i));
		assert_int_not_equal(bound_of(BOUND_BIT(i)), BOUND_EXACT);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(bound_cause_name(i), bound_cause_name(j));
	}
	assert_null(bound_cause_name(BOUND_CAUSES));
	assert_null(bound_cause_text(BOUND_CAUSES));
	assert_null(bound_cause_remedy(BOUND_CAUSES));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(bound_name(BOUND_EXACT), "exact");
	assert_string_equal(bound_name(BOUND_AT_LEAST), "at_least");
	assert_string_equal(bound_name(BOUND_AT_MOST), "at_most");
	assert_string_equal(bound_name(BOUND_ABOUT), "about");
	assert_null(bound_name(BOUND_ABOUT + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds_add_up),
		cmocka_unit_test(test_each_cause_says_something),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
