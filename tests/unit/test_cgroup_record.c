/* SPDX-License-Identifier: Apache-2.0 */
/* A tree is found again from another cgroup, by the record in the run directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_host.h"

static char name[32];
static char run_path[] = "/tmp/test-cgroup-record-XXXXXX";
static int run_dir = -EBADF;
static struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
static size_t count;

/* What the host uses: the same hierarchies that cgroup_tree_open() takes. */
static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(run_path));
	run_dir = open(run_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(run_dir, 0);
	snprintf(name, sizeof(name), "record-%d", getpid());
	ck_assert(find_place(1, places, &count) || find_place(2, places, &count));
}

static void teardown(void)
{
	unlinkat(run_dir, "cgroups", 0);
	close(run_dir);
	ck_assert_int_eq(rmdir(run_path), 0);
}

static void open_tree(char **ret_message)
{
	*ret_message = NULL;
	ck_assert_int_eq(cgroup_tree_open(run_dir, name, all_optional, &tree, ret_message), 0);
}

static bool has_record(void)
{
	return faccessat(run_dir, "cgroups", F_OK, 0) == 0;
}

static ino_t inode_of_tree(size_t hierarchy)
{
	struct stat st;

	ck_assert_int_eq(fstat(tree->hierarchies[hierarchy].dir, &st), 0);
	return st.st_ino;
}

static void make_sandbox(void)
{
	quota_init(&quota);
	ck_assert_int_eq(cgroup_user_open(tree, TEST_UID, &quota, &user), 0);
	ck_assert_int_eq(cgroup_sandbox_new(user, TEST_ID, TEST_UID, TEST_UID, &sandbox), 0);
}

/* Runs WORK in a process in a cgroup of its own, beside the tree, in each hierarchy. */
static void run_elsewhere(void (*work)(void))
{
	char path[PATH_MAX + 64];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (size_t i = 0; i < count; i++) {
			snprintf(path, sizeof(path), "%s/%s-elsewhere", places[i].path, name);
			if (mkdir(path, 0755) < 0)
				_exit(1);
			strcat(path, places[i].version == 1 ? "/tasks" : "/cgroup.procs");
			if (fd_write_file_at(AT_FDCWD, path, "0") < 0)
				_exit(2);
		}
		work();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s-elsewhere", places[i].path, name);
		ck_assert_int_eq(rmdir(path), 0);
	}
	ck_assert_int_eq(status, 0);
}

static ino_t expected[CGROUP_HIERARCHIES_MAX];

static void find_and_remove(void)
{
	struct cgroup_sandbox *found;
	char *message;

	open_tree(&message);
	if (message || !has_record())
		_exit(3);
	for (size_t i = 0; i < tree->count; i++)
		if (inode_of_tree(i) != expected[i])
			_exit(4);
	if (cgroup_user_open(tree, TEST_UID, &quota, &user) != 0 ||
		cgroup_sandbox_find(user, TEST_ID, &found) != 0)
		_exit(5);
	if (cgroup_sandbox_remove(found) != 0 || cgroup_user_remove(user) != 0)
		_exit(6);
	cgroup_tree_free(tree);
	if (has_record())
		_exit(7);
}

START_TEST(tree_open_elsewhere_finds_the_same_tree)
{
	char *message;

	open_tree(&message);
	ck_assert_ptr_null(message);
	for (size_t i = 0; i < tree->count; i++)
		expected[i] = inode_of_tree(i);
	make_sandbox();
	cgroup_sandbox_free(sandbox);
	cgroup_user_free(user);
	cgroup_tree_free(tree);
	ck_assert(has_record());
	run_elsewhere(find_and_remove);
}
END_TEST

START_TEST(tree_free_of_an_empty_tree_removes_the_record)
{
	struct stat st;
	char *message;

	open_tree(&message);
	ck_assert_int_eq(fstatat(run_dir, "cgroups", &st, AT_SYMLINK_NOFOLLOW), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	cgroup_tree_free(tree);
	ck_assert(!has_record());
}
END_TEST

START_TEST(tree_open_refuses_a_bad_name)
{
	char *message = NULL;

	ck_assert_int_eq(cgroup_tree_open(run_dir, "a/b", NULL, &tree, &message), -EINVAL);
	ck_assert_ptr_nonnull(message);
	free(message);
	ck_assert(!has_record());
}
END_TEST

/* A line that is of no use: the tree is then made where this process is, and said. */
static const struct record_row {
	const char *start;
	bool in_place; /* goes on with this process's own directory */
	const char *middle;
	const char *end; /* after the tree's name */
	bool is_said;
} record_rows[] = {
	{"memory ", true, "/gone/", "\n", true},
	{"memory ", false, "/tmp/", "\n", true},
	{"memory ", true, "/", "/../x\n", true},
	{"memory ", false, "", "\n", true},
	{"memory \n", false, "", "", true},
	{"", false, "", "", false},
	{"\n\n", false, "", "\n", false},
};

START_TEST(tree_open_says_which_cgroup_is_gone)
{
	const struct record_row *row = &record_rows[_i];
	char text[2 * PATH_MAX];
	struct stat st, above;
	char *message;

	snprintf(text, sizeof(text), "%s%s%s%s%s", row->start, row->in_place ? places[0].path : "",
		row->middle, name, row->end);
	ck_assert_int_eq(fd_replace_file_at(run_dir, "cgroups", text, strlen(text), 0600), 0);
	open_tree(&message);
	ck_assert_int_eq(message && strstr(message, "is gone"), row->is_said);
	free(message);
	ck_assert_int_eq(stat(places[0].path, &st), 0);
	ck_assert_int_eq(fstat(tree->hierarchies[0].own, &above), 0);
	if (places[0].version == 1)
		ck_assert_uint_eq(st.st_ino, above.st_ino);
	cgroup_tree_free(tree);
}
END_TEST

/* A directory that is not root's, or in another hierarchy, is not a tree of ours. */
START_TEST(tree_open_takes_no_foreign_directory)
{
	char path[PATH_MAX + 64], text[2 * PATH_MAX];
	struct stat st, other;
	char *message;

	snprintf(path, sizeof(path), "%s/%s-elsewhere", places[0].path, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	strcat(strcat(path, "/"), name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(chown(path, TEST_UID, TEST_UID), 0);
	ck_assert_int_eq(stat(path, &other), 0);
	snprintf(text, sizeof(text), "memory %s\n", path);
	ck_assert_int_eq(fd_replace_file_at(run_dir, "cgroups", text, strlen(text), 0600), 0);
	open_tree(&message);
	ck_assert_ptr_nonnull(message);
	free(message);
	ck_assert_int_eq(fstat(tree->hierarchies[0].dir, &st), 0);
	ck_assert_uint_ne(st.st_ino, other.st_ino);
	cgroup_tree_free(tree);
	ck_assert_int_eq(rmdir(path), 0);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_record");
	TCase *tests = tcase_create("cgroup_record");

	tcase_set_timeout(tests, 30);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, tree_open_elsewhere_finds_the_same_tree);
	tcase_add_test(tests, tree_free_of_an_empty_tree_removes_the_record);
	tcase_add_test(tests, tree_open_refuses_a_bad_name);
	tcase_add_loop_test(tests, tree_open_says_which_cgroup_is_gone, 0, ELEMENTS(record_rows));
	tcase_add_test(tests, tree_open_takes_no_foreign_directory);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
