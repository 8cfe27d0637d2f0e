/* SPDX-License-Identifier: Apache-2.0 */
/* What the admin asks by sandboxctl: operations of the table in client.c. */
#pragma once

#include "broker/client.h"

void control_list(struct client *client, struct wire_reader *r);
void control_show(struct client *client, struct wire_reader *r);
void control_kill(struct client *client, struct wire_reader *r);
void control_reload(struct client *client, struct wire_reader *r);
void control_drain(struct client *client, struct wire_reader *r);

/* Whether an earlier broker was drained; afterwards broker->drained is right. */
void control_restore_drain(struct broker *broker);
