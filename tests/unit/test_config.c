/* SPDX-License-Identifier: Apache-2.0 */
/* Each key's mistakes with their line and words, and the file itself. */
#include "broker/config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

#define D(text) "defaults: { " text " };"
#define Q(text) D("quota: { " text " };")
#define N(text) D("network: { " text " };")
#define S(text) "service: { " text " };"
#define BIND(text) D("binds = ( { " text " } );")
#define ABSENT "a part that this version does not have; expected it not to be set"
#define LONG_100                                                                                   \
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                                       \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Each text has one mistake; its line begins as shown, behind "t.conf:". */
static const struct {
	const char *text;
	const char *line;
} mistakes[] = {
	/* The tree. */
	{"\n\nx = 1;", "3: x: unknown key; expected one that exists, the nearest is \""},
	{"user: ( );", "1: user: unknown key; expected one that exists, the nearest is \"users\""},
	{"scope = \"user\";", "1: scope: unknown key; expected one that exists, the nearest is "
			      "\"defaults.scope\""},
	{"run_dir = \"/x\";", "1: run_dir: unknown key; expected one that exists, the nearest is "
			      "\"service.run_dir\""},
	{"registries: ( );", "1: registries: is " ABSENT},
	{"defaults = 5;", "1: defaults: is not a group; expected a group"},
	{"service: ( );", "1: service: is not a group; expected a group"},
	{D("shel = \"/bin/sh\";"), "1: defaults.shel: unknown key; expected one that exists, the "
				   "nearest is \"shell\""},
	{D("memory = \"2G\";"), "1: defaults.memory: unknown key; expected one that exists, the "
				"nearest is \"quota.memory\""},
	{D("qouta: { };"), "1: defaults.qouta: unknown key; expected one that exists, the nearest "
			   "is \"quota\""},
	{D("name = \"x\";"), "1: defaults.name: unknown key"},
	{N("mod = \"nat\";"), "1: defaults.network.mod: unknown key; expected one that exists, the "
			      "nearest is \"network.mode\""},
	{Q("\nmem = 1;"), "2: defaults.quota.mem: unknown key; expected one that exists, the "
			  "nearest is \"quota.memory\""},
	{S("sokcet = \"/x\";"), "1: service.sokcet: unknown key; expected one that exists, the "
				"nearest is \"socket\""},
	{D("quota = 5;"), "1: defaults.quota: is not a group; expected a group"},
	{D("network = ( );"), "1: defaults.network: is not a group; expected a group"},
	/* Entries. */
	{"groups: { };", "1: groups: is not a list; expected a list ( { name"},
	{"users = \"alice\";", "1: users: is not a list; expected a list ( { name"},
	{"users: ( 5 );", "1: users[0]: is not a group"},
	{"users: ( { scope = \"user\"; } );", "1: users[0]: has no name; expected name = "},
	{"users: ( { name = 5; } );", "1: users[0].name: 5 is not a string; expected a name"},
	{"users: ( { name = \"\"; } );", "1: users[].name: \"\" is empty"},
	{"users: ( { name = \"a:b\"; } );", "1: users[a:b].name: \"a:b\" holds one of : , /"},
	{"groups: ( { name = \"-x\"; } );", "1: groups[-x].name: \"-x\" begins with -"},
	{"groups: ( { name = \"*\"; } );", "1: groups[*].name: \"*\" is not a name"},
	{"groups: ( { name = \"a\\nb\"; } );",
		"1: groups[a?b].name: \"a?b\" holds a control character"},
	{"users: ( { name = \"a\"; },\n { name = \"b\"; },\n { name = \"a\"; } );",
		"3: users[a]: the name is there twice, first in line 1; expected one entry"},
	{"groups: ( { name = \"a\"; },\n { name = \"a\"; } );",
		"2: groups[a]: the name is there twice, first in line 1"},
	{"groups: ( { name = \"a\";\n quota: { cpus = -1; }; } );",
		"2: groups[a].quota.cpus: -1 is out of range; expected a number such as 1.5, "
		"from "},
	{"users: ( { name = \"a\";\n quota: { disk = \"5G\"; }; } );",
		"2: users[a].quota.disk: is " ABSENT},
	/* One by one. */
	{D("scope = \"usr\";"),
		"1: defaults.scope: \"usr\" is not a choice; expected \"session\" or \"user\""},
	{D("scope = 1;"), "1: defaults.scope: 1 is not a choice"},
	{D("linger = \"5x\";"), "1: defaults.linger: \"5x\" is not a span of time; expected a span "
				"of time such as \"1h30m\", or seconds as a whole number, from 0s "
				"to 30d"},
	{D("linger = \"31d\";"), "1: defaults.linger: \"31d\" is out of range"},
	{D("linger = \"containers\";"),
		"1: defaults.linger: \"containers\" is a part that this version does not have; "
		"expected a span of time"},
	{D("stop_timeout = 1.5;"), "1: defaults.stop_timeout: 1.5 is not a span of time"},
	{D("stop_timeout = -1;"), "1: defaults.stop_timeout: -1 is out of range"},
	{D("stop_timeout = 9223372036854775807;"), "1: defaults.stop_timeout: 9223372036854775807 "
						   "is out of range"},
	{D("root = \"/srv/x\";"), "1: defaults.root: \"/srv/x\" is a part that this version does "
				  "not have; expected \"host\""},
	{D("root = \"image:c:2026\";"), "1: defaults.root: \"image:c:2026\" is a part that this "
					"version does not have"},
	{D("root = \"hots\";"), "1: defaults.root: \"hots\" is not a root; expected \"host\""},
	{D("shell = \"bash\";"),
		"1: defaults.shell: \"bash\" is not an absolute path; expected an absolute path"},
	{D("shell = ( \"/bin/sh\" );"), "1: defaults.shell: a list is not a string"},
	{D("shell = \"/bin//sh\";"), "1: defaults.shell: \"/bin//sh\" has an empty part"},
	{D("shell = \"/bin/../sh\";"),
		"1: defaults.shell: \"/bin/../sh\" has a part \".\" or \"..\""},
	{D("shell = \"/bin/sh\\n\";"), "1: defaults.shell: \"/bin/sh?\" holds a control character"},
	{D("hostname = \"\";"), "1: defaults.hostname: \"\" is empty"},
	{D("hostname = \"%x\";"), "1: defaults.hostname: \"%x\" has a % with something else"},
	{D("hostname = \"a%\";"), "1: defaults.hostname: \"a%\" has a % with something else"},
	{D("hostname = \"a_b\";"), "1: defaults.hostname: \"a_b\" holds a character"},
	{D("hostname = \"" LONG_100 "\";"), "1: defaults.hostname: \"/aaaaa"},
	{D("binds = \"/srv\";"),
		"1: defaults.binds: \"/srv\" is not a list; expected a list ( { source = "},
	{D("binds = ( \"/srv\" );"), "1: defaults.binds[0]: \"/srv\" is not a group"},
	{BIND("target = \"/srv\";"), "1: defaults.binds[0]: a group { } has no source"},
	{BIND("source = \"/srv\"; wirte = true;"), "1: defaults.binds[0].wirte: unknown key; "
						   "expected \"source\", \"target\" or \"write\""},
	{BIND("source = \"/srv\"; write = 1;"),
		"1: defaults.binds[0].write: the value is not a boolean; expected true or false"},
	{BIND("source = \"srv\"; target = \"/srv\";"),
		"1: defaults.binds[0].source: \"srv\" is not an absolute path"},
	{BIND("source = \"/\"; target = \"/srv\";"),
		"1: defaults.binds[0].source: \"/\" is the whole host"},
	{BIND("source = \"/proc/1\"; target = \"/srv\";"),
		"1: defaults.binds[0].source: \"/proc/1\" shows the host's processes"},
	{BIND("source = \"/run/docker.sock\"; target = \"/srv\";"),
		"1: defaults.binds[0].source: \"/run/docker.sock\" holds the host's sockets"},
	{BIND("source = \"/var/lib\"; target = \"/srv\";"),
		"1: defaults.binds[0].source: \"/var/lib\" would show sandboxd's own "
		"\"/var/lib/sandboxd\""},
	{BIND("source = \"/srv\"; target = \"/\";"),
		"1: defaults.binds[0].target: \"/\" would cover a mount that every sandbox has"},
	{BIND("source = \"/srv\"; target = \"/tmp/x\";"),
		"1: defaults.binds[0].target: \"/tmp/x\" would cover a mount"},
	{BIND("source = \"/srv\"; target = \"/etc/x\";"),
		"1: defaults.binds[0].target: \"/etc/x\" would cover a tree of the host's"},
	{BIND("source = \"/srv\"; target = \"/home\";"),
		"1: defaults.binds[0].target: \"/home\" would cover the user's home"},
	{BIND("source = \"/etc\";"),
		"1: defaults.binds[0].source: \"/etc\" would cover a tree of the host's"},
	{BIND("source = \"/srv/a\"; }, { source = \"/srv/b\"; target = \"/srv\";"),
		"1: defaults.binds[1]: the target \"/srv\" would cover \"/srv/a\" of binds[0]"},
	{BIND("source = \"/srv/a\"; }, { source = \"/srv/a\";"),
		"1: defaults.binds[1]: the target \"/srv/a\" would cover \"/srv/a\" of binds[0]"},
	{D("groups_keep = \"x\";"), "1: defaults.groups_keep: \"x\" is not a list; expected a list "
				    "of names of groups"},
	{D("groups_keep = (\n\"x\",\n5 );"), "3: defaults.groups_keep[1]: 5 is not a string; "
					     "expected names of groups"},
	{D("groups_keep = ( \"a/b\" );"), "1: defaults.groups_keep[0]: \"a/b\" holds one of"},
	{D("devices = ( \"/etc/x\" );"), "1: defaults.devices[0]: \"/etc/x\" is not below /dev/; "
					 "expected paths below /dev/"},
	{D("devices = ( \"/dev/../etc/x\" );"), "1: defaults.devices[0]: \"/dev/../etc/x\" has a"},
	{D("devices = ( \"/dev/pts/0\" );"), "1: defaults.devices[0]: \"/dev/pts/0\" would cover"},
	{D("devices = ( \"/dev/mem\" );"),
		"1: defaults.devices[0]: \"/dev/mem\" is the host's memory"},
	{D("env_drop = ( \"A=B\" );"), "1: defaults.env_drop[0]: \"A=B\" is not the name of a "
				       "variable"},
	{D("env_drop = ( \"A*B\" );"), "1: defaults.env_drop[0]: \"A*B\" is not the name"},
	{D("env_drop = ( \"1A\" );"), "1: defaults.env_drop[0]: \"1A\" begins with a digit"},
	{D("abi = ( \"i486\" );"), "1: defaults.abi[0]: \"i486\" is not an ABI; expected "
				   "\"native\", \"i386\""},
	{D("abi = \"i386\";"), "1: defaults.abi: \"i386\" is not a list"},
	{D("notice = \"yes\";"),
		"1: defaults.notice: \"yes\" is not a boolean; expected true or false"},
	{N("mode = \"bridge\";"), "1: defaults.network.mode: \"bridge\" is not a choice; expected "
				  "\"nat\" or \"none\""},
	{N("allow = ( \"10.0.0.1\" );"), "1: defaults.network.allow[0]: \"10.0.0.1\" is not "
					 "ADDRESS:PORT/PROTOCOL; expected \"ADDRESS:PORT/tcp\""},
	{N("allow = ( 5 );"), "1: defaults.network.allow[0]: 5 is not a string"},
	{N("allow = ( \"10.0.0.1:0/tcp\" );"), "1: defaults.network.allow[0]: \"10.0.0.1:0/tcp\" "
					       "has a port that is not 1 to 65535"},
	{N("allow = ( \"10.0.0.1:65536/tcp\" );"),
		"1: defaults.network.allow[0]: \"10.0.0.1:65536/tcp\" has a port"},
	{N("allow = ( \"10.0.0.1:1/sctp\" );"),
		"1: defaults.network.allow[0]: \"10.0.0.1:1/sctp\" has another protocol"},
	{N("allow = ( \"lab:1/tcp\" );"),
		"1: defaults.network.allow[0]: \"lab:1/tcp\" has no IPv4 address"},
	{N("allow = ( \"fd00::1:1/tcp\" );"),
		"1: defaults.network.allow[0]: \"fd00::1:1/tcp\" has no IPv4 address"},
	{N("allow = ( \"[fd00::5:53/udp\" );"),
		"1: defaults.network.allow[0]: \"[fd00::5:53/udp\" has no ] before its port"},
	{N("allow = ( \"[10.0.0.1]:53/udp\" );"),
		"1: defaults.network.allow[0]: \"[10.0.0.1]:53/udp\" has no IPv6 address"},
	{N("allow = ( \"127.0.0.1:1/tcp\" );"),
		"1: defaults.network.allow[0]: \"127.0.0.1:1/tcp\" is a loopback address"},
	{N("allow = ( \"169.254.169.254:80/tcp\" );"),
		"1: defaults.network.allow[0]: \"169.254.169.254:80/tcp\" is a link-local address"},
	{N("allow = ( \"[::ffff:10.0.0.1]:80/tcp\" );"),
		"1: defaults.network.allow[0]: \"[::ffff:10.0.0.1]:80/tcp\" is an IPv4 address "
		"in "},
	{N("dns = ( \"lab\" );"), "1: defaults.network.dns[0]: \"lab\" is not an address; expected "
				  "at most 3 addresses"},
	{N("dns = ( \"127.0.0.53\" );"),
		"1: defaults.network.dns[0]: \"127.0.0.53\" is a loopback address"},
	{N("dns = ( \"1.1.1.1\", \"1.1.1.2\", \"1.1.1.3\", \"1.1.1.4\" );"),
		"1: defaults.network.dns: a list has too many entries"},
	/* Quotas. */
	{Q("memory = \"5X\";"), "1: defaults.quota.memory: \"5X\" is not a size; expected bytes as "
				"a whole number, or a number with K, M, G or T"},
	{Q("memory = \"1M\";"), "1: defaults.quota.memory: \"1M\" is out of range"},
	{Q("memory = 1.5;"), "1: defaults.quota.memory: 1.5 is not a size"},
	{Q("memory = true;"), "1: defaults.quota.memory: true is not a size"},
	{Q("memory = \"9999999999T\";"), "1: defaults.quota.memory: \"9999999999T\" is out of"},
	{Q("memory = 0x10000000;"),
		"1: defaults.quota.memory: 268435456 is written in hexadecimal"},
	{Q("swap = -1;"), "1: defaults.quota.swap: -1 is out of range"},
	{Q("cpus = 0.001;"), "1: defaults.quota.cpus: 0.001 is out of range"},
	{Q("cpus = 1e400;"), "1: defaults.quota.cpus: inf is out of range"},
	{Q("cpus = \"1,5\";"), "1: defaults.quota.cpus: \"1,5\" is not a number of processors"},
	{Q("cpus = \"1.2345\";"), "1: defaults.quota.cpus: \"1.2345\" is not a number"},
	{Q("cpu_weight = 0;"), "1: defaults.quota.cpu_weight: 0 is out of range; expected a whole "
			       "number, from 1 to 10000"},
	{Q("cpu_weight = \"none\";"), "1: defaults.quota.cpu_weight: \"none\" is not a whole"},
	{Q("pids = 1.5;"), "1: defaults.quota.pids: 1.5 is not a whole number"},
	{Q("pids = \"12K\";"), "1: defaults.quota.pids: \"12K\" is not a whole number"},
	{Q("tmp = 0;"), "1: defaults.quota.tmp: 0 is out of range"},
	{Q("sessions = 0;"), "1: defaults.quota.sessions: 0 is out of range"},
	{Q("session_time = \"0\";"), "1: defaults.quota.session_time: \"0\" is out of range"},
	{Q("session_time = \"12\\n\";"), "1: defaults.quota.session_time: \"12?\" is not a span"},
	{Q("cpuset = \"\";"), "1: defaults.quota.cpuset: is " ABSENT},
	{Q("io_read = \"5M\";"), "1: defaults.quota.io_read: is " ABSENT},
	{Q("io_write = \"5M\";"), "1: defaults.quota.io_write: is " ABSENT},
	{Q("io_weight = 5;"), "1: defaults.quota.io_weight: is " ABSENT},
	{Q("net_in = \"5Mbit\";"), "1: defaults.quota.net_in: is " ABSENT},
	{Q("net_out = \"5Mbit\";"), "1: defaults.quota.net_out: is " ABSENT},
	{Q("disk = \"5G\";"), "1: defaults.quota.disk: is " ABSENT},
	{Q("inodes = 5;"), "1: defaults.quota.inodes: is " ABSENT},
	{Q("containers = 8;"), "1: defaults.quota.containers: is " ABSENT},
	/* The service. */
	{S("name = \"Sandboxd\";"),
		"1: service.name: \"Sandboxd\" is not a name; expected a lower"},
	{S("name = \"abcdefghijklmnopq\";"), "1: service.name: \"abcdefghijklmnopq\" is too long"},
	{S("socket = \"" LONG_100 "12345678\";"), "1: service.socket: \"/aaaaaaaaa"},
	{S("socket = \"sock\";"), "1: service.socket: \"sock\" is not an absolute path"},
	{S("run_dir = \"/run/x/\";"), "1: service.run_dir: \"/run/x/\" has an empty part"},
	{S("state_dir = 5;"), "1: service.state_dir: 5 is not a string"},
	{S("state_dir = \"/run/sandboxd\";"), "1: service: run_dir and state_dir are one"},
	{S("addresses = \"10.0.0.0\";"), "1: service.addresses: \"10.0.0.0\" has no /LENGTH"},
	{S("addresses = \"10.0.0.0/7\";"), "1: service.addresses: \"10.0.0.0/7\" has a length out "
					   "of range; expected an IPv4 prefix of length 8 to 30"},
	{S("addresses = \"10.0.0.0/31\";"), "1: service.addresses: \"10.0.0.0/31\" has a length"},
	{S("addresses = \"10.0.0.1/16\";"), "1: service.addresses: \"10.0.0.1/16\" has bits set"},
	{S("addresses = \"127.0.0.0/8\";"), "1: service.addresses: \"127.0.0.0/8\" is a loopback"},
	{S("addresses = \"169.0.0.0/8\";"),
		"1: service.addresses: \"169.0.0.0/8\" is a link-local"},
	{S("addresses = \"fd00::/64\";"), "1: service.addresses: \"fd00::/64\" is not an IPv4"},
	{S("addresses6 = \"fd00::/127\";"), "1: service.addresses6: \"fd00::/127\" has a length"},
	{S("addresses6 = \"fe80::/64\";"), "1: service.addresses6: \"fe80::/64\" is a link-local"},
	{S("addresses6 = 5;"), "1: service.addresses6: 5 is not a string; expected an IPv6 prefix"},
	{S("ids = \"subuids\";"), "1: service.ids: \"subuids\" is not FIRST:COUNT; expected "
				  "\"FIRST:COUNT\", both multiples of 65536, or \"subuid\""},
	{S("ids = \"100000:65536\";"), "1: service.ids: \"100000:65536\" is not made of multiples"},
	{S("ids = \"0:655360\";"), "1: service.ids: \"0:655360\" overlaps the ids of the host's"},
	{S("ids = \"65536:65536\";"), "1: service.ids: \"65536:65536\" has room for fewer"},
	{S("ids = \"65536:4294901760\";"), "1: service.ids: \"65536:4294901760\" reaches "
					   "4294967295"},
	{S("ids = \"4294967296:65536\";"), "1: service.ids: \"4294967296:65536\" is not two"},
	{S("optional = ( \"cpus\" );"), "1: service.optional[0]: \"cpus\" is not a controller; "
					"expected \"memory\", \"cpu\", \"pids\""},
	/* The text. */
	{"defaults: {\n scope = \"user\"\n linger = ;\n};",
		"3: syntax error at ;; expected a value"},
	{"defaults: { };\ndefaults: { };", "2: duplicate setting name; expected each key once"},
	{"a = \"x", "1: the string has no end; expected \""},
	{"a = \"x\" \"y\n", "1: the string has no end"},
	{"a = 1; /* b", "1: the comment has no end; expected */"},
	{"\n\na 5;", "3: syntax error at 5; expected = or : behind a key"},
	{"a = 5;;", "1: syntax error at ;; expected a key"},
	{"a = { b = 1;\n", "2: syntax error at the end of the file; expected a key or }"},
	{"a = ( 1, );", "1: syntax error at ); expected a value"},
	{"a = ( 1 2 );", "1: syntax error at 2; expected a comma or )"},
	{"a = [ 1, \"x\" ];", "1: syntax error at \"x\"; expected an element like those before"},
	{"a = [ ( ) ];", "1: syntax error at (; expected a value"},
	{"a = ((((((((((((((((( ", "1: syntax error at (; expected at most 16 brackets"},
	{"a = $;", "1: the byte 0x24 begins nothing; expected a key"},
	{"a.b = 1;", "1: the byte 0x2e begins nothing"},
	{"true = 1;", "1: syntax error at true; expected a key"},
	{"\n@include \".\"\n", "2: @include is not allowed; expected all settings"},
	{" \t@include \"/etc/passwd\"", "1: @include is not allowed"},
	{Q("\nmemory = 99999999999999999999;"), "2: the number 99999999999999999999 is too large"},
};

