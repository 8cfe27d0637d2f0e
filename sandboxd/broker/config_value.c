/* SPDX-License-Identifier: Apache-2.0 */
/* The types of one value. Runs in the broker when it reads its config or merges a policy. */
#include "broker/config_value.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/size.h"
#include "base/str.h"
#include "broker/config_text.h"

int value_refuse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, const char *reason)
{
	_cleanup_free_ char *shown = setting_describe(setting);
	char buffer[OPTION_UNIT_MAX];
	const char *unit = option_unit(option, buffer);

	/* In an element of a list: what an element looks like. */
	if (!setting->name && str_starts(unit, "a list of "))
		unit += strlen("a list of ");
	if (!shown) {
		reader->errors->no_memory = true;
		return -ENOMEM;
	}
	return config_error(reader->errors, setting, unit, "%s %s", shown, reason);
}

const char *value_get_text(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, size_t max)
{
	const char *text = config_setting_get_string(setting), *reason = NULL;

	if (!text)
		reason = "is not a string";
	else if (strlen(text) > max)
		reason = "is too long";
	else if (option->check)
		reason = option->check(text);
	if (!reason && option->exists && reader->check_names)
		reason = option->exists(text);
	if (!reason)
		return text;
	value_refuse(reader, option, setting, reason);
	return NULL;
}

void value_write_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fprintf(out, "%s%c", strchr("\"\\", *text) ? "\\" : "", *text);
	fputc('"', out);
}

void value_clear(const struct option *option, void *object)
{
	if (option->type->clear)
		option->type->clear(option, object);
}

/* One of OPTION's names. The enums are unsigned int, as GCC and clang have those without negatives.
 */
static int enum_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	const char *text = config_setting_get_string(setting);

	for (unsigned i = 0; text && i < option->max; i++)
		if (str_eq(text, option->names[i])) {
			*(unsigned *)value_field(option, object) = i;
			return 0;
		}
	return value_refuse(reader, option, setting, "is not a choice");
}

static void enum_write(FILE *out, const struct option *option, const void *object)
{
	fprintf(out, "\"%s\"", option->names[*(const unsigned *)value_field_const(option, object)]);
}

static void enum_unit(const struct option *option, char *buffer, size_t size)
{
	size_t length = 0;

	for (unsigned i = 0; i < option->max && length < size; i++)
		length += (size_t)snprintf(buffer + length, size - length, "%s\"%s\"",
			i ? " or " : "", option->names[i]);
}

const struct value_type value_enum = {enum_parse, enum_write, NULL, enum_unit};

static int bool_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		return value_refuse(reader, option, setting, "is not a boolean");
	*(bool *)value_field(option, object) = config_setting_get_bool(setting);
	return 0;
}

static void bool_write(FILE *out, const struct option *option, const void *object)
{
	fputs(*(const bool *)value_field_const(option, object) ? "true" : "false", out);
}

const struct value_type value_bool = {bool_parse, bool_write, NULL, NULL};

static int string_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	const char *text = value_get_text(reader, option, setting, option->max);
	char **field = value_field(option, object);

	if (!text)
		return -EINVAL;
	*field = strdup(text);
	return *field ? 0 : -ENOMEM;
}

static void string_write(FILE *out, const struct option *option, const void *object)
{
	value_write_text(out, *(char *const *)value_field_const(option, object));
}

static void string_clear(const struct option *option, void *object)
{
	char **field = value_field(option, object);

	free(*field);
	*field = NULL;
}

const struct value_type value_string = {string_parse, string_write, string_clear, NULL};

/* Reads the string of SETTING with a parser that says what is wrong. */
static int parse_prefix(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, int family, struct ip_prefix *ret)
{
	const char *text = config_setting_get_string(setting);
	const char *reason = "is not a string";

	if (text)
		reason = text_parse_prefix(
			text, family, (unsigned)option->min, (unsigned)option->max, ret);
	return reason ? value_refuse(reader, option, setting, reason) : 0;
}

static void write_prefix(FILE *out, const struct ip_prefix *prefix)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(prefix->family, &prefix->address, text, sizeof(text)))
		fprintf(out, "\"%s/%u\"", text, prefix->length);
}

static int prefix_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	return parse_prefix(reader, option, setting, AF_INET, value_field(option, object));
}

static void prefix_write(FILE *out, const struct option *option, const void *object)
{
	write_prefix(out, value_field_const(option, object));
}

const struct value_type value_prefix = {prefix_parse, prefix_write, NULL, NULL};

static int prefix6_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	const char *text = config_setting_get_string(setting);
	struct service *service = object;
	int r = 0;

	service->has_addresses6 = !text || *text;
	if (service->has_addresses6)
		r = parse_prefix(reader, option, setting, AF_INET6, &service->addresses6);
	return r;
}

static void prefix6_write(FILE *out, const struct option *option, const void *object)
{
	const struct service *service = object;

	if (service->has_addresses6)
		write_prefix(out, &service->addresses6);
	else
		fputs("\"\"", out);
}

const struct value_type value_prefix6 = {prefix6_parse, prefix6_write, NULL, NULL};

static int ids_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	const char *text = config_setting_get_string(setting), *reason = "is not a string";
	struct service *service = object;

	service->ids_subuid = text && str_eq(text, "subuid");
	if (service->ids_subuid)
		return 0;
	if (text)
		reason = text_parse_ids(text, &service->ids_first, &service->ids_count);
	return reason ? value_refuse(reader, option, setting, reason) : 0;
}

static void ids_write(FILE *out, const struct option *option, const void *object)
{
	const struct service *service = object;

	if (service->ids_subuid)
		fputs("\"subuid\"", out);
	else
		fprintf(out, "\"%llu:%llu\"", (unsigned long long)service->ids_first,
			(unsigned long long)service->ids_count);
}

const struct value_type value_ids = {ids_parse, ids_write, NULL, NULL};
