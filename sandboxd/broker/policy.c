/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy of a user, merged from the layers of a config that was checked when it was read. Runs
 * in the broker at each login and at reload; asks nobody.
 */
#include "broker/policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "broker/config.h"
#include "broker/config_value.h"

static int compare_user(const void *name, const void *layer)
{
	return strcmp(name, ((const struct config_layer *)layer)->name);
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static void layer_over(struct config_layer *merged, const struct config_layer *layer)
{
	for (size_t i = 0; i < policy_options.count; i++)
		if (layer->settings[i])
			merged->settings[i] = layer->settings[i];
}

static void merge(const struct config *config, const char *user, const char *const *groups,
	size_t group_count, struct config_layer *ret)
{
	const struct config_layer *own = NULL;

	*ret = (struct config_layer){0};
	layer_over(ret, &config->defaults);
	for (size_t i = 0; i < config->group_count; i++)
		if (is_among(config->groups[i].name, groups, group_count))
			layer_over(ret, &config->groups[i]);
	if (config->user_count)
		own = bsearch(user, config->users, config->user_count, sizeof(*config->users),
			compare_user);
	if (own)
		layer_over(ret, own);
}

static void cleanup_policy(struct policy **policy)
{
	policy_free(*policy);
}

int config_policy(const struct config *config, const char *user, const char *const *groups,
	size_t group_count, struct policy **ret)
{
	_cleanup_(cleanup_policy) struct policy *policy = calloc(1, sizeof(*policy));
	/* No value is wrong any more, and none is looked up: only memory can be missing. */
	struct value_reader reader = {.service = &config->service};
	struct config_layer merged;

	if (!policy)
		return -ENOMEM;
	policy->file = strdup(config->file);
	if (!policy->file)
		return -ENOMEM;
	merge(config, user, groups, group_count, &merged);
	for (size_t i = 0; i < policy_options.count; i++) {
		const struct option *option = &policy_options.options[i];
		const config_setting_t *setting = merged.settings[i];
		int r;

		if (setting)
			policy->lines[i] = config_setting_source_line(setting);
		else
			setting = config->standard.settings[i];
		r = option->type->parse(&reader, option, setting, policy);
		if (r < 0)
			return r;
	}
	*ret = take_ptr(&policy);
	return 0;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy_options.count; i++)
		value_clear(&policy_options.options[i], policy);
	free(policy->file);
	free(policy);
}

/* The text of one setting, new. */
static char *option_text(const struct option *option, const struct policy *policy)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	option->type->write(out, option, policy);
	return fclose(out) == 0 ? take_ptr(&text) : NULL;
}

int policy_visit(const struct policy *policy,
	int (*visit)(const char *key, const char *value, const char *origin, void *data),
	void *data)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy_options.count; i++) {
		const struct option *option = &policy_options.options[i];
		_cleanup_free_ char *value = option_text(option, policy);
		_cleanup_free_ char *origin = NULL;

		if (policy->lines[i])
			origin = str_format("%s:%u", policy->file, policy->lines[i]);
		if (!value || (policy->lines[i] && !origin))
			return -ENOMEM;
		r = visit(option->path, value, origin ? origin : "", data);
	}
	return r;
}

enum { HOSTNAME_MAX = 63 };

/* Appends what of TEXT, up to LENGTH bytes, a label of a host name may have; '-' for the rest. */
static void hostname_append(char *buffer, size_t *used, const char *text, size_t length, bool dots)
{
	for (size_t i = 0; i < length && *used < HOSTNAME_MAX; i++) {
		char c = text[i];
		bool good = ((unsigned char)c < 0x80 && isalnum((unsigned char)c)) ||
			    (dots && c == '.');

		/* No label is empty or begins with '-'. */
		if (!good)
			c = '-';
		if ((c == '-' || c == '.') && (*used == 0 || buffer[*used - 1] == '.'))
			continue;
		buffer[(*used)++] = c;
	}
}

void policy_hostname(const struct policy *policy, const char *user, const char *host, char *buffer)
{
	size_t used = 0;

	for (const char *p = policy->hostname; *p; p++) {
		if (*p != '%' || !p[1]) {
			hostname_append(buffer, &used, p, 1, true);
			continue;
		}
		p++;
		if (*p == 'u')
			hostname_append(buffer, &used, user, strlen(user), false);
		else if (*p == 'h') /* without the domain */
			hostname_append(buffer, &used, host, strcspn(host, "."), false);
		else
			hostname_append(buffer, &used, p, 1, false);
	}
	while (used > 0 && (buffer[used - 1] == '-' || buffer[used - 1] == '.'))
		used--;
	buffer[used] = '\0';
	if (used == 0)
		snprintf(buffer, HOSTNAME_MAX + 1, "sandbox");
}
