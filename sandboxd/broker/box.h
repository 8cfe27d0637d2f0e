/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox's own tree: steps of a build (build.c). */
#pragma once

#include "broker/build.h"

/* Mounts the stage and the sandbox's tmpfs. */
int box_stage(struct build *build);
/* Makes the root: the host's trees read-only, private /tmp, /run and /dev, the home, binds, /etc.
 */
int box_make(struct build *build);
/* Mounts what belongs to the namespaces that the caller has joined: proc, sysfs, devpts, mqueue;
 * then closes the root. */
int box_make_special(struct build *build);
