/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

static const struct {
	const char *text;
	int result;
	uint64_t bytes;
} sizes[] = {
	{"0", 0, 0},
	{"1", 0, 1},
	{"1K", 0, 1024},
	{"512M", 0, 536870912},
	{"2G", 0, 2147483648},
	{"3T", 0, 3298534883328},
	{"", -EINVAL, 0},
	{"M", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"1 M", -EINVAL, 0},
	{"1MB", -EINVAL, 0},
	{"1m", -EINVAL, 0},
	{"9999999999999999999", -ERANGE, 0},
	{"9999999999T", -ERANGE, 0},
};

START_TEST(size_parse_expected)
{
	uint64_t bytes = 7;
	int r = size_parse(sizes[_i].text, &bytes);

	ck_assert_int_eq(r, sizes[_i].result);
	ck_assert_uint_eq(bytes, r < 0 ? 7 : sizes[_i].bytes);
}
END_TEST

START_TEST(size_format_round_trips)
{
	static const uint64_t values[] = {0, 1, 1023, 1024, 1025, 1 << 20, UINT64_C(5) << 40};
	char text[SIZE_TEXT_MAX];
	uint64_t bytes;

	ck_assert_int_eq(size_parse(size_format(values[_i], text), &bytes), 0);
	ck_assert_uint_eq(bytes, values[_i]);
}
END_TEST

static const struct {
	const char *text;
	int result;
	uint64_t usec;
	const char *shown;
} durations[] = {
	{"0", 0, 0, "0s"},
	{"90", 0, 90000000, "1m30s"},
	{"15m", 0, 900000000, "15m"},
	{"1h30m", 0, 5400000000, "1h30m"},
	{"250ms", 0, 250000, "250ms"},
	{"2d", 0, 172800000000, "2d"},
	{"", -EINVAL, 0, NULL},
	{"m", -EINVAL, 0, NULL},
	{"5x", -EINVAL, 0, NULL},
	{"1h30", -EINVAL, 0, NULL},
	{"99999999999999d", -ERANGE, 0, NULL},
};

START_TEST(duration_parse_expected)
{
	char text[DURATION_TEXT_MAX];
	uint64_t usec = 7;
	int r = duration_parse(durations[_i].text, &usec);

	ck_assert_int_eq(r, durations[_i].result);
	if (r == 0) {
		ck_assert_uint_eq(usec, durations[_i].usec);
		ck_assert_str_eq(duration_format(usec, text), durations[_i].shown);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("size");
	TCase *tests = tcase_create("size");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, size_parse_expected, 0, (int)ELEMENTS(sizes));
	tcase_add_loop_test(tests, size_format_round_trips, 0, 7);
	tcase_add_loop_test(tests, duration_parse_expected, 0, (int)ELEMENTS(durations));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
