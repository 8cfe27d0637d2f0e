/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of /etc that are a sandbox's own: the upper one of two read-only overlay layers, over
 * the host's /etc. Never a bind over a host's file: a rename on the host would uncover that one.
 */
#pragma once

#include "broker/build.h"

/* Writes them below the directory LAYER, as the caller's file-system ids. On failure *RET_FILE
 * names the file. */
int etc_write(const struct build *build, int layer, const char **ret_file);
