/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the next broker must know: one small file for each sandbox and each session, in directories
 * that are root's alone, in the encoding of the wire. Written before the login is answered,
 * replaced as a whole.
 */
#pragma once

#include "broker/session.h"

int record_write_sandbox(const struct sandbox *sandbox);
int record_write_session(const struct session *session);

/* Fills a new object: id, account, numbers; not its descriptors. -EBADMSG if the file is not of
 * this version. */
int record_read_sandbox(struct broker *broker, const char *id, struct sandbox **ret);
/* Fills a new session; *RET_SANDBOX holds WIRE_ID_LENGTH + 1 bytes. */
int record_read_session(
	struct broker *broker, const char *id, struct session **ret, char *ret_sandbox);
