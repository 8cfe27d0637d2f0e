/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose settings win, and that table, built-in defaults, sample config and man page say the same.
 * The linker gives calloc, malloc, strdup and open_memstream of our own
 * code to the functions below, which fail at the n-th call.
 */
#include "broker/policy.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "broker/config.h"
#include "broker/config_value.h"
#include "isolate/seccomp.h"

static long calls_left = -1; /* until one fails; negative: none does */

static bool fails_now(void)
{
	return calls_left >= 0 && calls_left-- == 0;
}

#define WRAP(result, name, parameters, arguments)                                                  \
	result __real_##name parameters;                                                           \
	result __wrap_##name parameters;                                                           \
	result __wrap_##name parameters                                                            \
	{                                                                                          \
		return fails_now() ? NULL : __real_##name arguments;                               \
	}

WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, reallocarray, (void *p, size_t count, size_t size), (p, count, size))
WRAP(char *, strdup, (const char *s), (s))
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size))

static struct config *load(const char *text)
{
	_cleanup_free_ char *errors = NULL;
	struct config *config = NULL;
	int r = config_load_text("t.conf", text, strlen(text), false, &config, &errors);

	ck_assert_msg(r == 0, "%s: %s", text, errors ? errors : strerror(-r));
	return config;
}

static struct policy *policy_of(
	const char *text, const char *user, const char *const *groups, size_t count)
{
	struct config *config = load(text);
	struct policy *policy;

	ck_assert_int_eq(config_policy(config, user, groups, count, &policy), 0);
	config_free(config); /* a policy outlives its config */
	return policy;
}

struct wanted {
	const char *key, *value, *origin;
	int seen;
};

static int compare_with(const char *key, const char *value, const char *origin, void *data)
{
	struct wanted *wanted = data;

	if (!str_eq(key, wanted->key))
		return 0;
	ck_assert_str_eq(value, wanted->value);
	ck_assert_str_eq(origin, wanted->origin);
	wanted->seen++;
	return 0;
}

static void expect(
	const struct policy *policy, const char *key, const char *value, const char *origin)
{
	struct wanted wanted = {key, value, origin, 0};

	ck_assert_int_eq(policy_visit(policy, compare_with, &wanted), 0);
	ck_assert_int_eq(wanted.seen, 1);
}

