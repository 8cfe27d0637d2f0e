/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the broker when a config has an unknown key. */
#include "broker/config_nearest.h"

#include "base/cleanup.h"
#include "base/str.h"

struct nearest {
	const char *name;
	size_t distance;
	char *buffer;
};

/* A candidate whose last part is LEAF; what stands elsewhere must be closer by AWAY. */
static void consider(struct nearest *nearest, const char *leaf, size_t away, const char *parent,
	const char *path)
{
	size_t distance = str_distance(nearest->name, leaf) + away;

	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	snprintf(nearest->buffer, CONFIG_KEY_MAX, "%s%s", parent, path);
}

static void consider_table(struct nearest *nearest, const struct option_table *table,
	const char *parent, size_t away, const char *prefix)
{
	for (size_t i = 0; i < table->count; i++) {
		const char *path = table->options[i].path, *dot = strchr(path, '.');
		size_t length = dot ? (size_t)(dot + 1 - path) : 0;
		bool here = strlen(prefix) == length && strncmp(path, prefix, length) == 0;
		char group[CONFIG_KEY_MAX];

		consider(nearest, path + length, away + !here, parent, path);
		if (!dot)
			continue;
		snprintf(group, sizeof(group), "%.*s", (int)length - 1, path);
		consider(nearest, group, away + (*prefix != '\0'), parent, group);
	}
}

const char *config_nearest(
	const struct option_table *table, const char *prefix, const char *name, char *buffer)
{
	struct nearest nearest = {name, SIZE_MAX, buffer};

	consider_table(&nearest, table, "", 0, prefix);
	return buffer;
}

const char *config_nearest_top(const char *name, char *buffer)
{
	static const char *const groups[] = {"defaults", "groups", "users", "service"};
	struct nearest nearest = {name, SIZE_MAX, buffer};

	for (size_t i = 0; i < ELEMENTS(groups); i++)
		consider(&nearest, groups[i], 0, "", groups[i]);
	consider_table(&nearest, &policy_options, "defaults.", 1, "");
	consider_table(&nearest, &service_options, "service.", 1, "");
	return buffer;
}
