/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxctl's text, and what it makes of a broker's answers: a fake one here, good, hostile or
 * dead. */
#include "ctl/client.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/login.h"
#include "ctl/nearest.h"
#include "ctl/sessions.h"
#include "ctl/table.h"
#include "wire/socket.h"

static const struct {
	uint64_t bytes;
	const char *shown;
} bytes[] = {
	{0, "0"},
	{999, "999"},
	{1000, "0.977K"},
	{12884901, "12.3M"},
	{UINT64_C(2) << 30, "2G"},
	{UINT64_C(1) << 62, "4E"},
	{UINT64_MAX, "-"},
};

START_TEST(format_bytes_shows)
{
	char text[FORMAT_TEXT_MAX];

	ck_assert_str_eq(format_bytes(bytes[_i].bytes, text), bytes[_i].shown);
}
END_TEST

START_TEST(format_of_leaves_out_no_limit)
{
	char text[FORMAT_TEXT_MAX];

	ck_assert_str_eq(format_memory_of(1 << 20, UINT64_C(2) << 30, text), "1M/2G");
	ck_assert_str_eq(format_memory_of(1 << 20, UINT64_MAX, text), "1M");
	ck_assert_str_eq(format_count_of(3, 64, text), "3/64");
	ck_assert_str_eq(format_count_of(3, UINT64_MAX, text), "3");
	ck_assert_str_eq(format_time(0, text), "");
}
END_TEST

static const struct {
	const char *word;
	const char *found;
} slips[] = {
	{"lst", "list"},
	{"kil", "kill"},
	{"dariN", "drain"},
	{"zebra", NULL},
	{"", NULL},
};

START_TEST(nearest_finds)
{
	static const char *const known[] = {"list", "show", "kill", "enter", "reload", "drain", ""};
	struct nearest nearest;

	nearest_init(&nearest, slips[_i].word);
	for (size_t i = 0; i < ELEMENTS(known); i++)
		nearest_try(&nearest, known[i]);
	if (slips[_i].found)
		ck_assert_str_eq(nearest.found, slips[_i].found);
	else
		ck_assert_ptr_null(nearest.found);
}
END_TEST

START_TEST(table_aligns_and_hides_control_characters)
{
	static const char *const headings[] = {"A", "LONG", "C"};
	_cleanup_table_ struct table table;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	table_init(&table, headings, ELEMENTS(headings));
	table_add(&table, "wide\033[2J");
	table_add(&table, "");
	table_add(&table, "\xc3\xa4");
	ck_assert_int_eq(table_print(&table, file), 0);
	fclose(file);
	ck_assert_str_eq(text, "A         LONG  C\nwide?[2J  -     \xc3\xa4\n");
	free(text);
}
END_TEST

static const struct wire_session records[] = {
	{.session = "lab-00000001", .sandbox = "0000000a", .user = "alice", .uid = 1000},
	{.session = "lab-00000002", .sandbox = "0000000b", .user = "bob", .uid = 1001},
	{.session = "", .sandbox = "0000000c", .user = "bob", .uid = 1001, .state = "lingering"},
};

/* The records in a new buffer. */
static char *encode(size_t *ret_size)
{
	char *data = malloc(4096);
	struct wire_writer w;

	wire_writer_init(&w, data, 4096);
	for (size_t i = 0; i < ELEMENTS(records); i++)
		wire_put_session(&w, &records[i]);
	ck_assert_int_eq(wire_writer_end(&w, ret_size), 0);
	return data;
}

START_TEST(sessions_parse_round_trips)
{
	_cleanup_sessions_ struct sessions sessions = {0};
	size_t size;
	char *data = encode(&size);

	ck_assert_int_eq(sessions_parse(data, size, &sessions), 0);
	ck_assert_uint_eq(sessions.count, ELEMENTS(records));
	ck_assert_str_eq(sessions.items[1].user, "bob");
	ck_assert_str_eq(sessions.items[2].state, "lingering");
	ck_assert(session_is_target(&sessions.items[0], "alice"));
	ck_assert(session_is_target(&sessions.items[0], "lab-00000001"));
	ck_assert(!session_is_target(&sessions.items[1], "alice"));
	ck_assert(!session_is_target(&sessions.items[2], ""));
	ck_assert(session_is_target(&sessions.items[2], NULL));
}
END_TEST

