/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox: PID 1 and the namespaces it lives in. It owns its cgroup, its directory of what it is
 * told
 * (<run_dir>/info/<id>), its pins (<run_dir>/pins/<id>.view and .net), its record
 * (<run_dir>/sandboxes/<id>) and its pair of addresses; sandbox_on_gone() frees all of them once
 * PID 1 is dead.
 */
#pragma once

#include "broker/account.h"
#include "broker/broker.h"
#include "broker/child.h"
#include "broker/network.h"
#include "broker/user.h"
#include "wire/protocol.h"

enum sandbox_state {
	SANDBOX_STARTING, /* its child is at work; logins wait */
	SANDBOX_RUNNING,
	SANDBOX_STOPPING, /* takes nobody */
	SANDBOX_STATE_COUNT,
};

extern const char *const sandbox_state_names[SANDBOX_STATE_COUNT];

struct sandbox {
	struct broker *broker;
	struct user *user;
	struct sandbox *next; /* of the user's */
	enum sandbox_state state;
	char id[WIRE_ID_LENGTH + 1];
	struct account *account;
	struct policy *policy;
	char hostname[64];
	uint32_t base; /* first host id of the user's range */
	bool has_network;
	struct network_addresses addresses;
	struct cgroup_sandbox *cgroup;
	pid_t pid;
	uint64_t start; /* PID 1's start time in ticks */
	int pidfd;
	uint64_t since; /* CLOCK_REALTIME */
	bool doomed;	/* ends with its last session, whatever `linger` says */
	uint64_t linger_until;
	struct child *child;
	struct login *waiting; /* logins that are not answered yet */
	struct login *first;   /* the one that it is built for, as long as it waits */
	struct session *sessions;
	sd_event_source *pid_source;
	uint64_t remove_pause;	/* between two tries to remove what is left */
	sd_event_source *timer; /* linger, stop_timeout, or the next try to remove what is left */
};

/* The user's sandbox that a login of scope "user" joins: starting or running; NULL. */
struct sandbox *sandbox_find_shared(const struct user *user);
struct sandbox *sandbox_find(const struct broker *broker, const char *id);

/*
 * A new one in state STARTING, its child at work on it; ACCOUNT and POLICY are taken over. LOGIN is
 * the first that waits for it. BASE is the user's range of host ids, 0: the one of service.ids. On
 * failure *RET_TEXT (new) says why, for the user.
 */
int sandbox_new(struct user *user, struct account **account, struct policy **policy,
	struct login *login, uint32_t base, char **ret_text);

/* A sandbox with no session left: stops it, or lets it linger, by its scope. */
void sandbox_on_idle(struct sandbox *sandbox);
/* A session came: it does not linger any more. */
void sandbox_on_used(struct sandbox *sandbox);

/* SIGTERM to PID 1, after stop_timeout SIGKILL. */
void sandbox_stop(struct sandbox *sandbox, const char *reason);

/* The same, but when its sessions have ended, if it has any; nobody joins it any more. */
void sandbox_end(struct sandbox *sandbox, const char *reason);

/* Writes what the sandbox is told: policy.json and the notice. */
int sandbox_write_info(struct sandbox *sandbox);
/* Shows TEXT on the sandbox's terminals (PID 1 does, at SIGUSR1). */
void sandbox_tell(struct sandbox *sandbox, const char *text);

/* Opens the pinned view or network namespace; -errno. */
int sandbox_open_pin(const struct sandbox *sandbox, const char *kind);

/* A sandbox that an earlier broker made, from its record. -ESRCH: PID 1 is gone, and with it the
 * sandbox. */
int sandbox_restore(struct broker *broker, const char *id);

/* Removes all that an id without a living PID 1 has left. */
void sandbox_sweep(struct broker *broker, const char *id);

/* Frees the object alone, when the broker ends and the sandbox lives on. */
void sandbox_forget(struct sandbox *sandbox);
