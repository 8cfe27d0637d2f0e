/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox is told: <run_dir>/info/<id>, bound read-only at /run/sandbox inside.
 * `policy.json` holds each setting with the line of the config that set it, `notice` the line of a
 * terminal login, `limits` the values that PID 1 names when they are met, `message` what it shows
 * at SIGUSR1.
 */
#pragma once

#include "broker/sandbox.h"

int info_write(struct broker *broker, const struct sandbox *sandbox);
int info_write_message(int info, const char *id, const char *text);
/* Removes it all; what is not there is fine. */
void info_remove(int info, const char *id);