/* A setting in defaults, and how it is shown. */
static const struct {
	const char *setting, *key, *shown;
	unsigned line; /* where it stands; 0: in line 2, as most */
} values[] = {
	{"scope = \"user\";", "scope", "\"user\""},
	{"linger = 90;", "linger", "\"1m30s\""},
	{"linger = \"0\";", "linger", "\"0s\""},
	{"stop_timeout = \"250ms\";", "stop_timeout", "\"250ms\""},
	{"shell = \"/a b\\\"c\\\\\";", "shell", "\"/a b\\\"c\\\\\""},
	{"hostname = \"%u.%h%%\";", "hostname", "\"%u.%h%%\""},
	{"binds = ( { source = \"/srv\"; }, { source = \"/a\"; target = \"/srv/a\"; write = true; "
	 "} );",
		"binds",
		"( { source = \"/srv\"; target = \"/srv\"; write = false; }, "
		"{ source = \"/a\"; target = \"/srv/a\"; write = true; } )"},
	{"groups_keep = [ \"*\" ];", "groups_keep", "( \"*\" )"},
	{"groups_keep = ( \"domain users\", \"x@y\" );", "groups_keep",
		"( \"domain users\", \"x@y\" )"},
	{"devices = ( \"/dev/nvidia0\", \"/dev/dri/card0\" );", "devices",
		"( \"/dev/nvidia0\", \"/dev/dri/card0\" )"},
	{"env_drop = ( );", "env_drop", "( )"},
	{"env_drop = ( \"*\" );", "env_drop", "( \"*\" )"},
	{"abi = ( \"i386\" );", "abi", "( \"native\", \"i386\" )"},
	{"abi = ( );", "abi", "( \"native\" )"},
	{"network: { mode = \"none\"; };", "network.mode", "\"none\""},
	{"network: { allow = ( \"10.1.0.5:5000/tcp\", \"[fd00:0::5]:53/udp\" ); };",
		"network.allow", "( \"10.1.0.5:5000/tcp\", \"[fd00::5]:53/udp\" )"},
	{"network: { dns = ( \"10.0.0.1\", \"fd00::1\" ); };", "network.dns",
		"( \"10.0.0.1\", \"fd00::1\" )"},
	{"quota: { memory = 5000000000; };", "quota.memory", "\"5000000000\""},
	{"quota: { memory = 4294967296; };", "quota.memory", "\"4G\""},
	{"quota: { memory = 4294967296L; };", "quota.memory", "\"4G\""},
	{"quota: { memory = \"none\"; };", "quota.memory", "\"none\""},
	{"quota: { swap = \"1T\"; };", "quota.swap", "\"1T\""},
	{"quota: { cpus = 2; };", "quota.cpus", "2"},
	{"quota: { cpus = 0.5; };", "quota.cpus", "0.5"},
	{"quota: { cpus = \"0.25\"; };", "quota.cpus", "0.25"},
	{"quota: { cpus = \"none\"; };", "quota.cpus", "\"none\""},
	{"quota: { cpu_weight = \"200\"; };", "quota.cpu_weight", "200"},
	{"quota: { pids = 64; };", "quota.pids", "64"},
	{"quota: { tmp = \"64K\"; };", "quota.tmp", "\"64K\""},
	{"quota: { sessions = 1; };", "quota.sessions", "1"},
	{"quota: { session_time = \"1h30m\"; };", "quota.session_time", "\"1h30m\""},
	{"quota: { session_time = 60; };", "quota.session_time", "\"1m\""},
	{"notice = false;", "notice", "false"},
	/* What only looks like a number or an include. */
	{"/* 99999999999999999999 */ // 99999999999999999999\n # \" 5000000000\n notice = false;",
		"notice", "false", 4},
	{"/*\n@include \"x\" */ notice = false;", "notice", "false", 3},
	{"shell\n= \"/a\" \"b\";", "shell", "\"/ab\""},
	{"quota: { cpus = +5e-1 };", "quota.cpus", "0.5"},
	{"shell = \"/99999999999999999999 @include\";", "shell",
		"\"/99999999999999999999 @include\""},
};

START_TEST(policy_shows_what_was_set)
{
	_cleanup_free_ char *text = str_format("defaults: {\n%s };", values[_i].setting);
	_cleanup_free_ char *again = NULL;
	const char *name = strrchr(values[_i].key, '.');
	struct policy *policy = policy_of(text, "alice", NULL, 0);
	_cleanup_free_ char *origin =
		str_format("t.conf:%u", values[_i].line ? values[_i].line : 2);

	expect(policy, values[_i].key, values[_i].shown, origin);
	policy_free(policy);
	/* What is shown is a setting, too. */
	if (name)
		again = str_format("defaults: { %.*s: { %s = %s; }; };",
			(int)(name - values[_i].key), values[_i].key, name + 1, values[_i].shown);
	else
		again = str_format("defaults: { %s = %s; };", values[_i].key, values[_i].shown);
	policy = policy_of(again, "alice", NULL, 0);
	expect(policy, values[_i].key, values[_i].shown, "t.conf:1");
	policy_free(policy);
}
END_TEST

static const char layers[] = "users: ( { name = \"bob\"; },\n"			       /* 1 */
			     "{ name = \"alice\"; quota: { cpus = 4; }; } );\n"	       /* 2 */
			     "groups: ( { name = \"b\"; scope = \"user\";\n"	       /* 3 */
			     "env_drop = ( \"B\" ); quota: { memory = \"3G\"; }; },\n" /* 4 */
			     "{ name = \"a\"; env_drop = ( \"A\" );\n"		       /* 5 */
			     "quota: { memory = \"5G\"; cpus = 3; }; } );\n"	       /* 6 */
			     "defaults: { env_drop = ( \"D\", \"E\" );\n"	       /* 7 */
			     "notice = false; quota: { pids = 99; }; };\n";	       /* 8 */

