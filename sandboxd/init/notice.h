/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the student, on the terminals of the sandbox, that a limit was met. */
#pragma once

#include "init/settings.h"

/* Watches the descriptors of the start that count what was met; without them nothing is told. */
void notice_open(const struct settings *s);
