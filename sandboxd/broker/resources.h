/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the broker itself makes for a sandbox before the child that builds it: a range of ids, a
 * pair of addresses, the cgroup, the directory of what the sandbox is told.
 */
#pragma once

#include "broker/sandbox.h"

/*
 * BASE: the range of ids, 0: the one of service.ids. On failure *RET_TEXT is a new sentence for the
 * user, and what was made is the caller's to remove.
 */
int resources_make(struct sandbox *sandbox, uint32_t base, char **ret_text);

/* Takes back all but the cgroup, which goes first. */
void resources_remove(struct sandbox *sandbox);
