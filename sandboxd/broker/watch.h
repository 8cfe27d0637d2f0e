/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firewall's table is all that keeps sandboxes from each other and from the host: if somebody
 * takes it away (`nft flush ruleset`), it is put back at once.
 */
#pragma once

#include "broker/broker.h"

/* Begins to listen to what is done to the host's tables. */
int watch_firewall(struct broker *broker);