START_TEST(sessions_parse_refuses_every_cut)
{
	struct sessions sessions = {0};
	size_t size, whole = 0;
	char *data = encode(&size);

	for (size_t cut = 0; cut < size; cut++) {
		if (sessions_parse(data, cut, &sessions) < 0)
			continue;
		free(sessions.items);
		whole++;
	}
	ck_assert_uint_eq(whole, ELEMENTS(records)); /* between two of them, and none */
	free(data);
}
END_TEST

enum answer {
	ANSWER_GOOD,
	ANSWER_REFUSES,
	ANSWER_CLOSES,
	ANSWER_GARBAGE,
	ANSWER_OTHER_OP,
	ANSWER_NO_FD,
	ANSWER_TOO_MANY_FDS,
	ANSWER_UNSEALED,
	ANSWER_CUT,
	ANSWER_SILENT
};

static const struct {
	enum answer answer;
	int result;
} answers[] = {
	{ANSWER_GOOD, CTL_DONE},
	{ANSWER_REFUSES, CTL_FAILED},
	{ANSWER_CLOSES, CTL_NO_BROKER},
	{ANSWER_GARBAGE, CTL_FAILED},
	{ANSWER_OTHER_OP, CTL_FAILED},
	{ANSWER_NO_FD, CTL_FAILED},
	{ANSWER_TOO_MANY_FDS, CTL_FAILED},
	{ANSWER_UNSEALED, CTL_FAILED},
	{ANSWER_CUT, CTL_FAILED},
};

static char socket_path[64];

static void reply_list(int fd, enum answer answer)
{
	_cleanup_free_ char *data = NULL;
	unsigned char buffer[256];
	struct wire_writer w;
	size_t size, length;
	int fds[5];

	data = encode(&size);
	if (answer == ANSWER_CUT)
		size -= 3;
	fds[0] = answer == ANSWER_UNSEALED ? memfd_create("list", MFD_CLOEXEC)
					   : fd_memfd_sealed("list", data, size);
	for (size_t i = 1; i < ELEMENTS(fds); i++)
		fds[i] = fds[0];
	wire_writer_init(&w, buffer, sizeof(buffer));
	if (answer == ANSWER_REFUSES)
		wire_put_reply(&w, WIRE_LIST, EBUSY, "not\nnow");
	else if (answer == ANSWER_GARBAGE)
		wire_put_string(&w, "garbage");
	else
		wire_put_reply(&w, answer == ANSWER_OTHER_OP ? WIRE_KILL : WIRE_LIST, 0, "");
	wire_writer_end(&w, &length);
	wire_send(fd, buffer, length, fds,
		answer == ANSWER_NO_FD		? 0
		: answer == ANSWER_TOO_MANY_FDS ? ELEMENTS(fds)
						: 1,
		0);
}

/* A broker that answers one request; its pid. */
static pid_t fake_broker(enum answer answer)
{
	_cleanup_close_ int listener = -EBADF;
	pid_t pid;

	snprintf(socket_path, sizeof(socket_path), "/tmp/test_ctl.%d.sock", (int)getpid());
	unlink(socket_path);
	listener = wire_listen(socket_path, 0600, 4);
	ck_assert_int_ge(listener, 0);
	pid = fork();
	if (pid == 0) {
		unsigned char request[256];
		size_t count;
		int fd;

		wire_wait(listener, POLLIN, UINT64_MAX);
		fd = accept(listener, NULL, NULL);
		wire_receive(fd, request, sizeof(request), NULL, 0, &count, 0);
		if (answer == ANSWER_SILENT)
			pause();
		if (answer != ANSWER_CLOSES)
			reply_list(fd, answer);
		_exit(0);
	}
	return pid;
}

