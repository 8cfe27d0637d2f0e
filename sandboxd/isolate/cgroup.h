/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroups of an instance, on cgroup v1 (or a hybrid host) and on cgroup v2 (cgroups(7),
 * Documentation/admin-guide/cgroup-v2.rst). The tree is below the broker's own cgroup at its first
 * start; on v2, where that is a unit's, below the unit's slice:
 *
 *   <name>/u<UID>            memory, swap, cpus, cpu_weight; pids + 16
 *     boxes                  pids
 *       <sandbox id>         delegated on v2
 *         init               PID 1
 *         sessions           what logins start
 *     spare                  16 pids, for a user whose `boxes` is full
 *
 * The memory and processor limits of u<UID> hold in spare too.
 * On v1 each controller that a quota needs has the tree in its own hierarchy; spare, init and
 * sessions are only where pids are counted. All files are opened and written by host root below
 * descriptors; names are ours alone. Single-threaded callers; every descriptor is close-on-exec.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "isolate/quota.h"

enum { CGROUP_SPARE_PIDS = 16, CGROUP_FILES_MAX = 8 };

struct cgroup_tree;    /* an instance's */
struct cgroup_user;    /* u<UID> */
struct cgroup_sandbox; /* boxes/<id>, or spare/<id> */

/*
 * Finds the back end from /proc/self/mountinfo and /proc/self/cgroup and makes the instance's own
 * directory <NAME> in each hierarchy, or finds the one that the file `cgroups` in RUN_DIR remembers
 * from an earlier start, which may have been in another cgroup. RUN_DIR is borrowed until the tree
 * is freed. OPTIONAL lists (NULL-terminated) controllers that may be missing. On failure
 * *RET_MESSAGE is a new sentence that names the missing controller, the quotas that need it, and
 * the remedy; on success it says that a remembered directory is gone, or is NULL. -ENOTSUP: a
 * controller is missing.
 */
int cgroup_tree_open(int run_dir, const char *name, const char *const *optional,
	struct cgroup_tree **ret, char **ret_message);
/* Removes <NAME> and its record too if nothing is left in it. */
void cgroup_tree_free(struct cgroup_tree *tree);
const char *cgroup_tree_backend(const struct cgroup_tree *tree); /* "v1" or "v2" */
/* True if a quota can be held on this host. */
bool cgroup_tree_holds(const struct cgroup_tree *tree, enum quota_id id);

/*
 * Makes or finds u<UID> with boxes and spare, and sets the quotas; returns what cgroup_user_apply()
 * does. One object for each user, which its sandboxes' objects refer to: it lives longer than they
 * do.
 */
int cgroup_user_open(
	struct cgroup_tree *tree, uid_t uid, const struct quota *quota, struct cgroup_user **ret);
/*
 * Sets changed quotas. 0, or a positive mask of (1 << quota_id) that the kernel refuses for now
 * (v1: a memory limit below the use, EBUSY): call again later. -errno otherwise.
 */
int cgroup_user_apply(struct cgroup_user *user, const struct quota *quota);
/* What is in use of a quota (memory bytes, pids); -ENODATA for those that no cgroup counts. */
int cgroup_user_usage(struct cgroup_user *user, enum quota_id id, uint64_t *ret);
/* Removes the directories; -EBUSY while processes are left: call again. Success frees USER. */
int cgroup_user_remove(struct cgroup_user *user);
/* Frees the object, not the directories. */
void cgroup_user_free(struct cgroup_user *user);

/*
 * Makes the sandbox's directories; ID is 8 hex digits, UID/GID own what v2 delegates. Where `boxes`
 * is full (pids) the whole sandbox is made in `spare`.
 */
int cgroup_sandbox_new(struct cgroup_user *user, const char *id, uid_t owner_uid, gid_t owner_gid,
	struct cgroup_sandbox **ret);
/* Finds one that exists (after a restart of the broker); -ENOENT. */
int cgroup_sandbox_find(struct cgroup_user *user, const char *id, struct cgroup_sandbox **ret);
/*
 * Moves the calling process (single-threaded) into the sandbox: on v1 into `init`, by "0" into each
 * `tasks`, cheap. On v2 into the directory <id> itself, so that a cgroup namespace made there has
 * all of the sandbox below it; PID 1 goes on to `init` by `home` when it wants controllers below
 * <id>. A move costs several ms there: clone3(CLONE_INTO_CGROUP) with cgroup_sandbox_into() does
 * not.
 */
int cgroup_sandbox_enter(struct cgroup_sandbox *sandbox);
/*
 * v1: moves the calling process only where its memory is charged to the user, for who works on the
 * sandbox's behalf: a user whose processor time or processes are used up does not hold it back.
 * Nothing on v2.
 */
int cgroup_sandbox_charge(struct cgroup_sandbox *sandbox);
/* v2: a new descriptor of the directory <id> for clone3(CLONE_INTO_CGROUP); -EBADF on v1. */
int cgroup_sandbox_into(struct cgroup_sandbox *sandbox);
/* SIGKILL to every process in it; from now on none of them forks. -EBUSY until it is empty. */
int cgroup_sandbox_kill(struct cgroup_sandbox *sandbox);
/* True if a process is in it. */
bool cgroup_sandbox_is_populated(struct cgroup_sandbox *sandbox);
/* Removes the directories; -EBUSY while processes are left: call again. Success frees SANDBOX. */
int cgroup_sandbox_remove(struct cgroup_sandbox *sandbox);
void cgroup_sandbox_free(struct cgroup_sandbox *sandbox);

/* What PID 1 gets (wire/start.h): new descriptors, the caller's; -EBADF where there is none. */
struct cgroup_start {
	int join[CGROUP_FILES_MAX]; /* v1: "0" moves one who was born of a charged one to the rest
				     */
	size_t join_count;
	int enter[CGROUP_FILES_MAX]; /* v1: "0" moves the writer to `sessions` */
	size_t enter_count;
	int rescue[CGROUP_FILES_MAX]; /* ... to `spare` (only hierarchies that count pids) */
	size_t rescue_count;
	int home[CGROUP_FILES_MAX]; /* ... back to `init` */
	size_t home_count;
	int into;	  /* v2: directory of `sessions` for CLONE_INTO_CGROUP */
	int pids_current; /* of `boxes` */
	int pids_max;
	int pids_events;   /* counts its refused forks; on v1 (6.18) it wakes no poll: read it */
	int memory_events; /* v2: memory.events; v1: memory.oom_control; of the sandbox */
	int oom_event;	   /* v1: eventfd, registered with cgroup.event_control */
};
int cgroup_sandbox_start(struct cgroup_sandbox *sandbox, struct cgroup_start *ret);
void cgroup_start_done(struct cgroup_start *start);

/*
 * Calls VISIT for every u<UID> and for every sandbox below one (ID NULL for the user itself), so
 * that a new broker can find what an earlier one left.
 */
int cgroup_tree_visit(
	struct cgroup_tree *tree, void (*visit)(uid_t uid, const char *id, void *data), void *data);
