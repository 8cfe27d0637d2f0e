/* SPDX-License-Identifier: Apache-2.0 */
/* The types that are lists. Runs in the broker when it reads its config or merges a policy. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "broker/config_text.h"
#include "broker/config_value.h"
#include "isolate/seccomp.h"

/* "( )" and "[ ]" are the same to us. The number of elements, or -EINVAL. */
static int list_length(
	struct value_reader *reader, const struct option *option, const config_setting_t *setting)
{
	int length = config_setting_length(setting);

	if (!config_setting_is_list(setting) && !config_setting_is_array(setting))
		return value_refuse(reader, option, setting, "is not a list");
	if ((uint64_t)length > option->max)
		return value_refuse(reader, option, setting, "has too many entries");
	return length;
}

static const config_setting_t *list_element(const config_setting_t *setting, int index)
{
	return config_setting_get_elem((config_setting_t *)setting, (unsigned)index);
}

/* For a loop over elements: goes on after a mistake, so that all are reported, but not after
 * -ENOMEM. */
static int worse_of(int result, int r)
{
	return r < 0 && result != -ENOMEM ? r : result;
}

static int strings_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	struct policy_list *list = value_field(option, object);
	int length = list_length(reader, option, setting), result = 0;

	if (length < 0)
		return length;
	list->items = calloc((size_t)length + 1, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	for (int i = 0; i < length; i++) {
		const char *text =
			value_get_text(reader, option, list_element(setting, i), option->min);

		if (!text) {
			result = -EINVAL;
			continue;
		}
		list->items[list->count] = strdup(text);
		if (!list->items[list->count])
			return -ENOMEM;
		list->count++;
	}
	return result;
}

static void strings_write(FILE *out, const struct option *option, const void *object)
{
	const struct policy_list *list = value_field_const(option, object);

	fputs("(", out);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? ", " : " ", out);
		value_write_text(out, list->items[i]);
	}
	fputs(" )", out);
}

static void strings_clear(const struct option *option, void *object)
{
	struct policy_list *list = value_field(option, object);

	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct policy_list){0};
}

const struct value_type value_strings = {strings_parse, strings_write, strings_clear, NULL};

/* What is set of one { source; target; write; }. */
struct bind_settings {
	const config_setting_t *source, *target, *write;
};

static int bind_collect(struct value_reader *reader, const struct option *option,
	const config_setting_t *entry, struct bind_settings *ret)
{
	const struct {
		const char *name;
		const config_setting_t **setting;
	} keys[] = {{"source", &ret->source}, {"target", &ret->target}, {"write", &ret->write}};
	int result = 0;

	for (int i = 0; i < config_setting_length(entry); i++) {
		const config_setting_t *member = list_element(entry, i);
		bool known = false;

		for (size_t k = 0; k < ELEMENTS(keys); k++)
			if (str_eq(member->name, keys[k].name)) {
				*keys[k].setting = member;
				known = true;
			}
		if (!known)
			result = config_error(reader->errors, member,
				"\"source\", \"target\" or \"write\"", "unknown key");
	}
	if (!ret->source)
		result = value_refuse(reader, option, entry, "has no source");
	return result;
}

static int bind_path(struct value_reader *reader, const config_setting_t *setting, const char *unit,
	const char *(*check)(const char *text), const char *(*exists)(const char *path), char **ret)
{
	/* A path is checked like a setting of its own, without the list around it. */
	const struct option path = {
		.type = &value_string, .unit = unit, .check = check, .exists = exists};
	const char *text = value_get_text(reader, &path, setting, PATH_MAX - 1);

	if (!text)
		return -EINVAL;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

/* The stores and the broker's own records hold what is other users'. */
static int bind_check_source(struct value_reader *reader, const config_setting_t *setting,
	const struct policy_bind *bind)
{
	const struct service *service = reader->service;
	const char *const ours[] = {
		service ? service->run_dir : NULL, service ? service->state_dir : NULL};

	for (size_t i = 0; service && i < ELEMENTS(ours); i++)
		if (text_path_is_within(bind->source, ours[i]) ||
			text_path_is_within(ours[i], bind->source))
			return config_error(reader->errors, setting, "a tree apart from it",
				"\"%s\" would show sandboxd's own \"%s\"", bind->source, ours[i]);
	return 0;
}

static int bind_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *entry, struct policy_bind *bind)
{
	struct bind_settings set = {0};
	int r, result;

	if (!config_setting_is_group(entry))
		return value_refuse(reader, option, entry, "is not a group");
	result = bind_collect(reader, option, entry, &set);
	if (set.source) {
		r = bind_path(reader, set.source, "the absolute path of a tree to show",
			text_check_bind_source, option->exists, &bind->source);
		if (r == 0)
			r = bind_check_source(reader, set.source, bind);
		result = worse_of(result, r);
	}
	if (set.target || set.source)
		result = worse_of(result,
			bind_path(reader, set.target ? set.target : set.source,
				"an absolute path that is free inside, such as \"/srv/cs101\"",
				text_check_bind_target, NULL, &bind->target));
	if (set.write && config_setting_type(set.write) != CONFIG_TYPE_BOOL)
		result = config_error(
			reader->errors, set.write, "true or false", "the value is not a boolean");
	else if (set.write)
		bind->write = config_setting_get_bool(set.write);
	return result;
}

