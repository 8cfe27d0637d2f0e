/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* Reaps every child that has ended, the login's and the sandbox's orphans. False: there is none
 * left. */
bool reap_all(void);
