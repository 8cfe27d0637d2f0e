/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of the config: spans of time, and the quotas in the units of quota_table. Runs in the
 * broker when it reads its config or merges a policy.
 */
#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/size.h"
#include "base/str.h"
#include "broker/config_text.h"
#include "broker/config_value.h"

/* "1.5" is 1500; at most three digits behind the point. */
static int parse_thousandths(const char *text, uint64_t *ret)
{
	char whole[20] = "";
	size_t length = strcspn(text, "."), digits;
	uint64_t value, fraction = 0;
	int r;

	if (length >= sizeof(whole))
		return -ERANGE;
	memcpy(whole, text, length);
	r = str_to_u64(whole, INT64_MAX / 1000 - 1, &value);
	if (r < 0)
		return r;
	if (text[length]) {
		text += length + 1;
		digits = strlen(text);
		if (digits > 3)
			return -EINVAL;
		r = str_to_u64(text, 999, &fraction);
		if (r < 0)
			return r;
		for (; digits < 3; digits++)
			fraction *= 10;
	}
	*ret = value * 1000 + fraction;
	return 0;
}

static int parse_count(const char *text, uint64_t *ret)
{
	return str_to_u64(text, INT64_MAX, ret);
}

/* How each unit is written: as a string, or as a number of FACTOR each. */
static const struct number_unit {
	const char *noun;
	const char *unit;
	int (*parse)(const char *text, uint64_t *ret);
	uint64_t factor; /* of an integer */
	bool bare;	 /* is shown without quotes */
} number_units[] = {
	[QUOTA_UNIT_SIZE] = {"is not a size",
		"bytes as a whole number, or a number with K, M, G or T such as \"512M\"",
		size_parse, 1, false},
	[QUOTA_UNIT_CPUS] = {"is not a number of processors", "a number such as 1.5",
		parse_thousandths, 1000, true},
	[QUOTA_UNIT_COUNT] = {"is not a whole number", "a whole number", parse_count, 1, true},
	[QUOTA_UNIT_DURATION] = {"is not a span of time",
		"a span of time such as \"1h30m\", or seconds as a whole number", duration_parse,
		USEC_PER_SEC, false},
};

static int parse_float(const struct number_unit *unit, double number, uint64_t *ret)
{
	if (unit->factor != 1000) /* only of processors are there fractions */
		return -EINVAL;
	number = round(number * 1000);
	if (!(number >= 0 && number < (double)(INT64_MAX / 2)))
		return -ERANGE;
	*ret = (uint64_t)number;
	return 0;
}

/* -EINVAL: not such a number; -ERANGE: no number of ours. */
static int parse_number(
	const struct number_unit *unit, const config_setting_t *setting, uint64_t *ret)
{
	long long number;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		return unit->parse(config_setting_get_string(setting), ret);
	case CONFIG_TYPE_FLOAT:
		return parse_float(unit, config_setting_get_float(setting), ret);
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		number = config_setting_get_int64(setting);
		if (number < 0 || __builtin_mul_overflow((uint64_t)number, unit->factor, ret))
			return -ERANGE;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_in_range(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, const struct number_unit *unit, uint64_t min, uint64_t max,
	uint64_t *field)
{
	uint64_t value;
	int r;

	/* libconfig 1.5 cuts such a one to 32 bits. */
	if (config_setting_get_format(setting) == CONFIG_FORMAT_HEX)
		return value_refuse(reader, option, setting, "is written in hexadecimal");
	r = parse_number(unit, setting, &value);

	if (r >= 0 && (value < min || value > max))
		r = -ERANGE;
	if (r < 0)
		return value_refuse(
			reader, option, setting, r == -ERANGE ? "is out of range" : unit->noun);
	*field = value;
	return 0;
}

static int duration_value_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	const char *text = config_setting_get_string(setting);

	if (text && option->absent && str_eq(text, option->absent))
		return value_refuse(reader, option, setting, TEXT_ABSENT);
	return parse_in_range(reader, option, setting, &number_units[QUOTA_UNIT_DURATION],
		option->min, option->max, value_field(option, object));
}

static void duration_write(FILE *out, const struct option *option, const void *object)
{
	char text[DURATION_TEXT_MAX];

	fprintf(out, "\"%s\"",
		duration_format(*(const uint64_t *)value_field_const(option, object), text));
}

static void duration_unit(const struct option *option, char *buffer, size_t size)
{
	char min[DURATION_TEXT_MAX], max[DURATION_TEXT_MAX];

	snprintf(buffer, size, "%s, from %s to %s", option->unit, duration_format(option->min, min),
		duration_format(option->max, max));
}

const struct value_type value_duration = {
	duration_value_parse, duration_write, NULL, duration_unit};

static enum quota_id option_quota(const struct option *option)
{
	return (enum quota_id)(
		(option->offset - offsetof(struct policy, quota.values)) / sizeof(uint64_t));
}

/* A weight is always one of many: there is no "none". */
static bool quota_may_be_none(enum quota_id id)
{
	return id != QUOTA_CPU_WEIGHT;
}

static int quota_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	const enum quota_id id = option_quota(option);
	const struct quota_row *row = &quota_table[id];
	const char *text = config_setting_get_string(setting);
	uint64_t *field = value_field(option, object);

	if (text && str_eq(text, "none") && quota_may_be_none(id)) {
		*field = QUOTA_UNLIMITED;
		return 0;
	}
	return parse_in_range(reader, option, setting, &number_units[row->unit], row->minimum,
		row->maximum, field);
}

static void write_quota(FILE *out, enum quota_id id, uint64_t value)
{
	bool bare = number_units[quota_table[id].unit].bare && value != QUOTA_UNLIMITED;
	char text[QUOTA_TEXT_MAX];

	fprintf(out, bare ? "%s" : "\"%s\"", quota_format(id, value, text));
}

static void quota_write(FILE *out, const struct option *option, const void *object)
{
	write_quota(
		out, option_quota(option), *(const uint64_t *)value_field_const(option, object));
}

void value_quota_write_standard(FILE *out, const struct option *option)
{
	const enum quota_id id = option_quota(option);

	write_quota(out, id, quota_table[id].standard);
}

static void quota_unit(const struct option *option, char *buffer, size_t size)
{
	const enum quota_id id = option_quota(option);
	const struct quota_row *row = &quota_table[id];
	const char *none = quota_may_be_none(id) ? ", or \"none\"" : "";
	char min[QUOTA_TEXT_MAX], max[QUOTA_TEXT_MAX];

	quota_format(id, row->minimum, min);
	if (row->maximum >= INT64_MAX)
		snprintf(
			buffer, size, "%s, at least %s%s", number_units[row->unit].unit, min, none);
	else
		snprintf(buffer, size, "%s, from %s to %s%s", number_units[row->unit].unit, min,
			quota_format(id, row->maximum, max), none);
}

const struct value_type value_quota = {quota_parse, quota_write, NULL, quota_unit};
