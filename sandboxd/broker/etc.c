/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the broker's child that builds a sandbox, as host root with the file-system ids of the
 * sandbox's root. It reads files of the host's /etc, all root's, and writes copies with what the
 * sandbox needs added.
 */
#include "broker/etc.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

enum { ETC_FILE_MAX = 4 * 1024 * 1024, SSH_CONFIG_MAX = 64 * 1024, SSH_CONFIGS_MAX = 64 };

/* A file that is being put together. */
struct text {
	char *data;
	size_t length;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void text_add(
	struct text *text, const char *format, ...)
{
	char *data;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	data = n < 0 || text->failed ? NULL : realloc(text->data, text->length + (size_t)n + 1);
	if (!data) {
		text->failed = true;
		return;
	}
	text->data = data;
	va_start(ap, format);
	vsnprintf(text->data + text->length, (size_t)n + 1, format, ap);
	va_end(ap);
	text->length += (size_t)n;
}

static void text_done(struct text *text)
{
	free(text->data);
}

static int write_file(int dir, const char *name, const void *data, size_t size)
{
	_cleanup_close_ int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);

	return fd < 0 ? -errno : fd_write_all(fd, data, size);
}

static int text_write(const struct text *text, int dir, const char *name)
{
	return text->failed ? -ENOMEM
			    : write_file(dir, name, text->data ? text->data : "", text->length);
}

/* The host's file as text; a missing one is empty. */
static int read_host(const char *path, struct text *text)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return fd_read_all(fd, ETC_FILE_MAX, &text->data, &text->length);
}

/* Is there a line that begins with KEY and a colon, or one whose third field is ID? */
static bool has_entry(const struct text *text, const char *key, uint32_t id)
{
	const char *line = text->data;
	size_t length = key ? strlen(key) : 0;

	while (line && *line) {
		const char *end = strchrnul(line, '\n');
		const char *second = memchr(line, ':', (size_t)(end - line));
		const char *third =
			second ? memchr(second + 1, ':', (size_t)(end - second - 1)) : NULL;

		if (key && strncmp(line, key, length) == 0 && line[length] == ':')
			return true;
		if (!key && third && strtoul(third + 1, NULL, 10) == id && third[1] != ':')
			return true;
		line = *end ? end + 1 : NULL;
	}
	return false;
}

/* A field of passwd(5): what would end it is left out. */
static void add_field(struct text *text, const char *field)
{
	for (; *field; field++)
		if (*field != ':' && (unsigned char)*field >= 0x20)
			text_add(text, "%c", *field);
}

static int write_passwd(const struct build *build, int layer)
{
	const struct account *account = build->account;
	_cleanup_(text_done) struct text text = {0};
	int r = read_host("/etc/passwd", &text);

	if (r < 0)
		return r;
	/* The host's own file shows through, and follows the host, where it knows the user. */
	if (has_entry(&text, account->name, 0))
		return 0;
	add_field(&text, account->name);
	text_add(&text, ":x:%u:%u:", account->uid, account->gid);
	add_field(&text, account->gecos);
	text_add(&text, ":");
	add_field(&text, account->home);
	text_add(&text, ":");
	add_field(&text, account->shell);
	text_add(&text, "\n");
	return text_write(&text, layer, "passwd");
}

static int write_group(const struct build *build, int layer)
{
	const struct account *account = build->account;
	_cleanup_(text_done) struct text text = {0};
	bool changed = false;
	int r = read_host("/etc/group", &text);

	if (r < 0)
		return r;
	for (size_t i = 0; i < account->group_count; i++) {
		const struct account_group *group = &account->groups[i];
		bool primary = group->gid == account->gid;

		if (!primary && !build_keeps_group(build, group->gid))
			continue;
		if (has_entry(&text, NULL, group->gid))
			continue;
		add_field(&text, group->name);
		text_add(&text, ":x:%u:", group->gid);
		if (!primary)
			add_field(&text, account->name);
		text_add(&text, "\n");
		changed = true;
	}
	return changed ? text_write(&text, layer, "group") : 0;
}

static int write_hosts(const struct build *build, int layer)
{
	_cleanup_(text_done) struct text text = {0};
	const char *address = "127.0.1.1";
	char shown[INET_ADDRSTRLEN];
	int r = read_host("/etc/hosts", &text);

	if (r < 0)
		return r;
	if (build->addresses)
		address = inet_ntop(AF_INET, &build->addresses->inside, shown, sizeof(shown));
	text_add(&text, "\n%s\t%s\n", address, build->hostname);
	return text_write(&text, layer, "hosts");
}

static int write_hostname(const struct build *build, int layer)
{
	_cleanup_(text_done) struct text text = {0};

	text_add(&text, "%s\n", build->hostname);
	return text_write(&text, layer, "hostname");
}

static int write_resolv_conf(const struct build *build, int layer)
{
	_cleanup_(text_done) struct text text = {0};
	char **servers =
		build->policy->dns.count ? build->policy->dns.items : build->broker->resolvers;

	for (; build->addresses && servers && *servers; servers++)
		text_add(&text, "nameserver %s\n", *servers);
	if (build->broker->search && *build->broker->search)
		text_add(&text, "search %s\n", build->broker->search);
	return text_write(&text, layer, "resolv.conf");
}

/* ssh refuses included files whose owner is neither root nor the user, as the host's root is
 * inside. */
static int write_ssh_config(const struct build *build, int layer)
{
	_cleanup_closedir_ DIR *host = opendir("/etc/ssh/ssh_config.d");
	_cleanup_free_ char *data = NULL;
	_cleanup_close_ int dir = -EBADF;
	size_t count = 0;

	if (!host)
		return errno == ENOENT ? 0 : -errno;
	data = malloc(SSH_CONFIG_MAX);
	if (!data)
		return -ENOMEM;
	if (mkdirat(layer, "ssh", 0755) < 0 || mkdirat(layer, "ssh/ssh_config.d", 0755) < 0)
		return -errno;
	dir = openat(layer, "ssh/ssh_config.d", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	for (struct dirent *entry = readdir(host); entry && count < SSH_CONFIGS_MAX;
		entry = readdir(host)) {
		ssize_t n;
		int r;

		if (entry->d_name[0] == '.')
			continue;
		n = fd_read_file_at(dirfd(host), entry->d_name, data, SSH_CONFIG_MAX);
		if (n < 0)
			continue;
		r = write_file(dir, entry->d_name, data, (size_t)n);
		if (r < 0)
			return r;
		count++;
	}
	return 0;
}

static const struct {
	const char *name;
	int (*write)(const struct build *build, int layer);
} etc_files[] = {
	{"passwd", write_passwd},
	{"group", write_group},
	{"hosts", write_hosts},
	{"hostname", write_hostname},
	{"resolv.conf", write_resolv_conf},
	{"ssh/ssh_config.d", write_ssh_config},
};

int etc_write(const struct build *build, int layer, const char **ret_file)
{
	for (size_t i = 0; i < ELEMENTS(etc_files); i++) {
		int r = etc_files[i].write(build, layer);

		if (r < 0) {
			*ret_file = etc_files[i].name;
			return r;
		}
	}
	return 0;
}