/* What USER, in GROUPS, has of LAYERS. */
static const struct {
	const char *user;
	const char *groups[3];
	struct wanted wanted[6];
} merges[] = {
	{"carol", {NULL},
		{{"env_drop", "( \"D\", \"E\" )", "t.conf:7", 0},
			{"notice", "false", "t.conf:8", 0}, {"quota.pids", "99", "t.conf:8", 0},
			{"quota.memory", "\"2G\"", "", 0}, {"scope", "\"session\"", "", 0},
			{"quota.cpus", "1.5", "", 0}}},
	{"carol", {"users", "b"},
		{{"env_drop", "( \"B\" )", "t.conf:4", 0}, {"scope", "\"user\"", "t.conf:3", 0},
			{"quota.memory", "\"3G\"", "t.conf:4", 0},
			{"quota.pids", "99", "t.conf:8", 0}}},
	/* The file's order counts, not the user's. */
	{"bob", {"a", "b", "c"},
		{{"env_drop", "( \"A\" )", "t.conf:5", 0}, {"scope", "\"user\"", "t.conf:3", 0},
			{"quota.memory", "\"5G\"", "t.conf:6", 0},
			{"quota.cpus", "3", "t.conf:6", 0}}},
	{"alice", {"a"},
		{{"quota.cpus", "4", "t.conf:2", 0}, {"quota.memory", "\"5G\"", "t.conf:6", 0},
			{"env_drop", "( \"A\" )", "t.conf:5", 0}, {"scope", "\"session\"", "", 0}}},
	/* A user's name is no group's. */
	{"a", {NULL}, {{"quota.cpus", "1.5", "", 0}}},
	{"carol", {"alice"}, {{"quota.cpus", "1.5", "", 0}}},
};

START_TEST(policy_merges_each_key)
{
	struct policy *policy;
	size_t count = 0;

	while (count < 3 && merges[_i].groups[count])
		count++;
	policy = policy_of(layers, merges[_i].user, merges[_i].groups, count);
	for (size_t i = 0; i < 6 && merges[_i].wanted[i].key; i++)
		expect(policy, merges[_i].wanted[i].key, merges[_i].wanted[i].value,
			merges[_i].wanted[i].origin);
	policy_free(policy);
}
END_TEST

/* Writes a visit as a config; *DATA is the stream. */
static int write_setting(const char *key, const char *value, const char *origin, void *data)
{
	const char *dot = strchr(key, '.');
	FILE *out = data;

	if (dot) /* libconfig takes no group twice: each is an entry for itself */
		fprintf(out, ", { name = \"%s\"; %.*s: { %s = %s; }; }", key, (int)(dot - key), key,
			dot + 1, value);
	else
		fprintf(out, ", { name = \"%s\"; %s = %s; }", key, key, value);
	return 0;
}

static int count_origins(const char *key, const char *value, const char *origin, void *data)
{
	*(size_t *)data += *origin != '\0';
	return 0;
}

static int compare_visit(const char *key, const char *value, const char *origin, void *data)
{
	struct wanted wanted = {key, value, "", 0};
	struct policy *other = data;

	expect(other, key, value, wanted.origin);
	return 0;
}

START_TEST(defaults_round_trip)
{
	const char *groups[POLICY_OPTION_COUNT];
	_cleanup_free_ char *text = NULL;
	struct policy *standard = policy_of("", "alice", NULL, 0), *again;
	size_t size, origins = 0;
	FILE *out = open_memstream(&text, &size);

	fputs("groups: ( { name = \"none\"; }", out);
	ck_assert_int_eq(policy_visit(standard, write_setting, out), 0);
	fputs(" );", out);
	fclose(out);
	for (size_t i = 0; i < policy_options.count; i++)
		groups[i] = policy_options.options[i].path;
	again = policy_of(text, "alice", groups, policy_options.count);
	ck_assert_int_eq(policy_visit(again, count_origins, &origins), 0);
	ck_assert_uint_eq(origins, policy_options.count);
	memset(again->lines, 0, sizeof(again->lines));
	ck_assert_int_eq(policy_visit(standard, compare_visit, again), 0);
	policy_free(again);
	policy_free(standard);
}
END_TEST

