/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of settings: how a value is read from the config's tree into a field of struct policy
 * or struct service, written back as the config writes it, and given up.
 */
#pragma once

#include <libconfig.h>

#include "broker/config_error.h"
#include "broker/options.h"

struct value_reader {
	struct config_errors *errors;
	bool check_names;
	const struct service *service; /* NULL while it is being read itself */
};

struct value_type {
	/*
	 * Sets OPTION's field of OBJECT, which is empty. -EINVAL with lines in the reader's errors,
	 * or -ENOMEM; then the field may be half set, and clear() frees it.
	 */
	int (*parse)(struct value_reader *reader, const struct option *option,
		const config_setting_t *setting, void *object);
	void (*write)(FILE *out, const struct option *option, const void *object);
	/* NULL: it holds no memory. */
	void (*clear)(const struct option *option, void *object);
	/* NULL: OPTION's unit says all. */
	void (*unit)(const struct option *option, char *buffer, size_t size);
};

extern const struct value_type value_enum, value_bool, value_duration, value_quota, value_string,
	value_strings, value_binds, value_abi, value_allow, value_prefix, value_prefix6, value_ids;

/* Clears OPTION's field and leaves it zero, for types that hold memory. */
void value_clear(const struct option *option, void *object);
/* The built-in default of a quota. */
void value_quota_write_standard(FILE *out, const struct option *option);

/* For the types alone (config_value.c, config_list.c). */

static inline void *value_field(const struct option *option, void *object)
{
	return (char *)object + option->offset;
}

static inline const void *value_field_const(const struct option *option, const void *object)
{
	return (const char *)object + option->offset;
}

/* "VALUE REASON; expected UNIT", in SETTING (which may be an element of the option's). -EINVAL. */
int value_refuse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, const char *reason);
/*
 * The string of SETTING, checked against MAX bytes, OPTION's check and, if names are checked,
 * exists. NULL if it was refused.
 */
const char *value_get_text(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, size_t max);
/* TEXT in quotes, with escapes. */
void value_write_text(FILE *out, const char *text);
