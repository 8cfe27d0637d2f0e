/* SPDX-License-Identifier: Apache-2.0 */
/* A changed quota.tmp, in a sandbox that runs. */
#pragma once

#include "broker/sandbox.h"

/* Gives the sandbox's tmpfs its new size, in a child. */
void resize_tmp(struct sandbox *sandbox);
