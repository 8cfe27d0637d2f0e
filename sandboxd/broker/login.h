/* SPDX-License-Identifier: Apache-2.0 */
/* A login between its request and its answer: OPEN of the PAM module, ENTER of sandboxctl. */
#pragma once

#include "broker/client.h"
#include "broker/sandbox.h"

struct login;
struct view_request;

/* Operations of the table in client.c; the client is answered later. */
void login_open(struct client *client, struct wire_reader *r);
void login_enter(struct client *client, struct wire_reader *r);

/* The connection closed before the answer. */
void login_cancel(struct login *login);

/* From here to its answer SANDBOX knows the login, does not linger away, and fails it if it ends
 * first. */
void login_join(struct login *login, struct sandbox *sandbox);

/* What the first login of SANDBOX asks of its view (in the building child). */
void login_view(const struct login *login, struct view_request *ret);
/* How long the child that builds a sandbox for this login may take, in microseconds. */
uint64_t login_time_left(const struct login *login);
/* The next that waits for the same sandbox. */
struct login **login_next(struct login *login);

/* The sandbox is there; VIEW is the one made along with it, for sandbox->first. Borrowed. */
void login_on_built(struct login *login, struct sandbox *sandbox, int view);
/* It could not be made, or has ended: ERROR is -errno. */
void login_on_failed(struct login *login, int error, const char *text);