static int load(const char *text, struct config **ret, char **ret_errors)
{
	return config_load_text("t.conf", text, strlen(text), false, ret, ret_errors);
}

START_TEST(config_load_names_the_mistake)
{
	_cleanup_free_ char *errors = NULL;
	struct config *config = NULL;

	ck_assert_int_eq(load(mistakes[_i].text, &config, &errors), -EINVAL);
	ck_assert_ptr_null(config);
	ck_assert_msg(str_starts(errors, "t.conf:") &&
			      str_starts(errors + strlen("t.conf:"), mistakes[_i].line),
		"%s\n gave %s not %s", mistakes[_i].text, errors, mistakes[_i].line);
	/* One line, which says what was expected. */
	ck_assert_ptr_eq(strchr(errors, '\n'), errors + strlen(errors) - 1);
	ck_assert_msg(strstr(errors, "expected ") != NULL, "%s", errors);
}
END_TEST

/* True if a row of the table above is about the setting PATH of GROUP. */
static bool has_mistake(const char *group, const char *path)
{
	_cleanup_free_ char *key = str_format(" %s.%s", group, path);

	for (size_t i = 0; i < ELEMENTS(mistakes); i++) {
		const char *found = strstr(mistakes[i].line, key);

		if (found && strchr(":[", found[strlen(key)]))
			return true;
	}
	return false;
}

