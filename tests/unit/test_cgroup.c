/* SPDX-License-Identifier: Apache-2.0 */
/* The path that v1 and v2 share, on both; and what v1 does. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_host.h"

START_TEST(sandbox_new_populated_killed_removed)
{
	pid_t pid;

	if (!open_all(_i))
		return;
	ck_assert(!cgroup_sandbox_is_populated(sandbox));
	pid = enter_child(sandbox, work_wait);
	ck_assert(cgroup_sandbox_is_populated(sandbox));
	ck_assert_int_eq(cgroup_sandbox_remove(sandbox), -EBUSY);
	ck_assert_int_eq(cgroup_user_remove(user), -EBUSY);
	end_sandbox(sandbox);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	close_all();
}
END_TEST

START_TEST(sandbox_new_twice_leaves_the_first)
{
	struct cgroup_sandbox *second = NULL, *found = NULL;

	if (!open_all(_i))
		return;
	ck_assert_int_eq(cgroup_sandbox_new(user, TEST_ID, TEST_UID, TEST_UID, &second), -EEXIST);
	ck_assert_int_eq(cgroup_sandbox_new(user, "../../x", TEST_UID, TEST_UID, &second), -EINVAL);
	ck_assert_ptr_null(second);
	ck_assert_int_eq(cgroup_sandbox_find(user, "ffffffff", &found), -ENOENT);
	ck_assert_int_eq(cgroup_sandbox_find(user, TEST_ID, &found), 0);
	cgroup_sandbox_free(found);
	end_sandbox(sandbox);
	ck_assert_int_eq(cgroup_sandbox_find(user, TEST_ID, &found), -ENOENT);
	close_all();
}
END_TEST

/* A failure in the last hierarchy leaves nothing in those before it. */
START_TEST(sandbox_new_is_all_or_nothing)
{
	struct cgroup_sandbox *second = NULL;
	size_t last;

	if (!open_all(_i))
		return;
	last = tree->count - 1;
	ck_assert_int_eq(mkdirat(user->at[last].boxes, "00000001", 0755), 0);
	ck_assert_int_eq(
		cgroup_sandbox_new(user, "00000001", TEST_UID, TEST_UID, &second), -EEXIST);
	ck_assert_ptr_null(second);
	for (size_t i = 0; i < last; i++)
		ck_assert_int_eq(faccessat(user->at[i].boxes, "00000001", F_OK, 0), -1);
	ck_assert_int_eq(unlinkat(user->at[last].boxes, "00000001", AT_REMOVEDIR), 0);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

static void work_fork_bomb(void)
{
	for (;;)
		fork();
}

START_TEST(sandbox_kill_ends_a_fork_bomb)
{
	if (!open_all(_i))
		return;
	if (!cgroup_tree_holds(tree, QUOTA_PIDS)) {
		skip("no pids controller here: no fork bomb is let loose");
	} else {
		enter_child(sandbox, work_fork_bomb);
		usleep(100000);
	}
	end_sandbox(sandbox);
	close_all();
}
END_TEST

START_TEST(sandbox_new_goes_to_spare_when_boxes_is_full)
{
	struct cgroup_sandbox *second, *found;
	struct stat st;

	if (!open_all(1))
		return;
	if (!cgroup_tree_holds(tree, QUOTA_PIDS)) {
		skip("no pids controller here");
		end_sandbox(sandbox);
		close_all();
		return;
	}
	for (int i = 0; i < 30; i++)
		enter_child(sandbox, work_wait);
	ck_assert_uint_eq(read_number(dirs_of(QUOTA_PIDS)->boxes, "pids.current"), 30);
	ck_assert_int_eq(cgroup_sandbox_new(user, "00000001", TEST_UID, TEST_UID, &second), 0);
	ck_assert_int_eq(fstatat(dirs_of(QUOTA_PIDS)->spare, "00000001/init", &st, 0), 0);
	ck_assert_int_eq(cgroup_sandbox_find(user, "00000001", &found), 0);
	ck_assert(found->in_spare);
	enter_child(found, work_wait);
	ck_assert(cgroup_sandbox_is_populated(second));
	ck_assert_uint_eq(read_number(dirs_of(QUOTA_PIDS)->spare, "pids.current"), 1);
	cgroup_sandbox_free(found);
	end_sandbox(second);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

START_TEST(user_open_sets_the_limits)
{
	const struct cgroup_user_dirs *at;
	uint64_t used;

	if (!open_all(1))
		return;
	if (cgroup_tree_holds(tree, QUOTA_MEMORY)) {
		at = dirs_of(QUOTA_MEMORY);
		ck_assert_uint_eq(read_number(at->user, "memory.limit_in_bytes"), 2ULL << 30);
		ck_assert_uint_eq(read_number(at->user, "memory.use_hierarchy"), 1);
		if (cgroup_read_u64(at->user, "memory.kmem.tcp.limit_in_bytes", &used) == 0)
			ck_assert_uint_eq(used, 256 * MIB);
		ck_assert_int_eq(cgroup_user_usage(user, QUOTA_MEMORY, &used), 0);
	}
	if (cgroup_tree_holds(tree, QUOTA_SWAP))
		ck_assert_uint_eq(
			read_number(dirs_of(QUOTA_SWAP)->user, "memory.memsw.limit_in_bytes"),
			2ULL << 30);
	if (cgroup_tree_holds(tree, QUOTA_CPUS)) {
		at = dirs_of(QUOTA_CPUS);
		ck_assert_uint_eq(read_number(at->user, "cpu.cfs_quota_us"), 150000);
		ck_assert_uint_eq(read_number(at->user, "cpu.shares"), 1024);
	}
	if (cgroup_tree_holds(tree, QUOTA_PIDS)) {
		at = dirs_of(QUOTA_PIDS);
		ck_assert_uint_eq(read_number(at->user, "pids.max"), 48);
		ck_assert_uint_eq(read_number(at->boxes, "pids.max"), 32);
		ck_assert_uint_eq(read_number(at->spare, "pids.max"), CGROUP_SPARE_PIDS);
		ck_assert_int_eq(cgroup_user_usage(user, QUOTA_PIDS, &used), 0);
		ck_assert_uint_eq(used, 0);
	}
	ck_assert_int_eq(cgroup_user_usage(user, QUOTA_TMP, &used), -ENODATA);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

/* Each step from the one before: memory and swap go up and down in every combination. */
static const struct {
	uint64_t memory, swap, sum;
} memory_steps[] = {
	{4096ULL * MIB, 0, 4096ULL * MIB},
	{1024ULL * MIB, 4096ULL * MIB, 5120ULL * MIB},
	{8192ULL * MIB, 0, 8192ULL * MIB},
	{64ULL * MIB, 64ULL * MIB, 128ULL * MIB},
	{128ULL * MIB, 0, 128ULL * MIB},
	{256ULL * MIB, QUOTA_UNLIMITED, QUOTA_UNLIMITED},
	{QUOTA_UNLIMITED, 0, QUOTA_UNLIMITED},
	{64ULL * MIB, 0, 64ULL * MIB},
	{QUOTA_UNLIMITED, QUOTA_UNLIMITED, QUOTA_UNLIMITED},
};

START_TEST(user_apply_changes_memory_and_swap)
{
	uint64_t none = (uint64_t)INT64_MAX / 4096 * 4096;

	if (!open_all(1))
		return;
	for (size_t i = 0; i < ELEMENTS(memory_steps) && cgroup_tree_holds(tree, QUOTA_SWAP); i++) {
		uint64_t memory = memory_steps[i].memory, sum = memory_steps[i].sum;
		int dir = dirs_of(QUOTA_MEMORY)->user;

		quota.values[QUOTA_MEMORY] = memory;
		quota.values[QUOTA_SWAP] = memory_steps[i].swap;
		ck_assert_int_eq(cgroup_user_apply(user, &quota), 0);
		ck_assert_uint_eq(read_number(dir, "memory.limit_in_bytes"),
			memory == QUOTA_UNLIMITED ? none : memory);
		ck_assert_uint_eq(read_number(dir, "memory.memsw.limit_in_bytes"),
			sum == QUOTA_UNLIMITED ? none : sum);
	}
	end_sandbox(sandbox);
	close_all();
}
END_TEST

static int filled[2];

static void work_fill_memory(void)
{
	char *memory =
		mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(memory, 1, 64 * MIB);
	if (write(filled[1], "", 1) == 1)
		work_wait();
}

START_TEST(user_apply_says_what_is_refused_for_now)
{
	char byte;

	if (!open_all(1))
		return;
	ck_assert_int_eq(pipe2(filled, O_CLOEXEC), 0);
	if (cgroup_tree_holds(tree, QUOTA_MEMORY)) {
		enter_child(sandbox, work_fill_memory);
		ck_assert_int_eq(read(filled[0], &byte, 1), 1);
		quota.values[QUOTA_MEMORY] = 32 * MIB;
		quota.values[QUOTA_PIDS] = 20;
		ck_assert_int_eq(cgroup_user_apply(user, &quota), 1 << QUOTA_MEMORY);
		ck_assert_uint_eq(read_number(dirs_of(QUOTA_PIDS)->boxes, "pids.max"), 20);
	}
	end_sandbox(sandbox);
	ck_assert_int_eq(cgroup_user_apply(user, &quota), 0);
	close_all();
}
END_TEST

/* What a tighter limit above refuses holds anyway: a login does not fail for it. */
START_TEST(user_open_bears_a_tighter_cpu_limit_above)
{
	int i;

	if (!open_all(1))
		return;
	i = cgroup_tree_hierarchy(tree, 1U << CGROUP_CPU);
	if (i >= 0) {
		quota.values[QUOTA_CPUS] = 100;
		ck_assert_int_eq(cgroup_user_apply(user, &quota), 0);
		ck_assert_int_eq(
			fd_write_file_at(tree->hierarchies[i].dir, "cpu.cfs_quota_us", "50000"), 0);
		quota.values[QUOTA_CPUS] = 4000;
		ck_assert_int_eq(cgroup_user_apply(user, &quota), 0);
	}
	end_sandbox(sandbox);
	close_all();
}
END_TEST

static void expect_pids(int dir, const char *path, uint64_t expected)
{
	uint64_t value;

	if (cgroup_read_u64(dir, path, &value) < 0 || value != expected)
		_exit(3);
}

START_TEST(sandbox_start_moves_between_its_leaves)
{
	const struct cgroup_user_dirs *at;
	struct cgroup_start start;
	int status;
	pid_t pid;

	if (!open_all(1))
		return;
	ck_assert_int_eq(cgroup_sandbox_start(sandbox, &start), 0);
	ck_assert_int_eq(start.into, -EBADF);
	at = dirs_of(QUOTA_PIDS);
	pid = cgroup_tree_holds(tree, QUOTA_PIDS) ? fork() : -1;
	if (pid == 0) {
		if (cgroup_sandbox_enter(sandbox) < 0)
			_exit(1);
		expect_pids(at->boxes, "0123abcd/init/pids.current", 1);
		move_by(start.rescue, start.rescue_count);
		expect_pids(at->spare, "pids.current", 1);
		expect_pids(at->boxes, "pids.current", 0);
		move_by(start.home, start.home_count);
		expect_pids(at->boxes, "0123abcd/init/pids.current", 1);
		move_by(start.enter, start.enter_count);
		expect_pids(at->boxes, "0123abcd/sessions/pids.current", 1);
		_exit(0);
	}
	if (pid > 0) {
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	cgroup_start_done(&start);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

static void work_exceed_memory(void)
{
	for (;;) {
		char *memory =
			mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		memset(memory, 1, MIB);
	}
}

static const char *read_events(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(sandbox_start_tells_of_oom_and_refused_forks)
{
	struct cgroup_start start;
	char text[256];
	uint64_t count;

	if (!open_all(1))
		return;
	quota.values[QUOTA_MEMORY] = 16 * MIB;
	ck_assert_int_eq(cgroup_user_apply(user, &quota), 0);
	ck_assert_int_eq(cgroup_sandbox_start(sandbox, &start), 0);
	if (start.oom_event >= 0) {
		struct pollfd event = {.fd = start.oom_event, .events = POLLIN};

		ck_assert_int_eq(poll(&event, 1, 0), 0);
		waitpid(enter_child(sandbox, work_exceed_memory), NULL, 0);
		ck_assert_int_eq(poll(&event, 1, 20000), 1);
		ck_assert_int_eq(read(start.oom_event, &count, sizeof(count)), sizeof(count));
		read_events(start.memory_events, text, sizeof(text));
		ck_assert_ptr_nonnull(strstr(text, "oom_kill 1"));
	}
	quota_init(&quota);
	quota.values[QUOTA_PIDS] = 32;
	ck_assert_int_eq(cgroup_user_apply(user, &quota), 0);
	if (start.pids_events >= 0) {
		ck_assert_str_eq(read_events(start.pids_events, text, sizeof(text)), "max 0\n");
		if (fork() == 0) {
			if (cgroup_sandbox_enter(sandbox) == 0)
				move_by(start.enter, start.enter_count);
			while (fork() > 0)
				;
			work_wait();
		}
		for (int i = 0; i < 1000; i++) {
			if (!str_eq(read_events(start.pids_events, text, sizeof(text)), "max 0\n"))
				break;
			usleep(10000);
		}
		ck_assert_str_ne(text, "max 0\n");
	}
	cgroup_start_done(&start);
	end_sandbox(sandbox);
	close_all();
}
END_TEST

static void on_visit(uid_t uid, const char *sandbox_id, void *data)
{
	char *seen = data;

	sprintf(seen + strlen(seen), "%u/%s ", uid, sandbox_id ?: "");
}

START_TEST(tree_visit_finds_each_once)
{
	char seen[256] = "";

	if (!open_all(_i))
		return;
	ck_assert_int_eq(cgroup_tree_visit(tree, on_visit, seen), 0);
	ck_assert_str_eq(seen, "64123/ 64123/0123abcd ");
	end_sandbox(sandbox);
	close_all();
}
END_TEST

START_TEST(tree_open_says_what_is_wrong)
{
	struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
	char *message = NULL;
	size_t count;

	if (!find_place(1, places, &count))
		return;
	ck_assert_int_eq(
		cgroup_tree_open_at("test-missing", places, 0, NULL, &tree, &message), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(message, "\"memory\", which the quotas memory and swap need"));
	free(message);
}
END_TEST

/* A broker that died has left a sandbox with a process in it: the next one finds and ends it. */
START_TEST(tree_visit_serves_a_new_broker)
{
	struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
	char name[32];
	struct stat st;
	size_t count;
	pid_t pid;

	if (!open_all(_i))
		return;
	snprintf(name, sizeof(name), "%s", tree->name);
	pid = enter_child(sandbox, work_wait);
	cgroup_sandbox_free(sandbox);
	cgroup_user_free(user);
	cgroup_tree_free(tree);
	sweep(_i);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(find_place(_i, places, &count));
	strcat(strcat(places[0].path, "/"), name);
	ck_assert_int_eq(stat(places[0].path, &st), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tests = tcase_create("cgroup");

	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(tests, sandbox_new_populated_killed_removed, 1, 3);
	tcase_add_loop_test(tests, sandbox_new_twice_leaves_the_first, 1, 3);
	tcase_add_loop_test(tests, sandbox_new_is_all_or_nothing, 1, 3);
	tcase_add_loop_test(tests, sandbox_kill_ends_a_fork_bomb, 1, 3);
	tcase_add_loop_test(tests, tree_visit_finds_each_once, 1, 3);
	tcase_add_loop_test(tests, tree_visit_serves_a_new_broker, 1, 3);
	tcase_add_test(tests, sandbox_new_goes_to_spare_when_boxes_is_full);
	tcase_add_test(tests, user_open_sets_the_limits);
	tcase_add_test(tests, user_apply_changes_memory_and_swap);
	tcase_add_test(tests, user_apply_says_what_is_refused_for_now);
	tcase_add_test(tests, user_open_bears_a_tighter_cpu_limit_above);
	tcase_add_test(tests, sandbox_start_moves_between_its_leaves);
	tcase_add_test(tests, sandbox_start_tells_of_oom_and_refused_forks);
	tcase_add_test(tests, tree_open_says_what_is_wrong);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
