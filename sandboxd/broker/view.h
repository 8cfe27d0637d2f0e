/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login view: what the host side of a login sees (design.md 3). A mount namespace that the host
 * owns, in which nothing can be executed but the shim, bound over the login shell and over /bin/sh.
 */
#pragma once

#include "broker/build.h"

/* Steps of a build: the view's tree with PID 1's door in it; then its namespace, and where the
 * login has a terminal of the host's a second one with that. */
int view_make(struct build *build);
/* In the broker's mount namespace: notes its id, which the view's has to exceed. */
void view_note_host(struct build *build);
int view_make_namespace(struct build *build);

/* A further view of a sandbox that runs: a copy of the pinned one. */
struct view_copy {
	const struct broker *broker;
	int pinned; /* its mount namespace */
	struct view_request request;
};

/* child_run: INPUT is a struct view_copy. Result: the new view's descriptor. */
void view_copy_run(struct child_result *result, const char *volatile *step, void *input);
