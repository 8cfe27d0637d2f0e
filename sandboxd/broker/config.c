/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the file to a checked config. Runs in the broker at start and at reload, and in
 * `sandboxd --check-config`; as root, on a file that only root can write.
 */
#include "broker/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "broker/config_file.h"
#include "broker/config_names.h"
#include "broker/config_nearest.h"
#include "broker/config_syntax.h"
#include "broker/config_text.h"
#include "broker/config_value.h"

static config_setting_t *member_at(const config_setting_t *group, int index)
{
	return config_setting_get_elem((config_setting_t *)group, (unsigned)index);
}

static config_setting_t *member_of(const config_setting_t *group, const char *name)
{
	return config_setting_get_member((config_setting_t *)group, name);
}

/* Tries the value of SETTING on a scratch object, which is thrown away. */
static int check_value(
	struct value_reader *reader, const struct option *option, const config_setting_t *setting)
{
	union {
		struct policy policy;
		struct service service;
	} scratch = {0};
	int r = option->type->parse(reader, option, setting, &scratch);

	value_clear(option, &scratch);
	return r == -ENOMEM ? r : 0;
}

static int layer_read(struct value_reader *reader, const struct option_table *table,
	const config_setting_t *group, const char *prefix, struct config_layer *layer);

static void report_unknown(struct value_reader *reader, const struct option_table *table,
	const config_setting_t *setting, const char *prefix)
{
	char nearest[CONFIG_KEY_MAX];
	const struct option *option =
		option_find(table, config_nearest(table, prefix, setting->name, nearest));

	config_error(reader->errors, setting, NULL,
		"unknown key; expected one that exists, the nearest is \"%s\" (%s)", nearest,
		option ? option->doc : "a group");
}

static int layer_read_member(struct value_reader *reader, const struct option_table *table,
	const config_setting_t *setting, const char *prefix, struct config_layer *layer)
{
	_cleanup_free_ char *path = str_format("%s%s", prefix, setting->name);
	_cleanup_free_ char *inner = str_format("%s%s.", prefix, setting->name);
	const struct option *option;

	if (!path || !inner)
		return -ENOMEM;
	option = option_find(table, path);
	if (option) {
		layer->settings[option - table->options] = setting;
		return check_value(reader, option, setting);
	}
	if (option_is_group(table, inner)) {
		if (config_setting_is_group(setting))
			return layer_read(reader, table, setting, inner, layer);
		config_error(reader->errors, setting, "a group { ... }", "is not a group");
	} else if (option_is_absent(table, path)) {
		config_error(reader->errors, setting, "it not to be set", TEXT_ABSENT);
	} else {
		report_unknown(reader, table, setting, prefix);
	}
	return 0;
}

/* Mistakes are in the reader's errors afterwards; the return value is 0 or -ENOMEM. */
static int layer_read(struct value_reader *reader, const struct option_table *table,
	const config_setting_t *group, const char *prefix, struct config_layer *layer)
{
	int r = 0;

	for (int i = 0; r == 0 && i < config_setting_length(group); i++) {
		const config_setting_t *setting = member_at(group, i);

		if (layer->name && !*prefix && str_eq(setting->name, "name"))
			continue;
		r = layer_read_member(reader, table, setting, prefix, layer);
	}
	return r;
}

static int layer_read_group(struct value_reader *reader, const struct option_table *table,
	const config_setting_t *group, struct config_layer *layer)
{
	layer->group = group;
	if (config_setting_is_group(group))
		return layer_read(reader, table, group, "", layer);
	config_error(reader->errors, group, "a group { ... }", "is not a group");
	return 0;
}

/* Sets LAYER's name to that of its entry; "" if it has none that is good. */
static void entry_read_name(struct value_reader *reader, const char *(*exists)(const char *name),
	struct config_layer *layer)
{
	const config_setting_t *setting = member_of(layer->group, "name");
	const struct option name = {.type = &value_string,
		.unit = "a name as NSS has it",
		.check = text_check_name,
		.exists = exists};
	const char *text = NULL;

