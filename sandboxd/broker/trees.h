/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read-only trees that all sandboxes of an instance share, made once: the host's /var/lib and
 * /var/cache less what must not be seen, and the view's /usr, an overlay, so that a package upgrade
 * on the host neither uncovers nor cuts what is bound over its files.
 */
#pragma once

/* Mounts them below RUN_DIR/trees, in place of an earlier broker's; the sandboxes that run keep
 * theirs. */
int trees_mount(const char *run_dir);
/* Mounts a private tmpfs on RUN_DIR/pins if there is none. */
int trees_mount_pins(const char *run_dir);
/* Takes both away; at the orderly end of a broker without sandboxes. */
void trees_unmount(const char *run_dir);
