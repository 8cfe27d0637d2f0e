/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mistakes of a config, collected while it is read: one line each, "FILE:LINE: KEY: what is
 * wrong; expected ...". Pure text.
 */
#pragma once

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config_mistake {
	unsigned line;
	size_t order; /* in which it was found */
	char *text;   /* the whole line */
};

/* Begins as {.file = FILE}, ends with config_errors_done(). */
struct config_errors {
	const char *file; /* borrowed */
	struct config_mistake *mistakes;
	size_t count;
	bool no_memory; /* a line was lost */
};

void config_errors_done(struct config_errors *errors);
/* 0 if nothing was wrong. Else -EINVAL and *RET_TEXT is the lines in the file's order, new; or
 * -ENOMEM. */
int config_errors_take(struct config_errors *errors, char **ret_text);

/* A mistake that is not of one setting; LINE 0: of the file as a whole. Returns -EINVAL. */
int config_error_at(struct config_errors *errors, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A mistake in SETTING: its key is found from its place in the tree. EXPECTED follows "; expected
 * ". Returns -EINVAL.
 */
int config_error(struct config_errors *errors, const config_setting_t *setting,
	const char *expected, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What SETTING holds as the config wrote it, cut short: "\"5X\"", "12", "a list". New, or NULL. */
char *setting_describe(const config_setting_t *setting);