	if (setting)
		text = value_get_text(reader, &name, setting, 255);
	else
		config_error(reader->errors, layer->group, "name = \"...\" in each entry",
			"has no name");
	layer->name = text ? text : "";
}

static int entries_read(struct value_reader *reader, const config_setting_t *list,
	const char *(*exists)(const char *name), struct config_layer **ret, size_t *ret_count)
{
	int length = config_setting_length(list), r = 0;
	struct config_layer *layers;

	if (!config_setting_is_list(list)) {
		config_error(reader->errors, list, "a list ( { name = \"...\"; ... }, ... )",
			"is not a list");
		return 0;
	}
	layers = calloc((size_t)length + 1, sizeof(*layers));
	if (!layers)
		return -ENOMEM;
	*ret = layers;
	*ret_count = (size_t)length;
	for (int i = 0; r == 0 && i < length; i++) {
		layers[i].group = member_at(list, i);
		layers[i].name = "";
		if (config_setting_is_group(layers[i].group))
			entry_read_name(reader, exists, &layers[i]);
		r = layer_read_group(reader, &policy_options, layers[i].group, &layers[i]);
	}
	return r;
}

/* By name, and those of one name by their place. */
static int compare_layers(const void *a, const void *b)
{
	const struct config_layer *left = a, *right = b;
	int r = strcmp(left->name, right->name);

	if (r == 0)
		r = left->group->line < right->group->line ? -1
							   : left->group->line > right->group->line;
	return r;
}

static void report_duplicates(
	struct value_reader *reader, const struct config_layer *sorted, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (*sorted[i].name && str_eq(sorted[i].name, sorted[i - 1].name))
			config_error(reader->errors, sorted[i].group, "one entry for each name",
				"the name is there twice, first in line %u",
				sorted[i - 1].group->line);
}

/* Users are found by bsearch(3); groups stay in file order, so a copy is sorted. */
static int entries_sort(struct value_reader *reader, struct config *config)
{
	size_t size = config->group_count * sizeof(*config->groups);
	_cleanup_free_ struct config_layer *sorted = NULL;

	if (config->user_count)
		qsort(config->users, config->user_count, sizeof(*config->users), compare_layers);
	report_duplicates(reader, config->users, config->user_count);
	if (!size)
		return 0;
	sorted = malloc(size);
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, config->groups, size);
	qsort(sorted, config->group_count, sizeof(*sorted), compare_layers);
	report_duplicates(reader, sorted, config->group_count);
	return 0;
}

/* The service's own settings are read once, the file's before the built-in ones. */
static int service_read(struct value_reader *reader, struct config *config)
{
	const config_setting_t *own = member_of(config_root_setting(&config->tree), "service");
	struct config_layer standard = {0}, layer = {0};
	int r;

	r = layer_read_group(reader, &service_options,
		member_of(config_root_setting(&config->standard_tree), "service"), &standard);
	if (r == 0 && own)
		r = layer_read_group(reader, &service_options, own, &layer);
	if (r < 0 || reader->errors->count)
		return r;
	for (size_t i = 0; r == 0 && i < service_options.count; i++)
		r = service_options.options[i].type->parse(reader, &service_options.options[i],
			layer.settings[i] ? layer.settings[i] : standard.settings[i],
			&config->service);
	if (r < 0)
		return r;
	if (str_eq(config->service.run_dir, config->service.state_dir))
		config_error(
			reader->errors, own, "two directories", "run_dir and state_dir are one");
	reader->service = &config->service;
	return 0;
}

static int tree_check_top(struct value_reader *reader, const config_setting_t *root)
{
	static const char *const known[] = {"defaults", "groups", "users", "service"};
	char nearest[CONFIG_KEY_MAX];

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *setting = member_at(root, i);
		size_t k = 0;

		while (k < ELEMENTS(known) && !str_eq(setting->name, known[k]))
			k++;
		if (k < ELEMENTS(known))
			continue;
		if (str_eq(setting->name, "registries")) {
			config_error(reader->errors, setting, "it not to be set", TEXT_ABSENT);
			continue;
		}
		config_nearest_top(setting->name, nearest);
		config_error(reader->errors, setting, NULL,
			"unknown key; expected one that exists, the nearest is \"%s\"", nearest);
	}
	return 0;
}

