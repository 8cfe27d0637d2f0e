/* SPDX-License-Identifier: Apache-2.0 */
/* What a login executes, and which descriptors and requests pass. */
#include "init/program.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "init/request.h"

enum { STRINGS = 6 };

static const struct wire_start start = {
	.user = "alice",
	.home = "/home/alice",
	.shell = "/bin/sh",
	.fallback_shell = "/bin/bash",
	.env_drop_count = 2,
	.env_drop = {"KRB5CCNAME", "XDG_SESSION_*"},
};

static struct wire_start start_with(const char *shell)
{
	struct wire_start s = start;

	s.shell = shell;
	return s;
}

static struct program choose(
	const struct wire_start *s, const char *executable, char **argv, char **envp)
{
	const struct door_request request = {
		.session = "0123abcd", .executable = executable, .argv = argv, .envp = envp};
	/* The product gives it up to the execve; here it stays in sight of the leak checker. */
	static struct program program;
	static char *volatile name;

	ck_assert_int_eq(program_choose(s, &request, &program), 0);
	name = program.argv[0];
	ck_assert_ptr_nonnull(name);
	return program;
}

static const struct {
	const char *shell, *executable, *name; /* name: argv[0], NULL: none */
	const char *path, *called;
} programs[] = {
	{"/bin/bash", "/bin/bash", "-bash", "/bin/bash", "-bash"},
	{"/bin/bash", "/usr/bin/bash", "bash", "/bin/bash", "bash"},
	{"/bin/bash", "/bin/sh", "/bin/sh", "/bin/sh", "/bin/sh"},
	{"/bin/bash", "/bin/dash", "sh", "/bin/sh", "sh"},
	{"/bin/bash", "/something/else", "x", "/bin/bash", "x"},
	{"/bin/bash", "", "-bash", "/bin/bash", "-bash"},
	{"/bin/bash", "/bin/bash", NULL, "/bin/bash", "bash"},
	{"/bin/bash", "/bin/bash", "", "/bin/bash", "bash"},
	{"/bin/dash", "/bin/dash", "-dash", "/bin/dash", "-dash"},
	{"/no/zsh", "/no/zsh", "-zsh", "/bin/bash", "-bash"},
	{"/no/zsh", "/no/zsh", "zsh", "/bin/bash", "bash"},
	{"/no/zsh", "/bin/sh", "sh", "/bin/sh", "sh"},
	{"/no/zsh", "/no/zsh", NULL, "/bin/bash", "bash"},
};

START_TEST(program_choose_takes_the_shell)
{
	char name[16], *argv[] = {name, NULL}, *envp[] = {NULL};
	const struct wire_start s = start_with(programs[_i].shell);
	struct program p;

	if (programs[_i].name)
		stpcpy(name, programs[_i].name);
	else
		argv[0] = NULL;
	p = choose(&s, programs[_i].executable, argv, envp);
	ck_assert_str_eq(p.path, programs[_i].path);
	ck_assert_str_eq(p.argv[0], programs[_i].called);
	ck_assert_ptr_null(p.argv[1]);
}
END_TEST

static const char *find(char **envp, const char *name)
{
	for (; *envp; envp++)
		if (str_starts(*envp, name))
			return *envp + strlen(name);
	return NULL;
}

START_TEST(program_choose_sets_who_one_is_and_drops_what_means_the_host)
{
	static char variables[STRINGS][24] = {"HOME=/root", "XDG_SESSION_ID=1", "KRB5CCNAME=x",
		"KRB5CCNAMES=y", "LD_PRELOAD=/x", "odd"};
	char *argv[] = {variables[5], NULL}, *envp[STRINGS + 1] = {0};
	struct program p;
	size_t count = 0;

	for (size_t i = 0; i < STRINGS; i++)
		envp[i] = variables[i];
	p = choose(&start, "/bin/sh", argv, envp);
	while (p.envp[count])
		count++;
	ck_assert_uint_eq(count, 3 + 5);
	ck_assert_str_eq(find(p.envp, "HOME="), "/home/alice");
	ck_assert_str_eq(find(p.envp, "USER="), "alice");
	ck_assert_str_eq(find(p.envp, "LOGNAME="), "alice");
	ck_assert_str_eq(find(p.envp, "SHELL="), "/bin/sh");
	ck_assert_str_eq(find(p.envp, "XAUTHORITY="), "/tmp/.Xauthority-0123abcd");
	ck_assert_str_eq(find(p.envp, "KRB5CCNAMES="), "y");
	ck_assert_str_eq(find(p.envp, "LD_PRELOAD="), "/x");
	ck_assert_str_eq(find(p.envp, "odd"), "");
	ck_assert_ptr_null(find(p.envp, "XDG_SESSION_ID="));
	ck_assert_ptr_null(find(p.envp, "KRB5CCNAME="));
}
END_TEST

