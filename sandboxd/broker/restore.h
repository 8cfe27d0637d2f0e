/* SPDX-License-Identifier: Apache-2.0 */
/* A new broker finds what an earlier one left: living sandboxes and sessions are taken over, the
 * rest is removed. */
#pragma once

#include "broker/broker.h"

int restore_all(struct broker *broker);