START_TEST(mistakes_cover_every_option)
{
	for (size_t i = 0; i < policy_options.count; i++)
		ck_assert_msg(has_mistake("defaults", policy_options.options[i].path), "%s",
			policy_options.options[i].path);
	for (size_t i = 0; i < service_options.count; i++)
		ck_assert_msg(has_mistake("service", service_options.options[i].path), "%s",
			service_options.options[i].path);
	for (size_t i = 0; policy_options.absent[i]; i++)
		ck_assert(has_mistake("defaults", policy_options.absent[i]));
}
END_TEST

START_TEST(config_load_reports_all_in_order)
{
	const char *text = "users: ( { name = \"a\"; scope = 5; } );\n"
			   "defaults: { scpe = \"user\";\n binds = ( 5, { }, \"x\" ); };\n"
			   "service: { name = \"\"; ids = 5; };\n";
	static const char *const lines[] = {"t.conf:1: users[a].scope: ",
		"t.conf:2: defaults.scpe: ", "t.conf:3: defaults.binds[0]: ",
		"t.conf:3: defaults.binds[1]: ", "t.conf:3: defaults.binds[2]: ",
		"t.conf:4: service.name: ", "t.conf:4: service.ids: "};
	_cleanup_free_ char *errors = NULL;
	struct config *config;
	const char *at;

	ck_assert_int_eq(load(text, &config, &errors), -EINVAL);
	at = errors;
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		ck_assert_msg(str_starts(at, lines[i]), "%s not %s", at, lines[i]);
		at = strchr(at, '\n') + 1;
	}
	ck_assert_int_eq(*at, '\0');
}
END_TEST

