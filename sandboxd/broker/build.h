/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child that builds a sandbox: it makes PID 1's process and namespaces, stages the sandbox's
 * tree and the first login view in a mount namespace that the host owns, and lets PID 1 go. See
 * build.c for the order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "broker/account.h"
#include "broker/broker.h"
#include "broker/child.h"
#include "broker/network.h"
#include "isolate/cgroup.h"
#include "wire/protocol.h"

enum { HOSTNAME_SIZE = 64, BUILD_BINDS_MAX = 256 /* what options.c takes */ };

/* What a login adds to a view. */
struct view_request {
	char session[WIRE_ID_LENGTH + 1];
	int terminal;	 /* the caller's own terminal, or -EBADF; borrowed */
	const char *tty; /* its name below /dev */
	const char *shell;
};

/* The tree of descriptors that a build works on; all are detached mounts or directories of the
 * stage. */
struct build_tree {
	int proc; /* the host's /proc */
	int home; /* detached, -EBADF: the account's home could not be opened */
	int binds[BUILD_BINDS_MAX];
	int terminal; /* detached, or -EBADF */
	int init;     /* sandbox-init, a detached read-only mount of the file */
	int stage; /* the private tmpfs of what is the host's: roots, /etc layer, the view's /run */
	int tmp;   /* the tmpfs that quota.tmp limits: tmp, var-tmp, run, shm */
	int box;   /* the sandbox's root, attached */
	int view;  /* the view's root, attached */
	int run_dir; /* the directory of policy.json */
};

struct build {
	struct broker *broker;
	const struct account *account;
	const struct policy *policy;
	const char *id; /* 8 hex */
	const char *hostname;
	uint32_t base;
	const struct network_addresses *addresses; /* NULL: network.mode = "none" */
	struct cgroup_sandbox *cgroup;
	struct view_request view;
	gid_t kept[ACCOUNT_KEPT_MAX];
	size_t kept_count;

	/* Made on the way, in the child. */
	struct build_tree tree;
	struct network_host *network;
	struct cgroup_start start; /* what PID 1 gets: these, and the next three */
	int config;
	int filter;
	int door;
	int release[2];
	int executed[2];
	uint64_t host_mounts; /* id of the broker's mount namespace; 0: this kernel tells none */
	pid_t pid1;
	int pid1_fd;
	int netns;
	int pinned_view;
	int session_view;
	struct child_result *result;
};

bool build_keeps_group(const struct build *build, gid_t gid);

/* child_run: INPUT is a struct build. Result: the number is PID 1's; descriptors: its pidfd,
 * network namespace, the view to pin, and the session's view where it differs (a foreign terminal).
 */
void build_run(struct child_result *result, const char *volatile *step, void *input);
