/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a string of the config may be. A check returns NULL if TEXT is good, else what is wrong with
 * it, to be read after the text itself: "is not an absolute path". Pure text: nothing here looks at
 * the host.
 */
#pragma once

#include "broker/policy.h"

const char *text_check_path(const char *text);
const char *text_check_bind_source(const char *text);
const char *text_check_bind_target(const char *text);
/* A user's or a group's name, as NSS may have it. */
const char *text_check_name(const char *text);
const char *text_check_kept_group(const char *text);
const char *text_check_variable(const char *text);
const char *text_check_hostname(const char *text);
const char *text_check_device(const char *text);
const char *text_check_resolver(const char *text);
const char *text_check_root(const char *text);
const char *text_check_service_name(const char *text);
const char *text_check_controller(const char *text);

/* True if the normalised path INNER is OUTER or lies below it. */
bool text_path_is_within(const char *inner, const char *outer);

/* *RET is set if NULL is returned. */
const char *text_parse_allow(const char *text, struct policy_allow *ret);
const char *text_parse_prefix(
	const char *text, int family, unsigned min, unsigned max, struct ip_prefix *ret);
/* "FIRST:COUNT" */
const char *text_parse_ids(const char *text, uint64_t *ret_first, uint64_t *ret_count);

/* In words: refused only where it is set. */
#define TEXT_ABSENT "is a part that this version does not have"
