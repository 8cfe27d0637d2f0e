/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the cgroup module: what v1 and v2 share, and the table of operations in which they differ.
 * Each hierarchy has the tree of cgroup.h; v2 is one hierarchy that has all controllers.
 */
#pragma once

#include "isolate/cgroup.h"
#include "isolate/cgroup_find.h"

struct cgroup_backend;

struct cgroup_hierarchy {
	unsigned controllers; /* mask of 1 << enum cgroup_controller */
	int own;	      /* the broker's own directory at its start */
	int dir;	      /* <name> */
};

struct cgroup_tree {
	const struct cgroup_backend *backend;
	char *name;
	int run_dir; /* the caller's, with the record of this tree; -EBADF: none */
	bool holds[QUOTA_COUNT];
	size_t count;
	struct cgroup_hierarchy hierarchies[CGROUP_HIERARCHIES_MAX];
};

/* A user's directories in one hierarchy; spare is -EBADF where pids is not counted. */
struct cgroup_user_dirs {
	int user;
	int boxes;
	int spare;
};

struct cgroup_user {
	struct cgroup_tree *tree;
	uid_t uid;
	bool is_applied[QUOTA_COUNT]; /* `applied` is what the kernel has */
	struct quota applied;
	struct cgroup_user_dirs at[CGROUP_HIERARCHIES_MAX];
};

enum { CGROUP_ID_LENGTH = 8, CGROUP_PATH_MAX = 64 };

/* No descriptors of its own: all its files are named below the user's. */
struct cgroup_sandbox {
	struct cgroup_user *user;
	char id[CGROUP_ID_LENGTH + 1];
	bool in_spare;
};

struct cgroup_backend {
	const char *name;
	int version;
	const char *move_file;	 /* "0" moves the writer */
	const char *enter_leaf;	 /* where cgroup_sandbox_enter() moves: below <id>, or "" */
	const char *rescue_leaf; /* below spare, or "" for spare itself */
	bool is_unified; /* one hierarchy: leaves and spare are there even if pids are not counted,
			    and what is done to a directory is done to all below it */

	/*
	 * Opens the broker's own directory at PLACE as RET->own, sets the controllers that its
	 * children can have, and enables them.
	 */
	int (*open)(
		const struct cgroup_place *place, struct cgroup_hierarchy *ret, char **ret_message);
	/* Makes CONTROLLERS work in the children of DIR. */
	int (*enable)(int dir, unsigned controllers);
	/* Writes the quota ID of QUOTA to u<UID>; all but pids. -EBUSY: not now. */
	int (*set)(const struct cgroup_user *user, int dir, enum quota_id id,
		const struct quota *quota);
	int (*usage)(int dir, enum quota_id id, uint64_t *ret);
	/* Hands the directory <id> below DIR to its owner, within bounds. */
	int (*delegate)(int dir, const char *id, uid_t uid, gid_t gid);
	/* One attempt at killing all in the directory PATH; how many were seen, 0 if it is gone. */
	int (*kill)(int dir, const char *path);
	/* 1 if a process is in the directory PATH, 0 if not, or if it is gone. */
	int (*populated)(int dir, const char *path);
	/* What PID 1 gets beyond what both have. */
	int (*start)(
		const struct cgroup_sandbox *sandbox, size_t hierarchy, struct cgroup_start *start);
};

extern const struct cgroup_backend cgroup_v1;
extern const struct cgroup_backend cgroup_v2;

/* Leaves of a sandbox. */
#define CGROUP_INIT "init"
#define CGROUP_SESSIONS "sessions"

static inline bool cgroup_has(
	const struct cgroup_hierarchy *hierarchy, enum cgroup_controller controller)
{
	return hierarchy->controllers & 1U << controller;
}

/* The file of a quota in TREE's back end. */
const struct quota_file *cgroup_quota_file(const struct cgroup_backend *backend, enum quota_id id);
/* The index of the hierarchy that has one of CONTROLLERS, or -ENODATA. */
int cgroup_tree_hierarchy(const struct cgroup_tree *tree, unsigned controllers);
/* The index of the hierarchy that holds a quota, or -ENODATA. */
int cgroup_quota_hierarchy(const struct cgroup_tree *tree, enum quota_id id);
/* What the sandbox's directory <id> is in: boxes or spare. */
int cgroup_sandbox_parent(const struct cgroup_sandbox *sandbox, size_t hierarchy);
/* "<id>[/LEAF][/FILE]" below that, without LEAF where the hierarchy has none; each may be "". */
const char *cgroup_sandbox_path(const struct cgroup_sandbox *sandbox, size_t hierarchy,
	const char *leaf, const char *file, char buffer[CGROUP_PATH_MAX]);
/* cgroup_tree_open() below the directories PLACES, at least one. */
int cgroup_tree_open_at(const char *name, const struct cgroup_place *places, size_t count,
	const char *const *optional, struct cgroup_tree **ret, char **ret_message);

/*
 * The record of the tree's place in RUN_DIR. Use: puts what it says into PLACES, each in its
 * hierarchy; what is gone stays as it is in PLACES, and *RET_MESSAGE, NULL before, says so.
 */
int cgroup_record_use(int run_dir, const char *name, struct cgroup_place *places, size_t count,
	char **ret_message);
int cgroup_record_write(int run_dir, const struct cgroup_tree *tree);
void cgroup_record_remove(int run_dir);

/* A directory that is made or found; -errno. */
int cgroup_open_dir(int dir, const char *name, bool make);
/* Opens an existing file, close-on-exec; -errno. */
int cgroup_open_file(int dir, const char *path, int flags);
/* Writes VALUE, or WORD where there is no limit. */
int cgroup_write_u64(int dir, const char *file, uint64_t value, const char *word);
/* Reads a number; "max" is UINT64_MAX. */
int cgroup_read_u64(int dir, const char *file, uint64_t *ret);
/* Removes NAME and what is below it, DEPTH levels. 0 if it is not there; -EBUSY with processes. */
int cgroup_remove(int dir, const char *name, int depth);
