/* SPDX-License-Identifier: Apache-2.0 */
/* What of the host a sandbox is given besides the system's own trees: the home, the binds, the
 * terminal. */
#pragma once

#include "broker/build.h"

/*
 * Steps of a build, in the host's mount namespace. The home is opened with the student's own rights
 * (root may not look into an NFS home), must be a directory and the student's; where it is missing
 * the login goes on without one, as sshd's does.
 */
int sources_open_home(struct build *build);
int sources_open_binds(struct build *build);

/*
 * A detached copy of the terminal TERMINAL, which must be a tty, its name TTY below /dev being
 * plain. -EINVAL if it is not.
 */
int sources_clone_terminal(int terminal, const char *tty);
