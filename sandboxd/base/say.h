/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes the strings, up to a NULL, to FD as one write, so that lines of several processes do not
 * mix; at most 8. For the small static programs: no stdio, no locale, no memory.
 */
void say(int fd, ...) __attribute__((sentinel));

/* Words for an errno, "error" for an unknown one. */
const char *say_errno(int error);