START_TEST(defaults_are_the_contract)
{
	struct policy *policy = policy_of("", "alice", NULL, 0);
	struct config *config = load("");
	const struct service *service = config_service(config);
	char address[INET6_ADDRSTRLEN];

	ck_assert_int_eq(policy->scope, SCOPE_SESSION);
	ck_assert_uint_eq(policy->linger, 15 * 60 * USEC_PER_SEC);
	ck_assert_uint_eq(policy->stop_timeout, 5 * USEC_PER_SEC);
	ck_assert_str_eq(policy->shell, "/bin/bash");
	ck_assert_uint_eq(policy->env_drop.count, 4);
	ck_assert_ptr_null(policy->env_drop.items[4]);
	ck_assert_uint_eq(policy->abi, SECCOMP_ABI_NATIVE);
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		ck_assert_uint_eq(policy->quota.values[i], quota_table[i].standard);
	ck_assert_str_eq(service->socket, "/run/sandboxd/sandboxd.sock");
	ck_assert_uint_eq(service->ids_first, 655360000);
	ck_assert_uint_eq(service->ids_count, 1179648000);
	ck_assert(service->has_addresses6 && !service->ids_subuid);
	ck_assert_uint_eq(service->addresses6.length, 48);
	inet_ntop(AF_INET, &service->addresses.address, address, sizeof(address));
	ck_assert_str_eq(address, "10.213.0.0");
	config_free(config);
	policy_free(policy);
}
END_TEST

START_TEST(quota_rows_have_options)
{
	for (size_t i = 0; i < QUOTA_COUNT; i++) {
		_cleanup_free_ char *path = str_format("quota.%s", quota_table[i].name);
		const struct option *option = option_find(&policy_options, path);

		ck_assert_msg(option != NULL, "%s", path);
		ck_assert_uint_eq(option->offset, offsetof(struct policy, quota.values[i]));
	}
}
END_TEST

/* The text of OPTION in OBJECT, new. */
static char *shown(const struct option *option, const void *object)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	option->type->write(out, option, object);
	fclose(out);
	return text;
}

START_TEST(sample_sets_every_key_to_its_default)
{
	struct config *sample, *standard = load("");
	struct policy *policy, *wanted;
	size_t origins = 0;
	char text[8192];

	/* As text: in an unpacked archive the group may write the file, which config_load()
	 * refuses. */
	ck_assert(fd_read_file_at(AT_FDCWD, SOURCE_ROOT "/conf/sandboxd.conf", text, sizeof(text)) >
		  0);
	sample = load(text);
	ck_assert_int_eq(config_policy(sample, "alice", NULL, 0, &policy), 0);
	ck_assert_int_eq(config_policy(standard, "alice", NULL, 0, &wanted), 0);
	ck_assert_int_eq(policy_visit(policy, count_origins, &origins), 0);
	ck_assert_uint_eq(origins, policy_options.count);
	memset(policy->lines, 0, sizeof(policy->lines));
	ck_assert_int_eq(policy_visit(wanted, compare_visit, policy), 0);
	for (size_t i = 0; i < service_options.count; i++) {
		const struct option *option = &service_options.options[i];
		_cleanup_free_ char *a = shown(option, config_service(sample));
		_cleanup_free_ char *b = shown(option, config_service(standard));

		ck_assert_str_eq(a, b);
	}
	policy_free(policy);
	policy_free(wanted);
	config_free(sample);
	config_free(standard);
}
END_TEST