START_TEST(sessions_get_answers)
{
	_cleanup_sessions_ struct sessions sessions = {0};
	pid_t pid = fake_broker(answers[_i].answer);

	ck_assert_int_eq(sessions_get(socket_path, &sessions), answers[_i].result);
	ck_assert_uint_eq(sessions.count, answers[_i].result == CTL_DONE ? ELEMENTS(records) : 0);
	waitpid(pid, NULL, 0);
	unlink(socket_path);
}
END_TEST

START_TEST(client_call_gives_up_on_silence)
{
	struct reply reply = {0};
	pid_t pid = fake_broker(ANSWER_SILENT);
	unsigned char buffer[64];
	struct wire_writer w;

	client_request(&w, buffer, sizeof(buffer), WIRE_LIST);
	ck_assert_int_eq(
		client_call(socket_path, WIRE_LIST, &w, -1, 100000, 1, &reply), CTL_NO_BROKER);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(socket_path);
}
END_TEST

START_TEST(client_call_says_that_there_is_no_broker)
{
	struct reply reply = {0};
	unsigned char buffer[64];
	struct wire_writer w;

	client_request(&w, buffer, sizeof(buffer), WIRE_RELOAD);
	ck_assert_int_eq(client_call("/tmp/test_ctl.none", WIRE_RELOAD, &w, -1, 100000, 0, &reply),
		CTL_NO_BROKER);
}
END_TEST

struct entry {
	uint32_t uid, gid;
	const char *user, *home, *shell;
	const char *fds; /* l(ease), v(iew), n(etwork) */
	int result;
};

static const struct entry entries[] = {
	{1000, 1000, "alice", "/home/alice", "/bin/bash", "lvn", 0},
	{0, 1000, "alice", "/home/alice", "/bin/bash", "lvn", -EBADMSG},
	{UINT32_MAX, 1000, "alice", "/home/alice", "/bin/bash", "lvn", -EBADMSG},
	{1000, UINT32_MAX, "alice", "/home/alice", "/bin/bash", "lvn", -EBADMSG},
	{1000, 1000, "", "/home/alice", "/bin/bash", "lvn", -EBADMSG},
	{1000, 1000, "alice", "home/alice", "/bin/bash", "lvn", -EBADMSG},
	{1000, 1000, "alice", "/home/alice", "bash", "lvn", -EBADMSG},
	{1000, 1000, "alice", "/home/alice", "/bin/bash", "lnv", -EBADMSG},
	{1000, 1000, "alice", "/home/alice", "/bin/bash", "vln", -EBADMSG},
	{1000, 1000, "alice", "/home/alice", "/bin/bash", "lv", -EBADMSG},
};

/* ENTER's answer as it lies in a reply. */
static void make_entry(const struct entry *entry, struct reply *ret)
{
	struct wire_writer w;
	size_t size;
	int fds[2];

	wire_writer_init(&w, ret->data, sizeof(ret->data));
	wire_put_string(&w, "lab-00000001");
	wire_put_u32(&w, entry->uid);
	wire_put_u32(&w, entry->gid);
	wire_put_string(&w, entry->user);
	wire_put_string(&w, entry->home);
	wire_put_string(&w, entry->shell);
	ck_assert_int_eq(wire_writer_end(&w, &size), 0);
	wire_reader_init(&ret->fields, ret->data, size);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	for (ret->fd_count = 0; entry->fds[ret->fd_count]; ret->fd_count++) {
		char c = entry->fds[ret->fd_count];

		ret->fds[ret->fd_count] =
			c == 'l' ? dup(fds[1])
				 : open(c == 'v' ? "/proc/self/ns/mnt" : "/proc/self/ns/net",
					   O_RDONLY | O_CLOEXEC);
	}
	close(fds[0]);
	close(fds[1]);
}

