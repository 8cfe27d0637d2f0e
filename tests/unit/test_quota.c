/* SPDX-License-Identifier: Apache-2.0 */
#include "isolate/quota.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/size.h"
#include "base/str.h"

/* What the config's parser makes of a text, by unit. */
static uint64_t parse(enum quota_unit unit, const char *text)
{
	uint64_t value = 0;
	char *end;

	switch (unit) {
	case QUOTA_UNIT_SIZE:
		ck_assert_int_eq(size_parse(text, &value), 0);
		break;
	case QUOTA_UNIT_DURATION:
		ck_assert_int_eq(duration_parse(text, &value), 0);
		break;
	case QUOTA_UNIT_COUNT:
		ck_assert_int_eq(str_to_u64(text, UINT64_MAX - 1, &value), 0);
		break;
	case QUOTA_UNIT_CPUS:
		value = (uint64_t)(strtod(text, &end) * 1000 + 0.5);
		ck_assert_str_eq(end, "");
		break;
	}
	return value;
}

START_TEST(quota_table_rows_are_whole)
{
	const struct quota_row *row = &quota_table[_i];
	struct quota quota;

	ck_assert_ptr_nonnull(row->name);
	ck_assert_uint_le(row->minimum, row->standard);
	ck_assert_uint_le(row->standard, row->maximum);
	ck_assert_uint_lt(row->maximum, QUOTA_UNLIMITED);
	ck_assert_int_eq(!row->v1.file, !row->v1.controller);
	ck_assert_int_eq(!row->v2.file, !row->v1.file);
	ck_assert_int_eq(!row->v2.file, !row->systemd_property);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(row->name, quota_table[i].name);
	quota_init(&quota);
	ck_assert_uint_eq(quota.values[_i], row->standard);
}
END_TEST

START_TEST(quota_format_round_trips)
{
	const struct quota_row *row = &quota_table[_i];
	const uint64_t values[] = {row->minimum, row->standard, row->maximum};
	char text[QUOTA_TEXT_MAX];

	for (size_t i = 0; i < ELEMENTS(values); i++)
		ck_assert_uint_eq(parse(row->unit, quota_format(_i, values[i], text)), values[i]);
	ck_assert_str_eq(quota_format(_i, QUOTA_UNLIMITED, text), "none");
}
END_TEST

static const struct {
	enum quota_id id;
	uint64_t value;
	const char *text;
} texts[] = {
	{QUOTA_MEMORY, UINT64_C(2) << 30, "2G"},
	{QUOTA_SWAP, 0, "0"},
	{QUOTA_CPUS, 1500, "1.5"},
	{QUOTA_CPUS, 2000, "2"},
	{QUOTA_CPUS, 10, "0.01"},
	{QUOTA_CPUS, 1005, "1.005"},
	{QUOTA_CPU_WEIGHT, 100, "100"},
	{QUOTA_PIDS, 1024, "1024"},
	{QUOTA_TMP, 512 << 20, "512M"},
	{QUOTA_SESSIONS, 16, "16"},
	{QUOTA_SESSION_TIME, 12 * 3600 * USEC_PER_SEC, "12h"},
};

START_TEST(quota_format_expected)
{
	char text[QUOTA_TEXT_MAX];

	ck_assert_str_eq(quota_format(texts[_i].id, texts[_i].value, text), texts[_i].text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("quota");
	TCase *tests = tcase_create("quota");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, quota_table_rows_are_whole, 0, QUOTA_COUNT);
	tcase_add_loop_test(tests, quota_format_round_trips, 0, QUOTA_COUNT);
	tcase_add_loop_test(tests, quota_format_expected, 0, (int)ELEMENTS(texts));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