static const struct {
	const char *given, *executable, *expected;
} shells[] = {
	{"SHELL=/bin/sh", "/bin/bash", "/bin/sh"},
	{"SHELL=/dev/null", "/bin/sh", "/dev/null"},
	{"SHELL=/no/zsh", "/bin/bash", "/bin/bash"},
	{"SHELL=/no/zsh", "/bin/sh", "/bin/sh"},
	{"SHELL=", "/bin/bash", "/bin/bash"},
	{"SHELLS=/bin/sh", "/bin/bash", "/bin/bash"},
	{"SHELL", "/bin/bash", "/bin/bash"},
};

START_TEST(program_choose_keeps_a_shell_that_exists)
{
	char given[24], *argv[] = {given, NULL}, *envp[] = {given, NULL};
	const struct wire_start s = start_with("/bin/bash");
	unsigned count = 0;
	struct program p;

	stpcpy(given, shells[_i].given);
	p = choose(&s, shells[_i].executable, argv, envp);
	ck_assert_str_eq(find(p.envp, "SHELL="), shells[_i].expected);
	for (char **entry = p.envp; *entry; entry++)
		count += str_starts(*entry, "SHELL=");
	ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(program_choose_sets_a_shell_that_is_dropped)
{
	char given[] = "SHELL=/bin/sh", *argv[] = {given, NULL}, *envp[] = {given, NULL};
	struct wire_start s = start_with("/bin/bash");

	s.env_drop[0] = "SHELL";
	ck_assert_str_eq(find(choose(&s, "/bin/bash", argv, envp).envp, "SHELL="), "/bin/bash");
}
END_TEST

static const struct {
	const char *arguments[3];
	bool is_login;
} logins[] = {
	{{"-bash"}, true},
	{{"-bash", "-i"}, true},
	{{"bash"}, false},
	{{"-bash", "-c"}, false},
	{{""}, false},
	{{NULL}, false},
};

START_TEST(program_is_login_expected)
{
	ck_assert_int_eq(
		program_is_login((char *const *)logins[_i].arguments), logins[_i].is_login);
}
END_TEST

static const struct door_request requests[] = {
	{.session = "0123abcd"}, /* the only good one */
	{.session = ""},
	{.session = "0123abc"},
	{.session = "0123ABCD"},
	{.session = "../../ab"},
	{.session = "0123abcd", .umask = 01000},
	{.session = "0123abcd", .relay = 8},
	{.session = "0123abcd", .rows = 65536},
	{.session = "0123abcd", .columns = 65536},
};

START_TEST(request_check_takes_only_what_is_in_range)
{
	ck_assert_int_eq(request_check(&requests[_i]), _i == 0 ? 0 : -EBADMSG);
}
END_TEST

START_TEST(request_check_fd_takes_streams_and_files)
{
	int pipes[2], sockets[2];
	_cleanup_close_ int null = open("/dev/null", O_RDWR), file = open(__FILE__, O_RDONLY);
	_cleanup_close_ int directory = open("/", O_RDONLY), path = open("/dev/null", O_PATH);
	_cleanup_close_ int epoll = epoll_create1(0);

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	ck_assert_int_eq(request_check_fd(pipes[0]), 0);
	ck_assert_int_eq(request_check_fd(sockets[0]), 0);
	ck_assert_int_eq(request_check_fd(null), 0);
	if (file >= 0)
		ck_assert_int_eq(request_check_fd(file), 0);
	ck_assert_int_eq(request_check_fd(directory), -EINVAL);
	ck_assert_int_eq(request_check_fd(path), -EINVAL);
	ck_assert_int_eq(request_check_fd(epoll), -EINVAL);
	ck_assert_int_eq(request_check_fd(-1), -EINVAL);
	for (int i = 0; i < 2; i++) {
		close(pipes[i]);
		close(sockets[i]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("init");
	TCase *tests = tcase_create("init");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, program_choose_takes_the_shell, 0, (int)ELEMENTS(programs));
	tcase_add_test(tests, program_choose_sets_who_one_is_and_drops_what_means_the_host);
	tcase_add_loop_test(
		tests, program_choose_keeps_a_shell_that_exists, 0, (int)ELEMENTS(shells));
	tcase_add_test(tests, program_choose_sets_a_shell_that_is_dropped);
	tcase_add_loop_test(tests, program_is_login_expected, 0, (int)ELEMENTS(logins));
	tcase_add_loop_test(
		tests, request_check_takes_only_what_is_in_range, 0, (int)ELEMENTS(requests));
	tcase_add_test(tests, request_check_fd_takes_streams_and_files);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
