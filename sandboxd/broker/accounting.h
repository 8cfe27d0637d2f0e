/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's own records of logins (utmp(5)): every view has private ones, since all sandboxes have
 * a pts/0. A boxed login has a line of its own there, the session's "sb<8 hex>", so that `who` and
 * `last` are right.
 */
#pragma once

#include "broker/session.h"

/* Record it, in a child: a lock on the file may be held by anybody who can read it. */
void accounting_login(struct broker *broker, const struct session *session);
void accounting_logout(struct broker *broker, const struct session *session);
