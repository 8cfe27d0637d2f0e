/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker, at its start: mounts in the host's mount namespace, on private tmpfs below the run
 * directory. */
#include "broker/trees.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "isolate/mount.h"

/* What of /var/lib and /var/cache no student sees, whatever its mode: other systems' containers,
 * keys, databases, and what would tell one user of another. A whiteout of a name that the host
 * lacks does nothing. */
static const char *const hidden_lib[] = {
	"AccountsService",
	"NetworkManager",
	"bluetooth",
	"containerd",
	"containers",
	"dhcp",
	"docker",
	"gdm3",
	"incus",
	"lastlog",
	"ldap",
	"libvirt",
	"lxc",
	"lxd",
	"machines",
	"mysql",
	"pam",
	"portables",
	"postgresql",
	"private",
	"redis",
	"samba",
	"sandboxd",
	"sandboxd-demo",
	"snapd",
	"sss",
	"sudo",
	"systemd",
	"udisks2",
	"wtmpdb",
};
static const char *const hidden_cache[] = {
	"apt", "debconf", "libvirt", "ldconfig", "private", "samba"};

static const struct {
	const char *tree;
	const char *layer;
	const char *host;
	const char *const *hidden;
	size_t hidden_count;
} rows[] = {
	{"usr", "usr-layer", "/usr", NULL, 0},
	{"var-lib", "var-lib-layer", "/var/lib", hidden_lib, ELEMENTS(hidden_lib)},
	{"var-cache", "var-cache-layer", "/var/cache", hidden_cache, ELEMENTS(hidden_cache)},
};

/* A private tmpfs: a mount namespace can be bound in it, and nothing travels to the host's other
 * namespaces. */
static int mount_private_tmpfs(const char *path, const char *name, const char *mode)
{
	const struct mount_option options[] = {{"size", "1m"}, {"mode", mode}, {"source", name}};
	_cleanup_close_ int tmpfs = mount_new("tmpfs", options, ELEMENTS(options), MOUNT_SAFE);
	_cleanup_close_ int target = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (tmpfs < 0 || target < 0)
		return tmpfs < 0 ? tmpfs : -errno;
	r = mount_attach(tmpfs, target);
	if (r < 0)
		return r;
	if (mount(NULL, path, NULL, MS_PRIVATE, NULL) < 0)
		return -errno;
	return take_fd(&tmpfs);
}

static int make_layer(int tmpfs, const char *name, const char *const *hidden, size_t count)
{
	_cleanup_close_ int layer = -EBADF;

	if (mkdirat(tmpfs, name, 0755) < 0)
		return -errno;
	layer = openat(tmpfs, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (layer < 0)
		return -errno;
	/* A character device 0:0 is a whiteout (overlayfs.rst). */
	for (size_t i = 0; i < count; i++)
		if (mknodat(layer, hidden[i], S_IFCHR, makedev(0, 0)) < 0)
			return -errno;
	return 0;
}

static int mount_overlay(int tmpfs, const char *run_dir, size_t i)
{
	_cleanup_close_ int overlay = -EBADF, target = -EBADF;
	char lower[PATH_MAX];
	const struct mount_option options[] = {{"source", "sandboxd"}, {"lowerdir", lower}};

	if (mkdirat(tmpfs, rows[i].tree, 0755) < 0)
		return -errno;
	snprintf(lower, sizeof(lower), "%s/trees/%s:%s", run_dir, rows[i].layer, rows[i].host);
	overlay = mount_new("overlay", options, ELEMENTS(options), MOUNT_SAFE | MOUNT_ATTR_RDONLY);
	target = openat(tmpfs, rows[i].tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (overlay < 0 || target < 0)
		return overlay < 0 ? overlay : -errno;
	return mount_attach(overlay, target);
}

int trees_mount(const char *run_dir)
{
	_cleanup_close_ int tmpfs = -EBADF;
	char path[PATH_MAX];
	int r = 0;

	snprintf(path, sizeof(path), "%s/trees", run_dir);
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	tmpfs = mount_private_tmpfs(path, "sandboxd-trees", "0755");
	if (tmpfs < 0)
		return tmpfs;
	for (size_t i = 0; r >= 0 && i < ELEMENTS(rows); i++) {
		r = make_layer(tmpfs, rows[i].layer, rows[i].hidden, rows[i].hidden_count);
		if (r >= 0)
			r = mount_overlay(tmpfs, run_dir, i);
	}
	return r;
}

int trees_mount_pins(const char *run_dir)
{
	struct stat above, there;
	char path[PATH_MAX];
	int tmpfs;

	snprintf(path, sizeof(path), "%s/pins", run_dir);
	if (stat(run_dir, &above) < 0 || stat(path, &there) < 0)
		return -errno;
	if (above.st_dev != there.st_dev)
		return 0;
	tmpfs = mount_private_tmpfs(path, "sandboxd-pins", "0700");
	if (tmpfs < 0)
		return tmpfs;
	close(tmpfs);
	return 0;
}

void trees_unmount(const char *run_dir)
{
	static const char *const names[] = {"trees", "pins"};

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", run_dir, names[i]);
		umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	}
}
