/* SPDX-License-Identifier: Apache-2.0 */
/* The config as bytes, from a file that may be trusted. */
#pragma once

#include <stddef.h>

#include "broker/config_error.h"

enum { CONFIG_SIZE_MAX = 1024 * 1024 };

/*
 * Reads PATH into a new text. A symbolic link is followed (etckeeper, stow), but what it leads to
 * must be a regular file of at most CONFIG_SIZE_MAX bytes that nobody but root (or the caller) may
 * write. -EINVAL with a line in ERRORS, or -ENOMEM.
 */
int config_file_read(const char *path, struct config_errors *errors, char **ret, size_t *ret_size);
