/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of all settings. The parser, its messages, the built-in defaults and the merged policy
 * follow from it; the tests hold the sample config and the man page against it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "broker/policy.h"

struct value_type;

struct option {
	const char *path;	       /* "quota.memory", below defaults, an entry, or service */
	const struct value_type *type; /* how it is read and written */
	size_t offset;		       /* of its field; 0: the type fills several fields */
	const char *unit;	       /* what a value looks like; NULL: as quota_table says */
	uint64_t min, max;	  /* numbers, lengths of prefixes; most bytes, entries or names */
	const char *standard;	  /* built-in default as the config writes it; NULL: quota_table */
	const char *doc;	  /* its effect, for who wrote another key */
	const char *const *names; /* the values of an enum */
	const char *absent;	  /* a value that only other versions have */
	const char *(*check)(const char *text);	 /* strings: broker/config_text.h */
	const char *(*exists)(const char *text); /* --check-config: broker/config_names.h */
};

struct option_table {
	const struct option *options;
	size_t count;
	const char *const *absent; /* settings that only other versions have, NULL-terminated */
};

enum { SERVICE_OPTION_COUNT = 8, OPTION_COUNT_MAX = POLICY_OPTION_COUNT };

/* Of struct policy: what stands in defaults and in each entry of groups and users. */
extern const struct option_table policy_options;
/* Of struct service. */
extern const struct option_table service_options;

/* The row of PATH, or NULL. */
const struct option *option_find(const struct option_table *table, const char *path);
/* True if a setting of other versions has this PATH. */
bool option_is_absent(const struct option_table *table, const char *path);
/* True if PREFIX ("quota.") begins the path of a row: it names a group of settings. */
bool option_is_group(const struct option_table *table, const char *prefix);

/* What a value of OPTION looks like, with its range. BUFFER holds OPTION_UNIT_MAX bytes. */
enum { OPTION_UNIT_MAX = 256 };
const char *option_unit(const struct option *option, char *buffer);

/* The built-in defaults as a config. New, or NULL when there is no memory. */
char *option_defaults(void);