START_TEST(config_load_refuses_nul)
{
	_cleanup_free_ char *errors = NULL;
	struct config *config;

	ck_assert_int_eq(config_load_text("t.conf", "\0b", 2, false, &config, &errors), -EINVAL);
	ck_assert_str_eq(errors, "t.conf:1: the byte 0x00 begins nothing; expected a key, a "
				 "value or a sign\n");
}
END_TEST

/* What a file may be. */
static const struct {
	mode_t mode;
	uid_t owner;
	off_t size;
	const char *error; /* NULL: it is read */
} files[] = {
	{0644, 0, 0, NULL},
	{0600, 0, 1024, NULL},
	{0664, 0, 0, "can be written by others"},
	{0646, 0, 0, "can be written by others"},
	{0644, 1, 0, "is not owned by root"},
	{0644, 0, 1024 * 1024 + 1, "is larger than 1 MiB"},
	{0755 | S_IFDIR, 0, 0, "is not a regular file"},
	{0644 | S_IFIFO, 0, 0, "is not a regular file"},
	{0, 0, -1, "cannot be read: No such file or directory"},
};

static void make_file(const char *path, int index)
{
	static char lines[1024 * 1024 + 1];
	_cleanup_close_ int fd = -EBADF;
	mode_t type = files[index].mode & S_IFMT;

	if (files[index].size < 0)
		return;
	if (type == S_IFDIR) {
		ck_assert_int_eq(mkdir(path, 0755), 0);
	} else if (type == S_IFIFO) {
		ck_assert_int_eq(mkfifo(path, 0644), 0);
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		ck_assert_int_ge(fd, 0);
		memset(lines, '\n', sizeof(lines));
		ck_assert_int_eq(fd_write_all(fd, lines, (size_t)files[index].size), 0);
		ck_assert_int_eq(fchmod(fd, files[index].mode), 0);
		if (files[index].owner)
			ck_assert_int_eq(fchown(fd, files[index].owner, (gid_t)-1), 0);
	}
}

