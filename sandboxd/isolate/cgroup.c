/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An instance's tree: choosing the back end, saying what is missing, finding what an earlier broker
 * left. Runs in the broker, as host root, at its start.
 */
#include "isolate/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "isolate/cgroup_backend.h"

static const struct cgroup_backend *const backends[] = {&cgroup_v1, &cgroup_v2};

const struct quota_file *cgroup_quota_file(const struct cgroup_backend *backend, enum quota_id id)
{
	return backend->version == 1 ? &quota_table[id].v1 : &quota_table[id].v2;
}

int cgroup_tree_hierarchy(const struct cgroup_tree *tree, unsigned controllers)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->hierarchies[i].controllers & controllers)
			return (int)i;
	return -ENODATA;
}

int cgroup_quota_hierarchy(const struct cgroup_tree *tree, enum quota_id id)
{
	const char *controller = cgroup_quota_file(tree->backend, id)->controller;

	return controller ? cgroup_tree_hierarchy(tree, cgroup_controllers_in(controller, ","))
			  : -ENODATA;
}

const char *cgroup_tree_backend(const struct cgroup_tree *tree)
{
	return tree->backend->name;
}

bool cgroup_tree_holds(const struct cgroup_tree *tree, enum quota_id id)
{
	return tree->holds[id];
}

void cgroup_tree_free(struct cgroup_tree *tree)
{
	bool is_left = false;

	if (!tree)
		return;
	for (size_t i = 0; i < tree->count; i++) {
		struct cgroup_hierarchy *h = &tree->hierarchies[i];

		/* Fails while it is used. */
		if (h->dir >= 0 && unlinkat(h->own, tree->name, AT_REMOVEDIR) < 0)
			is_left = true;
		close_fd(h->dir);
		close_fd(h->own);
	}
	if (tree->run_dir >= 0 && !is_left)
		cgroup_record_remove(tree->run_dir);
	free(tree->name);
	free(tree);
}

static void cleanup_tree(struct cgroup_tree **tree)
{
	cgroup_tree_free(*tree);
}

static bool is_in_list(const char *const *list, const char *word)
{
	for (; list && *list; list++)
		if (str_eq(*list, word))
			return true;
	return false;
}

/* "memory and swap"; the names of the quotas that CONTROLLER holds. */
static char *quotas_of(const struct cgroup_backend *backend, const char *controller)
{
	char *text = NULL;

	for (size_t id = 0; id < QUOTA_COUNT; id++) {
		const char *needed = cgroup_quota_file(backend, id)->controller;
		_cleanup_free_ char *before = text;

		if (!needed || !str_eq(needed, controller)) {
			before = NULL;
			continue;
		}
		text = str_format(
			"%s%s%s", before ?: "", before ? " and " : "", quota_table[id].name);
		if (!text)
			return NULL;
	}
	return text;
}

static int say_missing(
	const struct cgroup_backend *backend, const char *controller, char **ret_message)
{
	_cleanup_free_ char *quotas = quotas_of(backend, controller);
	const char *remedy = backend->version == 1
				     ? "mount it as a cgroup v1 hierarchy"
				     : "start sandboxd in a systemd unit with Delegate=yes";

	*ret_message = str_format(
		"this host lacks the cgroup controller \"%s\", which the quotas %s need: %s, boot "
		"with cgroup_enable=%s, or list it in service.optional to go without these quotas",
		controller, quotas ?: "of it", remedy, controller);
	return -ENOTSUP;
}

/* Sets what the tree holds, and insists on all that is not optional. */
static int check_quotas(struct cgroup_tree *tree, const char *const *optional, char **ret_message)
{
	for (size_t id = 0; id < QUOTA_COUNT; id++) {
		const struct quota_file *file = cgroup_quota_file(tree->backend, id);
		int i = cgroup_quota_hierarchy(tree, id);

		if (!file->file)
			continue;
		tree->holds[id] =
			i >= 0 && faccessat(tree->hierarchies[i].dir, file->file, W_OK, 0) == 0;
		/* Many kernels do not account swap; that they have none is not known here. */
		if (!tree->holds[id] && id != QUOTA_SWAP && !is_in_list(optional, file->controller))
			return say_missing(tree->backend, file->controller, ret_message);
	}
	return 0;
}

