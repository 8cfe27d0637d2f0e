/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the broker at its start, and in its doctor. Pure parsing. */
#include "isolate/cgroup_find.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

const char *const cgroup_controller_names[] = {
	[CGROUP_MEMORY] = "memory",
	[CGROUP_CPU] = "cpu",
	[CGROUP_PIDS] = "pids",
};
static_assert(ELEMENTS(cgroup_controller_names) == CGROUP_CONTROLLER_COUNT, "a name is missing");

/* A hierarchy that this process is in, and the best mount of it so far. */
struct membership {
	int version;
	unsigned controllers;
	char path[PATH_MAX];  /* as /proc/self/cgroup has it */
	char root[PATH_MAX];  /* what of the hierarchy the mount shows */
	char point[PATH_MAX]; /* where */
	bool is_mounted;
};

unsigned cgroup_controllers_in(const char *list, const char *separators)
{
	unsigned mask = 0;

	for (const char *word = list; *word; word += strspn(word, separators)) {
		size_t length = strcspn(word, separators);

		for (size_t c = 0; c < CGROUP_CONTROLLER_COUNT; c++) {
			const char *name = cgroup_controller_names[c];

			if (strlen(name) == length && memcmp(word, name, length) == 0)
				mask |= 1U << c;
		}
		word += length;
	}
	return mask;
}

/* "4:memory:/a/b" or "0::/a". True if it is a hierarchy that we may use. */
static bool parse_membership(char *line, struct membership *ret)
{
	char *id = strsep(&line, ":");
	char *list = strsep(&line, ":");

	if (!list || !line || line[0] != '/' || strlen(line) >= sizeof(ret->path))
		return false;
	ret->version = str_eq(id, "0") && !list[0] ? 2 : 1;
	ret->controllers = cgroup_controllers_in(list, ",");
	if (ret->version == 1 && !ret->controllers)
		return false;
	strcpy(ret->path, line);
	ret->is_mounted = false;
	return true;
}

/* mountinfo writes blanks, tabs, newlines and backslashes as \ooo. In place. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
			s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* What of PATH is below ROOT: "" or "/x"; NULL if it is elsewhere. */
static const char *path_below(const char *path, const char *root)
{
	size_t length = str_eq(root, "/") ? 0 : strlen(root);

	if (strncmp(path, root, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return str_eq(path + length, "/") ? "" : path + length;
}

/* A mount serves if it shows our own cgroup; the one that shows most of the hierarchy is best. */
static void consider_mount(struct membership *m, const char *root, const char *point)
{
	if (!path_below(m->path, root) || strlen(root) >= sizeof(m->root) ||
		strlen(point) >= sizeof(m->point))
		return;
	if (m->is_mounted && strlen(m->root) <= strlen(root))
		return;
	strcpy(m->root, root);
	strcpy(m->point, point);
	m->is_mounted = true;
}

/* "36 35 98:0 ROOT POINT OPTIONS [TAG]... - TYPE SOURCE SUPEROPTIONS" */
static void parse_mount(char *line, struct membership *members, size_t count)
{
	char *fields[6], *type, *controllers;
	int version;

	for (size_t i = 0; i < ELEMENTS(fields); i++)
		fields[i] = strsep(&line, " ");
	while ((type = strsep(&line, " ")) && !str_eq(type, "-"))
		;
	type = strsep(&line, " ");
	strsep(&line, " "); /* source */
	controllers = strsep(&line, " ");
	if (!controllers)
		return;
	version = str_eq(type, "cgroup") ? 1 : str_eq(type, "cgroup2") ? 2 : 0;
	if (!version)
		return;
	unescape(fields[3]);
	unescape(fields[4]);
	for (size_t i = 0; i < count; i++) {
		bool fits = version == 2 ||
			    (cgroup_controllers_in(controllers, ",") & members[i].controllers);

		if (version == members[i].version && fits)
			consider_mount(&members[i], fields[3], fields[4]);
	}
}

static int read_lines(FILE *file, void (*each)(char *line, void *data), void *data)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	errno = 0;
	for (ssize_t n; (n = getline(&line, &size, file)) >= 0;) {
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		each(line, data);
	}
	return ferror(file) || errno == ENOMEM ? -(errno ?: EIO) : 0;
}

struct search {
	struct membership *members;
	size_t count;
};

/* v1 lines for our controllers and the line of v2: one more than there are hierarchies at most. */
static void add_membership(char *line, void *data)
{
	struct search *search = data;

	if (search->count <= CGROUP_HIERARCHIES_MAX &&
		parse_membership(line, &search->members[search->count]))
		search->count++;
}

static void add_mount(char *line, void *data)
{
	struct search *search = data;

	parse_mount(line, search->members, search->count);
}

/* Fills the places of VERSION; a mounted hierarchy whose path is too long is an error. */
static int fill_places(
	const struct search *search, int version, struct cgroup_place *ret, size_t *ret_count)
{
	size_t count = 0;

	for (size_t i = 0; i < search->count; i++) {
		const struct membership *m = &search->members[i];
		struct cgroup_place *place = &ret[count];
		int n;

		if (m->version != version || !m->is_mounted || count == CGROUP_HIERARCHIES_MAX)
			continue;
		n = snprintf(place->path, sizeof(place->path), "%s%s", m->point,
			path_below(m->path, m->root));
		if (n < 0 || (size_t)n >= sizeof(place->path))
			return -ENAMETOOLONG;
		place->version = version;
		place->controllers = m->controllers;
		count++;
	}
	*ret_count = count;
	return 0;
}

int cgroup_find(FILE *mountinfo, FILE *self, struct cgroup_place ret[CGROUP_HIERARCHIES_MAX],
	size_t *ret_count)
{
	_cleanup_free_ struct membership *members =
		calloc(CGROUP_HIERARCHIES_MAX + 1, sizeof(*members));
	struct search search = {members, 0};
	size_t count = 0;
	int r;

	if (!members)
		return -ENOMEM;
	r = read_lines(self, add_membership, &search);
	if (r >= 0)
		r = read_lines(mountinfo, add_mount, &search);
	for (int version = 1; r >= 0 && !count && version <= 2; version++)
		r = fill_places(&search, version, ret, &count);
	if (r < 0)
		return r;
	if (!count)
		return -ENOTSUP;
	*ret_count = count;
	return 0;
}
