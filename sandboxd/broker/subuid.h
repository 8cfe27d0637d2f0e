/* SPDX-License-Identifier: Apache-2.0 */
/* service.ids = "subuid": the range of host ids that subuid(5) gives a user. */
#pragma once

#include "broker/child.h"

/*
 * child_run: INPUT is the user's name. libsubid may ask NSS, so it is asked in a child. Result: the
 * number is the first id of the first range of 65536 that /etc/subuid and /etc/subgid both have.
 */
void subuid_run(struct child_result *result, const char *volatile *step, void *input);
