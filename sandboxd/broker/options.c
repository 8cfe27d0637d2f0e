/* SPDX-License-Identifier: Apache-2.0 */
/* Read by the broker when it reads its config or shows a policy; constant data. */
#include "broker/options.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "broker/config_names.h"
#include "broker/config_text.h"
#include "broker/config_value.h"
#include "wire/start.h"

const char *const policy_scope_names[] = {[SCOPE_SESSION] = "session", [SCOPE_USER] = "user"};
static_assert(ELEMENTS(policy_scope_names) == SCOPE_COUNT, "a scope has no name");

const char *const policy_network_names[] = {[NETWORK_NAT] = "nat", [NETWORK_NONE] = "none"};
static_assert(ELEMENTS(policy_network_names) == NETWORK_COUNT, "a network mode has no name");

/* Only a host's name must be short; the rest is what the kernel or NSS takes. */
enum {
	NAME_MAX_BYTES = 255,
	HOSTNAME_MAX_BYTES = 64,
	SOCKET_MAX_BYTES = 107, /* sun_path of unix(7) less its NUL */
	RUN_DIR_MAX_BYTES = 255,
	SERVICE_NAME_MAX_BYTES = 16,
	LIST_MAX = 256,
	RESOLVERS_MAX = 3, /* MAXNS of resolv.conf(5) */
};

#define FIELD(name) offsetof(struct policy, name)
#define SPAN_UNIT "a span of time such as \"1h30m\", or seconds as a whole number"
#define PATH_UNIT "an absolute path"
#define QUOTA(id, name, text)                                                                      \
	{                                                                                          \
		.path = "quota." name, .type = &value_quota, .offset = FIELD(quota.values[(id)]),  \
		.doc = (text)                                                                      \
	}

static const struct option policy_rows[] = {
	{"scope", &value_enum, FIELD(scope), NULL, 0, SCOPE_COUNT, "\"session\"",
		"whether each login session or each user has a sandbox",
		.names = policy_scope_names},
	{"linger", &value_duration, FIELD(linger), SPAN_UNIT, 0, 30 * 86400 * USEC_PER_SEC,
		"\"15m\"", "scope \"user\": how long the sandbox outlives its last session",
		.absent = "containers"},
	{"stop_timeout", &value_duration, FIELD(stop_timeout), SPAN_UNIT, 0, 600 * USEC_PER_SEC,
		"\"5s\"", "how long an ending sandbox has between SIGTERM and SIGKILL"},
	{"root", &value_string, FIELD(root), "\"host\"", 0, PATH_MAX - 1, "\"host\"",
		"the tree that the sandbox sees", .check = text_check_root},
	{"shell", &value_string, FIELD(shell), PATH_UNIT, 0, PATH_MAX - 1, "\"/bin/bash\"",
		"the shell where the account's own does not exist inside", .check = text_check_path,
		.exists = names_check_shell},
	{"hostname", &value_string, FIELD(hostname),
		"letters, digits, - and ., with %u for the user, %h for the host, %% for a %", 0,
		HOSTNAME_MAX_BYTES, "\"%u-%h\"", "the sandbox's host name",
		.check = text_check_hostname},
	{"binds", &value_binds, 0,
		"a list ( { source = \"/a\"; target = \"/b\"; write = false; } )", 0, LIST_MAX,
		"( )", "trees of the host that are there inside",
		.exists = names_check_directory_or_file},
	{"groups_keep", &value_strings, FIELD(groups_keep),
		"a list of names of groups, or ( \"*\" )", NAME_MAX_BYTES, LIST_MAX, "( )",
		"supplementary groups that stay; \"*\" is all from gid 1000",
		.check = text_check_kept_group, .exists = names_check_kept_group},
	{"devices", &value_strings, FIELD(devices), "a list of paths below /dev/", PATH_MAX - 1,
		LIST_MAX, "( )", "devices of the host that are there inside",
		.check = text_check_device, .exists = names_check_device},
	{"env_drop", &value_strings, FIELD(env_drop),
		"a list of names of variables, which may end in *", NAME_MAX_BYTES,
		START_ENV_DROP_MAX,
		"( \"XDG_RUNTIME_DIR\", \"XDG_SESSION_*\", \"DBUS_SESSION_BUS_ADDRESS\", "
		"\"KRB5CCNAME\" )",
		"variables of the login that mean the host", .check = text_check_variable},
	{"abi", &value_abi, FIELD(abi), "a list of \"native\", \"i386\"", 0, 2, "( \"native\" )",
		"whose programs run: \"i386\" for courses that compile with -m32"},
	{"network.mode", &value_enum, FIELD(network), NULL, 0, NETWORK_COUNT, "\"nat\"",
		"whether the sandbox has a way out", .names = policy_network_names},
	{"network.allow", &value_allow, 0,
		"a list of \"ADDRESS:PORT/tcp\" or \"[ADDRESS]:PORT/udp\"", 0, LIST_MAX, "( )",
		"services of the host or of its networks that are open to the sandbox"},
	{"network.dns", &value_strings, FIELD(dns), "a list of at most 3 addresses of resolvers",
		NAME_MAX_BYTES, RESOLVERS_MAX, "( )",
		"the resolvers; none: those that the host uses", .check = text_check_resolver},
	QUOTA(QUOTA_MEMORY, "memory", "memory of all the user's processes"),
	QUOTA(QUOTA_SWAP, "swap", "swap beside the memory"),
	QUOTA(QUOTA_CPUS, "cpus", "processors at full speed"),
	QUOTA(QUOTA_CPU_WEIGHT, "cpu_weight", "share of busy processors, beside other users"),
	QUOTA(QUOTA_PIDS, "pids", "processes and threads"),
	QUOTA(QUOTA_TMP, "tmp",
		"what the sandbox's /tmp, /var/tmp, /run and /dev/shm hold together"),
	QUOTA(QUOTA_SESSIONS, "sessions", "logins at once by sshd, login and su"),
	QUOTA(QUOTA_SESSION_TIME, "session_time", "how long a session may last"),
	{"notice", &value_bool, FIELD(notice), "true or false", 0, 0, "true",
		"whether a terminal login shows one line about the quotas"},
};
static_assert(ELEMENTS(policy_rows) == POLICY_OPTION_COUNT, "struct policy counts its options");

