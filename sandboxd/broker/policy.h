/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the config means: the service's own settings, and for each user the policy that follows from
 * defaults < groups in file order < user. Names are compared as text; nothing here asks NSS.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "isolate/quota.h"

enum policy_scope { SCOPE_SESSION, SCOPE_USER, SCOPE_COUNT };
enum policy_network { NETWORK_NAT, NETWORK_NONE, NETWORK_COUNT };

extern const char *const policy_scope_names[SCOPE_COUNT];
extern const char *const policy_network_names[NETWORK_COUNT];

struct policy_bind {
	char *source; /* absolute */
	char *target; /* absolute */
	bool write;
};

/* One "10.1.0.5:5000/tcp" or "[fd00::5]:53/udp". */
struct policy_allow {
	int family;		 /* AF_INET or AF_INET6 */
	struct in6_addr address; /* v4 in the first four bytes */
	uint16_t port;		 /* host order */
	uint8_t protocol;	 /* IPPROTO_TCP or IPPROTO_UDP */
};

/* A list of strings, NULL-terminated too. */
struct policy_list {
	char **items;
	size_t count;
};

/* How many settings a policy has: the rows of policy_options (broker/options.h). */
enum { POLICY_OPTION_COUNT = 23 };

struct policy {
	enum policy_scope scope;
	uint64_t linger;       /* microseconds */
	uint64_t stop_timeout; /* microseconds */
	char *root;	       /* "host"; others are refused by this version */
	char *shell;
	char *hostname; /* pattern: %u, %h, %% */
	struct policy_bind *binds;
	size_t bind_count;
	struct policy_list groups_keep;
	struct policy_list devices;
	struct policy_list env_drop;
	unsigned abi; /* enum seccomp_abi */
	enum policy_network network;
	struct policy_allow *allow;
	size_t allow_count;
	struct policy_list dns; /* addresses as text; empty: the host's upstream resolvers */
	struct quota quota;
	bool notice;
	char *file; /* the config that set what has a line below; NULL: none */
	unsigned lines[POLICY_OPTION_COUNT]; /* 0: a built-in default */
};

struct ip_prefix {
	int family;
	struct in6_addr address; /* v4 in the first four bytes */
	unsigned length;
};

struct service {
	char *name;
	char *socket;
	char *run_dir;
	char *state_dir;
	struct ip_prefix addresses;
	bool has_addresses6;
	struct ip_prefix addresses6;
	bool ids_subuid;
	uint64_t ids_first;
	uint64_t ids_count;
	struct policy_list optional; /* controllers that this host may lack */
};

struct config;

/*
 * Reads PATH. On success a whole, checked config. On failure *RET_ERRORS is a new text with one
 * line a mistake: "FILE:LINE: KEY: what is wrong, what was expected (the nearest key)". PATH NULL:
 * the built-in defaults. CHECK_NAMES asks NSS whether users and groups exist (only --check-config).
 * -EINVAL with *RET_ERRORS, or -ENOMEM, which leaves it alone.
 */
int config_load(const char *path, bool check_names, struct config **ret, char **ret_errors);
void config_free(struct config *config);

/*
 * sandboxd --check-config: prints all mistakes of PATH to stderr and returns 1, or "PATH: ok" to
 * stdout and returns 0. Names of users and groups, paths of binds and devices must exist, too.
 */
int config_check_main(const char *path);

const struct service *config_service(const struct config *config);

/*
 * The merged policy of USER, who is in GROUPS (names). A new object, free with policy_free().
 * -ENOMEM.
 */
int config_policy(const struct config *config, const char *user, const char *const *groups,
	size_t group_count, struct policy **ret);
void policy_free(struct policy *policy);

/*
 * Each setting of POLICY as text with the place in the config that set it ("" for a built-in
 * default), in the order of the table: for `sandboxctl show` and policy.json. The text is what the
 * config could hold: quota.cpus is 1.5, scope is "user" with its quotes. Strings live until the
 * callback returns; one other than 0 ends the visit.
 */
int policy_visit(const struct policy *policy,
	int (*visit)(const char *key, const char *value, const char *origin, void *data),
	void *data);

/* HOSTNAME pattern expanded, made a valid host name of at most 63 characters. BUFFER holds 64
 * bytes. */
void policy_hostname(const struct policy *policy, const char *user, const char *host, char *buffer);