/* A target may lie below an earlier one, but not hide one. */
static int binds_check_targets(struct value_reader *reader, const config_setting_t *setting,
	const struct policy_bind *binds, int index)
{
	for (int i = 0; binds[index].target && i < index; i++)
		if (binds[i].target && text_path_is_within(binds[i].target, binds[index].target))
			return config_error(reader->errors, list_element(setting, index),
				"each target once, and outer ones first",
				"the target \"%s\" would cover \"%s\" of binds[%d]",
				binds[index].target, binds[i].target, i);
	return 0;
}

static int binds_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	int length = list_length(reader, option, setting), result = 0;
	struct policy *policy = object;

	if (length <= 0)
		return length;
	policy->binds = calloc((size_t)length, sizeof(*policy->binds));
	if (!policy->binds)
		return -ENOMEM;
	policy->bind_count = (size_t)length;
	for (int i = 0; i < length && result != -ENOMEM; i++) {
		int r = bind_parse(reader, option, list_element(setting, i), &policy->binds[i]);

		if (r == 0)
			r = binds_check_targets(reader, setting, policy->binds, i);
		result = worse_of(result, r);
	}
	return result;
}

static void binds_write(FILE *out, const struct option *option, const void *object)
{
	const struct policy *policy = object;

	fputs("(", out);
	for (size_t i = 0; i < policy->bind_count; i++) {
		const struct policy_bind *bind = &policy->binds[i];

		fprintf(out, "%s{ source = ", i ? ", " : " ");
		value_write_text(out, bind->source);
		fputs("; target = ", out);
		value_write_text(out, bind->target);
		fprintf(out, "; write = %s; }", bind->write ? "true" : "false");
	}
	fputs(" )", out);
}

static void binds_clear(const struct option *option, void *object)
{
	struct policy *policy = object;

	for (size_t i = 0; i < policy->bind_count; i++) {
		free(policy->binds[i].source);
		free(policy->binds[i].target);
	}
	free(policy->binds);
	policy->binds = NULL;
	policy->bind_count = 0;
}

const struct value_type value_binds = {binds_parse, binds_write, binds_clear, NULL};

static int abi_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	static const struct {
		const char *name;
		unsigned bit;
	} abis[] = {{"native", SECCOMP_ABI_NATIVE}, {"i386", SECCOMP_ABI_I386}};
	int length = list_length(reader, option, setting), result = 0;
	unsigned bits = 0;

	for (int i = 0; i < length; i++) {
		const config_setting_t *element = list_element(setting, i);
		const char *text = config_setting_get_string(element);
		size_t a = 0;

		while (a < ELEMENTS(abis) && !(text && str_eq(text, abis[a].name)))
			a++;
		if (a < ELEMENTS(abis))
			bits |= abis[a].bit;
		else
			result = value_refuse(reader, option, element, "is not an ABI");
	}
	*(unsigned *)value_field(option, object) = bits;
	return length < 0 ? length : result;
}

static void abi_write(FILE *out, const struct option *option, const void *object)
{
	bool i386 = *(const unsigned *)value_field_const(option, object) & SECCOMP_ABI_I386;

	fputs(i386 ? "( \"native\", \"i386\" )" : "( \"native\" )", out);
}

const struct value_type value_abi = {abi_parse, abi_write, NULL, NULL};

static int allow_parse(struct value_reader *reader, const struct option *option,
	const config_setting_t *setting, void *object)
{
	int length = list_length(reader, option, setting), result = 0;
	struct policy *policy = object;

	if (length <= 0)
		return length;
	policy->allow = calloc((size_t)length, sizeof(*policy->allow));
	if (!policy->allow)
		return -ENOMEM;
	for (int i = 0; i < length; i++) {
		const config_setting_t *element = list_element(setting, i);
		const char *text = config_setting_get_string(element);
		const char *reason = "is not a string";

		if (text)
			reason = text_parse_allow(text, &policy->allow[policy->allow_count]);
		if (reason)
			result = value_refuse(reader, option, element, reason);
		else
			policy->allow_count++;
	}
	return result;
}

static void allow_write(FILE *out, const struct option *option, const void *object)
{
	const struct policy *policy = object;

	fputs("(", out);
	for (size_t i = 0; i < policy->allow_count; i++) {
		const struct policy_allow *allow = &policy->allow[i];
		bool v6 = allow->family == AF_INET6;
		char address[INET6_ADDRSTRLEN] = "";

		inet_ntop(allow->family, &allow->address, address, sizeof(address));
		fprintf(out, "%s\"%s%s%s:%u/%s\"", i ? ", " : " ", v6 ? "[" : "", address,
			v6 ? "]" : "", allow->port, allow->protocol == IPPROTO_TCP ? "tcp" : "udp");
	}
	fputs(" )", out);
}

static void allow_clear(const struct option *option, void *object)
{
	struct policy *policy = object;

	free(policy->allow);
	policy->allow = NULL;
	policy->allow_count = 0;
}

const struct value_type value_allow = {allow_parse, allow_write, allow_clear, NULL};
