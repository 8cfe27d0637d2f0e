/* SPDX-License-Identifier: Apache-2.0 */
/* The host's upstream resolvers, as sandboxes are told them: followed when the host's file changes.
 */
#pragma once

#include "broker/broker.h"

/* Reads them if they have changed since the last time, and lets the firewall's table know. */
void upstream_refresh(struct broker *broker);
void upstream_done(struct broker *broker);
