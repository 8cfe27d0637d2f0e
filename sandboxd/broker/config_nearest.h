/* SPDX-License-Identifier: Apache-2.0 */
/* The existing key that a wrong one may have been meant for. Pure text. */
#pragma once

#include "broker/options.h"

enum { CONFIG_KEY_MAX = 64 };

/* Of the four groups at the top, and of what would have to stand inside defaults. */
const char *config_nearest_top(const char *name, char *buffer);
/* Of TABLE, for NAME in the group PREFIX ("", "quota."). BUFFER holds CONFIG_KEY_MAX bytes. */
const char *config_nearest(
	const struct option_table *table, const char *prefix, const char *name, char *buffer);
