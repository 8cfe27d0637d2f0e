/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The range of host ids that belongs to one user. It follows from the uid where it can, so that
 * every host of a site gives the same one: first + 65536 * (uid - 1000) in the lower three quarters
 * of service.ids. Other uids get a place in the upper quarter, recorded in <state_dir>/ids.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "broker/policy.h"

struct ids;

/* Reads the record below STATE_DIR (absent: empty). -EBADMSG if a line is no "UID PLACE". */
int ids_open(const struct service *service, int state_dir, struct ids **ret);
void ids_free(struct ids *ids);

/* The first id of UID's range, recorded before it is returned. -ENOSPC if the upper quarter is
 * full. */
int ids_range(struct ids *ids, uid_t uid, uint32_t *ret_base);

/* True if ID lies in service.ids: such a user or group cannot be itself in a sandbox. */
bool ids_contains(const struct service *service, uint32_t id);
