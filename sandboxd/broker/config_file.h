/* SPDX-License-Identifier: Apache-2.0 */
/* The config as bytes: the file that may be trusted, and a text that libconfig reads as meant. */
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

/*
 * TEXT as libconfig is to have it, new: see config_file.c for what its scanner gets wrong.
 * -EINVAL with lines in ERRORS, or -ENOMEM.
 */
int config_file_prepare(const char *text, size_t size, struct config_errors *errors, char **ret);