START_TEST(login_read_takes_only_a_students_login)
{
	_cleanup_reply_ struct reply reply = {0};
	struct login login;

	make_entry(&entries[_i], &reply);
	ck_assert_int_eq(login_read(&reply, &login), entries[_i].result);
	if (entries[_i].result == 0) {
		ck_assert_uint_eq(login.uid, entries[_i].uid);
		ck_assert_str_eq(login.shell, entries[_i].shell);
	}
}
END_TEST

START_TEST(login_arguments_join_words)
{
	char *const command[] = {(char[]){"ls"}, (char[]){"-l"}, (char[]){"a b"}};
	const struct login login = {.shell = "/usr/bin/bash"};
	_cleanup_(login_strings_free) char **shell = login_arguments(&login, NULL, 0);
	_cleanup_(login_strings_free) char **run = login_arguments(&login, command, 3);

	ck_assert_str_eq(shell[0], "-bash");
	ck_assert_ptr_null(shell[1]);
	ck_assert_str_eq(run[0], "bash");
	ck_assert_str_eq(run[1], "-c");
	ck_assert_str_eq(run[2], "ls -l a b");
	ck_assert_ptr_null(run[3]);
}
END_TEST

/* What the program that was entered must be able to say of itself. */
static char probe[] = "test \"$(id -u):$(id -g)\" = 65534:65534 && test \"$(id -G)\" = 65534 &&"
		      " grep -q '^NoNewPrivs:.*1$' /proc/self/status &&"
		      " test \"$(grep -c '^Cap[IPEA][a-z]*:.*[1-9a-f]' /proc/self/status)\" = 0 &&"
		      " test \"$(readlink /proc/self/ns/net)\" != \"$HOST_NET\" &&"
		      " test \"$(ls /proc/self/fd | wc -l)\" -le 4 && test $PWD = /";

START_TEST(login_exec_gives_up_everything)
{
	_cleanup_reply_ struct reply reply = {0};
	struct entry entry = {65534, 65534, "nobody", "/nonexistent", "/bin/sh", "lvn", 0};
	char *words[] = {probe};
	char host_net[64] = "HOST_NET=";
	struct login login;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return; /* only root can join namespaces */
	ck_assert_int_gt(readlink("/proc/self/ns/net", host_net + 9, sizeof(host_net) - 10), 0);
	pid = fork();
	if (pid == 0) {
		const char *what = "make namespaces";
		char *envp[] = {(char[]){"PATH=/usr/bin:/bin"}, host_net, NULL};

		/* The host side's mount namespace stays the one that is joined; the net is new. */
		if (unshare(CLONE_NEWNET) < 0)
			_exit(125);
		make_entry(&entry, &reply);
		if (login_read(&reply, &login) < 0)
			_exit(124);
		login_exec(&login, login_arguments(&login, words, 1), envp, &what);
		_exit(123);
	}
	waitpid(pid, &status, 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ctl");
	TCase *tests = tcase_create("ctl");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, format_bytes_shows, 0, (int)ELEMENTS(bytes));
	tcase_add_test(tests, format_of_leaves_out_no_limit);
	tcase_add_loop_test(tests, nearest_finds, 0, (int)ELEMENTS(slips));
	tcase_add_test(tests, table_aligns_and_hides_control_characters);
	tcase_add_test(tests, sessions_parse_round_trips);
	tcase_add_test(tests, sessions_parse_refuses_every_cut);
	tcase_add_loop_test(tests, sessions_get_answers, 0, (int)ELEMENTS(answers));
	tcase_add_test(tests, client_call_gives_up_on_silence);
	tcase_add_test(tests, client_call_says_that_there_is_no_broker);
	tcase_add_loop_test(
		tests, login_read_takes_only_a_students_login, 0, (int)ELEMENTS(entries));
	tcase_add_test(tests, login_arguments_join_words);
	tcase_add_test(tests, login_exec_gives_up_everything);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
