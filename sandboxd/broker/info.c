/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker. The files are world-readable and hold nothing that the user may not know. */
#include "broker/info.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"

static const char *const files[] = {"policy.json", "notice", "limits", "message"};

static int open_directory(int info, const char *id)
{
	int fd = openat(info, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void put_json_string(FILE *out, const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(out, "\\u%04x", (unsigned)*s);
		else
			putc(*s, out);
	}
	putc('"', out);
}

struct json_settings {
	FILE *out;
	bool first;
};

static int put_setting(const char *key, const char *value, const char *origin, void *data)
{
	struct json_settings *settings = data;

	fputs(settings->first ? "\n  " : ",\n  ", settings->out);
	settings->first = false;
	put_json_string(settings->out, key);
	fputs(": {\"value\": ", settings->out);
	put_json_string(settings->out, value);
	fputs(", \"origin\": ", settings->out);
	put_json_string(settings->out, origin);
	putc('}', settings->out);
	return 0;
}

static int write_policy(int dir, const struct policy *policy)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct json_settings settings = {out, true};

	if (!out)
		return -ENOMEM;
	putc('{', out);
	policy_visit(policy, put_setting, &settings);
	fputs("\n}\n", out);
	if (fclose(out) != 0)
		return -ENOMEM;
	return fd_replace_file_at(dir, "policy.json", text, size, 0644);
}

/* The quotas that a person at a terminal meets. */
static int write_notice(int dir, const struct policy *policy)
{
	static const struct {
		enum quota_id id;
		const char *of;
	} shown[] = {
		{QUOTA_MEMORY, "of memory"},
		{QUOTA_CPUS, "processors"},
		{QUOTA_PIDS, "processes"},
		{QUOTA_TMP, "of /tmp"},
		{QUOTA_SESSION_TIME, "for each session"},
	};
	char text[512] = "sandbox:", value[QUOTA_TEXT_MAX];
	size_t length = strlen(text);
	const char *before = " ";

	for (size_t i = 0; i < ELEMENTS(shown); i++) {
		uint64_t limit = policy->quota.values[shown[i].id];

		if (limit == QUOTA_UNLIMITED)
			continue;
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %s", before,
			quota_format(shown[i].id, limit, value), shown[i].of);
		before = ", ";
	}
	length += (size_t)snprintf(text + length, sizeof(text) - length, "\n");
	return fd_replace_file_at(dir, "notice", text, length, 0644);
}

/* What PID 1 names when it is met: a name, a blank and the value on each line. */
static int write_limits(int dir, const struct policy *policy)
{
	static const enum quota_id told[] = {QUOTA_MEMORY, QUOTA_PIDS};
	char text[256] = "", value[QUOTA_TEXT_MAX];
	size_t length = 0;

	for (size_t i = 0; i < ELEMENTS(told); i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s %s\n",
			quota_table[told[i]].name,
			quota_format(told[i], policy->quota.values[told[i]], value));
	return fd_replace_file_at(dir, "limits", text, length, 0644);
}

int info_write(struct broker *broker, const struct sandbox *s)
{
	_cleanup_close_ int dir = -EBADF;
	int r = fd_mkdir_at(broker->dirs.info, s->id, 0755);

	if (r < 0)
		return r;
	dir = open_directory(broker->dirs.info, s->id);
	if (dir < 0)
		return dir;
	r = write_policy(dir, s->policy);
	if (r >= 0)
		r = write_notice(dir, s->policy);
	return r < 0 ? r : write_limits(dir, s->policy);
}

int info_write_message(int info, const char *id, const char *text)
{
	_cleanup_close_ int dir = open_directory(info, id);

	return dir < 0 ? dir : fd_replace_file_at(dir, "message", text, strlen(text), 0644);
}

void info_remove(int info, const char *id)
{
	_cleanup_close_ int dir = open_directory(info, id);

	if (dir < 0)
		return;
	for (size_t i = 0; i < ELEMENTS(files); i++)
		unlinkat(dir, files[i], 0);
	unlinkat(info, id, AT_REMOVEDIR);
}