static const char *const policy_absent[] = {"quota.cpuset", "quota.io_read", "quota.io_write",
	"quota.io_weight", "quota.net_in", "quota.net_out", "quota.disk", "quota.inodes",
	"quota.containers", NULL};

const struct option_table policy_options = {policy_rows, ELEMENTS(policy_rows), policy_absent};

#undef FIELD
#define FIELD(name) offsetof(struct service, name)

static const struct option service_rows[] = {
	{"name", &value_string, FIELD(name),
		"a lower-case letter, then letters, digits, _ and -, at most 16", 0,
		SERVICE_NAME_MAX_BYTES, "\"sandboxd\"", "marks all that is this instance's",
		.check = text_check_service_name},
	{"socket", &value_string, FIELD(socket), "an absolute path of at most 107 bytes", 0,
		SOCKET_MAX_BYTES, "\"/run/sandboxd/sandboxd.sock\"", "where the broker listens",
		.check = text_check_path},
	{"run_dir", &value_string, FIELD(run_dir), PATH_UNIT, 0, RUN_DIR_MAX_BYTES,
		"\"/run/sandboxd\"", "what must not outlive a boot", .check = text_check_path},
	{"state_dir", &value_string, FIELD(state_dir), PATH_UNIT, 0, RUN_DIR_MAX_BYTES,
		"\"/var/lib/sandboxd\"", "what lasts", .check = text_check_path},
	{"addresses", &value_prefix, FIELD(addresses), "an IPv4 prefix of length 8 to 30", 8, 30,
		"\"10.213.0.0/16\"", "the sandboxes' IPv4 addresses, one pair for each"},
	{"addresses6", &value_prefix6, 0, "an IPv6 prefix of length 16 to 126, or \"\" for no IPv6",
		16, 126, "\"fd73:616e:6462::/48\"",
		"the sandboxes' IPv6 addresses, one pair for each"},
	{"ids", &value_ids, 0, "\"FIRST:COUNT\", both multiples of 65536, or \"subuid\"", 0, 0,
		"\"655360000:1179648000\"", "uids and gids of the host that are the sandboxes'"},
	{"optional", &value_strings, FIELD(optional), "a list of \"memory\", \"cpu\", \"pids\"",
		NAME_MAX_BYTES, LIST_MAX, "( )", "controllers that this host may lack",
		.check = text_check_controller},
};
static_assert(ELEMENTS(service_rows) == SERVICE_OPTION_COUNT, "options.h counts the service's");

static const char *const service_absent[] = {NULL};

const struct option_table service_options = {service_rows, ELEMENTS(service_rows), service_absent};

const struct option *option_find(const struct option_table *table, const char *path)
{
	for (size_t i = 0; i < table->count; i++)
		if (str_eq(table->options[i].path, path))
			return &table->options[i];
	return NULL;
}

bool option_is_absent(const struct option_table *table, const char *path)
{
	for (const char *const *absent = table->absent; *absent; absent++)
		if (str_eq(*absent, path))
			return true;
	return false;
}

bool option_is_group(const struct option_table *table, const char *prefix)
{
	for (size_t i = 0; i < table->count; i++)
		if (str_starts(table->options[i].path, prefix))
			return true;
	return false;
}

const char *option_unit(const struct option *option, char *buffer)
{
	if (option->type->unit)
		option->type->unit(option, buffer, OPTION_UNIT_MAX);
	else
		snprintf(buffer, OPTION_UNIT_MAX, "%s", option->unit);
	return buffer;
}

/* The rows of one table as libconfig has them; "a.b" follows "a.c" in the table, so a group is one.
 */
static void write_table(FILE *out, const char *name, const struct option_table *table)
{
	int open = 0; /* length of the prefix of the group that is open */

	fprintf(out, "%s: {\n", name);
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->options[i], *last = option - (i > 0);
		const char *dot = strchr(option->path, '.');
		int prefix = dot ? (int)(dot - option->path) : 0;

		if (open &&
			(prefix != open || strncmp(last->path, option->path, (size_t)open) != 0)) {
			fputs("};\n", out);
			open = 0;
		}
		if (prefix && !open)
			fprintf(out, "%.*s: {\n", prefix, option->path);
		open = prefix;
		fprintf(out, "%s = ", dot ? dot + 1 : option->path);
		if (option->standard)
			fputs(option->standard, out);
		else
			value_quota_write_standard(out, option);
		fputs(";\n", out);
	}
	fprintf(out, "%s};\n", open ? "};\n" : "");
}

char *option_defaults(void)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	write_table(out, "defaults", &policy_options);
	write_table(out, "service", &service_options);
	return fclose(out) == 0 ? take_ptr(&text) : NULL;
}
