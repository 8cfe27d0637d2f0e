/* SPDX-License-Identifier: Apache-2.0 */
/* Names and numbers of logins: what is refused at the first look, and fresh ids. */
#pragma once

#include <stdbool.h>

#include "broker/policy.h"
#include "wire/protocol.h"

/* Eight random hex digits. BUFFER holds WIRE_ID_LENGTH + 1 bytes. */
void identity_new(char *buffer);

/* NULL if OPEN can be boxed, else a new sentence for the user. TERMINAL: the descriptor that came
 * along, or -EBADF. */
char *identity_problem(const struct service *service, const struct wire_open *open, int terminal);

/* True if logins by SERVICE count for quota.sessions: all but cron's and the admin's own. */
bool identity_service_counts(const char *service);

/* The name below /dev of the terminal FD. BUFFER holds WIRE_NAME_MAX + 1 bytes. -ENOTTY if it has
 * none. */
int identity_terminal_name(int fd, char *buffer);
