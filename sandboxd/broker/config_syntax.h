/* SPDX-License-Identifier: Apache-2.0 */
/* The config's syntax, checked before libconfig is given the text. Pure text. */
#pragma once

#include <stddef.h>

#include "broker/config_error.h"

/*
 * Checks SIZE bytes of TEXT and makes of them what libconfig shall read: the same tokens in the
 * same lines, without comments, a long integer marked as one. *RET is new. -EINVAL with a line in
 * ERRORS at the first mistake, or -ENOMEM.
 */
int config_syntax_prepare(const char *text, size_t size, struct config_errors *errors, char **ret);
