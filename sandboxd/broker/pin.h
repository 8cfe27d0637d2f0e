/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces that are pinned: their files bound on <run_dir>/pins/<id>.<kind>, where a later broker
 * finds them. KIND is "view" (a mount namespace that the host owns) or "net".
 */
#pragma once

/* PINS: descriptor of the directory, in the broker's own mount namespace. NAMESPACE is borrowed. */
int pin_add(int pins, const char *run_dir, const char *id, const char *kind, int namespace);
/* A new descriptor of the namespace. */
int pin_open(int pins, const char *id, const char *kind);
/* Removes both of ID's; what is not there is fine. */
void pin_remove(int pins, const char *run_dir, const char *id);