START_TEST(config_load_trusts_only_roots_file)
{
	char directory[] = "/tmp/test-config-XXXXXX";
	_cleanup_free_ char *errors = NULL;
	struct config *config = NULL;
	char path[64], link[64];
	int r;

	if (files[_i].owner && geteuid() != 0)
		return; /* only root can give a file away */
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/f", directory);
	snprintf(link, sizeof(link), "%s/l", directory);
	make_file(path, _i);
	ck_assert_int_eq(symlink("f", link), 0);
	r = config_load(link, false, &config, &errors);
	ck_assert_int_eq(r, files[_i].error ? -EINVAL : 0);
	if (files[_i].error)
		ck_assert_msg(
			str_starts(errors, link) && strstr(errors, files[_i].error), "%s", errors);
	config_free(config);
	unlink(link);
	remove(path);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

/* With check_names; each has one mistake, or none. */
static const struct {
	const char *text;
	const char *line; /* NULL: all exists */
} names[] = {
	{"users: ( { name = \"root\"; } ); groups: ( { name = \"root\"; } );", NULL},
	{D("groups_keep = ( \"*\", \"root\" ); devices = ( \"/dev/kmsg\" );"
	   "binds = ( { source = \"/etc\"; target = \"/srv/etc\"; } ); shell = \"/bin/sh\";"),
		NULL},
	{"users: ( { name = \"no such one\"; } );", "users[no such one].name: \"no such one\" is "
						    "no user of this host; expected a name"},
	{"groups: ( { name = \"no such one\"; } );",
		"groups[no such one].name: \"no such one\" is no group of this host"},
	{D("groups_keep = ( \"no such one\" );"),
		"defaults.groups_keep[0]: \"no such one\" is no group of this host"},
	{BIND("source = \"/no/such\"; target = \"/srv\";"),
		"defaults.binds[0].source: \"/no/such\" does not exist"},
	{BIND("source = \"/usr/\\x2e\"; target = \"/srv\";"), "defaults.binds[0].source: "},
	{D("devices = ( \"/dev/no-such\" );"), "defaults.devices[0]: \"/dev/no-such\" does not"},
	{D("shell = \"/etc/passwd\";"), "defaults.shell: \"/etc/passwd\" cannot be executed"},
};

START_TEST(check_names_asks_the_host)
{
	const char *text = names[_i].text;
	_cleanup_free_ char *errors = NULL;
	struct config *config = NULL;
	int r = config_load_text("t.conf", text, strlen(text), true, &config, &errors);

	ck_assert_int_eq(r, names[_i].line ? -EINVAL : 0);
	if (names[_i].line)
		ck_assert_msg(
			str_starts(errors + strlen("t.conf:1: "), names[_i].line), "%s", errors);
	else
		config_free(config);
}
END_TEST

START_TEST(config_check_main_returns_the_exit_code)
{
	static const char text[] = D("scope = \"user\";");
	char path[] = "/tmp/test-config-XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);

	ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
	ck_assert_int_eq(config_check_main("/dev/null"), 1);
	ck_assert_int_eq(config_check_main(path), 0);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tests = tcase_create("config");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, config_load_names_the_mistake, 0, (int)ELEMENTS(mistakes));
	tcase_add_test(tests, mistakes_cover_every_option);
	tcase_add_test(tests, config_load_reports_all_in_order);
	tcase_add_test(tests, config_load_refuses_nul);
	tcase_add_loop_test(tests, config_load_trusts_only_roots_file, 0, (int)ELEMENTS(files));
	tcase_add_loop_test(tests, check_names_asks_the_host, 0, (int)ELEMENTS(names));
	tcase_add_test(tests, config_check_main_returns_the_exit_code);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
