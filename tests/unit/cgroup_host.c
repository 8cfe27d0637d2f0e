/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

const char *const all_optional[] = {"memory", "cpu", "pids", NULL};

struct cgroup_tree *tree;
struct cgroup_user *user;
struct cgroup_sandbox *sandbox;
struct quota quota;
static char tree_name[32];

void skip(const char *reason)
{
	printf("skipped: %s\n", reason);
}

bool find_place(int version, struct cgroup_place *places, size_t *count)
{
	FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	FILE *self = fopen("/proc/self/cgroup", "re");
	char line[4096];
	FILE *only;
	int r;

	/* A hybrid host has both; without the lines of v1, v2 is found. */
	only = tmpfile();
	while (fgets(line, sizeof(line), self))
		if (version == 1 || str_starts(line, "0::"))
			fputs(line, only);
	rewind(only);
	r = cgroup_find(mountinfo, only, places, count);
	fclose(only);
	fclose(self);
	fclose(mountinfo);
	return r == 0 && places[0].version == version;
}

/* Opens the tree of VERSION with a name of this test, or says why there is none. */
static bool open_tree(int version)
{
	struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
	char *message = NULL;
	size_t count;
	int r;

	if (!find_place(version, places, &count)) {
		skip(version == 1 ? "this host has no cgroup v1 controllers"
				  : "this host has no cgroup v2 hierarchy");
		return false;
	}
	r = cgroup_tree_open_at(tree_name, places, count, all_optional, &tree, &message);
	if (r < 0)
		ck_abort_msg("cgroup_tree_open_at: %s %s", strerror(-r), message ?: "");
	return true;
}

bool open_all(int version)
{
	if (!open_tree(version))
		return false;
	quota_init(&quota);
	quota.values[QUOTA_PIDS] = 32;
	ck_assert_int_eq(cgroup_user_open(tree, TEST_UID, &quota, &user), 0);
	ck_assert_int_eq(cgroup_sandbox_new(user, TEST_ID, TEST_UID, TEST_UID, &sandbox), 0);
	return true;
}

/* A kill takes effect when the processes have run to their end. */
void end_sandbox(struct cgroup_sandbox *s)
{
	int r;

	for (int i = 0; (r = cgroup_sandbox_kill(s)) == -EBUSY && i < 200; i++)
		usleep(5000);
	ck_assert_int_eq(r, 0);
	ck_assert(!cgroup_sandbox_is_populated(s));
	ck_assert_int_eq(cgroup_sandbox_remove(s), 0);
}

void close_all(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	ck_assert_int_eq(cgroup_user_remove(user), 0);
	for (size_t i = 0; i < tree->count; i++)
		ck_assert_int_eq(unlinkat(tree->hierarchies[i].own, tree->name, AT_REMOVEDIR), 0);
	cgroup_tree_free(tree);
}

pid_t enter_child(struct cgroup_sandbox *s, void (*work)(void))
{
	int ready[2];
	char byte = 1;
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (cgroup_sandbox_enter(s) == 0 && write(ready[1], &byte, 1) == 1)
			work();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

void work_wait(void)
{
	for (;;)
		pause();
}

uint64_t read_number(int dir, const char *file)
{
	uint64_t value;
	int r = cgroup_read_u64(dir, file, &value);

	ck_assert_msg(r == 0, "%s: %s", file, strerror(-r));
	return value;
}

const struct cgroup_user_dirs *dirs_of(enum quota_id quota_id)
{
	return &user->at[cgroup_quota_hierarchy(tree, quota_id)];
}

static void on_leftover(uid_t uid, const char *sandbox_id, void *data)
{
	int *left = data;

	(*left)++;
	if (!sandbox_id) {
		*left = cgroup_user_open(tree, uid, &quota, &user) < 0 ? -1000 : *left;
		return;
	}
	if (*left < 0 || cgroup_sandbox_find(user, sandbox_id, &sandbox) < 0)
		return;
	for (int i = 0; cgroup_sandbox_kill(sandbox) == -EBUSY && i < 200; i++)
		usleep(5000);
	cgroup_sandbox_remove(sandbox);
}

void sweep(int version)
{
	struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
	char *message = NULL;
	size_t count;
	int left = 0;

	if (!find_place(version, places, &count) ||
		cgroup_tree_open_at(tree_name, places, count, all_optional, &tree, &message) < 0)
		return;
	quota_init(&quota);
	cgroup_tree_visit(tree, on_leftover, &left);
	if (left > 0)
		cgroup_user_remove(user);
	cgroup_tree_free(tree);
}

void move_by(const int *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (write(files[i], "0", 1) != 1)
			_exit(2);
}

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed = 0;

	snprintf(tree_name, sizeof(tree_name), "test-%d", getpid());
	if (geteuid() == 0)
		srunner_run_all(runner, CK_NORMAL);
	else
		skip("needs root, to make cgroups");
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed) {
		sweep(1);
		sweep(2);
	}
	if (geteuid() != 0)
		return 77;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
