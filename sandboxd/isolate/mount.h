/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts by descriptor (fsopen, open_tree, mount_setattr, move_mount): what is mounted where is
 * decided by descriptors that were opened once, never by a second look-up of a path. A mount that
 * is not attached yet
 * ("detached") is a descriptor; closing it before mount_attach() unmounts it. MS_* and MOUNT_ATTR_*
 * as in mount_setattr(2).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>

/* What every mount of a sandbox carries at least. */
#define MOUNT_SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

struct mount_option {
	const char *key;
	const char *value; /* NULL: a flag */
};

/* A new detached file system TYPE with OPTIONS (COUNT of them) and mount attributes ATTRS. */
int mount_new(const char *type, const struct mount_option *options, size_t count, uint64_t attrs);

/*
 * A detached copy of what FD (a directory or file, O_PATH is enough) shows, with ATTRS set. The
 * mount of FD is in the caller's mount namespace. RECURSIVE takes what is mounted below along, and
 * sets ATTRS there too.
 */
int mount_clone(int fd, int recursive, uint64_t attrs);

/* The same of PATH, relative to DIRFD, symlinks followed; -ENOENT if it is not there. */
int mount_clone_at(int dirfd, const char *path, int recursive, uint64_t attrs);

/* Attaches the detached MOUNT on TARGET, a descriptor of the same kind (directory or not). */
int mount_attach(int mount, int target);

/* Changes attributes of the mount whose root is FD. */
int mount_set(int fd, int recursive, uint64_t set, uint64_t clear);

/* Makes every mount of the caller's namespace private, so that nothing travels. */
int mount_make_private(void);

/*
 * Makes the mount whose root is FD the root of the caller's mount namespace and detaches the old
 * one (pivot_root(2)): afterwards nothing of it can be reached.
 */
int mount_pivot(int fd);

/*
 * Opens PATH below ROOT as O_PATH, without following a symlink out of ROOT (it is taken as the root
 * while resolving). Missing components are made: directories with MODE 0755, and the last one as
 * directory or empty file as DIRECTORY says. What a symlink hides may not be made: -ENOENT.
 */
int mount_target(int root, const char *path, int directory);
