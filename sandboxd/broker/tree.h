/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of what is mounted where below a root that is being staged: the sandbox's (box.c), a
 * view's (view.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/build.h"

enum tree_source {
	TREE_HOST,  /* a path of the host's */
	TREE_TREES, /* below <run_dir>/trees: see trees.h */
	TREE_TMP,   /* below the sandbox's own tmpfs */
	TREE_STAGE, /* below the stage */
	TREE_BOX,   /* below the sandbox's root */
};

enum tree_flag {
	TREE_FILE = 1 << 0,	 /* not a directory */
	TREE_RECURSIVE = 1 << 1, /* with what is mounted below */
	TREE_OPTIONAL = 1 << 2,	 /* the host may lack it */
};

struct tree_mount {
	enum tree_source from;
	const char *source;
	const char *target;
	unsigned flags;
	uint64_t attrs;
};

struct tree_directory {
	const char *path; /* relative to the root */
	mode_t mode;
};

struct tree_link {
	const char *path;
	const char *target;
};

/* Makes them below ROOT with the caller's file-system ids. On failure RESULT of the build names the
 * object. */
int tree_make_directories(
	struct build *b, int root, const struct tree_directory *rows, size_t count);
int tree_make_links(struct build *b, int root, const struct tree_link *rows, size_t count);
int tree_attach(struct build *b, int root, const struct tree_mount *rows, size_t count);

/* Mounts the detached MOUNT on PATH below ROOT; its descriptor then names the attached one. */
int tree_attach_mount(struct build *b, int root, int mount, const char *path, bool directory);

/* Mounts a copy of the mount or directory FD on PATH below ROOT. */
int tree_attach_copy(
	struct build *b, int root, int fd, const char *path, bool directory, uint64_t attrs);

/* Makes the directory NAME of the stage a mount of its own and returns its root. */
int tree_make_root(struct build *b, const char *name);

/* /bin, /lib and their like as the host has them: links into /usr, or trees. */
int tree_make_system_links(struct build *b, int root, uint64_t attrs);
