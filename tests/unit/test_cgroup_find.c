/* SPDX-License-Identifier: Apache-2.0 */
#include "isolate/cgroup_find.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define MEMORY (1U << CGROUP_MEMORY)
#define CPU (1U << CGROUP_CPU)
#define PIDS (1U << CGROUP_PIDS)

#define TAIL " rw,nosuid,nodev,noexec,relatime shared:9 - "
#define V2_MOUNT "35 30 0:30 / /sys/fs/cgroup" TAIL "cgroup2 cgroup2 rw,nsdelegate\n"
#define V1_MOUNTS                                                                                  \
	"30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"                      \
	"31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct" TAIL "cgroup cgroup rw,cpu,cpuacct\n"            \
	"32 30 0:29 / /sys/fs/cgroup/cpuset" TAIL "cgroup cgroup rw,cpuset\n"                      \
	"33 30 0:30 / /sys/fs/cgroup/memory" TAIL "cgroup cgroup rw,memory\n"                      \
	"34 30 0:31 / /sys/fs/cgroup/pids" TAIL "cgroup cgroup rw,pids\n"                          \
	"35 30 0:32 / /sys/fs/cgroup/systemd" TAIL "cgroup cgroup rw,name=systemd\n"               \
	"36 30 0:33 / /sys/fs/cgroup/unified" TAIL "cgroup2 cgroup2 rw\n"

static const struct {
	const char *what;
	const char *mountinfo;
	const char *self;
	int result;
	size_t count;
	struct {
		int version;
		unsigned controllers;
		const char *path;
	} places[CGROUP_HIERARCHIES_MAX];
} cases[] = {
	{"pure v2 in a unit", V2_MOUNT, "0::/system.slice/sandboxd.service\n", 0, 1,
		{{2, 0, "/sys/fs/cgroup/system.slice/sandboxd.service"}}},
	{"v2 in its root", V2_MOUNT, "0::/\n", 0, 1, {{2, 0, "/sys/fs/cgroup"}}},
	{"hybrid: v1 goes before v2, cpu is mounted with cpuacct", V1_MOUNTS,
		"9:name=systemd:/\n8:pids:/\n4:memory:/a/b\n3:cpuset:/\n2:cpu,cpuacct:/c\n0::/\n",
		0, 3,
		{{1, PIDS, "/sys/fs/cgroup/pids"}, {1, MEMORY, "/sys/fs/cgroup/memory/a/b"},
			{1, CPU, "/sys/fs/cgroup/cpu,cpuacct/c"}}},
	{"all of v1 in one hierarchy",
		"31 30 0:28 / /cg" TAIL "cgroup none rw,cpu,memory,pids,freezer\n",
		"1:cpu,memory,pids,freezer:/x\n", 0, 1, {{1, MEMORY | CPU | PIDS, "/cg/x"}}},
	{"a v1 controller that is not mounted is left out",
		"33 30 0:30 / /sys/fs/cgroup/memory" TAIL "cgroup cgroup rw,memory\n",
		"8:pids:/\n4:memory:/\n0::/\n", 0, 1, {{1, MEMORY, "/sys/fs/cgroup/memory"}}},
	{"v2 where v1 has nothing of ours", V1_MOUNTS, "9:name=systemd:/\n3:cpuset:/\n0::/u\n", 0,
		1, {{2, 0, "/sys/fs/cgroup/unified/u"}}},
	{"escapes in the mount point", "35 30 0:30 / /mnt/a\\040b\\134c" TAIL "cgroup2 none rw\n",
		"0::/x y\n", 0, 1, {{2, 0, "/mnt/a b\\c/x y"}}},
	{"the mount shows only a part",
		"35 30 0:30 /docker/1 /sys/fs/cgroup" TAIL "cgroup2 none rw\n",
		"0::/docker/1/app\n", 0, 1, {{2, 0, "/sys/fs/cgroup/app"}}},
	{"the mount shows just our cgroup",
		"35 30 0:30 /docker/1 /sys/fs/cgroup" TAIL "cgroup2 none rw\n", "0::/docker/1\n", 0,
		1, {{2, 0, "/sys/fs/cgroup"}}},
	{"the mount shows another part",
		"35 30 0:30 /docker/1 /sys/fs/cgroup" TAIL "cgroup2 none rw\n", "0::/docker/12\n",
		-ENOTSUP, 0, {{0}}},
	{"the mount that shows more is taken",
		"34 30 0:30 /a /part" TAIL "cgroup2 none rw\n" V2_MOUNT "36 30 0:30 /a /part2" TAIL
		"cgroup2 none rw\n",
		"0::/a/b\n", 0, 1, {{2, 0, "/sys/fs/cgroup/a/b"}}},
	{"seen from another cgroup namespace",
		"35 30 0:30 /.. /sys/fs/cgroup" TAIL "cgroup2 none rw\n", "0::/../x\n", 0, 1,
		{{2, 0, "/sys/fs/cgroup/x"}}},
	{"a colon in the path", V2_MOUNT, "0::/a:b/c\n", 0, 1, {{2, 0, "/sys/fs/cgroup/a:b/c"}}},
	{"several tags before the dash",
		"35 30 0:30 / /cg rw shared:1 master:2 propagate_from:3 - cgroup2 none rw\n",
		"0::/\n", 0, 1, {{2, 0, "/cg"}}},
	{"no hierarchy at all", "22 1 0:27 / / rw - ext4 /dev/vda rw\n", "0::/\n", -ENOTSUP, 0,
		{{0}}},
	{"torn lines", "35 30 0:30 /\n\n35 30 0:30 / /cg rw - cgroup2\n", "0:\n\nx\n0::rel\n0::/\n",
		-ENOTSUP, 0, {{0}}},
	{"nothing", "", "", -ENOTSUP, 0, {{0}}},
};

/* fmemopen refuses a size of 0. */
static FILE *open_text(const char *text)
{
	FILE *file = text[0] ? fmemopen((void *)text, strlen(text), "r") : tmpfile();

	ck_assert_ptr_nonnull(file);
	return file;
}

START_TEST(cgroup_find_expected)
{
	struct cgroup_place places[CGROUP_HIERARCHIES_MAX];
	_cleanup_fclose_ FILE *mountinfo = open_text(cases[_i].mountinfo);
	_cleanup_fclose_ FILE *self = open_text(cases[_i].self);
	size_t count = 0;
	int r = cgroup_find(mountinfo, self, places, &count);

	ck_assert_msg(r == cases[_i].result, "%s: %d", cases[_i].what, r);
	ck_assert_msg(count == cases[_i].count, "%s: %zu places", cases[_i].what, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(places[i].version, cases[_i].places[i].version);
		ck_assert_uint_eq(places[i].controllers, cases[_i].places[i].controllers);
		ck_assert_str_eq(places[i].path, cases[_i].places[i].path);
	}
}
END_TEST

static const struct {
	const char *list;
	unsigned mask;
} lists[] = {
	{"", 0},
	{"\n", 0},
	{"cpuset cpu io memory hugetlb pids rdma misc\n", MEMORY | CPU | PIDS},
	{"cpuset cpuacct", 0},
	{"pids", PIDS},
	{"memory,cpu", MEMORY | CPU},
};

START_TEST(cgroup_controllers_in_expected)
{
	ck_assert_uint_eq(cgroup_controllers_in(lists[_i].list, ", \n"), lists[_i].mask);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup_find");
	TCase *tests = tcase_create("cgroup_find");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, cgroup_find_expected, 0, (int)ELEMENTS(cases));
	tcase_add_loop_test(tests, cgroup_controllers_in_expected, 0, (int)ELEMENTS(lists));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
