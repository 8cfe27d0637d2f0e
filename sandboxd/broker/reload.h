/* SPDX-License-Identifier: Apache-2.0 */
/* The config read again while sandboxes run. */
#pragma once

#include "broker/broker.h"

/*
 * Reads the config. On success the new one is in force, in running sandboxes too, and *RET_TEXT
 * (new, may be NULL) says what waits. On failure the old one stays and *RET_TEXT holds the
 * mistakes.
 */
int reload_config(struct broker *broker, char **ret_text);