/* All of both trees. 0 or -ENOMEM; mistakes are in the reader's errors. */
static int trees_read(struct value_reader *reader, struct config *config)
{
	const config_setting_t *root = config_root_setting(&config->tree);
	const config_setting_t *defaults = member_of(root, "defaults");
	const config_setting_t *groups = member_of(root, "groups");
	const config_setting_t *users = member_of(root, "users");
	int r;

	tree_check_top(reader, root);
	r = service_read(reader, config);
	if (r == 0)
		r = layer_read_group(reader, &policy_options,
			member_of(config_root_setting(&config->standard_tree), "defaults"),
			&config->standard);
	if (r == 0 && defaults)
		r = layer_read_group(reader, &policy_options, defaults, &config->defaults);
	if (r == 0 && groups)
		r = entries_read(reader, groups, reader->check_names ? names_check_group : NULL,
			&config->groups, &config->group_count);
	if (r == 0 && users)
		r = entries_read(reader, users, reader->check_names ? names_check_user : NULL,
			&config->users, &config->user_count);
	return r < 0 ? r : entries_sort(reader, config);
}

static int config_new(const char *file, struct config **ret)
{
	_cleanup_free_ char *standard = option_defaults();
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return -ENOMEM;
	config_init(&config->standard_tree);
	config_init(&config->tree);
	config->file = strdup(file);
	if (!config->file || !standard || !config_read_string(&config->standard_tree, standard)) {
		config_free(config);
		return -ENOMEM;
	}
	*ret = config;
	return 0;
}

static void cleanup_config(struct config **config)
{
	config_free(*config);
}

/* The parts of reading that can meet mistakes; all of them are in the reader's errors afterwards.
 */
static int config_read_text(
	struct value_reader *reader, struct config *config, const char *text, size_t size)
{
	_cleanup_free_ char *prepared = NULL;
	int r = config_syntax_prepare(text, size, reader->errors, &prepared);

	if (r < 0)
		return r;
	if (!config_read_string(&config->tree, prepared))
		return config_error_at(reader->errors, (unsigned)config_error_line(&config->tree),
			"%s; expected each key once, as key = value; or key: { ... };",
			config_error_text(&config->tree));
	return trees_read(reader, config);
}

/* Ends a reading whose result so far is R: -EINVAL and -ENOMEM go on, lines in ERRORS are -EINVAL.
 */
static int config_finish(struct config_errors *errors, int r, char **ret_errors)
{
	if (r < 0 && r != -EINVAL)
		return r;
	return config_errors_take(errors, ret_errors);
}

int config_load_text(const char *file, const char *text, size_t size, bool check_names,
	struct config **ret, char **ret_errors)
{
	_cleanup_(cleanup_config) struct config *config = NULL;
	_cleanup_(config_errors_done) struct config_errors errors = {.file = file};
	struct value_reader reader = {&errors, check_names, NULL};
	int r = config_new(file, &config);

	if (r == 0)
		r = config_read_text(&reader, config, text, size);
	r = config_finish(&errors, r, ret_errors);
	if (r == 0)
		*ret = take_ptr(&config);
	return r;
}

int config_load(const char *path, bool check_names, struct config **ret, char **ret_errors)
{
	_cleanup_(config_errors_done) struct config_errors errors = {.file = path};
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r;

	if (!path)
		return config_load_text("", "", 0, check_names, ret, ret_errors);
	r = config_file_read(path, &errors, &text, &size);
	if (r < 0)
		return config_finish(&errors, r, ret_errors);
	return config_load_text(path, text, size, check_names, ret, ret_errors);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < service_options.count; i++)
		value_clear(&service_options.options[i], &config->service);
	config_destroy(&config->tree);
	config_destroy(&config->standard_tree);
	free(config->file);
	free(config->groups);
	free(config->users);
	free(config);
}

const struct service *config_service(const struct config *config)
{
	return &config->service;
}
