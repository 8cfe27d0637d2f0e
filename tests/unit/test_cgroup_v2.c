/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only v2 does. A hybrid host's v2 hierarchy has no controllers: delegation, moves and removal
 * are tried there, and what is written for a limit in a plain directory.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_host.h"

/* v2: what is delegated works for the owner, and no more; what the owner made is removed. */
START_TEST(sandbox_new_delegates_on_v2)
{
	struct cgroup_start start;
	struct stat st;
	int into, status;
	pid_t pid;

	if (!open_all(2))
		return;
	ck_assert_int_eq(cgroup_sandbox_start(sandbox, &start), 0);
	ck_assert_uint_eq(start.enter_count, 0);
	into = cgroup_sandbox_into(sandbox);
	ck_assert_int_eq(fstatat(into, "cgroup.max.descendants", &st, 0), 0);
	ck_assert_uint_eq(st.st_uid, 0);
	ck_assert_int_eq(fstatat(into, "cgroup.procs", &st, 0), 0);
	ck_assert_uint_eq(st.st_uid, TEST_UID);
	pid = fork();
	if (pid == 0) {
		if (setresgid(TEST_UID, TEST_UID, TEST_UID) < 0 ||
			setresuid(TEST_UID, TEST_UID, TEST_UID) < 0)
			_exit(1);
		if (fd_write_file_at(into, "cgroup.max.descendants", "max") != -EACCES)
			_exit(2);
		for (int i = 0; i < 4; i++) {
			char name[64];

			snprintf(name, sizeof(name), CGROUP_SESSIONS "/%d", i);
			if (mkdirat(into, name, 0700) < 0 ||
				mkdirat(into, strcat(name, "/deeper"), 0700) < 0)
				_exit(3);
		}
		move_by(start.home, start.home_count);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(into);
	cgroup_start_done(&start);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

/* As the broker's child and PID 1 do: a cgroup namespace made in <id> has the sandbox as its root.
 */
static int join_and_look(struct cgroup_start *start)
{
	char text[256];

	if (unshare(CLONE_NEWCGROUP) < 0 || setresgid(TEST_UID, TEST_UID, TEST_UID) < 0 ||
		setresuid(TEST_UID, TEST_UID, TEST_UID) < 0)
		return 1;
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)start->into,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	int status;

	if (pid == 0) {
		ssize_t n = fd_read_file_at(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

		_exit(n > 0 && strstr(text, "0::/sessions\n") ? 0 : 2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return 3;
	move_by(start->home, start->home_count);
	if (fd_read_file_at(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) < 0 ||
		!strstr(text, "0::/init\n"))
		return 4;
	move_by(start->rescue, start->rescue_count);
	if (fd_read_file_at(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) < 0)
		return 5;
	return strstr(text, "0::/../../spare/rescue\n") ? 0 : 6;
}

START_TEST(sandbox_into_serves_clone_on_v2)
{
	struct cgroup_start start;
	int status;
	pid_t pid;

	if (!open_all(2))
		return;
	ck_assert_int_eq(cgroup_sandbox_start(sandbox, &start), 0);
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)cgroup_sandbox_into(sandbox),
	};
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(join_and_look(&start));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close((int)args.cgroup);
	cgroup_start_done(&start);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

/* What v2 writes, into files in a plain directory: a host with v1 controllers has no others. */
struct v2_step {
	const char *what;
	enum quota_id id;
	uint64_t value;
	const char *current; /* memory.current */
	int result;
	const char *file;
	const char *expected;
};

static const struct v2_step v2_steps[] = {
	{"memory", QUOTA_MEMORY, 1 << 20, "4096", 0, "memory.max", "1048576"},
	{"no limit of memory", QUOTA_MEMORY, QUOTA_UNLIMITED, "4096", 0, "memory.max", "max"},
	{"memory below the use", QUOTA_MEMORY, 4096, "8192", -EBUSY, "memory.max", ""},
	{"memory.high is taken back", QUOTA_MEMORY, 4096, "8192", -EBUSY, "memory.high", "max6"},
	{"no swap", QUOTA_SWAP, 0, "0", 0, "memory.swap.max", "0"},
	{"cpus", QUOTA_CPUS, 1500, "0", 0, "cpu.max", "150000 100000"},
	{"few cpus", QUOTA_CPUS, 10, "0", 0, "cpu.max", "1000 100000"},
	{"no limit of cpus", QUOTA_CPUS, QUOTA_UNLIMITED, "0", 0, "cpu.max", "max"},
	{"weight", QUOTA_CPU_WEIGHT, 10000, "0", 0, "cpu.weight", "10000"},
	{"weight of no limit", QUOTA_CPU_WEIGHT, QUOTA_UNLIMITED, "0", 0, "cpu.weight", "100"},
};

static int make_fake(char *path)
{
	static const char *const files[] = {"memory.max", "memory.high", "memory.current",
		"memory.swap.max", "cpu.max", "cpu.weight", "cgroup.subtree_control"};
	int dir;

	ck_assert_ptr_nonnull(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ELEMENTS(files); i++)
		close(openat(dir, files[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return dir;
}

static void remove_fake(int dir, const char *path)
{
	struct dirent *e;
	DIR *list = fdopendir(dir);

	while ((e = readdir(list)))
		unlinkat(dir, e->d_name, 0);
	closedir(list);
	ck_assert_int_eq(rmdir(path), 0);
}

START_TEST(v2_set_writes)
{
	const struct v2_step *step = &v2_steps[_i];
	char path[] = "/tmp/test-cgroup-XXXXXX", text[64];
	int dir = make_fake(path);

	quota.values[step->id] = step->value;
	ck_assert_int_eq(fd_write_file_at(dir, "memory.current", step->current), 0);
	ck_assert_int_eq(cgroup_v2.set(NULL, dir, step->id, &quota), step->result);
	ck_assert_int_ge(fd_read_file_at(dir, step->file, text, sizeof(text)), 0);
	ck_assert_msg(str_eq(text, step->expected), "%s: %s", step->what, text);
	remove_fake(dir, path);
}
END_TEST

START_TEST(v2_enable_writes_what_is_missing)
{
	char path[] = "/tmp/test-cgroup-XXXXXX", text[64];
	int dir = make_fake(path);

	ck_assert_int_eq(cgroup_v2.enable(dir, 1U << CGROUP_MEMORY | 1U << CGROUP_PIDS), 0);
	ck_assert_int_ge(fd_read_file_at(dir, "cgroup.subtree_control", text, sizeof(text)), 0);
	ck_assert_str_eq(text, "+memory +pids ");
	ck_assert_int_eq(fd_write_file_at(dir, "cgroup.subtree_control", "memory io pids"), 0);
	ck_assert_int_eq(cgroup_v2.enable(dir, 1U << CGROUP_MEMORY | 1U << CGROUP_PIDS), 0);
	ck_assert_int_ge(fd_read_file_at(dir, "cgroup.subtree_control", text, sizeof(text)), 0);
	ck_assert_str_eq(text, "memory io pids");
	remove_fake(dir, path);
}
END_TEST

/* The broker's own cgroup, below this process's, and where its tree goes. */
static const struct place_row {
	const char *own;
	bool is_above;
} place_rows[] = {
	{"sandboxd.service", true},
	{"session-3.scope", true},
	{"broker", true},
	{"sandboxd.slice", false},
	{".service", false},
	{"service", false},
};

START_TEST(v2_open_stays_out_of_a_unit)
{
	const struct place_row *row = &place_rows[_i];
	struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
	struct cgroup_hierarchy hierarchy;
	struct stat above, own, seen;
	char *message = NULL;
	size_t count;

	if (!find_place(2, places, &count)) {
		skip("this host has no cgroup v2 hierarchy");
		return;
	}
	ck_assert_int_eq(stat(places[0].path, &above), 0);
	strcat(strcat(places[0].path, "/"), row->own);
	ck_assert_int_eq(mkdir(places[0].path, 0755), 0);
	ck_assert_int_eq(stat(places[0].path, &own), 0);
	ck_assert_int_eq(cgroup_v2.open(&places[0], &hierarchy, &message), 0);
	ck_assert_int_eq(fstat(hierarchy.own, &seen), 0);
	close(hierarchy.own);
	ck_assert_int_eq(rmdir(places[0].path), 0);
	ck_assert_uint_eq(seen.st_ino, row->is_above ? above.st_ino : own.st_ino);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_v2");
	TCase *tests = tcase_create("cgroup_v2");

	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, sandbox_new_delegates_on_v2);
	tcase_add_test(tests, sandbox_into_serves_clone_on_v2);
	tcase_add_test(tests, v2_enable_writes_what_is_missing);
	tcase_add_loop_test(tests, v2_set_writes, 0, (int)ELEMENTS(v2_steps));
	tcase_add_loop_test(tests, v2_open_stays_out_of_a_unit, 0, (int)ELEMENTS(place_rows));
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
