/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config in memory: libconfig's tree, and for each { } of it that sets something the settings of
 * the table's rows. A policy is merged from these layers; each value was checked when the config
 * was read. The functions for the rest of the broker stand in broker/policy.h.
 */
#pragma once

#include <libconfig.h>

#include "broker/options.h"

/* What one { } sets. */
struct config_layer {
	const config_setting_t *group;			    /* NULL: it is not there */
	const char *name;				    /* of an entry of groups or users */
	const config_setting_t *settings[OPTION_COUNT_MAX]; /* NULL: not set */
};

struct config {
	config_t standard_tree; /* the built-in defaults */
	config_t tree;
	char *file;
	struct config_layer standard, defaults;
	struct config_layer *groups; /* in file order */
	size_t group_count;
	struct config_layer *users; /* sorted by name */
	size_t user_count;
	struct service service;
};

/* config_load() of SIZE bytes of TEXT that came from FILE. */
int config_load_text(const char *file, const char *text, size_t size, bool check_names,
	struct config **ret, char **ret_errors);