START_TEST(man_page_names_every_key)
{
	const struct option_table *tables[] = {&policy_options, &service_options};
	static char page[64 * 1024];

	ck_assert_int_gt(fd_read_file_at(AT_FDCWD, SOURCE_ROOT "/sandboxd/broker/sandboxd.conf.5",
				 page, sizeof(page)),
		0);
	for (size_t t = 0; t < ELEMENTS(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			const char *path = tables[t]->options[i].path, *dot = strchr(path, '.');
			_cleanup_free_ char *entry =
				str_format(".TP\n.B %s\n", dot ? dot + 1 : path);

			ck_assert_msg(strstr(page, entry) != NULL, "%s", path);
		}
}
END_TEST

static const struct {
	const char *pattern, *user, *host, *name;
} hostnames[] = {
	{"%u-%h", "alice", "lab", "alice-lab"},
	{"%u-%h", "alice", "lab.example.org", "alice-lab"},
	{"%u-%h", "a_l.i@c/e\n", "lab", "a-l-i-c-e--lab"},
	{"%u-%h", "_x", "lab", "x-lab"},
	{"%u-%h", "\xc3\xa4", "", "sandbox"},
	{"%%", "a", "b", "sandbox"},
	{"%u.box.%h", "a-", "b", "a-.box.b"},
	{".x..y.", "a", "b", "x.y"},
	{"%u-%h",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"%h-%u", "----------------------------------------------------------------------", "b",
		"b"},
};

START_TEST(policy_hostname_is_valid)
{
	struct policy policy = {.hostname = (char *)hostnames[_i].pattern};
	char name[64];

	policy_hostname(&policy, hostnames[_i].user, hostnames[_i].host, name);
	ck_assert_str_eq(name, hostnames[_i].name);
}
END_TEST

/* Texts that visit every allocation: a good one and one of mistakes. */
static const char *const memory_texts[] = {
	"defaults: { binds = ( { source = \"/a\"; } ); devices = ( \"/dev/x\" ); network: { allow "
	"= "
	"( \"10.0.0.1:1/tcp\" ); }; quota: { memory = 5000000000; }; }; groups: ( { name = \"a\"; "
	"} "
	"); users: ( { name = \"a\"; } );",
	"defaults: { binds = ( { source = \"a\"; x = 1; } ); devices = ( 5 ); y = 5; }; groups: ( "
	"{ "
	"name = \"a\"; }, { name = \"a\"; } );",
};

START_TEST(memory_runs_out_anywhere)
{
	const char *text = memory_texts[_i], *groups[] = {"a"};
	int r = -ENOMEM;
	long n = 0;

	for (; r == -ENOMEM && n < 10000; n++) {
		_cleanup_free_ char *errors = NULL;
		struct policy *policy = NULL;
		struct config *config = NULL;
		size_t count = 0;

		calls_left = n;
		r = config_load_text("t.conf", text, strlen(text), false, &config, &errors);
		if (r == 0)
			r = config_policy(config, "a", groups, 1, &policy);
		if (r == 0)
			r = policy_visit(policy, count_origins, &count);
		calls_left = -1;
		ck_assert(r == 0 || r == -ENOMEM || r == -EINVAL);
		ck_assert_int_eq(r == -EINVAL, errors != NULL);
		policy_free(policy);
		config_free(config);
	}
	ck_assert_int_eq(r, _i == 0 ? 0 : -EINVAL);
	ck_assert_int_gt(n, 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tests = tcase_create("policy");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, policy_shows_what_was_set, 0, (int)ELEMENTS(values));
	tcase_add_loop_test(tests, policy_merges_each_key, 0, (int)ELEMENTS(merges));
	tcase_add_test(tests, defaults_round_trip);
	tcase_add_test(tests, defaults_are_the_contract);
	tcase_add_test(tests, quota_rows_have_options);
	tcase_add_test(tests, sample_sets_every_key_to_its_default);
	tcase_add_test(tests, man_page_names_every_key);
	tcase_add_loop_test(tests, policy_hostname_is_valid, 0, (int)ELEMENTS(hostnames));
	tcase_add_loop_test(tests, memory_runs_out_anywhere, 0, (int)ELEMENTS(memory_texts));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