static int open_hierarchy(
	struct cgroup_tree *tree, const struct cgroup_place *place, char **ret_message)
{
	struct cgroup_hierarchy *h = &tree->hierarchies[tree->count];
	int r;

	*h = (struct cgroup_hierarchy){.own = -EBADF, .dir = -EBADF};
	r = tree->backend->open(place, h, ret_message);
	if (r < 0)
		return r;
	tree->count++;
	h->dir = cgroup_open_dir(h->own, tree->name, true);
	if (h->dir < 0)
		return h->dir;
	return tree->backend->enable(h->dir, h->controllers);
}

int cgroup_tree_open_at(const char *name, const struct cgroup_place *places, size_t count,
	const char *const *optional, struct cgroup_tree **ret, char **ret_message)
{
	_cleanup_(cleanup_tree) struct cgroup_tree *tree = calloc(1, sizeof(*tree));
	int r = 0;

	if (!tree || !(tree->name = strdup(name)))
		return -ENOMEM;
	tree->run_dir = -EBADF;
	if (!name[0] || name[0] == '.' || strchr(name, '/') || strchr(name, '\n'))
		return -EINVAL;
	for (size_t i = 0; i < ELEMENTS(backends); i++)
		if (backends[i]->version == places[0].version)
			tree->backend = backends[i];
	if (!tree->backend)
		return -ENOTSUP;
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = open_hierarchy(tree, &places[i], ret_message);
	if (r >= 0)
		r = check_quotas(tree, optional, ret_message);
	if (r < 0)
		return r;
	*ret = take_ptr(&tree);
	return 0;
}

/* A tree that could not be recorded is not used: the next broker would not find what runs in it. */
static int open_recorded(int run_dir, const char *name, struct cgroup_place *places, size_t count,
	const char *const *optional, struct cgroup_tree **ret, char **ret_message)
{
	_cleanup_(cleanup_tree) struct cgroup_tree *tree = NULL;
	_cleanup_free_ char *gone = NULL;
	int r = cgroup_record_use(run_dir, name, places, count, &gone);

	if (r >= 0)
		r = cgroup_tree_open_at(name, places, count, optional, &tree, ret_message);
	if (r >= 0)
		r = cgroup_record_write(run_dir, tree);
	if (r < 0)
		return r;
	tree->run_dir = run_dir;
	*ret = take_ptr(&tree);
	*ret_message = take_ptr(&gone);
	return 0;
}

int cgroup_tree_open(int run_dir, const char *name, const char *const *optional,
	struct cgroup_tree **ret, char **ret_message)
{
	_cleanup_fclose_ FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	_cleanup_fclose_ FILE *self = fopen("/proc/self/cgroup", "re");
	_cleanup_free_ struct cgroup_place *places =
		calloc(CGROUP_HIERARCHIES_MAX, sizeof(*places));
	_cleanup_free_ char *message = NULL;
	size_t count = 0;
	int r;

	*ret_message = NULL;
	if (!places)
		return -ENOMEM;
	r = mountinfo && self ? cgroup_find(mountinfo, self, places, &count) : -errno;
	if (r == -ENOTSUP)
		message = str_format("no cgroup hierarchy is mounted that shows the cgroup of this "
				     "process: mount cgroup2 at /sys/fs/cgroup");
	if (r >= 0)
		r = open_recorded(run_dir, name, places, count, optional, ret, &message);
	if (r >= 0) {
		*ret_message = take_ptr(&message);
		return r;
	}
	*ret_message =
		message ? take_ptr(&message)
			: str_format("cannot set up the cgroup \"%s\": %s", name, strerror(-r));
	return r;
}
