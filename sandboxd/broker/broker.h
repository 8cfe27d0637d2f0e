/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's objects and who owns what. The broker runs as root in the host's namespaces, has one
 * thread and one loop (sd-event), and never waits: what may block is done by a short-lived child.
 *
 *   broker -> users (one for each uid with a sandbox) -> sandboxes -> sessions
 *          -> clients (connections with an unfinished request)
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "broker/policy.h"
#include "isolate/cgroup.h"
#include "isolate/seccomp.h"

enum {
	SECCOMP_ABIS = 2,
	HOST_NAME_SIZE = 64 + 1,
};

/* Directories below service.run_dir and service.state_dir, opened once. */
struct broker_dirs {
	int run;
	int leases;
	int sessions;
	int sandboxes;
	int pins;  /* a private tmpfs: namespaces bound as files */
	int trees; /* a private tmpfs: read-only trees that all sandboxes share */
	int info;  /* one directory for each sandbox: what it is told */
	int stage; /* an empty directory that each child covers in a mount namespace of its own */
	int state;
};

struct broker {
	sd_event *event;
	const char *config_path; /* NULL: built-in defaults */
	struct config *config;
	struct broker_dirs dirs;
	struct cgroup_tree *cgroups;
	struct seccomp_program filters[SECCOMP_PROGRAM_COUNT][SECCOMP_ABIS];
	char **resolvers; /* the host's upstream ones */
	char *search;
	uint64_t resolvers_mtime;
	uint64_t firewall_changed; /* CLOCK_MONOTONIC, by us */
	char host[HOST_NAME_SIZE];
	int listener;
	sd_event_source *listener_source;
	struct client *clients;
	size_t client_count;
	size_t parked_count; /* logins that wait for others of their user's */
	struct user *users;
	struct ids *ids;
	uint32_t next_network; /* where the search for a free pair of addresses begins */
	bool drained;
	sd_event_source *drain_timer;
	sd_event_source *retry_timer; /* quotas that the kernel refused for now */
};

static inline const struct service *broker_service(const struct broker *broker)
{
	return config_service(broker->config);
}
